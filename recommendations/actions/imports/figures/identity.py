"""Whether a file is about the indicator that it is imported into, as far as it says.

A code, a name or a unit in the file that is not that of the indicator is told, and the import then
needs a reason. A file that names none of them is about what the person says it is. No reason makes
one indicator of several units: a person chooses one of them.
"""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from recommendations.models import Indicator
from recommendations.readers.statistics import FigureRow, Rejected
from recommendations.readers.tables import fold_text

_PERCENT = frozenset({"percent", "percentage", "per cent", "pct", "pt", "pc"})
_NUMBER = frozenset({"number", "numbers", "no", "nb", "nr", "count", "counts", "unit", "units"})
"""Units that say that something is counted, and not what."""

_PERSONS = frozenset({"person", "persons", "people", "ps", "pers", "per", "inhabitants"})
_RATE = re.compile(r"%|\b(?:per|percent|pct|rate|ratio|share|index|score)\b")
_OF = re.compile(r"^(?:number|count) of ")
_BRACKETS = re.compile(r"\([^()]*\)")
_KEY = re.compile(r"[A-Z0-9_]+(?:\.[A-Z0-9_]+){2,}")
"""The key of a series, which is no unit."""
_CODE = re.compile(r"\[([A-Za-z0-9_.-]+)\]$")
"""The code behind a name, as DataBank of the World Bank heads its columns."""
_MONEY = re.compile(r"\$|\b(?:usd|eur|gbp|lcu|dollars?|euros?|currency)\b")
_COUNTED = re.compile(r"\b(?:numbers?|persons?|people|thousands?|millions?|billions?|units?)\b")
_PER = re.compile(r"\bper ((?:[0-9][0-9, ]*)?[a-z]+)")
_EACH = frozenset({"per capita", "per head", "per inhabitant"})
"""What “per person” is as well."""
_ARTICLES = frozenset({"the", "a", "an", "of", "in", "and"})
_SHORTEST = 3
"""Characters of a code that stands for an indicator wherever it is found in a row."""

_FEW = 3
"""Words that a name needs at least to be recognised within a longer one."""


class Identity:
    """What the rows of one file say that they are about, beside one indicator.

    The header of a column of values that a person states (``column``) is no other code.
    """

    def __init__(self, indicator: Indicator, column: str = "") -> None:
        self.indicator, self._column = indicator, fold_text(column)
        self._own = {indicator.code, indicator.vocabulary_code}
        self._seen: set[tuple[str, ...]] = set()
        self._told: set[tuple[str, str]] = set()
        self.units: list[tuple[str, ...]] = []
        """Those in the file that are not the same, each by its code and words."""

    def contradictions(self, row: FigureRow, parts: Iterable[str] = ()) -> list[str]:
        """What in a row contradicts the indicator, in sentences; each is told once in a file.

        Where a service names its dataset, the indicator may be named among the ``parts``.
        """
        own = (part for part in parts if len(part) >= _SHORTEST and part in self._own)
        code = next(own, row.indicator) if ":" in row.indicator else row.indicator
        key = (code, row.title, row.unit, row.unit_words)
        if key in self._seen:
            return []
        self._seen.add(key)
        return [str(Rejected(row.line, row.sheet, words)) for words in self._told_of(*key)]

    def _told_of(self, code: str, title: str, unit: str, unit_words: str) -> list[str]:
        told = []
        if code and not self._is_its_code(code) and not self._is_its_title(title):
            codes = " / ".join(filter(None, (self.indicator.code, self.indicator.vocabulary_code)))
            words = _("the code in the file is “%(told)s”, that of the indicator “%(own)s”.")
            told.append(("code", code, words % {"told": code[:80], "own": codes}))
        if title and not (code and self._is_its_code(code)) and not self._is_its_title(title):
            words = _("the name in the file is “%(told)s”, that of the indicator “%(own)s”.")
            told.append(
                ("title", title, words % {"told": title[:200], "own": self.indicator.title})
            )
        unit = unit or self._other_unit_in(title) or self._other_unit_in(code)
        units = tuple(filter(None, (unit, unit_words)))
        known = [other for each in self.units for other in each]
        if units and not any(are_same_unit(each, other) for each in units for other in known):
            self.units.append(units)
        own_unit = self.indicator.unit
        if unit and own_unit and not any(are_same_unit(each, own_unit) for each in units):
            words = _("the unit in the file is “%(told)s”, that of the indicator “%(own)s”.")
            told.append(("unit", unit, words % {"told": unit[:80], "own": own_unit}))
        fresh = [words for kind, text, words in told if (kind, text) not in self._told]
        self._told.update((kind, text) for kind, text, _words in told)
        return fresh

    def _is_its_code(self, code: str) -> bool:
        """Whether it is its code here or in its code list; some files name it in that column."""
        own = {fold_text(self.indicator.code), fold_text(self.indicator.vocabulary_code)}
        own.add(self._column)
        named = _CODE.search(code)
        told = {fold_text(plain_code(code)), fold_text(named[1]) if named else ""}
        return bool(told & (own - {""})) or self._is_its_title(code)

    def _other_unit_in(self, name: str) -> str:
        """The unit in brackets behind a name, where it is of another kind than the indicator's."""
        own = _kind_of_unit(self.indicator.unit)
        for text in _BRACKETS.findall(name):
            kind = _kind_of_unit(text[1:-1])
            if kind and own and kind != own:
                return str(text[1:-1])
        return ""

    def _is_its_title(self, title: str) -> bool:
        return bool(title) and are_same_name(title, self.indicator.title)


