"""The statement that works out kept states, where PostgreSQL is wrong about the sizes of tables."""

from unittest import skipUnless

from django.db import connection, transaction

from recommendations.actions.evidence.items import check_evidence
from recommendations.actions.recommendations import archive
from recommendations.actions.responses import record_responses
from recommendations.choices import Reliability, Role
from recommendations.models import (
    Addressee,
    Evidence,
    EvidenceLink,
    Recommendation,
    RecommendationState,
)
from recommendations.state.refresh import MANY, seem_empty
from tests import factories
from tests.base import TrackerTestCase, days_ago, link_evidence, make_person


class RolledBack(Exception):
    """What was made is not to stay."""


@skipUnless(connection.vendor == "postgresql", "SQLite keeps no sizes of tables")
class SizesTests(TrackerTestCase):
    def rows_thought_of(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples FROM pg_class WHERE relname = %s", [EvidenceLink._meta.db_table]
            )
            return int(cursor.fetchone()[0])

    def test_after_many_rows_were_rolled_back_tables_are_counted_again(self) -> None:
        with self.assertRaises(RolledBack), transaction.atomic():
            factories.fill(type(self), 4 * MANY)
            raise RolledBack
        with connection.cursor() as cursor:
            # As PostgreSQL does by itself now and then. The table has pages, and nothing in them.
            cursor.execute("ANALYZE")
            # Without a look it goes through all links for each check of each link, for minutes.
            cursor.execute("SET LOCAL statement_timeout = '60s'")
        self.assertEqual(self.rows_thought_of(), 0)
        factories.fill(type(self), MANY)
        self.assertGreaterEqual(self.rows_thought_of(), MANY)

    def test_a_small_table_that_is_known_to_be_small_is_not_counted_again(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE few (words text)")
            cursor.execute("INSERT INTO few SELECT repeat('x', 1500) FROM generate_series(1, 20)")
            for n_kept, found in ((20, []), (2, ["few"])):
                cursor.execute(
                    "DELETE FROM few WHERE ctid NOT IN (SELECT ctid FROM few LIMIT %s)", [n_kept]
                )
                cursor.execute("ANALYZE few")
                with self.subTest(rows=n_kept):
                    self.assertEqual(seem_empty(cursor, ["few"], MANY), found)


class RefreshedTests(TrackerTestCase):
    def test_a_check_of_evidence_moves_the_state_of_what_rests_on_it(self) -> None:
        update = self.make_approved(self.recommendation)
        link = link_evidence(
            to=update, by=self.staff, stance="supports", evidence=self.make_evidence("Minutes")
        )
        states = RecommendationState.objects.filter(pk=self.recommendation.pk)
        third = make_person("third_manager", Role.MANAGER)
        for by in (self.other_manager, third):  # the second leaves the item as it is
            with self.subTest(by=by):
                states.update(assurance_rank=0)
                check_evidence(
                    evidence=Evidence.objects.get(pk=link.evidence_id),
                    by=by,
                    reliability=Reliability.USUALLY_RELIABLE,
                )
                self.assertGreater(states.get().assurance_rank, 1)

    def test_no_response_to_what_is_archived_is_overdue(self) -> None:
        body = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        asked = {"position": "awaiting", "since": days_ago(9), "due_on": days_ago(1)}
        record_responses(addressees=[body], by=self.manager, values=asked)
        state = RecommendationState.objects.get(pk=self.recommendation.pk)
        self.assertEqual(state.response_overdue_after, days_ago(1))
        fresh = Recommendation.objects.get(pk=self.recommendation.pk)
        archive(recommendation=fresh, by=self.manager, reason="duplicate")
        state.refresh_from_db()
        self.assertIsNone(state.response_overdue_after)
