"""One act changes many recommendations as its preview showed them, and can be undone whole."""

from functools import partial
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.actions import people, structure
from recommendations.actions.bulk_changes import NothingChanged, PublicationNotAsSeen
from recommendations.choices import BulkChange, RowOutcome
from recommendations.models import (
    Addressee,
    AuditEvent,
    AuditRow,
    IndicatorLink,
    Organisation,
    Part,
    Recommendation,
    RecommendationState,
    Theme,
)
from recommendations.queries.bulk_changes import BulkValue, plan_change, plan_undo
from recommendations.queries.shown import ShownRows
from tests.actions.bulk_acts import WHY, BulkTestCase
from tests.base import days_ago
from tests.depth import times
from tests.views.deciding import SeenTestCase, undone
from tests.views.pages import counting
from tests.views.test_decisions_as_seen import OF_PUBLICATION

PUBLISH, UNPUBLISH, RESTORE = (
    BulkValue(change) for change in (BulkChange.PUBLISH, BulkChange.UNPUBLISH, BulkChange.RESTORE)
)
ARCHIVE = BulkValue(BulkChange.ARCHIVE, "duplicate")
HIGH = BulkValue(BulkChange.PRIORITY, "high")


class ChangeTests(BulkTestCase):
    """Of three rows the first is published already, and the last is archived by itself."""

    def setUp(self) -> None:
        self.ids = [self.recommendation.pk, *self.add(2)]
        self.rows = list(Recommendation.objects.filter(pk__in=self.ids).order_by("pk"))
        self.public, self.free, self.archived = self.rows
        self.publish(self.public, self.other_manager)
        self.archive(self.archived, self.other_manager, note="Explained by Jane Roe.")
        super().setUp()

    def held_rows(self) -> list[dict[str, Any]]:
        columns = {field.attname for field in Recommendation._meta.concrete_fields}
        return list(
            Recommendation.objects.order_by("pk").values(*columns - {"version", "updated_at"})
        )

    def outcomes(self, value: BulkValue, shown: ShownRows | None = None) -> list[str]:
        rows = {row.pk: str(row.outcome) for row in plan_change(self.ids, value, shown).rows}
        return [rows[pk] for pk in self.ids]

    def values(self) -> list[tuple[BulkValue, str, dict[str, Any], list[str]]]:
        """Each change, its verb, what a row holds afterwards, and what becomes of each row."""
        both, one, two = ["changed"] * 2, "unchanged", "archived"
        manager, agency = self.manager.pk, self.agency.pk
        edited: list[tuple[tuple[BulkChange, Any], dict[str, Any]]] = [
            ((BulkChange.LEAD_OFFICER, self.manager), {"lead_officer_id": manager}),
            ((BulkChange.REVIEWER, self.manager), {"reviewer_id": manager}),
            ((BulkChange.LEAD, self.agency), {"lead_id": agency}),
            ((BulkChange.PRIORITY, "high"), {"priority": "high"}),
            ((BulkChange.INTERVAL_MONTHS, 12), {"interval_months": 12}),
        ]
        told = {"archive_reason": "duplicate", "archive_note": WHY, "archived_by": manager}
        return [
            *[(BulkValue(*value), "change_many", held, [*both, two]) for value, held in edited],
            (PUBLISH, "publish_many", {"published_by_id": manager}, [one, "changed", two]),
            (UNPUBLISH, "unpublish_many", {"published_at": None}, ["changed", one, one]),
            (ARCHIVE, "archive_many", told, [*both, one]),
            (RESTORE, "restore_many", {"archived_at": None}, [one, one, "changed"]),
        ]

    def test_each_change_is_one_event_with_its_rows_and_is_undone_whole(self):
        known = self.faults()
        for value, verb, held, outcomes in self.values():
            with self.subTest(value.change):
                self.assertEqual(self.outcomes(value), outcomes)
                before, last = self.held_rows(), AuditEvent.objects.latest("sequence").sequence
                event = self.change(self.ids, value)
                self.assertEqual((event.sequence, event.verb), (last + 1, verb))
                self.assertEqual(event.reason.text, WHY)
                changed = [
                    row for row, what in zip(self.rows, outcomes, strict=True) if what == "changed"
                ]
                self.assertEqual(AuditRow.objects.filter(event=event.pk).count(), len(changed))
                self.assertEqual(self.told(event)["changed"], len(changed))
                pks = [row.pk for row in changed]
                found = Recommendation.objects.filter(**held, pk__in=pks, version__gt=1)
                self.assertEqual(found.count(), len(changed))
                self.assert_kept()
                self.assertEqual(self.told(self.undo(event))["changed"], len(changed))
                self.assertEqual(self.held_rows(), before)
                self.assert_kept()
        self.assertEqual(self.faults() - known, set())

    def test_the_days_that_follow_from_the_frequency_follow(self):
        self.make_approved(self.recommendation)
        self.change(self.ids, BulkValue(BulkChange.INTERVAL_MONTHS, 1))
        for row in (self.public, self.free):
            days = self.held(row, "next_due_on", "rating_valid_until")
            self.revise(row, title="Renamed", wording_reason="So.")
            self.assertEqual(self.held(row, "next_due_on", "rating_valid_until"), days)

    def test_a_wording_that_was_public_changes_only_with_a_reason(self):
        self.undo(self.change(self.ids, PUBLISH))
        self.change(self.ids, UNPUBLISH)
        for row in (self.public, self.free):
            self.refused("wording_reason", partial(self.revise, row, quoted_text="Other words."))

    def test_an_explanation_that_was_redacted_does_not_come_back(self):
        event = self.change(self.ids, RESTORE)
        self.redact("Explained by Jane Roe.")
        self.undo(event)
        note, reason = self.held(self.archived, "archive_note", "archive_reason")
        self.assertNotIn("Jane", note)
        self.assertEqual(reason, "duplicate")


