"""What contradicts an update stands against the next one too, until it is ended by the rules."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError

from recommendations.actions import people
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import drafts, replacements
from recommendations.models import Addressee, AuditEvent, EvidenceLink, StatusUpdate, User
from recommendations.queries.people import workload_of
from tests.actions.replacements import ReplacementTestCase
from tests.base import link_evidence
from tests.updates import begin_draft

MORE = {"implementation_status": "in_progress", "what_happened": "More."}


class ContradictionTestCase(ReplacementTestCase):
    """An approved update by ``staff``, with a count by ``other_manager`` against it."""

    against: EvidenceLink

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.against = cls.contradict(cls.approved, "A count")

    @classmethod
    def contradict(
        cls, update: StatusUpdate, title: str, by: User | None = None, **values: Any
    ) -> EvidenceLink:
        by = by or cls.other_manager
        evidence = values.pop("evidence", None) or cls.make_evidence(title, by=by)
        return link_evidence(to=update, by=by, stance="undermines", evidence=evidence, **values)

    def approve(self, update: StatusUpdate, by: User | None = None, **values) -> StatusUpdate:
        return super().approve(update, by, **{"confirm_contradictions": True, **values})

    def draft(self, by: User | None = None, **values: Any) -> StatusUpdate:
        return begin_draft(recommendation=self.recommendation, by=by or self.staff, **values)

    def submitted(self) -> StatusUpdate:
        return self.submit(self.draft(), values=MORE)

    def open_on(self, update: StatusUpdate) -> list[str]:
        links = EvidenceLink.objects.open_contradictions().filter(update=update)
        return sorted(links.values_list("evidence__title", flat=True))

    def link_on(self, update: StatusUpdate, title: str = "A count") -> EvidenceLink:
        return EvidenceLink.objects.get(update=update, evidence__title=title)

    def answered(self, link: EvidenceLink, by: User | None = None) -> EvidenceLink:
        return contradictions.answer(link=link, by=by or self.manager, text="Of another year.")

    def ended(self, link: EvidenceLink, by: User | None = None, **values: Any) -> EvidenceLink:
        return evidence_items.detach(link=link, by=by or self.manager, **values)


class CarriedContradictionTests(ContradictionTestCase):
    def test_the_next_update_has_it_from_its_beginning_whatever_its_kind(self):
        begin: dict[str, Callable[[], StatusUpdate]] = {
            "regular": self.draft,
            "no_change": partial(
                replacements.no_change, recommendation=self.recommendation, by=self.staff
            ),
            "correction": self.correct,
        }
        for kind, call in begin.items():
            with self.subTest(kind):
                update = call()
                self.assertEqual(update.kind, kind)
                self.assertEqual(self.open_on(update), ["A count"])

    def test_it_keeps_who_added_it_when_and_why_and_leaves_an_event(self):
        why = self.contradict(self.approved, "A survey", why="It counted none.")
        draft = self.draft()
        link = self.link_on(draft, "A survey")
        kept = (why.added_by, why.added_at, "It counted none.")
        self.assertEqual((link.added_by, link.added_at, link.why), kept)
        carried = AuditEvent.objects.filter(verb="carry_evidence", object_id=str(link.pk))
        self.assertEqual([event.actor for event in carried], [self.staff])

    def test_a_replaced_update_takes_none_that_the_current_one_would_not_show(self):
        self.approve(self.submitted())
        with self.assertRaisesMessage(
            ActionRefused, "is current. Add the contradiction to that update"
        ):
            self.contradict(self.approved, "A survey")
        self.assertFalse(EvidenceLink.objects.filter(evidence__title="A survey").exists())

    def test_what_was_added_since_is_carried_at_submission(self):
        draft = self.draft()
        self.contradict(self.approved, "A late count")
        self.assertEqual(self.open_on(draft), ["A count"])
        self.submit(draft, values=MORE)
        self.assertEqual(self.open_on(draft), ["A count", "A late count"])

    def test_what_was_added_since_submission_is_carried_at_approval(self):
        update = self.submitted()
        self.contradict(self.approved, "A late count")
        self.approve(update)
        self.assertEqual(self.open_on(update), ["A count", "A late count"])

    def test_it_goes_on_from_update_to_update_and_is_linked_once_to_each(self):
        for _round in range(2):
            update = self.submitted()
            self.approve(update)
            self.assertEqual(EvidenceLink.objects.filter(update=update).count(), 1)
        self.assertEqual(self.open_on(update), ["A count"])

    def test_answered_ones_support_and_background_are_left_with_their_update(self):
        self.answered(self.against)
        for stance in ("supports", "background"):
            link_evidence(
                to=self.approved, by=self.staff, stance=stance, evidence=self.make_evidence(stance)
            )
        self.assertFalse(EvidenceLink.objects.filter(update=self.draft()).exists())

    def test_an_addressee_and_the_whole_have_their_own(self):
        body = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        theirs = self.make_approved(self.recommendation, addressee=body)
        self.assertEqual(self.open_on(theirs), [])
        self.contradict(theirs, "Their count")
        self.assertEqual(self.open_on(self.draft(addressee=body)), ["Their count"])
        self.assertEqual(self.open_on(self.draft()), ["A count"])

    def test_naming_the_item_as_support_meanwhile_does_not_hide_it(self):
        draft = self.draft()
        late = self.make_evidence("A late count")
        link_evidence(to=draft, by=self.staff, stance="supports", evidence=late)
        self.contradict(self.approved, "", evidence=late)
        self.submit(draft, values=MORE)
        self.assertEqual(self.open_on(draft), ["A count", "A late count"])
        self.assertFalse(draft.evidence_links.live().filter(stance="supports").exists())

    def test_adding_and_removing_the_item_oneself_does_not_hide_it(self):
        draft = self.draft()
        late = self.make_evidence("A late count")
        mine = self.contradict(draft, "", by=self.staff, evidence=late)
        self.ended(mine, by=self.staff)
        self.contradict(self.approved, "", evidence=late)
        self.submit(draft, values=MORE)
        self.assertEqual(self.open_on(draft), ["A count", "A late count"])


class WithdrawnUpdateTests(ContradictionTestCase):
    """Withdrawing an update and writing it once more frees it of nothing."""

    def withdrawn(self) -> StatusUpdate:
        waiting = self.submitted()
        self.contradict(waiting, "A fresh count")
        version = StatusUpdate.objects.get(pk=waiting.pk).version
        return drafts.withdraw_update(update=waiting, by=self.staff, expected_version=version)

    def test_what_was_raised_while_it_waited_stands_against_the_next_one(self):
        self.withdrawn()
        again = self.submitted()
        self.assertEqual(self.open_on(again), ["A count", "A fresh count"])
        self.assertEqual(self.link_on(again, "A fresh count").added_by, self.other_manager)

    def test_also_where_that_was_begun_before(self):
        begun = self.draft()
        self.withdrawn()
        self.assertEqual(
            self.open_on(self.submit(begun, values=MORE)), ["A count", "A fresh count"]
        )

    def test_also_where_it_is_no_change(self):
        self.withdrawn()
        repeated = replacements.no_change(recommendation=self.recommendation, by=self.manager)
        self.assertEqual(self.open_on(repeated), ["A count", "A fresh count"])

    def test_not_where_it_was_ended(self):
        earlier = self.withdrawn()
        self.ended(self.link_on(earlier, "A fresh count"), by=self.other_manager)
        self.assertEqual(self.open_on(self.submitted()), ["A count"])

    def test_ended_on_the_next_one_it_is_ended_on_the_withdrawn_one_as_well(self):
        earlier = self.withdrawn()
        current = self.approve(self.submitted())
        self.ended(self.link_on(current, "A fresh count"), reason="Of another bridge.")
        self.assertEqual(self.open_on(earlier), ["A count"])
        self.assertEqual(self.open_on(self.submitted()), ["A count"])


class AnsweredByTheNextAuthorTests(ContradictionTestCase):
    def test_an_answer_on_the_update_before_does_not_count_for_an_update_of_ones_own(self):
        self.answered(self.against, by=self.manager)
        own = self.draft(by=self.manager)
        self.assertEqual(self.open_on(own), ["A count"])
        self.assertEqual(self.link_on(own).answer, "")
        self.assertEqual(self.open_on(self.approved), [])

    def test_nor_where_it_is_only_repeated(self):
        self.answered(self.against, by=self.manager)
        mine = replacements.no_change(recommendation=self.recommendation, by=self.manager)
        self.assertEqual(self.open_on(mine), ["A count"])

    def test_for_that_of_another_author_it_counts(self):
        self.answered(self.against, by=self.manager)
        self.assertEqual(self.open_on(self.submitted()), [])

    def test_nor_for_one_that_they_began_and_handed_over(self):
        draft = self.draft(by=self.manager)
        drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        self.answered(self.contradict(self.approved, "A late count"), by=self.manager)
        draft.refresh_from_db()
        self.submit(draft, values=MORE)
        self.assertEqual(self.open_on(draft), ["A count", "A late count"])
        self.assertEqual(self.open_on(self.approved), ["A count"])

    def test_nobody_takes_over_an_update_on_which_they_answered(self):
        draft = self.draft()
        self.answered(self.link_on(draft), by=self.manager)
        with self.assertRaises(ValidationError) as refusal:
            drafts.hand_over(
                update=draft, to=self.manager, by=self.staff, expected_version=draft.version
            )
        self.assertEqual(list(refusal.exception.message_dict), ["to"])
        with self.assertRaisesMessage(
            ActionRefused, "answered a contradiction of this update and cannot become an author"
        ):
            people.hand_over_all(
                of=self.staff,
                to=self.manager,
                by=self.other_manager,
                expected=workload_of(self.staff).digest,
            )

    def test_given_while_ones_own_waits_it_is_asked_about_at_approval(self):
        own = self.submit(self.draft(by=self.manager), values=MORE, by=self.manager)
        self.answered(self.contradict(self.approved, "A late count"), by=self.manager)
        self.ended(self.link_on(own), by=self.other_manager)
        with self.assertRaises(ValidationError):
            self.approve(own, by=self.other_manager, confirm_contradictions=False)
        self.approve(own, by=self.other_manager)
        self.assertEqual(self.open_on(own), ["A late count"])


class EndedContradictionTests(ContradictionTestCase):
    def test_no_author_ends_it_not_even_one_who_handed_the_update_over(self):
        draft = self.draft(by=self.manager)
        drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        link = self.link_on(draft)
        for author in (self.manager, self.staff):
            with self.subTest(author.username):
                with self.assertRaises(NotAllowed):
                    self.ended(link, by=author, reason="It disturbs.")
                with self.assertRaises(NotAllowed):
                    self.answered(link, by=author)
        self.ended(self.link_on(draft), by=self.other_manager)

    def test_who_added_it_withdraws_it_also_from_an_approved_update(self):
        draft = self.draft()
        self.ended(self.against, by=self.other_manager)
        for update in (self.approved, draft):
            with self.subTest(update.state):
                self.assertEqual(self.open_on(update), [])
                self.assertEqual(self.link_on(update).removed_by, self.other_manager)
        self.submit(draft, values=MORE)
        self.assertEqual(self.open_on(draft), [])

    def test_a_manager_who_wrote_no_version_ends_it_with_a_reason_on_record(self):
        draft = self.draft()
        link = self.link_on(draft)
        for reason in ("", "  "):
            with self.subTest(reason=reason):
                call = partial(self.ended, link, reason=reason)
                self.assertEqual(self.errors_of(call), ["reason"])
        self.ended(link, reason="It is of another bridge.")
        told = AuditEvent.objects.filter(verb="end_contradiction").select_related("reason")
        self.assertEqual({event.object_id for event in told}, {str(link.pk), str(self.against.pk)})
        self.assertEqual({event.reason.text for event in told}, {"It is of another bridge."})

    def test_staff_readers_and_administrators_end_none_of_others(self):
        for person in (self.staff, self.other_staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.ended(self.against, by=person, reason="It disturbs.")

    def test_a_manager_ends_it_on_those_updates_alone_that_they_did_not_write(self):
        draft = self.draft(by=self.manager)
        self.ended(self.against, reason="It is of another bridge.")
        self.assertEqual(self.open_on(self.approved), [])
        self.assertEqual(self.open_on(draft), ["A count"])

    def test_what_was_ended_on_an_update_is_not_carried_to_it_again(self):
        earlier = self.make_approved(
            self.recommendation,
            by=self.manager,
            decided_by=self.other_manager,
            confirm_contradictions=True,
        )
        draft = self.draft()
        self.ended(self.link_on(draft), reason="It is of another bridge.")
        self.assertEqual(self.open_on(earlier), ["A count"])
        self.submit(draft, values=MORE)
        self.assertEqual(self.open_on(draft), [])

    def test_an_answer_ends_it_wherever_it_was_carried_and_stays(self):
        draft = self.draft()
        self.answered(self.link_on(draft))
        for update in (self.approved, draft):
            with self.subTest(update.state):
                self.assertEqual(self.link_on(update).answer, "Of another year.")
        for person in (self.manager, self.other_manager):
            with self.subTest(person.username), self.assertRaises(ActionRefused):
                self.ended(self.link_on(draft), by=person, reason="It is answered.")

    def test_an_answer_ends_it_on_those_updates_alone_that_the_person_did_not_write(self):
        draft = self.draft(by=self.manager)
        self.answered(self.against)
        self.assertEqual(self.open_on(self.approved), [])
        self.assertEqual(self.open_on(draft), ["A count"])

    def test_a_newly_answered_one_is_not_ended_by_the_answer_to_another(self):
        self.contradict(self.approved, "A survey")
        self.answered(self.against)
        self.assertEqual(self.open_on(self.approved), ["A survey"])
