"""Everybody writes at once: one chain, no deadlock, no gap, times in order."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection

from recommendations import audit
from recommendations.models import AuditEvent, ChainHead
from tests.base import RaceTestCase, link_evidence
from tests.edits import edit
from tests.threads import at_once, failures
from tests.updates import begin_draft

# SQLite has one writer at a time; more of them only wait longer.
THREADS = 40 if connection.vendor == "postgresql" else 8


class ConcurrencyTests(RaceTestCase):
    def assert_one_chain(self) -> None:
        events = list(AuditEvent.objects.order_by("sequence"))
        self.assertEqual(
            [event.sequence for event in events], list(range(1, len(events) + 1)), "no gap"
        )
        times = [event.at for event in events]
        self.assertTrue(all(a < b for a, b in itertools.pairwise(times)), "times in order")
        self.assertEqual(audit.verify_chain().fault, "")

    def test_threads_that_write_different_things_leave_one_chain(self):
        recommendations = [self.make_recommendation(f"Thing {n}") for n in range(4)]
        submitted = [self.make_submitted(each) for each in recommendations]
        own = {n: self.make_recommendation(f"Own {n}") for n in range(3, THREADS, 4)}
        item = self.make_evidence()

        def draft(n: int) -> Any:
            return begin_draft(recommendation=recommendations[n % 4], by=self.staff)

        def link(n: int) -> Any:
            return link_evidence(
                to=submitted[n % 4],
                by=self.staff,
                stance="background",
                values={"title": f"Paper {n}", "kind": "document", "citation": "Page 1"},
            )

        def revise(n: int) -> Any:
            # Each its own recommendation, or the second would be told that it comes too late.
            return edit(own[n], self.administrator, rationale=f"Reason {n}")

        def note(n: int) -> Any:
            with audit.entry(by=self.staff) as entry:
                return entry.record("try", item, before={}, after={"n": n})

        kinds: list[Callable[[int], Any]] = [draft, link, note, revise]
        before = AuditEvent.objects.count()
        outcomes = at_once([partial(kinds[n % 4], n) for n in range(THREADS)])
        self.assertEqual(failures(outcomes), [])
        self.assertGreaterEqual(AuditEvent.objects.count(), before + THREADS)
        self.assert_one_chain()

    def test_threads_of_which_every_second_one_fails_leave_no_gap(self):
        recommendation = self.make_recommendation()

        def write(n: int) -> None:
            with audit.entry(by=self.staff) as entry:
                entry.record("try", recommendation, before={}, after={"n": n})
                if n % 2:
                    raise ZeroDivisionError

        before = AuditEvent.objects.count()
        outcomes = at_once([partial(write, n) for n in range(THREADS)])
        self.assertEqual(
            [type(each) for each in failures(outcomes)], [ZeroDivisionError] * (THREADS // 2)
        )
        self.assertEqual(AuditEvent.objects.count(), before + THREADS // 2)
        self.assert_one_chain()

    def test_the_first_writers_of_all_make_one_head(self):
        self.assertFalse(ChainHead.objects.exists())

        def write(n: int) -> None:
            with audit.entry(by=self.staff) as entry:
                entry.record("try", self.staff, before={}, after={"n": n})

        self.assertEqual(failures(at_once([partial(write, n) for n in range(THREADS)])), [])
        self.assertEqual(ChainHead.objects.get().last_sequence, THREADS)
        self.assert_one_chain()
