"""Forms of imports: the file, its columns, what it may do."""

import csv
import io
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, cast

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.functional import Promise
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.imports.figures.plans import MOST_DIMENSIONS, STATED
from recommendations.actions.imports.pipeline import chosen_in
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.imports.spreadsheet.plans import (
    DEFAULTED,
    ColumnMap,
    check_map,
    propose,
)
from recommendations.choices import (
    AreaCodes,
    Confidence,
    ImplementationStatus,
    Modality,
    Nature,
    ResponsePosition,
)
from recommendations.columns import Field
from recommendations.forms.fields import (
    DayField,
    LineFormField,
    ProseFormField,
    ReplacingField,
    explained,
)
from recommendations.models import Area, Source
from recommendations.permissions import Person
from recommendations.pickers import RowField
from recommendations.readers import LARGEST_FILE, ReadOptions
from recommendations.readers.meanings import (
    KEPT_AS_HISTORY,
    DateOrder,
    MapError,
    StatusMeaning,
    confidence_of,
    meaning_of,
)
from recommendations.readers.statistics import LARGEST_STATISTICS_FILE, statistics_formats
from recommendations.readers.tables import fold_text
from recommendations.readers.text_tables import ENCODINGS, pasted_rows

# ---- The form that maps the columns of a list, and the words in them


class MapForm(forms.Form):
    """Which column is what, what foreign statuses mean, and what rows have that state none.

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
    by_title = forms.BooleanField(
        label=_("Rows have no number: know them by their titles"),
        required=False,
        help_text=_(
            "A row with the title of a recommendation of this source changes that one; others are "
            "new."
        ),
    )
    default_lead = LineFormField(
        label=_("Default lead organisation"),
        help_text=_("Its name or short name."),
    )
    default_lead_officer = LineFormField(
        label=_("Default lead officer"),
        help_text=_("A name, a username or an email address."),
    )
    default_reviewer = LineFormField(
        label=_("Default reviewer"),
        help_text=_("A manager: name, username or email address."),
    )
    default_target_date = DayField(
        label=_("Default target date"),
        help_text=_("Not for those that are continuous."),
    )
    default_interval_months = forms.IntegerField(
        label=_("Default reporting frequency (months)"),
        min_value=1,
        max_value=60,
        required=False,
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
        is_pasted: bool = False,
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
        is_numbered = {Field.EXTERNAL_ID, Field.REFERENCE} & set(proposed.values())
        self.fields["by_title"].initial = (
            not is_numbered if is_pasted else bool(kept and kept.by_title)
        )
        for code, text in (kept.defaults if kept else {}).items():
            self.fields[f"default_{code}"].initial = text

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

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of the map in parts, each with what it is of."""
        indexes = range(len(self.words))
        parts = {
            gettext("Map columns"): [f"column_{index}" for index in range(len(self.header))],
            gettext("Map statuses"): [f"{k}_{n}" for n in indexes for k in ("status", "response")],
            gettext("Map delivery confidence"): [f"rating_{n}" for n in range(len(self.ratings))],
            gettext("Defaults for new rows"): ["nature", "modality", *map(_default, DEFAULTED)],
        }
        return [(told, [self[name] for name in names]) for told, names in parts.items() if names]

    @property
    def others(self) -> list[forms.BoundField]:
        of_parts = {bound.name for _told, fields in self.sections for bound in fields}
        return [self[name] for name in self.fields if name not in of_parts]

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
        return chosen_in(SpreadsheetOptions, given, column_map=self._column_map(given))

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
            {code: str(text) for code in DEFAULTED if (text := given.get(_default(code)))},
            given["by_title"],
        )


def _default(code: Field) -> str:
    """The name of the field for what new rows have that state none."""
    return f"default_{code.value}"


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


# ---- Rows pasted from a spreadsheet: made a file with headings, and read as any other

