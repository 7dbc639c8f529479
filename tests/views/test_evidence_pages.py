"""Evidence: the list, the page of an item with its files and verifications, and its changes."""

import csv
from typing import Any

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import indicators, recommendations
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.filters.lists import EvidenceFilter, PublicEvidenceFilter
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    StoredFile,
    User,
)
from tests.base import days_ago, link_evidence
from tests.edits import newer_file
from tests.files import pdf, received, upload
from tests.mail import outbox, sending
from tests.settled import TITLE, SettledTestCase
from tests.updates import begin_draft
from tests.views.pages import shown_fields, words_of
from tests.views.writing import Browser, ProgressTestCase

LIST = "/evidence/"
OTHER = "Minutes of the board"
TODAY, THEN = f"{days_ago(0):%-d %B %Y}", f"{days_ago(400):%-d %B %Y}"
WAITS = "A newer version awaits a decision"


class EvidenceTestCase(ProgressTestCase):
    """A public law for the update in force, an internal note against it, a draft's own paper."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.law = cls.make_evidence(
            "A law",
            visibility="public",
            publisher="The printer",
            by=cls.other_staff,
            description="Says what must be done.",
            url="https://example.org/law",
            effective_on=days_ago(400),
            effective_precision="day",
        )
        Evidence.objects.filter(pk=cls.law.pk).update(reliability="usually_reliable")
        cls.note = cls.make_evidence("A note", kind="statement", by=cls.manager)
        cls.paper = cls.make_evidence("A paper", visibility="public")
        cls.update = cls.make_approved(cls.recommendation)
        cls.attach(cls.update, cls.law, "supports", why="It binds everybody.")
        cls.attach(cls.update, cls.note, "undermines", by=cls.manager)
        cls.draft = begin_draft(recommendation=cls.recommendation, by=cls.staff)
        cls.attach(cls.draft, cls.paper, "supports")

    @classmethod
    def attach(cls, update: Any, item: Evidence, stance: str, **values: Any) -> EvidenceLink:
        by = values.pop("by", cls.staff)
        return link_evidence(to=update, by=by, stance=stance, evidence=item, **values)

    def setUp(self) -> None:
        super().setUp()
        items = (self.law, self.note, self.paper)
        self.law_page, self.note_page, self.paper_page = (i.get_absolute_url() for i in items)

    def publish(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)

    def titles(self, person: Any, **query: Any) -> list[str]:
        return [item.title for item in self.get(LIST, person, **query).context["page"]]


class ListTests(EvidenceTestCase):
    def test_each_has_kind_reliability_and_how_many_checked_it(self) -> None:
        for person in (self.manager, self.other_manager):
            evidence_items.check_evidence(evidence=self.law, by=person)
        withdrawn = evidence_items.check_evidence(evidence=self.paper, by=self.manager)
        evidence_items.withdraw_check(check=withdrawn, by=self.manager)
        for row in (
            "Evidence 3 | A law A law, page 1 Document Usually reliable 2 1 0 A note",
            "A note A note, page 1 Statement Internal 0 0 2 Unanswered A paper",
            "A paper A paper, page 1 Document 0 1 0 Download",
        ):
            self.assert_says(LIST, "staff", row)

    def test_each_filter_finds_what_it_should(self) -> None:
        cases = {
            "text": "PRINTER: law; page note: note; zzz:",
            "kind": "statement: note; dataset:",
            "reliability": "usually_reliable: law; unreliable:",
            "visibility": "internal: note; public: law paper",
            "file": "with: paper; without: law note; held:; fault: paper; redacted:",
            "check": "checked: law; unchecked: note paper",
            "validity": "expired: note; valid: law paper",
            "stance": "supports: law paper; undermines: note; unanswered: note; need:; none:",
        }
        evidence_items.check_evidence(evidence=self.law, by=self.other_manager)
        # A check by who brought the file, or of a file at fault, is none.
        newer_file(self.paper, self.manager, received())
        evidence_items.check_evidence(evidence=self.paper, by=self.other_manager)
        StoredFile.objects.update(fault="altered", compared_at=timezone.now())
        Evidence.objects.filter(pk=self.note.pk).update(expires_on=days_ago(1))
        self.assertEqual(set(cases), set(EvidenceFilter.base_filters))
        # `test_public` shows that those which the public has not change nothing that it reads.
        inside = {"reliability", "visibility", "file", "check", "validity", "stance"}
        self.assertEqual(set(cases) - set(PublicEvidenceFilter.base_filters), inside)
        for name, finds in cases.items():
            for value, _colon, found in (each.partition(":") for each in finds.split("; ")):
                with self.subTest(filter=name, value=value):
                    expected = [f"A {title}" for title in found.split()]
                    self.assertEqual(self.titles(self.staff, **{name: value}), expected)


class PageTests(EvidenceTestCase):
    def test_where_it_comes_from_and_what_it_stands_for_and_against(self) -> None:
        for words in (
            "A law Not verified Says what must be done.",
            "Type Document Citation A law, page 1 Address https://example.org/law Publisher The",
            f"Effective date {THEN} Reliability Usually reliable Visibility Published Recorded",
            f"Evidence: Supports REP-1 Do the thing Update as of {TODAY} It binds everybody.",
        ):
            self.assert_says(self.law_page, "staff", words)
        against = "Evidence: Contradicts REP-1 Do the thing | Added by Manager"
        self.assert_says(self.note_page, "staff", f"{against} | Effective date Unknown")
        self.assert_says(self.note_page, "staff", "Unanswered since")
        link = EvidenceLink.objects.get(evidence=self.note, update=self.update)
        evidence_items.answer(link=link, by=self.manager, text="Out of date.")
        self.assert_says(self.note_page, "staff", f"Answered by Manager on {TODAY}: Out of date.")
        of = {"indicator": self.make_indicator(), "area": self.make_area(), "period": "2020"}
        figure = indicators.observe(**of, by=self.manager, values={"value": 1})
        self.attach(figure, self.law, "supports", by=self.manager)
        leads = '<a href="/indicators/USE/">USE 2020</a>'
        self.assertContains(self.get(self.law_page, self.staff), leads)


class VisibilityTests(EvidenceTestCase):
    def test_internal_items_are_for_readers_of_drafts(self) -> None:
        for name in ("staff", "other_staff", "manager", "auditor", "administrator"):
            self.assertIn("A note", self.titles(getattr(self, name)))
            self.assert_says(self.note_page, name, "A note")
        self.assertEqual(self.titles(self.viewer), ["A law", "A paper"])
        self.assert_says(self.note_page, "viewer", status=404)
        self.assert_says(self.paper_page, "viewer", "No visible links")
        self.assert_says(self.paper_page, "staff", "Evidence: Supports REP-1 Do the thing")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_public_items_under_what_is_published_and_in_force(self) -> None:
        pages = (self.law_page, self.note_page, self.paper_page)
        for titles in ([], ["A law"]):
            for reader in ("", "stranger"):
                self.assertEqual(self.titles(getattr(self, reader, None)), titles)
                for page in pages[len(titles) :]:
                    self.assert_says(page, reader, status=404)
            if not titles:
                self.publish()
        told = "A law Says what must be done. | The printer | Supports REP-1 Do the thing"
        hidden = "It binds everybody | Verifications | Recorded | Staff"
        for reader in ("", "stranger"):
            self.assert_says(self.law_page, reader, told, hidden)
        later = self.make_submitted(self.recommendation)
        decisions.approve_update(update=later, by=self.manager, confirm_contradictions=True)
        self.assert_says(self.law_page, "", status=404)


class ItemTestCase(ProgressTestCase):
    """A public item with its second file, for an update that awaits review."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.item = cls.make_evidence("Minutes", visibility="public", file=received("first.pdf"))
        cls.update = cls.make_submitted(cls.recommendation)
        link_evidence(to=cls.update, by=cls.staff, stance="supports", evidence=cls.item)
        evidence_items.check_evidence(evidence=cls.item, by=cls.manager, note="Of the first.")
        cls.revise(cls.staff, "second.pdf", pdf("2"), note="A page was missing.")
        cls.page = cls.item.get_absolute_url()
        cls.first, cls.second = StoredFile.objects.order_by("revisions__number")

    @classmethod
    def revise(cls, by: User, name: str, content: bytes, note: str = "") -> None:
        newer_file(cls.item, by, received(name, content), note=note)
        cls.item = Evidence.objects.get(pk=cls.item.pk)

    def as_it_is(self, **values: Any) -> None:
        StoredFile.objects.filter(pk=self.second.pk).update(**values)

    def send(self, name: str, by: User | None = None, **data: Any) -> Any:
        to = reverse(name, args=[self.item.pk])
        return self.post(to, by or self.staff, **{"version": self.item.version, **data})


