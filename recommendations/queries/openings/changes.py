"""What changed of a batch of opening statuses after its page was opened, in words."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.audit.rewind import Past
from recommendations.models import (
    AuditEvent,
    OpeningRow,
    Organisation,
    Recommendation,
    StatusUpdate,
)
from recommendations.queries.fields import Difference, field_label, field_text
from recommendations.queries.openings.review import ABOUT, BatchReview

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
            yield _told(row, of, _("Left out"), row.left_out_reason)
        if was := then.get(now.pk):
            yield from _differences(row, of, was, leads)
        if row.number in review.refused and now.current_update_id in reported:
            yield _told(row, of, _("Left out"), review.refused[row.number])


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
