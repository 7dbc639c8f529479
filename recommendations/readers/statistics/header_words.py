"""What the header of a column says that it holds: a period, an area, or a value."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from recommendations.names import fold
from recommendations.readers.statistics.areas import AreaCodeList
from recommendations.readers.statistics.cells import heads_values, period_within, split_mark
from recommendations.readers.tables import fold_text

PERIODS = (
    *("period", "year", "time", "time period", "date", "survey year", "reference year", "years"),
    *("reference period", "data year", "calendar year", "observation date", "periods", "periodos"),
    *("année", "période", "año", "periodo", "ano", "anno", "jahr"),
    *("год", "период", "年份", "perioden", "jaar", "tid", "år", "vuosi", "aasta", "rok", "рік"),
    *("시점", "年", "時点", "fecha", "datum"),
)
VALUES = ("value", "obs value", "figure", "valeur", "valor", "valore", "wert", "значение")
UNNAMED = frozenset({*VALUES, "total", "data", "dato", "datos"})
"""Headers of a column of values that do not say what is measured."""

STATUS_HEADERS = ("obs status", "observation status", "status")

AREA_CODES = {
    AreaCodeList.ISO3: (
        *("iso3", "iso 3", "iso3 code", "iso code", "alpha 3", "countryiso3code", "iso"),
        *("iso alpha 3", "alpha 3 code", "country iso3", "country code iso3", "iso3c"),
        *("country iso 3 code", "country iso3 code", "iso 3 code", "country code iso 3"),
    ),
    AreaCodeList.ISO2: ("iso2", "iso 2", "iso2 code", "alpha 2"),
    AreaCodeList.M49: ("m49", "m49 code"),
    AreaCodeList.NOT_STATED: (
        *("area", "area code", "country", "country code", "ref area", "geo", "code", "economy"),
        *(
            "country id",
            "countryid",
            "location",
            "territory",
            "geo area",
            "geo area code",
            "geo codes",
        ),
        *("itter107", "pays", "país", "pais", "paese", "страна", "国家"),
    ),
}
AREAS = {
    **{code_list.name: names for code_list, names in AREA_CODES.items()},
    "area_name": (
        *("name", "area name", "country name", "geo area name", "reference area"),
        *("geography", "geographic area", "country or area", "country area", "country territory"),
        *("region country area", "economy label", "country or territory", "geo labels"),
        "territorio",
    ),
}
"""The roles of a plain table that have the area of a row, with their headers, folded."""

OF_M49 = re.compile(r"\bm ?49$")
"""How a header ends that names this list, such as “Area code (M49)”."""

OF_BOUNDS = re.compile(
    r"(?:^|[\W_]|CI)(?:lower|upper|low|high|ci|std|standard|margin)(?:$|[\W_]|CI)", re.IGNORECASE
)
"""Headers of how certain values are: bounds, intervals and errors."""

_OF_NOTES = re.compile(
    r"^(?!.*[0-9]{4})(?:(?:.+ )?(?:foot)?notes?|.+ missing ?values?|comments?(?: obs(?: [0-9])?)?)$"
)
"""Headers of notes on values, of all or of those in another column."""

PARTS_OF_COUNTRIES = re.compile(
    r"\b((bundes)?land(er)?|[ck]anton|commune|comunidad|concelho|constituency|country|county"
    r"|departamento|departe?ment|district|distrito|entidad|estado|gemeinde|governorate"
    r"|local authority|municipality|municipio|nation|parish|prefecture|province|provincia|regiao"
    r"|region|state|territoire|territory|unidade da federacao)(e?[ns])?\b"
)
"""Columns that name what a code of an area stands for, in English, French, Spanish, Portuguese and
German; the last one that is filled names it most closely. They are dimensions too: rows may lack
the code."""

_SEEM_AREAS = re.compile(
    r"^(country|countries|economy|economies|nation|territory)( (or|and) .+| (id|code|name|iso.*))?$"
    r"|^(geo ?(unit|area)|spatial ?dim|entity ?iso|reporter|ref(erence)? area)"
    r"|(^| )(iso|alpha) ?[23]?$|(^| )m49( |$)"
)


def has_area(header: Sequence[str]) -> bool:
    """Whether some column names the area of a row."""
    known = {fold_text(name) for name in header}
    is_named = any(not known.isdisjoint(names) for names in AREAS.values())
    return is_named or any(map(OF_M49.search, known))


def names_areas(header: str) -> bool:
    """Whether a column seems to have countries, by a header that no reader knows: it is no part of
    the one area that a table without such a column is about."""
    return _SEEM_AREAS.search(fold_text(header)) is not None


def names_parts(header: str) -> bool:
    """Whether a column seems to have parts of countries."""
    return PARTS_OF_COUNTRIES.search(fold(header)) is not None


def notes_among(header: Iterable[str]) -> tuple[str, ...]:
    """The headers, folded, of columns with notes on the values."""
    return tuple(name for name in map(fold_text, header) if _OF_NOTES.search(name))


def names_period(header: str) -> bool:
    """Whether a column has the period of each row."""
    return fold_text(header) in PERIODS


def parts_of_header(name: str) -> tuple[str, str]:
    """The period that a header names, and what its column is beside that: ``2018: Women``."""
    parts = name.split(": ")
    found = [part for part in parts if heads_values(part)]
    if len(found) != 1:
        return "", ""
    words = ": ".join(part for part in parts if part not in found)
    year, mark = split_mark(found[0])
    within = period_within(year, words)
    return (f"{within} {mark}".strip(), "") if within else (found[0], words)


_YEAR = "(?P<year>(?:19|20)[0-9]{2})"
_WITH_YEAR = tuple(
    re.compile(form % _YEAR)
    for form in (
        *("(?P<words>.+)[_ .]%s", "%s[_ .](?P<words>.+)", "(?P<words>[A-Za-z]{3,})%s"),
        "(?:X|F|YR|Y)%s(?P<words>[FN]?)",
    )
)
"""Headers with a year and other words, or as programs make a name of a number: those of the FAO
have a letter behind it for flags and notes."""

_BESIDE = {
    **dict.fromkeys(("note", "notes", "footnote", "comment", "flag", "flags"), "comment"),
    **dict.fromkeys(("source", "sources"), "source"),
}
"""What a column says of the values of a year, by the words beside that in its header."""

_ARE_VALUES = frozenset({"", "value", "values", "year", "obs value"})


def _with_years(header: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """The columns with a year and words that more than one year has, in whatever case."""
    series: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for at, name in enumerate(header):
        found = filter(None, (form.fullmatch(name) for form in _WITH_YEAR))
        if not parts_of_header(name)[0] and (named := next(found, None)):
            words = "flag" if named.re is _WITH_YEAR[-1] and named["words"] else named["words"]
            series[fold_text(words)].append((at, named["year"], words))
    for columns in series.values():
        if len({year for _at, year, _words in columns}) > 1:
            yield from ((at, year, columns[0][2]) for at, year, _words in columns)


def headed_periods(header: Sequence[str]) -> dict[int, tuple[str, str, str]]:
    """The columns that are headed by a period: that, what a column is beside it, and its series.

    A series stands beside the year, as in ``hdi_1990``, where more than one year has it.
    """
    found = {at: (*parts_of_header(name), "") for at, name in enumerate(header) if name}
    beside = beside_periods(header)
    for at, year, words in _with_years(header):
        found[at] = year, "", "" if fold_text(words) in _ARE_VALUES else words
    return {at: parts for at, parts in found.items() if parts[0] and at not in beside}


def beside_periods(header: Sequence[str]) -> dict[int, tuple[str, str]]:
    """The columns that say something of the values of a year, where those have no other words:
    that year, and the role of the column."""
    said = [(at, year, fold_text(words)) for at, year, words in _with_years(header)]
    are_values = any(words in _ARE_VALUES for _at, _year, words in said)
    return {at: (year, _BESIDE[of]) for at, year, of in said if are_values and of in _BESIDE}


# ---- Headers, compared without case and punctuation: “Unemployed” is not “Unemployed %”

_SIGNS = re.compile(r"[%‰$€£¥#+<>=±*†‡]")


def with_signs(header: str) -> str:
    """A header for comparison, with its signs."""
    return " ".join(filter(None, (fold_text(header), *_SIGNS.findall(header))))


def folded(header: Sequence[str]) -> list[str]:
    """Headers for comparison; those that signs alone tell apart, or that are signs, with these."""
    plain, full = [*map(fold_text, header)], [*map(with_signs, header)]
    told = Counter(text for text, _key in {*zip(plain, full, strict=True)})
    pairs = zip(plain, full, strict=True)
    return [key if not text or told[text] > 1 else text for text, key in pairs]


def columns_named(header: Sequence[str], name: str) -> list[int]:
    """The columns that a person means by a name: with its signs, if there is any, else without."""
    for key in (with_signs, fold_text):
        if found := [at for at, each in enumerate(header) if key(name) and key(each) == key(name)]:
            return found
    return []
