"""The evidence under one update, with what a person may do about each item."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch

from recommendations import permissions
from recommendations.choices import Stance, UpdateState, Visibility
from recommendations.models import EvidenceCheck, EvidenceLink, StatusUpdate, readable_links
from recommendations.permissions import Person
from recommendations.queries.evidence.files import FileRow, file_now, revision_now, with_file_now

_ORDER = (Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND)


@dataclass(frozen=True, slots=True)
class ClaimCheck:
    """Who looked an item up, and when; ``is_current`` where it has the same file still."""

    by: str
    at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One evidence item under an update, as one person may see it and act on it."""

    link_id: int
    evidence_id: int
    title: str
    url: str
    kind: str
    stance: str
    why: str
    publisher: str
    effective_on: date | None
    precision: str
    expires_on: date | None
    is_expired: bool
    is_internal: bool
    is_checked: bool
    checks: tuple[ClaimCheck, ...]
    file: FileRow | None
    added_by: str
    answer: str
    answered_by: str
    answered_at: datetime | None
    may_check: bool
    may_uncheck: bool
    may_answer: bool
    may_remove: bool
    is_demonstration: bool

    @property
    def is_unanswered(self) -> bool:
        """Whether it contradicts the claim and has no answer."""
        return self.stance == Stance.UNDERMINES and self.answered_at is None


def claims_of(update: StatusUpdate, person: Person, today: date) -> list[ClaimRow]:
    """Live evidence under an update that the person may read: for, against, background."""
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
    rows = [_row(link, update, person, today, may_remove) for link in links]
    return sorted(rows, key=lambda row: _ORDER.index(Stance(row.stance)))


def may_attach(person: Person, update: StatusUpdate) -> bool:
    """Whether an update takes evidence from this person; a withdrawn one takes none."""
    return update.state != UpdateState.WITHDRAWN and permissions.can_attach(person, update)


def is_demonstration_link(link: Any) -> bool:
    """Whether somebody of the demonstration recorded the evidence of a link, or added the link."""
    hands = (link.evidence.recorded_by, link.added_by)
    return any(hand is not None and hand.is_demonstration for hand in hands)


def _row(
    link: Any, update: StatusUpdate, person: Person, today: date, may_remove: bool
) -> ClaimRow:
    link.update = update
    item = link.evidence
    checks = list(item.checks.all())
    current = [check for check in checks if check.revision == item.last_revision]
    is_mine = any(check.by_id == person.pk for check in current)
    file = file_now(item, person)
    may_check = permissions.can_check_evidence(person, item, revision_now(item)) and not is_mine
    is_against = link.stance == Stance.UNDERMINES
    is_unanswered = is_against and link.answered_at is None
    # An author does not remove what somebody else recorded against their update.
    is_against_me = is_against and update.author_id == person.pk != link.added_by_id
    return ClaimRow(
        link_id=link.pk,
        evidence_id=item.pk,
        title=item.title,
        url=item.get_absolute_url(),
        kind=item.get_kind_display(),
        stance=link.stance,
        why=link.why,
        publisher=item.publisher,
        effective_on=item.effective_on,
        precision=item.effective_precision,
        expires_on=item.expires_on,
        is_expired=item.expires_on is not None and item.expires_on < today,
        is_internal=item.visibility == Visibility.INTERNAL,
        is_checked=link.is_checked,
        checks=tuple(ClaimCheck(str(check.by), check.at, check in current) for check in checks),
        file=file,
        added_by=str(link.added_by or ""),
        answer=link.answer,
        answered_by=str(link.answered_by or ""),
        answered_at=link.answered_at,
        may_check=may_check and (file is None or file.is_given),
        may_uncheck=permissions.can_review(person) and is_mine,
        may_answer=is_unanswered and permissions.can_answer(person, link),
        may_remove=may_remove and not is_against_me,
        is_demonstration=is_demonstration_link(link),
    )
