"""Lists: filter, page, answer. A wrong filter answers 400 with its error, a wrong page 404."""

from dataclasses import dataclass
from typing import Any, cast

import django_filters
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

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
    page = page_of(request, CappedPaginator(found, a_page))
    used = {key for key, value in request.GET.items() if value and key in filters.filters}
    return Listing(
        filters,
        page,
        200 if is_valid else 400,
        is_filtered=bool(used),
        is_narrowed=bool(used - {"text"}),
    )


def page_of(request: HttpRequest, paginator: Paginator) -> Page[Any]:
    """The page that the address names; 404 where there is none."""
    try:
        return paginator.page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(_("There is no such page.")) from error
