"""One cell of a statistical file: text, number, period or observation status.

A number that could be read in two ways is refused, not guessed. ``mark`` is the decimal mark of the
column, ``.`` or ``,``; empty where a number stands alone: then 1,7 and 1.7 and 200.000.000 are
certain, while 1,234 may have decimals or thousands. ``is_grouped`` is false for the files of
programs, which never separate thousands.

Sources: SDMX code list CL_OBS_STATUS 2.2, and the flags of Eurostat. A status is a code of that
list; what a flag says beyond its code is kept as text.
"""

import re
from collections.abc import Container, Iterable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import periods
from recommendations.choices import ObsStatus, SourceStatus
from recommendations.choices.statuses import CODES, LABELS, UNDEFINED, code_label, status_columns
from recommendations.names import fold
from recommendations.periods import PeriodKind
from recommendations.readers.meanings import DateError, DateOrder, OrderError, months, read_date
from recommendations.readers.tables import Cell, Formula, Number, fold_text, one_line


class FigureError(ValueError):
    """A figure, or a whole row, cannot be read; ``str`` of it says why and what to do.

    ``use`` is that of the column whose cell is at fault, where it is one.
    """

    use = ""


class YearRange(FigureError):
    """A period is a range of years, which no figure of this tracker is about: ``years``."""

    def __init__(self, years: str, words: str) -> None:
        super().__init__(words)
        self.years = years


class InvalidCharacter(FigureError):
    """A row holds a character that no text may hold, in a column that is read."""


def cell_text(cell: Cell) -> str:
    """A cell as one line of text; ``FigureError`` for a formula, whose value is not certain."""
    if type(cell) is str:
        return " ".join(cell.split())
    if isinstance(cell, Formula):
        raise _formula_error(cell)
    return one_line(cell)


def _formula_error(cell: Formula) -> FigureError:
    return FigureError(gettext("“%s” is a formula. Enter its value.") % cell.shown[:40])


# ---- numbers


DECIMAL_MARKS = (".", ",")
BOTH_MARKS = ".,"
"""Of a column that leaves the mark open: only a number that is the same with both is certain."""

_DIGITS = frozenset("0123456789")

MOST_NUMBER_DIGITS = 60
"""Digits of a number in full; one with more is no measurement."""

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SPACED = re.compile(
    r"([+-]?[1-9][0-9]{0,2}(?:([ \u00a0\u2009\u202f'’])[0-9]{3})(?:\2[0-9]{3})*)([.,][0-9]+)?"
)
_SWAPPED = str.maketrans(".,", ",.")
_BOUND = re.compile(r"(?:[<>]=?|[≤≥])\s*(.+)")


def read_decimal(cell: Cell, mark: str = "", *, is_grouped: bool = True) -> Decimal:
    """The number in a cell, with all its digits; ``FigureError`` where there is none."""
    match cell:
        case Number() if "%" not in cell.shown:
            return read_number(cell.exact, ".", is_grouped=False)
        case Formula():
            raise _formula_error(cell)
        case str() | Number():
            return read_number(str(cell), mark, is_grouped=is_grouped)
    raise FigureError(gettext("“%(value)s” is not a number.") % {"value": str(cell)[:40]})


def read_number(text: str, mark: str = "", *, is_grouped: bool = True) -> Decimal:
    """The number in a text; ``FigureError`` where there is none, or it may be two."""
    if mark == "." and _PLAIN.fullmatch(text):  # as most are: no other reading is possible
        plain, readings = text, {mark: Decimal(text)}
    else:
        plain, is_grouped = _without_spaces(text, is_grouped=is_grouped)
        readings = _readings(plain, mark or BOTH_MARKS, is_grouped=is_grouped)
    if not readings:
        raise FigureError(_refusal(plain, mark) % text[:40])
    if len(set(readings.values())) > 1 or (mark == BOTH_MARKS and len(readings) == 1):
        words = gettext("“%s” is ambiguous. State if the decimal mark is a point or a comma.")
        raise FigureError(words % text[:40])
    number = next(iter(readings.values()))
    _sign, digits, exponent = number.as_tuple()
    if max(len(digits), abs(number.adjusted()), abs(int(exponent))) > MOST_NUMBER_DIGITS:
        words = gettext("“%(text)s” has more than %(most)d digits.")
        raise FigureError(words % {"text": text[:40], "most": MOST_NUMBER_DIGITS})
    return number