PASTED = (
    *(Field.TITLE, Field.NATURE, Field.LEAD, Field.LEAD_OFFICER, Field.REVIEWER),
    *(Field.TARGET_DATE, Field.INTERVAL_MONTHS, Field.SUMMARY),
)
"""What the columns are of rows that come without their headings."""

PASTED_ORDER = format_lazy("{}" + ", {}" * (len(PASTED) - 1), *(field.label for field in PASTED))

TEXTS = {Field.TITLE, Field.QUOTED_TEXT, Field.SUMMARY}


def pasted_csv(text: str) -> tuple[str, int]:
    """The rows of a pasted text below headings, as CSV, and the row of the headings among them.

    That is 0 for rows that came without headings and were given some, so that all keep the numbers
    under which they were pasted. A first row in which one cell is the heading of a title or a text
    holds the headings. Empty where there is no row.
    """
    rows = list(pasted_rows(text))
    first = next((number for number, row in enumerate(rows, start=1) if any(row)), 0)
    if not first:
        return "", 0
    width = max(map(len, rows))
    if not TEXTS & set(propose(rows[first - 1]).values()):
        more = range(len(PASTED) + 1, width + 1)
        names = [str(field.label) for field in PASTED]
        rows.insert(0, [*names, *(gettext("Column %d") % number for number in more)])
        first, width = 0, max(width, len(PASTED))
    out = io.StringIO()
    lines = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    lines.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return out.getvalue(), first


# ---- Forms of imports: the file, and how it is to be read

MEGABYTE = 1024 * 1024

TABLE_FILES = forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.json"})


