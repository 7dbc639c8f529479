"""A part of a page that is drawn once, and kept until something is recorded."""

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


@register.tag
def kept(parser: Parser, token: Token) -> "KeptNode":
    """``{% kept drawing %}…{% endkept %}``: what is between is drawn where it is not kept yet.

    ``drawing`` is a ``Drawing``, which tells all that it depends on. What only it needs is handed
    to the page as a lazy object: where it is kept, nothing of that is read.
    """
    _name, drawing = token.split_contents()
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(parser.compile_filter(drawing), nodes)


class KeptNode(template.Node):
    def __init__(self, drawing: FilterExpression, nodelist: NodeList) -> None:
        self.drawing, self.nodelist = drawing, nodelist

    def render(self, context: Context) -> SafeString:
        drawing: Drawing = self.drawing.resolve(context)
        packed: bytes = cached(
            drawing.what,
            lambda: zlib.compress(self.nodelist.render(context).encode(), _FAST),
            audience=drawing.audience,
            version=drawing.version,
            parts=drawing.parts,
        )
        return mark_safe(zlib.decompress(packed).decode())  # noqa: S308
