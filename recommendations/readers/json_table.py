"""JSON as it is exported here: a list of flat objects that all have the same names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from recommendations.readers.tables import Cell, Lines, Number, TableError

LARGEST_TEXT = 10 * 1024 * 1024
"""Bytes that are read at once: JSON has no lines to go by."""

LONGEST_OBJECT = 1_000_000
"""Characters of one row. As objects of Python they take up to thirty times as much."""

_FLAT = re.compile(r'\{(?:[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+")*+\}', re.DOTALL)
"""An object without others in it, so that nothing deep or endless is ever decoded."""


def read_json(file: BinaryIO) -> Lines:
    """The lines of a JSON file; the names of the first object are the first."""
    file.seek(0)
    data = file.read(LARGEST_TEXT + 1)
    if len(data) > LARGEST_TEXT:
        raise TableError(_("A JSON file may have at most %d bytes.") % LARGEST_TEXT)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TableError(_("Line %d is not UTF-8.") % line) from error
    return Lines("json", _lines(_objects(text)))


def _lines(objects: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, Sequence[Cell]]]:
    names: list[str] | None = None
    for line, found in objects:
        if names is None:
            names = list(found)
            yield line, names
        if list(found) != names:
            raise TableError(_("Line %d: this object has other names than the first.") % line)
        yield line, [_cell(value, line) for value in found.values()]


def _cell(value: Any, line: int) -> Cell:
    match value:
        case None | bool() | Number():
            return value
        case str():
            return value or None
    raise TableError(_("Line %d: a value must be a text, a number, true, false or null.") % line)


def _objects(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a list one after the other, each with the line on which it begins."""
    decoder = json.JSONDecoder(
        object_pairs_hook=once, parse_float=Number, parse_int=Number, parse_constant=Number
    )
    position, line = after_space(text, 0), 1
    if text[position : position + 1] != "[":
        raise TableError(_("A JSON file must be a list of objects."))
    position = after_space(text, position + 1)
    done, is_first = 0, True
    while text[position : position + 1] != "]":
        if not is_first:
            if text[position : position + 1] != ",":
                raise TableError(_broken(text, position))
            position = after_space(text, position + 1)
        line += text.count("\n", done, position)
        done, is_first = position, False
        end = _end_of_object(text, position, line)
        try:
            found, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            raise TableError(_broken(text, error.pos)) from error
        except ValueError as error:
            raise TableError(_("Line %(line)d: %(why)s.") % {"line": line, "why": error}) from error
        if position != end:
            raise TableError(_broken(text, position))
        yield line, found
        position = after_space(text, position)
    if after_space(text, position + 1) != len(text):
        raise TableError(_broken(text, position + 1))


def _end_of_object(text: str, position: int, line: int) -> int:
    found = _FLAT.match(text, position)
    if found is None:
        words = _("Line %d: this is not an object of texts, numbers, true, false and null.")
        raise TableError(words % line)
    if found.end() - position > LONGEST_OBJECT:
        words = _("Line %(line)d: an object is longer than %(most)d characters.")
        raise TableError(words % {"line": line, "most": LONGEST_OBJECT})
    return found.end()


def after_space(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_("a name stands twice in one object"))
    return found


def _broken(text: str, position: int) -> str:
    return _("Line %d: this is not JSON.") % (text.count("\n", 0, position) + 1)
