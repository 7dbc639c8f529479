"""What was cited stays, and warns of what its page warns of: through updates and a redaction."""

import random
import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

from django.test import TestCase, override_settings
from django.utils import timezone

from recommendations.actions import redaction
from recommendations.actions.recommendations import publish_recommendation
from recommendations.actions.redaction import preview_digest
from recommendations.audit.redaction import text_occurrences
from recommendations.choices import label_of_status
from recommendations.models import AuditEvent, Recommendation, User
from recommendations.queries.days import entry_in
from tests.depth import times
from tests.histories.history import ACTS, History
from tests.histories.test_kept_state import HistoryTestCase, begin
from tests.past import state_at
from tests.stated import statement_on, warnings_in, warnings_of_today, warnings_on
from tests.views.pages import client_of

SEEDS = range(times(1, 4))
UPDATES = times(5, 20)
NAME = "Barbara Brückner"

SECTIONS = ("latest-update", "public-wording", "facts", "claims")
CITATION = re.compile(r"<textarea[^>]*>([^<]+?)\nhttp://testserver(/[^<]+)</textarea>")
SINCE = (
    *("report", "report", "report_again", "report_more", "no_change", "correct", "retract"),
    *("revise_recommendation", "ask_for_date", "approve_date", "set_first_date", "restore"),
)


@dataclass(frozen=True)
class Cited:
    """What one reader was given to quote."""

    person: User | None
    recommendation: int
    sentence: str
    path: str
    body: str


@override_settings(PUBLIC_PAGES=True)
class CitedTests(HistoryTestCase, TestCase):
    def test_a_cited_address_shows_the_same_words_for_good(self) -> None:
        for seed in SEEDS:
            with self.subTest(seed), self.undone():
                history = History(self)
                begin(history)
                cited = self.cite_while_it_goes_on(history, random.Random(seed))
                with history.clock():
                    self.redact()
                    for one in cited:
                        self.assert_unchanged(one)

    def cite_while_it_goes_on(self, history: History, chance: random.Random) -> list[Cited]:
        """At the beginning, with the name in all texts, and each time that five more are there."""
        with history.clock():
            for found in Recommendation.objects.all():
                publish_recommendation(recommendation=found, by=self.manager)
                self.make_approved(
                    found, self.manager, self.other_manager, what_happened=NAME, public_text=NAME
                )
            cited = self.cite()
        done = 0
        while done < UPDATES or len({"correct", "retract"} & self.taken(history)) < 2:
            name = chance.choice(SINCE)
            history.take(name, chance.randint(0, 2**32))
            if name.startswith("report") and history.done[-1][1]:
                done += 1
                if done % 5 == 0:
                    with history.clock():
                        cited += self.cite()
        return cited

    def taken(self, history: History) -> set[str]:
        return {name for name, is_done in history.done if is_done} & ACTS.keys()

    def cite(self) -> list[Cited]:
        return [
            self.cited(person, found)
            for found in Recommendation.objects.filter(archived_at=None)
            for person in (None, self.viewer, self.other_manager)
        ]

    def cited(self, person: User | None, found: Recommendation) -> Cited:
        page = self.page(person, found.get_absolute_url())
        match = CITATION.search(page)
        assert match is not None
        shown = self.page(person, match[2])
        self.assertIn(match[1], shown)
        told = unescape(match[1]).removeprefix(f"{found.reference} “{found.title}”. ")
        self.assertEqual(statement_on(shown), told)
        due = {"update_due": "update_overdue"}  # Which the page of today tells as one.
        warned = {due.get(name, name) for name in warnings_in(told)}
        self.assertEqual(warned, warnings_of_today(page), (person, told))
        self.assertEqual(warnings_in(told), warnings_on(shown), (person, told))
        return Cited(person, found.pk, match[1], match[2], body(shown))

    def page(self, person: User | None, path: str) -> str:
        # As stored now: a step may have set their password, which ends their sessions.
        reader = User.objects.get(pk=person.pk) if person else None
        response: Any = client_of(reader).get(path)
        self.assertEqual(response.status_code, 200, path)
        return response.content.decode()

    def redact(self) -> None:
        found = preview_digest(NAME, text_occurrences(NAME))
        redaction.redact(words=NAME, by=self.administrator, reason="Privacy.", expected=found)

    def assert_unchanged(self, one: Cited) -> None:
        """The same sentence, body and state; where the name stood, a redaction is named."""
        page = self.page(one.person, one.path)
        self.assertIn(one.sentence, page)
        mark = f"[redacted on {timezone.localdate().isoformat()}]"
        self.assertEqual(body(page), one.body.replace(NAME, mark))
        self.assertEqual("words were redacted on" in page, NAME in one.body)
        *_rest, day, entry, _end = one.path.split("/")
        known = AuditEvent.objects.get(pk=entry_in(entry)[0]).at
        state = state_at([one.recommendation], date.fromisoformat(day), known)[one.recommendation]
        label = label_of_status(state.status, is_continuous=state.nature == "continuous")
        self.assertIn(label, chips(page))


def body(page: str) -> str:
    """What the page shows of the update, and its days: not what is newer."""
    card = page.partition("summary-card")[2].partition('<div class="actions">')[0]
    parts = [page.partition(f'aria-labelledby="{name}"')[2] for name in SECTIONS]
    return card + "".join(part.partition("</section>")[0] for part in parts)


def chips(page: str) -> str:
    return page.partition("card-state")[2].partition("</p>")[0]
