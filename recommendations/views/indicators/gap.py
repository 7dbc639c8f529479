"""The gap between areas: its page, and each of its pictures as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.charts import Chart, NumberFormat
from recommendations.choices import Direction, Measure, RegionLevel
from recommendations.forms.indicators import GapForm
from recommendations.models import Indicator
from recommendations.queries.days import Days
from recommendations.queries.indicators import gap_text
from recommendations.queries.indicators.gap import AreaRank, Gap, GapArea
from recommendations.queries.indicators.gap_charts import NAMES, gap_charts
from recommendations.queries.indicators.gap_data import (
    AreaIndex,
    GapQuery,
    find_gap,
    indicators_with_gap,
)
from recommendations.queries.indicators.past import indicators_then
from recommendations.views.access import open_to_readers
from recommendations.views.conditional import shows_record
from recommendations.views.indicators.chart_files import csv_file, svg_file
from recommendations.views.looking_back import looks_back

LOADABLE = ("IT.NET.USER.ZS", "IT.NET.BBND.P2", "IT.CEL.SETS.P2")
"""World Bank codes of what the gap in digital development can be read from."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was asked, and what was found; no gap where it was asked wrongly or nothing fits."""

    form: GapForm
    indicator: Indicator | None
    gap: Gap | None = None
    left_out: int = 0
    pictures: dict[str, Chart[Any]] | None = None

    @property
    def number(self) -> NumberFormat:
        return gap_text.rounding(self.indicator.decimals if self.indicator else 0)


def _past_page(request: HttpRequest, days: Days) -> HttpResponse:
    """The same of a past day: of periods that were over then, by what was on record."""
    context = _page(request, days)
    status = 400 if context["form"].errors else 200
    return render(request, "gap/page.html", {**context, "days": days}, status=status)


@require_safe
@open_to_readers
@shows_record
@looks_back(_past_page)
def gap_page(request: HttpRequest) -> HttpResponse:
    """Whether the gap narrowed, what that rests on, and where each area stands."""
    context = _page(request)
    status = 400 if context["form"].errors else 200
    return render(request, "gap/page.html", context, status=status)


def _page(request: HttpRequest, days: Days | None = None) -> dict[str, Any]:
    """What the page shows of what its address asks for."""
    answer = _answer(request, days)
    return {
        "form": answer.form,
        "indicator": answer.indicator,
        "left_out": answer.left_out,
        "query": request.GET.urlencode(),
        "loadable": LOADABLE,
        "may_load": permissions.can_write(request.user),
        **_told(answer),
    }


@require_safe
@open_to_readers
@shows_record
@looks_back(lambda request, days, picture: svg_file(*_one(request, picture, days)))
def gap_picture(request: HttpRequest, picture: str) -> HttpResponse:
    """One chart as an SVG file."""
    return svg_file(*_one(request, picture))


@require_safe
@open_to_readers
@looks_back(lambda request, days, picture: csv_file(*_one(request, picture, days)))
def gap_data(request: HttpRequest, picture: str) -> StreamingHttpResponse:
    """The data of one chart as CSV."""
    return csv_file(*_one(request, picture))


def _answer(request: HttpRequest, days: Days | None = None) -> _Answer:
    """What there is now, or with ``days`` what there was of a past day."""
    rows = list(indicators_with_gap(request.user))
    if days is not None:
        rows = indicators_then(rows, days, request.user)
    indicators = {row.code: row for row in rows}
    atlas = AreaIndex(request.user)
    form = GapForm(
        request.GET,
        indicators=[(row.code, f"{row.title} ({row.code})") for row in indicators.values()],
        groups=[(code, name) for _key, code, name in atlas.groups],
        countries=[(code, name) for _key, code, name in atlas.countries],
    )
    if not form.is_valid() or not indicators:
        return _Answer(form, None)
    chosen = form.cleaned_data["indicator"] or next(iter(indicators))
    indicator = indicators[chosen]
    keys = {code: key for key, code, _name in (*atlas.groups, *atlas.countries)}
    asked = GapQuery(
        group=keys.get(form.cleaned_data["group"]),
        countries=frozenset(keys[code] for code in form.cleaned_data["country"]),
        level=form.cleaned_data["level"] or RegionLevel.REGION,
        from_year=form.cleaned_data["from_year"],
        to_year=form.cleaned_data["to_year"],
        is_constant=form.cleaned_data["constant"],
        known=days.known if days else None,
        until=days.as_of if days else None,
    )
    found = find_gap(indicator.pk, atlas, asked)
    if found.gap is None:
        return _Answer(form, indicator)
    number = gap_text.rounding(indicator.decimals)
    drawn = gap_charts(found.gap, indicator.title, indicator.unit, number, found.kind)
    return _Answer(form, indicator, found.gap, found.left_out, drawn)


def _told(answer: _Answer) -> dict[str, Any]:
    """What the page says of a gap; nothing where there is none."""
    gap, indicator, number = answer.gap, answer.indicator, answer.number
    if gap is None or indicator is None:
        return {}
    unit = apart = indicator.unit
    if indicator.measure == Measure.PERCENTAGE:
        apart = _("percentage points")
    is_decrease = indicator.direction == Direction.DECREASE
    ends = (gap.lowest, gap.highest) if is_decrease else (gap.highest, gap.lowest)
    return {
        "gap": gap,
        "verdict": gap_text.verdict_text(gap.trend, indicator.decimals, apart),
        "basis": gap_text.basis_text(gap, number),
        "compared": gap_text.comparison_text(gap.trend, number, unit, apart),
        "thin_end": gap_text.thin_end_text(gap),
        "coverage": gap_text.coverage_text(gap),
        "ahead": _listed(ends[0], number),
        "behind": _listed(ends[1], number),
        "is_decrease": is_decrease,
        "unit": unit,
        "pictures": [answer.pictures[name] for name in NAMES] if answer.pictures else [],
    }


def _listed(standings: Sequence[AreaRank], number: NumberFormat) -> list[tuple[GapArea, str]]:
    return [(standing.place, number(standing.figure.known)) for standing in standings]


def _one(request: HttpRequest, name: str, days: Days | None = None) -> tuple[Chart[Any], str]:
    """A picture and what its file is called; 404 where there is none."""
    if name not in NAMES:
        raise Http404(_("This chart does not exist."))
    answer = _answer(request, days)
    if answer.form.errors:
        raise BadRequest(_("The address has an invalid value."))
    if answer.pictures is None or answer.indicator is None:
        raise Http404(_("No data are available."))
    return answer.pictures[name], f"gap-{name}-{answer.indicator.code}"
