"""Decisions on updates: approval, return, correction, retraction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions, transitions
from recommendations.actions import notifications
from recommendations.actions.base import (
    ActionRefused,
    AlreadyBegun,
    BasisChanged,
    ConditionsNotMet,
    NotAllowed,
    TransitionConflict,
    change,
    clean_text,
    require,
    require_followed,
    required_text,
)
from recommendations.actions.proposals import close, require_as_seen, require_note, require_reviewer
from recommendations.actions.updates.carried import (
    carry_links,
    carry_open,
    carry_parts,
    refresh_state,
    return_contradictions,
    update_in_force,
)
from recommendations.actions.updates.drafts import (
    CONTENT_FIELDS,
    TEXT_FIELDS,
    begin_update,
    content_of,
    current_update,
    require_none_waiting,
    require_state,
    submit_update,
)
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries.evidence.claims import REPEATING, DecisionEvidence, decision_evidence
from recommendations.queries.fields import Difference, field_label, field_text
from recommendations.queries.shown import Shown
from recommendations.queries.updates.conditions import (
    count_links,
    counts_of,
    needs_sentence,
    unmet_conditions,
)
from recommendations.queries.updates.review_queue import shown_update
from recommendations.transitions import OPEN_TO_AUTHOR, Condition

# ---- Updates made from an approved one: its confirmation ("no change"), correction and retraction


def no_change(
    *,
    recommendation: Recommendation,
    by: User,
    sentence: str = "",
    is_rated_again: bool = False,
    basis: int | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Confirm the update in force as of today, and submit that for review.

    ``basis`` is the id of the update that the person was shown as the one in force. Refused
    beside any other update of the recommendation that awaits review.

    The rating keeps the day on which it was given, unless it is given again. The third
    confirmation in a row needs a sentence: texts that nobody reads again go out of date unnoticed.
    ``TransitionConflict`` where a confirmation by this person awaits review already.
    """
    sentence = clean_text(StatusUpdate.what_happened, sentence, under="sentence")
    with audit.entry(by=by, at=at) as entry:
        recommendation = Recommendation.objects.get(pk=recommendation.pk)
        _require_confirmable(recommendation, by)
        base = _confirmable_update(entry, recommendation, basis)
        _require_sentence(base, sentence)
        update = begin_update(
            entry,
            recommendation,
            by,
            UpdateKind.NO_CHANGE,
            {
                **content_of(base),
                "as_of": entry.today,
                "what_happened": sentence or base.what_happened,
            },
            rated_on=entry.today if is_rated_again and base.rated_on else base.rated_on,
        )
        carry_links(entry, base, update)
        return submit_update(entry, update, by)


def _require_confirmable(recommendation: Recommendation, by: User) -> None:
    """Refuse who may not log there, a second confirmation, and one beside a waiting update."""
    require(
        permissions.can_log(by, recommendation),
        _("You cannot log updates on this recommendation."),
    )
    _refuse_while_waiting(
        recommendation=recommendation, addressee=None, author=by, kind=UpdateKind.NO_CHANGE
    )
    require_none_waiting(recommendation.pk)


def _confirmable_update(
    entry: audit.Entry, recommendation: Recommendation, basis: int | None
) -> StatusUpdate:
    """The update in force; refused where there is none, or another than ``basis`` was shown."""
    base = update_in_force(entry, recommendation.pk, None)
    if base is None:
        raise ActionRefused(_("There is no approved update to confirm. Log a first update."))
    if basis not in (None, base.pk):
        raise ActionRefused(
            _(
                "Another update was approved after you opened this page. Check the update, "
                "then confirm."
            )
        )
    return base


