"""The exception report and the audit log, for those who oversee."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.exports import Sheet
from recommendations.exports import lists as columns
from recommendations.queries.exceptions.report import report_of
from recommendations.queries.exceptions.rules import TREND_DAYS
from recommendations.views.access import open_to
from recommendations.views.lists import send

# ---- The exception report; what each of its rules finds is a list (``views/lists.py``)


@require_safe
@open_to(permissions.can_read_exceptions)
def exception_report(request: HttpRequest) -> HttpResponse:
    """Every rule with its count, the count of some time ago, and the way to its list."""
    today = timezone.localdate()
    groups = report_of(request.user, today)
    lines = [line for group in groups for line in group.lines]
    context = {
        "groups": groups,
        "n_rules": len(lines),
        "n_raised": sum(line.count > 0 for line in lines),
        "days": TREND_DAYS,
        "today": today,
    }
    return render(request, "exceptions/report.html", context)


@require_safe
@open_to(permissions.can_read_exceptions)
def exception_report_export(request: HttpRequest) -> HttpResponseBase:
    """The same as a file, one row a rule."""
    groups = report_of(request.user, timezone.localdate())
    lines = [line for group in groups for line in group.lines]
    return send(request, Sheet("exceptions", columns.RULES, lines))
