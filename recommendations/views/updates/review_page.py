"""What the pages of Review show: the queue, and one update or one date change of it."""

from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import capfirst

from recommendations import permissions
from recommendations.actions.errors import ActionRefused
from recommendations.actions.updates.content import CONTENT_FIELDS
from recommendations.actions.updates.decisions import (
    approval_obstacles,
    confirmation_text,
    differences_between,
)
from recommendations.choices import UpdateState
from recommendations.forms.dates import DateDecisionForm
from recommendations.forms.updates import DecisionForm
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from recommendations.permissions import Person
from recommendations.queries.columns import columns_of, names_of
from recommendations.queries.dates import finished_refusal, ledger_of, shown_date_change
from recommendations.queries.deputies import principals_of
from recommendations.queries.evidence.claims import add_shown
from recommendations.queries.evidence.decision import compared, decision_evidence
from recommendations.queries.evidence.proposed import decidable_changes
from recommendations.queries.fields import Difference, field_label, field_text
from recommendations.queries.openings.review import decidable_batches
from recommendations.queries.recommendations.strands import completed_labels, update_parts
from recommendations.queries.updates.in_force import in_force
from recommendations.queries.updates.my_work import dates_asked_by, kind_text, written_by
from recommendations.queries.updates.public_change import PublicChange, public_change
from recommendations.queries.updates.returned import last_return
from recommendations.queries.updates.review_queue import Place, listed_queue, place_of, queue_of
from recommendations.queries.updates.shown import shown_update
from recommendations.queries.version import set_version, version_of
from recommendations.views.updates.form import basis_context, needs

NOTES = "review_notes"
"""Session key of notes that are not sent yet."""

CHIP_FIELDS = ("implementation_status", "confidence")


def review_page(
    request: HttpRequest,
    update: StatusUpdate | None,
    *,
    change: TargetDateChange | None = None,
    form: Form | None = None,
    refusal: ActionRefused | None = None,
    status: int = 200,
    queue: list[Place] | None = None,
) -> HttpResponse:
    """The queue at one side and one update, or one date change, at the other; else it alone.

    ``queue`` is that of who asks, where it is read already.
    """
    if refusal is not None:
        # What was refused may rest on what somebody recorded meanwhile.
        set_version(request.user, version_of(DEFAULT_DB_ALIAS))
    queue = queue_of(request.user) if queue is None else queue
    context = _context(request, queue, update, change, form) | {"refusal": refusal}
    return render(request, "review/review.html", context, status=status)


def _context(
    request: HttpRequest,
    queue: list[Place],
    update: StatusUpdate | None,
    change: TargetDateChange | None,
    form: Form | None,
) -> dict[str, Any]:
    person = request.user
    context = _beside(person, queue)
    if update is not None:
        at = place_of(update, person)
        place = next((place for place in queue if place.key == at.key), at)
        context |= item(update, person, place.date)
        along = context["along"]
        form = form or DecisionForm(
            initial={"note": kept_note(request, update.pk)}, has_date=along is not None
        )
        if along and isinstance(form, DecisionForm):
            form.offer_date(along["change"].old_date, along["change"].new_date)
    elif change is not None:
        context |= date_item(change.recommendation, change.pk, person)
        at = place_of(change, person)
        form = form or DateDecisionForm()
    else:
        return context
    shown, following = listed_queue(queue, at)
    return context | {
        "url": at.url,
        "shown": shown,
        "form": form,
        "following": following,
        "may_decide": any(place.key == at.key for place in queue),
    }


def _beside(person: Any, queue: list[Place]) -> dict[str, Any]:
    """The queue and what stands around it, whatever is open."""
    return {
        "queue": queue,
        "batches": decidable_batches(person),
        "evidence_changes": decidable_changes(person),
        "mine": written_by(person)[UpdateState.SUBMITTED],
        "asked": dates_asked_by(person),
        "today": timezone.localdate(),
        **counts(queue),
        "stands_in": bool(principals_of(person)),
    }


def counts(queue: list[Place]) -> dict[str, Any]:
    """What the sentence above the queue counts."""
    dates = sum(row.is_date for row in queue)
    return {
        "updates": len(queue) - dates,
        "dates": dates + sum(row.date > 0 for row in queue),
        "no_changes": sum(row.is_no_change for row in queue),
        "oldest": min((row.since for row in queue), default=None),
        "for_me": sum(row.rank == 0 for row in queue),
    }


def change_for(person: Person, pk: int) -> TargetDateChange:
    """A date change that the person may see, with what its pages name; else 404."""
    rows = TargetDateChange.objects.visible_to(person).select_related(
        "recommendation__current_update", "requested_by", "decided_by"
    )
    return get_object_or_404(rows.only(*_OF_CHANGE), pk=pk)


_OF_CHANGE = (
    *columns_of(TargetDateChange),
    *names_of("requested_by", "decided_by"),
    "requested_by__is_demonstration",
    *(
        f"recommendation__{name}"
        for name in ("version", "source", "reference", "title", "nature", "target_date")
    ),
    *("recommendation__reviewer", "recommendation__archived_at"),
    *(
        f"recommendation__current_update__{name}"
        for name in ("implementation_status", "as_of", "completed_on")
    ),
)
"""Columns of a date change that its pages name."""


