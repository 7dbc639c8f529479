"""Reporting rounds: whom one asks, what answers it, how it stands."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, Self

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import Found, NotAsked, RequestState, Role, UpdateKind, UpdateState
from recommendations.fixed import Among, fixed
from recommendations.models import (
    Organisation,
    Recommendation,
    ReportingRound,
    Request,
    RoundExtension,
    RoundReminder,
    StatusUpdate,
    User,
    fictional,
    full_name,
    with_roles,
)
from recommendations.queries.dates import short_day_text
from recommendations.queries.people import names_in_words
from recommendations.queries.shown import ShownRows

# ---- Which update answers a request of a reporting round, and by which day it was to come


class Standing(NamedTuple):
    """How one request stands: ``reply_by`` is its day with any extension.

    ``answered_at`` is when the update that answers it was submitted; ``extended`` whether the day
    is another than that of the round.
    """

    pk: int
    organisation_id: int
    recommendation_id: int
    reply_by: date
    extended: bool
    update_id: int | None
    answered_at: datetime | None
    is_approved: bool
    found: str
    last_reminder: date | None

    def state(self, today: date) -> RequestState:
        """The state on a day; of a closed round what was found when it was closed."""
        if self.found:
            return RequestState(self.found)
        if self.update_id is not None:
            return RequestState.APPROVED if self.is_approved else RequestState.AWAITING
        if today > self.reply_by:
            return RequestState.LATE
        return RequestState.EXTENDED if self.extended else RequestState.OPEN

    @property
    def days_late(self) -> int:
        """By how many days the update came after the day to reply by; 0 if in time, or not in."""
        if self.answered_at is None:
            return 0
        return max(0, (timezone.localdate(self.answered_at) - self.reply_by).days)


def answering(recommendation: Any, as_of: Any) -> QuerySet[StatusUpdate]:
    """Updates that answer a request for a recommendation and a day, the earliest first.

    The rule. An update answers if it is on the recommendation as a whole, is submitted or approved,
    and speaks of that day or of a later one. An update never speaks of a day after its submission,
    so none that was submitted before that day can answer; one that was submitted before the round
    was sent can, and then nobody is asked again. A draft, a returned or a withdrawn update does not
    answer, nor does a retraction or what an approved retraction took back. Of several the one
    submitted first counts: later ones, and corrections, make nothing late. An update that was
    returned counts from when it was submitted again.
    """
    retracting = StatusUpdate.objects.filter(retracts=OuterRef("pk"), state=UpdateState.APPROVED)
    return (
        StatusUpdate.objects.filter(
            recommendation=recommendation,
            addressee__isnull=True,
            as_of__gte=as_of,
            state__in=[UpdateState.SUBMITTED, UpdateState.APPROVED],
        )
        .exclude(kind=UpdateKind.RETRACTION)
        .filter(~Exists(retracting.order_by()))
        .order_by("submitted_at", "pk")
    )


def with_answers(requests: QuerySet[Request]) -> QuerySet[Any]:
    """Requests with the columns of ``Standing``, worked out in one statement."""
    found = answering(OuterRef("recommendation"), OuterRef("round__as_of"))
    approved = found.filter(state=UpdateState.APPROVED).order_by()
    rows: QuerySet[Any] = requests.annotate(
        reply_day=reply_day(),
        answer_id=Coalesce("found_update", Subquery(found.values("pk")[:1])),
        answered_at=Coalesce("found_submitted_at", Subquery(found.values("submitted_at")[:1])),
        is_approved=Exists(approved),
    )
    return rows


def unanswered(requests: QuerySet[Request]) -> QuerySet[Request]:
    """Requests of open rounds that nothing answers yet."""
    found = answering(OuterRef("recommendation"), OuterRef("round__as_of")).order_by()
    waited: QuerySet[Request] = requests.filter(
        ~Exists(found), round__closed_at__isnull=True, not_asked=""
    )
    return waited


def reply_day() -> Coalesce:
    """The day to reply by, as an expression over requests: the latest extension, else the first."""
    extensions = RoundExtension.objects.filter(
        round=OuterRef("round"), organisation=OuterRef("organisation")
    ).order_by("-pk")
    return Coalesce(Subquery(extensions.values("new_day")[:1]), F("round__reply_by"))


def found_of(standing: Standing) -> Found:
    """What closing a round writes of a request."""
    if standing.update_id is None:
        return Found.MISSING
    return Found.APPROVED if standing.is_approved else Found.AWAITING


# ---- Whom a reporting round asks: people, and through them what each of them has to reply to


class Asked(NamedTuple):
    """One request that waits for one person."""

    request_id: int
    reference: str
    title: str
    reply_by: date

    @property
    def item(self) -> tuple[str, str, date]:
        return self.reference, self.title, self.reply_by


def _waiting(requests: QuerySet[Request]) -> Iterator[tuple[User, Asked]]:
    """What waits of these requests, with each person for whom it does; two statements.

    A request is for the lead officer, if that is an active person who may write; else for all such
    people of the lead organisation. What was archived since waits for nobody.
    """
    rows = unanswered(requests).filter(recommendation__archived_at__isnull=True)
    found = rows.annotate(reply_day=reply_day()).order_by("reply_day", "pk")
    told = found.values_list(
        *("pk", "recommendation__reference", "recommendation__title"),
        *("reply_day", "recommendation__lead_officer", "recommendation__lead"),
    )
    by_request = {row[0]: row for row in told}
    for pk, people in people_asked(by_request.values()).items():
        for person in people:
            yield person, Asked(*by_request[pk][:4])


def people_asked(rows: Iterable[tuple[Any, ...]]) -> Mapping[int, list[User]]:
    """The people whom requests are for, by request: one statement.

    Each row begins with the id of the request, and ends with the officer and the organisation that
    lead the recommendation now.
    """
    rows = list(rows)
    officers = {row[-2] for row in rows} - {None}
    bodies = {row[-1] for row in rows} - {None}
    people = with_roles(
        User.objects.filter(Q(pk__in=officers) | Q(organisation__in=bodies), is_active=True)
    ).order_by("last_name", "first_name", "username", "pk")
    writers = {person.pk: person for person in people if permissions.can_write(person)}
    staff: dict[int, list[User]] = defaultdict(list)
    for person in writers.values():
        # A manager may write everywhere, but is asked only where they are the officer.
        if person.organisation_id is not None and Role.STAFF in permissions.roles(person):
            staff[person.organisation_id].append(person)
    return {
        row[0]: [writers[row[-2]]] if row[-2] in writers else list(staff.get(row[-1], ()))
        for row in rows
    }


class Requested(NamedTuple):
    """A request of an open round as the page of its recommendation, or My work, tells it."""

    recommendation_id: int
    round_id: int
    round_name: str
    as_of: date
    reply_by: date
    sent_on: date
    by: str

    @property
    def text(self) -> str:
        """In which round, and by when to reply."""
        return _("Requested in “%(round)s”, reply by %(day)s") % {
            "round": self.round_name,
            "day": short_day_text(self.reply_by),
        }


def requested_on(recommendations: Any) -> list[Requested]:
    """What open rounds wait for on these recommendations, the first day first; one statement.

    ``recommendations`` are ids, or a query of ids.
    """
    if isinstance(recommendations, QuerySet):
        found: Iterable[Any] = _told(Request.objects.filter(recommendation__in=recommendations))
    else:
        found = _told_of(ids=recommendations)
    return [
        Requested(about, pk, name, day, by, timezone.localdate(sent_at), full_name(*who))
        for about, pk, name, day, by, sent_at, *who in found
    ]


@fixed
def _told_of() -> QuerySet[Any, Any]:
    return _told(Request.objects.filter(Among("recommendation")))


def _told(requests: QuerySet[Request]) -> QuerySet[Any, Any]:
    rows = unanswered(requests).annotate(reply_day=reply_day()).order_by("reply_day", "pk")
    return rows.values_list(
        *("recommendation", "round", "round__name", "round__as_of", "reply_day"),
        "round__sent_at",
        *(f"round__sent_by__{name}" for name in ("first_name", "last_name", "username")),
    )


def requested_of(recommendations: Any) -> dict[int, Requested]:
    """The same by recommendation; of several rounds the one to reply to first."""
    return {each.recommendation_id: each for each in reversed(requested_on(recommendations))}


def missing_in(
    round: ReportingRound, organisations: Collection[int] | None = None
) -> dict[User, list[Asked]]:
    """What a round waits for, by the person who is asked; two statements.

    ``organisations`` are the ids of those that were asked, ``None`` of all.
    """
    requests = Request.objects.filter(round=round)
    if organisations is not None:
        requests = requests.filter(organisation__in=organisations)
    found: dict[User, list[Asked]] = defaultdict(list)
    for person, each in _waiting(requests):
        found[person].append(each)
    return dict(found)


# ---- What a reporting round would ask, before it is sent

ROUND = "round"
"""What ``ShownRows`` is about where a round is sent."""

IN_ALREADY = "in"
"""What comes of an item that an update answers already: it counts as in, and nobody is asked."""


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One item: ``outcome`` is a code of ``NotAsked``, ``IN_ALREADY``, or empty if it is asked."""

    pk: int
    reference: str
    title: str
    organisation_id: int | None
    organisation: str
    people: tuple[User, ...]
    outcome: str

    @property
    def not_asked(self) -> str:
        return "" if self.outcome == IN_ALREADY else self.outcome


