"""Home and the page of a source: the headline, what it is based on, what comes first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain
from typing import Any

from django.db.models import (
    Case,
    CharField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Least
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy, pgettext

from recommendations import permissions
from recommendations.audiences import Audience, audience
from recommendations.audit.rewind import Past
from recommendations.choices import (
    STATUS_ORDER,
    Confidence,
    Flag,
    ImplementationStatus,
    Only,
    UpdateState,
)
from recommendations.columns import is_fictional
from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    AuditEvent,
    Organisation,
    RecommendationState,
    SignOff,
    Source,
    StatusUpdate,
    flag_tests,
    known_flags,
)
from recommendations.models.people import person_name
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.days import Days
from recommendations.queries.people import deciders_of
from recommendations.queries.recommendations.past.listed import kept_of_then, rows_then
from recommendations.queries.recommendations.rows import RecommendationRow, rows_by_id
from recommendations.queries.recommendations.tally import (
    DUE_COLUMNS,
    CountedRow,
    LeadCounts,
    Tally,
    Waiting,
    count_groups,
    count_leads_and_themes,
    count_responses,
    due_columns,
    due_days,
    first_due,
    followed_in,
    in_order,
    only_tests,
    read_waiting,
    themes_of,
)
from recommendations.state.urgency import NONE, OFF_TRACK, overdue_since, severity

# ---- The few recommendations of each source that come first: the worst, and what is asked

MOST = 10
"""Recommendations of each kind that are picked out."""

Ask = Callable[..., Any]
"""Takes what makes one or more queries of followed states, a reader and a day, and what else that
needs; gives their rows, for the sources, the reader and the day that it is of."""

URGENT, ASKED = KINDS = range(2)
"""What is worst, for people inside of what needs attention; what asks for a decision."""


def read_picks(ask: Ask, tallies: Mapping[int, Tally], person: Person) -> list[list[int]]:
    """The ids of the first ``MOST`` of each kind that a person may know, a statement for each.

    ``tallies`` count the rows, by their source.
    """
    # What is off track comes first: of a large source there is enough of it.
    n_off_track = sum(each.confidences[Confidence.RED] for each in tallies.values())
    shape = len(tallies) == 1, n_off_track >= MOST
    is_internal = permissions.can_read_internally(person)
    return [
        [pk for pk, _rank in ask(_picks, kind, *shape)] if is_internal or kind == URGENT else []
        for kind in KINDS
    ]


def _picks(
    rows: Any, person: Person, today: date, kind: int, is_of_one: bool, is_enough: bool
) -> QuerySet[Any, Any]:
    """Of one source, or of several; ``is_enough``: that much is off track."""
    # Of one source neither its title nor its key: no row is visited beside the index.
    ties = ("number", "pk") if is_of_one else ("source_title", "source_id", "number", "pk")
    is_internal = permissions.can_read_internally(person)
    if kind == ASKED:
        asked = rows.filter(only_tests(person, today)[Only.DECISION])
        return _first(asked, _urgency(), *ties)[:MOST]
    flags = flag_tests(person, today), known_flags(person)
    some = rows.filter(OFF_TRACK) if is_enough else rows
    worst = _first(some, severity(*flags), overdue_since(*flags), *ties)
    # Not filtered by the same conditions again: what has no flag comes last, and is left out where
    # work is shared out. The public is told of all that there is.
    return (worst.exclude(rank=NONE) if is_internal else worst)[:MOST]


def _first(rows: Any, rank: Any, *then: Any) -> QuerySet[Any, Any]:
    ordered: QuerySet[Any, Any] = rows.annotate(rank=rank).order_by("rank", *then)
    return ordered.values_list("pk", "rank")


def _urgency() -> Case:
    """Off track first, then at risk."""
    return Case(
        When(confidence=Confidence.RED, then=Value("0")),
        When(confidence=Confidence.AMBER, then=Value("1")),
        default=Value("2"),
        output_field=TextField(),
    )


def first_day(person: Person, today: date) -> Any:
    """The first of the days ahead on which something is due."""
    within = due_days(today)
    days = [
        Case(When(**{f"{name}__range": within}, then=F(name)), default=Value(date.max))
        for name in due_columns(person)
    ]
    return days[0] if len(days) == 1 else Least(*days)


# ---- What Home and the page of a source count and pick out of the kept states


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted and picked out of some sources together, for one audience.

    ``picks`` are ids, of each of ``KINDS``; ``asked`` is what those that ask for a decision ask
    for, of whom, and their days.
    """

    tallies: Mapping[int, Tally]
    leads: Mapping[int | None, LeadCounts]
    themes: Sequence[CountedRow]
    """All themes that a recommendation has; none for the public."""
    picks: Sequence[Sequence[int]]
    asked: Mapping[int, Mapping[str, Any]]


