"""Hand-over, succession and invitation in the administration: looked at first, then done."""

import re
from typing import Any

from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from recommendations.choices import Role
from recommendations.models import Organisation, StatusUpdate, User
from recommendations.queries.people import workload_of
from recommendations.templatetags.dates import day
from tests.admin.base import AdminTestCase, Window, address, read_form, said
from tests.base import days_ago, make_person
from tests.mail import sending
from tests.updates import begin_draft
from tests.views.pages import client_of

INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)")


class StepTestCase(AdminTestCase):
    def send(self, page: str, window: Any = None, **data: Any) -> Any:
        return (window or self.window).client.post(page, data)

    def confirm(self, page: str, preview: Any, **data: Any) -> Any:
        sent = {**read_form(preview, "step_form"), "confirmed": "yes", **data}
        return self.window.client.post(page, sent, follow=True)


class HandOverPageTests(StepTestCase):
    heir: User
    draft: StatusUpdate
    page: str

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = make_person("heir", Role.STAFF, cls.ministry)
        cls.draft = begin_draft(recommendation=cls.recommendation, by=cls.staff)
        cls.page = f"/admin/recommendations/user/{cls.staff.pk}/hand-over/"

    def test_looked_at_and_then_done(self) -> None:
        form = self.window.client.get(address(User, "change", self.staff.pk))
        self.assertContains(form, self.page)
        self.assertContains(self.window.client.get(self.page), "2 items to hand over")
        preview = self.send(self.page, to=self.heir.pk, reason="Leaves", is_deactivated="on")
        self.assertContains(preview, "REP-1 Do the thing")
        self.assertContains(preview, "Drafts: 1")
        self.assertContains(preview, f"REP-1 Do the thing, update as of {day(self.draft.as_of)}")
        self.assertEqual(self.events(), [])
        self.assertNotRegex(preview.content.decode(), INLINE)
        done = self.confirm(self.page, preview)
        self.assertIn("Handed over to Heir: 2.", said(done))
        self.assertEqual(workload_of(self.staff).count, 0)
        self.staff.refresh_from_db()
        self.assertFalse(self.staff.is_active)
        self.assert_whole()

    def test_who_may_not_log_updates_is_not_offered(self) -> None:
        page = self.window.client.get(self.page)
        offered = {str(label) for _key, label in page.context["form"].fields["to"].choices}
        self.assertTrue({"Heir", "Manager", "Other Staff"} <= offered)
        self.assertFalse({"Viewer", "Auditor", "Administrator", "Stranger", "Staff"} & offered)
        self.assertEqual(self.send(self.page, to=self.viewer.pk).status_code, 400)

    def test_what_stands_in_the_way_is_told_before(self) -> None:
        User.objects.filter(pk=self.heir.pk).update(organisation=self.agency)
        self.recommendation.lead_officer = None
        self.recommendation.save()
        preview = self.send(self.page, to=self.heir.pk)
        self.assertContains(preview, "REP-1 Do the thing: Heir may not log updates on it.")
        self.assertNotContains(preview, 'value="Hand over all work"')

    def test_out_of_date_previews_and_missing_names(self) -> None:
        self.assertContains(self.send(self.page), "This field is required.", status_code=400)
        preview = self.send(self.page, to=self.heir.pk)
        self.make_recommendation("Do another thing")
        refused = self.confirm(self.page, preview)
        self.assertContains(
            refused, "Records changed since the preview. Check the preview again.", status_code=400
        )
        self.assertContains(refused, "REP-2", status_code=400)
        # What is shown again counts.
        self.assertEqual(self.confirm(self.page, refused).status_code, 200)
        self.assertEqual(workload_of(self.staff).count, 0)

    def test_for_managers_and_administrators_who_use_the_administration(self) -> None:
        User.objects.filter(pk__in=[self.manager.pk, self.auditor.pk]).update(is_staff=True)
        root = make_person("root", is_staff=True, is_superuser=True)
        for person, status in ((self.manager, 200), (self.auditor, 403), (root, 403)):
            with self.subTest(person):
                window = Window(person)
                self.assertEqual(window.client.get(self.page).status_code, status)
                sent = self.send(self.page, window, to=self.heir.pk)
                self.assertEqual(sent.status_code, status)
        # A manager closes no account, and is not offered it.
        offered = "Close the account as well"
        self.assertContains(self.window.client.get(self.page), offered)
        self.assertNotContains(Window(self.manager).client.get(self.page), offered)
        preview = self.send(self.page, Window(self.manager), to=self.heir.pk, is_deactivated="on")
        self.assertContains(preview, "Hand over all work")
        gone = self.window.client.get("/admin/recommendations/user/99999/hand-over/")
        self.assertEqual(gone.status_code, 404)


