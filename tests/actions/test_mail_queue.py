"""The queue of mail: written with the act, sent outside of it, retried, and given an end."""

import os
import signal
from datetime import timedelta
from io import StringIO
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any
from unittest import mock

from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from recommendations.actions.mail import delivery
from recommendations.actions.mail.delivery import BACK_OFF, KEPT, LEASE
from recommendations.actions.mail.queue import Notification, queue_mail
from recommendations.choices import MailState
from recommendations.models import OutgoingMail, User
from tests.base import RaceTestCase, TrackerTestCase
from tests.mail import LETTER, outbox
from tests.mail_servers import closed_port, hanging_server, mail_server
from tests.threads import at_once, failures

SECRET = Notification(subject="News", lines=("Words.",), link="See it", quoted="Between us.")
LOGGER = "recommendations.actions.mail.delivery"


class QueueTestCase(TrackerTestCase):
    def setUp(self) -> None:
        OutgoingMail.objects.all().delete()
        mail.outbox.clear()

    def queue(self, *people: User, letter: Notification = LETTER, **values: Any) -> None:
        queue_mail(people or [self.staff], lambda _person: letter, **values)

    def assert_states(self, *states: str) -> None:
        found = OutgoingMail.objects.order_by("pk").values_list("state", flat=True)
        self.assertEqual(list(found), list(states))

    def later(self, by: timedelta) -> None:
        """Let time pass for whatever waits."""
        for row in OutgoingMail.objects.all():
            OutgoingMail.objects.filter(pk=row.pk).update(due_at=row.due_at - by)

    def pass_it(self, error: Exception | None = None) -> delivery.PassResult:
        """One pass of the sender, in which sending fails with this error."""
        if error is None:
            return delivery.send_queue()
        failing = mock.patch.object(EmailBackend, "send_messages", side_effect=error)
        with failing, self.assertLogs(LOGGER, "ERROR"):
            return delivery.send_queue()


class SentTests(QueueTestCase):
    def test_a_message_goes_out_once_and_its_words_are_emptied(self) -> None:
        self.queue()
        [row] = OutgoingMail.objects.all()
        self.assertEqual([self.pass_it().sent, self.pass_it().sent], [1, 0])
        [message] = outbox()
        self.assertEqual(message.extra_headers["Message-ID"], row.message_id)
        self.assertRegex(row.message_id, r"^<[0-9a-f]{32}@localhost>$")
        self.assertIn("Something happened.", message.body)
        row.refresh_from_db()
        self.assertEqual((row.state, row.subject, row.lines, row.path), ("sent", "", [], ""))
        self.assertIsNotNone(row.ended_at)

    def test_one_connection_serves_a_pass_the_oldest_first_each_with_an_id_of_its_own(self) -> None:
        with mock.patch.object(delivery, "get_connection", wraps=delivery.get_connection) as opened:
            self.pass_it()
            self.assertEqual(opened.call_count, 0)
            for person in (self.manager, self.staff, self.viewer):
                self.queue(person)
            self.pass_it()
        self.assertEqual(opened.call_count, 1)
        to = [self.manager.email, self.staff.email, self.viewer.email]
        self.assertEqual([message.to for message in outbox()], [[each] for each in to])
        self.assertEqual(len({m.extra_headers["Message-ID"] for m in outbox()}), 3)

    def test_it_goes_to_the_address_that_the_person_has_then_unless_another_is_named(self) -> None:
        self.queue()
        self.queue(address="old@example.org")
        User.objects.filter(pk=self.staff.pk).update(email="new@example.org")
        self.pass_it()
        self.assertEqual([m.to for m in outbox()], [["new@example.org"], ["old@example.org"]])

    def test_what_ended_is_known_for_a_month(self) -> None:
        self.queue()
        self.pass_it()
        for hours, states in ((1, ["sent"]), (0, [])):
            OutgoingMail.objects.update(ended_at=timezone.now() - KEPT + timedelta(hours=hours))
            self.pass_it()
            self.assert_states(*states)


