"""Areas with what is asked of them and measured in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from recommendations.choices import AreaKind, Nature
from recommendations.models import (
    Addressee,
    Area,
    AreaAlias,
    GroupMembership,
    Indicator,
    Observation,
    Recommendation,
)
from recommendations.models.responses import having_responded
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.indicators.series import latest_value, sparkline_of
from recommendations.queries.indicators.values import FIGURE_COLUMNS, ValueRow
from recommendations.queries.listed import named_only
from recommendations.queries.recommendations.rows import facts_of, loggable
from recommendations.queries.responses import addressee_row, history_of
from recommendations.queries.version import version_for

MEASURES_SHOWN = 50
"""Indicators of one area on its page; the list of indicators has all of them."""

POINTS = 24
"""Newest figures in a line of a word's size."""


@dataclass(frozen=True, slots=True)
class AreaTally:
    """By how many recommendations an area is addressed, and to how many of them it says."""

    addressed: int
    answered: int


def area_tallies(person: Person) -> dict[int, AreaTally]:
    """The areas that something followed speaks to which the person sees, by id; two queries.

    Kept until something is recorded: it reads all addressees.
    """
    return cached(
        "area tallies",
        lambda: _area_tallies(person),
        audience=audience_of(person),
        version=version_for(person).hash,
    )


def _area_tallies(person: Person) -> dict[int, AreaTally]:
    shown = Addressee.objects.living().shown_to(person).filter(area__isnull=False).order_by()
    # Counted apart: as a condition of a count, the set of those who answered is searched row by row
    # where it outgrows the memory of a statement.
    addressed, answered = (
        dict(rows.values_list("area").annotate(Count("pk")))
        for rows in (shown, shown.filter(pk__in=having_responded()))
    )
    return {area: AreaTally(many, answered.get(area, 0)) for area, many in addressed.items()}


def areas_in_use(person: Person) -> list[int]:
    """Ids of the areas that something here is about which the person sees; one query more."""
    besides = cached(
        "areas in use",
        lambda: list(Area.objects.in_use().order_by().values_list("pk", flat=True)),
        audience=audience_of(person),
        version=version_for(person).hash,
    )
    return [*area_tallies(person), *besides]


def area_rows(ids: Sequence[int], person: Person) -> dict[int, Any]:
    """Areas of the list by id, each with how often it is ``addressed``, and ``answered``."""
    found = named_only(Area.objects.localised(), "code", "kind", "name", "iso2", "iso3", "m49")
    rows: dict[int, Any] = found.in_bulk(ids)
    tallies, none = area_tallies(person), AreaTally(0, 0)
    for pk, row in rows.items():
        tally = tallies.get(pk, none)
        row.addressed, row.answered = tally.addressed, tally.answered
    return rows


def memberships_of(area: Area) -> list[Any]:
    """Of a group its members, of any other area its groups; also what has ended, by name.

    Each with the ``other`` side of it.
    """
    is_group = area.kind == AreaKind.GROUP
    mine, other = ("group", "member") if is_group else ("member", "group")
    rows = GroupMembership.objects.living().filter(**{mine: area}).select_related(other)
    found: list[Any] = list(rows.order_by(f"{other}__name", "valid_from"))
    for row in found:
        row.other = getattr(row, other)
    return found


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
    figure: ValueRow | None
    spark: str


_OF_A_MEASURE = tuple(
    f"indicator__{name}" for name in ("code", "title", "unit", "decimals", "frequency")
)


def area_measures(area: Area, person: Person) -> list[AreaMeasure]:
    """The indicators that have figures for an area, by code, as far as the person may see them.

    Two queries; what is told apart by a dimension stands on the page of the indicator alone.
    """
    here = Observation.objects.filter(area=area.pk, dimensions="")
    shown = Indicator.objects.visible_to(person).filter(
        Exists(here.standing().filter(indicator=OuterRef("pk")))
    )
    first = list(shown.order_by("code").values_list("pk", flat=True)[:MEASURES_SHOWN])
    figures = here.filter(indicator__in=first).newest_of_each(POINTS, "first_day", "pk")
    found = (
        figures.select_related("indicator")
        .only(*FIGURE_COLUMNS, *_OF_A_MEASURE)
        .order_by("indicator__code", "-last_day", "first_day", "pk")
    )
    grouped = groupby(found, key=lambda observation: observation.indicator)
    return [
        _measure(number, indicator, list(rows))
        for number, (indicator, rows) in enumerate(grouped, start=1)
    ]


def _measure(number: int, indicator: Indicator, rows: list[Any]) -> AreaMeasure:
    return AreaMeasure(
        code=indicator.code,
        title=indicator.title,
        url=indicator.get_absolute_url(),
        unit=indicator.unit,
        figure=latest_value(indicator, rows),
        spark=sparkline_of(indicator, rows, f"measure-{number}"),
    )


def addressees_in(area: Area, person: Person) -> QuerySet[Any]:
    """An area's addressees, by their recommendations: what a page finds ids in.

    Archived recommendations are history, and shown to people inside alone.
    """
    seen = Recommendation.objects.status_visible_to(person)
    rows = Addressee.objects.living().filter(area=area, recommendation__in=seen.values("pk"))
    ordered: QuerySet[Any] = rows.order_by(
        "recommendation__source__title", "recommendation__number", "pk"
    )
    return ordered


def area_recommendation_rows(
    ids: Sequence[int], area: Area, person: Person, today: date
) -> dict[int, Any]:
    """An area as addressee of each recommendation that speaks to it, by the id of that.

    ``about`` are the facts of the recommendation, ``told`` is what the area says to it now, and
    ``history`` all that it said. Five queries; one more for staff, of what they ``may_log`` on.
    """
    read = Addressee.objects.with_response().with_own_state(today).only("recommendation", "area")
    rows: dict[int, Any] = read.in_bulk(ids)
    about = facts_of([row.recommendation_id for row in rows.values()], person)
    may_log, history = loggable(about, person), history_of(ids, person)
    found = {pk: row for pk, row in rows.items() if row.recommendation_id in about}
    for pk, row in found.items():
        row.area, row.about = area, about[row.recommendation_id]
        row.is_continuous = row.about.nature == Nature.CONTINUOUS
        row.has_date = row.about.target_date is not None
        row.told, row.history = addressee_row(row, person, today), history.get(pk, ())
        row.may_log = row.recommendation_id in may_log
    return found
