"""Django's forms for passwords, with the action that records that one was set."""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.forms import (
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
)
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from recommendations.actions import people
from recommendations.actions.mail import resets
from recommendations.authentication import forget_failures, throttled_address
from recommendations.models import User


class _Recorded(SetPasswordForm):
    """In place of saving the whole person as they were read, which would undo other changes."""

    def set_password_and_save(
        self, user: User, password_field_name: str = "", commit: bool = True
    ) -> Any:
        password = self.cleaned_data[password_field_name]
        stored = people.set_password(person=user, by=user, password=password)
        # The session goes on with the new password.
        user.password = stored.password
        return user


class RecordedPasswordChangeForm(_Recorded, PasswordChangeForm):
    """By whoever knows the old password, which is tried as at the sign-in.

    Else it could be guessed without end in a browser that somebody left signed in.
    """

    def __init__(self, user: User, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        old: str = self.cleaned_data["old_password"]
        name = self.user.get_username()
        if authenticate(self.request, username=name, password=old) is None:
            wrong = "password_incorrect"
            raise ValidationError(self.error_messages[wrong], code=wrong)
        forget_failures(self.request, self.user)
        return old


class QueuedPasswordResetForm(PasswordResetForm):
    """By whoever forgot theirs. Whether anybody has the address is found out later."""

    def save(self, *args: Any, **options: Any) -> None:
        client = throttled_address(options["request"])
        resets.ask_for_reset(address=self.cleaned_data["email"], client=client)


class RecordedSetPasswordForm(_Recorded):
    """By whoever followed the link that was mailed to them."""