class DroppedTests(QueueTestCase):
    def test_who_must_not_receive_it_any_more_does_not(self) -> None:
        for change in ({"is_active": False}, {"email": ""}, {"wants_mail": False}):
            self.staff.save()
            self.queue()
            User.objects.filter(pk=self.staff.pk).update(**change)
            with self.subTest(change):
                self.assertEqual(self.pass_it().dropped, 1)
        self.assert_states(*[MailState.DROPPED] * 3)
        self.assertEqual(outbox(), [])

    def test_who_lost_every_role_learns_nothing_of_the_work_but_of_the_account(self) -> None:
        self.staff.groups.clear()
        self.queue()
        self.queue(letter=Notification("Account", ("Changed.",), "See it", is_asked_for=False))
        self.pass_it()
        self.assertEqual([m.subject for m in outbox()], ["Account"])

    def test_an_internal_text_goes_only_to_who_may_still_read_it(self) -> None:
        self.queue(self.staff, self.manager, letter=SECRET)
        self.staff.groups.set(self.viewer.groups.all())
        self.pass_it()
        without, whole = (m.body + str(m.alternatives) for m in outbox())
        self.assertNotIn("Between us", without)
        self.assertIn("Between us", whole)


class FailedTests(QueueTestCase):
    def test_it_is_tried_again_after_longer_and_longer_and_then_no_more(self) -> None:
        self.queue()
        [first] = OutgoingMail.objects.all()
        self.assertEqual(sorted(BACK_OFF), list(BACK_OFF))
        for number, wait in enumerate(BACK_OFF, start=1):
            self.pass_it(ValueError("no such\nbox"))
            row = OutgoingMail.objects.get()
            told = (row.state, row.failures, row.error)
            self.assertEqual(told, ("queued", number, "ValueError: no such box"))
            self.assertAlmostEqual(row.due_at, timezone.now() + wait, delta=timedelta(minutes=1))
            self.assertEqual(self.pass_it().sent, 0)
            self.later(wait)
        self.pass_it(ValueError("no such box"))
        row = OutgoingMail.objects.get()
        self.assertEqual((row.state, row.message_id), ("dead", first.message_id))
        self.assertEqual(row.lines, ["Something happened."])
        self.later(timedelta(days=9))
        self.assertEqual(self.pass_it().sent, 0)

    def test_a_later_try_goes_out_under_the_same_id(self) -> None:
        self.queue()
        self.pass_it(ValueError())
        self.later(BACK_OFF[0])
        self.pass_it()
        [message] = outbox()
        self.assertEqual(message.extra_headers["Message-ID"], OutgoingMail.objects.get().message_id)

    def test_what_the_server_refuses_for_good_is_not_tried_again(self) -> None:
        to, dead, states = self.staff.email, MailState.DEAD, []
        for error, state in (
            (SMTPRecipientsRefused({to: (550, b"no such box")}), dead),
            (SMTPDataError(554, b"no"), dead),
            (SMTPRecipientsRefused({to: (450, b"busy")}), MailState.QUEUED),
        ):
            self.queue()
            self.pass_it(error)
            states.append(state)
            self.assert_states(*states)

    def test_one_that_is_refused_keeps_none_of_the_others_back(self) -> None:
        send = EmailBackend.send_messages

        def picky(backend: EmailBackend, messages: list) -> int:
            if messages[0].to == [self.manager.email]:
                raise ValueError("no such box")
            return send(backend, messages)

        self.queue(self.manager, self.staff)
        patched = mock.patch.object(EmailBackend, "send_messages", picky)
        with patched, self.assertLogs(LOGGER, "ERROR"):
            result = delivery.send_queue()
        self.assertEqual((result.sent, result.failed, result.is_stopped), (1, 1, False))
        self.assertEqual([m.to for m in outbox()], [[self.staff.email]])

    def test_a_template_that_is_broken_is_a_failure_like_any(self) -> None:
        self.queue()
        broken = mock.patch.object(delivery, "render_to_string", side_effect=ZeroDivisionError)
        with broken, self.assertLogs(LOGGER, "ERROR"):
            self.assertEqual(delivery.send_queue().failed, 1)
        self.assertEqual(OutgoingMail.objects.get().error, "ZeroDivisionError:")


