"""The private calendar: whose it is, what it tells, and how its address ends."""

from datetime import date, timedelta
from typing import Any

import icalendar
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from recommendations.actions import dates, personal, responses
from recommendations.actions import recommendations as actions
from recommendations.choices import Role
from recommendations.models import AuditEvent, CalendarAddress, Recommendation, User
from recommendations.queries.people import token_of
from tests import factories
from tests.edits import edit
from tests.views.pages import PageTestCase
from tests.views.test_budgets import BudgetTestCase

PAGE = "/accounts/calendar/"
TARGET = date(2031, 3, 14)


def path_of(address: CalendarAddress) -> str:
    return f"/calendar/{token_of(address.token_salt)}.ics"


class CalendarTestCase(PageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.address = personal.create_calendar_address(by=self.staff)
        self.path = path_of(self.address)

    def events(self, path: str = "") -> dict[str, Any]:
        """The events by their kind; of the last row where there are several of a kind."""
        response = Client().get(path or self.path)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response["Content-Type"], "text/calendar; charset=utf-8")
        found = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
        for event in found:
            self.assertEqual(event.errors, [])
        return {str(event["uid"]).partition("-")[0]: event for event in found}

    def assert_unknown(self, path: str) -> None:
        """Answered as an address that never was."""
        never = f"/calendar/{'x' * len(path.removeprefix('/calendar/')[:-4])}.ics"
        answers = [Client().get(each) for each in (path, never)]
        self.assertEqual([answer.status_code for answer in answers], [404, 404])
        first, second = ({**answer.headers, "X-Request-ID": ""} for answer in answers)
        self.assertEqual(first, second)

    def add_action(self, **values: Any) -> Any:
        return responses.add_action(
            recommendation=self.recommendation,
            by=self.staff,
            values={"title": "Inner words", "due_on": date(2030, 5, 6), **values},
        )

    def set_target(self) -> None:
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=TARGET, reason="Due."
        )


class EventTests(CalendarTestCase):
    def test_it_tells_the_days_of_what_a_person_answers_for(self) -> None:
        self.set_target()
        self.add_action()
        other = self.make_recommendation(lead=self.agency, lead_officer=self.other_staff)
        found = Recommendation.objects.get(pk=self.recommendation.pk)
        events = self.events()
        days = {kind: event.decoded("dtstart") for kind, event in events.items()}
        wanted = {"target": TARGET, "update": found.next_due_on, "action": date(2030, 5, 6)}
        self.assertEqual(days, wanted)
        for event in events.values():
            self.assertEqual(event.decoded("dtend"), event.decoded("dtstart") + timedelta(days=1))
            self.assertEqual(event["status"], "CONFIRMED")
            self.assertTrue(str(event["summary"]).startswith(f"REP-1 {found.title}: "))
            self.assertTrue(
                str(event["url"]).startswith("http://testserver/recommendations/REP-1/")
            )
        text = Client().get(self.path).content.decode()
        for word in (other.reference, "Inner words", "Ministry", str(self.staff)):
            self.assertNotIn(word, text)

    def test_what_is_moved_keeps_its_name_and_what_ended_is_cancelled_and_later_gone(self) -> None:
        title = "Roads, rails; and \\ " + "ü" * 80
        before = self.events()["update"]
        edit(self.recommendation, self.manager, title=title)
        self.make_approved(self.recommendation)
        after = self.events()["update"]
        self.assertEqual(str(after["summary"]), f"REP-1 {title}: update due")  # folded, escaped
        self.assertEqual(after["uid"], before["uid"])
        for grown in ("sequence", "dtstamp", "dtstart"):
            self.assertGreater(after.decoded(grown), before.decoded(grown))
        self.set_target()
        self.add_action()
        found = Recommendation.objects.get(pk=self.recommendation.pk)
        actions.archive(recommendation=found, by=self.manager, reason="duplicate")
        states = {event["status"] for event in self.events().values()}
        self.assertEqual((states, len(self.events())), ({"CANCELLED"}, 3))
        row = Recommendation.objects.filter(pk=self.recommendation.pk)
        row.update(archived_at=timezone.now() - timedelta(days=91))
        self.assertEqual(self.events(), {})


