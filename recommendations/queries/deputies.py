"""Who stands in for whom today."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.models import Deputy, User, full_name, with_roles
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.frame import frame_for
from recommendations.queries.listed import column_names

MOST_LISTED = 50
"""Deputies that a page lists at most."""


@dataclass(frozen=True, slots=True)
class StandIn:
    """That somebody stands in for a person up to a day."""

    person: int
    person_name: str
    deputy: int
    deputy_name: str
    until: date

    @property
    def text(self) -> str:
        """Who stands in until when, of a person who is named beside it."""
        told = {"day": day_text(self.until), "who": self.deputy_name}
        return _("Deputy until %(day)s: %(who)s") % told

    @property
    def for_text(self) -> str:
        """For whom the deputy stands in, and until when."""
        told = {"who": self.person_name, "day": day_text(self.until)}
        return _("You are deputy of %(who)s until %(day)s. Their work is listed here.") % told


def principals_of(person: Person) -> Sequence[StandIn]:
    """For whom this person stands in today; one query, if anybody stands in for anybody."""
    if not permissions.can_write(person) or not frame_for(person).has_deputies:
        return ()
    return stand_ins(timezone.localdate(), deputy=person.pk)


def stand_ins_for(reader: Person, people: Collection[int | None]) -> Mapping[int, StandIn]:
    """Who stands in for these people today, by the person; no query where nobody does for anybody.

    For readers inside alone.
    """
    ids = {each for each in people if each is not None}
    if not ids or not permissions.can_read_internally(reader):
        return {}
    if not frame_for(reader).has_deputies:
        return {}
    return {each.person: each for each in stand_ins(timezone.localdate(), person__in=ids)}


def stand_ins(day: date, **conditions: Any) -> tuple[StandIn, ...]:
    """Who stands in for whom on a day, by the name of the person; one query."""
    rows = Deputy.objects.active_on(day).filter(**conditions)
    named = rows.order_by("person__username", "pk").values_list(
        *("person", *column_names("person"), "deputy", *column_names("deputy"), "ends_on")
    )
    return tuple(
        StandIn(row[0], full_name(*row[1:4]), row[4], full_name(*row[5:8]), row[8]) for row in named
    )


def absent_people(day: date) -> Mapping[int, list[User]]:
    """For whom each deputy stands in on a day, by the key of the deputy; two queries."""
    pairs = list(Deputy.objects.active_on(day).order_by("pk").values_list("deputy", "person"))
    people = with_roles(User.objects.all()).in_bulk([person for _deputy, person in pairs])
    found: dict[int, list[User]] = defaultdict(list)
    for deputy, person in pairs:
        found[deputy].append(people[person])
    return found


def deputies_of(people: Collection[User], among: Collection[User]) -> list[User]:
    """Those of ``among`` who stand in today for one of these people; one query."""
    keys = [person.pk for person in people]
    active = Deputy.objects.active_on(timezone.localdate()).filter(person__in=keys)
    ids = set(active.order_by().values_list("deputy", flat=True))
    return [person for person in among if person.pk in ids.difference(keys)]


def listed_for(person: Person) -> QuerySet[Deputy]:
    """The deputies that a person may see on their page, the latest first.

    Their own, and those that they stand in as; who hands over work sees all.
    """
    rows = Deputy.objects.select_related("person", "deputy").order_by("-ends_on", "-pk")
    if permissions.can_hand_over_all(person):
        return rows
    return rows.filter(Q(person=person.pk) | Q(deputy=person.pk))
