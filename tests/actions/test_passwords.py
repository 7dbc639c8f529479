"""Forgotten passwords and failed tries: links, limits, warnings; nothing tells on anybody."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unittest import mock

from axes.models import AccessAttempt
from django.contrib.auth.hashers import make_password
from django.test import Client, SimpleTestCase, override_settings
from django.utils import timezone

from recommendations.actions import people
from recommendations.actions.mail import delivery, letters, queue
from recommendations.actions.mail.letters import (
    MANY,
    MOST_FOR_ADDRESS,
    MOST_FROM_CLIENT,
    SPAN,
    warn_of_entry,
    warn_owners,
)
from recommendations.actions.oversight import sign_ins
from recommendations.actions.oversight.sign_ins import Place, begin_try
from recommendations.choices import Role
from recommendations.models import OutgoingMail, ResetRequest, User
from tests.actions.acts import ActTestCase
from tests.actions.test_people import LONG, VALUES, roles
from tests.base import PASSWORD, RaceTestCase, make_person
from tests.mail import outbox, sending
from tests.threads import at_once, failures

VIEWER = "viewer@example.org"
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
THREADS = 12
PLACE = Place("viewer", "192.0.2.1")


def ask(address: str = VIEWER, client: str = "192.0.2.1") -> None:
    letters.ask_for_reset(address=address, client=client)


def change(username: str, **values: Any) -> None:
    User.objects.filter(username=username).update(**values)


class ResetTestCase(ActTestCase):
    def setUp(self) -> None:
        super().setUp()
        User.objects.update(password=make_password(PASSWORD))
        OutgoingMail.objects.all().delete()

    def assert_sent(self, address: str, *people: str) -> None:
        """Asking for this address sends a link to these, each another."""
        with sending():
            ask(address)
        self.assertEqual(sorted(message.to for message in outbox()), [[each] for each in people])
        links = {m.body.split("/accounts/reset/")[1].split()[0] for m in outbox()}
        ids = {m.extra_headers["Message-ID"] for m in outbox()}
        self.assertEqual((len(links), len(ids)), (len(people), len(people)))

    def assert_waiting(self, count: int) -> None:
        self.assertEqual(OutgoingMail.objects.count(), count)


class AnsweredTests(ResetTestCase):
    def test_what_waits_holds_no_token_and_nobodys_account_and_then_no_address(self) -> None:
        ask()
        [row] = OutgoingMail.objects.values()
        kept = (row["to_id"], row["address"], row["subject"], row["lines"], row["path"])
        self.assertEqual(kept, (None, VIEWER, "", [], ""))
        for address in (VIEWER, "nobody@example.org"):
            with sending():
                ask(address)
        self.assertFalse(OutgoingMail.objects.exclude(address="").exists())

    def test_whoever_django_would_write_to_gets_a_link(self) -> None:
        make_person("second", password=make_password(PASSWORD))
        change("second", email=VIEWER.upper())
        change("staff", email=VIEWER, is_active=False)
        change("manager", email=VIEWER, password=make_password(None), wants_mail=False)
        change("viewer", wants_mail=False)
        self.assert_sent(VIEWER, VIEWER.upper(), VIEWER)
        # U+0131 is an i without a dot, which some databases take for an i.
        self.assert_sent("v\u0131ewer@example.org")
        with sending():
            ask()
            User.objects.update(is_active=False)
        self.assertEqual(outbox(), [], "the account was closed before it was sent")

    def test_who_was_invited_and_came_too_late_gets_one(self) -> None:
        values = {**VALUES, "groups": roles(Role.STAFF)}
        fresh = people.add_user(by=self.administrator, values=values)
        people.invite_again(person=fresh, by=self.administrator)
        self.assert_sent("Fresh@example.org", "fresh@example.org")
        people.set_password(person=fresh, by=fresh, password=LONG)
        self.assert_sent("fresh@example.org", "fresh@example.org")
        change("fresh", password=make_password(None))
        self.assert_sent("fresh@example.org")


class ThrottledTests(ResetTestCase):
    def test_an_address_gets_a_few_links_an_hour_however_it_is_written_if_nobody_has_it_too(self):
        for addresses in ((VIEWER, VIEWER.upper()), ("nobody@example.org",) * 2):
            before = OutgoingMail.objects.count()
            for number in range(MOST_FOR_ADDRESS + 3):
                ask(addresses[number % 2], client=f"192.0.2.{number}")
            self.assert_waiting(before + MOST_FOR_ADDRESS)
        ask("staff@example.org")
        self.assert_waiting(before + MOST_FOR_ADDRESS + 1)

    def test_a_client_asks_for_some_addresses_an_hour(self) -> None:
        for number in range(MOST_FROM_CLIENT + 3):
            ask(f"p{number}@example.org")
        self.assert_waiting(MOST_FROM_CLIENT)
        ask("staff@example.org", client="192.0.2.2")
        self.assert_waiting(MOST_FROM_CLIENT + 1)

    def test_going_on_to_ask_keeps_nobody_from_a_link_an_hour_later(self) -> None:
        for _number in range(MOST_FOR_ADDRESS):
            ask()
        for minute, count in ((1, MOST_FOR_ADDRESS), (0, MOST_FOR_ADDRESS + 1)):
            ResetRequest.objects.update(at=timezone.now() - SPAN + timedelta(minutes=minute))
            ask()
            self.assert_waiting(count)

    def test_what_is_counted_is_a_digest_that_needs_the_key_of_the_site_for_an_hour(self) -> None:
        ask()
        [row] = ResetRequest.objects.values()
        for words in ("viewer", "192.0.2"):
            self.assertNotIn(words, str(row))
        with override_settings(SECRET_KEY="another"):
            ask()
        digests = ResetRequest.objects.values("address_digest").distinct()
        self.assertEqual(digests.count(), 2)
        for count in (2, 0):
            delivery.send_queue()
            self.assertEqual(ResetRequest.objects.count(), count)
            ResetRequest.objects.update(at=timezone.now() - SPAN)


class WarningTests(ActTestCase):
    """The owner of an account hears of many failed tries, and of who got in after them."""

    def setUp(self) -> None:
        super().setUp()
        OutgoingMail.objects.all().delete()

    def fail(self, name: str, failures: int, at: datetime = NOW, place: str = "192.0.2.1") -> None:
        row = AccessAttempt.objects.create(
            username=name, ip_address=place, failures_since_start=failures
        )
        AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=at)

    def assert_warned(self, *names: str) -> None:
        rows = OutgoingMail.objects.order_by("to__username")
        self.assertEqual([row.to.username for row in rows], list(names))

    def test_ten_failures_at_whatever_places_within_an_hour_once_a_day(self) -> None:
        change("other_staff", is_active=False)
        for name in ("nobody", "other_staff"):
            self.fail(name, MANY)
        self.fail("manager", MANY, at=NOW - timedelta(hours=1))
        for name in ("viewer", "staff"):
            self.fail(name, MANY - 1)
        self.fail("staff", 1, place="198.51.100.7")
        for _pass in range(3):
            warn_owners(NOW)
        self.assert_warned("staff")
        [letter] = OutgoingMail.objects.all()
        words = "Many sign-in attempts with your username failed within an hour."
        self.assertIn(words, letter.lines[0])
        self.assertIn("Further attempts are delayed. You can still sign in.", letter.lines[1])
        self.assertFalse(letter.is_asked_for)
        tomorrow = NOW + timedelta(days=1)
        AccessAttempt.objects.filter(username="staff").update(attempt_time=tomorrow)
        warn_owners(tomorrow)
        self.assert_warned("staff", "staff")

    def test_whoever_gets_in_after_them_is_told_of(self) -> None:
        self.fail("staff", MANY)
        warn_of_entry(self.staff, NOW)
        self.assert_warned()
        self.fail("staff", 1, place="198.51.100.7")
        warn_of_entry(self.staff, NOW)
        [letter] = OutgoingMail.objects.all()
        words = "Afterwards, a sign-in with the correct password succeeded."
        self.assertEqual(letter.lines[1], words)

    def test_signing_in_asks_for_it_and_failing_does_not(self) -> None:
        self.fail("staff", MANY + 1, place="198.51.100.7")
        sent = {"username": "staff", "password": "wrong"}
        with mock.patch.object(queue.OutgoingMail.objects, "bulk_create") as queued:
            for _try in range(5):
                Client().post("/accounts/login/", sent, REMOTE_ADDR="198.51.100.8")
        queued.assert_not_called()
        AccessAttempt.objects.update(attempt_time=datetime.now(UTC))
        Client().force_login(self.staff)
        self.assert_warned("staff")


class PauseTests(SimpleTestCase):
    def test_it_doubles_up_to_an_hour(self) -> None:
        minutes = [sign_ins.pause_after(n) / timedelta(minutes=1) for n in range(14)]
        self.assertEqual(minutes, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
        self.assertEqual(sign_ins.pause_after(10_000), sign_ins.LONGEST_PAUSE)


class AtOnceTests(RaceTestCase):
    """Counting tries is exact also where many come at the same moment."""

    def passed(self, *places: Place) -> list[sign_ins.Try]:
        tries = at_once([partial(begin_try, place, NOW) for place in places])
        self.assertEqual(failures(tries), [])
        return [each for each in tries if not each.wait]

    def test_of_tries_at_once_no_more_pass_than_one_after_another(self) -> None:
        passed = self.passed(*[PLACE] * THREADS)
        self.assertEqual(sorted(each.failures for each in passed), [1, 2, 3, 4, 5])
        self.assertEqual(AccessAttempt.objects.get().failures_since_start, 5)
        then = NOW - timedelta(minutes=2)
        AccessAttempt.objects.update(attempt_time=then, failures_since_start=6)
        passed = self.passed(*[PLACE] * THREADS)
        self.assertEqual([each.failures for each in passed], [7], "after a pause one of them")

    def test_names_at_once_pass_their_bound_by_no_more_than_come_at_once(self) -> None:
        about = {"ip_address": "192.0.2.1", "failures_since_start": 1}
        names = (f"name{n}" for n in range(sign_ins.MOST_NAMES - 1))
        AccessAttempt.objects.bulk_create(AccessAttempt(username=name, **about) for name in names)
        AccessAttempt.objects.update(attempt_time=NOW)
        passed = self.passed(*(Place(f"further{n}", "192.0.2.1") for n in range(THREADS)))
        self.assertIn(len(passed), range(1, THREADS + 1))
        self.assertEqual(self.passed(Place("last", "192.0.2.1")), [])

    def test_many_requests_for_a_link_are_no_way_around_its_limit(self) -> None:
        jobs: Any = [ask] * THREADS
        self.assertEqual(failures(at_once(jobs)), [])
        self.assertLessEqual(OutgoingMail.objects.count(), MOST_FOR_ADDRESS)
