"""Evidence: recorded, linked, checked, answered, taken away; and who stands behind a claim."""

from functools import partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import connection

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions, drafts
from recommendations.choices import Role, Stance
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    User,
)
from tests.base import (
    RaceTestCase,
    TrackerTestCase,
    days_ago,
    link_evidence,
    make_person,
)
from tests.threads import at_once, failures
from tests.updates import begin_draft


class EvidenceTestCase(TrackerTestCase):
    item: Evidence
    submitted: StatusUpdate

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.item = cls.make_evidence()
        cls.submitted = cls.make_submitted(cls.recommendation)

    def attach(self, by: User | None = None, **values) -> EvidenceLink:
        if "values" not in values:
            values.setdefault("evidence", self.item)
        return link_evidence(
            **{"to": self.submitted, "by": by or self.staff, "stance": "supports", **values}
        )


class RecordTests(EvidenceTestCase):
    VALUES = {"title": "A paper", "kind": "document", "citation": "Page 1"}

    def test_staff_and_managers_record_and_nobody_else(self):
        for person in (self.staff, self.other_staff, self.manager, self.administrator):
            with self.subTest(person.username):
                item = evidence_items.record(by=person, values=self.VALUES)
                self.assertEqual((item.recorded_by, item.visibility), (person, "internal"))
                self.assertEqual(item.reliability, "not_judged")
        for person in (self.viewer, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                evidence_items.record(by=person, values=self.VALUES)

    def test_how_far_it_is_relied_on_is_not_said_before_anybody_checked(self):
        with self.assertRaises(ValidationError) as refusal:
            evidence_items.record(
                by=self.manager, values={**self.VALUES, "reliability": "usually_reliable"}
            )
        self.assertEqual(list(refusal.exception.message_dict), ["reliability"])

    def test_the_same_title_gets_another_address(self):
        slugs = [evidence_items.record(by=self.staff, values=self.VALUES).slug for _ in range(3)]
        self.assertEqual(slugs, ["a-paper-2", "a-paper-3", "a-paper-4"])

    def test_a_title_without_latin_letters_gets_an_address_too(self):
        item = evidence_items.record(by=self.staff, values={**self.VALUES, "title": "报告"})
        self.assertEqual(item.slug, "evidence")

    def test_it_can_be_looked_up_and_its_days_are_in_order(self):
        cases: list[tuple[str, dict]] = [
            ("url", {"citation": ""}),
            ("url", {"url": "javascript:alert(1)"}),
            ("title", {"title": "a\u202eb"}),
            ("kind", {"kind": "rumour"}),
        ]
        for field, values in cases:
            record = partial(evidence_items.record, by=self.staff, values={**self.VALUES, **values})
            with self.subTest(field):
                self.assertEqual(self.errors_of(record), [field])
        for days in (
            {"effective_on": days_ago(1), "effective_precision": "day", "expires_on": days_ago(2)},
            {"effective_on": days_ago(1)},
            {"effective_precision": "day"},
        ):
            record = partial(evidence_items.record, by=self.staff, values={**self.VALUES, **days})
            with self.subTest(days=days):
                self.assertEqual(self.errors_of(record), ["__all__"])


class AttachTests(EvidenceTestCase):
    def test_a_new_item_and_its_link_are_written_together_or_not_at_all(self):
        link = self.attach(values={"title": "Fresh", "kind": "document", "citation": "Page 1"})
        self.assertEqual(link.evidence.title, "Fresh")
        before = AuditEvent.objects.count()
        call = partial(
            self.attach,
            stance="need",
            values={"title": "Fresher", "kind": "document", "citation": "Page 1"},
        )
        self.assertEqual(self.errors_of(call), ["__all__"])
        self.assertFalse(Evidence.objects.filter(title="Fresher").exists())
        self.assertEqual(AuditEvent.objects.count(), before)

    def test_an_item_is_linked_to_an_update_once_until_it_is_taken_away(self):
        link = self.attach()
        self.assertEqual(self.errors_of(partial(self.attach, stance="undermines")), ["__all__"])
        evidence_items.detach(link=link, by=self.staff)
        self.attach(stance="undermines")

    def test_a_draft_takes_evidence_from_its_author_alone(self):
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        self.attach(to=draft)
        for person in (self.manager, make_person("colleague", Role.STAFF, self.ministry)):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.attach(by=person, to=draft)

    def test_what_is_handed_in_or_approved_takes_it_from_whoever_may_log_there(self):
        approved = decisions.approve_update(update=self.submitted, by=self.manager)
        for update in (self.make_submitted(self.recommendation), approved):
            for number, person in enumerate((self.staff, self.manager, self.other_manager)):
                with self.subTest(update.state, person=person.username):
                    item = self.make_evidence(f"{update.state} {number}")
                    self.attach(by=person, to=update, evidence=item)
            for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
                with self.subTest(update.state, person=person.username):
                    self.assertRaises(NotAllowed, self.attach, by=person, to=update)

    def test_what_was_withdrawn_takes_none(self):
        update = drafts.withdraw_update(
            update=self.submitted, by=self.staff, expected_version=self.submitted.version
        )
        with self.assertRaises(ActionRefused):
            self.attach(to=update)

    def test_under_a_recommendation_it_is_need_or_background_and_never_progress(self):
        attach = partial(
            link_evidence,
            to=self.recommendation,
            by=self.staff,
            evidence=self.item,
        )
        for stance in ("supports", "undermines"):
            with self.subTest(stance):
                self.assertEqual(self.errors_of(partial(attach, stance=stance)), ["__all__"])
        self.assertEqual(attach(stance="need").recommendation, self.recommendation)
        self.assertEqual(self.errors_of(partial(attach, stance="background")), ["__all__"])
        with self.assertRaises(NotAllowed):
            attach(stance="need", by=self.other_staff)

    def test_nothing_is_added_to_what_is_archived(self):
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="closed"
        )
        with self.assertRaises(NotAllowed):
            self.attach()


