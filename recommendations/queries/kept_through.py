"""What is kept in memory while only progress is reported, or progress on other recommendations.

Most of what is recorded are updates, their evidence and decisions. None of it changes which
organisations, people, themes or sources there are to choose from; nor the rows of a list whose
recommendations it does not touch.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
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
from recommendations.queries.cache import Drawing, audience_of, cached, recall, remember
from recommendations.queries.version import Version, version_for

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
    """As ``cached``, under the last event of anything but ``PROGRESS``."""
    return cached(what, compute, audience=audience, version=version_of_set_up(person))


def version_of_set_up(person: Any) -> str:
    """The hash of the first event since which progress alone was reported.

    One short statement after an event, for all that is kept by it. A record that a backup put back
    is another: its hashes are not the same.
    """
    version, audience = version_for(person), audience_of(person)

    def known() -> str:
        kept = recall("set-up", audience, [0]).get(0)
        first = version.hash
        if kept and not _is_ahead(kept[0], version) and _is_progress_alone(kept[0], version):
            first = kept[1]
        # From here on: the events up to now are known to change nothing.
        remember("set-up", audience, {0: (version, first)})
        return first

    return cached("version of the set-up", known, audience=audience, version=version.hash)


@dataclass(frozen=True, slots=True)
class ListedRows:
    """What a list shows: recommendations by their ids, in order, and plain values beside them."""

    ids: Sequence[int]
    beside: Hashable


def since_it_shows_the_same(
    drawing: Drawing, shown: Callable[[], ListedRows], person: Any
) -> Drawing:
    """The drawing of a list under the first event since which it has shown the same.

    So it is drawn anew only where it shows something else: other rows, or one that was touched.
    After other events of progress it is one short statement to know, and what ``shown`` takes.
    """
    version, set_up = version_for(person), version_of_set_up(person)
    what, audience, parts = f"rows of {drawing.what}", drawing.audience, drawing.parts

    def known() -> str:
        now = shown()
        kept = recall(what, audience, [parts]).get(parts)
        first = version.hash
        if kept and not _is_ahead(kept[0], version) and kept[1:3] == (set_up, now):
            first = version.hash if _touched(kept[0].sequence, now.ids) else kept[3]
        remember(what, audience, {parts: (version, set_up, now, first)})
        return first

    first = cached(what, known, audience=audience, version=version.hash, parts=parts)
    return replace(drawing, version=first)


def _is_ahead(kept: Version, now: Version) -> bool:
    """Whether another thread has read a later moment: of what is read here that tells nothing."""
    return kept.sequence > now.sequence


def _is_progress_alone(kept: Version, now: Version) -> bool:
    """Whether this is the same record, and progress alone was reported between both versions."""
    given = {"since": kept.sequence, "hash": kept.hash, "until": now.sequence}
    return bool(_unaffected(**given))


@fixed
def _unaffected() -> QuerySet[AuditEvent, Any]:
    since = Given("since", BigIntegerField())
    until = Given("until", BigIntegerField())
    labels = [model._meta.label_lower for model in PROGRESS]
    others = AuditEvent.objects.filter(sequence__gt=since, sequence__lte=until)
    return (
        AuditEvent.objects.filter(sequence=since, hash=Given("hash", TextField()))
        .exclude(Exists(others.exclude(object_type__in=labels)))
        .order_by()
        .values_list("sequence")
    )


def _touched(since: int, ids: Sequence[int]) -> list[Any]:
    """Some of these recommendations that was touched after an event, if any."""
    return _marked(ids=ids, since=since) if ids else []


@fixed
def _marked() -> QuerySet[RecommendationMark, Any]:
    since = Given("since", BigIntegerField())
    found = RecommendationMark.objects.filter(Among("recommendation_id"), sequence__gt=since)
    return found.order_by().values_list("pk")[:1]
