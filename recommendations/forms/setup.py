"""Forms of the set-up: its people, the source, a grid of recommendations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin, UsernameField
from django.contrib.auth.hashers import make_password
from django.forms.boundfield import BoundField
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import pickers
from recommendations.choices import Nature, Role, code_of
from recommendations.forms.fields import (
    DayField,
    LineFormField,
    ProseFormField,
    explained,
    labelled,
)
from recommendations.models import Organisation, Source, User
from recommendations.models.fields import validate_readable
from recommendations.permissions import Person
from recommendations.pickers import RowField
from recommendations.queries.setup import DEFAULTED, MOST_ROWS, Cells, Column, People

# ---- The form of a grid of recommendations: defaults, a text to paste, and cells row by row

FIRST_ROWS = 5
"""Rows of an empty grid, and how many one button adds."""

LONGEST = 300
"""Characters of a cell; the columns that they go to may hold fewer."""

WITH_NAMES = (Column.LEAD, Column.OFFICER, Column.REVIEWER)
"""Columns of names, of which the page suggests those that there are."""


@dataclass(frozen=True, slots=True)
class GridLine:
    """One row of the grid."""

    number: int
    cells: Sequence[tuple[Column, BoundField]]


class GridForm(forms.Form):
    """A field for each cell, so it is made anew for each number of rows."""

    source = RowField(
        picker=pickers.ALL_SOURCES,
        label=gettext_lazy("Source"),
        empty_label=gettext_lazy("Choose a source"),
    )
    default_lead = LineFormField(
        label=Column.LEAD.label, max_length=LONGEST, help_text=explained("recommendation.lead")
    )
    default_lead_officer = LineFormField(
        label=Column.OFFICER.label,
        max_length=LONGEST,
        help_text=explained("recommendation.lead_officer"),
    )
    default_reviewer = LineFormField(
        label=Column.REVIEWER.label,
        max_length=LONGEST,
        help_text=explained("recommendation.reviewer"),
    )
    default_target_date = DayField(label=Column.TARGET_DATE.label)
    default_interval_months = forms.IntegerField(
        label=Column.INTERVAL.label,
        min_value=1,
        max_value=60,
        required=False,
        initial=6,
        help_text=explained("recommendation.interval_months"),
    )
    default_nature = forms.ChoiceField(
        label=Column.NATURE.label,
        choices=Nature.choices,
        required=False,
        help_text=explained(Nature),
    )
    reason = LineFormField(
        label=gettext_lazy("Reason for the first target dates"),
        required=True,
        initial=gettext_lazy("Planned when the recommendation was added."),
    )
    pasted = ProseFormField(
        label=gettext_lazy("Rows from a spreadsheet"),
        rows=4,
        help_text=gettext_lazy(
            "One recommendation a line: title, nature, lead organisation, lead officer, reviewer, "
            "first target date, reporting frequency, summary. Only the title is required. A first "
            "row with the names of the columns may change their order."
        ),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        person: Person,
        people: People,
        n_rows: int = FIRST_ROWS,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.n_rows, self.people = n_rows, people
        source: Any = self.fields["source"]
        source.offer(person)
        for column in WITH_NAMES:
            self.fields[f"default_{column}"].widget.attrs["list"] = f"names-{column}"
        for number in range(1, n_rows + 1):
            for column in Column:
                self.fields[f"{column}{number}"] = self._cell(number, column)

    def _cell(self, number: int, column: Column) -> forms.Field:
        label = _("Row %(number)d, %(column)s") % {"number": number, "column": column.label}
        attrs: dict[str, Any] = {"aria-label": label}
        default = str(self._shown_default(number, column)) if column in DEFAULTED else ""
        if column == Column.NATURE:
            choices = [("", default or str(Nature.TIME_BOUND.label)), *Nature.choices]
            attrs["class"] = "form-select"
            return forms.ChoiceField(
                label=label, choices=choices, required=False, widget=forms.Select(attrs=attrs)
            )
        attrs |= {"class": "form-control", "placeholder": default}
        if column in WITH_NAMES:
            attrs["list"] = f"names-{column}"
        return forms.CharField(
            label=label,
            max_length=2_000 if column == Column.SUMMARY else LONGEST,
            required=False,
            validators=[validate_readable],
            widget=forms.TextInput(attrs=attrs),
        )

    def default_text(self, column: str) -> str:
        """What the default of a column says, as a cell would."""
        name = f"default_{column}"
        text = str((self.data.get(name) if self.is_bound else self[name].initial) or "").strip()
        return str(dict(Nature.choices).get(text, text)) if column == Column.NATURE else text

    def _shown_default(self, number: int, column: str) -> str:
        """The default that an empty cell takes, as people read it."""
        text = self.default_text(column)
        if column != Column.TARGET_DATE:
            return text
        own = str(self.data.get(f"{Column.NATURE}{number}", "")) if self.is_bound else ""
        if code_of(own or self.default_text(Column.NATURE), Nature.choices) == Nature.CONTINUOUS:
            return ""
        try:
            day = parse_date(text)
        except ValueError:
            return ""
        return date_format(day) if day else ""

    def defaults(self) -> dict[str, str]:
        """The defaults as cells."""
        return {str(column): self.default_text(column) for column in DEFAULTED}

    def rows(self) -> list[dict[str, str]]:
        """The cells that were sent, row by row, the empty ones too."""
        return [
            {str(column): self.cleaned_data.get(f"{column}{number}", "") for column in Column}
            for number in range(1, self.n_rows + 1)
        ]

    def lines(self) -> Iterator[GridLine]:
        """The cells as the page draws them; what is wrong is marked."""
        for number in range(1, self.n_rows + 1):
            cells = [(column, self[f"{column}{number}"]) for column in Column]
            for _column, bound in cells:
                if bound.errors:
                    bound.field.widget.attrs["class"] += " is-invalid"
            yield GridLine(number, cells)

    def suggestions(self) -> list[tuple[str, list[str]]]:
        """What the cells of names suggest, by the id of the list."""
        return [(f"names-{column}", self.people.names(column)) for column in WITH_NAMES]


def sent_rows(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """The cells that a form sends, row by row, whatever they hold; at most so many rows."""
    text = str(data.get("rows", ""))
    n_rows = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else FIRST_ROWS
    return [
        {str(column): str(data.get(f"{column}{number}", "")).strip() for column in Column}
        for number in range(1, min(n_rows, MOST_ROWS) + 1)
    ]


def with_rows(data: Mapping[str, Any], rows: Sequence[Cells]) -> dict[str, Any]:
    """What a form sent, with these cells in place of its own and nothing left to paste."""
    cells = {
        f"{column}{number}": row.get(column, "")
        for number, row in enumerate(rows, 1)
        for column in Column
    }
    names = ("source", "source-words", "find", "reason", *(f"default_{name}" for name in DEFAULTED))
    kept = {name: data[name] for name in names if name in data}
    return {**kept, **cells}


# ---- The forms of invitations: who is invited as what, and the account of whoever accepts

FIRST_ROLES = (Role.STAFF, Role.MANAGER, Role.STAFF)
"""What the rows of an empty form offer: somebody who reports, and somebody who approves."""


class InvitationsForm(forms.Form):
    """Several people, each with an address, a role and an organisation."""

    new_organisation = LineFormField(
        label=gettext_lazy("New organisation"),
        help_text=gettext_lazy(
            "Its name. People above for whom you choose “No organisation” belong to it."
        ),
    )
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
                label=_("Email address, person %d") % number, required=False, max_length=254
            )
            self.fields[f"role{number}"] = forms.ChoiceField(
                label=_("Role, person %d") % number, choices=Role.choices, initial=role
            )
            organisation = self.fields[f"organisation{number}"] = RowField(
                picker=pickers.ORGANISATIONS,
                label=_("Organisation, person %d") % number,
                required=False,
                empty_label=gettext_lazy("No organisation"),
                initial=person.organisation_id,
            )
            organisation.offer(person, first=offered)

    def rows(self) -> Iterator[list[BoundField]]:
        """The fields of each person."""
        for number in range(1, len(FIRST_ROLES) + 1):
            yield [self[f"{name}{number}"] for name in ("email", "role", "organisation")]

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
        if given.get("new_organisation") and all(row[2] for row in self._rows(given).values()):
            told = _("Choose “No organisation” above for the people of the new organisation.")
            self.add_error("new_organisation", told)
        return given

    def people(self) -> dict[int, tuple[str, str, Organisation | None]]:
        """Address, role and organisation of each person, by the number of the row."""
        return self._rows(self.cleaned_data)

    def _rows(self, given: Mapping[str, Any]) -> dict[int, tuple[str, str, Organisation | None]]:
        return {
            number: (
                given[f"email{number}"],
                given.get(f"role{number}", ""),
                given.get(f"organisation{number}"),
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
class SourceForm(forms.Form):
    """A title, and what the references of its recommendations begin with."""

    title = LineFormField(
        max_length=300,
        required=True,
        error_messages={"required": gettext_lazy("Enter the title of the source.")},
    )
    reference_prefix = LineFormField(
        max_length=20,
        required=True,
        help_text=gettext_lazy(
            "Two to six letters, such as RBR: its recommendations become RBR-1, RBR-2. It cannot "
            "change once a reference is given."
        ),
        error_messages={"required": gettext_lazy("Enter the prefix of the references.")},
    )
    short_title = LineFormField(
        max_length=80, help_text=gettext_lazy("For lists. If empty, the title.")
    )
    publisher = LineFormField()
    url = forms.URLField(label=gettext_lazy("Web address"), required=False)

    def values(self) -> dict[str, Any]:
        """What the action takes; its short name for addresses is made there."""
        given = self.cleaned_data
        return {**given, "short_title": given["short_title"] or given["title"][:80].strip()}
