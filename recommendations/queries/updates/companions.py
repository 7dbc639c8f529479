"""What the form of an update offers beside the update, to be recorded with its submission.

Open actions of the recommendation, its indicators with their latest value, and its target date.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from recommendations.choices import (
    FINISHED_STATUSES,
    OPEN_ACTIONS,
    DateChangeState,
    Measure,
    UpdateKind,
)
from recommendations.fixed import Among, fixed
from recommendations.models import (
    Action,
    IndicatorLink,
    Observation,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.queries.indicators.values import FIGURE_COLUMNS, latest_value
from recommendations.queries.listed import column_names

MOST_ACTIONS, MOST_INDICATORS = 20, 10
"""Rows that the form offers; the pages of the recommendation have all."""

_OF_INDICATORS = tuple(
    f"indicator__{name}" for name in ("code", "title", "unit", "measure", "decimals")
)

NUMBERS = frozenset({Measure.UNIT, Measure.PERCENTAGE})


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action that is not completed yet; ``version`` is the one that the form shows."""

    pk: int
    version: int
    title: str
    due_on: date | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class MeasuredIndicator:
    """An indicator with its latest value; ``area`` is whom a further value is for.

    Without ``area_id`` it is measured in several areas, or in none yet: its own page asks which.
    """

    pk: int
    code: str
    title: str
    unit: str
    is_number: bool
    area_id: int | None = None
    area: str = ""
    period: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Companions:
    """``dates`` is the number of rows of the date ledger, 0 where no change can be asked for.

    ``requested_by`` asked for another date already, and that is not decided.
    """

    actions: tuple[OpenAction, ...] = ()
    indicators: tuple[MeasuredIndicator, ...] = ()
    dates: int = 0
    requested_by: str = ""


def companions_of(
    update: StatusUpdate, now: StatusUpdate | None, ticked: Collection[int] = ()
) -> Companions:
    """What goes with an update of the whole recommendation: four queries; nothing with others.

    ``now`` is the update in force. Actions that were ``ticked`` are among them in any state.
    """
    if update.kind != UpdateKind.REGULAR or update.addressee_id is not None:
        return Companions()
    about = update.recommendation
    asked = TargetDateChange.objects.filter(recommendation=about.pk)
    ledger = asked.select_related("requested_by").only("state", *column_names("requested_by"))
    waiting = next((row for row in ledger if row.state == DateChangeState.REQUESTED), None)
    is_finished = now is not None and now.implementation_status in FINISHED_STATUSES
    may_ask = bool(ledger) and waiting is None and not is_finished
    rows = Action.objects.filter(recommendation=about.pk)
    actions = rows.filter(Q(state__in=sorted(OPEN_ACTIONS)) | Q(pk__in=ticked)).only(
        "version", "title", "due_on", "state"
    )
    return Companions(
        actions=tuple(
            OpenAction(row.pk, row.version, row.title, row.due_on, row.state in OPEN_ACTIONS)
            for row in actions.order_by("due_on", "pk")[:MOST_ACTIONS]
        ),
        indicators=_indicators(about.pk),
        dates=len(ledger) if may_ask else 0,
        requested_by=str(waiting.requested_by) if waiting else "",
    )


@fixed
def _newest() -> QuerySet[Any, Any]:
    rows: Any = Observation.objects.filter(Among("indicator")).with_headline()
    newest: QuerySet[Any, Any] = (
        rows.filter(is_headline=True).newest_of_each(1, "pk").only(*FIGURE_COLUMNS)
    )
    return newest


def _indicators(recommendation: int) -> tuple[MeasuredIndicator, ...]:
    rows = IndicatorLink.objects.filter(recommendation=recommendation, removed_at__isnull=True)
    shown = rows.select_related("indicator").only(*_OF_INDICATORS)
    links = shown.order_by("indicator__code")[:MOST_INDICATORS]
    ids = [link.indicator_id for link in links]
    newest = {row.indicator_id: row for row in _newest(ids=ids)} if ids else {}
    return tuple(_measured(link, newest) for link in links)


def _measured(link: IndicatorLink, newest: Mapping[int, Observation]) -> MeasuredIndicator:
    indicator = link.indicator
    about = MeasuredIndicator(
        indicator.pk,
        indicator.code,
        indicator.title,
        indicator.unit,
        indicator.measure in NUMBERS,
    )
    row = newest.get(indicator.pk)
    shown = latest_value(indicator, [row]) if row else None
    if row is None or shown is None:
        return about
    return replace(
        about, area_id=row.area_id, area=shown.area, period=shown.period, value=shown.value
    )
