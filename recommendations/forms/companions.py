"""The part of the form of an update that is recorded with its submission, beside the update."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import periods
from recommendations.actions.updates.companions import (
    Companion,
    CompletedAction,
    NewDate,
    NewValue,
)
from recommendations.actions.updates.entries import SentEntries
from recommendations.forms.fields import DayField, LineFormField, ProseFormField
from recommendations.forms.indicators import NumberFormField
from recommendations.models.fields import PROSE_LENGTH, validate_readable
from recommendations.queries.updates.companions import (
    Companions,
    MeasuredIndicator,
    OpenAction,
)

PREFIX = "with"


class CompanionsForm(forms.Form):
    """Completed actions, values of linked indicators, and another target date."""

    prefix = PREFIX

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        offered: Companions,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """``initial`` is what a draft holds of it, by the names of the fields."""
        self.offered = offered
        self._closed = {f"action_{row.pk}" for row in offered.actions if not row.is_open}
        super().__init__(data, initial=dict(initial or {}))
        for action in offered.actions:
            self._add_action(action)
        for indicator in offered.indicators:
            if indicator.area_id is not None:
                self._add_value(indicator)
        if offered.dates:
            self.fields["new_date"] = DayField(label=_("New target date"))
            self.fields["date_reason"] = ProseFormField(
                label=_("Reason for the change"), rows=2, help_text=_("Not shown to the public.")
            )
            self.fields["dates"] = forms.IntegerField(required=False)

    def _add_action(self, action: OpenAction) -> None:
        name = f"action_{action.pk}"
        self.fields[name] = forms.BooleanField(
            label=action.title,
            required=False,
            widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        )
        self.fields[f"{name}_on"] = DayField(label=_("Completed on"), initial=timezone.localdate)
        self.fields[f"{name}_version"] = forms.IntegerField(required=False)

    def _add_value(self, indicator: MeasuredIndicator) -> None:
        name = f"value_{indicator.pk}"
        field = NumberFormField if indicator.is_number else LineFormField
        self.fields[name] = field(label=_("New value"))
        self.fields[f"{name}_period"] = LineFormField(label=_("Period"), max_length=20)

    def clean(self) -> dict[str, Any]:
        """Each with what belongs to it, told at its own field."""
        cleaned = super().clean() or {}
        for name in [each for each in self.fields if f"{each}_on" in self.fields]:
            if name in self._closed and cleaned.get(name):
                self.add_error(name, gettext("This action is no longer open. Clear the selection."))
            if cleaned.get(name) and f"{name}_on" not in self.errors and not cleaned[f"{name}_on"]:
                self.add_error(f"{name}_on", gettext("Enter the completion date."))
        for name in [each for each in self.fields if f"{each}_period" in self.fields]:
            self._check_value(name, cleaned)
        if cleaned.get("new_date") and not cleaned.get("date_reason", "x"):
            self.add_error("date_reason", gettext("Enter the reason."))
        if cleaned.get("date_reason") and not cleaned.get("new_date", "x"):
            self.add_error("new_date", gettext("Enter the new date."))
        return cleaned

    def _check_value(self, name: str, cleaned: dict[str, Any]) -> None:
        has_value, period = cleaned.get(name) not in (None, ""), cleaned.get(f"{name}_period", "x")
        if has_value and not period:
            self.add_error(f"{name}_period", gettext("Enter the period of the value."))
        elif period and f"{name}_period" in cleaned:
            try:
                cleaned[f"{name}_period"] = periods.normalise(period)
            except ValueError as error:
                self.add_error(f"{name}_period", ValidationError(str(error), code="period"))
            if not has_value and name not in self.errors:
                self.add_error(name, gettext("Enter the value."))

    def companions(self) -> Iterator[Companion]:
        """What is to be recorded, once it was checked."""
        given = self.cleaned_data
        for action in self.offered.actions:
            name = f"action_{action.pk}"
            if given[name]:
                version = given[f"{name}_version"] or 0
                yield CompletedAction(name, action.pk, version, given[f"{name}_on"])
        for indicator in self.offered.indicators:
            name = f"value_{indicator.pk}"
            if indicator.area_id is not None and given[name] not in (None, ""):
                key = "value" if indicator.is_number else "text"
                yield NewValue(
                    name,
                    indicator.pk,
                    indicator.area_id,
                    given[f"{name}_period"],
                    {key: given[name]},
                )
        if given.get("new_date"):
            yield NewDate("new_date", given["new_date"], given["date_reason"], given["dates"] or 0)

    @property
    def action_rows(self) -> list[tuple[OpenAction, BoundField, BoundField]]:
        """Each action with its box and its day."""
        return [
            (row, self[f"action_{row.pk}"], self[f"action_{row.pk}_on"])
            for row in self.offered.actions
        ]

    @property
    def value_rows(self) -> list[tuple[MeasuredIndicator, BoundField | None, BoundField | None]]:
        """Each indicator with the fields of a new value, where its form has any."""
        return [
            (row, self[f"value_{row.pk}"], self[f"value_{row.pk}_period"])
            if row.area_id is not None
            else (row, None, None)
            for row in self.offered.indicators
        ]

    @property
    def is_date_open(self) -> bool:
        return self._holds("new_date", "date_reason")

    @property
    def is_values_open(self) -> bool:
        return self._holds(*(name for name in self.fields if name.startswith("value_")))

    def _holds(self, *names: str) -> bool:
        return any(self[name].value() or self[name].errors for name in names if name in self.fields)


def sent_companions(post: Mapping[str, Any]) -> dict[str, str]:
    """What was sent of it, by name; nothing where all of it was left as it was."""
    mine = {
        name: str(value) for name, value in post.items() if name.startswith(f"{PREFIX}-") and value
    }
    return mine if any(_is_said(name) for name in mine) else {}


def _is_said(name: str) -> bool:
    """Whether somebody gives this, and it is not what the form sends of itself."""
    name = name.removeprefix(f"{PREFIX}-")
    return not name.endswith(("_on", "_version")) and name not in ("dates", "number")


def kept_entries(post: Mapping[str, Any]) -> SentEntries | None:
    """What a draft is to keep of it; ``None`` where the form has no such fields."""
    if f"{PREFIX}-number" not in post:
        return None
    number = str(post[f"{PREFIX}-number"])
    given = {
        name.removeprefix(f"{PREFIX}-"): str(value)
        for name, value in post.items()
        if value and name.startswith(f"{PREFIX}-")
    }
    content = {name: text for name, text in given.items() if _is_kept(name, text, given)}
    return SentEntries(content, int(number) if _NUMBER.fullmatch(number) else 0)


_NUMBER = re.compile("[0-9]{1,9}")
_KEPT = re.compile("action_[0-9]{1,18}(_on)?|value_[0-9]{1,18}(_period)?|new_date|date_reason")


def _is_kept(name: str, text: str, given: Mapping[str, str]) -> bool:
    """Whether it can be kept, and is not what the form began with: the day of an open action."""
    if not _KEPT.fullmatch(name) or len(text) > PROSE_LENGTH:
        return False
    try:
        validate_readable(text)
    except ValidationError:
        return False
    return not name.endswith("_on") or name.removesuffix("_on") in given


def ticked_actions(sent: Mapping[str, str]) -> list[int]:
    """Ids of the actions that were ticked."""
    names = (name.removeprefix(f"{PREFIX}-action_") for name in sent)
    return [int(text) for text in names if text.isascii() and text.isdigit() and len(text) < 19]
