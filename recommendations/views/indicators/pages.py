"""The page of an indicator, and recording a value."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions import indicators
from recommendations.actions.base import differences
from recommendations.actions.errors import StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.charts import Chart
from recommendations.filters.indicators import FigureFilter
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.indicators import FigureForm
from recommendations.models import EvidenceLink, Indicator, Observation
from recommendations.models.fields import parse_int
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days
from recommendations.queries.indicators.agreement import MOST_LISTED, disagreements_of
from recommendations.queries.indicators.confirmations import with_awaiting
from recommendations.queries.indicators.detail import (
    ChartQuery,
    areas_with_values,
    charts_of,
    imports_of,
    recorded_values,
    with_may_observe,
)
from recommendations.queries.indicators.gap import measured_in_several
from recommendations.queries.indicators.past import (
    chart_then,
    indicators_then,
    value_rows,
    values_then,
)
from recommendations.queries.indicators.rows import recommendation_links
from recommendations.queries.indicators.values import (
    observation_row,
    value_detail,
    with_record,
)
from recommendations.queries.listed import ids_of
from recommendations.views import lists
from recommendations.views.access import actor, open_to, open_to_readers
from recommendations.views.conditional import shows_record
from recommendations.views.evidence.items import attach_from
from recommendations.views.indicators.chart_files import csv_file, svg_file
from recommendations.views.lists import CappedPaginator, Listed, Listing, requested_page
from recommendations.views.looking_back import looks_back
from recommendations.views.notifications import watch_button

FIGURES_A_PAGE = 50

SHORT_TABLE = 8
"""Values that stand open below the charts; more are folded."""


def _past_page(request: HttpRequest, days: Days, code: str) -> HttpResponse:
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
        "rows": value_rows(then, list(page), days),
        "pictures": chart_then(then, days),
    }
    return render(request, "past/indicator.html", shown)


@require_safe
@open_to_readers
@shows_record
@looks_back(_past_page)
def indicator_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: where it stands, its pictures, and all of its figures with their record."""
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
    return {
        "indicator": indicator,
        "drawn": drawn,
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


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_new(request: HttpRequest, code: str) -> HttpResponse:
    """Record a figure. One that stands already is shown first, and the same button confirms."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    _require_observe(request, indicator)
    initial = {name: request.GET[name] for name in ("area", "period") if name in request.GET}
    form, attempted = FigureForm(None, indicator=indicator, initial=initial), Attempt()
    before: dict[str, Any] | None = None
    if request.method == "POST":
        form = FigureForm(request.POST, indicator=indicator)
        attempted = attempt(
            form,
            lambda: indicators.observe(
                indicator=indicator,
                by=actor(request),
                values=form.values(),
                expected_version=_seen(request, form.key),
                **form.key,
            ),
            shown_apart=(StaleWrite,),
        )
        if attempted.is_done:
            done = _("Value recorded. You can add supporting evidence here.")
            messages.success(request, done)
            made: Observation = attempted.made
            for found in disagreements_of(indicator, area=made.area_id, period=made.period):
                messages.warning(request, _("Values disagree: %s") % found)
            return redirect("figure-evidence", made.pk)
        if stale := attempted.stale:
            before = _before(request, form, stale.current)
    # A form that must be sent again has seen no more than before.
    seen = before["seen"] if before else request.POST.get("seen", "")
    context = {"indicator": indicator, "form": form, "before": before, "seen": seen}
    return render(request, "figures/form.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands for and against one figure; adds an item that is recorded or a new one."""
    row = _figure_for(request, pk)
    form, attempted = attach_from(request, row)
    if attempted.made is not None:
        return redirect("figure-evidence", pk)
    context = {
        "form": form,
        "indicator": row.indicator,
        "view": value_detail(row, request.user),
    }
    return render(request, "figures/evidence_page.html", context, status=attempted.status)


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
        raise PermissionDenied(_("You may not record figures of %s.") % indicator.code)


def _seen(request: HttpRequest, key: dict[str, Any]) -> int:
    """The revision of this very figure that the form has shown; 0 where it showed none of it."""
    revision, _sign, of = request.POST.get("seen", "").partition("@")
    return (parse_int(revision) or 0) if of == _name(key) else 0


def _name(key: dict[str, Any]) -> str:
    return f"{key['area'].pk}|{key['period']}|{key['dimensions']}"


def _before(
    request: HttpRequest, form: FigureForm, now: Observation | None
) -> dict[str, Any] | None:
    """The figure that stands for what is recorded, and what would become of it."""
    if now is None:
        return None
    return {
        "pk": now.pk,
        "figure": observation_row(now, now.indicator.decimals),
        "recorded_at": now.recorded_at,
        "recorded_by": str(now.recorded_by or ""),
        "becomes": indicators.next_revision(now),
        "differences": differences(now, form.values()),
        "seen": f"{now.revision}@{_name(form.key)}",
        "is_stale": _seen(request, form.key) > 0,
    }
