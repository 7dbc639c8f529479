"""What changed since a day: every change on record once, and nothing that is none."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from recommendations.actions import (
    comments,
    dates,
    indicators,
    recommendations,
    responses,
    structure,
)
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.choices import BulkChange
from recommendations.choices.changes import ChangeKind
from recommendations.models import Addressee, AuditEvent, Recommendation, StatusUpdate
from recommendations.queries import changes as kinds
from recommendations.queries.bulk_changes import BulkValue, plan_undo
from recommendations.queries.changes import OneChange, changed, changes_of, window_since
from recommendations.queries.dates import day_text
from recommendations.queries.log.words import ACTIONS
from tests.actions.acts import fresh
from tests.actions.bulk_acts import WHY, BulkTestCase
from tests.base import days_ago, link_evidence
from tests.edits import edit
from tests.files import pdf, received
from tests.undoing import undo_many
from tests.updates import begin_draft

DAY = timedelta(days=1)
KIND = ChangeKind
OWNED = {"response_action": "Meet.", "response_owner": "Staff"}


class KindTests(BulkTestCase):
    def test_each_verb_of_the_log_is_a_change_or_is_none(self) -> None:
        groups = [kinds.NOT_ON_RECORD, set(kinds.BY_VERB), kinds.BY_ROW]
        self.assertEqual(
            Counter(verb for group in groups for verb in group), Counter(list(ACTIONS))
        )


class ScriptTests(BulkTestCase):
    """Forty changes of every kind, beside work that is under way."""

    def last(self) -> int:
        return AuditEvent.objects.latest("sequence").sequence

    def changes(self, *ids: int) -> dict[int, list[OneChange]]:
        window = window_since(days_ago(1), self.last())
        found: dict[int, list[OneChange]] = {}
        for about, change in changes_of(
            changed(ids or Recommendation.objects.values("pk"), window)
        ):
            found.setdefault(about.pk, []).append(change)
        return found

    def test_forty_changes_are_forty_lines(self) -> None:
        items = [self.recommendation, *(self.make_recommendation(f"Do {n}") for n in range(5))]
        self.make_approved(items[0], at=timezone.now() - 3 * DAY, as_of=days_ago(3))
        expected: Counter[ChangeKind] = Counter()
        for item in items[:-1]:
            expected += self.change_all(item)
        expected += self.end_with(items[0], items[-1])
        found = self.changes()
        told = Counter(change.kind for changes in found.values() for change in changes)
        self.assertEqual((told - expected, expected - told), (Counter(), Counter()))
        self.assertGreaterEqual(told.total(), 40)
        numbers = [(pk, c.number) for pk, changes in found.items() for c in changes]
        self.assertEqual(len(set(numbers)), len(numbers))
        for changes in found.values():
            days = [c.at for c in changes]
            self.assertEqual(days, sorted(days, reverse=True))

    def change_all(self, about: Recommendation) -> Counter[ChangeKind]:
        """Changes that every recommendation can have, with noise between them."""
        begin_draft(recommendation=about, by=self.other_manager)
        draft, noise = StatusUpdate.objects.latest("pk"), self.make_evidence()
        link_evidence(to=draft, by=self.other_manager, stance="supports", evidence=noise)
        comments.add_comment(recommendation=about, by=self.staff, text="What now?")
        self.make_approved(about, confidence="amber", issue="Late.", **OWNED)
        given = {"recommendation": about, "label": "a", "text": "The first."}
        structure.add_part(by=self.manager, values=given)
        responses.add_action(recommendation=about, by=self.staff, values={"title": "Meet"})
        self.set_date(about, date(2031, 1, 1))
        self.revise(about, title=f"{about.title} better")
        self.revise(about, lead=self.agency)
        # The first has a status already, and another confidence now.
        status = KIND.CONFIDENCE if about == self.recommendation else KIND.STATUS
        others = (KIND.PART, KIND.ACTION, KIND.DATE, KIND.WORDING, KIND.RESPONSIBILITY)
        return Counter([status, *others])

    def revise(self, about: Recommendation, **values: Any) -> None:
        edit(about, self.manager, **values)

    def set_date(self, about: Recommendation, day: date) -> None:
        dates.set_first(recommendation=about, by=self.manager, new_date=day, reason="Agreed.")

    def move_date(self, about: Recommendation, day: date, note: str = "") -> None:
        asked = dates.request(recommendation=about, by=self.staff, new_date=day, reason="Late.")
        dates.approve_date_change(date_change=asked, by=self.manager, note=note)

    def retract(self, update: StatusUpdate) -> None:
        taken = decisions.retract(update=update, by=self.manager, reason="Wrong.")
        decisions.approve_update(update=taken, by=self.other_manager)

    def end_with(self, about: Recommendation, other: Recommendation) -> Counter[ChangeKind]:
        """Changes of which one is enough."""
        current = Recommendation.objects.get(pk=about.pk).current_update
        assert current is not None
        item = self.make_evidence("Against")
        against = link_evidence(to=current, by=self.manager, evidence=item, stance="undermines")
        evidence_items.answer(link=against, by=self.other_manager, text="It is old.")
        support = self.make_evidence("For")
        link_evidence(to=current, by=self.staff, evidence=support, stance="supports")
        evidence_items.check_evidence(evidence=support, by=self.other_manager)
        addressee = self.addressee_of(about)
        said = {"position": "accepted", "since": days_ago(0)}
        responses.record_responses(addressees=[addressee], by=self.manager, values=said)
        link = {"recommendation": about, "indicator": self.make_indicator(), "relation": "outcome"}
        indicators.link_indicator(by=self.manager, values={**link, "why": "It counts them."})
        relation = {"recommendation": about, "other": other, "kind": "related"}
        structure.add_relation(by=self.manager, values=relation)
        recommendations.publish_recommendation(recommendation=about, by=self.manager)
        self.move_date(about, date(2032, 1, 1))
        self.retract(current)
        return Counter(
            {
                KIND.CONTRADICTION: 2,
                KIND.EVIDENCE: 2,
                KIND.RESPONSE: 1,
                KIND.INDICATOR: 1,
                # The addressee and the relation.
                KIND.OTHER: 2,
                KIND.PUBLICATION: 1,
                KIND.DATE: 1,
                # Back to what was before: the same status, another confidence.
                KIND.CONFIDENCE: 1,
            }
        )

    def addressee_of(self, about: Recommendation) -> Addressee:
        values = {"recommendation": about, "area": self.make_area()}
        return recommendations.add_addressee(by=self.manager, values=values)

    def test_a_status_is_told_from_what_was_in_force_and_what_became_of_it(self) -> None:
        about = self.recommendation
        self.retract(self.make_approved(about))
        back, there = self.changes()[about.pk]
        self.assertEqual((there.kind, back.kind), (KIND.STATUS, KIND.STATUS))
        sides = [(change.label, change.before, change.after) for change in there.changes]
        self.assertEqual(sides[0], ("Status", "No report yet", "In progress"))
        self.assertEqual(back.changes[0].after, "No report yet")
        told = f"Retracted on {day_text(timezone.localdate())}."
        self.assertEqual((there.note, back.note), (told, ""))

    def test_a_status_of_an_addressee_is_none_of_the_recommendation(self) -> None:
        about = self.recommendation
        addressee = self.addressee_of(about)
        self.make_approved(about, confidence="amber", issue="Late.", **OWNED)
        self.make_approved(about, addressee=addressee)
        own, overall = (c for c in self.changes()[about.pk] if c.what == "Update approved")
        self.assertEqual((overall.kind, overall.title), (KIND.STATUS, ""))
        self.assertEqual((own.kind, own.title), (KIND.ADDRESSEE, str(addressee)))
        self.assertEqual(own.changes[0].before, "No report yet")

    def test_on_track_without_a_target_date_says_so(self) -> None:
        about = self.recommendation
        self.make_approved(about)
        self.make_approved(about, confidence="amber", issue="Late.", **OWNED)
        self.set_date(about, date(2031, 1, 1))
        self.make_approved(about)
        told = [
            each.after
            for change in sorted(self.changes()[about.pk], key=lambda each: each.number)
            for each in change.changes
            if each.label == "Confidence"
        ]
        self.assertEqual(told, ["On track (no target date)", "At risk", "On track"])

    def test_a_date_is_told_from_which_to_which_and_why(self) -> None:
        about = self.recommendation
        self.set_date(about, date(2031, 1, 1))
        self.move_date(about, date(2032, 1, 1), note="So be it.")
        moved, first = self.changes()[about.pk]
        told = [(c.label, c.before, c.after) for each in (first, moved) for c in each.changes]
        sides = ("No target date", "1 January 2031", "1 January 2032")
        self.assertEqual(told, [("Target date", *sides[n : n + 2]) for n in (0, 1)])
        self.assertEqual((first.reason, moved.reason), ("Agreed.", "Late.\nSo be it."))

    def test_evidence_that_is_no_longer_verified_is_told(self) -> None:
        """By another file, or by other words of it, which have an event of their own."""
        current, item = self.make_approved(self.recommendation), self.make_evidence("For")
        link_evidence(to=current, by=self.staff, evidence=item, stance="supports")
        lost = "The evidence was verified. This ended the verification."
        self.revise_file(item, received("a.pdf", pdf("1")))
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        self.revise_file(item, received("b.pdf", pdf("2")))
        evidence_items.check_evidence(evidence=fresh(item), by=self.other_manager)
        self.change_item(item, title="Another")
        told = [(c.what, c.note) for c in self.changes()[self.recommendation.pk][:5]]
        self.assertEqual(
            [(what.partition(":")[0], note) for what, note in reversed(told)],
            [
                ("Evidence verified", ""),
                ("Evidence file added", lost),
                ("Evidence verified", ""),
                ("Verification of evidence ended", ""),
                ("Evidence item edited", ""),
            ],
        )

    def test_a_bulk_change_is_one_line_in_each_and_says_that_it_was_undone(self) -> None:
        ids = [self.recommendation.pk, self.make_recommendation("Else").pk]
        event = self.change(ids, BulkValue(BulkChange.PRIORITY, "high"))
        before = self.changes(*ids)
        self.assertEqual([[c.note for c in changes] for changes in before.values()], [[""]] * 2)
        undo_many(event=event, shown=plan_undo(event).shown, by=self.manager, reason=WHY)
        for changes in self.changes(*ids).values():
            self.assertEqual([c.note for c in changes], ["", "Undone later, in whole or in part."])

    def test_nothing_of_before_and_nothing_of_after_is_told(self) -> None:
        self.make_approved(self.recommendation)
        last = self.last()
        self.assertEqual(changed([self.recommendation.pk], window_since(days_ago(0), last)), [])
        window = window_since(days_ago(9), last, until=days_ago(1))
        self.assertEqual(changed([self.recommendation.pk], window), [])
