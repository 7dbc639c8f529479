"""The parts of a recommendation in its briefing, its themes, and its relations to others."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from recommendations.exports.briefings.blocks import (
    Cell,
    Column,
    Small,
    Table,
    Term,
    Terms,
    paragraphs,
)
from recommendations.exports.briefings.wording import short_day
from recommendations.queries.recommendations.detail import DetailPage
from recommendations.queries.recommendations.relations import RelationRow
from recommendations.queries.recommendations.strands import PartRow


def parts_blocks(page: DetailPage) -> Iterator[Any]:
    """How many parts are complete, and each of them; nothing without any."""
    if not page.parts:
        return
    yield Small((page.row.parts_complete,))
    columns = (Column(_("Part"), 5), Column(_("State"), 2))
    yield Table(columns, tuple(_part_row(part) for part in page.parts))


def _part_row(part: PartRow) -> tuple[Cell, Cell]:
    amended = ""
    if part.amended_on is not None:
        amended = _("Amended on %(day)s: %(reason)s") % {
            "day": short_day(part.amended_on),
            "reason": part.amendment_reason,
        }
    state = _("Not complete")
    if part.is_complete:
        state = _("Complete as of %(day)s") % {"day": short_day(part.completed_on)}
    return Cell(part.words, paragraphs(amended)), Cell(state)


def relations_blocks(page: DetailPage) -> Iterator[Any]:
    """Themes, and each kind of relation with the others that it leads to; inside alone."""
    terms = [Term(_("Themes"), page.row.themes)] if page.row.themes else []
    related: dict[str, list[str]] = defaultdict(list)
    for relation in page.relations:
        related[relation.label].append(_related_text(relation))
    terms += [Term(label, tuple(texts)) for label, texts in related.items()]
    if terms:
        yield Terms(tuple(terms))


def _related_text(relation: RelationRow) -> str:
    """The other recommendation with its status."""
    words = _("%(reference)s %(title)s (%(status)s)")
    if relation.is_blocked:
        words = _("%(reference)s %(title)s (closed without being implemented: %(status)s)")
    return words % {
        "reference": relation.reference,
        "title": relation.title,
        "status": relation.status_label,
    }
