"""Indicators: their list, pages and charts, the gap between areas, confirming values."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions import indicators
from recommendations.actions.base import ActionRefused, StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.characters import parse_int
from recommendations.charts import Chart
from recommendations.choices import Direction, Measure, RegionLevel
from recommendations.exports import FORMATS, Column, Sheet
from recommendations.filters.lists import FigureFilter
from recommendations.forms.fields import Attempt
from recommendations.forms.indicators import KEY, FigureForm, GapForm
from recommendations.models import EvidenceLink, ImportRun, Indicator, Observation, User
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days
from recommendations.queries.frame import frame_for
from recommendations.queries.indicators.detail import (
    IMPORT,
    VALUE,
    ChartQuery,
    areas_with_values,
    awaiting_of_import,
    chart_then,
    charts_of,
    imports_of,
    indicators_then,
    past_value_rows,
    recorded_values,
    shown_import,
    shown_value,
    values_of_import,
    values_then,
    with_awaiting,
    with_may_observe,
)
from recommendations.queries.indicators.gap import (
    AreaIndex,
    Gap,
    GapQuery,
    find_gap,
    indicators_with_gap,
    measured_in_several,
)
from recommendations.queries.indicators.gap_page import (
    NAMES,
    basis_text,
    comparison_text,
    gap_charts,
    thin_end_text,
    verdict_text,
)
from recommendations.queries.indicators.rows import recommendation_links
from recommendations.queries.indicators.values import (
    MOST_LISTED,
    ValueRow,
    disagreements_of,
    observation_disagreement,
    observation_row,
    rounding,
    value_detail,
    with_record,
)
from recommendations.queries.listed import ids_of
from recommendations.queries.shown import Shown
from recommendations.queries.undoing import request_of
from recommendations.views import lists
from recommendations.views.access import actor, open_to, open_to_readers
from recommendations.views.accounts import watch_button
from recommendations.views.conditional import shows_record
from recommendations.views.editing import Edit, edit_page
from recommendations.views.evidence import attach_page
from recommendations.views.lists import CappedPaginator, Listed, Listing, requested_page
from recommendations.views.looking_back import looks_back

# ---- Charts as files, from the rows of their page


def svg_file(chart: Chart[Any], name: str, note: str = "") -> HttpResponse:
    """A chart with its title and ``note``, on white."""
    return HttpResponse(
        chart.as_file(note),
        content_type="image/svg+xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.svg"'},
    )


def csv_file(chart: Chart[Any], name: str) -> StreamingHttpResponse:
    """The data of a chart: every digit, and nothing where a value is missing."""
    columns = [Column(head, _cell(place)) for place, head in enumerate(chart.table.header)]
    return StreamingHttpResponse(
        FORMATS["csv"].chunks(Sheet(name, columns, chart.table.rows)),
        content_type=FORMATS["csv"].content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(place: int) -> Callable[[Any], Any]:
    return lambda row: row[place]


# ---- The page of an indicator, and recording a value

FIGURES_A_PAGE = 50

SHORT_TABLE = 8
"""Values that stand open below the charts; more are folded."""


def _past_page(request: HttpRequest, code: str, days: Days) -> HttpResponse:
    """An indicator on a past day: its values of then, as far as they were on record."""
    found = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    then = next(iter(indicators_then([found], days, request.user)), None)
    if then is None:
        raise Http404
    values = values_then(then, days)
    page = requested_page(request, Paginator(ids_of(values), FIGURES_A_PAGE))
    shown = {
        "indicator": then,
        "days": days,
        "page": page,
        "rows": past_value_rows(then, list(page), days),
        "pictures": chart_then(then, days),
    }
    return render(request, "past/indicator.html", shown)


@require_safe
@open_to_readers
@shows_record
@looks_back
def indicator_detail(request: HttpRequest, code: str, days: Days | None = None) -> HttpResponse:
    """One indicator: where it stands, its pictures, and all of its figures with their record."""
    if days is not None:
        return _past_page(request, code, days)
    context = _sheet(request, code)
    context |= watch_button(request, "indicator", context["indicator"].pk)
    status = context["listing"].status
    return render(request, "indicators/detail.html", context, status=status)


def _sheet(request: HttpRequest, code: str) -> dict[str, Any]:
    """What the page of an indicator shows of what its address asks for."""
    person = request.user
    rows = with_may_observe(Indicator.objects.visible_to(person), person)
    rows = with_awaiting(rows.annotate(has_gap=measured_in_several()), person)
    indicator: Indicator = get_object_or_404(rows, code=code)
    areas = areas_with_values(indicator)
    listed = lists.figures(indicator, person)
    filters, asked = _sought(request, listed, areas)
    shown = _page(request, listed, filters, asked, areas)
    drawn = charts_of(indicator, areas, asked)
    disagreements = disagreements_of(indicator)
    has_gap_tab = indicator.has_gap and "areas" in frame_for(person).uses  # type: ignore[attr-defined]
    return {
        "indicator": indicator,
        "drawn": drawn,
        "has_gap_tab": has_gap_tab,
        "pictures": _own_pictures(drawn.pictures, has_ranks=shown.is_filtered or not has_gap_tab),
        "standing": drawn.standing,
        "listing": shown,
        "page": shown.page,
        "rows": recorded_values(indicator, shown.page, person),
        "links": recommendation_links(indicator, person),
        "imports": imports_of(indicator, person),
        # Where it is asked for, or short.
        "is_open": shown.is_filtered or shown.page.number > 1 or len(shown.page) <= SHORT_TABLE,
        "disagreements": disagreements[:MOST_LISTED],
        "more_disagreements": max(0, len(disagreements) - MOST_LISTED),
        "is_internal": permissions.can_read_internally(person),
        "may_read_log": permissions.can_read_log(person),
        "today": timezone.localdate(),
    }


def _own_pictures(pictures: Sequence[Chart[Any]], *, has_ranks: bool) -> list[Chart[Any]]:
    """All of them, or those without the ranks of areas, which the tab of the gap shows."""
    own = [each for each in pictures if has_ranks or each.name not in ("ranking", "map")]
    return own or list(pictures)


@require_safe
@open_to_readers
@shows_record
def indicator_chart(request: HttpRequest, code: str) -> HttpResponse:
    """One chart of an indicator as an SVG file, with its source and the day."""
    indicator, chart, name = _chart(request, code)
    note = _("%(source)s As recorded on %(day)s.") % {
        "source": indicator.source,
        "day": day_text(timezone.localdate()),
    }
    return svg_file(chart, name, note.strip())


@require_safe
@open_to_readers
def indicator_chart_data(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """The data of one chart of an indicator as CSV."""
    _indicator, chart, name = _chart(request, code)
    return csv_file(chart, name)


def _chart(request: HttpRequest, code: str) -> tuple[Indicator, Chart[Any], str]:
    """The indicator, the chart that ``picture`` names, else the first, and the name of its file."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    areas = areas_with_values(indicator)
    filters, asked = _sought(request, lists.figures(indicator, request.user), areas)
    if not filters.is_valid():
        raise BadRequest(_("The filter has an invalid value."))
    pictures = charts_of(indicator, areas, asked).pictures
    wanted = request.GET.get("picture", "")
    chosen = next((each for each in pictures if wanted in ("", each.name)), None)
    if chosen is None:
        raise Http404(_("This chart does not exist."))
    return indicator, chosen, f"{indicator.code}-{chosen.name}-{timezone.localdate():%Y-%m-%d}"


