"""Writing an update: its content, its draft, what is recorded with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions, transitions
from recommendations.actions import dates, indicators, notifications, responses
from recommendations.actions.base import (
    ActionRefused,
    StaleWrite,
    TransitionConflict,
    change,
    differences,
    only_named,
    require,
    validate,
)
from recommendations.actions.evidence.items import EvidenceInput, attach_items
from recommendations.actions.updates.carried import (
    carry_contradictions,
    carry_from,
    choose_evidence,
    choose_parts,
    contradicted_base,
    links_beside,
    update_in_force,
)
from recommendations.choices import (
    ActionState,
    Confidence,
    UpdateKind,
    UpdateState,
)
from recommendations.columns import written
from recommendations.models import (
    Action,
    Addressee,
    Area,
    DraftEntries,
    EvidenceLink,
    Indicator,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    User,
    with_roles,
)
from recommendations.models.fields import LineField, ProseField
from recommendations.queries.evidence.claims import retractions_of
from recommendations.queries.fields import Difference
from recommendations.queries.updates.conditions import (
    awaiting_review,
    counts_of,
    not_beside_text,
    unmet_conditions,
)

# ---- The content of a status update: its fields, and what must hold of them in every state.
# What only approval needs is in ``transitions``.

STATED_FIELDS = (
    "as_of",
    "implementation_status",
    "confidence",
    "completed_on",
    "review_on",
    "successor",
)
"""Fields that a correction may not change."""

TEXT_FIELDS = tuple(
    name
    for name in written(StatusUpdate)
    if isinstance(StatusUpdate._meta.get_field(name), LineField | ProseField)
)
"""Texts of an update."""

CONTENT_FIELDS = STATED_FIELDS + TEXT_FIELDS

FIELDS_OPEN_IN = {
    UpdateKind.CORRECTION: TEXT_FIELDS,
    UpdateKind.NO_CHANGE: ("as_of", "review_on", *TEXT_FIELDS),
    UpdateKind.RETRACTION: ("what_happened", "public_text", "public_reason", "internal_note"),
}
"""Fields in which an update may differ from the one that it corrects, confirms or retracts."""


def content_of(update: StatusUpdate) -> dict[str, Any]:
    """The content of an update, by field."""
    return {name: getattr(update, name) for name in CONTENT_FIELDS}


def rated_on(update: StatusUpdate) -> date | None:
    """The day for which the confidence of a regular update was given."""
    return None if update.confidence == Confidence.NOT_RATED else update.as_of


def content_problems(
    update: StatusUpdate,
    today: date,
    values: Mapping[str, Any] | None = None,
    *,
    unread: Collection[str] = (),
    is_final: bool = False,
) -> dict[str, str]:
    """What is wrong with an update that would have these ``values``, by field.

    Of what is ``unread`` nothing is told. ``is_final``: it is to be submitted.
    """
    stated = copy(update)
    for name, value in (values or {}).items():
        setattr(stated, name, value)
    problems: dict[str, str] = {}
    if is_final and not stated.implementation_status:
        problems["implementation_status"] = _("Choose an implementation status.")
    as_of: date | None = stated.as_of
    if as_of is not None and as_of > today:
        problems["as_of"] = _("The day must not be in the future.")
    done, is_read = stated.completed_on, "as_of" not in unread
    if done is not None and as_of is not None and is_read and done > as_of:
        problems["completed_on"] = _("The completion date must not be after the “as of” date.")
    if stated.successor_id is not None and stated.successor_id == stated.recommendation_id:
        problems["successor"] = _("A recommendation cannot replace itself.")
    return {name: why for name, why in problems.items() if name not in unread}


def check_content(update: StatusUpdate, today: date) -> None:
    """Field checks, and the order of the days of an update."""
    validate(update, CONTENT_FIELDS)
    if problems := content_problems(update, today):
        raise ValidationError(problems)


def check_kept(update: StatusUpdate) -> None:
    """An update of another kind than regular keeps what its kind is not there to change."""
    if update.kind == UpdateKind.REGULAR:
        return
    target = update.corrects or update.retracts or update.based_on
    if target is None:
        raise ActionRefused(_("There is no approved update to confirm. Log a first update."))
    if update.kind == UpdateKind.RETRACTION and not update.what_happened.strip():
        raise ValidationError({"what_happened": _("Enter the reason.")})
    may_differ = FIELDS_OPEN_IN[UpdateKind(update.kind)]
    moved = [
        name
        for name in CONTENT_FIELDS
        if name not in may_differ and getattr(update, name) != getattr(target, name)
    ]
    if moved:
        raise ValidationError(dict.fromkeys(moved, _kept_because(update)))


def _kept_because(update: StatusUpdate) -> str:
    match update.kind:
        case UpdateKind.CORRECTION:
            return _("A correction cannot change this field. Retract the update instead.")
        case UpdateKind.RETRACTION:
            return _("A retraction cannot change this field. It only retracts the update.")
    return _("A “no change” cannot change this field. Withdraw it and log an update.")


# ---- What a draft keeps beside itself until it is submitted: see ``DraftEntries``.
# No event tells of it. Under the lock of the chain, with the update itself.


@dataclass(frozen=True, slots=True)
class SentEntries:
    """What a form sent; ``number`` is that of the entries that it showed, 0 without any."""

    content: Mapping[str, str]
    number: int


def entries_of(update: StatusUpdate) -> DraftEntries | None:
    """The entries that were read with an update; none of one that was just begun."""
    field: Any = StatusUpdate._meta.get_field("draft_entries")
    found: DraftEntries | None = field.get_cached_value(update, default=None)
    return found


def unseen_entries(update: StatusUpdate, sent: SentEntries | None) -> list[Difference]:
    """What is kept and what was sent, where they differ and the author was not shown the first."""
    kept = entries_of(update)
    content, number = (kept.content, kept.number) if kept else ({}, 0)
    if sent is None or sent.content == content or sent.number == number:
        return []
    label = _("Actions, values and target date")
    return [Difference("entries", label, _text(content), _text(sent.content))]


def keep_entries(update: StatusUpdate, sent: SentEntries | None) -> None:
    """Keep what was sent with a draft, and drop what was kept of one that is not open now."""
    kept = entries_of(update)
    if update.state in (UpdateState.SUBMITTED, UpdateState.WITHDRAWN):
        if kept is not None:
            kept.delete()
    elif sent is not None and sent.content != (kept.content if kept else {}):
        row = DraftEntries(update=update, content=dict(sent.content), number=sent.number + 1)
        DraftEntries.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["update"],
            update_fields=["content", "number"],
        )


def _text(content: Mapping[str, str]) -> str:
    """Entries in words: how many actions, and what was typed."""
    ticked = [name for name in content if name.startswith("action_") and not name.endswith("_on")]
    typed = [value for name, value in content.items() if not name.startswith("action_")]
    count = ngettext("%d action completed", "%d actions completed", len(ticked)) % len(ticked)
    return "\n".join([count, *typed] if ticked else typed)


# ---- What is recorded with the submission of an update: completed actions, values, a date request.
# Each by its own action, with the checks and the event of that. All is done or nothing.


class CompanionsRefused(ActionRefused):
    """Some of them cannot be recorded; ``refusals`` are by the names of their fields."""

    def __init__(self, refusals: Mapping[str, ActionRefused | ValidationError]) -> None:
        super().__init__("")
        self.refusals = refusals

    @property
    def is_conflict(self) -> bool:
        """Whether it is for what others did, rather than for what was given."""
        return any(isinstance(each, ActionRefused) for each in self.refusals.values())


@dataclass(frozen=True, slots=True)
class CompletedAction:
    """An action that was completed; ``version`` is the one that the person was shown."""

    place: str
    pk: int
    version: int
    done_on: date


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value of an indicator for a period that has none yet."""

    place: str
    indicator: int
    area: int
    period: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewDate:
    """Another target date; ``rows`` is the length of the ledger that the person was shown."""

    place: str
    day: date
    reason: str
    rows: int


