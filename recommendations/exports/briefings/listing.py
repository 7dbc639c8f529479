"""The briefing on a filtered list of recommendations: the filter, and a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.exports.briefings.blocks import Document, Lead, Small, Term, Terms
from recommendations.exports.briefings.source import rows_left_out
from recommendations.exports.briefings.wording import (
    audience,
    demonstration,
    recommendation_table,
    status_of,
)
from recommendations.queries.recommendations.rows import RecommendationRow


@dataclass(frozen=True, slots=True)
class FoundList:
    """What a filter found: the first rows, how many there are, and the filter in words.

    ``is_capped``: there are more than were counted.
    """

    rows: Sequence[RecommendationRow]
    total: int
    is_capped: bool
    filters: Sequence[tuple[str, str]]
    is_internal: bool


def list_briefing(
    found: FoundList, today: date, address: str, root: str, known_on: date | None = None
) -> Document:
    """The briefing of a list; ``address`` is that of the list with its filter."""
    is_fictional = any(row.is_demonstration for row in found.rows)
    return Document(
        kind=_("Briefing"),
        reference=_("Recommendations"),
        mark="",
        heading=_("Recommendations"),
        address=address,
        day=status_of(today, known_on),
        demonstration=demonstration(is_shown=is_fictional),
        audience=audience(is_internal=found.is_internal),
        blocks=tuple(_blocks(found, root)),
    )


def _blocks(found: FoundList, root: str) -> Iterator[Any]:
    n = found.total
    if found.is_capped:
        count = _("More than %(n)d recommendations") % {"n": n}
    else:
        count = ngettext("%(n)d recommendation", "%(n)d recommendations", n) % {"n": n}
    yield Lead((count,))
    if found.filters:
        yield Terms(tuple(Term(label, (value,)) for label, value in found.filters))
    if found.rows:
        yield recommendation_table(found.rows, root, is_internal=found.is_internal)
    if found.is_capped:
        yield Small((_("Only the first are listed here. The export of the list has all of them."),))
    elif more := n - len(found.rows):
        yield Small((rows_left_out(more),))
