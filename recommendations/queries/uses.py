"""What of the tracker is there: its parts in use with their switches, and the set-up.

Menu, buttons and reminders ask ``uses`` of the frame (``queries.frame``), and nobody else.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.audiences import Audience
from recommendations.choices import AreaKind, Role, Switch
from recommendations.models import (
    Addressee,
    Area,
    CalendarAddress,
    Deputy,
    Observation,
    Part,
    Recommendation,
    RecommendationState,
    ReportingRound,
    Response,
    Source,
    StatusUpdate,
    TrackerUses,
    User,
)
from recommendations.permissions import Person
from recommendations.queries.fields import field_label


@dataclass(frozen=True, slots=True)
class Use:
    """A part: whether it was ever used, where that begins, and who may begin it."""

    begun: Any
    start: Promise
    page: str
    may: Callable[[Any], bool]


def _areas() -> Exists:
    """Whether values or addressees name more than one country or region."""
    values, addressees = (
        Q(Exists(named.objects.filter(area=OuterRef("pk")).order_by()))
        for named in (Observation, Addressee)
    )
    places = Area.objects.exclude(kind=AreaKind.ALL).order_by()
    return Exists(places.filter(values | addressees)[1:2])


def _responses() -> Q:
    """Whether an addressee responded or reported, or one recommendation has several."""
    several = RecommendationState.objects.followed().filter(addressed__gt=1)
    reported = StatusUpdate.objects.filter(addressee__isnull=False)
    told = (Q(Exists(rows.order_by())) for rows in (Response.objects, several, reported))
    return reduce(or_, told)


USES: Mapping[str, Use] = {
    "rounds": Use(
        Exists(ReportingRound.objects.order_by()),
        _("New round"),
        "round-new",
        permissions.can_run_rounds,
    ),
    "deputies": Use(
        Exists(Deputy.objects.order_by()),
        _("Name a deputy"),
        "deputies",
        permissions.can_name_deputies,
    ),
    "calendar": Use(
        Exists(CalendarAddress.objects.order_by()),
        _("Calendar"),
        "calendar-page",
        permissions.can_write,
    ),
    "parts": Use(
        Exists(Part.objects.order_by()),
        _("Recommendations"),
        "recommendation-list",
        permissions.can_change_recommendations,
    ),
    "responses": Use(
        _responses(),
        _("Recommendations"),
        "recommendation-list",
        permissions.can_change_recommendations,
    ),
    "areas": Use(_areas(), _("Indicators"), "indicator-list", permissions.can_record),
}
"""The parts that are not there for everybody, by the columns of their switches."""


def use_columns() -> list[Any]:
    """Columns of any statement: whether each part was ever used, and how each is switched."""
    begun = [ExpressionWrapper(use.begun, BooleanField()) for use in USES.values()]
    row = TrackerUses.objects.order_by()
    return [*begun, *(Subquery(row.values(name)[:1]) for name in USES)]


def uses_of(values: Sequence[Any]) -> frozenset[str]:
    """The parts that are there, by the values of these columns; none where there are none."""
    begun, switches = values[: len(USES)], values[len(USES) :]
    return frozenset(
        name
        for name, is_begun, switch in zip(USES, begun, switches, strict=False)
        if switch == Switch.ON or (is_begun and switch != Switch.OFF)
    )


@dataclass(frozen=True, slots=True)
class UseRow:
    """One part on the page of switches; ``url`` is empty where the reader may not begin it."""

    name: str
    label: str
    is_on: bool
    is_automatic: bool
    start: Promise
    url: str
    roles: str


def use_rows(person: Person, uses: Collection[str], switches: TrackerUses) -> list[UseRow]:
    """Every part, with its switch, and where and by whom its first use begins; no query."""
    return [
        UseRow(
            name,
            str(capfirst(field_label(switches, name))),
            name in uses,
            getattr(switches, name) == Switch.AUTOMATIC,
            use.start,
            reverse(use.page) if use.may(person) else "",
            ", ".join(str(role.label) for role in Role if use.may(Audience(frozenset({role})))),
        )
        for name, use in USES.items()
    ]


# ---- Whether the set-up is done

_REPORTING = User.objects.filter(
    is_active=True, groups__name__in=[Role.MANAGER, Role.STAFF]
).order_by()

DONE: Mapping[str, Any] = {
    "set-up-source": Exists(Source.objects.order_by()),
    # One reports, and another approves.
    "set-up-people": Exists(_REPORTING.filter(groups__name=Role.MANAGER))
    & Exists(_REPORTING.values("pk").distinct()[1:2]),
    "set-up-recommendations": Exists(Recommendation.objects.followed().order_by()),
}
"""Whether each step is done, as columns of any statement."""
