"""Updates about updates, the evidence that goes with a claim, and what contradicts it."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations import periods
from recommendations.actions import people
from recommendations.actions.base import (
    ActionRefused,
    AlreadyBegun,
    BasisChanged,
    ConditionsNotMet,
    NotAllowed,
    NotAsSeen,
    TransitionConflict,
)
from recommendations.actions.evidence import items
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import AuditEvent, EvidenceLink, Recommendation, StatusUpdate
from recommendations.models.evidence import unexpired_on
from recommendations.queries.evidence.claims import decision_evidence
from recommendations.queries.people import workload_of
from recommendations.queries.updates.review_queue import shown_update
from tests.actions.acts import MORE, ActTestCase, fresh, last_entry, told
from tests.checked import checked

MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, 9, 0, tzinfo=UTC)
JULY = datetime(2024, 7, 1, 9, 0, tzinfo=UTC)
FEBRUARY = date(2024, 2, 1)
IMPLEMENTED: dict[str, Any] = {
    "implementation_status": "implemented",
    "confidence": "not_rated",
    "completed_on": MARCH.date(),
}


class ReplacementTestCase(ActTestCase):
    """An update that was approved in March."""

    approved: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.report(what_happened="A meeting took place.", public_text="We met.")

    @classmethod
    def report(cls, at: datetime = MARCH, **values: Any) -> StatusUpdate:
        return cls.make_approved(cls.recommendation, at=at, **values)

    def current(self) -> StatusUpdate | None:
        return fresh(self.recommendation).current_update

    def again(self, update: StatusUpdate | None = None, **values: Any) -> StatusUpdate:
        """A correction."""
        return self.correct(update or self.approved, **values)

    def corrected(self, update: StatusUpdate | None = None, **values: Any) -> StatusUpdate:
        other = values or {"what_happened": "A meeting took place in May."}
        return self.approve(self.submit(self.again(update, **other)))

    def assert_fixed(self, update: StatusUpdate, **values: Any) -> None:
        """The author may not make the update say any of this."""
        for name, value in values.items():
            self.refused(name, partial(self.save, update, values={name: value}))


class CorrectionTests(ReplacementTestCase):
    def test_it_begins_with_the_words_of_the_update_and_says_nothing_else_of_the_day(self):
        correction = self.again(implementation_status="implemented", issue="None.")
        kept = (correction.kind, correction.state, correction.corrects, correction.issue)
        self.assertEqual(kept, (UpdateKind.CORRECTION, UpdateState.DRAFT, self.approved, "None."))
        same = ("as_of", "implementation_status", "confidence", "rated_on")
        for name in (*same, "what_happened", "public_text"):
            self.assertEqual(getattr(correction, name), getattr(self.approved, name), name)
        self.assert_fixed(
            correction,
            as_of=FEBRUARY,
            implementation_status="implemented",
            confidence="not_rated",
            completed_on=FEBRUARY,
            review_on=FEBRUARY,
            successor=self.make_recommendation("Do another thing"),
        )

    def test_once_approved_it_is_in_force_and_the_corrected_update_stays_as_it_was(self):
        correction = self.corrected(what_happened="One met.")
        self.assertEqual(self.current(), correction)
        self.assertEqual(correction.rated_on, self.approved.rated_on)
        stored = self.held(self.approved, "what_happened", "version")
        self.assertEqual(stored, ("A meeting took place.", self.approved.version))
        second = self.corrected(correction, what_happened="Two met.")
        self.assertEqual(self.current(), second)

    def test_one_that_changes_nothing_is_not_submitted(self):
        correction = self.again()
        self.refused("what_happened", self.submit, correction)
        self.assertEqual(fresh(correction).state, UpdateState.DRAFT)

    def test_of_an_older_update_it_touches_nothing_in_force_whatever_status_came_later(self):
        """It leaves no status, so nobody asks it why the matter was reopened."""
        closed = {"implementation_status": "not_implemented", "closing_reason": "No money."}
        newer = self.report(JUNE, confidence="not_rated", **closed)
        self.assertEqual(self.corrected().state, UpdateState.APPROVED)
        self.assertEqual(self.current(), newer)

    def test_of_two_corrections_the_second_is_told_of_the_first(self):
        first = self.submit(self.again(what_happened="One met."))
        second = self.submit(self.again(by=self.manager, remaining="The rest."))
        self.approve(first)
        error = self.refused(BasisChanged, self.approve, second, self.other_manager)
        shown = {"what_happened": ("A meeting took place.", "One met.")}
        self.assertEqual(self.shown(error.differences), shown)
        newer = self.report(JUNE)
        both = (self.staff, self.manager)
        older = [self.submit(self.again(first, by=by, remaining="The rest.")) for by in both]
        self.approve(older[0])
        words = "already replaced by the correction approved by Manager"
        self.refused(ActionRefused, self.approve, older[1], self.other_manager, words=words)
        self.assertEqual(self.current(), newer)

    def test_only_an_approved_update_is_corrected_that_nothing_replaced(self):
        replaced = self.approved
        self.corrected()
        retraction = self.approve(self.retract(self.report(JUNE)))
        for update in (replaced, retraction, self.make_submitted(self.recommendation)):
            self.refused(ActionRefused, self.again, update)

    def test_a_form_that_is_sent_twice_begins_one(self):
        first = partial(self.again, key=uuid4())
        begun = first()
        self.refused(TransitionConflict, first)
        self.assertEqual(self.refused(AlreadyBegun, self.again).update, begun)
        self.assertNotEqual(self.again(by=self.manager), begun)


class RetractionTests(ReplacementTestCase):
    def test_it_is_submitted_at_once_with_its_reason_and_changes_nothing_till_approved(self):
        retraction = self.retract(self.approved)
        self.assertEqual(retraction.state, UpdateState.SUBMITTED)
        said = (retraction.what_happened, retraction.public_text, retraction.as_of)
        self.assertEqual(said, ("It was another meeting.", "", self.approved.as_of))
        self.assertEqual(self.current(), self.approved)
        conflict = self.refused(TransitionConflict, self.retract, self.approved, self.manager)
        self.assertEqual(conflict.update, retraction)
        self.approve(retraction)
        self.assertIsNone(self.current(), "there is no report")
        self.assertIsNone(self.held(self.recommendation, "rating_valid_until"))
        for update in (self.approved, retraction):
            self.refused(ActionRefused, self.retract, update)

    def test_the_update_before_is_in_force_again_but_not_what_a_correction_replaced(self):
        correction = self.corrected()
        newer = self.report(JUNE)
        for retracted, left in ((newer, correction), (correction, None)):
            self.approve(self.retract(retracted))
            self.assertEqual(self.current(), left)

    def test_it_asks_no_condition_of_what_it_takes_back(self):
        update = self.make_submitted(self.recommendation, **IMPLEMENTED)
        made = self.check(self.attach(update).evidence)
        self.approve(update)
        items.withdraw_check(check=made, by=self.manager)
        retraction = self.approve(self.retract(update))
        self.assertEqual(retraction.state, UpdateState.APPROVED)

    def test_it_says_why(self):
        for reason in ("", "  ", "a\x00b"):
            self.refused("reason", self.retract, self.approved, reason=reason)

    def test_returned_it_may_change_its_reason_and_nothing_that_it_takes_back(self):
        retraction = self.give_back(self.retract(self.approved))
        fixed = {"implementation_status": "implemented", "as_of": FEBRUARY, "remaining": "Much"}
        self.assert_fixed(retraction, **fixed, what_happened=" ")
        better = self.submit(retraction, values={"what_happened": "It was in Lima."})
        self.assertEqual(self.approve(better).state, UpdateState.APPROVED)

    def test_neither_it_nor_a_correction_moves_the_day_of_the_next_review(self):
        Recommendation.objects.update(nature="continuous")
        first = self.report(JUNE, review_on=date(2025, 1, 1))
        self.report(JULY, review_on=date(2026, 1, 1))
        corrected = self.corrected(first)
        self.assertEqual(self.held(self.recommendation, "review_on"), date(2026, 1, 1))
        self.approve(self.retract(corrected))
        self.assertEqual(self.held(self.recommendation, "review_on"), date(2026, 1, 1))


class NoChangeTests(ReplacementTestCase):
    """Confirming that nothing changed, from one press of a button."""

    def same(self, by: Any = None, **given: Any) -> StatusUpdate:
        return self.confirm(by, **{"at": JUNE, **given})

    def test_it_says_of_today_what_the_update_in_force_says_and_is_submitted(self):
        update = self.same()
        said = (update.kind, update.state, update.as_of, update.based_on, update.rated_on)
        expected = (UpdateKind.NO_CHANGE, UpdateState.SUBMITTED, JUNE.date(), self.approved)
        self.assertEqual(said, (*expected, MARCH.date()))
        for name in ("implementation_status", "confidence", "what_happened", "public_text"):
            self.assertEqual(getattr(update, name), getattr(self.approved, name), name)
        self.withdraw(update)
        self.refused("sentence", self.same, sentence="x" * 200_000)
        again = self.same(sentence="Quiet.", is_rated_again=True)
        self.assertEqual((again.what_happened, again.rated_on), ("Quiet.", again.as_of))

    def test_without_a_report_there_is_nothing_to_confirm(self):
        about = self.make_recommendation("Do another thing")
        self.refused(ActionRefused, self.same, about=about, words="no approved update")

    def test_returned_it_still_says_that_nothing_changed(self):
        update = self.give_back(self.same())
        self.assert_fixed(update, implementation_status="implemented", confidence="red")
        values = {"what_happened": "Quiet.", "as_of": date(2024, 5, 31)}
        newer = self.report(JUNE, confidence="not_rated")
        self.refused("confidence", self.save, update, basis=newer.pk)
        self.approve(self.retract(newer))
        self.assertEqual(self.approve(self.submit(update, values=values)).state, "approved")

    def test_it_confirms_only_what_the_person_was_shown_and_still_is_in_force(self):
        update = self.same()
        newer = self.report(JULY, what_happened="A treaty.")
        self.assertEqual(self.refused(BasisChanged, self.approve, update).in_force, newer)
        self.withdraw(update)
        words = "Another update was approved after you opened this page"
        late = partial(self.same, at=JULY, basis=self.approved.pk)
        self.refused(ActionRefused, late, words=words)
        self.assertEqual(self.same(basis=newer.pk, at=JULY).based_on, newer)

    def test_it_is_refused_beside_any_update_that_awaits_review(self):
        other = self.give_back(self.same())
        for begin in (
            lambda: self.make_submitted(self.recommendation),
            lambda: self.same(self.manager),
            lambda: self.submit(self.again(what_happened="It took place on Monday.")),
            lambda: self.retract(self.approved),
        ):
            update = begin()
            words = f"by {update.author} as of"
            self.refused(ActionRefused, self.same, self.other_manager, words=words)
            self.refused(ActionRefused, self.submit, other, words=words)
            self.withdraw(update)
        first = self.submit(other)
        self.assertEqual(self.refused(TransitionConflict, self.same).update, first)

    def test_a_draft_an_own_state_and_another_recommendation_are_no_obstacle(self):
        self.draft(self.manager)
        self.make_submitted(self.recommendation, addressee=self.address())
        self.make_submitted(self.make_recommendation("Another"))
        self.assertEqual(self.same().state, UpdateState.SUBMITTED)

    def test_what_is_in_effect_for_good_is_looked_at_again_after_the_interval(self):
        """The review day that this update answers is over; it must not stay due for ever."""
        about = self.make_recommendation("Keep doing it", nature="continuous", at=MARCH)
        review = {**IMPLEMENTED, "review_on": date(2024, 5, 1)}
        update = self.make_submitted(about, at=MARCH, **review)
        self.check(self.attach(update).evidence)
        self.approve(update)
        self.assertEqual(self.held(about, "next_due_on"), date(2024, 5, 1))
        self.approve(self.confirm(about=about))
        due = periods.add_months(timezone.localdate(), 6)
        self.assertEqual(self.held(about, "next_due_on"), due)


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
        self.assertTrue(checked(links).exists())
        self.assertTrue(links.filter(unexpired_on(today)).exists())
        self.assertFalse(links.filter(unexpired_on(today + timedelta(days=1))).exists())
        own = self.keep(self.draft(self.other_manager), letter=True)
        self.assertEqual(self.of(own), ["Letter"])
        self.assertFalse(checked(EvidenceLink.objects.filter(update=own)).exists())

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


ELSEWHERE = "It is of another bridge."


class ContradictionTestCase(ReplacementTestCase):
    """An approved update by ``staff``, with a count by ``other_manager`` against it."""

    against: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.against = cls.contradict(cls.approved)

    @classmethod
    def contradict(
        cls, update: StatusUpdate, item: Any = "A count", by: Any = None, **more: Any
    ) -> EvidenceLink:
        return cls.attach(update, item, "undermines", by or cls.other_manager, **more)

    def agree(self, update: StatusUpdate, by: Any = None, **given: Any) -> StatusUpdate:
        return self.approve(update, by, **{"confirm_contradictions": True, **given})

    def waiting(self, update: StatusUpdate | None = None) -> StatusUpdate:
        return self.submit(update or self.draft(), values=MORE)

    def link(self, update: StatusUpdate, title: str = "A count") -> EvidenceLink:
        return EvidenceLink.objects.get(update=update, evidence__title=title)

    def end(self, link: EvidenceLink, by: Any = None, reason: str = ELSEWHERE) -> EvidenceLink:
        return self.detach(link, by or self.manager, reason=reason)

    def assert_open(self, update: StatusUpdate, *titles: str) -> None:
        """These contradictions and no others stand against it."""
        links = EvidenceLink.objects.open_contradictions().filter(update=update)
        found = sorted(links.values_list("evidence__title", flat=True))
        self.assertEqual(found, sorted(titles))


class CarriedContradictionTests(ContradictionTestCase):
    def test_the_next_update_has_it_from_its_beginning_whatever_its_kind(self):
        why = self.contradict(self.approved, "A survey", why="It counted none.")
        for begin in (self.draft, self.confirm, self.again):
            self.before = last_entry()
            update = begin()
            self.assert_open(update, "A count", "A survey")
            names = ("added_by", "added_at", "why")
            self.assertEqual(
                self.held(self.link(update, "A survey"), *names), self.held(why, *names)
            )
            carried = [event for event in self.events() if event.verb == "carry_evidence"]
            self.assertEqual([event.actor for event in carried], [self.staff] * 2)

    def test_what_was_added_since_is_carried_at_submission_and_at_approval(self):
        update = self.draft()
        self.contradict(self.approved, "Late")
        self.assert_open(update, "A count")
        self.waiting(update)
        self.assert_open(update, "A count", "Late")
        self.contradict(self.approved, "Later")
        self.agree(update)
        self.assert_open(update, "A count", "Late", "Later")

    def test_it_goes_on_from_update_to_update_linked_once_and_only_to_the_current_one(self):
        for _round in range(2):
            update = self.agree(self.waiting())
            self.assertEqual(EvidenceLink.objects.filter(update=update).count(), 1)
        self.assert_open(update, "A count")
        words, late = "is current. Add the contradiction to that update", self.make_evidence("Late")
        self.refused(ActionRefused, self.contradict, self.approved, late, words=words)

    def test_answered_ones_support_and_background_are_left_with_their_update(self):
        self.answer(self.against)
        for stance in ("supports", "background"):
            self.attach(self.approved, stance, stance)
        self.assertFalse(EvidenceLink.objects.filter(update=self.draft()).exists())

    def test_an_addressee_and_the_whole_have_their_own(self):
        body = self.address()
        theirs = self.make_approved(self.recommendation, addressee=body)
        self.assert_open(theirs)
        self.contradict(theirs, "Their count")
        self.assert_open(self.draft(addressee=body), "Their count")
        self.assert_open(self.draft(), "A count")

    def test_naming_the_item_oneself_meanwhile_does_not_hide_it(self):
        for stance in ("supports", "undermines"):
            draft, late = self.draft(), self.make_evidence(stance)
            mine = self.attach(draft, late, stance)
            if stance == "undermines":
                self.detach(mine)
            self.contradict(self.approved, late)
            self.waiting(draft)
            link = EvidenceLink.objects.open_contradictions().get(update=draft, evidence=late)
            self.assertEqual(link.added_by, self.other_manager)
            self.assertFalse(draft.evidence_links.live().filter(stance="supports").exists())


class WithdrawnUpdateTests(ContradictionTestCase):
    """Withdrawing an update and writing it once more frees it of nothing."""

    def withdrawn(self) -> StatusUpdate:
        waiting = self.waiting()
        self.contradict(waiting, "Fresh")
        return self.withdraw(waiting)

    def test_what_was_raised_while_it_waited_stands_against_the_next_one(self):
        begun = self.draft()
        earlier = self.withdrawn()
        again = self.waiting()
        self.assertEqual(self.link(again, "Fresh").added_by, self.other_manager)
        for update in (again, self.waiting(begun)):
            self.assert_open(update, "A count", "Fresh")
            self.withdraw(update)
        self.assert_open(self.confirm(self.manager), "A count", "Fresh")
        self.assert_open(earlier, "A count", "Fresh")

    def test_ended_on_either_it_is_ended_on_both(self):
        earlier = self.withdrawn()
        self.detach(self.link(earlier, "Fresh"), self.other_manager)
        self.assert_open(self.waiting(), "A count")
        earlier = self.withdrawn()
        self.end(self.link(self.agree(self.waiting()), "Fresh"))
        self.assert_open(earlier, "A count")
        self.assert_open(self.waiting(), "A count")


class AnsweredByTheNextAuthorTests(ContradictionTestCase):
    def test_an_answer_does_not_count_for_an_update_of_ones_own_and_does_for_others(self):
        self.answer(self.against)
        own = self.draft(self.manager)
        self.assert_open(own, "A count")
        self.assertEqual(self.link(own).answer, "")
        self.assert_open(self.approved)
        self.assert_open(self.waiting())

    def test_nor_for_one_that_they_began_and_handed_over(self):
        draft = self.hand(self.draft(self.manager), self.staff)
        self.answer(self.contradict(self.approved, "Late"))
        self.waiting(draft)
        self.assert_open(draft, "A count", "Late")
        self.assert_open(self.approved, "A count")

    def test_nobody_takes_over_an_update_on_which_they_answered(self):
        draft = self.draft()
        self.answer(self.link(draft))
        self.refused("to", self.hand, draft, self.manager)
        self.refused(
            ActionRefused,
            partial(people.hand_over_all, of=self.staff, to=self.manager, by=self.other_manager),
            expected=workload_of(self.staff).digest,
            words="answered a contradiction of this update and cannot become an author",
        )

    def test_given_while_ones_own_waits_it_is_asked_about_at_approval(self):
        own = self.waiting(self.draft(self.manager))
        self.answer(self.contradict(self.approved, "Late"))
        self.end(self.link(own), self.other_manager)
        self.refused("confirm_contradictions", self.approve, own, self.other_manager)
        self.assert_open(self.agree(own, self.other_manager), "Late")


class EndedTests(ContradictionTestCase):
    def test_neither_authors_nor_those_who_wrote_a_version_nor_anybody_but_managers(self):
        link = self.link(self.hand(self.draft(self.manager), self.staff))
        for author in (self.manager, self.staff):
            self.refused(NotAllowed, self.end, link, author)
            self.refused(NotAllowed, self.answer, link, author)
        self.end(link, self.other_manager)

    def test_who_added_it_withdraws_it_everywhere_also_from_an_approved_update(self):
        draft = self.draft()
        self.detach(self.against, self.other_manager)
        for update in (self.approved, draft):
            self.assert_open(update)
            self.assertEqual(self.link(update).removed_by, self.other_manager)
        self.assert_open(self.waiting(draft))

    def test_a_manager_ends_it_with_a_reason_on_record(self):
        link = self.link(self.draft())
        self.each_refused("reason", partial(self.end, link), {"reason": ""}, {"reason": "  "})
        self.before = last_entry()
        self.end(link)
        ended = [event for event in self.events() if event.verb == "end_contradiction"]
        self.assertEqual({each.object_id for each in ended}, {str(link.pk), str(self.against.pk)})
        self.assertEqual({each.reason.text for each in ended}, {ELSEWHERE})

    def test_ended_or_answered_by_a_manager_it_is_on_those_alone_that_they_did_not_write(self):
        for end in (self.end, self.answer):
            raised = self.contradict(self.approved, end.__name__)
            draft = self.draft(self.manager)
            end(raised)
            self.assert_open(self.approved, "A count")
            self.assert_open(draft, "A count", end.__name__)

    def test_what_was_ended_on_an_update_is_not_carried_to_it_again(self):
        about = {"decided_by": self.other_manager, "confirm_contradictions": True}
        earlier = self.make_approved(self.recommendation, by=self.manager, **about)
        draft = self.draft()
        self.end(self.link(draft))
        self.assert_open(earlier, "A count")
        self.assert_open(self.waiting(draft))

    def test_an_answer_ends_it_wherever_it_was_carried_stays_and_ends_no_other(self):
        self.contradict(self.approved, "A survey")
        draft = self.draft()
        self.answer(self.link(draft))
        for update in (self.approved, draft):
            self.assertEqual(self.link(update).answer, "Of another year.")
            self.assert_open(update, "A survey")
        for person in (self.manager, self.other_manager):
            self.refused(ActionRefused, self.end, self.link(draft), person)


class RetractedTests(ContradictionTestCase):
    def newer(self) -> StatusUpdate:
        return self.agree(self.waiting())

    def retracted(self, update: StatusUpdate) -> None:
        self.agree(self.retract(update))

    def test_what_was_carried_or_raised_against_it_stands_against_the_earlier_update(self):
        newer = self.newer()
        raised = self.contradict(newer, "A survey")
        self.retracted(newer)
        self.assertEqual(self.current(), self.approved)
        for update in (self.approved, newer):
            self.assert_open(update, "A count", "A survey")
        self.assertEqual(self.link(self.approved, "A survey").added_at, raised.added_at)

    def test_what_the_earlier_update_was_approved_with_still_supports_it(self):
        newer = self.newer()
        raised = self.contradict(newer, "A survey")
        self.attach(self.approved, raised.evidence)
        self.retracted(newer)
        self.assertEqual(self.link(self.approved, "A survey").stance, "supports")

    def test_what_was_answered_or_ended_on_either_comes_back_on_neither(self):
        newer = self.newer()
        self.answer(self.contradict(newer, "A survey"))
        self.end(self.link(newer))
        self.retracted(newer)
        self.assert_open(self.approved)

    def test_retracting_the_only_update_and_claiming_the_same_again_does_not_lose_it(self):
        self.retracted(self.approved)
        self.assertIsNone(self.current())
        self.assert_open(self.draft(), "A count")

    def test_what_is_raised_against_a_retracted_one_while_the_next_is_reviewed_is_told(self):
        """Approval takes it over, so the page shows it, and nothing is decided on it unseen."""
        self.retracted(self.approved)
        update, today = self.waiting(), timezone.localdate()

        def seen() -> Any:
            evidence = decision_evidence([update], self.manager, today)[update.pk]
            return shown_update(update, None, evidence.shown)

        before = seen()
        self.contradict(self.approved, "A survey")
        refusal = self.refused(NotAsSeen, self.agree, update, seen=before)
        labels = [change.label for change in refusal.changes]
        self.assertEqual(labels, ["Evidence “A survey”"])
        self.agree(update, seen=seen())
        self.assert_open(update, "A count", "A survey")

    def test_retracting_an_older_update_brings_nothing_of_its_own_to_the_current_one(self):
        newer = self.newer()
        self.end(self.link(newer))
        # As an earlier version took it, which did not send it to the current one.
        EvidenceLink.objects.create(
            update=self.approved,
            evidence=self.make_evidence("About the old one"),
            stance="undermines",
            added_by=self.other_manager,
            added_at=timezone.now(),
        )
        self.retracted(self.approved)
        self.assert_open(newer)


class ConfirmedTests(ContradictionTestCase):
    """Approval with open contradictions asks for a confirmation of their number."""

    def test_the_confirmed_number_stays_with_the_update_and_in_its_event(self):
        update = self.waiting()
        self.contradict(self.approved, "Late")
        self.refused("confirm_contradictions", self.approve, update)
        approved = self.agree(update)
        self.assertEqual((approved.state, approved.contradictions_confirmed), ("approved", 2))
        event = AuditEvent.objects.get(verb="approve", object_id=str(update.pk))
        self.assertEqual(told(event)["contradictions_confirmed"], [0, 2])

    def test_correcting_a_slip_and_no_change_need_it_alike_and_returning_does_not(self):
        correction = self.submit(self.again(what_happened="One meeting took place."))
        self.withdraw(self.waiting())
        self.refused("confirm_contradictions", self.approve, correction)
        self.assertEqual(self.give_back(correction).contradictions_confirmed, 0)
        self.refused("confirm_contradictions", self.approve, self.confirm())

    def test_nothing_is_confirmed_where_nothing_is_open_nor_by_a_draft(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            StatusUpdate.objects.filter(pk=self.draft().pk).update(contradictions_confirmed=1)
        self.answer(self.against)
        self.assertEqual(self.agree(self.waiting()).contradictions_confirmed, 0)
