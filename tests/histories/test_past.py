"""Past = what was noted then: over random histories, for pairs of days, by a model of our own.

The model reads no query of the project: it notes every row at the end of each step, takes the rows
of the last step of the day until which something was known, and finds the update in force by
going through all of them.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache as site_cache
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.models import (
    Evidence,
    EvidenceLink,
    Recommendation,
    Source,
    StatusUpdate,
    User,
)
from recommendations.queries.days import days_of
from recommendations.queries.recommendations.past.lines import Line, lines_of
from tests.depth import times
from tests.histories.history import History
from tests.histories.test_kept_state import STEPS, HistoryTestCase, begin
from tests.views.pages import client_of, main_of

FINISHED = ("implemented", "not_implemented", "no_longer_applicable", "superseded")
GRACE = timedelta(days=30)
FORM = re.compile(r"<form.*?</form>", re.DOTALL)


@dataclass(frozen=True)
class Noted:
    """All rows at the end of a step, by key."""

    at: datetime
    recommendations: dict[int, Any]
    updates: dict[int, Any]
    undone: set[int]
    links: dict[int, Any]
    evidence: dict[int, Any]


def note(at: datetime) -> Noted:
    undone = StatusUpdate.objects.filter(opening_row__undone_at__isnull=False)
    return Noted(
        at,
        {row.pk: row for row in Recommendation.objects.all()},
        {row.pk: row for row in StatusUpdate.objects.all()},
        set(undone.values_list("pk", flat=True)),
        {row.pk: row for row in EvidenceLink.objects.all()},
        {row.pk: row for row in Evidence.objects.all()},
    )


def in_force(noted: Noted, recommendation: int, day: date) -> Any:
    """Rule 5: the latest day, then the latest decision, then the highest number."""
    approved = [row for row in noted.updates.values() if row.state == "approved"]
    replaced = {row.corrects_id for row in approved} | {row.retracts_id for row in approved}
    standing = [
        row
        for row in approved
        if row.recommendation_id == recommendation
        and row.addressee_id is None
        and row.kind != "retraction"
        and row.pk not in replaced | noted.undone
        and row.as_of <= day
    ]
    return max(standing, key=lambda row: (row.as_of, row.decided_at, row.pk), default=None)


def months_later(day: date, months: int) -> date:
    """The same day some months on, or the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


def raised(noted: Noted, row: Any, update: Any, day: date, public: set[int] | None) -> set[str]:
    is_open = update is None or update.implementation_status not in FINISHED
    found = set()
    if is_open and row.target_date and row.target_date < day:
        found.add("date_overdue")
    if is_open and update is not None and update.rated_on and update.confidence != "not_rated":
        ends = months_later(update.rated_on, row.interval_months) + GRACE
        found |= {"rating_out_of_date"} if ends < day else set()
    for link in noted.links.values() if update is not None else ():
        stands = link.update_id == update.pk and link.removed_at is None
        if stands and link.stance == "undermines" and link.answered_at is None:
            was_public = noted.evidence[link.evidence_id].visibility == "public"
            if public is None or (was_public and link.evidence_id in public):
                found.add("contradicted")
    return found


def expected(noted: Noted, now: Noted, day: date, reader: str) -> dict[int, Any]:
    """What each recommendation shows one reader on a day.

    A viewer reads no internal evidence; the public, in addition, only what was and is published.
    """
    is_internal = reader != "public"
    public = {pk for pk, row in now.evidence.items() if row.visibility == "public"}
    found = {}
    for pk, row in noted.recommendations.items():
        later = now.recommendations[pk]
        hidden = row.published_at is None or later.published_at is None or later.archived_at
        if row.archived_at or (hidden and not is_internal):
            continue
        update = in_force(noted, pk, day)
        found[pk] = {
            "number": row.number,
            "lead_id": row.lead_id,
            "nature": row.nature,
            "target_date": row.target_date,
            "status": update.implementation_status if update else "",
            "confidence": update.confidence if update else "",
            "as_of": update.as_of if update else None,
            "flags": raised(noted, row, update, day, None if reader == "manager" else public),
        }
    return found


def shown(line: Line) -> dict[str, Any]:
    names = ("number", "lead_id", "nature", "target_date", "status", "confidence", "as_of")
    return {**{name: getattr(line, name) for name in names}, "flags": set(line.flags)}


class RandomPastTests(HistoryTestCase, HypothesisTestCase):
    @settings(max_examples=times(3, 200))
    @given(steps=STEPS, chance=st.randoms(use_true_random=False))
    def test_each_pair_of_days_shows_what_was_noted_then(self, steps: Any, chance: Any) -> None:
        history = History(self)
        begin(history)
        notes = []
        for name, seed in steps:
            history.take(name, seed)
            notes.append(note(history.now))
        readers = {"manager": self.other_manager, "viewer": self.viewer, "public": AnonymousUser()}
        sources = list(Source.objects.values_list("pk", flat=True))
        history.now += timedelta(days=1)
        for _pair in range(6):
            known_on, as_of = self.pair(notes, chance)
            last = [each for each in notes if timezone.localdate(each.at) <= known_on][-1]
            with history.clock():
                asked = {"as_of": as_of.isoformat(), "known": known_on.isoformat()}
                days = days_of(asked, timezone.localdate())
                assert days is not None
                for reader, person in readers.items():
                    found = {row.pk: shown(row) for row in lines_of(sources, days, person)}
                    self.assertEqual(found, expected(last, notes[-1], as_of, reader), asked)

    @settings(max_examples=times(2, 100))
    @given(steps=STEPS, later=STEPS)
    def test_a_page_of_a_past_day_stays_whatever_is_done_since(
        self, steps: Any, later: Any
    ) -> None:
        history = History(self)
        begin(history)
        for name, seed in steps:
            history.take(name, seed)
        yesterday = history.today
        history.now += timedelta(days=1)
        before = self.pages(history, yesterday)
        for name, seed in later:
            if "redact" not in name:  # Which is what may change it.
                history.take(name, seed)
        site_cache.clear()
        self.assertEqual(self.pages(history, yesterday), before)

    def pages(self, history: History, day: date) -> list[str]:
        """Home, a source and the list of this day, and of a month before as known on it.

        Without their forms, which offer what there is to choose today.
        """
        source = Source.objects.order_by("pk")[0].get_absolute_url()
        month = day - timedelta(days=30)
        with history.clock():
            reader = client_of(User.objects.get(pk=self.other_manager.pk))
            return [
                FORM.sub("", main_of(reader.get(page, asked)))
                for page in ("/", source, "/recommendations/")
                for asked in (
                    {"as_of": as_of.isoformat(), "known": day.isoformat()} for as_of in (day, month)
                )
            ]

    def pair(self, notes: list[Noted], chance: Any) -> tuple[date, date]:
        """A day until which something was known, and a day until that one."""
        known_on = timezone.localdate(chance.choice(notes).at) + timedelta(chance.randint(0, 3))
        known_on = min(known_on, timezone.localdate(notes[-1].at))
        is_same = chance.random() < 0.5
        return known_on, known_on - timedelta(0 if is_same else chance.randint(1, 300))
