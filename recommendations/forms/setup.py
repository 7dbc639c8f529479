"""Forms of the set-up: its people, and the source."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin, UsernameField
from django.contrib.auth.hashers import make_password
from django.forms.boundfield import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import pickers
from recommendations.choices import Role
from recommendations.forms.fields import LineFormField, RecordForm, labelled
from recommendations.models import Source, TrackerUses, User
from recommendations.pickers import RowField
from recommendations.queries.uses import USES

# ---- The forms of invitations: who is invited as what, and the account of whoever accepts

FIRST_ROLES = (Role.STAFF, Role.MANAGER, Role.STAFF)
"""What the rows of an empty form offer: somebody who reports, and somebody who approves."""


class InvitationsForm(forms.Form):
    """Several people, each with an address, a role and an organisation."""

    is_mailed = forms.BooleanField(
        label=gettext_lazy("Send the links by email"),
        help_text=gettext_lazy("You can also copy each link after this step."),
        required=False,
        initial=True,
    )

    def __init__(self, data: Mapping[str, Any] | None, *, person: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offered = cache(lambda: pickers.kept_options(person, [pickers.ORGANISATIONS])[0])
        for number, role in enumerate(FIRST_ROLES, 1):
            self.fields[f"email{number}"] = forms.EmailField(
                label=capfirst(_("email address")), required=False, max_length=254
            )
            self.fields[f"role{number}"] = forms.ChoiceField(
                label=capfirst(_("role")), choices=Role.choices, initial=role
            )
            organisation = self.fields[f"organisation{number}"] = RowField(
                picker=pickers.ORGANISATIONS,
                label=capfirst(_("organisation")),
                required=False,
                empty_label=gettext_lazy("No organisation"),
                initial=person.organisation_id,
            )
            organisation.offer(person, first=offered)
            self.fields[f"new_organisation{number}"] = LineFormField(label=_("New organisation"))

    def rows(self) -> Iterator[list[BoundField]]:
        """The fields of each person."""
        for number in range(1, len(FIRST_ROLES) + 1):
            names = ("email", "role", "organisation", "new_organisation")
            yield [self[f"{name}{number}"] for name in names]

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
        for number in range(1, len(FIRST_ROLES) + 1):
            named = given.get(f"new_organisation{number}")
            if named and given.get(f"organisation{number}"):
                told = _("Choose “No organisation” for a person of a new organisation.")
                self.add_error(f"new_organisation{number}", told)
        return given

    def values(self) -> dict[str, Any]:
        """Address, role and organisation of each person by the number of the row, and the rest."""
        people = self._rows(self.cleaned_data)
        return {"people": people, "is_mailed": self.cleaned_data["is_mailed"]}

    def _rows(self, given: Mapping[str, Any]) -> dict[int, tuple[str, str, Any]]:
        return {
            number: (
                given[f"email{number}"],
                given.get(f"role{number}", ""),
                given.get(f"new_organisation{number}") or given.get(f"organisation{number}"),
            )
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
        label1=capfirst(gettext_lazy("password")), label2=gettext_lazy("Password confirmation")
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


# ---- The form of a new source: what it cannot do without; the administration has the rest


@labelled(Source)
class SourceForm(RecordForm):
    """A title, and what the references of its recommendations begin with."""

    reference_prefix = LineFormField(
        max_length=20,
        required=True,
        help_text=gettext_lazy(
            "Two to six letters or digits, such as RBR: its recommendations become RBR-1, RBR-2. "
            "It cannot change once a reference is given."
        ),
        error_messages={"required": gettext_lazy("Enter the prefix of the references.")},
    )
    short_title = LineFormField(
        max_length=80, help_text=gettext_lazy("For lists. If empty, the title.")
    )

    class Meta(RecordForm.Meta):
        model = Source
        fields = ("title", "reference_prefix", "short_title", "publisher", "url")
        labels = {"url": gettext_lazy("Web address")}
        error_messages = {"title": {"required": gettext_lazy("Enter the title of the source.")}}

    def values(self) -> dict[str, Any]:
        """What the action takes; its short name for addresses is made there."""
        given = self.cleaned_data
        return {**given, "short_title": given["short_title"] or given["title"][:80].strip()}


# ---- Parts of the tracker


class WordTemplateForm(forms.Form):
    """A template, or that of the site in its place."""

    file = forms.FileField(label=capfirst(gettext_lazy("file")), required=False)
    is_stock = forms.BooleanField(label=gettext_lazy("Standard template"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("file")) == given["is_stock"]:
            self.add_error("file", _("Choose either a file or the standard template."))
        return given


class UsesForm(RecordForm):
    """The switches that a button sets; the others stay as they are."""

    class Meta(RecordForm.Meta):
        model = TrackerUses
        fields = tuple(USES)

    def __init__(self, data: Any = None, row: Any = None) -> None:
        super().__init__(data, row)
        for name in self.fields.keys() - (data or {}).keys():
            del self.fields[name]
