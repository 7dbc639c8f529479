"""Kept = computed: over random histories of everything that people and commands do."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, wraps
from importlib import import_module
from types import FunctionType
from typing import Any
from unittest import mock

from django.apps import apps
from django.core.cache import cache as site_cache
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations import state
from recommendations.actions.oversight import verification
from recommendations.audit.baseline import record_baselines
from recommendations.models import RecommendationState
from recommendations.queries.recommendations.past import state_at
from tests.base import LONG_AGO, World
from tests.depth import times
from tests.histories import (  # noqa: F401
    bulk,
    evidence,
    imports,
    indicators,
    openings,
    people,
    recommendations,
    rounds,
    strands,
    updates,
)
from tests.histories.evidence import WORDS
from tests.histories.history import ACTS, History, clock_at
from tests.write_path.source import project
from tests.write_path.writes import who_writes_what

TOUR, MOST_ROUNDS = 3, 20
"""Where the chances of the tour begin, with which all happens in time, and the rounds
after which it must have."""

NOT_TAKEN: dict[str, str] = {}
"""Actions that write and are no part of histories, with the reason."""

IMPORTED = "is_approved_by_import"
"""Imports of this version approve nothing; the upgrade from an earlier one is tested elsewhere."""

COLUMNS = [field.attname for field in RecommendationState._meta.concrete_fields]


class HistoryTestCase(World):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.make_area()
        cls.make_area("KEN", name="Kenya", kind="country", iso3="KEN")
        # These, and the people, were written past the actions.
        with clock_at(LONG_AGO):
            record_baselines(apps)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside is rolled back: the next history begins at the same time."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        site_cache.clear()

    def assert_kept_is_computed(self, history: History) -> None:
        """The states that were kept after each step are those of that day and moment."""
        with history.clock():
            for number, (moment, kept) in enumerate(history.moments):
                found = state_at(kept, timezone.localdate(moment), moment)
                self.assertEqual(found.keys(), kept.keys())
                for key, row in kept.items():
                    computed = {name: getattr(found[key], name) for name in COLUMNS}
                    if WORDS in row["source_title"]:
                        # Taken out since, of the past too.
                        row = row | {"source_title": computed["source_title"]}
                    differs = {n: (row[n], computed[n]) for n in COLUMNS if row[n] != computed[n]}
                    steps = [name for name, is_done in history.done[: number + 1] if is_done]
                    self.assertEqual(differs, {}, (key, steps[-3:]))


STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, 2**32)), min_size=10, max_size=30
)


class RandomTests(HistoryTestCase, HypothesisTestCase):
    @settings(max_examples=times(3, 200))
    @given(steps=STEPS)
    def test_what_was_kept_after_each_step_is_what_is_computed_of_it(self, steps: Any) -> None:
        history = History(self)
        begin(history)
        for name, seed in steps:
            history.take(name, seed)
        self.assert_kept_is_computed(history)
        self.assertEqual(list(state.drift(list(history.moments[-1][1]))), [])


def begin(history: History) -> None:
    """Enough for most acts to find something to do."""
    for seed, name in enumerate(BEGINNING):
        history.take(name, seed)


BEGINNING = (
    *("add_recommendation", "add_recommendation", "record_evidence", "record_evidence"),
    *("submit_update", "approve", "check_evidence", "add_addressee", "respond"),
    *("add_indicator", "link_indicator", "observe", "observe_again", "set_first_date"),
)


class TourTests(HistoryTestCase, TestCase):
    """One long history, in which everything happens."""

    def test_every_action_that_writes_is_taken_and_every_column_changes(self) -> None:
        history = History(self)
        with called() as taken:
            begin(history)
            chance = random.Random(TOUR)
            for _round in range(MOST_ROUNDS):
                for name in chance.sample(sorted(ACTS), len(ACTS)):
                    history.take(name, chance.randint(0, 2**32))
                is_whole = writing() - taken == set(NOT_TAKEN)
                if is_whole and not refused(history) and same_in(history) == [IMPORTED]:
                    break
        with self.subTest("acts that were always refused"):
            self.assertEqual(refused(history), set())
        with self.subTest("actions that nothing in the histories takes"):
            self.assertEqual(writing() - taken, set(NOT_TAKEN))
        with self.subTest("columns that are always the same"):
            self.assertEqual(same_in(history), [IMPORTED])
        with self.subTest("kept and computed"):
            history.moments = history.moments[:: times(16, 1)]
            self.assert_kept_is_computed(history)
        with self.subTest("verification"), history.clock():
            self.assertEqual([*verification.verify().sentences()], [])


def refused(history: History) -> set[str]:
    """Steps that were never done so far."""
    return ACTS.keys() - {name for name, is_done in history.done if is_done}


def same_in(history: History) -> list[str]:
    """Columns of the kept state that hold the same in all moments of a history."""
    rows = [row for _moment, kept in history.moments for row in kept.values()]
    return [name for name in COLUMNS if len({row[name] for row in rows}) == 1]


@cache
def writing() -> frozenset[str]:
    """The actions that write, with their modules."""
    return frozenset(f"{module}.{name}" for module, name in who_writes_what(project()))


@contextmanager
def called() -> Iterator[set[str]]:
    """Names of the functions that write and are called inside, with their modules.

    Each is wrapped wherever a module has it: asked of each call, a profiler doubles the time.
    """
    found: set[str] = set()
    wrapped: dict[FunctionType, Callable[..., Any]] = {}
    for each in writing():
        owner, _dot, name = each.rpartition(".")
        function = getattr(import_module(owner), name)
        wrapped[function] = _noting(function, each, found)
    with ExitStack() as stack:
        for where, module in list(sys.modules.items()):
            if where.startswith(("recommendations.", "tests.")):
                for own, value in list(vars(module).items()):
                    if isinstance(value, FunctionType) and value in wrapped:
                        stack.enter_context(mock.patch.object(module, own, wrapped[value]))
        yield found


def _noting(function: Callable[..., Any], name: str, found: set[str]) -> Callable[..., Any]:
    @wraps(function)
    def noting(*args: Any, **given: Any) -> Any:
        found.add(name)
        return function(*args, **given)

    return noting
