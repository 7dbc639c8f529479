"""How the requests of a round stand, together and by organisation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from recommendations.choices import RequestState
from recommendations.models import Organisation, ReportingRound, Request, RoundReminder
from recommendations.queries.rounds.answers import Standing, with_answers


@dataclass(frozen=True)
class Tally:
    """Requests of a round, or of one organisation in it, counted on a day."""

    rows: Sequence[Standing]
    today: date

    @cached_property
    def states(self) -> Counter[RequestState]:
        return Counter(row.state(self.today) for row in self.rows)

    @property
    def total(self) -> int:
        return len(self.rows)

    @property
    def late(self) -> int:
        return self.states[RequestState.LATE]

    @property
    def extended(self) -> int:
        return self.states[RequestState.EXTENDED]

    @property
    def missing(self) -> int:
        """Requests of a closed round that nothing answered."""
        return self.states[RequestState.MISSING]

    @property
    def is_in(self) -> int:
        return self.states[RequestState.APPROVED] + self.states[RequestState.AWAITING]

    @property
    def out(self) -> int:
        return self.total - self.is_in

    @property
    def in_late(self) -> int:
        """How many updates came, but after their day to reply by."""
        return sum(row.days_late > 0 for row in self.rows)

    @property
    def reply_by(self) -> date | None:
        """The first day to reply by of what is not in; ``None`` where all is."""
        waited = [row.reply_by for row in self.rows if not row.state(self.today).is_in]
        return min(waited, default=None)

    @property
    def days_late(self) -> int:
        """By how many days the longest awaited update is late."""
        days = [
            (self.today - row.reply_by).days
            for row in self.rows
            if row.state(self.today) == RequestState.LATE
        ]
        return max(days, default=0)

    @property
    def last_reminder(self) -> date | None:
        return max((row.last_reminder for row in self.rows if row.last_reminder), default=None)

    @property
    def share(self) -> str:
        """How much of it is in, as a width in percent."""
        return f"{100 * self.is_in / self.total:.1f}%" if self.total else "0%"


def standings(requests: QuerySet[Any]) -> list[Standing]:
    """How these requests stand, in the order of their recommendations; one statement."""
    reminded: QuerySet[Any] = RoundReminder.requests.through.objects.filter(request=OuterRef("pk"))
    days = reminded.order_by("-roundreminder__day").values("roundreminder__day")
    rows = with_answers(requests.filter(not_asked="")).annotate(last_reminder=Subquery(days[:1]))
    found = rows.order_by(
        "recommendation__source", "recommendation__number", "recommendation"
    ).values_list(
        *("pk", "organisation", "recommendation", "reply_day", "round__reply_by"),
        *("answer_id", "answered_at", "is_approved", "found", "last_reminder"),
        "round__closed_at",
    )
    return [_standing(row) for row in found]


def _standing(row: tuple[Any, ...]) -> Standing:
    pk, body, about, day, first_day, update, at, is_approved, found, reminded, closed_at = row
    if closed_at is not None and found == "missing":
        update = at = None  # What came later does not count: the round was closed without it.
    return Standing(
        pk, body, about, day, day != first_day, update, at, is_approved, found, reminded
    )


def tally_of(round: ReportingRound, today: date) -> Tally:
    """The requests of a round, counted; one statement."""
    return Tally(standings(round.requests.all()), today)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What an address narrows the requests of a round by; ``errors`` say which value is unknown."""

    state: str
    organisation: Organisation | None
    errors: tuple[str, ...]

    @classmethod
    def of(cls, asked: Mapping[str, str], number: int | None) -> Self:
        """``number`` is the organisation that is asked for, where it is a number."""
        state, key = asked.get("state", ""), asked.get("organisation", "")
        rows = Organisation.objects.filter(pk=number) if number is not None else None
        organisation = rows.first() if rows is not None else None
        errors = []
        if state and state not in RequestState.values:
            errors.append(_("“%(value)s” is not a state of a request.") % {"value": state[:40]})
        if key and organisation is None:
            errors.append(_("“%(value)s” is not an organisation.") % {"value": key[:40]})
        return cls("" if errors else state, organisation, tuple(errors))

    def among(self, tally: Tally) -> list[Standing]:
        """The requests that were asked for."""
        body = self.organisation
        return [
            row
            for row in tally.rows
            if self.state in ("", row.state(tally.today))
            and (body is None or body.pk == row.organisation_id)
        ]


def by_organisation(tally: Tally) -> list[tuple[int, Tally]]:
    """The same for each organisation, by its id, most late first, then most missing."""
    found: dict[int, list[Standing]] = defaultdict(list)
    for row in tally.rows:
        found[row.organisation_id].append(row)
    parts = [(body, Tally(rows, tally.today)) for body, rows in found.items()]
    return sorted(parts, key=lambda each: (-each[1].late, -each[1].out, each[0]))


def tallies_of(rounds: Iterable[ReportingRound], today: date) -> dict[int, Tally]:
    """The requests of several rounds, counted, by the id of the round; one statement."""
    every = [round.pk for round in rounds]
    found: dict[int, list[Standing]] = {pk: [] for pk in every}
    requests = Request.objects.filter(round__in=every)
    of_round = dict(requests.values_list("pk", "round")) if every else {}
    for row in standings(requests) if every else ():
        found[of_round[row.pk]].append(row)
    return {pk: Tally(rows, today) for pk, rows in found.items()}


MOST_OPEN = 3
"""Open rounds that Home tells of, the first to reply to before the others."""


def open_rounds(today: date) -> list[tuple[ReportingRound, Tally]]:
    """Open rounds with their counts; at most three statements."""
    rounds = ReportingRound.objects.filter(closed_at__isnull=True).order_by("reply_by", "pk")
    found = list(rounds[:MOST_OPEN])
    tallies = tallies_of(found, today)
    return [(round, tallies[round.pk]) for round in found]