class FileTests(ItemTestCase):
    def test_the_file_now_and_the_earlier_one_with_their_digests(self) -> None:
        for words in (
            "File Download (PDF document, 55 bytes) | Original name second.pdf Added by Staff",
            f"Changes in this file A page was missing. SHA-256 {self.second.pk}",
            "Stored bytes No integrity check since the upload",
            "Earlier files Earlier files are kept. Their verification does not cover the current "
            f"file. File 1, added by Staff on {TODAY} | {self.first.pk}",
        ):
            self.assert_says(self.page, "viewer", words)

    def test_what_became_of_the_stored_bytes(self) -> None:
        now, passed = timezone.now(), "Last integrity check passed on"
        redacted = {"redacted_at": now, "redacted_by": self.administrator}
        cases: tuple[tuple[dict[str, Any], str], ...] = (
            ({"compared_at": now}, passed),
            ({"fault": "missing"}, "The stored file is missing."),
            ({"fault": "altered"}, "The stored file differs from the uploaded file."),
            ({"fault": "", "scan": "waiting"}, "The file awaits the virus scan."),
            (
                {"scan": "refused", "scanned_at": now, "scan_note": "A virus."},
                "The virus scanner rejected the file. A virus.",
            ),
            (redacted, f"Redacted on {TODAY} by Administrator."),
        )
        address = reverse("evidence-file", args=[self.item.pk, 2])
        for values, words in cases:
            self.as_it_is(**values)
            with self.subTest(words=words):
                response = self.get(self.page, self.staff)
                self.assert_words(words_of(response), words, self.second.pk)
                is_offered = f'href="{address}"' in response.content.decode()
                self.assertEqual(is_offered, words == passed)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_is_told_what_the_file_is_and_nobodys_name(self) -> None:
        decisions.approve_update(update=self.update, by=self.manager)
        self.recommendation.refresh_from_db()
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        hidden = f"second.pdf | A page was missing | Staff | Manager | Verif | {self.first.pk}"
        told = f"Download (PDF document | SHA-256 {self.second.pk}"
        self.assert_says(self.page, "", told, hidden.replace("Verif", "Verifications"))
        self.as_it_is(redacted_at=timezone.now(), redacted_by=self.administrator)
        self.assert_says(self.page, "", "Redacted on", "Administrator")

    def test_rows_tell_the_file_and_that_a_check_was_of_an_earlier_one(self) -> None:
        decisions.approve_update(update=self.update, by=self.manager)
        update = self.update.get_absolute_url()
        newer = f"Verified by Manager, {days_ago(0):%-d %b %Y}, but the file is newer"
        told = f"{newer} | PDF document, 55 | Mark as verified: Minutes"
        self.assert_says(update, "other_manager", told)
        tab = f"{self.recommendation.get_absolute_url()}evidence/"
        self.assert_says(tab, "staff", "Verified, but the file is newer | PDF document")
        self.as_it_is(fault="altered", compared_at=timezone.now())
        fault = "Stored file differs from the upload"
        self.assert_says(update, "other_manager", fault, "Mark as verified")


