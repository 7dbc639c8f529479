"""Parts: complete by an approved update with evidence, open again once that is retracted."""

from functools import partial
from typing import Any

from recommendations import audit
from recommendations.actions import structure
from recommendations.actions.base import ConditionsNotMet, StaleWrite
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.models import (
    Evidence,
    Part,
    PartCompletion,
    RecommendationState,
    StatusUpdate,
    User,
)
from tests.actions.acts import ActTestCase
from tests.base import days_ago


class PartTestCase(ActTestCase):
    parts: list[Part]
    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.parts = [cls.add_part(label) for label in "abcd"]
        cls.item = cls.make_evidence("Minutes")

    @classmethod
    def add_part(cls, label: str, by: User | None = None, **values: Any) -> Part:
        given = {"recommendation": cls.recommendation, "label": label, "text": f"Strand {label}."}
        return structure.add_part(by=by or cls.manager, values={**given, **values})

    def remove(self, number: int, **given: Any) -> None:
        structure.remove_part(part=self.parts[number], by=self.manager, **given)

    def submitted(self, *chosen: int, with_evidence: bool = True, **values: Any) -> StatusUpdate:
        draft = self.draft(
            **{
                "implementation_status": "partly_implemented",
                "confidence": "green",
                "what_happened": "A strand is in effect.",
                "remaining": "The others.",
                **values,
            }
        )
        given = [EvidenceInput(stance="supports", evidence=self.item)] if with_evidence else []
        return self.submit(draft, evidence=given, parts=[self.parts[n].pk for n in chosen])

    def kept(self) -> tuple[int, int]:
        row = RecommendationState.objects.get(pk=self.recommendation.pk)
        return row.parts_done, row.parts

    def assert_kept(self, done: int, of: int = 4) -> None:
        self.assertEqual(self.kept(), (done, of))


class CompletionTests(PartTestCase):
    def assert_unmet(self, code: str, update: StatusUpdate) -> None:
        refusal = self.refused(ConditionsNotMet, self.approve, update)
        self.assertIn(code, [each.code for each in refusal.conditions])

    def test_only_an_approved_update_completes_a_part_and_a_later_one_reopens_nothing(self) -> None:
        update = self.submitted(0, as_of=days_ago(9))
        self.assert_kept(0)
        self.approve(update)
        self.assert_kept(1)
        self.approve(self.submitted(1, 2))
        self.assert_kept(3)
        self.remove(0)
        self.assert_kept(2, of=3)

    def test_a_retraction_reopens_and_a_correction_carries(self) -> None:
        correction = self.correct(self.approve(self.submitted(0, 1)), what_happened="Two are.")
        self.assertEqual(PartCompletion.objects.filter(update=correction).count(), 2)
        self.approve(self.submit(correction))
        retraction = self.retract(correction)
        self.assert_kept(2)
        self.approve(retraction)
        self.assert_kept(0)
        self.assertEqual(audit.verify_states().count, 0)

    def test_a_completed_part_needs_evidence_and_implemented_means_every_part(self) -> None:
        going = {"implementation_status": "in_progress"}
        self.assert_unmet("parts_supported", self.submitted(0, with_evidence=False, **going))
        done = {"implementation_status": "implemented", "completed_on": days_ago(0)}
        self.assert_unmet("parts_complete", self.submitted(0, 1, 2, **done))
        correction = self.correct(self.approve(self.submitted(0, **going)), what_happened="It is.")
        self.detach(correction.evidence_links.live().get())
        self.assert_unmet("parts_supported", self.submit(correction))

    def test_a_draft_takes_its_choice_back_but_none_of_other_parts(self) -> None:
        draft = self.draft()
        choose = partial(self.save, draft)
        self.before += 1
        for chosen in ([0, 1], [1]):
            choose(parts=[self.parts[n].pk for n in chosen])
        verbs = [verb for verb in self.verbs() if "mark_part" in verb]
        self.assertEqual(verbs, ["mark_part", "mark_part", "unmark_part"])
        live = PartCompletion.objects.live().values_list("part__label", flat=True)
        self.assertEqual(list(live), ["b"])
        values = {"recommendation": self.make_recommendation(), "label": "a", "text": "Other."}
        other = structure.add_part(by=self.manager, values=values)
        self.remove(3)
        for pk in (other.pk, self.parts[3].pk, 0):
            self.refused("parts", partial(choose, parts=[pk]))
        of_one = self.draft(addressee=self.address())
        words = "Only an overall update completes parts."
        self.refused("parts", partial(self.save, of_one, parts=[self.parts[0].pk]), words=words)


class ChangeTests(PartTestCase):
    def change(self, version: int = 1, **values: Any) -> Part:
        about = {"part": self.parts[0], "by": self.manager, "expected_version": version}
        return structure.change_part(**about, values=values)

    def test_labels_are_there_once_and_never_empty(self) -> None:
        for name, label, text in (
            ("__all__", "a", "Again."),
            ("label", "", "None."),
            ("text", "e", ""),
        ):
            self.refused(name, self.add_part, label, text=text)
        self.remove(0)
        self.add_part("a")
        self.assert_kept(0)

    def test_once_published_a_text_changes_with_a_new_reason(self) -> None:
        self.assertIsNone(self.change(text="Another.").amended_at)
        self.publish()
        field, reason = "amendment_reason", {"amendment_reason": "It was wrong."}
        self.refused(field, partial(self.change, 2, text="A third."))
        self.assertIsNotNone(self.change(2, text="A third.", **reason).amended_at)
        self.refused(field, partial(self.change, 3, text="A fourth.", **reason))
        self.change(3, position=9)
        self.refused(field, self.add_part, "e")
        self.refused(field, self.remove, 1)
        self.remove(1, reason="It was said twice.")
        self.assert_kept(0, of=3)

    def test_a_stale_form_changes_nothing(self) -> None:
        self.change(text="Another.")
        self.refused(StaleWrite, partial(self.change, text="A third."))
        self.refused(StaleWrite, self.remove, 0, expected_version=1)
