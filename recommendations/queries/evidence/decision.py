"""What a decision on an update rests on: its evidence, compared with that of the update before."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Stance, UpdateKind, UpdateState
from recommendations.models import AuditEvent, EvidenceLink, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.evidence.claims import described_links, permit

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
    """The update that was retracted last in the scope of this one."""
    retractions = StatusUpdate.objects.of_scope(update.recommendation_id, update.addressee_id)
    last = (
        retractions.filter(kind=UpdateKind.RETRACTION, state=UpdateState.APPROVED)
        .select_related("retracts")
        .order_by("-decided_at", "-pk")
        .first()
    )
    return last.retracts if last else None


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
            _("Not kept from the previous update"),
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
