"""The page on which people name their deputy, and end that early."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import permissions
from recommendations.actions import deputies as actions
from recommendations.actions.errors import ActionRefused
from recommendations.forms.deputies import DeputyForm
from recommendations.forms.fields import Attempt, attempt
from recommendations.queries.deputies import MOST_LISTED, listed_for
from recommendations.views.access import actor, open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_name_deputies)
def deputies(request: HttpRequest) -> HttpResponse:
    """Deputies of the reader, or of all for who hands over work, and a form for another."""
    by, today = actor(request), timezone.localdate()
    form, attempted = DeputyForm(by=by), Attempt()
    if request.method == "POST":
        form = DeputyForm(request.POST, by=by)
        attempted = attempt(form, lambda: actions.add_deputy(by=by, values=form.values))
        if attempted.is_done:
            messages.success(request, _("Deputy named: %s.") % attempted.made.deputy)
            return redirect("deputies")
    rows = [
        (row, row.state_on(today), permissions.can_set_deputy(by, row.person_id))
        for row in listed_for(by)[:MOST_LISTED]
    ]
    context = {"form": form, "rows": rows}
    return render(request, "accounts/deputies.html", context, status=attempted.status)


@require_POST
@open_to(permissions.can_name_deputies)
def deputy_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one before its last day."""
    row = get_object_or_404(listed_for(actor(request)), pk=pk)
    try:
        actions.end_deputy(deputy=row, by=actor(request))
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Ended: %s is no longer deputy.") % row.deputy)
    return redirect("deputies")