def correct(
    *,
    update: StatusUpdate,
    by: User,
    values: Mapping[str, Any] | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Begin a correction of an approved update: other words, same day and same statuses.

    ``AlreadyBegun`` carries the correction that this person has open already.
    """
    with audit.entry(by=by, at=at) as entry:
        target = _replaceable_update(update, by)
        begun = StatusUpdate.objects.filter(
            corrects=target.pk, author=by.pk, state__in=OPEN_TO_AUTHOR
        )
        if mine := begun.order_by("-pk").first():
            raise AlreadyBegun(mine, _("You already started this correction."))
        words = {name: value for name, value in (values or {}).items() if name in TEXT_FIELDS}
        correction = begin_update(
            entry,
            target.recommendation,
            by,
            UpdateKind.CORRECTION,
            {**content_of(target), **words},
            target.addressee,
            key=key,
            corrects=target,
            rated_on=target.rated_on,
        )
        carry_links(entry, target, correction)
        carry_parts(entry, target, correction, by)
        return correction


def retract(
    *,
    update: StatusUpdate,
    by: User,
    reason: str,
    key: UUID | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Request that an approved update is no longer current, with the reason.

    ``TransitionConflict`` where a retraction of it awaits review already, by whomever.
    """
    reason = required_text(StatusUpdate.what_happened, reason)
    with audit.entry(by=by, at=at) as entry:
        target = _replaceable_update(update, by)
        _refuse_while_waiting(retracts=target)
        retraction = begin_update(
            entry,
            target.recommendation,
            by,
            UpdateKind.RETRACTION,
            {
                **content_of(target),
                "what_happened": reason,
                "public_text": "",
                "public_reason": "",
            },
            target.addressee,
            key=key,
            retracts=target,
            rated_on=target.rated_on,
        )
        return submit_update(entry, retraction, by)


def require_in_place(target: StatusUpdate) -> None:
    """Refuse when an approved correction or retraction has replaced an update already."""
    replacement = StatusUpdate.objects.replacing(target).first()
    if replacement is not None:
        raise ActionRefused(
            _("This update was already replaced by the %(kind)s approved by %(who)s.")
            % {
                "kind": replacement.get_kind_display().lower(),
                "who": replacement.decided_by,
            }
        )


def _replaceable_update(update: StatusUpdate, by: User) -> StatusUpdate:
    """The approved update that is to be corrected or retracted, once sure that it can be."""
    target = current_update(update)
    require(
        permissions.can_log(by, target.recommendation),
        _("You cannot log updates on this recommendation."),
    )
    if target.state != UpdateState.APPROVED or target.kind == UpdateKind.RETRACTION:
        raise ActionRefused(_("Only an approved update can be corrected or retracted."))
    require_in_place(target)
    return target


def _refuse_while_waiting(**conditions: Any) -> None:
    """Refuse while an update that meets these conditions awaits review."""
    waiting = StatusUpdate.objects.filter(state=UpdateState.SUBMITTED, **conditions)
    if found := waiting.select_related("recommendation", "decided_by").order_by("-pk").first():
        raise TransitionConflict(found)


def _require_sentence(base: StatusUpdate, sentence: str) -> None:
    if needs_sentence(base) and sentence.strip() in ("", base.what_happened.strip()):
        needed = _(
            "This is the third consecutive “no change”. Describe the current position in one "
            "sentence."
        )
        raise ValidationError({"sentence": needed})


# ---- Deciding on a status update: approve, or return with a note


def approve_update(
    *,
    update: StatusUpdate,
    by: User,
    note: str = "",
    confirm_contradictions: bool = False,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Put a submitted update on record as approved, and what follows from it into force.

    While evidence against it is open, ``confirm_contradictions`` is needed; their number then
    stays with the update. ``seen`` is what the page of the decision showed.
    """
    with audit.entry(by=by, at=at) as entry:
        current, now, evidence = _undecided(entry, update, by, transitions.APPROVE, seen)
        _require_same_basis(current, now)
        _require_target_in_place(current)
        is_more = _take_over_evidence(entry, evidence)
        links = count_links(current, entry.today) if is_more else counts_of(evidence.own)
        _require_met(
            unmet_conditions(current, today=entry.today, known=entry.at, now=now, links=links)
        )
        told = {"contradictions_confirmed": _confirmed(links.unanswered, confirm_contradictions)}
        close(entry, current, UpdateState.APPROVED, "approve", note, **told)
        notifications.decided(entry, current)
        now = _succeeding(entry, current, now)
        if current.kind == UpdateKind.RETRACTION:
            return_contradictions(entry, current, now)
        if current.addressee_id is None:
            _set_review(entry, current, now)
            refresh_state(entry, current.recommendation, now)
        return current


def _succeeding(
    entry: audit.Entry, approved: StatusUpdate, before: StatusUpdate | None
) -> StatusUpdate | None:
    """The update in force in the scope of one just approved, where ``before`` was until then.

    Of a later day it stays so; of the same day, what was decided last is in force.
    """
    if approved.kind == UpdateKind.RETRACTION:
        return update_in_force(entry, approved.recommendation_id, approved.addressee_id)
    return before if before is not None and before.as_of > approved.as_of else approved


def return_update(
    *,
    update: StatusUpdate,
    by: User,
    note: str,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Return a submitted update to its author, with a note on what is to be done."""
    require_note(note, _("State the changes that the author should make."))
    with audit.entry(by=by, at=at) as entry:
        current, _now, _evidence = _undecided(entry, update, by, transitions.RETURN, seen)
        close(entry, current, UpdateState.RETURNED, "return", note)
        notifications.decided(entry, current)
        return current


def _undecided(
    entry: audit.Entry,
    update: StatusUpdate,
    by: User,
    move: transitions.Transition,
    seen: Shown | None,
) -> tuple[StatusUpdate, StatusUpdate | None, DecisionEvidence]:
    """The update as it is stored, the one in force in its scope, and what a decision rests on.

    Refused where it is decided, where this person may not, or not on what they were shown.
    """
    current = current_update(update)
    require_reviewer(by)
    require_state(current, move)
    _require_another(current, by)
    require_followed(current.recommendation)
    now = update_in_force(entry, current.recommendation_id, current.addressee_id)
    evidence = decision_evidence([current], by, entry.today)[current.pk]
    require_as_seen(seen, lambda: shown_update(current, now, evidence.shown))
    return current, now, evidence


def approval_obstacles(
    update: StatusUpdate, by: Any, now: StatusUpdate | None, missing: Sequence[Condition]
) -> list[str]:
    """Why this person cannot approve a submitted update as it is, as approving would say it.

    ``now`` is the one in force in its scope; ``missing`` are its unmet conditions. One query more
    for a correction or a retraction.
    """
    checks: tuple[Callable[[], None], ...] = (
        lambda: _require_another(update, by),
        lambda: require_followed(update.recommendation),
        lambda: _require_same_basis(update, now),
        lambda: _require_target_in_place(update),
        lambda: _require_met(missing),
    )
    found = []
    for check in checks:
        try:
            check()
        except (ActionRefused, NotAllowed) as refusal:
            found.append(str(refusal))
    return found


def _require_another(current: StatusUpdate, by: User) -> None:
    require(
        permissions.can_decide(by, current), _("You cannot decide on your own updates or requests.")
    )


def _require_same_basis(current: StatusUpdate, now: StatusUpdate | None) -> None:
    if (now.pk if now else None) != current.based_on_id:
        raise BasisChanged(current, now, differences_between(current.based_on, now))


def differences_between(
    before: StatusUpdate | None, after: StatusUpdate | None
) -> list[Difference]:
    """Content in which two updates differ; where one is missing, all content of the other."""
    some: Any = after or before
    if some is None:
        return []
    rows = (
        Difference(
            name,
            field_label(some, name),
            field_text(before, name) if before else "",
            field_text(after, name) if after else "",
        )
        for name in CONTENT_FIELDS
    )
    return [row for row in rows if row.before != row.after]


def _require_target_in_place(current: StatusUpdate) -> None:
    """Refuse what corrects or retracts an update that was replaced already."""
    target = current.corrects or current.retracts
    if target is not None:
        require_in_place(target)


def _take_over_evidence(entry: audit.Entry, evidence: DecisionEvidence) -> bool:
    """Evidence that came since to what is confirmed or corrected, and open contradictions.

    Whether there was any: who verified it counts by who wrote the update that it came to.
    """
    current, is_more = evidence.update, False
    if current.kind in REPEATING and (base := current.corrects or current.based_on):
        is_more = carry_links(entry, base, current)
    return carry_open(entry, evidence.base, current) or is_more


def _require_met(missing: Sequence[Condition]) -> None:
    if missing:
        raise ConditionsNotMet(missing)


def _confirmed(count: int, confirm_contradictions: bool) -> int:
    """How many contradictions are open; refused where there are some and that is not confirmed."""
    if count and not confirm_contradictions:
        raise ValidationError({"confirm_contradictions": confirmation_text(count)})
    return count


def confirmation_text(count: int) -> str:
    """What is confirmed where so many contradictions are open."""
    return ngettext(
        "Confirm that you approve this update with %(n)d contradiction open.",
        "Confirm that you approve this update with %(n)d contradictions open.",
        count,
    ) % {"n": count}


def _set_review(entry: audit.Entry, current: StatusUpdate, in_force: StatusUpdate | None) -> None:
    """The next review that an update names becomes the recommendation's, once it is in force.

    A correction sets none, nor does an update that is older or was retracted.
    """
    if current.review_on is None:
        return
    if current.kind == UpdateKind.CORRECTION or current != in_force:
        return
    recommendation = current.recommendation
    if recommendation.review_on != current.review_on:
        change(entry, recommendation, verb="set_review", review_on=current.review_on)
