"""The page of an item with files: digests, faults, checks of earlier files, mending it."""

from typing import Any

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import recommendations
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.models import Evidence, EvidenceCheck, EvidenceRevision, StoredFile
from tests.base import days_ago, link_evidence
from tests.files import pdf, received, upload
from tests.views.pages import PageTestCase, shown_fields, words_of

TICKETS = "evidence-tickets"


class ItemTestCase(PageTestCase):
    """A public item with its second file, for an update that awaits review."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence("Minutes", visibility="public", file=received("first.pdf"))
        cls.update = cls.make_submitted(cls.recommendation)
        link_evidence(to=cls.update, by=cls.staff, stance="supports", evidence=cls.item)
        evidence_items.check_evidence(evidence=cls.item, by=cls.manager, note="Of the first.")
        evidence_changes.revise_file(
            evidence=cls.item,
            by=cls.staff,
            expected_version=cls.item.version,
            file=received("second.pdf", pdf("2")),
            note="A page was missing.",
        )
        cls.item = Evidence.objects.get(pk=cls.item.pk)
        cls.page = cls.item.get_absolute_url()
        cls.first, cls.second = StoredFile.objects.order_by("revisions__number")

    def approve(self) -> None:
        decisions.approve_update(update=self.update, by=self.manager)
        self.recommendation.refresh_from_db()

    def as_it_is(self, **values: Any) -> None:
        StoredFile.objects.filter(pk=self.second.pk).update(**values)


class FileTests(ItemTestCase):
    def test_the_file_now_and_the_earlier_one_with_their_digests(self) -> None:
        text = self.read(self.page, self.viewer)
        self.assert_words(
            text,
            "File Download (PDF document, 55 bytes)",
            "Original name second.pdf Added by Staff",
            f"Changes in this file A page was missing. SHA-256 {self.second.pk}",
            "Stored bytes No integrity check since the upload",
            f"Earlier files Earlier files are kept. Their verification does not cover the "
            f"current file. File 1, added by Staff on {days_ago(0):%-d %B %Y}",
            self.first.pk,
        )
        address = reverse("evidence-file", args=[self.item.pk, 2])
        self.assertContains(self.get(self.page, self.viewer), f'href="{address}"')

    def test_what_became_of_the_stored_bytes(self) -> None:
        now = timezone.now()
        cases: list[tuple[dict[str, Any], str]] = [
            ({"compared_at": now}, "Last integrity check passed on"),
            ({"fault": "missing"}, "The stored file is missing."),
            ({"fault": "altered"}, "The stored file differs from the uploaded file."),
            ({"fault": "", "scan": "waiting"}, "The file awaits the virus scan."),
            (
                {"scan": "refused", "scanned_at": now, "scan_note": "A virus."},
                "The virus scanner rejected the file. A virus.",
            ),
            (
                {"redacted_at": now, "redacted_by": self.administrator},
                f"Redacted on {days_ago(0):%-d %B %Y} by Administrator.",
            ),
        ]
        address = reverse("evidence-file", args=[self.item.pk, 2])
        for values, words in cases:
            self.as_it_is(**values)
            response = self.get(self.page, self.staff)
            with self.subTest(words=words):
                self.assert_words(words_of(response), words, self.second.pk)
                self.assertEqual(
                    address in response.content.decode(), words == "Last integrity check passed on"
                )

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_told_what_the_file_is_and_nobodys_name(self) -> None:
        self.approve()
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        text = self.read(self.page)
        self.assert_words(text, "Download (PDF document", f"SHA-256 {self.second.pk}")
        self.assert_no_words(
            text,
            "second.pdf",
            "A page was missing",
            "Staff",
            "Manager",
            self.first.pk,
            "Verifications",
        )
        self.as_it_is(redacted_at=timezone.now(), redacted_by=self.administrator)
        text = self.read(self.page)
        self.assert_words(text, "Redacted on")
        self.assert_no_words(text, "Administrator")

    def test_rows_tell_the_file_and_that_a_check_was_of_an_earlier_one(self) -> None:
        self.approve()
        update = self.update.get_absolute_url()
        words = f"Verified by Manager, {days_ago(0):%-d %b %Y}, but the file is newer"
        text = self.read(update, self.other_manager)
        self.assert_words(text, words, "PDF document, 55", "Mark as verified: Minutes")
        text = self.read(f"{self.recommendation.get_absolute_url()}evidence/", self.staff)
        self.assert_words(text, "Verified, but the file is newer", "PDF document")
        self.as_it_is(fault="altered", compared_at=timezone.now())
        text = self.read(update, self.other_manager)
        self.assert_words(text, "Stored file differs from the upload")
        self.assert_no_words(text, "Mark as verified")


class CheckTests(ItemTestCase):
    def test_with_a_note_and_a_judgement(self) -> None:
        page = self.get(self.page, self.manager)
        self.assert_words(words_of(page), "The current version of this evidence is not verified.")
        said = {"check-note": "Compared.", "check-reliability": "usually_reliable"}
        said |= shown_fields(page)
        to = reverse("evidence-check", args=[self.item.pk])
        self.assertRedirects(self.post(to, self.manager, **said), self.page)
        text = self.read(self.page, self.manager)
        self.assert_words(text, "Verified by Manager (Ministry A)", "Compared.", "Usually reliable")
        self.assert_words(
            text, "Withdraw my verification", "of an earlier file, number 1 Of the first."
        )
        uncheck = reverse("evidence-uncheck", args=[self.item.pk])
        self.assertRedirects(self.post(uncheck, self.manager), self.page)
        taken = EvidenceCheck.objects.get(removed_at__isnull=False)
        self.assertEqual((taken.revision, taken.note), (2, "Compared."))

    def test_a_judgement_that_there_is_not_writes_nothing(self) -> None:
        to = reverse("evidence-check", args=[self.item.pk])
        typed = {"check-reliability": "magic", "check-note": "Typed."}
        response = self.post(to, self.other_manager, **typed)
        self.assertContains(response, "Typed.", status_code=400)
        self.assertEqual(EvidenceCheck.objects.count(), 1)

    def test_offered_to_exactly_who_may(self) -> None:
        for person in (self.staff, self.viewer, self.auditor, self.administrator):
            self.assert_no_words(self.read(self.page, person), "Mark as verified")
        brought = received("third.pdf", pdf("3"))
        evidence_changes.revise_file(
            evidence=self.item, by=self.manager, expected_version=self.item.version, file=brought
        )
        text = self.read(self.page, self.manager)
        self.assert_words(
            text, "You cannot verify evidence that you recorded or whose file you added."
        )
        self.assert_words(self.read(self.page, self.other_manager), "Mark as verified")


class MendTests(ItemTestCase):
    def send(self, person: Any = None, seen: int | None = None, **values: Any) -> Any:
        words = {
            "title": "Minutes",
            "kind": "document",
            "citation": "Minutes, page 1",
            "effective_precision": "unknown",
            "visibility": "public",
            "seen": self.item.version if seen is None else seen,
        }
        to = reverse("evidence-edit", args=[self.item.pk])
        return self.post(to, person or self.staff, **{**words, **values})

    def test_the_words_are_mended(self) -> None:
        self.assertRedirects(self.send(publisher="The printer"), self.page)
        self.assert_words(self.read(self.page, self.staff), "Publisher The printer")

    def test_a_stale_form_is_shown_what_the_other_wrote(self) -> None:
        self.send(self.manager, title="Theirs")
        response = self.send(title="Mine")
        for words in ("Another person changed this evidence after you opened it", "Theirs", "Mine"):
            self.assertContains(response, words, status_code=409)
        self.assertEqual(Evidence.objects.get(pk=self.item.pk).title, "Theirs")
        again = self.send(title="Mine", seen=response.context["seen"])
        self.assertRedirects(again, self.page)

    def test_only_who_may(self) -> None:
        for name in ("evidence-edit", "evidence-revise"):
            to = reverse(name, args=[self.item.pk])
            self.assert_turned_away(to)
            for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
                with self.subTest(name=name, person=person.username):
                    self.assertEqual(self.get(to, person).status_code, 403)
                    self.assertEqual(self.post(to, person).status_code, 403)
            for person in (self.staff, self.manager):
                self.assertEqual(self.get(to, person).status_code, 200)
        self.assert_no_words(self.read(self.page, self.other_staff), "Edit evidence details")


class NewerFileTests(ItemTestCase):
    def send(self, **data: Any) -> Any:
        to = reverse("evidence-revise", args=[self.item.pk])
        return self.post(to, self.staff, **{"seen": self.item.version, **data})

    def test_a_newer_file_with_a_note(self) -> None:
        file = upload("third.pdf", pdf("3"))
        sent = {"evidence-uploads": file, "evidence-note": "Signed."}
        self.assertRedirects(self.send(**sent), self.page)
        newest = EvidenceRevision.objects.get(evidence=self.item, number=3)
        self.assertEqual((newest.original_name, newest.note), ("third.pdf", "Signed."))

    def test_one_file_and_one_only(self) -> None:
        self.assertContains(self.send(), "Choose the new file.", status_code=400)
        two = [upload("a.pdf", pdf("a")), upload("b.pdf", pdf("b"))]
        response = self.send(**{"evidence-uploads": two})
        self.assertContains(
            response,
            "An evidence item has one current file. Choose one file only.",
            status_code=400,
        )
        self.assertEqual(len(response.context["form"].tickets), 2)

    def test_the_file_stays_with_the_form_whatever_is_wrong(self) -> None:
        third = upload("third.pdf", pdf("3"))
        response = self.send(**{"evidence-uploads": third, "evidence-note": "x" * 201})
        self.assertContains(response, "third.pdf", status_code=400)
        evidence_changes.change_item(
            evidence=self.item,
            by=self.staff,
            expected_version=self.item.version,
            values={"title": "Theirs"},
        )
        token = response.context["form"].tickets[0].token
        stale = self.send(**{TICKETS: token})
        self.assertContains(stale, "This record was changed after you opened it.", status_code=409)
        self.assertContains(stale, "third.pdf", status_code=409)
        again = self.send(**{TICKETS: token, "seen": stale.context["seen"]})
        self.assertRedirects(again, self.page)
        same = self.send(**{TICKETS: token, "seen": stale.context["seen"] + 1})
        self.assertContains(same, "This file is already the current file.", status_code=409)
