"""``load_article``: put the article's recommendations, evidence and indicators in place."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommendations import audit
from recommendations.actions import article


def in_words(loaded: article.Loaded) -> Iterator[str]:
    """What loading one file came to: a line for the file, and one for each thing that was kept."""
    yield (
        f"{loaded.name}: {loaded.new} new, {loaded.updated} brought up to date, "
        f"{loaded.unchanged} unchanged, {len(loaded.kept)} kept as people left them"
    )
    for thing in loaded.kept:
        yield f"  kept: {thing}"


class Command(BaseCommand):
    help = (
        "Load the article from fixtures/: areas, source, recommendations, evidence, indicators. "
        "Safe to run again: it writes what is missing and never over what people changed."
    )

    @audit.act()
    def handle(self, *args: Any, at: datetime | None = None, **options: Any) -> None:
        try:
            files = article.load(folder=settings.BASE_DIR / "fixtures", at=at)
        except article.LoadRefused as error:
            raise CommandError(str(error)) from error
        for loaded in files:
            for line in in_words(loaded):
                self.stdout.write(line)
        is_written = any(loaded.is_written for loaded in files)
        self.stdout.write(
            self.style.SUCCESS(
                "The article is in place." if is_written else "Nothing to do: all of it is there."
            )
        )
