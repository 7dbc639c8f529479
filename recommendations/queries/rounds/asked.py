"""Whom a reporting round asks: people, and through them what each of them has to reply to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import Role
from recommendations.models import ReportingRound, Request, User, full_name, with_roles
from recommendations.queries.dates import short_day_text
from recommendations.queries.rounds.answers import reply_day, unanswered


class Asked(NamedTuple):
    """One request that waits for one person."""

    user_id: int
    request_id: int
    round_id: int
    round_name: str
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
        *("pk", "round", "round__name", "recommendation__reference", "recommendation__title"),
        *("reply_day", "recommendation__lead_officer", "recommendation__lead"),
    )
    by_request = {row[0]: row for row in told}
    for pk, people in people_asked(by_request.values()).items():
        for person in people:
            yield person, Asked(person.pk, *by_request[pk][:6])


def open_requests_of(users: Collection[User]) -> list[Asked]:
    """What open rounds wait for from these people, the first day to reply by first."""
    keys = {user.pk for user in users}
    bodies = {body for user in users if (body := permissions.organisation_id(user)) is not None}
    mine = Q(recommendation__lead_officer__in=keys)
    if bodies:
        mine |= Q(recommendation__lead__in=bodies)
    waiting = _waiting(Request.objects.filter(mine))
    found = [asked for person, asked in waiting if person.pk in keys]
    return sorted(found, key=lambda each: (each.user_id, each.reply_by, each.reference))


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
    waiting = unanswered(Request.objects.filter(recommendation__in=recommendations))
    rows = waiting.annotate(reply_day=reply_day()).order_by("reply_day", "pk")
    found = rows.values_list(
        *("recommendation", "round", "round__name", "round__as_of", "reply_day"),
        *(f"round__sent_by__{name}" for name in ("first_name", "last_name", "username")),
    )
    return [
        Requested(about, pk, name, day, by, full_name(*who))
        for about, pk, name, day, by, *who in found
    ]


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