class ThemeTests(BulkTestCase):
    """A theme is added to rows or removed from them; their other themes stay."""

    def setUp(self) -> None:
        super().setUp()
        self.skills, self.trade = (
            structure.add_theme(by=self.manager, values={"name": name})
            for name in ("Skills", "Trade")
        )
        self.ids = self.add(3)
        self.has_it, self.free, archived = Recommendation.objects.filter(pk__in=self.ids)
        self.revise(self.has_it, themes=[self.skills])
        self.archive(archived)
        self.add_skills = BulkValue(BulkChange.ADD_THEME, self.skills)
        self.add_trade = BulkValue(BulkChange.ADD_THEME, self.trade)

    def assert_names(self, *names: list[str]) -> None:
        """The themes of each row, as the rows and as the lists have them."""
        held = Recommendation.objects.in_bulk(self.ids)
        kept = RecommendationState.objects.in_bulk(self.ids)
        found = [[theme.name for theme in held[pk].themes.all()] for pk in self.ids]
        self.assertEqual([kept[pk].theme_names.splitlines() for pk in self.ids], found)
        self.assertEqual(found, list(names))
        self.assert_kept()

    def test_adding_or_removing_one_is_undone_on_the_rows_that_it_changed(self):
        known = self.faults()
        remove = BulkValue(BulkChange.REMOVE_THEME, self.skills)
        for value, names in ((self.add_skills, ["Skills"]), (remove, [])):
            event = self.change(self.ids, value)
            told = self.told(event)
            self.assertEqual((told["changed"], told["unchanged"]), (1, 1))
            self.assertEqual(told["themes"], self.skills.pk)
            self.assert_names(names, names, [])
            self.assertEqual(self.told(self.undo(event))["changed"], 1)
            self.assert_names(["Skills"], [], [])
        self.assertEqual(self.faults() - known, set())

    def test_an_undo_leaves_alone_other_themes_and_rows_that_lost_this_one(self):
        event = self.change(self.ids, self.add_trade)
        self.revise(self.has_it, themes=[self.skills])
        self.revise(self.free, themes=[self.skills, self.trade])
        undone = self.told(self.undo(event))
        moved_on = (undone["changed"], undone["skipped_moved_on"])
        self.assertEqual(moved_on, (1, [self.has_it.pk]))
        self.assert_names(["Skills"], ["Skills"], [])


