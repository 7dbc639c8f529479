"""The public data as files for programs: a Frictionless package, DCAT-AP, IATI and SDMX.

All of it is made of the rows and cells of public lists, as known at one entry of the audit log.
"""

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import periods
from recommendations.characters import replace_invalid
from recommendations.choices import Direction, Measure, TargetKind
from recommendations.columns import Column, Value, is_fictional, kind_of, label_of, label_over
from recommendations.exports.formats import csv_cell
from recommendations.models import Indicator, Observation, Target
from recommendations.queries.updates.published import marked

PACKAGE: Final = "datapackage.json"
CATALOGUE: Final = "catalogue.jsonld"
IATI: Final = "iati.xml"
SDMX: Final = "observations.sdmx.csv"

MEDIA_TYPES: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".xml": "application/xml",
}

OF_THE_DAY: Final = frozenset({"latest_statement", "reasons"})
"""Columns whose words tell the day: a row is not another because a day went by. Flags are kept."""

DEMONSTRATION: Final = "is_demonstration"
"""The column that says so of a row."""


@dataclass(frozen=True, slots=True)
class Known:
    """The entry of the audit log up to which the data go."""

    sequence: int
    hash: str
    at: datetime


@dataclass(slots=True)
class TableFile:
    """What is told of one table: its columns for everybody, and what of its rows was written."""

    name: str
    model: type[Model]
    columns: Sequence[Column]
    key: str
    """The column that names a row."""
    rows: dict[int, str] = field(default_factory=dict)
    """Of each row a digest of its cells, and how it is named."""
    is_demonstration: bool = False

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def title(self) -> str:
        title = capfirst(str(self.model._meta.verbose_name_plural))
        return marked(title, self.is_demonstration)

    def add(self, outlet: "CsvOutlet", pk: int, cells: Sequence[Value]) -> None:
        """Write one row, and keep what is told of it."""
        held = dict(zip(self.header, cells, strict=True))
        outlet.add(cells)
        lasting = [held[name] for name in self.header if name not in OF_THE_DAY]
        digest = hashlib.sha256(repr(lasting).encode()).hexdigest()[:16]
        self.rows[pk] = f"{digest} {held[self.key]}"
        self.is_demonstration |= bool(held.get(DEMONSTRATION))


class CsvOutlet:
    """A CSV file that is written line by line, without the mark of UTF-8."""

    def __init__(self, out: Any, header: Sequence[str]) -> None:
        self._out, self._text = out, io.StringIO(newline="")
        self._writer = csv.writer(self._text)
        self.add(header)

    def add(self, cells: Iterable[Value]) -> None:
        self._writer.writerow([csv_cell(cell) for cell in cells])
        self._out.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()


# ---- What is said of the files

TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    datetime: "datetime",
    date: "date",
    Decimal: "number",
    int: "integer",
    str: "string",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it was written."""

    size: int
    sha256: str


def written(path: Path) -> Written:
    with path.open("rb") as file:
        return Written(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def publisher() -> str:
    return settings.OPEN_DATA_PUBLISHER or _("Recommendation Tracker")


def described(tables: Sequence[TableFile]) -> str:
    """What the data are, with the mark of what is fictional."""
    told = [_("Public status of recommendations; a second person approved each update.")]
    if any(table.is_demonstration for table in tables):
        told.append(_("Demonstration: people, progress and all marked entries are fictional"))
    return " ".join(told)


def package(tables: Sequence[TableFile], files: Mapping[str, Written], known: Known) -> str:
    """``datapackage.json`` (Data Package 1), whose schemas are the columns."""
    licence = settings.OPEN_DATA_LICENCE
    told = {
        "profile": "tabular-data-package",
        "name": "recommendations",
        "id": _address(),
        "title": publisher(),
        "description": described(tables),
        "homepage": _address(),
        "version": str(known.sequence),
        "created": known.at.isoformat(),
        **({"licenses": [{"path": licence}]} if licence else {}),
        "resources": [_resource(table, files[table.file]) for table in tables],
    }
    return _json(told)


def _resource(table: TableFile, file: Written) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "path": table.file,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "schema": {
            "fields": [_field(table, column) for column in table.columns],
            "missingValues": [""],
        },
    }


def _field(table: TableFile, column: Column) -> dict[str, str]:
    kind = kind_of(column, table.model)
    names = {each.name: each for each in table.model._meta.concrete_fields}
    told = {
        "name": column.name,
        "type": TYPES[kind],
        **({"format": "any"} if kind is datetime else {}),
        "title": label_over(table.model, column),
        "description": str(getattr(names.get(column.name), "help_text", "")),
    }
    return {name: text for name, text in told.items() if text}


_CONTEXT: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def catalogue(tables: Sequence[TableFile], files: Mapping[str, Written], known: Known) -> str:
    """A DCAT-AP catalogue as JSON-LD: a dataset for each table, and the digest of every file."""
    language = settings.LANGUAGE_CODE.partition("-")[0]
    described_in = {SDMX: "observations", IATI: "indicators"}
    licence = settings.OPEN_DATA_LICENCE

    def words(text: str) -> dict[str, str]:
        return {"@value": text, "@language": language}

    about = {
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": publisher()},
        "dct:modified": {"@type": "xsd:dateTime", "@value": known.at.isoformat()},
        **({"dct:license": {"@id": licence}} if licence else {}),
    }

    def dataset(name: str, title: str, held: Sequence[str]) -> dict[str, Any]:
        return {
            "@id": f"{_address()}#{name}",
            "@type": "dcat:Dataset",
            "dct:title": words(title),
            "dct:description": words(f"{title}. {described(tables)}"),
            "dcat:version": str(known.sequence),
            **about,
            "dcat:distribution": [_distribution(each, files[each], licence) for each in held],
        }

    datasets = [
        dataset(
            table.name,
            table.title,
            [table.file, *(each for each in files if described_in.get(each) == table.name)],
        )
        for table in tables
    ]
    told = {
        "@context": _CONTEXT,
        "@id": _address(),
        "@type": "dcat:Catalog",
        "dct:title": words(publisher()),
        "dct:description": words(described(tables)),
        "foaf:homepage": {"@id": _address()},
        **about,
        "dcat:dataset": [*datasets, dataset("package", publisher(), [PACKAGE])],
    }
    return _json(told)


def _distribution(name: str, file: Written, licence: str) -> dict[str, Any]:
    media_type = MEDIA_TYPES[Path(name).suffix]
    address = {"@id": f"{_address()}{name}"}
    return {
        "@id": f"{_address()}#{name}",
        "@type": "dcat:Distribution",
        "dct:title": name,
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media_type}"},
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file.size)},
        **({"dct:license": {"@id": licence}} if licence else {}),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
        },
    }


def _address() -> str:
    return f"{settings.SITE_ADDRESS}/data/"


def _json(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


# ---- Observations as SDMX-CSV 2.0: the cells of their table under the names of SDMX

_DATAFLOW: Final = "TRACKER:OBSERVATIONS(1.0)"

_CONCEPTS: Final[Mapping[str, str]] = {
    "INDICATOR": "indicator",
    "REF_AREA": "area_code",
    "TIME_PERIOD": "period",
    "BREAKDOWN": "dimensions",
    "OBS_VALUE": "value",
    "OBS_STATUS": "status",
    "UNIT_MEASURE": "unit",
    "OBS_TEXT": "text",
    "OBS_MARKS": "marks",
    "CONF_STATUS_OBS": "confirmation",
    "SOURCE": "source",
    "COMMENT_OBS": "comment",
    "IS_DEMONSTRATION": DEMONSTRATION,
}

SDMX_HEADER: Final = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *_CONCEPTS)


def sdmx_line(header: Sequence[str], cells: Sequence[Value]) -> list[Value]:
    """One observation; what is missing has no value, and its status says why."""
    held = dict(zip(header, cells, strict=True))
    return ["dataflow", _DATAFLOW, "I", *(held[name] for name in _CONCEPTS.values())]


# ---- Indicators as results of IATI 2.03

IATI_SETTINGS: Final = (
    *("IATI_ORGANISATION", "IATI_ORGANISATION_TYPE", "IATI_ACTIVITY", "IATI_START"),
    "OPEN_DATA_PUBLISHER",
)

_ASCENDING: Final = {Direction.INCREASE: "true", Direction.DECREASE: "false"}


def missing_for_iati() -> list[str]:
    """The settings without which there are no results."""
    return [name for name in IATI_SETTINGS if not getattr(settings, name)]


def iati(results: Iterable[str], tables: Sequence[TableFile], known: Known) -> str:
    """One activity with these results."""
    told = {
        "at": known.at.isoformat(),
        "language": settings.LANGUAGE_CODE.partition("-")[0],
        "activity": settings.IATI_ACTIVITY,
        "organisation": settings.IATI_ORGANISATION,
        "type": settings.IATI_ORGANISATION_TYPE,
        "began": str(settings.IATI_START),
        "publisher": publisher(),
        "title": _("Recommendation Tracker"),
        "description": described(tables),
        "results": results,
    }
    text = render_to_string("open_data/iati.xml", told)
    return replace_invalid(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')


def iati_result(
    indicator: Indicator, targets: Iterable[Target], rows: Sequence[Observation]
) -> str:
    """An indicator. A missing value is left out: IATI has no other way to say so."""
    baselines = []
    by_period: dict[Any, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for target in targets:
        period, told = periods.parse(target.period), _iati_value(indicator, target)
        if target.kind == TargetKind.BASELINE:
            baselines.append((period, told))
        else:
            by_period[period][0].append(told)
    for row in rows:
        if row.value is not None or row.text:
            by_period[periods.parse(row.period)][1].append(_iati_value(indicator, row))
    context = {
        "indicator": indicator,
        "title": marked(indicator.title, any(is_fictional(row.recorded_by) for row in rows)),
        "ascending": _ASCENDING.get(Direction(indicator.direction)),
        "address": f"{settings.SITE_ADDRESS}{indicator.get_absolute_url()}",
        "baselines": baselines,
        "periods": [(period, *by_period[period]) for period in sorted(by_period)],
    }
    return render_to_string("open_data/iati_result.xml", context)


def _iati_value(indicator: Indicator, row: Any) -> dict[str, Any]:
    """A value with its area and dimensions, and in words what else is said of it."""
    is_told = row.value is not None and indicator.measure != Measure.QUALITATIVE
    marks = [row.get_mark_display()] if isinstance(row, Target) else []
    parts = filter(None, getattr(row, "dimensions", "").split("|"))
    if isinstance(row, Observation):
        marks = [str(label_of(Observation, name)) for name in row.marks]
    fiction = _("Demonstration") if is_fictional(row.recorded_by) else ""
    return {
        "value": format(row.value, "f") if is_told else "",
        "dimensions": [("area", row.area.code), *(part.partition("=")[::2] for part in parts)],
        "comment": "; ".join(filter(None, [row.text, *marks, row.comment, fiction])),
    }
