"""The parts of a count: how many stand where, each with its shape, word and colour."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.choices import (
    IN_EFFECT,
    STATUS_ORDER,
    Confidence,
    ImplementationStatus,
    status_label,
)
from recommendations.templatetags import chips
from recommendations.templatetags.icons import svg


@dataclass(frozen=True, slots=True)
class Part:
    """One count; ``start`` is the sum of those before it, where its piece of the bar begins."""

    icon: SafeString
    tone: str
    label: str
    number: int
    start: int
    url: str


def status_parts(
    counts: Mapping[str, int], links: Mapping[str, str], continuous: int = 0
) -> list[Part]:
    """Statuses from done to never reported; ``continuous`` of the implemented are in effect."""

    def counted() -> Iterator[tuple[str, int, str]]:
        for code in STATUS_ORDER:
            number = counts.get(code, 0)
            if code == ImplementationStatus.IMPLEMENTED:
                number -= continuous
                yield code, continuous, str(IN_EFFECT)
            yield code, number, status_label(code)

    return _parts("status", chips.STATUS_TONES, counted(), links)


def confidence_parts(
    counts: Mapping[str, int], links: Mapping[str, str], out_of_date: Mapping[str, int]
) -> list[Part]:
    """Forecasts from on track to not rated; those out of date are counted apart."""

    def counted() -> Iterator[tuple[str, int, str]]:
        for code in Confidence.values:
            label = chips.confidence_label(code)
            yield code, counts.get(code, 0), label
            stale = _("%(confidence)s, rating out of date") % {"confidence": label}
            yield code, out_of_date.get(code, 0), stale

    return _parts("confidence", chips.CONFIDENCE_TONES, counted(), links)


def _parts(
    kind: str,
    tones: Mapping[str, str],
    counted: Iterator[tuple[str, int, str]],
    links: Mapping[str, str],
) -> list[Part]:
    parts: list[Part] = []
    start = 0
    for code, number, label in counted:
        if number > 0:
            icon = svg(f"{kind}-{code or 'none'}")
            parts.append(Part(icon, tones[code], label, number, start, links.get(code, "")))
            start += number
    return parts
