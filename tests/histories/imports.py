"""What is imported: a spreadsheet, and the article."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from recommendations.actions import fixtures
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from tests.histories.history import History, act
from tests.imports import files
from tests.imports.run import import_spreadsheet


@act
def import_list(history: History) -> None:
    """New ones and earlier ones with other words; some were reported on elsewhere.

    Refused where all three would depend on each other.
    """
    head = (
        *("id", "title", "lead", "contributors", "status", "status date", "due date"),
        *("parts", "depends on", "related to"),
    )
    rows = [
        (
            str(number),
            history.word("Write it down"),
            history.either("Ministry A", "Agency B", ""),
            history.either("", "Agency B"),
            history.either("Closed acceptable", "Supported in part"),
            "3/2/2023",
            history.either("", "1/5/2031"),
            history.either("", f"(i) {history.word('Strand')}"),
            *(history.either("", str(other)) for _relation in range(2)),
        )
        for number, other in ((1, 2), (2, 3), (3, 1))
    ]
    data = files.csv_bytes(rows, head)
    import_spreadsheet(
        upload=files.upload(data),
        source=history.world.source,
        by=history.world.administrator,
        options=SpreadsheetOptions(files.map_for(data), create_organisations=True),
    )


ARTICLE = (
    "10_areas",
    "20_groups_and_organisations",
    "30_source",
    "40_recommendations",
    "60_indicators",
)


@act
def load_article(history: History) -> None:
    with _short_article() as folder:
        fixtures.load(folder=folder)


@contextmanager
def _short_article() -> Iterator[Path]:
    """The article without its evidence and figures, which take long."""
    with tempfile.TemporaryDirectory() as name:
        for part in ARTICLE:
            shutil.copy(settings.BASE_DIR / "fixtures" / f"{part}.json", name)
        yield Path(name)
