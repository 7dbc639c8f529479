"""Tables in text: CSV, JSON, and cells that are pasted."""

import codecs
import contextlib
import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, BinaryIO, cast

from django.utils.translation import gettext as _

from recommendations.characters import FORMULA, INVALID
from recommendations.readers.tables import (
    LONGEST_CELL,
    MOST_BLANK,
    MOST_COLUMNS,
    MOST_TABLE_ROWS,
    Cell,
    Number,
    ReadOptions,
    RowNumber,
    TableError,
    TableLines,
    fold_text,
    other_file,
    usual_words,
)

# ---- CSV: text in an encoding that is stated or certain, with commas, semicolons, tabs or bars

ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-1", "iso8859-15"),
    *("mac-roman", "cp1250", "iso8859-2", "cp1251", "koi8-r", "cp1253", "cp1254", "cp1255"),
    *("cp1256", "cp874", "gb18030", "big5", "shift_jis", "euc_kr"),
    *("utf-8-twice", "mac-roman-twice"),
)
"""Encodings that a person may state. Otherwise: UTF-8, or UTF-16 with a byte order mark or a zero
beside each of the first letters."""

_TWICE = {"utf-8-twice": "utf-8-sig", "mac-roman-twice": "mac-roman"}
"""That of a text which a program took for cp1252 and saved again: ``é`` became ``Ã©``."""

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
)
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s")
_WEB_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|table|\?xml[^>]*>\s*<html)", re.IGNORECASE
)
_QUOTED = re.compile(rf"'+{FORMULA}")


def read_csv(file: BinaryIO, options: ReadOptions) -> TableLines:
    """The lines of a CSV file, once the whole file is known to be text."""
    encoding = _encoding(file, options.encoding)
    if encoding in _TWICE:
        file, encoding = _repaired(file, encoding), "utf-8"
    _check_text(file, encoding)
    delimiter = _delimiter(_text(file, encoding))
    lines = _records(_text(file, encoding), delimiter)
    return TableLines("csv", lines, delimiter=delimiter, first=options.first_row)


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
        if start.startswith(mark) and stated not in _TWICE:
            return name
    if stated:
        return _stated(stated)
    if name := _without_mark(start):
        return name
    if b"\0" in start:
        line = start[: start.index(b"\0")].count(b"\n") + 1
        words = _(
            "Line %d contains NUL bytes. The file is not text, or its encoding must be stated."
        )
        raise TableError(words % line)
    return "utf-8"


def _without_mark(start: bytes) -> str:
    """UTF-16 by a zero beside each of the first letters; empty for anything else."""
    first, second = start[:80:2], start[1:80:2]
    if not (first and second) or any(first) == any(second):
        return ""
    return ("utf-16-le" if all(first) else "") or ("utf-16-be" if all(second) else "")


def _stated(name: str) -> str:
    try:
        found = name if name in _TWICE else codecs.lookup(name).name
    except LookupError:
        found = ""
    if found not in ENCODINGS:
        words = _("“%(name)s” is not a supported encoding. Choose one of %(known)s.")
        raise TableError(words % {"name": name[:40], "known": ", ".join(ENCODINGS)})
    return found


def _decoded(data: bytes, encoding: str) -> str:
    """A text; one that was saved twice as it was the first time."""
    text = data.decode(_TWICE.get(encoding, encoding))
    if encoding in _TWICE:
        return text.encode("cp1252", "latin-1").decode(_TWICE[encoding])
    return text


