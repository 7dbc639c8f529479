"""Responses and actions in the administration: added there, on record, and never rewritten."""

from recommendations.actions import recommendations
from recommendations.models import Action, Addressee, AuditEvent, Evidence, Recommendation, Response
from tests.admin.base import AdminTestCase, address, read_form
from tests.base import days_ago


class ResponseTests(AdminTestCase):
    def setUp(self) -> None:
        self.addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        super().setUp()

    def add(self, **values: str) -> object:
        sent = {
            "addressee": self.addressee.pk,
            "position": "accepted",
            "since": days_ago(3).isoformat(),
            **values,
        }
        return self.window.send(Response, None, self.window.open(Response), **sent)

    def test_adding_one_says_who_and_when(self) -> None:
        self.assert_saved(self.add())
        row = Response.objects.get()
        (event,) = self.events()
        self.assertEqual((event.verb, event.recommendation_id), ("respond", self.recommendation.pk))
        self.assertEqual((row.recorded_by, row.recorded_at), (self.administrator, event.at))
        self.assert_whole()

    def test_addressees_are_named_with_their_recommendation(self) -> None:
        page = self.window.client.get(address(Response, "add"))
        self.assertContains(page, "REP-1: Agency B")

    def test_what_is_wrong_is_told_and_not_saved(self) -> None:
        for words, values in (
            ("must not be in the future", {"since": days_ago(-1).isoformat()}),
            ("Enter the accepted part.", {"position": "accepted_in_part"}),
            ("Enter the reason for the rejection.", {"position": "rejected"}),
            ("Only an awaited response has a due date.", {"due_on": days_ago(-1).isoformat()}),
        ):
            with self.subTest(words):
                self.assertContains(self.add(**values), words)
        self.assertFalse(Response.objects.exists())

    def test_one_that_is_there_cannot_be_changed(self) -> None:
        self.assert_saved(self.add())
        row = Response.objects.get()
        page = address(Response, "change", row.pk)
        self.assertEqual(self.window.client.get(page).status_code, 200)
        refused = self.window.client.post(page, {"position": "withdrawn"})
        self.assertEqual(refused.status_code, 403)
        row.refresh_from_db()
        self.assertEqual(row.position, "accepted")


class ActionTests(AdminTestCase):
    def test_adding_and_changing_one(self) -> None:
        data = self.window.open(Action)
        sent = {
            "recommendation": self.recommendation.pk,
            "title": "Write the law",
            "slug": "write-the-law",
        }
        self.assert_saved(self.window.send(Action, None, data, **sent))
        action = Action.objects.get()
        data = self.window.open(Action, action.pk)
        wrong = self.window.send(
            Action, action.pk, data, state="done", done_on=days_ago(-1).isoformat()
        )
        self.assertContains(wrong, "must not be in the future")
        self.assert_saved(self.window.send(Action, action.pk, data, owner="The ministry"))
        self.assertEqual(self.verbs(), [("add_action", "action"), ("change_action", "action")])
        action.refresh_from_db()
        self.assertEqual((action.owner, action.version), ("The ministry", 2))

    def test_a_stale_form_is_refused(self) -> None:
        action = Action.objects.create(
            recommendation=self.recommendation, slug="step", title="A step"
        )
        data = self.window.open(Action, action.pk)
        self.assert_saved(self.window.send(Action, action.pk, data, owner="First"))
        self.assertEqual(self.window.send(Action, action.pk, data, owner="Second").status_code, 200)
        action.refresh_from_db()
        self.assertEqual(action.owner, "First")

    def test_a_recommendation_shows_its_actions_and_is_saved_beside_them(self) -> None:
        Action.objects.create(recommendation=self.recommendation, slug="step", title="A step")
        page = self.window.client.get(address(Recommendation, "change", self.recommendation.pk))
        self.assertContains(page, "A step")
        data = self.window.open(Recommendation, self.recommendation.pk)
        response = self.window.send(
            Recommendation, self.recommendation.pk, data, title="Another title"
        )
        self.assert_saved(response)
        self.assertEqual(self.verbs(), [("revise", "recommendation")])

    def test_nothing_is_added_under_what_is_archived(self) -> None:
        action = Action.objects.create(recommendation=self.recommendation, slug="s", title="S")
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        self.first_event = AuditEvent.objects.count()
        data = self.window.open(Action)
        sent = {"recommendation": self.recommendation.pk, "title": "Late", "slug": "late"}
        response = self.window.send(Action, None, data, **sent)
        self.assertContains(response, "REP-1 is archived. No more entries can be added.")
        self.assertEqual(read_form(response, "action_form")["title"], "Late")
        data = self.window.open(Action, action.pk)
        response = self.window.send(Action, action.pk, data, owner="The ministry")
        self.assertContains(response, "REP-1 is archived")
        self.assertEqual(Action.objects.get().owner, "")
        self.assertEqual(self.events(), [])


class ShownRowsTests(AdminTestCase):
    def test_an_item_with_rows_that_are_only_shown_can_be_saved(self) -> None:
        item = self.make_evidence()
        self.first_event = len(self.events())
        data = self.window.open(Evidence, item.pk)
        self.assert_saved(self.window.send(Evidence, item.pk, data, title="Another title"))
        item.refresh_from_db()
        self.assertEqual(item.title, "Another title")

    def test_how_far_an_item_is_relied_on_is_not_typed_in(self) -> None:
        data = self.window.open(Evidence)
        sent = {"title": "T", "slug": "t", "kind": "document", "citation": "A book, page 3."}
        self.assert_saved(
            self.window.send(Evidence, None, data, **sent, reliability="usually_reliable")
        )
        item = Evidence.objects.get(slug="t")
        data = self.window.open(Evidence, item.pk)
        self.assertNotIn("reliability", data)
        self.assert_saved(self.window.send(Evidence, item.pk, data, reliability="usually_reliable"))
        item.refresh_from_db()
        self.assertEqual(item.reliability, "not_judged")
