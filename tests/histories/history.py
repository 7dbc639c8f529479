"""A history: a world, a clock that moves with each step, and chance that chooses among rows."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from unittest import mock

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from recommendations.actions.base import ActionRefused
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.models import Recommendation, RecommendationState
from tests.base import LONG_AGO, World

T = TypeVar("T", bound=models.Model)


class NothingToDo(Exception):
    """There is no row that the act could be about."""


REFUSED = (ActionRefused, ImportRefused, PermissionDenied, ValidationError, NothingToDo)

Act = Callable[["History"], object]

ACTS: dict[str, Act] = {}
"""Everything that can happen, by name."""


def act(does: Act) -> Act:
    """Let a function be a step of histories."""
    ACTS[does.__name__] = does
    return does


def often(does: Act, *names: str) -> None:
    """Let a step be taken more often than others, under more names."""
    ACTS.update(dict.fromkeys(names, does))


Moment = tuple[datetime, dict[int, dict[str, Any]]]
"""When a step was over, and the kept states then."""


class History:
    """Takes steps in the world of a test case; what each came to is kept for later."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.now = LONG_AGO
        self.chance = random.Random(0)
        self.done: list[tuple[str, bool]] = []
        self.moments: list[Moment] = []
        self._number = 0

    def take(self, name: str, seed: int) -> None:
        """One step; one that is refused is a step too. Notes the kept states after it."""
        self.chance = random.Random(seed)
        self.now += timedelta(days=self.chance.randint(0, 60), hours=1)
        with self.clock():
            try:
                with transaction.atomic():
                    ACTS[name](self)
            except REFUSED:
                self.done.append((name, False))
            else:
                self.done.append((name, True))
        self.moments.append((self.now + timedelta(minutes=30), kept_states()))

    def clock(self) -> AbstractContextManager[None]:
        """The clock of the site stands at this step."""
        return clock_at(self.now)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def day(self, least: int = -200, most: int = 400) -> date:
        return self.today + timedelta(days=self.chance.randint(least, most))

    def either(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def word(self, name: str) -> str:
        """A word that no row has yet."""
        self._number += 1
        return f"{name}-{self._number}"

    def pick(self, rows: models.QuerySet[T]) -> T:
        """Any of these rows."""
        found = list(rows.order_by("pk"))
        if not found:
            raise NothingToDo
        return self.chance.choice(found)

    def no_more(self, rows: models.QuerySet[Any], most: int = 2) -> None:
        """Few rows: so that most steps are about the same ones."""
        if rows.count() >= most:
            raise NothingToDo

    def followed(self) -> Recommendation:
        return self.pick(Recommendation.objects.filter(archived_at__isnull=True))


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """The clock of the site stands at this moment; that of the database is not asked."""
    with (
        mock.patch.object(timezone, "now", return_value=moment),
        mock.patch("recommendations.audit.record.refuse_difference"),
    ):
        yield


def kept_states() -> dict[int, dict[str, Any]]:
    """Every kept state as it is stored now."""
    return {row["recommendation_id"]: row for row in RecommendationState.objects.values()}
