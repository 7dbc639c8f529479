"""What readers outside could read at some time, told from the record."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from recommendations.audit.replay import changes_in
from recommendations.audit.rewind import as_held
from recommendations.models import AuditEvent, AuditRow, Recommendation
from recommendations.queries.bulk_verbs import UNDID_MANY, UNPUBLISHED_MANY

UNPUBLISHED = "unpublish"

_TOUCHED = '"published_at":['
"""In the payload of a row whose publication began or ended."""


class Withdrawal(NamedTuple):
    """That publication ended, or by an undo began again, by an event: ``published_at`` of both."""

    number: int
    hash: str
    at: datetime
    recommendation: int
    before: datetime | None
    after: datetime | None


def withdrawals(
    of: Collection[int] | None = None, known: datetime | None = None
) -> list[Withdrawal]:
    """Those of some recommendations, or of all, by a moment or until now, in their order.

    One statement. They are rare: each means that something should not have been published.
    """
    about = {"object_type": Recommendation._meta.label_lower}
    events, rows = AuditEvent.objects.filter(**about), AuditRow.objects.filter(**about)
    if of is not None:
        keys = [str(pk) for pk in of]
        events, rows = events.filter(object_id__in=keys), rows.filter(object_id__in=keys)
    if known is not None:
        events, rows = events.filter(at__lte=known), rows.filter(event__at__lte=known)
    events = events.filter(verb=UNPUBLISHED)
    rows = rows.filter(event__verb__in=(UNPUBLISHED_MANY, UNDID_MANY), changes__contains=_TOUCHED)
    found = (
        events.order_by()
        .values_list("sequence", "hash", "at", "object_id", "payload")
        .union(
            rows.order_by().values_list(
                "event_id", "event__hash", "event__at", "object_id", "changes"
            ),
            all=True,
        )
    )
    return [_withdrawal(*row) for row in sorted(found)]


def _withdrawal(number: int, digest: str, at: datetime, key: str, text: str) -> Withdrawal:
    field = Recommendation._meta.get_field("published_at")
    sides = changes_in(text).get("published_at", (None, None))
    before, after = (as_held(field, each) for each in sides)
    return Withdrawal(number, digest, at, int(key), before, after)


def was_public(recommendation: Recommendation) -> bool:
    """Whether people could read it, now or before it was unpublished."""
    return recommendation.published_at is not None or bool(withdrawals([recommendation.pk]))


def once_public(rows: Iterable[Recommendation]) -> frozenset[int]:
    """The keys of those that people could read, now or earlier; one statement, however many."""
    keys = {row.pk: row.published_at is not None for row in rows}
    gone = {each.recommendation for each in withdrawals()} if keys else set()
    return frozenset(pk for pk, is_public in keys.items() if is_public or pk in gone)
