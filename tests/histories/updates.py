"""What people do with updates, target dates, responses and actions."""

from typing import Any

from recommendations.actions import dates, responses
from recommendations.actions.evidence.items import EvidenceInput, check_evidence
from recommendations.actions.updates import decisions, drafts, steering
from recommendations.choices import ActionState, DateChangeState, UpdateState
from recommendations.models import (
    Action,
    Addressee,
    Evidence,
    Recommendation,
    StatusUpdate,
    SteeringDecision,
    TargetDateChange,
)
from tests.histories.history import History, act, often
from tests.updates import begin_draft, save_draft, submit

OPEN = (UpdateState.DRAFT, UpdateState.RETURNED)


def content(history: History) -> dict[str, Any]:
    """What an update says: enough of everything for it to be approved, mostly."""
    status = history.either(
        *("not_started", "in_progress", "in_progress", "partly_implemented"),
        *("partly_implemented", "implemented", "implemented", "not_implemented", "superseded"),
    )
    is_closed = status in ("not_implemented", "no_longer_applicable", "superseded")
    as_of = history.day(-90, 0)
    values = {
        "implementation_status": status,
        "confidence": "not_rated" if is_closed else history.either("green", "green", "red"),
        "as_of": as_of,
        "what_happened": "A meeting took place.",
        "remaining": "The rest.",
        "asked_for": "More money.",
        "public_reason": history.either("", "The money is late.", "The money is late."),
        "closing_reason": "It is no use.",
        "reopening_reason": "It is of use.",
    }
    if status == "implemented":
        values |= {"completed_on": as_of, "review_on": history.day(1, 400)}
    if status == "superseded":
        values["successor"] = history.pick(Recommendation.objects.all())
    return values


def _begin(history: History) -> StatusUpdate:
    about, people = history.followed(), history.world
    by = history.either(people.staff, people.manager, people.manager)
    addressees = list(about.addressees.filter(removed_at__isnull=True))
    addressee = history.either(None, None, None, *addressees[:1])
    return begin_draft(recommendation=about, by=by, values=content(history), addressee=addressee)


@act
def begin_update(history: History) -> None:
    _begin(history)


@act
def submit_update(history: History) -> None:
    draft = _begin(history)
    items = [
        EvidenceInput(stance=history.either("supports", "supports", "undermines"), evidence=row)
        for row in Evidence.objects.order_by("pk")
        if history.chance.random() < 0.5
    ]
    submit(update=draft, by=draft.author, expected_version=draft.version, evidence=items)


@act
def report(history: History) -> None:
    """A whole way: evidence that somebody looks up, an update that rests on it, and approval."""
    people = history.world
    draft = _begin(history)
    item = history.pick(Evidence.objects.filter(recorded_by=people.other_staff))
    given = [EvidenceInput(stance="supports", evidence=item)]
    if not item.checks.filter(by=people.other_manager, removed_at__isnull=True).exists():
        check_evidence(evidence=item, by=people.other_manager)
    if history.either(True, False, False):
        against = history.pick(Evidence.objects.exclude(pk=item.pk))
        given.append(EvidenceInput(stance="undermines", evidence=against))
    living = [] if draft.addressee_id else draft.recommendation.parts.living()
    is_whole = draft.implementation_status == "implemented"
    update = submit(
        update=draft,
        by=draft.author,
        evidence=given,
        parts=[part.pk for part in living if is_whole or history.chance.random() < 0.7],
    )
    decisions.approve_update(update=update, by=people.other_manager, confirm_contradictions=True)


often(report, "report_again", "report_more")


@act
def save_update(history: History) -> None:
    draft = history.pick(StatusUpdate.objects.filter(state__in=OPEN, kind="regular"))
    is_final = history.either(True, False)
    save = submit if is_final else save_draft
    save(update=draft, by=draft.author, expected_version=draft.version, values=content(history))


@act
def save_evidence_of_update(history: History) -> None:
    draft = history.pick(StatusUpdate.objects.filter(state__in=OPEN))
    links = draft.recommendation.current_update
    kept = {
        link.pk: history.either(True, False)
        for link in (links.evidence_links.filter(removed_at__isnull=True) if links else ())
    }
    drafts.save_update(
        update=draft,
        by=draft.author,
        values={},
        expected_version=draft.version,
        basis=draft.recommendation.current_update_id or 0,
        kept=kept,
        is_final=history.either(True, False),
    )


@act
def approve(history: History) -> None:
    update = history.pick(StatusUpdate.objects.filter(state=UpdateState.SUBMITTED))
    now = StatusUpdate.objects.of_scope(update.recommendation_id, update.addressee_id)
    current = now.in_force(history.today, history.now).first()
    if update.kind == "regular" and (current and current.pk) != update.based_on_id:
        # As after a glance at what came into force since.
        decisions.return_update(update=update, by=history.world.other_manager, note="Look again.")
        update.refresh_from_db()
        update = submit(update=update, by=update.author, basis=current.pk if current else 0)
    by = history.world.other_manager
    decisions.approve_update(update=update, by=by, confirm_contradictions=True)


often(approve, "approve_again")


@act
def return_update(history: History) -> None:
    update = history.pick(StatusUpdate.objects.filter(state=UpdateState.SUBMITTED))
    decisions.return_update(update=update, by=history.world.other_manager, note="Name the day.")


