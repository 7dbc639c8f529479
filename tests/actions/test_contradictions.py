"""What contradicts an update stands against the next one too, until it is ended by the rules."""

from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.actions import people
from recommendations.actions.errors import ActionRefused, ConditionsNotMet, NotAllowed, NotAsSeen
from recommendations.models import AuditEvent, EvidenceLink, StatusUpdate
from recommendations.queries.evidence.decision import decision_evidence
from recommendations.queries.people import workload_of
from recommendations.queries.updates.shown import shown_update
from tests.actions.acts import MORE, last_entry, told
from tests.actions.test_replacements import ReplacementTestCase

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


class CarriedTests(ContradictionTestCase):
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

    def test_nor_where_it_is_only_repeated(self):
        self.answer(self.against)
        self.assert_open(self.confirm(self.manager), "A count")

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

    def test_one_that_came_after_submission_needs_it_too(self):
        self.detach(self.against, self.other_manager)
        update = self.waiting()
        self.contradict(self.approved, "Late")
        self.refused("confirm_contradictions", self.approve, update)
        self.assertEqual(self.agree(update).contradictions_confirmed, 1)

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

    def test_what_else_is_missing_is_told_first(self):
        update = self.submit(self.draft(), values={**MORE, "what_happened": ""})
        self.refused(ConditionsNotMet, self.approve, update)