class RefusedRowsTests(BulkTestCase):
    """A row that is refused stays as it is, and the event names it under its reason."""

    def test_an_archived_one_one_that_changed_and_one_that_has_the_value(self):
        ids = self.add(4)
        archived, changed, held, _free = Recommendation.objects.filter(pk__in=ids)
        shown = self.shown(ids, HIGH)
        self.archive(archived)
        self.revise(changed, self.other_manager, priority="low")
        self.revise(held, self.other_manager, priority="high")
        told = self.told(self.change(ids, HIGH, shown))
        skipped = (told["skipped_archived"], told["skipped_stale"])
        self.assertEqual((told["changed"], told["unchanged"]), (1, 1))
        self.assertEqual(skipped, ([archived.pk], [changed.pk]))
        rows = Recommendation.objects.filter(pk__in=ids).order_by("pk")
        priorities = list(rows.values_list("priority", flat=True))
        self.assertEqual(priorities, ["not_set", "low", "high", "high"])
        self.refused(NothingChanged, self.change, [held.pk], HIGH)

    def test_an_undo_leaves_alone_what_others_changed_since_its_preview_or_the_act(self):
        ids = self.add(2)
        moved, free = Recommendation.objects.filter(pk__in=ids)
        event = self.change(ids, BulkValue(BulkChange.LEAD_OFFICER, self.manager))
        shown = plan_undo(event).shown
        self.revise(free, title="Renamed")
        self.revise(moved, self.other_manager, lead_officer=self.other_manager)
        refusal = self.refused(NothingChanged, self.undo, event, shown)
        self.assertEqual(set(refusal.plan.counts), {RowOutcome.STALE, RowOutcome.MOVED_ON})
        self.assertEqual(self.told(self.undo(event))["skipped_moved_on"], [moved.pk])
        officers = [self.held(row, "lead_officer") for row in (moved, free)]
        self.assertEqual(officers, [self.other_manager, self.staff])
        self.refused(NothingChanged, self.undo, event)

    def test_an_undo_of_archiving_leaves_alone_what_was_archived_anew(self):
        event = self.change([self.recommendation.pk], ARCHIVE)
        self.change([self.recommendation.pk], RESTORE)
        self.archive(reason="other")
        self.refused(NothingChanged, self.undo, event)

    def test_a_reason_and_a_value_that_fits_are_needed(self):
        ids = self.add(1)
        self.refused("reason", partial(self.change, ids, HIGH, reason=" "))
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
            (BulkChange.ADD_THEME, Theme(pk=0, name="None")),
        ):
            self.refused("value", self.change, ids, BulkValue(change, value))

    def ended(self) -> Organisation:
        """An organisation that existed until yesterday."""
        values = {"slug": "former", "name": "Former office", "valid_to": days_ago(1)}
        return people.add_organisation(by=self.administrator, values=values)


