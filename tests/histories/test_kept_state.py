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

from django.core.cache import cache as site_cache
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations import state
from recommendations.actions.oversight import verification
from recommendations.models import Recommendation, RecommendationState
from recommendations.state.then import OF_TODAY
from tests.base import LONG_AGO, World
from tests.baselines import record_baselines
from tests.depth import IS_DEEP, times
from tests.histories import (
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
from tests.histories.history import ACTS, History, Moment, clock_at
from tests.histories.noted import Noted
from tests.histories.past_model import states_of
from tests.past import state_at
from tests.write_path import reach
from tests.write_path.source import project

TOUR, MOST_ROUNDS, TRIES = 3, times(30, 60), times(3, 1)
"""Where the chances of the tour begin, the rounds after which everything must have happened, and
how often an act is tried that is refused."""

IN_ORDER = [
    name
    for module in (
        *(recommendations, strands, updates, evidence, indicators),
        *(imports, openings, bulk, rounds, people),
    )
    for name, does in ACTS.items()
    if does.__module__ == module.__name__
]
"""As work goes on, so that most acts find what they are about."""

MAKES_ROOM = {
    **dict.fromkeys(("approve_date", "reject_date", "withdraw_date"), "ask_for_date"),
    **dict.fromkeys(("approve", "approve_again"), "submit_update"),
    **dict.fromkeys(("correct", "retract"), "report"),
    **dict.fromkeys(("withdraw_change", "approve_more_changes"), "change_public_evidence"),
    **dict.fromkeys(("reject_change", "approve_change"), "replace_public_file"),
    **dict.fromkeys(("change_public_evidence", "replace_public_file"), "attach_own_evidence"),
    **dict.fromkeys(("check_more", "attach_own_evidence"), "record_evidence"),
    **dict.fromkeys(("undo_import", "confirm_import"), "import_values"),
    **dict.fromkeys(("leave_row_out", "approve_statuses", "undo_statuses"), "import_statuses"),
    "undo_list": "import_statuses",
    **dict.fromkeys(("bring_in_a_sheet", "remind_in_a_round", "extend_a_round"), "ask_in_a_round"),
    "close_a_round": "ask_in_a_round",
    "complete_with_update": "add_action",
    "go_on": "leave_row_out",
    "hand_over": "begin_update",
    "redact": "rename_source",
    "restore": "archive",
    "withdraw_check": "check_evidence",
}
"""What is done before an act that was refused is tried again."""

MOVED_BY = {
    **dict.fromkeys(("said_accepted", "said_neither"), ("respond",) * 4),
    **dict.fromkeys(("said_rejected", "said_not_for_us", "said_withdrawn"), ("respond",) * 8),
    **dict.fromkeys(("evidence_answered", "public_evidence_answered"), ("report", "answer")),
    **dict.fromkeys(("priority_rank", "theme_ids", "theme_names"), ("revise_recommendation",) * 3),
    "public_support_ends_on": ("record_evidence", "attach_own_evidence", "change_evidence"),
    "action_overdue_after": ("add_action", "change_action"),
    "has_indicator_against": ("link_indicator", "observe", "change_indicator", "report"),
}
"""What moves a column that seldom moves; most others are moved by reports."""

MANY_WAYS = (
    *("change_many", "retract", "approve", "keep_a_calendar", "change_many", "undo_many"),
    *("change_many", "keep_a_calendar", "change_many", "change_many"),
)
"""What goes now one way, now another: taken in every round."""

NOT_TAKEN = dict.fromkeys(
    (
        "recommendations.actions.fixtures.add_areas",
        "recommendations.actions.fixtures.clear",
    ),
    "only in a database in which people recorded nothing",
) | dict.fromkeys(
    (
        "recommendations.actions.open_data.record_release",
        "recommendations.actions.personal.note_use",
        "recommendations.actions.personal.once",
        "recommendations.actions.uses.switch_parts",
        "recommendations.actions.word_templates.set_template",
    ),
    "nothing of a recommendation follows from them",
)
"""Actions that write and are no part of histories, with the reason."""

UNTRACKED = {
    # Values in memory.
    *("evidence.items.decided", "evidence.items.proposed", "updates.drafts.keep_entries"),
    *(f"imports.openings.{name}" for name in ("approved", "submitted", "tell_undone")),
    *(f"imports.figures.indicators.{name}" for name in ("find_series", "listed_series")),
    # Seldom: of the import just undone nobody may have worked on anything (imports/test_undoing).
    "imports.openings.undo_with_import",
    # Staged rows.
    "imports.figures.matching.match_figures",
    *(f"imports.figures.plans.{name}" for name in ("reading_of", "remembered_import")),
    *(
        f"imports.figures.importer.{name}"
        for name in (*("clear", "clear_left_over", "insert_rows", "reserve_keys", "staging"),)
    ),
    # Mail, sessions and groups of the administration.
    *("people.end_sessions", "people.ensure_roles", "people.invite_again"),
    *("people.send_password_link", "rounds.tell_asked", "rounds.tell_missing"),
}
"""What these write is tracked by nobody, or by the action that calls them."""

IMPORTED = "is_approved_by_import"
"""Imports of this version approve nothing; the upgrade from an earlier one is tested elsewhere."""

COLUMNS = [
    field.attname
    for field in RecommendationState._meta.concrete_fields
    if field.name not in OF_TODAY
]


class HistoryTestCase(World):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.make_area()
        cls.make_area("KEN", name="Kenya", kind="country", iso3="KEN")
        # These, and the people, were written past the actions.
        with clock_at(LONG_AGO):
            record_baselines()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside is rolled back: the next history begins at the same time."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
        site_cache.clear()

    def assert_kept_is_modelled(self, history: History, name: str) -> None:
        """Every column that was kept after the last step is what the slow model makes of rows."""
        with history.clock():
            expected = states_of(Noted(history.now), timezone.localdate())
        kept = history.moments[-1][1]
        self.assertEqual(kept.keys(), expected.keys())
        for key, row in kept.items():
            differs = {n: (row[n], expected[key][n]) for n in COLUMNS if row[n] != expected[key][n]}
            self.assertEqual(differs, {}, f"{key} after {name}")

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
    @settings(max_examples=times(2, 40))
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
        history, chance = History(self), random.Random(TOUR)
        with called() as taken:
            begin(history)
            for number in range(MOST_ROUNDS):
                for name in acts_of_round(number, history, chance):
                    self.take(history, name, chance)
                is_whole = writing() - taken == set(NOT_TAKEN)
                if is_whole and not refused(history) and same_in(history) == [IMPORTED]:
                    break
            self.end(history, chance)
        with self.subTest("acts that were always refused"):
            self.assertEqual(refused(history), set())
        with self.subTest("actions that nothing in the histories takes"):
            self.assertEqual(writing() - taken, set(NOT_TAKEN))
        with self.subTest("columns that are always the same"):
            self.assertEqual(same_in(history), [IMPORTED])
        with self.subTest("kept and computed"):
            history.moments = history.moments if IS_DEEP else telling(history.moments)
            self.assert_kept_is_computed(history)
        with self.subTest("verification"), history.clock():
            self.assertEqual([*verification.verify().sentences()], [])

    def end(self, history: History, chance: random.Random) -> None:
        """All are restored, worked on once more, and archived with whatever rests on them."""
        rows = Recommendation.objects.order_by()
        names = ["restore"] * rows.filter(archived_at__isnull=False).count()
        names += ["add_action", "add_action", "report", "respond"] * 2
        for name in (*names, *["archive"] * rows.count()):
            self.take(history, name, chance)

    def take(self, history: History, name: str, chance: random.Random) -> None:
        """Take a step, in the usual run with what makes room for it, and see what was kept."""
        for _try in range(TRIES):
            history.take(name, chance.randint(0, 2**32))
            if history.done[-1][1]:
                with history.clock():
                    drift = [*state.drift(list(history.moments[-1][1]))]
                self.assertEqual(drift, [], f"after {name}")
                # What the statement has wrong stays wrong, and is seen a step or two later.
                if IS_DEEP or len(history.done) % 3 == 0:
                    self.assert_kept_is_modelled(history, name)
                return
            if name in MAKES_ROOM and not IS_DEEP:
                history.take(MAKES_ROOM[name], chance.randint(0, 2**32))


def acts_of_round(number: int, history: History, chance: random.Random) -> list[str]:
    """All of them: in any order in a deep run, else as work goes on, and then what is wanting."""
    if IS_DEEP:
        return chance.sample(sorted(ACTS), len(ACTS))
    if number == 0:
        return IN_ORDER
    moving = [name for column in same_in(history) for name in MOVED_BY.get(column, ("report",))]
    again = filter({*refused(history), *chance.sample(IN_ORDER, 20)}.__contains__, IN_ORDER)
    return ["reactivate", "reactivate", *again, *MANY_WAYS, *moving * 2]


def telling(moments: list[Moment]) -> list[Moment]:
    """Those that show something new: a column with a value, or without, archived or not."""
    found, shown = [], set[tuple[str, bool, bool]]()
    for moment, kept in moments:
        facts = {
            (name, bool(row[name]), row["is_archived"]) for row in kept.values() for name in COLUMNS
        }
        if not facts <= shown:
            found.append((moment, kept))
            shown |= facts
    return found


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
    found = {f"{module}.{name}" for module, name in reach.writing(project())}
    return frozenset(found - {f"{reach.ACTIONS}.{name}" for name in UNTRACKED})


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
