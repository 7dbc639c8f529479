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
        error_messages={"required": _("Give the date.")},
    )
    reason = ProseFormField(
        label=_("Why this date?"),
        help_text=_("What was agreed, and where. Not shown to the public."),
        required=True,
        rows=2,
        error_messages={"required": _("Give the reason.")},
    )


class DateRequestForm(forms.Form):
    """Another date, or none, and why."""

    new_date = DayField(label=_("New date"))
    is_taken_away = forms.BooleanField(label=_("There should be no date any more"), required=False)
    reason = ProseFormField(
        label=_("Why does it move?"),
        help_text=_("Kept whatever is decided. Not shown to the public."),
        required=True,
        rows=2,
        error_messages={"required": _("Give the reason.")},
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "new_date" in self.errors:
            return values
        if values.get("new_date") and values.get("is_taken_away"):
            self.add_error("new_date", ValidationError(_("Give a date or ask for none, not both.")))
        elif not values.get("new_date") and not values.get("is_taken_away"):
            self.add_error("new_date", ValidationError(_("Give the new date, or ask for none.")))
        return values


class DateDecisionForm(forms.Form):
    """The note on a decision about a date."""

    note = ProseFormField(
        label=_("Note"), help_text=_("Needed to reject it, welcome when you approve."), rows=2
    )
