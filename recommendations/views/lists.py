"""Lists: what each holds, its filter, its columns, its page and its file.

Every list is a ``Listed``: a query that filters and orders, ``rows_of``, which reads the rows of
the ids of one page (``queries/listed.py``), and the columns of its file (``exports/lists.py``).
``list_page`` above a function that gives one makes both views of it, the page and the file, which
therefore have the same rows for the same reader. A list that is a part of another page has a
``list_file``, and its page calls ``listing(request, listed)``.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest
from django.core.paginator import EmptyPage, InvalidPage, Page, Paginator
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.columns import readable
from recommendations.exports import FORMATS, Sheet
from recommendations.exports import lists as columns
from recommendations.exports.formats import BATCH
from recommendations.exports.recommendations import (
    past_sheet,
    recommendation_lines,
    recommendation_sheet,
)
from recommendations.filters.base import ListFilter, Tag
from recommendations.filters.lists import (
    AuditEventFilter,
    EvidenceFilter,
    FigureFilter,
    IndicatorFilter,
    PublicEvidenceFilter,
)
from recommendations.filters.recommendations import (
    TIES,
    AddresseeFilter,
    AreaFilter,
    PastFilter,
    PublicAddresseeFilter,
    PublicAreaFilter,
    PublicPastFilter,
    PublicRecommendationFilter,
    RecommendationFilter,
)
from recommendations.models import (
    Addressee,
    Area,
    AuditEvent,
    Evidence,
    EvidenceLink,
    Indicator,
    Organisation,
    Part,
    Recommendation,
    RecommendationRelation,
    RecommendationState,
    SavedView,
    Source,
    StatusUpdate,
    SteeringDecision,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.models.base import readable_links
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.permissions import Person
from recommendations.queries.areas import area_rows, area_tallies
from recommendations.queries.dates import date_rows, dates_of, source_dates
from recommendations.queries.days import Days
from recommendations.queries.evidence.items import evidence_rows
from recommendations.queries.exceptions.report import cases_of
from recommendations.queries.exceptions.rules import Limits, Rule, sentence_of
from recommendations.queries.indicators.detail import (
    areas_with_values,
    recorded_figures,
    values_in_order,
)
from recommendations.queries.indicators.rows import indicator_rows
from recommendations.queries.listed import (
    A_PAGE,
    Found,
    RowsOf,
    column_names,
    ids_of,
    read_rows,
    rows_in_order,
)
from recommendations.queries.log.conditions import last_verified
from recommendations.queries.log.words import head_of_chain, log_acts, log_rows
from recommendations.queries.recommendations.past.listed import kept_of_then, rows_then
from recommendations.queries.recommendations.rows import rows_by_id
from recommendations.queries.responses import action_rows, addressee_row
from recommendations.queries.signoffs import listed_sign_offs
from recommendations.queries.updates.review_queue import Place, queue_of, queue_rows
from recommendations.state.urgency import in_order, urgency
from recommendations.views.access import View, is_reader, open_to, require_followed_outside
from recommendations.views.conditional import shows_record

MOST_COUNTED = 10_000
"""Counting stops here: an exact count is the one thing that makes a long list slow."""
MOST_PAGES = 1_000_000
"""No address leads further; a database refuses larger offsets."""


class CappedPaginator(Paginator):
    """Pages of ids, and of their rows; counts to a cap, and ``is_capped`` where there are more.

    Beyond the cap pages go on, one after the other, until one has no rows. Ids that are there
    already, unless they are ``is_cut``, and what ``exactly`` counts, are counted to the last.
    """

    object_list: Found

    def __init__(
        self,
        found: Found,
        rows_of: RowsOf | None,
        per_page: int,
        exactly: Callable[[], int] | None = None,
        most: int | None = None,
        *,
        is_cut: bool = False,
    ) -> None:
        super().__init__(found, per_page)
        self.is_cut = is_cut
        self.rows_of = rows_of
        self.exactly = exactly
        self.most = MOST_COUNTED if most is None else most

    @cached_property
    def count(self) -> int:
        is_query = isinstance(self.object_list, QuerySet) and self.exactly is None
        return min(self.counted, self.most) if is_query or self.is_cut else self.counted

    @cached_property
    def counted(self) -> int:
        """How many there are; of a query to one beyond the cap."""
        if self.exactly is not None:
            return self.exactly()
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        # Keys alone: the columns that a page shows would be worked out for each row counted.
        return self.object_list.order_by().values("pk")[: self.most + 1].count()

    @property
    def is_capped(self) -> bool:
        return self.counted > self.count

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
        found = ids_of(self.object_list) if self.rows_of else self.object_list
        ids = list(found[first : first + self.per_page + 1]) if self.count else []
        if not ids and number > 1:
            raise EmptyPage(self.error_messages["no_results"])
        return CappedPage(ids, number, self)


class CappedPage(Page[Any]):
    """A page that is known by its ids; its rows are read where they are asked for.

    Without ``rows_of`` the ids are the rows.

    Whether there is a next one ``ids`` tell, one more than a page has: the count may have stopped
    before.
    """

    paginator: CappedPaginator

    def __init__(self, ids: Sequence[Any], number: int, paginator: CappedPaginator) -> None:
        self.ids, self.number, self.paginator = ids[: paginator.per_page], number, paginator
        self.has_more = len(ids) > paginator.per_page

    @cached_property
    def object_list(self) -> list[Any]:  # type: ignore[override]
        rows_of = self.paginator.rows_of
        return rows_in_order(self.ids, rows_of) if rows_of else list(self.ids)

    def has_next(self) -> bool:
        return self.has_more


@dataclass(frozen=True, slots=True)
class Listing:
    """A filtered page of a list; ``status`` is the code to answer with.

    ``filter`` has the form to draw, which takes long; a short list has none.
    ``asked`` is that part of it of which something is asked, and words. ``tags`` are what the list
    is narrowed by, one by one.
    """

    filter: Any
    asked: Any
    page: Page[Any]
    status: int
    tags: Sequence[Tag] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether there is something to clear: a filter that holds, or one that is invalid."""
        return bool(self.tags) or self.status == HTTPStatus.BAD_REQUEST

    @property
    def narrowing(self) -> int:
        """By how many filters it is narrowed, words apart."""
        return sum(tag.name != self.asked.WORDS for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as one reader has it: its rows with their order, its filter, its columns.

    ``found`` needs what is filtered and sorted by, and no more; its order ends with the key. Where
    nothing filters it, it may be the ids themselves, and without ``rows_of`` the rows. ``exactly``
    counts a short list to the last. ``errors`` say what is wrong with what the address asks, beside
    the filter.

    ``sheet`` puts rows into the columns of the file, each for whom it is; ``lines_of`` reads them
    where the file has more than the page. ``beside`` is what the template takes but for ``listing``
    and its ``page``, of which the ``rows`` are.
    """

    found: Any
    filter_class: Callable[..., ListFilter] | None = None
    rows_of: RowsOf | None = None
    sheet: Callable[[Iterable[Any]], Sheet] = lambda rows: Sheet("", (), rows)
    lines_of: RowsOf | None = None
    kept: Callable[[ListFilter], Sequence[int]] | None = None
    """Of a past day, which is kept: the ids that a valid filter finds, in place of ``found``."""
    beside: Callable[[Listing], dict[str, Any]] | None = None
    exactly: Callable[[], int] | None = None
    per_page: int = A_PAGE
    errors: Sequence[str] = ()

    def filters(self, request: HttpRequest, asked: QueryDict | None = None) -> Any:
        """Its filter with what the address asks, or another query; nothing for a list of none."""
        if self.filter_class is None:
            return None
        data = request.GET if asked is None else asked
        return self.filter_class(data, queryset=self.found, request=request)

    def found_by(self, filters: ListFilter) -> Found:
        """What a valid filter finds, in its order."""
        found: Found = self.kept(filters) if self.kept else filters.qs
        return found


Wrap = Callable[[View], View]
_safe: Wrap = require_safe
ListOf = Callable[..., Listed]


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list with whom it is open to, and the view of all its rows as a file."""

    list_of: ListOf
    is_open: Callable[[Person], bool]
    file: View


@dataclass(frozen=True, slots=True)
class ListPage(ListFile):
    """The two views of a list: its page, and the same rows as a file."""

    page: View

    def paths(self, address: str, name: str, file: str) -> list[URLPattern]:
        """Where both stand, under these names."""
        return [
            path(address, self.page, name=name),
            path(f"{address}export/", self.file, name=file),
        ]


def list_page(
    template: str,
    is_open: Callable[[Person], bool],
    *around: Wrap,
    around_file: Sequence[Wrap] = (),
) -> Callable[[ListOf], ListPage]:
    """Makes a function that gives a list for a request into the page and the file of that list.

    ``is_open`` says who may have both; ``around`` stands around the page, outermost first.
    """

    def made(list_of: ListOf) -> ListPage:
        @wraps(list_of)
        def page(request: HttpRequest, **about: Any) -> HttpResponse:
            listed = list_of(request, **about)
            shown = listing(request, listed)
            context = {"listing": shown, "page": shown.page, "rows": shown.page}
            context |= listed.beside(shown) if listed.beside else {}
            return render(request, template, context, status=shown.status)

        view = _wrapped(page, is_open, around)
        return ListPage(list_of, is_open, list_file(is_open, *around_file)(list_of).file, view)

    return made


def list_file(is_open: Callable[[Person], bool], *around: Wrap) -> Callable[[ListOf], ListFile]:
    """Makes a function that gives a list for a request into the file of all that is found."""

    def made(list_of: ListOf) -> ListFile:
        @wraps(list_of)
        def file(request: HttpRequest, **about: Any) -> HttpResponseBase:
            return send(request, found_sheet(request, list_of(request, **about)))

        return ListFile(list_of, is_open, _wrapped(file, is_open, around))

    return made


def _wrapped(view: View, is_open: Callable[[Person], bool], around: Sequence[Wrap]) -> View:
    for wrap in (*reversed(around), open_to(is_open), _safe):
        view = wrap(view)
    return view


def found_sheet(request: HttpRequest, listed: Listed) -> Sheet:
    """What the filter finds, with all of its columns; a wrong filter is refused."""
    found = listed.found
    if listed.errors:
        raise BadRequest(" ".join(listed.errors))
    if (filters := listed.filters(request)) is not None:
        if not filters.is_valid():
            raise BadRequest(_("The filter has an invalid value."))
        found = listed.found_by(filters)
    rows_of = listed.lines_of or listed.rows_of
    return listed.sheet(read_rows(found, rows_of, BATCH) if rows_of else found)


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


def listing(request: HttpRequest, listed: Listed) -> Listing:
    """Filter and page a list as the address asks. With a wrong filter the page is empty."""
    whole, filters = listed.filters(request), listed.filters(request)
    is_valid, found = not listed.errors, listed.found
    if filters is not None:
        filters.leave_unasked()
        is_valid = filters.is_valid()
        found = listed.found_by(filters) if is_valid else found.none()
    most = filters.most_counted if filters is not None and is_valid else None
    paginator = CappedPaginator(found, listed.rows_of, listed.per_page, listed.exactly, most)
    tags: Sequence[Tag] = ()
    if filters is not None and is_valid:
        tags = filters.tags
        if isinstance(found, QuerySet):
            paginator.object_list = filters.ordered(found, paginator.counted)
    page = requested_page(request, paginator)
    status = HTTPStatus.OK if is_valid else HTTPStatus.BAD_REQUEST
    return Listing(whole, filters, page, status, tags)


def requested_page(request: HttpRequest, paginator: Paginator) -> Page[Any]:
    """The page that the address names; 404 where there is none. A PDF has longer pages."""
    paginator.per_page = getattr(request, "most_rows", paginator.per_page)
    try:
        return paginator.page(request.GET.get("page", "1"))
    except InvalidPage as error:
        raise Http404(_("This page does not exist")) from error


# ---- the lists


def recommendations(person: Person, today: date, days: Days | None = None) -> Listed:
    """The worst first; what is archived is shown inside, and only when asked for."""
    is_internal = permissions.can_read_internally(person)
    if days is not None:
        return _recommendations_then(person, days)
    return Listed(
        RecommendationState.objects.status_visible_to(person).order_by(
            in_order(person, today), *TIES
        ),
        RecommendationFilter if is_internal else PublicRecommendationFilter,
        lambda ids: rows_by_id(person, ids, today),
        partial(recommendation_sheet, person=person),
        lines_of=recommendation_lines(person, today),
    )


def _recommendations_then(person: Person, days: Days) -> Listed:
    """The same of a past day; what a filter finds of it is kept."""

    def kept(filters: ListFilter) -> Sequence[int]:
        def ask(states: RecommendationStateQuerySet) -> Sequence[int]:
            seen = states.status_visible_to(person).order_by(urgency(person, days.as_of), *TIES)
            found = filters.filter_queryset(seen)
            return array("q", ids_of(filters.ordered(found, found.count())))

        parts = filters.asked
        return kept_of_then("ids of a past list", ask, days=days, person=person, parts=parts)

    is_internal = permissions.can_read_internally(person)
    return Listed(
        RecommendationState.objects.none(),
        partial(PastFilter if is_internal else PublicPastFilter, days=days),
        lambda ids: rows_then(list(ids), days, person),
        partial(past_sheet, days=days),
        kept=kept,
    )


def recommendation_filter(request: HttpRequest, asked: QueryDict) -> Any:
    """The filter of the list for this reader, with the fields of which something is asked."""
    filters = recommendations(request.user, timezone.localdate()).filters(request, asked)
    filters.leave_unasked()
    return filters


def view_members(view: SavedView, person: User) -> QuerySet[Any] | None:
    """The kept states that a saved view shows to a person; none where it can no longer be asked."""
    request = HttpRequest()
    request.user = person
    filters = recommendation_filter(request, QueryDict(view.query))
    return filters.qs if filters.is_valid() else None


@list_page("evidence/list.html", is_reader, shows_record)
def evidence_list(request: HttpRequest) -> Listed:
    """Evidence items that the reader may see, by title."""
    person = request.user
    is_internal = permissions.can_read_internally(person)
    return Listed(
        Evidence.objects.visible_to(person).order_by("title", "pk"),
        EvidenceFilter if is_internal else PublicEvidenceFilter,
        partial(evidence_rows, person=person),
        partial(Sheet, "evidence", columns.EVIDENCE),
        beside=lambda shown: {"is_internal": is_internal, "today": timezone.localdate()},
    )


@list_page("indicators/list.html", is_reader, shows_record)
def indicator_list(request: HttpRequest) -> Listed:
    """Indicators by code, with what they measure and their newest figure."""
    return Listed(
        Indicator.objects.visible_to(request.user).order_by("code", "pk"),
        IndicatorFilter,
        partial(indicator_rows, person=request.user),
        partial(Sheet, "indicators", columns.INDICATORS),
        beside=lambda _shown: {"may_import": permissions.can_record(request.user)},
    )


def figures(indicator: Indicator, person: Person) -> Listed:
    """The figures of one indicator, newest first."""
    return Listed(
        values_in_order(indicator),
        FigureFilter,
        recorded_figures(person).in_bulk,
        partial(columns.figure_sheet, indicator),
    )


@list_file(is_reader)
def figure_file(request: HttpRequest, code: str) -> Listed:
    """The same as a file, as the page of the indicator filters them."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    filter_class = partial(FigureFilter, areas=areas_with_values(indicator))
    return replace(figures(indicator, request.user), filter_class=filter_class)


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
    return Listed(
        found.order_by(*order),
        AreaFilter if is_internal else PublicAreaFilter,
        partial(area_rows, person=person),
        partial(Sheet, "areas", columns.AREAS),
        beside=lambda _shown: {"may_import": permissions.can_import_areas(person)},
    )


@list_page("areas/list.html", is_reader, shows_record)
def area_list(request: HttpRequest) -> Listed:
    """The areas."""
    return areas(request.user)


def responses(about: Recommendation | None, person: Person, today: date) -> Listed:
    """The addressees of a recommendation, or of all, with what they say, by name."""
    rows = Addressee.objects.with_response().with_own_state(today).by_name()
    rows = rows.annotate(reference=F("recommendation__reference"))
    is_internal = permissions.can_read_internally(person)

    def rows_of(ids: Sequence[int]) -> dict[int, Any]:
        found: dict[int, Any] = rows.in_bulk(ids)
        return {
            pk: replace(addressee_row(each, person, today), reference=each.reference)
            for pk, each in found.items()
        }

    return Listed(
        Addressee.objects.living().filter(_of(about, person)).by_name(),
        AddresseeFilter if is_internal else PublicAddresseeFilter,
        rows_of,
        partial(Sheet, "responses", columns.RESPONSES),
    )


def _of(about: Recommendation | None, person: Person) -> Q:
    """What belongs to a recommendation, or to any of which the reader may see the status."""
    if about is not None:
        return Q(recommendation=about.pk)
    seen = Recommendation.objects.status_visible_to(person).order_by()
    return Q(recommendation__in=seen.values("pk"))


def _seen(request: HttpRequest, reference: str) -> Recommendation:
    """A recommendation of which the reader may see the status; else 404, or 410 if archived."""
    seen = Recommendation.objects.visible_to(request.user)
    found: Recommendation = get_object_or_404(seen, reference=reference)
    require_followed_outside(found, request.user)
    return found


@list_file(is_reader)
def response_file(request: HttpRequest, reference: str) -> Listed:
    """The same as a file."""
    return responses(_seen(request, reference), request.user, timezone.localdate())


OF_EVENTS = (
    *("at", "verb", "object_type", "object_id", "payload", "request_id", "previous_hash"),
    *("hash", "reason__text", "recommendation__reference", *column_names("actor")),
    *("actor__is_demonstration", "token__name", "token__prefix"),
)
"""Columns that a row of the log shows, or its file has."""


@list_page("oversight/log.html", permissions.can_read_log)
def audit_log(_request: HttpRequest) -> Listed:
    """Every event, newest first, those of one act together, with the head of the chain."""
    rows = AuditEvent.objects.select_related("actor", "reason", "recommendation", "token").only(
        *OF_EVENTS
    )

    def lines_of(ids: Sequence[int]) -> dict[int, Any]:
        return {row.event.pk: row for row in log_rows(rows.in_bulk(ids).values())}

    def beside(shown: Listing) -> dict[str, Any]:
        head = head_of_chain()
        acts = log_acts(log_rows(shown.page, shown.asked.wanted_rows))
        return {"acts": acts, "head": head, "verified": last_verified(head)}

    return Listed(
        AuditEvent.objects.order_by("-sequence"),
        AuditEventFilter,
        rows.in_bulk,
        partial(Sheet, "events", columns.EVENTS),
        lines_of=lines_of,
        beside=beside,
    )


@list_page("dates/source.html", permissions.can_read_internally, shows_record)
def source_date_list(request: HttpRequest, slug: str) -> Listed:
    """How the dates of one source have changed, one row a recommendation."""
    source = get_object_or_404(Source, slug=slug)
    sums = source_dates(source)
    return Listed(
        dates_of(source),
        rows_of=date_rows,
        sheet=partial(Sheet, "dates", columns.DATES),
        exactly=lambda: sums["total"],
        beside=lambda _shown: {"source": source, "sums": sums, "today": timezone.localdate()},
    )


@list_page("exceptions/list.html", permissions.can_read_exceptions)
def exception_list(_request: HttpRequest, rule: str) -> Listed:
    """What one rule finds, where no other list shows it."""
    code = Rule(rule) if rule in Rule.values else None
    found = cases_of(code, timezone.localdate()) if code else None
    if code is None or found is None:
        raise Http404
    sentence = sentence_of(code, Limits.of_site())
    return Listed(
        found.keys,
        rows_of=lambda keys: dict(zip(keys, found.read(keys), strict=False)),
        sheet=partial(Sheet, f"exceptions-{code.value}", columns.CASES),
        exactly=found.keys.count if isinstance(found.keys, QuerySet) else None,
        beside=lambda _shown: {"rule": code, "code": code.value, "sentence": sentence},
    )


@list_file(permissions.can_read_internally)
def sign_off_file(request: HttpRequest) -> Listed:
    """All sign-offs, each with its digest and the entry of the audit log that it names."""
    sheet = partial(Sheet, "sign-offs", columns.SIGN_OFFS)
    return Listed(listed_sign_offs(request.user), sheet=sheet)


# ---- lists that are read through the API; pages show them as parts of others


@list_file(is_reader)
def source_file(request: HttpRequest) -> Listed:
    """Sources that the reader may see."""
    found = Source.objects.visible_to(request.user).order_by("title", "pk")
    return Listed(found, sheet=partial(Sheet, "sources", columns.SOURCES))


@list_file(permissions.can_read_internally)
def organisation_file(_request: HttpRequest) -> Listed:
    """All organisations, by name."""
    found = Organisation.objects.select_related("successor").order_by("name", "pk")
    return Listed(found, sheet=partial(Sheet, "organisations", columns.ORGANISATIONS))


@list_file(is_reader)
def part_file(request: HttpRequest, reference: str = "") -> Listed:
    """The parts of a recommendation, or of all, in order."""
    about = _seen(request, reference) if reference else None
    found = Part.objects.living().filter(_of(about, request.user))
    rows = found.annotate(reference=F("recommendation__reference")).order_by("position", "pk")
    return Listed(rows, sheet=partial(Sheet, "parts", columns.PARTS))


@list_file(permissions.can_read_internally)
def relation_file(request: HttpRequest, reference: str) -> Listed:
    """What a recommendation depends on or is related to."""
    found = RecommendationRelation.objects.live().filter(
        recommendation=_seen(request, reference).pk
    )
    rows = found.select_related("other").order_by("kind", "pk")
    return Listed(rows, sheet=partial(Sheet, "relations", columns.RELATIONS))


@list_file(permissions.can_read_internally)
def action_file(request: HttpRequest, reference: str) -> Listed:
    """The actions of a recommendation, as its page orders them."""
    found = action_rows(_seen(request, reference), request.user, timezone.localdate())
    return Listed(found, sheet=partial(Sheet, "actions", columns.ACTIONS))


@list_file(permissions.can_read_internally)
def theme_file(_request: HttpRequest) -> Listed:
    """All themes, by name."""
    return Listed(
        Theme.objects.order_by("name", "pk"), sheet=partial(Sheet, "themes", columns.THEMES)
    )


@list_file(permissions.can_read_internally)
def date_change_file(request: HttpRequest, reference: str) -> Listed:
    """The ledger of the target date of a recommendation, as its page orders it."""
    found = TargetDateChange.objects.visible_to(request.user).filter(
        recommendation=_seen(request, reference).pk
    )
    rows = found.select_related("recommendation", "requested_by", "decided_by")
    sheet = partial(Sheet, "date-changes", columns.DATE_CHANGES)
    return Listed(rows.order_by("number", "pk"), sheet=sheet)


@list_file(permissions.can_read_internally)
def import_file(request: HttpRequest, code: str) -> Listed:
    """The files that values of an indicator came from, newest first."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    found = indicator.imports.select_related("by", "undone_by").order_by("-at", "-pk")
    return Listed(found, sheet=partial(Sheet, "imports", columns.IMPORTS))


@list_file(permissions.can_read_internally)
def revision_file(request: HttpRequest, number: int) -> Listed:
    """The files of an evidence item, the newest first."""
    item = get_object_or_404(Evidence.objects.visible_to(request.user), pk=number)
    found = item.revisions.select_related("file", "added_by").order_by("-number")
    return Listed(found, sheet=partial(Sheet, "files-of-evidence", columns.FILES))


@list_file(permissions.can_read_internally)
def update_file(request: HttpRequest, reference: str = "") -> Listed:
    """Updates that the reader may see, of all recommendations or of one, newest first."""
    person = request.user
    found = StatusUpdate.objects.visible_to(person).order_by("-as_of", "-pk")
    if reference:
        found = found.filter(recommendation=_seen(request, reference).pk)
    rows = StatusUpdate.objects.with_people().select_related("recommendation")
    return Listed(found, rows_of=rows.in_bulk, sheet=partial(columns.update_sheet, person=person))


@list_file(permissions.can_read_internally)
def link_file(request: HttpRequest, number: int) -> Listed:
    """The evidence of an update that the reader may see."""
    person = request.user
    update = get_object_or_404(StatusUpdate.objects.visible_to(person), pk=number)
    found = EvidenceLink.objects.live().filter(readable_links(person), update=update.pk)
    rows = found.select_related("evidence", "added_by").order_by("pk")
    return Listed(rows, sheet=partial(Sheet, "evidence-of-update", columns.LINKS))


@list_file(permissions.can_read_internally)
def decision_file(request: HttpRequest) -> Listed:
    """What bodies decided on what updates ask for, those withdrawn too, newest first."""
    seen = StatusUpdate.objects.visible_to(request.user).order_by()
    found = SteeringDecision.objects.filter(update__in=seen.values("pk"))
    people = ("recorded_by", "removed_by", "update__recommendation")
    return Listed(
        found.select_related(*people).order_by("-decided_on", "-pk"),
        sheet=partial(columns.decision_sheet, person=request.user),
    )


@list_file(permissions.can_review)
def proposal_file(request: HttpRequest) -> Listed:
    """What waits for a decision of the reader, in the order of the review queue."""

    def rows_of(places: Sequence[Place]) -> dict[Place, Any]:
        rows = {(int(row.is_date), row.pk): row for row in queue_rows(places)}
        return {place: rows[place.key] for place in places if place.key in rows}

    return Listed(
        queue_of(request.user),
        rows_of=rows_of,
        sheet=partial(Sheet, "proposals", columns.PROPOSALS),
    )
