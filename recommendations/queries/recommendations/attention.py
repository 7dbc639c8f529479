"""What needs attention on one recommendation, each with what helps."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, F, IntegerField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.choices import (
    BEGUN,
    OPEN_ACTIONS,
    RULES,
    UPDATE_FLAGS,
    WARNING_FLAGS,
    Flag,
)
from recommendations.models import Action, EvidenceLink, readable_links
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.recommendations.rows import Help, RecommendationRow

CONTRADICTION, OVERDUE_ACTION = 1, 2


class Cause(NamedTuple):
    """The first item that raises a flag: its id, its title, and the day it was due."""

    pk: int
    title: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Need:
    """One flag in words, what raised it, and what the reader may do about it, else who does."""

    reason: str
    told: str
    helps: tuple[Help, ...]


def needs_of(found: Any, row: RecommendationRow, person: Person) -> tuple[Need, ...]:
    """What needs attention, the worst first; at most one query, and none without such a cause.

    The decision that an update asks for is none of it: the card tells of that apart.
    """
    causes = _causes(found, row.flags, person)
    return tuple(
        Need(
            _("%(reason)s.") % {"reason": capfirst(reason)},
            " ".join(filter(None, (_told(flag, causes), who_ends(flag, row)))),
            _helps(flag, found, row, causes),
        )
        for flag, reason in row.raised
        if flag in WARNING_FLAGS
    )


def _causes(found: Any, flags: Collection[str], person: Person) -> dict[str, Cause]:
    parts = []
    if Flag.CONTRADICTED in flags:
        against = EvidenceLink.objects.open_contradictions().filter(
            readable_links(person), update=found.current_update_id
        )
        parts.append(_first(against, CONTRADICTION, "evidence__title", None))
    if Flag.ACTION_OVERDUE in flags:
        late = Action.objects.visible_to(person).filter(
            recommendation=found.pk, state__in=OPEN_ACTIONS, due_on__lt=timezone.localdate()
        )
        parts.append(_first(late, OVERDUE_ACTION, "title", "due_on"))
    if not parts:
        return {}
    flag_of = {CONTRADICTION: Flag.CONTRADICTED, OVERDUE_ACTION: Flag.ACTION_OVERDUE}
    rows = parts[0].union(*parts[1:], all=True)
    causes: dict[str, Cause] = {}
    for kind, pk, title, day in sorted(rows, key=lambda each: (each[3] or date.min, each[1])):
        causes.setdefault(flag_of[kind], Cause(pk, title, day))
    return causes


def _first(rows: Any, kind: int, title: str, day: str | None) -> Any:
    return (
        rows.order_by()
        .annotate(
            what=Value(kind, IntegerField()),
            told=Cast(F(title), CharField()),
            day=F(day) if day else Cast(Value(None), DateField()),
        )
        .values_list("what", "pk", "told", "day")
    )


def _told(flag: str, causes: dict[str, Cause]) -> str:
    cause = causes.get(flag)
    if cause is None:
        return ""
    if cause.day is None:
        return _("“%(title)s” contradicts the current status.") % {"title": cause.title}
    words = _("“%(title)s” was due on %(day)s.")
    return words % {"title": cause.title, "day": day_text(cause.day)}


def _helps(
    flag: str, found: Any, row: RecommendationRow, causes: dict[str, Cause]
) -> tuple[Help, ...]:
    """Links to the pages on which the reader may do something about a flag."""
    log = partial(next_update, found) if row.may_log else None
    helps = row.helps(flag, is_shown=True, log=log)
    if flag == Flag.ACTION_OVERDUE and helps and flag in causes:
        return (Help(_("Update action"), reverse("action-edit", args=[causes[flag].pk])),)
    return helps


def who_ends(flag: str, row: RecommendationRow) -> str:
    """Who ends what a flag says, for readers who may not; empty for those who may."""
    if any(way.acts and way.may(row) for way in RULES[flag].ways):
        return ""
    is_logged = any(way.route == "update-new" for way in RULES[flag].ways)
    if is_logged and row.reported_status:
        return _("An update awaits review.")
    if flag == Flag.DATE_OVERDUE and row.asked:
        return row.asked.text
    return str(RULES[flag].by_others) or who_leads(row)


def who_leads(row: RecommendationRow) -> str:
    """Who acts as the lead: the officer, else the organisation, else nobody."""
    if row.officer and Flag.NO_OFFICER not in row.flags:
        return _("Lead officer: %(who)s") % {"who": row.officer}
    if row.lead:
        return _("Lead organisation: %(who)s") % {"who": row.lead}
    return _("No lead officer assigned")


def acts_on(flag: str, row: RecommendationRow, acts: Collection[str]) -> bool:
    """Whether the reader is the one to end a flag: by whom that makes of them, and if they may.

    Who began the update that answers it is.
    """
    ways = RULES[flag].ways
    if BEGUN in acts and flag in UPDATE_FLAGS:
        return row.may_log
    return any(way.acts is not None and way.acts.value in acts and way.may(row) for way in ways)


def next_update(found: Any) -> Help:
    """Where the reader writes the next update, or continues the draft they have."""
    if found.my_draft_id:
        return Help(_("Continue my draft"), reverse("update-detail", args=[found.my_draft_id]))
    return Help(_("Log an update"), reverse("update-new", args=[found.reference]))
