"""A part of a page that is drawn once for the same values: there is nothing to invalidate."""

from collections.abc import Callable, Hashable
from typing import Any, Final

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

_MOST: Final = 8_000_000
"""Characters that a process keeps of them: rows have some 3,000, the form of a filter 30,000."""

_drawn: dict[Hashable, SafeString] = {}
_held = [0]


def drawn_once(key: Hashable, draw: Callable[[], SafeString]) -> SafeString:
    """A part of a page, by all that it depends on but the language."""
    key = (get_language(), key)
    if (drawn := _drawn.get(key)) is None:
        drawn = draw()
        if _held[0] + len(drawn) > _MOST:
            _drawn.clear()
            _held[0] = 0
        _held[0] += len(drawn)
        _drawn[key] = drawn
    return drawn


@register.tag
def memo(parser: Parser, token: Token) -> "MemoNode":
    """``{% memo row today %}…{% endmemo %}``: what is between is drawn once for these values.

    They are all that it is drawn from: frozen dataclasses and plain values. Where the first is a
    text it is a key that stands for all that is drawn, which then is the whole of the context.
    """
    _name, *names = token.split_contents()
    nodes = parser.parse(("endmemo",))
    parser.delete_first_token()
    return MemoNode({name: parser.compile_filter(name) for name in names}, nodes)


class MemoNode(template.Node):
    def __init__(self, depends_on: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.depends_on, self.nodelist = depends_on, nodelist

    def render(self, context: Context) -> SafeString:
        values: dict[str, Any] = {
            name: expression.resolve(context, ignore_failures=True)
            for name, expression in self.depends_on.items()
        }
        first = next(iter(values.values()))
        shown = context if isinstance(first, str) else context.new(values)
        return drawn_once((self, *values.values()), lambda: self.nodelist.render(shown))
