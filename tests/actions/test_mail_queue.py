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

    def states(self) -> list[str]:
        return list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True))

    def later(self, by: timedelta) -> None:
        """Let time pass for whatever waits."""
        for row in OutgoingMail.objects.all():
            OutgoingMail.objects.filter(pk=row.pk).update(due_at=row.due_at - by)


class SentTests(QueueTestCase):
    def test_a_message_goes_out_once_and_its_words_are_emptied(self) -> None:
        self.queue()
        [row] = OutgoingMail.objects.all()
        self.assertEqual(delivery.send_queue().sent, 1)
        self.assertEqual(delivery.send_queue().sent, 0)
        [message] = outbox()
        self.assertEqual(message.extra_headers["Message-ID"], row.message_id)
        self.assertRegex(row.message_id, r"^<[0-9a-f]{32}@localhost>$")
        self.assertIn("Something happened.", message.body)
        row.refresh_from_db()
        self.assertEqual((row.state, row.subject, row.lines, row.path), ("sent", "", [], ""))
        self.assertIsNotNone(row.ended_at)

    def test_every_message_has_an_id_of_its_own_and_the_oldest_goes_first(self) -> None:
        for person in (self.manager, self.staff, self.viewer):
            self.queue(person)
        delivery.send_queue()
        self.assertEqual(
            [m.to for m in outbox()],
            [[self.manager.email], [self.staff.email], [self.viewer.email]],
        )
        self.assertEqual(len({m.extra_headers["Message-ID"] for m in outbox()}), 3)

    def test_one_connection_serves_a_pass(self) -> None:
        self.queue(self.manager, self.staff, self.viewer)
        with mock.patch.object(delivery, "get_connection", wraps=delivery.get_connection) as opened:
            delivery.send_queue()
        self.assertEqual((opened.call_count, len(mail.outbox)), (1, 3))

    def test_nothing_is_contacted_where_nothing_waits(self) -> None:
        with mock.patch.object(delivery, "get_connection") as opened:
            delivery.send_queue()
        opened.assert_not_called()

    def test_it_goes_to_the_address_that_the_person_has_then_unless_another_is_named(self) -> None:
        self.queue()
        self.queue(address="old@example.org")
        User.objects.filter(pk=self.staff.pk).update(email="new@example.org")
        delivery.send_queue()
        self.assertEqual([m.to for m in outbox()], [["new@example.org"], ["old@example.org"]])

    def test_what_ended_is_known_for_a_month(self) -> None:
        self.queue()
        delivery.send_queue()
        OutgoingMail.objects.update(ended_at=timezone.now() - KEPT + timedelta(hours=1))
        delivery.send_queue()
        self.assertEqual(self.states(), ["sent"])
        OutgoingMail.objects.update(ended_at=timezone.now() - KEPT)
        delivery.send_queue()
        self.assertEqual(self.states(), [])


class DroppedTests(QueueTestCase):
    def test_who_must_not_receive_it_any_more_does_not(self) -> None:
        for change in ({"is_active": False}, {"email": ""}, {"wants_mail": False}):
            self.staff.save()
            self.queue()
            User.objects.filter(pk=self.staff.pk).update(**change)
            with self.subTest(change):
                self.assertEqual(delivery.send_queue().dropped, 1)
        self.assertEqual((self.states(), outbox()), ([MailState.DROPPED] * 3, []))

    def test_who_lost_every_role_learns_nothing_of_the_work_but_of_the_account(self) -> None:
        self.staff.groups.clear()
        about_account = Notification("Account", ("Changed.",), "See it", is_asked_for=False)
        self.queue()
        self.queue(letter=about_account)
        delivery.send_queue()
        self.assertEqual([m.subject for m in outbox()], ["Account"])

    def test_an_internal_text_goes_only_to_who_may_still_read_it(self) -> None:
        self.queue(self.staff, self.manager, letter=SECRET)
        self.staff.groups.set(self.viewer.groups.all())
        delivery.send_queue()
        without, whole = (m.body + str(m.alternatives) for m in outbox())
        self.assertNotIn("Between us", without)
        self.assertIn("Between us", whole)


