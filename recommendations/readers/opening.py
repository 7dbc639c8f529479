"""Opening a file as a table; its format is detected from its bytes, never from its name."""

import codecs
import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.tables import (
    ReadOptions,
    Table,
    TableError,
    TableLines,
    find_head,
    read_header,
    table_rows,
)
from recommendations.readers.text_tables import read_csv, read_json
from recommendations.readers.workbook import SIGNATURE, read_xls, read_xlsx, visible_sheets

# ---- The media type of a file, detected from its bytes and never from its name.
# Only ``TYPES`` are known; files of any other type are not accepted as evidence. Text is what has
# no character that text cannot have. Text that a browser would take for a page or an image has a
# type of its own, so that it can be refused.

_HEAD = 4096
"""Bytes at the beginning that are searched for a signature."""

_CHUNK = 64 * 1024

_LONGEST_LIST = 1024 * 1024
"""Bytes of an archive's list of parts that are read: some 20,000 parts, in a few megabytes."""


class ReadableFile(Protocol):
    """An open binary file: of Python or of Django."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, whence: int = ..., /) -> int: ...


@dataclass(frozen=True, slots=True)
class MediaType:
    """One kind of file. ``code`` is its usual ending; ``is_shown``: a browser may show it.

    ``is_framed``: a page may show it in a frame, in which it stays in its sandbox.
    """

    code: str
    name: str
    label: str | Promise
    is_shown: bool = False
    is_framed: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

PDF = MediaType("pdf", "application/pdf", _("PDF document"), is_framed=True)
TEXT = MediaType("txt", "text/plain", capfirst(_("text")), is_shown=True, is_framed=True)
HTML = MediaType("html", "text/html", _("Web page"))
SVG = MediaType("svg", "image/svg+xml", _("SVG drawing"))
XML = MediaType("xml", "application/xml", _("XML file"))
ZIP = MediaType("zip", "application/zip", _("ZIP archive"))
MACROS = MediaType("docm", "application/vnd.ms-office", _("Office file with macros"))

TYPES: dict[str, MediaType] = {
    known.code: known
    for known in (
        PDF,
        MediaType("png", "image/png", _("PNG image"), is_shown=True),
        MediaType("jpg", "image/jpeg", _("JPEG image"), is_shown=True),
        MediaType("gif", "image/gif", _("GIF image"), is_shown=True),
        MediaType("webp", "image/webp", _("WebP image"), is_shown=True),
        MediaType("tif", "image/tiff", _("TIFF image")),
        TEXT,
        MediaType("docx", f"{_OFFICE}.wordprocessingml.document", _("Word document")),
        MediaType("xlsx", f"{_OFFICE}.spreadsheetml.sheet", _("Excel workbook")),
        MediaType("pptx", f"{_OFFICE}.presentationml.presentation", _("PowerPoint presentation")),
        MediaType("odt", f"{_OPEN}.text", _("OpenDocument text")),
        MediaType("ods", f"{_OPEN}.spreadsheet", _("OpenDocument spreadsheet")),
        MediaType("odp", f"{_OPEN}.presentation", _("OpenDocument presentation")),
        MediaType("mp3", "audio/mpeg", _("MP3 recording")),
        MediaType("mp4", "video/mp4", _("MP4 recording")),
        ZIP,
        HTML,
        SVG,
        XML,
        MACROS,
    )
}
"""Every type that can be detected, by its code."""

SAFE = tuple(code for code in TYPES if TYPES[code] not in (ZIP, HTML, SVG, XML, MACROS))
"""Codes that are accepted unless a site says otherwise: nothing that a program would execute."""

_BY_NAME = {known.name: known for known in TYPES.values()}

# Offset, bytes, code. Source: the registrations of these formats; WHATWG MIME Sniffing, section 6.
_SIGNATURES = (
    (0, b"%PDF-", "pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (8, b"WEBP", "webp"),
    (0, b"II*\x00", "tif"),
    (0, b"MM\x00*", "tif"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp", "mp4"),
)
# What follows "ftyp" in images and films of the same structure that are not MP4.
_OTHER_BRANDS = (b"avif", b"avis", b"crx ", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"qt  ")

# Name of the part that every file of a kind has inside its archive.
_OFFICE_PARTS = {
    "word/document.xml": "docx",
    "xl/workbook.xml": "xlsx",
    "ppt/presentation.xml": "pptx",
}

# WHATWG MIME Sniffing, section 7.1, and the signs of an SVG drawing.
_MARKUP = (
    (b"<svg", SVG),
    (b"<!doctype svg", SVG),
    (b"<?xml", XML),
    *((tag, HTML) for tag in (b"<!doctype html", b"<html", b"<head", b"<script", b"<iframe")),
    *((tag, HTML) for tag in (b"<body", b"<style", b"<title", b"<table", b"<div", b"<font")),
    *((tag, HTML) for tag in (b"<a", b"<b", b"<br", b"<h1", b"<img", b"<p", b"<!--")),
)
_NOT_IN_TEXT = bytes(code for code in range(32) if code not in b"\t\n\f\r")


def type_named(name: str) -> MediaType | None:
    """A type by its registered name, such as ``application/pdf``."""
    return _BY_NAME.get(name)


def detect(file: ReadableFile) -> MediaType | None:
    """The type of an open, seekable file; None where it is not known."""
    file.seek(0)
    head = file.read(_HEAD)
    for offset, signature, code in _SIGNATURES:
        if head.startswith(signature, offset):
            # What else belongs to a signature is there too.
            is_other = code == "mp4" and head.startswith(_OTHER_BRANDS, 8)
            is_other |= code == "webp" and not head.startswith(b"RIFF")
            return None if is_other else TYPES[code]
    if head.startswith(b"PK\x03\x04"):
        return _archive(file)
    return _markup(head) or (TEXT if _is_text(file) else None)


def _archive(file: ReadableFile) -> MediaType | None:
    """By the names of the parts; nothing is unpacked, so nothing can fill the memory."""
    if not _has_short_list(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            stated = archive.read("mimetype") if _is_plain(archive, "mimetype") else b""
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError):
        return None
    if any(_is_macro(name) for name in names):
        return MACROS
    if stated:
        found = _BY_NAME.get(stated.decode("ascii", "replace").strip())
        return found if found and found.name.startswith(_OPEN) else ZIP
    return next((TYPES[code] for part, code in _OFFICE_PARTS.items() if part in names), ZIP)


def _has_short_list(file: ReadableFile) -> bool:
    """Whether the list of parts is short by the size it states, which ``zipfile`` relies on.

    Searched where ``zipfile`` searches: the last mark in the last 64 KiB, and the record of 56
    bytes that some programs put before it. One that is stated to be elsewhere is not searched.
    """
    whole = file.seek(0, os.SEEK_END)
    start = max(0, whole - (1 << 16) - 98)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return False
    stated = tail[at + 12 : at + 16]
    if tail.startswith(b"PK\x06\x07", at - 20) and at >= 20:
        place = int.from_bytes(tail[at - 12 : at - 4], "little")
        if at < 76 or place != start + at - 76:
            return False
        stated = tail[at - 36 : at - 28]
    return int.from_bytes(stated, "little") <= _LONGEST_LIST


def _is_plain(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a part exists, is short and is not packed: a packed one can state any length."""
    part = archive.NameToInfo.get(name)
    return (
        part is not None
        and part.compress_type == zipfile.ZIP_STORED
        and max(part.file_size, part.compress_size) <= 100
    )


