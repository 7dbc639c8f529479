"""Between which days the changes on record are shown."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import DayField

USUAL = timedelta(days=90)
"""How far back the page looks unless it is asked otherwise."""


class ChangesForm(forms.Form):
    """The days between which the page looks; the second one is today where none is given."""

    since = DayField(
        label=_("Changes since"),
        help_text=_("Shown is what was recorded after this day."),
        required=True,
        error_messages={"required": _("Enter the date.")},
    )
    until = DayField(
        label=_("Until"),
        help_text=_("Optional. The last day that is looked at."),
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