def _as_latin(error: UnicodeError) -> tuple[bytes, int]:
    """Bytes that cp1252 has no character for are often taken for those of Latin-1."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return error.object[error.start : error.end].encode("latin-1"), error.end


codecs.register_error("latin-1", _as_latin)


def _repaired(file: BinaryIO, encoding: str) -> BinaryIO:
    """A text that was saved twice, as UTF-8."""
    file.seek(0)
    once = io.BytesIO()
    for number, line in enumerate(file, start=1):
        try:
            once.write(_decoded(line, encoding).encode())
        except UnicodeError as error:
            raise _not_decoded(file, number, encoding) from error
    return once


class NotUtf8(TableError):
    """A file is text in an encoding that must be stated."""


_SAMPLED = 500
"""Lines, with a character that tells encodings apart, of which these are tried."""
_MARKS = "\u2018\u2019\u2013“”„«»—…•€°§"


def _sampled(file: BinaryIO) -> bytes:
    file.seek(0)
    lines = (line.strip().removeprefix(codecs.BOM_UTF8) for line in file)
    return b"\n".join(islice((line for line in lines if not line.isascii()), _SAMPLED))


def saved_twice(file: BinaryIO) -> str:
    """A part of a text in UTF-8 that was saved twice, as it was the first time; else empty."""
    with contextlib.suppress(UnicodeError):
        text = _decoded(_sampled(file), "utf-8-twice")
        return "" if INVALID.search(text) else _around(text)
    return ""


def readings(file: BinaryIO) -> list[tuple[str, str]]:
    """How a file reads in encodings that it may have, each with a part of its text.

    UTF-8 is one for a text that is that. Of others that which reads best comes first: letters stand
    beside letters of their script, capitals at the beginning of words. Encodings in which it reads
    the same are one.
    """
    lines = _sampled(file)
    found: dict[str, str] = {}
    others = [name for name in ENCODINGS if not name.startswith("utf")]
    with contextlib.suppress(UnicodeError):
        lines.decode("utf-8")
        others = ["utf-8-twice", "utf-8"]
    for encoding in others:
        with contextlib.suppress(UnicodeError):
            text = _decoded(lines, encoding)
            if not INVALID.search(text):
                found.setdefault(text, encoding)

    def share(text: str) -> float:
        fit = [_fits(*each) for each in zip(text, " " + text, text[1:] + " ", strict=False)]
        return sum(fit) / max(sum(not each.isascii() for each in text), 1)

    best = sorted(found, key=share, reverse=True)
    return [(found[text], _around(text)) for text in best]


def _fits(character: str, before: str, after: str) -> bool:
    if character.isascii():
        return False
    if not character.isalpha():
        return character in _MARKS and (character in _MARKS[1:3] or not (before + after).isalpha())
    beside = [each for each in (before, after) if each.isalpha()]
    scripts = {unicodedata.name(each, "").partition(" ")[0] for each in (character, *beside)}
    is_within = any(each.isascii() == (scripts == {"LATIN"}) for each in beside)
    return is_within and len(scripts) == 1 and not (character.isupper() and before.islower())


def _around(text: str) -> str:
    """The words about the first character that is not ASCII."""
    first = next((at for at, character in enumerate(text) if not character.isascii()), 0)
    return " ".join(text[max(first - 40, 0) : first + 40].split())


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
            raise _not_decoded(file, line, encoding) from error
        if "\0" in text:
            line += text[: text.index("\0")].count("\n")
            raise TableError(_("Line %d holds a NUL character.") % line)
        line += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise _not_decoded(file, line, encoding) from error


def _not_decoded(file: BinaryIO, line: int, encoding: str) -> TableError:
    told: dict[str, Any] = {"line": line, "encoding": encoding}
    if encoding not in ("utf-8", "utf-8-sig"):
        return TableError(_("Line %(line)d is not %(encoding)s text.") % told)
    told["encoding"], told["text"] = next(iter(readings(file)), ("", ""))
    words = _(
        "Line %(line)d is not UTF-8: save the file as UTF-8, or state its encoding. Text read as "
        "%(encoding)s: “%(text)s”."
    )
    return NotUtf8(words % told)


def _text(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Lines with their ends; one that is too long is refused before it fills the memory."""
    file.seek(0)
    stream = io.TextIOWrapper(file, encoding, newline="")
    try:
        number, before = 0, ""
        while line := stream.readline(_LONGEST_LINE):
            if line == "\r" and before[-1:] == "\n":
                continue  # the national statistics of Mexico end lines so
            number, before = number + 1, line
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
    first = last = next(lines, "")

    def remembered() -> Iterator[str]:
        nonlocal last
        for each in chain([first] if first else [], lines):
            last = each
            yield each

    # Some offices write a blank before each opening quote.
    is_spaced = 0 < first.count(f'{delimiter} "') * 2 == first.count('"')
    reader = csv.reader(remembered(), delimiter=delimiter, strict=True, skipinitialspace=is_spaced)
    is_above = True
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
            is_above = is_above and len(cells) < 2
        except StopIteration:
            return
        except csv.Error as error:
            if is_above and delimiter not in _bare([last]):
                # A title with numbers of notes behind its quotes.
                yield line, [last.replace('"', "").strip()]
                continue
            words = _("Line %(line)d cannot be read, a quote may be missing: %(why)s.")
            raise TableError(words % {"line": line, "why": error}) from error
        # Without the apostrophe that exports put before what could be a formula.
        quoted = {cell for cell in cells if cell[:1] == "'" and _QUOTED.match(cell)}
        yield line, [(cell[1:] if cell in quoted else cell) or None for cell in cells]


# ---- Cells copied from a spreadsheet and pasted as text: tabs between them, one row a line


