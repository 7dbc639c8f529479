"""JSON as a stream of flat objects: a scanner, and a table of objects with the same names."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from django.utils.translation import gettext as _

from recommendations.readers.tables import Cell, Number, RowNumber, TableError, TableLines

JsonObject = dict[str, object]

_LONGEST_ROW = 1_000_000
"""Characters of one row. As objects of Python they take up to thirty times as much."""


def read_json(file: BinaryIO) -> TableLines:
    """The rows of a JSON file; the names of the first object are the first.

    They are known by their place in the list, since several may share a line.
    """
    return TableLines("json", _lines(_objects(JsonScanner(file, _LONGEST_ROW))))


def _objects(scanner: "JsonScanner") -> Iterator[tuple[int, JsonObject]]:
    """The objects of a list, each with the line on which it begins."""
    if scanner.peek() != "[":
        raise TableError(
            _("A JSON file must be a list of objects. Download or save the data as CSV.")
        )
    other = _("Line %d: this is not an object of texts, numbers, true, false and null.")
    yield from scanner.read_list(FLAT_OBJECT, other)
    scanner.expect_end()


def _lines(objects: Iterator[tuple[int, JsonObject]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    names: list[str] | None = None
    for number, (line, found) in enumerate(objects, start=1):
        position = {"row": number, "line": line}
        if names is None:
            names = list(found)
            yield RowNumber(number), names
        if list(found) != names:
            words = _("Line %(line)d, row %(row)d: this object has other names than the first.")
            raise TableError(words % position)
        yield RowNumber(number), [_cell(value, position) for value in found.values()]


def _cell(value: object, position: dict[str, int]) -> Cell:
    match value:
        case None | bool() | Number():
            return value
        case str():
            return value or None
    words = _("Line %(line)d, row %(row)d: a value must be a text, a number, true, false or null.")
    raise TableError(words % position)


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
        self._json = json.JSONDecoder(
            object_pairs_hook=_unique, parse_float=Number, parse_int=Number, parse_constant=Number
        )
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
            found, end = self._json.raw_decode(self._piece, self._at)
        except json.JSONDecodeError as error:
            raise self._unexpected() from error
        except ValueError as error:
            raise TableError(_("Line %(line)d: %(why)s.") % {"line": line, "why": error}) from error
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
