"""How often, and on which days, a person is sent reminders."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ReminderFrequency
from recommendations.models import NotificationSettings
from recommendations.models.watches import QUIET_DAYS


class NotificationForm(forms.Form):
    """Its ``values`` are those that the action takes."""

    frequency = forms.ChoiceField(
        label=_("Reminders by email"),
        choices=ReminderFrequency,
        widget=forms.RadioSelect,
    )
    quiet_days = forms.MultipleChoiceField(
        label=_("Quiet days"),
        help_text=_("What falls on a quiet day comes with the next message."),
        choices=[(name, WEEKDAYS[number]) for number, name in enumerate(QUIET_DAYS)],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, current: NotificationSettings, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quiet = [name for name in QUIET_DAYS if getattr(current, name)]
        self.initial = {"frequency": current.frequency, "quiet_days": quiet}

    @property
    def values(self) -> dict[str, Any]:
        quiet = self.cleaned_data["quiet_days"]
        return {
            "frequency": self.cleaned_data["frequency"],
            **{name: name in quiet for name in QUIET_DAYS},
        }
