"""Evidence: the page of an item, its edits and checks, and choosing items for a claim."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions.errors import ActionRefused, NotAsSeen, StaleWrite
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.forms.contradictions import AnswerForm, ContradictionForm, EndForm
from recommendations.forms.evidence import (
    FIND,
    CheckForm,
    Claim,
    EvidenceForm,
    ItemForm,
    NewerFileForm,
    added_text,
)
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.files import FilesForm
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
)
from recommendations.models.fields import parse_int
from recommendations.permissions import Person
from recommendations.queries.evidence.files import file_row
from recommendations.queries.evidence.hands import is_settled
from recommendations.queries.evidence.items import item_page
from recommendations.queries.evidence.shown import EVIDENCE
from recommendations.queries.shown import Shown
from recommendations.views.access import actor, next_path, open_to, open_to_readers
from recommendations.views.updates.detail import read_page
from recommendations.views.updates.form import update_for
from recommendations.views.updates.review_page import keep_note


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
    *,
    check_form: CheckForm | None = None,
    refusal: ActionRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of an item, with what was typed into the form of a check.

    ``refusal`` says what changed since the page was opened from which the check was sent.
    """
    view = item_page(item, request.user, timezone.localdate())
    context = {
        "view": view,
        "item": item,
        "check_form": check_form or CheckForm(),
        "refusal": refusal if isinstance(refusal, NotAsSeen) else None,
        "next": request.POST.get("next", ""),
    }
    return render(request, "evidence/detail.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def evidence_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit the description of an item; no change that is not shown is overwritten."""
    item = _changeable(request.user, pk)
    refusal = evidence_changes.publication_refusal(item, actor(request))
    sent = request.POST if request.method == "POST" else None
    form = ItemForm(sent, item=item, not_public_because=refusal)
    attempted, seen = Attempt(), item.version
    if sent is not None:
        # What the form was shown goes back with it, until it is shown what is stored now.
        seen = parse_int(request.POST.get("seen", "")) or 0
        attempted = attempt(
            form,
            lambda: evidence_changes.change_item(
                evidence=item, by=actor(request), expected_version=seen, values=form.values()
            ),
            shown_apart=(StaleWrite,),
        )
        if attempted.is_done:
            messages.success(request, _saved_text(attempted.made, form))
            return redirect(item)
        if stale := attempted.stale:
            item, seen = stale.current, stale.current.version
    context = {
        "item": item,
        "form": form,
        "seen": seen,
        "stale": attempted.stale,
        "is_verified": evidence_changes.verifications(item).exists(),
        "is_settled": is_settled(item),
    }
    return render(request, "evidence/edit.html", context, status=attempted.status)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def evidence_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a newer file to an item; one that was received stays with the form."""
    item = _changeable(request.user, pk)
    form, attempted, seen = NewerFileForm(None, person=request.user), Attempt(), item.version
    if request.method == "POST":
        form = NewerFileForm(request.POST, request.FILES, person=request.user)
        seen = parse_int(request.POST.get("seen", "")) or 0
        attempted = attempt(
            form,
            lambda: evidence_changes.revise_file(
                evidence=item,
                by=actor(request),
                expected_version=seen,
                file=form.file,
                note=form.cleaned_data["note"],
            ),
            shown_apart=(ActionRefused,),
        )
        if attempted.is_done:
            messages.success(request, _file_text(attempted.made))
            return redirect(item)
        if attempted.refusal:
            item = item_for(request.user, pk)
            seen = item.version
    now = item.revisions.select_related("file__redacted_by", "added_by").first()
    context = {
        "item": item,
        "form": form,
        "seen": seen,
        "refusal": attempted.refusal,
        "file": file_row(now, request.user) if now else None,
        "is_checked": item.checks.filter(removed_at__isnull=True).exists(),
        "is_settled": is_settled(item),
    }
    return render(request, "evidence/newer_file.html", context, status=attempted.status)


def _saved_text(item: Evidence, form: ItemForm) -> str:
    if evidence_changes.is_proposed(item, form.values()):
        return _("Your change awaits another manager. The public reads the approved version.")
    return _("Saved.")


def _file_text(made: EvidenceRevision | EvidenceChange) -> str:
    if isinstance(made, EvidenceChange):
        return _("The new file awaits another manager. The public reads the approved file.")
    return _("The new file is now current. The earlier file is kept.")


def _changeable(person: Person, pk: int) -> Evidence:
    item = item_for(person, pk)
    if not permissions.can_change_evidence(person, item):
        raise PermissionDenied(_("You may not change this evidence item."))
    return item


@require_POST
@open_to(permissions.can_review)
def evidence_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a check of an item, and how reliable it is."""
    item = item_for(request.user, pk)
    form = CheckForm(request.POST)
    attempted = attempt(
        form,
        lambda: evidence_items.check_evidence(
            evidence=item,
            by=actor(request),
            seen=Shown.sent(request.POST, EVIDENCE, pk),
            **form.cleaned_data,
        ),
        shown_apart=(NotAsSeen,),
    )
    if not attempted.is_done:
        keep_note(request)
        item = item_for(request.user, pk)
        return render_item_page(
            request, item, check_form=form, refusal=attempted.refusal, status=attempted.status
        )
    messages.success(request, _("Marked as verified: %s") % item.title)
    return _back(request, item.get_absolute_url())


@require_POST
@open_to(permissions.can_review)
def evidence_uncheck(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one's own check, that of the newest file where there are several."""
    item = item_for(request.user, pk)
    mine = item.checks.filter(by=actor(request).pk, removed_at__isnull=True)
    newest = mine.order_by("-revision").first()
    if newest is None:
        raise Http404
    evidence_items.withdraw_check(check=newest, by=actor(request))
    messages.success(request, _("Your verification was withdrawn: %s") % item.title)
    return _back(request, item.get_absolute_url())


@require_POST
@open_to(permissions.can_write)
def evidence_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an item that contradicts an update."""
    form = AnswerForm.about(pk, request.POST)
    done = _("Your answer was recorded.")
    return _contradiction(
        request,
        pk,
        form,
        lambda link: contradictions.answer(
            link=link, by=actor(request), text=form.cleaned_data["text"]
        ),
        done,
    )


@require_POST
@open_to(permissions.can_review)
def evidence_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a contradiction that another person added, with the reason."""
    form = EndForm.about(pk, request.POST)
    done = _("Contradiction removed. The record keeps it with your reason.")
    return _contradiction(
        request,
        pk,
        form,
        lambda link: evidence_items.detach(
            link=link, by=actor(request), reason=form.cleaned_data["reason"]
        ),
        done,
    )


def _contradiction(
    request: HttpRequest,
    pk: int,
    form: ContradictionForm,
    act: Callable[[EvidenceLink], EvidenceLink],
    done: str,
) -> HttpResponse:
    """Do with a contradiction what its form says, and return to the update."""
    readable = StatusUpdate.objects.visible_to(request.user)
    link = get_object_or_404(EvidenceLink.objects.filter(update__in=readable), pk=pk)
    update = update_for(request.user, link.update_id or 0)
    attempted = attempt(form, lambda: act(link))
    if not attempted.is_done:
        return read_page(request, update, item_form=(link.pk, form), status=attempted.status)
    messages.success(request, done)
    return _back(request, update.get_absolute_url())


def attach_from(request: HttpRequest, to: Response | Observation) -> tuple[EvidenceForm, Attempt]:
    """The form of evidence for a response or a figure; what was sent in it is attached.

    ``made`` holds the links where that was done.
    """
    if request.method != "POST":
        return EvidenceForm(None, claim=to, person=request.user), Attempt()
    form = EvidenceForm(request.POST, request.FILES, claim=to, person=request.user)
    if request.POST.get("move") == FIND:
        return form, Attempt(200 if form.is_valid() else 400)
    attempted = attempt(
        form, lambda: evidence_items.attach_evidence(to=to, by=actor(request), items=form.items())
    )
    if attempted.is_done:
        messages.success(request, added_text(attempted.made))
    return form, attempted


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page with the button; a note that was typed there is kept."""
    keep_note(request)
    return redirect(next_path(request) or otherwise)


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
    form = EvidenceForm(request.GET, claim=_claim(request), person=request.user)
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
