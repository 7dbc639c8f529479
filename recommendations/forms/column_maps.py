"""The form that maps the columns of a list, and the words in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.imports.spreadsheet.maps import ColumnMap, check_map, propose
from recommendations.choices import (
    Confidence,
    ImplementationStatus,
    Modality,
    Nature,
    ResponsePosition,
)
from recommendations.columns import Field
from recommendations.forms.explanations import explained
from recommendations.forms.fields import DayField, ReplacingField
from recommendations.readers.dates import DateOrder
from recommendations.readers.meanings import (
    KEPT_AS_HISTORY,
    MapError,
    StatusMeaning,
    confidence_of,
    meaning_of,
)
from recommendations.readers.tables import fold_text


class MapForm(forms.Form):
    """Which column is what, what foreign statuses mean, and what may be made along the way.

    A field for each column and two for each status of the file, so it is made anew for each file.
    """

    date_order = forms.ChoiceField(
        label=_("Date format of the file"),
        choices=[("", _("Not stated: numeric dates are rejected")), *DateOrder.choices],
        widget=forms.RadioSelect,
        required=False,
    )
    modality = forms.ChoiceField(
        label=_("Level of obligation for rows that state none"),
        choices=Modality.choices,
        help_text=explained(Modality),
    )
    nature = forms.ChoiceField(
        label=_("Nature for rows that state none"),
        choices=Nature.choices,
        help_text=explained(Nature),
    )
    takes_over = forms.BooleanField(
        label=_("Take over statuses as opening statuses"),
        required=False,
        help_text=_(
            "They are submitted as one batch, which another manager approves. Recommendations with "
            "an approved update take none. If not ticked, statuses become history only."
        ),
    )
    stated_on = DayField(
        label=_("Date of statuses without a date"),
        help_text=_("For the whole file. If empty, a status without a date becomes history only."),
    )
    is_creating_bodies = forms.BooleanField(label=_("Add unknown organisations"), required=False)
    is_leaving_out = forms.BooleanField(label=_("Skip rejected rows"), required=False)
    is_replacing = ReplacingField()

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        header: Sequence[str],
        words: Sequence[tuple[str, bool]],
        kept: ColumnMap | None,
        ratings: Sequence[str] = (),
        samples: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(data)
        self.header, self.words, self.ratings = list(header), list(words), list(ratings)
        proposed = dict(propose(header))
        if kept is not None and set(kept.columns) <= set(header):
            proposed = dict(kept.columns)
        choices = [("", _("Not imported")), *Field.choices]
        for index, name in enumerate(self.header):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=name,
                choices=choices,
                required=False,
                initial=proposed.get(name, ""),
                help_text=_examples((samples or {}).get(name, ())),
            )
        for index, (text, is_response) in enumerate(self.words):
            self._add_meaning(index, text, is_response, kept)
        for index, text in enumerate(self.ratings):
            known = kept.confidences.get(fold_text(text)) if kept else None
            self.fields[f"rating_{index}"] = forms.ChoiceField(
                label=_("“%s”: delivery confidence") % text,
                choices=[("", _("Not taken over")), *Confidence.choices],
                required=False,
                initial=known or confidence_of(text),
            )
        for name, default in (("date_order", ""), ("modality", "should"), ("nature", "time_bound")):
            self.fields[name].initial = getattr(kept, name) if kept else default

    def _add_meaning(
        self, index: int, text: str, is_response: bool, kept: ColumnMap | None
    ) -> None:
        known = kept.statuses.get(fold_text(text)) if kept else None
        meaning = known or meaning_of(text, is_response=is_response)
        for kind, label, codes, initial in (
            ("status", _("“%s”: status"), ImplementationStatus, meaning.status),
            ("response", _("“%s”: response"), ResponsePosition, meaning.position),
        ):
            self.fields[f"{kind}_{index}"] = forms.ChoiceField(
                label=label % text,
                choices=[*_unmapped(kind), *codes.choices],
                required=False,
                initial=initial,
            )

    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{index}"] for index in range(len(self.header))]

    def meaning_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        indexes = range(len(self.words))
        return [(self[f"status_{index}"], self[f"response_{index}"]) for index in indexes]

    def rating_fields(self) -> list[forms.BoundField]:
        return [self[f"rating_{index}"] for index in range(len(self.ratings))]

    def other_fields(self) -> list[forms.BoundField]:
        made = ("column_", "status_", "response_", "rating_")
        return [self[name] for name in self.fields if not name.startswith(made)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                check_map(self._column_map(cleaned))
            except MapError as error:
                raise forms.ValidationError(str(error)) from error
        if cleaned.get("takes_over"):
            self._require_meanings(cleaned)
        return cleaned

    def _require_meanings(self, cleaned: Mapping[str, Any]) -> None:
        """Ask for the meaning of each status: nothing that is taken over is guessed."""
        for index, (text, is_response) in enumerate(self.words):
            status, response = cleaned.get(f"status_{index}"), cleaned.get(f"response_{index}")
            if not (status or response or is_response):
                told = gettext("Choose the status that “%s” means, or keep the wording as history.")
                self.add_error(f"status_{index}", told % text)

    def spreadsheet_options(self) -> SpreadsheetOptions:
        """What was decided, for the action."""
        given = self.cleaned_data
        return SpreadsheetOptions(
            self._column_map(given),
            create_organisations=given["is_creating_bodies"],
            skip_rejected=given["is_leaving_out"],
            takes_over=given["takes_over"],
            stated_on=given["stated_on"],
            replaces_invalid=given["is_replacing"],
        )

    def _column_map(self, given: Mapping[str, Any]) -> ColumnMap:
        return ColumnMap(
            {
                name: Field(code)
                for index, name in enumerate(self.header)
                if (code := given.get(f"column_{index}"))
            },
            {
                fold_text(text): StatusMeaning(given[f"status_{index}"], given[f"response_{index}"])
                for index, (text, _is_response) in enumerate(self.words)
            },
            given["date_order"],
            given["modality"],
            given["nature"],
            {
                fold_text(text): given.get(f"rating_{index}", "")
                for index, text in enumerate(self.ratings)
            },
        )


def _examples(values: Sequence[str]) -> str:
    """A few values of a column, so that it is known by what it holds."""
    return gettext("Examples: %s") % " · ".join(values) if values else ""


def _unmapped(kind: str) -> list[tuple[str, str | Promise]]:
    """What may be chosen in place of a meaning."""
    if kind == "response":
        return [("", _("No mapping: keep the original wording"))]
    return [
        ("", _("Not mapped yet")),
        (KEPT_AS_HISTORY, _("No status: keep the original wording as history")),
    ]
