"""How long a whole bulk file takes, again, and in a later vintage; and how much memory it needs."""

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command

from recommendations.actions.imports.figures import FigureOptions, FigurePlan, import_figures
from recommendations.models import Area, Observation
from tests.bench.measure import Row, peak, table
from tests.figures.files import upload, world_bank

YEARS = range(1960, 2025)
CHANGED = 200


def run(world: Any) -> None:
    """266 rows of 65 years, as the World Bank publishes them, with made-up figures."""
    call_command("loaddata", str(settings.BASE_DIR / "fixtures" / "10_areas.json"), verbosity=0)
    countries = list(Area.objects.exclude(iso3="").order_by("iso3").values_list("iso3", "name"))
    groups = [("WLD", "World"), ("EUU", "European Union"), ("ARB", "Arab World")]
    places = countries + groups
    made_up = {
        (code, year): f"{(place * 7919 + year * 104729) % 100000 / 1000}"
        for place, (code, _name) in enumerate(places)
        for year in YEARS
        if (place + year) % 9
    }
    first = world_bank(places, YEARS, made_up)
    changed = dict(made_up)
    for key in [key for key in made_up if key[0] not in dict(groups)][:CHANGED]:
        changed[key] = f"{made_up[key]}1"
    later = world_bank(places, YEARS, changed, updated="2025-07-01")
    indicator = world.make_indicator("BULK")

    def bring(content: bytes) -> FigurePlan:
        return import_figures(
            upload=upload(content), indicator=indicator, by=world.manager, options=FigureOptions()
        )

    rows: list[Row] = []
    for name, content in (("first", first), ("again", first), ("later vintage", later)):
        begun = time.perf_counter()
        done = bring(content)
        taken = f"{time.perf_counter() - begun:.1f} s"
        rows.append((f"{name}: {done.new} new, {done.revised} revised", taken, ""))
    other = world.make_indicator("BULK-2")
    memory = peak(
        lambda: import_figures(
            upload=upload(first), indicator=other, by=world.manager, options=FigureOptions()
        )
    )
    rows.append(("memory of the first", f"{memory:.0f} MiB", ""))
    title = (
        f"A bulk file: {len(places)} areas, {len(YEARS)} years, {Observation.objects.count()} kept"
    )
    table(title, ("import", "taken", ""), rows)
