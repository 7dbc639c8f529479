"""What lists of the administration show beside the columns of their rows: of all rows of a page at
once, by a fixed number of statements."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet

from recommendations.choices import DateChangeState
from recommendations.models import (
    AuditEvent,
    EvidenceCheck,
    Invitation,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.queries.log.names import Named, names_of
from recommendations.transitions import UNDECIDED


def counts_by(found: QuerySet[Any], name: str, keys: Iterable[Any]) -> Mapping[Any, int]:
    """How many of these rows point to each key by the column ``name``; 0 where none does."""
    rows = found.order_by().filter(**{f"{name}__in": list(keys)})
    return Counter(dict(rows.values_list(name).annotate(n=Count("pk"))))


def workloads(people: Sequence[Any]) -> Mapping[int, int]:
    """``Workload.count`` of each of these people, by key; one statement."""
    keys = [person.pk for person in people]
    followed = Recommendation.objects.followed().order_by()
    # To be officer and reviewer of one counts once.
    reviewed = followed.exclude(Q(lead_officer__isnull=False) & Q(lead_officer=F("reviewer")))
    written = StatusUpdate.objects.order_by().filter(state__in=UNDECIDED)
    asked = TargetDateChange.objects.order_by().filter(
        state=DateChangeState.REQUESTED, recommendation__archived_at__isnull=True
    )
    first, *others = (
        rows.filter(**{f"{name}__in": keys}).values_list(name).annotate(n=Count("pk"))
        for rows, name in (
            (followed, "lead_officer"),
            (reviewed, "reviewer"),
            (written, "author"),
            (asked, "requested_by"),
        )
    )
    totals = dict.fromkeys(keys, 0)
    for person, n in first.union(*others, all=True):
        totals[person] += n
    return totals


def acceptances(people: Sequence[Any]) -> Mapping[int, Any]:
    """When each of these people accepted the invitation that made their account, by key."""
    accepted = Invitation.objects.filter(accepted_by__in=[person.pk for person in people])
    return dict(accepted.values_list("accepted_by", "accepted_at"))


def verified(items: Sequence[Any]) -> Mapping[int, bool]:
    """Whether the current file of each of these evidence items was verified, by key."""
    live = EvidenceCheck.objects.filter(removed_at__isnull=True, evidence__in=list(items))
    current = live.filter(revision=F("evidence__last_revision")).order_by()
    found = set(current.values_list("evidence", flat=True))
    return {item.pk: item.pk in found for item in items}


def names_in_events(events: Sequence[AuditEvent]) -> Mapping[int, Named]:
    """What the rows are called that events are about, by the number of the event."""
    keys = {event.pk: (event.object_type, event.object_id) for event in events}
    names = names_of(set(keys.values()))
    return {pk: names[key] for pk, key in keys.items() if key in names}


def years_of_dates() -> tuple[int, ...]:
    """Every year from that of the first target date to that of the last; none without dates."""
    days = RecommendationState.objects.order_by().aggregate(
        first=Min("target_date"), last=Max("target_date")
    )
    first, last = days["first"], days["last"]
    return () if first is None else tuple(range(first.year, last.year + 1))
