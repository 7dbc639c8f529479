"""What readers outside rest on stays as it was approved until a second manager agrees to another.

Of an evidence item, its file, and what it is linked to; by the actions that pages, administration
and commands call.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from recommendations import guards
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions import redaction
from recommendations.actions.errors import ActionRefused, NotAllowed, NotAsSeen
from recommendations.actions.evidence import decisions as evidence_decisions
from recommendations.actions.evidence import file_checks
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import replacements
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceChange,
    EvidenceLink,
    RecommendationState,
    StoredFile,
    User,
)
from recommendations.queries.days import Days
from recommendations.queries.evidence.proposed import change_of, decidable_changes
from recommendations.queries.recommendations.past.shown import recommendation_then
from recommendations.storage import evidence as store
from tests.base import link_evidence
from tests.settled import ADDRESS, FIRST, LATER, OUTSIDE, TITLE, SettledTestCase


class OnePersonTests(SettledTestCase):
    """What one manager alone cannot bring about for readers outside."""

    def test_another_title_and_address_under_an_approved_update(self) -> None:
        self.change(title="Another certificate", url="https://example.org/b")
        self.assertEqual(self.read_outside(), (TITLE, ADDRESS, 1))

    def test_another_file_under_an_approved_update(self) -> None:
        self.swap()
        self.assertEqual(self.read_outside(), (TITLE, ADDRESS, 1))

    def test_own_public_evidence_linked_to_an_approved_update(self) -> None:
        own = self.make_evidence("Mine", by=self.manager, visibility="public")
        link_evidence(to=self.update, by=self.manager, stance="supports", evidence=own)
        self.assertEqual(self.linked_outside(), [TITLE])
        self.assertFalse(Evidence.objects.visible_to(OUTSIDE).filter(pk=own.pk).exists())

    def test_public_rationale_of_a_published_recommendation_whoever_recorded_it(self) -> None:
        paper = self.make_evidence("A paper", by=self.staff, visibility="public")
        link_evidence(to=self.recommendation, by=self.manager, stance="need", evidence=paper)
        self.assertEqual(self.linked_outside(), [TITLE])

    def test_a_link_that_was_context_becoming_the_rationale(self) -> None:
        draft = self.make_recommendation("Another")
        paper = self.make_evidence("A paper", visibility="public")
        link = link_evidence(to=draft, by=self.manager, stance="background", evidence=paper)
        recommendation_actions.publish_recommendation(recommendation=draft, by=self.manager)
        with self.assertRaises(ActionRefused):
            evidence_items.change_evidence_link(
                link=link, by=self.manager, expected_version=None, values={"stance": "need"}
            )

    def test_unpublishing_rewording_and_publishing_it_again(self) -> None:
        self.change(visibility="internal")
        with self.assertRaises(ValidationError):
            self.change(title="Another certificate", visibility="public")
        self.change(title="Another certificate")
        with self.assertRaises(ValidationError):
            self.change(visibility="public")
        self.change(by=self.other_manager, visibility="public")
        self.assertEqual(self.read_outside()[0], "Another certificate")

    def test_unpublishing_the_recommendation_meanwhile(self) -> None:
        recommendation_actions.unpublish_recommendation(
            recommendation=self.recommendation, by=self.manager, reason="For an hour."
        )
        self.change(title="Another certificate")
        self.recommendation.refresh_from_db()
        paper = self.make_evidence("A paper", visibility="public")
        link_evidence(to=self.recommendation, by=self.manager, stance="need", evidence=paper)
        recommendation_actions.publish_recommendation(
            recommendation=self.recommendation, by=self.manager
        )
        self.assertEqual(self.read_outside()[0], TITLE)
        self.assertEqual(self.linked_outside(), [TITLE])

    def test_an_expiry_is_not_extended_but_may_come_sooner_at_once(self) -> None:
        for later in (LATER, None):
            with self.subTest(later), transaction.atomic():
                self.change(expires_on=later)
                self.item.refresh_from_db()
                self.assertEqual(self.item.expires_on, FIRST)
                transaction.set_rollback(True)
        self.change(expires_on=date(2029, 1, 1))
        self.item.refresh_from_db()
        self.assertEqual(self.item.expires_on, date(2029, 1, 1))


class AtOnceTests(SettledTestCase):
    def test_unpublishing_with_other_words_beside_it(self) -> None:
        item = self.change(visibility="internal", title="Another certificate")
        self.assertEqual((item.visibility, item.title), ("internal", "Another certificate"))
        self.assertFalse(EvidenceChange.objects.exists())
        self.assertFalse(Evidence.objects.visible_to(OUTSIDE).exists())

    def test_evidence_on_which_nothing_rests_that_was_approved(self) -> None:
        self.item = self.make_evidence("Of a draft", visibility="public")
        waiting = self.make_submitted(self.make_recommendation("Another"))
        link_evidence(to=waiting, by=self.staff, stance="supports", evidence=self.item)
        self.assertEqual(self.change(by=self.staff, title="Of two").title, "Of two")

    def test_evidence_of_another_linked_to_an_approved_update(self) -> None:
        paper = self.make_evidence("A paper", by=self.staff, visibility="public")
        link_evidence(to=self.update, by=self.manager, stance="supports", evidence=paper)
        self.assertEqual(self.linked_outside(), [TITLE, "A paper"])

    def test_a_contradiction_counts_inside_from_the_start(self) -> None:
        own = self.make_evidence("A count", by=self.other_manager, visibility="public")
        link_evidence(to=self.update, by=self.other_manager, stance="undermines", evidence=own)
        kept = RecommendationState.objects.get(recommendation=self.recommendation)
        self.assertEqual((kept.evidence_against, kept.public_evidence_against), (1, 0))
        evidence_decisions.approve_change(proposal=self.proposal, by=self.manager)
        kept.refresh_from_db()
        self.assertEqual((kept.evidence_against, kept.public_evidence_against), (1, 1))

    def test_redacted_words_are_gone_from_what_waits(self) -> None:
        self.change(title="The certificate of Xanthippe")
        found = preview_digest("Xanthippe", text_occurrences("Xanthippe"))
        redaction.redact(words="Xanthippe", by=self.administrator, reason="A name.", expected=found)
        self.assertNotIn("Xanthippe", str(self.proposal.new_values))
        self.assertEqual(text_occurrences("Xanthippe"), [])
        self.agree()
        self.assertNotIn("Xanthippe", self.read_outside()[0])
        self.assert_verified()


class DecisionTests(SettledTestCase):
    def test_the_second_manager_lets_readers_outside_read_the_other_words(self) -> None:
        self.change(title="Another certificate", url="https://example.org/b")
        self.assertEqual(self.proposal.old_values, {"title": TITLE, "url": ADDRESS})
        change = self.agree(note="Seen.")
        self.assertEqual(self.read_outside(), ("Another certificate", "https://example.org/b", 1))
        self.assertEqual((change.state, change.decided_by), ("approved", self.other_manager))
        self.assert_verified()

    def test_and_the_other_file_which_is_of_who_proposed_it(self) -> None:
        self.swap()
        self.agree()
        self.assertEqual(self.read_outside(), (TITLE, ADDRESS, 2))
        revision = self.item.revisions.get(number=2)
        self.assertEqual((revision.added_by, revision.note), (self.manager, "Signed."))
        self.assert_verified()

    def test_and_the_link_wherever_it_was_carried_to(self) -> None:
        own = self.make_evidence("Mine", by=self.manager, visibility="public")
        link_evidence(to=self.update, by=self.manager, stance="supports", evidence=own)
        confirmed = replacements.no_change(
            recommendation=self.recommendation, by=self.staff, sentence="Nothing new."
        )
        self.update = self.decided(confirmed)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.linked_outside(), [TITLE])
        self.agree()
        self.assertEqual(self.linked_outside(), [TITLE, "Mine"])
        self.assertEqual(EvidenceLink.objects.filter(agreed_at__isnull=False).count(), 2)
        self.assert_verified()

    def test_an_earlier_moment_shows_what_was_read_then(self) -> None:
        own = self.make_evidence("Mine", by=self.manager, visibility="public")
        link_evidence(to=self.update, by=self.manager, stance="supports", evidence=own)
        before = timezone.now()
        self.agree()
        for known, titles in ((before, [TITLE]), (timezone.now(), [TITLE, "Mine"])):
            day = timezone.localdate()
            days = Days(day, day, known, entry=0, recorded_at=known, entry_hash="")
            _row, found = recommendation_then(self.recommendation.pk, days, OUTSIDE)
            self.assertEqual([each.title for each in found], titles)

    def test_not_by_who_proposed_recorded_edited_or_linked_it_or_brought_its_file(self) -> None:
        self.change(title="Another certificate")
        for person in (self.manager, self.staff, self.administrator, self.viewer, self.auditor):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.agree(by=person)
        third = User.objects.get(pk=self.other_manager.pk)
        for name, touch in (
            ("recorded", lambda: Evidence.objects.update(recorded_by=third)),
            ("linked", lambda: EvidenceLink.objects.update(added_by=third)),
            ("brought", lambda: self.item.revisions.update(added_by=third)),
        ):
            with self.subTest(name), transaction.atomic():
                guards.drop(connection)
                touch()
                self.assertEqual(decidable_changes(third), [])
                with self.assertRaises(NotAllowed):
                    self.agree(by=third)
                transaction.set_rollback(True)
        self.assertEqual(decidable_changes(third), [self.proposal])
        self.assertEqual(decidable_changes(self.manager), [])

    def test_not_by_who_edited_it_while_it_was_internal(self) -> None:
        self.change(by=self.other_manager, visibility="internal")
        self.change(by=self.other_manager, citation="Page 9.")
        self.change(by=self.staff, description="Of 2025.")
        Evidence.objects.filter(pk=self.item.pk).update(visibility="public")
        self.change(by=self.manager, title="Another certificate")
        with self.assertRaises(NotAllowed):
            self.agree(by=self.other_manager)

    def test_not_by_the_proposer_in_the_database(self) -> None:
        self.change(title="Another certificate")
        with self.assertRaises(IntegrityError), transaction.atomic():
            EvidenceChange.objects.update(
                state="approved", decided_by=self.manager, decided_at=timezone.now()
            )

    def test_bound_to_what_its_page_showed(self) -> None:
        self.change(title="Another certificate")
        found = change_of(self.proposal.pk, self.other_manager)
        assert found
        self.change(by=self.manager, visibility="internal")
        with self.assertRaises(NotAsSeen):
            self.agree(seen=found.shown)
        self.assertTrue(self.proposal.is_awaiting)

    def test_not_over_what_was_edited_meanwhile(self) -> None:
        self.change(title="Another certificate")
        self.change(visibility="internal")
        self.change(title="A third certificate")
        with self.assertRaises(ActionRefused):
            self.agree()

    def test_rejected_with_a_note_and_only_once(self) -> None:
        self.change(title="Another certificate")
        with self.assertRaises(ValidationError):
            evidence_decisions.reject_change(
                proposal=self.proposal, by=self.other_manager, note=" "
            )
        evidence_decisions.reject_change(
            proposal=self.proposal, by=self.other_manager, note="It is not signed."
        )
        self.assertEqual(self.read_outside()[0], TITLE)
        with self.assertRaises(ActionRefused):
            self.agree()

    def test_withdrawn_by_who_proposed_it_after_which_another_may_be(self) -> None:
        self.change(title="Another certificate")
        with self.assertRaises(ActionRefused):
            self.change(by=self.staff, title="A third certificate")
        self.swap()
        [wording] = EvidenceChange.objects.filter(kind="wording")
        with self.assertRaises(NotAllowed):
            evidence_decisions.withdraw_change(proposal=wording, by=self.other_manager)
        evidence_decisions.withdraw_change(proposal=wording, by=self.manager)
        self.change(by=self.staff, title="A third certificate")
        self.assertEqual(EvidenceChange.objects.open().count(), 2)

    def test_a_link_that_was_removed_awaits_no_decision(self) -> None:
        paper = self.make_evidence("A paper", visibility="public")
        link = link_evidence(to=self.recommendation, by=self.manager, stance="need", evidence=paper)
        evidence_items.detach(link=link, by=self.manager)
        self.assertEqual(decidable_changes(self.other_manager), [])
        with self.assertRaises(ActionRefused):
            self.agree()

    def test_who_proposed_an_address_does_not_verify_it(self) -> None:
        self.change(url="https://example.org/b")
        self.agree()
        self.item.refresh_from_db()
        with self.assertRaises(NotAllowed):
            evidence_items.check_evidence(evidence=self.item, by=self.manager)

    def test_proposed_bytes_are_kept_and_redacted_ones_are_not_agreed_to(
        self,
    ) -> None:
        self.swap()
        at = timezone.now() + file_checks.PROTECTED_FOR * 2
        file_checks.check_files(
            at=at, is_pruning=True, report=lambda each: None, progress=lambda done: None
        )
        file = StoredFile.objects.get(changes=self.proposal)
        self.assertTrue(store.file_exists(file.pk))
        redaction.redact_file(file=file, by=self.administrator, reason="The wrong one.")
        with self.assertRaises(ActionRefused):
            self.agree()

    def test_events_say_what_was_proposed_and_agreed_to(self) -> None:
        self.change(title="Another certificate")
        self.agree()
        told = AuditEvent.objects.order_by("-sequence").values_list("verb", "actor__username")
        self.assertEqual(
            list(told[:3]),
            [
                ("apply_change", "other_manager"),
                ("approve_evidence", "other_manager"),
                ("propose_evidence", "manager"),
            ],
        )
