"""Numbers as people and programs write them. What could be two numbers is refused, never guessed.

``mark`` is the decimal mark of the file, ``.`` or ``,``; empty where nobody said. Then 1,7 and 1.7
and 200.000.000 are certain, while 1,234 may be one and a bit or more than a thousand.
``is_grouped`` is false for the files of programs, which never separate thousands.
"""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from recommendations.readers.statistics.figures import Refused, formula
from recommendations.readers.tables import Cell, Formula, Number

MARKS = (".", ",")

MOST_DIGITS = 60
"""Digits of a number that is written out; more is no measurement."""

_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_SPACED = re.compile(
    r"([+-]?[1-9][0-9]{0,2}(?:([ \u00a0\u2009\u202f'’])[0-9]{3})(?:\2[0-9]{3})*)([.,][0-9]+)?"
)
_SWAPPED = str.maketrans(".,", ",.")
_BOUND = re.compile(r"(?:[<>]=?|[≤≥])\s*(.+)")


def read_cell(cell: Cell, mark: str = "", *, is_grouped: bool = True) -> Decimal:
    """The number in a cell, with all its digits; ``Refused`` where there is none."""
    match cell:
        case Number() if "%" not in cell.shown:
            return read_number(cell.exact, ".", is_grouped=False)
        case Formula():
            raise formula(cell)
        case str() | Number():
            return read_number(str(cell), mark, is_grouped=is_grouped)
    raise Refused(_("“%s” is not a number.") % str(cell)[:40])


def read_number(text: str, mark: str = "", *, is_grouped: bool = True) -> Decimal:
    """The number that a text writes; ``Refused`` where it writes none, or may write two."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if is_grouped and (found := _SPACED.fullmatch(plain)):
        plain = re.sub(r"[^0-9+-]", "", found[1]) + (found[3] or "")
        is_grouped = False  # the thousands are separated already: what is left is the decimal mark
    readings = {
        Decimal(reading)
        for each in mark or MARKS
        if (reading := _with_point(plain if each == "." else plain.translate(_SWAPPED), is_grouped))
    }
    if not readings:
        raise Refused(_why_not(plain, mark) % text[:40])
    if len(readings) > 1:
        words = _("“%s” may be two numbers: say whether the decimal mark is a point or a comma.")
        raise Refused(words % text[:40])
    return _bounded(readings.pop(), text)


def is_bound(text: str, mark: str = "") -> bool:
    """Whether a text says that a figure is below or above some number, such as ``<2.5``."""
    found = _BOUND.fullmatch(text)
    return bool(found and read_number(found[1], mark).is_finite())


def _with_point(plain: str, is_grouped: bool) -> str:
    """The number as Python writes it, if its decimal mark is a point."""
    if is_grouped and _GROUPED.fullmatch(plain):
        return plain.replace(",", "")
    return plain if _PLAIN.fullmatch(plain) else ""


def _bounded(number: Decimal, text: str) -> Decimal:
    _sign, digits, exponent = number.as_tuple()
    if max(len(digits), abs(number.adjusted()), abs(int(exponent))) > MOST_DIGITS:
        words = _("“%(text)s” has more than %(most)d digits.")
        raise Refused(words % {"text": text[:40], "most": MOST_DIGITS})
    return number


def _why_not(plain: str, mark: str) -> str:
    if "%" in plain:
        return _("“%s” has a percent sign: write the number alone, and its unit elsewhere.")
    if re.fullmatch(r"[+-]?[0-9.,]+", plain) and mark == ",":
        return _("“%s” is not a number with a decimal comma.")
    if re.fullmatch(r"[+-]?[0-9.,]+", plain):
        return _("“%s” is not a number with a decimal point.") if mark else _("“%s” is no number.")
    if re.search(r"^[0-9]|[0-9]$", plain):
        return _("“%s” is more than a number: write the number alone, and its unit elsewhere.")
    return _("“%s” is not a number.")
