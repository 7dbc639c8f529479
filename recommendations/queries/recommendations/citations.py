"""What a reader quotes of a recommendation: a sentence, and an address that shows it for good."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations.models import ChainHead, Recommendation
from recommendations.queries.days import Days, entry_name
from recommendations.queries.recommendations.rows import RecommendationRow
from recommendations.queries.recommendations.status_text import status_text

LINE = 44
"""Characters of a line of the field that holds a citation, for browsers that cannot fit it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence, and the path of the page that shows what it says.

    ``is_public`` says whether the page opens without an account.
    """

    reference: str
    sentence: str
    path: str
    is_public: bool

    @property
    def lines(self) -> int:
        """The height of a field for the sentence with its address below."""
        return len(self.sentence) // LINE + 4


def with_citation(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Recommendations with what ``citation_now`` needs, as of one moment: no query of its own."""
    head = ChainHead.objects.filter(pk=1)
    found: QuerySet[Any] = rows.annotate(
        record_number=Subquery(head.values("last_sequence")),
        record_hash=Subquery(head.values("last_hash")),
    )
    return found


def citation_now(found: Any, row: RecommendationRow, today: date) -> Citation | None:
    """How a recommendation of ``with_citation`` is quoted today, by the row that a reader sees.

    Not at all before anything is recorded, and in a preview, which was read without it.
    """
    if not getattr(found, "record_number", 0):
        return None
    is_public = found.published_at is not None and found.archived_at is None
    return Citation(
        reference=found.reference,
        sentence=_sentence(found, status_text(row, today, archived_at=found.archived_at)),
        path=cited_path(found.reference, today, found.record_number, found.record_hash),
        is_public=is_public and settings.PUBLIC_PAGES,
    )


def citation_then(
    then: Recommendation,
    row: RecommendationRow,
    days: Days,
    *,
    is_public: bool,
    since: Iterable[str] = (),
) -> Citation:
    """How it is quoted of past days; ``since`` is what has come of the status after these."""
    path = f"{reverse('recommendation-detail', args=[then.reference])}?{days.query}"
    if days.is_one_day:
        path = cited_path(then.reference, days.as_of, days.entry, days.entry_hash)
    told = status_text(row, days.as_of, days.known_on, then.archived_at)
    return Citation(
        reference=then.reference,
        sentence=" ".join((_sentence(then, told), *since)),
        path=path,
        is_public=is_public and settings.PUBLIC_PAGES,
    )


def cited_path(reference: str, day: date, number: int, digest: str) -> str:
    """The address that shows a status of a day for good, as known at an entry of the record.

    ``digest`` is the hash of the entry.
    """
    entry = entry_name(number, digest)
    return reverse("recommendation-cited", args=[reference, day.isoformat(), entry])


def _sentence(found: Recommendation, told: str) -> str:
    words = {"reference": found.reference, "title": found.title, "status": told}
    return _("%(reference)s “%(title)s”. %(status)s") % words
