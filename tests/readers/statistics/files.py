"""Opening made-up files of statistics."""

import codecs
import io
from typing import Any

from recommendations.readers import TableError
from recommendations.readers.statistics import FigureFile, FigureRow, Rejected, open_figures


def opened(data: str | bytes, **said: Any) -> FigureFile:
    return open_figures(io.BytesIO(data.encode() if isinstance(data, str) else data), **said)


def rows(data: str | bytes, **said: Any) -> list[FigureRow | Rejected]:
    return list(opened(data, **said).rows)


def figures(data: str | bytes, **said: Any) -> list[FigureRow]:
    """The figures of a file in which nothing is rejected."""
    found = rows(data, **said)
    refused = [str(row) for row in found if isinstance(row, Rejected)]
    assert not refused, refused
    return [row for row in found if isinstance(row, FigureRow)]


def figure(data: str | bytes, **said: Any) -> FigureRow:
    """The only figure of a file."""
    (found,) = figures(data, **said)
    return found


def rejections(data: str | bytes, **said: Any) -> list[str]:
    return [str(row) for row in rows(data, **said) if isinstance(row, Rejected)]


def fault(data: str | bytes, **said: Any) -> str:
    """Why a file cannot be read at all, or not to its end."""
    try:
        rows(data, **said)
    except TableError as error:
        return str(error)
    raise AssertionError("it was read")


def spelt(text: str) -> list[bytes]:
    """The same text with each end of line, with and without a mark of its encoding."""
    assert "\r" not in text
    encoded = [text.encode(), text.replace("\n", "\r\n").encode(), text.rstrip("\n").encode()]
    return [
        *encoded,
        *(codecs.BOM_UTF8 + data for data in encoded),
        codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    ]
