"""The seeded database: every rule holds in it, and pages show what is there."""

from django.db import connection
from django.test import TestCase
from django.utils import timezone

from recommendations import state
from recommendations.choices import UpdateState
from recommendations.models import (
    Indicator,
    Recommendation,
    RecommendationState,
    SearchDocument,
    Source,
    StatusUpdate,
    User,
)
from recommendations.queries.indicators.status import movement_of
from recommendations.state.statement import next_due_day, rating_end
from tests.bench.pages.asking import form_fields
from tests.bench.pages.prepare import prepare
from tests.bench.seed.filling import seed
from tests.views.pages import client_of

SIZE = 200


class SeedTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        seed(SIZE, 3)
        cls.manager = User.objects.get(username="manager1")

    def test_sources_make_their_shares_and_every_row_that_is_named_is_there(self):
        counts = {source.slug: source.recommendations.count() for source in Source.objects.all()}
        self.assertEqual((counts["half"], counts["third"]), (SIZE // 2, SIZE * 33 // 100))
        self.assertEqual(sum(counts.values()), SIZE)
        self.assertEqual(dict(Source.objects.values_list("slug", "last_number")), counts)
        connection.check_constraints()

    def test_what_actions_keep_follows_from_the_rows(self):
        for row in Recommendation.objects.prefetch_related("date_changes"):
            scope = StatusUpdate.objects.of_scope(row.pk, None)
            current = scope.in_force(timezone.localdate()).first()
            approved = [each for each in row.date_changes.all() if each.state == "approved"]
            self.assertEqual(
                (row.current_update, row.next_due_on, row.rating_valid_until, row.target_date),
                (
                    current,
                    next_due_day(row, current),
                    rating_end(row, current),
                    approved[-1].new_date if approved else None,
                ),
            )
        for indicator in Indicator.objects.all():
            self.assertEqual(indicator.movement, movement_of(indicator))
        self.assertEqual(RecommendationState.objects.count(), SIZE)
        self.assertEqual(SearchDocument.objects.count(), SIZE)
        ids = list(Recommendation.objects.values_list("pk", flat=True))
        self.assertEqual(list(state.drift(ids)), [])

    def test_the_chosen_draft_can_be_submitted_and_the_chosen_update_approved(self):
        chosen = prepare(1)
        [[draft, author]], [submitted] = chosen["drafts"], chosen["submitted"]
        writer, manager = client_of(User.objects.get(username=author)), client_of(self.manager)
        fields = form_fields(writer.get(f"/updates/{draft}/").text, "update-form")
        writer.post(f"/updates/{draft}/submit/", {**fields, "move": "submit"})
        fields = form_fields(manager.get(f"/review/{submitted}/").text, "decision")
        manager.post(f"/updates/{submitted}/approve/", fields)
        states = StatusUpdate.objects.in_bulk([draft, submitted])
        self.assertEqual(states[draft].state, UpdateState.SUBMITTED)
        self.assertEqual(states[submitted].state, UpdateState.APPROVED)

    def test_a_database_that_holds_something_is_not_seeded(self):
        with self.assertRaisesMessage(RuntimeError, "only an empty database is seeded"):
            seed(1, 1)
