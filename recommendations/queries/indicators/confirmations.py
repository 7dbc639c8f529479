"""Values that await confirmation by a second person, and what undoing an import changes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import UpdateState
from recommendations.models import (
    Area,
    EvidenceLink,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
    StatusUpdate,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.uses import claim_parts
from recommendations.queries.indicators.values import (
    NEWEST_FIRST,
    earlier_revisions,
    figure_key,
    value_text,
)
from recommendations.queries.shown import Shown, ShownPart, field_parts

# ---- Values that await confirmation by a second person, and who may give it

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
    count = ngettext("%(n)s value", "%(n)s values", len(awaiting)) % {"n": len(awaiting)}
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


# ---- What undoing an import of values changes, and what rests on the values that it withdraws

UNDO: Final = "undo-import"
"""What ``Shown`` is about where an import is undone."""

MOST_LISTED: Final = 20
"""Values, evidence items and updates that a page lists one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class UndoCounts:
    """How many values an import brought, and what becomes of each; they add up to ``total``.

    ``restored``: the revision before is current again; ``absent``: no value is left; ``kept``:
    somebody revised it since, and that revision stays.
    """

    restored: int
    absent: int
    kept: int
    confirmed: int

    @property
    def total(self) -> int:
        return self.restored + self.absent + self.kept


def undo_counts(run: ImportRun) -> UndoCounts:
    """Three statements, however many values the import brought."""
    current = _current(run).annotate(has_earlier=Exists(earlier_revisions())).order_by()
    counted = dict(current.values_list("has_earlier").annotate(n=Count("pk")))
    values = Observation.objects.filter(import_run=run.pk)
    restored, absent = counted.get(True, 0), counted.get(False, 0)
    return UndoCounts(
        restored=restored,
        absent=absent,
        kept=values.count() - restored - absent,
        confirmed=values.filter(confirmation__isnull=False).count(),
    )


def undo_effects(run: ImportRun) -> dict[str, Any]:
    """All that a page shows of an import, read with its indicator, that is not undone yet.

    Lists are the first ``MOST_LISTED``. ``changing``: values of which another revision, or none, is
    current afterwards; ``repeated``: those that later imports stated alike, and so did not record
    again; ``areas``: those that the import added, which stay, as others may use them. ``updates``
    are of what the indicator measures, submitted since: they may quote a value.
    """
    later = ImportRun.objects.filter(
        indicator=run.indicator_id, at__gt=run.at, undone_at__isnull=True
    )
    links = _evidence(run)
    updates = StatusUpdate.objects.filter(
        recommendation__indicator_links__indicator=run.indicator_id,
        recommendation__indicator_links__removed_at__isnull=True,
        submitted_at__gte=run.at,
        state__in=(UpdateState.SUBMITTED, UpdateState.APPROVED),
    )
    updates = updates.select_related("recommendation").distinct().order_by("-submitted_at", "-pk")
    added, counts = run.reading.get("areas_added", []), undo_counts(run)
    return {
        "counts": counts,
        "changing": counts.restored + counts.absent,
        "values": _values(run),
        "evidence": list(links[:MOST_LISTED]),
        "evidence_total": links.count(),
        "updates": list(updates[:MOST_LISTED]),
        "updates_total": updates.count(),
        "repeated": sum(later.values_list("unchanged", flat=True)),
        "areas": list(Area.objects.filter(code__in=added)) if added else [],
    }


def shown_undo(run: ImportRun, counts: UndoCounts, evidence: int) -> Shown:
    """What somebody decides on who undoes an import."""
    words = (
        ("restored", _("Earlier value restored"), counts.restored),
        ("absent", _("No value left"), counts.absent),
        ("kept", _("Later revision kept"), counts.kept),
        ("confirmed", _("Confirmed values"), counts.confirmed),
        ("evidence", _("Evidence for these values"), evidence),
    )
    parts = [
        ShownPart(name, label, str(n), ngettext("%(n)s item", "%(n)s items", n) % {"n": n})
        for name, label, n in words
    ]
    return Shown(f"{UNDO}-{run.pk}", tuple(parts))


def evidence_count(run: ImportRun) -> int:
    """How many evidence items stand under values of an import."""
    return _evidence(run).count()


def _current(run: ImportRun) -> QuerySet[Any]:
    """The values of an import that nobody revised since."""
    return Observation.objects.filter(
        indicator=run.indicator_id, import_run=run.pk
    ).latest_revisions()


def _values(run: ImportRun) -> list[dict[str, str]]:
    """The first values that change, revised ones before those that are new; two statements.

    ``after`` is empty where no revision is left, which is no value at all: neither 0 nor missing.
    """
    first = (
        _current(run)
        .annotate(has_earlier=Exists(earlier_revisions()))
        .select_related("area")
        .order_by("-has_earlier", *NEWEST_FIRST)[:MOST_LISTED]
    )
    shown = list(first)
    earlier = Observation.objects.standing().filter(
        indicator=run.indicator_id,
        area__in={row.area_id for row in shown},
        period__in={row.period for row in shown},
    )
    decimals = run.indicator.decimals
    before: dict[tuple[Any, ...], str] = {}
    own = {figure_key(row): row.revision for row in shown}
    for row in earlier.order_by("revision"):
        if row.revision < own.get(figure_key(row), 0):
            before[figure_key(row)] = value_text(row.value, row.text, decimals)
    return [
        {
            "area": str(row.area),
            "period": row.period,
            "dimensions": row.dimensions,
            "now": value_text(row.value, row.text, decimals),
            "after": before.get(figure_key(row), ""),
        }
        for row in shown
    ]


def _evidence(run: ImportRun) -> QuerySet[EvidenceLink]:
    links = EvidenceLink.objects.live().filter(observation__import_run=run.pk)
    related = ("evidence", "observation__area", "observation__indicator")
    return links.select_related(*related).order_by("evidence__title", "pk")
