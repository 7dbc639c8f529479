"""Lists: what each holds, its filter, its paging, and what a list page needs.

Every list is a ``Listed``: a query that filters and orders, and ``rows_of``, which reads the rows
of the ids of one page (``queries/listed.py``). A view calls ``listing(request, listed)`` and shows
``page``; a file reads the same ids in batches.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.paginator import EmptyPage, InvalidPage, Page, Paginator
from django.db.models import Case, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.filters.base import ListFilter, Tag
from recommendations.filters.evidence import EvidenceFilter, PublicEvidenceFilter
from recommendations.filters.indicators import FigureFilter, IndicatorFilter
from recommendations.filters.log import AuditEventFilter
from recommendations.filters.recommendations import (
    TIES,
    PastFilter,
    PublicPastFilter,
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
    RecommendationState,
    SavedView,
    User,
)
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.permissions import Person
from recommendations.queries.areas import area_rows, area_tallies
from recommendations.queries.columns import names_of
from recommendations.queries.days import Days
from recommendations.queries.evidence.items import evidence_rows
from recommendations.queries.indicators.detail import recorded_figures, values_in_order
from recommendations.queries.indicators.list_rows import indicators_with_aims
from recommendations.queries.listed import Found, RowsOf, ids_of, rows_in_order
from recommendations.queries.recommendations.past.listed import kept_of_then
from recommendations.queries.recommendations.past.shown import rows_then
from recommendations.queries.recommendations.rows import rows_by_id

A_PAGE = 50
MOST_COUNTED = 10_000
"""Counting stops here: an exact count is the one thing that makes a long list slow."""
MOST_PAGES = 1_000_000
"""No address leads further; a database refuses larger offsets."""


class CappedPaginator(Paginator):
    """Pages of ids, and of their rows; counts to a cap, and ``is_capped`` where there are more.

    Beyond the cap pages go on, one after the other, until one has no rows.
    """

    object_list: Found

    def __init__(self, found: Found, rows_of: RowsOf, per_page: int) -> None:
        super().__init__(found, per_page)
        self.rows_of = rows_of

    @cached_property
    def count(self) -> int:
        return min(self.counted, MOST_COUNTED)

    @cached_property
    def counted(self) -> int:
        """How many there are, to one beyond the cap."""
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        # Keys alone: the columns that a page shows would be worked out for each row counted.
        return self.object_list.order_by().values("pk")[: MOST_COUNTED + 1].count()

    @property
    def is_capped(self) -> bool:
        return self.counted > MOST_COUNTED

    def validate_number(self, number: Any) -> int:
        try:
            return super().validate_number(number)
        except EmptyPage:
            if not (self.is_capped and self.num_pages < int(number) <= MOST_PAGES):
                raise
            return int(number)

    def page(self, number: Any) -> Page[Any]:
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        # One more than is shown, to know whether there is a next page where nothing was counted.
        some = ids_of(self.object_list)[first : first + self.per_page + 1] if self.count else ()
        ids = list(some)
        if not ids and number > 1:
            raise EmptyPage(self.error_messages["no_results"])
        return CappedPage(ids, number, self)


class CappedPage(Page[Any]):
    """A page that is known by its ids; its rows are read where they are asked for.

    Whether there is a next one ``ids`` tell, one more than a page has: the count may have stopped
    before.
    """

    paginator: CappedPaginator

    def __init__(self, ids: Sequence[Any], number: int, paginator: CappedPaginator) -> None:
        self.ids, self.number, self.paginator = ids[: paginator.per_page], number, paginator
        self.has_more = len(ids) > paginator.per_page

    @cached_property
    def object_list(self) -> list[Any]:  # type: ignore[override]
        return rows_in_order(self.ids, self.paginator.rows_of)

    def has_next(self) -> bool:
        return self.has_more


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: its rows with their order, its filter, and how the rows of some ids are read.

    ``found`` needs what is filtered and sorted by, and no more; its order ends with the key.
    """

    found: QuerySet[Any]
    filter_class: Callable[..., ListFilter]
    rows_of: RowsOf
    kept: Callable[[ListFilter], Sequence[int]] | None = None
    """Of a past day, which is kept: the ids that a valid filter finds, in place of ``found``."""

    def found_by(self, filters: ListFilter) -> Found:
        """What a valid filter finds, in its order."""
        return self.kept(filters) if self.kept else filters.qs


@dataclass(frozen=True, slots=True)
class Listing:
    """A filtered page of a list; ``status`` is the code to answer with.

    ``filter`` has the form to draw, which takes long.
    ``asked`` is that part of it of which something is asked, and words. ``tags`` are what the list
    is narrowed by, one by one.
    """

    filter: ListFilter
    asked: ListFilter
    page: Page[Any]
    status: int
    tags: Sequence[Tag]

    @property
    def is_filtered(self) -> bool:
        """Whether there is something to clear: a filter that holds, or one that is invalid."""
        return bool(self.tags) or self.status == HTTPStatus.BAD_REQUEST

    @property
    def narrowing(self) -> int:
        """By how many filters it is narrowed, words apart."""
        return sum(tag.name != self.asked.WORDS for tag in self.tags)

    @property
    def is_capped(self) -> bool:
        return bool(self.page.paginator.is_capped)  # type: ignore[attr-defined]