def without_percent(cell: Cell) -> Cell:
    """A cell without its percent sign: “12.5 %” is 12.5, and so is 0.125 that is shown as 12.5%."""
    match cell:
        case Number() if "%" in cell.shown:
            return Number(f"{Decimal(cell.exact).scaleb(2):f}" if cell.stored else cell.shown[:-1])
        case str() if cell.rstrip().endswith("%"):
            return cell.rstrip()[:-1]
    return cell


def _without_spaces(text: str, *, is_grouped: bool) -> tuple[str, bool]:
    """A number whose thousands are not separated by spaces, and whether marks may separate them."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if is_grouped and (found := _SPACED.fullmatch(plain)):
        return re.sub(r"[^0-9+-]", "", found[1]) + (found[3] or ""), False
    return plain, is_grouped


def _readings(plain: str, marks: str, *, is_grouped: bool) -> dict[str, Decimal]:
    """The number in a text by each of these decimal marks with which it is one."""
    spelt = {mark: plain if mark == "." else plain.translate(_SWAPPED) for mark in marks}
    found = {mark: _with_point(text, is_grouped) for mark, text in spelt.items()}
    return {mark: Decimal(reading) for mark, reading in found.items() if reading}


@lru_cache(maxsize=65536)
def possible_marks(text: str, *, is_grouped: bool = True) -> str:
    """The decimal marks with which a text is a number: both for 5 and 1,234, none for a word."""
    if text[-1:] not in _DIGITS:
        text = split_flags(split_bounds(text)[0])[0]
    if text[-1:] not in _DIGITS:
        return ""
    plain, is_grouped = _without_spaces(text, is_grouped=is_grouped)
    return "".join(_readings(plain, BOTH_MARKS, is_grouped=is_grouped))


MISSING = frozenset(
    {
        *("..", "...", "…", ":", "_", "-", "–", "—", "*", "n/a", "n.a.", "null", "none", "missing"),
        "no data",
        *("na", "nan", "<na>", "-nan", "1.#qnan"),  # R, pandas, C
        *("x", "/"),  # confidential, or too uncertain, in Canada and Germany
        ".",  # SAS and Stata, with .a to .z
        *("#n/a", "#null!", "sysmis"),  # Excel, SPSS
        *("[x]", "[z]", "[..]"),  # the shorthand of the statistical service of the United Kingdom
    }
)
"""Marks for "no figure" in tables of statistical offices. As a code, NA is Namibia."""

_SAS = re.compile(r"\.[a-z_]")
"""The special missing values of SAS and Stata, beside the point alone."""


def is_missing_mark(text: str, marks: Container[str] = MISSING) -> bool:
    """Whether a text stands for “no figure”, among the marks of a format, in lower case.

    With the point of SAS and Stata among them, so do their other marks: ``.a`` to ``.z``, ``._``.
    """
    plain = text.casefold()
    return plain in marks or ("." in marks and _SAS.fullmatch(plain) is not None)


def is_bound(text: str, mark: str = "") -> bool:
    """Whether a text is a limit instead of a value, such as ``<2.5``."""
    found = _BOUND.fullmatch(text)
    return bool(found and read_number(found[1], "" if mark == BOTH_MARKS else mark).is_finite())


def _with_point(plain: str, is_grouped: bool) -> str:
    """The number in Python's notation if its decimal mark is a point, else empty."""
    if is_grouped and _GROUPED.fullmatch(plain):
        return plain.replace(",", "")
    return plain if _PLAIN.fullmatch(plain) else ""


def _refusal(plain: str, mark: str) -> str:
    if "%" in plain:
        return gettext("“%s” has a percent sign. Enter the number only.")
    if mark and re.fullmatch(r"[+-]?[0-9.,]+", plain):
        if mark == ",":
            return gettext("“%s” is not a number with a decimal comma.")
        return gettext("“%s” is not a number with a decimal point.")
    if not re.fullmatch(r"[+-]?[0-9.,]+", plain) and re.search(r"^[0-9]|[0-9]$", plain):
        return gettext("“%s” contains more than a number. Enter the number only.")
    return gettext("“%s” is not a number.")


