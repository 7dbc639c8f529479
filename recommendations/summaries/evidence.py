"""Evidence in lists and on its own page."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from recommendations import permissions
from recommendations.models import (
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    public_response_link,
)


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that an evidence item is linked to."""

    stance: str
    label: str
    url: str
    kind: str
    why: str
    is_answered: bool


def with_uses(rows: QuerySet[Evidence]) -> QuerySet[Evidence]:
    """``live_checks``: how many people have checked an item and stand by it."""
    # A column of its own and no GROUP BY: so a count of the list need not look at checks.
    checks = EvidenceCheck.objects.filter(evidence=OuterRef("pk"), removed_at__isnull=True)
    counted = checks.order_by().values("evidence").annotate(n=Count("pk")).values("n")
    return rows.select_related("recorded_by").annotate(live_checks=Coalesce(Subquery(counted), 0))


def links_of(item: Evidence, person: Any) -> list[Use]:
    """What an item stands for and against, as far as the person may see it."""
    links = (
        EvidenceLink.objects.live()
        .filter(evidence=item.pk)
        .select_related("recommendation", "update__recommendation", "observation__indicator")
        .select_related("response__addressee__recommendation")
        .select_related("response__addressee__area", "response__addressee__organisation")
        .order_by("pk")
    )
    if permissions.can_read_internally(person):
        readable = StatusUpdate.objects.visible_to(person)
        links = links.filter(Q(update__isnull=True) | Q(update__in=readable))
        return [_use(link, is_inside=True) for link in links]
    links = links.filter(
        Q(recommendation__published_at__isnull=False)
        | Q(
            update__recommendation__published_at__isnull=False,
            update__in=_in_force(),
        )
        | public_response_link()
    )
    return [_use(link, is_inside=False) for link in links]


def _in_force() -> QuerySet[StatusUpdate]:
    current = Recommendation.objects.filter(current_update__isnull=False)
    return StatusUpdate.objects.filter(pk__in=current.values("current_update"))


def _use(link: EvidenceLink, *, is_inside: bool) -> Use:
    why = link.why if is_inside else ""
    is_answered = link.answered_at is not None
    if link.recommendation:
        target, kind = link.recommendation, "recommendation"
        return Use(link.stance, str(target), target.get_absolute_url(), kind, why, is_answered)
    if link.update:
        about = link.update.recommendation
        url = link.update.get_absolute_url() if is_inside else about.get_absolute_url()
        return Use(link.stance, str(about), url, "update", why, is_answered)
    if link.response:
        addressee = link.response.addressee
        about = addressee.recommendation
        position = link.response.get_position_display()
        label = f"{about.reference}, {addressee}: {position}"
        url = f"{reverse('response-list', args=[about.reference])}#addressee-{addressee.pk}"
        return Use(link.stance, label, url, "response", why, is_answered)
    # The constraint link_has_one_target leaves nothing else.
    figure: Any = link.observation
    label = f"{figure.indicator.code} {figure.period}"
    return Use(
        link.stance, label, figure.indicator.get_absolute_url(), "observation", why, is_answered
    )
