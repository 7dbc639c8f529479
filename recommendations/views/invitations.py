"""The page behind the link of an invitation: an account is made there, or it says why not."""

from typing import Any

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recommendations.actions import invitations as actions
from recommendations.actions.oversight.sign_ins import Place, begin_try, end_tries
from recommendations.authentication import throttled_address
from recommendations.forms.fields import add_form_errors
from recommendations.forms.setup.people import AcceptForm
from recommendations.models import Invitation
from recommendations.queries.invitations import free_username, invitation_of, refusal_of
from recommendations.views.access import actor, landing
from recommendations.views.accounts import pause_page

TRIED = "link of an invitation"
"""Stands for a name among failed sign-ins; no account can have it, since it has spaces."""

BACKEND = "recommendations.authentication.RoleBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form of an account, or why the link does not work; make the account.

    Each link that is sent and does not work counts as a failed sign-in from there.
    """
    now, is_sent = timezone.now(), request.method == "POST"
    place = Place(TRIED, throttled_address(request))
    if is_sent and (tried := begin_try(place, now)).wait:
        return pause_page(request, tried.wait)
    found = invitation_of(token)
    if found is None:
        return _refused(request, status=404)
    if is_sent:
        return _accept(request, found, place)
    if refusal := refusal_of(found, request.user, now):
        return _refused(request, refusal, status=410)
    return _form_page(request, found, _form(None, found))


def _accept(request: HttpRequest, found: Invitation, place: Place) -> HttpResponse:
    form = _form(request.POST, found)
    by = actor(request) if request.user.is_authenticated else None
    # One that does not work is refused, on record, whatever the form holds.
    is_dead = bool(refusal_of(found, by, timezone.now()))
    if is_dead or form.is_valid():
        values = {} if is_dead else form.values()
        try:
            person = actions.accept_invitation(invitation=found, by=by, values=values)
        except actions.InvitationRefused as refusal:
            return _refused(request, str(refusal), status=409)
        except ValidationError as error:
            add_form_errors(form, error)
        else:
            end_tries(place, timezone.now())
            login(request, person, backend=BACKEND)
            return redirect(landing(person))
    end_tries(place, timezone.now())
    return _form_page(request, found, form, status=400)


def _form(data: Any, found: Invitation) -> AcceptForm:
    return AcceptForm(data, email=found.email, username=free_username(found.email))


def _form_page(
    request: HttpRequest, found: Invitation, form: AcceptForm, status: int = 200
) -> HttpResponse:
    context = {"invitation": found, "form": form}
    return render(request, "invitations/accept.html", context, status=status)


def _refused(request: HttpRequest, refusal: str = "", *, status: int) -> HttpResponse:
    return render(request, "invitations/refused.html", {"refusal": refusal}, status=status)