def _is_macro(name: str) -> bool:
    """Whether a part holds a program: of Microsoft's office, or of OpenDocument."""
    is_basic = name.startswith(("Basic/", "Scripts/"))
    return is_basic or name.rpartition("/")[2].casefold() == "vbaproject.bin"


def _markup(head: bytes) -> MediaType | None:
    """The type that a browser which sniffs would give to this text, if other than text."""
    # Without a mark of byte order, and without the zero bytes of UTF-16.
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    start = head.replace(b"\x00", b"").lstrip(b" \t\r\n\f").lower()
    for tag, kind in _MARKUP:
        if start.startswith(tag):
            after = start[len(tag) : len(tag) + 1]
            if kind is XML:
                return SVG if b"<svg" in start else HTML if b"<html" in start else XML
            if tag == b"<!--" or not after.isalnum():
                return kind
    return None


def _is_text(file: ReadableFile) -> bool:
    file.seek(0)
    mark = file.read(2)
    if mark in (b"\xff\xfe", b"\xfe\xff"):
        return _decodes(file, "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be")
    file.seek(0)
    while piece := file.read(_CHUNK):
        if piece.translate(None, _NOT_IN_TEXT) != piece:
            return False
    return True


def _decodes(file: ReadableFile, encoding: str) -> bool:
    """Whether what follows is text in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(_CHUNK):
            text = decoder.decode(piece)
            if any(ord(character) < 32 and character not in "\t\n\f\r" for character in text):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


# ---- Opening a file as a table; its format is detected from its bytes, not from its name

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes of a file that is imported, at most."""


