"""The form on which an update is written: loading, what its page shows, conflicts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions.base import StaleWrite, TransitionConflict, differences
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.updates.decisions import differences_between
from recommendations.actions.updates.drafts import content_of, entries_of
from recommendations.characters import parse_int
from recommendations.choices import FINISHED_STATUSES, Confidence, Stance, UpdateKind, UpdateState
from recommendations.fixed import Given, fixed
from recommendations.forms.evidence import EvidenceForm, Ticket
from recommendations.forms.updates import (
    AddresseeForm,
    CompanionsForm,
    HandOverForm,
    UpdateTextForm,
    form_for,
)
from recommendations.models import Addressee, EvidenceLink, Recommendation, StatusUpdate, User
from recommendations.permissions import Person
from recommendations.pickers import MOST_OPTIONS
from recommendations.queries.evidence.claims import form_evidence, may_attach
from recommendations.queries.frame import frame_for
from recommendations.queries.listed import column_names, columns_of
from recommendations.queries.people import managers
from recommendations.queries.recommendations.structure import (
    UpdatePart,
    part_choices,
    update_parts,
)
from recommendations.queries.updates.companions import companions_of
from recommendations.queries.updates.conditions import counts_of, unmet_conditions
from recommendations.queries.updates.published import public_preview
from recommendations.queries.updates.review_queue import in_force
from recommendations.transitions import OPEN_TO_AUTHOR, UNDECIDED

# ---- What the pages on which updates are written share: loading, hidden fields, conflicts

PREFILLED = ("remaining", "next_steps")
"""Texts that rarely change from one update to the next; what happened since always does."""


@dataclass(frozen=True, slots=True)
class HiddenFields:
    """The hidden fields of the form: its own id, and what its author was shown.

    ``expected_version`` is 0, which no version is, where it cannot be read: then nothing is
    overwritten.
    """

    key: UUID | None
    expected_version: int
    basis: int | None
    kept: Mapping[int, bool]
    told: frozenset[str]
    parts: list[int] | None = None


def hidden_fields(post: QueryDict, *, without_version: int = 0) -> HiddenFields:
    """Read the hidden fields; a new form has no version yet, and then ``without_version`` is it.

    ``kept`` says of each link that was offered whether it is ticked; ``told`` are the codes of the
    conditions that the form named as missing when it asked whether to submit all the same, none
    before. ``parts`` are those ticked as complete, where the form had any.
    """
    version = str(post.get("version", ""))
    basis = str(post.get("basis", ""))
    try:
        key = UUID(str(post.get("key", "")))
    except ValueError:
        key = None
    return HiddenFields(
        key=key,
        expected_version=parse_int(version) or 0 if version else without_version,
        basis=parse_int(basis),
        kept={pk: str(pk) in post.getlist("keep") for pk in _numbers(post.getlist("offered"))},
        told=frozenset(str(post.get("told", "")).split()),
        parts=_numbers(post.getlist("part")) if "parts-offered" in post else None,
    )


def _numbers(texts: Iterable[str]) -> list[int]:
    return [number for text in texts if (number := parse_int(text)) is not None]


def scope_of(request: HttpRequest, reference: str) -> tuple[Recommendation, Addressee | None]:
    """The recommendation on which the reader may log, and the addressee it is logged for."""
    rows = Recommendation.objects.visible_to(request.user).select_related("reviewer", "kept")
    recommendation = get_object_or_404(rows.only(*_OF_RECOMMENDATION), reference=reference)
    if not permissions.can_log(request.user, recommendation):
        raise PermissionDenied(_("You cannot log updates on this recommendation."))
    named = request.GET.get("addressee")
    if not named:
        return recommendation, None
    living = Addressee.objects.filter(recommendation=recommendation, removed_at__isnull=True)
    return recommendation, get_object_or_404(
        living.select_related("area", "organisation"), pk=parse_int(named) or 0
    )


def begun_update(
    person: Person, recommendation: Recommendation, key: UUID | None
) -> StatusUpdate | None:
    """The person's open update on this recommendation that the form with this key has begun."""
    rows = _page_rows(*_reads(person, is_sent=True)).filter(
        author=person.pk, recommendation=recommendation.pk
    )
    return rows.filter(key=key, state__in=OPEN_TO_AUTHOR).first() if key else None


def update_for(person: Person, pk: int, *, is_sent: bool = False) -> StatusUpdate:
    """An update that the person may see, with all that its pages name; else 404.

    Of a form that ``is_sent`` people are read only where it comes back as a page, which is seldom.
    """
    found: list[StatusUpdate] = _page_row(*_reads(person, is_sent=is_sent), pk=pk)
    if not found:
        raise Http404
    return found[0]


