"""The set-up of a site: where it is, its source, its people, its recommendations."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.actions import people as actions
from recommendations.actions import recommendations
from recommendations.actions.uses import switch_parts
from recommendations.choices import Role
from recommendations.forms.fields import Attempt
from recommendations.forms.imports import UploadForm
from recommendations.forms.setup import InvitationsForm, SourceForm, UsesForm
from recommendations.models import Invitation, Source, TrackerUses, User
from recommendations.queries.frame import frame_for
from recommendations.queries.people import open_invitations, token_of, works_no_more
from recommendations.queries.setup import RoleHolders, missing_for, role_holders, setup_steps
from recommendations.queries.uses import use_rows
from recommendations.views.access import actor, open_to
from recommendations.views.editing import Edit, edit_page

# ---- The set-up of a site: where one stands, and the source that recommendations come from


@require_safe
@open_to(permissions.can_set_up)
def set_up(request: HttpRequest) -> HttpResponse:
    """The steps, and what is missing."""
    holders = role_holders()
    context = {"steps": setup_steps(), "missing": missing_for(request.user, holders)}
    return render(request, "setup/index.html", context)


@edit_page(permissions.can_set_up)
def set_up_source(request: HttpRequest) -> Edit:
    """Add a source."""

    def beside(_attempted: Attempt) -> dict[str, Any]:
        return {
            "steps": setup_steps(),
            "sources": Source.objects.order_by("title", "pk")[:20],
            "may_add": permissions.can_manage(request.user),
            "holders": _administrators(),
        }

    return Edit(
        recommendations.add_source,
        lambda source: _("Source added: %s") % source,
        _after_source,
        form=SourceForm,
        template="setup/source.html",
        beside=beside,
    )


def _after_source(source: Source) -> str:
    """The next step: people, or the recommendations of the source where there are people."""
    people = next(step for step in setup_steps() if step.name == "set-up-people")
    if not people.is_done:
        return people.url
    return f"{reverse('set-up-recommendations')}?source={source.slug}"


def _administrators() -> RoleHolders:
    return next(each for each in role_holders() if each.role == Role.ADMINISTRATOR)


# ---- The people of a new site: who holds which role, and invitations to those who are to come


@edit_page(permissions.can_set_up)
def set_up_people(request: HttpRequest) -> Edit:
    """Roles with their people, open invitations, and the form of further ones."""
    by = actor(request)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        holders = role_holders()
        return {
            "steps": setup_steps(),
            "holders": holders,
            "invitations": [_shown(request, each, by) for each in open_invitations()],
            "may_invite": permissions.can_invite(by),
            "inviters": next(each for each in holders if each.role == Role.ADMINISTRATOR),
        }

    def invite(by: User, values: dict[str, Any]) -> tuple[list[Invitation], bool]:
        return actions.invite_all(by=by, **values), values["is_mailed"]

    return Edit(
        invite,
        lambda made: _told(*made),
        f"{reverse('set-up-people')}#invitations",
        form=partial(InvitationsForm, person=by),
        template="setup/people.html",
        beside=beside,
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


@edit_page(permissions.can_invite)
def invitation_withdraw(request: HttpRequest, pk: int) -> Edit | HttpResponse:
    """Ask, then end an invitation; one that is no longer open needs nothing."""
    found, people = get_object_or_404(Invitation, pk=pk), reverse("set-up-people")
    if not Invitation.objects.pending().filter(pk=pk).exists():
        messages.info(request, _("This invitation is no longer open."))
        return redirect(people)
    return Edit(
        partial(actions.withdraw_invitation, invitation=found),
        _("Invitation withdrawn"),
        people,
        title=_("Withdraw invitation"),
        note=_("%(label)s: %(value)s") % {"label": found.get_role_display(), "value": found.email},
        asked=[_("The link stops working. The record keeps the invitation.")],
        back=people,
        parents=[(_("Set-up"), reverse("set-up")), (_("People and roles"), people)],
    )


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
        "holders": _administrators(),
    }
    return render(request, "setup/recommendations.html", context)


# ---- Which parts of the tracker there are


@edit_page(permissions.can_administer)
def tracker_uses(request: HttpRequest) -> Edit:
    """A switch for each part that is not there for everybody, and where its first use begins."""
    by = actor(request)
    switches = TrackerUses.objects.first() or TrackerUses(version=0)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        return {"rows": use_rows(by, frame_for(by).uses, switches)}

    return Edit(
        switch_parts,
        _("Saved."),
        "tracker-uses",
        form=UsesForm,
        row=switches,
        title=capfirst(TrackerUses._meta.verbose_name),
        template="setup/uses.html",
        beside=beside,
    )