def figures_of(
    sources: Sequence[Any], person: Person, today: date, days: Days | None = None
) -> Figures:
    """Seven statements, once for each event that touches one of these, ``with_last_event``.

    Of a past day, which is kept, ``today`` is that day.
    """
    ids = [source.pk for source in sources]

    def read(states: Any) -> Figures:
        followed = followed_in(Q(source__in=ids), person, states)

        def ask(make: Any, *shape: Any) -> Iterable[Any]:
            return chain(*_each(make(followed, person, today, *shape)))

        return _read(ask, ids, person, states, days)

    def read_now() -> Figures:
        ask = partial(_of_now, audience(person), today, sources=ids)
        return _read(ask, ids, person, RecommendationState.objects)

    if days is not None:
        return kept_of_then("figures of a past day", read, days=days, person=person, parts=ids)
    stamps = {source.pk: source.last_event for source in sources}
    return cached("figures", read_now, audience=audience_of(person), version=repr(stamps))


@fixed
def _of_now(reader: Audience, today: date, make: Any, *shape: Any) -> QuerySet[Any, Any]:
    followed = followed_in(Among("source", "sources"), reader)
    found, *more = _each(make(followed, reader, today, *shape))
    return found.union(*more, all=True) if more else found


def _each(found: Any) -> tuple[QuerySet[Any, Any], ...]:
    return found if isinstance(found, tuple) else (found,)


def _read(
    ask: Ask, ids: Sequence[int], person: Person, states: Any, days: Days | None = None
) -> Figures:
    tallies = {pk: Tally() for pk in ids}
    for group in ask(count_groups):
        tallies[group["source"]].count(group)
        tallies[group["source"]].span((group["from_day"], group["to_day"]))
    for source, *said in ask(count_responses):
        tallies[source].hear(*said)
    is_internal = permissions.can_read_internally(person)
    leads: dict[int | None, LeadCounts] = {}
    themes: dict[str, LeadCounts] = {}
    for lead, names, *counts in ask(count_leads_and_themes) if is_internal else ():
        if names:
            themes[names] = LeadCounts(*counts)
        else:
            leads[lead] = LeadCounts(*counts)
    picks = read_picks(ask, tallies, person)
    return Figures(
        tallies,
        leads,
        themes_of(themes, days),
        picks,
        _asked(states.filter(pk__in=picks[ASKED])),
    )


def _asked(rows: Any) -> dict[int, Mapping[str, Any]]:
    told = {
        "asked_for": F("recommendation__current_update__asked_for"),
        "decider": person_name("recommendation__reviewer__"),
    }
    found = rows.annotate(**told)
    return {row["pk"]: row for row in found.values("pk", *told, *DUE_COLUMNS)}


# ---- What Home shows of all sources, and their pages of each: counts, and what comes first

MOST_LEADS = 4
"""Lead organisations on Home and on the page of a source; the rest have a page of their own."""

