"""The cases that must come out right, through the pages as people open and send them."""

from recommendations.actions import recommendations
from recommendations.actions.updates import drafts
from recommendations.choices import Role
from recommendations.models import StatusUpdate, User
from tests.base import days_ago, make_person
from tests.views.pages import client_of, words_of
from tests.views.writing import Browser, WritingTestCase

PAGE = "/recommendations/REP-1/"


class CaseTests(WritingTestCase):
    def read(self, path: str, person: User) -> str:
        response = client_of(person).get(path)
        self.assertEqual(response.status_code, 200, path)
        return words_of(response)

    def test_no_update_yet(self):
        """ "No report yet", counted apart from "Not started"."""
        self.drafted()
        other = self.make_recommendation("Looked at, nothing done")
        self.make_approved(other, implementation_status="not_started", confidence="not_rated")
        text = self.read("/", self.viewer)
        self.assertIn("Implementation status 1 Not started 1 No report yet", text)
        self.assertIn("Of two recommendations, one has not started, one has no report yet.", text)
        self.assertIn("Status: No report yet", self.read(PAGE, self.viewer))
        for status, reference in (("none", "REP-1"), ("not_started", "REP-2")):
            listed = self.read(f"/recommendations/?status={status}", self.viewer)
            self.assertIn("1 result", listed)
            self.assertIn(reference, listed)

    def test_two_people_approve_the_same_update_at_once(self):
        """One wins; the other, who had it open too, is told who decided and when."""
        update = self.make_submitted(self.recommendation)
        windows = [Browser(self.manager), Browser(self.other_manager)]
        for window in windows:
            self.assertEqual(window.open("review-item", update.pk).status_code, 200)
        first, second = (window.post("update-approve", update.pk) for window in windows)
        self.assertEqual((first.status_code, second.status_code), (302, 409))
        update.refresh_from_db()
        self.assertEqual((update.state, update.decided_by), ("approved", self.manager))
        told = words_of(second)
        self.assertIn("Manager", told)
        self.assertIn(f"{update.decided_at:%H:%M}", told)

    def test_two_windows_save_the_same_draft(self):
        """The second sees both texts, and nothing is overwritten."""
        draft = self.drafted()
        windows = [Browser(self.staff), Browser(self.staff)]
        for window in windows:
            window.open("update-detail", draft.pk)
        windows[0].send("update-save", draft.pk, move="save", remaining="From the first window")
        second = windows[1].send(
            "update-save", draft.pk, move="save", remaining="From the second window"
        )
        self.assertEqual(second.status_code, 409)
        self.assertContains(second, "From the first window", status_code=409)
        self.assertContains(second, "From the second window", status_code=409)
        draft.refresh_from_db()
        self.assertEqual(draft.remaining, "From the first window")

    def test_edit_or_delete_an_approved_update(self):
        """Refused by every form that changes an update; and there is none that deletes one."""
        update = self.make_approved(self.recommendation)
        moves = ("save", "submit", "withdraw", "hand-over", "approve", "return")
        for person in (self.staff, self.manager, self.other_manager):
            window = Browser(person)
            for move in moves:
                with self.subTest(move=move, person=person.username):
                    response = window.post(
                        f"update-{move}",
                        update.pk,
                        version=update.version,
                        remaining="x",
                        note="x",
                        to=self.other_manager.pk,
                        move="submit",
                        **self.WORDS,
                    )
                    self.assertIn(response.status_code, (400, 403, 409))
            self.assertIn(window.client.delete(update.get_absolute_url()).status_code, (403, 405))
        stored = StatusUpdate.objects.get(pk=update.pk)
        self.assertEqual((stored.remaining, stored.version), ("", update.version))
        self.assertEqual(stored.state, "approved")

    def test_the_manager_who_edited_the_text_approves(self):
        """Refused, and it is not in their queue, though another is its author."""
        begun = self.drafted()
        draft = drafts.hand_over(
            update=begun, to=self.manager, by=self.staff, expected_version=begun.version
        )
        window = Browser(self.manager)
        window.open("update-detail", draft.pk)
        window.send("update-save", draft.pk, move="save", remaining="Much")
        draft.refresh_from_db()
        back = drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        window = Browser(self.staff)
        window.open("update-detail", back.pk)
        window.send("update-submit", back.pk, remaining="All of it")
        back.refresh_from_db()
        self.assertEqual(back.state, "submitted")
        self.assert_may_not_decide(self.manager, back)

    def test_a_superuser_who_wrote_it_approves(self):
        """Refused: being a superuser opens no decision."""
        for role in (Role.MANAGER, Role.ADMINISTRATOR):
            root = make_person(
                f"root {role}", role, self.ministry, is_superuser=True, is_staff=True
            )
            update = self.make_submitted(self.recommendation)
            StatusUpdate.objects.filter(pk=update.pk).update(author=root, last_editor=root)
            update.refresh_from_db()
            with self.subTest(role=role):
                self.assert_may_not_decide(root, update)

    def assert_may_not_decide(self, person: User, update: StatusUpdate) -> None:
        window = Browser(person)
        for move in ("approve", "return"):
            response = window.post(
                f"update-{move}", update.pk, version=update.version, note="Because."
            )
            self.assertEqual(response.status_code, 403)
        update.refresh_from_db()
        self.assertEqual(update.state, "submitted")
        page = window.client.get(update.get_absolute_url())
        self.assertNotContains(page, f"/updates/{update.pk}/approve/")

    def test_archive_the_newest_recommendation_and_add_one(self):
        """A new reference; the old one still leads to what it always meant."""
        newest = self.make_recommendation("The newest")
        recommendations.archive(recommendation=newest, by=self.manager, reason="duplicate")
        added = self.make_recommendation("Another")
        self.assertEqual(added.reference, "REP-3")
        old = self.read("/recommendations/REP-2/", self.viewer)
        self.assertIn("The newest", old)
        self.assertIn("Archived on", old)
        self.assertIn("Another", self.read("/recommendations/REP-3/", self.viewer))
        listed = self.read("/recommendations/", self.viewer)
        self.assertIn("REP-3", listed)
        self.assertNotIn("REP-2", listed)

    def test_an_older_as_of_approved_later(self):
        """It becomes history: the page goes on showing the newer one, and tells both."""
        self.make_approved(
            self.recommendation, as_of=days_ago(2), what_happened="The newer thing happened."
        )
        late = self.make_submitted(
            self.recommendation,
            as_of=days_ago(9),
            implementation_status="not_started",
            confidence="not_rated",
            what_happened="The older thing happened.",
        )
        response = Browser(self.manager).decide("update-approve", late.pk)
        self.assertEqual(response.status_code, 302)
        late.refresh_from_db()
        self.assertEqual(late.state, "approved")
        text = self.read(f"{PAGE}print/", self.viewer)
        self.assertIn("Status: In progress", text.split("Current update")[0])
        current, earlier = text.split("Earlier updates")
        self.assertIn("The newer thing happened.", current)
        self.assertNotIn("The older thing happened.", current)
        self.assertIn("The older thing happened.", earlier)
        self.assertIn("Approved: Not started", text)