class DetachTests(EvidenceTestCase):
    def test_it_is_taken_away_with_who_and_when_and_stays_on_record(self):
        link = evidence_items.detach(link=self.attach(), by=self.staff)
        self.assertEqual(link.removed_by, self.staff)
        self.assertIsNotNone(link.removed_at)
        self.assertTrue(EvidenceLink.objects.filter(pk=link.pk).exists())
        self.assertFalse(EvidenceLink.objects.live().filter(pk=link.pk).exists())
        with self.assertRaises(ActionRefused):
            evidence_items.detach(link=link, by=self.staff)

    def test_what_an_approved_update_rests_on_stays(self):
        link = self.attach()
        decisions.approve_update(update=self.submitted, by=self.manager)
        for person in (self.staff, self.manager):
            with self.subTest(person.username), self.assertRaises(ActionRefused):
                evidence_items.detach(link=link, by=person)

    def test_only_who_may_add_there_takes_away(self):
        link = self.attach()
        for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                evidence_items.detach(link=link, by=person)

    def test_the_author_does_not_take_away_what_somebody_else_set_against_the_update(self):
        link = self.attach(by=self.manager, stance="undermines")
        with self.assertRaises(NotAllowed):
            evidence_items.detach(link=link, by=self.staff)
        own = self.attach(stance="undermines", evidence=self.make_evidence("Own doubt"))
        evidence_items.detach(link=own, by=self.staff)
        evidence_items.detach(link=link, by=self.manager)

    def test_from_a_recommendation_only_a_manager_takes_it_away(self):
        link = link_evidence(
            to=self.recommendation, by=self.staff, evidence=self.item, stance="need"
        )
        with self.assertRaises(NotAllowed):
            evidence_items.detach(link=link, by=self.staff)
        evidence_items.detach(link=link, by=self.manager)

    def test_so_does_an_administrator(self):
        link = link_evidence(
            to=self.recommendation, by=self.administrator, evidence=self.item, stance="need"
        )
        evidence_items.detach(link=link, by=self.administrator)


