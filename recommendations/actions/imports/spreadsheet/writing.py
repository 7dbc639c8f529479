"""Writing a plan: all of it in the entry that is open, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.imports.spreadsheet.plans import Kind, Plan, RowPlan
from recommendations.actions.recommendations import wording_digest
from recommendations.actions.updates.state import next_due, refresh_state
from recommendations.choices import DateChangeState
from recommendations.models import (
    Action,
    Addressee,
    Area,
    Organisation,
    Recommendation,
    ReportedStatus,
    Response,
    Source,
    TargetDateChange,
)

BATCH = 500
STANDING = frozenset({"nature", "interval_months", "review_on"})
"""Columns from which the next due day follows."""


def write(entry: audit.Entry, plan: Plan, source: Source) -> audit.BulkAct:
    """Write what the plan says, and what follows from it; the act, to be recorded."""
    rows = [row for row in plan.rows if row.kind in (Kind.NEW, Kind.CHANGED)]
    changed = [row for row in rows if not row.is_new]
    act = audit.BulkAct(entry)
    act.follow([source])
    act.follow(row.thing for row in changed)
    act.follow(reported for row in rows for reported, _status in row.taken_to_mean)
    act.follow_new(_make_bodies(plan, rows))
    act.follow_new(_add(source, [row for row in rows if row.is_new]))
    for row in changed:
        _revise(entry, row)
    act.follow_new(_join(rows))
    act.follow_new(_set_dates(entry, plan, rows))
    act.follow_new(_report(entry, rows))
    act.follow_new(_act(rows))
    _meanings(rows)
    for row in rows:
        if STANDING & set(row.values):
            refresh_state(entry, row.thing.pk)
    return act


def counts(plan: Plan, source: Source) -> dict[str, Any]:
    """What the event of the file says."""
    written = [row for row in plan.rows if row.kind in (Kind.NEW, Kind.CHANGED)]
    return {
        "file": audit.FreeText(plan.file_name),
        "sha256": plan.sha256,
        "source": audit.FreeText(source.slug),
        "new": len(plan.of(Kind.NEW)),
        "changed": len(plan.of(Kind.CHANGED)),
        "unchanged": len(plan.of(Kind.UNCHANGED)),
        "left_out": len(plan.of(Kind.REJECTED)),
        "dates": sum(row.first_date is not None for row in written),
        "reported_statuses": sum(len(row.reported) for row in written),
        "responses": sum(len(row.responses) for row in written),
        "actions": sum(row.action is not None for row in written),
        "organisations": len(plan.bodies),
    }


def bodies_of(rows: Iterable[RowPlan]) -> list[Organisation]:
    """Organisations that these rows name and that are not here yet, each once."""
    named: dict[str, Organisation] = {}
    for row in rows:
        for body in (row.lead, *row.contributors, *row.addressees):
            if isinstance(body, Organisation) and body._state.adding:
                named[body.slug] = body
    return list(named.values())


def _make_bodies(plan: Plan, rows: list[RowPlan]) -> list[Organisation]:
    plan.bodies = bodies_of(rows)
    for body in plan.bodies:
        body.save(force_insert=True)
    return plan.bodies


def _add(source: Source, rows: list[RowPlan]) -> list[Recommendation]:
    """Number the new ones: references that the file brings first, the counter after them."""
    last = max([source.last_number, *(row.thing.number or 0 for row in rows)])
    for row in rows:
        thing: Any = row.thing
        if not thing.reference:
            last += 1
            thing.number, thing.reference = last, f"{source.reference_prefix}-{last}"
        thing.lead = row.lead
        for name, value in row.values.items():
            setattr(thing, name, value)
        thing.target_date = row.first_date
        thing.quoted_sha256 = wording_digest(thing.quoted_text)
        thing.next_due_on = next_due(thing, None)
    if last > source.last_number:
        Source.objects.filter(pk=source.pk).update(last_number=last)
    return Recommendation.objects.bulk_create([row.thing for row in rows], batch_size=BATCH)


def _revise(entry: audit.Entry, row: RowPlan) -> None:
    """One row that was there, read under the lock that is still held."""
    values = dict(row.values)
    if row.lead is not None:
        values["lead"] = row.lead
    if row.first_date is not None:
        values["target_date"] = row.first_date
    if "quoted_text" in values:
        values["quoted_sha256"] = wording_digest(values["quoted_text"])
    if not values and not row.contributors:
        return
    Recommendation.objects.filter(pk=row.thing.pk).update(
        **values, version=row.thing.version + 1, updated_at=entry.at
    )


def _join(rows: list[RowPlan]) -> list[Addressee]:
    through = Recommendation.contributors.through
    through.objects.bulk_create(
        [
            through(recommendation_id=row.thing.pk, organisation_id=body.pk)
            for row in rows
            for body in dict.fromkeys(row.contributors)
        ],
        batch_size=BATCH,
    )
    made = Addressee.objects.bulk_create(
        [
            Addressee(
                recommendation=row.thing,
                area=body if isinstance(body, Area) else None,
                organisation=body if isinstance(body, Organisation) else None,
            )
            for row in rows
            for body in dict.fromkeys(row.addressees)
        ],
        batch_size=BATCH,
    )
    new = {(a.recommendation_id, a.area or a.organisation): a for a in made}
    for row in rows:
        for whose, response in row.responses:
            response.addressee = whose if isinstance(whose, Addressee) else new[row.thing.pk, whose]
    return made


def _set_dates(entry: audit.Entry, plan: Plan, rows: list[RowPlan]) -> list[TargetDateChange]:
    by: Any = entry.by
    return TargetDateChange.objects.bulk_create(
        [
            TargetDateChange(
                recommendation=row.thing,
                number=0,
                new_date=row.first_date,
                reason=_("imported from %s") % plan.file_name,
                requested_by=by,
                requested_at=entry.at,
                state=DateChangeState.APPROVED,
                decided_by=by,
                decided_at=entry.at,
            )
            for row in rows
            if row.first_date is not None
        ],
        batch_size=BATCH,
    )


def _report(entry: audit.Entry, rows: list[RowPlan]) -> list[models.Model]:
    by: Any = entry.by
    for row in rows:
        for reported in row.reported:
            reported.recommendation = row.thing
            reported.recorded_at, reported.recorded_by = entry.at, by
        for _whose, response in row.responses:
            response.recorded_at, response.recorded_by = entry.at, by
    return [
        *ReportedStatus.objects.bulk_create(
            [reported for row in rows for reported in row.reported], batch_size=BATCH
        ),
        *Response.objects.bulk_create(
            [response for row in rows for _whose, response in row.responses], batch_size=BATCH
        ),
    ]


def _act(rows: list[RowPlan]) -> list[Action]:
    """Actions under their recommendations, each with a short name that is free."""
    steps = [row for row in rows if row.action is not None]
    taken = set(Action.objects.values_list("slug", flat=True)) if steps else set()
    for row in steps:
        step: Any = row.action
        base = slugify(f"{row.thing.reference} {step.title}")[:50]
        slug, number = base, 1
        while slug in taken:
            number += 1
            slug = f"{base}-{number}"
        taken.add(slug)
        step.slug, step.recommendation = slug, row.thing
    return Action.objects.bulk_create([row.action for row in steps if row.action], batch_size=BATCH)


def _meanings(rows: list[RowPlan]) -> None:
    for row in rows:
        for reported, status in row.taken_to_mean:
            ReportedStatus.objects.filter(pk=reported.pk).update(implementation_status=status)
