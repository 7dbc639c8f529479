"""Forms of sign-offs, and of the time between which changes are shown."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import DayField, ProseFormField

# ---- What is asked of a manager who signs off a source or a recommendation


class DayForm(forms.Form):
    """The day whose status the page shows, and that is signed."""

    as_of = DayField(
        label=capfirst(_("status as of")),
        help_text=_("Based on what is known now."),
        required=True,
    )


class SignOffForm(forms.Form):
    """The day that was shown, and a remark."""

    as_of = forms.DateField(widget=forms.HiddenInput)
    remark = ProseFormField(
        label=capfirst(_("remark")),
        help_text=_("Optional. Shown inside the office beside the sign-off."),
        rows=3,
    )


# ---- Between which days the changes on record are shown

USUAL = timedelta(days=90)
"""How far back the page looks unless it is asked otherwise."""


class ChangesForm(forms.Form):
    """The days between which the page looks; the second one is today where none is given."""

    since = DayField(
        label=_("Changes since"),
        help_text=_("Shows changes recorded after this day."),
        required=True,
    )
    until = DayField(
        label=_("Until"),
        help_text=_("Optional. The last day included."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and since > timezone.localdate():
            self.add_error("since", _("The day must not be in the future."))
        elif since and until and until <= since:
            self.add_error("until", _("Enter a day after the first."))
        return found
