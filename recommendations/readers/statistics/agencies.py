"""Tables of agencies that write columns of their own. Each agency is a file: headers, roles, codes.

The files lie in ``fixtures/agencies``, and those of an office in the folder ``AGENCIES_FOLDER``;
``docs/import.md`` describes them. A file that is wrong is told, and is the format of nothing.
"""

import re
import tomllib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language, gettext, gettext_noop

from recommendations.characters import INVALID, parse_int
from recommendations.choices import MISSING_CODES, ObsStatus
from recommendations.choices.statuses import CODES
from recommendations.readers.statistics.areas import AreaCodeList, AreaReference
from recommendations.readers.statistics.cells import (
    DECIMAL_MARKS,
    FigureError,
    cell_text,
    is_missing_mark,
    read_sdmx_status,
)
from recommendations.readers.statistics.header_words import headed_periods
from recommendations.readers.statistics.reading import (
    Cells,
    Layout,
    ParseOptions,
    RawFigure,
    RowReader,
    StatisticsFormat,
    Use,
    with_values,
)
from recommendations.readers.tables import TableError, fold_text, locate

Text = str | Promise
_NO_LIST = AreaCodeList.NOT_STATED

# ---- What a file says of an agency, and how its tables are read by that

M49_DIGITS = 3
"""A longer number beside such codes is one of the agency, for a group: 0000 is UNCTAD's world."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code of an agency stands for: a code of CL_OBS_STATUS, words, or both.

    ``{code}`` in the words is the code itself.
    """

    status: str
    words: Text


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension that is no single column without a role: the first filled of ``codes`` has it.

    It has the name that stands in the column ``named_by``, else ``name``.
    """

    name: str
    codes: tuple[str, ...]
    named_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency, as its file describes it. Headers are folded, codes in capitals.

    ``signs`` are headers that must all be there, one set or another. ``ignored`` are not read, nor
    are a name beside its code (``sex``, ``sex.label``) and ``companions``: how headers end that
    belong to one column of values. With these, every column that has such a one holds values.
    """

    code: str
    label: Text
    signs: tuple[frozenset[str], ...]
    roles: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, Mapping[str, Meaning]]
    dimensions: tuple[Dimension, ...]
    areas: AreaCodeList
    ignored: frozenset[str]
    other_columns: str
    companions: tuple[str, ...]
    missing: frozenset[str]
    decimal: str
    is_single_precision: bool

    def as_format(self) -> StatisticsFormat:
        return StatisticsFormat(
            self.code,
            self.label,
            self._found,
            self._read,
            self.missing,
            decimal=self.decimal,
            is_single_precision=self.is_single_precision,
        )

    def _found(self, header: Sequence[str]) -> tuple[str, ...]:
        known = {fold_text(name) for name in header}
        for signs in self.signs:
            if signs <= known:
                found = tuple(name for name in header if fold_text(name) in signs)
                if "period" in self.roles and not known.isdisjoint(self.roles["period"]):
                    return found
                return next(((*found, header[at]) for at in headed_periods(header)), ())
        return ()

    def _read(
        self, header: Sequence[str], options: ParseOptions
    ) -> tuple[RowReader, Sequence[Use]]:
        ignored = self._not_read(header)
        if self.companions or self.other_columns == "values":
            options = with_values(options, self._values(header, ignored))
        chosen = options.value_column
        layout = Layout(header, self.roles, options, ignored | options.ignored)
        layout.require_area(*(role for role in AREA_ROLES if role in self.roles))
        if not layout.periods and "period" not in self.roles:
            raise TableError(gettext("The file has no column with a year as header."))
        if not layout.periods:
            layout.require("period")
            layout.require_any("value", names=(chosen,) if chosen else ())
        dimensions = self._dimensions(layout)
        uses = layout.uses()
        for _dimension, columns, named_by in dimensions:
            for column in (*columns, *named_by):
                uses[column] = Use.DIMENSION if uses[column] is Use.NOT_READ else uses[column]

        def read(cells: Cells) -> Iterator[RawFigure]:
            status, words = self._status(layout, cells)
            more = tuple(_codes_of(dimensions, cells))
            for raw in layout.raw_figures(cells, self._area(layout, cells)):
                raw.status = status
                raw.comment = "; ".join(filter(None, (raw.comment, words)))
                raw.indicator = raw.indicator or chosen
                raw.dimensions = (*raw.dimensions, *more)
                _complete(raw, layout, cells)
                yield raw

        return read, uses

    def _values(self, header: Sequence[str], ignored: frozenset[str]) -> tuple[str, ...]:
        """The columns of values: each has companions, or each has no role."""
        if not self.companions:
            rest = Layout(header, self.roles, None, ignored).rest
            return tuple(header[column] for column in rest)
        known = [fold_text(name) for name in header]
        stems = {
            name.removesuffix(end)
            for name in known
            for end in self.companions
            if name.endswith(end)
        }
        return tuple(name for name in header if fold_text(name).removesuffix(" value") in stems)

    def _not_read(self, header: Sequence[str]) -> frozenset[str]:
        known = {fold_text(name) for name in header}
        beside = {name for name in known if self.companions and name.endswith(self.companions)}
        return self.ignored | beside

    def _dimensions(self, layout: Layout) -> list[tuple[Dimension, list[int], list[int]]]:
        """Each dimension with the columns of its codes and that of its name, if it is there."""
        places = {fold_text(name): column for column, name in enumerate(layout.header)}
        found = [
            (
                each,
                [places[name] for name in each.codes if name in places],
                [places[name] for name in each.named_by if name in places],
            )
            for each in self.dimensions
        ]
        read = {column for _each, codes, named_by in found for column in (*codes, *named_by)}
        rest = () if self.other_columns == "ignored" else layout.rest
        layout.rest = [column for column in rest if column not in read]
        return found

    def _area(self, layout: Layout, cells: Cells) -> AreaReference:
        code = layout.text(cells, "area_code").removeprefix("'")
        name = layout.text(cells, "area_name")
        if self.areas is AreaCodeList.M49 and len(code) > M49_DIGITS:
            return AreaReference(code, name, AreaCodeList.OWN, is_aggregate=True)
        has_codes = self.areas is AreaCodeList.OWID and layout.has("area_code")
        return AreaReference.of(code, name, self.areas if code or has_codes else _NO_LIST)

    def _status(self, layout: Layout, cells: Cells) -> tuple[str, str]:
        """The code of CL_OBS_STATUS that a row states, and what it says beyond it.

        A reason why there is no value is no status of one that there is; then it is kept in words.
        """
        status, words = self._meaning("status", layout.text(cells, "status"))
        if not status:
            words = layout.text(cells, "status_words") or words
        written = layout.text(cells, "reason")
        code, reason = self._meaning("reason", written)
        value = layout.text(cells, "value") if code in MISSING_CODES else ""
        if value and not is_missing_mark(value, self.missing):
            code, reason = "", written
        implied, nature = self._meaning("nature", layout.text(cells, "nature"))
        if status in ("", ObsStatus.NORMAL):
            status = implied or status
        return code or status, "; ".join(filter(None, (words, reason, nature)))

    def _meaning(self, role: str, text: str) -> tuple[str, str]:
        """The code that a text of a role stands for, and words for what that does not say."""
        code = text.upper()
        if role not in self.codes:
            with suppress(FigureError):
                return read_sdmx_status(text)
            return "", text
        meanings = self.codes[role]
        found = meanings.get(code) or next(
            (each for end, each in meanings.items() if end[:1] == "*" and code.endswith(end[1:])),
            None,
        )
        if found is None or not text:
            return "", text
        return found.status, str(found.words).replace("{code}", text)


