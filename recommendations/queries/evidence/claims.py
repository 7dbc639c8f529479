"""The evidence under one update, with what a person may do about each item."""

from datetime import date
from typing import Any

from django.db.models import Prefetch

from recommendations import permissions
from recommendations.choices import Stance, UpdateState
from recommendations.models import EvidenceCheck, EvidenceLink, StatusUpdate, readable_links
from recommendations.permissions import Person
from recommendations.queries.evidence.files import file_now, revision_now, with_file_now

_ORDER = (Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND)


def claims_of(update: StatusUpdate, person: Person, today: date) -> list[Any]:
    """Live evidence links of an update that the person may read: for, against, background.

    Each with its ``checks`` (``is_current`` where the item has the same file still), its ``file``,
    whether it ``is_checked``, ``is_expired``, ``is_unanswered`` and ``is_demonstration``, and what
    the person may do: ``may_check``, ``may_uncheck``, ``may_answer``, ``may_remove``.
    """
    if update._state.adding:
        return []
    checks = EvidenceCheck.objects.filter(removed_at__isnull=True).select_related("by")
    links = (
        EvidenceLink.objects.live()
        .filter(readable_links(person), update=update.pk)
        .select_related("evidence__recorded_by", "added_by", "answered_by")
        .with_checked()
        .prefetch_related(Prefetch("evidence__checks", checks), with_file_now("evidence__"))
        .order_by("pk")
    )
    may_remove = may_attach(person, update) and update.state != UpdateState.APPROVED
    rows: list[Any] = list(links)
    for row in rows:
        row.update = update
        _describe(row, person, today)
        _permit(row, person)
        # An author does not remove what somebody else recorded against their update.
        is_against = row.stance == Stance.UNDERMINES and update.author_id == person.pk
        row.may_remove = may_remove and not (is_against and row.added_by_id != person.pk)
    return sorted(rows, key=lambda row: _ORDER.index(Stance(row.stance)))


def may_attach(person: Person, update: StatusUpdate) -> bool:
    """Whether an update takes evidence from this person; a withdrawn one takes none."""
    return update.state != UpdateState.WITHDRAWN and permissions.can_attach(person, update)


def is_demonstration_link(link: EvidenceLink) -> bool:
    """Whether somebody of the demonstration recorded the evidence of a link, or added the link."""
    hands = (link.evidence.recorded_by, link.added_by)
    return any(hand is not None and hand.is_demonstration for hand in hands)


def _describe(row: Any, person: Person, today: date) -> None:
    item = row.evidence
    row.checks = list(item.checks.all())
    for check in row.checks:
        check.is_current = check.revision == item.last_revision
    row.file = file_now(item, person)
    row.is_expired = item.expires_on is not None and item.expires_on < today
    row.is_unanswered = row.stance == Stance.UNDERMINES and row.answered_at is None
    row.is_demonstration = is_demonstration_link(row)


def _permit(row: Any, person: Person) -> None:
    revision = revision_now(row.evidence)
    is_mine = any(check.is_current and check.by_id == person.pk for check in row.checks)
    may_check = permissions.can_check_evidence(person, row.evidence, revision) and not is_mine
    row.may_check = may_check and (row.file is None or row.file.is_given)
    row.may_uncheck = permissions.can_review(person) and is_mine
    row.may_answer = row.is_unanswered and permissions.can_answer(person, row)
