"""Taking words out in the administration: form, preview, done; for administrators alone."""

import re
from typing import Any

from django.contrib.auth.models import Group
from django.urls import reverse

from recommendations import audit, guards
from recommendations.choices import Role
from recommendations.models import AuditEvent, Redaction, StatusUpdate
from tests.admin.base import AdminTestCase, Window, note_backup, read_form
from tests.base import make_person

WORDS = "Maria Müller"
PAGE = "/admin/recommendations/redaction/take-out/"


class RedactionPageTests(AdminTestCase):
    approved: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.make_approved(cls.recommendation, what_happened=f"{WORDS} agreed.")

    def look(self, **values: str) -> Any:
        sent = {"words": WORDS, "reason": "Asked for by the person.", **values}
        return self.window.client.post(PAGE, sent)

    def test_form_then_preview_then_done(self) -> None:
        self.assertEqual(reverse("admin:recommendations_redaction_take_out"), PAGE)
        listing = self.window.client.get(reverse("admin:recommendations_redaction_changelist"))
        self.assertContains(listing, PAGE)
        self.assertContains(self.window.client.get(PAGE), "Preview redaction")
        preview = self.look()
        self.assertContains(preview, "Found in 2 texts")
        self.assertContains(preview, f"{WORDS} agreed.", count=2)
        self.assertContains(preview, "REP-1")
        self.assertContains(preview, "The content of evidence files is not searched.")
        self.assertFalse(Redaction.objects.exists())
        self.assertEqual(self.events(), [])
        data = read_form(preview, "step_form")
        response = self.window.client.post(PAGE, {**data, "confirmed": "yes"}, follow=True)
        self.assertContains(response, "Redacted in 2 texts.")
        self.assertNotContains(response, "Maria")
        self.assertEqual(self.verbs(), [("redact", "redaction")])
        self.assertEqual(audit.verify_chain().fault, "")
        self.approved.refresh_from_db()
        self.assertRegex(self.approved.what_happened, r"^\[redacted on \d{4}-\d\d-\d\d\] agreed\.$")
        shown = self.window.client.get(
            reverse("admin:recommendations_auditevent_change", args=[self.events()[0].pk])
        )
        self.assertEqual(shown.status_code, 200)

    def test_a_preview_that_is_out_of_date_is_shown_again(self) -> None:
        data = read_form(self.look(), "step_form")
        self.make_evidence(WORDS)
        response = self.window.client.post(PAGE, {**data, "confirmed": "yes"})
        self.assertContains(
            response, "Records changed since the preview. Check the preview again.", status_code=400
        )
        self.assertIn("Found in ", response.content.decode())
        self.assertFalse(Redaction.objects.exists())

    def test_words_changed_after_the_preview_are_not_taken_out_unseen(self) -> None:
        data = read_form(self.look(), "step_form")
        response = self.window.client.post(PAGE, {**data, "words": "agreed", "confirmed": "yes"})
        self.assertEqual(response.status_code, 400)
        self.assertFalse(Redaction.objects.exists())

    def test_backups_made_since_the_words_were_written_are_named(self) -> None:
        before, after = "a" * 64, "b" * 64
        first = AuditEvent.objects.filter(object_type="recommendations.statusupdate")
        note_backup("before.tar", before, first.earliest("sequence").sequence - 1)
        self.assertNotContains(self.look(), "SHA-256")
        note_backup("after.tar", after, AuditEvent.objects.latest("sequence").sequence)
        shown = self.look()
        self.assertContains(shown, "1 later backup may contain the redacted content")
        self.assertContains(shown, "after.tar, ")
        self.assertContains(shown, f"SHA-256 {after}")
        self.assertNotContains(shown, "before.tar")

    def test_what_does_not_do_is_said_beside_the_field(self) -> None:
        for sent, told in (
            ({"words": "abc"}, "Enter at least 4 characters. Shorter text occurs too often"),
            ({"words": "Nobody Anywhere"}, "This text was not found."),
            ({"reason": ""}, "This field is required."),
            (
                {"reason": f"Of {WORDS}"},
                "The reason stays on record. Do not repeat the redacted text.",
            ),
        ):
            with self.subTest(sent):
                self.assertContains(self.look(**sent), told, status_code=400)

    def test_refused_for_everybody_else_superusers_included(self) -> None:
        self.administrator.groups.clear()
        self.administrator.groups.add(Group.objects.get(name=Role.MANAGER))
        for person in (
            self.administrator,
            make_person("keeper", Role.AUDITOR, is_staff=True),
            make_person("root", is_staff=True, is_superuser=True),
        ):
            window = Window(person)
            with self.subTest(person):
                self.assertEqual(window.client.get(PAGE).status_code, 403)
                sent = {"words": WORDS, "reason": "Because.", "confirmed": "yes"}
                self.assertEqual(window.client.post(PAGE, sent).status_code, 403)
                listing = window.client.get(reverse("admin:recommendations_redaction_changelist"))
                self.assertNotContains(listing, PAGE)
        self.assertEqual(Window(self.manager).client.get(PAGE).status_code, 302)
        self.assertFalse(AuditEvent.objects.filter(verb="redact").exists())
        self.assertEqual(guards.faults(self.connection()), {})

    def test_nothing_is_inline(self) -> None:
        for page in (self.window.client.get(PAGE), self.look()):
            html = page.content.decode()
            self.assertNotRegex(
                html, re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)")
            )
            self.assertIn("Content-Security-Policy", page.headers)

    def connection(self) -> Any:
        from django.db import connection

        return connection