Companion = CompletedAction | NewValue | NewDate


def record_companions(
    *, recommendation: Recommendation, by: User, companions: Sequence[Companion]
) -> None:
    """Record all of these, inside the entry of the submission.

    Each is tried, so that ``CompanionsRefused`` tells of all that cannot be recorded.
    """
    refusals: dict[str, ActionRefused | ValidationError] = {}
    with audit.entry(by=by):
        for companion in companions:
            try:
                _record(recommendation, by, companion)
            except (ActionRefused, ValidationError) as refusal:
                refusals[companion.place] = refusal
        if refusals:
            raise CompanionsRefused(refusals)


def _record(recommendation: Recommendation, by: User, companion: Companion) -> None:
    match companion:
        case CompletedAction():
            responses.change_action(
                action=Action(pk=companion.pk),
                by=by,
                expected_version=companion.version,
                values={"state": ActionState.DONE, "done_on": companion.done_on},
            )
        case NewValue():
            indicators.observe(
                indicator=Indicator.objects.get(pk=companion.indicator),
                area=Area.objects.get(pk=companion.area),
                period=companion.period,
                by=by,
                values=companion.values,
                expected_revision=0,
            )
        case NewDate():
            dates.request(
                recommendation=recommendation,
                by=by,
                new_date=companion.day,
                reason=companion.reason,
                expected_rows=companion.rows,
            )