def _codes_of(
    dimensions: Iterable[tuple[Dimension, list[int], list[int]]], cells: Cells
) -> Iterator[tuple[str, str]]:
    for each, columns, named_by in dimensions:
        if code := next(filter(None, (cell_text(cells[column]) for column in columns)), ""):
            yield next(filter(None, (cell_text(cells[at]) for at in named_by)), each.name), code


def _complete(raw: RawFigure, layout: Layout, cells: Cells) -> None:
    """What further columns say of a figure.

    What is shown is the text of what is no number at all, such as “Yes”, and tells a range.
    A prefix makes a limit, a scale belongs to the unit, and years after a stated one are estimates.
    """
    if layout.has("shown") or layout.has("prefix"):
        number, shown = cell_text(raw.value), layout.text(cells, "shown")
        if not number:
            raw.text = shown or raw.text
        elif prefix := layout.text(cells, "prefix"):
            raw.value = f"{prefix}{number}"
        if number and "[" in shown:
            raw.comment = "; ".join(filter(None, (raw.comment, shown)))
    scale, last = layout.text(cells, "scale"), layout.text(cells, "estimates_after")
    if scale and scale.casefold() != "units":
        raw.unit = f"{raw.unit} ({scale})".strip()
    year, last_year = parse_int(str(raw.period)), parse_int(last)
    if year and last_year and year > last_year and cell_text(raw.value):
        raw.status = ObsStatus.ESTIMATED


# ---- The files

AREA_ROLES = ("area_code", "area_name")
CODED_ROLES = ("status", "reason", "nature")
"""Roles of which a file may list the codes."""

