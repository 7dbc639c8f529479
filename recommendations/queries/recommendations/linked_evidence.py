"""Evidence beside one recommendation: for and against its current update, and around the source."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import Stance
from recommendations.fixed import Given, fixed
from recommendations.models import (
    EvidenceCheck,
    EvidenceLink,
    Recommendation,
    readable_links,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.claims import is_demonstration_link
from recommendations.queries.evidence.uses import FileRow, file_now, with_file_now
from recommendations.queries.listed import column_names

_COLUMNS = (
    *("recommendation", "update", "stance", "why", "is_placed_by_source", "added_at"),
    *("waits_for_agreement", "agreed_at"),
    *("answer", "answered_at", *column_names("answered_by"), "added_by__is_demonstration"),
    *(f"evidence__{name}" for name in ("title", "kind", "citation", "publisher", "url")),
    *(f"evidence__{name}" for name in ("effective_on", "effective_precision", "visibility")),
    "evidence__recorded_by__is_demonstration",
)
"""Columns of links, of their evidence and of people that are shown."""


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One evidence item under a recommendation or under its latest approved update.

    ``was_checked`` says that somebody checked a file that it had before. Of a past day there is no
    ``link``: how the items were verified is told of all of them together.
    """

    link: EvidenceLink | None
    title: str
    url: str
    kind_label: str
    stance: str
    citation: str
    publisher: str
    address: str
    effective_on: date | None
    precision: str
    why: str
    is_placed_by_source: bool
    is_internal: bool
    is_checked: bool
    was_checked: bool
    file: FileRow | None
    added_at: datetime | None
    answer: str
    answered_by: str
    answered_at: datetime | None
    is_unanswered: bool
    is_demonstration: bool

    @property
    def is_answered(self) -> bool:
        return self.stance == Stance.UNDERMINES and not self.is_unanswered


Evidence = tuple[tuple[EvidenceRow, ...], tuple[EvidenceRow, ...]]
"""Under the current update, what contradicts it first; and under the recommendation itself."""


def evidence_rows(found: Recommendation, person: Person) -> Evidence:
    """The live evidence of a recommendation and of its current update."""
    links = _links(readable_links(person), recommendation=found.pk, current=found.current_update_id)
    return rows_of_links(links, person)


def evidence_rows_of(found: Collection[Recommendation], person: Person) -> dict[int, Evidence]:
    """The same of several, by their ids; as many queries as for one."""
    of_update = {row.current_update_id: row.pk for row in found if row.current_update_id}
    about = Q(recommendation__in=[row.pk for row in found]) | Q(update__in=list(of_update))
    links: dict[int, list[Any]] = {row.pk: [] for row in found}
    for link in _live(readable_links(person), about):
        links[link.recommendation_id or of_update[link.update_id]].append(link)
    return {pk: rows_of_links(each, person) for pk, each in links.items()}


def rows_of_links(links: Iterable[Any], person: Person) -> Evidence:
    """Rows of links that were read with all that their pages show."""
    told = [(link, _evidence(link, person)) for link in links]
    claims = [row for link, row in told if link.update_id]
    claims.sort(key=lambda row: (not row.is_unanswered, row.stance != Stance.UNDERMINES))
    return tuple(claims), tuple(row for link, row in told if link.recommendation_id)


def claims_summary(claims: Sequence[EvidenceRow]) -> tuple[str, ...]:
    """How many items support and contradict the current update, in sentences."""
    supporting = [row for row in claims if row.stance == Stance.SUPPORTS]
    against = [row for row in claims if row.stance == Stance.UNDERMINES]
    told = []
    if number := len(supporting):
        text = ngettext(
            "%(n)d item supports the status; %(verified)d verified.",
            "%(n)d items support the status; %(verified)d verified.",
            number,
        )
        told.append(text % {"n": number, "verified": sum(row.is_checked for row in supporting)})
    if number := len(against):
        text = ngettext(
            "%(n)d item contradicts the status; %(open)d unanswered.",
            "%(n)d items contradict the status; %(open)d unanswered.",
            number,
        )
        told.append(text % {"n": number, "open": sum(row.is_unanswered for row in against)})
    return tuple(told)


@fixed
def _links(readable: Q) -> QuerySet[Any]:
    """Live evidence of the recommendation and of its latest approved update, if there is one."""
    one, current = (Given(name, BigIntegerField()) for name in ("recommendation", "current"))
    about = Q(recommendation=one) | Q(update=current)
    return _live(readable, about)


def _live(readable: Q, about: Q) -> QuerySet[Any]:
    earlier = EvidenceCheck.objects.filter(
        evidence=OuterRef("evidence"),
        revision__lt=OuterRef("evidence__last_revision"),
        removed_at__isnull=True,
    )
    return (
        EvidenceLink.objects.live()
        .filter(readable)
        .filter(about)
        .select_related("evidence__recorded_by", "answered_by", "added_by")
        .only(*_COLUMNS)
        .with_checked()
        .annotate(was_checked=Exists(earlier))
        .prefetch_related(with_file_now("evidence__"))
        .order_by("stance", "evidence__title", "pk")
    )


def _evidence(link: Any, person: Person) -> EvidenceRow:
    item = link.evidence
    is_inside = permissions.can_read_internally(person)
    return EvidenceRow(
        link=link if is_inside else None,
        title=item.title,
        url=item.get_absolute_url(),
        kind_label=item.get_kind_display(),
        stance=link.stance,
        citation=item.citation,
        publisher=item.publisher,
        address=item.url,
        effective_on=item.effective_on,
        precision=item.effective_precision,
        why=link.why if is_inside else "",
        is_placed_by_source=link.is_placed_by_source,
        is_internal=link.is_internal,
        is_checked=link.is_checked,
        was_checked=link.was_checked,
        file=file_now(item, person),
        added_at=link.added_at if is_inside else None,
        answer=link.answer if is_inside else "",
        answered_by=str(link.answered_by or "") if is_inside else "",
        answered_at=link.answered_at if is_inside else None,
        is_unanswered=link.stance == Stance.UNDERMINES and link.answered_at is None,
        is_demonstration=is_demonstration_link(link),
    )
