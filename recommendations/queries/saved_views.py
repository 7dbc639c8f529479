"""Saved views that a person finds above the list."""

from dataclasses import dataclass

from recommendations import permissions
from recommendations.models import SavedView
from recommendations.permissions import Person
from recommendations.queries.cache import alone
from recommendations.queries.kept_through import kept_through_progress


@dataclass(frozen=True, slots=True)
class ViewLink:
    """One view: its name, the query of its address, and whether it is the person's own."""

    name: str
    query: str
    is_own: bool


def views_for(person: Person) -> tuple[ViewLink, ...]:
    """Their own views and shared ones, by name; one query after something else than progress."""
    if not permissions.can_read_internally(person):
        return ()
    return kept_through_progress(
        "saved views",
        lambda: tuple(
            ViewLink(name, query, owner == person.pk)
            for name, query, owner in SavedView.objects.visible_to(person)
            .order_by("name", "pk")
            .values_list("name", "query", "owner")
        ),
        person=person,
        audience=alone(person),
    )