ROLES = (
    *(*AREA_ROLES, "period", "value", "text", "prefix", "shown", "numerator", "denominator"),
    *(*CODED_ROLES, "status_words", "estimates_after", "comment", "source", "indicator", "title"),
    *("unit", "scale", "multiplier"),
)
KEYS = (
    *("label", "recognised_by", "areas", "roles", "codes", "dimensions", "ignored"),
    *("other_columns", "companions", "missing", "decimal", "single_precision"),
)
_NAME = re.compile(r"[a-z0-9_]{1,20}")
"""A format as an import keeps it."""


class AgencyError(Exception):
    """A file of an agency is wrong; ``str`` of it names file and key, and says what to do."""


def read_agencies(taken: Iterable[str]) -> tuple[tuple[StatisticsFormat, ...], tuple[str, ...]]:
    """The formats of all agencies, those with most signs first, and what is wrong with the others.

    A file of the office takes the place of ours of the same name; none may have a name that is
    ``taken``. A file that was changed is read anew.
    """
    files: dict[str, tuple[Path, int, int]] = {}
    faults = []
    for folder in (str(settings.BASE_DIR / "fixtures/agencies"), settings.AGENCIES_FOLDER):
        try:
            for path in sorted(Path(folder).iterdir()) if folder else ():
                if path.suffix == ".toml":
                    stat = path.stat()
                    files[path.name] = path, stat.st_mtime_ns, stat.st_size
        except OSError as error:
            words = gettext(
                "AGENCIES_FOLDER cannot be read (%s). Correct the setting or the folder."
            )
            faults.append(words % type(error).__name__)
    formats, others = _read_files(tuple(files.values()), frozenset(taken), get_language())
    return formats, (*faults, *others)


@lru_cache(maxsize=16)
def _read_files(
    files: Sequence[tuple[Path, int, int]], taken: frozenset[str], language: str | None
) -> tuple[tuple[StatisticsFormat, ...], tuple[str, ...]]:
    """Formats and faults of these files; faults are in the language."""
    found: list[Agency] = []
    faults = []
    for path, _changed_at, _size in files:
        try:
            agency = _read_file(path, taken)
            for other in found:
                _require(
                    set(agency.signs).isdisjoint(other.signs),
                    gettext(
                        "“recognised_by” has the headers of %(other)s.toml. Add a header that only "
                        "one of them has, or name this file as the other to replace it."
                    ),
                    other=other.code,
                )
            found.append(agency)
        except AgencyError as error:
            faults.append(locate(path.name[:80], str(error)))
    found.sort(key=lambda agency: (-max(map(len, agency.signs)), agency.code))
    return tuple(agency.as_format() for agency in found), tuple(faults)


def _read_file(path: Path, taken: Container[str]) -> Agency:
    """The agency of a file; ``AgencyError`` where it is wrong."""
    _require(
        _NAME.fullmatch(path.stem) is not None and path.stem not in taken,
        gettext(
            "Name the file with up to 20 small letters, digits and “_”, such as my_office.toml, "
            "and not as another format."
        ),
    )
    try:
        return _agency(path.stem, tomllib.loads(path.read_bytes().decode()))
    except OSError as error:
        words = gettext("The file cannot be read: %s")
        raise AgencyError(words % type(error).__name__) from error
    except (ValueError, RecursionError) as error:
        words = gettext("The file is not valid TOML: %s. Correct it.")
        raise AgencyError(words % str(error)[:200]) from error


def _agency(code: str, data: object) -> Agency:
    keys = _table(data, "", KEYS, ("label", "recognised_by", "roles"))
    table = _table(keys["roles"], "roles", ROLES)
    roles = {role: _headers(names, f"roles.{role}") for role, names in table.items()}
    ignored = _headers(keys.get("ignored", []), "ignored")
    _refuse_twice({**{f"roles.{role}": names for role, names in roles.items()}, "ignored": ignored})
    others = _one_of(keys.get("other_columns", ""), "other_columns", ("", "ignored", "values"))
    ends = tuple(f" {end}" for end in _headers(keys.get("companions", []), "companions"))
    _require(
        not roles.keys().isdisjoint(AREA_ROLES)
        and ("period" in roles) == ("value" in roles or bool(ends) or others == "values"),
        gettext(
            "“roles” needs “area_code” or “area_name”, and “period” and “value” or, where years "
            "are columns, neither of them. Add what is missing."
        ),
    )
    signs = keys["recognised_by"]
    _require(
        isinstance(signs, list) and bool(signs) and all(isinstance(each, list) for each in signs),
        gettext(_WRONG),
        key="recognised_by",
        example='[["Area", "Year"]]',
    )
    listed = _table(keys.get("codes", {}), "codes", CODED_ROLES)
    for role in listed:
        words = gettext("“codes.%(role)s” is of no column. Add “roles.%(role)s”, or remove it.")
        _require(role in roles, words, role=role)
    missing = _texts(keys.get("missing", ["NaN"]), "missing")
    return Agency(
        code,
        _text(keys["label"], "label"),
        tuple(frozenset(_headers(names, "recognised_by")) for names in signs),
        roles,
        {role: _meanings(codes, f"codes.{role}") for role, codes in listed.items()},
        _dimensions(keys.get("dimensions", [])),
        AreaCodeList(_one_of(keys.get("areas", ""), "areas", list(AreaCodeList))),
        frozenset(ignored),
        others,
        ends,
        frozenset(text.casefold() for text in missing),
        _one_of(keys.get("decimal", ""), "decimal", ("", *DECIMAL_MARKS)),
        _one_of(str(keys.get("single_precision", "")), "single_precision", ("", "True")) != "",
    )


