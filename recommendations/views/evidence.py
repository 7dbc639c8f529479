"""Evidence: lists and items, their files, and changes that wait for a second manager."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import F
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.text import Truncator, slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions.base import ActionRefused, NotAsSeen
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.characters import clean_file_name, parse_int
from recommendations.choices import (
    EvidenceChangeKind,
    EvidenceChangeState,
    FileFault,
    ScanState,
)
from recommendations.forms.evidence import (
    FIND,
    AnswerForm,
    CheckForm,
    ContradictionForm,
    EndForm,
    EvidenceForm,
    FilesForm,
    ItemForm,
    NewerFileForm,
    added_text,
)
from recommendations.forms.fields import NOT_SENT, Attempt, NoteForm
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceLink,
    EvidenceRevision,
    Indicator,
    Observation,
    Recommendation,
    Response,
    StatusUpdate,
    StoredFile,
    User,
)
from recommendations.permissions import Person
from recommendations.queries.evidence.items import (
    EVIDENCE_CHANGE,
    Claim,
    ProposedChange,
    change_of,
    is_settled,
    item_page,
)
from recommendations.queries.evidence.uses import EVIDENCE, file_row
from recommendations.queries.shown import Shown
from recommendations.readers import opening
from recommendations.storage import evidence as store
from recommendations.views.access import actor, next_path, open_to, open_to_readers
from recommendations.views.editing import Edit, answer, edit_page, press
from recommendations.views.updates.detail import read_page
from recommendations.views.updates.form import FORM_ID, update_for
from recommendations.views.updates.review import keep_note

# ---- Serving the files of evidence: to who may read them, under names and types of our own.
# A file came from outside, so nothing in it may act on this site: what a browser shows it shows in
# a sandbox, what it does not is saved, and no other site can build it into a page.

logger = logging.getLogger(__name__)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""Chromium styles the page in which it shows a picture or a text by attributes."""

FRAMED_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""That of a file in a frame of this site: no page of another may hold it."""

ENDINGS = {
    "jpg": ("jpg", "jpeg"),
    "tif": ("tif", "tiff"),
    "txt": ("txt", "csv", "tsv", "md", "log", "json"),
    "mp4": ("mp4", "m4a", "m4v"),
}
"""Endings that files of a type have as well; no program starts by any of them."""

_UNFIT = re.compile(r'[<>:"/\\|?*%]')
# Names that Windows takes for a device, whatever ending follows.
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not given, and what to do; ``status`` is that of the answer."""

    status: int
    reason: str
    advice: str


