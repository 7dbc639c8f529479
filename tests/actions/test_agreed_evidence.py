"""What readers outside rest on stays as it was approved until a second manager agrees to another.

Of an evidence item, its file, and what it is linked to; by the actions that pages, administration
and commands call.
"""

from datetime import date
from functools import partial
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from recommendations import guards
from recommendations.actions.errors import ActionRefused, NotAllowed, NotAsSeen
from recommendations.actions.evidence import decisions, file_checks, items
from recommendations.actions.redaction import redact_file
from recommendations.audit.text_search import text_occurrences
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceLink,
    RecommendationState,
    StoredFile,
)
from recommendations.queries.days import Days
from recommendations.queries.evidence.proposed import change_of, decidable_changes
from recommendations.queries.recommendations.past.shown import recommendation_then
from recommendations.storage import evidence as store
from tests.actions.acts import ActTestCase, fresh
from tests.settled import ADDRESS, FIRST, LATER, OUTSIDE, TITLE, SettledTestCase
from tests.views.deciding import undone

OTHER = "Another certificate"
THIRD = "A third certificate"
SOONER = date(2029, 1, 1)


class AgreedTestCase(SettledTestCase, ActTestCase):
    def offer(self, title: str, by: Any = None, to: Any = None, stance: str = "supports"):
        """A link to public evidence of this person's own."""
        item = self.make_evidence(title, by=by or self.manager, visibility="public")
        return self.attach(to or self.update, item, stance, self.manager)

    def decide(self, act: Any, by: Any = None, **given: Any) -> EvidenceChange:
        """About the wording that is proposed."""
        wording = EvidenceChange.objects.filter(kind="wording").latest("pk")
        return act(proposal=wording, by=by or self.other_manager, **given)

    def assert_outside(self, *read: Any, linked: Any = (TITLE,)) -> None:
        expected = (*read, *(TITLE, ADDRESS, 1)[len(read) :])
        self.assertEqual(self.read_outside(), expected)
        self.assertEqual(self.linked_outside(), list(linked))


class OnePersonTests(AgreedTestCase):
    """What one manager alone cannot bring about for readers outside."""

    def test_other_words_another_file_and_a_link_to_what_is_public_for_now(self) -> None:
        need = partial(self.offer, by=self.staff, to=self.recommendation, stance="need")
        acts = {
            "words": lambda: self.change(title=OTHER, url="https://example.org/b"),
            "file": self.swap,
            "own evidence": lambda: self.offer("Mine"),
            "a rationale, whoever recorded it": lambda: need("Paper"),
        }
        for name, act in acts.items():
            with self.subTest(name), undone():
                act()
                self.assert_outside()
                self.assertEqual(Evidence.objects.visible_to(OUTSIDE).count(), 1)

    def test_a_link_that_was_context_becoming_the_rationale(self) -> None:
        draft = self.make_recommendation("Another")
        link = self.offer("Paper", to=draft, stance="background")
        self.publish(draft)
        values = {"expected_version": None, "values": {"stance": "need"}}
        change = partial(items.change_evidence_link, link=link, by=self.manager, **values)
        self.refused(ActionRefused, change)

    def test_unpublishing_rewording_and_publishing_it_again(self) -> None:
        self.change(visibility="internal")
        words = {"title": OTHER, "visibility": "public"}
        self.refused("visibility", partial(self.change, **words))
        self.change(title=OTHER)
        self.refused("visibility", partial(self.change, visibility="public"))
        self.change(by=self.other_manager, visibility="public")
        self.assertEqual(self.read_outside()[0], OTHER)

    def test_unpublishing_the_recommendation_meanwhile(self) -> None:
        self.unpublish()
        self.change(title=OTHER)
        self.offer("Paper", to=fresh(self.recommendation), stance="need")
        self.publish()
        self.assert_outside()

    def test_an_expiry_is_not_extended_but_may_come_sooner_at_once(self) -> None:
        for day, held in ((LATER, FIRST), (None, FIRST), (SOONER, SOONER)):
            with self.subTest(day), undone():
                self.change(expires_on=day)
                self.assertEqual(self.held(self.item, "expires_on"), held)


