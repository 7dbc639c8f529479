"""One figure on a page of its own: what it says, its record, and what stands for and against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from recommendations import permissions
from recommendations.models import EvidenceLink, Observation, readable_links
from recommendations.summaries.addressees import Proof, proof_of
from recommendations.summaries.figures import Figure, observed
from recommendations.summaries.files import with_file_now


@dataclass(frozen=True, slots=True)
class FigureView:
    """One figure with its evidence, as far as the reader may see it."""

    pk: int
    figure: Figure
    numerator: Any
    denominator: Any
    revision: int
    recorded_at: Any
    recorded_by: str
    proofs: tuple[Proof, ...]


def with_record(person: Any) -> QuerySet[Observation]:
    """Figures as ``figure_view`` needs them."""
    links = (
        EvidenceLink.objects.live()
        .filter(readable_links(person))
        .select_related("evidence__recorded_by", "added_by")
        .prefetch_related(with_file_now("evidence__"))
        .order_by("pk")
    )
    return Observation.objects.select_related("indicator", "area", "recorded_by").prefetch_related(
        Prefetch("evidence_links", links, to_attr="proofs")
    )


def figure_view(row: Any, person: Any) -> FigureView:
    """For somebody who may record figures there."""
    return FigureView(
        pk=row.pk,
        figure=observed(row, row.indicator.decimals),
        numerator=row.numerator,
        denominator=row.denominator,
        revision=row.revision,
        recorded_at=row.recorded_at,
        recorded_by=str(row.recorded_by or ""),
        proofs=tuple(
            proof_of(link, person, may_remove=_may_remove(link, person)) for link in row.proofs
        ),
    )


def _may_remove(link: Any, person: Any) -> bool:
    """``permissions.can_detach`` of somebody who may record figures there, without asking again."""
    return permissions.can_review(person) or not permissions.is_anothers_objection(person, link)
