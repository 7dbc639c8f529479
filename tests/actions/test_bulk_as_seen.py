"""Publishing in bulk binds to what the public will read of each recommendation."""

from functools import partial

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.bulk_changes import PublicationNotAsSeen, change_many, undo_many
from recommendations.actions.errors import StaleWrite
from recommendations.choices import BulkChange
from recommendations.models import Addressee, AuditEvent, IndicatorLink, Part, Recommendation
from recommendations.queries.bulk_changes import BulkValue, ShownRows, plan_change, plan_undo
from tests.actions.bulk_acts import WHY, BulkTestCase
from tests.base import RaceTestCase, link_evidence
from tests.threads import at_once, failures
from tests.views.deciding import SeenTestCase, undone
from tests.views.pages import counting
from tests.views.test_decisions_as_seen import OF_PUBLICATION

PUBLISH, RESTORE, UNPUBLISH = (
    BulkValue(change) for change in (BulkChange.PUBLISH, BulkChange.RESTORE, BulkChange.UNPUBLISH)
)


def shown_of(value: BulkValue, *found: Recommendation) -> ShownRows:
    """What the form of a preview carries, as it comes back."""
    shown = plan_change([row.pk for row in found], value).shown
    sent = ShownRows.sent(shown.token, value.about)
    assert sent is not None
    return sent


class BulkAsSeenTests(SeenTestCase):
    def test_nothing_is_published_of_which_anything_changed(self) -> None:
        """And not the others that were shown beside it: they are decided on as one."""
        other = Recommendation.objects.exclude(pk=self.recommendation.pk).get()
        for name, (change, _words) in OF_PUBLICATION.items():
            with self.subTest(name), undone():
                shown = shown_of(PUBLISH, self.recommendation, other)
                change(self)
                self.assert_refused(PUBLISH, shown)

    def assert_refused(self, value: BulkValue, shown: ShownRows) -> str:
        events = AuditEvent.objects.count()
        with self.assertRaisesRegex(PublicationNotAsSeen, "REP-1") as refused:
            change_many(value=value, shown=shown, by=self.manager, reason=WHY)
        self.assertEqual(AuditEvent.objects.count(), events)
        return str(refused.exception)

    def test_the_refusal_names_what_changed_of_which(self) -> None:
        shown = shown_of(PUBLISH, self.recommendation)
        self.add_part()
        self.respond()
        told = self.assert_refused(PUBLISH, shown)
        self.assertIn("REP-1 (Parts, Responses)", told)

    def test_what_is_as_it_was_shown_is_published(self) -> None:
        shown = shown_of(PUBLISH, self.recommendation)
        change_many(value=PUBLISH, shown=shown, by=self.manager, reason=WHY)
        self.recommendation.refresh_from_db()
        self.assertIsNotNone(self.recommendation.published_at)

    def test_restoring_and_undoing_bind_to_the_page_that_is_public_again(self) -> None:
        published = {"recommendation": self.recommendation, "by": self.manager}
        recommendation_actions.publish_recommendation(**published)
        with undone():
            recommendation_actions.archive(**published, reason="other")
            shown = shown_of(RESTORE, self.recommendation)
            self.edit_publicly(visibility="internal")
            self.assert_refused(RESTORE, shown)
        hidden = change_many(
            value=UNPUBLISH,
            shown=shown_of(UNPUBLISH, self.recommendation),
            by=self.manager,
            reason=WHY,
        )
        before = plan_undo(hidden).shown
        self.edit_publicly(visibility="internal")
        with self.assertRaisesRegex(PublicationNotAsSeen, "Evidence"):
            undo_many(event=hidden, shown=before, by=self.manager, reason=WHY)


class StatementsTests(BulkTestCase):
    def test_as_many_statements_for_many_rows_as_for_a_few(self) -> None:
        few, many = self.add(2), self.add(20)
        measure = self.make_indicator(is_published=True)
        paper = self.make_evidence(visibility="public")
        for row in Recommendation.objects.filter(pk__in=[*few, *many]):
            update = self.make_approved(row)
            for to in (row, update):
                link_evidence(to=to, by=self.manager, stance="background", evidence=paper)
            IndicatorLink.objects.create(recommendation=row, indicator=measure, relation="outcome")
            Part.objects.create(recommendation=row, label="a", text="Draft it.", position=1)
            Addressee.objects.create(recommendation=row, organisation=self.agency)
        asked = []
        for ids in (few, few, many):  # the first time statements are made
            with counting() as found:
                plan_change(ids, PUBLISH)
            asked.append(len(found))
        self.assertEqual(asked[1], asked[2])
        self.assertLess(asked[2], 16)


class BulkAsSeenRaceTests(RaceTestCase):
    def test_one_publishes_while_another_changes_the_title(self) -> None:
        found = self.make_recommendation("Another")
        shown = shown_of(PUBLISH, self.make_recommendation(), found)
        outcomes = at_once(
            [
                partial(change_many, value=PUBLISH, shown=shown, by=self.manager, reason=WHY),
                partial(
                    recommendation_actions.revise_recommendation,
                    recommendation=found,
                    by=self.other_manager,
                    expected_version=found.version,
                    values={"title": "Sell it"},
                ),
            ]
        )
        events = AuditEvent.objects.filter(verb__in=["publish_many", "revise"])
        order = list(events.order_by("sequence").values_list("verb", flat=True))
        [refusal] = failures(outcomes)
        is_published = order == ["publish_many"]
        self.assertIsInstance(refusal, StaleWrite if is_published else PublicationNotAsSeen)
        self.assertEqual(order, ["publish_many"] if is_published else ["revise"])
