"""Charts of each kind, and of each way in which data can be strange. All values are fictional."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from recommendations.charts import (
    ColumnsData,
    Frame,
    Goal,
    LineData,
    MonthCounts,
    Range,
    RangesData,
    RankedArea,
    RankedData,
    Series,
    SeriesPoint,
    SlippageData,
    State,
    StatedDate,
    Strip,
    StripsData,
    Tile,
    TilesData,
    columns_chart,
    line_chart,
    range_chart,
    ranking_chart,
    slippage_chart,
    sparkline,
    strips_chart,
    tile_chart,
)
from recommendations.charts.canvas import ChartData
from recommendations.periods import parse

STRANGE = ('<b> & "it\'s"', "أفغانستان", "中华人民共和国", "control \x00\x1f\ufffe end", "")


def point(code: str, value: str | int | None, **marks) -> SeriesPoint:
    return SeriesPoint(period=parse(code), value=None if value is None else Decimal(value), **marks)


def series(*points: SeriesPoint, name: str = "South Asia", **more) -> Series:
    return Series(name=name, points=points, **more)


def years(*values: str | int | None, first: int = 2018, **more) -> Series:
    """A series of years, one after the other."""
    points = (point(str(first + number), value) for number, value in enumerate(values))
    return series(*points, **more)


def goal(code: str, value: str | int) -> Goal:
    return Goal(period=parse(code), value=Decimal(value))


def lines(*found: Series, **more) -> LineData:
    return LineData(series=found, **more)


def spread(region: str, year: int, *five: int | None, count: int = 8, among: int = 9) -> Range:
    low, lower, median, upper, high = (None if v is None else Decimal(v) for v in five)
    return Range(
        region=region,
        period=parse(str(year)),
        count=count,
        among=among,
        minimum=low,
        lower_quartile=lower,
        median=median,
        upper_quartile=upper,
        maximum=high,
    )


def areas(*named: tuple[str, str | int | None], **more) -> RankedData:
    found = (RankedArea(name=n, value=None if v is None else Decimal(v)) for n, v in named)
    return RankedData(areas=tuple(found), **more)


def tile(iso3: str, value: str | int | None, *, name: str = "", **more) -> Tile:
    exact = None if value is None else Decimal(value)
    return Tile(iso3=iso3, name=name or iso3, value=exact, **more)


def country_tiles(*found: Tile, **more) -> TilesData:
    return TilesData(tiles=found, **more)


NO_REPORT, STARTED, DONE = (
    State("none", "No report yet"),
    State("some", "In progress"),
    State("full", "Implemented"),
)


def month(number: int) -> date:
    """A month, numbered from January 2024."""
    return date(2024 + number // 12, number % 12 + 1, 1)


def columns(*counts: tuple[int, int, int] | None) -> ColumnsData:
    months = (MonthCounts(first_day=month(n), counts=each) for n, each in enumerate(counts))
    return ColumnsData(states=(DONE, STARTED, NO_REPORT), months=tuple(months))


def strips(*states: State | None, name: str = "Implementation status") -> StripsData:
    days = tuple(month(n) for n in range(len(states)))
    return StripsData(months=days, strips=(Strip(name=name, states=states),))


def slippage(*stated: tuple[str, str | None], until: str = "2026-11-29") -> SlippageData:
    found = (
        StatedDate(stated_on=date.fromisoformat(on), target=day and date.fromisoformat(day))
        for on, day in stated
    )
    return SlippageData(stated=tuple(found), until=date.fromisoformat(until))


TOWARDS_TARGET = lines(
    series(
        point("2017", 31),
        point("2018", 34),
        point("2019", 38, status="I"),
        point("2020", None),
        point("2021", 47, status="B"),
        point("2022", 50, status="E"),
        point("2023", 52, status="P"),
    ),
    baseline=goal("2017", 31),
    target=goal("2027", 70),
)
SEVERAL = lines(
    years(30, 33, 35, name="South Asia"),
    years(50, None, 58, name="中亚"),
    years(62, 64, 65, name="أفريقيا"),
    years(None, None, None, name="A region that nobody has asked and whose name is long"),
)
REGIONS = RangesData(
    ranges=(
        spread("South Asia", 2022, 10, 22, 35, 51, 80),
        spread("South Asia", 2023, None, None, None, None, None, count=0),
        spread("South Asia", 2024, 14, 26, 40, 55, 84, count=9),
        spread("Central Asia", 2022, 60, 60, 60, 60, 60, count=1, among=5),
        spread("Central Asia", 2023, 52, None, 58, None, 66, count=2, among=5),
        spread("Central Asia", 2024, 50, 55, 61, 68, 70, count=5, among=5),
    )
)
RANKING = RankedData(
    areas=(
        RankedArea(name="Nepal", value=Decimal(52)),
        RankedArea(name="Pakistan", value=Decimal(33), status="P"),
        RankedArea(name="Sri Lanka", value=Decimal("44.5"), is_lower_bound=True),
        RankedArea(name="Bhutan", value=Decimal(86), is_approximate=True),
        RankedArea(name="Maldives", value=None),
    )
)
MAP = country_tiles(
    tile("NPL", 52, name="Nepal", period="2024", href="/areas/NPL/?a=1&b=2"),
    tile("IND", 61, name="India", period="2024", href="/areas/IND/", status="P"),
    tile("LKA", "44.5", name="Sri Lanka", period="2024", href="/areas/LKA/"),
    tile("BTN", None, name="Bhutan", href="/areas/BTN/"),
    tile("GRL", 70, name="Greenland", period="2023"),
    unit="%",
)

KNOWN: dict[str, tuple[Callable, ChartData]] = {
    "line": (line_chart, TOWARDS_TARGET),
    "line-several": (line_chart, SEVERAL),
    "sparkline": (sparkline, TOWARDS_TARGET),
    "ranges": (range_chart, REGIONS),
    "ranked": (ranking_chart, RANKING),
    "tiles": (tile_chart, MAP),
    "columns": (columns_chart, columns((0, 0, 4), (0, 1, 3), None, (1, 2, 1), (2, 1, 1))),
    "strips": (strips_chart, strips(None, NO_REPORT, NO_REPORT, STARTED, STARTED, DONE)),
    "slippage": (
        slippage_chart,
        slippage(("2024-02-01", "2025-06-30"), ("2025-05-20", "2026-06-30"), ("2026-06-01", None)),
    ),
}
"""Charts as they should look; these are kept as snapshots."""

DEGENERATE: dict[str, tuple[Callable, ChartData]] = {
    "no points": (line_chart, lines(series())),
    "all missing": (line_chart, lines(years(None, None))),
    "huge beside tiny": (line_chart, lines(years("1e15", "1e-9", "-1e15"))),
    "all forms": (
        line_chart,
        lines(series(*(point(f"2018{c}", 1) for c in ("", "-S1", "-Q2", "-07")))),
    ),
    "forty series": (line_chart, lines(*(years(n, n + 1, name=f"Series {n}") for n in range(40)))),
    "strange names": (line_chart, lines(*(years(1, 2, name=name) for name in STRANGE))),
    "no ranges": (range_chart, RangesData(ranges=())),
    "thirty years": (
        range_chart,
        RangesData(ranges=tuple(spread("A", year, 1, 2, 3, 4, 5) for year in range(1990, 2025))),
    ),
    "nothing ranked": (ranking_chart, areas()),
    "200 areas": (ranking_chart, areas(*((f"Area {n}", n % 90) for n in range(200)))),
    "strange areas": (ranking_chart, areas(*((name * 9, 5) for name in STRANGE), ("", None))),
    "no months": (columns_chart, columns()),
    "months unknown": (columns_chart, columns(None, None)),
    "months of nothing": (columns_chart, columns((0, 0, 0))),
    "ninety months": (columns_chart, columns(*((n, 90_000 - n, 7) for n in range(90)))),
    "strips of nothing": (strips_chart, strips(None, None)),
    "strange strips": (strips_chart, strips(*(State("risk", name) for name in STRANGE))),
    "no date": (slippage_chart, slippage(("2024-02-01", None))),
    "one date": (slippage_chart, slippage(("2026-11-29", "2026-11-29"))),
    "brought forward": (
        slippage_chart,
        slippage(("2024-02-01", "2030-01-01"), ("2024-02-02", "2024-02-02"), until="2024-02-02"),
    ),
    "no tiles": (tile_chart, country_tiles()),
    "tiles without data": (tile_chart, country_tiles(tile("NPL", None))),
    "one tile": (tile_chart, country_tiles(tile("NPL", 5))),
    "equal tiles": (tile_chart, country_tiles(tile("NPL", 5), tile("IND", 5))),
    "strange tiles": (
        tile_chart,
        country_tiles(*(tile(f"X{n}", n, name=s) for n, s in enumerate(STRANGE))),
    ),
}
"""Charts that have to be right, not pretty; of lines, ranges and rankings tests draw any data."""

EVERY = KNOWN | DEGENERATE


def frame(**more) -> Frame:
    return Frame(**{"title": "Internet use", "prefix": "use", "unit": "% of population"} | more)
