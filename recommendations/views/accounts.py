"""Pages of a person's own: signing in, invitations, deputies, tokens, webhooks, notifications."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from math import ceil
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions import people as actions
from recommendations.actions import personal
from recommendations.actions.oversight.sign_ins import Place, begin_try, end_tries
from recommendations.actions.webhooks.delivery import send_test
from recommendations.authentication import forget_failures, throttled_address
from recommendations.characters import parse_int
from recommendations.choices import DeputyState
from recommendations.forms.accounts import DeputyForm, NotificationForm, TokenForm, WebhookForm
from recommendations.forms.fields import NOT_SENT, Attempt, add_form_errors, attempt
from recommendations.forms.setup import AcceptForm
from recommendations.models import ApiToken, Invitation, NotificationSettings, User, Webhook
from recommendations.queries.deputies import MOST_LISTED, listed_for
from recommendations.queries.log.words import action_text
from recommendations.queries.people import free_username, invitation_of, refusal_of
from recommendations.queries.reminders import newest_messages, person_of, readable_by
from recommendations.queries.watches import KINDS, watch_list, watched_by
from recommendations.queries.webhooks import webhooks_of
from recommendations.views.access import actor, landing, next_path, open_to
from recommendations.views.editing import Edit, edit_page, press

# ---- Django's pages for accounts, where they have to know more than Django does


class SignInView(LoginView):
    """Opens what was asked for, else where this person begins."""

    def get_default_redirect_url(self) -> str:
        return landing(self.request.user)


class SignOutView(LogoutView):
    """The browser forgets the pages that it kept for its "back" button, and what was opened."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class ChangePasswordView(PasswordChangeView):
    """Its form tries the old password as the sign-in does, and so has to know from where."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}


class SetPasswordView(PasswordResetConfirmView):
    """Behind a mailed link, which is no way in for accounts of the demonstration."""

    def get_user(self, uidb64: str) -> Any:
        person: Any = super().get_user(uidb64)
        return None if person is None or permissions.is_shut_out(person) else person

    def form_valid(self, form: Any) -> HttpResponse:
        """Whoever had the link has shown who they are: a pause in signing in here ends."""
        response = super().form_valid(form)
        forget_failures(self.request, form.user)
        return response


def sign_in_paused(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """429: too many tries failed for this name, or from this place; when to try again.

    It says nothing of whether the account exists.
    """
    wait: timedelta = vars(request)["sign_in"].wait
    return pause_page(request, wait)


def pause_page(request: HttpRequest, wait: timedelta) -> HttpResponse:
    """429: when to try again."""
    answer = render(request, "accounts/locked.html", {"wait": wait}, status=429)
    answer["Retry-After"] = str(ceil(wait.total_seconds()))
    return answer


# ---- The page behind the link of an invitation: an account is made there, or it says why not

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


# ---- The page on which people name their deputy, and end that early


@edit_page(permissions.can_name_deputies)
def deputies(request: HttpRequest) -> Edit:
    """Deputies of the reader, or of all for who hands over work, and a form for another."""
    by = actor(request)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        today = timezone.localdate()
        rows = [
            (row, row.state_on(today), permissions.can_set_deputy(by, row.person_id))
            for row in listed_for(by)[:MOST_LISTED]
        ]
        # What has ended comes last.
        return {"rows": sorted(rows, key=lambda found: found[1] == DeputyState.OVER)}

    return Edit(
        actions.add_deputy,
        lambda made: _("Deputy named: %s.") % made.deputy,
        "deputies",
        form=partial(DeputyForm, by=by),
        template="accounts/deputies.html",
        beside=beside,
    )


@require_POST
@open_to(permissions.can_name_deputies)
def deputy_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one before its last day."""
    by = actor(request)
    row = get_object_or_404(listed_for(by), pk=pk)
    done = _("Ended: %s is no longer deputy.") % row.deputy
    return press(request, lambda: actions.end_deputy(deputy=row, by=by), done=done, to="deputies")


