"""Steps of the administration: looked at first, then done, by those who may, on record."""

import re
from datetime import timedelta
from typing import Any
from unittest import mock

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations import guards
from recommendations.actions import deliveries, people
from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.mail import delivery
from recommendations.actions.mail.queue import new_mail
from recommendations.actions.oversight.sign_ins import release
from recommendations.admin.people import pauses
from recommendations.choices import BulkChange, Role
from recommendations.forms.accounts import RecordedSetPasswordForm
from recommendations.models import (
    Area,
    AuditEvent,
    AuditText,
    Organisation,
    OutgoingMail,
    Recommendation,
    Redaction,
    Source,
    StatusUpdate,
    StoredFile,
    User,
)
from recommendations.queries.people import workload_of
from recommendations.storage import evidence as store
from recommendations.templatetags.texts import day
from tests.admin.base import AdminTestCase, Window, address, note_backup, read_form, said
from tests.admin.test_forms import NEW
from tests.admin.tries import keeper
from tests.base import days_ago, make_person
from tests.files import pdf, received
from tests.mail import LETTER, outbox
from tests.updates import begin_draft
from tests.views.pages import client_of
from tests.views.test_budgets import table_of

ROOT = "/admin/recommendations"
TAKE_OUT = f"{ROOT}/redaction/take-out/"
WORDS = "Maria Müller"
HASH = "0" * 64
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

    def test_what_stands_in_the_way_is_told_before(self) -> None:
        User.objects.filter(pk=self.heir.pk).update(organisation=self.agency)
        self.recommendation.lead_officer = None
        self.recommendation.save()
        preview = self.send(self.hand_over(), to=self.heir.pk)
        self.assertContains(preview, "REP-1 Do the thing: Heir cannot log updates on it.")
        self.assertNotContains(preview, 'value="Hand over all work"')

    def test_a_preview_out_of_date_is_shown_again_and_then_counts(self) -> None:
        page = self.hand_over()
        self.assertContains(self.send(page), "Choose an option from the list.", status_code=400)
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
        User.objects.filter(pk=self.administrator.pk).update(organisation=self.agency)
        own = reverse("admin:recommendations_organisation_succeed", args=[self.agency.pk])
        heir = Organisation.objects.create(slug="heir", name="Heir")
        sent |= {"successor": heir.pk, "moves_people": "on"}
        refused = self.confirm(own, self.send(own, **sent))
        told = "You cannot change your own organisation."
        self.assertContains(refused, told, status_code=400)


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
        self.assertEqual(guards.faults(connection), {})

    def test_what_is_refused_is_told_and_changes_nothing(self) -> None:
        reason = "Asked for by the person."
        for sent, told in (
            ({}, "Enter the value."),
            ({"words": WORDS}, "Enter the reason."),
            ({"words": "ab", "reason": reason}, "Shorter text occurs too often."),
            ({"words": WORDS, "reason": f"By {WORDS}."}, "Do not repeat the redacted text."),
            ({"words": "Nobody wrote this", "reason": reason}, "This text was not found."),
            ({"words": WORDS, "reason": reason, "confirmed": "yes"}, "Check the preview again."),
        ):
            with self.subTest(**sent):
                self.assertContains(self.send(TAKE_OUT, **sent), told, status_code=400)
        self.assertEqual(self.events(), [])

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
        self.assertContains(needed, "Enter the reason.", status_code=400)
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

    def test_bytes_that_could_not_be_deleted_are_told(self) -> None:
        self.window.client.raise_request_exception = False
        down = mock.patch.object(store, "file_exists", side_effect=OSError)
        with mock.patch.object(store, "delete_file"), down:
            shown = self.take_out()
        self.assertIn("check_evidence --prune", said(shown))


LIST = address(Recommendation, "changelist")
BULK = f"{LIST}bulk/"
WHY = "The office was reorganised."


