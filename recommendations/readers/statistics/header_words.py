"""What the header of a column says that it holds: a period, an area, or a value."""

import re
from collections.abc import Sequence

from recommendations.names import fold
from recommendations.readers.statistics.areas import AreaCodeList
from recommendations.readers.tables import fold_text

PERIODS = (
    *("period", "year", "time", "time period", "date", "survey year", "reference year", "years"),
    *("data year", "calendar year", "année", "période", "año", "periodo", "ano", "anno", "jahr"),
    *("год", "период", "年份"),
)
VALUES = ("value", "obs value", "figure", "valeur", "valor", "valore", "wert", "значение")
STATUS_HEADERS = ("status", "obs status", "observation status")

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
        *("country id", "location", "territory", "geo area", "geo area code", "geo codes"),
    ),
}
AREAS = {
    **{code_list.name: names for code_list, names in AREA_CODES.items()},
    "area_name": (
        *("name", "area name", "country name", "geo area name", "reference area"),
        *("geography", "geographic area", "country or area", "country area", "country territory"),
        *("region country area", "economy label", "country or territory", "geo labels"),
    ),
}
"""The roles of a plain table that have the area of a row, with their headers, folded."""

OF_M49 = re.compile(r"\bm ?49$")
"""How a header ends that names this list, such as “Area code (M49)”."""

PARTS_OF_COUNTRIES = re.compile(
    r"\b(canton|commune|constituency|country|county|departe?ment|district|governorate|land"
    r"|entidad|estado|local authority|municipality|municipio|nation|parish|prefecture|province"
    r"|provincia|region|state|territoire"
    r"|territory)s?\b"
)
"""Columns that name what a code of an area stands for, in English, French and Spanish; the last one
that is filled names it most closely. They are dimensions too: rows may lack the code."""

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


def names_period(header: str) -> bool:
    """Whether a column has the period of each row."""
    return fold_text(header) in PERIODS
