"""Mail: who is told what of an act, and the queue that sends it."""

import os
import signal
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any
from unittest import mock

from django.conf import settings
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import sending as queues
from recommendations.actions.deliveries import BACK_OFF, KEPT, LEASE, PassResult, claimed
from recommendations.actions.mail import delivery
from recommendations.actions.mail.queue import Notification, queue_mail
from recommendations.actions.updates import decisions
from recommendations.choices import MailState
from recommendations.models import OutgoingMail, StatusUpdate, User
from tests.actions.acts import MORE, ActTestCase
from tests.base import RaceTestCase, TrackerTestCase
from tests.mail import LETTER, outbox, sending
from tests.mail_servers import closed_port, hanging_server, mail_server
from tests.threads import at_once, failures
from tests.views.pages import client_of, shown_fields

STATED = " in progress. Confidence "
"""Out of what an update says, as the text of a status has it."""


class ToldTests(ActTestCase):
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)

    def told(self, act: Any, *args: Any, **given: Any) -> list[Any]:
        """The messages of an act: whom, about what, and all that they say."""
        with sending():
            act(*args, **given)
        return [
            (message.to[0].partition("@")[0], message.subject, message.body, str(message.message()))
            for message in outbox()
        ]

    def assert_told(self, act: Any, *names: str, **given: Any) -> None:
        told = self.told(act, **given)
        self.assertEqual(sorted(row[0] for row in told), sorted(names), (act, given))

    def test_each_event_tells_those_whom_it_concerns_in_its_words(self) -> None:
        draft, other, note = self.draft(), self.draft(**MORE), "Name <b>the</b> day."
        self.revise(reviewer=self.other_manager)
        about = (
            f"/review/{other.pk}/",
            "Staff submitted an update on “REP-1 Do the thing”",
            STATED,
        )
        for act, who, subject, words in (
            (lambda: self.submit(other), "other_manager", "an update awaits review", about),
            (
                lambda: self.give_back(self.update, note=note),
                *(
                    "staff",
                    "your update was returned",
                    (note, STATED, "&lt;b&gt;the&lt;/b&gt; day."),
                ),
            ),
            (
                lambda: self.approve(self.submit(self.update), note="Fine."),
                *("staff", "your update was approved", ("Fine.", " in progress (approved ")),
            ),
            (
                lambda: self.hand(draft, self.manager),
                *("manager", "a draft was handed over to you", ()),
            ),
        ):
            with self.subTest(subject):
                told = [row for row in self.told(act) if row[0] == who]
                [(_who, found, body, _whole)] = told
                self.assertEqual(found, f"REP-1: {subject}")
                [message] = [each for each in outbox() if each.to[0].startswith(f"{who}@")]
                html, kind = message.alternatives[0]
                self.assertEqual(kind, "text/html")
                for each in words:
                    self.assertIn(each, body + html)
                self.assertNotIn("<b>", html)
                self.assertEqual(message.extra_headers["Auto-Submitted"], "auto-generated")

    def test_what_is_submitted_tells_the_reviewer_and_without_one_every_manager(self) -> None:
        submit, about = self.make_submitted, {"recommendation": self.recommendation}
        self.assert_told(submit, "manager", "other_manager", **about)
        self.assert_told(submit, "other_manager", by=self.manager, **about)
        self.revise(reviewer=self.other_manager)
        self.recommendation.refresh_from_db()
        self.assert_told(submit, "other_manager", **about)
        User.objects.filter(pk=self.other_manager.pk).update(is_active=False)
        self.assert_told(submit, "manager", **about)

    def test_notes_go_to_nobody_who_may_not_read_them(self) -> None:
        self.staff.groups.set(self.viewer.groups.all())
        [row] = self.told(self.give_back, self.update, note="Between us.")
        self.assertNotIn("Between us", "".join(row))
        update = self.make_submitted(self.recommendation, by=self.other_manager)
        self.other_manager.groups.clear()
        self.assert_told(self.approve, update=update)

    def test_nobody_who_does_not_want_it_or_is_gone_or_did_it_themselves(self) -> None:
        for values in ({"wants_mail": False}, {"is_active": False}, {"email": ""}):
            update = self.make_submitted(self.recommendation)
            User.objects.filter(pk=self.staff.pk).update(**values)
            self.assert_told(self.give_back, update=update)
            self.staff.save()
        own = {"update": self.draft(), "to": self.manager, "by": self.manager}
        self.assert_told(self.hand, **own)
        old = {"recommendation": self.recommendation, "at": timezone.now() - timedelta(days=3)}
        self.assert_told(self.make_approved, **old)

    def test_what_is_rolled_back_tells_nobody(self) -> None:
        broken = mock.patch.object(decisions, "refresh_state", side_effect=ZeroDivisionError)
        with sending(), broken:
            self.refused(ZeroDivisionError, self.approve, self.update)
        self.assertEqual(outbox(), [])

    def test_links_lead_back_to_where_the_request_came_in_else_to_the_address_that_is_set(self):
        path, client = (
            f"/updates/{self.update.pk}/",
            client_of(self.manager, HTTP_HOST="localhost:8000"),
        )
        sent = shown_fields(client.get(f"/review/{self.update.pk}/"))
        [row] = self.told(client.post, f"{path}return/", {**sent, "note": "So."})
        self.assertIn(f"http://localhost:8000{path}", row[2])
        self.submit(self.update)
        with override_settings(SITE_ADDRESS="https://tracker.example"):
            [row] = self.told(self.approve, self.update)
        self.assertIn(f"https://tracker.example{path}", row[2])


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

    def pass_it(self, error: Exception | None = None) -> PassResult:
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
    def test_it_goes_on_until_it_is_told_to_end_whatever_fails_meanwhile(self) -> None:
        passes: list[int] = []

        def send() -> PassResult:
            passes.append(len(passes))
            if len(passes) == 1:
                raise DatabaseError("gone")
            os.kill(os.getpid(), signal.SIGTERM)
            return PassResult()

        before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
        with (
            mock.patch.multiple(queues, send_queues=send, LONG_PAUSE=0),
            mock.patch.object(queues, "connection") as connection,
            self.assertLogs(queues.logger, "ERROR"),
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
        mail = claimed(OutgoingMail.objects.all())
        self.assertEqual(self.pass_it().sent, 0)
        self.later(LEASE)
        self.assertEqual(self.pass_it().sent, 1)
        with self.assertLogs(LOGGER, "ERROR"):
            delivery._note_failure(mail, TimeoutError())
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
