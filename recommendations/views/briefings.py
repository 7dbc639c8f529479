"""Briefings: pages as PDFs, of the same rows, for whom the pages are."""

from functools import wraps

from django.http import Http404, HttpRequest, HttpResponseBase

from recommendations.views.access import View
from recommendations.views.exceptions import exception_report
from recommendations.views.history import changes
from recommendations.views.pdf import pdf_of
from recommendations.views.recommendations.detail import recommendation_detail, recommendation_print
from recommendations.views.recommendations.pages import recommendation_list, source_detail


def _briefing(page: View, name: str) -> View:
    """The view of the PDF of a page; ``name`` is that of the file."""

    @wraps(page)
    def answer(request: HttpRequest, **about: str) -> HttpResponseBase:
        return pdf_of(request, page, name.format(*about.values(), **about), **about)

    return answer


@wraps(recommendation_print)
def _all_tabs(request: HttpRequest, reference: str) -> HttpResponseBase:
    """All tabs of a recommendation; of what is archived the one page that the public has."""
    try:
        return recommendation_print(request, reference)
    except Http404:
        return recommendation_detail(request, reference)


@wraps(recommendation_list.page)
def _first_rows(request: HttpRequest) -> HttpResponseBase:
    """The list; words that are a reference lead to no other page, since a page is named."""
    asked = request.GET.copy()
    asked.setdefault("page", "1")
    vars(request)["GET"] = asked
    return recommendation_list.page(request)


recommendation_pdf = _briefing(_all_tabs, "{reference}")
source_pdf = _briefing(source_detail, "{slug}")
list_pdf = _briefing(_first_rows, "recommendations")
changes_pdf = _briefing(changes, "changes-{0}")
exception_report_pdf = _briefing(exception_report, "exceptions")
