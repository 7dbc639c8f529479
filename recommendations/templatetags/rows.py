"""Rows of long lists: each is drawn once for what it shows, not once for each page and reader."""

from collections.abc import Hashable
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

KEPT = 2_000
"""Rows that a process keeps, of about 3 kB."""


@register.simple_tag
def drawn(template_name: str, **values: Hashable) -> SafeString:
    """What a template makes of these values alone, which say all that a row shows.

    A row is a frozen dataclass: where anything of it changes, it is another value.
    """
    return _drawn(
        template.Engine.get_default().get_template(template_name), get_language(), **values
    )


@lru_cache(maxsize=KEPT)
def _drawn(source: template.Template, _language: str | None, /, **values: Hashable) -> SafeString:
    return source.render(template.Context(values))
