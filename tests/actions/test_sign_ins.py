"""Counting tries to sign in: exact also where many come at the same moment."""

from datetime import UTC, datetime, timedelta

from axes.models import AccessAttempt
from django.test import SimpleTestCase

from recommendations.actions.oversight import sign_ins
from recommendations.actions.oversight.sign_ins import Place, begin_try
from tests.base import RaceTestCase
from tests.threads import at_once

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
THREADS = 12


class PauseTests(SimpleTestCase):
    def test_it_doubles_up_to_an_hour(self) -> None:
        minutes = [sign_ins.pause_after(n) / timedelta(minutes=1) for n in range(14)]
        self.assertEqual(minutes, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
        self.assertEqual(sign_ins.pause_after(10_000), sign_ins.LONGEST_PAUSE)


class RaceTests(RaceTestCase):
    def tries(self, *places: Place) -> list[sign_ins.Try]:
        return at_once([lambda place=place: begin_try(place, NOW) for place in places])

    def test_of_tries_at_once_no_more_pass_than_one_after_another(self) -> None:
        place = Place("viewer", "192.0.2.1")
        tried = self.tries(*[place] * THREADS)
        failures = [each.failures for each in tried if not each.wait]
        self.assertEqual(sorted(failures), [1, 2, 3, 4, 5])
        self.assertEqual(AccessAttempt.objects.get().failures_since_start, 5)

    def test_after_a_pause_one_of_them_passes(self) -> None:
        place = Place("viewer", "192.0.2.1")
        AccessAttempt.objects.create(
            username=place.username, ip_address=place.ip_address, failures_since_start=6
        )
        AccessAttempt.objects.update(attempt_time=NOW - timedelta(minutes=2))
        passed = [each for each in self.tries(*[place] * THREADS) if not each.wait]
        self.assertEqual([each.failures for each in passed], [7])

    def test_names_at_once_pass_their_bound_by_no_more_than_come_at_once(self) -> None:
        names = [f"name{n}" for n in range(sign_ins.MOST_NAMES - 1)]
        AccessAttempt.objects.bulk_create(
            AccessAttempt(username=name, ip_address="192.0.2.1", failures_since_start=1)
            for name in names
        )
        AccessAttempt.objects.update(attempt_time=NOW)
        places = [Place(f"further{n}", "192.0.2.1") for n in range(THREADS)]
        passed = [each for each in self.tries(*places) if not each.wait]
        self.assertIn(len(passed), range(1, THREADS + 1))
        self.assertFalse([each for each in self.tries(Place("last", "192.0.2.1")) if not each.wait])
