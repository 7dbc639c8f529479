"""Whenever the command of reminders is killed: nobody is forgotten, and nobody is told twice.

That a sender of mail may be killed as well, test_killed_while_mailing.py shows.
"""

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from recommendations.models import OutgoingMail, Reminder, User
from tests.base import GuardedTransactionTestCase, make_person
from tests.depth import times
from tests.processes import as_in_production

KILLS = times(2, 50)
PEOPLE = 12
"""Each officer of one recommendation that has been overdue for long."""


class KilledWhileRemindingTests(GuardedTransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        for number in range(PEOPLE):
            person = make_person(f"officer{number}", "Policy staff", self.agency)
            self.make_recommendation(f"Do {number}", lead=self.agency, lead_officer=person)
        OutgoingMail.objects.all().delete()
        self.people = User.objects.filter(username__startswith="officer")

    def test_each_day_tells_everybody_once(self) -> None:
        chosen = random.Random(1)
        # Reminders of what is overdue come each week.
        first = timezone.now()
        for number in range(KILLS):
            now = first + number * timedelta(days=7)
            self.kill_while_it_queues(now.isoformat(), chosen)
            self.run_to_its_end(now.isoformat())
            day = timezone.localdate(now)
            told = Reminder.objects.filter(day=day, person__in=self.people)
            self.assertEqual(told.count(), PEOPLE)
            mails = OutgoingMail.objects.filter(reminder__in=told)
            self.assertEqual(Counter(mails.values_list("to", flat=True)).most_common(1)[0][1], 1)
            self.assertEqual(mails.count(), PEOPLE)
        ids = OutgoingMail.objects.values_list("message_id", flat=True)
        self.assertEqual(len(set(ids)), len(ids))

    def kill_while_it_queues(self, now: str, chosen: random.Random) -> None:
        command = self.start(now)
        before = Reminder.objects.count()
        until = time.monotonic() + 20
        # At the first, or after some of them.
        wanted = before + chosen.randint(0, PEOPLE - 1)
        while Reminder.objects.count() < wanted and time.monotonic() < until:
            if command.poll() is not None:
                break
            time.sleep(0.002)
        command.kill()
        command.wait()

    def run_to_its_end(self, now: str) -> None:
        self.assertEqual(self.start(now).wait(), 0)

    def start(self, now: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "manage.py", "send_reminders", f"--now={now}"],
            env=as_in_production(),
            cwd=settings.BASE_DIR,
            stdout=subprocess.DEVNULL,
        )