class CheckTests(ItemTestCase):
    def test_with_a_note_and_a_judgement(self) -> None:
        page = self.get(self.page, self.manager)
        told = "The current version of this evidence is not verified."
        self.assertContains(page, told)
        said = {"check-note": "Compared.", "check-reliability": "usually_reliable"}
        answer = self.send("evidence-check", self.manager, **said, **shown_fields(page))
        self.assertRedirects(answer, self.page)
        told = "Verified by Manager (Ministry A) | Compared. | Usually reliable"
        earlier = "Withdraw my verification | of an earlier file, number 1 Of the first."
        self.assert_says(self.page, "manager", f"{told} | {earlier}")
        self.assertRedirects(self.send("evidence-uncheck", self.manager), self.page)
        taken = EvidenceCheck.objects.get(removed_at__isnull=False)
        self.assertEqual((taken.revision, taken.note), (2, "Compared."))
        typed = {"check-reliability": "magic", "check-note": "Typed."}
        wrong = self.send("evidence-check", self.other_manager, **typed)
        self.assertContains(wrong, "Typed.", status_code=400)
        self.assertEqual(EvidenceCheck.objects.count(), 2)


class EditTests(ItemTestCase):
    WORDS = {
        "title": "Minutes",
        "kind": "document",
        "citation": "Minutes, page 1",
        "effective_precision": "unknown",
        "visibility": "public",
    }

    def edit(self, by: User | None = None, **values: Any) -> Any:
        return self.send("evidence-edit", by, **{**self.WORDS, **values})

    def revised(self, *files: Any, **data: Any) -> Any:
        return self.send("evidence-revise", **{"evidence-uploads": list(files), **data})

    def test_words_change_and_a_stale_form_is_shown_what_the_other_wrote(self) -> None:
        self.assertRedirects(self.edit(self.manager, title="Theirs", publisher="Pub."), self.page)
        self.assert_says(self.page, "staff", "Publisher Pub.")
        response = self.edit(title="Mine")
        told = "This record was changed after you opened it"
        for words in (told, "Theirs", "Mine"):
            self.assertContains(response, words, status_code=409)
        self.assertEqual(Evidence.objects.get(pk=self.item.pk).title, "Theirs")
        again = self.edit(title="Mine", version=response.context["version"])
        self.assertRedirects(again, self.page)

    def test_one_newer_file_with_a_note(self) -> None:
        self.assertContains(self.revised(), "Choose the new file.", status_code=400)
        response = self.revised(upload("a.pdf", pdf("a")), upload("b.pdf", pdf("b")))
        told = "An evidence item has one current file. Choose one file only."
        self.assertContains(response, told, status_code=400)
        self.assertEqual(len(response.context["form"].tickets), 2)
        sent = self.revised(upload("third.pdf", pdf("3")), **{"evidence-note": "Signed."})
        self.assertRedirects(sent, self.page)
        newest = EvidenceRevision.objects.get(evidence=self.item, number=3)
        self.assertEqual((newest.original_name, newest.note), ("third.pdf", "Signed."))