class AsSeenTests(SeenTestCase, BulkTestCase):
    """Publishing binds to what the public will read of each recommendation."""

    def shown_of(self, value: BulkValue, *found: Recommendation) -> ShownRows:
        """What the form of a preview carries, as it comes back."""
        shown = self.shown([row.pk for row in found], value)
        sent = ShownRows.sent(shown.token, value.about)
        assert sent is not None
        return sent

    def assert_not_as_seen(self, act: Any, words: str = "REP-1") -> None:
        self.refused(PublicationNotAsSeen, act, words=words)

    def test_nothing_is_published_of_which_anything_changed(self) -> None:
        """And not the others that were shown beside it: they are decided on as one."""
        other = Recommendation.objects.exclude(pk=self.recommendation.pk).get()
        for name, (change, _words) in OF_PUBLICATION.items():
            with self.subTest(name), undone():
                shown = self.shown_of(PUBLISH, self.recommendation, other)
                change(self)
                self.assert_not_as_seen(partial(self.change, (), PUBLISH, shown))

    def test_the_refusal_names_what_changed_of_which_and_else_all_is_published(self) -> None:
        shown = self.shown_of(PUBLISH, self.recommendation)
        publish = partial(self.change, (), PUBLISH, shown)
        with undone():
            self.add_part()
            self.respond()
            self.assert_not_as_seen(publish, "REP-1 (Parts, Responses)")
        publish()
        self.assertIsNotNone(self.held(self.recommendation, "published_at"))

    def test_restoring_and_undoing_bind_to_the_page_that_is_public_again(self) -> None:
        self.publish()
        with undone():
            self.archive()
            shown = self.shown_of(RESTORE, self.recommendation)
            self.edit_publicly(visibility="internal")
            self.assert_not_as_seen(partial(self.change, (), RESTORE, shown))
        hidden = self.change((), UNPUBLISH, self.shown_of(UNPUBLISH, self.recommendation))
        before = plan_undo(hidden).shown
        self.edit_publicly(visibility="internal")
        self.assert_not_as_seen(partial(self.undo, hidden, before), "Evidence")
        self.undo(hidden)
        self.assertIsNotNone(self.held(self.recommendation, "published_at"))

    def test_what_becomes_public_is_stale_where_other_changes_are_not(self) -> None:
        officer = BulkValue(BulkChange.LEAD_OFFICER, self.manager)
        ids = [self.recommendation.pk]
        before = {value: self.shown(ids, value) for value in (PUBLISH, officer)}
        self.put_in_force()
        for value, outcome in ((PUBLISH, RowOutcome.STALE), (officer, RowOutcome.CHANGED)):
            [row] = plan_change(ids, value, before[value]).rows
            self.assertEqual(row.outcome, outcome)


class ManyRowsTests(BulkTestCase):
    """The statements of an act grow by a fixed number for each 500 rows, whatever rows hold."""

    def statements(self, act: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            act()
        # PostgreSQL counts rows where it seems not to know them; what it knows depends on the hour.
        return sum(not query["sql"].startswith("ANALYZE") for query in captured)

    def test_statements_are_constant_for_500_rows(self):
        theme = structure.add_theme(by=self.manager, values={"name": "Skills"})
        lead = BulkValue(BulkChange.LEAD, self.agency)
        months = BulkValue(BulkChange.INTERVAL_MONTHS, 12)
        for value in (months, BulkValue(BulkChange.ADD_THEME, theme), lead, ARCHIVE):
            with self.subTest(value.change):
                self.assert_constant(value)

    def assert_constant(self, value: BulkValue) -> None:
        counts = []
        for size in (100, times(200, 500)):
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

    def test_many_rows_of_many_officers_are_changed_and_undone_whole(self):
        each = times(130, 500)
        officers = (self.staff, self.other_staff, self.manager, None)
        ids = [pk for officer in officers for pk in self.add(each, lead_officer=officer)]
        refused = ids[::each]
        for row in Recommendation.objects.filter(pk__in=refused):
            self.archive(row)
        before = dict(Recommendation.objects.values_list("pk", "lead_officer"))
        event = self.change(ids, BulkValue(BulkChange.LEAD_OFFICER, self.other_manager))
        told, count = self.told(event), len(ids) - len(refused)
        self.assertEqual((told["changed"], told["skipped_archived"]), (count, refused))
        self.assertEqual(self.told(self.undo(event))["changed"], count)
        self.assertEqual(dict(Recommendation.objects.values_list("pk", "lead_officer")), before)
        self.assert_kept()

    def test_what_the_public_will_read_takes_as_many_statements_for_many_rows(self):
        few, many = self.add(2), self.add(times(8, 20))
        measure = self.make_indicator(is_published=True)
        paper = self.make_evidence(visibility="public")
        for row in Recommendation.objects.filter(pk__in=[*few, *many]):
            for to in (row, self.make_approved(row)):
                self.attach(to, paper, "background", self.manager)
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
