"""Which state of the record is read: everything tracked changes with its last event.

The hash of the last event names all that came before it, so it also tells apart what was written
before and after a backup was restored, where numbers are given out a second time.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from recommendations.models import ChainHead, User


@dataclass(frozen=True, slots=True)
class Version:
    """The last event: ``sequence`` orders, ``hash`` identifies. 0 and nothing before the first."""

    sequence: int
    hash: str


def with_version(people: QuerySet[User]) -> QuerySet[User]:
    """The version as columns of the query that finds a person: both are of one moment."""
    head = ChainHead.objects.filter(pk=1)
    return people.annotate(
        version_sequence=Coalesce(Subquery(head.values("last_sequence")), 0),
        version_hash=Coalesce(
            Subquery(head.values("last_hash")), Value(""), output_field=TextField()
        ),
    )


def version_seen_by(person: Any) -> Version:
    """The version as this person was loaded; one query for a visitor, who is not loaded."""
    if hasattr(person, "version_hash"):
        return Version(person.version_sequence, person.version_hash)
    head = ChainHead.objects.filter(pk=1).values_list("last_sequence", "last_hash").first()
    return Version(*head) if head else Version(0, "")
