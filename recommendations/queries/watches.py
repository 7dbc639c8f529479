"""What a person watches, and what of it they may see."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from recommendations import permissions
from recommendations.models import Indicator, Recommendation, SavedView, Source, Watch
from recommendations.permissions import Person
from recommendations.queries.frame import frame_for

KINDS: Mapping[str, Any] = {
    "recommendation": Recommendation,
    "source": Source,
    "view": SavedView,
    "indicator": Indicator,
}
"""What can be watched, by the column of a watch, in the order in which a person finds it."""

Key = tuple[str, int]
"""The kind of an item, and its primary key."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One item that a person watches; it has ``title`` and ``url`` while they may see it."""

    kind: str
    key: int
    kind_label: str
    since: date
    title: str = ""
    url: str = ""


def watchable(kind: str, person: Person) -> QuerySet[Any]:
    """What of a kind a person may watch: what they may see. ``KeyError`` for an unknown kind."""
    rows: QuerySet[Any] = KINDS[kind].objects.visible_to(person)
    return rows


def watched_by(person: Person) -> frozenset[Key]:
    """What a person watches; one query, if anything."""
    if not permissions.can_read_internally(person) or not frame_for(person).watched:
        return frozenset()
    return frozenset(_since_when(person))


def watch_list(person: Person) -> list[Watched]:
    """What a person watches, kind by kind and by name; one query and one for each kind of it."""
    rows = _since_when(person)
    keys: dict[str, list[int]] = defaultdict(list)
    for kind, key in rows:
        keys[kind].append(key)
    named = {
        (kind, row.pk): (str(row), row.get_absolute_url())
        for kind in keys
        for row in watchable(kind, person).filter(pk__in=keys[kind])
    }
    found = [
        Watched(
            *(kind, key, capfirst(KINDS[kind]._meta.verbose_name), since),
            *named.get((kind, key), ("", "")),
        )
        for (kind, key), since in rows.items()
    ]
    order = list(KINDS)
    return sorted(found, key=lambda each: (order.index(each.kind), each.title.casefold(), each.key))


def _since_when(person: Any) -> dict[Key, date]:
    rows = Watch.objects.in_use().filter(person=person.pk).order_by("pk")
    return {(row.kind, row.key): timezone.localdate(row.since) for row in rows}


# ---- Saved views that a person finds above the list


def views_for(person: Person) -> list[dict[str, Any]]:
    """Their own views and shared ones, by name; one query."""
    if not permissions.can_read_internally(person):
        return []
    return [
        {"name": name, "query": query, "is_own": owner == person.pk}
        for name, query, owner in SavedView.objects.visible_to(person)
        .order_by("name", "pk")
        .values_list("name", "query", "owner")
    ]
