"""Django's pages for accounts, where they have to know more than Django does."""

from datetime import timedelta
from math import ceil
from typing import Any

from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from recommendations import permissions
from recommendations.authentication import forget_failures
from recommendations.views.access import landing


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
