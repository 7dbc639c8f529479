"""Areas: which recommendations speak to one, what it says to them and reports of itself.

Also what else an area is called, and with whom it belongs together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Window
from django.db.models.functions import RowNumber

from recommendations import permissions
from recommendations.models import (
    Addressee,
    Area,
    AreaAlias,
    GroupMembership,
    Indicator,
    Observation,
    Recommendation,
)
from recommendations.summaries.addressees import AddresseeRow, Said, addressee_row, history_of
from recommendations.summaries.figures import Figure
from recommendations.summaries.lines import lead_of, spark
from recommendations.vocabulary import AreaKind, Nature

MEASURES_SHOWN = 50
"""Indicators of one area on its page; the list of indicators has all of them."""

POINTS = 24
"""Newest figures in a line of a word's size."""


@dataclass(frozen=True, slots=True)
class AskRow:
    """One recommendation that speaks to an area, with what the area says to it.

    ``status`` is that of the recommendation overall; ``addressee.own`` is the area's own.
    """

    reference: str
    title: str
    url: str
    status: str
    is_continuous: bool
    has_date: bool
    is_archived: bool
    is_demonstration: bool
    may_log: bool
    addressee: AddresseeRow
    history: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """The other side of a membership, with its first and last day where they are known."""

    name: str
    url: str
    valid_from: date | None
    valid_to: date | None


def memberships_of(area: Area) -> list[MembershipRow]:
    """Of a group its members, of any other area its groups; also what has ended, by name."""
    is_group = area.kind == AreaKind.GROUP
    mine, other = ("group", "member") if is_group else ("member", "group")
    rows = GroupMembership.objects.living().filter(**{mine: area}).select_related(other)
    found = [(getattr(row, other), row) for row in rows.order_by(f"{other}__name", "valid_from")]
    return [
        MembershipRow(one.local_name, one.get_absolute_url(), row.valid_from, row.valid_to)
        for one, row in found
    ]


def aliases_of(area: Area) -> list[AreaAlias]:
    """What else files call an area: names, then codes by their list."""
    found = AreaAlias.objects.filter(area=area, removed_at__isnull=True)
    return list(found.order_by("code_list", "alias", "pk"))


@dataclass(frozen=True, slots=True)
class AreaMeasure:
    """One indicator of an area: its newest figure there, and how it went."""

    code: str
    title: str
    url: str
    unit: str
    figure: Figure | None
    spark: str


def measures_in(area: Area, person: Any) -> list[AreaMeasure]:
    """The indicators that have figures for an area, by code, as far as the person may see them.

    One query; what is told apart by a dimension stands on the page of the indicator alone.
    """
    here = Observation.objects.filter(area=area.pk, dimensions="")
    shown = Indicator.objects.visible_to(person).filter(
        Exists(here.filter(indicator=OuterRef("pk")))
    )
    first = shown.order_by("code").values("pk")[:MEASURES_SHOWN]
    place = Window(
        RowNumber(), partition_by="indicator", order_by=[F("last_day").desc(), "first_day", "pk"]
    )
    found = (
        here.filter(indicator__in=first)
        .latest_revisions()
        .annotate(place=place)
        .filter(place__lte=POINTS)
        .select_related("indicator", "area", "recorded_by")
        .order_by("indicator__code", "-last_day", "first_day", "pk")
    )
    grouped = groupby(found, key=lambda observation: observation.indicator)
    return [
        _measure(number, indicator, list(rows))
        for number, (indicator, rows) in enumerate(grouped, start=1)
    ]


def _measure(number: int, indicator: Any, rows: list[Any]) -> AreaMeasure:
    return AreaMeasure(
        code=indicator.code,
        title=indicator.title,
        url=indicator.get_absolute_url(),
        unit=indicator.unit,
        figure=lead_of(indicator, rows),
        spark=spark(indicator, rows, f"measure-{number}"),
    )


def asks_of(area: Area, person: Any, today: date) -> QuerySet[Any]:
    """The query that ``ask_rows`` works from: an area's addressees, by their recommendations.

    Archived recommendations are history, and shown to people inside alone.
    """
    seen = Recommendation.objects.visible_to(person)
    if not permissions.can_read_internally(person):
        seen = seen.followed()
    rows = Addressee.objects.living().filter(area=area, recommendation__in=seen.values("pk"))
    loggable = Recommendation.objects.loggable_by(person).filter(pk=OuterRef("recommendation"))
    found: QuerySet[Any] = (
        rows.with_response()
        .with_own_state(today)
        .select_related("area", "recommendation__current_update__author")
        .annotate(may_log=Exists(loggable))
        .order_by("recommendation__source__title", "recommendation__number", "pk")
    )
    return found


def ask_rows(found: Iterable[Any], person: Any, today: date) -> list[AskRow]:
    """Rows from one page of ``asks_of``."""
    addressees = list(found)
    history = history_of([addressee.pk for addressee in addressees], person)
    return [
        _row(addressee, person, today, tuple(history.get(addressee.pk, ())))
        for addressee in addressees
    ]


def _row(addressee: Any, person: Any, today: date, history: tuple[Said, ...]) -> AskRow:
    about = addressee.recommendation
    update = about.current_update
    return AskRow(
        reference=about.reference,
        title=about.title,
        url=about.get_absolute_url(),
        status=update.implementation_status if update else "",
        is_continuous=about.nature == Nature.CONTINUOUS,
        has_date=about.target_date is not None,
        is_archived=about.archived_at is not None,
        is_demonstration=bool(update and update.author.is_demonstration),
        may_log=addressee.may_log,
        addressee=addressee_row(addressee, person, today),
        history=history,
    )
