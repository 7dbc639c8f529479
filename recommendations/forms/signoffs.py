"""What is asked of a manager who signs off a source or a recommendation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import DayField, ProseFormField


class DayForm(forms.Form):
    """The day whose status the page shows, and that is signed."""

    as_of = DayField(
        label=_("Status as of"),
        help_text=_("The page shows what is known now of this day."),
        required=True,
        error_messages={"required": _("Enter the date.")},
    )


class SignOffForm(forms.Form):
    """The day that was shown, and a remark."""

    as_of = forms.DateField(widget=forms.HiddenInput)
    remark = ProseFormField(
        label=_("Remark"),
        help_text=_("Optional. Shown inside the office beside the sign-off."),
        rows=3,
    )