def list_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page of a list, which is the ``listing`` of what it shows."""
    return render(request, template, context, status=context["listing"].status)


def listing(request: HttpRequest, listed: Listed) -> Listing:
    """Filter and page a list as the address asks. With a wrong filter the page is empty."""
    whole, filters = (
        listed.filter_class(request.GET, queryset=listed.found, request=request)
        for _use in ("to draw", "to ask")
    )
    filters.leave_unasked()
    is_valid = filters.is_valid()
    found = listed.found_by(filters) if is_valid else listed.found.none()
    paginator = CappedPaginator(found, listed.rows_of, A_PAGE)
    if is_valid and isinstance(found, QuerySet):
        paginator.object_list = filters.ordered(found, paginator.counted)
    page = requested_page(request, paginator)
    return Listing(
        whole,
        filters,
        page,
        HTTPStatus.OK if is_valid else HTTPStatus.BAD_REQUEST,
        tags=filters.tags if is_valid else (),
    )


def requested_page(request: HttpRequest, paginator: Paginator) -> Page[Any]:
    """The page that the address names; 404 where there is none. A PDF has longer pages."""
    paginator.per_page = getattr(request, "most_rows", paginator.per_page)
    try:
        return paginator.page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(_("This page does not exist.")) from error


def recommendations(person: Person, today: date, days: Days | None = None) -> Listed:
    """By source and number; what is archived is shown inside, and only when asked for."""
    found = RecommendationState.objects.status_visible_to(person).order_by(*TIES)
    is_internal = permissions.can_read_internally(person)
    if days is None:
        filter_class = RecommendationFilter if is_internal else PublicRecommendationFilter
        return Listed(found, filter_class, lambda ids: rows_by_id(person, ids, today))

    def kept(filters: ListFilter) -> Sequence[int]:
        def ask(states: RecommendationStateQuerySet) -> Sequence[int]:
            seen = states.status_visible_to(person).order_by(*TIES)
            found = filters.filter_queryset(seen)
            return array("q", ids_of(filters.ordered(found, found.count())))

        parts = filters.asked
        return kept_of_then("ids of a past list", ask, days=days, person=person, parts=parts)

    past_class = PastFilter if is_internal else PublicPastFilter
    return Listed(
        found.none(),
        partial(past_class, days=days),
        lambda ids: rows_then(list(ids), days, person),
        kept,
    )


def view_members(view: SavedView, person: User) -> QuerySet[Any] | None:
    """The kept states that a saved view shows to a person; none where it can no longer be asked."""
    request = HttpRequest()
    request.user = person
    listed = recommendations(person, timezone.localdate())
    filters = listed.filter_class(QueryDict(view.query), queryset=listed.found, request=request)
    filters.leave_unasked()
    return filters.qs if filters.is_valid() else None


def evidence(person: Person) -> Listed:
    """By title."""
    found = Evidence.objects.visible_to(person).order_by("title", "pk")
    is_internal = permissions.can_read_internally(person)
    filter_class = EvidenceFilter if is_internal else PublicEvidenceFilter
    return Listed(found, filter_class, partial(evidence_rows, person=person))


def indicators(person: Person) -> Listed:
    """By code."""
    found = Indicator.objects.visible_to(person).order_by("code", "pk")
    return Listed(found, IndicatorFilter, indicators_with_aims)


def figures(indicator: Indicator, person: Person) -> Listed:
    """The figures of one indicator, newest first."""
    return Listed(values_in_order(indicator), FigureFilter, recorded_figures(person).in_bulk)


OF_EVENTS = (
    *("at", "verb", "object_type", "object_id", "payload", "request_id", "previous_hash"),
    *("hash", "reason__text", "recommendation__reference", *names_of("actor")),
    "actor__is_demonstration",
)
"""Columns that a row of the log shows, or its file has."""


def events() -> Listed:
    """Newest first; only for readers of the log."""
    rows = AuditEvent.objects.select_related("actor", "reason", "recommendation").only(*OF_EVENTS)
    return Listed(AuditEvent.objects.order_by("-sequence"), AuditEventFilter, rows.in_bulk)


def areas(person: Person) -> Listed:
    """Areas, those that a recommendation speaks to before the others; those in use, or all.

    For the public those that something public speaks to.
    """
    addressed = list(area_tallies(person))
    found, order = Area.objects.localised(), ["shown_name", "pk"]
    is_internal = permissions.can_read_internally(person)
    if not is_internal:
        found = found.filter(pk__in=addressed)
    elif addressed:
        is_first = When(pk__in=addressed, then=Value(0))
        found = found.annotate(place=Case(is_first, default=Value(1)))
        order.insert(0, "place")
    filter_class = AreaFilter if is_internal else PublicAreaFilter
    return Listed(found.order_by(*order), filter_class, partial(area_rows, person=person))


def responses(recommendation: Recommendation, person: Person, today: date) -> Listed:
    """The addressees of a recommendation with what they say, by name."""
    found = Addressee.objects.living().filter(recommendation=recommendation.pk).by_name()
    rows = Addressee.objects.with_response().with_own_state(today).by_name()
    is_internal = permissions.can_read_internally(person)
    filter_class = AddresseeFilter if is_internal else PublicAddresseeFilter
    return Listed(found, filter_class, rows.in_bulk)