_WRONG = gettext_noop("“%(key)s” is not written as it should be. Examples: %(example)s.")


def _require(is_right: bool, words: str, **told: str) -> None:
    if not is_right:
        raise AgencyError(words % {name: text[:300] for name, text in told.items()})


def _table(
    data: object, at: str, known: Sequence[str] = (), needed: Sequence[str] = ()
) -> dict[str, Any]:
    """A table with these keys alone; without ``known`` any."""
    if not isinstance(data, dict):
        raise AgencyError(gettext(_WRONG) % {"key": at[:200], "example": f"[{at[:200]}]"})
    before = f"{at}." if at else ""
    for key in data if known else ():
        words = gettext("“%(key)s” is not known. Remove it, or use one of these: %(known)s.")
        _require(key in known, words, key=f"{before}{key}", known=", ".join(known))
    for key in needed:
        _require(key in data, gettext("“%(key)s” is missing. Add it."), key=f"{before}{key}")
    return data


def _texts(value: object, key: str) -> list[str]:
    is_right = isinstance(value, list) and all(map(_is_text, value))
    _require(is_right, gettext(_WRONG), key=key, example='["Area", "Year"]')
    return [" ".join(each.split()) for each in value] if isinstance(value, list) else []


def _headers(value: object, key: str) -> tuple[str, ...]:
    """Headers of columns, folded."""
    found = tuple(map(fold_text, _texts(value, key)))
    words = gettext("A header of “%(key)s” has no letter or digit. Correct or remove it.")
    _require(all(found), words, key=key)
    return found


def _text(value: object, key: str) -> Text:
    """A text in English, or in several languages: ``{ en = "Number", fr = "Nombre" }``."""
    texts = value if isinstance(value, dict) else {"en": value}
    is_right = "en" in texts and all(map(_is_text, texts.values()))
    example = '"Estimate", { en = "Estimate", fr = "Estimation" }'
    _require(is_right, gettext(_WRONG), key=key, example=example)
    return _lazily(texts)


def _in_language(texts: Mapping[str, str]) -> str:
    return texts.get(get_language() or "") or texts["en"]


_lazily: Callable[[Mapping[str, Any]], Text] = lazy(_in_language, str)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not INVALID.search(value)


def _one_of(value: object, key: str, known: Sequence[str]) -> str:
    words = gettext("“%(key)s” is “%(value)s”. Use one of these: %(known)s.")
    told = {"value": str(value), "known": ", ".join(filter(None, known))}
    _require(value in known, words, key=key, **told)
    return str(value)


def _refuse_twice(headers: Mapping[str, Sequence[str]]) -> None:
    """Refuse a header that has two roles, or one and is not read."""
    seen: dict[str, str] = {}
    for key, names in headers.items():
        for name in names:
            words = gettext(
                "The header “%(header)s” is listed under “%(one)s” and “%(two)s”. Remove one."
            )
            _require(name not in seen, words, header=name, one=seen.get(name, ""), two=key)
            seen[name] = key


def _meanings(value: object, at: str) -> dict[str, Meaning]:
    """The meanings of the codes of a role, by the codes in capitals."""
    found = {}
    for code, meaning in _table(value, at).items():
        key = f"{at}.{code}"
        keys = _table(meaning, key, ("status", "words"))
        status = _one_of(keys.get("status", ""), f"{key}.status", ("", *sorted(CODES)))
        told = _text(keys["words"], f"{key}.words") if "words" in keys else ""
        found[code.upper()] = Meaning(status, told)
    return found


def _dimensions(value: object) -> tuple[Dimension, ...]:
    is_list = isinstance(value, list)
    _require(is_list, gettext(_WRONG), key="dimensions", example="[[dimensions]]")
    found = []
    for each in value if isinstance(value, list) else ():
        keys = _table(each, "dimensions", ("name", "named_by", "codes"), ("name", "codes"))
        names = _texts([keys["name"]], "dimensions.name")
        told = keys.get("named_by", [])
        named_by = _headers(told if isinstance(told, list) else [told], "dimensions.named_by")
        found.append(Dimension(names[0], _headers(keys["codes"], "dimensions.codes"), named_by))
    return tuple(found)
