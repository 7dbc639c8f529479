"""An update from its beginning to a decision, and what approval needs."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone

from recommendations.actions.base import (
    ActionRefused,
    BasisChanged,
    ConditionsNotMet,
    NotAllowed,
    NotAsSeen,
    StaleWrite,
    TransitionConflict,
)
from recommendations.actions.evidence import items
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.recommendations import publish_recommendation
from recommendations.choices import ImplementationStatus, Role, UpdateState
from recommendations.models import EvidenceLink, Recommendation, StatusUpdate
from recommendations.queries.updates.conditions import unmet_conditions
from recommendations.queries.updates.review_queue import shown_update
from tests.actions.acts import UNREADABLE, ActTestCase, fresh
from tests.base import days_ago, make_person
from tests.depth import times
from tests.views.deciding import undone

FIRST = {"what_happened": "Mine", "implementation_status": "in_progress"}
REMAINING = {"remaining": "Much"}


class UpdateTestCase(ActTestCase):
    """``draft`` is by staff."""

    mine: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.mine = cls.draft(**FIRST)

    def assert_nothing_written(self) -> None:
        self.assertEqual(self.verbs(), [])
        self.assertEqual(fresh(self.mine).version, self.mine.version)

    def states(self) -> dict[str, StatusUpdate]:
        """An update by staff in each state."""
        waiting = partial(self.make_submitted, self.recommendation)
        return {
            "draft": self.draft(),
            "submitted": waiting(),
            "returned": self.give_back(waiting()),
            "withdrawn": self.withdraw(waiting()),
            "approved": self.make_approved(self.recommendation),
        }


class BeginTests(UpdateTestCase):
    def test_who_may_log_there_begins_one_as_its_author(self):
        contributor = make_person("contributor", Role.STAFF, self.agency)
        officer = make_person("officer", Role.STAFF)
        self.refused(NotAllowed, self.draft, contributor)
        self.revise(contributors=[self.agency], lead_officer=officer)
        for person in (self.staff, self.manager, self.other_manager, contributor, officer):
            with self.subTest(person.username):
                update = self.draft(person)
                self.assertEqual(update.state, UpdateState.DRAFT)
                self.assertEqual((update.author, update.last_editor), (person, person))
                self.assertEqual(list(update.editors.all()), [person])
        self.assertEqual(self.verbs(), ["revise", *["draft"] * 5])

    def test_it_is_as_of_today_and_rests_on_the_update_in_force(self):
        update = self.draft()
        self.assertEqual((update.as_of, update.based_on), (timezone.localdate(), None))
        approved = self.make_approved(self.recommendation)
        update = self.draft(as_of=days_ago(3))
        self.assertEqual((update.as_of, update.based_on), (days_ago(3), approved))

    def test_a_form_that_is_sent_twice_begins_one_and_continues_it(self):
        begin = partial(self.draft, key=uuid4(), **FIRST)
        first = begin()
        self.assertEqual((begin(), begin().version), (first, first.version))
        self.assertEqual(self.verbs(), ["draft"])
        self.assertEqual(begin(**REMAINING).pk, first.pk)
        self.assertEqual(fresh(first).remaining, "Much")
        stale = self.refused(StaleWrite, partial(begin, remaining="Little"))
        self.assertEqual(self.shown(stale.differences), {"remaining": ("Much", "Little")})

    def test_a_key_that_belongs_to_another_update_begins_nothing(self):
        waiting = self.submit(self.mine)
        elsewhere = self.make_recommendation("Do another thing")
        for by, about in ((self.manager, None), (self.staff, elsewhere), (self.staff, None)):
            begin = partial(self.draft, by, about, key=waiting.key)
            self.assertEqual(self.refused(TransitionConflict, begin).update, waiting)

    def test_it_is_of_one_addressee_of_this_recommendation_or_of_none(self):
        own, other = self.address(), self.address(self.make_recommendation("Do another thing"))
        self.assertEqual(self.draft(addressee=own).addressee, own)
        self.refused("addressee", partial(self.draft, addressee=other))


class ContentTests(UpdateTestCase):
    def test_what_is_asked_of_a_draft_already(self):
        tomorrow = timezone.localdate() + timedelta(days=1)
        cases: tuple[tuple[str, dict[str, Any]], ...] = (
            ("as_of", {"as_of": tomorrow}),
            ("completed_on", {"as_of": days_ago(2), "completed_on": days_ago(1)}),
            ("completed_on", {"completed_on": tomorrow}),
            *(("what_happened", {"what_happened": text}) for text in UNREADABLE),
            ("public_text", {"public_text": "a\u202eb"}),
            ("response_owner", {"response_owner": "one\ntwo"}),
            ("response_owner", {"response_owner": "x" * 201}),
            ("implementation_status", {"implementation_status": "done"}),
            ("confidence", {"confidence": "blue"}),
            ("as_of", {"as_of": None}),
            ("successor", {"successor": self.recommendation}),
        )
        for field, values in cases:
            self.refused(field, partial(self.save, self.mine, values=values))
        for name in ("state", "decided_by", "author", "recommendation", "version", "kind"):
            self.refused(TypeError, partial(self.save, self.mine, values={name: "approved"}))
        self.assert_nothing_written()

    def test_what_only_approval_asks_for_is_not_asked(self):
        values = {"implementation_status": "implemented", "confidence": "red"}
        for move, state in ((self.save, "draft"), (self.submit, "submitted")):
            self.assertEqual(move(self.mine, values=values).state, state)

    def test_submission_needs_to_say_where_the_matter_stands(self):
        for status in ("", None):
            values = {"implementation_status": status}
            self.refused("implementation_status", partial(self.submit, self.mine, values=values))
        self.assert_nothing_written()

    def test_the_rating_has_the_day_of_the_update(self):
        saved = self.save(self.mine, values={"confidence": "not_rated"})
        self.assertIsNone(saved.rated_on)
        saved = self.save(self.mine, values={"confidence": "green", "as_of": days_ago(4)})
        self.assertEqual(saved.rated_on, days_ago(4))


class SaveTests(UpdateTestCase):
    ITEM = EvidenceInput(
        stance="supports", values={"title": "A law", "kind": "document", "citation": "Section 1"}
    )

    def test_the_author_saves_and_nobody_beside_them(self):
        saved = self.save(self.mine, values={"what_happened": "More", "confidence": "red"})
        self.assertEqual((saved.what_happened, saved.confidence), ("More", "red"))
        self.assertEqual(saved.version, self.mine.version + 1)
        self.assertIsNotNone(saved.updated_at)
        self.assertEqual(self.verbs(), ["save"])
        colleague = make_person("colleague", Role.STAFF, self.ministry)
        for move in (self.save, self.submit, self.withdraw):
            self.refused(NotAllowed, move, self.mine, colleague)

    def test_a_stale_window_saves_submits_and_hands_over_nothing_and_shows_both_texts(self):
        first = {"what_happened": "From the first window", "confidence": "green"}
        self.save(self.mine, values=first)
        late = {"what_happened": "From the second", "confidence": "amber"}
        for move in (self.save, self.submit):
            stale = self.refused(StaleWrite, partial(move, self.mine, version=1, values=late))
            shown = {
                "what_happened": ("From the first window", "From the second"),
                "confidence": ("On track", "At risk"),
            }
            self.assertEqual(self.shown(stale.differences), shown)
            self.assertEqual(stale.current.what_happened, "From the first window")
        stale = self.refused(StaleWrite, partial(self.hand, self.mine, self.manager, version=1))
        self.assertEqual(stale.differences, [])
        kept = self.held(self.mine, "what_happened", "state", "author")
        self.assertEqual(kept, ("From the first window", UpdateState.DRAFT, self.staff))

    def test_the_same_words_write_nothing_but_are_submitted_from_an_old_version(self):
        save = partial(self.save, self.mine, values=REMAINING, version=1)
        self.assertEqual(save(), save())
        self.assertEqual(self.verbs(), ["save"])
        self.assertEqual(save(is_final=True).state, UpdateState.SUBMITTED)

    def test_it_rests_on_what_the_author_was_shown(self):
        approved = self.make_approved(
            self.recommendation, by=self.manager, decided_by=self.other_manager
        )
        for basis, expected in ((None, None), (0, None), (approved.pk, approved)):
            with self.subTest(basis):
                self.assertEqual(self.save(self.mine, basis=basis).based_on, expected)
        wrong = self.retract(approved)
        self.approve(wrong)
        self.assertIsNone(self.save(self.mine, basis=0).based_on, "all is retracted")
        self.approve(self.submit(self.mine))

    def test_begun_with_evidence_and_submitted_at_once(self):
        new = StatusUpdate(recommendation=self.recommendation)
        update = self.submit(new, values=FIRST, evidence=[self.ITEM])
        self.assertEqual(update.state, UpdateState.SUBMITTED)
        self.assertEqual(update.evidence_links.get().evidence.title, "A law")
        self.assertEqual(self.verbs(), ["draft", "create", "attach", "submit"])
        for _press in range(2):
            self.save(self.mine, evidence=[self.ITEM])
        self.assertEqual(self.mine.evidence_links.count(), 1, "sent twice, recorded once")

    def test_what_is_refused_takes_all_of_it_back(self):
        wrong = EvidenceInput(stance="need", values={"title": "x", "kind": "document"})
        for given in (
            {"evidence": [self.ITEM, wrong]},
            {"evidence": [self.ITEM], "values": {"implementation_status": ""}, "is_final": True},
            {"evidence": [self.ITEM], "values": REMAINING, "version": 7},
        ):
            with self.subTest(given), self.assertRaises((ValidationError, StaleWrite)):
                self.save(self.mine, **given)
        self.assert_nothing_written()
        self.assertFalse(self.mine.evidence_links.exists())


class SubmitTests(UpdateTestCase):
    def test_the_author_submits_with_the_last_words_in_the_same_move(self):
        update = self.submit(self.mine, values={"what_happened": "At last"})
        self.assertEqual((update.state, update.what_happened), ("submitted", "At last"))
        self.assertEqual(update.submitted_at, update.updated_at)
        self.assertEqual(self.verbs(), ["submit"])
        late = partial(self.submit, self.mine, version=1)
        self.refused(TransitionConflict, late, words="awaiting review")

    def test_a_returned_one_is_submitted_again_without_the_decision(self):
        self.give_back(self.submit(self.mine))
        again = self.submit(self.mine, values=REMAINING)
        decision = (again.state, again.decided_by, again.decided_at, again.decision_note)
        self.assertEqual(decision, (UpdateState.SUBMITTED, None, None, ""))
        self.assertEqual(self.verbs(), ["submit", "return", "submit"])


class HandOverTests(UpdateTestCase):
    def test_the_author_or_a_manager_gives_it_to_a_person_who_may_log_there(self):
        for by in (self.staff, self.manager):
            for to in (make_person(f"of_{by}", Role.STAFF, self.ministry), self.manager):
                with self.subTest(by=by.username, to=to.username):
                    given = self.hand(self.draft(**FIRST), to, by)
                    kept = (given.author, given.last_editor, given.state)
                    self.assertEqual(kept, (to, self.staff, UpdateState.DRAFT))
        gone = make_person("gone", Role.STAFF, self.ministry, is_active=False)
        for to in (self.other_staff, self.viewer, self.administrator, self.stranger, gone):
            self.refused("to", self.hand, self.mine, to)

    def test_the_new_author_edits_and_the_old_one_no_longer_does(self):
        given = self.hand(self.mine, self.manager)
        self.refused(NotAllowed, self.save, given, self.staff)
        saved = self.save(given, self.manager, values=REMAINING)
        self.assertEqual(set(saved.editors.all()), {self.staff, self.manager})

    def test_it_is_not_given_to_the_manager_who_returned_it(self):
        returned = self.give_back(self.submit(self.mine))
        self.refused("to", self.hand, returned, self.manager, words="returned this update")
        given = self.hand(returned, self.other_manager)
        self.assertEqual(given.author, self.other_manager)


class StateTests(UpdateTestCase):
    """Which move starts from which state."""

    def test_a_draft_and_a_returned_one_are_saved_submitted_and_given_away(self):
        moves = (
            (self.save, {"values": REMAINING}),
            (self.submit, {"values": FIRST}),
            (self.hand, {"to": self.other_manager}),
        )
        for state, update in self.states().items():
            for move, given in moves:
                if state in ("draft", "returned"):
                    with undone():
                        move(update, **given)
                else:
                    self.refused(TransitionConflict, partial(move, update, **given))

    def test_it_is_taken_back_until_it_is_decided_and_stays_on_record(self):
        for state, update in self.states().items():
            if state in ("approved", "withdrawn"):
                self.refused(TransitionConflict, self.withdraw, update)
            else:
                self.assertEqual(self.withdraw(update).state, UpdateState.WITHDRAWN)
        self.assertEqual(StatusUpdate.objects.filter(state="withdrawn").count(), 4)

    def test_nothing_is_done_with_a_withdrawn_one_and_who_returned_it_did_not_withdraw_it(self):
        update = self.withdraw(self.give_back(self.submit(self.mine)))
        moves = (self.save, self.submit, partial(self.hand, to=self.manager), self.approve)
        for move in (*moves, self.give_back):
            told = str(self.refused(ActionRefused, move, update))
            self.assertIn("withdrawn since", told)
            self.assertNotIn("Manager", told)


IMPLEMENTED: dict[str, Any] = {
    "implementation_status": "implemented",
    "confidence": "not_rated",
    "completed_on": days_ago(10),
}
PARTLY: dict[str, Any] = {
    "implementation_status": "partly_implemented",
    "remaining": "The second part.",
}
AMBER: dict[str, Any] = {
    "confidence": "amber",
    "issue": "No money.",
    "response_action": "Ask for more.",
    "response_owner": "The office",
}
CLOSED: dict[str, Any] = {
    "implementation_status": "not_implemented",
    "confidence": "not_rated",
    "closing_reason": "No money.",
}


class ConditionTestCase(ActTestCase):
    def claim(self, about: Recommendation | None = None, **values: Any) -> StatusUpdate:
        return self.make_submitted(about or self.recommendation, **values)

    def support(
        self, update: StatusUpdate, is_checked: bool = False, **values: Any
    ) -> EvidenceLink:
        item = self.make_evidence(**values)
        if is_checked:
            self.check(item, self.other_manager)
        return self.attach(update, item, by=update.author)

    def assert_unmet(self, update: StatusUpdate, *codes: str) -> None:
        """These conditions stand in the way, and approval is refused with their advice."""
        refusal = self.refused(ConditionsNotMet, self.approve, update)
        self.assertEqual([condition.code for condition in refusal.conditions], list(codes))
        now = {"today": timezone.localdate(), "known": timezone.now()}
        found = unmet_conditions(fresh(update), **now)
        self.assertEqual([condition.code for condition in found], list(codes))
        for condition in refusal.conditions:
            self.assertIn(str(condition.advice), str(refusal))
        self.assertEqual(fresh(update).state, UpdateState.SUBMITTED)

    def assert_met(self, update: StatusUpdate) -> None:
        self.assertEqual(self.approve(update).state, UpdateState.APPROVED)


class WordConditionTests(ConditionTestCase):
    """What each status and rating needs stands in tests/test_transitions.py."""

    def test_all_that_is_missing_is_told_at_once(self):
        update = self.claim(implementation_status="implemented", confidence="red")
        self.assert_unmet(update, "supporting", "checked", "completed_on", "red")

    def test_a_continuous_recommendation_in_effect_names_its_next_review(self):
        about = self.make_recommendation("Keep doing it", nature="continuous")
        without = self.claim(about, **IMPLEMENTED)
        link = self.support(without, is_checked=True)
        self.assert_unmet(without, "review_on")
        named = self.claim(
            about, **IMPLEMENTED, review_on=timezone.localdate() + timedelta(days=90)
        )
        self.attach(named, link.evidence)
        self.assert_met(named)


class EvidenceConditionTests(ConditionTestCase):
    def test_partly_implemented_needs_support_and_the_rest_in_words(self):
        self.assert_unmet(self.claim(**{**PARTLY, "remaining": ""}), "supporting", "remaining")
        update = self.claim(**PARTLY)
        self.attach(update, "Undermines", "undermines")
        self.attach(update, "Background", "background")
        self.attach(self.recommendation, "Need", "need")
        self.support(self.claim(), title="Under another update")
        self.assert_unmet(update, "supporting")
        link = self.support(update)
        self.detach(link)
        self.assert_unmet(update, "supporting")
        self.attach(update, link.evidence)
        self.approve(update, confirm_contradictions=True)

    def test_implemented_needs_support_that_a_person_checked_who_did_not_write_it(self):
        update = self.claim(by=self.other_manager, **IMPLEMENTED)
        self.assert_unmet(update, "supporting", "checked")
        item = self.support(update, by=self.staff).evidence
        self.assert_unmet(update, "checked")
        self.check(item, self.other_manager)
        self.assert_unmet(update, "checked")
        made = self.check(item)
        items.withdraw_check(check=made, by=self.manager)
        self.assert_unmet(update, "checked")
        self.check(item)
        self.assert_met(update)

    def test_evidence_supports_until_the_day_on_which_it_expires(self):
        for days, is_met in ((1, False), (0, True), (-1, True)):
            with self.subTest(days=days), undone():
                update = self.claim(**IMPLEMENTED)
                self.support(update, is_checked=True, expires_on=days_ago(days))
                self.assert_met(update) if is_met else self.assert_unmet(update, "checked")


class ReopeningTests(ConditionTestCase):
    def test_leaving_a_finished_status_says_why(self):
        update = self.claim(**IMPLEMENTED)
        self.support(update, is_checked=True)
        for finish in (
            lambda: self.make_approved(self.recommendation, **CLOSED),
            lambda: self.assert_met(update),
        ):
            with undone():
                finish()
                self.assert_unmet(self.claim(), "reopening_reason")
                self.assert_met(self.claim(reopening_reason="There is money again."))

    def test_what_leaves_nothing_says_nothing(self):
        closed = self.make_approved(self.recommendation, **CLOSED)
        for another in (
            partial(self.claim, **CLOSED),
            self.confirm,
            partial(self.claim, as_of=days_ago(30)),
        ):
            with undone():
                self.assert_met(another())
        self.approve(self.retract(closed))
        self.assert_met(self.claim())


class TableTests(ConditionTestCase):
    def test_whatever_meets_the_table_meets_the_constraints_of_the_database(self):
        """Approval either tells what is missing or succeeds: the database never has to refuse."""
        words = {"remaining": "x", "closing_reason": "x", "asked_for": "x", "reopening_reason": "x"}
        full = {**words, **AMBER, "completed_on": days_ago(1)}
        confidences = ("green", "amber", "red", "not_rated")
        statuses = [status for status in ImplementationStatus.values if status]
        self.assertEqual(len(statuses), 7)
        approved = 0
        cases = [*product(({}, words, full), confidences, statuses)]
        for given, confidence, status in cases[:: times(5, 1)]:
            values = {**given, "implementation_status": status, "confidence": confidence}
            with self.subTest(status, confidence=confidence, given=len(given)), undone():
                try:
                    self.approve(self.claim(**values))
                    approved += 1
                except ConditionsNotMet as refusal:
                    self.assertTrue(refusal.conditions)
        self.assertGreater(approved, times(2, 9))


MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
FEBRUARY = date(2024, 2, 1)


class DecisionTestCase(ActTestCase):
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)

    def current(self) -> StatusUpdate | None:
        return fresh(self.recommendation).current_update

    def another(self, **values: object) -> StatusUpdate:
        return self.make_submitted(self.recommendation, **values)

    def decisions(self) -> tuple:
        return self.approve, self.give_back


class DecidedTests(DecisionTestCase):
    def test_approved_by_another_manager_it_is_in_force_in_the_same_moment(self):
        for by in (self.manager, self.other_manager):
            about = self.make_recommendation(f"Of {by}")
            update = self.make_submitted(about)
            approved = self.approve(update, by, note="Well done.")
            self.assertEqual((approved.state, approved.decided_by), (UpdateState.APPROVED, by))
            self.assertEqual(approved.version, update.version + 1)
            self.assertEqual(fresh(about).current_update, approved)
            [*_others, event] = self.events()
            self.assertEqual((event.verb, event.actor), ("approve", by))
            reason = (approved.decision_note, event.reason.text)
            self.assertEqual(reason, ("Well done.", "Well done."))
        self.assertEqual(self.verbs().count("approve"), 2)

    def test_returned_whatever_it_lacks_with_a_note(self):
        for update in (self.update, self.another(implementation_status="implemented")):
            returned = self.give_back(update)
            kept = (returned.state, returned.decision_note, returned.decided_by)
            self.assertEqual(kept, (UpdateState.RETURNED, "Name the day.", self.manager))
        self.assertIsNone(self.current())

    def test_a_note_that_is_none_or_cannot_be_shown_is_refused(self):
        for note in ("", " \n ", *UNREADABLE):
            self.refused("note", self.give_back, self.update, note=note)
        for note in UNREADABLE:
            self.refused("note", self.approve, self.update, note=note)

    def test_the_days_that_follow_from_it_are_set(self):
        about = self.make_recommendation("Do another thing", at=MARCH, interval_months=3)
        self.make_approved(about, as_of=date(2024, 3, 31))
        days = ("next_due_on", "rating_valid_until")
        self.assertEqual(self.held(about, *days), (date(2024, 6, 30), date(2024, 7, 30)))
        self.make_approved(about, **CLOSED)
        self.assertEqual(self.held(about, *days), (None, None), "what is closed is due no more")

    def test_an_older_day_approved_later_is_history(self):
        about = self.make_recommendation("Keep doing it", nature="continuous")
        newer = self.make_approved(about, review_on=date(2027, 1, 1))
        older = self.make_approved(about, review_on=date(2025, 1, 1), as_of=FEBRUARY)
        self.assertEqual(older.state, UpdateState.APPROVED)
        kept = self.held(about, "current_update", "review_on")
        self.assertEqual(kept, (newer, date(2027, 1, 1)))

    def test_the_state_of_one_addressee_is_not_the_state_overall(self):
        body = self.address()
        approved = self.make_approved(self.recommendation, addressee=body)
        self.assertIsNone(self.current())
        overall = self.approve(self.update)
        self.assertEqual(self.current(), overall)
        scope = StatusUpdate.objects.of_scope(self.recommendation.pk, body.pk)
        self.assertEqual(scope.in_force(timezone.localdate(), timezone.now()).first(), approved)


class RefusedTests(DecisionTestCase):
    """The same for both decisions: who may not, and when nobody may."""

    def test_nobody_decides_who_wrote_any_version_of_it(self):
        both = make_person("both", Role.MANAGER, self.ministry, is_superuser=True)
        begun = self.draft(self.manager, implementation_status="not_started")
        self.hand(begun, self.staff)
        edited = self.draft(implementation_status="not_started")
        self.hand(edited, self.manager, self.manager)
        self.save(edited, values={"issue": "None."})
        self.hand(edited, self.staff)
        for by, update in (
            (both, self.another(by=both)),
            (self.manager, self.submit(begun)),
            (self.manager, self.submit(edited)),
        ):
            for decide in self.decisions():
                self.refused(NotAllowed, decide, update, by)
        self.assertEqual((update.author, update.last_editor), (self.staff, self.staff))
        self.approve(update, self.other_manager)

    def test_only_what_is_submitted_is_decided_and_once(self):
        decided = self.make_approved(self.recommendation)
        for update, words in (
            (self.draft(), "draft"),
            (self.give_back(self.another()), "returned by Manager"),
            (decided, "approved by Manager"),
            (decided, f"{decided.decided_at:%H:%M:%S}"),
            (self.withdraw(self.another()), "withdrawn since"),
        ):
            for decide in self.decisions():
                conflict = self.refused(
                    TransitionConflict, decide, update, self.other_manager, words=words
                )
                self.assertEqual(conflict.update, update)
        self.assertEqual(fresh(decided).decided_by, self.manager)

    def test_a_window_that_shows_an_earlier_version_decides_nothing(self):
        seen = shown_update(self.update, None, [])
        self.give_back(self.update)
        again = self.submit(self.update, values={"remaining": "More"})
        for decide in self.decisions():
            refusal = self.refused(NotAsSeen, decide, self.update, self.other_manager, seen=seen)
            self.assertIn("More", [change.after for change in refusal.changes])
        self.approve(again, self.other_manager, seen=shown_update(again, None, []))

    def test_a_window_that_shows_nothing_to_be_public_publishes_nothing(self):
        seen = shown_update(self.update, None, [])
        publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for decide in self.decisions():
            self.refused(NotAsSeen, decide, self.update, self.other_manager, seen=seen)

    def test_what_is_in_force_is_asked_of_the_rows_not_of_the_recommendation(self):
        first = self.approve(self.update)
        waiting = self.another()
        self.make_approved(self.recommendation, as_of=first.as_of)
        Recommendation.objects.filter(pk=self.recommendation.pk).update(current_update=first)
        self.refused(BasisChanged, self.approve, waiting)


class BasisTests(DecisionTestCase):
    """Nothing is approved over something that its author did not know."""

    def test_what_came_into_force_since_is_shown_as_far_as_it_differs(self):
        first = self.approve(self.update)
        waiting = self.another()
        self.assertEqual(waiting.based_on, first)
        red = {"confidence": "red", "asked_for": "A decision.", "as_of": first.as_of}
        newer = self.make_approved(self.recommendation, **red)
        error = self.refused(BasisChanged, self.approve, waiting)
        self.assertEqual((error.update, error.in_force), (waiting, newer))
        self.assertEqual(
            self.shown(error.differences),
            {
                "confidence": ("On track", "Off track"),
                "asked_for": ("", "A decision."),
                "public_reason": ("", "The funds are late."),
            },
        )
        self.give_back(waiting)
        again = self.submit(waiting, basis=newer.pk)
        self.assertEqual(again.based_on, newer)
        self.assertEqual(self.approve(again).state, UpdateState.APPROVED)

    def test_what_was_the_first_and_what_was_retracted_since_is_shown(self):
        newer = self.approve(self.another(what_happened="A treaty."))
        error = self.refused(BasisChanged, self.approve, self.update)
        self.assertEqual(self.shown(error.differences)["what_happened"], ("", "A treaty."))
        waiting = self.another()
        self.approve(self.retract(newer))
        error = self.refused(BasisChanged, self.approve, waiting)
        self.assertIsNone(error.in_force)
        shown = self.shown(error.differences)["implementation_status"]
        self.assertEqual(shown, ("In progress", ""))

    def test_history_that_came_in_late_and_addressees_do_not_stand_in_the_way(self):
        self.make_approved(self.recommendation, addressee=self.address())
        first = self.approve(self.update)
        waiting = self.another()
        self.make_approved(self.recommendation, as_of=FEBRUARY)
        self.assertEqual(waiting.based_on, first)
        self.assertEqual(self.approve(waiting).state, UpdateState.APPROVED)
