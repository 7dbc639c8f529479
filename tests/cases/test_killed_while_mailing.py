"""Whenever the sender of mail is killed: no message is lost, and a kill repeats one at most."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from recommendations.actions.mail import delivery
from recommendations.actions.mail.queue import queue_mail
from recommendations.models import OutgoingMail
from tests.depth import times
from tests.forks import KilledTestCase
from tests.mail import LETTER
from tests.mail_servers import receiving_server

MESSAGES = times(12, 500)


class KilledWhileMailingTests(KilledTestCase):
    def test_none_is_lost_and_a_kill_repeats_one_at_most(self) -> None:
        for _number in range(MESSAGES):
            queue_mail([self.staff], lambda _person: LETTER)
        queued = set(OutgoingMail.objects.values_list("message_id", flat=True))
        kills = -1
        # The server takes its time, so that a sender is killed while it waits for it as well.
        with receiving_server(pause=0.001) as server:
            for _moment in self.kills(delivery.send_queue, step=5):
                kills += 1
                # As if its time were over; nobody else sends.
                past = timezone.now() - timedelta(seconds=1)
                OutgoingMail.objects.filter(state="queued").update(due_at=past)
        sent = Counter(server.received)
        self.assertGreater(kills, 3)
        self.assertEqual(set(sent), queued)
        self.assertLessEqual(sent.total() - len(sent), kills)
        self.assertEqual(set(OutgoingMail.objects.values_list("state", flat=True)), {"sent"})