MOST_DECISIONS = 3


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Some sources together, in order; ``figures`` are those of each by its id."""

    sources: Sequence[Source]
    figures: Figures
    tally: Tally = field(default_factory=Tally)

    @property
    def lines(self) -> list[tuple[Source, Tally]]:
        """Each source with its counts."""
        return [(source, self.figures.tallies[source.pk]) for source in self.sources]

    def leads(self) -> list[tuple[int | None, LeadCounts]]:
        """All lead organisations with their counts, most overdue first."""
        return in_order(self.figures.leads)


def portfolio_of(
    sources: Sequence[Source], person: Person, today: date, days: Days | None = None
) -> Portfolio:
    """Read some sources together; of a past day ``sources_then``, and ``today`` is that day.

    For the public those sources alone that showed something on a past day.
    """
    figures, tally = figures_of(sources, person, today, days), Tally()
    for each in figures.tallies.values():
        tally.add(each)
    if days is not None and not permissions.can_read_internally(person):
        sources = [source for source in sources if figures.tallies[source.pk].total]
    return Portfolio(sources, figures, tally)


def sources_then(sources: Iterable[Source], days: Days) -> list[Source]:
    """Those of these sources that were there by then, as they were, by the titles of then."""
    then = Past(days.known).back(list(sources))
    return sorted(then, key=lambda source: (source.title, source.pk))


def visible_sources(person: Person) -> list[Source]:
    """The sources that a person may see, by title, ``with_last_event``."""
    return list(_visible(person).order_by("title", "pk"))


def signed_sources(person: Person) -> list[Source]:
    """The same, with the key ``sign_off`` of the last of each and when it was ``signed_at``."""
    last = SignOff.objects.filter(source=OuterRef("pk")).order_by("-signed_at", "-pk")
    told = {"sign_off": Subquery(last.values("pk")[:1])}
    told["signed_at"] = Subquery(last.values("signed_at")[:1])
    return list(_visible(person).annotate(**told).order_by("title", "pk"))


def visible_source(person: Person, slug: str) -> Source | None:
    """The one of a slug, if the person may see it."""
    return next(iter(_of_slug(audience(person), slug=slug)), None)


@fixed
def _of_slug(reader: Audience) -> QuerySet[Source]:
    return _visible(reader).filter(slug=Given("slug", CharField())).order_by()


def _visible(person: Person) -> QuerySet[Source]:
    return with_last_event(Source.objects.visible_to(person))


def with_last_event(sources: QuerySet[Source]) -> QuerySet[Source]:
    """Sources with the hash of the last event that touched each, under which figures are kept.

    Its number alone would not do: after a restore another event may get it while processes live on.
    """
    last = AuditEvent.objects.filter(sequence=OuterRef("stamp__sequence")).order_by()
    return sources.annotate(last_event=Subquery(last.values("hash")))


def lead_rows(
    leads: Iterable[tuple[int | None, LeadCounts]], days: Days | None = None
) -> list[CountedRow]:
    """Lead organisations with their names, of a past day those of then; one query."""
    pairs = list(leads)
    found = list(Organisation.objects.filter(pk__in=[pk for pk, _counts in pairs if pk]))
    bodies: dict[int | None, Organisation] = {
        row.pk: row for row in (Past(days.known).back(found) if days else found)
    }
    return [
        CountedRow(
            str(bodies.get(pk, "")) if pk else _("No lead organisation"),
            f"lead={pk}" if pk else f"only={Only.NO_LEAD}",
            counts,
            is_fictional(bodies.get(pk)),
        )
        for pk, counts in pairs
    ]


# ---- Home and the page of a source: the headline sentence, what it is based on, what comes first

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

    ``decisions`` are those that ask for one; ``attention`` the worst beside them, or what the
    reader is asked for; ``rows`` those of one page of a source.
    """

    portfolio: Portfolio
    waiting: Waiting
    summary: str
    worst: str
    rests_on: tuple[str, ...]
    attention: tuple[RecommendationRow, ...]
    rows: tuple[RecommendationRow, ...]
    decisions: tuple[RecommendationRow, ...]
    leads: Sequence[CountedRow]
    n_leads: int
    all_leads: LeadCounts
    themes: Sequence[CountedRow]
    n_themes: int

    @property
    def tally(self) -> Tally:
        return self.portfolio.tally

    @property
    def may_act(self) -> bool:
        """Whether the reader can do something about any of what needs attention."""
        shown = (*self.decisions, *self.attention, *self.rows)
        return any(row.action and not row.waits_with for row in shown)


