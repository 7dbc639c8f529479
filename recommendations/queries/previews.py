"""What a preview has shown, as its form carries it: signed, so that nobody else writes it."""

from collections.abc import Mapping
from typing import Any

from django.core import signing

Sealed = tuple[str, dict[int, tuple[Any, ...]]]
"""What a preview is about, and the marks of each row by its id."""


def seal(about: str, rows: Mapping[int, tuple[Any, ...]], salt: str) -> str:
    marked = [[pk, *marks] for pk, marks in rows.items()]
    return signing.dumps([about, marked], salt=salt, compress=True)


def unseal(token: str, salt: str) -> Sealed | None:
    """What was sealed under this salt; nothing where that is not known."""
    try:
        about, rows = signing.loads(token, salt=salt)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return about, {pk: tuple(marks) for pk, *marks in rows}
