"""The moves of an author: begin, save, hand over, submit, withdraw."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions.errors import (
    ActionRefused,
    NotAllowed,
    StaleWrite,
    TransitionConflict,
)
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.choices import Role, UpdateState
from recommendations.models import Recommendation, StatusUpdate
from tests.actions.acts import UNREADABLE, ActTestCase, fresh
from tests.base import days_ago, make_person
from tests.updates import submit

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

    def test_not_once_the_recommendation_is_led_by_others(self):
        Recommendation.objects.update(lead=self.agency, lead_officer=None)
        for move in (self.save, self.submit):
            self.refused(NotAllowed, move, self.mine)

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

    def test_it_reads_its_row_once(self):
        words = {"what_happened": "At last"}
        with CaptureQueriesContext(connection) as queries:
            submit(update=self.mine, by=self.staff, expected_version=1, values=words)
        table = '"recommendations_statusupdate"'
        of_the_row = (f'WHERE {table}."key" = ', f'WHERE {table}."id" = {self.mine.pk} ')
        reads = [
            query["sql"]
            for query in queries
            if query["sql"].startswith("SELECT") and any(of in query["sql"] for of in of_the_row)
        ]
        self.assertEqual(len(reads), 1, reads)


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
        give = {"to": self.manager}
        for state, update in self.states().items():
            for move, given in (
                (self.save, {}),
                (self.submit, {"values": FIRST}),
                (self.hand, give),
            ):
                act = partial(move, update, **given)
                if state not in ("draft", "returned"):
                    self.refused(TransitionConflict, act)
        for state in ("draft", "returned"):
            self.save(self.states()[state], values=REMAINING)
            self.hand(self.states()[state], self.other_manager)
            self.assertEqual(self.submit(self.states()[state], values=FIRST).state, "submitted")

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
