"""Many responses, actions and comments at once; like tests/factories.py, past the actions."""

import itertools
import json
from typing import Any

from django.utils import timezone

from recommendations.models import (
    Action,
    Addressee,
    AuditEvent,
    ChainHead,
    Comment,
    Recommendation,
    ReportedStatus,
    Response,
)
from tests.base import World, days_ago
from tests.rows import past_the_guards

_numbers = itertools.count(1)
"""So that short names are used once, however often a test fills."""


def add_responses(world: type[World], found: list[Recommendation], *, is_told: bool = True) -> None:
    """Two of every addressee: that it was asked and, of all but the first, what it said."""
    rows = Addressee.objects.filter(recommendation__in=found).order_by("recommendation", "pk")
    takings = itertools.cycle(("accepted", "accepted_in_part", "rejected"))
    made = []
    answered = set()
    for row in rows:
        made.append(_response(world, row, "awaiting", since=days_ago(90), due_on=days_ago(30)))
        if row.recommendation_id in answered:
            made.append(_response(world, row, next(takings), since=days_ago(20)))
        answered.add(row.recommendation_id)
    Response.objects.bulk_create(made)
    if is_told:
        tell_of_responses(world, made)


def add_actions(found: list[Recommendation], each: int) -> None:
    """An overdue one, one that is done and one that was dropped, on every row."""
    states: list[dict[str, Any]] = [
        {"state": "in_progress", "started_on": days_ago(50), "due_on": days_ago(3)},
        {"state": "done", "started_on": days_ago(50), "done_on": days_ago(5)},
        {"state": "dropped", "dropped_reason": "Not needed."},
    ]
    Action.objects.bulk_create(
        Action(
            recommendation=row,
            slug=f"action-{n}",
            title=f"Step {n}",
            is_named_in_source=bool(n % 2),
            owner="Body A",
            **values,
        )
        for row in found
        for values, n in zip(states * each, _numbers, strict=False)
    )


def tell_of_responses(world: type[World], made: list[Response]) -> None:
    """One event a response, as a timeline reads it, numbered on from the head of the chain."""
    head, _is_new = ChainHead.objects.get_or_create(pk=1)
    with past_the_guards():
        AuditEvent.objects.bulk_create(
            AuditEvent(
                sequence=sequence,
                at=timezone.now(),
                actor=world.manager,
                verb="respond",
                object_type="recommendations.response",
                object_id=str(response.pk),
                recommendation_id=response.addressee.recommendation_id,
                payload=json.dumps(
                    {
                        "changes": {
                            "addressee": [None, response.addressee_id],
                            "position": [None, response.position],
                            "since": [None, f"{response.since}"],
                        }
                    }
                ),
            )
            for sequence, response in enumerate(made, head.last_sequence + 1)
        )
    ChainHead.objects.filter(pk=1).update(last_sequence=head.last_sequence + len(made))


def _response(world: type[World], row: Addressee, position: str, **values: Any) -> Response:
    part = "The first half." if position == "accepted_in_part" else ""
    return Response(
        addressee=row,
        position=position,
        part_accepted=part,
        reason="So." if position == "rejected" else "",
        recorded_at=timezone.now(),
        recorded_by=world.staff,
        **values,
    )


def add_talk(world: type[World], found: list[Recommendation], each: int) -> None:
    """Comments on every row, each of which names two people, and what a file reported of it."""
    now = timezone.now()
    made = Comment.objects.bulk_create(
        Comment(recommendation=row, author=author, at=now, text="Is it so, @manager?")
        for row in found
        for author in [world.staff, world.manager] * each
    )
    mentions = Comment.mentions.through
    mentions.objects.bulk_create(
        mentions(comment=comment, user=person)
        for comment in made
        for person in (world.manager, world.other_manager)
    )
    ReportedStatus.objects.bulk_create(
        ReportedStatus(
            recommendation=row,
            as_of=days_ago(400),
            words="Closed acceptable",
            file_name="list.csv",
            file_sha256="0" * 64,
            recorded_at=now,
            recorded_by=world.manager,
        )
        for row in found
        for _repeat in range(each)
    )