# ---- API tokens: a person's own, and those of a service account


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@open_to(permissions.can_read_internally)
def tokens(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Tokens of the reader, or of the service account ``pk``, and a form for another.

    A new one is shown in the answer to the form, and never again.
    """
    by = actor(request)
    of = by if pk is None else get_object_or_404(User, pk=pk, is_service=True)
    if not permissions.can_keep_tokens(by, of):
        raise PermissionDenied(_("You cannot change that account."))
    made = _with_secret(
        request,
        partial(TokenForm, of=of),
        lambda values: personal.create_token(of=of, by=by, values=values),
    )
    now = timezone.now()
    rows = [(row, row.is_in_use(now)) for row in ApiToken.objects.filter(person=of)]
    context = {**made, "rows": rows, "of": of, "is_own": of == by}
    return render(request, "accounts/tokens.html", context, status=made["status"])


def _with_secret(
    request: HttpRequest, form_of: Callable[[Any], Any], create: Callable[[Any], tuple[Any, str]]
) -> dict[str, Any]:
    """A form for one more of what has a secret. Once created that is shown, beside a new form."""
    is_sent = request.method == "POST"
    form = form_of(request.POST if is_sent else None)
    attempted = attempt(form, lambda: create(form.values())) if is_sent else NOT_SENT
    _row, secret = attempted.made or (None, "")
    return {"form": form_of(None) if secret else form, "secret": secret, "status": attempted.status}


@require_POST
@open_to(permissions.can_read_internally)
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one at once."""
    by = actor(request)
    row = get_object_or_404(ApiToken.objects.select_related("person"), pk=pk)
    if not permissions.can_keep_tokens(by, row.person):
        raise Http404
    to = reverse("tokens", args=[] if row.person == by else [row.person_id])
    return press(
        request, lambda: personal.revoke_token(token=row, by=by), done=_("API token revoked"), to=to
    )


# ---- Webhooks: one's own, and those of all for administrators


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@open_to(permissions.can_have_webhooks)
def webhooks(request: HttpRequest) -> HttpResponse:
    """Webhooks that the reader may end, and a form for another, whose secret is shown once."""
    by = actor(request)
    made = _with_secret(
        request,
        partial(WebhookForm, by=by),
        lambda values: personal.create_webhook(by=by, values=values),
    )
    created = action_text("create", Webhook._meta.label_lower)
    context = {**made, "rows": webhooks_of(by), "created": created}
    return render(request, "accounts/webhooks.html", context, status=made["status"])


@require_POST
@open_to(permissions.can_have_webhooks)
def webhook_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """End one at once."""
    by = actor(request)
    row = get_object_or_404(webhooks_of(by), pk=pk)
    act = partial(personal.remove_webhook, webhook=row, by=by)
    return press(request, act, done=action_text("remove", row._meta.label_lower), to="webhooks")


@require_POST
@open_to(permissions.can_have_webhooks)
def webhook_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message of no event to one of the reader's own, and say what came back."""
    by = actor(request)
    row = get_object_or_404(webhooks_of(by), pk=pk, person=by)
    return press(request, lambda: send_test(webhook=row, by=by), done=str, to="webhooks")


# ---- Watching, and the page of a person's own notifications


@edit_page(permissions.can_read_internally)
def notifications(request: HttpRequest) -> Edit:
    """When the reader is sent reminders, and what they watch."""
    by = actor(request)
    current = NotificationSettings.of(by)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        return {
            "watched": watch_list(by),
            "has_address": bool(by.email),
            "wants_mail": by.wants_mail,
            "sent": newest_messages(by),
            "is_for_all": permissions.can_read_all_messages(by),
        }

    return Edit(
        personal.set_notifications,
        _("Notification settings saved."),
        "notifications",
        form=partial(NotificationForm, current=current),
        row=current,
        template="accounts/notifications.html",
        beside=beside,
    )


@require_safe
@open_to(permissions.can_read_internally)
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message of reminders, as it was sent."""
    found = get_object_or_404(readable_by(request.user).select_related("person"), pk=pk)
    return render(request, "accounts/message.html", {"reminder": found})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Turn reminders off for whoever has this link, by a POST alone; else ask.

    Mail programs send the POST without cookies (RFC 8058): the token stands for the person, and
    guards against forgery.
    """
    person = person_of(token)
    if person is None:
        raise Http404(_("This link is not complete, or no longer works."))
    is_done = request.method == "POST"
    if is_done:
        personal.unsubscribe(person=person)
    response = render(request, "accounts/unsubscribe.html", {"is_done": is_done})
    # The address is a secret: no page that a link leads to is told of it.
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@open_to(permissions.can_read_internally)
def watch(request: HttpRequest, *, is_on: bool) -> HttpResponse:
    """Watch the item that the form names, or watch it no longer."""
    kind, key = request.POST.get("kind", ""), parse_int(request.POST.get("key", ""))
    if kind not in KINDS or key is None:
        raise Http404
    act = personal.watch if is_on else personal.stop_watching
    done = _("You watch this item. Changes come with your reminders.")
    return press(
        request,
        lambda: act(by=actor(request), kind=kind, key=key),
        done=done if is_on else _("You no longer watch this item."),
        to=next_path(request) or "notifications",
    )


def watch_button(request: HttpRequest, kind: str, key: int) -> dict[str, str]:
    """The button that watches an item, by the name that templates show it by; none for visitors.

    It is each reader's own, beside what is drawn once for many.
    """
    if not permissions.can_read_internally(request.user):
        return {}
    context: dict[str, Any] = {
        "kind": kind,
        "key": key,
        "is_watched": (kind, key) in watched_by(request.user),
        "next": request.get_full_path(),
    }
    return {"watch": render_to_string("accounts/watch.html", context, request)}
