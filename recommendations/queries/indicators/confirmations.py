"""Values that await confirmation by a second person, and who may give it."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from recommendations import permissions
from recommendations.models import (
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
)
from recommendations.permissions import Person


def awaiting_confirmation() -> QuerySet[Any]:
    """Current values that nobody confirmed although a confirmation is asked."""
    return Observation.objects.unconfirmed().latest_revisions()


def awaiting_of_import(run: ImportRun) -> QuerySet[Any]:
    """Those of an import, in the order in which they are shown."""
    rows: QuerySet[Any] = awaiting_confirmation().filter(import_run=run.pk)
    return rows.select_related("area", "recorded_by", "confirmation").order_by(
        "-last_day", "area__name", "dimensions", "pk"
    )


def awaiting_digest(awaiting: Iterable[Observation]) -> str:
    """SHA-256 over which values these are; a value never changes, so its key stands for it."""
    keys = ",".join(str(pk) for pk in sorted(found.pk for found in awaiting))
    return hashlib.sha256(keys.encode()).hexdigest()


def with_awaiting(indicators: QuerySet[Indicator], person: Person) -> QuerySet[Any]:
    """``awaiting``: how many values of an indicator the person may confirm; a column, no query."""
    if not permissions.can_write(person):
        count: Any = Value(0, output_field=IntegerField())
        return indicators.annotate(awaiting=count)
    rows = awaiting_confirmation().filter(indicator=OuterRef("pk")).exclude(recorded_by=person.pk)
    if not permissions.can_review(person):
        rows = rows.filter(Exists(_loggable_links(person)))
    counted = rows.order_by().values("indicator").annotate(n=Count("pk")).values("n")
    return indicators.annotate(awaiting=Coalesce(Subquery(counted), 0))


def indicators_to_confirm(person: Person) -> list[Any]:
    """Indicators with values that the person may confirm, each with ``awaiting``; one query."""
    found = with_awaiting(Indicator.objects.all(), person).filter(awaiting__gt=0)
    return list(found.order_by("code"))


def _loggable_links(person: Person) -> QuerySet[IndicatorLink]:
    loggable = Recommendation.objects.loggable_by(person).order_by().values("pk")
    return IndicatorLink.objects.filter(
        Q(removed_at__isnull=True),
        indicator=OuterRef("indicator"),
        recommendation__in=loggable,
    )
