"""Marks on what was searched for."""

from functools import lru_cache

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.search.marks import parts_of
from recommendations.search.queries import parse

register = template.Library()


@register.filter
def marked(text: str, searched: str | None) -> SafeString:
    """A text with marks on the words of it that a search found; as it is without a search."""
    if not searched:
        return conditional_escape(text)
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", part) if is_hit else part,)
            for part, is_hit in parts_of(text, _terms(searched))
        ),
    )


_terms = lru_cache(maxsize=32)(parse)
"""The same for every row of a page."""
