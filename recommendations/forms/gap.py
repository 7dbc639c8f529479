"""What the page of the gap can be asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.vocabulary import RegionLevel

_CHOOSE_ONE = {"invalid_choice": _("Choose one of those in the list.")}


class GapForm(forms.Form):
    """All of it may be left empty: then the first indicator, all countries, the newest years.

    ``indicators`` and ``groups`` are code and name of what the reader may ask for.
    """

    indicator = forms.ChoiceField(label=_("Indicator"), required=False, error_messages=_CHOOSE_ONE)
    group = forms.ChoiceField(
        label=_("Among"),
        required=False,
        error_messages=_CHOOSE_ONE,
        help_text=_("Members count as of the last day of each period."),
    )
    level = forms.ChoiceField(
        label=_("By"), choices=RegionLevel.choices, required=False, error_messages=_CHOOSE_ONE
    )
    from_year = forms.IntegerField(
        label=_("From year"), required=False, min_value=1, max_value=9999
    )
    to_year = forms.IntegerField(label=_("To year"), required=False, min_value=1, max_value=9999)
    constant = forms.BooleanField(
        label=_("Only areas with a figure in every period"), required=False
    )

    def __init__(
        self,
        data: Any,
        *,
        indicators: list[tuple[str, str]],
        groups: list[tuple[str, str]],
    ) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["indicator"].choices = indicators
        fields["group"].choices = [("", _("All countries with figures")), *groups]

    @property
    def is_narrowed(self) -> bool:
        """Whether more is asked for than an indicator, or something is wrong with it."""
        return bool(self.errors) or any(
            self.data.get(name) for name in ("group", "level", "from_year", "to_year", "constant")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_year"), cleaned.get("to_year")
        if first is not None and last is not None and first > last:
            self.add_error("to_year", _("The last year is before the first."))
        return cleaned