def _sought(
    request: HttpRequest, listed: Listed, areas: list[Any]
) -> tuple[FigureFilter, ChartQuery]:
    """The filter of the address, and what it asks for; nothing where it is wrong."""
    filters = FigureFilter(request.GET, queryset=listed.found, request=request, areas=areas)
    if not filters.is_valid():
        return filters, ChartQuery()
    said = filters.form.cleaned_data
    period = said["first"], said["last"]
    return filters, ChartQuery(tuple(said["area"]), *period, is_awaiting=bool(said["confirmation"]))


def _page(
    request: HttpRequest,
    listed: Listed,
    filters: FigureFilter,
    asked: ChartQuery,
    areas: list[Any],
) -> Listing:
    is_valid = filters.is_valid()
    found = filters.qs if is_valid else listed.found.none()
    paginator = CappedPaginator(found, listed.rows_of, FIGURES_A_PAGE)
    if is_valid and not asked.is_bounded:
        # Counted already with the areas; do not ask again.
        counted = (a.figures for a in areas if not asked.codes or a.code in asked.codes)
        paginator.counted = sum(counted)
    page = requested_page(request, paginator)
    tags = filters.tags if is_valid else ()
    return Listing(filters, filters, page, 200 if is_valid else 400, tags)


@edit_page(permissions.can_read_internally)
def figure_new(request: HttpRequest, code: str) -> Edit:
    """Record a figure. One that stands already is shown first, and the same button confirms."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    _require_observe(request, indicator)
    initial = {name: request.GET[name] for name in ("area", "period") if name in request.GET}

    def observe(values: dict[str, Any], by: User) -> Observation:
        key = {name: values.pop(name) for name in KEY}
        seen = values.pop("revision") or _seen(request, Observation(**key))
        return indicators.observe(
            indicator=indicator, by=by, values=values, expected_revision=seen, **key
        )

    def lead_on(made: Observation) -> str:
        for found in disagreements_of(indicator, area=made.area_id, period=made.period):
            messages.warning(request, _("Values disagree: %s") % found)
        return reverse("figure-evidence", args=[made.pk])

    def beside(attempted: Attempt) -> dict[str, Any]:
        before = _before(request, attempted.stale)
        # A form that must be sent again has seen no more than before.
        seen = before["seen"] if before else request.POST.get("seen", "")
        return {"indicator": indicator, "before": before, "seen": seen}

    listed, page = reverse("indicator-list"), indicator.get_absolute_url()
    return Edit(
        observe,
        _("Value recorded. You can add supporting evidence here."),
        lead_on,
        form=partial(FigureForm, indicator=indicator, initial=initial),
        title=_("Record value"),
        back=page,
        parents=[(_("Indicators"), listed), (indicator.code, page)],
        template="figures/form.html",
        beside=beside,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands for and against one figure; adds an item that is recorded or a new one."""
    row = _figure_for(request, pk)
    context = {"indicator": row.indicator, "view": value_detail(row, request.user)}
    return attach_page(request, row, "figures/evidence_page.html", context)


