"""The forms of responses and of actions under a recommendation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.actions.responses import position_problems, state_problems
from recommendations.choices import ResponsePosition
from recommendations.forms.fields import (
    RecordForm,
    TickedRowsField,
    explained,
    labelled,
)
from recommendations.models import Action, Addressee, Recommendation, Response


@labelled(Response)
class ResponseForm(RecordForm):
    """The response of one or many addressees. Their boxes are in the list beside it."""

    addressees = TickedRowsField(
        Addressee.objects.none(),
        label=capfirst(_("addressees")),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Select at least one addressee in the list."),
            **dict.fromkeys(
                ("invalid_choice", "invalid_pk_value"),
                _("The recommendation is not addressed to one of the selected addressees."),
            ),
        },
    )
    position = forms.ChoiceField(
        choices=[("", _("Choose")), *ResponsePosition.choices],
        help_text=explained(ResponsePosition),
        error_messages={"required": _("Choose a response.")},
    )

    class Meta(RecordForm.Meta):
        model = Response
        fields = ("position", "since", "due_on", "part_accepted", "reason")
        help_texts = {
            "since": _("The date of the response. If none was received, the date of the request."),
            "due_on": _("Only if no response was received yet."),
            "part_accepted": _("Only for a partial acceptance. Shown to the public."),
            "reason": _("Internal. Not shown to the public."),
        }
        widgets = dict.fromkeys(("part_accepted", "reason"), forms.Textarea({"rows": 2}))

    def __init__(self, data: Any, *, recommendation: Recommendation, **options: Any) -> None:
        # The filter above the list has fields of the same names.
        super().__init__(data, auto_id="record_%s", **options)
        addressees: Any = self.fields["addressees"]
        addressees.queryset = Addressee.objects.living().filter(recommendation=recommendation)

    def problems(self, values: Mapping[str, Any]) -> Mapping[str, str]:
        return position_problems(values)

    def values(self) -> dict[str, Any]:
        """The response, without the addressees."""
        return {name: value for name, value in super().values().items() if name != "addressees"}


class ActionForm(RecordForm):
    """One action: what it is, whose it is, its days and its state."""

    class Meta(RecordForm.Meta):
        model = Action
        fields = (
            *("title", "is_named_in_source", "owner", "due_on", "state"),
            *("started_on", "done_on", "dropped_reason"),
        )
        labels = {"title": _("Action to take"), "state": _("Status")}
        help_texts = {"dropped_reason": _("Only for a cancelled action.")}
        widgets = {"state": forms.RadioSelect, "dropped_reason": forms.Textarea({"rows": 2})}
        error_messages = {"title": {"required": _("Describe the action.")}}

    def problems(self, values: Mapping[str, Any]) -> Mapping[str, str]:
        return state_problems(values)