@fixed
def _page_row(*reads: bool) -> QuerySet[StatusUpdate]:
    return _page_rows(*reads).filter(pk=Given("pk", BigIntegerField()))


def _reads(person: Person, *, is_sent: bool = False) -> tuple[bool, bool, bool, bool]:
    """What ``_page_rows`` reads for a person, rather than for whom."""
    return (
        permissions.can_read_drafts(person),
        permissions.can_read_internally(person),
        permissions.can_review(person),
        is_sent,
    )


def _page_rows(
    reads_drafts: bool, reads_internally: bool, may_review: bool, is_sent: bool
) -> QuerySet[StatusUpdate]:
    # What it is based on, corrects or retracts is read where it is shown: seldom two of them.
    rows = (
        StatusUpdate.objects.seen_by(reads_drafts, reads_internally)
        .with_people()
        .select_related("recommendation__reviewer", "recommendation__kept", "draft_entries")
        .only(*_OF_UPDATE)
    )
    # Whoever decides may log everywhere, of others contributors are asked.
    contributors = () if may_review else ("recommendation__contributors",)
    return rows if is_sent else rows.prefetch_related("editors", *contributors)


_OF_RECOMMENDATION = (
    *("version", "source", "reference", "title", "summary", "nature", "target_date", "review_on"),
    *("interval_months", "opened_on", "published_at", "archived_at", "current_update"),
    *("next_due_on", "lead", "lead_officer", "reviewer", *column_names("reviewer")),
    "kept__parts",
)
_OF_UPDATE = (
    *columns_of(StatusUpdate),
    *column_names("author", "last_editor", "decided_by"),
    *("author__is_demonstration", "author__is_active"),
    *("addressee__area__name", "addressee__organisation__name"),
    *("successor__reference", "successor__title"),
    *("draft_entries__content", "draft_entries__number"),
    *(f"recommendation__{name}" for name in _OF_RECOMMENDATION),
)
"""Columns of what is written on, and of an update with all that its pages name."""


def new_update(
    recommendation: Recommendation, addressee: Addressee | None, person: User, key: UUID | None
) -> StatusUpdate:
    """The update that the form with this key has begun, else one that is not saved yet."""
    begun = begun_update(person, recommendation, key)
    return begun or rest_on_current(blank_update(recommendation, addressee, person, key))


def blank_update(
    recommendation: Recommendation, addressee: Addressee | None, person: User, key: UUID | None
) -> StatusUpdate:
    """The same before the update in force is read."""
    return StatusUpdate(
        recommendation=recommendation,
        addressee=addressee,
        author=person,
        as_of=timezone.localdate(),
        key=key or uuid4(),
    )


def rest_on_current(update: StatusUpdate) -> StatusUpdate:
    """Let an update that is not saved yet rest on the one in force, and begin with its words."""
    update.based_on = in_force(update)
    for name in PREFILLED if update.based_on else ():
        setattr(update, name, getattr(update.based_on, name))
    return update


def conflict_response(
    request: HttpRequest,
    refusal: TransitionConflict,
    values: Mapping[str, Any] | None = None,
    evidence_form: EvidenceForm | None = None,
) -> HttpResponse:
    """409: the update left the state that the form showed; what was typed is shown beside it.

    Files that were sent with it and are not linked can still be added, if the update accepts any.
    """
    unsaved = differences(refusal.update, dict(values)) if values else []
    left = _left_over(refusal.update, evidence_form)
    context = {
        "evidence_form": evidence_form if left else None,
        "left": left,
        "may_attach": may_attach(request.user, refusal.update),
        "refusal": refusal,
        "update": refusal.update,
        "differences": unsaved,
        "is_mine": refusal.update.author_id == request.user.pk,
    }
    return render(request, "updates/moved_on.html", context, status=409)


def _left_over(update: StatusUpdate, form: EvidenceForm | None) -> list[Ticket]:
    """Files that were sent with a form and are not linked to the update."""
    if form is None or not form.tickets:
        return []
    form.claim = update
    live = EvidenceLink.objects.live().filter(update=update.pk)
    there = set(live.values_list("evidence__revisions__file", flat=True))
    form.received = [received for received in form.received if received.sha256 not in there]
    return form.tickets


def basis_context(update: StatusUpdate, now: StatusUpdate | None) -> dict[str, Any]:
    """Whether another update is current since, and whether this one is of an older day."""
    return {
        "in_force": now,
        "is_basis_changed": update.based_on_id != (now.pk if now else None),
        "is_late": now is not None
        and update.kind == UpdateKind.REGULAR
        and update.as_of < now.as_of,
    }


