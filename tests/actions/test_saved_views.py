"""A filter is kept under a name by its owner, and shared by managers alone."""

from recommendations.actions.errors import NotAllowed, StaleWrite
from recommendations.actions.saved_views import change_view, remove_view, save_view
from recommendations.models import AuditEvent, SavedView
from tests.base import TrackerTestCase


class SavedViewCase(TrackerTestCase):
    def save(self, by=None, name="Overdue", **values):
        values = {"query": "flag=date_overdue", **values}
        return save_view(by=by or self.staff, values={"name": name, **values})

    def change(self, view, by, **values):
        return change_view(view=view, by=by, expected_version=view.version, values=values)


class WhoMayTests(SavedViewCase):
    def test_everyone_with_a_role_keeps_views_and_only_managers_share_them(self):
        for person in (self.staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person.username):
                self.assertFalse(self.save(person).is_shared)
                with self.assertRaises(NotAllowed):
                    self.save(person, "Shared", is_shared=True)
                with self.assertRaises(NotAllowed):
                    self.change(SavedView.objects.get(owner=person), person, is_shared=True)
        self.assertTrue(self.save(self.manager, is_shared=True).is_shared)
        with self.assertRaises(NotAllowed):
            self.save(self.stranger)

    def test_a_view_is_changed_by_its_owner_and_a_shared_one_by_a_manager(self):
        own, shared = self.save(), self.save(self.manager, is_shared=True)
        for view, others in (
            (own, (self.other_staff, self.manager, self.administrator)),
            (shared, (self.staff, self.viewer, self.administrator)),
        ):
            for person in others:
                with self.subTest(view.owner.username, person=person.username):
                    with self.assertRaises(NotAllowed):
                        self.change(view, person, name="Mine")
                    with self.assertRaises(NotAllowed):
                        remove_view(view=view, by=person)
        self.change(shared, self.other_manager, is_shared=False)
        remove_view(view=own, by=self.staff)

    def test_who_sees_which(self):
        own, shared = self.save(), self.save(self.manager, is_shared=True)
        for person, seen in (
            (self.staff, {own, shared}),
            (self.viewer, {shared}),
            (self.manager, {shared}),
            (self.stranger, set()),
        ):
            self.assertEqual(set(SavedView.objects.visible_to(person)), seen, person)


class ChangeTests(SavedViewCase):
    def test_each_step_leaves_an_event(self):
        view = self.save()
        view = self.change(view, self.staff, name="Late")
        remove_view(view=view, by=self.staff)
        verbs = AuditEvent.objects.filter(object_type="recommendations.savedview")
        told = list(verbs.order_by("sequence").values_list("verb", flat=True))
        self.assertEqual(told, ["save_view", "change_view", "remove_view"])

    def test_a_name_is_given_once_and_is_free_after_removal(self):
        view = self.save()
        self.assertEqual(self.errors_of(self.save), ["__all__"])
        self.save(self.other_staff)
        remove_view(view=view, by=self.staff)
        self.save()

    def test_a_stale_change_is_refused(self):
        view = self.save()
        self.change(view, self.staff, name="Late")
        with self.assertRaises(StaleWrite):
            change_view(view=view, by=self.staff, expected_version=1, values={"name": "Later"})
