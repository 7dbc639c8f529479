"""Who had a hand in evidence: another manager agrees to what readers outside see of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_

from django.db.models import F, Q

from recommendations.choices import EvidenceChangeKind, Visibility
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceLink,
    EvidenceRevision,
    User,
    settled_link,
)
from recommendations.queries.publicity import was_public

SOURCE_FIELDS = ("url", "citation")
"""Where a checker finds an item, besides its file."""

PUBLIC_WORDING = (
    *("title", "kind", "description", *SOURCE_FIELDS, "publisher"),
    *("effective_on", "effective_precision", "retrieved_on", "expires_on"),
)
"""What readers outside read of an item, besides its file."""


def is_relied_on(item: Evidence) -> bool:
    """Whether something that readers outside were told rests on an item.

    That is an approved update, a value, a response that has come, and a recommendation that is
    published or was.
    """
    links = item.links.filter(removed_at__isnull=True)
    if links.filter(settled_link()).exists():
        return True
    placed = links.filter(recommendation__isnull=False).select_related("recommendation")
    return any(was_public(link.recommendation) for link in placed if link.recommendation)


def is_settled(item: Evidence) -> bool:
    """Whether readers outside see an item on which something rests: two people change it then."""
    return item.visibility == Visibility.PUBLIC and is_relied_on(item)


def hands_of(items: Collection[Evidence]) -> Mapping[int, set[int]]:
    """Who recorded each item, edited it, brought its file or linked it to what rests on it, by id.

    Edits that were decided on are not counted: a second manager agreed to them. Three queries.
    """
    found: dict[int, set[int]] = defaultdict(set)
    for item in items:
        found[item.pk].add(item.recorded_by_id or 0)
    links = EvidenceLink.objects.live().filter(settled_link(), evidence__in=found)
    files = EvidenceRevision.objects.filter(evidence__in=found, number=F("evidence__last_revision"))
    for rows in (links, files):
        for pk, person in rows.order_by().values_list("evidence", "added_by"):
            found[pk].add(person or 0)
    edits = AuditEvent.objects.filter(
        reduce(or_, (Q(payload__contains=f'"{name}":[') for name in PUBLIC_WORDING)),
        object_type=Evidence._meta.label_lower,
        object_id__in=[str(pk) for pk in found],
        verb="change",
    )
    for key, person in edits.order_by().values_list("object_id", "actor"):
        found[int(key)].add(person or 0)
    return found


def gave_source(item: Evidence, by: User) -> bool:
    """Whether this person changed the address or the citation to what it is now."""
    events = AuditEvent.objects.filter(
        object_type=item._meta.label_lower,
        object_id=str(item.pk),
        verb__in=("change", "apply_change"),
    ).order_by("-sequence")
    for name in SOURCE_FIELDS:
        last = events.filter(payload__contains=f'"{name}":').first()
        if last is not None and by.pk in (last.actor_id, _proposer(item, last)):
            return True
    return False


def _proposer(item: Evidence, event: AuditEvent) -> int | None:
    """Who proposed the change that an event applied."""
    if event.verb != "apply_change":
        return None
    decided = item.changes.filter(kind=EvidenceChangeKind.WORDING, decided_at__lte=event.at)
    return decided.order_by("-decided_at").values_list("proposed_by", flat=True).first()