class FailedTests(QueueTestCase):
    def fail(self, error: Exception) -> None:
        with (
            mock.patch.object(EmailBackend, "send_messages", side_effect=error),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            delivery.send_queue()

    def test_it_is_tried_again_after_longer_and_longer_and_then_no_more(self) -> None:
        self.queue()
        [first] = OutgoingMail.objects.all()
        self.assertEqual(sorted(BACK_OFF), list(BACK_OFF))
        for number, wait in enumerate(BACK_OFF, start=1):
            self.fail(ValueError("no such\nbox"))
            row = OutgoingMail.objects.get()
            self.assertEqual((row.state, row.failures), ("queued", number))
            self.assertEqual(row.error, "ValueError: no such box")
            self.assertAlmostEqual(row.due_at, timezone.now() + wait, delta=timedelta(minutes=1))
            self.assertEqual(delivery.send_queue().sent, 0)
            self.later(wait)
        self.fail(ValueError("no such box"))
        row = OutgoingMail.objects.get()
        self.assertEqual((row.state, row.message_id), ("dead", first.message_id))
        self.assertEqual(row.lines, ["Something happened."])
        self.later(timedelta(days=9))
        self.assertEqual(delivery.send_queue().sent, 0)

    def test_a_later_try_goes_out_under_the_same_id(self) -> None:
        self.queue()
        self.fail(ValueError())
        self.later(BACK_OFF[0])
        delivery.send_queue()
        [message] = outbox()
        self.assertEqual(message.extra_headers["Message-ID"], OutgoingMail.objects.get().message_id)

    def test_what_the_server_refuses_for_good_is_not_tried_again(self) -> None:
        refused = {self.staff.email: (550, b"no such box")}
        for error in (SMTPRecipientsRefused(refused), SMTPDataError(554, b"no")):
            self.queue()
            with self.subTest(error):
                self.fail(error)
                self.assertEqual(self.states().pop(), MailState.DEAD)
        self.queue()
        self.fail(SMTPRecipientsRefused({self.staff.email: (450, b"busy")}))
        self.assertEqual(self.states().pop(), MailState.QUEUED)

    def test_one_that_is_refused_keeps_none_of_the_others_back(self) -> None:
        send = EmailBackend.send_messages

        def picky(backend: EmailBackend, messages: list) -> int:
            if messages[0].to == [self.manager.email]:
                raise ValueError("no such box")
            return send(backend, messages)

        self.queue(self.manager, self.staff)
        with (
            mock.patch.object(EmailBackend, "send_messages", picky),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            result = delivery.send_queue()
        self.assertEqual((result.sent, result.failed, result.is_stopped), (1, 1, False))
        self.assertEqual([m.to for m in outbox()], [[self.staff.email]])

    def test_a_template_that_is_broken_is_a_failure_like_any(self) -> None:
        self.queue()
        with (
            mock.patch.object(delivery, "render_to_string", side_effect=ZeroDivisionError),
            self.assertLogs(LOGGER, "ERROR"),
        ):
            self.assertEqual(delivery.send_queue().failed, 1)
        self.assertEqual(OutgoingMail.objects.get().error, "ZeroDivisionError:")


class ServerTests(QueueTestCase):
    def stop(self) -> None:
        """A pass that the server ends: one message was tried, the others keep all their tries."""
        self.queue(self.manager, self.staff, self.viewer)
        with self.assertLogs(LOGGER, "ERROR"):
            result = delivery.send_queue()
        self.assertEqual((result.failed, result.is_stopped), (1, True))
        failures = OutgoingMail.objects.order_by("pk").values_list("failures", flat=True)
        self.assertEqual(list(failures), [1, 0, 0])

    def test_one_that_is_not_there_stops_the_pass(self) -> None:
        with mail_server(closed_port()):
            self.stop()
        self.assertIn("ConnectionRefusedError", OutgoingMail.objects.earliest("pk").error)

    def test_one_that_takes_the_call_and_never_answers_stops_the_pass(self) -> None:
        for says in ({}, {b"": b"220 hello\r\n", b"EHLO": b"250 go on\r\n"}):
            OutgoingMail.objects.all().delete()
            with self.subTest(says), hanging_server(says) as calls:
                self.stop()
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

    def test_a_server_that_does_not_answer_is_an_error(self) -> None:
        self.queue(self.staff, self.manager)
        with (
            mail_server(closed_port()),
            self.assertLogs(LOGGER, "ERROR"),
            self.assertRaisesMessage(CommandError, "0 sent, 1 failed, 0 dropped. The mail"),
        ):
            call_command("send_mail_queue")

    def test_it_goes_on_until_it_is_told_to_end_whatever_fails_meanwhile(self) -> None:
        self.queue()
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
        self.assertEqual(delivery.send_queue().sent, 0)
        self.later(LEASE)
        self.assertEqual(delivery.send_queue().sent, 1)

    def test_a_failure_after_the_lease_changes_nothing(self) -> None:
        self.queue()
        claimed = delivery._claimed()
        assert claimed is not None
        self.later(LEASE)
        delivery.send_queue()
        with self.assertLogs(LOGGER, "ERROR"):
            delivery._note_failure(claimed, TimeoutError())
        self.assertEqual(self.states(), ["sent"])


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