# ---- Open status updates: written, submitted, withdrawn and handed over.
# Each function is one transition, in one transaction, with its permission check and its event.
# ``by`` is the person, ``at`` the time (by default the clock, read once the chain is locked),
# ``expected_version`` the version that the person was shown. ``basis`` is the id of the update in
# force that they were shown, 0 where there was none: the update rests on it from now on, if it
# still is in force. ``kept`` says of links that support the current update, by their ids, whether
# their evidence is kept for this one or dropped; ``parts`` are the ids of the parts that it
# completes, ``None`` where its form had none. ``told`` are the codes of the conditions of approval
# that the author knows to be missing: where another is missing, the update stays a draft; ``None``
# asks for none.

FIRST_VERSION = 1
"""The version of an update as it is begun: what a form knows of the one that it began itself."""


def save_update(
    *,
    update: StatusUpdate,
    by: User,
    values: Mapping[str, Any],
    expected_version: int = FIRST_VERSION,
    basis: int | None = None,
    evidence: Sequence[EvidenceInput] = (),
    kept: Mapping[int, bool] | None = None,
    parts: Collection[int] | None = None,
    is_final: bool = False,
    told: Collection[str] | None = None,
    entries: SentEntries | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Begin an update or continue an open one: its content, evidence for it, and its submission.

    ``update`` is found by its ``key``, which its form has from the start: where no row has it yet,
    one is begun for the same recommendation and addressee. So a form that is sent twice begins one
    update and continues that. ``is_final`` submits it; until then it keeps ``entries``.
    ``StaleWrite`` where another version is stored, unless its content is the same.
    """
    values = only_named(values, CONTENT_FIELDS)
    with audit.entry(by=by, at=at) as entry:
        current = _stored("key", update.key)
        with entry.gathered():
            if current is not None:
                _require_own_open(current, by, update)
                _require_expected(current, values, expected_version, entries)
            else:
                current, values, basis = _begin(entry, update, by, values), {}, None
            attach_items(entry, current, by, evidence)
            choose_evidence(entry, current, by, kept or {})
            choose_parts(entry, current, by, parts)
            if is_final:
                submit_update(entry, current, by, values, basis, told)
            else:
                _save_changes(entry, current, by, values, basis)
        keep_entries(current, entries)
        return current


def _require_expected(
    current: StatusUpdate,
    values: Mapping[str, Any],
    expected_version: int,
    entries: SentEntries | None,
) -> None:
    """Refuse where another wrote meanwhile, unless they wrote the same."""
    changed = differences(current, values) if current.version != expected_version else []
    if unseen := changed + unseen_entries(current, entries):
        raise StaleWrite(current, unseen)


def _save_changes(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    values: Mapping[str, Any],
    basis: int | None,
) -> None:
    """Write what differs from what is stored; nothing where nothing does."""
    if differences(current, values) or basis not in (None, current.based_on_id or 0):
        now = update_in_force(entry, current.recommendation_id, current.addressee_id)
        _write(entry, current, by, values, basis, now, verb="save")


def _corrects_nothing(
    current: StatusUpdate, values: Mapping[str, Any], links: Iterable[EvidenceLink]
) -> bool:
    """Whether a correction has the words and the evidence of what it corrects."""
    corrected = current.corrects
    if corrected is None or {**content_of(current), **values} != content_of(corrected):
        return False
    live = {
        (link.update_id, link.evidence_id, link.stance) for link in links if link.removed_at is None
    }
    claims = {(evidence, stance) for of, evidence, stance in live if of == corrected.pk}
    return claims == {(evidence, stance) for of, evidence, stance in live if of == current.pk}


def _is_untold(
    entry: audit.Entry,
    current: StatusUpdate,
    values: Mapping[str, Any],
    told: Collection[str],
    now: StatusUpdate | None,
    links: Iterable[Any],
) -> bool:
    """Whether approval misses something that the author was not told of."""
    stated = copy(current)
    for name, value in values.items():
        setattr(stated, name, value)
    own = (row for row in links if row.update_id == current.pk and row.removed_at is None)
    missing = unmet_conditions(
        stated, today=entry.today, known=entry.at, now=now, links=counts_of(own)
    )
    return not {condition.code for condition in missing} <= set(told)


def withdraw_update(
    *, update: StatusUpdate, by: User, expected_version: int, at: datetime | None = None
) -> StatusUpdate:
    """Withdraw an update that is not decided. It stays on record."""
    with audit.entry(by=by, at=at) as entry:
        current = current_update(update)
        require(permissions.can_withdraw(by, current), _("You cannot withdraw this update."))
        require_state(current, transitions.WITHDRAW)
        change(
            entry,
            current,
            verb="withdraw",
            expected_version=expected_version,
            state=UpdateState.WITHDRAWN,
        )
        keep_entries(current, None)
        return current


def hand_over(
    *, update: StatusUpdate, to: User, by: User, expected_version: int, at: datetime | None = None
) -> StatusUpdate:
    """Give a draft to another author. Both have written it: neither may decide on it."""
    with audit.entry(by=by, at=at) as entry:
        current = current_update(update)
        require(permissions.can_hand_over(by, current), _("You cannot hand over this update."))
        require_state(current, transitions.HAND_OVER)
        if not permissions.can_log(to, current.recommendation):
            raise ValidationError({"to": _("%s cannot log updates on this recommendation.") % to})
        if to.pk == current.decided_by_id:
            raise ValidationError(
                {"to": _("%s returned this update and cannot become an author.") % to}
            )
        if EvidenceLink.objects.live().filter(update=current.pk, answered_by=to.pk).exists():
            answered = (
                _("%s answered a contradiction of this update and cannot become an author.") % to
            )
            raise ValidationError({"to": answered})
        change(entry, current, verb="hand_over", expected_version=expected_version, author=to)
        notifications.handed_over(entry, current)
        return current


def current_update(update: StatusUpdate) -> StatusUpdate:
    """The update as it is stored now, read under the lock of the chain."""
    current = _stored("id", update.pk)
    if current is None:
        raise StatusUpdate.DoesNotExist
    return current


_UNREAD = [
    f"recommendation__kept__{column.name}"
    for column in RecommendationState._meta.concrete_fields
    if column.name not in ("recommendation", "parts")
]
"""Of what is kept beside a recommendation, all but how many parts it has."""


def _stored(column: str, value: int | UUID) -> StatusUpdate | None:
    """The update that is stored under a unique value of a column."""
    # Not all its people, nor what it corrects or retracts, which few acts name: PostgreSQL would
    # plan more joins for longer than it reads them.
    rows = StatusUpdate.objects.select_related(
        "author", "recommendation__kept", "based_on", "draft_entries"
    ).defer(*_UNREAD)
    rows = rows.annotate(has_retraction=Exists(retractions_of(OuterRef("recommendation"))))
    editors = Prefetch("editors", with_roles(User.objects.all()))
    update = rows.prefetch_related(editors).filter(**{column: value}).first()
    if update is not None and update.based_on_id == update.recommendation.current_update_id:
        update.recommendation.current_update = update.based_on
    return update


def require_state(update: StatusUpdate, transition: transitions.Transition) -> None:
    """Refuse a transition that does not start from the state of the update."""
    if update.state not in transition.sources:
        raise TransitionConflict(update)


def _begin(
    entry: audit.Entry, update: StatusUpdate, by: User, values: Mapping[str, Any]
) -> StatusUpdate:
    rows = Recommendation.objects.select_related("current_update")
    recommendation = rows.get(pk=update.recommendation_id)
    require(
        permissions.can_log(by, recommendation),
        _("You cannot log updates on this recommendation."),
    )
    return begin_update(
        entry, recommendation, by, UpdateKind.REGULAR, values, update.addressee, key=update.key
    )


def _require_own_open(current: StatusUpdate, by: User, update: StatusUpdate) -> None:
    """Refuse unless this person writes the update that is stored, and it is open to its author.

    Where ``update`` has no row, its form holds a key that belongs to another update.
    """
    is_elsewhere = (current.author_id, current.recommendation_id) != (
        by.pk,
        update.recommendation_id,
    )
    if update._state.adding and is_elsewhere:
        raise TransitionConflict(current)
    require(
        permissions.can_withdraw(by, current), _("You cannot edit the update of another person.")
    )
    require_state(current, transitions.SAVE)
    require(permissions.can_edit(by, current), _("You cannot log updates on this recommendation."))


def begin_update(
    entry: audit.Entry,
    recommendation: Recommendation,
    by: User,
    kind: UpdateKind,
    values: Mapping[str, Any],
    addressee: Addressee | None = None,
    key: UUID | None = None,
    others: Iterable[User] = (),
    **links: Any,
) -> StatusUpdate:
    """Insert a draft, which rests on the update in force; ``others`` brought its words in.

    Under the lock of the chain: of a form sent twice, the second request finds the first one's row.
    """
    # Of a regular one whoever saves it has looked for its key already.
    _require_beginnable(recommendation, addressee, None if kind == UpdateKind.REGULAR else key)
    update = StatusUpdate(
        recommendation=recommendation,
        addressee=addressee,
        kind=kind,
        author=by,
        last_editor=by,
        created_at=entry.at,
        based_on=update_in_force(entry, recommendation.pk, addressee.pk if addressee else None),
        **{"as_of": entry.today, **only_named(values, CONTENT_FIELDS)},
        **links,
    )
    if key is not None:
        update.key = key
    check_content(update, entry.today)
    if kind == UpdateKind.REGULAR:
        update.rated_on = rated_on(update)
    update.save(force_insert=True)
    update.editors.add(by, *others)
    entry.record("draft", update, before={}, after=audit.snapshot(update))
    carry_contradictions(entry, update, update.based_on)
    return update


def _require_beginnable(
    recommendation: Recommendation, addressee: Addressee | None, key: UUID | None
) -> None:
    """Refuse a key that an update has already, and an addressee of another recommendation."""
    if key is not None and (begun := StatusUpdate.objects.filter(key=key).first()):
        raise TransitionConflict(begun)
    if addressee is not None and addressee.recommendation_id != recommendation.pk:
        raise ValidationError(
            {"addressee": _("The recommendation is not addressed to this addressee.")}
        )


def _write(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    content: Mapping[str, Any],
    basis: int | None,
    now: StatusUpdate | None,
    *,
    verb: str,
    **other: Any,
) -> None:
    """Set the content, keep who wrote it, rest it on the basis shown, and record the event.

    ``now`` is the update in force in the scope of this one.
    """
    editors = set(current.editors.all())
    if by not in editors:
        other["editors"] = {*editors, by}
    before = audit.snapshot(current, links=other)
    for name, value in content.items():
        setattr(current, name, value)
    check_content(current, entry.today)
    if current.kind == UpdateKind.REGULAR:
        other["rated_on"] = rated_on(current)
    if basis is not None and basis == (now.pk if now else 0):
        other["based_on"] = current.based_on = now
    check_kept(current)
    change(entry, current, verb=verb, before=before, last_editor=by, **content, **other)


NEW_CLAIMS = (UpdateKind.REGULAR, UpdateKind.NO_CHANGE)


def submit_update(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    values: Mapping[str, Any] | None = None,
    basis: int | None = None,
    told: Collection[str] | None = None,
) -> StatusUpdate:
    """Save an update with these values and submit it to the reviewers.

    ``told`` is as in ``save_update``: what its author does not know to be missing keeps it open.
    """
    values = values or {}
    if current.kind == UpdateKind.NO_CHANGE:
        require_none_waiting(current.recommendation_id)
    if problems := content_problems(current, entry.today, values, is_final=True):
        raise ValidationError(problems)
    now = update_in_force(entry, current.recommendation_id, current.addressee_id)
    base, is_new = contradicted_base(current, now), current.kind in NEW_CLAIMS
    standing = now.pk if now else None
    rests_on = standing if basis == (standing or 0) else current.based_on_id
    links = links_beside(entry, current, base, *([rests_on] if is_new else []))
    if _corrects_nothing(current, values, links):
        unchanged = _("The correction changes nothing. Change a text, or withdraw it.")
        raise ValidationError({"what_happened": unchanged})
    if told is not None and _is_untold(entry, current, values, told, now, links):
        _save_changes(entry, current, by, values, basis)
        return current
    _write(
        entry,
        current,
        by,
        values,
        basis,
        now,
        verb="submit",
        state=UpdateState.SUBMITTED,
        submitted_at=entry.at,
        decided_at=None,
        decided_by=None,
        decision_note="",
    )
    carry_from(entry, current, base, links)
    notifications.submitted(entry, current)
    return current


def require_none_waiting(recommendation_id: int) -> None:
    """Refuse to confirm that nothing changed while an update on the whole awaits review."""
    if waiting := awaiting_review(recommendation_id):
        raise ActionRefused(not_beside_text(waiting))