@require_safe
@open_to_readers
def evidence_file(request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """One file of an item: saved, or shown (``?show=1``) if it is of a kind that can be.

    ``?beside=1`` is what a page of this site shows in a frame.
    """
    revision, name = revision_for(request.user, pk, number)
    return file_answer(request, revision.file, revision.evidence, name)


def revision_for(person: Person, pk: int, number: int) -> tuple[EvidenceRevision, str]:
    """A file that the person may read, and its name for them; 404 else.

    To the public an item has only its newest.
    """
    is_inside = permissions.can_read_internally(person)
    readable = Evidence.objects.visible_to(person)
    rows = EvidenceRevision.objects.filter(evidence__in=readable, evidence__pk=pk, number=number)
    if not is_inside:
        rows = rows.filter(number=F("evidence__last_revision"))
    revision = rows.select_related("evidence", "file").first()
    if revision is None:
        raise Http404(_("This file does not exist."))
    return revision, download_name(revision, is_inside=is_inside)


def file_answer(
    request: HttpRequest, file: StoredFile, item: Evidence, name: str
) -> HttpResponseBase:
    """The bytes of a file under a name that is safe, or a page that says why not."""
    response = file_response(request, file, name)
    if isinstance(response, Refusal):
        context = {"refusal": response, "item": item}
        return render(request, "evidence/file_refused.html", context, status=response.status)
    return response


def file_response(request: HttpRequest, file: StoredFile, name: str) -> HttpResponseBase | Refusal:
    """The bytes of a file under a name that is safe, or why not."""
    kind = opening.type_named(file.media_type)
    is_framed = request.GET.get("beside") == "1" and kind is not None and kind.is_framed
    is_shown = request.GET.get("show") == "1" and kind is not None and kind.is_shown
    response = _answer(request, file)
    if isinstance(response, Refusal):
        return response
    headers = {
        "Content-Type": f"{file.media_type}; charset=utf-8"
        if file.media_type.startswith("text/")
        else file.media_type,
        "Content-Disposition": content_disposition_header(not (is_shown or is_framed), name)
        or "attachment",
        "Content-Security-Policy": FRAMED_POLICY if is_framed else POLICY,
        "X-Frame-Options": "SAMEORIGIN" if is_framed else "DENY",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{file.sha256}"',
        # Asked for again each time: tomorrow the reader may not be allowed to have it.
        "Cache-Control": "no-cache",
    }
    # An answer without a body brings the policy too: it renews what a browser has stored.
    for header, value in headers.items():
        response[header] = value
    return response


def download_name(revision: EvidenceRevision, *, is_inside: bool) -> str:
    """What a file is saved as: a name that no system takes for anything but a file of its type.

    What it was called where it came from is an internal word; the public gets a name of our own.
    """
    if is_inside:
        return safe_name(revision.original_name, revision.file)
    title = slugify(revision.evidence.title)[:60].strip("-") or "evidence"
    return f"{title}-{revision.number}.{_ending(revision.file)}"


def safe_name(original: str, file: StoredFile) -> str:
    """What a file was called where it came from, as far as it is safe, with its right ending."""
    ending = _ending(file)
    name = _UNFIT.sub("_", clean_file_name(original)).lstrip(".-~ ").rstrip(". ")
    if not name or _DEVICE.match(name):
        name = f"file-{name}".rstrip("-")
    _stem, point, last = name.rpartition(".")
    is_right = point and last.lower() in ENDINGS.get(ending, (ending,))
    return name if is_right else f"{name}.{ending}"


def _ending(file: StoredFile) -> str:
    kind = opening.type_named(file.media_type)
    return kind.code if kind else "bin"


def _answer(request: HttpRequest, file: StoredFile) -> HttpResponseBase | Refusal:
    """The bytes or an answer without them, if they are there and as many as were added."""
    if refusal := _not_given(file):
        return refusal
    try:
        if store.stored_size(file.sha256) != file.size:
            return _faulty(file, FileFault.ALTERED)
        if bare := _without_bytes(request, file):
            return bare
        response = FileResponse(store.open_file(file.sha256))
        response.block_size = store.CHUNK_BYTES
        return response
    except FileNotFoundError:
        return _faulty(file, FileFault.MISSING)
    except OSError:
        logger.exception("a file of evidence could not be read")
        return Refusal(
            503,
            _("The file storage is not available at present."),
            _("Try again in a few minutes."),
        )


def _without_bytes(request: HttpRequest, file: StoredFile) -> HttpResponse | None:
    """To who has them already, to the server before us, and to HEAD."""
    if unchanged := get_conditional_response(request, etag=f'"{file.sha256}"'):
        return unchanged
    if accel := store.accel_path(file.sha256):
        return HttpResponse(headers={"X-Accel-Redirect": accel})
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(file.size)})
    return None


def _not_given(file: StoredFile) -> Refusal | None:
    """Why people may not have a file, if they may not."""
    if file.is_given:
        return None
    if file.redacted_at is not None:
        day = date_format(localtime(file.redacted_at), "DATE_FORMAT")
        return Refusal(
            410,
            _("This file was redacted on %s and is no longer available.") % day,
            _(
                "The description, the digest, and the person and reason of the redaction stay "
                "on record."
            ),
        )
    if file.fault:
        return _fault(file.fault)
    if file.scan == ScanState.WAITING:
        return Refusal(
            409,
            _("This file awaits the virus scan and cannot be downloaded yet."),
            _("Try again later."),
        )
    return Refusal(
        409,
        _("The virus scanner rejected this file. It cannot be downloaded."),
        _("If you need the file, ask the person who added it to replace it."),
    )


def _faulty(file: StoredFile, fault: str) -> Refusal:
    """A fault found only now: reported to the reader and logged."""
    logger.error("the stored bytes of evidence file %s: %s", file.sha256, fault)
    return _fault(fault)


def _fault(fault: str) -> Refusal:
    advice = _("Tell the site administrators. Uploading the same file again restores it.")
    if fault == FileFault.MISSING:
        return Refusal(404, _("This file is missing from the storage."), advice)
    return Refusal(
        409, _("The stored file differs from the uploaded file and cannot be downloaded."), advice
    )