WARNINGS = frozenset({Confidence.AMBER, Confidence.RED})
"""Ratings that need more, whatever the status."""


def needs(
    update: StatusUpdate,
    now: StatusUpdate | None,
    claims: list[Any] | None = None,
    parts: Sequence[UpdatePart] | None = None,
    supporting: int = 0,
) -> list[Any]:
    """What approval would still need of an update that has a status, or warns of its delivery.

    ``now`` is the one in force in its scope; ``claims`` is all of its evidence, and
    ``parts`` those of the recommendation beside it, where that was read already. ``supporting`` is
    how many items more are about to be added.
    """
    if not update.implementation_status and update.confidence not in WARNINGS:
        return []
    today, known = timezone.localdate(), timezone.now()
    links = counts_of(claims) if claims is not None else None
    if links is not None and supporting:
        links = links._replace(supporting=links.supporting + supporting)
    return unmet_conditions(
        update,
        today=today,
        known=known,
        now=now,
        links=links,
        parts=parts,
    )


def open_updates(recommendation_id: int, addressee_id: int | None) -> QuerySet[StatusUpdate]:
    """Updates in one scope that are not decided, as they are told of beside another one."""
    scope = StatusUpdate.objects.of_scope(recommendation_id, addressee_id)
    rows = scope.filter(state__in=UNDECIDED).select_related("author")
    return rows.only("kind", "as_of", "state", *column_names("author"))


def begun_or_others(
    person: Person, recommendation: Recommendation, addressee: Addressee | None
) -> tuple[StatusUpdate | None, list[StatusUpdate]]:
    """The person's own regular draft in a scope, else some open updates of others; one query."""
    is_own = Q(author=person.pk, state__in=OPEN_TO_AUTHOR, kind=UpdateKind.REGULAR)
    found = open_updates(recommendation.pk, addressee.pk if addressee else None)
    rows: list[Any] = list(found.annotate(is_own=is_own).order_by("-is_own", "-pk")[:3])
    return (rows[0], []) if rows and rows[0].is_own else (None, rows)


# ---- The page of the form on which an update is written: what it shows, and where it is sent

FORM_ID = "update-form"

_PLACES = {
    "supporting": "evidence",
    "checked": "evidence",
    "parts_supported": "evidence",
    "parts_complete": "form-parts",
    "red": "id_asked_for",
    "not_rated": "id_confidence_0",
}
"""Where on the form a condition is met; of others in the field that is named like it."""


BUTTONS = ("save", "submit", "evidence", "hand_over", "autosave")


def form_urls(update: StatusUpdate) -> dict[str, str]:
    """One address a button; a form that is not saved yet has one for all, and sends ``move``."""
    if update._state.adding:
        of = [update.recommendation.reference]
        query = f"?addressee={update.addressee_id}" if update.addressee_id else ""
        new = reverse("update-new", args=of) + query
        autosave = reverse("update-new-autosave", args=of) + query
        return {**dict.fromkeys(BUTTONS, new), "autosave": autosave}
    return {name: reverse(f"update-{name.replace('_', '-')}", args=[update.pk]) for name in BUTTONS}


def new_form_page(
    request: HttpRequest, update: StatusUpdate, under_way: list[StatusUpdate]
) -> HttpResponse:
    """The form of an update that is not begun. ``under_way`` are other open updates.

    It begins with the words of the one in force, or of a withdrawn one of the reader's own.
    """
    rest_on_current(update)
    if withdrawn := parse_int(request.GET.get("again", "")):
        of_scope = StatusUpdate.objects.of_scope(update.recommendation_id, update.addressee_id)
        earlier = get_object_or_404(of_scope, pk=withdrawn)
        earlier.recommendation = update.recommendation
        if not permissions.can_begin_again(request.user, earlier):
            raise Http404
        for name, value in content_of(earlier).items():
            setattr(update, name, value)
    # One recorded item that the update is logged with, if it is named.
    picked = EvidenceForm(
        None,
        claim=update,
        person=request.user,
        form_id=FORM_ID,
        picked=parse_int(request.GET.get("evidence", "")),
    )
    context = page_context(request, update, evidence_form=picked) | {"under_way": under_way}
    return render(request, "updates/form.html", context)


