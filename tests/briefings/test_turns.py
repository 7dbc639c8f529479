"""A process makes two briefings at a time: a few wait, the others are told at once."""

import threading
import time
from unittest.mock import patch

from django.test import SimpleTestCase

from recommendations.exports.briefings import typesetting
from recommendations.exports.briefings.typesetting import BriefingsBusyError, turn

ALL = 20


class TurnTests(SimpleTestCase):
    def setUp(self) -> None:
        self.may_end = threading.Event()
        self.lock = threading.Lock()
        self.under_way = self.most = self.made = self.refused = 0

    def make(self) -> None:
        try:
            with turn():
                with self.lock:
                    self.under_way += 1
                    self.most = max(self.most, self.under_way)
                self.may_end.wait(10)
                with self.lock:
                    self.under_way -= 1
                    self.made += 1
        except BriefingsBusyError:
            with self.lock:
                self.refused += 1

    def at_once(self) -> list[threading.Thread]:
        threads = [threading.Thread(target=self.make) for _one in range(ALL)]
        for thread in threads:
            thread.start()
        return threads

    def wait_for(self, refused: int) -> None:
        ends_at = time.monotonic() + 10
        while self.refused < refused and time.monotonic() < ends_at:
            time.sleep(0.01)
        self.assertEqual(self.refused, refused)

    def test_two_are_made_four_wait_and_the_others_are_refused_at_once(self) -> None:
        threads = self.at_once()
        places = typesetting.AT_ONCE + typesetting.WAITING
        self.wait_for(refused=ALL - places)
        self.assertEqual(self.made, 0)
        self.may_end.set()
        for thread in threads:
            thread.join()
        self.assertEqual((self.most, self.made), (typesetting.AT_ONCE, places))

    def test_whose_turn_does_not_come_is_refused_and_all_turns_are_given_back(self) -> None:
        with patch.object(typesetting, "MOST_SECONDS_OF_WAITING", 0.05):
            threads = self.at_once()
            self.wait_for(refused=ALL - typesetting.AT_ONCE)
        self.may_end.set()
        for thread in threads:
            thread.join()
        with turn(), turn():
            self.assertEqual(self.made, typesetting.AT_ONCE)

    def test_an_error_gives_the_turn_back(self) -> None:
        for _time in range(typesetting.AT_ONCE + typesetting.WAITING + 1):
            with self.assertRaises(ValueError), turn():
                raise ValueError