class ServerTests(QueueTestCase):
    def assert_stops(self) -> None:
        """A pass that the server ends: one message was tried, the others keep all their tries."""
        self.setUp()
        self.queue(self.manager, self.staff, self.viewer)
        with self.assertLogs(LOGGER, "ERROR"):
            result = delivery.send_queue()
        self.assertEqual((result.failed, result.is_stopped), (1, True))
        failures = OutgoingMail.objects.order_by("pk").values_list("failures", flat=True)
        self.assertEqual(list(failures), [1, 0, 0])

    def test_one_that_is_not_there_or_never_answers_stops_the_pass(self) -> None:
        with mail_server(closed_port()):
            self.assert_stops()
            self.assertIn("ConnectionRefusedError", OutgoingMail.objects.earliest("pk").error)
            words = "0 sent, 1 failed, 0 dropped. The mail"
            with self.assertLogs(LOGGER, "ERROR"), self.assertRaisesMessage(CommandError, words):
                call_command("send_mail_queue")
        for says in ({}, {b"": b"220 hello\r\n", b"EHLO": b"250 go on\r\n"}):
            with self.subTest(says), hanging_server(says) as calls:
                self.assert_stops()
                self.assertEqual(len(calls), 1)

    def test_every_server_has_a_time_limit_and_the_lease_outlasts_it(self) -> None:
        self.assertLessEqual(settings.EMAIL_TIMEOUT, 10)
        # Greeting, EHLO, TLS, EHLO, name, password, sender, recipient, data, message, end.
        self.assertGreater(LEASE.total_seconds(), 11 * settings.EMAIL_TIMEOUT)


class CommandTests(QueueTestCase):
    def test_it_says_what_it_did(self) -> None:
        self.queue(self.staff, self.manager)
        User.objects.filter(pk=self.manager.pk).update(is_active=False)
        said = StringIO()
        call_command("send_mail_queue", stdout=said)
        self.assertEqual(said.getvalue(), "1 sent, 0 failed, 1 dropped.\n")

    def test_it_goes_on_until_it_is_told_to_end_whatever_fails_meanwhile(self) -> None:
        passes: list[int] = []

        def send() -> delivery.PassResult:
            passes.append(len(passes))
            if len(passes) == 1:
                raise DatabaseError("gone")
            os.kill(os.getpid(), signal.SIGTERM)
            return delivery.PassResult()

        before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
        with (
            mock.patch.multiple(delivery, send_queue=send, LONG_PAUSE=0),
            mock.patch.object(delivery, "connection") as connection,
            self.assertLogs(LOGGER, "ERROR"),
        ):
            try:
                call_command("send_mail_queue", "--watch")
            finally:
                for each, handler in before.items():
                    signal.signal(each, handler)
        self.assertEqual(passes, [0, 1])
        # Not even the first one's, which failed, is used again.
        self.assertEqual(connection.close.call_count, 2)


class ClaimedTests(QueueTestCase):
    def test_what_one_sender_has_no_other_takes_until_the_lease_ends(self) -> None:
        self.queue()
        claimed = delivery._claimed()
        assert claimed is not None
        self.assertEqual(self.pass_it().sent, 0)
        self.later(LEASE)
        self.assertEqual(self.pass_it().sent, 1)
        with self.assertLogs(LOGGER, "ERROR"):
            delivery._note_failure(claimed, TimeoutError())
        self.assert_states("sent")


class SendersTests(RaceTestCase):
    def test_several_senders_at_once_send_no_message_twice(self) -> None:
        for _number in range(10):
            queue_mail([self.staff, self.manager, self.viewer], lambda _person: LETTER)
        mail.outbox.clear()
        jobs: Any = [delivery.send_queue] * 6
        results = at_once(jobs)
        self.assertEqual(failures(results), [])
        self.assertEqual(sum(result.sent for result in results), 30)
        sent = {message.extra_headers["Message-ID"] for message in outbox()}
        self.assertEqual((len(sent), len(outbox())), (30, 30))
        self.assertEqual(OutgoingMail.objects.filter(state="sent").count(), 30)
