"""Whenever the command of reminders is killed: nobody is forgotten, and nobody is told twice.

That a sender of mail may be killed as well, test_killed_while_mailing.py shows.
"""

import io
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone

from recommendations.models import OutgoingMail, Reminder, User
from tests.base import make_person
from tests.depth import times
from tests.forks import KilledTestCase

PEOPLE = times(2, 12)
"""Each officer of one recommendation that has been overdue for long."""


class KilledWhileRemindingTests(KilledTestCase):
    def setUp(self) -> None:
        super().setUp()
        for number in range(PEOPLE):
            person = make_person(f"officer{number}", "Policy staff", self.agency)
            self.make_recommendation(f"Do {number}", lead=self.agency, lead_officer=person)
        OutgoingMail.objects.all().delete()
        self.people = User.objects.filter(username__startswith="officer")

    def test_each_day_tells_everybody_once(self) -> None:
        # What is loaded once is loaded before, so that it is not in each fork again.
        call_command("send_reminders", "--dry-run", stdout=io.StringIO())
        # Reminders of what is overdue come each week.
        for week in range(times(1, 2)):
            now = timezone.now() + week * timedelta(days=7)

            def remind(now: str = now.isoformat()) -> None:
                call_command("send_reminders", f"--now={now}", stdout=io.StringIO())

            counts = [self.told_on(now) for _moment in self.kills(remind, step=3)]
            # Some of them were told before a kill, and are not told again.
            self.assertGreater(len(set(counts)), 1)
            self.assertEqual(self.told_on(now), PEOPLE)

    def told_on(self, now: object) -> int:
        """How many were told on a day: each once, by one message that waits to be sent."""
        told = Reminder.objects.filter(day=timezone.localdate(now), person__in=self.people)
        mails = OutgoingMail.objects.filter(reminder__in=told)
        count = told.count()
        self.assertEqual(told.values("person").distinct().count(), count)
        self.assertEqual(mails.count(), count)
        self.assertEqual(mails.values("to").distinct().count(), count)
        return count
