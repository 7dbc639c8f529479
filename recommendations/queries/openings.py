"""Batches of opening statuses: what one holds, what changed of it, what approving it would do."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.audit.rewind import Past
from recommendations.choices import (
    CLAIMS_OF_EFFECT,
    STATUS_ORDER,
    Confidence,
    ImplementationStatus,
    UpdateState,
)
from recommendations.models import (
    AuditEvent,
    EvidenceLink,
    OpeningBatch,
    OpeningRow,
    Organisation,
    Recommendation,
    StatusUpdate,
)
from recommendations.permissions import Person
from recommendations.queries.fields import Difference, field_label, field_text
from recommendations.queries.shown import Shown, ShownPart

# ---- What a batch of opening statuses holds, and what approving or undoing it would do

CONTENT = (
    *("number", "recommendation_id", "as_of", "implementation_status", "confidence"),
    *("completed_on", "words", "note", "evidence"),
)
"""Columns of a row that its batch is submitted and approved with."""

ABOUT = (
    *("reference", "external_id", "title", "summary", "quoted_text", "locator"),
    *("nature", "target_date", "lead", "published_at"),
)
"""What pages show of the recommendation of a row, or what decides on how its status reads."""


def digest_of(rows: Iterable[OpeningRow]) -> str:
    """SHA-256 over what rows hold, in the order of their numbers."""
    ordered = sorted(rows, key=lambda row: row.number)
    held = [[str(getattr(row, name) or "") for name in CONTENT] for row in ordered]
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()


def rows_of(batch: OpeningBatch) -> QuerySet[OpeningRow]:
    """All rows of a batch, in the order of the file, with their recommendations."""
    rows = OpeningRow.objects.filter(batch=batch.pk).select_related("recommendation__lead")
    return rows.order_by("number")


def refusal_of(row: OpeningRow) -> str:
    """Why a row gives no opening status by now; empty where it does."""
    if row.recommendation.archived_at is not None:
        return _("The recommendation is archived.")
    if row.recommendation.current_update_id is not None:
        return _("The recommendation has an approved update by now.")
    return ""


@dataclass(frozen=True)
class BatchReview:
    """All rows of a batch as they are now: what a decision is about.

    ``kept`` become opening statuses; those ``refused``, with the reason, are left out with the
    approval; ``left_out`` were before.
    """

    batch: OpeningBatch
    rows: Sequence[OpeningRow]

    @cached_property
    def refused(self) -> Mapping[int, str]:
        """Reasons by the numbers of the rows; none once the batch is decided."""
        if not self.batch.is_waiting:
            return {}
        live = (row for row in self.rows if row.left_out_at is None)
        return {row.number: reason for row in live if (reason := refusal_of(row))}

    @cached_property
    def kept(self) -> list[OpeningRow]:
        return [
            row for row in self.rows if row.left_out_at is None and row.number not in self.refused
        ]

    @cached_property
    def left_out(self) -> list[OpeningRow]:
        return [row for row in self.rows if row.left_out_at is not None]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what would be approved, of what, and what would be left out."""
        about = [[str(getattr(row.recommendation, name)) for name in ABOUT] for row in self.kept]
        parts = [digest_of(self.kept), about, sorted(self.refused.items())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @property
    def is_as_submitted(self) -> bool:
        """Whether all rows hold what the batch was submitted with."""
        return digest_of(self.rows) == self.batch.digest

    @cached_property
    def counts(self) -> list[tuple[str, int]]:
        """How many rows have each status, in the order of statuses."""
        found = Counter(row.implementation_status for row in self.kept)
        return [(code, found[code]) for code in STATUS_ORDER if found[code]]

    @cached_property
    def confidences(self) -> list[tuple[str, int]]:
        found = Counter(row.confidence for row in self.kept)
        return [(code, found[code]) for code in Confidence.values if found[code]]

    @cached_property
    def gaps(self) -> list[tuple[str, int]]:
        """What a new approval would ask for and these rows do not state, each with how many."""
        kept = self.kept
        done = ImplementationStatus.IMPLEMENTED
        found = (
            (
                _("Partially or fully implemented without an evidence address"),
                sum(
                    row.implementation_status in CLAIMS_OF_EFFECT and not row.evidence
                    for row in kept
                ),
            ),
            (
                _("Implemented without a completion date"),
                sum(row.implementation_status == done and not row.completed_on for row in kept),
            ),
            (
                _("At risk or off track without an issue, a corrective action or a decision"),
                sum(row.confidence in (Confidence.AMBER, Confidence.RED) for row in kept),
            ),
            (_("Without a status comment"), sum(not row.note for row in kept)),
        )
        return [(label, count) for label, count in found if count]

    @cached_property
    def days(self) -> tuple[Any, Any] | None:
        """The first and the last day that the statuses speak of."""
        days = [row.as_of for row in self.kept]
        return (min(days), max(days)) if days else None


def review_of(batch: OpeningBatch) -> BatchReview:
    """A batch with all its rows as they are stored now; one query."""
    rows = list(rows_of(batch))
    for row in rows:
        row.batch = batch
    return BatchReview(batch, rows)


def worked_on(batch: OpeningBatch) -> QuerySet[OpeningRow]:
    """Rows with which somebody went on since the batch was approved.

    That is an update of the recommendation that was begun since and not withdrawn, or evidence that
    was linked to the opening status.
    """
    begun = StatusUpdate.objects.filter(
        recommendation=OuterRef("recommendation"), created_at__gte=batch.decided_at
    ).exclude(Q(state=UpdateState.WITHDRAWN) | Q(opening_row=OuterRef("pk")))
    linked = EvidenceLink.objects.live().filter(
        update__opening_row=OuterRef("pk"), added_at__gt=batch.decided_at
    )
    return rows_of(batch).filter(
        Exists(begun.order_by()) | Exists(linked.order_by()), status_update__isnull=False
    )


BATCH = "batch"
"""What ``Shown`` is about where a batch is approved."""


def shown_batch(review: BatchReview, since: int = 0) -> Shown:
    """All rows of a batch as one digest; ``since`` numbers the last event that its page knew of."""
    label = _("Checksum of the rows (SHA-256)")
    rows = ShownPart("rows", label, review.digest, review.digest[:12])
    return Shown(f"{BATCH}-{review.batch.pk}", (rows, ShownPart("since", "", str(since), "")))


UNDO = "undo-batch"
"""What ``Shown`` is about where approved opening statuses are undone."""


def shown_taken_back(batch: OpeningBatch, count: int) -> Shown:
    """How many statuses undoing a batch takes back."""
    text = ngettext("%(n)s item", "%(n)s items", count) % {"n": count}
    part = ShownPart("count", _("Opening statuses"), str(count), text)
    return Shown(f"{UNDO}-{batch.pk}", (part,))


BATCHES_SHOWN = 10


def newest_batches(person: Person) -> list[OpeningBatch]:
    """The newest batches with how many rows each has; one query."""
    rows = OpeningBatch.objects.visible_to(person).select_related("source", "submitted_by")
    counted = rows.with_stays().annotate(count=Count("rows"))
    return list(counted.order_by("-submitted_at", "-pk")[:BATCHES_SHOWN])


# ---- What changed of a batch of opening statuses after its page was opened, in words

MOST_TOLD = 50
"""Changes that are told one by one; of the others there is the number."""

_TEXTS = (*(name for name in ABOUT if name != "lead"), "archived_at")


def changes_since(review: BatchReview, sequence: int) -> list[Difference]:
    """What was recorded after an event: of rows, and of what their pages show beside them.

    Six statements, however many rows. Empty where the event is unknown, or nothing is told by it.
    """
    event = AuditEvent.objects.filter(sequence=sequence).only("at").first()
    if event is None:
        return []
    found = list(_changes(review, event.at))
    if n := len(found) - MOST_TOLD:
        more = ngettext("%(n)d more change", "%(n)d more changes", n) % {"n": n}
        found[MOST_TOLD:] = [Difference("more", more, "", "")] if n > 0 else []
    return found


def _changes(review: BatchReview, moment: datetime) -> Iterator[Difference]:
    rows = [row for row in review.rows if row.left_out_at is None or row.left_out_at > moment]
    then = {row.pk: row for row in Past(moment).back([row.recommendation for row in rows])}
    leads = Organisation.objects.in_bulk({row.lead_id for row in then.values() if row.lead_id})
    reported = set(_reported_since(review, moment))
    for row in rows:
        now = row.recommendation
        of = f"{row.number}: {now.reference}"
        if row.left_out_at:
            yield _told(row, of, capfirst(_("left out")), row.left_out_reason)
        if was := then.get(now.pk):
            yield from _differences(row, of, was, leads)
        if row.number in review.refused and now.current_update_id in reported:
            yield _told(row, of, capfirst(_("left out")), review.refused[row.number])


def _reported_since(review: BatchReview, moment: datetime) -> Iterator[int]:
    """Updates that were approved since, of rows that are refused for it."""
    current = [
        row.recommendation.current_update_id for row in review.rows if row.number in review.refused
    ]
    found = StatusUpdate.objects.filter(pk__in=[pk for pk in current if pk], decided_at__gt=moment)
    yield from found.values_list("pk", flat=True)


def _differences(
    row: OpeningRow, of: str, was: Recommendation, leads: Mapping[int, Organisation]
) -> Iterator[Difference]:
    now = row.recommendation
    for name in _TEXTS:
        before, after = field_text(was, name), field_text(now, name)
        if before != after:
            yield _told(row, of, capfirst(field_label(now, name)), after, before)
    if was.lead_id != now.lead_id:
        before = str(leads[was.lead_id]) if was.lead_id else ""
        yield _told(row, of, capfirst(field_label(now, "lead")), str(now.lead or ""), before)


def _told(row: OpeningRow, of: str, label: str, after: str, before: str = "") -> Difference:
    words = _("Row %(row)s, %(field)s") % {"row": of, "field": label}
    return Difference(str(row.number), words, before, after)