class AtOnceTests(AgreedTestCase):
    def test_unpublishing_with_other_words_beside_it(self) -> None:
        item = self.change(visibility="internal", title=OTHER)
        self.assertEqual((item.visibility, item.title), ("internal", OTHER))
        self.assertFalse(EvidenceChange.objects.exists())
        self.assertFalse(Evidence.objects.visible_to(OUTSIDE).exists())

    def test_evidence_on_which_nothing_rests_that_was_approved(self) -> None:
        self.item = self.make_evidence("Of a draft", visibility="public")
        waiting = self.make_submitted(self.make_recommendation("Another"))
        self.attach(waiting, self.item)
        self.assertEqual(self.change(by=self.staff, title="Of two").title, "Of two")

    def test_evidence_of_another_linked_to_an_approved_update(self) -> None:
        self.offer("Paper", by=self.staff)
        self.assert_outside(linked=(TITLE, "Paper"))

    def test_a_contradiction_counts_inside_from_the_start(self) -> None:
        own = self.make_evidence("A count", by=self.other_manager, visibility="public")
        self.attach(self.update, own, "undermines", self.other_manager)
        kept = RecommendationState.objects.get(recommendation=self.recommendation)
        counts = ("evidence_against", "public_evidence_against")
        self.assertEqual(self.held(kept, *counts), (1, 0))
        self.agree(by=self.manager)
        self.assertEqual(self.held(kept, *counts), (1, 1))

    def test_redacted_words_are_gone_from_what_waits(self) -> None:
        self.change(title="The certificate of Xanthippe")
        self.redact("Xanthippe")
        self.assertNotIn("Xanthippe", str(self.proposal.new_values))
        self.assertEqual(text_occurrences("Xanthippe"), [])
        self.agree()
        self.assertNotIn("Xanthippe", self.read_outside()[0])
        self.assert_verified()


class AgreedTests(AgreedTestCase):
    """The second manager lets readers outside read it."""

    def test_the_other_words_with_events_that_say_so(self) -> None:
        self.change(title=OTHER, url="https://example.org/b")
        self.assertEqual(self.proposal.old_values, {"title": TITLE, "url": ADDRESS})
        change = self.agree(note="Seen.")
        self.assert_outside(OTHER, "https://example.org/b", linked=(OTHER,))
        self.assertEqual((change.state, change.decided_by), ("approved", self.other_manager))
        self.assertEqual(
            [(event.verb, event.actor.username) for event in self.events()],
            [
                ("propose_evidence", "manager"),
                ("approve_evidence", "other_manager"),
                ("apply_change", "other_manager"),
            ],
        )
        self.assert_verified()
        self.refused(NotAllowed, self.check, self.item)

    def test_the_other_file_which_is_of_who_proposed_it(self) -> None:
        self.swap()
        self.agree()
        self.assert_outside(TITLE, ADDRESS, 2)
        revision = self.item.revisions.get(number=2)
        self.assertEqual((revision.added_by, revision.note), (self.manager, "Signed."))
        self.assert_verified()

    def test_the_link_wherever_it_was_carried_to_and_from_then_on(self) -> None:
        self.offer("Mine")
        self.update = self.decided(self.confirm(sentence="Nothing new."))
        self.recommendation.refresh_from_db()
        self.assert_outside()
        before = timezone.now()
        self.agree()
        self.assert_outside(linked=(TITLE, "Mine"))
        self.assertEqual(EvidenceLink.objects.filter(agreed_at__isnull=False).count(), 2)
        self.assert_verified()
        for known, titles in ((before, [TITLE]), (timezone.now(), [TITLE, "Mine"])):
            day = timezone.localdate()
            days = Days(day, day, known, entry=0, recorded_at=known, entry_hash="")
            _row, found = recommendation_then(self.recommendation.pk, days, OUTSIDE)
            self.assertEqual([each.title for each in found], titles)


