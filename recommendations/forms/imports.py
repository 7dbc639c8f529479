"""Forms of imports: the file, its columns, what it may do."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, ClassVar, cast

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.actions.imports.figures import MOST_CHOSEN, FigureOptions, Series
from recommendations.actions.imports.figures.plans import (
    COLUMNS,
    MOST_DIMENSIONS,
    OF_PERIODS,
    STATED,
)
from recommendations.actions.imports.pipeline import chosen_in
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.imports.spreadsheet.plans import (
    DEFAULTED,
    TEXTS,
    ColumnMap,
    KnownBy,
    check_map,
    propose,
)
from recommendations.choices import (
    AreaCodes,
    Confidence,
    Frequency,
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
    add_missing_errors,
    explained,
)
from recommendations.forms.indicators import NewIndicatorForm
from recommendations.models import Area, Source
from recommendations.models.fields import validate_past, validate_readable
from recommendations.permissions import Person
from recommendations.pickers import RowField
from recommendations.readers import LARGEST_FILE, ReadOptions
from recommendations.readers.meanings import (
    KEPT_AS_HISTORY,
    DateOrder,
    MapError,
    StatusMeaning,
)
from recommendations.readers.statistics import LARGEST_STATISTICS_FILE, statistics_formats
from recommendations.readers.statistics.reading import Use
from recommendations.readers.tables import fold_text
from recommendations.readers.text_tables import ENCODINGS, pasted_rows

DATE_ORDERS = [("", _("Not stated: numeric dates are rejected")), *DateOrder.choices]

# ---- The form that maps the columns of a list, and the words in them


class MapForm(forms.Form):
    """Which column is what, what foreign statuses mean, and what rows have that state none.

    A field for each column and two for each status of the file, so it is made anew for each file.
    """

    date_order = forms.ChoiceField(
        label=_("Date format of the file"),
        choices=DATE_ORDERS,
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
    known_by = forms.ChoiceField(
        label=_("A row is known by"), choices=KnownBy.choices, widget=forms.RadioSelect
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
    default_opened_on = DayField(label=_("Default date of issue"), validators=[validate_past])
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
        data: QueryDict | None,
        *,
        header: Sequence[str],
        words: Sequence[tuple[str, Field]],
        ratings: Sequence[str],
        proposed: ColumnMap,
        samples: Mapping[str, Sequence[str]],
    ) -> None:
        self.header, self.words, self.ratings = list(header), list(words), list(ratings)
        self.samples = samples
        fields, sent = dict(self._fields_of(proposed)), None
        if data is not None:
            # A column that was chosen in the same step brings words for which nothing was sent.
            sent = {name: field.initial for name, field in fields.items()} | data.dict()
        super().__init__(sent)
        self.fields |= fields
        for name in ("date_order", "modality", "nature", "known_by", "takes_over"):
            self.fields[name].initial = getattr(proposed, name)
        for code, text in proposed.defaults.items():
            self.fields[_default(code)].initial = text

    def _fields_of(self, proposed: ColumnMap) -> Iterator[tuple[str, forms.ChoiceField]]:
        def asked(label: Any, choices: Any, initial: Any, help_text: str = "") -> Any:
            how = {"required": False, "initial": initial, "help_text": help_text}
            return forms.ChoiceField(label=label, choices=choices, **how)

        columns = [("", _("Not imported")), *Field.choices]
        for index, name in enumerate(self.header):
            told = _examples(self.samples.get(name, ()))
            yield f"column_{index}", asked(name, columns, proposed.columns.get(name, ""), told)
        for index, (text, _field) in enumerate(self.words):
            meaning = proposed.statuses[fold_text(text)]
            for kind, label, codes, initial in (
                ("status", _("“%s”: status"), ImplementationStatus, meaning.status),
                ("response", _("“%s”: response"), ResponsePosition, meaning.position),
            ):
                choices = [*_unmapped(kind), *codes.choices]
                yield f"{kind}_{index}", asked(label % text, choices, initial)
        ratings = [("", _("Not taken over")), *Confidence.choices]
        for index, text in enumerate(self.ratings):
            label, initial = _("“%s”: delivery confidence"), proposed.confidences[fold_text(text)]
            yield f"rating_{index}", asked(label % text, ratings, initial)

    @property
    def sections(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """The fields of the map in parts, each with its name and whether one is to be chosen."""
        indexes = range(len(self.words))
        parts = {
            gettext("Map columns"): [f"column_{index}" for index in range(len(self.header))],
            gettext("Map statuses"): [
                *(f"{kind}_{n}" for n in indexes for kind in ("status", "response")),
                *("takes_over", "stated_on"),
            ],
            gettext("Map delivery confidence"): [f"rating_{n}" for n in range(len(self.ratings))],
            gettext("Defaults for new rows"): [
                *("nature", "modality", *map(_default, DEFAULTED), "is_creating_bodies")
            ],
            gettext("If a file is not read as it should be"): ["date_order", "known_by"],
        }
        asked = {
            gettext("Map statuses"): self._has_unmapped,
            gettext("Defaults for new rows"): self._lacks_people,
        }
        return [
            (told, [self[name] for name in names], asked.get(told, False))
            for told, names in parts.items()
            if names
        ]

    @property
    def _has_unmapped(self) -> bool:
        """Whether there is a word that has no meaning yet."""
        kinds = ("status", "response")
        return any(
            not any(self[f"{kind}_{n}"].value() for kind in kinds) for n in range(len(self.words))
        )

    @property
    def _lacks_people(self) -> bool:
        """Whether nothing says who is responsible for new rows."""
        told = [index for index, name in enumerate(self.header) if self.samples.get(name)]
        mapped = {self[f"column_{index}"].value() for index in told}
        people = {Field.LEAD, Field.LEAD_OFFICER, Field.REVIEWER} - mapped
        return any(not self[_default(code)].value() for code in people)

    @property
    def is_settled(self) -> bool:
        """Whether every column is known and no word has a meaning to be looked at."""
        columns = [self[f"column_{index}"].value() for index in range(len(self.header))]
        return all(columns) and not self.words and not self.ratings

    def accept(self) -> None:
        """Take what is proposed as what was sent."""
        self.data = {name: self[name].value() for name in self.fields}
        self.is_bound = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                check_map(self._column_map(cleaned))
            except MapError as error:
                raise forms.ValidationError(str(error)) from error
        return cleaned

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
                for index, (text, _field) in enumerate(self.words)
            },
            given["date_order"],
            given["modality"],
            given["nature"],
            {
                fold_text(text): given.get(f"rating_{index}", "")
                for index, text in enumerate(self.ratings)
            },
            {code: str(text) for code in DEFAULTED if (text := given.get(_default(code)))},
            given["known_by"],
            given["takes_over"],
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
    if not set(TEXTS) & set(propose(rows[first - 1]).values()):
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

TABLE_FILES = forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls,.json,.zip,.gz"})


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


class FileForm(forms.Form):
    """A form with fields for how a file is to be read, of which ``FOLDED`` are those that few
    files need."""

    encoding = forms.ChoiceField(
        label=_("Encoding"),
        choices=[("", _("UTF-8, or as marked in the file")), *((n, n) for n in ENCODINGS)],
        required=False,
    )
    sheet = LineFormField(label=_("Sheet"), max_length=200)
    FOLDED: ClassVar[tuple[str, ...]] = ("encoding", "sheet")

    @property
    def options(self) -> ReadOptions:
        return ReadOptions(self.cleaned_data["encoding"], self.cleaned_data["sheet"])

    @property
    def folded(self) -> list[Any]:
        return [self[name] for name in self.FOLDED]

    @property
    def is_folded_used(self) -> bool:
        return any(bound.value() or bound.errors for bound in self.folded)


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
            # Headings that rows came without stand above the first of them.
            return ReadOptions(header_row=self.pasted_head, first_row=min(self.pasted_head, 1))
        return ReadOptions(given["encoding"], given["sheet"], given["header_row"] or 0)


class ReadingForm(forms.Form):
    """Which sheet of a workbook is read, or in which encoding a text."""

    FIELDS = {"sheet": _("Sheet"), "encoding": _("Encoding")}

    def __init__(
        self, data: Mapping[str, Any] | None, *, name: str, ways: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(data)
        self.fields[name] = forms.ChoiceField(
            label=self.FIELDS[name],
            choices=ways,
            widget=forms.RadioSelect,
            initial=ways[0][0] if name == "encoding" else None,
        )


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
    is_leaving_out = forms.BooleanField(label=_("Skip rejected rows"), required=False)


LONGEST_NAME = 1000
"""Characters of a header, at most."""


class HeaderField(forms.ChoiceField):
    """A column by its header. Which there are is known once the file is read."""

    default_validators = [validate_readable, MaxLengthValidator(LONGEST_NAME)]

    def valid_value(self, value: str) -> bool:
        return True


class UnreadField(forms.MultipleChoiceField):
    """Columns that are not read, by their headers, as a choice of an import has them."""

    def valid_value(self, value: str) -> bool:
        return True

    def clean(self, value: Any) -> str:
        names = "|".join(super().clean(value))
        validate_readable(names)
        return names


class FiguresForm(KeptFileForm):
    """A file of figures of one indicator. All but the file may be left to the file itself."""

    file = TableFileField(
        largest=LARGEST_STATISTICS_FILE,
        help_text=_(
            "CSV, TSV, XLSX, XLS, JSON or ZIP as published by a statistical office, "
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
    area_column = HeaderField(label=_("Area column"), required=False)
    period_column = HeaderField(label=_("Period column"), required=False)
    value_column = HeaderField(label=_("Value column"), required=False)
    unread = UnreadField(label=Use.NOT_READ.label, required=False)
    period = LineFormField(
        label=capfirst(_("period")),
        max_length=40,
        help_text=_("Of all rows, where no column has any, such as 2018 or 2018-Q3."),
    )
    date_order = forms.ChoiceField(
        label=_("Date format of the file"),
        choices=DATE_ORDERS,
        required=False,
    )
    frequency = forms.ChoiceField(
        label=capfirst(_("frequency")),
        choices=[
            ("", _("As the format states")),
            *(each for each in Frequency.choices if each[0] != Frequency.IRREGULAR),
        ],
        required=False,
    )
    series = LineFormField(label=_("Series"))
    words = LineFormField(label=_("Search"))
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

    FOLDED: ClassVar[tuple[str, ...]] = (
        *("format", "decimal", "period", *OF_PERIODS, "encoding", "sheet"),
    )
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
            "series",
            *self.FOLDED,
            *self.OF_AREAS,
            *COLUMNS,
            "unread",
            *(name for name in self.fields if name.startswith(self.SLICE)),
        )
        return any(self.cleaned_data.get(name) for name in stated)

    def with_choices(self, options: FigureOptions) -> "FiguresForm":
        """The same form, as if these choices had been made in it."""
        data: Any = copy(self.data)
        data.pop("chosen", None)  # of another file
        for name in STATED:
            data[name] = getattr(options, name)
        data.setlist("unread", [*filter(None, options.unread.split("|"))])
        for name, code in options.slice:
            data[f"{self.SLICE}{name}"] = code
        return type(self)(data, is_file_kept=True, person=self.person)

    def figure_options(self) -> FigureOptions:
        """What was decided, for the action."""
        area = self.cleaned_data["area"]
        given = {**self.cleaned_data, "area": area.code if area else "", "slice": self.slice}
        return chosen_in(FigureOptions, given)

    def offer(self, headers: Iterable[str]) -> None:
        """Offer these headers for the columns that a person states."""
        choices = [("", _("Detect from the content")), *((name, name) for name in headers)]
        for name in COLUMNS:
            field: Any = self.fields[name]
            field.choices = choices

    @property
    def of_columns(self) -> list[Any]:
        """The fields of columns, once it is known which there are, or one is stated."""
        found: list[Any] = [self[name] for name in COLUMNS]
        for bound in found:
            if (value := bound.value()) and value not in dict(bound.field.choices):
                bound.field.choices = [*bound.field.choices, (value, value)]
        return found if any(bound.field.choices for bound in found) else []

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


MOST_TOLD = _("Choose at most %(most)d indicators at once.")


class TickedSeriesField(forms.MultipleChoiceField):
    """Series of a file that are ticked. Which there are is known once the file is read."""

    def valid_value(self, value: str) -> bool:
        return True

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > MOST_CHOSEN:
            raise forms.ValidationError(MOST_TOLD % {"most": MOST_CHOSEN})


class IndicatorsForm(FiguresForm):
    """A file of figures of whatever indicators it has, with what is said of those it adds."""

    series = None  # type: ignore[assignment]
    chosen = TickedSeriesField(label=capfirst(_("indicators")), required=False)

    def new_indicator(self, series: Series) -> NewIndicatorForm:
        """The form of an indicator that is added: as sent, else with what the file says."""
        new = self._sent(series.code)
        if new is None:
            said = {name: getattr(series.indicator, name) for name in NewIndicatorForm.base_fields}
            new = NewIndicatorForm(initial=said, prefix=_prefix(series.code))
        else:
            add_missing_errors(new, {name: why[0] for name, why in series.wrong.items()})
        new.missing = [str(new[name].label) for name in new.fields if name in series.wrong]
        return new

    def _sent(self, code: str) -> NewIndicatorForm | None:
        prefix = _prefix(code)
        is_sent = not self.cleaned_data["file"] and any(n.startswith(prefix) for n in self.data)
        return NewIndicatorForm(self.data, prefix=prefix) if is_sent else None

    def figure_options(self) -> FigureOptions:
        """With what was ticked of the file that was kept; of another one nothing is yet."""
        ticked = () if self.cleaned_data["file"] else self.cleaned_data["chosen"]
        sent = {code: self._sent(code) for code in ticked}
        said = {code: tuple(each.values().items()) if each else () for code, each in sent.items()}
        return replace(super().figure_options(), indicators=tuple(said.items()))


def _prefix(code: str) -> str:
    """Begins the names of the fields of an indicator; a code may have any character."""
    return f"new-{hashlib.sha256(code.encode()).hexdigest()[:8]}"
