"""The overview of a source: its counts, its headline sentence, and what needs attention."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from recommendations import permissions
from recommendations.choices import (
    STATUS_ORDER,
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    UpdateState,
)
from recommendations.models import Recommendation, Source, StatusUpdate, readable_links
from recommendations.models.recommendations.queries import RecommendationQuerySet
from recommendations.permissions import Person
from recommendations.queries.people import decider_names, with_deciders
from recommendations.queries.recommendations.rows import (
    PUBLIC_FLAGS,
    SEVERITY,
    RecommendationRow,
    recommendation_rows,
)


def number_word(number: int) -> str:
    """Numbers up to nine as words, larger ones as digits."""
    words = (
        pgettext("number", "one"),
        pgettext("number", "two"),
        pgettext("number", "three"),
        pgettext("number", "four"),
        pgettext("number", "five"),
        pgettext("number", "six"),
        pgettext("number", "seven"),
        pgettext("number", "eight"),
        pgettext("number", "nine"),
    )
    return words[number - 1] if 0 < number < 10 else str(number)


def status_clause(code: str, number: int) -> str:
    """How many stand at one status, as a clause without its full stop."""
    n = {"n": number_word(number)}
    match code:
        case "":
            return (
                ngettext("%(n)s has never been reported", "%(n)s have never been reported", number)
                % n
            )
        case ImplementationStatus.NOT_STARTED:
            return ngettext("%(n)s has not started", "%(n)s have not started", number) % n
        case ImplementationStatus.IN_PROGRESS:
            return ngettext("%(n)s is in progress", "%(n)s are in progress", number) % n
        case ImplementationStatus.PARTLY_IMPLEMENTED:
            return (
                ngettext("%(n)s is partly implemented", "%(n)s are partly implemented", number) % n
            )
        case ImplementationStatus.IMPLEMENTED:
            return ngettext("%(n)s is implemented", "%(n)s are implemented", number) % n
        case ImplementationStatus.NOT_IMPLEMENTED:
            return (
                ngettext(
                    "%(n)s is closed without being implemented",
                    "%(n)s are closed without being implemented",
                    number,
                )
                % n
            )
        case ImplementationStatus.NO_LONGER_APPLICABLE:
            return ngettext("%(n)s no longer applies", "%(n)s no longer apply", number) % n
        case _superseded:
            return ngettext("%(n)s is superseded", "%(n)s are superseded", number) % n


def in_effect_clause(number: int) -> str:
    """How many continuous ones are carried out: they are never simply implemented."""
    n = {"n": number_word(number)}
    return (
        ngettext(
            "%(n)s is in effect, kept under review",
            "%(n)s are in effect, kept under review",
            number,
        )
        % n
    )


def off_track_clause(number: int, past_date: int, contradicted: int) -> str:
    """How many are off track, and of how many of them two other things are true as well."""
    clause = ngettext("%(n)s is off track", "%(n)s are off track", number) % {
        "n": number_word(number)
    }
    if number == 1:
        qualities = [
            *([_("past its date")] if past_date else []),
            *([_("contradicted")] if contradicted else []),
        ]
        return join_clauses([clause, *qualities])
    parts = [clause]
    if past_date:
        parts.append(_("%s of them past the date") % number_word(past_date))
    if contradicted:
        parts.append(_("%s of them contradicted") % number_word(contradicted))
    return _(", ").join(parts)


def further_clause(code: str, number: int, *, is_first: bool) -> str:
    """How many more are contradicted, past their dates or at risk; not "more" where it is first."""
    n = {"n": number_word(number) if is_first else _("%s more") % number_word(number)}
    match code:
        case Flag.CONTRADICTED:
            return ngettext("%(n)s is contradicted", "%(n)s are contradicted", number) % n
        case Flag.DATE_OVERDUE:
            return ngettext("%(n)s is past its date", "%(n)s are past their dates", number) % n
        case _at_risk:
            return ngettext("%(n)s is at risk", "%(n)s are at risk", number) % n


def join_clauses(parts: Sequence[str]) -> str:
    """Parts with commas, and “and” before the last of three or more."""
    if len(parts) < 3:
        return _(", ").join(parts)
    return _("%(first)s and %(last)s") % {"first": _(", ").join(parts[:-1]), "last": parts[-1]}


def compose_sentence(clauses: Sequence[str], separator: str) -> str:
    """Clauses as one sentence; empty for none."""
    return f"{capfirst(separator.join(clauses))}." if clauses else ""


ROWS_A_PAGE = 50
"""Recommendations on one page of an overview; beyond that it is paged and grouped by status."""

ATTENTION_CARDS = 6
"""Cards that are shown; for the rest there is a link to the list."""


@dataclass(slots=True)
class Tally:
    """Counts over the followed recommendations of a source, for one reader."""

    total: int = 0
    continuous_in_effect: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    confidences: Counter[str] = field(default_factory=Counter)
    out_of_date: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    to_decide: int = 0
    dates_to_decide: int = 0
    off_track: int = 0
    off_track_overdue: int = 0
    off_track_contradicted: int = 0
    further: Counter[str] = field(default_factory=Counter)
    """Those not off track: contradicted, else past their date, else at risk."""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the overview of one source shows, apart from its page of rows."""

    tally: Tally
    state: str
    worst: str
    rests_on: tuple[str, ...]
    attention: tuple[RecommendationRow, ...]
    has_more_attention: bool

    @property
    def total_in_words(self) -> str:
        return number_word(self.tally.total) if self.tally.total else _("no")