# ---- periods


_LONGEST_PERIOD = 40
"""Characters that are read; no period is longer."""

_TWICE = re.compile(r"(.+) \[\1\]")
"""Headers of quarters and months in the World Bank's DataBank: 2018Q3 [2018Q3]."""


_YEARS = re.compile(r"[0-9]{4}\s*(?:[-/\u2010-\u2015\u2212]|to)\s*[0-9]{4}")


def read_period(cell: Cell, order: str = "", kind: str = "") -> str:
    """The period in a cell as the code that ``recommendations.periods`` reads.

    Raises ``FigureError`` where it is none. A date of a spreadsheet stays a day. ``order`` is that
    of days in figures, and ``kind`` how long periods are, where a person states it.
    """
    match cell:
        case Formula():
            raise _formula_error(cell)
        case str() | Number() | date() if text := one_line(cell):
            return _period_code(text[:_LONGEST_PERIOD], order, kind)
    raise FigureError(gettext("The period is missing."))


def is_period(text: str) -> bool:
    """Whether a text is a period."""
    try:
        return bool(read_period(text))
    except FigureError:
        return False


_MONTH = re.compile(r"([0-9]{4})[-\u2010-\u2015\u2212]([0-9]{2})")


def are_two_years(texts: Iterable[str]) -> bool:
    """Whether all texts that look like months may be a year and the next one: 2008-09, 2009-10."""
    found = False
    for year, other in (match.groups() for match in map(_MONTH.fullmatch, texts) if match):
        if int(other) != (int(year) + 1) % 100:
            return False
        found = True
    return found


def unclear_frequency(text: str) -> str:
    """That a text is a period only where it is known how long it is."""
    return gettext("“%s” is ambiguous. State the frequency.") % text


_OTHER_NUMBER = re.compile(r"(?!1[5-9]|2[01])[0-9]{4}")
"""What is no year of statistics, although it has four digits."""


_OPEN = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}[- ]?T[1-4]")
"""A day in figures, in whatever order, and a quarter or a third of a year."""


def may_be_period(text: str) -> bool:
    """Whether a text is a period, or one whose order or frequency a person states."""
    return is_period(text) or _OPEN.fullmatch(text) is not None


def heads_values(text: str) -> bool:
    """Whether a header is a period or a range of years, so that its column holds values."""
    if len(text) > _LONGEST_PERIOD or _OTHER_NUMBER.fullmatch(text):
        return False
    return may_be_period(split_mark(text)[0]) or _YEARS.fullmatch(text) is not None


_OF_A_YEAR = re.compile(r"(?:annual|calendar year|mid(?:-?year)?)[ -]+([0-9]{4})", re.IGNORECASE)
"""A year as all of it, or its middle for that of which one figure is given."""

_FLAGS_IN_WORDS = {
    **dict.fromkeys(("e", "est", "estimate", "estimates", "estimated"), "e"),
    **dict.fromkeys(("f", "proj", "projected", "projection", "forecast"), "f"),
    **dict.fromkeys(("p", "prov", "provisional", "prel", "prelim", "preliminary"), "p"),
    **dict.fromkeys(("r", "rev", "revised"), "r"),
}
_MARKED = re.compile(
    rf"(.*[0-9]{{4}}.*?) ?(?:\(({'|'.join(_FLAGS_IN_WORDS)})\.?\)|(?<=[0-9 ])([efpr])"
    r"|(\*+|[¹²³†‡]|(?<= )[0-9]{1,2}[/)]))",
    re.IGNORECASE,
)
"""A period with a flag or the mark of a note behind it: 2019 (p), 2019p, 2019 (est.), 2019 1/."""


@lru_cache(maxsize=4096)
def split_mark(text: str) -> tuple[str, str]:
    """A period and the flag or mark behind it, if there is one."""
    found = _MARKED.fullmatch(text)
    if found is None or not is_period(found[1]):
        return text, ""
    mark = (found[2] or found[3] or found[4]).lower()
    return found[1], _FLAGS_IN_WORDS.get(mark, mark)


