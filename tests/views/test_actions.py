"""Actions under a recommendation: the panel, adding one, changing one, and who may."""

from typing import Any

from django.test import override_settings

from recommendations.actions import recommendations, responses
from recommendations.models import Action, Recommendation
from tests.base import days_ago
from tests.views.pages import PageTestCase

PAGE = "/recommendations/REP-1/"
ACTIONS = f"{PAGE}actions/"
NEW = f"{PAGE}actions/new/"


class ActionTestCase(PageTestCase):
    def add(self, title: str = "Write the law", **values: Any) -> Action:
        return responses.add_action(
            recommendation=self.recommendation, by=self.staff, values={"title": title, **values}
        )

    def sent(self, **values: Any) -> dict[str, Any]:
        return {"title": "Write the law", "state": "not_started", **values}


class PanelTests(ActionTestCase):
    def test_each_with_whose_it_is_its_days_and_where_it_came_from(self):
        self.add("Late", due_on=days_ago(3), owner="The ministry", is_named_in_source=True)
        self.add("Going", state="in_progress", started_on=days_ago(9), due_on=days_ago(-3))
        self.add("Through", state="done", started_on=days_ago(9), done_on=days_ago(1))
        self.add("Away", state="dropped", dropped_reason="Not needed.")
        text = self.read(ACTIONS, self.viewer)
        self.assert_words(
            text,
            "Actions do not change the status. 1 is overdue.",
            "Action: Not started Late Overdue Named in the source The ministry Due "
            f"{days_ago(3):%-d %B %Y}, 3 days ago",
            f"Action: In progress Going Added by this office Started {days_ago(9):%-d %B %Y} Due",
            f"Action: Completed Through Added by this office Started "
            f"{days_ago(9):%-d %B %Y} Completed {days_ago(1):%-d %B %Y}",
            "Action: Cancelled Away Added by this office Cancelled: Not needed.",
        )
        places = [text.index(f" {title} ") for title in ("Late", "Going", "Through", "Away")]
        self.assertEqual(places, sorted(places))

    def test_done_and_dropped_ones_are_not_late(self):
        self.add("Through", due_on=days_ago(5), state="done", done_on=days_ago(1))
        self.add("Away", due_on=days_ago(5), state="dropped", dropped_reason="Not needed.")
        text = self.read(ACTIONS, self.viewer)
        self.assert_no_words(text, "Action overdue", "Actions overdue")
        rows = text.split("Actions do not change the status.")[1]
        self.assert_no_words(rows, "Overdue", "overdue")

    def test_it_never_sets_the_status(self):
        self.add("Through", state="done", done_on=days_ago(1))
        self.assert_words(self.read(ACTIONS, self.viewer), "Status: No report yet")

    def test_the_flag_is_on_overview_and_page(self):
        self.add(due_on=days_ago(3))
        self.assert_words(self.read("/", self.viewer), "Action overdue")
        self.assert_words(self.read(PAGE, self.viewer), "Action overdue. “Write the law” was due")

    def test_who_may_log_may_add_and_change(self):
        self.add()
        for name in ("staff", "manager"):
            self.assert_words(
                self.read(ACTIONS, getattr(self, name)), "Add an action", "Change Write"
            )
        for name in ("other_staff", "viewer", "auditor", "administrator"):
            text = self.read(ACTIONS, getattr(self, name))
            self.assert_no_words(text, "Add an action", "Change Write")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_none(self):
        self.add(due_on=days_ago(3))
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for path in ("/", PAGE):
            self.assert_no_words(self.read(path), "Write the law", "overdue", "Actions")


