"""Steps that cannot be taken back: looked at first, then done, by those who may.

Handing over, succession, invitation, closing accounts, and taking words and files out.
"""

import re
from typing import Any
from unittest import mock

from django.urls import reverse

from recommendations import guards
from recommendations.choices import Role
from recommendations.models import (
    AuditEvent,
    Organisation,
    Redaction,
    StatusUpdate,
    StoredFile,
    User,
)
from recommendations.queries.people import workload_of
from recommendations.storage import evidence as store
from recommendations.templatetags.texts import day
from tests.admin.base import AdminTestCase, Window, address, note_backup, read_form, said
from tests.base import days_ago, make_person
from tests.files import pdf, received
from tests.updates import begin_draft
from tests.views.pages import client_of

ROOT = "/admin/recommendations"
TAKE_OUT = f"{ROOT}/redaction/take-out/"
WORDS = "Maria Müller"
CHANGED = "Records changed since the preview. Check the preview again."
INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*src=)")


class StepTestCase(AdminTestCase):
    heir: User
    draft: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = make_person("heir", Role.STAFF, cls.ministry)
        cls.draft = begin_draft(recommendation=cls.recommendation, by=cls.staff)

    def hand_over(self, person: User | None = None) -> str:
        return f"{ROOT}/user/{(person or self.staff).pk}/hand-over/"

    def send(self, page: str, window: Any = None, **data: Any) -> Any:
        return (window or self.window).client.post(page, data)

    def confirm(self, page: str, preview: Any, **data: Any) -> Any:
        sent = {**read_form(preview, "step_form"), "confirmed": "yes", **data}
        with self.captureOnCommitCallbacks(execute=True):
            return self.window.client.post(page, sent, follow=True)

    def assert_previewed(self, preview: Any, *words: str) -> None:
        """A preview shows these, has nothing inline, and nothing is done yet."""
        for each in words:
            self.assertContains(preview, each)
        self.assertNotRegex(preview.content.decode(), INLINE)
        self.assertIn("Content-Security-Policy", preview.headers)
        self.assertEqual(self.events(), [])


class WhoTests(StepTestCase):
    def test_each_step_is_open_to_those_who_may_and_no_superuser_without_a_role(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("By mistake.")))
        file = StoredFile.objects.get()
        taken_out = f"{ROOT}/storedfile/{file.pk}/take-out/"
        User.objects.filter(pk__in=[self.manager.pk, self.auditor.pk, self.staff.pk]).update(
            is_staff=True
        )
        people = {
            "keeper": make_person("keeper", Role.ADMINISTRATOR, is_staff=True),
            "manager": self.manager,
            "auditor": self.auditor,
            "staff": self.staff,
            "root": make_person("root", is_staff=True, is_superuser=True),
        }
        self.first_event = AuditEvent.objects.count()
        for page, who in (
            (self.hand_over(), {"keeper", "manager"}),
            (f"{ROOT}/organisation/{self.ministry.pk}/succeed/", {"keeper"}),
            (TAKE_OUT, {"keeper"}),
            (taken_out, {"keeper"}),
        ):
            for name, person in people.items():
                with self.subTest(page=page, person=name):
                    client = Window(person).client
                    status = 200 if name in who else 403
                    self.assertEqual(client.get(page).status_code, status)
                    if name not in who:
                        sent = {"words": WORDS, "reason": "Because.", "confirmed": "yes"}
                        self.assertEqual(client.post(page, sent).status_code, 403)
            self.assertEqual(Window(self.other_manager).client.get(page).status_code, 302)
        for gone in (self.hand_over().replace(str(self.staff.pk), "99999"),):
            self.assertEqual(self.window.client.get(gone).status_code, 404)
        nowhere = taken_out.replace(file.pk, "0" * 64)
        self.assertEqual(self.window.client.get(nowhere).status_code, 404)
        self.assertEqual(self.events(), [])
        self.assertTrue(store.file_exists(file.pk))

    def test_links_to_them_are_offered_to_who_may(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("By mistake.")))
        file = StoredFile.objects.get()
        looker = Window(make_person("looker", Role.AUDITOR, is_staff=True))
        succeed = f"{ROOT}/organisation/{self.ministry.pk}/succeed/"
        for page, link in (
            (address(User, "change", self.staff.pk), self.hand_over()),
            (address(User, "change", self.staff.pk), "Send a link to set a new password"),
            (address(User, "changelist"), reverse("set-up-people")),
            (address(Organisation, "change", self.ministry.pk), succeed),
            (address(Redaction, "changelist"), TAKE_OUT),
            (address(StoredFile, "change", file.pk), f"/storedfile/{file.pk}/take-out/"),
        ):
            with self.subTest(page=page, link=link):
                self.assertContains(self.window.client.get(page), link)
                self.assertNotContains(looker.client.get(page), link)


