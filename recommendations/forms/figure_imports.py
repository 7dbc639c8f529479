"""Bringing figures in: the file, and what its reader cannot tell by itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.actions.figures import Choices
from recommendations.forms.fields import DayField, LineFormField
from recommendations.readers import Asked
from recommendations.readers.csv_table import ENCODINGS
from recommendations.readers.statistics import FORMATS, LARGEST_FILE

MEGABYTE = 1024 * 1024


class FiguresForm(forms.Form):
    """A file of figures of one indicator. All but the file may be left to the file itself."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV, XLSX or JSON as a statistical office publishes it, at most %(size)d MB; or your "
            "own with the columns area, period and value."
        )
        % {"size": LARGEST_FILE // MEGABYTE},
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.json"}),
        required=False,
    )
    source = LineFormField(
        label=_("Source"), max_length=300, help_text=_("Whose figures they are.")
    )
    vintage = DayField(
        label=_("Last updated by its source"), help_text=_("Where the file does not say.")
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[("", _("As the content tells")), *FORMATS.items()],
        required=False,
    )
    decimal = forms.ChoiceField(
        label=_("Decimal mark"),
        choices=[
            ("", _("As the content tells; what is not clear is rejected")),
            (".", _("Point: 1.7")),
            (",", _("Comma: 1,7")),
        ],
        required=False,
    )
    value_column = LineFormField(
        label=_("Column of the figures"), help_text=_("Where a table has several.")
    )
    series = LineFormField(
        label=_("Series"), help_text=_("The code of the indicator in a file that has several.")
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[("", _("UTF-8, or as the file marks it")), *((e, e) for e in ENCODINGS)],
        required=False,
    )
    sheet = LineFormField(label=_("Sheet"), max_length=31)
    is_leaving_out = forms.BooleanField(
        label=_("Leave out rows that cannot be read and places that are not known"), required=False
    )

    FOLDED = ("format", "decimal", "value_column", "series", "encoding", "sheet")

    def __init__(self, *args: Any, is_file_kept: bool = False, **kwargs: Any) -> None:
        """``is_file_kept``: the file came in before, and need not be sent again."""
        super().__init__(*args, **kwargs)
        self.is_file_kept = is_file_kept

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None and not self.is_file_kept:
            raise forms.ValidationError(_now("Choose a file."))
        if file is not None and (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(
                _now("The file has more than %d MB.") % (LARGEST_FILE // MEGABYTE)
            )
        return file

    @property
    def folded(self) -> list[Any]:
        """Fields that few files need."""
        return [self[name] for name in self.FOLDED]

    @property
    def is_folded_used(self) -> bool:
        return any(self[name].value() or self[name].errors for name in self.FOLDED)

    @property
    def asked(self) -> Asked:
        return Asked(self.cleaned_data["encoding"], self.cleaned_data["sheet"])

    def choices(self) -> Choices:
        given = self.cleaned_data
        return Choices(
            format=given["format"],
            decimal=given["decimal"],
            value_column=given["value_column"],
            series=given["series"],
            source=given["source"],
            vintage=given["vintage"],
            is_leaving_out=given["is_leaving_out"],
            asked=self.asked,
        )
