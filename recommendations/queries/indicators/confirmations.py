"""Values that await confirmation by a second person, and who may give it."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.models import (
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.shown import claim_parts
from recommendations.queries.indicators.values import NEWEST_FIRST
from recommendations.queries.shown import Shown, ShownPart, field_parts

VALUE, IMPORT = "value", "import"
"""What ``Shown`` is about where a value, or an import of values, is confirmed."""

INDICATOR_COLUMNS = ("title", "unit")
STATED = (
    *("value", "text", "numerator", "denominator", "obs_status", "source_status"),
    *("is_lower_bound", "is_approximate", "is_derived", "is_assumed", "comment", "source"),
)
"""What a person confirms of a value."""


def awaiting_confirmation() -> QuerySet[Any]:
    """Current values that nobody confirmed although a confirmation is asked."""
    return Observation.objects.unconfirmed().latest_revisions()


def awaiting_of_import(run: ImportRun) -> QuerySet[Any]:
    """Those of an import, in the order in which they are shown."""
    return _in_order(awaiting_confirmation().filter(import_run=run.pk))


def values_of_import(run: ImportRun) -> QuerySet[Any]:
    """All that an import brought, current or not, in the same order."""
    return _in_order(Observation.objects.filter(indicator=run.indicator_id, import_run=run.pk))


def _in_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.select_related("area", "recorded_by", "confirmation").order_by(*NEWEST_FIRST)


def shown_value(row: Any) -> Shown:
    """A value that was read ``with_record``, in the terms of its indicator, and its evidence."""
    parts = [
        *field_parts(row.indicator, INDICATOR_COLUMNS, under="indicator"),
        *field_parts(row, STATED),
    ]
    for link in row.proof_links:
        parts += claim_parts(link)
    return Shown(f"{VALUE}-{row.pk}", tuple(parts))


def shown_import(run: ImportRun, awaiting: Collection[Observation]) -> Shown:
    """An import with its values ``awaiting_of_import``, in the terms of its indicator.

    A value never changes, so its key stands for it.
    """
    keys = " ".join(str(pk) for pk in sorted(found.pk for found in awaiting))
    count = ngettext("%(n)d value", "%(n)d values", len(awaiting)) % {"n": len(awaiting)}
    values = ShownPart("values", _("Values awaiting confirmation"), keys, count)
    parts = field_parts(run.indicator, INDICATOR_COLUMNS, under="indicator")
    return Shown(f"{IMPORT}-{run.pk}", (*parts, values))


def with_awaiting(indicators: QuerySet[Indicator], person: Person) -> QuerySet[Any]:
    """``awaiting``: how many values of an indicator the person may confirm; a column, no query."""
    if not permissions.can_write(person):
        count: Any = Value(0, output_field=IntegerField())
        return indicators.annotate(awaiting=count)
    rows = _confirmable(person).filter(indicator=OuterRef("pk"))
    counted = rows.order_by().values("indicator").annotate(n=Count("pk")).values("n")
    return indicators.annotate(awaiting=Coalesce(Subquery(counted), 0))


def indicators_to_confirm(person: Person) -> list[Any]:
    """Indicators with values that the person may confirm, each with ``awaiting``; one query."""
    if not permissions.can_write(person):
        return []
    waiting = _confirmable(person).order_by("indicator__code")
    found: list[Any] = []
    each = waiting.values_list("indicator", "indicator__code", "indicator__title")
    for pk, code, title, awaiting in each.annotate(n=Count("pk")):
        indicator: Any = Indicator(pk=pk, code=code, title=title)
        indicator.awaiting = awaiting
        found.append(indicator)
    return found


def _confirmable(person: Person) -> QuerySet[Any]:
    """Values that this person, who may write, may confirm."""
    rows = awaiting_confirmation().exclude(recorded_by=person.pk)
    if permissions.can_review(person):
        return rows
    loggable = Recommendation.objects.loggable_by(person).order_by().values("pk")
    links = IndicatorLink.objects.filter(removed_at__isnull=True, recommendation__in=loggable)
    return rows.filter(indicator__in=links.order_by().values("indicator"))
