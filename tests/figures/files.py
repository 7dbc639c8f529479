"""Made-up files of statistics, for tests. No figure in them is anybody's."""

import io
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from recommendations.actions.imports.pipeline import Upload


def long_csv(*rows: str, header: str = "iso3,period,value") -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def world_bank(
    places: Iterable[tuple[str, str]],
    years: Iterable[int],
    figures: Mapping[tuple[str, int], str],
    code: str = "XX.MADE.UP",
    updated: str = "2024-07-01",
    title: str = "Use of the thing",
) -> bytes:
    """A bulk file as the World Bank publishes them: years as columns, empty where unknown."""
    wanted = list(years)
    head = [
        '"Data Source","World Development Indicators",',
        "",
        f'"Last Updated Date","{updated}",',
        "",
        ",".join(
            f'"{name}"'
            for name in ("Country Name", "Country Code", "Indicator Name", "Indicator Code")
        )
        + ","
        + ",".join(f'"{year}"' for year in wanted)
        + ",",
    ]
    rows = [
        f'"{name}","{place}","{title}","{code}",'
        + ",".join(f'"{figures.get((place, year), "")}"' for year in wanted)
        + ","
        for place, name in places
    ]
    return "\ufeff".encode() + "\r\n".join([*head, *rows, ""]).encode()


def upload(content: bytes, name: str = "figures.csv") -> Upload:
    held: BinaryIO = io.BytesIO(content)
    return Upload(held, name)


PLAIN = long_csv("NAM,2019,1", "KEN,2019,2", "KEN,2020,3")
OFFICE = world_bank([("NAM", "Namibia")], [2019], {("NAM", 2019): "1"})
"""A plain table, and a file that names a statistical office."""
