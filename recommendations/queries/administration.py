"""What lists and forms of the administration show beside the columns of their rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.urls import reverse

from recommendations import permissions
from recommendations.choices import DateChangeState, Nature
from recommendations.models import (
    AuditEvent,
    EvidenceCheck,
    Invitation,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.permissions import Person
from recommendations.queries.dates import Ledger, ledger_of
from recommendations.queries.listed import column_names
from recommendations.queries.log.words import Named, names_of
from recommendations.queries.publicity import Mark, marks_of
from recommendations.transitions import UNDECIDED

# ---- What lists of the administration show beside the columns of their rows: of all rows of a page
# at once, by a fixed number of statements.


def counts_by(found: QuerySet[Any], name: str, keys: Iterable[Any]) -> Mapping[Any, int]:
    """How many of these rows point to each key by the column ``name``; 0 where none does."""
    rows = found.order_by().filter(**{f"{name}__in": list(keys)})
    return Counter(dict(rows.values_list(name).annotate(n=Count("pk"))))


def workloads(people: Sequence[Any]) -> Mapping[int, int]:
    """``Workload.count`` of each of these people, by key; one statement."""
    keys = [person.pk for person in people]
    followed = RecommendationState.objects.followed().order_by()
    # To be officer and reviewer of one counts once.
    reviewed = followed.exclude(Q(lead_officer__isnull=False) & Q(lead_officer=F("reviewer")))
    written = StatusUpdate.objects.order_by().filter(state__in=UNDECIDED)
    asked = TargetDateChange.objects.order_by().filter(
        state=DateChangeState.REQUESTED, recommendation__archived_at__isnull=True
    )
    first, *others = (
        rows.filter(**{f"{name}__in": keys}).values_list(name).annotate(n=Count("*"))
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


# ---- What the form of a recommendation shows beside its fields: its state, updates and dates

MOST_UPDATES = 10
"""Updates that the form lists, the newest; the history of the recommendation has all."""

_OF_UPDATES = (
    *("recommendation", "kind", "as_of", "state", "implementation_status", "confidence"),
    *("submitted_at", "decided_at", "addressee__area__name", "addressee__organisation__name"),
    *column_names("author", "decided_by"),
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is beside the fields, as far as the reader may see it.

    ``is_out_of_date`` is of the rating; ``changed_by`` and ``changed_at`` are of the last event
    about the recommendation itself; ``has_more`` tells that there are more ``updates`` than are
    listed. ``decidable`` is the update that the reader may decide on, if any.
    """

    state: RecommendationState
    is_out_of_date: bool
    updates: Sequence[tuple[StatusUpdate, Mark | None]]
    has_more: bool
    ledger: Ledger
    changed_by: str
    changed_at: datetime | None
    decidable: int | None
    may_log: bool

    @property
    def is_continuous(self) -> bool:
        return self.state.nature == Nature.CONTINUOUS

    @property
    def review_url(self) -> str:
        return reverse("review-item", args=[self.decidable]) if self.decidable else ""


def surroundings_of(found: Recommendation, person: Person, today: date) -> Surroundings:
    """What stands beside the form of one recommendation; a fixed number of statements."""
    rows = StatusUpdate.objects.visible_to(person).filter(recommendation=found.pk)
    beside = ("addressee__area", "addressee__organisation", "author", "decided_by")
    updates = list(
        (rows.select_related(*beside).only(*_OF_UPDATES).order_by("-as_of", "-pk"))[
            : MOST_UPDATES + 1
        ]
    )
    about = {"object_type": found._meta.label_lower, "object_id": str(found.pk)}
    events = AuditEvent.objects.filter(**about).select_related("actor")
    event = events.only("at", *column_names("actor")).order_by("-sequence").first()
    marks = marks_of(update.pk for update in updates)
    state = RecommendationState.objects.get(pk=found.pk)
    last_day = state.rating_out_of_date_after
    return Surroundings(
        state=state,
        is_out_of_date=last_day is not None and last_day < today,
        updates=[(update, marks.get(update.pk)) for update in updates[:MOST_UPDATES]],
        has_more=len(updates) > MOST_UPDATES,
        ledger=ledger_of(found, person),
        changed_by=str(event.actor or "") if event else "",
        changed_at=event.at if event else None,
        decidable=_decidable(found, person),
        may_log=permissions.can_log(person, found),
    )


def _decidable(found: Recommendation, person: Person) -> int | None:
    if not permissions.can_review(person):
        return None
    waiting = StatusUpdate.objects.awaiting_decision_by(person)
    ids = waiting.filter(recommendation=found.pk).order_by("pk").values_list("pk", flat=True)
    return ids.first()
