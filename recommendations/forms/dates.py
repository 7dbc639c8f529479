"""What is sent about a target date: the first one, a request for another, a decision."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import DayField, ProseFormField


class FirstDateForm(forms.Form):
    """The date by which it is to be done, and why that one."""

    new_date = DayField(
        label=_("Target date"),
        required=True,
        error_messages={"required": _("Enter the target date.")},
    )
    reason = ProseFormField(
        label=_("Reason for this date"),
        help_text=_("The agreement and its source. Not shown to the public."),
        required=True,
        rows=2,
        error_messages={"required": _("Enter the reason.")},
    )


class DateRequestForm(forms.Form):
    """Another date, or none, and why."""

    new_date = DayField(label=_("New date"))
    is_taken_away = forms.BooleanField(label=_("Remove the target date"), required=False)
    reason = ProseFormField(
        label=_("Reason for the change"),
        help_text=_("Kept whether the change is approved or rejected. Not shown to the public."),
        required=True,
        rows=2,
        error_messages={"required": _("Enter the reason.")},
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "new_date" in self.errors:
            return values
        if values.get("new_date") and values.get("is_taken_away"):
            self.add_error(
                "new_date", ValidationError(_("Enter a date or request its removal, not both."))
            )
        elif not values.get("new_date") and not values.get("is_taken_away"):
            self.add_error(
                "new_date", ValidationError(_("Enter the new date, or request its removal."))
            )
        return values


class DateDecisionForm(forms.Form):
    """The note on a decision about a date."""

    note = ProseFormField(
        label=_("Note"), help_text=_("Required to reject; optional to approve."), rows=2
    )
