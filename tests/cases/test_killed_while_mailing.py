"""Whenever the sender of mail is killed: no message is lost, and a kill repeats one at most."""

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from recommendations.actions.mail import delivery
from recommendations.actions.mail.queue import queue_mail
from recommendations.models import OutgoingMail
from tests.base import GuardedTransactionTestCase
from tests.depth import times
from tests.mail import LETTER
from tests.mail_servers import ReceivingServer, receiving_server
from tests.processes import as_in_production, until

KILLS = times(3, 50)
EACH = 40
"""Messages queued for each kill: more than a sender gets through before it is killed."""


class KilledWhileMailingTests(GuardedTransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        for _number in range(KILLS * EACH):
            queue_mail([self.staff], lambda _person: LETTER)
        self.queued = set(OutgoingMail.objects.values_list("message_id", flat=True))

    def test_none_is_lost_and_a_kill_repeats_one_at_most(self) -> None:
        chosen = random.Random(1)
        with receiving_server(pause=0.02) as server:
            for _number in range(KILLS):
                self.kill_while_it_sends(server, chosen)
                self.end_leases()
            server.pause = 0
            delivery.send_queue()
        sent = Counter(server.received)
        self.assertEqual(set(sent), self.queued)
        self.assertLessEqual(sent.total() - len(sent), KILLS)
        self.assertEqual(set(OutgoingMail.objects.values_list("state", flat=True)), {"sent"})

    def kill_while_it_sends(self, server: ReceivingServer, chosen: random.Random) -> None:
        before = len(server.received)
        sender = subprocess.Popen(
            [sys.executable, "manage.py", "send_mail_queue", "--watch"],
            env={
                **as_in_production(),
                "EMAIL_HOST": "127.0.0.1",
                "EMAIL_PORT": str(server.port),
            },
            cwd=settings.BASE_DIR,
        )
        try:
            until(lambda: len(server.received) > before, "a message")
            time.sleep(chosen.uniform(0, 0.1))
        finally:
            sender.kill()
            sender.wait()

    def end_leases(self) -> None:
        """As if their time were over; nobody else sends. What the server has still comes in."""
        time.sleep(0.05)
        past = timezone.now() - timedelta(seconds=1)
        OutgoingMail.objects.filter(state="queued").update(due_at=past)
