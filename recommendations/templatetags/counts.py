"""How many items have each status or confidence, each with its shape, word and colour."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.choices import (
    IN_EFFECT,
    STATUS_ORDER,
    Confidence,
    ImplementationStatus,
    label_of_status,
)
from recommendations.templatetags.chips import CONFIDENCE_TONES, STATUS_TONES, confidence_label
from recommendations.templatetags.icons import svg

register = template.Library()

BAR_MINIMUM: Final = 10
"""Below this total, shares say less than the words do and a bar misleads."""


@dataclass(frozen=True, slots=True)
class Part:
    """One count; ``start`` is the sum of those before it, where its piece of the bar begins."""

    icon: SafeString
    tone: str
    label: str
    number: int
    start: int


@register.inclusion_tag("components/count_strip.html")
def count_strip(
    kind: str,
    counts: Mapping[str, int],
    out_of_date: Mapping[str, int] | None = None,
    continuous: int = 0,
) -> dict[str, Any]:
    """The counts in words and shapes; a bar besides from ``BAR_MINIMUM`` items on.

    ``kind`` is ``status`` or ``confidence``; ``counts`` maps code to number, in any order.
    ``out_of_date`` are forecasts counted apart; ``continuous`` is how many of the implemented
    have no end.
    """
    if kind == "status":
        parts = _parts(kind, STATUS_TONES, _statuses(counts, continuous))
    else:
        parts = _parts(kind, CONFIDENCE_TONES, _confidences(counts, out_of_date or {}))
    total = sum(part.number for part in parts)
    return {"parts": parts, "total": total, "has_bar": total >= BAR_MINIMUM}


def _statuses(counts: Mapping[str, int], continuous: int) -> Iterator[tuple[str, int, str]]:
    """Code, number and label of each status, from implemented to never reported."""
    for code in STATUS_ORDER:
        number = counts.get(code, 0)
        if code == ImplementationStatus.IMPLEMENTED:
            number -= continuous
            yield code, continuous, str(IN_EFFECT)
        yield code, number, label_of_status(code)


def _confidences(
    counts: Mapping[str, int], out_of_date: Mapping[str, int]
) -> Iterator[tuple[str, int, str]]:
    """Code, number and label of each forecast, from on track to not rated."""
    for code in Confidence.values:
        label = confidence_label(code)
        yield code, counts.get(code, 0), label
        stale = _("%(confidence)s, rating out of date") % {"confidence": label}
        yield code, out_of_date.get(code, 0), stale


def _parts(
    kind: str, tones: Mapping[str, str], counts: Iterable[tuple[str, int, str]]
) -> list[Part]:
    parts: list[Part] = []
    start = 0
    for code, number, label in counts:
        if number > 0:
            parts.append(Part(svg(f"{kind}-{code or 'none'}"), tones[code], label, number, start))
            start += number
    return parts