class HandOverPageTests(StepTestCase):
    def test_looked_at_and_then_done(self) -> None:
        page = self.hand_over()
        self.assertContains(self.window.client.get(page), "2 items to hand over")
        preview = self.send(page, to=self.heir.pk, reason="Leaves", is_deactivated="on")
        self.assert_previewed(
            preview,
            "REP-1 Do the thing",
            "Drafts: 1",
            f"REP-1 Do the thing, update as of {day(self.draft.as_of)}",
        )
        self.assertIn("Handed over to Heir: 2.", said(self.confirm(page, preview)))
        self.assertEqual(workload_of(self.staff).count, 0)
        self.staff.refresh_from_db()
        self.assertFalse(self.staff.is_active)
        self.assert_whole()

    def test_who_may_not_log_updates_is_not_offered(self) -> None:
        page = self.window.client.get(self.hand_over())
        offered = {str(label) for _key, label in page.context["form"].fields["to"].choices}
        self.assertTrue({"Heir", "Manager", "Other Staff"} <= offered)
        self.assertFalse({"Viewer", "Auditor", "Administrator", "Stranger", "Staff"} & offered)
        self.assertEqual(self.send(self.hand_over(), to=self.viewer.pk).status_code, 400)

    def test_what_stands_in_the_way_is_told_before(self) -> None:
        User.objects.filter(pk=self.heir.pk).update(organisation=self.agency)
        self.recommendation.lead_officer = None
        self.recommendation.save()
        preview = self.send(self.hand_over(), to=self.heir.pk)
        self.assertContains(preview, "REP-1 Do the thing: Heir cannot log updates on it.")
        self.assertNotContains(preview, 'value="Hand over all work"')

    def test_a_preview_out_of_date_is_shown_again_and_then_counts(self) -> None:
        page = self.hand_over()
        self.assertContains(self.send(page), "This field is required.", status_code=400)
        preview = self.send(page, to=self.heir.pk)
        self.make_recommendation("Do another thing")
        refused = self.confirm(page, preview)
        self.assertContains(refused, CHANGED, status_code=400)
        self.assertContains(refused, "REP-2", status_code=400)
        self.assertEqual(self.confirm(page, refused).status_code, 200)
        self.assertEqual(workload_of(self.staff).count, 0)

    def test_a_manager_closes_no_account(self) -> None:
        User.objects.filter(pk=self.manager.pk).update(is_staff=True)
        window, offered = Window(self.manager), "Close the account as well"
        self.assertContains(self.window.client.get(self.hand_over()), offered)
        self.assertNotContains(window.client.get(self.hand_over()), offered)
        preview = self.send(self.hand_over(), window, to=self.heir.pk, is_deactivated="on")
        self.assertContains(preview, "Hand over all work")
        self.assertNotContains(preview, 'name="is_deactivated"')


class OrganisationsAndInvitationsTests(StepTestCase):
    def test_a_succession(self) -> None:
        page = reverse("admin:recommendations_organisation_succeed", args=[self.ministry.pk])
        sent = {"successor": self.agency.pk, "on": days_ago(1).isoformat(), "moves_work": "on"}
        preview = self.send(page, **sent)
        self.assert_previewed(preview, "Lead organisation of: 1")
        done = self.confirm(page, preview)
        self.assertIn("Ministry A is succeeded by Agency B.", said(done))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.lead, self.agency)
        again = self.confirm(page, self.send(page, **sent))
        self.assertContains(again, "was already succeeded by", status_code=400)


