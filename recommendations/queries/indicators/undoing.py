"""What undoing an import of values changes, and what rests on the values that it withdraws."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import UpdateState
from recommendations.models import Area, EvidenceLink, ImportRun, Observation, StatusUpdate
from recommendations.queries.indicators.values import (
    NEWEST_FIRST,
    earlier_revisions,
    figure_key,
    value_text,
)
from recommendations.queries.shown import Shown, ShownPart

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
        ShownPart(name, label, str(n), ngettext("%(n)d item", "%(n)d items", n) % {"n": n})
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