@dataclass(frozen=True)
class RoundPlan:
    """Every item that a round selects, in the order of the sources."""

    as_of: date
    rows: Sequence[PlannedRequest]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(row.outcome for row in self.rows)

    @property
    def asked(self) -> list[PlannedRequest]:
        """Those that somebody is asked for now."""
        return [row for row in self.rows if not row.outcome]

    @property
    def requests(self) -> list[PlannedRequest]:
        """Those that count in the round: asked for, or in already."""
        return [row for row in self.rows if not row.not_asked]

    @property
    def is_in(self) -> int:
        return self.counts[IN_ALREADY]

    @property
    def left_out(self) -> list[tuple[str, list[PlannedRequest]]]:
        """What is not asked, by the reason."""
        found = ((why, [row for row in self.rows if row.outcome == why]) for why in NotAsked)
        return [(str(why.label), rows) for why, rows in found if rows]

    @property
    def organisations(self) -> list[tuple[str, list[PlannedRequest]]]:
        """What is asked of each organisation, by its name."""
        found: dict[str, list[PlannedRequest]] = {}
        for row in sorted(self.asked, key=lambda row: row.organisation):
            found.setdefault(row.organisation, []).append(row)
        return list(found.items())

    @property
    def shown(self) -> ShownRows:
        """The day, and of each item the organisation asked, and what comes of it."""
        day = self.as_of.isoformat()
        rows = {row.pk: (day, row.organisation_id or 0, row.outcome) for row in self.rows}
        return ShownRows(ROUND, rows)