def pasted_rows(text: str) -> Iterator[list[str]]:
    """The rows of a pasted text, also the empty ones, each a list of cells on one line.

    A cell with a tab or a line break comes in quotation marks, as spreadsheets copy it.
    A quotation mark that nothing closes goes on to the end: a form lets in no text that is longer
    than a cell may be.
    """
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    for row in csv.reader(lines, delimiter="\t"):
        yield [" ".join(cell.split()) for cell in row]


# ---- JSON as a list of objects: flat ones as a stream, and lists that lie deeper in a file

JsonObject = dict[str, object]

_LONGEST_ROW = 1_000_000
"""Characters of one row. As objects of Python they take up to thirty times as much."""
_LARGEST_NESTED = 4 * 1024 * 1024
"""Bytes of a file that is not flat, which is held in memory."""


def read_json(file: BinaryIO) -> TableLines:
    """The rows of a JSON file, with a column for each name that any of its objects has.

    They are known by their place in the list, since several may share a line.
    """
    notes: list[str] = []
    rows: Callable[[], Iterable[JsonObject]] = partial(_objects, file)
    try:
        names = _names(rows())
    except TableError:
        nested = _nested(file, notes)
        rows = partial(map, _merged, nested)
        if not (names := _names(rows())):
            raise
    return TableLines("json", _lines(names, rows()), notes=notes)


def _objects(file: BinaryIO) -> Iterator[JsonObject]:
    """The objects of a list."""
    scanner = JsonScanner(file, _LONGEST_ROW)
    if scanner.peek() != "[":
        raise TableError(
            _("A JSON file must be a list of objects. Download or save the data as CSV.")
        )
    other = _("Line %d: this is not an object of texts, numbers, true, false and null.")
    for _line, found in scanner.read_list(FLAT_OBJECT, other):
        yield found
    scanner.expect_end()


def _names(objects: Iterable[JsonObject]) -> list[str]:
    return list(dict.fromkeys(name for each in objects for name in each))


def _lines(names: list[str], objects: Iterable[JsonObject]) -> Iterator[tuple[int, Sequence[Cell]]]:
    if names:
        yield RowNumber(1), names
    for number, found in enumerate(objects, start=1):
        cells = [None if found.get(name) == "" else found.get(name) for name in names]
        yield RowNumber(number), cast("list[Cell]", cells)


Nested = tuple[JsonObject, JsonObject]
"""What the objects around one say, but for the outermost, and what it says itself."""


def _merged(nested: Nested) -> JsonObject:
    return nested[0] | nested[1]


def _nested(file: BinaryIO, notes: list[str]) -> list[Nested]:
    """The objects of that list within a file which has recommendations, else of the longest.

    None where the file is no JSON, or too large. Lists that are not read are named in ``notes``.
    """
    file.seek(0)
    content = file.read(_LARGEST_NESTED + 1)
    lists: dict[tuple[str, ...], list[Nested]] = {}
    try:
        if len(content) <= _LARGEST_NESTED:
            _collect(_JSON.decode(content.decode("utf-8-sig")), (), {}, lists)
    except (ValueError, RecursionError):
        return []
    texts = [word for word, code in usual_words("headings").items() if code == "quoted_text"]

    def rank(path: tuple[str, ...]) -> tuple[bool, int]:
        found = lists[path]
        return any(fold_text(name) in texts for name in (found[0][1] if found else ())), len(found)

    best = max(lists, key=rank, default=())
    if unread := ["/".join(path) for path in lists if path != best[: len(path)]]:
        told = {"label": _("Not imported"), "value": " · ".join(unread)}
        notes.append(_("%(label)s: %(value)s") % told)
    return lists.get(best, [])


def _collect(
    value: object,
    path: tuple[str, ...],
    above: JsonObject,
    lists: dict[tuple[str, ...], list[Nested]],
) -> None:
    """Add the objects of all lists in a value, each under the names that lead to its list."""
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            own = dict(_flat(each))
            lists.setdefault(path, []).append((above, own))
            if len(lists[path]) > MOST_TABLE_ROWS or len(above) + len(own) > MOST_COLUMNS:
                raise ValueError(path)
            named = {f"{path[-1]}/{name}": own[name] for name in own} if path else own
            if any(isinstance(within, dict | list) for within in each.values()):
                _collect(each, path, above | named if named else above, lists)
    for name, each in value.items() if isinstance(value, dict) else ():
        if isinstance(each, list) and any(isinstance(one, dict | list) for one in each):
            lists.setdefault((*path, name), [])
        _collect(each, (*path, name), above, lists)


