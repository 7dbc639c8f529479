"""The preview of a bulk change in words: its rows, its effects, its button."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import SKIPPED, BulkChange, RowOutcome
from recommendations.models import Recommendation
from recommendations.queries.bulk_changes import BulkPlan, PlannedRow
from recommendations.queries.fields import value_in_words
from recommendations.queries.log.names import names_of


@dataclass(frozen=True, slots=True)
class RowText:
    """One row of a preview in words."""

    reference: str
    title: str
    outcome: RowOutcome
    before: str
    after: str
    has_public_text: bool

    @property
    def is_changing(self) -> bool:
        return self.outcome == RowOutcome.CHANGED

    @property
    def is_skipped(self) -> bool:
        return self.outcome in SKIPPED


def row_texts(plan: BulkPlan, rows: Sequence[PlannedRow]) -> list[RowText]:
    """Rows of one page of a preview in words; a fixed number of queries."""
    keys = [row.pk for row in rows]
    texted = Recommendation.objects.filter(pk__in=keys)
    public = set(texted.filter(current_update__public_text__gt="").values_list("pk", flat=True))
    sides = _themes_in_words(plan, rows) if plan.column == "themes" else _in_words(plan, rows)
    return [
        RowText(row.reference, row.title, row.outcome, before, after, row.pk in public)
        for row, (before, after) in zip(rows, sides, strict=True)
    ]


def _in_words(plan: BulkPlan, rows: Sequence[PlannedRow]) -> Iterator[tuple[str, str]]:
    """What each row holds, and what it is to hold."""
    chosen: Any = Recommendation._meta.get_field(plan.column).related_model
    keys = {str(value) for row in rows for value in (row.held, row.wanted) if value is not None}
    label = chosen._meta.label_lower if chosen else ""
    names = names_of((label, key) for key in keys) if chosen else {}

    def text(value: Any) -> str:
        if plan.column == "published_at":
            return _("Published") if value else _("Not published")
        if plan.column == "archived_at":
            return _("Archived") if value else _("Not archived")
        if chosen:
            named = names.get((label, str(value)))
            return named.title if named else ""
        return value_in_words(Recommendation(), plan.column, value)

    return ((text(row.held), text(row.wanted)) for row in rows)


def _themes_in_words(plan: BulkPlan, rows: Sequence[PlannedRow]) -> Iterator[tuple[str, str]]:
    """All themes of each row, and those that it is to have."""
    through = Recommendation.themes.through.objects.filter(
        recommendation__in=[row.pk for row in rows]
    )
    names: dict[int, set[str]] = defaultdict(set)
    for pk, name in through.values_list("recommendation_id", "theme__name"):
        names[pk].add(name)
    one = {plan.value.value.name} if plan.value else set()
    for row in rows:
        wanted = names[row.pk] | one if row.wanted else names[row.pk] - one
        yield ", ".join(sorted(names[row.pk])), ", ".join(sorted(wanted))


def effects_of(plan: BulkPlan, change: BulkChange, *, is_undo: bool) -> Iterator[str]:
    """What a bulk change, or undoing it, means for readers and for those who follow the rows."""
    match change.reverse if is_undo else change:
        case BulkChange.PUBLISH:
            yield _("Everyone can read the published recommendations and cite their addresses.")
            if n := _without_public_text(plan):
                yield ngettext(
                    "%(n)d recommendation has no public summary. The public sees status, "
                    "confidence and date.",
                    "%(n)d recommendations have no public summary. The public sees status, "
                    "confidence and date.",
                    n,
                ) % {"n": n}
        case BulkChange.UNPUBLISH:
            yield _("Public pages and cited addresses of these recommendations answer “not found”.")
        case BulkChange.ARCHIVE:
            yield _(
                "Archived recommendations leave counts, summaries, My work and Review. Published "
                "pages stay and state that tracking has ended."
            )
        case BulkChange.RESTORE:
            yield _("Restored recommendations return to counts, summaries, My work and Review.")


def button_of(change: BulkChange, n: int, *, is_undo: bool) -> str:
    """What the button says that confirms a bulk change, or undoing one, of ``n`` rows."""
    if is_undo:
        told = ngettext(
            "Undo change of %(n)d recommendation", "Undo change of %(n)d recommendations", n
        )
        return told % {"n": n}
    match change:
        case BulkChange.PUBLISH:
            told = ngettext("Publish %(n)d recommendation", "Publish %(n)d recommendations", n)
        case BulkChange.UNPUBLISH:
            told = ngettext("Unpublish %(n)d recommendation", "Unpublish %(n)d recommendations", n)
        case BulkChange.ARCHIVE:
            told = ngettext("Archive %(n)d recommendation", "Archive %(n)d recommendations", n)
        case BulkChange.RESTORE:
            told = ngettext("Restore %(n)d recommendation", "Restore %(n)d recommendations", n)
        case _:
            told = ngettext("Change %(n)d recommendation", "Change %(n)d recommendations", n)
    return told % {"n": n}


def _without_public_text(plan: BulkPlan) -> int:
    """How many of the rows that change have no public summary."""
    rows = Recommendation.objects.filter(pk__in=[row.pk for row in plan.changing])
    return rows.exclude(current_update__public_text__gt="").count()
