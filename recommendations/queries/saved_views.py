"""Saved views that a person finds above the list."""

from dataclasses import dataclass

from recommendations import permissions
from recommendations.models import SavedView
from recommendations.permissions import Person


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One view: its name, the query of its address, and whether it is the person's own."""

    name: str
    query: str
    is_own: bool


def views_for(person: Person) -> tuple[ViewLink, ...]:
    """Their own views and shared ones, by name; one query."""
    if not permissions.can_read_internally(person):
        return ()
    return tuple(
        ViewLink(name, query, owner == person.pk)
        for name, query, owner in SavedView.objects.visible_to(person)
        .order_by("name", "pk")
        .values_list("name", "query", "owner")
    )
