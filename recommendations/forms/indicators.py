"""Forms of indicators: one that a file adds, a value, the gap."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import periods, pickers
from recommendations.choices import MISSING_CODES, AreaKind, ObsStatus, RegionLevel
from recommendations.choices.statuses import CODE_CHOICES, status_columns
from recommendations.forms.fields import LineFormField, RecordForm, explained, labelled
from recommendations.models import Indicator, Observation
from recommendations.pickers import MOST_OPTIONS, ListSelect, ListSelectMultiple, RowField
from recommendations.queries.indicators.values import term_disagreement


class NewIndicatorForm(RecordForm):
    """An indicator that is added with the values of a file; what the file says is proposed."""

    class Meta(RecordForm.Meta):
        model = Indicator
        fields = (
            *("code", "title", "definition", "unit", "measure", "direction", "decimals"),
            *("source", "vocabulary_uri"),
        )
        widgets = {"measure": forms.RadioSelect}

    missing: Sequence[str] = ()
    """Labels of what is still to be written."""

    def values(self) -> dict[str, Any]:
        """What was written; empty where that is wrong."""
        wrong = self.errors
        return {name: "" if name in wrong else self.cleaned_data[name] for name in self.fields}


KEY = ("area", "period", "dimensions")
"""What a figure is known by; all other fields are what is said of it."""


@labelled(Observation)
class FigureForm(RecordForm):
    """One figure of an indicator for an area and a period."""

    area = RowField(
        picker=pickers.AREAS,
        empty_label=_("Choose an area"),
        error_messages={"required": _("Choose an area")},
    )
    period = LineFormField(
        max_length=20,
        required=True,
        help_text=_("For example 2024, 2024-S1, 2024-Q3, 2024-06, 2024-W05 or 2024-06-30."),
        error_messages={"required": _("Enter the period of the value.")},
    )
    obs_status = forms.ChoiceField(
        choices=CODE_CHOICES,
        initial=ObsStatus.NORMAL,
        help_text=explained(ObsStatus, _("Choose “Missing value” if no data exist.")),
    )
    is_disagreeing = forms.BooleanField(
        label=_("Record the value although the numbers disagree"), required=False
    )
    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    """Which one of this figure was read; the page of one says it beside the form."""

    class Meta(RecordForm.Meta):
        model = Observation
        fields = (
            *(*KEY, "value", "text", "obs_status", "is_lower_bound", "is_approximate"),
            *("is_derived", "is_assumed", "numerator", "denominator", "source", "comment"),
        )
        labels = {
            "value": capfirst(_("number")),
            "is_lower_bound": _("Lower bound (more than this value)"),
            "is_approximate": _("Approximate value"),
            "is_derived": _("Derived from other values"),
        }
        help_texts = {
            "dimensions": _("For example SEX=F|AGE=Y15T24. Leave empty for the total."),
            "value": _("All known digits, with a decimal point: 1234.50"),
            "text": _("If the value is not a number, for example “fewer than ten”."),
        }
        widgets = {"comment": forms.Textarea({"rows": 2})}

    def __init__(self, data: Any, *, indicator: Indicator, **options: Any) -> None:
        super().__init__(data, **options)
        self.indicator = indicator
        self.disagreement = ""
        """Why value, numerator and denominator cannot all be right; known once it is checked."""
        picking: Any = self.fields["area"]
        areas = pickers.areas_to_measure(indicator.pk)
        some = areas[: MOST_OPTIONS + 1]
        first = [(str(area.pk), area.code) for area in some]
        picking.offer_rows(areas, first=lambda: first, indicator=indicator.pk)
        if len(first) <= MOST_OPTIONS:
            picking.choices = _grouped(some, picking.empty_label)

    def clean_period(self) -> str:
        try:
            return periods.normalise(self.cleaned_data["period"])
        except ValueError as error:
            raise ValidationError(str(error), code="period") from error

    def clean_dimensions(self) -> str:
        """In the order and the letters in which every door keeps them."""
        parts = []
        for part in filter(None, self.cleaned_data["dimensions"].split("|")):
            name, sign, value = (piece.strip() for piece in part.partition("="))
            if not (name and sign and value):
                words = gettext("“%s” is not a dimension. Use the format SEX=F.")
                raise ValidationError(words % part[:40], code="dimensions")
            parts.append((name.upper().replace(" ", "_"), value))
        return "|".join(f"{name}={value}" for name, value in sorted(parts))

    def clean(self) -> dict[str, Any]:
        """A figure says something, or says that it is missing; never both."""
        cleaned = super().clean() or {}
        is_missing = cleaned.get("obs_status") in MISSING_CODES
        says = [n for n in ("value", "text") if cleaned.get(n) not in (None, "")]
        if is_missing and says:
            self.add_error(
                says[0], gettext("A missing value has no number. Leave this field empty.")
            )
        if not is_missing and not says and not {"value", "text"} & set(self.errors):
            self.add_error(
                "value", gettext("Enter a number or words, or choose the status “Missing value”.")
            )
        self._check_terms(cleaned)
        return cleaned

    def _check_terms(self, cleaned: Mapping[str, Any]) -> None:
        """A disagreement is told, and recorded only where the person says so."""
        self.disagreement = term_disagreement(
            self.indicator,
            cleaned.get("value"),
            cleaned.get("numerator"),
            cleaned.get("denominator"),
            is_lower_bound=bool(cleaned.get("is_lower_bound")),
            is_approximate=bool(cleaned.get("is_approximate")),
        )
        if self.disagreement and not cleaned.get("is_disagreeing"):
            words = gettext("%s Correct the value, or select below to record it unchanged.")
            self.add_error("value", words % self.disagreement)

    def values(self) -> dict[str, Any]:
        """What the figure is known by, and what is said of it."""
        stated = super().values()
        del stated["is_disagreeing"]
        return stated | status_columns(stated["obs_status"])


def _grouped(areas: Iterable[Any], empty: object) -> list[Any]:
    """Areas that have figures first, then countries, then what holds several."""
    choices = [
        (_group(area.kind, area.is_used), (area.pk, f"{area.shown_name} ({area.code})"))
        for area in areas
    ]
    named = (
        ("used", gettext("With data for this indicator")),
        ("country", gettext("Countries and territories")),
        ("other", gettext("Regions and groups")),
    )
    groups = [(name, [choice for of, choice in choices if of == code]) for code, name in named]
    return [("", empty), *((name, group) for name, group in groups if group)]


def _group(kind: str, is_used: bool) -> str:
    if is_used:
        return "used"
    return "country" if kind == AreaKind.COUNTRY else "other"


_CHOOSE_ONE = {"invalid_choice": _("Choose an option from the list.")}


class GapForm(forms.Form):
    """All of it may be left empty: then the first indicator, all countries, the newest years.

    ``indicators``, ``groups`` and ``countries`` are code and name of what may be asked for.
    """

    indicator = forms.ChoiceField(
        label=capfirst(_("indicator")),
        required=False,
        error_messages=_CHOOSE_ONE,
        widget=ListSelect(label=capfirst(_("indicator"))),
    )
    group = forms.ChoiceField(
        label=_("Scope"),
        required=False,
        error_messages=_CHOOSE_ONE,
        help_text=_("Membership is as of the last day of each period."),
        widget=ListSelect(label=_("Scope")),
    )
    country = forms.MultipleChoiceField(
        label=_("Only these countries"),
        required=False,
        error_messages=_CHOOSE_ONE,
        help_text=_("Leave empty for all. Hold Ctrl or Cmd to select several."),
        widget=ListSelectMultiple(attrs={"size": 5}, label=_("Only these countries")),
    )
    level = forms.ChoiceField(
        label=capfirst(_("by")),
        choices=RegionLevel.choices,
        required=False,
        error_messages=_CHOOSE_ONE,
    )
    from_year = forms.IntegerField(
        label=_("From year"), required=False, min_value=1, max_value=9999
    )
    to_year = forms.IntegerField(label=_("To year"), required=False, min_value=1, max_value=9999)
    constant = forms.BooleanField(label=_("Only areas with data in every period"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        indicators: list[tuple[str, str]],
        groups: list[tuple[str, str]],
        countries: list[tuple[str, str]],
    ) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        fields["indicator"].choices = indicators
        fields["group"].choices = [("", _("All countries with data")), *groups]
        fields["country"].choices = countries

    @property
    def is_narrowed(self) -> bool:
        """Whether more is asked for than an indicator, or something is wrong with it."""
        return bool(self.errors) or any(
            self.data.get(name)
            for name in (
                *("group", "group-words", "country", "country-words"),
                *("level", "from_year", "to_year", "constant"),
            )
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("from_year"), cleaned.get("to_year")
        if first is not None and last is not None and first > last:
            self.add_error("to_year", _("The last year is before the first."))
        return cleaned
