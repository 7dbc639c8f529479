"""Briefings: a recommendation, a source or a filtered list as a PDF, of the rows of its page."""

from collections.abc import Iterator
from dataclasses import replace

from django import forms
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.exports.briefings.blocks import Document
from recommendations.exports.briefings.listing import FoundList, list_briefing
from recommendations.exports.briefings.past import past_briefing
from recommendations.exports.briefings.recommendation import recommendation_briefing
from recommendations.exports.briefings.source import source_briefing
from recommendations.exports.briefings.wording import MOST_ROWS
from recommendations.filters.past import PublicPastFilter
from recommendations.models import Source
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days
from recommendations.queries.recommendations.detail import detail_page
from recommendations.queries.recommendations.past.shown import rows_then
from recommendations.queries.recommendations.rows import rows_by_id
from recommendations.views import lists
from recommendations.views.access import open_to_readers, source_for
from recommendations.views.conditional import shows_record
from recommendations.views.looking_back import (
    looks_back,
    past_filters,
    past_ids,
    past_page,
)
from recommendations.views.pdf import pdf_answer
from recommendations.views.recommendations.detail import find_or_404


def past_list_pdf(request: HttpRequest, days: Days) -> HttpResponse:
    """The briefing on the list of a past day."""
    return _past_list(request, days, request.GET)


def past_source_pdf(request: HttpRequest, days: Days, slug: str) -> HttpResponse:
    """The briefing on a source of a past day: that on the list of all that it held."""
    get_object_or_404(Source.objects.visible_to(request.user), slug=slug)
    return _past_list(request, days, QueryDict(f"source={slug}&{days.query}"))


def _past_list(request: HttpRequest, days: Days, asked: QueryDict) -> HttpResponse:
    filters = past_filters(request, asked)
    if not filters.is_valid():
        raise BadRequest(_("The filter is not valid."))
    ids = past_ids(request, days, filters)
    rows = rows_then(list(ids[:MOST_ROWS]), days, request.user)
    found = FoundList(
        rows=list(rows.values()),
        total=len(ids),
        is_capped=False,
        filters=(*_in_words(filters.form), *_left_out(filters)),
        is_internal=permissions.can_read_internally(request.user),
    )
    path = f"{reverse('recommendation-list')}?{asked.urlencode()}"
    return pdf_answer(
        request,
        f"recommendations-{days.as_of}-known-{days.known_on}",
        lambda root: list_briefing(found, days.as_of, root + path, root, days.known_on),
    )


def _left_out(filters: PublicPastFilter) -> Iterator[tuple[str, str]]:
    """What the address asks that no past day can be narrowed by: the table has more than that."""
    if filters.left_out:
        title = _("Filters left out: they apply to today’s list only")
        yield title, _(", ").join(map(str, filters.left_out))


def past_recommendation_pdf(request: HttpRequest, days: Days, reference: str) -> HttpResponse:
    """The briefing on one recommendation of a past day."""
    page = past_page(request.user, days, reference)
    return pdf_answer(
        request,
        f"{reference}-{days.as_of}-known-{days.known_on}",
        lambda root: past_briefing(page, days, root),
    )


@require_safe
@open_to_readers
@shows_record
@looks_back(past_recommendation_pdf)
def recommendation_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The briefing on one recommendation."""
    today = timezone.localdate()
    found = find_or_404(request.user, reference)
    return pdf_answer(
        request,
        reference,
        lambda root: recommendation_briefing(detail_page(found, request.user, today), root),
    )


@require_safe
@open_to_readers
@shows_record
@looks_back(past_source_pdf)
def source_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The briefing on one source."""
    today = timezone.localdate()
    source = source_for(request.user, slug)
    return pdf_answer(
        request, slug, lambda root: source_briefing(source, request.user, today, root)
    )


@require_safe
@open_to_readers
@shows_record
@looks_back(past_list_pdf)
def list_pdf(request: HttpRequest) -> HttpResponse:
    """The briefing on the list of recommendations, as the address filters it."""
    today = timezone.localdate()
    asked = request.GET.copy()
    asked.pop("page", None)
    query = f"?{asked.urlencode()}" if asked else ""
    path = reverse("recommendation-list") + query

    def read(root: str) -> Document:
        return list_briefing(_found(request), today, root + path, root)

    return pdf_answer(request, "recommendations", read)


def _found(request: HttpRequest) -> FoundList:
    """The first rows of the list; a wrong filter is refused."""
    today, person = timezone.localdate(), request.user
    # Without the indicators that lead the rows of the page: there is no room for them.
    listed = replace(
        lists.recommendations(person, today), rows_of=lambda ids: rows_by_id(person, ids, today)
    )
    shown = lists.listing(request, listed, a_page=MOST_ROWS)
    if shown.status != 200:
        raise BadRequest(_("The filter is not valid."))
    if shown.page.number != 1:
        raise Http404(_("This page does not exist."))
    return FoundList(
        rows=list(shown.page),
        total=shown.page.paginator.count,
        is_capped=shown.is_capped,
        filters=tuple(_in_words(shown.asked.form)),
        is_internal=permissions.can_read_internally(person),
    )


def _in_words(form: forms.Form) -> Iterator[tuple[str, str]]:
    """What a list is filtered by: labels and chosen values."""
    for name, field in form.fields.items():
        chosen = form.cleaned_data.get(name)
        if not chosen:
            continue
        labels = dict(getattr(field, "choices", ()))
        values = chosen if isinstance(chosen, list) else [chosen]
        words = [
            day_text(value) if hasattr(value, "isoformat") else str(labels.get(value, value))
            for value in values
        ]
        yield str(field.label), _(", ").join(words)
