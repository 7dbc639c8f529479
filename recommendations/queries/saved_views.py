"""Saved views that a person finds above the list."""

from dataclasses import dataclass

from recommendations import permissions
from recommendations.models import SavedView
from recommendations.permissions import Person
from recommendations.queries.cache import alone, cached
from recommendations.queries.frame import version_for


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One view: its name, the query of its address, and whether it is the person's own."""

    name: str
    query: str
    is_own: bool


def views_for(person: Person) -> tuple[ViewLink, ...]:
    """Their own views and shared ones, by name; one query for each after something was recorded."""
    if not permissions.can_read_internally(person):
        return ()
    return cached(
        "saved views",
        lambda: tuple(
            ViewLink(name, query, owner == person.pk)
            for name, query, owner in SavedView.objects.visible_to(person)
            .order_by("name", "pk")
            .values_list("name", "query", "owner")
        ),
        audience=alone(person),
        version=version_for(person).hash,
    )
