"""Taking a stored file out in the administration: looked at first, for administrators alone."""

import re
from typing import Any
from unittest import mock

from django.contrib.auth.models import Group

from recommendations import audit
from recommendations.choices import Role
from recommendations.models import AuditEvent, Redaction, StoredFile
from recommendations.storage import evidence as store
from tests.admin.base import AdminTestCase, Window, address, note_backup, read_form, said
from tests.base import make_person
from tests.files import pdf, received

INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)")


class TakeFileOutTests(AdminTestCase):
    def setUp(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("By mistake.")))
        self.file = StoredFile.objects.get()
        self.page = f"/admin/recommendations/storedfile/{self.file.pk}/take-out/"
        super().setUp()

    def confirm(self) -> Any:
        preview = self.window.client.post(self.page, {"reason": "Sent by mistake."})
        sent = {**read_form(preview, "step_form"), "confirmed": "yes"}
        with self.captureOnCommitCallbacks(execute=True):
            return self.window.client.post(self.page, sent)

    def test_form_then_preview_then_done(self) -> None:
        shown = self.window.client.get(address(StoredFile, "change", self.file.pk))
        self.assertContains(shown, self.page)
        form = self.window.client.get(self.page)
        self.assertContains(form, "1 evidence item uses this file")
        self.assertContains(form, "A paper")
        self.assertNotContains(form, "Redact permanently")
        preview = self.window.client.post(self.page, {"reason": "Sent by mistake."})
        self.assertContains(preview, "Redact permanently")
        self.assertNotRegex(preview.content.decode(), INLINE)
        self.assertEqual(self.events(), [])
        self.assertEqual(self.confirm().status_code, 302)
        self.assertFalse(store.file_exists(self.file.pk))
        self.assertEqual(
            self.verbs(), [("redact_file", "redaction"), ("redact_file", "storedfile")]
        )
        self.assertEqual(audit.verify_chain().fault, "")
        shown = self.window.client.get(address(StoredFile, "change", self.file.pk))
        self.assertNotContains(shown, self.page)
        listing = self.window.client.get(address(Redaction, "changelist"))
        self.assertContains(listing, "Sent by mistake.")
        self.assertContains(listing, str(self.file))

    def test_backups_made_since_it_was_stored_are_named(self) -> None:
        stored = AuditEvent.objects.get(object_type="recommendations.storedfile").sequence
        note_backup("before.tar", "a" * 64, stored - 1)
        note_backup("after.tar", "b" * 64, stored)
        shown = self.window.client.get(self.page)
        self.assertContains(shown, "1 later backup may contain the redacted content")
        self.assertContains(shown, "after.tar")
        self.assertNotContains(shown, "before.tar")

    def test_twice_is_told(self) -> None:
        self.confirm()
        again = self.confirm()
        self.assertContains(again, "This file was already redacted.", status_code=400)

    def test_bytes_that_could_not_be_deleted_are_told(self) -> None:
        self.window.client.raise_request_exception = False
        with mock.patch.object(store, "delete_file"):
            self.confirm()
        shown = self.window.client.get(address(StoredFile, "changelist"))
        self.assertIn("check_evidence --prune", said(shown))

    def test_the_reason_is_needed(self) -> None:
        sent = self.window.client.post(self.page, {"reason": "", "confirmed": "yes"})
        self.assertContains(sent, "This field is required.", status_code=400)
        self.assertFalse(Redaction.objects.exists())

    def test_refused_for_everybody_else_superusers_included(self) -> None:
        self.administrator.groups.clear()
        self.administrator.groups.add(Group.objects.get(name=Role.MANAGER))
        for person in (
            self.administrator,
            make_person("clerk", Role.STAFF, is_staff=True),
            make_person("root", is_staff=True, is_superuser=True),
        ):
            client = Window(person).client
            with self.subTest(person):
                self.assertEqual(client.get(self.page).status_code, 403)
                sent = {"reason": "Because.", "confirmed": "yes"}
                self.assertEqual(client.post(self.page, sent).status_code, 403)
        root = Window(person).client
        self.assertNotContains(root.get(address(StoredFile, "change", self.file.pk)), self.page)
        self.assertEqual(Window(self.manager).client.get(self.page).status_code, 302)
        self.assertTrue(store.file_exists(self.file.pk))

    def test_no_such_file(self) -> None:
        page = self.page.replace(self.file.pk, "0" * 64)
        self.assertEqual(self.window.client.get(page).status_code, 404)
