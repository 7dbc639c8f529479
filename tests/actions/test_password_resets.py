"""Links for a forgotten password: who gets one, how often, and that nothing tells on anybody."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import override_settings
from django.utils import timezone, translation

from recommendations.actions import people
from recommendations.actions.mail import delivery, resets
from recommendations.actions.mail.resets import MOST_FOR_ADDRESS, MOST_FROM_CLIENT, SPAN
from recommendations.choices import Role
from recommendations.models import OutgoingMail, ResetRequest, User
from tests.base import PASSWORD, RaceTestCase, TrackerTestCase, make_person
from tests.mail import outbox, sending
from tests.threads import at_once, failures

VIEWER = "viewer@example.org"


def ask(address: str = VIEWER, client: str = "192.0.2.1") -> None:
    resets.ask_for_reset(address=address, client=client)


class ResetTestCase(TrackerTestCase):
    def setUp(self) -> None:
        User.objects.update(password=make_password(PASSWORD))
        OutgoingMail.objects.all().delete()

    def waiting(self) -> int:
        return OutgoingMail.objects.count()


class AnsweredTests(ResetTestCase):
    def test_what_waits_holds_no_token_and_nobodys_account(self) -> None:
        ask()
        [row] = OutgoingMail.objects.values()
        self.assertEqual((row["to_id"], row["address"]), (None, VIEWER))
        self.assertEqual((row["subject"], row["lines"], row["path"]), ("", [], ""))

    def test_the_address_goes_once_it_is_answered(self) -> None:
        for address in (VIEWER, "nobody@example.org"):
            with sending():
                ask(address)
        self.assertEqual(OutgoingMail.objects.exclude(address="").count(), 0)

    def test_whoever_django_would_write_to_gets_a_link(self) -> None:
        make_person("second", password=make_password(PASSWORD))
        User.objects.filter(username="second").update(email=VIEWER.upper())
        User.objects.filter(username="staff").update(email=VIEWER, is_active=False)
        User.objects.filter(username="manager").update(
            email=VIEWER, password=make_password(None), wants_mail=False
        )
        User.objects.filter(username="viewer").update(wants_mail=False)
        with sending():
            ask()
        self.assertEqual(sorted(m.to for m in outbox()), [[VIEWER.upper()], [VIEWER]])
        links = {m.body.split("/accounts/reset/")[1].split()[0] for m in outbox()}
        self.assertEqual(len(links), 2)
        self.assertEqual(len({m.extra_headers["Message-ID"] for m in outbox()}), 2)

    def test_who_was_invited_and_came_too_late_gets_one(self) -> None:
        fresh = people.invite(
            by=self.administrator,
            values={"username": "fresh", "email": "fresh@example.org"},
            roles=[Group.objects.get(name=Role.STAFF)],
        )
        with sending():
            ask("Fresh@example.org")
        [message] = outbox()
        self.assertIn("/accounts/reset/", message.body)
        people.set_password(person=fresh, by=fresh, password="harbour-crane-77")
        with sending():
            ask("fresh@example.org")
        self.assertEqual(len(outbox()), 1)
        User.objects.filter(pk=fresh.pk).update(password=make_password(None))
        with sending():
            ask("fresh@example.org")
        self.assertEqual(outbox(), [])

    def test_an_address_that_only_looks_the_same_gets_none(self) -> None:
        """U+0131 is an i without a dot, which some databases take for an i."""
        with sending():
            ask("v\u0131ewer@example.org")
        self.assertEqual(outbox(), [])

    def test_an_account_closed_before_it_is_sent_gets_none(self) -> None:
        with sending():
            ask()
            User.objects.filter(username="viewer").update(is_active=False)
        self.assertEqual(outbox(), [])

    def test_in_the_language_of_the_person_else_of_who_asked(self) -> None:
        User.objects.filter(username="viewer").update(language="")
        with translation.override("fr"):
            ask()
        resets.answer(OutgoingMail.objects.get())
        self.assertEqual(OutgoingMail.objects.get().language, "fr")

    def test_one_that_another_sender_has_by_now_is_answered_once(self) -> None:
        ask()
        asked = OutgoingMail.objects.get()
        resets.answer(asked)
        resets.answer(asked)
        self.assertEqual(self.waiting(), 1)


class ThrottledTests(ResetTestCase):
    def test_an_address_gets_a_few_links_an_hour_however_it_is_written(self) -> None:
        for number in range(MOST_FOR_ADDRESS + 3):
            ask((VIEWER, VIEWER.upper())[number % 2], client=f"192.0.2.{number}")
        self.assertEqual(self.waiting(), MOST_FOR_ADDRESS)
        ask("staff@example.org")
        self.assertEqual(self.waiting(), MOST_FOR_ADDRESS + 1)

    def test_so_does_an_address_that_nobody_has(self) -> None:
        for _number in range(MOST_FOR_ADDRESS + 3):
            ask("nobody@example.org")
        self.assertEqual(self.waiting(), MOST_FOR_ADDRESS)

    def test_a_client_asks_for_some_addresses_an_hour(self) -> None:
        for number in range(MOST_FROM_CLIENT + 3):
            ask(f"p{number}@example.org")
        self.assertEqual(self.waiting(), MOST_FROM_CLIENT)
        ask("staff@example.org", client="192.0.2.2")
        self.assertEqual(self.waiting(), MOST_FROM_CLIENT + 1)

    def test_going_on_to_ask_keeps_nobody_from_a_link_an_hour_later(self) -> None:
        for _number in range(MOST_FOR_ADDRESS):
            ask()
        ResetRequest.objects.update(at=timezone.now() - SPAN + timedelta(minutes=1))
        ask()
        self.assertEqual(self.waiting(), MOST_FOR_ADDRESS)
        ResetRequest.objects.update(at=timezone.now() - SPAN)
        ask()
        self.assertEqual(self.waiting(), MOST_FOR_ADDRESS + 1)

    def test_what_is_counted_is_a_digest_that_needs_the_key_of_the_site(self) -> None:
        ask()
        [row] = ResetRequest.objects.values()
        self.assertNotIn("viewer", str(row))
        self.assertNotIn("192.0.2", str(row))
        with override_settings(SECRET_KEY="another"):
            ask()
        digests = ResetRequest.objects.values("address_digest").distinct()
        self.assertEqual(digests.count(), 2)

    def test_it_is_forgotten_after_an_hour(self) -> None:
        ask()
        delivery.send_queue()
        self.assertEqual(ResetRequest.objects.count(), 1)
        ResetRequest.objects.update(at=timezone.now() - SPAN)
        delivery.send_queue()
        self.assertEqual(ResetRequest.objects.count(), 0)


class RaceTests(RaceTestCase):
    def test_many_requests_at_once_are_no_way_around_it(self) -> None:
        jobs: Any = [ask] * 12
        self.assertEqual(failures(at_once(jobs)), [])
        self.assertLessEqual(OutgoingMail.objects.count(), MOST_FOR_ADDRESS)