class ClosingTests(StepTestCase):
    def test_on_a_page_that_asks_and_tells_what_still_waits(self) -> None:
        client, page = client_of(self.staff), f"{ROOT}/user/{self.staff.pk}/close/"
        form = self.window.client.get(address(User, "change", self.staff.pk))
        self.assertContains(form, f'href="{page}"')
        data = self.window.open(User, self.staff.pk)
        self.assert_saved(self.window.send(User, self.staff.pk, data, is_active=None))
        asked = self.window.client.get(page)
        self.assertContains(asked, "The owners are signed out at once")
        self.assertContains(asked, "<td>2 ")
        self.assertEqual(self.verbs(), [])
        answer = self.confirm(page, asked)
        self.assertContains(answer, "2 items still await Staff.")
        self.assertEqual(client.get("/my-work/").status_code, 302)
        data = self.window.open(User, self.staff.pk)
        self.assert_saved(self.window.send(User, self.staff.pk, data, is_active="on"))
        self.assertEqual(self.verbs(), [("deactivate", "user"), ("change", "user")])

    def test_by_an_act_each_with_its_event_and_what_waits_can_still_be_handed_over(self) -> None:
        page, chosen = self.hand_over(), (self.staff, self.viewer, self.administrator)
        asked = self.window.act(User, "deactivate", *chosen)
        self.assertContains(asked, 'value="Close 3 accounts"')
        self.assertEqual(self.verbs(), [])
        answer = self.window.act(User, "deactivate", *chosen, confirmed="yes")
        self.assertIn("Staff: the account is closed.", said(answer))
        self.assertIn("You cannot close your own account.", said(answer))
        self.assertContains(answer, f'2 items still await Staff. <a href="{page}">')
        self.assertNotContains(answer, "await Viewer")
        self.assertEqual(self.verbs(), [("deactivate", "user")] * 2)
        self.assertEqual(self.confirm(page, self.send(page, to=self.heir.pk)).status_code, 200)
        self.assertEqual(workload_of(self.staff).count, 0)
        self.window.act(User, "reactivate", self.staff)
        self.assertEqual(self.verbs()[-1], ("reactivate", "user"))


