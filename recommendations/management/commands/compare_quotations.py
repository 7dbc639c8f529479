"""``compare_quotations``: look up each quotation of a source in the text of that source."""

import hashlib
import unicodedata
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations.models import Recommendation, Source

LEFT_OUT = "[…]"
"""Stands in a quotation where it leaves out words of the source."""


def folded(text: str) -> str:
    """Ligatures opened and white space folded, which differ from one copy of a text to the next."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


class Command(BaseCommand):
    help = (
        "Look up the wording of each recommendation of a source in a file with its text (UTF-8). "
        "Fails where one is not found word for word."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", help="short name of the source, as in its address")
        parser.add_argument("file", type=Path, help="the text of the source")

    def handle(self, *args: Any, source: str, file: Path, **options: Any) -> None:
        try:
            found = Source.objects.get(slug=source)
            content = file.read_bytes()
            text = folded(content.decode())
        except Source.DoesNotExist as error:
            raise CommandError(f"There is no source “{source}”.") from error
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8 (byte {error.start}).") from error
        if found.text_sha256 and found.text_sha256 != hashlib.sha256(content).hexdigest():
            self.stdout.write(f"{file} is not the copy whose digest is on record.")

        missing = 0
        for recommendation in Recommendation.objects.filter(source=found).order_by("number"):
            for part in filter(None, map(str.strip, recommendation.quoted_text.split(LEFT_OUT))):
                if folded(part) not in text:
                    missing += 1
                    self.stdout.write(f"{recommendation.reference}: not in the text: {part}")
        if missing:
            raise CommandError(f"Not in {file} word for word: {missing} of the quoted passages.")
        self.stdout.write(self.style.SUCCESS("Every quotation is in the text word for word."))