class CheckTests(EvidenceTestCase):
    def test_a_manager_who_did_not_record_it_checks_for_their_organisation(self):
        made = evidence_items.check_evidence(
            evidence=self.item, by=self.manager, note="As described."
        )
        self.assertEqual((made.by, made.organisation), (self.manager, self.ministry))
        self.assertEqual(made.note, "As described.")

    def test_nobody_else_checks(self):
        own = self.make_evidence("Own", by=self.manager)
        for person, item in (
            (self.staff, self.item),
            (self.viewer, self.item),
            (self.auditor, self.item),
            (self.administrator, self.item),
            (self.manager, own),
        ):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                evidence_items.check_evidence(evidence=item, by=person)

    def test_one_checks_once_until_the_check_is_taken_back(self):
        made = evidence_items.check_evidence(evidence=self.item, by=self.manager)
        with self.assertRaises(ActionRefused):
            evidence_items.check_evidence(evidence=self.item, by=self.manager)
        evidence_items.withdraw_check(check=made, by=self.manager)
        with self.assertRaises(ActionRefused):
            evidence_items.withdraw_check(check=made, by=self.manager)
        evidence_items.check_evidence(evidence=self.item, by=self.manager)
        self.assertEqual(EvidenceCheck.objects.filter(by=self.manager).count(), 2)

    def test_only_the_checker_takes_a_check_back(self):
        made = evidence_items.check_evidence(evidence=self.item, by=self.manager)
        for person in (self.other_manager, self.staff, self.administrator):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                evidence_items.withdraw_check(check=made, by=person)


