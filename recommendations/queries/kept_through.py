"""What is kept in memory while only progress is reported, or progress on other recommendations.

Most of what is recorded are updates, their evidence and decisions. None of it changes which
organisations, people, themes or sources there are to choose from; nor the rows of a list whose
recommendations it does not touch.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import BigIntegerField, Exists, QuerySet, TextField

from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    AuditEvent,
    Comment,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    RecommendationMark,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.queries.cache import cached, recall, remember
from recommendations.queries.frame import Version, version_for

T = TypeVar("T")

PROGRESS = (
    StatusUpdate,
    Evidence,
    EvidenceLink,
    EvidenceRevision,
    EvidenceCheck,
    TargetDateChange,
    Comment,
)
"""Models whose events leave as it is what is kept here. What is computed reads none of them."""


def kept_through_progress(what: str, compute: Callable[[], T], *, person: Any, audience: str) -> T:
    """As ``cached``, under the last event of anything but ``PROGRESS``.

    After other events it is one short statement to know that it still holds.
    """
    version = version_for(person)

    def known() -> T:
        kept = recall(what, audience, [0]).get(0)
        if kept and _holds(kept[0], version):
            found: T = kept[1]
            # From here on: the events up to now are known to change nothing.
            remember(what, audience, {0: (version, found)})
            return found
        found = compute()
        remember(what, audience, {0: (version, found)})
        return found

    return cached(what, known, audience=audience, version=version.hash)


@dataclass(frozen=True, slots=True)
class ShownRows:
    """What a list shows: recommendations by their ids, in order, and plain values beside them."""

    ids: Sequence[int]
    beside: Hashable


def first_version_of(
    what: str, shown: Callable[[], ShownRows], *, person: Any, audience: str, parts: tuple[Any, ...]
) -> str:
    """The hash of the first event since which a list has shown the same.

    What is kept under it in place of the last event is drawn anew only where it shows something
    else: other rows, or one that was touched. After other events of progress it is one short
    statement to know, and what ``shown`` takes. ``parts`` are what else the list depends on.
    """
    version = version_for(person)

    def known() -> str:
        now = shown()
        kept = recall(what, audience, [parts]).get(parts)
        first = version.hash
        if kept and kept[1] == now and _holds(kept[0], version, now.ids):
            first = kept[2]
        remember(what, audience, {parts: (version, now, first)})
        return first

    return cached(what, known, audience=audience, version=version.hash, parts=parts)


def _holds(kept: Version, now: Version, ids: Sequence[int] = ()) -> bool:
    """Whether this is the same record, and progress alone was reported between both versions.

    On other recommendations than these, where there are any.
    """
    given = {"since": kept.sequence, "hash": kept.hash, "until": now.sequence}
    return bool(_unaffected(bool(ids), ids=ids, **given))


@fixed
def _unaffected(has_rows: bool) -> QuerySet[AuditEvent, Any]:
    since = Given("since", BigIntegerField())
    until = Given("until", BigIntegerField())
    labels = [model._meta.label_lower for model in PROGRESS]
    others = AuditEvent.objects.filter(sequence__gt=since, sequence__lte=until)
    found = (
        AuditEvent.objects.filter(sequence=since, hash=Given("hash", TextField()))
        .exclude(Exists(others.exclude(object_type__in=labels)))
        .order_by()
    )
    if has_rows:
        touched = RecommendationMark.objects.filter(Among("recommendation_id"), sequence__gt=since)
        found = found.exclude(Exists(touched))
    return found.values_list("sequence")
