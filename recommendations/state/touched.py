"""Which rows an entry of the record touched, and whose state follows from them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from recommendations.models import (
    AuditEvent,
    AuditRow,
    EvidenceLink,
    Observation,
    Recommendation,
)

KEYS_AT_ONCE = 5_000
"""Keys in one question: databases take so many parameters and no more."""


class Touched:
    """What was changed so far: recommendations, and rows of other models by their label."""

    def __init__(self) -> None:
        self.recommendations: set[int] = set()
        self.others: dict[str, set[Any]] = defaultdict(set)

    def add(self, label: str, pk: Any, recommendation_id: int | None) -> None:
        """Take in one row; of what belongs to a recommendation that alone is of interest."""
        if recommendation_id is not None:
            self.recommendations.add(recommendation_id)
        elif pk and (label in DEPENDENT or label == SOURCE):  # a baseline is of no one row
            self.others[label].add(pk)

    def recommendation_ids(self) -> list[int]:
        """All recommendations whose state may have changed, in order."""
        found = set(self.recommendations)
        for label, keys in self.others.items():
            if dependent := DEPENDENT.get(label):
                for some in batches(sorted(keys, key=str)):
                    found.update(dependent(some).order_by().values_list("pk", flat=True))
        return sorted(found)

    def source_ids(self) -> list[int]:
        """Sources that were changed themselves."""
        return sorted(map(int, self.others.get(SOURCE, ())))


SOURCE = "recommendations.source"


def batches(keys: Collection[Any]) -> Iterable[list[Any]]:
    """Keys in lists that one statement takes."""
    rows = list(keys)
    return (rows[start : start + KEYS_AT_ONCE] for start in range(0, len(rows), KEYS_AT_ONCE))


def _through_evidence(path: str) -> Callable[[list[Any]], QuerySet[Any]]:
    name = f"current_update__evidence_links__evidence{path}__in"
    return lambda keys: Recommendation.objects.filter(**{name: keys})


def _with_evidence(keys: list[Any]) -> QuerySet[Any]:
    """Those to which it is linked, or to any update of which."""
    links = EvidenceLink.objects.filter(evidence__in=keys)
    linked = links.values(about=Coalesce("recommendation", "update__recommendation"))
    return Recommendation.objects.filter(pk__in=linked)


DEPENDENT: dict[str, Callable[[list[Any]], QuerySet[Any]]] = {
    "recommendations.evidence": _with_evidence,
    "recommendations.evidencecheck": _through_evidence("__checks"),
    "recommendations.evidencerevision": _through_evidence("__revisions"),
    "recommendations.storedfile": _through_evidence("__revisions__file"),
    "recommendations.indicator": lambda keys: Recommendation.objects.filter(
        indicator_links__indicator__in=keys
    ),
    "recommendations.organisation": lambda keys: Recommendation.objects.filter(lead__in=keys),
    "recommendations.theme": lambda keys: Recommendation.objects.filter(themes__in=keys),
    "recommendations.user": lambda keys: Recommendation.objects.filter(lead_officer__in=keys),
}
"""Rows that belong to no one recommendation: which ones rest on them, by the label of the model."""


def touched_since(known: datetime) -> set[int]:
    """All recommendations whose state, or what else lists show, may have changed after a moment.

    What belongs to none of these is as it was. A fixed number of statements for each kind of row
    that was changed.
    """
    touched = Touched()
    for found in (
        AuditEvent.objects.filter(at__gt=known),
        AuditRow.objects.filter(event__at__gt=known),
    ):
        own = found.filter(recommendation__isnull=False).order_by()
        touched.recommendations.update(own.values_list("recommendation", flat=True).distinct())
        others = found.filter(recommendation__isnull=True).order_by()
        for label, key in others.values_list("object_type", "object_id").distinct():
            touched.others[label].add(key)
    ids = set(touched.recommendation_ids())
    renamed = Recommendation.objects.filter(source__in=touched.source_ids())
    areas = map(int, touched.others.get("recommendations.area", ()))
    figures = Observation.objects.filter(
        Q(recorded_at__gt=known) | Q(import_run__undone_at__gt=known) | Q(area__in=list(areas))
    )
    # Which way an indicator moved follows from its figures.
    moved = figures.order_by().values("indicator")
    measured = Recommendation.objects.filter(indicator_links__indicator__in=moved)
    for rows in (renamed, measured):
        ids.update(rows.order_by().values_list("pk", flat=True))
    return ids
