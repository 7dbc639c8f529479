"""No reminder holds a word that its reader may not read, whatever roles the reader has.

The world has a word of its own in every text of every table; of these a message may hold what
every role reads: what a thing is called, and who somebody is.
"""

from datetime import timedelta
from itertools import combinations
from unittest import mock

from django.contrib.auth.models import Group
from django.utils import timezone

from recommendations.actions.mail.letters import queue_reminders
from recommendations.choices import Role
from recommendations.models import (
    Indicator,
    OutgoingMail,
    Recommendation,
    Reminder,
    SavedView,
    Source,
    User,
    Watch,
)
from recommendations.queries.reminders import Span
from recommendations.views.lists import view_members
from tests.depth import times
from tests.rows import past_the_guards
from tests.views.marked import MarkedTestCase
from tests.views.markers import MARKER

ALLOWED = {
    *("recommendation.title", "recommendation.reference", "indicator.title", "indicator.code"),
    *("user.username", "user.first_name", "user.last_name", "reportinground.name"),
    "source.short_title",
    # Of public items alone, a newer version of which awaits a manager.
    "evidence.title",
}
"""What everybody with a role reads."""


class ReminderWordsTests(MarkedTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.people = [cls.author, cls.decider]
        with past_the_guards():
            User.objects.filter(pk__in=[each.pk for each in cls.people]).update(
                is_active=True, email="reader@example.org", language="en"
            )
            for person in cls.people:
                cls.watch_everything(person)

    @classmethod
    def watch_everything(cls, person: User) -> None:
        Watch.objects.filter(person=person).delete()
        for name, rows in (
            ("recommendation", Recommendation.objects.all()),
            ("source", Source.objects.all()),
            ("view", SavedView.objects.all()),
            ("indicator", Indicator.objects.all()),
        ):
            for row in rows:
                Watch.objects.create(person=person, since=timezone.now(), **{name: row})

    def content_for(self, *roles: str) -> dict[int, str]:
        """What each of both people is told of all that ever was, with these roles."""
        now = timezone.now() + timedelta(days=1)
        long_ago = now - timedelta(days=4000)
        every = Span(long_ago.date(), timezone.localdate(now), long_ago, now)
        OutgoingMail.objects.filter(reminder__isnull=False).delete()
        Reminder.objects.all().delete()
        for person in self.people:
            person.groups.set(Group.objects.filter(name__in=roles))
        with mock.patch("recommendations.actions.mail.letters._span", return_value=every):
            queue_reminders(now=now, members=view_members)
        rows = Reminder.objects.filter(person__in=self.people)
        return {row.person_id: str(row.content) for row in rows}

    def test_of_every_set_of_roles(self) -> None:
        known = {**self.planter.internal, **self.planter.public}
        told: dict[tuple[str, ...], set[str]] = {}
        for count in range(times(2, len(Role) + 1)):
            for roles in combinations(Role.values, count):
                words = " ".join(self.content_for(*roles).values())
                told[roles] = {known[marker] for marker in MARKER.findall(words)}
                with self.subTest(roles):
                    self.assertLessEqual(told[roles], ALLOWED)
        self.assertEqual(told[()], set())
        for role in (Role.STAFF, Role.MANAGER, Role.VIEWER):
            self.assertIn("recommendation.title", told[role.value,])
