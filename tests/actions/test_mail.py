"""Mail after the commit, to whom it may concern; a dead server hurts nobody but the mail."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from unittest import mock

from django.conf import settings
from django.core import mail
from django.db import DatabaseError
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import get_language

from recommendations.actions import notifications as post
from recommendations.actions.updates import decisions, drafts
from recommendations.models import MailFailure, StatusUpdate, User
from tests.base import GuardedTransactionTestCase, TrackerTestCase
from tests.updates import begin_draft, submit
from tests.views.pages import client_of, shown_fields


def outbox() -> list[Any]:
    """What was sent; each message has another type in the stubs than it has here."""
    return list(mail.outbox)


class MailTestCase(TrackerTestCase):
    def setUp(self) -> None:
        post._Server.silent_since = None

    @contextmanager
    def sent(self) -> Iterator[None]:
        mail.outbox.clear()
        with self.captureOnCommitCallbacks(execute=True):
            yield


class ToldTests(MailTestCase):
    def test_handing_in_tells_the_named_reviewer_alone(self) -> None:
        self.recommendation.reviewer = self.other_manager
        self.recommendation.save()
        with self.sent():
            update = self.make_submitted(self.recommendation)
        [message] = outbox()
        self.assertEqual(message.to, [self.other_manager.email])
        self.assertEqual(message.subject, "REP-1: an update waits for review")
        self.assertIn(f"/review/{update.pk}/", message.body)
        html, kind = message.alternatives[0]
        self.assertEqual(kind, "text/html")
        self.assertIn(f"/review/{update.pk}/", html)
        self.assertIn("Staff handed in an update on REP-1 Do the thing", html)
        self.assertEqual(message.extra_headers["Auto-Submitted"], "auto-generated")

    def test_without_a_reviewer_every_manager_who_may_decide(self) -> None:
        with self.sent():
            self.make_submitted(self.recommendation)
        self.assertEqual(
            {address for message in outbox() for address in message.to},
            {self.manager.email, self.other_manager.email},
        )
        with self.sent():
            self.make_submitted(self.recommendation, by=self.manager)
        self.assertEqual([m.to for m in mail.outbox], [[self.other_manager.email]])

    def test_a_reviewer_who_is_gone_is_no_reviewer(self) -> None:
        self.recommendation.reviewer = self.other_manager
        self.recommendation.save()
        User.objects.filter(pk=self.other_manager.pk).update(is_active=False)
        with self.sent():
            self.make_submitted(self.recommendation)
        self.assertEqual([m.to for m in mail.outbox], [[self.manager.email]])

    def test_the_author_is_told_of_the_decision_with_the_note(self) -> None:
        update = self.make_submitted(self.recommendation)
        with self.sent():
            update = decisions.return_update(
                update=update,
                by=self.manager,
                note="Name <b>the</b> day.",
            )
        [message] = outbox()
        self.assertEqual(message.to, [self.staff.email])
        self.assertEqual(message.subject, "REP-1: your update came back")
        self.assertIn("Name <b>the</b> day.", message.body)
        self.assertIn("Name &lt;b&gt;the&lt;/b&gt; day.", message.alternatives[0][0])
        update = submit(update=update, by=self.staff, expected_version=update.version)
        with self.sent():
            decisions.approve_update(update=update, by=self.manager, note="Fine.")
        [message] = outbox()
        self.assertEqual(message.subject, "REP-1: your update was approved")
        self.assertIn("Fine.", message.body)

    def test_notes_go_to_nobody_who_may_not_read_them(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.staff.groups.set(self.viewer.groups.all())
        with self.sent():
            decisions.return_update(update=update, by=self.manager, note="Between us.")
        self.assertNotIn("Between us", outbox()[0].body + str(outbox()[0].alternatives))
        update = self.make_submitted(self.recommendation, by=self.other_manager)
        self.other_manager.groups.clear()
        with self.sent():
            decisions.approve_update(update=update, by=self.manager)
        self.assertEqual(mail.outbox, [])

    def test_a_draft_handed_over_tells_the_new_author(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        with self.sent():
            drafts.hand_over(
                update=draft, to=self.manager, by=self.staff, expected_version=draft.version
            )
        [message] = outbox()
        self.assertEqual(
            (message.to, message.subject),
            ([self.manager.email], "REP-1: a draft was handed over to you"),
        )

    def test_nobody_is_told_who_does_not_want_it_or_is_gone_or_has_no_address(self) -> None:
        for values in ({"wants_mail": False}, {"is_active": False}, {"email": ""}):
            update = self.make_submitted(self.recommendation)
            User.objects.filter(pk=self.staff.pk).update(**values)
            with self.subTest(values), self.sent():
                decisions.approve_update(update=update, by=self.manager)
            self.assertEqual(mail.outbox, [])
            self.staff.save()

    def test_nobody_is_told_of_their_own_deed(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        with self.sent():
            drafts.hand_over(
                update=draft, to=self.manager, by=self.manager, expected_version=draft.version
            )
        self.assertEqual(mail.outbox, [])

    def test_history_that_is_loaded_tells_nobody(self) -> None:
        with self.sent():
            self.make_approved(self.recommendation, at=timezone.now() - timedelta(days=3))
        self.assertEqual(mail.outbox, [])

    def test_what_is_rolled_back_tells_nobody(self) -> None:
        update = self.make_submitted(self.recommendation)
        with (
            self.sent(),
            mock.patch.object(decisions, "refresh_state", side_effect=ZeroDivisionError),
            self.assertRaises(ZeroDivisionError),
        ):
            decisions.approve_update(update=update, by=self.manager)
        self.assertEqual(mail.outbox, [])

    def test_in_the_language_of_the_reader(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(language="de")
        update = self.make_submitted(self.recommendation)
        seen = []

        def note_language(*_args: Any) -> str:
            seen.append(get_language())
            return "x"

        with mock.patch.object(post, "render_to_string") as render, self.sent():
            render.side_effect = note_language
            decisions.approve_update(update=update, by=self.manager)
        self.assertEqual(set(seen), {"de"})

    def test_links_lead_back_to_where_the_request_came_in(self) -> None:
        update = self.make_submitted(self.recommendation)
        client = client_of(self.manager, HTTP_HOST="localhost:8000")
        sent = shown_fields(client.get(f"/review/{update.pk}/"))
        addresses = []

        def note_address(*_args: Any) -> None:
            address = post.site_address.get()
            addresses.append(address() if address else "")

        # Django's tests hold what follows a commit back until the request is over.
        with mock.patch("recommendations.actions.notifications.notify", side_effect=note_address):
            client.post(f"/updates/{update.pk}/approve/", sent)
        self.assertEqual(addresses, ["http://localhost:8000"])
        self.assertIsNone(post.site_address.get())


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def dead_server(port: int = 0) -> override_settings:
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port or closed_port(),
        EMAIL_TIMEOUT=1,
    )


@contextmanager
def hanging_server(says: dict[bytes, bytes]) -> Iterator[int]:
    """The port of a server that takes every call, answers these commands and then says nothing."""

    def talk(line: socket.socket) -> None:
        with line:
            line.sendall(says.get(b"", b""))
            while got := line.recv(1024):
                line.sendall(says.get(got[:4].upper(), b""))

    def answer() -> None:
        with suppress(OSError):
            while True:
                line, _whose = server.accept()
                threading.Thread(target=talk, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


class DeadServerTests(GuardedTransactionTestCase):
    """With real commits: the mail goes out after them, or not at all."""

    def setUp(self) -> None:
        super().setUp()
        post._Server.silent_since = None
        self.addCleanup(setattr, post._Server, "silent_since", None)
        self.update = self.make_submitted(self.make_recommendation())

    def approve(self) -> StatusUpdate:
        return decisions.approve_update(update=self.update, by=self.manager)

    def test_the_approval_stands_and_administrators_are_shown_what_failed(self) -> None:
        with (
            dead_server(),
            self.assertLogs("recommendations.actions.notifications", "ERROR") as logs,
        ):
            client = client_of(self.manager)
            shown = shown_fields(client.get(f"/review/{self.update.pk}/"))
            sent = {**shown, "note": "Fine."}
            response = client.post(f"/updates/{self.update.pk}/approve/", sent)
        self.assertEqual(response.status_code, 302)
        self.update.refresh_from_db()
        self.assertEqual(self.update.state, "approved")
        [failure] = MailFailure.objects.all()
        self.assertEqual(failure.to, self.staff)
        self.assertEqual(failure.subject, "REP-1: your update was approved")
        self.assertIn("ConnectionRefusedError", failure.error)
        self.assertEqual(len(logs.records), 1)
        window = client_of(self.administrator)
        self.assertContains(window.get("/admin/"), "Mail that did not get through")
        self.assertContains(window.get("/admin/"), "your update was approved")
        listing = window.get("/admin/recommendations/mailfailure/")
        self.assertContains(listing, "ConnectionRefusedError")

    def test_who_invites_is_told_that_the_link_did_not_go_out(self) -> None:
        window = client_of(self.administrator)
        sent = {"username": "fresh", "email": "fresh@example.org"}
        with dead_server(), self.assertLogs("recommendations.actions.notifications", "ERROR"):
            page = window.post("/admin/recommendations/user/invite/", sent, follow=True)
        self.assertContains(page, "Fresh is invited")
        self.assertContains(page, "The mail did not go out")
        self.assertEqual(MailFailure.objects.get().to, User.objects.get(username="fresh"))

    def test_a_silent_server_is_not_asked_again_at_once(self) -> None:
        with dead_server(), self.assertLogs("recommendations.actions.notifications", "ERROR"):
            self.approve()
            other = self.make_submitted(self.make_recommendation("Do another thing"))
        self.assertEqual(other.state, "submitted")
        errors = MailFailure.objects.order_by("pk").values_list("error", flat=True)
        self.assertEqual(len(errors), 3)
        self.assertIn("refused", errors[0])
        self.assertIn("not tried", errors[1])

    def test_a_server_that_takes_calls_and_never_answers_holds_nobody_up_for_long(self) -> None:
        greeting = {b"": b"220 hello\r\n", b"EHLO": b"250 go on\r\n"}
        for says in ({}, greeting):
            post._Server.silent_since = None
            MailFailure.objects.all().delete()
            with (
                self.subTest(says),
                hanging_server(says) as port,
                dead_server(port),
                self.assertLogs("recommendations.actions.notifications", "ERROR"),
            ):
                start = time.monotonic()
                other = self.make_submitted(self.make_recommendation(f"Do {len(says)}"))
                third = self.make_submitted(self.make_recommendation(f"Do {len(says)} again"))
                self.assertLess(time.monotonic() - start, 3)
                self.assertEqual((other.state, third.state), ("submitted", "submitted"))
                errors = MailFailure.objects.order_by("pk").values_list("error", flat=True)
                self.assertEqual(len(errors), 4)
                self.assertIn("timed out", errors[0])
                for later in errors[1:]:
                    self.assertIn("not tried", later)

    def test_not_even_a_failure_that_cannot_be_kept_hurts(self) -> None:
        with (
            dead_server(),
            mock.patch.object(MailFailure.objects, "create", side_effect=DatabaseError),
            self.assertLogs("recommendations.actions.notifications", "ERROR") as logs,
        ):
            self.approve()
        self.assertEqual(len(logs.records), 2)

    def test_not_even_a_template_that_is_broken_hurts(self) -> None:
        with (
            mock.patch.object(post, "render_to_string", side_effect=ZeroDivisionError),
            self.assertLogs("django.db.backends.base", "ERROR"),
        ):
            self.approve()
        self.update.refresh_from_db()
        self.assertEqual(self.update.state, "approved")

    def test_one_that_is_refused_keeps_none_of_the_others_back(self) -> None:
        from django.core.mail.backends.locmem import EmailBackend

        send = EmailBackend.send_messages

        def picky(backend: EmailBackend, messages: list) -> int:
            if messages[0].to == [self.manager.email]:
                raise ValueError("no such box\nhere")
            return send(backend, messages)

        mail.outbox.clear()
        with (
            mock.patch.object(EmailBackend, "send_messages", picky),
            self.assertLogs("recommendations.actions.notifications", "ERROR"),
        ):
            self.make_submitted(self.make_recommendation("Do another thing"))
        self.assertEqual([m.to for m in mail.outbox], [[self.other_manager.email]])
        self.assertEqual(MailFailure.objects.get().error, "ValueError: no such box here")

    def test_every_server_has_a_time_limit(self) -> None:
        self.assertLessEqual(settings.EMAIL_TIMEOUT, 10)


class NoticeTests(MailTestCase):
    def test_without_failures_there_is_no_notice_and_only_administrators_get_one(self) -> None:
        self.assertNotContains(client_of(self.administrator).get("/admin/"), "did not get through")
        MailFailure.objects.create(at=timezone.now(), to=self.staff, subject="S", error="E")
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        self.assertNotContains(client_of(self.auditor).get("/admin/"), "did not get through")
        self.assertContains(client_of(self.administrator).get("/admin/"), "did not get through")
