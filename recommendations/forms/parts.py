"""The form of a part of a recommendation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import LineFormField, ProseFormField, labelled
from recommendations.models import Part

PART_FIELDS = ("label", "text", "position", "amendment_reason")


@labelled(Part)
class PartForm(forms.Form):
    """A part: a new one is the last, so it has no place to choose and nothing to remove."""

    label = LineFormField(
        max_length=12,
        required=True,
        help_text=_("A letter or a number, such as a or 1."),
        error_messages={"required": _("Enter the label.")},
    )
    text = ProseFormField(
        required=True,
        help_text=_("What this part asks for, in your own words. Shown to the public."),
        error_messages={"required": _("Enter the text of the part.")},
    )
    position = forms.IntegerField(min_value=1, max_value=1_000)
    amendment_reason = ProseFormField(
        label=_("Reason for the amendment"),
        rows=2,
        help_text=_("Required if the recommendation is or was published. Shown to the public."),
    )
    is_removed = forms.BooleanField(
        label=_("Remove this part"),
        help_text=_("The record keeps the part and the updates that completed it."),
        required=False,
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, part: Part | None = None, **kwargs: Any
    ) -> None:
        initial = {name: getattr(part, name) for name in PART_FIELDS} if part else {}
        super().__init__(data, initial=initial, **kwargs)
        if part is None:
            del self.fields["position"], self.fields["is_removed"]

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PART_FIELDS if name in self.fields}