def form_page(
    request: HttpRequest,
    update: StatusUpdate,
    *,
    stale: StaleWrite | None = None,
    status: int = 200,
    is_asked: bool = False,
    is_told: bool = False,
    **typed: Any,
) -> HttpResponse:
    """The page on which an update is edited, with what was typed and ticked so far.

    ``is_asked``: whether to submit it although something is missing; ``is_told``: it was refused,
    and says at its top what is missing besides.
    """
    asked = {"stale": stale, "is_asked": is_asked, "is_told": is_told}
    context = page_context(request, update, **typed) | asked
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
    added: Sequence[EvidenceInput] = (),
) -> dict[str, Any]:
    """What the page shows, with the forms that were sent in place of fresh ones.

    ``added`` is evidence that came with them and is not recorded yet.
    """
    person = request.user
    is_new = update._state.adding
    # A form that is not saved yet was given it a moment ago.
    now = update.based_on if is_new else in_force(update)
    entries = entries_of(update)
    claims, offers = form_evidence(update, now, person, timezone.localdate(), kept or {})
    offered = {offer.row.evidence_id for offer in offers}
    there = {row.evidence_id for row in claims}
    read = update_parts(update)
    proposed = [o.row for o in offers if o.is_kept and o.row.evidence_id not in there]
    # What approval needs follows from what was typed, whether or not it could be saved.
    stated = copy(update)
    for name, value in (form.values() if form else {}).items():
        setattr(stated, name, value)
    supporting = sum(each.stance == Stance.SUPPORTS for each in added)
    return {
        "update": update,
        "form": form or form_for(None, update=update, person=person),
        "evidence_form": evidence_form
        or EvidenceForm(None, claim=update, person=person, form_id=FORM_ID),
        # A draft can be handed over once it is saved.
        "hand_over_form": hand_over_form
        or (None if is_new else HandOverForm(None, update=update, form_id=FORM_ID)),
        "companions_form": companions_form
        or CompanionsForm(
            None, offered=companions_of(update, now), initial=entries.content if entries else None
        ),
        # What supports it and is offered as well is shown there.
        "claims": [
            row for row in claims if row.stance != Stance.SUPPORTS or row.evidence_id not in offered
        ],
        "contradictions": sum(row.is_unanswered for row in claims),
        "askable": _who_may_answer(update, claims),
        "offers": offers,
        "part_choices": part_choices(read, parts) if update.kind == UpdateKind.REGULAR else [],
        "targets": form_urls(update),
        **form_context(stated, now, claims + proposed, read, supporting),
        "recommendation": update.recommendation,
        "under_way": open_updates(update.recommendation_id, update.addressee_id)
        .exclude(pk=update.pk)
        .order_by("-pk")[:3],
        **_scope_context(request, update),
    }


MOST_ASKED = 20
"""People of whom one may be asked to answer a contradiction."""


def _who_may_answer(update: StatusUpdate, claims: list[Any]) -> list[User]:
    """Managers who may answer what a returned update lacks and its author may not give."""
    if update.state != UpdateState.RETURNED:
        return []
    open_ones = [row for row in claims if row.is_unanswered and not row.may_answer]
    if not open_ones:
        return []
    able = [each for each in managers() if permissions.can_answer(each, open_ones[0])]
    return able[:MOST_ASKED]


def form_context(
    update: StatusUpdate,
    now: StatusUpdate | None,
    claims: list[Any] | None = None,
    parts: Sequence[UpdatePart] | None = None,
    supporting: int = 0,
) -> dict[str, Any]:
    """How an update relates to ``now``, the one in force, and what approval would still need."""
    target = update.corrects
    missing = needs(update, now, claims, parts, supporting)
    return {
        **basis_context(update, now),
        "key": str(update.key),
        "basis": now.pk if now else 0,
        "entries_number": entries.number if (entries := entries_of(update)) else 0,
        "needs": [
            {"advice": each.advice, "place": _PLACES.get(each.code, f"id_{each.code}")}
            for each in missing
        ],
        "has_status": bool(update.implementation_status),
        "told": " ".join(condition.code for condition in missing),
        "preview": public_preview(update, now) if update.kind == UpdateKind.REGULAR else None,
        "is_continuous": update.recommendation.is_continuous,
        "previous_is_finished": now is not None and now.implementation_status in FINISHED_STATUSES,
        "corrected": differences_between(target, update) if target else [],
    }


def _scope_context(request: HttpRequest, update: StatusUpdate) -> dict[str, Any]:
    """Addressees that a new update can report for, or the form that looks for one of many."""
    is_offered = update.addressee_id or "responses" in frame_for(request.user).uses
    if not (update._state.adding and is_offered):
        return {}
    living = Addressee.objects.filter(
        recommendation=update.recommendation_id, removed_at__isnull=True
    )
    addressees = living.select_related("area", "organisation")[: MOST_OPTIONS + 1]
    is_many = len(addressees) > MOST_OPTIONS
    form = AddresseeForm(request.GET.dict(), update=update, rows=living) if is_many else None
    return {"addressees": addressees, "addressee_form": form}