def are_same_name(one: str, other: str) -> bool:
    """Whether two names are one, but for brackets, articles, order and case.

    A name of three words or more is also recognised within a longer one.
    """
    left, right = _words_of(one), _words_of(other)
    less, more = sorted((left, right), key=len)
    return left == right or (len(less) >= _FEW and less <= more)


def are_same_unit(one: str, other: str) -> bool:
    """Whether two units are one, by their words or by the codes of common code lists.

    “Number” is the unit of whatever is counted, and “percent” leaves open of what.
    """
    left, right = _folded_unit(one), _folded_unit(other)
    if left == right:
        return True
    for short, full in ((left, right), (right, left)):
        if short == "percent" and full.startswith("percent of "):
            return True
        if short == "number" and not _RATE.search(full):
            return True
    return False


def _kind_of_unit(unit: str) -> str:
    """A share, a rate, money or a count, as far as words say so; empty where they do not."""
    if _KEY.fullmatch(unit):
        return ""
    words = unit.casefold()
    if "%" in words or fold_text(words) in _PERCENT or words.startswith("percent"):
        return "percent"
    if found := _PER.search(words):
        kind = f"per {found[1].replace(',', '').replace(' ', '')}"
        return "per person" if kind in _EACH else kind
    for kind, words_of_kind in (("money", _MONEY), ("count", _COUNTED)):
        if words_of_kind.search(words):
            return kind
    return ""


def _folded_unit(unit: str) -> str:
    """A unit for comparison: ``percent``, ``number``, ``persons``, or its words."""
    folded = _OF.sub("", fold_text(unit.replace("%", " percent ")))
    for name, codes in (("percent", _PERCENT), ("number", _NUMBER), ("persons", _PERSONS)):
        if folded in codes:
            return name
    return re.sub(r"^(?:percentage of|per cent of|pc|pct) ", "percent of ", folded)


def plain_code(code: str) -> str:
    """A code without its agency, version and view: ``ESTAT:ISOC$DEFAULTVIEW(1.0)``; names stay."""
    if any(map(str.isspace, code)):
        return code
    return re.sub(r"(?:\$\w+|__custom_\d+)?(?:\([^()]*\))?$", "", code).rpartition(":")[2]


def unit_in(title: str) -> str:
    """The unit in brackets behind a name, as a publisher writes it there; empty without one."""
    found = (text[1:-1] for text in _BRACKETS.findall(title))
    return next((text for text in found if _kind_of_unit(text)), "")


def _words_of(name: str) -> frozenset[str]:
    plain = fold_text(_BRACKETS.sub(" ", name)) or fold_text(name)
    return frozenset(plain.split()) - _ARTICLES
