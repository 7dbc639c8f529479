"""Moves as admin actions: through the same functions as the pages, each refusal a message.

They open no entry of their own: every function opens one, locks, and reads afresh.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from recommendations.actions.errors import ActionRefused

Act = Callable[[Any], Any]


def attempt_each(
    request: HttpRequest,
    things: Iterable[Any],
    act: Act,
    done: str,
    called: Callable[[Any], str] = str,
) -> None:
    """Make one move on each thing, and say of each how it went.

    ``done`` completes a sentence that begins with what the thing is ``called``.
    """
    for thing in things:
        name = called(thing)
        try:
            act(thing)
        except (ActionRefused, PermissionDenied, ValidationError) as refusal:
            words = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            messages.error(request, f"{name}: {' '.join(words)}")
        else:
            messages.success(request, f"{name}: {done}.")


def ask_confirmation(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    things: Iterable[Any],
    form: forms.Form,
    *,
    title: str,
    action: str,
    effect: str = "",
) -> HttpResponse:
    """The page between: what was chosen, what it does, and what else has to be said before."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "form": form,
        "things": list(things),
        "action": action,
        "effect": effect,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/move.html", context)


def answered(request: HttpRequest, form_class: type[forms.Form]) -> forms.Form:
    """The form of the page between: empty on the way in, with what was said on the way out."""
    return form_class(request.POST) if "answered" in request.POST else form_class()