def plan_round(ids: Iterable[int], as_of: date) -> RoundPlan:
    """What a round on these recommendations would ask: two statements."""
    rows = (
        Recommendation.objects.filter(pk__in=list(ids))
        .annotate(
            is_in=Exists(answering(OuterRef("pk"), as_of).order_by()),
            # Nothing is ever due on what is closed.
            is_closed=Q(next_due_on__isnull=True, current_update__isnull=False),
        )
        .order_by("source", "number", "pk")
        .values_list(
            *("pk", "reference", "title", "archived_at"),
            *("is_closed", "is_in"),
            *("lead__name", "lead_officer", "lead"),
        )
    )
    found = list(rows)
    people = people_asked(found)
    return RoundPlan(as_of, [_planned(row, people) for row in found])


def _planned(row: tuple[Any, ...], people: Mapping[int, Sequence[User]]) -> PlannedRequest:
    pk, reference, title, archived_at, is_closed, is_in, name, _officer, lead = row
    if archived_at is not None:
        outcome = str(NotAsked.ARCHIVED)
    elif is_closed:
        outcome = str(NotAsked.CLOSED)
    elif lead is None:
        outcome = str(NotAsked.NO_LEAD)
    else:
        outcome = IN_ALREADY if is_in else ""
    return PlannedRequest(pk, reference, title, lead, name or "", tuple(people[pk]), outcome)


# ---- How the requests of a round stand, together and by organisation


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


# ---- What the pages of a reporting round show beside its counts: names, contacts, rows

MOST_CONTACTS = 3
"""People who are named for one organisation."""


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation of a round: what is in, and who is asked. ``people`` may be none."""

    pk: int
    name: str
    people: tuple[User, ...]
    tally: Tally
    is_demonstration: bool

    @property
    def contacts(self) -> str:
        """The first few people who are asked, in words; empty where nobody has an account."""
        return names_in_words(self.people[:MOST_CONTACTS], len(self.people))


def organisation_rows(
    round: ReportingRound, parts: Sequence[tuple[int, Tally]]
) -> list[OrganisationRow]:
    """Rows of these organisations, in this order; three statements."""
    bodies = Organisation.objects.in_bulk([body for body, _tally in parts])
    asked = Request.objects.filter(round=round, not_asked="", organisation__in=bodies)
    rows = list(
        asked.order_by("pk").values_list(
            *("pk", "organisation"), "recommendation__lead_officer", "recommendation__lead"
        )
    )
    people: dict[int, dict[User, None]] = defaultdict(dict)
    of_request = people_asked(rows)
    for pk, body, _officer, _lead in rows:
        people[body] |= dict.fromkeys(of_request[pk])
    return [
        OrganisationRow(
            *(pk, bodies[pk].name, tuple(people[pk]), tally), bodies[pk].is_demonstration
        )
        for pk, tally in parts
    ]


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
    is_marked = Q(round__sent_by__is_demonstration=True) | fictional("recommendation__")
    found = Request.objects.filter(pk__in=ids).values_list(
        *("pk", "recommendation__reference", "recommendation__title", "organisation__name"),
        ExpressionWrapper(is_marked, BooleanField()),
    )
    return {
        pk: RequestRow(
            *(standings[pk], reference, title, name, standings[pk].state(today), today),
            bool(is_demo),
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
