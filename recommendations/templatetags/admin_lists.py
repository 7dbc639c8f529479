"""Rows and filters of lists of the administration, each drawn once for the same values."""

import hashlib
import re
from functools import partial
from itertools import chain
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import (
    admin_list_filter,
    items_for_result,
    result_headers,
)
from django.db.models import Model
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from recommendations.templatetags.memo import drawn_once

register = template.Library()


def _values(row: Model, *above: Model) -> list[Any]:
    """All that was read of a row, of rows that it points to, and beside it."""
    held: dict[str, Any] = {**vars(row)}
    state, many = held.pop("_state"), held.pop("_prefetched_objects_cache", {})
    beside = held.pop("beside", {})
    # One that leads back, as a kept state does to its recommendation, holds nothing new.
    one = [each for each in state.fields_cache.values() if each not in (None, row, *above)]
    others = [*one, *chain.from_iterable(many.values())]
    return [held, [*beside.values()], [_values(each, row, *above) for each in others]]


def _key(*parts: Any) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


@register.inclusion_tag("admin/results.html")
def result_table(cl: Any) -> dict[str, Any]:
    """Django's own table. A cell follows from what was read for its row, and from the day.

    It names its column, since rows are cards on a narrow screen; a link to the row needs no name.
    """
    headers = list(result_headers(cl))
    unnamed = {"action_checkbox", *(cl.list_display_links or ())}
    labels = [
        "" if name in unnamed else str(capfirst(str(header["text"])))
        for name, header in zip(cl.list_display, headers, strict=True)
    ]
    columns = (cl.list_display[0], len(cl.list_display))
    asked = (cl.opts.label, *columns, cl.preserved_filters, cl.is_popup, cl.to_field)
    about = _key(asked, timezone.localdate())
    rows = [
        drawn_once(_key(about, _values(row)), partial(_cells, cl, row, labels))
        for row in cl.result_list
    ]
    return {"headers": headers, "rows": rows}


def _cells(cl: Any, row: Model, labels: list[str]) -> SafeString:
    cells = zip(labels, items_for_result(cl, row, None), strict=True)
    return SafeString("".join(_named(cell, label) if label else cell for label, cell in cells))


def _named(cell: str, label: str) -> str:
    return cell.replace(" class=", format_html(' data-label="{}" class=', label), 1)


@register.filter
def named_cells(html: SafeString) -> SafeString:
    """Django's own table of rows under a thing. Plain cells head columns without a heading, and a
    cell names its column, since rows are cards on a narrow screen."""
    headings = re.findall(r'<th(?: class="column-(\w+)[^>]*)?>([^<]*)', html)
    labels = {name or "delete": label.strip() for name, label in headings}
    named = re.sub(
        r'<td class="(?:field-)?(\w+)',
        lambda cell: f'<td data-label="{labels.get(cell[1], "")}"{cell[0][3:]}',
        html,
    )
    return SafeString(re.sub(r"<th( class=\"original\")?></th>", r"<td\1></td>", named))


@register.simple_tag
def list_filters(cl: Any) -> SafeString:
    """Each filter of a list."""
    return SafeString("".join(_filter(cl, spec) for spec in cl.filter_specs))


def _filter(cl: Any, spec: Any) -> SafeString:
    offered = [
        (str(each["display"]), each["selected"], each["query_string"]) for each in spec.choices(cl)
    ]
    words = [getattr(spec, name, None) for name in ("is_many", "words", "told", "kept")]
    key = _key(str(spec.title), offered, words)
    return drawn_once(key, lambda: SafeString(admin_list_filter(cl, spec)))
