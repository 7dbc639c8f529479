"""The page of the form on which an update is written: what it shows, and where it is sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from recommendations.actions.errors import StaleWrite
from recommendations.actions.updates.decisions import differences_between
from recommendations.actions.updates.entries import entries_of
from recommendations.choices import FINISHED_STATUSES, Stance, UpdateKind
from recommendations.forms.companions import CompanionsForm
from recommendations.forms.evidence import EvidenceForm
from recommendations.forms.updates import (
    AddresseeForm,
    HandOverForm,
    UpdateTextForm,
    form_for,
)
from recommendations.models import Addressee, StatusUpdate
from recommendations.pickers.rows import MOST_OPTIONS
from recommendations.queries.evidence.offers import form_evidence
from recommendations.queries.recommendations.strands import (
    PartChoice,
    UpdatePart,
    part_choices,
    update_parts,
)
from recommendations.queries.updates.companions import companions_of
from recommendations.queries.updates.in_force import in_force
from recommendations.queries.updates.preview import public_preview
from recommendations.transitions import Condition
from recommendations.views.updates.form import (
    basis_context,
    needs,
    open_updates,
    rest_on_current,
)

FORM_ID = "update-form"

_PLACES = {
    "supporting": "evidence",
    "checked": "evidence",
    "parts_supported": "evidence",
    "parts_complete": "form-parts",
    "amber": "id_issue",
    "red": "id_asked_for",
    "not_rated": "id_confidence_0",
}
"""Where on the form a condition is met; of others in the field that is named like it."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that approval still needs, with the id of the element where it is given."""

    code: str
    advice: str
    place: str


def _need(condition: Condition) -> Need:
    code = condition.code
    return Need(code, str(condition.advice), _PLACES.get(code, f"id_{code}"))


@dataclass(frozen=True, slots=True)
class FormUrls:
    """Where the buttons of the form send it."""

    save: str
    submit: str
    evidence: str
    autosave: str
    hand_over: str


def form_urls(update: StatusUpdate) -> FormUrls:
    """One address a button; a form that is not saved yet has one for all, and sends ``move``."""
    if update._state.adding:
        reference = update.recommendation.reference
        scope = urlencode({"addressee": update.addressee_id}) if update.addressee_id else ""
        query = f"?{scope}" if scope else ""
        new = reverse("update-new", args=[reference]) + query
        return FormUrls(
            new, new, new, reverse("update-new-autosave", args=[reference]) + query, new
        )
    verbs = ("save", "submit", "evidence", "autosave", "hand-over")
    return FormUrls(*(reverse(f"update-{verb}", args=[update.pk]) for verb in verbs))


def new_form_page(
    request: HttpRequest, update: StatusUpdate, under_way: list[StatusUpdate]
) -> HttpResponse:
    """The form of an update that is not begun. ``under_way`` are other open updates."""
    context = page_context(request, rest_on_current(update)) | {"under_way": under_way}
    return render(request, "updates/form.html", context)


def form_page(
    request: HttpRequest,
    update: StatusUpdate,
    *,
    stale: StaleWrite | None = None,
    status: int = 200,
    is_asked: bool = False,
    **typed: Any,
) -> HttpResponse:
    """The page on which an update is edited, with what was typed and ticked so far."""
    context = page_context(request, update, **typed) | {"stale": stale, "is_asked": is_asked}
    return render(request, "updates/form.html", context, status=status)


def page_context(
    request: HttpRequest,
    update: StatusUpdate,
    *,
    form: UpdateTextForm | None = None,
    evidence_form: EvidenceForm | None = None,
    hand_over_form: HandOverForm | None = None,
    companions_form: CompanionsForm | None = None,
    kept: Mapping[int, bool] | None = None,
    parts: Collection[int] | None = None,
) -> dict[str, Any]:
    """What the page shows, with the forms that were sent in place of fresh ones."""
    person = request.user
    # A form that is not saved yet was given it a moment ago.
    now = update.based_on if update._state.adding else in_force(update)
    entries = entries_of(update)
    claims, offers = form_evidence(update, now, person, timezone.localdate(), kept or {})
    offered = {offer.row.evidence_id for offer in offers}
    there = {row.evidence_id for row in claims}
    read = update_parts(update)
    proposed = [o.row for o in offers if o.is_kept and o.row.evidence_id not in there]
    return {
        "update": update,
        "form": form or form_for(None, update=update, person=person),
        "evidence_form": evidence_form
        or EvidenceForm(None, claim=update, person=person, form_id=FORM_ID),
        "hand_over_form": hand_over_form or _hand_over_form(update),
        "companions_form": companions_form
        or CompanionsForm(
            None, offered=companions_of(update, now), initial=entries.content if entries else None
        ),
        "claims": [row for row in claims if not is_offered(row, offered)],
        "contradictions": sum(row.is_unanswered for row in claims),
        "offers": offers,
        "part_choices": _part_choices(update, read, parts),
        "targets": form_urls(update),
        **form_context(update, now, claims + proposed, read),
        **related_context(update),
        **_scope_context(request, update),
    }


def _part_choices(
    update: StatusUpdate, read: Sequence[UpdatePart], sent: Collection[int] | None
) -> list[PartChoice]:
    """The open parts, for a regular update on the whole."""
    return part_choices(read, sent) if update.kind == UpdateKind.REGULAR else []


def is_offered(row: Any, offered: Collection[int]) -> bool:
    """Whether a link of an update is shown among what is offered to it."""
    return row.stance == Stance.SUPPORTS and row.evidence_id in offered


def form_context(
    update: StatusUpdate,
    now: StatusUpdate | None,
    claims: list[Any] | None = None,
    parts: Sequence[UpdatePart] | None = None,
) -> dict[str, Any]:
    """How an update relates to ``now``, the one in force, and what approval would still need."""
    target = update.corrects
    missing = [_need(condition) for condition in needs(update, now, claims, parts)]
    return {
        **basis_context(update, now),
        "key": str(update.key),
        "basis": now.pk if now else 0,
        "entries_number": entries.number if (entries := entries_of(update)) else 0,
        "needs": missing,
        "told": " ".join(need.code for need in missing),
        "preview": public_preview(update, now) if update.kind == UpdateKind.REGULAR else None,
        "is_continuous": update.recommendation.is_continuous,
        "previous_is_finished": now is not None and now.implementation_status in FINISHED_STATUSES,
        "corrected": differences_between(target, update) if target else [],
    }


def _hand_over_form(update: StatusUpdate) -> HandOverForm | None:
    """A draft can be handed over once it is saved."""
    return None if update._state.adding else HandOverForm(None, update=update, form_id=FORM_ID)


def _scope_context(request: HttpRequest, update: StatusUpdate) -> dict[str, Any]:
    """Addressees that a new update can report for, or the form that looks for one of many."""
    if not update._state.adding:
        return {}
    living = Addressee.objects.filter(
        recommendation=update.recommendation_id, removed_at__isnull=True
    )
    addressees = living.select_related("area", "organisation")[: MOST_OPTIONS + 1]
    is_many = len(addressees) > MOST_OPTIONS
    form = AddresseeForm(request.GET.dict(), update=update, rows=living) if is_many else None
    return {"addressees": addressees, "addressee_form": form}


def related_context(update: StatusUpdate) -> dict[str, Any]:
    """The recommendation, and other open updates in the same scope."""
    under_way = open_updates(update.recommendation_id, update.addressee_id).exclude(pk=update.pk)
    return {"recommendation": update.recommendation, "under_way": under_way.order_by("-pk")[:3]}
