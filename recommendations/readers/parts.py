"""The parts of a recommendation in one cell: each begins a line with its label in brackets."""

import re
from collections.abc import Iterable

_BEGINNING = re.compile(r"\((\S|\S.*?\S)\)[ \t]+(\S.*)")
"""A label may hold spaces and brackets, but no closing bracket before a space."""

INDENT = "  "
"""What further lines of a part begin with."""


class PartsError(ValueError):
    """A line of the cell belongs to no part; ``line`` is its text."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


def split_parts(cell: str) -> list[tuple[str, str]]:
    """Label and text of each part of a cell, such as ``(a) Keep a register.``

    Raises ``PartsError``.
    """
    found: list[tuple[str, list[str]]] = []
    for line in cell.strip().split("\n"):
        beginning = _BEGINNING.fullmatch(line)
        if beginning is not None:
            found.append((beginning[1], [beginning[2]]))
        elif found and (line.startswith(INDENT) or not line.strip()):
            found[-1][1].append(line.removeprefix(INDENT))
        elif line:
            raise PartsError(line)
    return [(label, "\n".join(lines).strip()) for label, lines in found]


def join_parts(parts: Iterable[tuple[str, str]]) -> str:
    """Parts as one cell, which ``split_parts`` splits again."""
    return "\n".join(
        f"({label}) {text.replace(chr(10), chr(10) + INDENT)}" for label, text in parts
    )