class TableFileField(forms.FileField):
    """A file of rows, of at most so many bytes."""

    widget = TABLE_FILES

    def __init__(self, *, largest: int, help_text: Promise, **kwargs: Any) -> None:
        self.largest = largest
        size = {"size": largest // MEGABYTE}
        super().__init__(label=capfirst(_("file")), help_text=help_text % size, **kwargs)

    def clean(self, data: object, initial: object = None) -> UploadedFile | None:
        file: UploadedFile | None = super().clean(data, initial)
        if file is not None and (file.size or 0) > self.largest:
            raise forms.ValidationError(
                gettext("The file has more than %d MB.") % (self.largest // MEGABYTE)
            )
        return file


class EncodingField(forms.ChoiceField):
    """The encoding of a file, where it is not UTF-8."""

    def __init__(self, **kwargs: Any) -> None:
        marked = ("", _("UTF-8, or as marked in the file"))
        choices = [marked, *((name, name) for name in ENCODINGS)]
        super().__init__(label=_("Encoding"), choices=choices, required=False, **kwargs)


class FileForm(forms.Form):
    """A form with fields for how a file is to be read."""

    FOLDED: ClassVar[tuple[str, ...]] = ("encoding", "sheet")
    """Fields that few files need."""

    @property
    def options(self) -> ReadOptions:
        return ReadOptions(self.cleaned_data["encoding"], self.cleaned_data["sheet"])

    @property
    def folded(self) -> list[Any]:
        return [self[name] for name in self.FOLDED]

    @property
    def is_folded_used(self) -> bool:
        return self._is_used(self.FOLDED)

    def _is_used(self, names: Sequence[str]) -> bool:
        return any(self[name].value() or self[name].errors for name in names)


class UploadForm(FileForm):
    """The file, or the rows pasted from a spreadsheet, and whose recommendations they are."""

    FOLDED = ("encoding", "sheet", "header_row")

    source = RowField(
        Source.objects.all(),
        picker=pickers.ALL_SOURCES,
        label=_("Source"),
        empty_label=_("Choose a source"),
        error_messages={"required": _("Choose a source")},
    )
    file = TableFileField(
        largest=LARGEST_FILE,
        help_text=_("XLSX, XLS, CSV or JSON, at most %(size)d MB. One row per recommendation."),
        required=False,
    )
    pasted = ProseFormField(
        label=_("Or rows pasted from a spreadsheet"),
        rows=4,
        strip=False,
        help_text=_(
            "One recommendation a line. Copy the row of the headings as well; without it the "
            "columns are: %(columns)s. Titles alone are enough."
        )
        % {"columns": PASTED_ORDER},
    )
    encoding = EncodingField(
        help_text=_("Only for CSV files that are not UTF-8."),
    )
    sheet = LineFormField(
        label=_("Sheet"),
        max_length=31,
        help_text=_("Only for workbooks. If there are several, you are asked for the one to read."),
    )
    header_row = forms.IntegerField(
        label=_("Row of the column headings"),
        required=False,
        min_value=1,
        max_value=200,
        help_text=_("If empty, the first row with several filled cells. Rows above are titles."),
    )

    pasted_head = 0
    """The row of the headings of what was pasted; 0 where it came without."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        has_file, has_rows = bool(given.get("file")), bool(given.get("pasted"))
        if has_file and has_rows:
            self.add_error("pasted", gettext("Choose a file or paste rows, not both."))
        elif not has_file and not has_rows and not self.errors:
            self.add_error("file", gettext("Choose a file, or paste rows below."))
        return given

    def clean_pasted(self) -> str:
        """The rows as CSV with headings; empty without any."""
        text, self.pasted_head = pasted_csv(self.cleaned_data["pasted"])
        return text

    @property
    def upload(self) -> UploadedFile:
        """What is to be read: a file."""
        given = self.cleaned_data
        if file := given["file"]:
            return cast(UploadedFile, file)
        return SimpleUploadedFile(gettext("pasted rows.csv"), given["pasted"].encode())

    @property
    def options(self) -> ReadOptions:
        given = self.cleaned_data
        if given["pasted"]:
            return ReadOptions(header_row=self.pasted_head)
        return ReadOptions(given["encoding"], given["sheet"], given["header_row"] or 0)


class SheetForm(forms.Form):
    """Which sheet of a workbook is read."""

    sheet = forms.ChoiceField(
        label=_("Sheet"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the sheet with the recommendations.")},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, titles: Sequence[str]) -> None:
        super().__init__(data)
        field: Any = self.fields["sheet"]
        field.choices = [(title, title) for title in titles]


class KeptFileForm(FileForm):
    """A form whose file may have come in before: its preview need not send it again."""

    def __init__(self, *args: Any, is_file_kept: bool = False, **kwargs: Any) -> None:
        """``is_file_kept``: the file came in before, and need not be sent again."""
        super().__init__(*args, **kwargs)
        self.is_file_kept = is_file_kept

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None and not self.is_file_kept:
            raise forms.ValidationError(gettext("Choose a file."))
        return file


class ReferenceForm(KeptFileForm):
    """A file of organisations, areas, other names of areas, or members of groups."""

    file = TableFileField(
        largest=LARGEST_FILE,
        help_text=_("CSV, XLSX, XLS or JSON, at most %(size)d MB."),
        required=False,
    )
    encoding = EncodingField()
    sheet = LineFormField(label=_("Sheet"), max_length=31)
    is_leaving_out = forms.BooleanField(label=_("Skip rejected rows"), required=False)


class FiguresForm(KeptFileForm):
    """A file of figures of one indicator. All but the file may be left to the file itself."""

    file = TableFileField(
        largest=LARGEST_STATISTICS_FILE,
        help_text=_(
            "CSV, TSV, XLSX, XLS or JSON as published by a statistical office, "
            "at most %(size)d MB. Your own file needs the columns area (names) or iso3 (codes), "
            "period and value."
        ),
        required=False,
    )
    source = LineFormField(
        label=_("Source"), max_length=300, help_text=_("The publisher of the data.")
    )
    vintage = DayField(
        label=capfirst(_("last updated by its source")),
        help_text=_("If the file does not state the date."),
    )
    format = forms.ChoiceField(
        label=capfirst(_("format")),
        choices=lambda: [("", _("Detect from the content")), *statistics_formats().items()],
        required=False,
    )
    decimal = forms.ChoiceField(
        label=_("Decimal mark"),
        choices=[
            ("", _("Detect from the content; unclear numbers are rejected")),
            (".", _("Point: 1.7")),
            (",", _("Comma: 1,7")),
        ],
        required=False,
    )
    value_column = LineFormField(
        label=_("Value column"), help_text=_("If the table has several value columns.")
    )
    series = LineFormField(
        label=_("Series"), help_text=_("The indicator code, if the file holds several indicators.")
    )
    encoding = EncodingField()
    sheet = LineFormField(label=_("Sheet"), max_length=31)
    area = RowField(
        Area.objects.all(),
        picker=pickers.FILE_AREAS,
        label=_("Area that the file is about"),
        empty_label=_("The file names each area"),
        help_text=_(
            "Of rows that name no area, and the country of which codes are parts. A national file "
            "is about its country."
        ),
        required=False,
    )
    codes_are = forms.ChoiceField(
        label=_("Codes of areas are"),
        choices=[("", _("As the format states")), *AreaCodes.choices],
        help_text=_("Only for codes whose list the format does not state."),
        required=False,
    )
    reason = LineFormField(
        label=_("Reason for importing it all the same"),
        max_length=300,
        help_text=_("It is recorded in the audit log."),
    )
    is_accepting_doubts = forms.BooleanField(
        label=_("I checked these values: import them"), required=False
    )
    is_leaving_out = forms.BooleanField(
        label=_("Skip unreadable rows and unknown areas"), required=False
    )
    is_replacing = ReplacingField()
    is_allowing_older = forms.BooleanField(
        label=_("Replace newer values with older ones"),
        help_text=_("If the recorded values are more recent than this file."),
        required=False,
    )

    FOLDED = ("format", "decimal", "value_column", "series", "encoding", "sheet")
    OF_AREAS = ("area", "codes_are")
    """Fields that the preview shows among the areas of the file, where it leaves something open."""
    SLICE = "slice-"
    """Begins the names of fields of dimensions, which differ from file to file."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        area: Any = self.fields["area"]
        area.offer(person)
        sent = [name for name in self.data if name.startswith(self.SLICE)]
        for name in sent[:MOST_DIMENSIONS]:
            label = name.removeprefix(self.SLICE)
            self.fields[name] = LineFormField(label=label, max_length=2000, required=False)

    @property
    def has_choices(self) -> bool:
        """Whether it was stated how to read the file."""
        stated = (
            *self.FOLDED,
            *self.OF_AREAS,
            *(name for name in self.fields if name.startswith(self.SLICE)),
        )
        return any(self.cleaned_data.get(name) for name in stated)

    def with_choices(self, options: FigureOptions) -> "FiguresForm":
        """The same form, as if these choices had been made in it."""
        data: Any = copy(self.data)
        for name in STATED:
            data[name] = getattr(options, name)
        for name, code in options.slice:
            data[f"{self.SLICE}{name}"] = code
        return FiguresForm(data, is_file_kept=True, person=self.person)

    def figure_options(self) -> FigureOptions:
        """What was decided, for the action."""
        area = self.cleaned_data["area"]
        given = {**self.cleaned_data, "area": area.code if area else "", "slice": self.slice}
        return chosen_in(FigureOptions, given)

    @property
    def is_of_areas_used(self) -> bool:
        return self._is_used(self.OF_AREAS)

    @property
    def of_areas(self) -> list[Any]:
        return [self[name] for name in self.OF_AREAS]

    @property
    def slice(self) -> tuple[tuple[str, str], ...]:
        """The part that is meant of each dimension of which one is."""
        chosen = {
            name.removeprefix(self.SLICE): code
            for name, code in self.cleaned_data.items()
            if name.startswith(self.SLICE) and code
        }
        return tuple(sorted(chosen.items()))
