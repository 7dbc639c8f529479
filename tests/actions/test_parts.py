"""Parts: complete by an approved update with evidence, open again once that is retracted."""

from typing import Any

from django.core.exceptions import ValidationError

from recommendations import audit
from recommendations.actions import parts, recommendations
from recommendations.actions.errors import ConditionsNotMet, NotAllowed, StaleWrite
from recommendations.actions.evidence.items import EvidenceInput, detach
from recommendations.actions.updates import decisions, drafts, replacements
from recommendations.models import (
    AuditEvent,
    Evidence,
    Part,
    PartCompletion,
    RecommendationState,
    StatusUpdate,
    User,
)
from tests.base import LONG_AGO, TrackerTestCase, days_ago
from tests.updates import begin_draft, submit


class PartTestCase(TrackerTestCase):
    parts: list[Part]
    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.parts = [cls.add_part(label) for label in "abcd"]
        cls.item = Evidence.objects.create(
            title="Minutes", kind="document", citation="Minutes.", recorded_at=LONG_AGO,
            recorded_by=cls.staff,
        )  # fmt: skip

    @classmethod
    def add_part(cls, label: str, by: User | None = None, **values: Any) -> Part:
        given = {"recommendation": cls.recommendation, "label": label, "text": f"Strand {label}."}
        return parts.add_part(by=by or cls.manager, values={**given, **values})

    def kept(self) -> tuple[int, int]:
        row = RecommendationState.objects.get(pk=self.recommendation.pk)
        return row.parts_done, row.parts

    def submitted(self, *chosen: int, with_evidence: bool = True, **values: Any) -> StatusUpdate:
        draft = begin_draft(
            recommendation=self.recommendation,
            by=self.staff,
            values={
                "implementation_status": "partly_implemented",
                "confidence": "green",
                "what_happened": "A strand is in effect.",
                "remaining": "The others.",
                **values,
            },
        )
        given = [EvidenceInput(stance="supports", evidence=self.item)] if with_evidence else []
        return submit(
            update=draft,
            by=self.staff,
            expected_version=draft.version,
            evidence=given,
            parts=[self.parts[n].pk for n in chosen],
        )

    def approve(self, update: StatusUpdate) -> StatusUpdate:
        return decisions.approve_update(update=update, by=self.manager)