# ---- Evidence: the page of an item, its edits and checks, and choosing items for a claim


@require_safe
@open_to_readers
def evidence_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: its file, where it comes from, who checked it, what it supports and contradicts."""
    return render_item_page(request, item_for(request.user, pk))


def item_for(person: Person, pk: int) -> Evidence:
    """An item that the person may read; else 404."""
    return get_object_or_404(
        Evidence.objects.visible_to(person).select_related("recorded_by"), pk=pk
    )


def render_item_page(
    request: HttpRequest,
    item: Evidence,
    checked: Attempt = NOT_SENT,
) -> HttpResponse:
    """The page of an item, with what was typed into the form of a check."""
    view = item_page(item, request.user, timezone.localdate())
    context = {
        "view": view,
        "item": item,
        "check_form": checked.form or CheckForm(),
        "refusal": checked.refusal if isinstance(checked.refusal, NotAsSeen) else None,
        "next": request.POST.get("next", ""),
    }
    return render(request, "evidence/detail.html", context, status=checked.status)


@edit_page(permissions.can_write)
def evidence_edit(request: HttpRequest, pk: int) -> Edit:
    """Edit the description of an item; no change that is not shown is overwritten."""
    item = _changeable(request.user, pk)
    why = evidence_changes.publication_refusal(item, actor(request))

    def save(values: dict[str, Any], **given: Any) -> bool:
        made = evidence_changes.change_item(evidence=item, values=values, **given)
        return evidence_changes.is_proposed(made, values)

    def told(is_proposed: bool) -> str:
        if is_proposed:
            return _("Your change awaits another manager. The public reads the approved version.")
        return _("Saved.")

    return Edit(
        save,
        told,
        item,
        form=partial(ItemForm, item=item, not_public_because=why),
        title=_("Details of “%(title)s”") % {"title": item.title},
        here=_("Edit evidence"),
        button=_("Save"),
        note=_("Every change stays on record. The verifier rates the reliability."),
        template="evidence/edit.html",
        beside=lambda _attempted: {
            "is_verified": evidence_changes.verifications(item).exists(),
            "is_settled": is_settled(item),
            "awaiting": _awaiting(item, EvidenceChangeKind.WORDING),
        },
        **_of_item(item),
    )


@edit_page(permissions.can_write)
def evidence_revise(request: HttpRequest, pk: int) -> Edit:
    """Add a newer file to an item; one that was received stays with the form."""
    item = _changeable(request.user, pk)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        now = item.revisions.select_related("file__redacted_by", "added_by").first()
        return {
            "item": item,
            "file": file_row(now, request.user) if now else None,
            "is_checked": item.checks.filter(removed_at__isnull=True).exists(),
            "is_settled": is_settled(item),
            "awaiting": _awaiting(item, EvidenceChangeKind.FILE),
        }

    def form(sent: Any) -> NewerFileForm:
        files = request.FILES if sent is not None else None
        return NewerFileForm(sent, files, person=request.user)

    def add(values: dict[str, Any], **given: Any) -> EvidenceRevision | EvidenceChange:
        return evidence_changes.revise_file(evidence=item, **values, **given)

    return Edit(
        add,
        _file_text,
        item,
        form=form,
        title=_("New file for “%(title)s”") % {"title": item.title},
        here=_("New file"),
        button=_("Add new file"),
        template="evidence/newer_file.html",
        beside=beside,
        **_of_item(item),
    )


def _of_item(item: Evidence) -> dict[str, Any]:
    """What pages say that change an item."""
    to = item.get_absolute_url()
    above = [(_("Evidence"), reverse("evidence-list")), (Truncator(item.title).chars(40), to)]
    return {"row": item, "back": to, "parents": above}


def _awaiting(item: Evidence, kind: EvidenceChangeKind) -> EvidenceChange | None:
    """The change of this kind that has to be decided before another is proposed."""
    found = item.changes.filter(kind=kind, state=EvidenceChangeState.AWAITING)
    return found.select_related("proposed_by").first()


def _file_text(made: EvidenceRevision | EvidenceChange) -> str:
    if isinstance(made, EvidenceChange):
        return _("The new file awaits another manager. The public reads the approved file.")
    return _("The new file is now current. The earlier file is kept.")


def _changeable(person: Person, pk: int) -> Evidence:
    item = item_for(person, pk)
    if not permissions.can_change_evidence(person, item):
        raise PermissionDenied(_("You cannot change this evidence."))
    return item


@require_POST
@open_to(permissions.can_review)
def evidence_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a check of an item, and how reliable it is."""
    item = item_for(request.user, pk)
    form = CheckForm(request.POST)
    keep_note(request)
    return answer(
        request,
        form,
        lambda: evidence_items.check_evidence(
            evidence=item,
            by=actor(request),
            seen=Shown.sent(request.POST, EVIDENCE, pk),
            **form.cleaned_data,
        ),
        lambda attempted: render_item_page(request, item_for(request.user, pk), attempted),
        done=_("Marked as verified: %s") % item.title,
        to=next_path(request) or item,
        apart=(NotAsSeen,),
    )


