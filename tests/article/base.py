"""The article as it is loaded, and folders of fixtures that differ from it."""

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from recommendations.actions import fixtures
from recommendations.models import Recommendation
from tests.base import TrackerTestCase
from tests.loaded import FIXTURES
from tests.rows import write_once

LOADED_AT = datetime(2024, 3, 5, 9, 0, tzinfo=UTC)


class ArticleTestCase(TrackerTestCase):
    """The people and REP-1 of every test, then the article."""

    loaded: list[fixtures.Loaded]

    @classmethod
    def setUpTestData(cls) -> None:
        for name, row in write_once("article behind REP-1", cls._write_article).items():
            setattr(cls, name, row)

    @classmethod
    def _write_article(cls) -> dict[str, Any]:
        rows = cls._write()
        return {**rows, "loaded": fixtures.load(folder=FIXTURES, at=LOADED_AT)}

    def load(self, folder: Path = FIXTURES) -> dict[str, fixtures.Loaded]:
        return {loaded.name: loaded for loaded in fixtures.load(folder=folder)}

    def one(self, number: int = 1) -> Any:
        return Recommendation.objects.get(reference=f"DSR-{number}")

    def altered(self, **files: Callable[[list[dict[str, Any]]], None]) -> Path:
        """A copy of the fixtures in which files were changed, by the words of their names."""
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        for path in FIXTURES.glob("*.json"):
            rows = json.loads(path.read_text())
            if change := files.get(path.stem.lstrip("0123456789_")):
                change(rows)
            (folder / path.name).write_text(json.dumps(rows))
        return folder

    def differing(self, **files: dict[str, dict[str, Any]]) -> Path:
        """A copy in which the objects that hold these keys say something else."""

        def change(rows: list[dict[str, Any]], said: dict[str, dict[str, Any]]) -> None:
            for key, fields in said.items():
                row = next(row for row in rows if key in row["fields"].values())
                row["fields"].update(fields)

        return self.altered(**{name: partial(change, said=said) for name, said in files.items()})

    def rewritten(self, file: str, key: str, /, **fields: Any) -> Path:
        """A copy in which one object says something else."""
        return self.differing(**{file.strip("0123456789_").removesuffix(".json"): {key: fields}})