def open_table(file: BinaryIO, name: str, options: ReadOptions | None = None) -> Table:
    """Open a CSV, XLSX, XLS or JSON file; ``TableError`` says what is wrong and where."""
    options = options or ReadOptions()
    lines = open_lines(file, name, options)
    line, cells, below = find_head(lines, options.header_row)
    header = read_header(cells, line, lines.where, names_columns=options.names_columns)
    rows = table_rows(below, header, lines.where, keeps_broken=options.keeps_broken)
    return Table(lines.kind, header, rows, lines.notes)


def open_lines(
    file: BinaryIO, name: str, options: ReadOptions | None = None, largest: int = LARGEST_FILE
) -> TableLines:
    """The lines of a CSV, XLSX, XLS or JSON file of at most ``largest`` bytes, or of one in an
    archive, that ``options`` name as a sheet.

    ``name`` only distinguishes JSON from CSV, which have no signature of their own.
    """
    return read_lines(*unpacked(file, name, options or ReadOptions(), largest))


def unpacked(
    file: BinaryIO, name: str, options: ReadOptions, largest: int
) -> tuple[BinaryIO, str, ReadOptions]:
    """A file, its name and its options, without what it is packed in."""
    check_size(file, largest)
    file.seek(0)
    if file.read(2) == _GZIP:
        file, name = _inflated(file, largest), name.removesuffix(".gz")
    if packed := packed_tables(file):
        name, options = _chosen(packed, options), replace(options, sheet="")
        file = _unpacked(file, name, largest)
    return file, name, options


def read_lines(file: BinaryIO, name: str, options: ReadOptions) -> TableLines:
    """The lines of a file that is not packed; it can be read again."""
    file.seek(0)
    start = file.read(4)
    if start == b"PK\x03\x04":
        return read_xlsx(file, options)
    if start == SIGNATURE:
        return read_xls(file, options)
    if start == b"PK\x05\x06":
        raise TableError(gettext("This is an empty archive, not an XLSX workbook."))
    if name.lower().endswith(".json"):
        return read_json(file)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise TableError(gettext("This is not an XLSX workbook, despite its file extension."))
    return read_csv(file, options)


_GZIP = b"\x1f\x8b"

PACKED = (".csv", ".tsv", ".txt", ".json", ".xls", ".xlsx")
"""How the names of tables in an archive end."""


def sheets_of(file: BinaryIO) -> list[str]:
    """What of a file may be chosen: the tables in an archive, the visible sheets of a workbook."""
    return packed_tables(file) or visible_sheets(file)


def packed_tables(file: BinaryIO) -> list[str]:
    """The names of the tables in an archive; none of a workbook, which is one too."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04" or not _has_short_list(file):
        return []
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
        return []
    is_workbook = "[Content_Types].xml" in names
    return [] if is_workbook else [name for name in names if name.lower().endswith(PACKED)]


def _chosen(packed: Sequence[str], options: ReadOptions) -> str:
    if len(packed) > 1 and not options.sheet:
        named = ", ".join(f"“{name}”" for name in packed)
        raise TableError(gettext("Several sheets have values. Choose one: %s.") % named[:1000])
    name = options.sheet or packed[0]
    if name not in packed:
        raise TableError(gettext("The workbook has no sheet “%s”.") % name[:80])
    return name


def _inflated(file: BinaryIO, largest: int) -> BinaryIO:
    """The one file that is compressed in another."""
    file.seek(0)
    try:
        with gzip.open(file) as inside:
            held = io.BytesIO(inside.read(largest + 1))
    except (OSError, EOFError, zlib.error) as error:
        raise _unreadable(error) from error
    check_size(held, largest)
    return held


def _unreadable(error: Exception) -> TableError:
    return TableError(gettext("The file cannot be read: %s") % type(error).__name__)


def _unpacked(file: BinaryIO, name: str, largest: int) -> BinaryIO:
    """One file of an archive; Python reads no more of it than the archive states."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(part.file_size for part in archive.infolist()) > largest:
                raise TableError(_too_large(largest))
            held = io.BytesIO(archive.read(name))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise _unreadable(error) from error
    check_size(held, largest)
    return held


def _too_large(largest: int) -> str:
    return gettext("The file has more than %d MB.") % (largest // 1024 // 1024)


def check_size(file: BinaryIO, largest: int) -> None:
    """Raises ``TableError`` for a file of no bytes, or of more than ``largest``."""
    size = file.seek(0, 2)
    if size == 0:
        raise TableError(gettext("The file is empty."))
    if size > largest:
        raise TableError(_too_large(largest))
