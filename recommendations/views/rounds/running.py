"""What a manager does with a round that was sent: remind, extend, close."""

from contextlib import suppress
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import permissions
from recommendations.actions.errors import ActionRefused
from recommendations.actions.rounds import running
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.rounds import CloseForm, ExtensionForm
from recommendations.models import Organisation, ReportingRound
from recommendations.models.fields import parse_int
from recommendations.queries.rounds.standing import by_organisation, tally_of
from recommendations.views.access import actor, open_to
from recommendations.views.rounds.pages import round_for


@require_POST
@open_to(permissions.can_run_rounds)
def round_remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind everybody who has not reported all, or those of one organisation."""
    round, body = round_for(request.user, pk), parse_int(request.POST.get("organisation", ""))
    chosen = None if body is None else [body]
    try:
        made = running.remind(round=round, by=actor(request), organisations=chosen)
    except ActionRefused as refusal:
        messages.warning(request, str(refusal))
    else:
        told = ngettext("%(n)d person was reminded.", "%(n)d people were reminded.", len(made))
        messages.success(request, told % {"n": len(made)})
    return redirect(round)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_run_rounds)
def round_extend(request: HttpRequest, pk: int, organisation: int) -> HttpResponse:
    """Another day to reply by, for one organisation."""
    round = round_for(request.user, pk)
    body = get_object_or_404(
        Organisation.objects.filter(requests__round=round).distinct(), pk=organisation
    )
    form, attempted, shown = ExtensionForm(), Attempt(), None
    if request.method == "POST":
        form = ExtensionForm(request.POST)
        with suppress(ValueError):
            shown = parse_date(request.POST.get("shown", ""))
        attempted = attempt(form, lambda: _extend(request, round, body, form, shown))
        if attempted.is_done:
            messages.success(request, _("%s: new date to reply by recorded.") % body.name)
            return redirect(round)
    tally = dict(by_organisation(tally_of(round, timezone.localdate()))).get(body.pk)
    context = {"round": round, "organisation": body, "tally": tally, "form": form}
    return render(request, "rounds/extend.html", context, status=attempted.status)


def _extend(
    request: HttpRequest,
    round: ReportingRound,
    body: Organisation,
    form: ExtensionForm,
    shown: date | None,
) -> Any:
    if shown is None:
        told = _("The version that you saw is unknown. Check this page, then confirm again.")
        raise ActionRefused(told)
    return running.extend_round(
        round=round, organisation=body, shown_day=shown, by=actor(request), **form.cleaned_data
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_run_rounds)
def round_close(request: HttpRequest, pk: int) -> HttpResponse:
    """What closing means for what is missing; confirmed, the end of the round."""
    round = round_for(request.user, pk)
    form, attempted = CloseForm(), Attempt()
    if request.method == "POST":
        form = CloseForm(request.POST)
        attempted = attempt(
            form,
            lambda: running.close_round(round=round, by=actor(request), **form.cleaned_data),
        )
        if attempted.is_done:
            messages.success(request, _("The round is closed."))
            return redirect(round)
    tally = tally_of(round_for(request.user, pk), timezone.localdate())
    context = {"round": round, "tally": tally, "form": form}
    return render(request, "rounds/close.html", context, status=attempted.status)