class DecisionTests(AgreedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.change(title=OTHER)

    def test_not_by_who_proposed_recorded_linked_it_or_brought_its_file(self) -> None:
        for person in (self.manager, self.staff, self.administrator, self.viewer, self.auditor):
            self.refused(NotAllowed, self.agree, person)
        third = fresh(self.other_manager)
        for name, touch in (
            ("recorded", lambda: Evidence.objects.update(recorded_by=third)),
            ("linked", lambda: EvidenceLink.objects.update(added_by=third)),
            ("brought", lambda: self.item.revisions.update(added_by=third)),
        ):
            with self.subTest(name), undone():
                guards.drop(connection)
                touch()
                self.assertEqual(decidable_changes(third), [])
                self.refused(NotAllowed, self.agree, third)
        self.assertEqual(decidable_changes(third), [self.proposal])
        self.assertEqual(decidable_changes(self.manager), [])
        with self.assertRaises(IntegrityError), transaction.atomic():
            EvidenceChange.objects.update(
                state="approved", decided_by=self.manager, decided_at=timezone.now()
            )

    def test_not_by_who_edited_it_while_it_was_internal(self) -> None:
        self.decide(decisions.withdraw_change, self.manager)
        for by, values in (
            (self.other_manager, {"visibility": "internal"}),
            (self.other_manager, {"citation": "Page 9."}),
            (self.staff, {"description": "Of 2025."}),
        ):
            self.change(by=by, **values)
        Evidence.objects.filter(pk=self.item.pk).update(visibility="public")
        self.change(title=THIRD)
        self.refused(NotAllowed, self.decide, decisions.approve_change)

    def test_bound_to_what_its_page_showed_and_to_what_was_not_edited_meanwhile(self) -> None:
        found = change_of(self.proposal.pk, self.other_manager)
        assert found
        self.change(visibility="internal")
        self.refused(NotAsSeen, self.agree, seen=found.shown)
        self.assertTrue(self.proposal.is_awaiting)
        self.change(title=THIRD)
        self.refused(ActionRefused, self.agree)

    def test_rejected_with_a_note_and_only_once(self) -> None:
        self.refused("note", partial(self.decide, decisions.reject_change, note=" "))
        self.decide(decisions.reject_change, note="It is not signed.")
        self.assert_outside()
        self.refused(ActionRefused, self.agree)

    def test_withdrawn_by_who_proposed_it_after_which_another_may_be(self) -> None:
        again = partial(self.change, self.staff, title=THIRD)
        self.refused(ActionRefused, again)
        self.swap()
        self.refused(NotAllowed, self.decide, decisions.withdraw_change)
        self.decide(decisions.withdraw_change, self.manager)
        again()
        self.assertEqual(EvidenceChange.objects.open().count(), 2)


class KeptTests(AgreedTestCase):
    def test_a_link_that_was_removed_awaits_no_decision(self) -> None:
        self.detach(self.offer("Paper", to=self.recommendation, stance="need"), self.manager)
        self.assertEqual(decidable_changes(self.other_manager), [])
        self.refused(ActionRefused, self.agree)

    def test_proposed_bytes_are_kept_and_redacted_ones_are_not_agreed_to(self) -> None:
        self.swap()
        at = timezone.now() + file_checks.PROTECTED_FOR * 2
        file_checks.check_files(
            at=at, is_pruning=True, report=lambda each: None, progress=lambda done: None
        )
        file = StoredFile.objects.get(changes=self.proposal)
        self.assertTrue(store.file_exists(file.pk))
        redact_file(file=file, by=self.administrator, reason="The wrong one.")
        self.refused(ActionRefused, self.agree)