class WordsTests(StepTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.make_approved(
            cls.make_recommendation("Say so"), what_happened=f"{WORDS} agreed."
        )

    def look(self, **values: str) -> Any:
        return self.send(TAKE_OUT, words=WORDS, reason="Asked for by the person.", **values)

    def test_form_then_preview_then_done(self) -> None:
        self.assertContains(self.window.client.get(TAKE_OUT), "Preview redaction")
        preview = self.look()
        told = "The content of evidence files is not searched."
        self.assert_previewed(preview, "Found in 2 texts", "REP-2", told)
        self.assertContains(preview, f"{WORDS} agreed.", count=2)
        self.assertFalse(Redaction.objects.exists())
        response = self.confirm(TAKE_OUT, preview)
        self.assertContains(response, "Redacted in 2 texts.")
        self.assertNotContains(response, "Maria")
        self.assertEqual(self.verbs(), [("redact", "redaction")])
        self.assert_whole()
        self.approved.refresh_from_db()
        self.assertRegex(self.approved.what_happened, r"^\[redacted on \d{4}-\d\d-\d\d\] agreed\.$")
        shown = self.window.client.get(address(AuditEvent, "change", self.events()[0].pk))
        self.assertEqual(shown.status_code, 200)
        self.assertEqual(guards.faults(self.connection()), {})

    @staticmethod
    def connection() -> Any:
        from django.db import connection

        return connection

    def test_only_what_the_preview_showed_is_taken_out(self) -> None:
        preview = self.look()
        changed = self.confirm(TAKE_OUT, preview, words="agreed")
        self.assertEqual(changed.status_code, 400)
        self.make_evidence(WORDS)
        response = self.confirm(TAKE_OUT, preview)
        self.assertContains(response, CHANGED, status_code=400)
        self.assertIn("Found in ", response.content.decode())
        self.assertFalse(Redaction.objects.exists())

    def test_backups_made_since_the_words_were_written_are_named(self) -> None:
        after = "b" * 64
        written = AuditEvent.objects.filter(recommendation=self.approved.recommendation)
        first = written.filter(object_type="recommendations.statusupdate").earliest("sequence")
        note_backup("before.tar", "a" * 64, first.sequence - 1)
        self.assertNotContains(self.look(), "SHA-256")
        note_backup("after.tar", after, AuditEvent.objects.latest("sequence").sequence)
        shown = self.look()
        self.assertContains(shown, "1 later backup may contain the redacted content")
        self.assertContains(shown, "after.tar, ")
        self.assertContains(shown, f"SHA-256 {after}")
        self.assertNotContains(shown, "before.tar")

    def test_what_does_not_do_is_said_beside_the_field(self) -> None:
        repeated = "The reason stays on record. Do not repeat the redacted text."
        for sent, told in (
            ({"words": "abc"}, "Enter at least 4 characters. Shorter text occurs too often"),
            ({"words": "Nobody Anywhere"}, "This text was not found."),
            ({"reason": ""}, "This field is required."),
            ({"reason": f"Of {WORDS}"}, repeated),
        ):
            with self.subTest(sent):
                given = {"words": WORDS, "reason": "Asked for.", **sent}
                self.assertContains(self.send(TAKE_OUT, **given), told, status_code=400)


class FileTests(StepTestCase):
    def setUp(self) -> None:
        self.make_evidence("A paper", file=received("paper.pdf", pdf("By mistake.")))
        self.file = StoredFile.objects.get()
        self.page = f"{ROOT}/storedfile/{self.file.pk}/take-out/"
        super().setUp()

    def take_out(self) -> Any:
        return self.confirm(self.page, self.send(self.page, reason="Sent by mistake."))

    def test_form_then_preview_then_done(self) -> None:
        form = self.window.client.get(self.page)
        self.assertContains(form, "1 evidence item uses this file")
        self.assertContains(form, "A paper")
        self.assertNotContains(form, "Redact permanently")
        needed = self.send(self.page, reason="", confirmed="yes")
        self.assertContains(needed, "This field is required.", status_code=400)
        preview = self.send(self.page, reason="Sent by mistake.")
        self.assert_previewed(preview, "Redact permanently")
        self.take_out()
        self.assertFalse(store.file_exists(self.file.pk))
        self.assertEqual(
            self.verbs(), [("redact_file", "redaction"), ("redact_file", "storedfile")]
        )
        self.assert_whole()
        shown = self.window.client.get(address(StoredFile, "change", self.file.pk))
        self.assertNotContains(shown, self.page)
        listing = self.window.client.get(address(Redaction, "changelist"))
        self.assertContains(listing, "Sent by mistake.")
        self.assertContains(listing, str(self.file))
        again = "This file was already redacted."
        self.assertContains(self.take_out(), again, status_code=400)

    def test_backups_made_since_it_was_stored_are_named(self) -> None:
        stored = AuditEvent.objects.get(object_type="recommendations.storedfile").sequence
        note_backup("before.tar", "a" * 64, stored - 1)
        note_backup("after.tar", "b" * 64, stored)
        shown = self.window.client.get(self.page)
        self.assertContains(shown, "1 later backup may contain the redacted content")
        self.assertContains(shown, "after.tar")
        self.assertNotContains(shown, "before.tar")

    def test_bytes_that_could_not_be_deleted_are_told(self) -> None:
        self.window.client.raise_request_exception = False
        with mock.patch.object(store, "delete_file"):
            shown = self.take_out()
        self.assertIn("check_evidence --prune", said(shown))
