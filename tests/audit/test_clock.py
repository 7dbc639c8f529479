"""The clock of an entry: refused where it cannot be right, and how a chain ahead is continued."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import SimpleTestCase, override_settings
from django.utils import timezone

from recommendations import audit
from recommendations.actions.base import ActionRefused
from recommendations.actions.oversight.verification import accept_future_event
from recommendations.audit.record import Reading, refuse_difference
from recommendations.faults import ClockFault
from recommendations.models import AuditEvent, Comment, User
from tests.base import TrackerTestCase
from tests.views.pages import PageTestCase, client_of, words_of

PATH = "/recommendations/REP-1/comments/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Of PostgreSQL's clock speak the tests that name it; the others compare with the chain alone.
ONE_CLOCK = override_settings(CLOCK_TOLERANCE=3_000_000_000)


def clock_moved(by: timedelta) -> AbstractContextManager[Any]:
    def now() -> datetime:
        return datetime.now(UTC) + by

    return mock.patch.object(timezone, "now", now)


def last() -> AuditEvent:
    return AuditEvent.objects.latest("sequence")


class ClockTestCase(TrackerTestCase):
    def record(self, at: datetime | None = None) -> AuditEvent:
        with audit.entry(by=self.manager, at=at) as entry:
            return entry.record("try", self.recommendation, before={}, after={"a": 1})

    def assert_refused(self, words: str) -> None:
        before = last().sequence
        with self.assertRaisesRegex(ClockFault, words):
            self.record()
        self.assertEqual(last().sequence, before)


@ONE_CLOCK
class BehindTests(ClockTestCase):
    def test_a_clock_more_than_a_second_behind_is_refused_with_both_times(self):
        moment = datetime(2031, 5, 14, 9, 30, 15, tzinfo=UTC)
        self.record(at=moment)
        with mock.patch.object(timezone, "now", return_value=moment - HOUR):
            self.assert_refused(
                "The server clock shows 14 May 2031, 08:30:15 UTC, but the last recorded change "
                "is dated 14 May 2031, 09:30:15 UTC"
            )
        with mock.patch.object(timezone, "now", return_value=moment - timedelta(seconds=1.001)):
            self.assert_refused("08:30|09:30:13")

    def test_a_clock_a_second_behind_gives_the_moment_after_the_last_event(self):
        before = self.record()
        with mock.patch.object(timezone, "now", return_value=before.at - timedelta(seconds=1)):
            after = self.record()
        self.assertEqual(after.at, before.at + timedelta(microseconds=1))

    def test_history_is_loaded_whatever_the_clock_says(self):
        self.record()
        with clock_moved(-HOUR):
            self.record(at=datetime(2020, 1, 1, tzinfo=UTC))

    def test_an_entry_inside_another_is_checked_with_it(self):
        with audit.entry(by=self.manager) as outer:
            outer.record("try", self.recommendation, before={}, after={"a": 1})
            with clock_moved(-HOUR):
                self.assertGreater(self.record().at, outer.at)


class DifferenceTests(ClockTestCase):
    def test_a_clock_unlike_that_of_the_database_is_refused_with_both_times(self):
        self.record()
        for ahead in (-HOUR, HOUR, DAY):
            with self.subTest(ahead), clock_moved(ahead):
                if connection.vendor == "postgresql":
                    self.assert_refused(
                        "and the database clock .* The permitted difference is 5 seconds"
                    )
                elif ahead < timedelta(0):
                    # SQLite has no clock of its own: the chain alone tells.
                    self.assert_refused("but the last recorded change is dated")

    def test_clocks_that_agree_are_accepted(self):
        with clock_moved(timedelta(seconds=2)):
            self.record()


class ReadingTests(SimpleTestCase):
    """PostgreSQL may read its clock before it waits for the lock, or after."""

    def check(self, database: float, *, waited: int = 0) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC)
        reading = Reading(now, now + timedelta(seconds=waited), now + timedelta(seconds=database))
        refuse_difference(reading)

    def test_up_to_the_bound_it_is_accepted_and_beyond_refused(self):
        for within in (-5, 0, 5):
            self.check(within)
        for difference in (-5.1, 5.1):
            with self.subTest(difference), self.assertRaises(ClockFault):
                self.check(difference)

    def test_a_long_wait_is_no_difference(self):
        for database in (0, 60):
            self.check(database, waited=60)
        for database in (-6, 66):
            with self.subTest(database), self.assertRaises(ClockFault):
                self.check(database, waited=60)


@ONE_CLOCK
class AcceptTests(ClockTestCase):
    def setUp(self) -> None:
        self.ahead = self.record(at=timezone.now() + DAY)

    def accept(self, by: User | None = None, reason: str = "The clock ran ahead") -> AuditEvent:
        return accept_future_event(by=by or self.administrator, reason=reason)

    def test_once_accepted_changes_follow_just_after_until_the_clock_has_reached_it(self):
        self.assert_refused("accept_future_event")
        self.assertEqual(client_of(self.manager).get("/recommendations/REP-1/").status_code, 200)
        event = self.accept()
        self.assertEqual((event.verb, event.actor), ("accept_future_event", self.administrator))
        for number in range(1, 4):
            self.assertEqual(self.record().at, self.ahead.at + timedelta(microseconds=1 + number))
        self.assertEqual(audit.verify_chain().fault, "")
        with clock_moved(2 * DAY):
            self.assertGreater(self.record().at, self.ahead.at + HOUR)

    def test_a_second_jump_is_refused_until_it_is_accepted_too(self):
        self.accept()
        self.record(at=timezone.now() + 2 * DAY)
        self.assert_refused("accept_future_event")
        self.accept()
        self.record()

    def test_only_an_administrator_with_a_reason_accepts_what_is_ahead(self):
        for person in (self.manager, self.auditor, self.stranger):
            with self.subTest(person.username), self.assertRaises(PermissionDenied):
                self.accept(by=person)
        with self.assertRaises(ValidationError):
            self.accept(reason=" ")
        words = "The last event is not in the future. No acceptance is needed."
        with clock_moved(2 * DAY), self.assertRaisesMessage(ActionRefused, words):
            self.accept()
        self.assertEqual(last(), self.ahead)

    def test_the_command_says_who_and_why(self):
        said = StringIO()
        given = ["--by", "administrator", "--reason", "Battery of the clock"]
        call_command("accept_future_event", *given, stdout=said)
        self.assertIn(f"Accepted as event {last().sequence}", said.getvalue())
        self.assertEqual(last().reason.text, "Battery of the clock")
        for by, words in (("manager", "Only an administrator can"), ("nobody", "no active user")):
            with self.subTest(by), self.assertRaisesRegex(CommandError, words):
                call_command("accept_future_event", "--by", by, "--reason", "Because")


@ONE_CLOCK
class EverywhereTests(PageTestCase):
    """The same refusal whatever calls the action; what was typed is kept."""

    def setUp(self) -> None:
        super().setUp()
        for person in (self.manager, self.administrator):
            self.client_for(person)
        with audit.entry(by=self.manager) as entry:
            entry.record("try", self.recommendation, before={}, after={"a": 1})
        moved = clock_moved(-HOUR)
        moved.__enter__()
        self.addCleanup(moved.__exit__, None, None, None)

    def test_a_page_and_the_admin_say_whom_to_tell(self) -> None:
        said = ("The site clock is wrong", "Ask an administrator to correct the clock.")
        text = words_of(self.post(PATH, self.manager, text="Which day?"))
        self.assert_words(text, *said, "but the last recorded change is dated", "Text Which day?")
        self.assertEqual(Comment.objects.count(), 0)
        path = f"/admin/recommendations/source/{self.source.pk}/change/"
        form = self.get(path, self.administrator).context["adminform"].form
        sent = {name: value for name, value in form.initial.items() if value is not None}
        sent |= {field.html_name: field.value() or "" for field in form if field.is_hidden}
        response = self.client_for(self.administrator).post(path, {**sent, "title": "New title"})
        self.assertEqual(response.status_code, 503, words_of(response)[:600])
        self.assert_words(words_of(response), said[0], "New title")
