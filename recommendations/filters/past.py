"""What a past list can be narrowed by: what is known of every recommendation on any day."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Confidence, Flag, Only
from recommendations.filters.base import DayFilter, ListFilter, RowFilter, Tag, TextFilter
from recommendations.filters.recommendations import (
    NO_REPORT,
    STATUS_CHOICES,
    RecommendationFilter,
)
from recommendations.models import Recommendation
from recommendations.pickers import kinds
from recommendations.queries.days import AS_OF, KNOWN
from recommendations.queries.recommendations.past.lines import FLAGS, Line
from recommendations.queries.recommendations.rows import SORTS
from recommendations.search.fold import folded

_SORTS: Mapping[str, Callable[[Line], Any]] = {
    "title": lambda line: folded(line.title),
    "date": lambda line: line.target_date,
    "reported": lambda line: line.as_of,
}
_LABELS = {
    "title": SORTS["recommendation__title"][1],
    "date": SORTS["target_date"][1],
    "reported": SORTS["as_of"][1],
}


def _many(choices: Iterable[tuple[Any, Any]], label: Any) -> django_filters.MultipleChoiceFilter:
    return django_filters.MultipleChoiceFilter(
        choices=list(choices), label=label, widget=forms.CheckboxSelectMultiple
    )


class PublicPastFilter(ListFilter):
    """The form of a past list; ``narrow`` takes its lines, since no table holds a past day."""

    as_of = DayFilter(label=_("Status on"))
    known = DayFilter(label=_("As known on"))
    text = TextFilter(over=(), label=_("Search"), hint=_("Title or reference"))
    source = RowFilter(kinds.SOURCES, label=_("Source"))
    status = _many(STATUS_CHOICES, _("Status"))
    confidence = _many(Confidence.choices, _("Delivery confidence"))
    flag = _many([(flag, Flag(flag).label) for flag in FLAGS], _("Needs attention"))
    only = _many([(Only.OPEN, Only.OPEN.label)], _("Show only"))
    sort = django_filters.ChoiceFilter(
        choices=list(_LABELS.items()),
        label=_("Sort by"),
        empty_label=_("Source and number"),
    )

    class Meta:
        model = Recommendation
        fields: list[str] = []

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self._of_today = _of_today(data or {})
        super().__init__(_without(data, self._of_today), *args, **kwargs)

    @property
    def narrowing(self) -> list[Tag]:
        """What a valid form narrows by, the two days apart; nothing where it is invalid."""
        if not self.is_valid():
            return []
        return [tag for tag in self.tags if tag.name not in (AS_OF, KNOWN)]

    @property
    def left_out(self) -> list[Any]:
        """What the address asks that only today's list can be narrowed or ordered by, in words."""
        today = RecommendationFilter.base_filters
        names = [
            each.label
            for name, each in today.items()
            if self.data.get(name) and name not in self.base_filters
        ]
        values = [
            gettext("%(field)s: %(value)s") % {"field": today[name].label, "value": label}
            for name, _value, label in self._of_today
        ]
        return [*names, *values]

    def narrow(self, lines: Iterable[Line]) -> list[Line]:
        """Those that the valid form asks for, in the order that it asks for."""
        asked = self.form.cleaned_data
        statuses = {"" if code == NO_REPORT else code for code in asked.get("status") or ()}
        ratings = set(asked.get("confidence") or ())
        if Confidence.NOT_RATED in ratings:
            ratings.add("")
        flags, words = set(asked.get("flag") or ()), folded(asked.get("text") or "").split()
        lead = asked.get("lead")
        found = [
            line
            for line in lines
            if (not statuses or line.status in statuses)
            and (not lead or line.lead_id == lead.pk)
            and (not ratings or line.confidence in ratings)
            and (not flags or flags & line.flags)
            and (not asked.get("only") or line.is_open)
            and (not words or _holds(line, words))
        ]
        if key := _SORTS.get(asked.get("sort") or ""):
            missing = [line for line in found if key(line) is None]
            known = sorted((line for line in found if key(line) is not None), key=key)
            return [*known, *missing]
        return found


class PastFilter(PublicPastFilter):
    """What people with a role may ask besides."""

    lead = RowFilter(kinds.EVER_LEADS, label=_("Lead organisation"))


def _choices(entry: Any) -> dict[str, Any]:
    return dict(entry.extra.get("choices", ()))


def _of_today(data: Any) -> list[tuple[str, str, Any]]:
    """Choices that today's list has and a past one has not: field, value, label."""
    found = []
    for name, entry in PastFilter.base_filters.items():
        own, today = _choices(entry), RecommendationFilter.base_filters.get(name)
        if own and today is not None and hasattr(data, "getlist"):
            others = {key: label for key, label in _choices(today).items() if key not in own}
            found += [(name, key, others[key]) for key in data.getlist(name) if key in others]
    return found


def _without(data: Any, left_out: Iterable[tuple[str, str, Any]]) -> Any:
    if not (gone := {(name, value) for name, value, _label in left_out}):
        return data
    kept = data.copy()
    for name in {name for name, _value in gone}:
        kept.setlist(name, [each for each in data.getlist(name) if (name, each) not in gone])
    return kept


def _holds(line: Line, words: Iterable[str]) -> bool:
    text = folded(f"{line.reference} {line.title}")
    return all(word in text for word in words)
