"""Charts as files, from the rows of their page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse

from recommendations.charts import Chart
from recommendations.exports import FORMATS, Column, Sheet


def svg_file(chart: Chart[Any], name: str, note: str = "") -> HttpResponse:
    """A chart with its title and ``note``, on white."""
    return HttpResponse(
        chart.as_file(note),
        content_type="image/svg+xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.svg"'},
    )


def csv_file(chart: Chart[Any], name: str) -> StreamingHttpResponse:
    """The data of a chart: every digit, and nothing where a value is missing."""
    columns = [Column(head, _cell(place)) for place, head in enumerate(chart.table.header)]
    return StreamingHttpResponse(
        FORMATS["csv"].chunks(Sheet(name, columns, chart.table.rows)),
        content_type=FORMATS["csv"].content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(place: int) -> Callable[[Any], Any]:
    return lambda row: row[place]
