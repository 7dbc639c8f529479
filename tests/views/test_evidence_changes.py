"""Pages of public evidence that changes by two people: what waits, who reads it, who decides."""

import csv
from typing import Any

from django.test import override_settings
from django.urls import reverse

from recommendations.models import Evidence, EvidenceChange
from tests.admin.base import Window
from tests.files import pdf, upload
from tests.mail import outbox, sending
from tests.settled import TITLE, SettledTestCase
from tests.views.pages import PageTestCase, shown_fields, words_of
from tests.views.writing import Browser

OTHER = "Minutes of the board"


class ChangePageTestCase(SettledTestCase, PageTestCase):
    @property
    def page(self) -> str:
        return self.item.get_absolute_url()

    def address(self, name: str = "evidence-change") -> str:
        return reverse(name, args=[self.proposal.pk])


class WaitingTests(ChangePageTestCase):
    def test_readers_with_a_role_are_told_that_a_newer_version_waits(self) -> None:
        self.change(title=OTHER)
        told = "A newer version awaits a decision"
        for person in (self.manager, self.staff, self.auditor):
            self.assert_words(self.read(self.page, person), told, OTHER, "proposed by Manager")
        viewer = self.read(self.page, self.viewer)
        self.assertIn(told, viewer)
        self.assertNotIn(OTHER, viewer)
        self.assertIn("Decide on this change", self.read(self.page, self.other_manager))
        self.assertNotIn("Decide on this change", self.read(self.page, self.manager))

    @override_settings(PUBLIC_PAGES=True)
    def test_readers_outside_read_what_was_approved_and_nothing_of_the_rest(self) -> None:
        self.change(title=OTHER)
        self.swap()
        for path in (self.page, "/evidence/", "/recommendations/REP-1/", "/evidence/export/"):
            answer = self.get(path)
            self.assertEqual(answer.status_code, 200, path)
            content = b"".join(answer) if answer.streaming else answer.content
            self.assertNotIn(OTHER.encode(), content, path)
            self.assertNotIn(b"newer version", content, path)
        for change in EvidenceChange.objects.all():
            for path in (
                reverse("evidence-change", args=[change.pk]),
                reverse("evidence-change-file", args=[change.pk]),
            ):
                self.assertEqual(self.get(path).status_code, 302, path)
                self.assertEqual(self.get(path, self.stranger).status_code, 403, path)
                self.assertEqual(self.get(path, self.viewer).status_code, 403, path)
        self.assertEqual(
            self.get(reverse("evidence-file", args=[self.item.pk, 2])).status_code, 404
        )

    def test_a_proposed_file_is_given_to_readers_of_drafts(self) -> None:
        self.swap()
        answer = self.get(self.address("evidence-change-file"), self.auditor)
        self.assertEqual(b"".join(answer), pdf("2"))
        self.assertIn("b.pdf", answer["Content-Disposition"])
        text = self.read(self.address(), self.other_manager)
        self.assert_words(text, "Original name b.pdf", "Changes in this file Signed.", "a.pdf")

    def test_review_and_the_mail_name_it_to_who_may_decide(self) -> None:
        with sending():
            self.change(title=OTHER)
        [letter] = outbox()
        self.assertEqual(letter.to, [self.other_manager.email])
        told = f"Evidence “{TITLE}”: a change awaits your decision (Details)"
        self.assertIn(told, self.read("/review/", self.other_manager))
        self.assertNotIn(told, self.read("/review/", self.manager))

    def test_the_export_counts_what_waits_and_what_was_decided(self) -> None:
        self.change(title=OTHER)
        self.agree()
        self.swap()
        answer = self.get("/evidence/export/", self.staff, format="csv")
        [row] = csv.DictReader(b"".join(answer).decode("utf-8-sig").splitlines())
        self.assertEqual((row["changes_awaiting"], row["changes_decided"]), ("1", "1"))


