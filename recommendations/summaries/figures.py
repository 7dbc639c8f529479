"""Figures of indicators in words: never without unit, area, period and what they are worth."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommendations.vocabulary import ObsStatus, TargetKind, TargetMark


@dataclass(frozen=True, slots=True)
class Figure:
    """One observation, baseline or target, ready to be read."""

    label: str
    value: str
    is_number: bool
    area: str
    period: str
    marks: tuple[str, ...]
    comment: str
    source: str = ""
    dimensions: str = ""
    is_demonstration: bool = False
    status: str = ObsStatus.NORMAL


def observed(observation: Any, decimals: int) -> Figure:
    """An observation in words; a missing one says so and is never 0."""
    marks = [_("lower bound")] if observation.is_lower_bound and observation.value is None else []
    if observation.is_derived:
        marks.append(_("derived"))
    if observation.is_assumed:
        marks.append(_("assumed"))
    if observation.obs_status != ObsStatus.NORMAL:
        marks.append(str(ObsStatus(observation.obs_status).label).lower())
    value = in_words(observation.value, observation.text, decimals)
    if observation.value is not None:
        if observation.is_lower_bound:
            value = _("more than %s") % value
        if observation.is_approximate:
            value = _("about %s") % value
    author = observation.recorded_by
    return Figure(
        label=_("Observed"),
        value=value,
        is_number=observation.value is not None,
        area=str(observation.area),
        period=observation.period,
        marks=tuple(marks),
        comment=observation.comment,
        source=observation.source,
        dimensions=observation.dimensions,
        is_demonstration=bool(author and author.is_demonstration),
        status=observation.obs_status,
    )


def aimed(target: Any, decimals: int) -> Figure:
    """A baseline or target in words."""
    marks = () if target.mark == TargetMark.STATED else (str(TargetMark(target.mark).label),)
    return Figure(
        label=str(TargetKind(target.kind).label),
        value=in_words(target.value, target.text, decimals),
        is_number=target.value is not None,
        area=str(target.area),
        period=target.period,
        marks=marks,
        comment=target.comment,
    )


def in_words(value: Decimal | None, text: str, decimals: int) -> str:
    """A number with its thousands grouped, or the words that stand instead of one.

    Shows at least ``decimals`` places, and never fewer than were recorded.
    """
    if value is None:
        return text or _("no figure")
    exponent = value.as_tuple().exponent
    recorded = -exponent if isinstance(exponent, int) else 0
    return str(number_format(value, decimal_pos=max(decimals, recorded, 0), force_grouping=True))


def figures_of(indicator: Any, observations: Iterable[Any], targets: Iterable[Any]) -> list[Figure]:
    """Baselines and targets first, then what was observed."""
    aims = [aimed(target, indicator.decimals) for target in targets]
    return aims + [observed(found, indicator.decimals) for found in observations]
