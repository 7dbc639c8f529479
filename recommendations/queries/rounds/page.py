"""What the pages of a reporting round show beside its counts: names, contacts, rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from recommendations.choices import RequestState
from recommendations.models import Organisation, ReportingRound, Request, RoundExtension, User
from recommendations.queries.rounds.answers import Standing
from recommendations.queries.rounds.asked import people_asked
from recommendations.queries.rounds.standing import Tally
from recommendations.queries.setup.steps import names_in_words

MOST_CONTACTS = 3
"""People who are named for one organisation."""


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation of a round: what is in, and who is asked. ``people`` may be none."""

    pk: int
    name: str
    people: tuple[User, ...]
    tally: Tally

    @property
    def contacts(self) -> str:
        """The first few people who are asked, in words; empty where nobody has an account."""
        return names_in_words(self.people[:MOST_CONTACTS], len(self.people))


def organisation_rows(
    round: ReportingRound, parts: Sequence[tuple[int, Tally]]
) -> list[OrganisationRow]:
    """Rows of these organisations, in this order; three statements."""
    names = dict(
        Organisation.objects.filter(pk__in=[body for body, _tally in parts]).values_list(
            "pk", "name"
        )
    )
    asked = Request.objects.filter(round=round, not_asked="", organisation__in=names).order_by("pk")
    rows = list(
        asked.values_list(
            *("pk", "organisation"), "recommendation__lead_officer", "recommendation__lead"
        )
    )
    people: dict[int, dict[User, None]] = defaultdict(dict)
    of_request = people_asked(rows)
    for pk, body, _officer, _lead in rows:
        people[body] |= dict.fromkeys(of_request[pk])
    return [OrganisationRow(body, names[body], tuple(people[body]), tally) for body, tally in parts]


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request with what it is about."""

    standing: Standing
    reference: str
    title: str
    organisation: str
    state: RequestState
    today: date
    is_demonstration: bool = False

    @property
    def replied_on(self) -> date | None:
        """The day on which the update that answers was submitted."""
        at = self.standing.answered_at
        return None if at is None else timezone.localdate(at)

    @property
    def days_late(self) -> int | None:
        """By how many days it came late, or is late by now; ``None`` while there is time."""
        if self.replied_on is not None:
            return self.standing.days_late
        days = (self.today - self.standing.reply_by).days
        return days if days > 0 else None

    @property
    def is_late(self) -> bool:
        return self.state == RequestState.LATE

    @property
    def in_late(self) -> bool:
        """Whether the update came, but after the day to reply by."""
        return self.standing.days_late > 0


def request_rows(
    ids: Sequence[int], standings: Mapping[int, Standing], today: date
) -> dict[int, RequestRow]:
    """Rows of these requests by id, of how each stands; one statement."""
    found = Request.objects.filter(pk__in=ids).values_list(
        *("pk", "recommendation__reference", "recommendation__title", "organisation__name"),
        "round__sent_by__is_demonstration",
    )
    return {
        pk: RequestRow(
            *(standings[pk], reference, title, name, standings[pk].state(today), today), is_demo
        )
        for pk, reference, title, name, is_demo in found
    }


def left_out_of(round: ReportingRound) -> list[Request]:
    """What a round selected and did not ask for, by its reason; one statement."""
    rows = Request.objects.filter(round=round).exclude(not_asked="")
    found = rows.select_related("recommendation").order_by(
        "not_asked", "recommendation__source", "recommendation__number"
    )
    return list(found)


def extensions_of(round: ReportingRound) -> list[RoundExtension]:
    """The extensions of a round, the latest first; one statement."""
    return list(round.extensions.select_related("organisation", "extended_by"))
