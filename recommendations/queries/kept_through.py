"""What rests on how the site is set up, kept in memory while only progress is reported.

Most of what is recorded are updates, their evidence and decisions. None of it changes which
organisations, people, themes or sources there are to choose from.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import BigIntegerField, Exists, QuerySet, TextField

from recommendations.fixed import Given, fixed
from recommendations.models import (
    AuditEvent,
    Comment,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
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


def _holds(kept: Version, now: Version) -> bool:
    """Whether this is the same record, and progress alone was reported between both versions."""
    return bool(_unaffected(since=kept.sequence, hash=kept.hash, until=now.sequence))


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
