"""Responses of addressees, and actions under a recommendation. Neither ever sets a status."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    BATCH,
    StaleWrite,
    add_row,
    change,
    check_row,
    create,
    free_slug,
    mark_fictional,
    only_named,
    require,
    require_followed,
    require_past,
    revised,
)
from recommendations.choices import ActionState, ResponsePosition
from recommendations.columns import written
from recommendations.models import Action, Addressee, Recommendation, Response, User
from recommendations.queries.fields import Difference

ACTION_FIELDS = written(Action, "recommendation", "slug")
"""What people write of an action."""

POSITION_FIELDS = ("position", "part_accepted", "reason", "due_on")
"""Fields of a response that go together."""


def record_responses(
    *,
    addressees: Iterable[Addressee],
    by: User,
    values: Mapping[str, Any],
    expected_newest: int | None = None,
    at: datetime | None = None,
) -> list[Response]:
    """Record the response of one or many addressees: a new row for each.

    All or nothing: one addressee that cannot be recorded for leaves the others unrecorded too.
    ``expected_newest`` is the id of the newest response that the person was shown, 0 for none:
    where a chosen addressee has a newer one, nothing is written and ``StaleWrite`` carries it.
    """
    chosen = {addressee.pk for addressee in addressees}
    if not chosen:
        raise ValidationError({"addressees": _("Choose at least one addressee.")})
    with audit.entry(by=by, at=at) as entry:
        rows = Addressee.objects.filter(pk__in=chosen).order_by("pk")
        parties = rows.select_related("recommendation", "area", "organisation")
        found = list(parties.prefetch_related("recommendation__contributors"))
        for recommendation in {one.recommendation_id: one.recommendation for one in found}.values():
            may = permissions.can_add_to(by, recommendation)
            require(may, _("You cannot record responses to this recommendation."))
            require_followed(recommendation)
        for addressee in found:
            if addressee.removed_at is not None:
                raise ValidationError(
                    {"addressees": _("%s is no longer an addressee.") % addressee}
                )
        made = [
            Response(addressee=addressee, recorded_at=entry.at, recorded_by=by, **values)
            for addressee in found
        ]
        for response in made:
            check_response(response, entry.today)
        if expected_newest is not None:
            _refuse_newer_responses(made, expected_newest)
        for response in made:
            create(entry, response, verb="respond")
        return made


def record_many(act: audit.BulkAct, responses: Sequence[Response]) -> None:
    """Insert checked responses of an import, whose addressees said nothing since."""
    by: Any = act.entry.by
    for response in responses:
        response.recorded_at, response.recorded_by = act.entry.at, by
    act.follow_new(Response.objects.bulk_create(responses, batch_size=BATCH))


def add_action(
    *,
    recommendation: Recommendation,
    by: User,
    values: Mapping[str, Any],
    slug: str = "",
    at: datetime | None = None,
) -> Action:
    """Add an action under a recommendation; ``slug`` is its short name, if one was chosen."""
    with audit.entry(by=by, at=at) as entry:
        current = Recommendation.objects.get(pk=recommendation.pk)
        require(
            permissions.can_add_to(by, current),
            _("You cannot change the actions of this recommendation."),
        )
        require_followed(current)
        action = Action(recommendation=current, **only_named(values, ACTION_FIELDS))
        if has_action(current, action.title):
            # Also the answer to a form that is sent twice.
            raise ValidationError({"title": _("An action with this title already exists.")})
        action.slug = slug or free_slug(Action, f"{current.reference} {action.title}")
        _require_state_fields(values)
        check_days(action, entry.today)
        return add_row(entry, action, verb="add_action")


def add_actions(act: audit.BulkAct, actions: Sequence[tuple[Recommendation, Action]]) -> None:
    """Insert checked actions of an import, with titles that are new to their recommendations."""
    taken = set(Action.objects.values_list("slug", flat=True)) if actions else set()
    for recommendation, action in actions:
        action.recommendation = recommendation
        action.slug = free_slug(Action, f"{recommendation.reference} {action.title}", taken)
        taken.add(action.slug)
    made = [action for _of, action in actions]
    mark_fictional(made, act.entry.by)
    act.follow_new(Action.objects.bulk_create(made, batch_size=BATCH))


def change_action(
    *,
    action: Action,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Action:
    """Change an action: its words, its days, its state."""
    with audit.entry(by=by, at=at) as entry:
        current = Action.objects.select_related("recommendation").get(pk=action.pk)
        may = permissions.can_add_to(by, current.recommendation)
        require(may, _("You cannot change the actions of this recommendation."))
        require_followed(current.recommendation)
        stored = {name: getattr(current, name) for name in ACTION_FIELDS}
        _require_state_fields({**stored, **values})
        after = revised(current, expected_version, only_named(values, ACTION_FIELDS))
        if after is not None:
            check_days(after, entry.today)
            change(entry, current, verb="change_action", **values)
        return current


def _require_state_fields(values: Mapping[str, Any]) -> None:
    if problems := state_problems(values):
        raise ValidationError(problems)


def state_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What the state of an action needs, and what does not belong to it, by field."""
    state = values.get("state")
    needs = {
        "started_on": (ActionState.IN_PROGRESS, _("Enter the start date.")),
        "done_on": (ActionState.DONE, _("Enter the completion date.")),
        "dropped_reason": (ActionState.DROPPED, _("Enter the reason.")),
    }
    surplus = {
        "done_on": (ActionState.DONE, _("Leave this field empty until the action is completed.")),
        "dropped_reason": (
            ActionState.DROPPED,
            _("Leave this field empty unless the action is cancelled."),
        ),
    }
    missing = {n: why for n, (of, why) in needs.items() if state == of and not values.get(n)}
    return missing | {
        n: why for n, (of, why) in surplus.items() if state and state != of and values.get(n)
    }


