"""Many rows at once, complete and in order, for tests that ask how pages grow.

They are written past the actions: nobody's permission is asked, and the events carry no hashes.
A test of what an action does starts from tests/base.py instead.
"""

import itertools
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommendations import state
from recommendations.choices import Confidence
from recommendations.models import (
    Addressee,
    AuditEvent,
    AuditText,
    ChainHead,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    Organisation,
    Recommendation,
    Response,
    Source,
    StatusUpdate,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.state.statement import next_due_day, rating_end
from tests import indicator_factories, response_factories
from tests.base import World, days_ago, tell_planner
from tests.indicator_factories import area_of
from tests.rows import past_the_guards

STANDINGS: tuple[dict[str, Any], ...] = (
    {"implementation_status": "in_progress", "confidence": "green"},
    {
        "implementation_status": "partly_implemented",
        "confidence": "amber",
        "remaining": "The second half.",
        "issue": "Money is short.",
        "response_action": "Ask for more.",
        "response_owner": "The ministry",
    },
    {"implementation_status": "implemented", "confidence": "not_rated"},
    {"implementation_status": "in_progress", "confidence": "red", "asked_for": "A decision."},
)
"""What the updates in force say, row after row."""

AGES = (20, 100, 250)
"""Days since the update in force of a row: fresh, fresh enough, and out of date."""

_numbers = itertools.count(1)
"""So that short names are used once, however often a test fills."""


def fill(world: type[World], count: int, each: int = 1) -> list[Recommendation]:
    """Add ``count`` published recommendations with everything that can hang on one.

    ``each`` is how often a row has what it can have several of: contributors, addressees, waiting
    updates, evidence for and against, indicators, events, responses, actions, date changes,
    comments, reported statuses.
    """
    found = recommendations(world, count)
    addressees = join_bodies(world, found, each)
    response_factories.add_responses(world, found)
    response_factories.add_actions(found, each)
    response_factories.add_talk(world, found, each)
    in_force = add_updates(world, found, addressees, each)
    add_dates(world, found, each)
    add_claims(world, in_force, each)
    prove_responses(world, found, add_evidence(world, 2 * each))
    indicator_factories.link_indicators(found, indicator_factories.add_indicators(2 * each))
    state.refresh([row.pk for row in found])
    tell_planner()
    return found


def recommendations(world: type[World], count: int) -> list[Recommendation]:
    """Bare ones, published, under the world's source, numbered on from its last."""
    source = Source.objects.get(pk=world.source.pk)
    numbers = range(source.last_number + 1, source.last_number + count + 1)
    source.last_number += count
    source.save()
    return Recommendation.objects.bulk_create(
        Recommendation(
            source=source,
            number=n,
            reference=f"{source.reference_prefix}-{n}",
            title=f"Recommendation {n}",
            summary=f"What number {n} asks for.",
            modality="should",
            nature="continuous" if n % 5 == 0 else "time_bound",
            lead=world.ministry if n % 3 else None,
            lead_officer=world.staff if n % 2 else None,
            reviewer=world.manager,
            target_date=days_ago(200 - 100 * (n % 4)) if n % 3 else None,
            opened_on=days_ago(400),
            published_at=timezone.now(),
            published_by=world.manager,
        )
        for n in numbers
    )


def join_bodies(world: type[World], found: list[Recommendation], each: int) -> list[Addressee]:
    """Contributors and addressees; answers one addressee a recommendation."""
    bodies = [world.agency, *(_body(f"body-{n}") for n in range(each))]
    areas = [area_of(f"A{n}") for n in range(each)]
    themes = [
        Theme.objects.get_or_create(
            slug=f"t-{n}", name=f"Theme {chr(97 + n // 26)}{chr(97 + n % 26)}"
        )[0]
        for n in range(each)
    ]
    through = Recommendation.themes.through
    through.objects.bulk_create(
        through(recommendation=row, theme=theme) for row in found for theme in themes
    )
    contributors = Recommendation.contributors.through
    contributors.objects.bulk_create(
        contributors(recommendation=row, organisation=body) for row in found for body in bodies
    )
    Addressee.objects.bulk_create(
        Addressee(recommendation=row, organisation=body) for row in found for body in bodies
    )
    made = Addressee.objects.bulk_create(
        Addressee(recommendation=row, area=area) for row in found for area in areas
    )
    return made[::each]


def add_updates(
    world: type[World], found: list[Recommendation], addressees: list[Addressee], each: int
) -> list[StatusUpdate]:
    """Updates of every kind and state on every row; answers the one in force of each."""
    first = _decided(world, found, days_ago(300))
    corrected = _decided(world, found, days_ago(300), kind="correction", corrects=first)
    wrong = _decided(world, found, days_ago(280))
    _decided(world, found, days_ago(280), kind="retraction", retracts=wrong)
    in_force = _in_force(world, found, corrected)
    _decided(world, found, days_ago(50), addressee=addressees)
    for _repeat in range(each):
        state: dict[str, Any] = {"submitted_at": timezone.now(), "based_on": in_force}
        _updates(world, found, days_ago(9), state="submitted", **state)
        _updates(world, found, days_ago(9), state="submitted", addressee=addressees, **state)
        _updates(world, found, days_ago(8), state="returned", **_decision(world), **state)
        _updates(world, found, days_ago(7), state="draft")
        _updates(world, found, days_ago(7), state="withdrawn")
    return in_force


def add_dates(world: type[World], found: list[Recommendation], each: int) -> None:
    """A ledger on every row that has a date: the first, moves, a rejection, a request."""
    now = timezone.now()
    decided = {"decided_by": world.manager, "decided_at": now, "decision_note": "Seen."}
    made = []
    for row in found:
        if row.target_date is None:
            continue
        old = row.target_date - timedelta(days=100 * each)
        steps: list[dict[str, Any]] = [
            {"old_date": None, "new_date": old, "requested_by": world.manager}
        ]
        for n in range(each):
            day = old + timedelta(days=100 * n)
            steps.append({"old_date": day, "new_date": day + timedelta(days=100)})
        steps += [{"old_date": row.target_date, "new_date": None, "state": "rejected"}]
        made += [
            _date_change(world, row, n, **{"state": "approved", **decided, **step})
            for n, step in enumerate(steps)
        ]
        made.append(_date_change(world, row, len(steps), old_date=row.target_date))
    TargetDateChange.objects.bulk_create(made)


def add_claims(world: type[World], in_force: list[StatusUpdate], each: int) -> None:
    """Evidence for (checked), against (answered and not) and background, of both visibilities."""
    links: list[dict[str, Any]] = [
        {"stance": "supports"},
        {"stance": "supports", "removed_at": timezone.now(), "removed_by": world.manager},
        {"stance": "undermines"},
        {
            "stance": "undermines",
            "answer": "It speaks of another year.",
            "answered_at": timezone.now(),
            "answered_by": world.manager,
        },
        {"stance": "background"},
    ] * each
    items = iter(add_evidence(world, (len(links) + 2) * len(in_force)))
    made = []
    for update in in_force:
        row = update.recommendation
        made += [_link(world, next(items), update=update, **values) for values in links]
        made.append(_link(world, next(items), recommendation=row, stance="need"))
        made.append(_link(world, next(items), recommendation=row, stance="background"))
    with past_the_guards():
        EvidenceLink.objects.bulk_create(made)


def add_evidence(world: type[World], count: int) -> list[Evidence]:
    """Items, every second one public, each checked by a third person."""
    items = Evidence.objects.bulk_create(
        Evidence(
            slug=f"item-{n}",
            title=f"Paper {n}",
            kind="document",
            citation=f"Paper {n}, page 1",
            visibility="public" if n % 2 else "internal",
            recorded_at=timezone.now(),
            recorded_by=world.staff,
        )
        for n in itertools.islice(_numbers, count)
    )
    check_all(items, world.other_manager)
    return items


def check_all(items: Iterable[Evidence], by: User) -> None:
    EvidenceCheck.objects.bulk_create(
        EvidenceCheck(evidence=item, by=by, organisation=by.organisation, at=timezone.now())
        for item in items
    )


def tell(world: type[World], verb: str, updates: Iterable[StatusUpdate]) -> None:
    """One event an update, with its reason, numbered on from the head of the chain."""
    head, _is_new = ChainHead.objects.get_or_create(pk=1)
    events = []
    for sequence, update in enumerate(updates, head.last_sequence + 1):
        events.append(
            AuditEvent(
                sequence=sequence,
                at=timezone.now(),
                actor=world.manager,
                verb=verb,
                object_type="recommendations.statusupdate",
                object_id=str(update.pk),
                recommendation_id=update.recommendation_id,
                reason_id=f"{sequence:064}",
                payload=f'{{"changes":{{"what_happened":["",{{"text":"{sequence:064}"}}]}}}}',
            )
        )
    AuditText.objects.bulk_create(
        AuditText(digest=event.reason_id, text="A reason.") for event in events
    )
    with past_the_guards():
        AuditEvent.objects.bulk_create(events)
    ChainHead.objects.filter(pk=1).update(last_sequence=head.last_sequence + len(events))


def link_everywhere(world: type[World], item: Evidence, updates: list[StatusUpdate]) -> None:
    """One item under each of these updates, and under their recommendations."""
    links = [_link(world, item, update=update, stance="supports") for update in updates]
    links += [
        _link(world, item, recommendation=update.recommendation, stance="need")
        for update in updates
    ]
    with past_the_guards():
        EvidenceLink.objects.bulk_create(links)


def prove_responses(world: type[World], found: list[Recommendation], items: list[Evidence]) -> None:
    """Each of these items under every response to these recommendations."""
    said = Response.objects.filter(addressee__recommendation__in=found)
    EvidenceLink.objects.bulk_create(
        _link(world, item, response=response, stance="supports")
        for response in said
        for item in items
    )


def _date_change(
    world: type[World], row: Recommendation, number: int, **values: Any
) -> TargetDateChange:
    asked = {"requested_by": world.other_staff, "requested_at": timezone.now(), "reason": "So."}
    return TargetDateChange(recommendation=row, number=number, **{**asked, **values})


def _link(world: type[World], item: Evidence, **values: Any) -> EvidenceLink:
    return EvidenceLink(
        evidence=item, why="So.", added_at=timezone.now(), added_by=world.staff, **values
    )


def _body(slug: str) -> Organisation:
    return Organisation.objects.get_or_create(slug=slug, defaults={"name": f"Body {slug}"})[0]


def _decision(world: type[World]) -> dict[str, Any]:
    return {
        "decided_at": timezone.now() - timedelta(days=1),
        "decided_by": world.manager,
        "decision_note": "Seen.",
    }


def _decided(
    world: type[World], found: list[Recommendation], as_of: Any, **values: Any
) -> list[StatusUpdate]:
    submitted_at = timezone.now() - timedelta(days=2)
    values = {"state": "approved", "submitted_at": submitted_at, **_decision(world), **values}
    made = _updates(world, found, as_of, **values)
    tell(world, "approve", made)
    return made


def _in_force(
    world: type[World], found: list[Recommendation], basis: list[StatusUpdate]
) -> list[StatusUpdate]:
    """A confirmation on each row, in force, with what the row keeps of it."""
    made = _decided(
        world,
        found,
        [days_ago(AGES[row.number % len(AGES)]) for row in found],
        kind="no_change",
        based_on=basis,
    )
    for row, update in zip(found, made, strict=True):
        row.current_update = update
        row.next_due_on = next_due_day(row, update)
        row.rating_valid_until = rating_end(row, update)
    Recommendation.objects.bulk_update(
        found, ["current_update", "next_due_on", "rating_valid_until"], batch_size=100
    )
    return made


def _updates(
    world: type[World], found: list[Recommendation], as_of: Any, **values: Any
) -> list[StatusUpdate]:
    """One update a row; a value that is a list gives one value a row."""
    with past_the_guards():
        made = StatusUpdate.objects.bulk_create(
            _update(world, row, **dict(_of_row({"as_of": as_of, **values}, index)))
            for index, row in enumerate(found)
        )
    editors = StatusUpdate.editors.through
    editors.objects.bulk_create(
        editors(statusupdate=update, user=world.other_staff) for update in made
    )
    return made


def _of_row(values: dict[str, Any], index: int) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        yield name, value[index] if isinstance(value, list) else value


def _update(world: type[World], row: Recommendation, **values: Any) -> StatusUpdate:
    """Written by somebody who is nobody's lead officer: what they may do must be looked up."""
    standing = STANDINGS[row.number % len(STANDINGS)]
    as_of = values["as_of"]
    is_rated = standing["confidence"] != Confidence.NOT_RATED
    is_complete = standing["implementation_status"] == "implemented"
    return StatusUpdate(
        recommendation=row,
        author=world.other_staff,
        last_editor=world.other_staff,
        created_at=timezone.now(),
        what_happened="Something happened.",
        public_text="Something happened, in public words.",
        rated_on=as_of if is_rated else None,
        completed_on=as_of if is_complete else None,
        **standing,
        **values,
    )
