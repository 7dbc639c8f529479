"""The forms of responses and of actions under a recommendation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.actions.responses import ACTION_FIELDS
from recommendations.choices import ActionState, ResponsePosition
from recommendations.forms.fields import DayField, LineFormField, ProseFormField
from recommendations.models import Action, Addressee, Recommendation


class ResponseForm(forms.Form):
    """What one or many addressees say. The boxes stand in the list beside it."""

    addressees = forms.ModelMultipleChoiceField(
        Addressee.objects.none(),
        label=_("Addressees"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one addressee in the list."),
            "invalid_choice": _("One of them is not addressed by this recommendation."),
            "invalid_pk_value": _("One of them is not addressed by this recommendation."),
        },
    )
    position = forms.ChoiceField(
        label=_("What they say"),
        choices=[("", _("Choose")), *ResponsePosition.choices],
        error_messages={"required": _("Choose what they say.")},
    )
    since = DayField(
        label=_("Since"),
        help_text=_("The day of their answer; where none has come, the day they were asked."),
        required=True,
        error_messages={"required": _("Give the day.")},
    )
    due_on = DayField(
        label=_("Response due on"), help_text=_("Only where no response has come yet.")
    )
    part_accepted = ProseFormField(
        label=_("Part that is accepted"),
        rows=2,
        help_text=_("Only where it is accepted in part. Shown to the public."),
    )
    reason = ProseFormField(label=_("Reason"), rows=2, help_text=_("For people inside only."))

    def __init__(
        self, data: Mapping[str, Any] | None, *, recommendation: Recommendation, **kwargs: Any
    ) -> None:
        # The filter above the list has fields of the same names.
        super().__init__(data, auto_id="record_%s", **kwargs)
        addressees: Any = self.fields["addressees"]
        addressees.queryset = Addressee.objects.living().filter(recommendation=recommendation)

    def clean(self) -> dict[str, Any]:
        """Each position with what belongs to it, told at its own field."""
        cleaned = super().clean() or {}
        position = cleaned.get("position")
        is_in_part = position == ResponsePosition.ACCEPTED_IN_PART
        if is_in_part and not cleaned.get("part_accepted") and "part_accepted" not in self.errors:
            self.add_error("part_accepted", _("Name the part that is accepted."))
        if position and not is_in_part and cleaned.get("part_accepted"):
            self.add_error("part_accepted", _("Leave it empty unless it is accepted in part."))
        is_rejected = position == ResponsePosition.REJECTED
        if is_rejected and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Give the reason of a rejection."))
        if position and position != ResponsePosition.AWAITING and cleaned.get("due_on"):
            self.add_error("due_on", _("A response that has come is not due any more."))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What is said, without those who say it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "addressees"}


class ActionForm(forms.Form):
    """One step: what it is, whose it is, its days and where it stands."""

    title = LineFormField(
        label=_("What is to be done"),
        max_length=300,
        required=True,
        error_messages={"required": _("Say what is to be done.")},
    )
    is_named_in_source = forms.BooleanField(
        label=_("The source itself names this step"), required=False
    )
    owner = LineFormField(label=_("Who does it"))
    due_on = DayField(label=_("Due on"))
    state = forms.ChoiceField(
        label=_("Where it stands"), choices=ActionState.choices, widget=forms.RadioSelect
    )
    started_on = DayField(label=_("Started on"))
    done_on = DayField(label=_("Done on"))
    dropped_reason = ProseFormField(label=_("Why it was dropped"), rows=2)

    def __init__(
        self, data: Mapping[str, Any] | None, *, action: Action | None = None, **kwargs: Any
    ) -> None:
        """``action`` is the one to be changed, if it is not a new one."""
        shown = action or Action()
        super().__init__(
            data, initial={name: getattr(shown, name) for name in ACTION_FIELDS}, **kwargs
        )

    def clean(self) -> dict[str, Any]:
        """Each state with the day or the words that belong to it, told at their own field."""
        cleaned = super().clean() or {}
        state = cleaned.get("state")
        needs = {
            "started_on": (ActionState.IN_PROGRESS, _("Give the day on which it started.")),
            "done_on": (ActionState.DONE, _("Give the day on which it was done.")),
            "dropped_reason": (ActionState.DROPPED, _("Say why it was dropped.")),
        }
        for name, (needing, words) in needs.items():
            if state == needing and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, words)
        surplus = {
            "done_on": (ActionState.DONE, _("Leave it empty until it is done.")),
            "dropped_reason": (ActionState.DROPPED, _("Leave it empty unless it was dropped.")),
        }
        for name, (fitting, words) in surplus.items():
            if state and state != fitting and cleaned.get(name):
                self.add_error(name, words)
        return cleaned

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ACTION_FIELDS}