class FormTests(ChangePageTestCase):
    def test_forms_say_beforehand_and_afterwards_that_a_change_waits(self) -> None:
        window = Browser(self.manager)
        page = window.open("evidence-edit", self.item.pk)
        self.assertContains(page, "A change awaits another manager.")
        form = page.context["form"]
        sent = {name: form[name].value() or "" for name in form.fields}
        answer = window.client.post(
            reverse("evidence-edit", args=[self.item.pk]),
            {**sent, "title": OTHER, "seen": self.item.version},
            follow=True,
        )
        self.assertContains(answer, "Your change awaits another manager.")
        self.assertContains(
            window.open("evidence-revise", self.item.pk), "A change awaits another manager."
        )
        answer = window.client.post(
            reverse("evidence-revise", args=[self.item.pk]),
            {"evidence-uploads": [upload("b.pdf", pdf("2"))], "seen": self.item.version},
            follow=True,
        )
        self.assertContains(answer, "The new file awaits another manager.")
        self.assertEqual(EvidenceChange.objects.open().count(), 2)

    def test_linking_own_public_evidence_says_that_the_public_does_not_see_it_yet(self) -> None:
        own = self.make_evidence("Mine", by=self.manager, visibility="public")
        answer = self.client_for(self.manager).post(
            reverse("update-evidence", args=[self.update.pk]),
            {"evidence-existing": own.pk, "evidence-stance": "supports"},
            follow=True,
        )
        self.assertContains(answer, "The public sees it once another manager agrees.")
        page = self.read(own.get_absolute_url(), self.staff)
        self.assertIn("Not public until another manager agrees", page)

    def test_so_does_the_administration(self) -> None:
        window = Window(self.administrator)
        form = window.open(Evidence, self.item.pk)
        answer = window.send(Evidence, self.item.pk, form, title=OTHER)
        page = window.client.get(answer["Location"])
        self.assertContains(page, "Your change awaits another manager.")
        self.item.refresh_from_db()
        self.assertEqual(self.item.title, TITLE)
        self.assertEqual(self.proposal.proposed_by, self.administrator)


class DecisionPageTests(ChangePageTestCase):
    def decide(self, button: str, **data: str) -> Any:
        window = self.client_for(self.other_manager)
        shown = shown_fields(window.get(self.address()))
        return window.post(self.address(button), {**shown, **data})

    @override_settings(PUBLIC_PAGES=True)
    def test_approved_it_is_public(self) -> None:
        self.change(title=OTHER)
        self.assertEqual(self.decide("evidence-change-approve").status_code, 302)
        self.assertIn(OTHER, self.read(self.page))
        self.assertIn("Other Manager approved this change", self.read(self.page, self.staff))

    def test_rejected_it_needs_a_note(self) -> None:
        self.change(title=OTHER)
        answer = self.decide("evidence-change-reject")
        self.assertEqual(answer.status_code, 400)
        self.assertIn("Give the reason for rejecting the change.", words_of(answer))
        self.assertEqual(self.decide("evidence-change-reject", note="No.").status_code, 302)
        self.assertEqual(self.proposal.state, "rejected")

    def test_only_a_manager_without_a_hand_in_it_is_offered_the_decision(self) -> None:
        self.change(title=OTHER)
        for person in (self.manager, self.staff, self.auditor, self.administrator):
            text = self.read(self.address(), person)
            self.assertNotIn("Approve change", text)
            self.assertEqual(
                self.post(self.address("evidence-change-approve"), person).status_code, 403
            )
        self.assertTrue(self.proposal.is_awaiting)

    def test_who_proposed_it_withdraws_it_on_its_page(self) -> None:
        self.change(title=OTHER)
        self.assertIn("Withdraw change", self.read(self.address(), self.manager))
        button = self.address("evidence-change-withdraw")
        self.assertEqual(self.post(button, self.other_manager).status_code, 403)
        self.assertEqual(self.post(button, self.manager).status_code, 302)
        self.assertEqual(self.proposal.state, "withdrawn")
        self.assertEqual(self.post(button, self.manager).status_code, 409)
