"""A part of a page that is drawn once, and kept for as long as what it depends on is the same."""

import secrets
from collections.abc import Callable, Hashable
from typing import Any, Final

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from recommendations.queries.cache import Drawing, cached, pack, unpack

register = template.Library()

_TOKEN: Final = f"token-{secrets.token_urlsafe(24)}"
"""Stands in what is kept where forms have the token of the browser that reads them."""

_MOST: Final = 2_000
"""Small parts that a process keeps, of about 3 kB."""

_small: dict[Hashable, SafeString] = {}


def drawn_once(key: Hashable, draw: Callable[[], SafeString]) -> SafeString:
    """A small part of a page, by all that it depends on but the language."""
    key = (get_language(), key)
    if (drawn := _small.get(key)) is None:
        if len(_small) >= _MOST:
            _small.clear()
        drawn = _small[key] = draw()
    return drawn


@register.tag
def kept(parser: Parser, token: Token) -> "KeptNode":
    """``{% kept … %}…{% endkept %}``: what is between is drawn where it is not kept yet.

    ``{% kept drawing %}`` keeps a large part until something is recorded: a ``Drawing`` tells all
    that it depends on; where it is ``None``, nothing is kept. What only it needs its ``read``
    gives, or is handed to the page as a lazy object: where it is kept, nothing of that is read.
    Forms get the token of each reader.

    ``{% kept row today %}`` keeps a small part by these variables, which alone it is drawn from:
    frozen dataclasses and plain values, so where anything of them changes it is drawn anew.
    """
    _name, *names = token.split_contents()
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode({name: parser.compile_filter(name) for name in names}, nodes)


class KeptNode(template.Node):
    def __init__(self, depends_on: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.depends_on, self.nodelist = depends_on, nodelist

    def render(self, context: Context) -> SafeString:
        values: dict[str, Any] = {
            name: expression.resolve(context, ignore_failures=True)
            for name, expression in self.depends_on.items()
        }
        first = next(iter(values.values()))
        if first is None:
            return self.nodelist.render(context)
        if isinstance(first, Drawing):
            return self._until_recorded(context, first)
        return drawn_once(
            (self, *values.values()), lambda: self.nodelist.render(context.new(values))
        )

    def _until_recorded(self, context: Context, drawing: Drawing) -> SafeString:
        packed: bytes = cached(
            drawing.what,
            lambda: pack(self._draw(context, drawing)),
            audience=drawing.audience,
            version=drawing.version,
            parts=drawing.parts,
        )
        text = unpack(packed)
        for name, value in drawing.own.items():
            text = text.replace(f"{_TOKEN}-{name}", value)
        if _TOKEN in text:
            text = text.replace(_TOKEN, str(context["csrf_token"]))
        return mark_safe(text)  # noqa: S308

    def _draw(self, context: Context, drawing: Drawing) -> SafeString:
        own = {name: f"{_TOKEN}-{name}" for name in drawing.own}
        with context.push(csrf_token=_TOKEN, **drawing.read() | own):
            return self.nodelist.render(context)
