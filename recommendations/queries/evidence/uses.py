"""What evidence items are linked to, as far as a reader may see it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from recommendations import permissions
from recommendations.models import EvidenceLink, public_link
from recommendations.models.updates import SEEN_BY_VIEWERS
from recommendations.permissions import Person
from recommendations.queries.columns import names_of


@dataclass(frozen=True, slots=True)
class EvidenceUse:
    """One thing that an evidence item is linked to; who, when and in which words only inside."""

    stance: str
    label: str
    url: str
    kind: str
    why: str
    is_answered: bool
    as_of: date | None = None
    added_by: str = ""
    added_at: datetime | None = None
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


def links_by_item(items: Collection[int], person: Person) -> dict[int, list[EvidenceLink]]:
    """Live links of the items with these ids that the person may see, each with its target."""
    links = (
        EvidenceLink.objects.live()
        .filter(readable_targets(person), evidence__in=items)
        .select_related("recommendation", "update__recommendation", "observation__indicator")
        .select_related("response__addressee__recommendation")
        .select_related("response__addressee__area", "response__addressee__organisation")
        .select_related("added_by", "answered_by")
        .only(*_OF_LINKS, *_OF_TARGETS)
        .order_by("pk")
    )
    found: dict[int, list[EvidenceLink]] = {item: [] for item in items}
    for link in links:
        found[link.evidence_id].append(link)
    return found


_OF_LINKS = (
    *("evidence", "stance", "why", "answer", "answered_at", "added_at", "removed_at"),
    *names_of("added_by", "answered_by"),
)
_OF_TARGETS = (
    *("recommendation__reference", "recommendation__title"),
    *("update__as_of", "update__recommendation__reference", "update__recommendation__title"),
    *("observation__period", "observation__indicator__code"),
    *("response__position", "response__addressee__recommendation__reference"),
    *("response__addressee__area__name", "response__addressee__organisation__name"),
)
"""Columns of a link and of what it leads to that pages show."""


def readable_targets(person: Person) -> Q:
    """Condition on evidence links: under something that the person may read.

    For the public that is what is published, updates in force, and responses that have come.
    """
    if permissions.can_read_drafts(person):
        return Q()
    if permissions.can_read_internally(person):
        return Q(update__isnull=True) | Q(update__state__in=SEEN_BY_VIEWERS)
    return public_link()


def use_of(link: EvidenceLink, *, is_inside: bool) -> EvidenceUse:
    """A link as the page of its item shows it."""
    inside: dict[str, Any] = {}
    if is_inside:
        inside = {
            "added_by": str(link.added_by or ""),
            "added_at": link.added_at,
            "answer": link.answer,
            "answered_by": str(link.answered_by or ""),
            "answered_at": link.answered_at,
        }
    label, url, kind = target_of(link, is_inside=is_inside)
    return EvidenceUse(
        stance=link.stance,
        label=label,
        url=url,
        kind=kind,
        why=link.why if is_inside else "",
        is_answered=link.answered_at is not None,
        as_of=link.update.as_of if link.update else None,
        **inside,
    )


def target_of(link: EvidenceLink, *, is_inside: bool) -> tuple[str, str, str]:
    """What a link leads to: in words, its address, its kind."""
    if link.recommendation:
        return str(link.recommendation), link.recommendation.get_absolute_url(), "recommendation"
    if link.update:
        about = link.update.recommendation
        url = link.update.get_absolute_url() if is_inside else about.get_absolute_url()
        return str(about), url, "update"
    if link.response:
        addressee = link.response.addressee
        about = addressee.recommendation
        position = link.response.get_position_display()
        label = f"{about.reference}, {addressee}: {position}"
        url = f"{reverse('response-list', args=[about.reference])}#addressee-{addressee.pk}"
        return label, url, "response"
    # The constraint link_has_one_target leaves nothing else.
    figure: Any = link.observation
    label = f"{figure.indicator.code} {figure.period}"
    return label, figure.indicator.get_absolute_url(), "observation"
