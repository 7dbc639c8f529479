"""The evidence under one update, with what a person may do about each item."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from recommendations import permissions
from recommendations.choices import Stance, UpdateState
from recommendations.fixed import Among, fixed
from recommendations.models import (
    SHOWN_OUTSIDE,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    StatusUpdate,
)
from recommendations.permissions import Person
from recommendations.queries.columns import columns_of, names_of
from recommendations.queries.evidence.files import file_now, revision_now, with_file_now
from recommendations.queries.evidence.shown import shown_evidence
from recommendations.queries.evidence.uses import links_by_item

_OF_LINKS = (
    *columns_of(EvidenceLink),
    *columns_of(Evidence, "evidence__"),
    *names_of("added_by", "answered_by", "removed_by"),
    *("added_by__is_demonstration", "evidence__recorded_by__is_demonstration"),
)
"""Columns of a link and its item, with the names of their people."""

_ORDER = (Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND)


def claims_of(update: StatusUpdate, person: Person, today: date) -> list[Any]:
    """Live evidence links of an update that the person may read: for, against, background.

    Each with its ``checks`` (``is_current`` where the item has the same file still), its ``file``,
    whether it ``is_checked``, ``is_expired``, ``is_unanswered`` and ``is_demonstration``, and what
    the person may do: ``may_check``, ``may_uncheck``, ``may_answer``, ``may_remove``, and
    ``may_end``: remove a contradiction of another person, with a reason.
    """
    if update._state.adding:
        return []
    rows = described_links([update], person, today)
    permit(rows, person)
    return rows


def described_links(
    updates: Iterable[StatusUpdate], person: Person, today: date, *, with_removed: bool = False
) -> list[Any]:
    """The rows of ``claims_of`` for some updates, without what the person may do: three queries."""
    by_id = {update.pk: update for update in updates}
    may_read_all = permissions.can_read_internal_evidence(person)
    links = _links_of(may_read_all, with_removed, ids=list(by_id)) if by_id else []
    rows: list[Any] = sorted(links, key=lambda link: _ORDER.index(Stance(link.stance)))
    for row in rows:
        row.update = by_id[row.update_id]
        _describe(row, person, today)
    return rows


@fixed
def _links_of(may_read_all: bool, with_removed: bool) -> QuerySet[Any]:
    """Links of updates, with what ``_describe`` tells of them."""
    checks = EvidenceCheck.objects.filter(removed_at__isnull=True).select_related("by")
    checks = checks.only(*columns_of(EvidenceCheck), *names_of("by"))
    rows = EvidenceLink.objects.all() if with_removed else EvidenceLink.objects.live()
    if not may_read_all:
        rows = rows.filter(SHOWN_OUTSIDE)
    return (
        rows.filter(Among("update"))
        .select_related("evidence__recorded_by", "added_by", "answered_by", "removed_by")
        .only(*_OF_LINKS)
        .with_checked()
        .prefetch_related(Prefetch("evidence__checks", checks), with_file_now("evidence__"))
        .order_by("pk")
    )


def permit(rows: Iterable[Any], person: Person) -> None:
    """Add what the person may do about each row of ``claims_of``."""
    for row in rows:
        _permit(row, person)
        _permit_removal(row, person)


def add_shown(claims: list[Any], person: Person) -> None:
    """``shown`` of each item that the person may verify from here: one query."""
    rows = [row for row in claims if row.may_check]
    links = links_by_item([row.evidence_id for row in rows], person) if rows else {}
    for row in rows:
        item = row.evidence
        row.shown = shown_evidence(item, revision_now(item), row.checks, links[item.pk])


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


def _permit_removal(row: Any, person: Person) -> None:
    """What contradicts an update has rules of its own, also once the update is approved."""
    is_open = row.update.state != UpdateState.APPROVED and may_attach(person, row.update)
    row.may_remove = is_open and row.stance != Stance.UNDERMINES
    row.may_end = False
    if row.is_unanswered and permissions.can_end_contradiction(person, row):
        is_own = row.added_by_id == person.pk
        row.may_remove, row.may_end = is_own, not is_own
