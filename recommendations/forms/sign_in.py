"""Django's sign-in forms, which say more of an account whose right password was given."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class SignInForm(AuthenticationForm):
    """The site's own."""

    def get_invalid_login_error(self) -> ValidationError:
        if getattr(self.request, "is_shut_out", False):
            told = _("This is a demonstration account. It cannot be used to sign in.")
            return ValidationError(told, code="demonstration")
        return super().get_invalid_login_error()


class AdminSignInForm(SignInForm, AdminAuthenticationForm):
    """The administration's, which lets in fewer people."""
