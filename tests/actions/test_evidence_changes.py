"""Changing evidence: what ends a verification, who extends it, and who makes it public.

By the action, the page and the administration, which call the same action.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import AuditEvent, Evidence, EvidenceCheck, StatusUpdate, User
from tests.admin.base import Window
from tests.base import TrackerTestCase, link_evidence
from tests.files import pdf, received
from tests.views.writing import Browser

FIRST, LATER, EARLIER = date(2030, 1, 1), date(2031, 1, 1), date(2029, 1, 1)


class ChangesTestCase(TrackerTestCase):
    """An item that staff recorded with its file; a manager verified it."""

    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence(
            url="https://example.org/a", expires_on=FIRST, file=received("a.pdf", pdf("1"))
        )
        evidence_items.check_evidence(evidence=cls.item, by=cls.manager)

    def change(self, by: User | None = None, **values: Any) -> Evidence:
        item = Evidence.objects.get(pk=self.item.pk)
        return evidence_changes.change_item(
            evidence=item, by=by or self.staff, expected_version=item.version, values=values
        )

    @property
    def stored(self) -> Evidence:
        return Evidence.objects.get(pk=self.item.pk)

    def assertRefused(self, field: str, by: User, **values: Any) -> None:
        events = AuditEvent.objects.count()
        with self.assertRaises(ValidationError) as refusal:
            self.change(by=by, **values)
        self.assertEqual(list(refusal.exception.message_dict), [field])
        self.assertEqual(AuditEvent.objects.count(), events)

    def posted(self, by: User, **values: Any) -> Any:
        """The answer to the form of the page, as it was open, with these values."""
        window = Browser(by)
        page = window.open("evidence-edit", self.item.pk)
        form = page.context["form"]
        sent = {name: form[name].value() for name in form.fields if not form.fields[name].disabled}
        filled = {name: value for name, value in (sent | values).items() if value is not None}
        return window.post("evidence-edit", self.item.pk, seen=self.stored.version, **filled)

    def saved_in_admin(self, by: User, **values: Any) -> Any:
        window = Window(by)
        return window.send(Evidence, self.item.pk, window.open(Evidence, self.item.pk), **values)


class VerificationEndsTests(ChangesTestCase):
    OTHER = {"url": "https://example.org/b", "citation": "Page 9.", "expires_on": EARLIER}

    def assert_ended(self, by: User, label: str) -> None:
        """The check stays on record with who ended it, and why; it counts no more."""
        [check] = EvidenceCheck.objects.all()
        self.assertEqual((check.by, check.removed_by), (self.manager, by))
        self.assertIsNotNone(check.removed_at)
        event = AuditEvent.objects.get(verb="end_check")
        assert event.reason
        self.assertEqual(event.reason.text, f"Changed: {label}")

    def test_by_another_address_citation_or_expiry_and_by_each_alone(self) -> None:
        labels = {"url": "address", "citation": "citation", "expires_on": "expires on"}
        for name, value in self.OTHER.items():
            with self.subTest(name), transaction.atomic():
                self.change(**{name: value})
                self.assert_ended(self.staff, labels[name])
                transaction.set_rollback(True)

    def test_the_same_person_may_verify_it_again(self) -> None:
        self.change(url="https://example.org/b")
        evidence_items.check_evidence(evidence=self.stored, by=self.manager)
        self.assertTrue(evidence_changes.verifications(self.stored).exists())

    def test_who_gave_it_another_address_or_citation_does_not_verify_that(self) -> None:
        for name in ("url", "citation"):
            with self.subTest(name), transaction.atomic():
                self.change(by=self.manager, **{name: self.OTHER[name]})
                with self.assertRaises(NotAllowed):
                    evidence_items.check_evidence(evidence=self.stored, by=self.manager)
                evidence_items.check_evidence(evidence=self.stored, by=self.other_manager)
                transaction.set_rollback(True)

    def test_who_gave_it_one_verifies_what_somebody_else_gave_since(self) -> None:
        self.change(by=self.manager, url="https://example.org/b")
        self.change(by=self.staff, url="https://example.org/c")
        evidence_items.check_evidence(evidence=self.stored, by=self.manager)
        self.assertTrue(evidence_changes.verifications(self.stored).exists())

    def test_on_the_page_which_says_so_beforehand(self) -> None:
        page = Browser(self.staff).open("evidence-edit", self.item.pk)
        self.assertContains(page, "This evidence is verified.")
        self.assertEqual(self.posted(self.staff, citation="Page 9.").status_code, 302)
        self.assert_ended(self.staff, "citation")
        page = Browser(self.staff).open("evidence-edit", self.item.pk)
        self.assertNotContains(page, "This evidence is verified.")
        page = Browser(self.manager).open("evidence-detail", self.item.pk)
        self.assertContains(page, "Staff changed what was verified")

    def test_in_the_administration(self) -> None:
        answer = self.saved_in_admin(self.administrator, url="https://example.org/b")
        self.assertEqual(answer.status_code, 302)
        self.assert_ended(self.administrator, "address")

    def test_by_a_newer_file(self) -> None:
        item = self.stored
        evidence_changes.revise_file(
            evidence=item, by=self.staff, expected_version=item.version, file=received("b.pdf")
        )
        self.assertFalse(evidence_changes.verifications(self.stored).exists())

    def test_by_other_words_for_the_same_thing(self) -> None:
        described = {
            "title": "The law in force",
            "kind": "dataset",
            "description": "It says that all is done.",
            "publisher": "The parliament",
        }
        for name, value in described.items():
            with self.subTest(name), transaction.atomic():
                self.change(**{name: value})
                self.assertFalse(evidence_changes.verifications(self.stored).exists())
                transaction.set_rollback(True)
        self.change(effective_on=date(2025, 1, 1), effective_precision="day")
        self.assertFalse(evidence_changes.verifications(self.stored).exists())

    def test_not_by_who_may_read_it_nor_by_what_is_as_it_was(self) -> None:
        self.change(visibility="public", title=self.item.title, url=self.item.url)
        self.assertTrue(evidence_changes.verifications(self.stored).exists())

    def test_a_status_that_rested_on_it_is_no_longer_said_to_be_verified(self) -> None:
        update = self.make_submitted(self.recommendation)
        link = link_evidence(to=update, by=self.staff, stance="supports", evidence=self.item)
        rows = type(link).objects.with_checked()
        self.assertTrue(rows.get(pk=link.pk).is_checked)
        self.change(url="https://example.org/b")
        self.assertFalse(rows.get(pk=link.pk).is_checked)


class ExtensionTests(ChangesTestCase):
    def test_not_by_the_recorder_who_may_shorten_it(self) -> None:
        for longer in (LATER, None):
            self.assertRefused("expires_on", self.staff, expires_on=longer)
        self.change(expires_on=EARLIER)
        self.assertEqual(self.stored.expires_on, EARLIER)

    def test_not_by_an_administrator_who_is_no_manager(self) -> None:
        self.assertRefused("expires_on", self.administrator, expires_on=LATER)
        answer = self.saved_in_admin(self.administrator, expires_on=LATER)
        self.assertContains(
            answer,
            "This evidence is verified. Only a manager who neither recorded it nor added the "
            "file can extend the expiry date.",
        )
        self.assertEqual(self.stored.expires_on, FIRST)

    def test_on_the_page_the_field_says_why_and_keeps_what_was_typed(self) -> None:
        answer = self.posted(self.staff, expires_on=LATER)
        self.assertContains(
            answer,
            "This evidence is verified. Only a manager who neither recorded it nor added the "
            "file can extend the expiry date.",
            status_code=400,
        )
        self.assertContains(answer, "2031-01-01", status_code=400)
        self.assertEqual(self.stored.expires_on, FIRST)

    def test_not_by_a_manager_who_recorded_it_or_brought_its_file(self) -> None:
        item = self.stored
        evidence_changes.revise_file(
            evidence=item, by=self.manager, expected_version=item.version, file=received("b.pdf")
        )
        evidence_items.check_evidence(evidence=self.stored, by=self.other_manager)
        self.assertRefused("expires_on", self.manager, expires_on=LATER)

    def test_by_another_manager_and_that_ends_the_verification(self) -> None:
        self.change(by=self.other_manager, expires_on=LATER)
        self.assertEqual(self.stored.expires_on, LATER)
        self.assertFalse(evidence_changes.verifications(self.stored).exists())

    def test_by_the_recorder_where_it_is_not_verified(self) -> None:
        self.change(citation="Page 9.")
        self.change(expires_on=LATER)
        self.assertEqual(self.stored.expires_on, LATER)


class PublicationTests(ChangesTestCase):
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation)
        link_evidence(to=cls.update, by=cls.staff, stance="supports", evidence=cls.item)

    def test_not_by_the_recorder_nor_an_administrator(self) -> None:
        for person in (self.staff, self.administrator):
            self.assertRefused("visibility", person, visibility="public")
        own = self.make_evidence("Of a manager", by=self.manager)
        link_evidence(to=self.update, by=self.manager, stance="supports", evidence=own)
        self.item = own
        self.assertRefused("visibility", self.manager, visibility="public")

    def test_by_a_manager_who_did_not_record_it(self) -> None:
        self.change(by=self.manager, visibility="public")
        self.assertEqual(self.stored.visibility, "public")

    def test_what_contradicts_it_is_neither_hidden_nor_reworded_by_its_author(self) -> None:
        public = self.make_evidence("A count", visibility="public")
        link_evidence(to=self.update, by=self.other_manager, stance="undermines", evidence=public)
        weaker = {"visibility": "internal", "title": "Of no weight", "citation": "Page 9"}
        for by, name in ((by, name) for by in (self.staff, self.administrator) for name in weaker):
            with self.subTest((by.username, name)), self.assertRaises(ValidationError) as refusal:
                evidence_changes.change_item(
                    evidence=public, by=by, expected_version=1, values={name: weaker[name]}
                )
            self.assertEqual(list(refusal.exception.message_dict), [name])
        with self.assertRaises(ActionRefused):
            evidence_changes.revise_file(
                evidence=public, by=self.staff, expected_version=1, file=received("b.pdf")
            )
        hidden = evidence_changes.change_item(
            evidence=public,
            by=self.other_manager,
            expected_version=1,
            values={"visibility": "internal"},
        )
        self.assertEqual(hidden.visibility, "internal")

    def test_by_the_recorder_where_no_approved_update_rests_on_it(self) -> None:
        self.item = self.make_evidence("Of a draft")
        waiting = self.make_submitted(self.recommendation)
        link_evidence(to=waiting, by=self.staff, stance="supports", evidence=self.item)
        self.change(visibility="public")
        self.assertEqual(self.stored.visibility, "public")
        self.change(visibility="internal")

    def test_the_page_shows_it_disabled_with_the_reason(self) -> None:
        page = Browser(self.staff).open("evidence-edit", self.item.pk)
        self.assertContains(
            page,
            "Only a manager who neither recorded, edited nor linked the evidence nor added the "
            "file can publish it.",
        )
        self.assertTrue(page.context["form"]["visibility"].field.disabled)
        answer = self.posted(self.staff, visibility="public")
        self.assertContains(answer, "Only a manager who neither recorded, edited", status_code=400)
        self.assertEqual(self.stored.visibility, "internal")
        page = Browser(self.manager).open("evidence-edit", self.item.pk)
        self.assertFalse(page.context["form"]["visibility"].field.disabled)
        self.assertEqual(self.posted(self.manager, visibility="public").status_code, 302)
        self.assertEqual(self.stored.visibility, "public")

    def test_so_does_the_administration(self) -> None:
        window = Window(self.administrator)
        page = window.client.get(
            reverse("admin:recommendations_evidence_change", args=[self.item.pk])
        )
        self.assertContains(
            page,
            "Only a manager who neither recorded, edited nor linked the evidence nor added the "
            "file can publish it.",
        )
        self.saved_in_admin(self.administrator, visibility="public", title="Another title")
        self.assertEqual((self.stored.visibility, self.stored.title), ("internal", "Another title"))

    def test_new_evidence_under_an_approved_update_is_internal(self) -> None:
        values = {"title": "New", "kind": "document", "citation": "Page 1", "visibility": "public"}
        with self.assertRaises(ValidationError) as refusal:
            link_evidence(to=self.update, by=self.staff, stance="supports", values=values)
        self.assertEqual(list(refusal.exception.message_dict), ["visibility"])
        self.assertFalse(Evidence.objects.filter(title="New").exists())
        window = Browser(self.staff)
        page = window.open("update-detail", self.update.pk)
        self.assertTrue(page.context["evidence_form"]["visibility"].field.disabled)
        sent = {f"evidence-{name}": value for name, value in values.items()}
        answer = window.post("update-evidence", self.update.pk, **sent)
        self.assertContains(answer, "record the evidence as internal", status_code=400)
        self.assertFalse(Evidence.objects.filter(title="New").exists())

    def test_new_evidence_of_an_update_that_waits_may_be_public(self) -> None:
        waiting = self.make_submitted(self.recommendation)
        values = {"title": "New", "kind": "document", "citation": "Page 1", "visibility": "public"}
        link = link_evidence(to=waiting, by=self.staff, stance="supports", values=values)
        self.assertFalse(link.is_withheld)