def _flat(value: JsonObject, before: str = "") -> Iterator[tuple[str, object]]:
    """What an object says, also in objects within it and in lists of texts; no list of objects."""
    for name, each in value.items():
        if isinstance(each, dict):
            yield from _flat(each, f"{before}{name}/")
        elif not isinstance(each, list):
            yield f"{before}{name}", each
        elif not any(isinstance(one, dict | list) for one in each):
            yield f"{before}{name}", "; ".join(str(one) for one in each if one is not None)


# ---- the scanner


JSON_CHUNK_BYTES = 64 * 1024


LONGEST_OBJECT = 100_000
"""Characters of one object, unless a caller says otherwise."""

_TEXT = r'"(?:[^"\\]++|\\.)*+"'
_FLAT = rf'\{{(?:[^"{{}}\[\]]++|{_TEXT})*+\}}'
FLAT_OBJECT = re.compile(_FLAT, re.DOTALL)
OBJECT_OF_OBJECTS = re.compile(rf'\{{(?:[^"{{}}\[\]]++|{_TEXT}|{_FLAT})*+\}}', re.DOTALL)
OBJECT_OF_LISTS = re.compile(
    rf'\{{(?:[^"{{}}\[\]]++|{_TEXT}|\[(?:[^"{{}}\[\]]++|{_TEXT}|{_FLAT})*+\])*+\}}', re.DOTALL
)
"""Shapes that are no deeper than expected, so that nothing deep or endless is ever decoded."""


class JsonScanner:
    """Reads JSON piece by piece. Memory does not grow with the file.

    ``longest`` limits the characters of one object. All methods raise ``TableError``, with the
    line, for what is not UTF-8 or not the JSON that is expected.
    """

    def __init__(self, file: BinaryIO, longest: int = LONGEST_OBJECT) -> None:
        file.seek(0)
        self.line = 1
        self._file = file
        self._longest = longest
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._piece, self._at = "", 0

    def peek(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        while True:
            end = self._at
            while end < len(self._piece) and self._piece[end] in " \t\r\n":
                end += 1
            self._advance(end)
            if end < len(self._piece) or not self._read_more():
                return self._piece[end : end + 1]

    def expect(self, expected: str) -> None:
        """Move past this text."""
        self.peek()
        while len(self._piece) - self._at < len(expected) and self._read_more():
            pass
        if not self._piece.startswith(expected, self._at):
            raise self._unexpected()
        self._advance(self._at + len(expected))

    def expect_end(self) -> None:
        if self.peek():
            raise self._unexpected()

    def read_object(self, shape: re.Pattern[str], other: str = "") -> tuple[int, JsonObject]:
        """The next object, with the line on which it begins. Numbers are ``Number``.

        ``other`` is the message, with a place for the line, where what is next has another shape.
        """
        if self.peek() != "{" or not self._matches(shape):
            raise self._unexpected(other)
        line = self.line
        try:
            found, end = _JSON.raw_decode(self._piece, self._at)
        except json.JSONDecodeError as error:
            raise self._unexpected() from error
        except ValueError as error:
            raise TableError(
                _("Line %(line)d: %(why)s") % {"line": line, "why": f"{error}."}
            ) from error
        self._advance(end)
        return line, found

    def read_list(
        self, shape: re.Pattern[str], other: str = ""
    ) -> Iterator[tuple[int, JsonObject]]:
        """The objects of a list that is next."""
        self.expect("[")
        while self.peek() != "]":
            yield self.read_object(shape, other)
            if self.peek() != ",":
                break
            self.expect(",")
        self.expect("]")

    def _matches(self, shape: re.Pattern[str]) -> bool:
        while True:
            found = shape.match(self._piece, self._at)
            size = (found.end() if found else len(self._piece)) - self._at
            if size > self._longest:
                words = _("Line %(line)d: an object is longer than %(most)d characters.")
                raise TableError(words % {"line": self.line, "most": self._longest})
            if found or not self._read_more():
                return found is not None

    def _unexpected(self, words: str = "") -> TableError:
        words = words or _("Line %d: this is not the JSON that is expected.")
        return TableError(words % self.line)

    def _advance(self, end: int) -> None:
        self.line += self._piece.count("\n", self._at, end)
        self._at = end

    def _read_more(self) -> bool:
        data = self._file.read(JSON_CHUNK_BYTES)
        try:
            text = self._decode(data, not data)
        except UnicodeDecodeError as error:
            line = self.line + self._piece.count("\n", self._at)
            line += error.object.count(b"\n", 0, error.start)
            raise TableError(_("Line %d is not UTF-8.") % line) from error
        self._piece, self._at = self._piece[self._at :] + text, 0
        return bool(data)


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_("a name occurs twice in one object"))
    return found


_JSON = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=Number, parse_int=Number, parse_constant=Number
)
