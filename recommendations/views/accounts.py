"""Django's pages for accounts, where they have to know more than Django does."""

from typing import Any

from django.contrib.auth.views import PasswordResetConfirmView

from recommendations import permissions


class SetPasswordView(PasswordResetConfirmView):
    """Behind a mailed link, which is no way in for accounts of the demonstration."""

    def get_user(self, uidb64: str) -> Any:
        person: Any = super().get_user(uidb64)
        return None if person is None or permissions.is_shut_out(person) else person