def build_overview(
    portfolio: Portfolio,
    person: Person,
    today: date,
    attention: int,
    page: Sequence[int] = (),
    days: Days | None = None,
    theirs: Sequence[int] | None = None,
) -> Overview:
    """Say what there is of these sources to one person, with so many that need attention.

    ``page`` are the ids of the recommendations that are listed besides; ``theirs`` those which the
    reader acts on, in place of the worst of all, of decisions and leads. ``today`` is the day of
    the portfolio; of a past day nothing waits to be decided.
    """
    tally, waiting = portfolio.tally, Waiting()
    if days is None:
        waiting = read_waiting([source.pk for source in portfolio.sources], person)
    picks, leads = portfolio.figures.picks, portfolio.leads()
    decisions = picks[ASKED][:MOST_DECISIONS] if attention and theirs is None else []
    urgent = [pk for pk in picks[URGENT] if pk not in decisions] if theirs is None else theirs
    ids = list(dict.fromkeys([*page, *decisions, *urgent[:attention]]))
    rows: Mapping[int, RecommendationRow] = {}
    if ids:
        rows = rows_then(ids, days, person) if days else rows_by_id(person, ids, today)
        rows = rows if days else _with_deciders(rows, person)
        rows = {pk: _asking(row, portfolio.figures.asked.get(pk)) for pk, row in rows.items()}
    themes = portfolio.figures.themes
    return Overview(
        portfolio=portfolio,
        waiting=waiting,
        summary=home_summary(tally, len(portfolio.sources)),
        worst=worst_sentence(tally),
        rests_on=tuple(_basis(tally, waiting)),
        attention=tuple(rows[pk] for pk in urgent[:attention] if pk in rows),
        rows=tuple(rows[pk] for pk in page if pk in rows),
        decisions=tuple(rows[pk] for pk in decisions if pk in rows),
        leads=lead_rows(leads[:MOST_LEADS] if theirs is None else (), days),
        n_leads=sum(pk is not None for pk, _counts in leads),
        all_leads=LeadCounts(*map(sum, zip(*portfolio.figures.leads.values(), strict=True))),
        themes=themes[:MOST_THEMES_SHOWN] if theirs is None else (),
        n_themes=len(themes),
    )


def home_summary(tally: Tally, sources: int) -> str:
    """What so many sources together say, and how much of it was taken over from lists.

    Empty where one alone has nothing.
    """
    told = _state_sentence(tally) if sources < 2 else _sums(tally, sources)
    return " ".join(filter(None, (told, _opening_sentence(tally))))


def _sums(tally: Tally, sources: int) -> str:
    implemented = tally.statuses[ImplementationStatus.IMPLEMENTED]
    is_open = tally.only[Only.OPEN]
    return ngettext(
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


def _asking(row: RecommendationRow, asked: Mapping[str, Any] | None) -> RecommendationRow:
    """With the decision that its current update asks for, if it is one of those that come first."""
    if asked is None:
        return row
    return replace(
        row,
        asked_for=asked["asked_for"],
        decided_by=asked["decider"] or "",
        needed_on=first_due(asked[name] for name in DUE_COLUMNS),
    )


def _with_deciders(
    rows: Mapping[int, RecommendationRow], person: Person
) -> Mapping[int, RecommendationRow]:
    """Where a manager wrote what waits: who decides on it instead. Queries only if there is any."""
    own = [pk for pk, row in rows.items() if row.reported_status and not row.decidable_id]
    if not own or not permissions.can_review(person):
        return rows
    waiting = StatusUpdate.objects.filter(
        recommendation__in=own, addressee__isnull=True, state=UpdateState.SUBMITTED
    )
    found = list(waiting.select_related("recommendation").order_by("pk"))
    texts = zip(found, deciders_of(found), strict=True)
    whom = {update.recommendation_id: text for update, text in texts}
    return {pk: replace(row, waits_with=whom.get(pk, "")) for pk, row in rows.items()}
