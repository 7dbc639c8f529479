"""One act changes many recommendations as its preview showed them, and can be undone whole."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.actions import organisations, recommendations, themes
from recommendations.actions.bulk_changes import (
    NothingChanged,
    PublicationNotAsSeen,
    change_many,
    undo_many,
)
from recommendations.actions.errors import NotAllowed
from recommendations.actions.oversight import verification
from recommendations.choices import BulkChange, RowOutcome
from recommendations.models import (
    AuditEvent,
    AuditRow,
    Organisation,
    Recommendation,
    RecommendationState,
    Theme,
)
from recommendations.queries.bulk_changes import BulkValue, ShownRows, plan_change, plan_undo
from tests.actions.bulk_acts import WHY, BulkTestCase
from tests.base import days_ago


class ChangeTests(BulkTestCase):
    def values(self) -> list[tuple[BulkValue, dict[str, Any]]]:
        """Each change, and what a row holds afterwards."""
        return [
            (
                BulkValue(BulkChange.LEAD_OFFICER, self.manager),
                {"lead_officer_id": self.manager.pk},
            ),
            (
                BulkValue(BulkChange.REVIEWER, self.other_manager),
                {"reviewer_id": self.other_manager.pk},
            ),
            (BulkValue(BulkChange.LEAD, self.agency), {"lead_id": self.agency.pk}),
            (BulkValue(BulkChange.PRIORITY, "high"), {"priority": "high"}),
            (BulkValue(BulkChange.INTERVAL_MONTHS, 12), {"interval_months": 12}),
            (BulkValue(BulkChange.PUBLISH), {"published_by_id": self.manager.pk}),
        ]

    def test_each_change_is_one_event_with_its_rows_and_is_undone_whole(self):
        ids = [self.recommendation.pk, *self.add(3)]
        before = list(Recommendation.objects.order_by("pk").values())
        for value, held in self.values():
            with self.subTest(value.change):
                last = AuditEvent.objects.latest("sequence").sequence
                event = self.change(ids, value)
                self.assertEqual(event.sequence, last + 1)
                self.assertEqual(event.reason.text, WHY)
                self.assertEqual(AuditRow.objects.filter(event=event.pk).count(), 4)
                self.assertEqual(self.told(event)["changed"], 4)
                self.assertEqual(Recommendation.objects.filter(**held, version__gt=1).count(), 4)
                self.assert_kept()
                undone = self.undo(event)
                self.assertEqual(self.told(undone)["changed"], 4)
                after = list(Recommendation.objects.order_by("pk").values())
                for row in (*before, *after):
                    row.pop("version", None), row.pop("updated_at", None)
                self.assertEqual(after, before)
                self.assert_kept()

    def test_the_days_that_follow_from_the_frequency_follow(self):
        update = self.make_approved(self.recommendation)
        ids = [self.recommendation.pk, *self.add(1)]
        self.change(ids, BulkValue(BulkChange.INTERVAL_MONTHS, 1))
        for pk in ids:
            row = Recommendation.objects.get(pk=pk)
            due, rated = row.next_due_on, row.rating_valid_until
            recommendations.revise_recommendation(
                recommendation=row,
                by=self.manager,
                expected_version=row.version,
                values={"title": f"{row.title}, renamed"},
            )
            row.refresh_from_db()
            self.assertEqual((row.next_due_on, row.rating_valid_until), (due, rated))
        self.assertEqual(self.recommendation.pk, update.recommendation_id)

    def test_the_record_is_whole_afterwards(self):
        known = {str(fault) for fault in verification.verify().faults}
        event = self.change(self.add(3), BulkValue(BulkChange.REVIEWER, self.manager))
        self.undo(event)
        self.change(self.add(2), BulkValue(BulkChange.PUBLISH))
        self.assertEqual({str(fault) for fault in verification.verify().faults} - known, set())

    def test_a_wording_that_was_published_in_bulk_changes_only_with_a_reason(self):
        self.undo(self.change([self.recommendation.pk], BulkValue(BulkChange.PUBLISH)))
        current = Recommendation.objects.get(pk=self.recommendation.pk)
        revise = {"by": self.manager, "expected_version": current.version}
        fields = self.errors_of(
            lambda: recommendations.revise_recommendation(
                recommendation=current, values={"quoted_text": "Other words."}, **revise
            )
        )
        self.assertEqual(fields, ["wording_reason"])


class ThemeTests(BulkTestCase):
    """A theme is added to rows or removed from them; their other themes stay."""

    def setUp(self) -> None:
        super().setUp()
        self.skills, self.trade = (
            themes.add_theme(by=self.manager, values={"name": name}) for name in ("Skills", "Trade")
        )
        self.ids = self.add(3)
        self.has_it, self.free, self.archived = self.ids
        self.give(self.has_it, self.skills)
        archived = Recommendation.objects.get(pk=self.archived)
        recommendations.archive(recommendation=archived, by=self.manager, reason="other")

    def give(self, pk: int, *found: Theme) -> None:
        row = Recommendation.objects.get(pk=pk)
        recommendations.revise_recommendation(
            recommendation=row,
            by=self.manager,
            expected_version=row.version,
            values={"themes": list(found)},
        )

    def names(self) -> list[list[str]]:
        """The themes of each row, as the rows and as the lists have them."""
        held = Recommendation.objects.in_bulk(self.ids)
        kept = RecommendationState.objects.in_bulk(self.ids)
        found = [[theme.name for theme in held[pk].themes.all()] for pk in self.ids]
        self.assertEqual([kept[pk].theme_names.splitlines() for pk in self.ids], found)
        return found

    def test_adding_one_leaves_alone_what_has_it_and_its_undo_takes_it_from_no_other(self):
        event = self.change(self.ids, BulkValue(BulkChange.ADD_THEME, self.skills))
        told = self.told(event)
        self.assertEqual((told["changed"], told["unchanged"]), (1, 1))
        self.assertEqual(
            (told["skipped_archived"], told["themes"]), ([self.archived], self.skills.pk)
        )
        self.assertEqual(self.names(), [["Skills"], ["Skills"], []])
        self.assertEqual(self.told(self.undo(event))["changed"], 1)
        self.assertEqual(self.names(), [["Skills"], [], []])
        self.assert_kept()

    def test_removing_one_is_undone_on_the_rows_that_had_it(self):
        event = self.change(self.ids, BulkValue(BulkChange.REMOVE_THEME, self.skills))
        self.assertEqual(self.told(event)["unchanged"], 1)
        self.assertEqual(self.names(), [[], [], []])
        self.undo(event)
        self.assertEqual(self.names(), [["Skills"], [], []])
        self.assert_kept()

    def test_an_undo_leaves_alone_other_themes_and_rows_that_lost_this_one(self):
        ids = self.ids[:2]
        event = self.change(ids, BulkValue(BulkChange.ADD_THEME, self.trade))
        self.give(self.has_it, self.skills)
        self.give(self.free, self.skills, self.trade)
        undone = self.told(self.undo(event))
        self.assertEqual((undone["changed"], undone["skipped_moved_on"]), (1, [self.has_it]))
        self.assertEqual(self.names()[:2], [["Skills"], ["Skills"]])

    def test_a_row_that_was_classified_since_its_preview_is_left_alone(self):
        value = BulkValue(BulkChange.ADD_THEME, self.trade)
        shown = self.shown(self.ids, value)
        self.give(self.free, self.skills)
        told = self.told(self.change((), value, shown))
        self.assertEqual((told["changed"], told["skipped_stale"]), (1, [self.free]))

    def test_a_theme_that_is_not_there_is_refused(self):
        value = BulkValue(BulkChange.ADD_THEME, Theme(pk=0, name="None"))
        self.assertEqual(self.errors_of(partial(self.change, self.ids, value)), ["value"])

    def test_the_record_is_whole_afterwards(self):
        known = {str(fault) for fault in verification.verify().faults}
        self.undo(self.change(self.ids, BulkValue(BulkChange.ADD_THEME, self.trade)))
        self.change(self.ids, BulkValue(BulkChange.REMOVE_THEME, self.skills))
        self.assertEqual({str(fault) for fault in verification.verify().faults} - known, set())


class RefusedRowsTests(BulkTestCase):
    """A row that is refused stays as it is, and the event names it under its reason."""

    def outcomes(self, ids: Any, value: BulkValue, shown: ShownRows) -> dict[int, str]:
        return {row.pk: row.outcome for row in plan_change(ids, value, shown).rows}

    def test_an_archived_one_one_that_changed_and_one_that_has_the_value(self):
        archived, changed, held, free = ids = self.add(4)
        value = BulkValue(BulkChange.PRIORITY, "high")
        shown = self.shown(ids, value)
        rows = Recommendation.objects.in_bulk(ids)
        recommendations.archive(recommendation=rows[archived], by=self.manager, reason="other")
        for pk, priority in ((changed, "low"), (held, "high")):
            recommendations.revise_recommendation(
                recommendation=rows[pk],
                by=self.other_manager,
                expected_version=1,
                values={"priority": priority},
            )
        event = self.change(ids, value, shown)
        told = self.told(event)
        self.assertEqual((told["changed"], told["unchanged"]), (1, 1))
        self.assertEqual(told["skipped_archived"], [archived])
        self.assertEqual(told["skipped_stale"], [changed])
        priorities = dict(Recommendation.objects.values_list("pk", "priority"))
        self.assertEqual(
            [priorities[pk] for pk in (archived, changed, held, free)],
            ["not_set", "low", "high", "high"],
        )

    def test_what_becomes_public_is_as_it_was_shown(self):
        value = BulkValue(BulkChange.PUBLISH)
        [pk] = ids = [self.recommendation.pk]
        shown = self.shown(ids, value)
        self.make_approved(self.recommendation, public_text="Said to the public.")
        self.assertEqual(self.outcomes(ids, value, shown), {pk: RowOutcome.STALE})
        with self.assertRaises(PublicationNotAsSeen):
            self.change(ids, value, shown)
        officer = BulkValue(BulkChange.LEAD_OFFICER, self.manager)
        self.assertEqual(self.outcomes(ids, officer, self.shown(ids, officer))[pk], "changed")

    def test_an_undo_leaves_alone_what_others_changed_since(self):
        moved, free = ids = self.add(2)
        event = self.change(ids, BulkValue(BulkChange.LEAD_OFFICER, self.manager))
        recommendations.revise_recommendation(
            recommendation=Recommendation.objects.get(pk=moved),
            by=self.other_manager,
            expected_version=2,
            values={"lead_officer": self.other_manager},
        )
        undone = self.undo(event)
        self.assertEqual(self.told(undone)["skipped_moved_on"], [moved])
        officers = dict(Recommendation.objects.values_list("pk", "lead_officer"))
        self.assertEqual([officers[moved], officers[free]], [self.other_manager.pk, self.staff.pk])
        with self.assertRaises(NothingChanged):
            self.undo(event)

    def test_an_undo_is_bound_to_its_preview(self):
        [pk] = ids = self.add(1)
        event = self.change(ids, BulkValue(BulkChange.PRIORITY, "high"))
        shown = plan_undo(event).shown
        recommendations.revise_recommendation(
            recommendation=Recommendation.objects.get(pk=pk),
            by=self.manager,
            expected_version=2,
            values={"title": "Renamed"},
        )
        with self.assertRaises(NothingChanged) as refusal:
            undo_many(event=event, shown=shown, by=self.manager, reason=WHY)
        self.assertEqual(refusal.exception.plan.counts, {RowOutcome.STALE: 1})

    def test_nothing_is_recorded_where_nothing_changes(self):
        last = AuditEvent.objects.latest("sequence").sequence
        with self.assertRaises(NothingChanged):
            self.change([self.recommendation.pk], BulkValue(BulkChange.LEAD_OFFICER, self.staff))
        self.assertEqual(AuditEvent.objects.latest("sequence").sequence, last)


class WhoMayTests(BulkTestCase):
    def test_a_manager_and_an_administrator_and_nobody_else(self):
        value = BulkValue(BulkChange.PRIORITY, "high")
        for person in (self.manager, self.administrator):
            shown = self.shown(self.add(1), value)
            event = change_many(value=value, shown=shown, by=person, reason=WHY)
            self.undo(event, by=person)
        shown = self.shown(self.add(1), value)
        event = change_many(value=value, shown=shown, by=self.manager, reason=WHY)
        others = (self.staff, self.other_staff, self.viewer, self.auditor, self.stranger)
        for person in others:
            with self.subTest(person.username):
                with self.assertRaises(NotAllowed):
                    change_many(value=value, shown=shown, by=person, reason=WHY)
                with self.assertRaises(NotAllowed):
                    self.undo(event, by=person)

    def test_a_reason_and_a_value_that_fits_are_needed(self):
        ids = self.add(1)
        fits = BulkValue(BulkChange.PRIORITY, "high")
        with self.assertRaises(ValidationError):
            change_many(value=fits, shown=self.shown(ids, fits), by=self.manager, reason=" ")
        self.staff.is_active = False
        self.staff.save()
        for change, value in (
            (BulkChange.LEAD_OFFICER, self.viewer),
            (BulkChange.LEAD_OFFICER, self.staff),
            (BulkChange.REVIEWER, self.other_staff),
            (BulkChange.LEAD, self.ended()),
            (BulkChange.ARCHIVE, "no such reason"),
            (BulkChange.PRIORITY, "urgent"),
            (BulkChange.INTERVAL_MONTHS, 61),
        ):
            with self.subTest(change, value=str(value)):
                errors = self.errors_of(partial(self.change, ids, BulkValue(change, value)))
                self.assertEqual(errors, ["value"])

    def ended(self) -> Organisation:
        """An organisation that existed until yesterday."""
        values = {"slug": "former", "name": "Former office", "valid_to": days_ago(1)}
        return organisations.add_organisation(by=self.administrator, values=values)


class ManyRowsTests(BulkTestCase):
    """The statements of an act grow by a fixed number for each 500 rows, whatever rows hold."""

    def statements(self, act: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            act()
        # PostgreSQL counts rows where it seems not to know them; what it knows depends on the hour.
        return sum(not query["sql"].startswith("ANALYZE") for query in captured)

    def test_statements_are_constant_for_500_rows(self):
        theme = themes.add_theme(by=self.manager, values={"name": "Skills"})
        for value in (
            BulkValue(BulkChange.INTERVAL_MONTHS, 12),
            BulkValue(BulkChange.ADD_THEME, theme),
            BulkValue(BulkChange.LEAD, self.agency),
            BulkValue(BulkChange.ARCHIVE, "closed"),
        ):
            with self.subTest(value.change):
                self.assert_constant(value)

    def assert_constant(self, value: BulkValue) -> None:
        counts = []
        for size in (100, 500):
            ids = self.add(size)
            shown = self.shown(ids, value)
            changing = self.statements(partial(self.change, (), value, shown))
            event = AuditEvent.objects.latest("sequence")
            undoing = self.statements(partial(self.undo, event))
            counts.append((changing, undoing))
        # SQLite inserts fewer rows of the record at once.
        few = 6 if connection.vendor == "sqlite" else 0
        for small, large in zip(*counts, strict=True):
            self.assertLessEqual(large - small, few)

    def test_two_thousand_rows_of_many_officers_are_changed_and_undone_whole(self):
        ids = [
            pk
            for officer in (self.staff, self.other_staff, self.manager, None)
            for pk in self.add(500, lead_officer=officer)
        ]
        refused = ids[::500]
        for row in Recommendation.objects.filter(pk__in=refused):
            recommendations.archive(recommendation=row, by=self.manager, reason="other")
        before = dict(Recommendation.objects.values_list("pk", "lead_officer"))
        event = self.change(ids, BulkValue(BulkChange.LEAD_OFFICER, self.other_manager))
        told = self.told(event)
        self.assertEqual((told["changed"], told["skipped_archived"]), (1_996, refused))
        self.assertEqual(self.told(self.undo(event))["changed"], 1_996)
        self.assertEqual(dict(Recommendation.objects.values_list("pk", "lead_officer")), before)
        self.assert_kept()
