"""Many programs at once: what is acknowledged is recorded, once, and nothing is overwritten."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import override_settings

from recommendations import audit
from recommendations.models import AuditEvent, StatusUpdate
from tests.api.base import Program
from tests.base import RaceTestCase
from tests.threads import at_once, failures
from tests.updates import begin_draft

THREADS, EACH = (20, 10) if connection.vendor == "postgresql" else (4, 5)
ON = "recommendations/REP-1/updates/"


@override_settings(API_REQUESTS_A_MINUTE=100_000)
class AtOnceTests(RaceTestCase):
    def setUp(self) -> None:
        super().setUp()
        cache.clear()
        self.recommendation = self.make_recommendation()
        self.program = Program(self.staff)

    def sent(self, ask: Callable[[Program, int], Any]) -> list[Any]:
        """What ``THREADS`` programs are answered, each of which asks ``EACH`` times."""

        def job(thread: int) -> list[Any]:
            program = Program()
            program.headers = self.program.headers
            return [ask(program, thread * EACH + number) for number in range(EACH)]

        outcomes = at_once([lambda thread=thread: job(thread) for thread in range(THREADS)])
        self.assertEqual(failures(outcomes), [])
        return [answer for answers in outcomes for answer in answers]

    def assert_whole(self) -> None:
        sequences = list(AuditEvent.objects.order_by("sequence").values_list("sequence", flat=True))
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))
        self.assertEqual(audit.verify_chain().fault, "")

    def test_what_is_acknowledged_is_recorded_and_nothing_twice_under_a_key(self) -> None:
        keys = THREADS * EACH // 2

        def begin(program: Program, number: int) -> Any:
            key = number % keys  # Each by two threads.
            body = {"what_happened": f"Number {key}."}
            return program.send(ON, body, **{"Idempotency-Key": f"key-{key}"})

        answers = self.sent(begin)
        self.assertEqual({answer.status_code for answer in answers}, {201})
        told = Counter(
            (answer.json()["number"], answer.json()["what_happened"]) for answer in answers
        )
        stored = StatusUpdate.objects.values_list("pk", "what_happened")
        self.assertEqual(told, Counter(dict.fromkeys(stored, 2)))
        self.assertEqual(len(stored), keys)
        again = [answer for answer in answers if "Idempotent-Replayed" in answer]
        self.assertEqual(len(again), keys)
        self.assert_whole()

    def test_what_was_read_before_another_wrote_never_wins(self) -> None:
        update = begin_draft(recommendation=self.recommendation, by=self.staff)
        of, won = f"updates/{update.pk}/", []

        def save(program: Program, number: int) -> Any:
            tag = program.get(of)["ETag"]
            body = {"remaining": f"Number {number}."}
            answer = program.send(of, body, "patch", **{"If-Match": tag})
            if answer.status_code == 200:
                won.append((tag, answer["ETag"]))
            return answer

        answers = self.sent(save)
        self.assertLessEqual({answer.status_code for answer in answers}, {200, 412})
        # Each of those that won had read what the one before it wrote.
        self.assertEqual(len({before for before, _after in won}), len(won))
        after = dict(won)
        first = next(iter(after.keys() - set(after.values())))
        chain = [first]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        self.assertEqual(len(chain), len(won) + 1)
        self.assertEqual(chain[-1], self.program.get(of)["ETag"])
        update.refresh_from_db()
        self.assertEqual(update.version, 1 + len(won))
        self.assert_whole()
