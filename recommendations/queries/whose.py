"""Who acts on what needs attention: whose work a recommendation is, as queries for ids.

My work, its badge and reminders ask here, so that all three name the same recommendations.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, Self

from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from recommendations import permissions
from recommendations.choices import (
    BEGUN,
    Acts,
    Flag,
    Role,
    Switch,
    UpdateKind,
    UpdateState,
    ended_by,
)
from recommendations.choices.flags import RULES
from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    Deputy,
    Recommendation,
    RecommendationState,
    Request,
    StatusUpdate,
    TrackerUses,
    User,
)
from recommendations.permissions import WRITERS, Person
from recommendations.queries.rounds import unanswered

RETURNED, REQUESTED, LED = "returned", "requested", "led"
"""What waits for a person beside what is ended by ``Acts``: their own update, and a request; and
what they lead, whether or not it needs them now."""


@dataclass(frozen=True, slots=True)
class Who:
    """A person as queries ask for them; the first three may be values that are given later.

    ``is_deputy``: whether anybody stands in for anybody. ``is_asked``: whether a round is open.
    """

    pk: Any
    organisation: Any
    today: Any
    is_staff: bool
    is_manager: bool
    is_deputy: bool = True
    is_asked: bool = True

    @classmethod
    def of(cls, person: Person, today: date) -> Self:
        held = permissions.roles(person)
        own = permissions.organisation_id(person)
        return cls(person.pk, own, today, Role.STAFF in held, Role.MANAGER in held)

    @classmethod
    def given(
        cls,
        is_staff: bool,
        is_manager: bool,
        has_organisation: bool,
        is_asked: bool,
        is_deputy: bool,
    ) -> Self:
        """Anybody of whom this is so, for a ``fixed`` statement that is given ``values_of``."""
        key, own = Given("person", BigIntegerField()), Given("organisation", BigIntegerField())
        organisation, today = own if has_organisation else None, Given("today", DateField())
        return cls(key, organisation, today, is_staff, is_manager, is_deputy, is_asked)


def shape_of(person: Person) -> tuple[bool, bool, bool]:
    """What ``Who.given`` takes first."""
    held = permissions.roles(person)
    own = permissions.organisation_id(person)
    return Role.STAFF in held, Role.MANAGER in held, own is not None


def values_of(person: Person, today: date) -> dict[str, Any]:
    """What such a statement is given."""
    own = permissions.organisation_id(person)
    return {"person": person.pk, "organisation": own, "today": today}


def _every() -> QuerySet[Any, Any]:
    return Recommendation.objects.order_by()


def _absent(who: Who) -> QuerySet[Any, Any]:
    """Ids of those for whom a person stands in.

    The frame, which gives its values to a statement, has found that deputies are not switched off.
    """
    named = Deputy.objects
    rows = named.named_for(who.today) if isinstance(who.pk, Given) else named.active_on(who.today)
    return rows.filter(deputy=who.pk).order_by().values("person")


def _vacant(column: str, roles: Collection[str]) -> Q:
    """Whether nobody active with one of these roles is named in a column."""
    held = User.groups.through.objects.filter(group__name__in=sorted(roles), user__is_active=True)
    return Q(**{f"{column}__isnull": True}) | ~Q(
        **{f"{column}__in": held.order_by().values("user")}
    )


def _contributed(who: Who) -> QuerySet[Any, Any]:
    helped = Recommendation.contributors.through.objects.filter(organisation=who.organisation)
    return helped.order_by().values("recommendation")


def _one_of(parts: list[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    return parts[0].union(*parts[1:]) if parts[1:] else parts[0]


def led_by(who: Who) -> QuerySet[Any, Any]:
    """Ids of what a person is to do as lead officer, as deputy of one, or where there is none."""
    # Ids of what a person is to do, in parts, each of which has an index of its own. That is what
    # they are lead officer of; what those are whose deputy they are, where they may log; and for
    # policy staff what their organisation leads without an officer who may write.
    parts = [_every().filter(lead_officer=who.pk).values("pk")]
    if who.is_deputy:
        theirs = _every().filter(lead_officer__in=_absent(who))
        if who.is_manager:
            parts.append(theirs.values("pk"))
        elif who.organisation is not None:
            may_log = Q(lead=who.organisation) | Q(pk__in=_contributed(who))
            parts.append(theirs.filter(may_log).values("pk"))
    if who.is_staff and who.organisation is not None:
        own = _every().filter(lead=who.organisation)
        parts.append(own.filter(_vacant("lead_officer", WRITERS)).values("pk"))
    return _one_of(parts)


def involving(who: Who) -> QuerySet[Any, Any]:
    """Ids of what a person answers for: as officer, or as one of what leads or contributes; and
    what those are officers of whose deputy they are."""
    parts = [_every().filter(lead_officer=who.pk).values("pk")]
    if who.is_deputy:
        parts.append(_every().filter(lead_officer__in=_absent(who)).values("pk"))
    if who.organisation is not None:
        parts.append(_every().filter(lead=who.organisation).values("pk"))
        parts.append(_contributed(who))
    return _one_of(parts)


def _wrote(who: Who) -> Q:
    """Whether a person wrote a version of the current update."""
    current = "recommendation__current_update"
    versions = StatusUpdate.editors.through.objects.filter(
        statusupdate=OuterRef(current), user=who.pk
    )
    return Q(**{f"{current}__author": who.pk}) | Q(Exists(versions.order_by()))


def _standing_in(who: Who) -> Q:
    """Whether a manager is the deputy of the reviewer."""
    return Q(reviewer__in=_absent(who)) if who.is_deputy else Q(pk__in=[])


def _reviewing(who: Who) -> Q:
    """Whether a manager is the reviewer, or the deputy of the reviewer."""
    return Q(reviewer=who.pk) | _standing_in(who)


def _to_end(acts: Acts, today: Any) -> Q:
    """What these people can end now."""
    tests = (
        RULES[flag].as_q(today) & way.where & _IS_ASKED.get(flag, Q())
        for flag, way in ended_by(acts)
    )
    return reduce(or_, tests)


_IS_ASKED: dict[str, Q] = {
    Flag.RESPONSE_OVERDUE: ~Q(TrackerUses.objects.switched("responses", Switch.OFF))
}
"""Whether anybody is asked to end a flag, where that is a part of the tracker of its own."""


class _Parts(NamedTuple):
    """Conditions on followed states that make a person act, each with whom that makes of them."""

    led: Mapping[str, Q]
    others: Sequence[tuple[str, Q]]


def _parts(who: Who) -> _Parts:
    """What a person acts on where they lead, and where others do."""
    against = _to_end(Acts.ANSWER, who.today)
    led = {
        Acts.LEAD.value: _to_end(Acts.LEAD, who.today),
        Acts.ANSWER.value: against & ~_wrote(who),
    }
    if who.is_asked:
        asked = unanswered(Request.objects.order_by()).values("recommendation")
        led[REQUESTED] = Q(pk__in=asked)
    returned = StatusUpdate.objects.filter(author=who.pk, state=UpdateState.RETURNED)
    drafts = StatusUpdate.objects.filter(
        author=who.pk, state=UpdateState.DRAFT, kind=UpdateKind.REGULAR, addressee__isnull=True
    )
    # What else an update answers comes after the day on which it is due.
    is_due = Q(update_due_on__lte=who.today, reported_status="")
    is_begun = Q(pk__in=drafts.order_by().values("recommendation"))
    others = [
        (RETURNED, Q(pk__in=returned.order_by().values("recommendation"))),
        (BEGUN, is_begun & is_due),
    ]
    if who.is_manager:
        is_theirs = against & (_vacant("lead_officer", WRITERS) | Q(officer_wrote=True))
        no_reviewer = _vacant("reviewer", [Role.MANAGER])
        for_others = _standing_in(who) | no_reviewer | Q(reviewer_wrote=True)
        others += [
            # Apart, so that what is reviewed is found by an index alone.
            (Acts.ANSWER.value, is_theirs & Q(reviewer=who.pk, reviewer_wrote=False)),
            (Acts.ANSWER.value, is_theirs & for_others & ~_wrote(who)),
            (Acts.MANAGER.value, _to_end(Acts.MANAGER, who.today) & _reviewing(who)),
            (Acts.DECIDE.value, _to_end(Acts.DECIDE, who.today) & (_reviewing(who) | no_reviewer)),
        ]
    return _Parts(led, others)


def _followed() -> Any:
    return RecommendationState.objects.followed().order_by()


def acted_on(who: Who, most: int | None = None) -> QuerySet[Any, Any]:
    """Ids of the recommendations that need attention and on which a person acts.

    With ``most`` of each reason no more: where there are fewer in all they are all there are.
    """
    parts = _parts(who)
    led = _followed().filter(reduce(or_, parts.led.values()), pk__in=led_by(who))
    found = [led, *(_followed().filter(test) for _name, test in parts.others)]
    ids = [rows.values("pk") for rows in found]
    if most is not None:
        # SQLite cuts no part of a union.
        ids = [_followed().filter(pk__in=rows[:most]).values("pk") for rows in ids]
    return _one_of(ids)


def acts_of(who: Who) -> dict[int, set[str]]:
    """The same by id, each with whom that makes of them; one statement."""
    return _by_id(_acting(who, _followed()))


def acts_among(ids: Collection[int], *shape: bool, **values: Any) -> dict[int, set[str]]:
    """The same among these, that is told of what they lead as well; by the shape of ``Who.given``.

    One statement, which is written once: Django takes longer for it than a database.
    """
    return _by_id(_acting_among(*shape, **values, ids=ids)) if ids else {}


@fixed
def _acting_among(*shape: bool) -> QuerySet[Any, Any]:
    return _acting(Who.given(*shape), _followed().filter(Among("pk")), is_led_told=True)


def _acting(who: Who, states: Any, *, is_led_told: bool = False) -> QuerySet[Any, Any]:
    parts, led = _parts(who), states.filter(pk__in=led_by(who))
    tagged = [
        *((name, led.filter(test)) for name, test in parts.led.items()),
        *((name, states.filter(test)) for name, test in parts.others),
        *([(LED, led)] if is_led_told else []),
    ]
    first, *rest = (rows.values_list("pk", Value(name, CharField())) for name, rows in tagged)
    found: QuerySet[Any, Any] = first.union(*rest, all=True)
    return found


def _by_id(acting: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for pk, part in acting:
        found.setdefault(pk, set()).add(part)
    return found