class AnswerTests(EvidenceTestCase):
    def test_what_stands_against_a_claim_is_answered_once_by_another(self):
        link = self.attach(by=self.manager, stance="undermines")
        answered = contradictions.answer(link=link, by=self.manager, text="It is out of date.")
        self.assertEqual(answered.answer, "It is out of date.")
        self.assertEqual(answered.answered_by, self.manager)
        with self.assertRaises(ActionRefused):
            contradictions.answer(link=link, by=self.other_manager, text="Again.")

    def test_the_author_of_the_update_does_not_answer_and_readers_do_not(self):
        link = self.attach(by=self.manager, stance="undermines")
        for person in (self.staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                contradictions.answer(link=link, by=person, text="No.")

    def test_only_what_stands_against_it_and_was_not_taken_away_is_answered(self):
        supporting = self.attach()
        with self.assertRaises(ActionRefused):
            contradictions.answer(link=supporting, by=self.manager, text="No.")
        against = self.attach(
            by=self.manager, stance="undermines", evidence=self.make_evidence("Contradicts")
        )
        evidence_items.detach(link=against, by=self.manager)
        with self.assertRaises(ActionRefused):
            contradictions.answer(link=against, by=self.manager, text="No.")

    def test_an_answer_has_words_that_can_be_read(self):
        link = self.attach(by=self.manager, stance="undermines")
        for text in ("", "  ", "a\x00b", "x" * 200_000):
            with self.subTest(text[:3]):
                call = partial(contradictions.answer, link=link, by=self.manager, text=text)
                self.assertEqual(self.errors_of(call), ["text"])


class AssuranceTests(EvidenceTestCase):
    """Who counts as a third person, and who as independent."""

    def checked(self) -> bool:
        return EvidenceLink.objects.filter(update=self.submitted).checked().exists()

    def independent(self) -> bool:
        links = EvidenceLink.objects.filter(update=self.submitted)
        return links.independently_checked().exists()

    def setUp(self):
        self.attach()

    def test_nobody_checked(self):
        self.assertEqual((self.checked(), self.independent()), (False, False))

    def test_a_check_from_the_lead_is_a_check_but_not_independent(self):
        evidence_items.check_evidence(evidence=self.item, by=self.manager)
        self.assertEqual((self.checked(), self.independent()), (True, False))

    def test_a_check_from_elsewhere_is_independent(self):
        evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        self.assertEqual((self.checked(), self.independent()), (True, True))

    def test_a_check_from_a_contributor_is_not_independent(self):
        self.recommendation.contributors.add(self.agency)
        evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        self.assertEqual((self.checked(), self.independent()), (True, False))

    def test_without_a_lead_a_check_from_any_organisation_is_independent(self):
        Recommendation.objects.update(lead=None)
        evidence_items.check_evidence(evidence=self.item, by=self.manager)
        self.assertEqual((self.checked(), self.independent()), (True, True))

    def test_a_check_for_no_organisation_is_never_independent(self):
        free = make_person("free", Role.MANAGER)
        Recommendation.objects.update(lead=None)
        evidence_items.check_evidence(evidence=self.item, by=free)
        self.assertEqual((self.checked(), self.independent()), (True, False))

    def test_the_organisation_counts_for_which_the_checker_acted_then(self):
        evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        User.objects.filter(pk=self.other_manager.pk).update(organisation=self.ministry)
        self.assertTrue(self.independent())

    def test_a_check_by_the_author_or_that_was_taken_back_is_none(self):
        made = evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        StatusUpdate.objects.filter(pk=self.submitted.pk).update(
            author=self.other_manager, last_editor=self.other_manager
        )
        self.assertEqual((self.checked(), self.independent()), (False, False))
        StatusUpdate.objects.filter(pk=self.submitted.pk).update(author=self.staff)
        evidence_items.withdraw_check(check=made, by=self.other_manager)
        self.assertEqual((self.checked(), self.independent()), (False, False))

    def test_a_check_by_who_wrote_it_and_handed_it_over_is_none(self):
        draft = begin_draft(recommendation=self.recommendation, by=self.manager)
        draft = drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        link = self.attach(to=draft)
        evidence_items.check_evidence(evidence=self.item, by=self.manager)
        checked = EvidenceLink.objects.filter(pk=link.pk).checked()
        self.assertFalse(checked.exists())
        evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        self.assertTrue(checked.exists())

    def test_a_check_by_whoever_recorded_it_is_none(self):
        evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        Evidence.objects.update(recorded_by=self.other_manager)
        self.assertEqual((self.checked(), self.independent()), (False, False))

    def test_what_was_loaded_and_recorded_by_nobody_can_be_checked(self):
        Evidence.objects.update(recorded_by=None)
        evidence_items.check_evidence(evidence=self.item, by=self.other_manager)
        self.assertEqual((self.checked(), self.independent()), (True, True))


class VisibilityTests(EvidenceTestCase):
    def seen_by(self, person: object) -> set[str]:
        return set(Evidence.objects.visible_to(person).values_list("title", flat=True))

    def test_each_role_reads_what_it_may(self):
        public = self.make_evidence("Published", visibility="public")
        self.make_evidence("Public but under nothing", visibility="public")
        self.attach(evidence=public, stance=Stance.BACKGROUND)
        everything = {"A paper", "Published", "Public but under nothing"}
        insiders = (self.staff, self.other_staff, self.manager, self.auditor, self.administrator)
        outsiders: tuple[Any, ...] = (AnonymousUser(), self.stranger)
        for reader in insiders:
            self.assertEqual(self.seen_by(reader), everything, reader)
        self.assertEqual(self.seen_by(self.viewer), everything - {"A paper"})
        for person in outsiders:
            self.assertEqual(self.seen_by(person), set(), "not published")
        recommendation_actions.publish_recommendation(
            recommendation=self.recommendation, by=self.manager
        )
        for person in outsiders:
            self.assertEqual(self.seen_by(person), set(), "not in force")
        decisions.approve_update(update=self.submitted, by=self.manager)
        for person in outsiders:
            self.assertEqual(self.seen_by(person), {"Published"})
        self.make_approved(self.recommendation)
        for person in outsiders:
            self.assertEqual(self.seen_by(person), set(), "not in force any more")


class RaceTests(RaceTestCase):
    def test_the_same_title_recorded_by_many_at_once_gets_as_many_addresses(self):
        number = 12 if connection.vendor == "postgresql" else 4
        outcomes = at_once([self.make_evidence] * number)
        self.assertEqual(failures(outcomes), [])
        self.assertEqual(len({item.slug for item in outcomes}), number)
