"""Lists as files: the rows and the filter of the page, in the format that the address asks for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.columns import readable
from recommendations.exports import (
    FORMATS,
    Sheet,
    areas,
    dates,
    evidence,
    exceptions,
    indicators,
    log,
    recommendations,
    responses,
    rounds,
    signoffs,
)
from recommendations.exports.past import past_sheet
from recommendations.exports.sheets import BATCH, in_batches
from recommendations.models import Indicator, Recommendation, ReportingRound, Source
from recommendations.models.fields import parse_int
from recommendations.queries.dates import dates_of
from recommendations.queries.days import Days
from recommendations.queries.exceptions.report import report_of
from recommendations.queries.indicators.detail import areas_with_values
from recommendations.queries.listed import read_rows, rows_in_order
from recommendations.queries.rounds.page import request_rows
from recommendations.queries.rounds.standing import Narrowing, tally_of
from recommendations.queries.signoffs.page import listed_sign_offs
from recommendations.views import lists
from recommendations.views.access import open_to, open_to_readers
from recommendations.views.exceptions import rule_for
from recommendations.views.looking_back import looks_back


@require_safe
@open_to_readers
@looks_back()
def recommendation_export(request: HttpRequest, days: Days | None = None) -> HttpResponseBase:
    """The list of recommendations, as the reader's page shows it."""
    today = timezone.localdate()
    listed = lists.recommendations(request.user, today, days)
    if days is not None:
        return _answer(request, listed, lambda rows: past_sheet(rows, days))
    lines_of = recommendations.recommendation_lines(request.user, today)
    return _answer(
        request,
        replace(listed, rows_of=lines_of),
        lambda lines: recommendations.recommendation_sheet(lines, request.user),
    )


def recommendation_file(request: HttpRequest, ids: Sequence[int], code: str) -> HttpResponseBase:
    """These recommendations, in this order, with the columns of their list."""
    lines_of = recommendations.recommendation_lines(request.user, timezone.localdate())
    batches = (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
    lines = (line for some in batches for line in rows_in_order(some, lines_of))
    return send(request, recommendations.recommendation_sheet(lines, request.user), code)


@require_safe
@open_to_readers
def evidence_export(request: HttpRequest) -> HttpResponseBase:
    """The list of evidence."""
    listed = lists.evidence(request.user)
    return _answer(request, listed, evidence.evidence_sheet)


@require_safe
@open_to_readers
def indicator_export(request: HttpRequest) -> HttpResponseBase:
    """The list of indicators, each with its newest figure."""
    return _answer(request, lists.indicators(request.user), indicators.indicator_sheet)


@require_safe
@open_to_readers
def figure_export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The figures of one indicator, as its page filters them."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    listed, areas = lists.figures(indicator, request.user), areas_with_values(indicator)
    return _answer(
        request, listed, lambda rows: indicators.observation_sheet(indicator, rows), areas=areas
    )


@require_safe
@open_to(permissions.can_read_log)
def audit_export(request: HttpRequest) -> HttpResponseBase:
    """The log of events."""
    return _answer(request, lists.events(), log.event_sheet)


@require_safe
@open_to_readers
def area_export(request: HttpRequest) -> HttpResponseBase:
    """The list of areas."""
    return _answer(request, lists.areas(request.user), areas.area_sheet)


@require_safe
@open_to_readers
def response_export(request: HttpRequest, reference: str) -> HttpResponseBase:
    """What the addressees of one recommendation say."""
    today = timezone.localdate()
    seen = Recommendation.objects.status_visible_to(request.user)
    found = get_object_or_404(seen, reference=reference)
    listed = lists.responses(found, request.user, today)
    return _answer(
        request, listed, lambda rows: responses.response_sheet(rows, request.user, today)
    )


@require_safe
@open_to(permissions.can_read_internally)
def source_dates_export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """How the dates of one source have moved."""
    source = get_object_or_404(Source, slug=slug)
    return send(request, dates.source_dates_sheet(dates_of(source)))


@require_safe
@open_to(permissions.can_read_exceptions)
def exception_report_export(request: HttpRequest) -> HttpResponseBase:
    """Each rule of the exception report with its counts."""
    groups = report_of(request.user, timezone.localdate())
    return send(request, exceptions.report_sheet(groups))


@require_safe
@open_to(permissions.can_read_exceptions)
def exception_list_export(request: HttpRequest, rule: str) -> HttpResponseBase:
    """What one rule finds."""
    code, found = rule_for(rule)
    batches = (found.read(some) for some in in_batches(found.keys))
    cases = (case for some in batches for case in some)
    return send(request, exceptions.case_sheet(code.value, cases))


@require_safe
@open_to(permissions.can_read_internally)
def sign_off_export(request: HttpRequest) -> HttpResponseBase:
    """All sign-offs, each with its digest and the entry of the audit log that it names."""
    return send(request, signoffs.sign_off_sheet(listed_sign_offs(request.user)))


@require_safe
@open_to(permissions.can_read_internally)
def round_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The requests of a reporting round, those that its page shows."""
    round = get_object_or_404(ReportingRound.objects.visible_to(request.user), pk=pk)
    today = timezone.localdate()
    asked = Narrowing.of(request.GET, parse_int(request.GET.get("organisation", "")))
    if asked.errors:
        raise BadRequest(" ".join(asked.errors))
    found = request_rows(asked.among(tally_of(round, today)), today)
    return send(request, rounds.request_sheet(found))


def _answer(
    request: HttpRequest,
    listed: lists.Listed,
    sheet_of: Callable[[Iterable[Any]], Sheet],
    **options: Any,
) -> HttpResponseBase:
    """What the filter found, as a file; a wrong filter is refused."""
    filters = listed.filter_class(request.GET, queryset=listed.found, request=request, **options)
    if not filters.is_valid():
        raise BadRequest(_("The filter has an invalid value."))
    return send(request, sheet_of(read_rows(listed.found_by(filters), listed.rows_of, BATCH)))


def send(request: HttpRequest, sheet: Sheet, code: str = "") -> HttpResponseBase:
    """The file, sent while it is read, with the columns that this reader may have.

    A format that there is not is refused.
    """
    sheet = replace(sheet, columns=readable(sheet.columns, request.user))
    chosen = FORMATS.get(code or request.GET.get("format", "csv"))
    if chosen is None:
        raise BadRequest(_("This format does not exist."))
    name = f"{sheet.name}-{timezone.localdate():%Y-%m-%d}.{chosen.code}"
    return StreamingHttpResponse(
        chosen.chunks(sheet),
        content_type=chosen.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
