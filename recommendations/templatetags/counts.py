"""Counts with links to the list, and links to its other pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.core.paginator import Page
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    CLOSED_STATUSES,
    STATUS_ORDER,
    Age,
    Confidence,
    Flag,
    ImplementationStatus,
    Only,
    RequestState,
    ResponseKind,
    label_of_confidence,
    label_of_status,
)
from recommendations.filters.recommendations import NO_REPORT
from recommendations.models import ReportingRound
from recommendations.queries.recommendations.tally import Tally
from recommendations.queries.rounds import Tally as RoundTally
from recommendations.templatetags.chips import CONFIDENCE_TONES, STATUS_TONES, svg

# ---- How many recommendations are at each status, confidence and age: bars, and links to the list

register = template.Library()

LEAST_SHARE: Final = 6
"""Below so many hundredths a piece of a bar has no room for its number."""

_CLOSED: Final = "closed"
_BAR: Final[dict[str, str | Promise]] = {
    ImplementationStatus.IMPLEMENTED: ImplementationStatus.IMPLEMENTED.label,
    ImplementationStatus.PARTLY_IMPLEMENTED: ImplementationStatus.PARTLY_IMPLEMENTED.label,
    ImplementationStatus.IN_PROGRESS: ImplementationStatus.IN_PROGRESS.label,
    ImplementationStatus.NOT_STARTED: ImplementationStatus.NOT_STARTED.label,
    "": _("No report yet"),
    _CLOSED: _("Closed without implementation"),
}
"""Pieces of the bar of statuses, from the end to the beginning, what is closed last."""

_WORST_FIRST: Final = (
    Confidence.RED,
    Confidence.AMBER,
    Confidence.GREEN,
    Confidence.NOT_RATED,
)


_REQUESTS: Final = (
    *(RequestState.APPROVED, RequestState.AWAITING, RequestState.LATE),
    *(RequestState.EXTENDED, RequestState.OPEN, RequestState.MISSING),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a bar; its place and width are shares as SVG writes them."""

    code: str
    label: str | Promise
    number: int
    start: str
    middle: str
    width: str
    has_room: bool
    query: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """One count; ``query`` narrows the list to what is counted, of which some are openings."""

    icon: SafeString
    tone: str
    label: str | Promise
    number: int
    query: str
    openings: int = 0


@register.simple_tag
def narrowed(*queries: str, **more: str) -> str:
    """The end of an address that narrows a list: ``?theme=3&only=open``; nothing without any."""
    parts = [*queries, *(f"{name}={value}" for name, value in more.items() if value)]
    return "?" + "&".join(filter(None, parts)) if any(parts) else ""