@require_POST
@open_to(permissions.can_read_internally)
def figure_evidence_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Take an item away from a figure; it stays on record that it stood there."""
    row = _figure_for(request, pk)
    link = get_object_or_404(EvidenceLink, observation=row.pk, pk=link_pk)
    evidence_items.detach(link=link, by=actor(request))
    messages.success(request, _("Removed."))
    return redirect("figure-evidence", pk)


def _figure_for(request: HttpRequest, pk: int) -> Any:
    """A figure of an indicator on which the person may record figures; else 404, 403."""
    row = get_object_or_404(with_record(request.user), pk=pk)
    _require_observe(request, row.indicator)
    return row


def _require_observe(request: HttpRequest, indicator: Indicator) -> None:
    if not permissions.can_observe(request.user, indicator):
        raise PermissionDenied(_("You cannot record values of this indicator."))


def _seen(request: HttpRequest, figure: Observation) -> int:
    """The revision of this very figure that the form has shown; 0 where it showed none of it."""
    revision, _sign, of = request.POST.get("seen", "").partition("@")
    return (parse_int(revision) or 0) if of == _name(figure) else 0


def _name(figure: Observation) -> str:
    return f"{figure.area_id}|{figure.period}|{figure.dimensions}"


def _before(request: HttpRequest, stale: StaleWrite | None) -> dict[str, Any] | None:
    """The figure that stands for what is recorded, and what would become of it."""
    if stale is None or (now := stale.current) is None:
        return None
    return {
        "pk": now.pk,
        "figure": observation_row(now, now.indicator.decimals),
        "recorded_at": now.recorded_at,
        "recorded_by": str(now.recorded_by or ""),
        "becomes": indicators.next_revision(now),
        "differences": stale.differences,
        "seen": f"{now.revision}@{_name(now)}",
        "is_stale": _seen(request, now) > 0,
    }


# ---- Confirming values as a second person: one by one, or those of an import at once

VALUES_SHOWN = 500
"""Values of an import that its page lists one by one."""


@edit_page(permissions.can_read_internally)
def value_confirm(request: HttpRequest, pk: int) -> Edit:
    """One value with all that is known of it, and its confirmation."""
    row: Any = get_object_or_404(with_record(request.user), pk=pk)

    def beside(attempted: Attempt) -> dict[str, Any]:
        now = get_object_or_404(with_record(request.user), pk=pk) if attempted.refusal else row
        return {
            "indicator": now.indicator,
            "view": value_detail(now, request.user),
            "state": now.confirmation_state,
            "is_own": now.recorded_by_id == request.user.pk,
            "may_confirm": permissions.can_confirm(request.user, now),
            "shown": shown_value(now),
            "disagreement": observation_disagreement(now.indicator, now),
        }

    return Edit(
        partial(indicators.confirm_value, observation=row),
        _("Value confirmed"),
        row.indicator,
        decides=(VALUE, pk),
        template="figures/confirm.html",
        beside=beside,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def import_detail(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One import of values, with those that await confirmation, confirmed all at once."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    runs = ImportRun.objects.select_related("indicator", "by", "undone_by")
    run = get_object_or_404(runs, indicator=indicator.pk, pk=pk)
    refusal = None
    if request.method == "POST":
        try:
            seen = Shown.sent(request.POST, IMPORT, pk)
            made = indicators.confirm_import(run=run, by=actor(request), seen=seen)
        except ActionRefused as error:
            refusal = error
        else:
            words = ngettext("%d value confirmed.", "%d values confirmed.", len(made))
            messages.success(request, words % len(made))
            return redirect("import-detail", code, pk)
    awaiting = list(awaiting_of_import(run))
    total = run.new + run.revised if run.undone_at else len(awaiting)
    page = {
        "indicator": indicator,
        "run": run,
        "rows": _rows_of(run, awaiting[:VALUES_SHOWN]),
        "disagreements": disagreements_of(indicator, import_run=run.pk)[:MOST_LISTED],
        "total": total,
        "more": max(0, total - VALUES_SHOWN),
        "shown": shown_import(run, awaiting),
        "is_own": run.by_id == request.user.pk,
        "may_confirm": permissions.can_confirm_import(request.user, run),
        "may_undo": run.undone_at is None and permissions.can_undo_import(request.user),
        "waiting": request_of(run),
        "refusal": refusal,
    }
    return render(request, "indicators/import_detail.html", page, status=409 if refusal else 200)


def _rows_of(run: ImportRun, awaiting: Sequence[Any]) -> list[tuple[int, ValueRow]]:
    """Values that a table lists: those to be confirmed, or what an undone import brought."""
    brought = values_of_import(run)[:VALUES_SHOWN] if run.undone_at else awaiting
    rows = [(found.pk, observation_row(found, run.indicator.decimals)) for found in brought]
    if run.undone_at:
        return rows
    # Without their first mark: all are unconfirmed.
    return [(pk, replace(row, marks=row.marks[1:])) for pk, row in rows]


# ---- The gap between areas: its page, and each of its pictures as a file

LOADABLE = ("IT.NET.USER.ZS", "IT.NET.BBND.P2", "IT.CEL.SETS.P2")
"""World Bank codes of what the gap in digital development can be read from."""


@require_safe
@open_to_readers
@shows_record
@looks_back
def gap_page(request: HttpRequest, days: Days | None = None) -> HttpResponse:
    """Whether the gap narrowed, what that rests on, and where each area stands.

    Of a past day: of periods that were over then, by what was on record.
    """
    context = _gap_page(request, days)
    status = 400 if context["form"].errors else 200
    return render(request, "gap/page.html", context, status=status)


@require_safe
@open_to_readers
@shows_record
@looks_back
def gap_picture(request: HttpRequest, picture: str, days: Days | None = None) -> HttpResponse:
    """One chart as an SVG file."""
    return svg_file(*_one(request, picture, days))


@require_safe
@open_to_readers
@looks_back
def gap_data(request: HttpRequest, picture: str, days: Days | None = None) -> StreamingHttpResponse:
    """The data of one chart as CSV."""
    return csv_file(*_one(request, picture, days))


def _gap_page(request: HttpRequest, days: Days | None = None) -> dict[str, Any]:
    """What the page shows of what its address asks for; no gap where that is wrong or not there."""
    rows = list(indicators_with_gap(request.user))
    if days is not None:
        rows = indicators_then(rows, days, request.user)
    indicators = {row.code: row for row in rows}
    atlas = AreaIndex(request.user)
    form = GapForm(
        request.GET,
        indicators=[(row.code, f"{row.title} ({row.code})") for row in rows],
        groups=[(row.code, row.shown_name) for row in atlas.groups],
        countries=[(row.code, row.shown_name) for row in atlas.countries],
    )
    page: dict[str, Any] = {
        "form": form,
        "days": days,
        "today": timezone.localdate(),
        "query": request.GET.urlencode(),
        "loadable": LOADABLE,
        "may_load": permissions.can_write(request.user),
    }
    if not form.is_valid() or not indicators:
        return page
    said = form.cleaned_data
    indicator: Indicator = indicators[said["indicator"] or rows[0].code]
    keys = {row.code: row.pk for row in (*atlas.groups, *atlas.countries)}
    asked = GapQuery(
        group=keys.get(said["group"]),
        countries=frozenset(keys[code] for code in said["country"]),
        level=said["level"] or RegionLevel.REGION,
        from_year=said["from_year"],
        to_year=said["to_year"],
        is_constant=said["constant"],
        known=days.known if days else None,
        until=days.as_of if days else None,
    )
    found = find_gap(indicator.pk, atlas, asked)
    page |= {"indicator": indicator, "left_out": found.left_out}
    return page if found.gap is None else page | _told(found.gap, indicator)


def _told(gap: Gap, indicator: Indicator) -> dict[str, Any]:
    """What the page says of a gap."""
    number = rounding(indicator.decimals)
    unit = apart = indicator.unit
    if indicator.measure == Measure.PERCENTAGE:
        apart = _("percentage points")
    is_decrease = indicator.direction == Direction.DECREASE
    ends = (gap.lowest, gap.highest) if is_decrease else (gap.highest, gap.lowest)
    ahead, behind = ([(rank.place, number(rank.figure.known)) for rank in end] for end in ends)
    return {
        "gap": gap,
        "is_demonstration": any(rank.place.is_demonstration for rank in gap.standings),
        "verdict": verdict_text(gap.trend, number, apart),
        "basis": basis_text(gap, number),
        "compared": comparison_text(gap.trend, number, unit, apart),
        "thin_end": thin_end_text(gap),
        "ahead": ahead,
        "behind": behind,
        "is_decrease": is_decrease,
        "unit": unit,
        "pictures": gap_charts(gap, indicator.title, unit, apart, number),
    }


def _one(request: HttpRequest, name: str, days: Days | None = None) -> tuple[Chart[Any], str]:
    """A picture and what its file is called; 404 where there is none."""
    if name not in NAMES:
        raise Http404(_("This chart does not exist."))
    page = _gap_page(request, days)
    if page["form"].errors:
        raise BadRequest(_("The filter has an invalid value."))
    if "gap" not in page:
        raise Http404(_("No data are available."))
    return page["pictures"][name], f"gap-{name}-{page['indicator'].code}"
