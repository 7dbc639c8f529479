"""Django's forms for one's own password, through the audited door."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm

from recommendations.actions import people


class _Recorded(SetPasswordForm):
    """In place of saving the whole person as they were read, which would undo other changes."""

    def set_password_and_save(
        self, user: Any, password_field_name: str = "", commit: bool = True
    ) -> Any:
        password = self.cleaned_data[password_field_name]
        stored = people.set_password(person=user, by=user, password=password)
        # The session goes on with the new password.
        user.password = stored.password
        return user


class RecordedPasswordChangeForm(_Recorded, PasswordChangeForm):
    """By whoever knows the old password."""


class RecordedSetPasswordForm(_Recorded):
    """By whoever followed the link that was mailed to them."""
