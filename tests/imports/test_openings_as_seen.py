"""A batch of opening statuses is approved of what its pages showed, or not at all."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from recommendations.actions import dates
from recommendations.actions import people as organisation_actions
from recommendations.actions.base import NotAsSeen
from recommendations.actions.imports.openings import approve_batch, leave_out
from recommendations.actions.recommendations import (
    archive,
    publish_recommendation,
    revise_recommendation,
)
from recommendations.models import AuditEvent, ChainHead, Organisation, Recommendation, StatusUpdate
from recommendations.queries.openings import MOST_TOLD
from recommendations.queries.shown import Shown
from tests.actions.bulk_acts import WHY
from tests.base import RaceTestCase
from tests.imports.openings import ROWS, brought, list_of, seen
from tests.imports.test_openings import OpeningTestCase
from tests.threads import at_once, failures
from tests.views.deciding import undone
from tests.views.pages import counting


def revise(found: Recommendation, by: Any, **values: Any) -> Recommendation:
    return revise_recommendation(
        recommendation=found, by=by, expected_version=found.version, values=values
    )


def last_event() -> int:
    return ChainHead.objects.get().last_sequence


REVISED = {
    "title": ("Sell the register", "Title", "Keep a register"),
    "summary": ("Other words.", "Summary", ""),
    "quoted_text": ("Shall not.", "Wording of the source", ""),
    "locator": ("Page 9", "Location in the source", ""),
    "external_id": ("8.1", "External number", "7.1"),
}
"""Fields of a recommendation with another value, what it is called, and what was there."""

CHANGES: dict[str, Callable[["OpeningsAsSeenTests"], object]] = {
    "Nature: Time-bound → Continuous": lambda test: test.revise(nature="continuous"),
    "Lead organisation: Ministry A → Agency B": lambda test: test.revise(lead=test.agency),
    "Target date:  → 2 January 2030": lambda test: dates.set_first(
        recommendation=test.of("7.1"), by=test.manager, new_date=date(2030, 1, 2), reason=WHY
    ),
    "Published since:  → 20": lambda test: publish_recommendation(
        recommendation=test.of("7.1"), by=test.manager
    ),
    "Archived at:  → 20": lambda test: archive(
        recommendation=test.of("7.1"), by=test.manager, reason="other"
    ),
    "Left out:  → approved update by now": lambda test: test.make_approved(test.of("7.1")),
    "Left out:  → Unclear.": lambda test: leave_out(
        row=test.batch.rows.get(number=2), by=test.manager, reason="Unclear."
    ),
    **{
        f"{label}: {before} → {value}": lambda test, name=name, value=value: test.revise(
            **{name: value}
        )
        for name, (value, label, before) in REVISED.items()
    },
}
"""What is told, and what someone does meanwhile."""


class OpeningsAsSeenTests(OpeningTestCase):
    def setUp(self) -> None:
        self.batch = self.bring()

    def revise(self, **values: Any) -> None:
        revise(self.of("7.1"), self.manager, **values)

    def test_nothing_is_approved_on_what_changed_and_the_refusal_says_what(self) -> None:
        for told, change in CHANGES.items():
            label, _mark, sides = told.partition(": ")
            before, after = sides.split(" → ")
            with self.subTest(told), undone():
                shown = seen(self.batch, last_event())
                change(self)
                events = AuditEvent.objects.count()
                with self.assertRaises(NotAsSeen) as refused:
                    self.approve(self.batch, seen=shown)
                [found] = refused.exception.changes
                self.assertRegex(found.label, f"^Row 2: REP-[0-9]+, {label}$")
                self.assertIn(before, found.before)
                self.assertIn(after, found.after)
                self.assertEqual(AuditEvent.objects.count(), events)
                self.assertFalse(StatusUpdate.objects.filter(kind="opening").exists())

    def assert_told_by_the_checksum(self, shown: Shown) -> None:
        with self.assertRaises(NotAsSeen) as refused:
            self.approve(self.batch, seen=shown)
        [found] = refused.exception.changes
        self.assertEqual(found.label, "Checksum of the rows (SHA-256)")

    def test_what_no_event_of_a_row_tells_is_told_by_the_checksum(self) -> None:
        shown, seen_before = seen(self.batch, last_event()), seen(self.batch)
        with undone():  # What no page of the batch shows is in nobody's way.
            self.revise(priority="high")
            self.approve(self.batch, seen=shown)
        with undone():  # Nor is it told where the page said no event.
            self.revise(title="Sell the register")
            self.assert_told_by_the_checksum(seen_before)
        lead = Organisation.objects.get(name="Ministry A")
        organisation_actions.change_organisation(
            organisation=lead,
            by=self.administrator,
            expected_version=lead.version,
            values={"name": "Ministry Z"},
        )
        self.assert_told_by_the_checksum(shown)

    def test_of_very_many_changes_the_first_are_told_and_the_others_counted(self) -> None:
        rows = [(f"8.{n}", f"Title {n}", *ROWS[0][2:]) for n in range(MOST_TOLD + 3)]
        batch = self.bring(rows)
        shown = seen(batch, last_event())
        for row in batch.rows.select_related("recommendation"):
            revise(row.recommendation, self.manager, summary="Other words.")
        with counting() as asked, self.assertRaises(NotAsSeen) as refused:
            self.approve(batch, seen=shown)
        changes = refused.exception.changes
        self.assertEqual((len(changes), changes[-1].label), (MOST_TOLD + 1, "3 more changes"))
        self.assertLess(len(asked), 20)


class OpeningsAsSeenRaceTests(RaceTestCase):
    def test_one_approves_while_another_words_it_anew(self) -> None:
        """What was approved was never other than shown: the change came first, or after."""
        batch = brought(list_of(), self.source, self.manager)
        found = Recommendation.objects.get(external_id="7.1")
        shown = seen(batch, last_event())
        approve = partial(approve_batch, batch=batch, by=self.other_manager, seen=shown)
        anew = partial(revise, found, self.manager, title="Sell the register")
        outcomes = at_once([approve, anew])
        decided = AuditEvent.objects.filter(verb__in=["approve_batch", "revise"])
        order = list(decided.order_by("sequence").values_list("verb", flat=True))
        refused = failures(outcomes)
        if refused:
            [refusal] = refused
            self.assertIsInstance(refusal, NotAsSeen)
            self.assertEqual(order, ["revise"])
        else:
            self.assertEqual(order, ["approve_batch", "revise"])