class SuccessionPageTests(StepTestCase):
    def test_looked_at_and_then_done(self) -> None:
        page = f"/admin/recommendations/organisation/{self.ministry.pk}/succeed/"
        form = self.window.client.get(address(Organisation, "change", self.ministry.pk))
        self.assertContains(form, page)
        sent = {"successor": self.agency.pk, "on": days_ago(1).isoformat(), "moves_work": "on"}
        preview = self.send(page, **sent)
        self.assertContains(preview, "Lead organisation of: 1")
        self.assertNotRegex(preview.content.decode(), INLINE)
        done = self.confirm(page, preview)
        self.assertIn("Ministry A is succeeded by Agency B.", said(done))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.lead, self.agency)
        again = self.send(page, **sent)
        self.assertContains(self.confirm(page, again), "was already succeeded by", status_code=400)

    def test_administrators_alone(self) -> None:
        User.objects.filter(pk=self.manager.pk).update(is_staff=True)
        page = reverse("admin:recommendations_organisation_succeed", args=[self.ministry.pk])
        self.assertEqual(Window(self.manager).client.get(page).status_code, 403)


class InvitationPageTests(StepTestCase):
    page = "/admin/recommendations/user/invite/"

    def test_an_invitation(self) -> None:
        listing = self.window.client.get(address(User, "changelist"))
        self.assertContains(listing, self.page)
        self.assertNotRegex(self.window.client.get(self.page).content.decode(), INLINE)
        data = {
            "username": "fresh",
            "email": "fresh@example.org",
            "groups": [Group.objects.get(name=Role.STAFF).pk],
        }
        with sending():
            response = self.send(self.page, **data)
        self.assert_saved(response)
        self.assertEqual(self.verbs(), [("invite", "user")])
        self.assertEqual(mail.outbox[0].to, ["fresh@example.org"])
        self.assertContains(self.send(self.page, **data), "already exists", status_code=400)
        with sending():
            self.window.act(User, "invite_again", User.objects.get(username="fresh"))
        self.assertEqual(len(mail.outbox), 1)

    def test_refused(self) -> None:
        response = self.send(self.page, username="fresh")
        self.assertContains(response, "This field is required.", status_code=400)
        root = make_person("root", is_staff=True, is_superuser=True)
        self.assertEqual(Window(root).client.get(self.page).status_code, 403)


class ClosingTests(StepTestCase):
    def test_by_the_form_ends_the_sessions_too(self) -> None:
        client = client_of(self.staff)
        data = self.window.open(User, self.staff.pk)
        self.assert_saved(self.window.send(User, self.staff.pk, data, is_active=None))
        data = self.window.open(User, self.staff.pk)
        self.assert_saved(self.window.send(User, self.staff.pk, data, is_active="on"))
        self.assertEqual(client.get("/my-work/").status_code, 302)

    def test_what_still_waits_is_told_and_can_still_be_handed_over(self) -> None:
        page = f"/admin/recommendations/user/{self.staff.pk}/hand-over/"
        answer = self.window.act(User, "deactivate", self.staff, self.viewer)
        self.assertContains(answer, f'1 item still awaits Staff. <a href="{page}">')
        self.assertNotContains(answer, "for Viewer")
        self.window.act(User, "reactivate", self.staff)
        data = self.window.open(User, self.staff.pk)
        self.window.send(User, self.staff.pk, data, is_active=None)
        answer = self.window.client.get(address(User, "changelist"))
        self.assertContains(answer, "1 item still awaits Staff.")
        heir = make_person("heir", Role.STAFF, self.ministry)
        self.assertEqual(self.confirm(page, self.send(page, to=heir.pk)).status_code, 200)
        self.assertEqual(workload_of(self.staff).count, 0)

    def test_by_an_action_each_with_its_event(self) -> None:
        answer = self.window.act(User, "deactivate", self.staff, self.administrator)
        self.assertIn("Staff: the account is closed.", said(answer))
        self.assertIn("You cannot close your own account.", said(answer))
        self.window.act(User, "reactivate", self.staff)
        self.assertEqual(self.verbs(), [("deactivate", "user"), ("reactivate", "user")])