class CompletionTests(PartTestCase):
    def test_only_an_approved_update_completes_a_part(self) -> None:
        update = self.submitted(0, 2)
        self.assertEqual(self.kept(), (0, 4))
        self.approve(update)
        self.assertEqual(self.kept(), (2, 4))

    def test_a_later_update_completes_more_and_reopens_nothing(self) -> None:
        self.approve(self.submitted(0, as_of=days_ago(9)))
        self.approve(self.submitted(1))
        self.assertEqual(self.kept(), (2, 4))

    def test_a_retraction_reopens_and_a_correction_carries(self) -> None:
        first = self.approve(self.submitted(0, 1))
        correction = replacements.correct(update=first, by=self.staff)
        self.assertEqual(PartCompletion.objects.filter(update=correction).count(), 2)
        correction = submit(
            update=correction, by=self.staff, expected_version=correction.version,
            values={"what_happened": "Two strands are in effect."},
        )  # fmt: skip
        correction = self.approve(correction)
        self.assertEqual(self.kept(), (2, 4))
        retraction = replacements.retract(update=correction, by=self.staff, reason="It was not so.")
        self.assertEqual(self.kept(), (2, 4))
        self.approve(retraction)
        self.assertEqual(self.kept(), (0, 4))
        self.assertEqual(audit.verify_states().count, 0)

    def test_a_completed_part_needs_evidence(self) -> None:
        update = self.submitted(0, with_evidence=False, implementation_status="in_progress")
        with self.assertRaises(ConditionsNotMet) as refusal:
            self.approve(update)
        self.assertEqual([each.code for each in refusal.exception.conditions], ["parts_supported"])

    def test_a_correction_keeps_the_evidence_of_what_it_completes(self) -> None:
        first = self.approve(self.submitted(0, implementation_status="in_progress"))
        correction = replacements.correct(update=first, by=self.staff)
        detach(link=correction.evidence_links.live().get(), by=self.staff)
        correction = submit(
            update=correction, by=self.staff, expected_version=correction.version,
            values={"what_happened": "Another strand is in effect."},
        )  # fmt: skip
        with self.assertRaises(ConditionsNotMet) as refusal:
            self.approve(correction)
        self.assertEqual([each.code for each in refusal.exception.conditions], ["parts_supported"])

    def test_implemented_means_every_part(self) -> None:
        update = self.submitted(
            0, 1, 2, implementation_status="implemented", completed_on=days_ago(0)
        )
        with self.assertRaises(ConditionsNotMet) as refusal:
            self.approve(update)
        self.assertIn("parts_complete", [each.code for each in refusal.exception.conditions])

    def test_a_draft_may_take_its_choice_back(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        for chosen, verbs in (
            ([0, 1], ["mark_part"] * 2),
            ([1], ["mark_part"] * 2 + ["unmark_part"]),
        ):
            draft = drafts.save_update(
                update=draft, by=self.staff, values={}, expected_version=draft.version,
                parts=[self.parts[n].pk for n in chosen],
            )  # fmt: skip
            told = AuditEvent.objects.filter(object_type="recommendations.partcompletion")
            self.assertEqual(list(told.order_by("sequence").values_list("verb", flat=True)), verbs)
        live = PartCompletion.objects.live().values_list("part__label", flat=True)
        self.assertEqual(list(live), ["b"])

    def test_parts_of_another_recommendation_and_removed_ones_are_refused(self) -> None:
        other = parts.add_part(
            by=self.manager,
            values={"recommendation": self.make_recommendation(), "label": "a", "text": "Other."},
        )
        parts.remove_part(part=self.parts[3], by=self.manager)
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        for pk in (other.pk, self.parts[3].pk, 0):
            with self.subTest(pk), self.assertRaises(ValidationError):
                drafts.save_update(
                    update=draft, by=self.staff, values={}, expected_version=1, parts=[pk]
                )
        self.assertFalse(PartCompletion.objects.exists())


class ChangeTests(PartTestCase):
    def change(self, by: User | None = None, version: int = 1, **values: Any) -> Part:
        return parts.change_part(
            part=self.parts[0], by=by or self.manager, expected_version=version, values=values
        )

    def publish(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)

    def test_nobody_but_who_changes_recommendations_may(self) -> None:
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person=person):
                with self.assertRaises(NotAllowed):
                    self.change(by=person, text="Other.")
                with self.assertRaises(NotAllowed):
                    self.add_part("e", by=person)
                with self.assertRaises(NotAllowed):
                    parts.remove_part(part=self.parts[0], by=person)

    def test_labels_are_there_once_and_never_empty(self) -> None:
        for label, text in (("a", "Again."), ("", "None."), ("e", "")):
            with self.subTest(label), self.assertRaises(ValidationError):
                self.add_part(label, text=text)
        parts.remove_part(part=self.parts[0], by=self.manager)
        self.add_part("a")
        self.assertEqual(self.kept(), (0, 4))

    def test_once_published_a_text_changes_with_a_new_reason(self) -> None:
        self.assertIsNone(self.change(text="Another.").amended_at)
        self.publish()
        with self.assertRaises(ValidationError):
            self.change(version=2, text="A third.")
        amended = self.change(version=2, text="A third.", amendment_reason="It was wrong.")
        self.assertIsNotNone(amended.amended_at)
        with self.assertRaises(ValidationError):
            self.change(version=3, text="A fourth.", amendment_reason="It was wrong.")
        self.change(version=3, position=9)
        for attempt in (
            lambda: self.add_part("e"),
            lambda: parts.remove_part(part=self.parts[1], by=self.manager),
        ):
            with self.assertRaises(ValidationError):
                attempt()
        parts.remove_part(part=self.parts[1], by=self.manager, reason="It was said twice.")
        self.assertEqual(self.kept(), (0, 3))

    def test_removing_a_completed_part_counts_it_no_more(self) -> None:
        self.approve(self.submitted(0, 1))
        parts.remove_part(part=self.parts[0], by=self.manager)
        self.assertEqual(self.kept(), (1, 3))

    def test_a_stale_form_changes_nothing(self) -> None:
        self.change(text="Another.")
        with self.assertRaises(StaleWrite):
            self.change(by=self.other_manager, text="A third.")
        with self.assertRaises(StaleWrite):
            parts.remove_part(part=self.parts[0], by=self.other_manager, expected_version=1)