class WhoseTests(CalendarTestCase):
    def test_a_new_address_ends_the_one_before_and_a_revoked_one_is_as_unknown_as_any(self) -> None:
        new = personal.create_calendar_address(by=self.staff)
        self.assert_unknown(self.path)
        self.assertIn("update", self.events(path_of(new)))
        personal.revoke_calendar_address(by=self.staff)
        self.assert_unknown(path_of(new))

    def test_so_is_that_of_who_lost_account_or_role(self) -> None:
        for names in ([Role.VIEWER], [], [Role.STAFF]):
            person = User.objects.get(pk=self.staff.pk)
            edit(person, self.administrator, groups=list(Group.objects.filter(name__in=names)))
            if Role.STAFF in names:
                self.events()
            else:
                self.assert_unknown(self.path)
        User.objects.filter(pk=self.staff.pk).update(is_active=False)
        self.assert_unknown(self.path)

    def test_digests_and_salts_open_nothing(self) -> None:
        for text in (self.address.token_digest, self.address.token_salt, "", "%00", "ü"):
            self.assertEqual(Client().get(f"/calendar/{text}.ics").status_code, 404)


class AnswerTests(CalendarTestCase):
    def test_it_needs_no_session_and_stays_private(self) -> None:
        client = Client()
        response = client.get(self.path)
        self.assertEqual(response["Cache-Control"], "private, no-cache")
        self.assertEqual(client.cookies, {})
        again = client.get(self.path, headers={"If-None-Match": response["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(self.client_for(self.other_staff).get(self.path).content, response.content)


class PageTests(PageTestCase):
    def test_an_address_is_created_shown_replaced_and_revoked(self) -> None:
        self.assert_words(self.read(PAGE, self.staff), "You have no calendar address yet.")
        addresses = []
        for _time in range(2):
            self.post(f"{PAGE}create/", self.staff)
            address = CalendarAddress.objects.in_use().get(person=self.staff)
            self.assertContains(self.get(PAGE, self.staff), f"http://testserver{path_of(address)}")
            addresses.append(path_of(address))
        self.post(f"{PAGE}revoke/", self.staff)
        self.assert_words(self.read(PAGE, self.staff), "You have no calendar address yet.")
        self.assertEqual(CalendarAddress.objects.in_use().count(), 0)
        verbs = list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))
        both = ["create_calendar", "revoke_calendar"]
        self.assertEqual(verbs[-4:], [both[0], both[1], both[0], both[1]])
        for token in addresses:
            recorded = AuditEvent.objects.filter(payload__contains=token.split("/")[-1][:-4])
            self.assertFalse(recorded.exists())

    def test_who_has_no_due_dates_has_none(self) -> None:
        for person in (self.viewer, self.auditor, self.administrator):
            self.assertEqual(self.post(f"{PAGE}create/", person).status_code, 403)
        self.assertFalse(CalendarAddress.objects.exists())
        self.post(f"{PAGE}create/", self.staff)
        for person, is_led in ((self.viewer, False), (self.staff, True)):
            self.assertEqual(PAGE in self.get("/", person).content.decode(), is_led)


class OneAndThirtyTests(BudgetTestCase):
    def test_one_statement_for_each_kind(self) -> None:
        """Whose it is, their recommendations with dates and updates, and actions."""
        self.make_world()
        path = path_of(personal.create_calendar_address(by=self.staff))
        for count in (1, 29):
            found = factories.recommendations(type(self), count)
            factories.response_factories.add_actions(found, 2)
            with self.subTest(count=count), self.assertNumQueries(3):
                self.assertEqual(Client().get(path).status_code, 200)
