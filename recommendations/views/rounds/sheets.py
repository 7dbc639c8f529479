"""The spreadsheet of a round for one organisation: sent out, and brought in with a preview."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.actions.rounds.returned import ReturnPlan, draft_returned, plan_returned
from recommendations.exports.round_sheets import round_workbook
from recommendations.forms.rounds import ReturnForm
from recommendations.models import Organisation, ReportingRound
from recommendations.queries.rounds.sheet import for_whom, sheet_rows
from recommendations.readers import ReadOptions, TableError
from recommendations.views import uploaded_files
from recommendations.views.access import actor, open_to
from recommendations.views.rounds.pages import round_for

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 100


@require_safe
@open_to(permissions.can_read_internally)
def round_sheet(request: HttpRequest, pk: int, organisation: int) -> HttpResponse:
    """The workbook with what an organisation has not reported yet."""
    round, body = _found(request, pk, organisation)
    rows = sheet_rows(round.pk, body.pk, request.user)
    data = round_workbook(rows, for_whom(request.user))
    name = f"{body.slug}-{timezone.localdate():%Y-%m-%d}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=XLSX, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def round_upload(request: HttpRequest, pk: int, organisation: int) -> HttpResponse:
    """Bring in a workbook that came back: first the file, then what it would do."""
    round, body = _returnable(request, pk, organisation)
    is_sent = request.method == "POST"
    form = ReturnForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        file, by = form.cleaned_data["file"], actor(request)
        pending = uploaded_files.keep(file, by, _place(round, body), ReadOptions())
        try:
            with pending.path.open("rb") as kept:
                upload = Upload(kept, pending.name)
                plan_returned(upload=upload, round=round, organisation=body, by=by)
        except TableError as error:
            uploaded_files.forget(pending)
            form.add_error("file", str(error))
        else:
            return redirect("round-upload-preview", pk, organisation, pending.token)
    context = {"round": round, "organisation": body, "form": form}
    return render(request, "rounds/upload.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def round_upload_preview(
    request: HttpRequest, pk: int, organisation: int, token: str
) -> HttpResponse:
    """What a workbook would do, row by row; confirmed, its drafts."""
    round, body = _returnable(request, pk, organisation)
    pending = uploaded_files.find(token, actor(request))
    if pending is None or pending.source != _place(round, body):
        if request.method == "POST":
            messages.error(request, _("The file is no longer available. Upload the file again."))
            return redirect("round-upload", pk, organisation)
        raise Http404(_("This file is no longer available."))
    with pending.path.open("rb") as file:
        about: Any = {
            "upload": Upload(file, pending.name),
            "round": round,
            "organisation": body,
            "by": actor(request),
        }
        if request.method != "POST":
            return _preview(request, round, body, plan_returned(**about))
        try:
            made = draft_returned(**about, expected=request.POST.get("seen", ""))
        except ImportRefused as refusal:
            return _preview(request, round, body, refusal.plan, refusal)
        except ActionRefused as refusal:
            return _preview(request, round, body, plan_returned(**about), refusal)
    uploaded_files.forget(pending)
    told = ngettext(
        "%(n)d draft was made. Complete and submit it.",
        "%(n)d drafts were made. Complete and submit them.",
        len(made),
    )
    messages.success(request, told % {"n": len(made)})
    return redirect("my-work")


def _preview(
    request: HttpRequest,
    round: ReportingRound,
    body: Organisation,
    plan: ReturnPlan,
    refusal: ActionRefused | None = None,
) -> HttpResponse:
    context = {
        "round": round,
        "organisation": body,
        "plan": plan,
        "refusal": refusal,
        "drafts": [(row, plan.requests[row.reference]) for row in plan.drafts[:ROWS_SHOWN]],
        "refused": plan.refused[:ROWS_SHOWN],
    }
    return render(request, "rounds/upload_preview.html", context, status=409 if refusal else 200)


def _place(round: ReportingRound, body: Organisation) -> str:
    return f"round-{round.pk}-{body.pk}"


def _found(request: HttpRequest, pk: int, organisation: int) -> tuple[ReportingRound, Organisation]:
    round = round_for(request.user, pk)
    asked = Organisation.objects.filter(requests__round=round).distinct()
    return round, get_object_or_404(asked, pk=organisation)


def _returnable(
    request: HttpRequest, pk: int, organisation: int
) -> tuple[ReportingRound, Organisation]:
    """A round, and an organisation of it whose spreadsheet the person may bring in."""
    round, body = _found(request, pk, organisation)
    if not permissions.can_return_sheet(request.user, body.pk):
        raise PermissionDenied(_("You may not bring in the spreadsheet of this organisation."))
    return round, body
