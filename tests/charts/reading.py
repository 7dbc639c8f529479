"""How tests read a chart."""

from collections.abc import Iterator
from decimal import Decimal
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def read(chart: str) -> ElementTree.Element:
    """The chart, parsed as the XML of a file would be."""
    return ElementTree.fromstring(chart)


def every(root: ElementTree.Element, tag: str, name: str = "") -> list[ElementTree.Element]:
    """Elements of that tag, and of that class where one is named."""
    found = root.iter(f"{SVG}{tag}")
    return [item for item in found if not name or name in item.get("class", "").split()]


def words(root: ElementTree.Element) -> list[str]:
    """Every text that is seen, in the order of the file."""
    return ["".join(_seen(item)) for item in every(root, "text")]


def _seen(item: ElementTree.Element) -> Iterator[str]:
    yield item.text or ""
    for child in item:
        if child.tag != f"{SVG}title":
            yield from _seen(child)
        yield child.tail or ""


def places(item: ElementTree.Element) -> list[tuple[float, float]]:
    """The corners of a polyline."""
    pairs = (pair.split(",") for pair in item.get("points", "").split())
    return [(float(x), float(y)) for x, y in pairs]


def runs(root: ElementTree.Element, name: str = "series-1") -> list[list[tuple[float, float]]]:
    """The lines of a series."""
    groups = every(root, "g", name)
    return [places(item) for group in groups for item in every(group, "polyline")]


def size(root: ElementTree.Element) -> tuple[float, float]:
    _left, _top, width, height = map(float, root.get("viewBox", "").split())
    return width, height


def table_rows(data) -> Iterator[list[str]]:
    """The header and the rows of a chart's table, every digit written out."""
    table = data.table()
    yield list(table.header)
    for row in table.rows:
        yield [_written(cell) for cell in row]


def _written(cell: str | int | Decimal | None) -> str:
    if cell is None:
        return ""
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
