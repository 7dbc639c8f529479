"""How much of an upload is written to disk while it comes in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from recommendations.readers import LARGEST_FILE


def largest_file() -> int:
    """Bytes of one file at most, whatever it is for: evidence, or a spreadsheet."""
    return max(settings.EVIDENCE_MAX_BYTES, LARGEST_FILE)


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes no more of a file than any form takes, and nothing for who is not signed in.

    Of a longer file the rest is read and dropped. It keeps its true size, by which the form that it
    was sent to refuses it.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        person = getattr(self.request, "user", None)
        if person is None or not person.is_authenticated:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= largest_file():
            super().receive_data_chunk(raw_data, start)
