"""The forms of invitations: who is invited as what, and the account of whoever accepts."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin, UsernameField
from django.contrib.auth.hashers import make_password
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.choices import Role
from recommendations.forms.fields import LineFormField
from recommendations.models import User
from recommendations.pickers import kinds
from recommendations.pickers.fields import RowField

FIRST_ROLES = (Role.STAFF, Role.MANAGER, Role.STAFF)
"""What the rows of an empty form offer: somebody who reports, and somebody who approves."""


class InvitationsForm(forms.Form):
    """Several people of one organisation, each with an address and a role."""

    organisation = RowField(
        picker=kinds.ORGANISATIONS,
        label=gettext_lazy("Organisation"),
        required=False,
        empty_label=gettext_lazy("No organisation"),
    )
    new_organisation = LineFormField(
        label=gettext_lazy("Or a new organisation"),
        help_text=gettext_lazy("Its name; it is added to the list."),
    )
    is_mailed = forms.BooleanField(
        label=gettext_lazy("Send the links by email"),
        help_text=gettext_lazy("You can also copy each link after this step."),
        required=False,
        initial=True,
    )

    def __init__(self, data: Mapping[str, Any] | None, *, person: User, **kwargs: Any) -> None:
        super().__init__(data, initial={"organisation": person.organisation_id}, **kwargs)
        organisation: Any = self.fields["organisation"]
        organisation.offer(person)
        for number, role in enumerate(FIRST_ROLES, 1):
            self.fields[f"email{number}"] = forms.EmailField(
                label=_("Email address, person %d") % number, required=False, max_length=254
            )
            self.fields[f"role{number}"] = forms.ChoiceField(
                label=_("Role, person %d") % number, choices=Role.choices, initial=role
            )

    def rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        """The fields of each person."""
        for number in range(1, len(FIRST_ROLES) + 1):
            yield self[f"email{number}"], self[f"role{number}"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        seen: set[str] = set()
        for number in range(1, len(FIRST_ROLES) + 1):
            address = str(given.get(f"email{number}") or "").lower()
            if address in seen:
                self.add_error(f"email{number}", _("This address is entered twice."))
            seen |= {address} - {""}
        is_wrong = any(name.startswith("email") for name in self.errors)
        if not seen and not is_wrong:
            self.add_error("email1", _("Enter an email address for the invitation."))
        return given

    def people(self) -> dict[int, tuple[str, str]]:
        """Address and role of each person, by the number of the row."""
        given = self.cleaned_data
        return {
            number: (given[f"email{number}"], given[f"role{number}"])
            for number in range(1, len(FIRST_ROLES) + 1)
            if given.get(f"email{number}")
        }


class AcceptForm(SetPasswordMixin, forms.Form):
    """The account of whoever accepts an invitation."""

    first_name = LineFormField(
        label=gettext_lazy("First name"),
        max_length=150,
        required=True,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = LineFormField(
        label=gettext_lazy("Last name"),
        max_length=150,
        required=True,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    username = UsernameField(
        label=gettext_lazy("Username"),
        max_length=150,
        help_text=gettext_lazy("You sign in with it."),
    )
    password1, password2 = SetPasswordMixin.create_password_fields(
        label1=gettext_lazy("Password"), label2=gettext_lazy("Password confirmation")
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, email: str, username: str, **kwargs: Any
    ) -> None:
        super().__init__(data, initial={"username": username}, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        given = super().clean() or {}
        names = {name: given.get(name, "") for name in ("first_name", "last_name", "username")}
        self.validate_password_for_user(User(email=self.email, **names))
        return given

    def values(self) -> dict[str, Any]:
        """What is said of the person, and their password as it is stored."""
        given = self.cleaned_data
        names = {name: given[name] for name in ("first_name", "last_name", "username")}
        return {**names, "password": make_password(given["password1"])}
