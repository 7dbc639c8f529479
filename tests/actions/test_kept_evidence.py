"""Support of the current update is kept for the next claim or dropped, never silently."""

from datetime import timedelta

from django.utils import timezone

from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import drafts
from recommendations.models import Addressee, AuditEvent, EvidenceLink, StatusUpdate
from recommendations.models.evidence import unexpired_on
from tests.actions.replacements import ReplacementTestCase
from tests.base import link_evidence
from tests.updates import begin_draft, save_draft

MORE = {"implementation_status": "in_progress", "what_happened": "More."}


class KeptEvidenceTests(ReplacementTestCase):
    letter: EvidenceLink
    permit: EvidenceLink

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        cls.letter = cls.support(cls.approved, "Letter", why="It grants the permit.")
        cls.permit = cls.support(cls.approved, "Permit")

    @classmethod
    def support(cls, update: StatusUpdate, title: str, **values) -> EvidenceLink:
        values = {"evidence": cls.make_evidence(title), "stance": "supports", **values}
        return link_evidence(to=update, by=cls.manager, **values)

    def begin(self, **kept: bool) -> StatusUpdate:
        return self.save(StatusUpdate(recommendation=self.recommendation), **kept)

    def save(self, update: StatusUpdate, *, is_final: bool = False, **kept: bool) -> StatusUpdate:
        links = {getattr(self, name).pk: is_kept for name, is_kept in kept.items()}
        return drafts.save_update(
            update=update,
            by=self.staff,
            values=MORE,
            expected_version=update.version or drafts.FIRST_VERSION,
            kept=links,
            is_final=is_final,
        )

    def of(self, update: StatusUpdate) -> list[str]:
        links = update.evidence_links.live().select_related("evidence").order_by("pk")
        return [link.evidence.title for link in links]

    def told(self) -> list[str]:
        events = AuditEvent.objects.filter(verb__in=("keep_evidence", "drop_evidence"))
        return list(events.order_by("sequence").values_list("verb", flat=True))

    def test_what_is_ticked_is_linked_and_what_is_not_is_dropped_each_with_its_event(self):
        update = self.begin(letter=True, permit=False)
        self.assertEqual(self.of(update), ["Letter"])
        self.assertEqual(self.told(), ["keep_evidence", "drop_evidence"])
        dropped = EvidenceLink.objects.get(update=update, evidence=self.permit.evidence)
        self.assertEqual(dropped.removed_by, self.staff)

    def test_who_keeps_it_says_that_it_supports_the_new_claim_too(self):
        link = EvidenceLink.objects.get(update=self.begin(letter=True))
        self.assertEqual((link.added_by, link.why), (self.staff, "It grants the permit."))

    def test_nothing_is_carried_where_nothing_was_chosen(self):
        self.assertEqual(self.of(self.begin()), [])
        self.assertEqual(self.told(), [])

    def test_saving_twice_with_the_same_choice_changes_nothing(self):
        update = self.begin(letter=True, permit=False)
        for _repeat in range(2):
            self.save(update, letter=True, permit=False)
        self.assertEqual(self.of(update), ["Letter"])
        self.assertEqual(len(self.told()), 2)

    def test_a_form_sent_twice_begins_one_update_with_one_link(self):
        new = StatusUpdate(recommendation=self.recommendation)
        for _press in range(2):
            form = StatusUpdate(recommendation=self.recommendation, key=new.key)
            update = self.save(form, letter=True)
        self.assertEqual(self.of(update), ["Letter"])

    def test_the_choice_can_be_changed_until_submission(self):
        update = self.begin(letter=True, permit=False)
        self.save(update, letter=False, permit=True)
        self.assertEqual(self.of(update), ["Permit"])
        self.save(update, is_final=True, letter=True, permit=True)
        self.assertEqual(self.of(update), ["Permit", "Letter"])

    def test_what_the_author_had_linked_already_is_linked_once(self):
        update = begin_draft(recommendation=self.recommendation, by=self.staff)
        link_evidence(
            to=update, by=self.staff, stance="supports", evidence=self.letter.evidence, why="Mine."
        )
        self.save(update, letter=True)
        self.assertEqual(EvidenceLink.objects.get(update=update).why, "Mine.")

    def test_kept_evidence_stays_verified_until_it_expires(self):
        today = timezone.localdate()
        item = self.letter.evidence
        item.expires_on = today
        item.save()
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        update = self.begin(letter=True)
        links = EvidenceLink.objects.filter(update=update)
        self.assertTrue(links.checked().exists())
        self.assertTrue(links.filter(unexpired_on(today)).exists())
        self.assertFalse(links.filter(unexpired_on(today + timedelta(days=1))).exists())

    def test_it_does_not_count_as_verified_by_the_author_of_the_new_update(self):
        evidence_items.check_evidence(evidence=self.letter.evidence, by=self.manager)
        update = begin_draft(recommendation=self.recommendation, by=self.manager)
        save_draft(
            update=update,
            by=self.manager,
            expected_version=1,
            values={},
            kept={self.letter.pk: True},
        )
        self.assertEqual(self.of(update), ["Letter"])
        self.assertFalse(EvidenceLink.objects.filter(update=update).checked().exists())

    def test_only_support_of_an_approved_update_of_the_same_scope_is_kept(self):
        body = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        theirs = self.make_approved(self.recommendation, addressee=body)
        draft = self.begin()
        for name, update, stance in (
            ("of_addressee", theirs, "supports"),
            ("of_draft", self.make_submitted(self.recommendation), "supports"),
            ("of_another", self.make_approved(self.make_recommendation("Another")), "supports"),
            ("context", self.approved, "background"),
        ):
            with self.subTest(name):
                self.odd = self.support(update, name, stance=stance)
                self.save(draft, odd=True)
                self.assertEqual(self.of(draft), [])

    def test_a_correction_takes_no_choice(self):
        correction = self.correct()
        self.assertEqual(self.of(correction), ["Letter", "Permit"])
        save_draft(
            update=correction,
            by=self.staff,
            expected_version=correction.version,
            values={},
            kept={self.letter.pk: False},
        )
        self.assertEqual(self.of(correction), ["Letter", "Permit"])
