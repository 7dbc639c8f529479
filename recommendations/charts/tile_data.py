"""What a map of tiles is drawn from: figures of countries, and the classes that they fall in."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _

from recommendations.charts.figures import Figure
from recommendations.charts.numbers import Formatter, plain
from recommendations.charts.tables import Table
from recommendations.charts.text import isolate

MOST_CLASSES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile(Figure):
    """A country, its figure, of which period it is, and the address that its tile leads to."""

    iso3: str
    name: str
    period: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TilesData:
    """Countries in any order; those that are not given are drawn as empty places.

    ``unit`` stands behind each figure; each class holds about as many countries.
    """

    tiles: tuple[Tile, ...]
    unit: str = ""
    number: Formatter = plain

    def __post_init__(self) -> None:
        counted = Counter(tile.iso3 for tile in self.tiles)
        if twice := [code for code, times in counted.items() if times > 1]:
            raise ValueError(f"Given twice: {', '.join(twice)}.")

    @property
    def known(self) -> list[Tile]:
        return [tile for tile in self.tiles if tile.is_known]

    def table(self) -> Table:
        """A row for each country by name; its class is what the tile shows."""
        classes = classes_of(self)
        header = (_("Country"), _("Code"), _("Period"), _("Value"), _("Class"), _("Note"))
        rows = (
            (tile.name, tile.iso3, tile.period, tile.cell, classes.get(tile.iso3), tile.note())
            for tile in sorted(self.tiles, key=lambda tile: tile.name)
        )
        return Table(header, tuple(rows))

    def sentence(self) -> str:
        """How many have data, and the ends."""
        values = [tile.known for tile in self.known]
        if not values:
            return _("No data for any of %(all)d countries.") % {"all": len(self.tiles)}
        return _(
            "%(known)d of %(all)d countries have data, from %(lowest)s to %(highest)s %(unit)s."
        ) % {
            "known": len(values),
            "all": len(self.tiles),
            "lowest": self.number(min(values)),
            "highest": self.number(max(values)),
            "unit": self.unit,
        }

    def said(self, tile: Tile) -> str:
        """“Name: value unit (period)”, or that there is no data."""
        words = {"name": isolate(tile.name), "period": tile.period}
        if not tile.is_known:
            return _("%(name)s: no data") % words
        words["value"] = tile.full_words(self.number, self.unit)
        if tile.period:
            return _("%(name)s: %(value)s (%(period)s)") % words
        return _("%(name)s: %(value)s") % words


def classes_of(data: TilesData) -> dict[str, int]:
    """The class of each country with a figure, from 1; equal figures are in one class."""
    known = sorted(data.known, key=lambda tile: tile.known)
    found: dict[str, int] = {}
    number, fifth = 0, -1
    for _value, group in groupby(known, lambda tile: tile.known):
        # A run of equal figures belongs where its first one would.
        if (reached := len(found) * MOST_CLASSES // len(known)) != fifth:
            number, fifth = number + 1, reached
        found.update((tile.iso3, number) for tile in group)
    return found


def class_words(data: TilesData, classes: dict[str, int]) -> Iterator[tuple[int, str]]:
    """What each class holds: its lowest and its highest figure."""
    for number in sorted(set(classes.values())):
        values = [tile.known for tile in data.known if classes[tile.iso3] == number]
        ends = {"low": data.number(min(values)), "high": data.number(max(values))}
        is_one = ends["low"] == ends["high"]
        yield number, ends["low"] if is_one else _("%(low)s to %(high)s") % ends
