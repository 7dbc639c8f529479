"""``release_open_data``: what everybody may read, as files for programs, on record as a release."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.exports.open_data import IATI, missing_for_iati
from recommendations.management.console import TEXT, readable_path
from recommendations.management.imports import find_user
from recommendations.management.refusals import refusals
from recommendations.views.open_data import release


class Command(BaseCommand):
    help = (
        "Write the public data to a folder: CSV with datapackage.json (Frictionless), "
        "catalogue.jsonld (DCAT-AP), SDMX-CSV and IATI. The folder is new, empty or of an earlier "
        "release. The site offers the last release under /data/."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=readable_path, metavar="DIR")
        parser.add_argument("--by", **TEXT, metavar="USERNAME", help="administrator who releases")

    def handle(self, *args: Any, folder: Path, by: str, **options: Any) -> None:
        try:
            with refusals():
                made, is_new = release(folder.absolute(), by=find_user(by))
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}") from error
        what = "Released" if is_new else "Nothing changed since the last release"
        said = f"{what}: {folder}, {len(made.files)} files, as of event {made.sequence}."
        self.stdout.write(self.style.SUCCESS(said))
        self.stdout.write(f"SHA-256 {made.digest}")
        if missing := missing_for_iati():
            self.stdout.write(f"{IATI} is left out. It needs {', '.join(missing)}.")
