"""Days, numbers, labels, events and differences as pages show them."""

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final, NamedTuple

from django import template
from django.apps import apps
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from recommendations.columns import label_of
from recommendations.queries.dates import day_text, known_day_text, short_day_text
from recommendations.queries.log.words import LogRow, Named
from recommendations.search.queries import parse, parts_of

# ---- Labels of columns, as the model has them

register = template.Library()


@register.simple_tag
def label(column: str) -> str | Promise:
    """The label of a column, by model and name: ``evidence.kind``."""
    model, _dot, name = column.partition(".")
    found: str | Promise = label_of(apps.get_model("recommendations", model), name)
    return found


# ---- Days and times as pages show them, in the site's time zone; a missing one is empty

Day = datetime.date | datetime.datetime


def _as_date(value: Day) -> datetime.date:
    """The day in the site's time zone."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def day(value: Day | None) -> str:
    """``30 September 2026``."""
    if not value:
        return ""
    return day_text(_as_date(value))


@register.filter
def known_day(value: Day | None, precision: str) -> str:
    """``30 September 2026``, ``September 2026`` or ``2026``, as exact as it is known."""
    return known_day_text(_as_date(value), precision) if value else ""


@register.filter
def short_day(value: Day | None) -> str:
    """``30 Sep 2026``, for narrow columns."""
    if not value:
        return ""
    return short_day_text(_as_date(value))


@register.filter
def age(value: Day | None, today: Day | None) -> str:
    """How many days a day is from ``today``; a page of a past day has none, and tells no age."""
    if not value or not today:
        return ""
    days = (_as_date(today) - _as_date(value)).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if days == -1:
        return _("tomorrow")
    if days > 0:
        return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}
    return ngettext("in %(n)d day", "in %(n)d days", -days) % {"n": -days}


@register.filter
def day_with_age(value: Day | None, today: Day | None) -> SafeString:
    """``30 September 2026, 54 days ago``, the day readable by machines."""
    if not value:
        return SafeString("")
    return format_html(
        '<time datetime="{}">{}</time><span class="age">, {}</span>',
        _as_date(value).isoformat(),
        day(value),
        age(value, today),
    )


@register.filter
def timestamp(value: datetime.datetime | None) -> SafeString:
    """``12 October 2026, 15:04``."""
    if not value:
        return SafeString("")
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time datetime="{}">{}, {}</time>',
        local.isoformat(timespec="minutes"),
        day(local.date()),
        date_format(local, pgettext("time of day", "H:i")),
    )


@register.filter
def timestamp_with_age(value: Day | None, today: Day | None) -> SafeString:
    """``12 October 2026, 15:04, 43 days ago``; of a day without a time, the day and its age."""
    if not isinstance(value, datetime.datetime):
        return day_with_age(value, today)
    return format_html('{}<span class="age">, {}</span>', timestamp(value), age(value, today))


@register.filter
def minutes(value: datetime.timedelta) -> int:
    """A span in whole minutes, rounded up: after so many the span is over."""
    return -(-int(value.total_seconds()) // 60)


# ---- Numbers as pages show them; a missing one is a dash, never 0


@register.filter
def number(value: Decimal | int | None, decimals: int | None = None) -> SafeString | str:
    """``2,759``: thousands grouped, with ``decimals`` decimal places or as many as there are."""
    if value is None:
        return format_html(
            '<span aria-hidden="true">–</span><span class="visually-hidden">{}</span>',
            _("No data"),
        )
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


# ---- Marks on what was searched for


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


# ---- The difference between two texts, word by word, as safe HTML.
# Bounded: comparing words costs up to the product of both lengths, so long texts are compared line
# by line and very long ones are shown whole, before and after.

MAX_WORDS: Final = 4_000
MAX_LINES: Final = 2_000
FEW_WORDS: Final = 6
"""A shorter text stands in one line with what it replaces."""

# A word, one character of a script written without spaces, a run of spaces, or one sign.
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
_TOKEN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|[^\w\s]")

# The kind of change is said to readers by ear; they hear no colour and no line.
_HEARD: Final = (
    '<span class="visually-hidden"> [{} </span>{}<span class="visually-hidden">] </span>'
)


class Piece(NamedTuple):
    """Text both have, then what the first has alone and what the second has alone."""

    same: str
    removed: str
    added: str


@register.simple_tag
def text_diff(before: str | None, after: str | None) -> SafeString:
    """Mark in ``after`` what was added, and show beside it what was removed from ``before``.

    Texts that share less than half of their words stand as two blocks: word by word they would
    read as neither.
    """
    before, after = str(before or ""), str(after or "")
    found = pieces(before, after)
    if is_rewritten(found, before, after):
        return format_html(
            '<span class="rewritten"><del><small>{}</small> {}</del>'
            "<ins><small>{}</small> {}</ins></span>",
            *(capfirst(_("before")), before, capfirst(_("after")), after),
        )
    marked = "".join(part for piece in found for part in _html(piece))
    return SafeString(f'<span class="prose">{marked}</span>')


def is_rewritten(found: list[Piece], before: str, after: str) -> bool:
    """Whether two texts of some length share less than half of their words."""
    words = len(_WORD.findall(before)), len(_WORD.findall(after))
    if min(words) == 0 or max(words) < FEW_WORDS:
        return False
    same = sum(len(_WORD.findall(piece.same)) for piece in found)
    return 2 * same < sum(words) / 2


def pieces(before: str, after: str) -> list[Piece]:
    """The pieces whose sames and removeds make ``before``, and sames and addeds ``after``."""
    if before == after:
        return [Piece(after, "", "")] if after else []
    if not before or not after:
        return [Piece("", before, after)]
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > MAX_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
        if len(old) + len(new) > MAX_LINES:
            return [Piece("", before, after)]
    # Join changes that only a space divides: a phrase reads better than its single words.
    found = _compared(old, new)
    result: list[Piece] = []
    for piece in found:
        is_change = bool(piece.removed or piece.added)
        if result and is_change and piece.same.isspace():
            last = result.pop()
            piece = Piece(
                last.same,
                last.removed + piece.same + piece.removed,
                last.added + piece.same + piece.added,
            )
        result.append(piece)
    return result


def _compared(old: list[str], new: list[str]) -> Iterator[Piece]:
    same = ""
    # The heuristic for frequent words keeps the time near linear; they still extend a match.
    matcher = SequenceMatcher(a=old, b=new)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            same = "".join(old[old_from:old_to])
        else:
            yield Piece(same, "".join(old[old_from:old_to]), "".join(new[new_from:new_to]))
            same = ""
    if same:
        yield Piece(same, "", "")


def _html(piece: Piece) -> Iterator[SafeString]:
    yield escape(piece.same)
    if body := piece.removed.rstrip():
        yield format_html(f"<del>{_HEARD}</del> ", _("removed:"), body)
    body = piece.added.rstrip()
    if body:
        yield format_html(f"<ins>{_HEARD}</ins>", _("added:"), body)
    yield escape(piece.added[len(body) :])


# ---- Events of the audit log as sentences, as safe HTML


@register.simple_tag
def event_sentence(row: LogRow) -> SafeString:
    """What happened to what, and by whom; the title leads to the page of what it names."""
    parts = {"action": row.action, "title": named_link(row.named), "name": row.by}
    safe = {name: conditional_escape(part) for name, part in parts.items()}
    return SafeString(conditional_escape(row.pattern) % safe)


@register.filter
def named_link(named: Named) -> SafeString:
    """A title that leads to the page of what it names, where there is one."""
    title = format_html("<cite>{}</cite>", named.title)
    return format_html('<a href="{}">{}</a>', named.url, title) if named.url else title
