"""The cases that must come out right, one test for each, named after it.

Here they go through the actions and, where it applies, through SQL typed by hand. The same cases
through pages and through the administration stand with the tests of those doors.
"""

from datetime import UTC, date, datetime
from functools import partial

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import NotAllowed, StaleWrite, TransitionConflict
from recommendations.actions.updates import decisions, drafts
from recommendations.choices import Role
from recommendations.models import Recommendation, StatusUpdate
from recommendations.queries.recommendations.portfolio import portfolio_of
from tests.base import RaceTestCase, TrackerTestCase, make_person
from tests.threads import at_once, failures
from tests.updates import begin_draft, save_draft, submit

TABLE = StatusUpdate._meta.db_table


class CaseTests(TrackerTestCase):
    def standing(self) -> Recommendation:
        return Recommendation.objects.get(pk=self.recommendation.pk)

    def draft(self) -> StatusUpdate:
        return begin_draft(
            recommendation=self.recommendation,
            by=self.staff,
            values={"implementation_status": "in_progress", "what_happened": "We met."},
        )

    def assert_sql_is_refused(self, sql: str) -> None:
        """By a guard or by a constraint of the database, whichever stands in the way."""
        with (
            self.subTest(sql),
            self.assertRaises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            if connection.vendor == "postgresql":
                # Keys that wait to be checked would refuse TRUNCATE before any guard does.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(sql)

    def test_no_update_yet(self):
        """ "No report yet", counted apart from "Not started"."""
        self.draft()
        self.make_submitted(self.make_recommendation("Handed in, not decided"))
        started_not = self.make_recommendation("Looked at, nothing done")
        self.make_approved(started_not, implementation_status="not_started", confidence="not_rated")
        self.assertIsNone(self.standing().current_update)
        tally = portfolio_of([self.source], self.manager, timezone.localdate()).tally
        self.assertEqual(tally.statuses, {"": 2, "not_started": 1})

    def test_two_windows_save_the_same_draft(self):
        """The second sees both texts, and nothing is overwritten."""
        draft = self.draft()

        def save(text: str) -> StatusUpdate:
            return save_draft(
                update=draft,
                by=self.staff,
                expected_version=draft.version,
                values={"remaining": text},
            )

        save("From the first window")
        with self.assertRaises(StaleWrite) as stale:
            save("From the second window")
        [difference] = stale.exception.differences
        self.assertEqual(difference.before, "From the first window")
        self.assertEqual(difference.after, "From the second window")
        stored = StatusUpdate.objects.get(pk=draft.pk)
        self.assertEqual(stored.remaining, "From the first window")

    def test_edit_or_delete_an_approved_update(self):
        """Refused, by action and by SQL: UPDATE, DELETE, upsert, REPLACE or TRUNCATE."""
        update = self.make_approved(self.recommendation)
        shown = {"expected_version": update.version}
        for move in (
            partial(save_draft, by=self.staff, values={"remaining": "x"}, **shown),
            partial(submit, by=self.staff, **shown),
            partial(drafts.withdraw_update, by=self.staff, **shown),
            partial(drafts.hand_over, by=self.manager, to=self.other_manager, **shown),
            partial(decisions.return_update, by=self.other_manager, note="x"),
        ):
            with self.subTest(move.func.__name__), self.assertRaises(TransitionConflict):
                move(update=update)
        names = ", ".join(f'"{field.column}"' for field in StatusUpdate._meta.concrete_fields)
        again = f"INTO {TABLE} ({names}) SELECT {names} FROM {TABLE} WHERE id = {update.pk}"
        self.assert_sql_is_refused(f"UPDATE {TABLE} SET remaining = 'x' WHERE id = {update.pk}")
        self.assert_sql_is_refused(f"DELETE FROM {TABLE} WHERE id = {update.pk}")
        self.assert_sql_is_refused(f"INSERT {again} ON CONFLICT (id) DO UPDATE SET remaining = 'x'")
        if connection.vendor == "sqlite":
            self.assert_sql_is_refused(f"INSERT OR REPLACE {again}")
        else:
            self.assert_sql_is_refused(f"TRUNCATE {TABLE} CASCADE")
        stored = StatusUpdate.objects.get(pk=update.pk)
        self.assertEqual((stored.remaining, stored.version), ("", update.version))

    def test_the_manager_who_edited_the_text_approves(self):
        """Refused by the action; and by the database where it was the last edit."""
        draft = drafts.hand_over(
            update=(begun := self.draft()),
            to=self.manager,
            by=self.staff,
            expected_version=begun.version,
        )
        draft = save_draft(
            update=draft,
            by=self.manager,
            expected_version=draft.version,
            values={"remaining": "Much"},
        )
        back = drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        StatusUpdate.objects.filter(pk=back.pk).update(
            state="submitted", submitted_at=timezone.now()
        )
        with self.assertRaises(NotAllowed):
            decisions.approve_update(update=back, by=self.manager)
        self.assert_sql_is_refused(
            f"UPDATE {TABLE} SET state = 'approved', decided_at = submitted_at, "
            f"decided_by_id = {self.manager.pk} WHERE id = {back.pk}"
        )

    def test_a_superuser_who_wrote_it_approves(self):
        """Refused by the action and by SQL: being a superuser opens no decision."""
        for role in (Role.MANAGER, Role.ADMINISTRATOR):
            root = make_person(
                f"root {role}", role, self.ministry, is_superuser=True, is_staff=True
            )
            update = self.make_submitted(self.recommendation)
            StatusUpdate.objects.filter(pk=update.pk).update(author=root, last_editor=root)
            with self.subTest(role), self.assertRaises(NotAllowed):
                decisions.approve_update(update=update, by=root)
            self.assert_sql_is_refused(
                f"UPDATE {TABLE} SET state = 'approved', decided_at = submitted_at, "
                f"decided_by_id = {root.pk} WHERE id = {update.pk}"
            )

    def test_archive_the_newest_recommendation_and_add_one(self):
        """A new reference, never reused; and no number is given twice by SQL."""
        newest = self.make_recommendation("Latest comments")
        recommendation_actions.archive(
            recommendation=newest, by=self.manager, reason="entered_in_error"
        )
        added = self.make_recommendation("Another")
        self.assertEqual((newest.reference, added.reference), ("REP-2", "REP-3"))
        for column in ("reference", "number"):
            self.assert_sql_is_refused(
                f"UPDATE recommendations_recommendation SET {column} = "
                f"(SELECT {column} FROM recommendations_recommendation WHERE id = {newest.pk}) "
                f"WHERE id = {added.pk}"
            )

    def test_an_older_as_of_approved_later(self):
        """History: the newer one stays in force."""
        june = datetime(2024, 6, 1, 9, 0, tzinfo=UTC)
        newer = self.make_approved(self.recommendation, as_of=date(2024, 5, 1), at=june)
        older = self.make_approved(self.recommendation, as_of=date(2024, 3, 1))
        assert older.decided_at
        assert newer.decided_at
        self.assertGreater(older.decided_at, newer.decided_at)
        self.assertEqual(self.standing().current_update, newer)
        scope = StatusUpdate.objects.of_scope(self.recommendation.pk, None)
        found = scope.in_force(date(2024, 4, 1), timezone.now()).first()
        self.assertEqual(found, older, "and what is now known of April")


class RaceCaseTests(RaceTestCase):
    def test_two_people_approve_the_same_update_at_once(self):
        """One wins, the other is told who decided and when."""
        update = self.make_submitted(self.make_recommendation())
        approve = partial(decisions.approve_update, update=update)
        outcomes = at_once(
            [partial(approve, by=self.manager), partial(approve, by=self.other_manager)]
        )
        [conflict] = failures(outcomes)
        self.assertIsInstance(conflict, TransitionConflict)
        decided = StatusUpdate.objects.get(pk=update.pk)
        assert decided.decided_at
        self.assertIn(f"approved by {decided.decided_by}", str(conflict))
        self.assertIn(f"{timezone.localtime(decided.decided_at):%H:%M:%S}", str(conflict))
