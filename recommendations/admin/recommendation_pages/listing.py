"""The list of recommendations in the administration: the kept states that lists of pages read."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.admin.options import IS_POPUP_VAR, TO_FIELD_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.filters.administration import AdministrationFilter
from recommendations.filters.recommendations import TIES
from recommendations.models import Recommendation, RecommendationState
from recommendations.pickers.fields import FIND
from recommendations.queries.administration.rows import administered_rows, years_of_dates
from recommendations.queries.cache import cached
from recommendations.queries.version import version_for
from recommendations.views.lists import Listed, Listing, listing

COLUMNS: tuple[tuple[str, str | Promise, str], ...] = (
    ("ref", _("Reference"), "number"),
    ("title", _("Title"), "title"),
    ("source", _("Source"), ""),
    ("status", _("Status"), ""),
    ("confidence", _("Confidence"), ""),
    ("day", _("Target date"), "date"),
    ("day", _("Next update"), ""),
    ("lead", _("Lead organisation"), ""),
    ("count", _("Awaiting review"), ""),
    ("public", _("Published"), ""),
)
"""Class, heading and order of each column; one without an order cannot be sorted by."""

_FIELDS = AdministrationFilter.base_filters
KNOWN = frozenset(
    {*_FIELDS, *(f"{name}-words" for name in _FIELDS), FIND, "page", IS_POPUP_VAR, TO_FIELD_VAR}
    | {ERROR_FLAG, "_changelist_filters"}
)
"""All that an address of the list may ask."""

MOST_YEARS = 15
"""Years of target dates that are offered, the latest; others are asked for by the address."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a column; ``query`` asks for its order, or turns it round."""

    css: str
    label: str | Promise
    query: str = ""
    sorted_by: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a month of target dates; ``query`` narrows the list to it."""

    label: str
    query: str
    is_current: bool = False


class RecommendationList(ChangeList):
    """Filtered and paged as the list of pages is; actions are given recommendations."""

    request: HttpRequest
    listing: Listing

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(request, *args, **kwargs)
        self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """All that is found, for an action on every page of it.

        What the address asks and no filter knows is refused, as by Django: an action on all would
        take more than was meant.
        """
        if set(request.GET) - KNOWN:
            raise IncorrectLookupParameters
        self.filter_specs: list[Any] = []
        self.has_filters = False
        self.listing = listing(request, administered())
        self.has_active_filters = self.listing.is_filtered
        paginator: Any = self.listing.page.paginator
        found = paginator.object_list.order_by().values("pk")
        return Recommendation.objects.filter(pk__in=found)

    def get_results(self, request: HttpRequest) -> None:
        page = self.listing.page
        self.paginator: Any = page.paginator
        self.result_count = self.paginator.count
        self.result_list: Any = page.object_list
        self.show_full_result_count, self.full_result_count = False, None
        self.show_admin_actions = True
        self.can_show_all, self.multi_page = False, page.has_other_pages()

    @property
    def base_path(self) -> str:
        return reverse("admin:recommendations_recommendation_changelist")

    @property
    def kept_query(self) -> str:
        """Leads from a form back to this list as it is narrowed now."""
        query = self.request.GET.urlencode()
        return f"?{urlencode({'_changelist_filters': query})}" if query else ""

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """What the filter does not ask and its form has to keep."""
        kept = (IS_POPUP_VAR, TO_FIELD_VAR)
        return [(name, self.request.GET[name]) for name in kept if name in self.request.GET]

    @property
    def headings(self) -> list[Heading]:
        asked = self.request.GET.get("sort", "")
        return [
            Heading(css, label, self._query(sort=_turned(order, asked)), _state(order, asked))
            if order
            else Heading(css, label)
            for css, label, order in COLUMNS
        ]

    @property
    def periods(self) -> list[Period]:
        """The years of target dates; of a chosen year its months."""
        asked = self.request.GET.get("due", "")
        year = asked[:4]
        if year.isdecimal() and len(year) == 4:
            spans = {year: year} | {f"{year}-{n:02}": capfirst(MONTHS_3[n]) for n in range(1, 13)}
            return [
                Period(str(label), self._query(due=each), each == asked)
                for each, label in spans.items()
            ]
        years = cached(
            "years of target dates",
            years_of_dates,
            audience="inside",
            version=version_for(self.request.user).hash,
        )
        return [Period(str(each), self._query(due=str(each))) for each in years[-MOST_YEARS:]]

    def _query(self, **changed: str) -> str:
        """This list with other values of these fields, from its first page on."""
        asked = self.request.GET.copy()
        asked.pop("page", None)
        for name, value in changed.items():
            asked[name] = value
        return asked.urlencode()


def administered() -> Listed:
    """All of them, archived or not, by source and number."""
    found = RecommendationState.objects.order_by(*TIES)
    rows_of = partial(administered_rows, today=timezone.localdate())
    return Listed(found, AdministrationFilter, rows_of)


def _turned(order: str, asked: str) -> str:
    return f"-{order}" if asked == order else order


def _state(order: str, asked: str) -> str:
    return {order: "ascending", f"-{order}": "descending"}.get(asked, "")