def check_days(action: Action, today: date) -> None:
    """Refuse days ahead for what has happened."""
    is_begun = action.state != ActionState.NOT_STARTED
    begun = action.started_on if is_begun else None
    require_past(today, done_on=action.done_on, started_on=begun)


def check_response(response: Response, today: date) -> None:
    """Check a response whole."""
    require_past(today, since=response.since)
    values = {name: getattr(response, name) for name in POSITION_FIELDS}
    if problems := position_problems(values):
        raise ValidationError(problems)
    check_row(response)


def position_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What the position of a response needs, and what does not belong to it, by field."""
    position, problems = values.get("position"), {}
    is_in_part = position == ResponsePosition.ACCEPTED_IN_PART
    if is_in_part and not values.get("part_accepted"):
        problems["part_accepted"] = _("Enter the accepted part.")
    if position and not is_in_part and values.get("part_accepted"):
        problems["part_accepted"] = _(
            "Leave this field empty unless the response is a partial acceptance."
        )
    if position == ResponsePosition.REJECTED and not values.get("reason"):
        problems["reason"] = _("Enter the reason for the rejection.")
    if position and position != ResponsePosition.AWAITING and values.get("due_on"):
        problems["due_on"] = _("Only an awaited response has a due date.")
    return problems


def has_action(recommendation: Recommendation, title: str) -> bool:
    """Whether there is an action of this title; no query where actions are prefetched."""
    return any(action.title == title for action in recommendation.actions.all())


def _refuse_newer_responses(responses: Sequence[Response], expected_newest: int) -> None:
    """Refuse where one of these addressees has a response that the form did not show."""
    rows = {response.addressee_id: response for response in responses}
    newer = Response.objects.filter(addressee__in=rows, pk__gt=expected_newest).order_by(
        "addressee", "pk"
    )
    later = {row.addressee_id: row for row in newer}
    if later:
        found = [
            Difference("position", str(rows[pk].addressee), str(row), str(rows[pk]))
            for pk, row in later.items()
        ]
        raise StaleWrite(next(iter(later.values())), found)