@require_POST
@open_to(permissions.can_review)
def evidence_uncheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one's own check, that of the newest file where there are several."""
    item = item_for(request.user, pk)
    mine = item.checks.filter(by=actor(request).pk, removed_at__isnull=True)
    newest = mine.order_by("-revision").first()
    if newest is None:
        raise Http404
    keep_note(request)
    return press(
        request,
        lambda: evidence_items.withdraw_check(check=newest, by=actor(request)),
        done=_("Your verification was withdrawn: %s") % item.title,
        to=next_path(request) or item,
    )


@require_POST
@open_to(permissions.can_write)
def evidence_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an item that contradicts an update."""
    form = AnswerForm.about(pk, request.POST)
    return _end(request, pk, form, evidence_items.answer, _("Your answer was recorded."))


@require_POST
@open_to(permissions.can_review)
def evidence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a contradiction that another person added, with the reason."""
    form = EndForm.about(pk, request.POST)
    done = _("Contradiction removed. The record keeps it with your reason.")
    return _end(request, pk, form, evidence_items.detach, done)


def _end(
    request: HttpRequest,
    pk: int,
    form: ContradictionForm,
    act: Callable[..., EvidenceLink],
    done: str,
) -> HttpResponse:
    """Do with a contradiction what its form says, and return to the update."""
    readable = StatusUpdate.objects.visible_to(request.user)
    link = get_object_or_404(EvidenceLink.objects.filter(update__in=readable), pk=pk)
    update = update_for(request.user, link.update_id or 0)
    keep_note(request)
    return answer(
        request,
        form,
        lambda: act(link=link, by=actor(request), **form.cleaned_data),
        lambda attempted: read_page(
            request, update, item_form=(link.pk, form), status=attempted.status
        ),
        done=done,
        to=next_path(request) or update,
    )


def attach_page(
    request: HttpRequest, to: Response | Observation, template: str, context: Mapping[str, Any]
) -> HttpResponse:
    """The page of evidence for a response or a figure; what was sent in its form is attached."""

    def page(attempted: Attempt) -> HttpResponse:
        return render(request, template, {**context, "form": form}, status=attempted.status)

    if request.method != "POST":
        form = EvidenceForm(None, claim=to, person=request.user)
        return page(Attempt())
    form = EvidenceForm(request.POST, request.FILES, claim=to, person=request.user)
    if request.POST.get("move") == FIND:
        return page(Attempt(200 if form.is_valid() else 400))
    return answer(
        request,
        form,
        lambda: evidence_items.attach_evidence(to=to, by=actor(request), items=form.items()),
        page,
        done=added_text,
        to=request.path,
    )


LONGEST_SEARCH = 200


@require_safe
@open_to(permissions.can_write)
def evidence_pick(request: HttpRequest) -> HttpResponse:
    """Recorded items that hold all words that are looked for, as options, the nearest first.

    ``evidence-find`` holds the words, as in the form; the claim is an ``update``, a ``response``, a
    ``figure`` or the ``recommendation`` of an update to come.
    """
    asked = request.GET.get("evidence-find", "")
    if len(asked) > LONGEST_SEARCH or "\0" in asked:
        raise BadRequest(_("Search for fewer words."))
    form_id = FORM_ID if request.GET.get("form") == FORM_ID else ""
    form = EvidenceForm(request.GET, claim=_claim(request), person=request.user, form_id=form_id)
    return render(request, "evidence/options.html", {"evidence_form": form})