@register.inclusion_tag("components/status_bar.html")
def status_bar(
    statuses: Mapping[str, int], openings: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The share of each status, in one bar; what is closed without implementation together.

    Below it, how many of all are ``openings``, which were taken over from a list.
    """
    counts = {code: statuses.get(code, 0) for code in _BAR if code != _CLOSED}
    counts[_CLOSED] = sum(statuses.get(code, 0) for code in CLOSED_STATUSES)
    pieces = _pieces((code, _BAR[code], number, "") for code, number in counts.items())
    return {"pieces": pieces, "openings": sum((openings or {}).values())}


@register.inclusion_tag("components/status_key.html")
def status_key() -> dict[str, Any]:
    """What the grounds of the bars of statuses mean."""
    return {"key": [(code or "none", label) for code, label in _BAR.items()]}


@register.inclusion_tag("components/age_bar.html")
def age_bar(tally: Tally, query: str) -> dict[str, Any]:
    """How long open recommendations have been open, each age with its list."""
    parts = [
        (age, Age(age).label, tally.ages[age], f"{query}&age={age}".lstrip("&"))
        for age in Age.values
    ]
    pieces = _pieces(parts)
    return {"pieces": [piece for piece in pieces if piece.number], "ages": pieces}


@register.inclusion_tag("rounds/bar.html")
def round_bar(round: ReportingRound, tally: RoundTally) -> dict[str, Any]:
    """How the requests of a round stand, with a key that leads to them."""
    states = ((state.value, state.label, tally.states[state], "") for state in _REQUESTS)
    return {"round": round, "pieces": _pieces((each for each in states if each[2]), least=4)}


@register.inclusion_tag("components/linked_counts.html")
def status_counts(tally: Tally, query: str) -> dict[str, Any]:
    """How many have each status, from implemented to no report yet."""
    return _linked(
        (
            f"status-{code or 'none'}",
            STATUS_TONES[code],
            label_of_status(code),
            tally.statuses[code],
            f"{query}&status={code or NO_REPORT}",
            tally.openings[code],
        )
        for code in STATUS_ORDER
    )


@register.inclusion_tag("components/linked_counts.html")
def confidence_counts(tally: Tally, query: str) -> dict[str, Any]:
    """How many of what is open have each confidence, the worst first."""
    return _linked(
        (
            f"confidence-{code}",
            CONFIDENCE_TONES[code],
            label_of_confidence(code),
            tally.confidences[code],
            f"{query}&only={Only.OPEN}&confidence={code}",
        )
        for code in _WORST_FIRST
    )


@register.inclusion_tag("components/linked_counts.html")
def warning_counts(tally: Tally, query: str, is_internal: bool) -> dict[str, Any]:
    """How many are contradicted, overdue or rated too long ago; the public has a list of one."""
    counts = [
        ("assurance-contradicted", "red", Flag.CONTRADICTED, tally.contradicted),
        ("calendar", "red", Flag.DATE_OVERDUE, tally.overdue),
        ("clock", "amber", Flag.RATING_OUT_OF_DATE, tally.out_of_date),
    ]
    if not is_internal:
        counts = counts[:1]
    unanswered = f"{query}&contradiction=unanswered"
    return _linked(
        (icon, tone, flag.label, number, f"{query}&flag={flag}" if is_internal else unanswered)
        for icon, tone, flag, number in counts
    )


@register.inclusion_tag("components/response_counts.html")
def response_counts(tally: Tally, query: str) -> dict[str, Any]:
    """How many addressees gave each response, beside the list of what they gave it to."""
    given = tally.responses
    missing = tally.addressed - tally.answered
    return _linked(
        (icon, tone, code.label, number, f"{query}&responses={code}")
        for code, icon, tone, number in (
            (ResponseKind.ACCEPTED, "check", "green", given[ResponseKind.ACCEPTED]),
            (ResponseKind.IN_PART, "check", "blue", given[ResponseKind.IN_PART]),
            (ResponseKind.NEITHER, "clock", "violet", given[ResponseKind.NEITHER]),
            (ResponseKind.REJECTED, "stance-undermines", "red", given[ResponseKind.REJECTED]),
            (ResponseKind.NOT_FOR_US, "arrow-right", "grey", given[ResponseKind.NOT_FOR_US]),
            (ResponseKind.WITHDRAWN, "undo", "grey", given[ResponseKind.WITHDRAWN]),
            (ResponseKind.MISSING, "clock", "grey", missing),
        )
    )


def _linked(counts: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Those that are not 0, each with its icon."""
    found = (Linked(svg(icon), *told) for icon, *told in counts)
    return {"counts": [count for count in found if count.number]}


def _pieces(
    parts: Iterable[tuple[str, str | Promise, int, str]], least: int = LEAST_SHARE
) -> list[Piece]:
    listed = list(parts)
    total = sum(number for _code, _label, number, _query in listed) or 1
    start, pieces = 0, []
    for code, label, number, query in listed:
        at, share = 100 * start / total, 100 * number / total
        pieces.append(
            Piece(
                code or "none",
                label,
                number,
                f"{at:.2f}%",
                f"{at + share / 2:.2f}%",
                f"{share:.2f}%",
                share >= least,
                query,
            )
        )
        start += number
    return pieces


# ---- Links to the other pages of a list


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any]) -> dict[str, Any]:
    """Links to the other pages that keep the filters; nothing when there is one page."""
    filters = [
        (key, value)
        for key, values in context["request"].GET.lists()
        if key != "page"
        for value in values
        if value
    ]

    def query(number: int) -> str:
        return urlencode([*filters, ("page", number)])

    links = [
        {
            "number": number,
            "query": query(number) if isinstance(number, int) else "",
            "is_current": number == page.number,
        }
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]
    is_counted = not getattr(page.paginator, "is_capped", False)
    return {
        "page": page,
        # How many rows come after it.
        "left": page.paginator.count - page.end_index() if is_counted else "",
        "links": links,
        "previous": query(page.number - 1),
        "next": query(page.number + 1),
    }
