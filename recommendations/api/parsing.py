"""What is sent: one object of JSON, as RFC 8259 has it, and nothing that could be read two ways."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from recommendations.api.problems import INVALID, Invalid

DEEPEST = 10
"""Objects and lists inside each other, at most."""


class Digits(str):
    """A number with a decimal point, digit for digit."""

    __slots__ = ()


class JsonParser(BaseParser):
    """Refuses keys that are there twice, NaN, what is deep, and what is no UTF-8.

    How much may be sent is bounded before anything is read.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8")
            found = json.loads(
                text, object_pairs_hook=_once, parse_float=Digits, parse_constant=_refuse
            )
        except (RecursionError, ValueError) as error:
            raise ParseError(_("The content is not valid JSON: %s") % error) from error
        if not isinstance(found, dict) or _depth(found) > DEEPEST:
            raise ParseError(INVALID)
        return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid({twice: [INVALID]})
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _depth(value: Any) -> int:
    """How deep it is; no deeper than the parser of JSON itself could go."""
    deep, level = 0, [value]
    while level and deep <= DEEPEST:
        deep += 1
        inner = [
            each
            for held in level
            for each in (held.values() if isinstance(held, dict) else held)
            if isinstance(each, dict | list)
        ]
        level = inner
    return deep
