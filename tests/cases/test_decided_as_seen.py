"""Two managers press a button while a third person changes what their pages showed.

Each of ``ROUNDS`` begins anew: both managers open the page, then all three go at once. The chain
tells who came first. Where the change did, nothing may be decided, and both pages say so; where a
decision did, it was on what had been shown.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse

from recommendations.models import (
    AuditEvent,
    Evidence,
    Observation,
    Recommendation,
    StatusUpdate,
)
from tests.base import GuardedTransactionTestCase, link_evidence
from tests.depth import IS_DEEP, times
from tests.edits import edit, newer_file, observe
from tests.files import pdf, received
from tests.threads import at_once, failures
from tests.views.pages import shown_fields
from tests.views.writing import Browser

ROUNDS = times(3, 30)
CHANGED = ("add_file", "change", "attach", "propose_evidence")
"""Verbs of the events by which the third person changes what the pages showed."""


@dataclass(frozen=True)
class Round:
    """The page and the button, an item that the page shows, and a link that it would show."""

    page: str
    button: str
    item: Evidence
    linked: Evidence
    to: StatusUpdate | Observation | Recommendation


class DecidedAsSeenTests(GuardedTransactionTestCase):
    number = 0

    def setUp(self) -> None:
        super().setUp()
        self.random = random.Random(4)
        self.managers = [Browser(self.manager), Browser(self.other_manager)]
        self.indicator, self.area = self.make_indicator(asks_confirmation=True), self.make_area()

    def test_approve(self) -> None:
        self.assert_never_unseen("approve")

    def test_return(self) -> None:
        self.assert_never_unseen("return")

    def test_verify(self) -> None:
        self.assert_never_unseen("check")

    def test_publish(self) -> None:
        self.assert_never_unseen("publish")

    def test_confirm(self) -> None:
        self.assert_never_unseen("confirm")

    def begun(self, verb: str) -> Round:
        """A recommendation, and two items that staff recorded, of which the first has a file."""
        self.number += 1
        about = self.make_recommendation(f"Do thing {self.number}")
        visible = {"visibility": "internal" if verb == "confirm" else "public"}
        file = received("certificate.pdf", pdf(f"of {self.id()} {self.number}"))
        item = self.make_evidence(f"A certificate {self.number}", file=file, **visible)
        spare = self.make_evidence(f"A letter {self.number}", **visible)
        to: StatusUpdate | Observation | Recommendation = about
        match verb:
            case "publish":
                link_evidence(to=about, by=self.staff, stance="need", evidence=item)
                page = button = reverse("recommendation-publish", args=[about.reference])
            case "confirm":
                to = observe(
                    self.indicator, self.area, str(1900 + self.number), "7", self.administrator
                )
                link_evidence(to=to, by=self.administrator, stance="supports", evidence=item)
                page = button = reverse("value-confirm", args=[to.pk])
            case "check":
                to, spare = self.make_submitted(about), item
                page, button = (
                    reverse(f"evidence-{name}", args=[item.pk]) for name in ("detail", "check")
                )
            case _:
                to = self.make_submitted(about)
                link_evidence(to=to, by=self.staff, stance="supports", evidence=item)
                page = reverse("review-item", args=[to.pk])
                button = reverse(f"update-{verb}", args=[to.pk])
        return Round(page, button, item, spare, to)

    def assert_never_unseen(self, verb: str) -> None:
        """One manager decides at most: what they decide changes what the other was shown."""
        first: Counter[str] = Counter()
        wait = 0.05  # Seconds; longer where the change came first, and so always near the edge.
        for number in range(ROUNDS):
            begun = self.begun(verb)
            last = AuditEvent.objects.latest("sequence").sequence
            presses = [self.press(begun, window) for window in self.managers]
            what = ("file", "address", "link")[number % 3]
            change = partial(self.change, begun, what, wait * self.random.random())
            *answers, changed = at_once([*presses, change])
            self.assertEqual(failures([*answers, changed]), [])
            events = AuditEvent.objects.filter(sequence__gt=last).order_by("sequence")
            told = list(events.values_list("verb", flat=True))
            decided = told.count(verb)
            first["decision" if decided else "change"] += 1
            wait = wait / 1.3 if decided else wait * 1.3
            self.assert_seen(told, verb)
            self.assertLessEqual(decided, 1)
            statuses = sorted(answer.status_code for answer in answers)
            self.assertEqual(statuses, [302] * decided + [409] * (2 - decided), told)
            if not decided:
                for answer in answers:
                    self.assertContains(
                        answer, "The content changed after you opened", status_code=409
                    )
        if IS_DEEP:
            print(f"\n{self.id()}: {ROUNDS} rounds, first {dict(first)}")
            self.assertEqual(set(first), {"change", "decision"})

    def assert_seen(self, told: list[str], verb: str) -> None:
        """No decision comes after the change."""
        changes = [place for place, name in enumerate(told) if name in CHANGED]
        decisions = [place for place, name in enumerate(told) if name == verb]
        self.assertTrue(changes, told)
        if decisions:
            self.assertLess(max(decisions), min(changes), told)

    def press(self, begun: Round, window: Browser) -> Callable[[], Any]:
        """Open the page; the press sends what it held then."""
        page = window.client.get(begun.page)
        data = {**shown_fields(page), "note": "As I saw it."}
        self.assertTrue(any(name.startswith("shown-") for name in data))
        return lambda: window.client.post(begun.button, data)

    def change(self, begun: Round, what: str, wait: float) -> None:
        time.sleep(wait)
        if what == "link":
            by = self.administrator if isinstance(begun.to, Observation) else self.staff
            stance = "need" if isinstance(begun.to, Recommendation) else "undermines"
            link_evidence(to=begun.to, by=by, stance=stance, evidence=begun.linked)
        elif what == "address":
            edit(begun.item, self.staff, url=f"https://example.org/{self.number}")
        else:
            content = pdf(f"other of {self.id()} {self.number}")
            newer_file(begun.item, self.staff, received("other.pdf", content))