def date_item(about: Recommendation, pk: int, person: Person) -> dict[str, Any]:
    """All that a manager needs to know of one date change to decide on it; one query."""
    ledger = ledger_of(about, person)
    [row] = [row for row in ledger.rows if row.pk == pk]
    return {
        "change": row,
        "recommendation": about,
        "why_not": finished_refusal(about) if row.is_waiting and about.is_finished else "",
        "ledger": ledger,
        "decision_shown": shown_date_change(row, about, ledger),
        "asked_it": row.requested_by_id == person.pk,
        "may_withdraw": row.is_waiting
        and permissions.can_withdraw_date(person, row.requested_by_id),
    }


def item(update: StatusUpdate, person: Person, date_change: int) -> dict[str, Any]:
    """All that a manager needs to know of one update to decide on it.

    ``date_change`` is the id of the date change that is decided in the same step, 0 without one;
    what is known of it is ``along``.
    """
    earlier = update.corrects or update.retracts or update.based_on
    now = in_force(update)
    along = None
    if date_change:
        about = update.recommendation
        about.current_update = now  # it is read already
        along = date_item(about, date_change, person)
    evidence = decision_evidence([update], person, timezone.localdate())[update.pk]
    add_shown(evidence.own, person)
    parts = update_parts(update)
    relation = basis_context(update, now)
    return {
        "update": update,
        "completed_parts": completed_labels(parts),
        "recommendation": update.recommendation,
        "kind": kind_text(update),
        "is_continuous": update.recommendation.is_continuous,
        "earlier": earlier,
        "along": along,
        "evidence_groups": compared(evidence),
        "answers": [row.pk for row in evidence.own if row.may_answer],
        "decision_shown": shown_update(update, now, evidence.shown),
        "contradictions": len(evidence.open),
        "confirmation": confirmation_text(len(evidence.open)),
        **_approval(update, person, now, evidence.at_approval, parts),
        **changes_of(update, earlier),
        **relation,
        "since_basis": (
            differences_between(update.based_on, now) if relation["is_basis_changed"] else []
        ),
        "wrote_it": update.author_id == person.pk or person.pk in update.editor_ids(),
        "public": _public(update, now, along) if update.state == UpdateState.SUBMITTED else None,
    }


def _approval(
    update: StatusUpdate,
    person: Person,
    now: StatusUpdate | None,
    links: list[Any],
    parts: list[Any],
) -> dict[str, Any]:
    """What approval of an update lacks, and what keeps this person from it, until it is decided."""
    if update.state != UpdateState.SUBMITTED:
        return {"needs": [], "obstacles": []}
    missing = needs(update, now, links, parts)
    return {"needs": missing, "obstacles": approval_obstacles(update, person, now, missing)}


def changes_of(update: StatusUpdate, earlier: StatusUpdate | None) -> dict[str, Any]:
    """What differs from the update before, and, of one returned earlier, from what it said then.

    ``changes`` are pairs of both differences of one field, either of which may be none.
    """
    returned = last_return(update)
    against = {each.field: each for each in differences_between(earlier, update)}
    then = returned.update if returned else update
    since = {each.field: each for each in differences_between(then, update)}
    names = [name for name in CONTENT_FIELDS if name in against or name in since]
    return {
        "returned": returned,
        "changes": [
            Change(
                field_label(update, name),
                field_text(update, name),
                against.get(name),
                since.get(name),
            )
            for name in names
            if name not in CHIP_FIELDS
        ],
        "changed": against.keys(),
        "since": since,
        "changed_since": ", ".join(capfirst(each.label) for each in since.values()),
    }


@dataclass(frozen=True, slots=True)
class Change:
    """One field: how it differs from the update before, and since the update was returned."""

    label: str
    text: str
    against: Difference | None
    since: Difference | None


def _public(
    update: StatusUpdate, now: StatusUpdate | None, along: dict[str, Any] | None
) -> PublicChange | None:
    new_date = along["change"].new_date if along else None
    return public_change(update, now, new_date=new_date, has_request=along is not None)


def keep_note(request: HttpRequest) -> None:
    """Keep a note that was typed beside a button which does not send it, until it is sent."""
    note, pk = request.POST.get("note", ""), request.POST.get("update", "")
    if note.strip() and pk.isdigit():
        request.session[NOTES] = {**request.session.get(NOTES, {}), pk[:18]: note[:20_000]}


def kept_note(request: HttpRequest, pk: int) -> str:
    """The note on an update that was kept, if any."""
    note: str = request.session.get(NOTES, {}).get(str(pk), "")
    return note


def forget_note(request: HttpRequest, pk: int) -> None:
    """The note is sent: it need not be kept."""
    notes = request.session.get(NOTES, {})
    if str(pk) in notes:
        request.session[NOTES] = {key: note for key, note in notes.items() if key != str(pk)}
