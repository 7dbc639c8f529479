"""What is asked of a manager who sends, extends or closes a reporting round."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.forms.fields import DayField, LineFormField, ReasonField
from recommendations.forms.imports import KeptFileForm, TableFileField
from recommendations.permissions import Person
from recommendations.pickers import RowField
from recommendations.readers import LARGEST_FILE, ReadOptions


class ScopeForm(forms.Form):
    """Which recommendations a round is about, where the list chose none yet."""

    source = RowField(
        picker=pickers.SOURCES, label=_("Source"), required=False, empty_label=_("All sources")
    )
    lead = RowField(
        picker=pickers.LEADS,
        label=capfirst(_("lead organisation")),
        required=False,
        empty_label=_("All lead organisations"),
    )

    def __init__(self, data: Any, *, person: Person) -> None:
        super().__init__(data)
        for field in self.fields.values():
            if isinstance(field, RowField):
                field.offer(person)


class RoundForm(forms.Form):
    """The name of a round and its two days."""

    name = LineFormField(
        label=_("Name of the round"),
        max_length=120,
        required=True,
        error_messages={"required": _("Enter a name.")},
    )
    as_of = DayField(
        label=capfirst(_("status as of")),
        help_text=_("An update as of this date or later answers the request."),
        required=True,
    )
    reply_by = DayField(
        label=capfirst(_("reply by")),
        help_text=_("Later replies are marked as late."),
        required=True,
    )


class ExtensionForm(forms.Form):
    """Another day to reply by, and why; ``shown_day`` is the one that the page showed."""

    new_day = DayField(
        label=_("New date to reply by"),
        help_text=_("The original date stays on record. Target dates do not change."),
        required=True,
        error_messages={"required": _("Enter the new date.")},
    )
    reason = ReasonField()
    shown_day = forms.DateField(required=False, widget=forms.HiddenInput)


class CloseForm(forms.Form):
    """Nothing is asked: the count that the page showed is what binds it."""

    shown_in = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class ReturnForm(KeptFileForm):
    """The spreadsheet of a round that an organisation filled in."""

    file = TableFileField(
        largest=LARGEST_FILE,
        help_text=_("The spreadsheet of the round as XLSX, at most %(size)d MB."),
        required=False,
    )
    options = ReadOptions()
    encoding = sheet = None  # type: ignore[assignment]  # Not asked of such a file.
