"""Putting a release of open data on record, with the files that are offered of it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recommendations import audit
from recommendations.actions.base import BATCH, add_row, require_administrator
from recommendations.models import OpenDataRelease, OpenDataText, User

PIECE = 256 * 1024
"""Characters of a file that are held at once."""


def record_release(
    *,
    by: User | None,
    told: Mapping[str, Any],
    texts: Mapping[str, Path],
    put_in_place: Callable[[], None],
) -> tuple[OpenDataRelease, bool]:
    """The release with this digest, and whether it is new; its files take the place of others.

    ``told`` are columns of the row; ``put_in_place`` is done last of all, so that files and record
    are both there or neither. ``by`` is nobody where a program releases.
    """
    with audit.entry(by=by) as entry:
        if by is not None:
            require_administrator(by)
        last = OpenDataRelease.objects.first()
        is_new = last is None or last.digest != told["digest"]
        if last is None or is_new:
            row = OpenDataRelease(**told, released_at=entry.at, released_by=by)
            last = add_row(entry, row, verb="release_open_data")
        OpenDataText.objects.all().delete()
        OpenDataText.objects.bulk_create(_pieces(texts), batch_size=min(BATCH, 20))
        put_in_place()
        return last, is_new


def _pieces(texts: Mapping[str, Path]) -> Iterator[OpenDataText]:
    for name, path in texts.items():
        with path.open(encoding="utf-8", newline="") as file:
            for number, text in enumerate(iter(lambda: file.read(PIECE), "")):
                yield OpenDataText(name=name, number=number, text=text)
