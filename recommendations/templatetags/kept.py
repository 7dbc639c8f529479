"""A part of a page that is drawn once, and kept until something is recorded."""

import secrets
import zlib
from typing import Final

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from recommendations.queries.cache import Drawing, cached

register = template.Library()

_FAST: Final = 1
"""A level of zlib: rows of a table shrink to a tenth all the same, and many are kept."""

_TOKEN: Final = f"token-{secrets.token_urlsafe(24)}"
"""Stands in what is kept where forms have the token of the browser that reads them."""


@register.tag
def kept(parser: Parser, token: Token) -> "KeptNode":
    """``{% kept drawing %}…{% endkept %}``: what is between is drawn where it is not kept yet.

    ``drawing`` is a ``Drawing``, which tells all that it depends on; where it is ``None``, nothing
    is kept. What only it needs its ``read`` gives, or is handed to the page as a lazy object: where
    it is kept, nothing of that is read. Forms get the token of each reader.
    """
    _name, drawing = token.split_contents()
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(parser.compile_filter(drawing), nodes)


class KeptNode(template.Node):
    def __init__(self, drawing: FilterExpression, nodelist: NodeList) -> None:
        self.drawing, self.nodelist = drawing, nodelist

    def render(self, context: Context) -> SafeString:
        drawing: Drawing | None = self.drawing.resolve(context, ignore_failures=True)
        if drawing is None:
            return self.nodelist.render(context)
        packed: bytes = cached(
            drawing.what,
            lambda: zlib.compress(self._draw(context, drawing).encode(), _FAST),
            audience=drawing.audience,
            version=drawing.version,
            parts=drawing.parts,
        )
        text = zlib.decompress(packed).decode()
        if _TOKEN in text:
            text = text.replace(_TOKEN, str(context["csrf_token"]))
        return mark_safe(text)  # noqa: S308

    def _draw(self, context: Context, drawing: Drawing) -> SafeString:
        with context.push(csrf_token=_TOKEN, **drawing.read()):
            return self.nodelist.render(context)
