"""``load_article``: put the article's recommendations, evidence and indicators in place."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions import fixtures


def in_words(loaded: fixtures.Loaded) -> Iterator[str]:
    """What loading one file came to: a line for the file, and one for each thing that was kept."""
    yield (
        f"{loaded.name}: {loaded.new} new, {loaded.updated} updated, "
        f"{loaded.unchanged} unchanged, {len(loaded.kept)} edited here and kept"
    )
    for thing in loaded.kept:
        yield f"  kept: {thing}"


class Command(BaseCommand):
    help = (
        "Load the article from fixtures/: areas, source, recommendations, evidence, indicators. "
        "Safe to run again: adds missing rows and never overwrites edits."
    )

    @audit.act()
    def handle(self, *args: Any, at: datetime | None = None, **options: Any) -> None:
        try:
            files = fixtures.load(folder=settings.BASE_DIR / "fixtures", at=at)
        except fixtures.LoadRefused as error:
            raise CommandError(str(error)) from error
        for loaded in files:
            for line in in_words(loaded):
                self.stdout.write(line)
        is_written = any(loaded.is_written for loaded in files)
        self.stdout.write(
            self.style.SUCCESS(
                "The article is loaded."
                if is_written
                else "Nothing to do: the article is loaded already."
            )
        )
