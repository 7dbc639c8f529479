"""Evidence goes with a claim that is only said again; support of the next claim is chosen."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from recommendations.actions.errors import ConditionsNotMet
from recommendations.models import EvidenceLink, StatusUpdate
from recommendations.models.evidence import unexpired_on
from tests.actions.acts import MORE, last_entry
from tests.actions.test_replacements import ReplacementTestCase

STANCES = ("supports", "undermines", "background")


class CarriedTests(ReplacementTestCase):
    """The approved update has an item of each stance."""

    links: dict[str, EvidenceLink]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.links = {
            stance: cls.attach(cls.approved, stance, stance, why=f"Why {stance}")
            for stance in STANCES
        }

    def settle(self, update: StatusUpdate) -> StatusUpdate:
        return self.approve(self.submit(update), confirm_contradictions=True)

    def assert_has(self, update: StatusUpdate, *titles: str) -> None:
        links = EvidenceLink.objects.live().filter(update=update)
        self.assertEqual(sorted(links.values_list("evidence__title", flat=True)), sorted(titles))

    def test_a_correction_and_a_confirmation_take_all_of_it_over_each_with_an_event(self):
        for act in (self.again, self.confirm):
            self.before = last_entry()
            self.assert_has(act(), *STANCES)
            self.assertEqual(self.verbs().count("carry_evidence"), 3)
        self.assert_has(self.approved, *STANCES)

    def test_who_added_it_when_and_why_go_with_it_and_so_does_the_answer(self):
        self.answer(self.links["undermines"], self.other_manager)
        names = ("added_by", "added_at", "why", "stance", "answer", "answered_by", "answered_at")
        carried = EvidenceLink.objects.get(update=self.again(), stance="undermines")
        kept = self.held(self.links["undermines"], *names)
        self.assertEqual(self.held(carried, *names), kept)
        self.assertEqual(carried.answer, "Of another year.")

    def test_what_comes_to_the_update_while_the_other_waits_is_taken_over_at_approval(self):
        for what_happened, is_met in (("", False), ("We met.", True)):
            correction = self.submit(self.again(what_happened=what_happened))
            late = self.attach(self.approved, f"late {is_met}", "background")
            approve = partial(self.approve, correction, confirm_contradictions=True)
            if is_met:
                approve()
                self.assert_has(correction, *STANCES, "late False", "late True")
            else:
                self.refused(ConditionsNotMet, approve)
                self.assert_has(correction, *STANCES)
                self.withdraw(correction)
            self.assertEqual(late.update, self.approved)

    def test_what_was_taken_away_from_either_is_not_taken_over(self):
        correction = self.again()
        self.detach(EvidenceLink.objects.get(update=correction, stance="supports"))
        self.assert_has(self.settle(correction), "undermines", "background")
        draft = self.draft(**MORE)
        self.detach(self.attach(draft, "gone"))
        self.assert_has(self.again(self.settle(draft)), "undermines")


class KeptTests(ReplacementTestCase):
    """Support of the current update is kept for the next claim or dropped, never silently."""

    letter: EvidenceLink
    permit: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        why = "It grants the permit."
        cls.letter = cls.attach(cls.approved, "Letter", by=cls.manager, why=why)
        cls.permit = cls.attach(cls.approved, "Permit", by=cls.manager)

    def keep(self, update: StatusUpdate | None = None, *, is_final: bool = False, **kept: bool):
        """Saved with these boxes ticked or not; a new update unless told otherwise."""
        links = {getattr(self, name).pk: is_kept for name, is_kept in kept.items()}
        update = update or StatusUpdate(recommendation=self.recommendation)
        return self.save(update, values=MORE, kept=links, is_final=is_final)

    def of(self, update: StatusUpdate) -> list[str]:
        links = update.evidence_links.live().order_by("pk")
        return list(links.values_list("evidence__title", flat=True))

    def told(self) -> list[str]:
        return [verb for verb in self.verbs() if verb in ("keep_evidence", "drop_evidence")]

    def test_what_is_ticked_is_linked_and_what_is_not_is_dropped_each_once_with_its_event(self):
        update = self.keep(letter=True, permit=False)
        for _repeat in range(2):
            self.assertEqual(self.of(self.keep(update, letter=True, permit=False)), ["Letter"])
        self.assertEqual(self.told(), ["keep_evidence", "drop_evidence"])
        dropped = EvidenceLink.objects.get(update=update, evidence=self.permit.evidence)
        self.assertEqual(dropped.removed_by, self.staff)
        link = update.evidence_links.live().get()
        self.assertEqual((link.added_by, link.why), (self.staff, "It grants the permit."))
        self.keep(update, letter=False, permit=True)
        self.assertEqual(self.of(update), ["Permit"])
        self.keep(update, is_final=True, letter=True, permit=True)
        self.assertEqual(self.of(update), ["Permit", "Letter"])

    def test_nothing_is_carried_where_nothing_was_chosen(self):
        self.assertEqual((self.of(self.keep()), self.told()), ([], []))

    def test_what_is_linked_already_is_linked_once(self):
        update = self.draft()
        self.attach(update, self.letter.evidence, why="Mine.")
        self.keep(update, letter=True)
        self.assertEqual(EvidenceLink.objects.get(update=update).why, "Mine.")
        new = StatusUpdate(recommendation=self.recommendation)
        for _press in range(2):
            form = StatusUpdate(recommendation=self.recommendation, key=new.key)
            self.assertEqual(self.of(self.keep(form, letter=True)), ["Letter"])

    def test_it_stays_verified_until_it_expires_but_not_by_the_author_of_the_new_update(self):
        today, item = timezone.localdate(), self.letter.evidence
        item.expires_on = today
        item.save()
        self.check(item, self.other_manager)
        links = EvidenceLink.objects.filter(update=self.keep(letter=True))
        self.assertTrue(links.checked().exists())
        self.assertTrue(links.filter(unexpired_on(today)).exists())
        self.assertFalse(links.filter(unexpired_on(today + timedelta(days=1))).exists())
        own = self.keep(self.draft(self.other_manager), letter=True)
        self.assertEqual(self.of(own), ["Letter"])
        self.assertFalse(EvidenceLink.objects.filter(update=own).checked().exists())

    def test_only_support_of_an_approved_update_of_the_same_scope_is_kept(self):
        draft, about = self.keep(), self.recommendation
        odd: dict[str, tuple[Any, str]] = {
            "of_addressee": (self.make_approved(about, addressee=self.address()), "supports"),
            "of_draft": (self.make_submitted(about), "supports"),
            "of_another": (self.make_approved(self.make_recommendation("Another")), "supports"),
            "context": (self.approved, "background"),
        }
        for name, (update, stance) in odd.items():
            with self.subTest(name):
                self.odd = self.attach(update, name, stance, self.manager)
                self.assertEqual(self.of(self.keep(draft, odd=True)), [])

    def test_a_correction_takes_no_choice(self):
        correction = self.again()
        self.save(correction, kept={self.letter.pk: False})
        self.assertEqual(self.of(correction), ["Letter", "Permit"])
