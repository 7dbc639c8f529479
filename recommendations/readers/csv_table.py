"""CSV: text in an encoding that is stated or certain, with commas, semicolons, tabs or bars."""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from django.utils.translation import gettext as _

from recommendations.characters import FORMULA
from recommendations.readers.tables import (
    LONGEST_CELL,
    MOST_BLANK,
    Cell,
    ReadOptions,
    TableError,
    TableLines,
    other_file,
)

ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-1", "iso8859-15", "cp1250"),
    *("iso8859-2", "cp1251", "koi8-r", "cp1253", "cp1254", "cp1255", "cp1256", "cp874"),
    *("gb18030", "big5", "shift_jis", "euc_kr"),
)
"""Encodings that a person may state. Otherwise: UTF-8, or UTF-16 with a byte order mark."""

_DELIMITERS = (",", ";", "\t")
_BAR = "|"
"""A separator only where the header has none of the others: some headers have bars in names."""

_SLASHED = re.compile(r"[^\t\n]*\\[^\t\n]*\t")
"""How Eurostat's tables begin: with names that are separated by commas, before the first tab."""

_CHUNK = 64 * 1024
_LONGEST_LINE = 1_000_000
MOST_TITLES = 20
"""Records without a separator among which the header is looked for."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "GZIP"),
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s")
_WEB_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|table|\?xml[^>]*>\s*<html)", re.IGNORECASE
)
_QUOTED = re.compile(rf"'+{FORMULA}")


def read_csv(file: BinaryIO, options: ReadOptions) -> TableLines:
    """The lines of a CSV file, once the whole file is known to be text."""
    encoding = _encoding(file, options.encoding)
    _check_text(file, encoding)
    delimiter = _delimiter(_text(file, encoding))
    return TableLines("csv", _records(_text(file, encoding), delimiter), delimiter=delimiter)


def _encoding(file: BinaryIO, stated: str) -> str:
    file.seek(0)
    start = file.read(4096)
    for mark, name in _SIGNATURES:
        if start.startswith(mark):
            words = _("This is a %s file with another extension, not a table.")
            raise TableError(other_file(name) if name == "PDF" else words % name)
    if _WEB_PAGE.match(start):
        raise TableError(other_file("HTML"))
    if _XML.match(start):
        raise TableError(other_file("XML"))
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if stated:
        return _stated(stated)
    if b"\0" in start:
        line = start[: start.index(b"\0")].count(b"\n") + 1
        words = _(
            "Line %d contains NUL bytes. The file is not text, or its encoding must be stated."
        )
        raise TableError(words % line)
    return "utf-8"


def _stated(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    if found not in ENCODINGS:
        words = _("“%(name)s” is not a supported encoding. Choose one of %(known)s.")
        raise TableError(words % {"name": name[:40], "known": ", ".join(ENCODINGS)})
    return found


def _check_text(file: BinaryIO, encoding: str) -> None:
    """Refuse bytes that are not text in this encoding, with their line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    line = 1
    while chunk := file.read(_CHUNK):
        try:
            text = decoder.decode(chunk)
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            line += bytes(getattr(error, "object", b"")[:start]).count(b"\n")
            raise TableError(_not_decoded(line, encoding)) from error
        if "\0" in text:
            line += text[: text.index("\0")].count("\n")
            raise TableError(_("Line %d holds a NUL character.") % line)
        line += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise TableError(_not_decoded(line, encoding)) from error


def _not_decoded(line: int, encoding: str) -> str:
    if encoding in ("utf-8", "utf-8-sig"):
        words = _("Line %d is not UTF-8: save the file as UTF-8, or state its encoding.")
        return words % line
    return _("Line %(line)d is not %(encoding)s text.") % {"line": line, "encoding": encoding}


def _text(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Lines with their ends; one that is too long is refused before it fills the memory."""
    file.seek(0)
    stream = io.TextIOWrapper(file, encoding, newline="")
    try:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE:
                raise TableError(
                    _("Line %(line)d is longer than %(most)d characters.")
                    % {"line": number, "most": _LONGEST_LINE}
                )
            yield line
    finally:
        # The file stays open for others; one that is closed already cannot be detached.
        with contextlib.suppress(ValueError):
            stream.detach()


def _delimiter(lines: Iterator[str]) -> str:
    """The separator that splits the header into most columns; a tie is refused.

    A line with bars is a title above it, unless the next one with a separator has as many bars.
    """
    bare, bars = _first_separated(lines)
    if _SLASHED.match(bare):
        return "\t"
    if bars and bare.count(_BAR) == bars:
        return _BAR
    counts = sorted(((bare.count(mark), mark) for mark in _DELIMITERS), reverse=True)
    if counts[0][0] and counts[0][0] == counts[1][0]:
        raise TableError(_("Line 1: the separator is unclear. Use comma, semicolon or tab."))
    if counts[0][0]:
        return counts[0][1]
    return _BAR if bars or _BAR in bare else ","


def _first_separated(lines: Iterator[str]) -> tuple[str, int]:
    """The first record with a separator, and how many bars the first with any before it has.

    A header may have several lines inside quotes. Titles above it have no separator.
    """
    header: list[str] = []
    quotes = size = blank = titles = bars = 0
    for line in lines:
        if not header and not line.strip():
            blank += 1
            if blank > MOST_BLANK:
                break
            continue
        header.append(line)
        quotes += line.count('"')
        size += len(line)
        if size > _LONGEST_LINE:
            break
        if quotes % 2 == 0:
            titles += 1
            bare = _bare(header)
            if any(mark in bare for mark in _DELIMITERS) or titles > MOST_TITLES:
                break
            bars = bars or bare.count(_BAR)
            header.clear()
    lines.close()  # type: ignore[attr-defined]
    return _bare(header), bars


def _bare(lines: Sequence[str]) -> str:
    """A record without what stands in quotes."""
    return re.sub(r'"(?:[^"]|"")*"', "", "".join(lines))


def _records(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL + 1))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            words = _("Line %(line)d cannot be read, a quote may be missing: %(why)s.")
            raise TableError(words % {"line": line, "why": error}) from error
        # Without the apostrophe that exports put before what could be a formula.
        yield line, [(cell[1:] if _QUOTED.match(cell) else cell) or None for cell in cells]
