"""The set-up of a site: where it is, its source, its people, its recommendations."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions import people as actions
from recommendations.actions import recommendations
from recommendations.choices import Role
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.imports import UploadForm
from recommendations.forms.setup import InvitationsForm, SourceForm
from recommendations.models import Invitation, Source, User
from recommendations.queries.people import open_invitations, token_of, works_no_more
from recommendations.queries.setup import missing_for, role_holders, setup_steps
from recommendations.views.access import actor, open_to

# ---- The set-up of a site: where one stands, and the source that recommendations come from


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
        attempted = attempt(form, lambda: recommendations.add_source(by=by, values=form.values()))
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


# ---- The people of a new site: who holds which role, and invitations to those who are to come


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_set_up)
def set_up_people(request: HttpRequest) -> HttpResponse:
    """Roles with their people, open invitations, and the form of further ones."""
    by, attempted = actor(request), Attempt()
    may_invite = permissions.can_invite(by)
    form = InvitationsForm(None, person=by)
    if request.method == "POST":
        form = InvitationsForm(request.POST, person=by)
        attempted = attempt(form, lambda: _invite(by, form))
        if attempted.is_done:
            messages.success(request, _told(attempted.made, form.cleaned_data["is_mailed"]))
            return redirect(f"{reverse('set-up-people')}#invitations")
    holders = role_holders()
    context = {
        "steps": setup_steps(),
        "holders": holders,
        "invitations": [_shown(request, each, by) for each in open_invitations()],
        "form": form,
        "may_invite": may_invite,
        "inviters": next(each for each in holders if each.role == Role.ADMINISTRATOR),
    }
    return render(request, "setup/people.html", context, status=attempted.status)


def _invite(by: User, form: InvitationsForm) -> list[Invitation]:
    return actions.invite_all(
        by=by,
        people=form.people(),
        new_organisation=form.cleaned_data["new_organisation"],
        is_mailed=form.cleaned_data["is_mailed"],
    )


def _told(made: list[Invitation], is_mailed: bool) -> str:
    if is_mailed:
        told = ngettext_lazy("%d invitation is on its way.", "%d invitations are on their way.")
    else:
        told = ngettext_lazy(
            "%d invitation made. Copy the link below.", "%d invitations made. Copy the links below."
        )
    return str(told % len(made))


def _shown(request: HttpRequest, invitation: Invitation, reader: User) -> dict[str, Any]:
    """An open invitation as the page lists it; its link is for whoever made it."""
    trouble = works_no_more(invitation, timezone.now())
    link = ""
    if invitation.invited_by_id == reader.pk and not trouble:
        path = reverse("invitation", args=[token_of(invitation.token_salt)])
        link = request.build_absolute_uri(path)
    return {"row": invitation, "trouble": trouble, "link": link}


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_invite)
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then end an invitation."""
    found = get_object_or_404(Invitation.objects.pending().select_related("organisation"), pk=pk)
    if request.method == "POST":
        actions.withdraw_invitation(invitation=found, by=actor(request))
        messages.success(request, _("Invitation withdrawn"))
        return redirect("set-up-people")
    return render(request, "setup/withdraw.html", {"invitation": found})


# ---- The step of recommendations: a file, or rows pasted from a spreadsheet, for the import


@require_safe
@open_to(permissions.can_set_up)
def set_up_recommendations(request: HttpRequest) -> HttpResponse:
    """The form of the import, for the source that the address names, else the newest."""
    newest = Source.objects.order_by("-pk").values_list("slug", flat=True).first()
    context = {
        "steps": setup_steps(),
        "form": UploadForm(initial={"source": request.GET.get("source") or newest}),
        "has_source": newest is not None,
        "may_add_source": permissions.can_manage(request.user),
        "holders": next(each for each in role_holders() if each.role == Role.ADMINISTRATOR),
    }
    return render(request, "setup/recommendations.html", context)