def period_within(year: str, text: str) -> str:
    """The month, quarter or half of a year that a text names, or all of it; empty without one."""
    plain = fold_text(text)
    if len(year) != 4 or not plain:
        return ""
    if month := months().get(plain):
        return f"{year}-{month:02}"
    if found := _PART_OF_YEAR.fullmatch(plain):
        letter = "S" if found["half"] else "Q"
        return f"{year}-{letter}{found['half'] or found['first'] or found['last']}"
    return year if plain == "annual" else ""


_PART_OF_YEAR = re.compile(
    r"(?:q|quarter )(?P<first>[1-4])|(?P<last>[1-4])(?:q|(?:st|nd|rd|th)? quarter)"
    r"|[hs](?P<half>[12])"
)


@lru_cache(maxsize=4096)
def _period_code(text: str, order: str, kind: str) -> str:
    found = _TWICE.fullmatch(text) or _OF_A_YEAR.fullmatch(text)
    try:
        return periods.normalise(found[1] if found else text, kind)
    except ValueError as error:
        if code := _in_words(text, order):
            return periods.normalise(code, kind)
        if _YEARS.fullmatch(text):
            raise YearRange(text, str(error)) from error
        is_open = not kind and _is_of_a_frequency(text)
        told = unclear_frequency(text) if is_open else str(error)
        raise FigureError(told) from error


def _is_of_a_frequency(text: str) -> bool:
    """Whether it is a period where a person states how long periods are."""
    for kind in (PeriodKind.QUARTER, PeriodKind.MONTH):
        with suppress(ValueError):
            return bool(periods.normalise(text, kind))
    return False


_MONTH_AND_YEAR = re.compile(
    r"([^\W\d_]+)[. ,/-]*([0-9]{4})|([0-9]{4})[ /-]*([^\W\d_]+)\.?"  # Mar 2018, 2018/mars
    r"|(0[1-9]|1[0-2])/([0-9]{4})"
)


_OF_EAST_ASIA = re.compile(
    r"([0-9]{4})(?: ?[年년](?: ?([0-9]{1,2}) ?[月월])?"
    r"|(?: ?[年년] ?第?|[. ])([1-4])(?:/4|四半期|季度|분기))"
)
"""A year, month or quarter in Chinese, Japanese and Korean; Korea's quarters are 2018.1/4."""