class ChangeTests(SettledTestCase, ProgressTestCase):
    """Public evidence on which readers outside rest changes by two people."""

    def setUp(self) -> None:
        super().setUp()
        self.page = self.item.get_absolute_url()

    def address(self, name: str = "evidence-change") -> str:
        return reverse(name, args=[EvidenceChange.objects.latest("pk").pk])

    def decide(self, button: str, **data: str) -> Any:
        shown = shown_fields(self.get(self.address(), self.other_manager))
        return self.post(self.address(button), self.other_manager, **{**shown, **data})

    def test_readers_with_a_role_are_told_that_a_newer_version_waits(self) -> None:
        with sending():
            self.change(title=OTHER)
        [letter] = outbox()
        self.assertEqual(letter.to, [self.other_manager.email])
        for reader in ("manager", "staff", "auditor"):
            shown = f"{WAITS} | {OTHER} | proposed by Manager"
            self.assert_says(self.page, reader, shown, "Decide on this change")
        self.assert_says(self.page, "viewer", WAITS, OTHER)
        self.assert_says(self.page, "other_manager", "Decide on this change")
        told = f"Evidence “{TITLE}”: a change awaits your decision (Details)"
        self.assert_says("/review/", "other_manager", told)
        self.assert_says("/review/", "manager", "", told)

    @override_settings(PUBLIC_PAGES=True)
    def test_readers_outside_read_what_was_approved_and_nothing_of_the_rest(self) -> None:
        self.change(title=OTHER)
        self.swap()
        for path in (self.page, LIST, "/recommendations/REP-1/", "/evidence/export/"):
            content = self.get(path).getvalue()
            for hidden in (OTHER.encode(), b"newer version"):
                self.assertNotIn(hidden, content, path)
        for change in EvidenceChange.objects.all():
            for name in ("evidence-change", "evidence-change-file"):
                path = reverse(name, args=[change.pk])
                people = (None, self.stranger, self.viewer)
                found = [self.get(path, person).status_code for person in people]
                self.assertEqual(found, [302, 403, 403], path)
        newer = reverse("evidence-file", args=[self.item.pk, 2])
        self.assertEqual(self.get(newer).status_code, 404)

    def test_a_proposed_file_is_given_to_readers_of_drafts(self) -> None:
        self.swap()
        answer = self.get(self.address("evidence-change-file"), self.auditor)
        self.assertEqual(answer.getvalue(), pdf("2"))
        self.assertIn("b.pdf", answer["Content-Disposition"])
        told = "Original name b.pdf | Changes in this file Signed. | a.pdf"
        self.assert_says(self.address(), "other_manager", told)

    def test_forms_say_beforehand_and_afterwards_that_a_change_waits(self) -> None:
        window = Browser(self.manager)
        shown = {"version": self.item.version}
        form = window.open("evidence-edit", self.item.pk).context["form"]
        words = {name: form[name].value() or "" for name in form.fields} | {"title": OTHER}
        file = {"evidence-uploads": [upload("b.pdf", pdf("2"))]}
        for name, sent, told in (
            ("evidence-edit", words, "Your change awaits another manager."),
            ("evidence-revise", file, "The new file awaits another manager."),
        ):
            page = window.open(name, self.item.pk)
            self.assertContains(page, "A change awaits another manager.")
            to = reverse(name, args=[self.item.pk])
            self.assertContains(window.client.post(to, sent | shown, follow=True), told)
            self.assertContains(window.open(name, self.item.pk), "already awaits a decision.")
        self.assertEqual(EvidenceChange.objects.open().count(), 2)

    def test_a_link_that_waits_is_decided_on_by_what_it_is_for(self) -> None:
        item = self.make_evidence("Mine", by=self.manager, visibility="public")
        link_evidence(to=self.recommendation, by=self.manager, stance="need", evidence=item)
        self.assert_says(self.address(), "other_manager", "Change of “Mine” | REP-1 Do the thing")
        self.assertEqual(self.decide("evidence-change-approve").status_code, 302)
        self.assertIn("Mine", self.linked_outside())

    def test_rejected_it_needs_a_note(self) -> None:
        self.change(title=OTHER)
        self.assert_says(self.address(), "manager", "Withdraw change", "Approve")
        answer = self.decide("evidence-change-reject")
        told = "Enter the reason."
        self.assertContains(answer, told, status_code=400)
        self.assertEqual(self.decide("evidence-change-reject", note="No.").status_code, 302)
        self.assertEqual(self.proposal.state, "rejected")
        self.change(title=OTHER)
        file = self.get("/evidence/export/", self.staff, format="csv").getvalue()
        [row] = csv.DictReader(file.decode("utf-8-sig").splitlines())
        self.assertEqual((row["changes_awaiting"], row["changes_decided"]), ("1", "1"))
        self.assertEqual(self.decide("evidence-change-approve").status_code, 302)
        self.assert_says(self.page, "staff", f"{OTHER} | Other Manager approved this change")
