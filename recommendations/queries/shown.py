"""What a page showed of the object that is decided on, so that the decision binds to it.

A page with a decision builds ``Shown`` from the very rows that it displays, and carries it, signed,
in a hidden field. The action builds it anew under the lock of the chain and refuses with
``NotAsSeen`` where any part differs, before it writes. To bind one decision more:

1. ``queries/``: a function that builds ``Shown`` from rows that were read, and reads nothing itself
   (``shown_update``, ``shown_change``). The page and the action both call it.
2. Template: ``{% shown_field shown %}`` inside the form; several fields may stand in one form.
3. View: ``seen=Shown.sent(request.POST, UPDATE, pk)``; a field that is absent or damaged
   is answered like one that differs.
4. Action: ``seen: Shown | None``, and after the checks of permission and state
   ``require_as_seen(seen, lambda: …)`` of ``actions/proposals.py``.
5. Answer 409 with the page as it is now: ``{% include "components/refusal.html" %}`` lists the
   changes, the form keeps what was typed, and its hidden field is new.
6. A row in ``tests/views/test_decisions_as_seen.py``, which walks all such forms.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, NamedTuple, Self

from django.core import signing
from django.db import models
from django.utils.text import Truncator, capfirst

from recommendations.queries.fields import Difference, field_label, field_text

SALT = "recommendations.shown"

LONGEST, MARGIN = 400, 60
"""Characters of a part in the list of changes, and those kept in front of the first difference."""


MOST_CARRIED = 5_000
"""Characters of a text that a form carries: a list of fifty updates is sent in one request."""


class ShownPart(NamedTuple):
    """One thing that a page showed.

    ``value`` is its code, id or text, the same in every language; ``label`` and ``text`` are for
    people. A ``/`` in a key divides a part from what it is a part of: ``evidence-3/url``.
    """

    key: str
    label: str
    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page showed ``about`` one object, such as ``update-12``, part by part."""

    about: str
    parts: tuple[ShownPart, ...]

    @property
    def field_name(self) -> str:
        """Name of the hidden field."""
        return f"shown-{self.about}"

    @property
    def token(self) -> str:
        """Value of the hidden field: signed, so that it holds what this site has shown."""
        parts = [
            part._replace(value=_carried(part.value), text=part.text[:MOST_CARRIED])
            for part in self.parts
        ]
        return signing.dumps([self.about, parts], salt=SALT, compress=True)

    @property
    def digest(self) -> str:
        """Stands for what was shown, the same in every language."""
        told = repr([(part.key, part.value) for part in self.parts])
        return hashlib.sha256(f"{self.about} {told}".encode()).hexdigest()

    @classmethod
    def sent(cls, post: Mapping[str, Any], kind: str, pk: int) -> Self:
        """What the page of this object had shown; without parts where that is not known."""
        nothing = cls(f"{kind}-{pk}", ())
        try:
            about, parts = signing.loads(str(post.get(nothing.field_name, "")), salt=SALT)
            found = cls(about, tuple(ShownPart(*part) for part in parts))
        except (signing.BadSignature, TypeError, ValueError):
            return nothing
        return found if found.about == nothing.about else nothing

    def value(self, key: str) -> str:
        """What a part held; empty where that is not known."""
        return next((part.value for part in self.parts if part.key == key), "")

    def changes(self, now: "Shown") -> list[Difference] | None:
        """What differs now, in the order of the page; none where all is as it was shown.

        The list is empty where it is not known what was shown. Of what was added or removed as a
        whole the parts are not listed.
        """
        if not self.parts:
            return []
        was = {part.key: part for part in self.parts}
        present = {part.key: part for part in now.parts}
        keys = [key for key in {**present, **was} if _value(was, key) != _value(present, key)]
        if not keys:
            return None
        whole = {key for key in keys if key not in was or key not in present}
        return [
            _difference(key, was.get(key), present.get(key))
            for key in keys
            if key.rpartition("/")[0] not in whole
        ]


def preview_mark(chosen: object, outcome: object) -> str:
    """Stands for what a preview showed: what the person chose, and what would come of it."""
    return ".".join(hashlib.sha256(repr(part).encode()).hexdigest() for part in (chosen, outcome))


def is_chosen_anew(expected: str, now: str) -> bool:
    """Of two different marks: whether other things were chosen than the preview was made of."""
    return expected.partition(".")[0] != now.partition(".")[0]


def field_parts(
    row: models.Model, names: Iterable[str], *, under: str = "", of: str = ""
) -> list[ShownPart]:
    """Fields of a row as parts; ``of`` names the row in their labels, ``under`` is its own key."""
    found = []
    for name in names:
        field: Any = row._meta.get_field(name)
        label = capfirst(field_label(row, name))
        found.append(
            ShownPart(
                f"{under}/{name}" if under else name,
                f"{of}: {label}" if of else label,
                field.value_to_string(row),
                field_text(row, name),
            )
        )
    return found


def _value(parts: Mapping[str, ShownPart], key: str) -> str | None:
    return _carried(parts[key].value) if key in parts else None


def _carried(value: str) -> str:
    """A value as a form carries it: of a long one the digest, marked by what no text can hold."""
    if len(value) <= MOST_CARRIED:
        return value
    return f"\0{hashlib.sha256(value.encode()).hexdigest()}"


def _difference(key: str, was: ShownPart | None, now: ShownPart | None) -> Difference:
    before, after = (part.text[:MOST_CARRIED] if part else "" for part in (was, now))
    label = now.label if now else was.label if was else key
    if max(len(before), len(after)) > LONGEST:
        pairs = enumerate(zip_longest(before, after))
        start = max(0, next((n for n, (a, b) in pairs if a != b), 0) - MARGIN)
        before, after = (_excerpt(text, start) for text in (before, after))
    return Difference(key, label, before, after)


def _excerpt(text: str, start: int) -> str:
    return ("…" if start and text else "") + Truncator(text[start:]).chars(LONGEST)


Marks = tuple[int | str, ...]
"""By what a row of a preview is known to be as it was shown."""


@dataclass(frozen=True, slots=True)
class ShownRows:
    """Rows of a preview ``about`` one change, with their marks by id, as its form carries them."""

    about: str
    rows: Mapping[int, Marks]

    @property
    def token(self) -> str:
        marked = [[pk, *marks] for pk, marks in self.rows.items()]
        return signing.dumps([self.about, marked], salt=SALT, compress=True)

    @classmethod
    def sent(cls, token: str, about: str) -> Self | None:
        """What the preview of this change had shown; nothing where that is not known."""
        try:
            found, rows = signing.loads(token, salt=SALT)
        except (signing.BadSignature, TypeError, ValueError):
            return None
        return cls(about, {pk: tuple(marks) for pk, *marks in rows}) if found == about else None