_QUARTER_IN_WORDS = re.compile(
    r"([1-4])(?:[.ºª°o]|er|e|st|nd|rd|th)? ?(?:trimestre|trim\.?|quarter|quartal)(?: de| du)? "
    r"([0-9]{4})",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[0-9]{4}")


def _in_words(text: str, order: str) -> str:
    """A month or a day with the month in words, which reads the same to everybody, or a day in
    figures of a stated order."""
    if found := _OF_EAST_ASIA.fullmatch(text):
        within = f"-{int(month):02}" if (month := found[2]) else ""
        return f"{found[1]}-Q{found[3]}" if found[3] else f"{found[1]}{within}"
    if found := _QUARTER_IN_WORDS.fullmatch(text):
        return f"{found[2]}-Q{found[1]}"
    if found := _MONTH_AND_YEAR.fullmatch(text):
        month = int(found[5] or months().get(fold_text(found[1] or found[4] or "")) or 0)
        return f"{found[2] or found[3] or found[6]}-{month:02}" if month else ""
    try:
        day = read_date(text, order or DateOrder.ISO)
        if day and day > timezone.localdate() and not _YEAR.search(text):
            day = day.replace(year=day.year - 100)  # no value is of a day to come
        return str(day or "")
    except OrderError as error:
        words = gettext("“%(text)s” is ambiguous: %(hint)s")
        raise FigureError(words % {"text": text, "hint": error}) from error
    except DateError:
        return ""


# ---- observation status


StatusReading = tuple[str, str]
"""A code of CL_OBS_STATUS, or empty, and text for what that code does not say."""

_EUROSTAT: dict[str, tuple[str, str | Promise]] = {
    "b": (ObsStatus.BREAK, ""),
    "d": (SourceStatus.DEFINITION_DIFFERS, ""),
    "e": (ObsStatus.ESTIMATED, ""),
    "f": (ObsStatus.FORECAST, ""),
    "i": (ObsStatus.IMPUTED, ""),
    "n": (SourceStatus.NOT_SIGNIFICANT, ""),
    "p": (ObsStatus.PROVISIONAL, ""),
    "r": ("", capfirst(_("revised"))),
    "s": (ObsStatus.ESTIMATED, _("Estimated by Eurostat")),
    "u": (ObsStatus.LOW_RELIABILITY, ""),
    "z": (SourceStatus.CANNOT_EXIST, _("Not applicable")),
}
_CODES_BY_LABEL = {fold(label): code for code, labels in LABELS.items() for label in labels}
_UNDEFINED = frozenset(map(fold, UNDEFINED))


def read_sdmx_status(text: str) -> StatusReading:
    """The code of the list, from the code or its label; ``FigureError`` if it is unknown.

    A status that the source leaves open is none, and kept in words.
    """
    code = text.strip().upper()
    if not code or code in CODES:
        return code, ""
    label = fold(text)
    if found := _CODES_BY_LABEL.get(label):
        return found, ""
    if label in _UNDEFINED:
        return "", gettext("Observation status undefined in the source")
    raise FigureError(gettext("“%s” is not a status of the SDMX list CL_OBS_STATUS.") % text[:40])


_BOUNDED = re.compile(r"([+-]?[0-9][0-9.,]*)\s*(\[[0-9.,\s\u2010-\u2015-]+\])")


def split_bounds(text: str) -> tuple[str, str]:
    """A number and the bounds in brackets behind it, as in ``3.1 [1.0-7.1]`` of the WHO, if any."""
    found = _BOUNDED.fullmatch(text) if text[-1:] == "]" else None
    return (found[1], found[2]) if found else (text, "")


_FLAGGED = re.compile(r"([+-]?[0-9][0-9.,'’ \u00a0\u2009\u202f]*|:)\s*([bcdefinprsuz]{1,4})")


def split_flags(text: str, *, has_all: bool = True) -> tuple[str, str]:
    """A value and the flags of Eurostat behind it, as in ``12.3 bp`` or ``: c``, if any.

    Unless a table ``has_all`` of these, “2 b”, “2 bn” and “2 bps” are billions and points.
    """
    found = _FLAGGED.fullmatch(text)
    is_word = found and not has_all and found[2] in ("b", "bn", "bps")
    return (found[1].strip(), found[2]) if found and not is_word else (text, "")


_LETTERED = re.compile(r"([0-9][0-9.,]*) ([AC-FH-JLN-SU-Z])")


def split_letter(text: str) -> tuple[str, str]:
    """A number and the letter behind it, if any, which may be a flag; none that stands for a power
    of ten."""
    found = _LETTERED.fullmatch(text) if text[-2:-1] == " " else None
    return (found[1], found[2]) if found else (text, "")


def missing_by_flags(flags: str) -> StatusReading:
    """The status of a value that is missing, by the flags behind its mark.

    It is not available because it is confidential or does not exist; other flags only add words.
    """
    if "c" in flags:
        return SourceStatus.SUPPRESSED, ""
    code, words = read_eurostat_flags(flags)
    if code == SourceStatus.CANNOT_EXIST:
        return code, words
    told = [code_label(code)] if code else []
    return SourceStatus.MISSING, "; ".join(filter(None, (*told, words)))


def read_eurostat_flags(text: str) -> StatusReading:
    """The status of one or more Eurostat flags; ``FigureError`` if one is unknown."""
    flags = text.strip().lower().replace(" ", "")
    if "c" in flags:
        raise FigureError(gettext("The value is confidential and not for publication."))
    if unknown := set(flags) - set(_EUROSTAT):
        raise FigureError(gettext("“%s” is not a flag of Eurostat.") % min(unknown))
    codes = [str(code) for flag in flags if (code := _EUROSTAT[flag][0])]
    # One code is kept: the first that calculations tell apart, or that says there is no value.
    codes.sort(key=lambda code: status_columns(code)["obs_status"] == ObsStatus.NORMAL)
    words = [str(_EUROSTAT[flag][1]) for flag in flags if _EUROSTAT[flag][1]]
    words += [code_label(code) for code in codes[1:]]
    return (codes[0] if codes else ""), "; ".join(words)