def build_overview(source: Source, person: Person, today: date) -> Overview:
    """Read one source for one person: two queries, three for a manager who wrote what waits."""
    found = Recommendation.objects.visible_to(person).filter(source=source).followed()
    tally = build_tally(
        found.with_flags(today, readable_links(person)).with_submitted(person).tally()
    )
    if not permissions.can_read_internally(person):
        tally.waiting = 0
    cards, has_more = _attention(found, person, today)
    return Overview(
        tally=tally,
        state=_state_sentence(tally),
        worst=_worst_sentence(tally),
        rests_on=tuple(_basis(tally)),
        attention=tuple(cards),
        has_more_attention=has_more,
    )


def status_rank() -> Case:
    """The place of a row's status in ``STATUS_ORDER``, to group long overviews by."""
    return Case(
        *(
            When(current_update__implementation_status=code, then=Value(place))
            for place, code in enumerate(STATUS_ORDER)
            if code
        ),
        default=Value(STATUS_ORDER.index("")),
        output_field=IntegerField(),
    )


def build_tally(groups: Iterable[Mapping[str, Any]]) -> Tally:
    """Add the groups of ``RecommendationQuerySet.tally`` up."""
    tally = Tally()
    for group in groups:
        n = group["n"]
        status = group["current_update__implementation_status"] or ""
        confidence = group["current_update__confidence"] or Confidence.NOT_RATED
        tally.total += n
        tally.statuses[status] += n
        if status == ImplementationStatus.IMPLEMENTED and group["nature"] == Nature.CONTINUOUS:
            tally.continuous_in_effect += n
        counted = tally.out_of_date if group["has_rating_out_of_date"] else tally.confidences
        counted[confidence] += n
        is_off_track = confidence == Confidence.RED
        tally.waiting += group["waiting"]
        tally.to_decide += group["to_decide"]
        tally.dates_to_decide += group["dates_to_decide"]
        tally.off_track += n * is_off_track
        tally.off_track_overdue += n * (is_off_track and group["has_date_overdue"])
        tally.off_track_contradicted += n * (is_off_track and group["has_contradicted"])
        if not is_off_track:
            tally.further[_worst_of(group, confidence)] += n
        days = [day for day in (tally.first, group["first"]) if day]
        tally.first = min(days, default=None)
        tally.last = max((day for day in (tally.last, group["last"]) if day), default=None)
    return tally


def _worst_of(group: Mapping[str, Any], confidence: str) -> str:
    """The worst that is true of recommendations which are not off track."""
    if group["has_contradicted"]:
        return Flag.CONTRADICTED
    return Flag.DATE_OVERDUE if group["has_date_overdue"] else confidence


def _state_sentence(tally: Tally) -> str:
    in_effect = tally.continuous_in_effect
    clauses = [in_effect_clause(in_effect)] if in_effect else []
    for code in STATUS_ORDER:
        number = tally.statuses[code]
        if code == ImplementationStatus.IMPLEMENTED:
            number -= in_effect
        if number:
            clauses.append(status_clause(code, number))
    return compose_sentence(clauses, _(", "))


def _worst_sentence(tally: Tally) -> str:
    """What is worst; each recommendation is counted once, by the worst that is true of it."""
    clauses = []
    if tally.off_track:
        clauses.append(
            off_track_clause(tally.off_track, tally.off_track_overdue, tally.off_track_contradicted)
        )
    for code in (Flag.CONTRADICTED, Flag.DATE_OVERDUE, Confidence.AMBER):
        if number := tally.further[code]:
            clauses.append(further_clause(code, number, is_first=not clauses))
    return compose_sentence(clauses, _("; "))


def _basis(tally: Tally) -> Sequence[str]:
    """What makes the page safe to quote: the days it speaks of, and what is missing."""
    parts = []
    stale = sum(tally.out_of_date.values())
    never = tally.statuses[""]
    if stale:
        parts.append(
            ngettext("%(n)d rating out of date", "%(n)d ratings out of date", stale) % {"n": stale}
        )
    if never:
        parts.append(ngettext("%(n)d never reported", "%(n)d never reported", never) % {"n": never})
    if tally.waiting:
        parts.append(
            ngettext("%(n)d update awaits review", "%(n)d updates await review", tally.waiting)
            % {"n": tally.waiting}
        )
    return parts


def _attention(
    found: RecommendationQuerySet, person: Person, today: date
) -> tuple[list[RecommendationRow], bool]:
    """The recommendations that need somebody, worst first, and whether there are more."""
    flags = SEVERITY if permissions.can_read_internally(person) else PUBLIC_FLAGS
    severity = Case(
        *(When(**{f"has_{flag}": True}, then=Value(rank)) for rank, flag in enumerate(flags)),
        default=Value(len(flags)),
        output_field=IntegerField(),
    )
    flagged = (
        found.for_rows(person, today)
        .with_any_flag(list(flags))
        .annotate(severity=severity)
        .order_by("severity", "number", "pk")
    )
    cards = list(flagged[: ATTENTION_CARDS + 1])
    rows = recommendation_rows(person, cards[:ATTENTION_CARDS], today)
    return _with_deciders(rows, person), len(cards) > ATTENTION_CARDS


def _with_deciders(rows: list[RecommendationRow], person: Person) -> list[RecommendationRow]:
    """Where a manager wrote what waits: who decides on it instead. A query only if there is any."""
    own = [row.pk for row in rows if row.reported_status and not row.decidable_id]
    if not own or not permissions.can_review(person):
        return rows
    waiting = StatusUpdate.objects.filter(
        recommendation__in=own, addressee__isnull=True, state=UpdateState.SUBMITTED
    )
    found = with_deciders(waiting).select_related("recommendation__reviewer")
    whom = {update.recommendation_id: decider_names(update) for update in found.order_by("pk")}
    return [replace(row, waits_with=whom.get(row.pk or 0, "")) for row in rows]
