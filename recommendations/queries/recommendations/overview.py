"""The overview of a source: its counts, its headline sentence, and what needs attention."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from recommendations import permissions
from recommendations.choices import (
    STATUS_ORDER,
    Confidence,
    Flag,
    ImplementationStatus,
    UpdateState,
)
from recommendations.models import AuditEvent, Source, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.people import decider_names, with_deciders
from recommendations.queries.recommendations.rows import RecommendationRow, rows_by_id
from recommendations.queries.recommendations.tally import (
    Tally,
    Waiting,
    most_urgent,
    read_tally,
    read_waiting,
)

T = TypeVar("T")


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


@dataclass(frozen=True, slots=True)
class Overview:
    """What the overview of one source shows, apart from its rows.

    ``attention`` are the ids of the recommendations that need somebody, worst first.
    """

    tally: Tally
    waiting: Waiting
    state: str
    worst: str
    rests_on: tuple[str, ...]
    attention: tuple[int, ...]
    has_more_attention: bool

    @property
    def total_in_words(self) -> str:
        return number_word(self.tally.total) if self.tally.total else _("no")


def build_overview(source: Source, person: Person, today: date) -> Overview:
    """Read one source for one person: three statements, two for the public.

    None of them is asked again before something is recorded that touches the source.
    """
    tally, urgent = _kept(
        "overview",
        source,
        audience_of(person),
        lambda: (
            read_tally(source.pk, person, today),
            most_urgent(source.pk, person, today, ATTENTION_CARDS + 1),
        ),
    )
    waiting = _kept(
        "waiting",
        source,
        f"{audience_of(person)} {person.pk}",
        lambda: read_waiting(source.pk, person),
    )
    return Overview(
        tally=tally,
        waiting=waiting,
        state=_state_sentence(tally),
        worst=_worst_sentence(tally),
        rests_on=tuple(_basis(tally, waiting)),
        attention=tuple(urgent[:ATTENTION_CARDS]),
        has_more_attention=len(urgent) > ATTENTION_CARDS,
    )


def with_last_event(sources: QuerySet[Source]) -> QuerySet[Source]:
    """Sources with the hash of the last event that touched each, under which counts are kept.

    Its number alone would not do: after a restore another event may get it while processes live on.
    """
    last = AuditEvent.objects.filter(sequence=OuterRef("kept__sequence")).order_by()
    return sources.annotate(last_event=Subquery(last.values("hash")))


def _kept(what: str, source: Source, audience: str, compute: Callable[[], T]) -> T:
    """From memory, for as long as no event touched the source; computed where none is known."""
    version = getattr(source, "last_event", None)
    if not version:
        return compute()
    return cached(what, compute, audience=audience, version=version, parts=(source.pk,))


def overview_rows(
    overview: Overview, page: Sequence[int], person: Person, today: date
) -> tuple[list[RecommendationRow], list[RecommendationRow]]:
    """The rows of one page, given by their ids, and the cards that need attention; read at once."""
    ids = list(dict.fromkeys([*page, *overview.attention]))
    found = rows_by_id(person, ids, today, has_headlines=True)
    cards = [found[pk] for pk in overview.attention if pk in found]
    return [found[pk] for pk in page if pk in found], _with_deciders(cards, person)


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


def _basis(tally: Tally, waiting: Waiting) -> Sequence[str]:
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
    if n := waiting.submitted:
        parts.append(
            ngettext("%(n)d update awaits review", "%(n)d updates await review", n) % {"n": n}
        )
    return parts


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
