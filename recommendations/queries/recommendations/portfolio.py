"""What Home shows of all sources, and their pages of each: counts, and what comes first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import Only
from recommendations.models import AuditEvent, Organisation, Source
from recommendations.permissions import Person
from recommendations.queries.days import Days
from recommendations.queries.recommendations import picked
from recommendations.queries.recommendations.by_lead import LeadCounts, in_order
from recommendations.queries.recommendations.by_theme import ThemeKey
from recommendations.queries.recommendations.figures import Figures, figures_of
from recommendations.queries.recommendations.narrowed import due_columns, due_days
from recommendations.queries.recommendations.rows import RecommendationRow
from recommendations.queries.recommendations.tally import Tally

MOST_LEADS = 4
"""Lead organisations on Home and on the page of a source; the rest have a page of their own."""

MOST_DUE = 3
MOST_DECISIONS = 3


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One lead organisation; ``query`` narrows the list to what it leads."""

    name: str
    query: str
    counts: LeadCounts


@dataclass(frozen=True, slots=True)
class Brief:
    """A recommendation, with what it asks for, and the first of the days ahead with what is due."""

    row: RecommendationRow
    asked_for: str = ""
    due_on: date | None = None
    due: str = ""


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

    def attention(self, most: int) -> Sequence[int]:
        """The ids of what needs attention, worst first."""
        return self.figures.picks[picked.URGENT][:most]

    def decisions(self) -> Sequence[int]:
        """The ids of what asks for a decision, the most urgent first."""
        return self.figures.picks[picked.ASKED][:MOST_DECISIONS]

    def due(self) -> Sequence[int]:
        """The ids of what becomes due, the first day first."""
        return self.figures.picks[picked.DUE][:MOST_DUE]

    def leads(self) -> list[tuple[int | None, LeadCounts]]:
        """All lead organisations with their counts, most overdue first."""
        return in_order(self.figures.leads)

    def all_leads(self) -> LeadCounts:
        """Their counts together."""
        return LeadCounts(*map(sum, zip(*self.figures.leads.values(), strict=True)))

    def themes(self) -> Mapping[ThemeKey, LeadCounts]:
        """All themes that a recommendation has, with their counts; none for the public."""
        return self.figures.themes


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


def visible_source(person: Person, slug: str) -> Source | None:
    """The one of a slug, if the person may see it."""
    return _visible(person).filter(slug=slug).first()


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
) -> list[LeadRow]:
    """Lead organisations with their names, of a past day those of then; one query."""
    pairs = list(leads)
    found = list(Organisation.objects.filter(pk__in=[pk for pk, _counts in pairs if pk]))
    names = {row.pk: row.name for row in (Past(days.known).back(found) if days else found)}
    return [
        LeadRow(
            names.get(pk, "") if pk else _("No lead organisation"),
            f"lead={pk}" if pk else f"only={Only.NO_LEAD}",
            counts,
        )
        for pk, counts in pairs
    ]


def briefs(
    portfolio: Portfolio, rows: Mapping[int, RecommendationRow], person: Person, today: date
) -> dict[int, Brief]:
    """What these rows of a portfolio ask for and what becomes due, by id."""
    return {
        pk: Brief(
            rows[pk],
            each["asked_for"] if each["asks_decision"] else "",
            *_first_due(each, person, today),
        )
        for pk, each in portfolio.figures.due.items()
        if pk in rows
    }


def _first_due(row: Mapping[str, Any], person: Person, today: date) -> tuple[date | None, str]:
    """The first of the days ahead, and what becomes due then."""
    labels = (_("Target date"), _("Update"), _("Action"))
    first, last = due_days(today)
    days = [
        (day, place)
        for place, name in enumerate(due_columns(person))
        if (day := row[name]) and first <= day <= last
    ]
    if not days:
        return None, ""
    day, place = min(days)
    return day, labels[place]
