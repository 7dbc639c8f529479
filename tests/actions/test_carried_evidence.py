"""Evidence goes with a claim that is only said again, for and against alike."""

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import (
    ConditionsNotMet,
    NotAllowed,
)
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import replacements
from recommendations.models import (
    AuditEvent,
    EvidenceLink,
    StatusUpdate,
    User,
)
from tests.actions.replacements import ReplacementTestCase
from tests.base import link_evidence
from tests.updates import begin_draft


class CarriedEvidenceTests(ReplacementTestCase):
    links: dict[str, EvidenceLink]

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.links = {
            stance: link_evidence(
                to=cls.approved,
                by=cls.staff,
                stance=stance,
                evidence=cls.make_evidence(stance),
                why=f"Why {stance}",
            )
            for stance in ("supports", "undermines", "background")
        }

    def approve(self, update: StatusUpdate, by: User | None = None, **values) -> StatusUpdate:
        return super().approve(update, by, **{"confirm_contradictions": True, **values})

    def carried(self, update: StatusUpdate) -> dict[str, str]:
        links = EvidenceLink.objects.live().filter(update=update).select_related("evidence")
        return {link.evidence.title: link.stance for link in links}

    ALL = {stance: stance for stance in ("supports", "undermines", "background")}

    def test_a_correction_and_a_confirmation_take_all_of_it_over(self):
        self.assertEqual(self.carried(self.correct()), self.ALL)
        confirmed = replacements.no_change(recommendation=self.recommendation, by=self.staff)
        self.assertEqual(self.carried(confirmed), self.ALL)

    def test_the_update_itself_keeps_its_own(self):
        self.approve(self.submit(self.correct()))
        self.assertEqual(self.carried(self.approved), self.ALL)

    def test_who_added_it_when_and_why_go_with_it_and_so_does_the_answer(self):
        contradictions.answer(
            link=self.links["undermines"], by=self.other_manager, text="Out of date."
        )
        correction = self.correct()
        link = EvidenceLink.objects.get(update=correction, stance="undermines")
        self.assertEqual(link.added_by, self.staff)
        self.assertEqual(link.added_at, self.links["undermines"].added_at)
        self.assertEqual(link.why, "Why undermines")
        self.assertEqual((link.answer, link.answered_by), ("Out of date.", self.other_manager))

    def test_what_comes_to_the_update_while_the_other_waits_is_taken_over_too(self):
        correction = self.submit(self.correct())
        late = self.make_evidence("late")
        link_evidence(to=self.approved, by=self.staff, stance="undermines", evidence=late)
        self.approve(correction)
        self.assertEqual(self.carried(correction), {**self.ALL, "late": "undermines"})

    def test_what_was_taken_away_before_is_not_taken_over(self):
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        link = link_evidence(
            to=draft, by=self.staff, stance="supports", evidence=self.make_evidence("gone")
        )
        evidence_items.detach(link=link, by=self.staff)
        update = self.submit(
            draft, values={"implementation_status": "in_progress", "what_happened": "More"}
        )
        update = self.approve(update)
        self.assertEqual(self.carried(self.correct(update)), {"undermines": "undermines"})

    def test_what_the_author_takes_away_from_the_correction_stays_away(self):
        correction = self.correct()
        evidence_items.detach(
            link=EvidenceLink.objects.get(update=correction, stance="supports"), by=self.staff
        )
        correction = self.approve(self.submit(correction))
        self.assertEqual(self.carried(correction), {k: k for k in ("undermines", "background")})

    def test_each_link_that_is_carried_leaves_an_event(self):
        before = AuditEvent.objects.filter(verb="carry_evidence").count()
        self.correct()
        self.assertEqual(AuditEvent.objects.filter(verb="carry_evidence").count(), before + 3)

    def test_a_refused_approval_carries_nothing(self):
        correction = self.submit(self.correct(what_happened=""))
        link_evidence(
            to=self.approved,
            by=self.staff,
            stance="background",
            evidence=self.make_evidence("late"),
        )
        with self.assertRaises(ConditionsNotMet):
            self.approve(correction)
        self.assertEqual(self.carried(correction), self.ALL)

    def test_archived_recommendations_are_neither_corrected_nor_confirmed_nor_retracted(self):
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        for begin in (
            self.correct,
            self.retract,
            lambda: replacements.no_change(recommendation=self.recommendation, by=self.staff),
        ):
            with self.assertRaises(NotAllowed):
                begin()
