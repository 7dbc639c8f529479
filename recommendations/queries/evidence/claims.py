"""Evidence under an update: what may be done about it, and what a decision rests on."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import Assurance, Stance, UpdateKind, UpdateState
from recommendations.fixed import Among, fixed
from recommendations.models import (
    SHOWN_OUTSIDE,
    AuditEvent,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    StatusUpdate,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.uses import (
    file_now,
    links_by_item,
    revision_now,
    shown_evidence,
    with_file_now,
)
from recommendations.queries.listed import column_names, columns_of

# ---- The evidence under one update, with what a person may do about each item

_OF_LINKS = (
    *columns_of(EvidenceLink),
    *columns_of(Evidence, "evidence__"),
    *column_names("added_by", "answered_by", "removed_by"),
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
        item = row.evidence
        row.checks = list(item.checks.all())
        for check in row.checks:
            check.is_current = check.revision == item.last_revision
        row.file = file_now(item, person)
        row.is_expired = item.expires_on is not None and item.expires_on < today
        row.is_unanswered = row.stance == Stance.UNDERMINES and row.answered_at is None
        row.is_demonstration = is_demonstration_link(row)
    return rows


@fixed
def _links_of(may_read_all: bool, with_removed: bool) -> QuerySet[Any]:
    """Links of updates, with what is told of them."""
    checks = EvidenceCheck.objects.filter(removed_at__isnull=True).select_related("by")
    checks = checks.only(*columns_of(EvidenceCheck), *column_names("by"))
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
        revision = revision_now(row.evidence)
        is_mine = any(check.is_current and check.by_id == person.pk for check in row.checks)
        may_check = permissions.can_check_evidence(person, row.evidence, revision) and not is_mine
        row.may_check = may_check and (row.file is None or row.file.is_given)
        row.may_uncheck = permissions.can_review(person) and is_mine
        row.may_answer = row.is_unanswered and permissions.can_answer(person, row)
        # What contradicts an update has rules of its own, also once the update is approved.
        # What was submitted stands as it is until it comes back.
        may_edit = permissions.can_edit(person, row.update)
        row.may_remove = may_edit and row.stance != Stance.UNDERMINES
        row.may_end = False
        if row.is_unanswered and permissions.can_end_contradiction(person, row):
            is_own = row.added_by_id == person.pk
            row.may_remove, row.may_end = is_own, not is_own


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


# ---- What a decision on an update rests on: its evidence, compared with that of the update before

REPEATING = (UpdateKind.CORRECTION, UpdateKind.NO_CHANGE)
"""Kinds that only repeat a claim, and take all of its evidence along when they are approved."""


@dataclass(slots=True)
class DecisionEvidence:
    """Evidence links of an update and of its base, as rows of ``claims_of``.

    The base is what it is based on or corrects. ``removed`` are those of either that were removed.
    """

    update: StatusUpdate
    own: list[Any] = field(default_factory=list)
    base: list[Any] = field(default_factory=list)
    removed: list[Any] = field(default_factory=list)

    @property
    def shown(self) -> list[Any]:
        """Live links of both, which the page of the decision shows."""
        return self.own + self.base

    @property
    def at_approval(self) -> list[Any]:
        """The links that the update will have when it is approved."""
        return self.own + self.carried

    @property
    def carried(self) -> list[Any]:
        """Links of the base that approval takes over."""
        there = {row.evidence_id for row in self.own if row.stance == Stance.UNDERMINES}
        gone = [row for row in self.removed if row.update_id == self.update.pk]
        if self.update.kind in REPEATING:
            there |= {row.evidence_id for row in (*self.own, *gone)}
            return [row for row in self.base if row.evidence_id not in there]
        ended = {identity(row) for row in gone if row.stance == Stance.UNDERMINES}
        return [
            row
            for row in self.base
            if is_open_on(self.update, row)
            and row.evidence_id not in there
            and identity(row) not in ended
        ]

    @property
    def open(self) -> list[Any]:
        """Contradictions that will be open when the update is approved."""
        carried = [row for row in self.carried if is_open_on(self.update, row)]
        return [row for row in self.own if row.is_unanswered] + carried


def is_open_on(update: StatusUpdate, link: EvidenceLink) -> bool:
    """Whether a live link contradicts an update, or will once carried to it, without an answer.

    What was answered on the update before by its author, or by who wrote a version of it, does
    not count as answered. Who wrote it is asked of answered ones alone.
    """
    return link.stance == Stance.UNDERMINES and (
        link.answered_at is None
        or link.answered_by_id == update.author_id
        or link.answered_by_id in update.editor_ids()
    )


def identity(link: EvidenceLink) -> tuple[Any, ...]:
    """What the links of one contradiction to several updates have in common."""
    return link.evidence_id, link.added_by_id, link.added_at


def decision_evidence(
    updates: Collection[StatusUpdate], person: Person, today: date
) -> dict[int, DecisionEvidence]:
    """What a decision on each of these updates rests on, by its id: three queries for all.

    One more for each first report.
    """
    result: dict[int, DecisionEvidence] = {}
    bases = {update.pk: evidence_base(update) for update in updates}
    every = {row.pk: row for row in (*bases.values(), *updates) if row is not None}
    links: dict[int, list[Any]] = {pk: [] for pk in every}
    for row in described_links(every.values(), person, today, with_removed=True):
        links[row.update_id].append(row)
    for update in updates:
        base = bases[update.pk]
        rows = {"own": links[update.pk], "base": _that_count(base, update, links)}
        live = {name: [row for row in found if not row.removed_at] for name, found in rows.items()}
        removed = [row for found in rows.values() for row in found if row.removed_at]
        result[update.pk] = DecisionEvidence(update, **live, removed=removed)
        permit(result[update.pk].own, person)
    return result


def _that_count(
    base: StatusUpdate | None, update: StatusUpdate, links: Mapping[int, list[Any]]
) -> list[Any]:
    if base is None:
        return []
    is_repeated = base.pk in (update.corrects_id, update.based_on_id)
    return [row for row in links[base.pk] if is_repeated or row.stance == Stance.UNDERMINES]


def evidence_base(update: StatusUpdate) -> StatusUpdate | None:
    """The update whose evidence that of this one is compared with, if there is one.

    Of one that was retracted what contradicts it counts alone. One query for a first report.
    """
    if update.kind == UpdateKind.RETRACTION:
        return None
    return update.corrects or update.based_on or last_retracted(update)


def last_retracted(update: StatusUpdate) -> StatusUpdate | None:
    """The update that was retracted last in the scope of this one.

    No query where it was read along that its recommendation has none.
    """
    if not getattr(update, "has_retraction", True):
        return None
    retractions = retractions_of(update.recommendation_id).filter(addressee=update.addressee_id)
    last = retractions.select_related("retracts").order_by("-decided_at", "-pk").first()
    return last.retracts if last else None


def retractions_of(recommendation: int | Combinable) -> QuerySet[StatusUpdate]:
    """Approved retractions of updates on a recommendation."""
    approved = StatusUpdate.objects.filter(state=UpdateState.APPROVED, kind=UpdateKind.RETRACTION)
    return approved.filter(recommendation=recommendation)


@dataclass(frozen=True, slots=True)
class EvidenceChange:
    """What approval changes of the evidence that supports the status, in one sentence."""

    text: str
    is_loss: bool
    """Whether the status will be verified less than it is."""


def evidence_change(evidence: DecisionEvidence, now: StatusUpdate | None) -> EvidenceChange | None:
    """None where it changes nothing; ``now`` is the current update. Two queries at most."""
    update = evidence.update
    is_next = now is not None and now.pk in (update.corrects_id, update.based_on_id)
    if not is_next or now is None or update.addressee_id or update.kind == UpdateKind.RETRACTION:
        return None
    if update.kind == UpdateKind.REGULAR and update.as_of < now.as_of:
        return None  # It becomes history.
    wrote = {update.author_id, *update.editor_ids()}
    bodies = update.recommendation.organisation_ids()
    old, n, verified = _supported(evidence.base, (), bodies)
    new, n_after, verified_after = _supported(evidence.at_approval, wrote, bodies)
    was = Assurance.BATCH_APPROVED if now.is_opening else old
    if (was, n, verified) == (new, n_after, verified_after):
        return None
    words = ngettext(
        "Approving changes “%(was)s” to “%(is)s”: %(n)d supporting item (%(verified)d verified) "
        "in place of %(before)d (%(verified_before)d verified).",
        "Approving changes “%(was)s” to “%(is)s”: %(n)d supporting items (%(verified)d verified) "
        "in place of %(before)d (%(verified_before)d verified).",
        n_after,
    )
    if was == new:
        words = ngettext(
            "Approving leaves %(n)d supporting item (%(verified)d verified) in place of %(before)d "
            "(%(verified_before)d verified).",
            "Approving leaves %(n)d supporting items (%(verified)d verified) in place of "
            "%(before)d (%(verified_before)d verified).",
            n_after,
        )
    told = {"n": n_after, "verified": verified_after, "before": n, "verified_before": verified}
    order = Assurance.values
    return EvidenceChange(
        words % {**told, "was": was.label, "is": new.label}, order.index(new) < order.index(was)
    )


def _supported(
    rows: Iterable[Any], wrote: Collection[int], bodies: Collection[int]
) -> tuple[Assurance, int, int]:
    """How far rows of ``claims_of`` verify a status, how many support it, how many are verified.

    ``wrote`` are further people whose checks do not count, ``bodies`` the lead and contributors.
    """
    supporting = [row for row in rows if row.stance == Stance.SUPPORTS]
    counted = [
        [
            check
            for check in row.checks
            if check.is_current and check.by_id not in (*wrote, row.evidence.recorded_by_id)
        ]
        for row in supporting
        if row.is_checked
    ]
    verified = [checks for checks in counted if checks]
    assurance = Assurance.EVIDENCE_CHECKED if verified else Assurance.MANAGER_APPROVED
    if any(check.organisation_id not in (None, *bodies) for each in verified for check in each):
        assurance = Assurance.INDEPENDENTLY_VERIFIED
    return assurance, len(supporting), len(verified)


@dataclass(frozen=True, slots=True)
class EvidenceGroup:
    """Evidence that relates to the update before in one way."""

    code: str
    title: str | Promise
    rows: list[Any]

    @property
    def is_settled(self) -> bool:
        """Whether nothing in it is new and nothing awaits the reader: it may be folded."""
        return self.code == "kept" and not any(row.may_check for row in self.rows)


def compared(evidence: DecisionEvidence) -> list[EvidenceGroup]:
    """The evidence of an update beside that of its base, contradictions first; one query.

    Groups without rows are left out.
    """
    return [group for group in (*_contradictions(evidence), *_others(evidence)) if group.rows]


def _contradictions(evidence: DecisionEvidence) -> Iterator[EvidenceGroup]:
    answered = [row for row in evidence.shown if row.answered_at is not None]
    ended = [row for row in evidence.removed if row.is_unanswered]
    _add_reasons(ended)
    yield EvidenceGroup("open", _("Open contradictions"), evidence.open)
    yield EvidenceGroup("answered", _("Answered contradictions"), _once(answered))
    yield EvidenceGroup("ended", _("Removed contradictions"), _once(ended))


def _others(evidence: DecisionEvidence) -> Iterator[EvidenceGroup]:
    own, base, carried = (
        {row.evidence_id: row for row in rows if row.stance != Stance.UNDERMINES}
        for rows in (evidence.own, evidence.base, evidence.carried)
    )
    groups = (
        ("added", _("Added"), own.keys() - base.keys(), own),
        ("kept", _("Kept from the previous update"), own.keys() & base.keys(), own),
        ("carried", _("Added at approval"), carried.keys(), carried),
        (
            "dropped",
            _("Evidence dropped"),
            base.keys() - own.keys() - carried.keys(),
            base,
        ),
    )
    for code, title, chosen, rows in groups:
        yield EvidenceGroup(code, title, [row for pk, row in rows.items() if pk in chosen])


def _once(rows: list[Any]) -> list[Any]:
    """One row for each contradiction: that of the update itself, where it has one."""
    return list({identity(row): row for row in reversed(rows)}.values())[::-1]


def _add_reasons(ended: list[Any]) -> None:
    """``end_reason`` of each contradiction that was removed, empty where none was given."""
    for row in ended:
        row.end_reason = ""
    if not ended:
        return
    by_id = {str(row.pk): row for row in ended}
    events = AuditEvent.objects.filter(
        object_type=EvidenceLink._meta.label_lower,
        object_id__in=list(by_id),
        verb="end_contradiction",
        reason__isnull=False,
    )
    for event in events.select_related("reason"):
        by_id[event.object_id].end_reason = event.reason.text if event.reason else ""


# ---- Evidence on the form of an update: its own, and that of the current one, to keep or drop


@dataclass(frozen=True, slots=True)
class Offer:
    """Evidence of the current update that supports it, for the next one.

    ``row`` is its link, as in ``claims_of``. ``is_kept`` says what was chosen, or what is proposed:
    to keep it.
    """

    row: Any
    is_kept: bool


def form_evidence(
    update: StatusUpdate,
    now: StatusUpdate | None,
    person: Person,
    today: date,
    choices: Mapping[int, bool],
) -> tuple[list[Any], list[Offer]]:
    """The rows of ``claims_of`` for an update, and what is offered to it: three queries for both.

    Contradictions of the current update that will be carried to this one are among the rows.
    ``now`` is the current update; ``choices`` was sent with the form and is not saved: by the id
    of a link whether it is kept.
    """
    read = [row for row in (update, now) if row is not None and not row._state.adding]
    rows = described_links(read, person, today, with_removed=True)
    own = [row for row in rows if row.update_id == update.pk]
    live = [row for row in own if row.removed_at is None]
    permit(live, person)
    if now is None or update.kind != UpdateKind.REGULAR:
        return live, []
    current = [row for row in rows if row.update_id == now.pk and row.removed_at is None]
    removed = [row for row in own if row.removed_at is not None]
    to_come = DecisionEvidence(update, own=live, base=current, removed=removed).carried
    linked = {row.evidence_id for row in live if row.stance == Stance.SUPPORTS}
    decided = {row.evidence_id for row in own}
    offers = [
        Offer(
            row,
            choices.get(row.pk, row.evidence_id in linked or row.evidence_id not in decided),
        )
        for row in current
        if row.stance == Stance.SUPPORTS
    ]
    return live + to_come, offers
