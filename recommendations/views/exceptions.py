"""The exception report, and what each of its rules finds."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.queries.exceptions.cases import CaseList, cases_of
from recommendations.queries.exceptions.report import report_of
from recommendations.queries.exceptions.rules import TREND_DAYS, Limits, Rule, sentence_of
from recommendations.views.access import open_to
from recommendations.views.lists import A_PAGE, requested_page


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
def exception_list(request: HttpRequest, rule: str) -> HttpResponse:
    """What one rule finds, where no other list shows it."""
    code, found = rule_for(rule)
    page = requested_page(request, Paginator(found.keys, A_PAGE))
    context = {
        "rule": code,
        "code": code.value,
        "sentence": sentence_of(code, Limits.of_site()),
        "rows": found.read(list(page.object_list)),
        "page": page,
    }
    return render(request, "exceptions/list.html", context)


def rule_for(code: str) -> tuple[Rule, CaseList]:
    """The rule of an address and what it finds; 404 where it has no list of its own."""
    if code not in Rule.values:
        raise Http404
    rule = Rule(code)
    found = cases_of(rule, timezone.localdate())
    if found is None:
        raise Http404
    return rule, found
