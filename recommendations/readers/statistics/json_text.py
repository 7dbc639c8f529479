"""JSON as a stream: objects that are no deeper than expected, without the file being held."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from recommendations.readers.json_table import after_space, once
from recommendations.readers.tables import Number, TableError

CHUNK = 64 * 1024
LONGEST_OBJECT = 100_000
"""Characters of one object."""

_TEXT = r'"(?:[^"\\]++|\\.)*+"'
_FLAT = rf'\{{(?:[^"{{}}\[\]]++|{_TEXT})*+\}}'
ROW = re.compile(rf'\{{(?:[^"{{}}\[\]]++|{_TEXT}|{_FLAT})*+\}}', re.DOTALL)
HEAD = re.compile(
    rf'\{{(?:[^"{{}}\[\]]++|{_TEXT}|\[(?:[^"{{}}\[\]]++|{_TEXT}|{_FLAT})*+\])*+\}}', re.DOTALL
)
"""An object of objects, and one of lists of objects, so that nothing deep is ever decoded."""


class JsonText:
    """The text of a file, of which no more than a piece is held."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._json = json.JSONDecoder(
            object_pairs_hook=once, parse_float=Number, parse_int=Number, parse_constant=Number
        )
        self._piece, self._at, self._line = "", 0, 1

    def peek(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        while True:
            at = after_space(self._piece, self._at)
            self._pass(at)
            if at < len(self._piece) or not self._more():
                return self._piece[at : at + 1]

    def take(self, expected: str) -> None:
        self.peek()
        while len(self._piece) - self._at < len(expected) and self._more():
            pass
        if not self._piece.startswith(expected, self._at):
            raise self.broken()
        self._pass(self._at + len(expected))

    def thing(self, shape: re.Pattern[str]) -> tuple[int, dict[str, Any]]:
        """The next object, and the line on which it begins."""
        if self.peek() != "{":
            raise self.broken()
        while not shape.match(self._piece, self._at):
            if len(self._piece) - self._at > LONGEST_OBJECT or not self._more():
                raise self.broken()
        line = self._line
        try:
            thing, end = self._json.raw_decode(self._piece, self._at)
        except ValueError as error:
            raise self.broken() from error
        self._pass(end)
        return line, thing

    def broken(self) -> TableError:
        return TableError(_("Line %d: this is not the JSON that is expected.") % self._line)

    def _pass(self, end: int) -> None:
        self._line += self._piece.count("\n", self._at, end)
        self._at = end

    def _more(self) -> bool:
        data = self._file.read(CHUNK)
        try:
            text = self._decode(data, not data)
        except UnicodeDecodeError as error:
            raise TableError(_("Line %d is not UTF-8.") % self._line) from error
        self._piece, self._at = self._piece[self._at :] + text, 0
        return bool(data)
