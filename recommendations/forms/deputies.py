"""Who stands in for whom, from when to when."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.forms.fields import DayField, LineFormField, labelled
from recommendations.models import Deputy, User
from recommendations.pickers import kinds
from recommendations.pickers.fields import RowField


@labelled(Deputy)
class DeputyForm(forms.Form):
    """Whose deputy it is is asked of who may name deputies of others."""

    person = RowField(
        picker=kinds.PEOPLE,
        label=_("Person who is away"),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose the person who is away.")},
    )
    deputy = RowField(
        picker=kinds.DEPUTIES,
        empty_label=_("Choose a person"),
        help_text=_("The deputy sees this work and does what their own role allows."),
        error_messages={"required": _("Choose the deputy.")},
    )
    starts_on = DayField(
        required=True,
        error_messages={"required": _("Enter the first day.")},
    )
    ends_on = DayField(
        required=True,
        error_messages={"required": _("Enter the last day.")},
    )
    reason = LineFormField(max_length=200)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        deputy: Any = self.fields["deputy"]
        deputy.offer(by)
        if permissions.can_hand_over_all(by):
            person: Any = self.fields["person"]
            person.offer(by)
        else:
            del self.fields["person"]

    @property
    def values(self) -> dict[str, Any]:
        """What the action takes; without a choice the person is whoever sends the form."""
        return {"person": self.by, **self.cleaned_data}