@require_POST
@open_to(permissions.can_write)
def evidence_receive(request: HttpRequest) -> HttpResponse:
    """Take one file in, ahead of the form it belongs to; answers its ticket, or why not (400)."""
    form = FilesForm({}, request.FILES, person=request.user, most=1)
    if form.is_valid() and form.tickets:
        return render(request, "evidence/ticket.html", {"ticket": form.tickets[0]})
    errors = form.errors.get("uploads") or [_("No file was uploaded. Choose the file again.")]
    return render(request, "evidence/refused.html", {"errors": errors}, status=400)


def _claim(request: HttpRequest) -> Claim:
    """What the items are picked for, as far as the person may see it; else 404."""
    person: Person = request.user
    asked = request.GET
    readable = Recommendation.objects.visible_to(person)
    if "update" in asked:
        updates = StatusUpdate.objects.visible_to(person)
        return get_object_or_404(updates, pk=_number(asked["update"]))
    if "response" in asked:
        responses = Response.objects.filter(addressee__recommendation__in=readable)
        rows = responses.select_related("addressee")
        return get_object_or_404(rows, pk=_number(asked["response"]))
    if "figure" in asked:
        figures = Observation.objects.filter(indicator__in=Indicator.objects.visible_to(person))
        return get_object_or_404(figures, pk=_number(asked["figure"]))
    reference = asked.get("recommendation", "")
    if "\0" in reference:
        raise BadRequest
    return StatusUpdate(recommendation=get_object_or_404(readable, reference=reference))


def _number(text: str) -> int:
    number = parse_int(text)
    if number is None:
        raise BadRequest
    return number


# ---- Changes of evidence that wait for a second manager: their page, their file, and deciding


@require_safe
@open_to(permissions.can_read_drafts)
def evidence_change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: what it says beside what is approved, and the decision on it."""
    return _of_change(request, pk)


@require_safe
@open_to(permissions.can_read_drafts)
def evidence_change_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file that a change proposes, given to readers of drafts alone."""
    change = change_for(request.user, pk).change
    if change.file is None:
        raise Http404(_("This file does not exist."))
    name = safe_name(change.file_name, change.file)
    return file_answer(request, change.file, change.evidence, name)


@require_POST
@open_to(permissions.can_review)
def evidence_change_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a change: readers outside read it from now on."""
    return _of_change(request, pk, "approve", _("The change was approved and is public."))


@require_POST
@open_to(permissions.can_review)
def evidence_change_reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Reject a change, with a note."""
    done = _("The change was rejected. The approved version stays.")
    return _of_change(request, pk, "reject", done)


@require_POST
@open_to(permissions.can_read_drafts)
def evidence_change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one's own change."""
    return _of_change(request, pk, "withdraw", _("The change was withdrawn."))


def _of_change(request: HttpRequest, pk: int, move: str = "", done: str = "") -> HttpResponse:
    """The page of a change, or what comes of a move on it."""
    proposed = change_for(request.user, pk)

    def act(by: User, values: dict[str, Any], seen: Shown) -> EvidenceChange:
        if move == "withdraw":
            return evidence_changes.withdraw_change(proposal=proposed.change, by=by)
        is_approved = move == "approve"
        decide = evidence_changes.approve_change if is_approved else evidence_changes.reject_change
        return decide(proposal=proposed.change, by=by, seen=seen, **values)

    def beside(attempted: Attempt) -> dict[str, Any]:
        now = proposed if attempted.is_done else change_for(request.user, pk)
        item = now.change.evidence
        rows = item.revisions.select_related("file__redacted_by", "added_by")
        file = rows.filter(number=item.last_revision).first() if now.file else None
        return {
            "proposed": now,
            "change": now.change,
            "item": item,
            "current_file": file_row(file, request.user) if file else None,
        }

    return Edit(
        act,
        done,
        proposed.change.evidence,
        form=NoteForm,
        decides=(EVIDENCE_CHANGE, pk),
        template="evidence/change.html",
        apart=(ActionRefused,),
        beside=beside,
    ).answer(request)


def change_for(person: Person, pk: int) -> ProposedChange:
    """A change that the person may read; else 404."""
    if (found := change_of(pk, person)) is None:
        raise Http404
    return found
