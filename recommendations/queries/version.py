"""How far the record is: what every page asks first, and what is kept in memory goes by."""

from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from recommendations.models import ChainHead, User


@dataclass(frozen=True, slots=True)
class Version:
    """The last event: everything tracked changes by one. ``sequence`` orders, ``hash`` identifies.

    The hash names all that came before it, so it also tells apart what was recorded before and
    after a backup was restored, where numbers are given out again. 0 and nothing before the first.
    """

    sequence: int = 0
    hash: str = ""


def with_version(people: QuerySet[User]) -> QuerySet[User]:
    """The version as columns of the query that finds a person."""
    head = ChainHead.objects.filter(pk=1).order_by()
    return people.annotate(
        last_sequence=Coalesce(Subquery(head.values("last_sequence")), 0),
        last_hash=Coalesce(Subquery(head.values("last_hash")), Value(""), output_field=TextField()),
    )


def version_for(person: Any) -> Version:
    """The version when this person was loaded; of a visitor when it is first asked for.

    One query for a visitor, and none for who is signed in.
    """
    if not hasattr(person, "last_hash"):
        set_version(person, version_of(DEFAULT_DB_ALIAS))
    return Version(person.last_sequence, person.last_hash)


def set_version(person: Any, version: Version) -> None:
    """Let this be the version that a person reads, for the rest of their request."""
    person.last_sequence, person.last_hash = version.sequence, version.hash


def version_of(alias: str) -> Version:
    """How far the record is in a database."""
    heads = ChainHead.objects.using(alias).filter(pk=1).order_by()
    head = heads.values_list("last_sequence", "last_hash").first()
    return Version(*head) if head else Version()
