"""What the tracker uses: a part appears with its first use, and goes and comes by its switch."""

from typing import Any

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import people, personal, responses, structure
from recommendations.actions.base import NotAllowed, StaleWrite
from recommendations.actions.mail.letters import queue_reminders
from recommendations.actions.uses import switch_parts
from recommendations.models import Addressee, AuditEvent, TrackerUses, User
from recommendations.queries.uses import USES
from recommendations.views.lists import view_members
from tests.base import days_ago
from tests.rounds import sent_round
from tests.views.pages import PageTestCase

PAGE = "/set-up/uses/"
ONE = "/recommendations/REP-1/"
SHOWN = {
    "rounds": ("manager", "/", "/rounds/"),
    "deputies": ("staff", "/", "/accounts/deputies/"),
    "calendar": ("staff", "/", "/accounts/calendar/"),
    "parts": ("manager", ONE, f"{ONE}parts/new/"),
    "responses": ("staff", ONE, f"{ONE}responses/"),
    "areas": (None, "/", "/areas/"),
}
"""Of each part who sees it, on which page, and the address that it leads to."""


@override_settings(PUBLIC_PAGES=True)
class UsesTests(PageTestCase):
    def begin(self) -> None:
        """Use every part for the first time."""
        about, by = self.recommendation, self.manager
        sent_round([about], by)
        days = {"starts_on": days_ago(1), "ends_on": days_ago(-9)}
        values = {"person": self.staff, "deputy": self.other_manager, **days}
        people.add_deputy(by=by, values=values)
        personal.create_calendar_address(by=self.staff)
        text = {"recommendation": about, "label": "a", "text": "Fund it."}
        structure.add_part(by=by, values=text)
        for code, name in (("KES", "Kestovia"), ("LUR", "Lurania")):
            area = self.make_area(code, name=name, kind="country")
            addressee = Addressee.objects.create(recommendation=about, area=area)
            values = {"position": "awaiting", "since": days_ago(9), "due_on": days_ago(3)}
            responses.record_responses(
                addressees=[addressee], by=by, values=values, expected_newest=0
            )

    def shown(self) -> set[str]:
        """The parts that are in menus and on buttons."""
        found = set()
        for name, (who, page, address) in SHOWN.items():
            content = self.get(page, getattr(self, who) if who else None).content.decode()
            found |= {name} if f'href="{address}' in content else set()
        return found

    def switch(self, to: str, *names: str, by: User | None = None) -> Any:
        version = TrackerUses.objects.values_list("version", flat=True).first() or 0
        return self.post(
            PAGE, by or self.administrator, version=version, **dict.fromkeys(names, to)
        )

    def test_a_part_appears_with_its_first_use_and_by_its_switch(self) -> None:
        self.assertEqual(self.shown(), set())
        self.switch("on", *USES)
        self.assertEqual(self.shown(), set(USES) - {"responses"}, "no addressee is named")
        self.switch("automatic", *USES)
        self.assertEqual(self.shown(), set())
        self.begin()
        self.assertEqual(self.shown(), set(USES))
        self.switch("off", *USES)
        self.assertEqual(self.shown(), set())
        for who, _page, address in SHOWN.values():
            person = getattr(self, who) if who else None
            self.assertEqual(self.get(address, person).status_code, 200, address)

    def test_off_ends_tasks_and_reminders(self) -> None:
        self.begin()

        def told() -> set[str]:
            now, kinds = timezone.now(), ("Update requested", "responses overdue", "As deputy")
            queued = queue_reminders(now=now, members=view_members, is_dry=True).queued
            words = str([line for _who, lines in queued for line in lines])
            return {kind for kind in kinds if kind.lower() in words.lower()}

        for name, gone in (
            ("rounds", "Update requested"),
            ("responses", "responses overdue"),
            ("deputies", "As deputy"),
        ):
            before = told()
            self.switch("off", name)
            self.assertEqual(before - told(), {gone}, name)
        work = self.get(reverse("my-work"), self.staff)
        for words in ("Record responses", "responses overdue", "Update requested"):
            self.assertNotContains(work, words)

    def test_an_administrator_switches_in_one_event_and_nobody_else(self) -> None:
        self.assert_turned_away(PAGE)
        for person in (self.manager, self.staff, self.auditor):
            self.assertEqual(self.switch("on", "rounds", by=person).status_code, 403)
            with self.assertRaises(NotAllowed):
                switch_parts(by=person, values={"rounds": "on"})
        self.assertFalse(TrackerUses.objects.exists())
        before = AuditEvent.objects.count()
        self.assertRedirects(self.switch("on", "rounds"), PAGE)
        self.assertRedirects(self.switch("off", "rounds"), PAGE)
        self.assertEqual(AuditEvent.objects.count(), before + 2)
        self.assertEqual(self.switch("perhaps", "rounds").status_code, 400)
        with self.assertRaises(StaleWrite):
            switch_parts(by=self.administrator, values={"rounds": "on"}, expected_version=1)
        words = self.read(PAGE, self.administrator)
        self.assert_words(words, "Reporting rounds Off New round", "Deputies Off Automatic Name")
        self.assertEqual(AuditEvent.objects.count(), before + 2)