class NewTests(ActionTestCase):
    def test_adding_one(self):
        self.assert_words(self.read(NEW, self.staff), "Add an action REP-1 Do the thing")
        response = self.post(NEW, self.staff, **self.sent(due_on=days_ago(-9).isoformat()))
        self.assertRedirects(response, ACTIONS, fetch_redirect_response=False)
        self.assert_words(self.read(ACTIONS, self.staff), "Action added.", "Write the law")

    def test_what_is_wrong_is_told_and_what_was_typed_is_kept(self):
        cases: dict[str, dict[str, Any]] = {
            "Describe the action.": {"title": ""},
            "Select a valid choice": {"state": "lost"},
            "Enter the start date.": {"state": "in_progress"},
            "Enter the completion date.": {"state": "done"},
            "Give the reason for cancellation": {"state": "dropped"},
            "Leave this field empty until the action is completed.": {
                "done_on": days_ago(1).isoformat()
            },
            "Leave this field empty unless the action is cancelled.": {"dropped_reason": "Why."},
            "The completion date must not be in the future.": {
                "state": "done",
                "done_on": days_ago(-1).isoformat(),
            },
            "The completion date must not be before the start date.": {
                "state": "done",
                "started_on": days_ago(1).isoformat(),
                "done_on": days_ago(2).isoformat(),
            },
            "Enter a valid date": {"due_on": "soon"},
            "U+202E": {"title": "a\u202eb"},
        }
        for words, values in cases.items():
            with self.subTest(words):
                response = self.post(NEW, self.staff, **self.sent(owner="Kept words", **values))
                self.assertContains(response, words, status_code=400)
                self.assertContains(response, "Kept words", status_code=400)
        self.assertFalse(Action.objects.exists())

    def test_a_second_press_adds_nothing(self):
        self.post(NEW, self.staff, **self.sent())
        response = self.post(NEW, self.staff, **self.sent())
        self.assertContains(response, "An action with this title already exists.", status_code=400)
        self.assertEqual(Action.objects.count(), 1)

    def test_who_may_not(self):
        for name in ("other_staff", "viewer", "auditor", "administrator", "stranger"):
            person = getattr(self, name)
            with self.subTest(name):
                self.assertEqual(self.get(NEW, person).status_code, 403)
                self.assertEqual(self.post(NEW, person, **self.sent()).status_code, 403)
        self.assertEqual(self.post(NEW, **self.sent()).status_code, 403)
        self.assertFalse(Action.objects.exists())

    def test_what_is_not_there(self):
        self.read("/recommendations/REP-9/actions/new/", self.staff, status=404)
        self.read("/actions/999/", self.staff, status=404)

    def test_nothing_on_what_is_archived(self):
        action = self.add()
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate"
        )
        for path in (NEW, action.get_absolute_url()):
            self.assertEqual(self.get(path, self.manager).status_code, 403)


class EditTests(ActionTestCase):
    def test_the_form_holds_what_stands(self):
        action = self.add(owner="The ministry", due_on=days_ago(3))
        response = self.get(action.get_absolute_url(), self.staff)
        self.assertContains(response, 'value="The ministry"')
        self.assertContains(response, f'value="{days_ago(3).isoformat()}"')
        self.assertContains(response, 'name="seen" value="1"')

    def test_changing_one(self):
        action = self.add()
        sent = self.sent(seen=1, state="dropped", dropped_reason="Not needed.")
        response = self.post(action.get_absolute_url(), self.staff, **sent)
        self.assertRedirects(response, ACTIONS, fetch_redirect_response=False)
        action.refresh_from_db()
        self.assertEqual((action.state, action.version), ("dropped", 2))

    def test_two_people_at_once_and_nothing_is_lost(self):
        action = self.add()
        path = action.get_absolute_url()
        self.post(path, self.manager, **self.sent(seen=1, owner="The manager's choice"))
        response = self.post(path, self.staff, **self.sent(seen=1, owner="My choice"))
        self.assertContains(
            response, "Another person changed this action after you opened it", status_code=409
        )
        self.assertContains(response, "The manager&#x27;s choice", status_code=409)
        self.assertContains(response, 'value="My choice"', status_code=409)
        action.refresh_from_db()
        self.assertEqual(action.owner, "The manager's choice")
        self.assertContains(response, 'name="seen" value="2"', status_code=409)
        self.post(path, self.staff, **self.sent(seen=2, owner="My choice"))
        action.refresh_from_db()
        self.assertEqual(action.owner, "My choice")

    def test_a_wrong_form_has_seen_no_more_than_before(self):
        action = self.add()
        path = action.get_absolute_url()
        self.post(path, self.manager, **self.sent(seen=1, owner="Somebody"))
        wrong = self.post(path, self.staff, **self.sent(seen=1, title=""))
        self.assertContains(wrong, 'name="seen" value="1"', status_code=400)

    def test_without_what_was_seen_nothing_is_overwritten(self):
        action = self.add()
        for seen in ("", "x", "9" * 30):
            sent = self.sent(seen=seen, owner="Somebody")
            self.assertEqual(
                self.post(action.get_absolute_url(), self.staff, **sent).status_code, 409
            )

    def test_who_may_not(self):
        path = self.add().get_absolute_url()
        for name in ("other_staff", "viewer", "auditor", "administrator", "stranger"):
            person = getattr(self, name)
            with self.subTest(name):
                self.assertEqual(self.get(path, person).status_code, 403)
                self.assertEqual(self.post(path, person, **self.sent(seen=1)).status_code, 403)

    def test_reading_writes_nothing(self):
        action = self.add()
        before = Recommendation.objects.get().version
        self.read(action.get_absolute_url(), self.staff)
        action.refresh_from_db()
        self.assertEqual((action.version, Recommendation.objects.get().version), (1, before))
