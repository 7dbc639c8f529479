"""The evidence under one update, with what a person may do about each item."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Prefetch

from recommendations import permissions
from recommendations.choices import Stance, UpdateKind, UpdateState
from recommendations.models import EvidenceCheck, EvidenceLink, StatusUpdate, readable_links
from recommendations.permissions import Person
from recommendations.queries.evidence.files import file_now, revision_now, with_file_now
from recommendations.queries.evidence.shown import shown_evidence
from recommendations.queries.evidence.uses import links_by_item

_ORDER = (Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND)


def claims_of(update: StatusUpdate, person: Person, today: date) -> list[Any]:
    """Live evidence links of an update that the person may read: for, against, background.

    Each with its ``checks`` (``is_current`` where the item has the same file still), its ``file``,
    whether it ``is_checked``, ``is_expired``, ``is_unanswered`` and ``is_demonstration``, and what
    the person may do: ``may_check``, ``may_uncheck``, ``may_answer``, ``may_remove``, and
    ``may_end``: remove a contradiction of another person, with a reason.
    """
    return [] if update._state.adding else claims_by_update([update], person, today)[update.pk]


def decision_claims(
    updates: Collection[StatusUpdate], person: Person, today: date
) -> dict[int, list[Any]]:
    """What a decision on each of these updates rests on, by its id.

    That is its own evidence, then that of the update from which approval takes evidence over.
    """
    bases = {update.pk: evidence_base(update) for update in updates}
    every = {row.pk: row for row in (*bases.values(), *updates) if row is not None}
    claims = claims_by_update(every.values(), person, today)
    return {
        update.pk: claims[update.pk] + (claims[base.pk] if (base := bases[update.pk]) else [])
        for update in updates
    }


def evidence_base(update: StatusUpdate) -> StatusUpdate | None:
    """The update whose evidence goes with this one when it is approved, if there is one."""
    if update.kind == UpdateKind.CORRECTION:
        return update.corrects
    return update.based_on if update.kind == UpdateKind.NO_CHANGE else None


def claims_by_update(
    updates: Collection[StatusUpdate], person: Person, today: date
) -> dict[int, list[Any]]:
    """``claims_of`` each of these updates, by its id: three queries for all of them."""
    checks = EvidenceCheck.objects.filter(removed_at__isnull=True).select_related("by")
    links = (
        EvidenceLink.objects.live()
        .filter(readable_links(person), update__in=[update.pk for update in updates])
        .select_related("evidence__recorded_by", "added_by", "answered_by")
        .with_checked()
        .prefetch_related(Prefetch("evidence__checks", checks), with_file_now("evidence__"))
        .order_by("pk")
    )
    by_id = {update.pk: update for update in updates}
    found: dict[int, list[Any]] = {update.pk: [] for update in updates}
    row: Any
    for row in sorted(links, key=lambda link: _ORDER.index(Stance(link.stance))):
        row.update = by_id[row.update_id]
        _describe(row, person, today)
        _permit(row, person)
        _permit_removal(row, person)
        found[row.update_id].append(row)
    return found


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
