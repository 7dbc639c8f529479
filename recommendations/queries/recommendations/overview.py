"""Home and the page of a source: the headline sentence, what it is based on, what comes first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext

from recommendations import permissions
from recommendations.choices import (
    STATUS_ORDER,
    Confidence,
    Flag,
    ImplementationStatus,
    Only,
    UpdateState,
)
from recommendations.models import StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.days import Days
from recommendations.queries.people import decider_names, with_deciders
from recommendations.queries.recommendations.by_lead import LeadCounts
from recommendations.queries.recommendations.by_theme import ThemeRow, theme_rows
from recommendations.queries.recommendations.past.shown import rows_then
from recommendations.queries.recommendations.portfolio import (
    MOST_LEADS,
    Brief,
    LeadRow,
    Portfolio,
    briefs,
    lead_rows,
)
from recommendations.queries.recommendations.rows import RecommendationRow, rows_by_id
from recommendations.queries.recommendations.tally import Tally, Waiting, read_waiting

_CONTINUING = "continuing"
"""What is continuous and implemented is never simply implemented."""


def number_word(number: int) -> str:
    """Numbers up to nine as words, larger ones as digits."""
    if not 0 < number < 10:
        return str(number)
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
    return words[number - 1]


_CLAUSES: Mapping[str, Any] = {
    "": ngettext_lazy("%(n)s has no report yet", "%(n)s have no report yet", "number"),
    ImplementationStatus.NOT_STARTED: ngettext_lazy(
        "%(n)s has not started", "%(n)s have not started", "number"
    ),
    ImplementationStatus.IN_PROGRESS: ngettext_lazy(
        "%(n)s is in progress", "%(n)s are in progress", "number"
    ),
    ImplementationStatus.PARTLY_IMPLEMENTED: ngettext_lazy(
        "%(n)s is partially implemented", "%(n)s are partially implemented", "number"
    ),
    ImplementationStatus.IMPLEMENTED: ngettext_lazy(
        "%(n)s is implemented", "%(n)s are implemented", "number"
    ),
    _CONTINUING: ngettext_lazy(
        "%(n)s is implemented (continuing)", "%(n)s are implemented (continuing)", "number"
    ),
    ImplementationStatus.NOT_IMPLEMENTED: ngettext_lazy(
        "%(n)s is closed without being implemented",
        "%(n)s are closed without being implemented",
        "number",
    ),
    ImplementationStatus.NO_LONGER_APPLICABLE: ngettext_lazy(
        "%(n)s no longer applies", "%(n)s no longer apply", "number"
    ),
    ImplementationStatus.SUPERSEDED: ngettext_lazy(
        "%(n)s is superseded", "%(n)s are superseded", "number"
    ),
    Confidence.RED: ngettext_lazy("%(n)s is off track", "%(n)s are off track", "number"),
    Flag.CONTRADICTED: ngettext_lazy("%(n)s is contradicted", "%(n)s are contradicted", "number"),
    Flag.DATE_OVERDUE: ngettext_lazy("%(n)s is overdue", "%(n)s are overdue", "number"),
    Confidence.AMBER: ngettext_lazy("%(n)s is at risk", "%(n)s are at risk", "number"),
}


def clause_of(code: str, number: int, *, is_first: bool = True) -> str:
    """How many this is true of, as a clause without its full stop; "more" where it is not first."""
    word = number_word(number)
    n = word if is_first else _("%s more") % word
    return str(_CLAUSES[code] % {"n": n, "number": number})


def off_track_clause(number: int, past_date: int, contradicted: int) -> str:
    """How many are off track, and of how many of them two other things are true as well."""
    parts = [clause_of(Confidence.RED, number)]
    if number == 1:
        parts += [_("overdue")] if past_date else []
        parts += [_("contradicted")] if contradicted else []
        return join_clauses(parts)
    if past_date:
        parts.append(_("%s of them overdue") % number_word(past_date))
    if contradicted:
        parts.append(_("%s of them contradicted") % number_word(contradicted))
    return _(", ").join(parts)


def join_clauses(parts: Sequence[str]) -> str:
    """Parts with commas, and “and” before the last of three or more."""
    if len(parts) < 3:
        return _(", ").join(parts)
    return _("%(first)s and %(last)s") % {"first": _(", ").join(parts[:-1]), "last": parts[-1]}


MOST_THEMES_SHOWN = 4
"""Themes on Home and on the page of a source; the rest have a page of their own."""

ROWS_A_PAGE = 50
"""Recommendations on one page of a source; beyond that it is paged and grouped by status."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What Home and the page of a source say of some sources together.

    ``decisions`` and ``due`` are those that come first; ``attention`` the worst; ``rows`` those of
    one page of a source.
    """

    portfolio: Portfolio
    waiting: Waiting
    summary: str
    worst: str
    rests_on: tuple[str, ...]
    attention: tuple[RecommendationRow, ...]
    rows: tuple[RecommendationRow, ...]
    decisions: tuple[Brief, ...]
    due: tuple[Brief, ...]
    leads: tuple[LeadRow, ...]
    n_leads: int
    all_leads: LeadCounts
    themes: tuple[ThemeRow, ...]
    n_themes: int

    @property
    def tally(self) -> Tally:
        return self.portfolio.tally

    @property
    def is_attention_cut(self) -> bool:
        """Whether more needs attention than is shown."""
        return self.tally.only[Only.ATTENTION] > len(self.attention)


def build_overview(
    portfolio: Portfolio,
    person: Person,
    today: date,
    attention: int,
    page: Sequence[int] = (),
    days: Days | None = None,
) -> Overview:
    """Say what there is of these sources to one person, with so many that need attention.

    ``page`` are the ids of the recommendations that are listed besides. ``today`` is the day of
    the portfolio; of a past day nothing waits to be decided.
    """
    tally, waiting = portfolio.tally, Waiting()
    if days is None:
        waiting = read_waiting([source.pk for source in portfolio.sources], person)
    decisions, due = portfolio.decisions(), portfolio.due()
    leads, urgent = portfolio.leads(), portfolio.attention(attention)
    ids = list(dict.fromkeys([*page, *urgent, *decisions, *due]))
    rows: Mapping[int, RecommendationRow] = {}
    if ids:
        rows = rows_then(ids, days, person) if days else rows_by_id(person, ids, today)
    brief = briefs(portfolio, rows, person, today)
    worst = [rows[pk] for pk in urgent if pk in rows]
    themes = theme_rows(portfolio.themes())
    return Overview(
        portfolio=portfolio,
        waiting=waiting,
        summary=_summary(portfolio),
        worst=worst_sentence(tally),
        rests_on=tuple(_basis(tally, waiting)),
        attention=tuple(worst if days else _with_deciders(worst, person)),
        rows=tuple(rows[pk] for pk in page if pk in rows),
        decisions=tuple(brief[pk] for pk in decisions if pk in brief),
        due=tuple(brief[pk] for pk in due if pk in brief),
        leads=tuple(lead_rows(leads[:MOST_LEADS], days)),
        n_leads=len(leads),
        all_leads=portfolio.all_leads(),
        themes=tuple(themes[:MOST_THEMES_SHOWN]),
        n_themes=len(themes),
    )


def _summary(portfolio: Portfolio) -> str:
    if len(portfolio.sources) < 2:
        return source_summary(portfolio.tally)
    return home_summary(portfolio.tally, len(portfolio.sources))


def home_summary(tally: Tally, sources: int) -> str:
    """What all sources together say, and how much of it was taken over from lists."""
    implemented = tally.statuses[ImplementationStatus.IMPLEMENTED]
    is_open = tally.only[Only.OPEN]
    told = ngettext(
        "%(total)d recommendation in %(sources)d sources: %(open)d open, %(implemented)d "
        "implemented, %(closed)d closed without implementation.",
        "%(total)d recommendations in %(sources)d sources: %(open)d open, %(implemented)d "
        "implemented, %(closed)d closed without implementation.",
        tally.total,
    ) % {
        "total": tally.total,
        "sources": sources,
        "open": is_open,
        "implemented": implemented,
        "closed": tally.total - is_open - implemented,
    }
    return " ".join(filter(None, (told, _opening_sentence(tally))))


def source_summary(tally: Tally) -> str:
    """What one source says, and how much of it was taken over; empty where there is none."""
    return " ".join(filter(None, (_state_sentence(tally), _opening_sentence(tally))))


def _state_sentence(tally: Tally) -> str:
    """How many of one source have each status; empty where there is none."""
    clauses = _status_clauses(tally.statuses, tally.continuous_in_effect)
    if not clauses:
        return ""
    return ngettext(
        "Of %(total)s recommendation, %(clauses)s.",
        "Of %(total)s recommendations, %(clauses)s.",
        tally.total,
    ) % {"total": number_word(tally.total), "clauses": join_clauses(clauses)}


def _opening_sentence(tally: Tally) -> str:
    """How many of these statuses no update reviewed here gave; empty where all are of updates."""
    clauses = _status_clauses(tally.openings, tally.continuous_openings)
    if not clauses:
        return ""
    return _("Of these, taken over from an earlier tracker as opening statuses: %(clauses)s.") % {
        "clauses": join_clauses(clauses)
    }


def _status_clauses(statuses: Mapping[str, int], in_effect: int) -> list[str]:
    """How many have each status; ``in_effect`` of what is implemented are continuous."""
    clauses = [clause_of(_CONTINUING, in_effect)] if in_effect else []
    for code in STATUS_ORDER:
        number = statuses.get(code, 0)
        if code == ImplementationStatus.IMPLEMENTED:
            number -= in_effect
        if number:
            clauses.append(clause_of(code, number))
    return clauses


def worst_sentence(tally: Tally) -> str:
    """What is worst; each recommendation is counted once, by the worst that is true of it."""
    clauses = []
    if tally.off_track:
        clauses.append(
            off_track_clause(tally.off_track, tally.off_track_overdue, tally.off_track_contradicted)
        )
    for code in (Flag.CONTRADICTED, Flag.DATE_OVERDUE, Confidence.AMBER):
        if number := tally.further[code]:
            clauses.append(clause_of(code, number, is_first=not clauses))
    told = _("; ").join(clauses)
    return f"{capfirst(told)}." if told else ""


def _basis(tally: Tally, waiting: Waiting) -> Sequence[str]:
    """What makes the page safe to quote: the days it speaks of, and what is missing."""
    parts = []
    stale = tally.out_of_date
    never = tally.statuses[""]
    if stale:
        parts.append(
            ngettext(
                "%(n)d confidence rating is out of date",
                "%(n)d confidence ratings are out of date",
                stale,
            )
            % {"n": stale}
        )
    if never:
        parts.append(
            ngettext("%(n)d without a report", "%(n)d without a report", never) % {"n": never}
        )
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
