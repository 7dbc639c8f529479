"""Pages of managing, accounts and imports ask as often for thirty of a thing as for one."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommendations.actions import people, personal
from recommendations.actions.signoffs import record_sign_off
from recommendations.choices import Role
from recommendations.models import Reminder
from tests import factories
from tests.imports.files import csv_bytes
from tests.imports.openings import HEAD, ROWS, brought
from tests.rounds import sent_round
from tests.views.deciding import undone
from tests.views.pages import PageTestCase, counting

LONGEST = 8_192
"""Characters of a statement."""


class GrowthTests(PageTestCase):
    def test_they_ask_as_often_for_thirty_as_for_one(self) -> None:
        for add, person, most in (
            (self.add_deputies, self.manager, 10),
            (self.add_requests, self.manager, 12),
            (self.add_invitations, self.administrator, 16),
            (self.add_signed, self.manager, 33),
            (self.add_openings, self.other_manager, 16),
        ):
            self.client_for(person)
            with self.subTest(add.__name__), undone():
                few: dict[str, int] = {}
                many: dict[str, int] = {}
                for asked, number in ((few, 1), (many, 29)):
                    for name, path in add(number).items():
                        with counting() as captured:
                            self.assertEqual(self.get(path, person).status_code, 200)
                        asked[name] = len(captured)
                        self.assertLess(max(len(each["sql"]) for each in captured), LONGEST)
                self.assertEqual(few, many)
                self.assertLessEqual(max(many.values()), most)

    def add_deputies(self, number: int) -> dict[str, str]:
        """Deputies, watched items and messages of one person."""
        day = timezone.localdate() + timedelta(days=30 * (number > 1))
        for row in factories.recommendations(type(self), number):
            personal.watch(by=self.manager, kind="recommendation", key=row.pk)
            values = {"person": self.manager, "deputy": self.other_manager}
            days = {"starts_on": day, "ends_on": day}
            people.add_deputy(by=self.manager, values={**values, **days})
            told: dict[str, Any] = {"told_until": timezone.now(), "content": {"total": 1}}
            Reminder.objects.create(person=self.manager, day=day, **told)
            day += timedelta(days=1)
        return {page: f"/accounts/{page}/" for page in ("deputies", "notifications")}

    def add_requests(self, number: int) -> dict[str, str]:
        items = [
            self.make_recommendation(f"Number {number}.{each}", lead=body)
            for each in range(min(number, 5))
            for body in (self.ministry, self.agency)
        ]
        url = sent_round(items, self.manager).get_absolute_url()
        pages = {page: f"{url}{page}" for page in ("", "requests/", "close/")}
        return {**pages, "list": "/rounds/", "new": "/rounds/new/?scope=all"}

    def add_invitations(self, number: int) -> dict[str, str]:
        for each in range(number):
            email = f"{number}-{each}@example.org"
            people.invite(by=self.administrator, email=email, role=Role.VIEWER)
        return {"people": "/set-up/people/"}

    def add_signed(self, number: int) -> dict[str, str]:
        """Sign-offs of a source with so many recommendations more."""
        for each in range(min(number, 5)):
            self.make_approved(self.make_recommendation(f"Thing {number}.{each}"))
        day = timezone.localdate()
        signed = record_sign_off(about=self.source, by=self.manager, as_of=day)
        form = f"{self.source.get_absolute_url()}sign-off/"
        return {"form": form, "list": "/sign-offs/", "page": signed.get_absolute_url()}

    def add_openings(self, number: int) -> dict[str, str]:
        rows = [(f"{number}-{each}", *ROWS[0][1:]) for each in range(number)]
        batch = brought(csv_bytes(rows, HEAD), self.source, self.manager)
        return {"batch": batch.get_absolute_url()}
