"""What readers outside could read at some time, and what took it out of force."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.audit.rewind import as_held, changes_in
from recommendations.choices import BulkChange, UpdateState
from recommendations.models import AuditEvent, AuditRow, Recommendation, StatusUpdate
from recommendations.queries.dates import day_text

# ---- Verbs of the events of bulk changes, and of undoing them

CHANGED_MANY = "change_many"
PUBLISHED_MANY = "publish_many"
UNPUBLISHED_MANY = "unpublish_many"
ARCHIVED_MANY = "archive_many"
RESTORED_MANY = "restore_many"
UNDID_MANY = "undo_many"
IMPORTED = "import"
UNDID_LIST = "undo_list"
"""The verb by which the import of a list is undone."""
VERBS: Mapping[BulkChange, str] = {
    BulkChange.PUBLISH: PUBLISHED_MANY,
    BulkChange.UNPUBLISH: UNPUBLISHED_MANY,
    BulkChange.ARCHIVE: ARCHIVED_MANY,
    BulkChange.RESTORE: RESTORED_MANY,
}
"""Verbs of bulk changes that decide on publication; all others are ``CHANGED_MANY``."""
UNDOING = (UNDID_MANY, UNDID_LIST)
BULK_VERBS = (CHANGED_MANY, *VERBS.values(), *UNDOING)


# ---- What took approved updates out of force: a correction, a retraction, or an undone import.
# The one place that says so, wherever updates are listed.

UNDONE: str | Promise = gettext_lazy("Undone on %(day)s")


@dataclass(frozen=True, slots=True)
class Mark:
    """Since when an update holds no longer, and why; ``url`` is that of what replaced it."""

    text: str
    at: datetime
    url: str = ""

    @property
    def sentence(self) -> str:
        """The same among other sentences."""
        return _("%(mark)s.") % {"mark": self.text}


def mark(words: str | Promise, at: datetime, url: str = "") -> Mark:
    """A mark of the words for what happened, such as ``UNDONE``, at that moment."""
    return Mark(str(words) % {"day": day_text(timezone.localdate(at))}, at, url)


def marks_among(updates: Iterable[Any]) -> dict[int, Mark]:
    """The marks by id, of updates read with ``opening_row``, as far as these tell; no query.

    Enough where what replaced one of them would be among them.
    """
    updates = list(updates)
    found = {
        row.pk: mark(UNDONE, row.opening_row.undone_at)
        for row in updates
        if row.opening_row is not None and row.opening_row.undone_at is not None
    }
    for row in updates:
        target = row.retracts_id or row.corrects_id
        if target is not None and row.state == UpdateState.APPROVED:
            words = _("Retracted on %(day)s") if row.retracts_id else _("Corrected on %(day)s")
            found[target] = mark(words, row.decided_at, reverse("update-detail", args=[row.pk]))
    return found


def marks_of(ids: Iterable[int | None]) -> dict[int, Mark]:
    """The marks of updates by id; one query, and none where there is no update."""
    wanted = [pk for pk in ids if pk is not None]
    if not wanted:
        return {}
    told = Q(opening_row__undone_at__isnull=False, pk__in=wanted)
    replacing = Q(retracts__in=wanted) | Q(corrects__in=wanted)
    rows = StatusUpdate.objects.filter(told | replacing, state=UpdateState.APPROVED).order_by("pk")
    columns = ("state", "decided_at", "retracts", "corrects", "opening_row__undone_at")
    found = marks_among(rows.select_related("opening_row").only(*columns))
    return {pk: found[pk] for pk in wanted if pk in found}


# ---- What readers outside could read at some time, told from the record

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
