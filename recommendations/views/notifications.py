"""Watching, and the page of a person's own notifications."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions import watches as actions
from recommendations.actions.errors import ActionRefused
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.notifications import NotificationForm
from recommendations.models import NotificationSettings
from recommendations.models.fields import parse_int
from recommendations.queries.reminders.messages import newest_messages, person_of, readable_by
from recommendations.queries.watches import KINDS, watch_list, watched_by
from recommendations.views.access import actor, next_path, open_to


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def notifications(request: HttpRequest) -> HttpResponse:
    """When the reader is sent reminders, and what they watch."""
    current = NotificationSettings.of(actor(request))
    form, attempted = NotificationForm(current=current), Attempt()
    if request.method == "POST":
        form = NotificationForm(request.POST, current=current)
        attempted = attempt(
            form,
            lambda: actions.set_notifications(
                by=actor(request),
                expected_version=parse_int(request.POST.get("version", "")) or 0,
                values=form.values,
            ),
        )
        if attempted.is_done:
            messages.success(request, _("Notification settings saved."))
            return redirect("notifications")
    context = {
        "form": form,
        "version": current.version if current.pk else 0,
        "watched": watch_list(request.user),
        "has_address": bool(actor(request).email),
        "wants_mail": actor(request).wants_mail,
        "sent": newest_messages(request.user),
        "is_for_all": permissions.can_read_all_messages(request.user),
    }
    return render(request, "accounts/notifications.html", context, status=attempted.status)


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
        actions.unsubscribe(person=person)
    response = render(request, "accounts/unsubscribe.html", {"is_done": is_done})
    # The address is a secret: no page that a link leads to is told of it.
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@open_to(permissions.can_read_internally)
def watch_start(request: HttpRequest) -> HttpResponse:
    """Watch the item that the form names."""
    kind, key = _item(request)
    try:
        actions.watch(by=actor(request), kind=kind, key=key)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You watch this item. Changes come with your reminders."))
    return redirect(next_path(request) or "notifications")


@require_POST
@open_to(permissions.can_read_internally)
def watch_stop(request: HttpRequest) -> HttpResponse:
    """Watch the item that the form names no longer."""
    kind, key = _item(request)
    actions.stop_watching(by=actor(request), kind=kind, key=key)
    messages.success(request, _("You no longer watch this item."))
    return redirect(next_path(request) or "notifications")


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


def _item(request: HttpRequest) -> tuple[str, int]:
    kind, key = request.POST.get("kind", ""), parse_int(request.POST.get("key", ""))
    if kind not in KINDS or key is None:
        raise Http404
    return kind, key
