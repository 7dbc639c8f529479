"""Lists: the querysets with their filters, paging, and what a list page needs."""

from dataclasses import dataclass
from datetime import date
from typing import Any, cast

import django_filters
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.filters.evidence import EvidenceFilter, PublicEvidenceFilter
from recommendations.filters.indicators import FigureFilter, IndicatorFilter
from recommendations.filters.log import AuditEventFilter
from recommendations.filters.recommendations import (
    PublicRecommendationFilter,
    RecommendationFilter,
)
from recommendations.filters.responses import (
    AddresseeFilter,
    AreaFilter,
    PublicAddresseeFilter,
    PublicAreaFilter,
)
from recommendations.models import (
    Addressee,
    Area,
    AuditEvent,
    Evidence,
    Indicator,
    Recommendation,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.items import with_uses
from recommendations.queries.indicators.detail import values_in_order

A_PAGE = 50
MOST_COUNTED = 10_000
"""Counting stops here: an exact count is the one thing that makes a long list slow."""


class CappedPaginator(Paginator):
    """Counts to a cap; ``is_capped`` says that there are more."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @cached_property
    def _counted(self) -> int:
        # Keys alone: the columns that a page shows would be worked out for each row counted.
        rows = cast("QuerySet[Any]", self.object_list).order_by().values("pk")
        return rows[: MOST_COUNTED + 1].count()

    @property
    def is_capped(self) -> bool:
        return self._counted > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Listing:
    """A filtered page of a list; ``status`` is the code to answer with.

    ``is_narrowed`` says that more than words is asked for.
    """

    filter: django_filters.FilterSet
    page: Page[Any]
    status: int
    is_filtered: bool
    is_narrowed: bool

    @property
    def is_capped(self) -> bool:
        return bool(self.page.paginator.is_capped)  # type: ignore[attr-defined]


def listing(
    request: HttpRequest,
    filter_class: type[django_filters.FilterSet],
    rows: QuerySet[Any],
    a_page: int = A_PAGE,
) -> Listing:
    """Filter and page ``rows`` as the address asks. With a wrong filter the page is empty."""
    filters = filter_class(request.GET, queryset=rows, request=request)
    is_valid = filters.is_valid()
    found = filters.qs if is_valid else rows.none()
    page = requested_page(request, CappedPaginator(found, a_page))
    used = {key for key, value in request.GET.items() if value and key in filters.filters}
    return Listing(
        filters,
        page,
        200 if is_valid else 400,
        is_filtered=bool(used),
        is_narrowed=bool(used - {"text"}),
    )


def requested_page(request: HttpRequest, paginator: Paginator) -> Page[Any]:
    """The page that the address names; 404 where there is none."""
    try:
        return paginator.page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(_("There is no such page.")) from error


Listed = tuple[QuerySet[Any], type[django_filters.FilterSet]]


def recommendations(person: Person, today: date) -> Listed:
    """By source and number; what is archived is shown inside, and only when asked for."""
    found = (
        Recommendation.objects.status_visible_to(person)
        .for_rows(person, today)
        .order_by("source__title", "source", "number", "pk")
    )
    is_internal = permissions.can_read_internally(person)
    return found, RecommendationFilter if is_internal else PublicRecommendationFilter


def evidence(person: Person) -> Listed:
    """By title."""
    found = with_uses(Evidence.objects.visible_to(person), person).order_by("title", "pk")
    is_internal = permissions.can_read_internally(person)
    return found, EvidenceFilter if is_internal else PublicEvidenceFilter


def indicators(person: Person) -> Listed:
    """By code."""
    return Indicator.objects.visible_to(person).order_by("code", "pk"), IndicatorFilter


def figures(indicator: Indicator) -> Listed:
    """The figures of one indicator, newest first."""
    return values_in_order(indicator), FigureFilter


def events() -> Listed:
    """Newest first; only for readers of the log."""
    found = AuditEvent.objects.select_related("actor", "reason", "recommendation")
    return found.order_by("-sequence"), AuditEventFilter


def areas(person: Person) -> Listed:
    """Areas, those that a recommendation speaks to before the others; those in use, or all."""
    is_addressed = Case(
        When(addressed__gt=0, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    found = (
        Area.objects.visible_to(person)
        .with_addressed(person)
        .localised()
        .annotate(is_addressed=is_addressed)
        .order_by("-is_addressed", "shown_name", "pk")
    )
    return found, AreaFilter if permissions.can_read_internally(person) else PublicAreaFilter


def responses(recommendation: Recommendation, person: Person, today: date) -> Listed:
    """The addressees of a recommendation with what they say, by name."""
    found = (
        Addressee.objects.living()
        .filter(recommendation=recommendation.pk)
        .with_response()
        .with_own_state(today)
        .by_name()
    )
    is_internal = permissions.can_read_internally(person)
    return found, AddresseeFilter if is_internal else PublicAddresseeFilter
