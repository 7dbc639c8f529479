"""Rules about values, requests and mail that nobody followed up."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Value

from recommendations.choices import Found, MailState
from recommendations.models import (
    ImportRun,
    Observation,
    OpeningBatch,
    OutgoingMail,
    Request,
)
from recommendations.queries.exceptions.rules import Limits, Moment
from recommendations.queries.rounds.answers import reply_day, unanswered


@dataclass(frozen=True, slots=True)
class RoundRequests:
    """A reporting round, and how many of its requests had no answer in time."""

    round_id: int
    count: int


def unconfirmed_values(known: Moment | None = None) -> QuerySet[Observation]:
    """Current values that await confirmation; with ``known``, as it was at that moment."""
    rows = Observation.objects.order_by("indicator", "-last_day", "pk")
    if known is None:
        return rows.unconfirmed().latest_revisions()
    confirmed = Q(confirmation__isnull=True) | Q(confirmation__confirmed_at__gt=known.known)
    return rows.filter(confirmed, asks_confirmation=True).latest_revisions(known.known)


@dataclass(frozen=True, slots=True)
class UndoneImport:
    """An import of values, or a batch of opening statuses, by its id; and when it was undone."""

    is_batch: bool
    pk: int
    at: datetime


def undone_imports(limits: Limits, at: Moment) -> list[UndoneImport]:
    """Imports that were undone in the period, the latest first; one statement.

    A batch counts if it was approved: else it was withdrawn, and nothing was undone.
    """
    period = Q(undone_at__gte=at.since(limits), undone_at__lte=at.known)
    runs = ImportRun.objects.filter(period)
    batches = OpeningBatch.objects.filter(period, decided_at__isnull=False)
    found, others = (
        rows.order_by().values_list(Value(number), "pk", "undone_at")
        for number, rows in enumerate((runs, batches))
    )
    undone = [UndoneImport(bool(kind), pk, day) for kind, pk, day in found.union(others) if day]
    return sorted(undone, key=lambda each: each.at, reverse=True)


def unanswered_requests(limits: Limits, at: Moment) -> list[RoundRequests]:
    """Rounds with requests that nothing answered by their day, most of them first.

    Open rounds, and those closed in the period. Two statements.
    """
    asked = Request.objects.filter(not_asked="").order_by()
    closed = asked.filter(round__closed_at__gte=at.since(limits), found=Found.MISSING)
    late = unanswered(asked).annotate(reply_day=reply_day()).filter(reply_day__lt=at.day)
    found: Counter[int] = Counter()
    for rows in (closed, late):
        found.update(dict(rows.values_list("round").annotate(n=Count("pk"))))
    return [RoundRequests(key, count) for key, count in found.most_common()]


def failed_mail() -> QuerySet[OutgoingMail]:
    """Messages that are tried no more, newest first."""
    return OutgoingMail.objects.filter(state=MailState.DEAD).order_by("-queued_at", "-pk")
