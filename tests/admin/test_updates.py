"""Status updates in the administration: read, decided on through the actions, never touched."""

from __future__ import annotations

from recommendations.actions.updates import decisions, drafts
from recommendations.choices import Role, UpdateState
from recommendations.models import AuditEvent, StatusUpdate, User
from tests.admin.base import AdminTestCase, Window, address, said
from tests.base import make_person


class UpdateTests(AdminTestCase):
    boss: User
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.boss = make_person("boss", Role.MANAGER, cls.ministry, is_staff=True)
        cls.update = cls.make_submitted(cls.recommendation)

    def setUp(self) -> None:
        super().setUp()
        self.desk = Window(self.boss)

    def assert_state(self, state: str) -> None:
        self.update.refresh_from_db()
        self.assertEqual(self.update.state, state)

    def test_an_approved_update_can_be_neither_edited_nor_deleted(self) -> None:
        decisions.approve(update=self.update, by=self.manager, seen=self.update.version)
        before = StatusUpdate.objects.filter(pk=self.update.pk).values().get()
        shown = self.window.client.get(address(StatusUpdate, "change", self.update.pk))
        self.assertEqual(shown.status_code, 200)
        self.assertNotContains(shown, 'name="_save"')
        for page in ("change", "delete"):
            sent = {"what_happened": "Something else.", "post": "yes"}
            response = self.window.client.post(address(StatusUpdate, page, self.update.pk), sent)
            self.assertEqual(response.status_code, 403)
        self.assertEqual(
            self.window.client.get(address(StatusUpdate, "delete", self.update.pk)).status_code, 403
        )
        self.assertEqual(self.window.client.get(address(StatusUpdate, "add")).status_code, 403)
        self.assertEqual(StatusUpdate.objects.filter(pk=self.update.pk).values().get(), before)

    def test_a_manager_approves_from_the_list(self) -> None:
        response = self.desk.act(StatusUpdate, "approve", self.update)
        self.assertIn("approved.", said(response))
        self.assert_state(UpdateState.APPROVED)
        self.assertEqual(self.update.decided_by, self.boss)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.current_update, self.update)
        self.assertEqual(self.verbs(), [("approve", "statusupdate")])
        self.assert_whole()

    def test_a_superuser_without_the_role_decides_nothing(self) -> None:
        response = self.window.act(StatusUpdate, "approve", self.update)
        self.assertIn("You may not decide on updates.", said(response))
        self.assert_state(UpdateState.SUBMITTED)
        self.assertEqual(self.events(), [])

    def test_nor_does_a_superuser_who_wrote_it(self) -> None:
        author = make_person(
            "author", Role.MANAGER, self.ministry, is_staff=True, is_superuser=True
        )
        mine = self.make_submitted(self.recommendation, by=author)
        response = Window(author).act(StatusUpdate, "approve", mine)
        self.assertIn("You may not decide on an update that you wrote.", said(response))
        mine.refresh_from_db()
        self.assertEqual(mine.state, UpdateState.SUBMITTED)

    def test_a_second_decision_is_told_who_came_first_and_when(self) -> None:
        decided = decisions.approve(update=self.update, by=self.manager, seen=self.update.version)
        response = self.desk.act(StatusUpdate, "approve", self.update)
        self.assertIn("already decided: approved by Manager on ", said(response))
        self.assertIn(f"{decided.decided_at:%H:%M:%S}", said(response))
        self.assert_state(UpdateState.APPROVED)
        self.assertEqual(self.update.decided_by, self.manager)

    def test_a_decision_is_on_the_version_that_the_list_showed(self) -> None:
        pk = self.update.pk
        shown = {f"seen-{pk}": self.update.version}
        decisions.return_update(
            update=self.update, by=self.manager, seen=self.update.version, note="More."
        )
        self.update.refresh_from_db()
        drafts.submit(
            update=self.update,
            by=self.staff,
            seen=self.update.version,
            values={"what_happened": "Quite another story."},
        )
        response = self.desk.act(StatusUpdate, "approve", self.update, **shown)
        self.assertIn("This was changed elsewhere since you opened it.", said(response))
        self.assert_state(UpdateState.SUBMITTED)

    def test_what_the_list_did_not_show_is_not_decided_on(self) -> None:
        sent = {"action": "approve", "_selected_action": [self.update.pk]}
        page = address(StatusUpdate, "changelist")
        response = self.desk.client.post(page, sent, follow=True)
        self.assertIn("It was not in the list that you saw", said(response))
        self.assert_state(UpdateState.SUBMITTED)

    def test_unmet_conditions_are_named(self) -> None:
        claim = self.make_submitted(self.recommendation, implementation_status="implemented")
        response = self.desk.act(StatusUpdate, "approve", claim)
        self.assertIn("the day on which it was complete", said(response))

    def test_returning_asks_for_a_note(self) -> None:
        page = self.desk.act(StatusUpdate, "return_to_author", self.update)
        self.assertContains(page, "What should the author do?")
        self.assert_state(UpdateState.SUBMITTED)
        page = self.desk.act(StatusUpdate, "return_to_author", self.update, answered="yes", note="")
        self.assertContains(page, "This field is required.")
        self.assertContains(page, f'name="seen-{self.update.pk}"')
        response = self.desk.act(
            StatusUpdate, "return_to_author", self.update, answered="yes", note="Give the day."
        )
        self.assertIn("returned to its author.", said(response))
        self.assert_state(UpdateState.RETURNED)
        self.assertEqual(self.update.decision_note, "Give the day.")

    def test_a_note_that_cannot_be_shown_is_refused(self) -> None:
        note = "Read \u202ethis"
        page = self.desk.act(
            StatusUpdate, "return_to_author", self.update, answered="yes", note=note
        )
        self.assertContains(page, "U+202E")
        self.assert_state(UpdateState.SUBMITTED)

    def test_only_the_author_withdraws(self) -> None:
        response = self.desk.act(StatusUpdate, "withdraw", self.update)
        self.assertIn("You may not withdraw this update.", said(response))
        mine = self.make_submitted(self.recommendation, by=self.boss)
        response = self.desk.act(StatusUpdate, "withdraw", mine)
        self.assertIn("withdrawn.", said(response))
        mine.refresh_from_db()
        self.assertEqual(mine.state, UpdateState.WITHDRAWN)

    def test_several_at_once_each_go_their_own_way(self) -> None:
        mine = self.make_submitted(self.recommendation, by=self.boss)
        first = AuditEvent.objects.count()
        response = self.desk.act(StatusUpdate, "approve", self.update, mine)
        self.assertIn("approved.", said(response))
        self.assertIn("You may not decide on an update that you wrote.", said(response))
        self.assertEqual(AuditEvent.objects.count(), first + 1)