@act
def withdraw_update(history: History) -> None:
    update = history.pick(StatusUpdate.objects.filter(state__in=(*OPEN, UpdateState.SUBMITTED)))
    drafts.withdraw_update(update=update, by=update.author, expected_version=update.version)


@act
def hand_over(history: History) -> None:
    draft = history.pick(StatusUpdate.objects.filter(state__in=OPEN))
    to = history.world.manager if draft.author != history.world.manager else history.world.staff
    drafts.hand_over(update=draft, to=to, by=draft.author, expected_version=draft.version)


@act
def no_change(history: History) -> None:
    rows = Recommendation.objects.filter(archived_at__isnull=True, current_update__isnull=False)
    about = history.pick(rows)
    rated = history.either(True, False)
    decisions.no_change(recommendation=about, by=history.world.manager, is_rated_again=rated)


@act
def correct(history: History) -> None:
    update = history.pick(StatusUpdate.objects.filter(state=UpdateState.APPROVED))
    begun = decisions.correct(update=update, by=history.world.manager)
    told = {"remaining": history.word("remaining")}
    submit(update=begun, by=history.world.manager, expected_version=begun.version, values=told)


@act
def retract(history: History) -> None:
    update = history.pick(StatusUpdate.objects.filter(state=UpdateState.APPROVED))
    decisions.retract(update=update, by=history.world.manager, reason="It was wrong.")


@act
def record_decision(history: History) -> None:
    asking = StatusUpdate.objects.filter(
        pk__in=Recommendation.objects.values("current_update"),
        recommendation__kept__decision__isnull=True,
    ).exclude(asked_for="")
    update = history.pick(asking.filter(recommendation__archived_at__isnull=True))
    values = {
        "body": history.word("Cabinet"),
        "decided_on": history.either(update.as_of, history.today),
        "decision": "Granted.",
        "is_published": history.either(True, False),
    }
    steering.record_decision(update=update, by=history.world.manager, values=values)


often(record_decision, "record_decision_again", "record_decision_more")


@act
def withdraw_decision(history: History) -> None:
    live = SteeringDecision.objects.filter(removed_at__isnull=True)
    decision = history.pick(live.filter(update__recommendation__archived_at__isnull=True))
    steering.withdraw_decision(decision=decision, by=history.world.manager, reason="Not so.")


@act
def set_first_date(history: History) -> None:
    about = history.pick(Recommendation.objects.filter(target_date__isnull=True))
    dates.set_first(
        recommendation=about, by=history.world.manager, new_date=history.day(), reason="It is due."
    )


@act
def ask_for_date(history: History) -> None:
    about = history.pick(Recommendation.objects.filter(date_changes__number=0))
    new = history.either(history.day(), history.day(), None)
    by = history.world.other_manager
    dates.request(recommendation=about, by=by, new_date=new, reason="Later.")


def _asked(history: History) -> TargetDateChange:
    return history.pick(TargetDateChange.objects.filter(state=DateChangeState.REQUESTED))


@act
def approve_date(history: History) -> None:
    dates.approve_date_change(date_change=_asked(history), by=history.world.manager)


@act
def reject_date(history: History) -> None:
    dates.reject_date_change(date_change=_asked(history), by=history.world.manager, note="No.")


@act
def withdraw_date(history: History) -> None:
    asked = _asked(history)
    dates.withdraw_date_change(date_change=asked, by=asked.requested_by)


@act
def respond(history: History) -> None:
    addressee = history.pick(Addressee.objects.filter(removed_at__isnull=True))
    position = history.either(
        *("awaiting", "awaiting", "awaiting", "accepted", "accepted_in_part", "rejected"),
        *("accepted_in_principle", "not_for_us", "withdrawn"),
        *("under_consideration", "noted"),
    )
    responses.record_responses(
        addressees=[addressee],
        by=history.world.manager,
        values={
            "position": position,
            "since": history.day(-60, 0),
            "due_on": history.day(0, 90) if position == "awaiting" else None,
            "part_accepted": "The first part." if position == "accepted_in_part" else "",
            "reason": "It is not ours.",
        },
    )


often(respond, "respond_again")


def step(history: History) -> dict[str, Any]:
    state = history.either("not_started", "in_progress", "done", "dropped")
    return {
        "due_on": history.either(None, history.day()),
        "state": state,
        "started_on": None if state in ("not_started", "dropped") else history.day(-90, -50),
        "done_on": history.day(-40, 0) if state == "done" else None,
        "dropped_reason": "No money." if state == "dropped" else "",
    }


@act
def add_action(history: History) -> None:
    responses.add_action(
        recommendation=history.followed(),
        by=history.world.manager,
        values={"title": history.word("Step"), **step(history)},
    )


@act
def change_action(history: History) -> None:
    action = history.pick(Action.objects.all())
    responses.change_action(
        action=action,
        by=history.world.manager,
        expected_version=action.version,
        values=step(history),
    )


@act
def complete_with_update(history: History) -> None:
    action = history.pick(Action.objects.exclude(state=ActionState.DONE))
    done = drafts.CompletedAction("", action.pk, action.version, history.day(-40, 0))
    drafts.record_companions(
        recommendation=action.recommendation, by=history.world.manager, companions=[done]
    )
