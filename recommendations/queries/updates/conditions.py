"""What approval of an update still needs."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from types import EllipsisType
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from recommendations.choices import Stance, UpdateKind, UpdateState
from recommendations.models import EvidenceLink, StatusUpdate
from recommendations.models.evidence import UNANSWERED, unexpired_on
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.structure import UpdatePart, update_parts
from recommendations.transitions import ApprovalCase, Condition, unmet


class LinkCounts(NamedTuple):
    """How many live links support an update, and of these have a check that counts; and how many
    contradict it without an answer."""

    supporting: int
    checked: int
    unanswered: int


def unmet_conditions(
    update: StatusUpdate,
    *,
    today: date,
    known: datetime,
    now: StatusUpdate | EllipsisType | None = ...,
    links: LinkCounts | None = None,
    parts: Sequence[UpdatePart] | None = None,
) -> list[Condition]:
    """The entry conditions that an update does not meet yet; a retraction has none.

    Asks the database for the update in force on its day, its links, and the parts beside it.
    Where they have been read already, ``now`` is the one in force today, ``links`` are counted,
    and ``parts`` are those parts.
    """
    if update.kind == UpdateKind.RETRACTION:
        return []
    counts = links or count_links(update, today)
    previous = _previous_status(update, known, now)
    beside = update_parts(update) if parts is None else parts
    rows = [part for part in beside if not part.is_removed]
    left = [part for part in rows if not (part.is_own or part.is_done)]
    # A correction repeats the status of what it corrects, whatever is open beside it; what that
    # completed still needs evidence.
    is_correction = update.kind == UpdateKind.CORRECTION
    completed = (sum(part.is_own for part in rows), 0 if is_correction else len(left))
    if completed[0] and not counts.supporting:
        counts = count_links(update, today)
    case = ApprovalCase(update, previous, counts.supporting, counts.checked, *completed)
    return list(unmet(case))


def count_links(update: StatusUpdate, today: date) -> LinkCounts:
    """The links of an update as they are stored; one query."""
    if update._state.adding:
        return LinkCounts(0, 0, 0)
    # The live links of an update, with no more than what is counted of them.
    links = EvidenceLink.objects.live().filter(update=update.pk).with_checked().order_by()
    told = {"is_expired": ~unexpired_on(today), "is_unanswered": UNANSWERED}
    return counts_of(links.annotate(**told).values_list("stance", "is_checked", *told, named=True))


def counts_of(claims: Iterable[Any]) -> LinkCounts:
    """The same of all the evidence of an update, as it was read for its page."""
    claims = list(claims)
    supporting = [row for row in claims if row.stance == Stance.SUPPORTS]
    return LinkCounts(
        len(supporting),
        sum(row.is_checked and not row.is_expired for row in supporting),
        sum(row.is_unanswered for row in claims),
    )


def _previous_status(
    update: StatusUpdate, known: datetime, now: StatusUpdate | EllipsisType | None
) -> str:
    """The status that an update leaves: the one in force on its day.

    A later one does not count: an older update that comes in late leaves nothing. A correction
    repeats its status, whatever came after. What is in force now, and was no later, was
    in force on that day too; where nothing is, nothing was.
    """
    if update.kind == UpdateKind.CORRECTION:
        return update.implementation_status
    if now is None:
        return ""
    if now is not ... and now.as_of <= update.as_of:
        return now.implementation_status
    scope = StatusUpdate.objects.of_scope(update.recommendation_id, update.addressee_id)
    previous = scope.in_force(update.as_of, known).first()
    return previous.implementation_status if previous else ""


def awaiting_review(recommendation_id: int) -> StatusUpdate | None:
    """The newest update of the overall status that awaits review, if any, with its people."""
    scope = StatusUpdate.objects.of_scope(recommendation_id, None).with_people()
    return scope.filter(state=UpdateState.SUBMITTED).order_by("-submitted_at", "-pk").first()


def not_beside_text(waiting: StatusUpdate) -> str:
    """Why nothing is confirmed as unchanged beside an update that awaits review."""
    return _(
        "An update by %(author)s as of %(day)s awaits review. "
        "“No change” can be confirmed once that is decided."
    ) % {"author": waiting.author, "day": day_text(waiting.as_of)}


MOST_WITHOUT_SENTENCE = 2
"""Confirmations in a row that may go without a sentence; the next one needs it."""


def needs_sentence(base: StatusUpdate | None) -> bool:
    """Whether another “no change” on this update in force needs a sentence of its own.

    So it is where this one and the one before it were confirmations without any words of their
    own. A sentence, and a correction of the words, begin the count again. Free of queries where
    ``based_on`` and what that is based on were read along.
    """
    silent = 0
    while base is not None and silent < MOST_WITHOUT_SENTENCE and is_silent(base):
        silent += 1
        base = base.based_on
    return silent == MOST_WITHOUT_SENTENCE


def is_silent(update: StatusUpdate) -> bool:
    """Whether this is a confirmation in the very words of what it confirms."""
    before = update.based_on
    return (
        update.kind == UpdateKind.NO_CHANGE
        and before is not None
        and update.what_happened.strip() == before.what_happened.strip()
    )