class BulkChangesTests(AdminTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.second = self.make_recommendation("Do another thing")
        self.first_event += len(self.events())

    def offered(self, window: Window) -> set[str]:
        """The codes of the acts that the list offers."""
        html = window.client.get(LIST).content.decode()
        html = html.partition('name="action"')[2].partition("</select>")[0]
        return set(re.findall(r'<option value="([a-z_-]+)">', html))

    def confirm(self, preview: Any) -> Any:
        """Confirm the preview that an answer is."""
        page = preview.content.decode()
        token = re.search(r'name="shown" value="([^"]+)"', page)
        assert token is not None, page
        path = preview.request["PATH_INFO"] + "?" + preview.request["QUERY_STRING"]
        sent = {"shown": token[1], "reason": WHY}
        return self.window.client.post(path, sent, follow=True)

    def test_the_list_offers_every_act_to_who_may_and_none_to_others(self) -> None:
        files = {"export-csv", "export-xlsx", "export-json"}
        self.assertEqual(self.offered(self.window), set(BulkChange.values) | files)
        manager, auditor = (Window(keeper(role)) for role in (Role.MANAGER, Role.AUDITOR))
        self.assertEqual(
            self.offered(manager), set(BulkChange.values) | files | {"request_updates"}
        )
        self.assertEqual(self.offered(auditor), set())
        root = Window(make_person("root", is_staff=True, is_superuser=True))
        self.assertEqual(self.offered(root), set())
        self.assertEqual(root.client.get(f"{BULK}?change=publish&scope=all").status_code, 403)

    def test_ticked_rows_go_through_the_preview_of_the_site(self) -> None:
        value = self.window.act(Recommendation, "priority", self.second)
        self.assertContains(value, "1 recommendation selected")
        preview = self.window.client.get(
            f"{BULK}?scope=picked&pick={self.second.pk}&change=priority&value=high"
        )
        self.assertContains(preview, "1 recommendation changes.")
        self.assertContains(preview, f'href="{LIST}"')
        self.assertEqual(self.events(), [])
        done = self.confirm(preview)
        self.assertContains(done, "Undo bulk change")
        self.assertContains(done, WHY)
        self.assertEqual(self.verbs(), [("change_many", "")])
        self.assertEqual(self.events()[0].object_type, "selection")
        priorities = Recommendation.objects.order_by("pk").values_list("priority", flat=True)
        self.assertEqual(list(priorities), ["not_set", "high"])
        self.assert_whole()

    def test_all_that_the_filter_of_the_list_shows(self) -> None:
        response = self.window.client.post(
            f"{LIST}?q=another",
            {"action": "publish", "select_across": "1", "_selected_action": [self.second.pk]},
            follow=True,
        )
        self.assertContains(response, "1 recommendation changes.")
        self.assertContains(response, "REP-2")
        self.assertNotContains(response, "REP-1")
        self.assertContains(response, f'href="{LIST}?q=another"')
        self.confirm(response)
        self.second.refresh_from_db()
        self.assertIsNotNone(self.second.published_at)


class MailAdminTestCase(AdminTestCase):
    def setUp(self) -> None:
        super().setUp()
        OutgoingMail.objects.all().delete()

    def message(self, **values: Any) -> OutgoingMail:
        given = {"quoted": "Between us.", "error": "OSError: no", **values}
        mail = new_mail(LETTER, to=self.staff, language="en", **given)
        mail.save()
        return mail

    def dead(self, **values: Any) -> OutgoingMail:
        return self.message(state="dead", failures=10, **values)


class MailTests(MailAdminTestCase):
    def first_page(self, person: User | None = None) -> Any:
        return (Window(person) if person else self.window).client.get("/admin/")

    def test_the_first_page_tells_administrators_alone_of_what_fails(self) -> None:
        self.assertNotContains(self.first_page(), "Undelivered mail")
        self.dead()
        mail = self.message(subject="Tried again", failures=1)
        for words in ("Undelivered mail", "“News”, Not delivered: OSError: no"):
            self.assertContains(self.first_page(), words)
        self.assertContains(self.first_page(), "“Tried again”, Queued")
        self.assertNotContains(self.first_page(), "send_mail_queue")
        an_hour_ago = timezone.now() - timedelta(hours=1)
        never_tried = {"due_at": an_hour_ago, "failures": 0, "error": ""}
        OutgoingMail.objects.filter(pk=mail.pk).update(**never_tried)
        told = "without a delivery attempt. Check that send_mail_queue is running"
        self.assertContains(self.first_page(), told)
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        self.assertNotContains(self.first_page(self.auditor), "Undelivered mail")

    def test_lists_and_pages_name_the_address_and_never_what_a_message_says(self) -> None:
        people.invite(by=self.administrator, email="far@example.org", role=Role.VIEWER)
        invitation, mail = OutgoingMail.objects.get(), self.dead()
        for row, words in ((invitation, "far@example.org"), (mail, "OSError: no")):
            for page in ("changelist",), ("change", row.pk):
                shown = self.window.client.get(address(OutgoingMail, *page))
                self.assertContains(shown, words)
                self.assertNotContains(shown, "Between us")
        found = self.window.client.get(address(OutgoingMail, "changelist"), {"q": "far@"})
        self.assertContains(found, "1 outgoing mail")

    def test_sent_again_it_has_all_its_tries_and_the_same_id(self) -> None:
        mail = self.dead(is_asked_for=False)
        self.window.act(OutgoingMail, "send_again", mail)
        self.assertEqual(self.verbs(), [("send_again", "outgoingmail")])
        mail.refresh_from_db()
        self.assertEqual((mail.state, mail.failures), ("queued", 0))
        delivery.send_queue()
        [message] = outbox()
        self.assertEqual(message.extra_headers["Message-ID"], mail.message_id)

    def test_given_up_it_has_no_words_and_is_sent_no_more(self) -> None:
        mail = self.dead()
        self.window.act(OutgoingMail, "give_up", mail)
        self.assertEqual(self.verbs(), [("give_up", "outgoingmail")])
        mail.refresh_from_db()
        self.assertEqual((mail.state, mail.subject, mail.lines), ("given_up", "", []))
        self.assertEqual(mail.quoted + mail.error, "")
        self.assertContains(self.window.client.get("/audit/"), "Undelivered message discarded, by")

    def test_refused(self) -> None:
        for act in (deliveries.send_again, deliveries.give_up):
            with self.subTest(act.__name__):
                for by in (self.manager, self.auditor, self.staff):
                    with self.assertRaises(NotAllowed):
                        act(row=self.dead(), by=by)
                with self.assertRaises(ActionRefused):
                    act(row=self.message(failures=1), by=self.administrator)
        with self.assertRaises(ActionRefused):
            deliveries.send_again(row=self.dead(lines=[]), by=self.administrator)
        self.assertEqual(self.verbs(), [])


LONG = "quite a long word"


class RoleTests(AdminTestCase):
    def test_a_sign_in_shows_in_the_list_although_it_is_no_event(self) -> None:
        path = address(User, "changelist")
        words = self.window.client.get(path).content.decode()
        self.assertEqual(self.window.client.get(path).status_code, 200)
        signed_in = timezone.now().replace(year=2031)
        User.objects.filter(pk=self.staff.pk).update(last_login=signed_in)
        after = self.window.client.get(path).content.decode()
        self.assertNotIn("2031", words)
        self.assertIn("2031", after)


class PasswordTests(AdminTestCase):
    def test_nobody_sets_the_password_of_another(self) -> None:
        """Neither a keeper nor a superuser, by no address and with no form."""
        before = User.objects.get(pk=self.staff.pk).password
        keeper = Window(make_person("keeper", Role.ADMINISTRATOR, is_staff=True))
        sent = {"usable_password": "true", "password1": LONG, "password2": LONG}
        form = self.window.open(User, self.staff.pk)
        page = reverse("admin:auth_user_password_change", args=[self.staff.pk])
        for window in (keeper, self.window):
            self.assertEqual(window.client.get(page).status_code, 403)
            for extra in ({}, {"set-password": "1"}, {"unset-password": "1"}):
                self.assertEqual(window.client.post(page, {**sent, **extra}).status_code, 403)
            self.assert_saved(window.send(User, self.staff.pk, form, password=LONG, **sent))
        self.assertEqual(self.events(), [])
        self.assertEqual(User.objects.get(pk=self.staff.pk).password, before)
        new = {**sent, "username": "fresh", "email": "fresh@example.org", "password": LONG}
        self.assert_saved(self.window.send(User, None, self.window.open(User), **new))
        self.assertFalse(User.objects.get(username="fresh").has_usable_password())

    def test_no_page_shows_a_hash(self) -> None:
        self.staff.set_password(LONG)
        self.staff.save()
        salt = self.staff.password.split("$")[1]
        page = self.window.client.get(address(User, "change", self.staff.pk))
        for trace in (self.staff.password, self.staff.password[-12:], salt, "algorithm"):
            self.assertNotContains(page, trace)

    def test_a_password_set_by_a_mailed_link_is_recorded_too(self) -> None:
        known = User.objects.get(pk=self.staff.pk)
        User.objects.filter(pk=self.staff.pk).update(email="new@example.org")
        form = RecordedSetPasswordForm(known, {"new_password1": LONG, "new_password2": LONG})
        self.assertTrue(form.is_valid(), form.errors)
        form.save()
        self.staff.refresh_from_db()
        self.assertTrue(self.staff.check_password(LONG))
        # Only the password was written, not the person as the form knew them.
        self.assertEqual(self.staff.email, "new@example.org")
        self.assertEqual([event.actor for event in self.events()], [self.staff])
        self.assert_no_trace()

    def assert_no_trace(self) -> None:
        payloads = " ".join(event.payload for event in self.events())
        texts = " ".join(AuditText.objects.values_list("text", flat=True))
        for trace in (LONG, "md5$"):
            self.assertNotIn(trace, payloads)
            self.assertNotIn(trace, texts)


class SignInTests(AdminTestCase):
    """Administrators see who fails to sign in and from where, and end a pause, on record."""

    def setUp(self) -> None:
        super().setUp()
        self.attempt = self.make_attempt("viewer", "192.0.2.1", 7)

    @staticmethod
    def make_attempt(name: str, place: str, failures: int) -> AccessAttempt:
        return AccessAttempt.objects.create(
            username=name, ip_address=place, failures_since_start=failures
        )

    def page(self, person: User) -> Any:
        return Window(person).client.get(address(AccessAttempt, "changelist"))

    def test_who_from_where_how_often_and_until_when(self) -> None:
        self.make_attempt("staff", "2001:db8:1:2::", 5)
        self.make_attempt("manager", "192.0.2.9", 4)
        long_ago = timezone.now() - timedelta(hours=2)
        AccessAttempt.objects.filter(username="staff").update(attempt_time=long_ago)
        page = self.page(self.administrator)
        self.assertContains(page, "2001:db8:1:2::/64")
        rows = {row.username: row for row in page.context["cl"].result_list}
        until = pauses(list(rows.values()))
        self.assertEqual(list(rows), ["viewer", "staff", "manager"])
        four = timedelta(minutes=4)
        self.assertEqual(until, {rows["viewer"].pk: self.attempt.attempt_time + four})

    def test_nobody_else_sees_or_ends_it(self) -> None:
        User.objects.update(is_staff=True)
        superuser = User.objects.create(username="super", is_staff=True, is_superuser=True)
        for person in (self.manager, self.auditor, self.staff, superuser):
            with self.subTest(person=person.username):
                self.assertEqual(self.page(person).status_code, 403)
                with self.assertRaises(PermissionDenied):
                    release(attempt=self.attempt, by=person)
        self.assertTrue(AccessAttempt.objects.exists())
        self.assertEqual(self.events(), [])

    def test_a_pause_ends_once(self) -> None:
        release(attempt=self.attempt, by=self.administrator)
        with self.assertRaisesMessage(ActionRefused, "This pause has already ended."):
            release(attempt=self.attempt, by=self.administrator)


class EventTests(AdminTestCase):
    def test_the_chain_is_locked_before_the_thing_is_read(self) -> None:
        data = self.window.open(Recommendation, self.recommendation.pk)
        with CaptureQueriesContext(connection) as asked:
            self.window.send(Recommendation, self.recommendation.pk, data, title="Another")
        # What waits for the person comes with them, so it is the table that is asked first.
        found = [table_of(query["sql"]) for query in asked if " FROM " in query["sql"]]
        about_people = "django_session|auth_.*|recommendations_user.*"
        first = next(table for table in found if not re.fullmatch(about_people, table))
        self.assertEqual(first, "recommendations_chainhead")


class HistoryTests(AdminTestCase):
    def test_history_is_the_record(self) -> None:
        data = self.window.open(Source, self.source.pk)
        self.assert_saved(self.window.send(Source, self.source.pk, data, publisher="A press"))
        page = f"/admin/recommendations/source/{self.source.pk}/history/"
        response = self.window.client.get(page)
        self.assertContains(response, "Source edited: ")
        self.assertContains(response, f'<a href="{self.source.get_absolute_url()}">')
        self.assertContains(response, ", by Administrator")
        self.assertContains(response, "A press<")
        self.assertFalse(LogEntry.objects.exists())  # no second log is kept
        [event] = self.events()
        detail = self.window.client.get(
            f"/admin/recommendations/auditevent/{event.sequence}/change/"
        )
        self.assertContains(detail, "Publisher: “” → “A press”")

    def test_history_is_for_who_may_see_the_thing_and_the_log(self) -> None:
        page = f"/admin/recommendations/recommendation/{self.recommendation.pk}/history/"
        self.assertContains(self.window.client.get(page), "REP-1")
        looker = make_person("looker", is_staff=True)
        for name, status in (("view_recommendation", 403), ("view_auditevent", 200)):
            looker.user_permissions.add(Permission.objects.get(codename=name))
            answer = Window(User.objects.get(pk=looker.pk)).client.get(page)
            self.assertEqual(answer.status_code, status, name)
        self.assertEqual(Window(self.staff).client.get(page).status_code, 403)
        gone = "/admin/recommendations/recommendation/999999/history/"
        self.assertEqual(self.window.client.get(gone).status_code, 302)


class LeadingOnTests(StepTestCase):
    def test_a_bulk_act_is_led_to_what_the_list_shows(self) -> None:
        page, shown = f"{ROOT}/recommendation/bulk/", "1 recommendation selected"
        asked = {"change": BulkChange.LEAD, "scope": "all"}
        self.assertContains(self.window.client.get(page, {**asked, "q": "thing"}), shown)
        none = self.window.client.get(page, {**asked, "q": "xyzzy"})
        self.assertNotContains(none, shown, status_code=400)
        wrong = self.window.client.get(page, {**asked, "status": "nonsense"})
        told = "One of the filters is invalid. Correct the filter."
        self.assertContains(wrong, told, status_code=400)
        picked = {"change": "request_updates", "pick": self.recommendation.pk}
        self.assertEqual(self.window.client.get(page, picked).status_code, 403)
        User.objects.filter(pk__in=[self.manager.pk, self.staff.pk]).update(is_staff=True)
        self.assertContains(Window(self.manager).client.get(page, picked), "REP-1")
        self.assertEqual(Window(self.staff).client.get(page, asked).status_code, 403)

    def test_a_link_that_sets_a_password_is_asked_for_the_address_that_was_shown(self) -> None:
        page = reverse("admin:recommendations_user_password_link", args=[self.staff.pk])
        self.assertContains(self.window.client.get(page), self.staff.email)
        self.send(page, confirmed="yes", expected="another@example.org")
        self.assertEqual(outbox(), [])
        with self.captureOnCommitCallbacks(execute=True):
            self.send(page, confirmed="yes", expected=self.staff.email)
        [event] = self.events()
        self.assertEqual(event.object_id, str(self.staff.pk))

    def test_the_next_new_recommendation_begins_with_what_is_alike(self) -> None:
        data = self.window.open(Recommendation)
        sent = {**NEW, "source": self.source.pk, "_addanother": "yes"}
        answer = self.window.send(Recommendation, None, data, **sent)
        self.assertIn(f"source={self.source.pk}", answer["Location"])

    def test_neither_to_what_is_not_there_nor_to_what_they_may_not_do(self) -> None:
        for page in (
            "user/999999/hand-over/",
            "user/999999/close/",
            f"storedfile/{HASH}/take-out/",
        ):
            self.assertEqual(self.window.client.get(f"{ROOT}/{page}").status_code, 404, page)
        User.objects.filter(pk__in=[self.manager.pk, self.staff.pk]).update(is_staff=True)
        page, link = address(User, "change", self.staff.pk), "Send a link to set a new password"
        self.assertContains(self.window.client.get(page), link)
        self.assertNotContains(Window(self.manager).client.get(page), link)
        listed = Window(self.staff).client.get(address(Area, "export"))
        self.assertEqual(listed.status_code, 403)

    def test_an_act_on_a_list_whose_filter_is_wrong_is_done_to_nobody(self) -> None:
        page = f"{address(User, 'changelist')}?organisation__id__exact=x"
        sent = {"action": "deactivate", "_selected_action": [self.staff.pk], "confirmed": "yes"}
        self.assertEqual(self.window.client.post(page, sent).status_code, 302)
        self.assertEqual(self.events(), [])

    def test_the_page_of_the_app_lists_what_is_administered(self) -> None:
        self.assertContains(self.window.client.get(f"{ROOT}/"), address(Source, "changelist"))
