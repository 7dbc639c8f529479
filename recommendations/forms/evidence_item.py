"""What is said of an evidence item: mending it, a newer file, a check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.actions.evidence import SAID
from recommendations.actions.files import Received
from recommendations.forms.fields import DayField, LineFormField, ProseFormField
from recommendations.forms.files import FilesForm
from recommendations.models import Evidence
from recommendations.vocabulary import DatePrecision, EvidenceKind, Reliability, Visibility


class ItemForm(forms.Form):
    """The words about an item, as far as people mend them."""

    title = LineFormField(label=_("Title"), max_length=300, required=True)
    kind = forms.ChoiceField(label=_("Kind"), choices=EvidenceKind.choices)
    description = ProseFormField(label=_("What it says"), rows=2)
    url = forms.URLField(label=_("Address"), max_length=500, required=False, assume_scheme="https")
    citation = ProseFormField(label=_("Citation"), rows=2)
    publisher = LineFormField(label=_("Publisher"))
    effective_on = DayField(label=_("Its own date"))
    effective_precision = forms.ChoiceField(
        label=_("How exact is that date?"), choices=DatePrecision.choices
    )
    retrieved_on = DayField(label=_("Retrieved on"))
    expires_on = DayField(
        label=_("Expires on"), help_text=_("From the day after, it stands for nothing any more.")
    )
    visibility = forms.ChoiceField(label=_("Who may read it"), choices=Visibility.choices)

    def __init__(self, data: Mapping[str, Any] | None, *, item: Evidence) -> None:
        super().__init__(data, initial={name: getattr(item, name) for name in SAID})

    def values(self) -> dict[str, Any]:
        """What was sent, by field; what was not sent stays as it is."""
        return {name: self.cleaned_data[name] for name in SAID if name in self.data}


class NewerFileForm(FilesForm):
    """A newer file of an item, with what is new in it."""

    note = LineFormField(label=_("What is new in it"))

    def __init__(self, data: Mapping[str, Any] | None, files: Any = None, *, person: Any) -> None:
        super().__init__(data, files, person=person, most=1)
        self.fields["uploads"].label = _("The newer file")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.received and "uploads" not in self.errors:
            self.add_error("uploads", _now("Choose the newer file."))
        elif len(self.received) > 1:
            self.add_error("uploads", _now("An item has one file at a time: leave the others out."))
        return cleaned

    @property
    def file(self) -> Received:
        """The one file that came in."""
        return self.received[0]


class CheckForm(forms.Form):
    """What somebody found who looked an item up."""

    prefix = "check"

    reliability = forms.ChoiceField(
        label=_("How far can it be relied on?"),
        choices=[
            ("", _("Leave the judgement as it is")),
            *(pair for pair in Reliability.choices if pair[0] != Reliability.NOT_JUDGED),
        ],
        required=False,
    )
    note = ProseFormField(label=_("Note"), rows=2, help_text=_("For people inside only."))
