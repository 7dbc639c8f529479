"""Past = what was noted then: over random histories, for each pair of days, by a slow model."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from types import ModuleType
from typing import Any
from unittest import mock

from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache as site_cache
from django.test import override_settings
from django.utils import timezone
from django.utils.hashable import make_hashable
from django.utils.translation import gettext as _
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.audit import rewind
from recommendations.choices import WARNING_FLAGS
from recommendations.models import (
    Indicator,
    Observation,
    Recommendation,
    Source,
    StatusUpdate,
    User,
)
from recommendations.permissions import Person
from recommendations.queries.days import Days, NoSuchDays, days_of
from recommendations.queries.indicators.detail import indicators_then, past_value_rows, values_then
from recommendations.queries.recommendations.detail_then import cited_page, detail_then
from recommendations.queries.recommendations.overview import portfolio_of, sources_then
from recommendations.queries.recommendations.past import listed
from recommendations.queries.recommendations.past import rows as states
from recommendations.queries.recommendations.past.listed import (
    asked_of_then,
    evidence_then,
    row_then,
    rows_then,
    standing_then,
)
from recommendations.queries.recommendations.rows import RecommendationRow
from recommendations.queries.recommendations.status_text import status_text
from recommendations.queries.recommendations.tally import Tally, known_flags
from recommendations.queries.updates.published import public_updates
from tests.depth import times
from tests.histories.evidence import WORDS
from tests.histories.history import History
from tests.histories.noted import Noted, days_that_matter
from tests.histories.past_model import FINISHED, LookBack, states_of
from tests.histories.public_model import readable
from tests.histories.test_kept_state import COLUMNS, STEPS, HistoryTestCase, begin
from tests.past import state_at
from tests.stated import warnings_in
from tests.views.pages import client_of, main_of

FORM = re.compile(r"<form.*?</form>", re.DOTALL)
PAIRS = times(6, 30)
"""How many pairs of days of a history are looked at; a history has hundreds."""


PUBLIC = AnonymousUser()
PUBLIC_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            (
                *("report", "report_again", "report_more", "report", "correct", "retract"),
                *("approve", "import_statuses", "approve_statuses", "undo_statuses"),
                *("publish", "publish", "publish", "unpublish", "unpublish", "change_many"),
                *("undo_many", "archive", "restore", "change_evidence", "attach_evidence"),
                *("change_indicator", "rename_source", "revise_recommendation"),
            )
        ),
        st.integers(0, 2**32),
    ),
    min_size=15,
    max_size=40,
)
"""What decides who may read what, and what happens meanwhile."""

LISTED = {
    **{name: name for name in ("number", "status", "confidence", "as_of", "target_date")},
    **{name: f"recommendation__{name}" for name in ("reference", "title")},
    **{name: name for name in ("first_date", "date_moves", "parts", "parts_done")},
}
"""What lists are ordered or narrowed by, and where it stands in a kept state."""


def listed_on(days: Days, person: Person) -> dict[int, dict[str, Any]]:
    """The same of all that a list of a past day finds, with the flags that narrow it."""

    def ask(states: Any) -> dict[int, dict[str, Any]]:
        found = states.status_visible_to(person).followed()
        rows = {
            pk: dict(zip(LISTED, row, strict=True))
            for pk, *row in found.values_list("pk", *LISTED.values())
        }
        for row in rows.values():
            row["flags"] = set()
        for flag in known_flags(person):
            for pk in found.with_any_flag([flag], person, days.as_of).values_list("pk", flat=True):
                rows[pk]["flags"].add(flag)
        return rows

    return asked_of_then(ask, days, person)


def listed_of(row: dict[str, Any]) -> dict[str, Any]:
    """What a list tells of a row of the model."""
    return {name: row[name] for name in (*LISTED, "flags")}


def flags_of_model(row: dict[str, Any]) -> set[str]:
    """What the text of a status warns of by the model."""
    is_opening = {"opening"} if row["assurance"] == "batch_approved" else set()
    return row["flags"] & {*WARNING_FLAGS} | is_opening


def told(row: RecommendationRow, expected: Iterable[str]) -> dict[str, Any]:
    """What a row tells, of what the model does."""
    found = {name: getattr(row, name) for name in expected}
    found |= {"flags": set(row.flags), "responses": astuple(row.responses)}
    return found | ({"themes": sorted(row.themes)} if "themes" in found else {})


def counted(tally: Tally) -> tuple[Any, ...]:
    return (
        *(tally.total, tally.contradicted, tally.overdue, tally.out_of_date),
        *(tally.continuous_in_effect, tally.continuous_openings),
        *(tally.statuses, +tally.openings, tally.confidences),
    )


def counts_of(rows: Collection[dict[str, Any]]) -> tuple[Any, ...]:
    """The same of rows of the model."""
    raised = Counter(flag for row in rows for flag in row["flags"])
    in_effect = [row for row in rows if row["status"] == "implemented" and row["is_continuous"]]
    openings = [row for row in rows if row["assurance"] == "batch_approved"]
    is_open = [row for row in rows if row["status"] not in FINISHED]
    return (
        *(len(rows), raised["contradicted"], raised["date_overdue"], raised["rating_out_of_date"]),
        *(len(in_effect), sum(row in openings for row in in_effect)),
        *(Counter(row["status"] for row in found) for found in (rows, openings)),
        Counter(row["confidence"] or "not_rated" for row in is_open),
    )


def pairs(notes: list[Noted], chance: Random) -> list[tuple[Noted, date, date]]:
    """What was noted, a day, and a day on which that was known: all that can make a difference.

    Until something is recorded, one day knows what the other does: the first of these days stands
    for all, or the last. Only some of them.
    """
    found = []
    for noted, first, last in stretches(notes):
        for as_of in days_that_matter(noted, last):
            found.append((noted, as_of, chance.choice((max(first, as_of), last))))
    return chance.sample(found, min(PAIRS, len(found)))


def stretches(notes: list[Noted]) -> Iterator[tuple[Noted, date, date]]:
    """What was known at the end of days, with the first and the last day that knew the same."""
    of_days = {timezone.localdate(noted.at): noted for noted in notes}
    all_days = list(of_days)
    changed = all_days[:1] + [
        day for before, day in pairwise(all_days) if not of_days[day].is_same(of_days[before])
    ]
    ends = [day - timedelta(1) for day in changed[1:]] + [max(of_days)]
    for first, last in zip(changed, ends, strict=True):
        yield of_days[first], first, last


@contextmanager
def reading_once() -> Iterator[None]:
    """Nothing is written inside: what was there at a moment is read once, for all days of it."""
    with (
        answering_once(states, "past_rows"),
        answering_once(listed, "touched_since"),
        answering_once(rewind, "changes_since"),
    ):
        yield


def answering_once(module: ModuleType, name: str) -> Any:
    """A function of a module works out each answer once."""
    asked = getattr(module, name)
    found: dict[Any, Any] = {}

    def answer(*given: Any) -> Any:
        key = make_hashable(given)
        if key not in found:
            answer = asked(*given)
            found[key] = list(answer) if isinstance(answer, Iterator) else answer
        return found[key]

    return mock.patch.object(module, name, answer)


class PairsTestCase(HistoryTestCase, HypothesisTestCase):
    """Takes steps, notes what is there after each, and compares what readers are shown."""

    def take(self, history: History, notes: list[Noted], steps: Any) -> None:
        for name, chosen in steps:
            history.take(name, chosen)
            notes.append(Noted(history.now))
        history.now += timedelta(days=1)

    def assert_pairs(self, notes: list[Noted], seed: int, readers: dict[str, Person]) -> None:
        site_cache.clear()
        for noted, as_of, known_on in pairs(notes, Random(seed)):
            asked = {"as_of": as_of.isoformat(), "known": known_on.isoformat()}
            days = days_of(asked, timezone.localdate())
            assert days is not None
            if "manager" in readers:
                self.assert_states(noted, days)
            for reader, person in readers.items():
                back = LookBack(noted, notes[-1], as_of, reader, notes)
                try:
                    self.assert_shown(back, days, person)
                    self.assert_cited(back, days, person)
                except AssertionError as error:
                    raise AssertionError(f"{asked}, {reader}: {error}") from None

    def assert_states(self, noted: Noted, days: Days) -> None:
        """Every column of the states, of archived ones too."""
        expected = states_of(noted, days.as_of)
        found = {
            pk: {name: getattr(row, name) for name in COLUMNS}
            for pk, row in state_at(list(expected), days.as_of, days.known).items()
        }
        for pk, row in expected.items():
            if WORDS in row["source_title"]:
                row["source_title"] = found[pk]["source_title"]  # Taken out since.
        self.assertEqual(found, expected, days)

    def assert_shown(self, back: LookBack, days: Days, person: Person) -> None:
        """Sources, a list, each recommendation and the values of indicators."""
        expected = back.rows()
        sources = sources_then(Source.objects.order_by("pk"), days)
        portfolio = portfolio_of(sources, person, days.as_of, days)
        if not any(WORDS in title for title, _pk in back.sources()):
            shown_sources = [(row.title, row.pk) for row in portfolio.sources]
            self.assertEqual(shown_sources, back.sources())
        told_of_list = {pk: listed_of(row) for pk, row in expected.items()}
        self.assertEqual(listed_on(days, person), told_of_list)
        self.assertEqual(counted(portfolio.tally), counts_of(expected.values()))
        rows = rows_then(list(expected), days, person)
        for pk, row in expected.items():
            self.assertEqual(told(rows[pk], row), row)
            text = status_text(rows[pk], rows[pk].raised, days.as_of, days.known_on)
            self.assertEqual(warnings_in(text), flags_of_model(row), text)
            standing = standing_then(pk, days, person)
            assert standing is not None
            self.assertEqual(row_then(standing, days, person), rows[pk])
            found = sorted(
                (item.title, item.stance, item.is_answered)
                for item in evidence_then(standing, person)
            )
            self.assertEqual(found, back.evidence(pk))
        self.assert_values(back, days, person)

    def assert_cited(self, back: LookBack, days: Days, person: Person) -> None:
        """Each page: whether there is one, of which status, and who is told that it is public."""
        public = replace(back, reader="public").rows()
        expected = back.rows()
        for found in Recommendation.objects.visible_to(person).select_related("source"):
            is_there = back.is_internal and found.pk in back.noted.rows[Recommendation]
            try:
                page = detail_then(found, days, person)
            except NoSuchDays:
                self.assertFalse(is_there or found.pk in expected, found)
                continue
            self.assertTrue(is_there or found.pk in expected, found)
            self.assertEqual(page.citation.is_public, found.pk in public)
            update = back.in_force(found.pk)
            self.assertEqual(page.row.status, update.implementation_status if update else "")

    def assert_feed(self, notes: list[Noted]) -> None:
        """Entries are of what was public, and lead to pages that are; no current one is missing.

        A current one is told with every warning that its page shows today.
        """
        site_cache.clear()
        told = {row.key: row for row in public_updates(str(notes[-1].at))}
        rows = {str(row.key): row for row in notes[-1].of(StatusUpdate)}
        for key, entry in told.items():
            of = rows[key].retracts_id or rows[key].pk
            about = rows[key].recommendation_id
            self.assertIn(of, readable(notes, about))
            then = [noted for noted in notes if noted.at <= entry.public_at][-1]
            if then.rows[Recommendation][about].archived_at is not None:
                continue  # Published while it was archived, and restored since: no page of then.
            *_rest, reference, _cited, day, known, _end = entry.path.split("/")
            found = Recommendation.objects.visible_to(PUBLIC).get(reference=reference)
            cited_page(found, day, known, timezone.localdate(), PUBLIC)
        today = LookBack(notes[-1], notes[-1], timezone.localdate(), "public", notes)
        for pk, row in today.rows().items():
            if (update := today.in_force(pk)) is not None:
                stated = told[str(update.key)].statements
                [text] = [each for each in stated if each.startswith("As of ")]
                self.assertEqual(warnings_in(text), flags_of_model(row), text)

    def assert_values(self, back: LookBack, days: Days, person: Person) -> None:
        """Figures do not depend on who reads them."""
        found = indicators_then(Indicator.objects.visible_to(person), days, person)
        self.assertEqual({row.pk for row in found}, back.indicators())
        for indicator in found if back.reader == "manager" else ():
            ids = list(values_then(indicator, days).values_list("pk", flat=True))
            figures = Observation.objects.in_bulk(ids)
            doubts = {
                row.pk: _("unconfirmed") in row.figure.marks
                for row in past_value_rows(indicator, ids, days)
            }
            self.assertEqual(
                sorted((pk, figures[pk].period, figures[pk].value, doubts[pk]) for pk in ids),
                sorted(back.values(indicator.pk)),
            )


@override_settings(PUBLIC_PAGES=True)
class PairTests(PairsTestCase):
    @settings(max_examples=times(2, 30))
    @given(steps=STEPS, seed=st.integers(0, 2**32))
    def test_each_pair_of_days_shows_what_was_noted_then(self, steps: Any, seed: int) -> None:
        history = History(self)
        begin(history)
        notes: list[Noted] = []
        self.take(history, notes, steps)
        readers = {"manager": self.other_manager, "viewer": self.viewer, "public": PUBLIC}
        with history.clock(), reading_once():
            self.assert_pairs(notes, seed, readers)


@override_settings(PUBLIC_PAGES=True)
class OutsideTests(PairsTestCase):
    @settings(max_examples=times(3, 30))
    @given(steps=PUBLIC_STEPS, seed=st.integers(0, 2**32))
    def test_outside_is_shown_what_somebody_outside_could_have_read(
        self, steps: Any, seed: int
    ) -> None:
        """Over publications, withdrawals and what happens meanwhile, and the feed of the end."""
        history = History(self)
        begin(history)
        notes: list[Noted] = []
        self.take(history, notes, steps)
        with history.clock(), reading_once():
            self.assert_pairs(notes, seed, {"public": PUBLIC})
            self.assert_feed(notes)


@override_settings(PUBLIC_PAGES=True)
class StayingTests(HistoryTestCase, HypothesisTestCase):
    @settings(max_examples=times(1, 30))
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
