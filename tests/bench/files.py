"""Files: a trial import beside mere reading, and what an export of ten times the rows holds."""

import csv
import io
from collections.abc import Iterator

from django.test import Client

from recommendations.models import Source
from recommendations.readers import open_table
from tests import factories
from tests.base import World
from tests.bench.measure import Row, peak, seconds, table
from tests.imports.files import map_for, plan_of, two_thousand

FEW, MANY = 2_000, 20_000


def run(world: type[World]) -> None:
    """Print both ratios."""
    data = two_thousand()
    chosen = map_for(data)
    text = data.decode()
    taken = {
        "csv.reader alone": seconds(lambda: list(csv.reader(io.StringIO(text, newline="")))),
        "reading it as we do": seconds(lambda: list(open_table(io.BytesIO(data), "a.csv").rows)),
        "trial": seconds(
            lambda: plan_of(data, world.source, world.manager, column_map=chosen), times=3
        ),
    }
    least = taken["csv.reader alone"]
    rows = [(what, f"{time:.3f}", f"{time / least:.0f}") for what, time in taken.items()]
    table("Import of 2,000 rows", ("what", "seconds", "× csv.reader"), rows)
    head = ("format", f"MiB for {FEW:,} rows", f"× for {MANY:,}")
    table("Memory at the peak of an export", head, _exports(world))


def _exports(world: type[World]) -> Iterator[Row]:
    for slug, count in (("few", FEW), ("many", MANY)):
        world.source = Source.objects.create(
            slug=slug, title=slug, short_title=slug, reference_prefix=slug.upper()
        )
        factories.join_bodies(world, factories.recommendations(world, count), each=1)
    client = Client()
    client.force_login(world.manager, backend="recommendations.authentication.RoleBackend")

    def read(slug: str, code: str) -> None:
        path = f"/recommendations/export/?source={slug}&format={code}"
        answer = client.get(path)
        assert answer.status_code == 200, path
        for _piece in answer.streaming_content:
            pass

    for code in ("csv", "xlsx"):
        read("few", code)  # what is kept from then on is no part of the file
        few = peak(lambda code=code: read("few", code))
        many = peak(lambda code=code: read("many", code))
        yield code, f"{few:.1f}", f"{many / few:.1f}"
