"""The set-up of a site: where one stands, and the source that recommendations come from."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions import recommendations as actions
from recommendations.choices import Role
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.setup.source import SourceForm
from recommendations.models import Source
from recommendations.queries.setup.missing import missing_for
from recommendations.queries.setup.steps import role_holders, setup_steps
from recommendations.views.access import actor, open_to


@require_safe
@open_to(permissions.can_set_up)
def set_up(request: HttpRequest) -> HttpResponse:
    """The steps, and what is missing."""
    holders = role_holders()
    context = {"steps": setup_steps(), "missing": missing_for(request.user, holders)}
    return render(request, "setup/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_set_up)
def set_up_source(request: HttpRequest) -> HttpResponse:
    """Add a source."""
    by, form, attempted = actor(request), SourceForm(), Attempt()
    if request.method == "POST":
        form = SourceForm(request.POST)
        attempted = attempt(form, lambda: actions.add_source(by=by, values=form.values()))
        if attempted.is_done:
            messages.success(request, _("Source added: %s") % attempted.made)
            return redirect("set-up-people")
    context = {
        "steps": setup_steps(),
        "form": form,
        "sources": Source.objects.order_by("title", "pk")[:20],
        "may_add": permissions.can_manage(by),
        "holders": next(h for h in role_holders() if h.role == Role.ADMINISTRATOR),
    }
    return render(request, "setup/source.html", context, status=attempted.status)
