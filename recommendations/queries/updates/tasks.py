"""What waits for one person: one row for each thing to do, what comes next, and who it waits for.

What needs attention is asked of the kept states by the very conditions that Home counts by, so
that both name the same recommendations.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, Count, IntegerField, Q, Value, When, Window
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.choices import OPEN_ACTIONS, RULES, UPDATE_FLAGS, Flag, Only, Stance
from recommendations.models import (
    Action,
    EvidenceLink,
    RecommendationState,
    flag_tests,
    readable_links,
)
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.frame import frame_for
from recommendations.queries.recommendations.attention import Help, ways_of
from recommendations.queries.recommendations.narrowed import (
    due_days,
    is_flagged,
    known_flags,
    only_tests,
)
from recommendations.queries.recommendations.rows import RecommendationRow, rows_by_id
from recommendations.queries.rounds.asked import Requested, requested_of
from recommendations.queries.updates.my_work import MOST_ROWS, answered_for


@dataclass(frozen=True, slots=True)
class Task:
    """One row. ``what`` says what is to be done and by how much it is late, ``more`` about what.

    ``answers`` is the id of the contradiction that is answered in the row itself. ``flags`` are
    those of the recommendation that this row stands for.
    """

    about: RecommendationRow
    what: str
    more: str = ""
    tone: str = ""
    helps: tuple[Help, ...] = ()
    answers: int = 0
    flags: frozenset[str] = frozenset()
    day: date | None = None
    draft: int = 0
    """The id of the reader's draft that this row leads on to."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """``needed`` now, the worst first; ``due`` in the days ahead, the first day first.

    ``others`` are for somebody else. ``more`` counts the recommendations that need
    attention beyond those shown.
    """

    needed: tuple[Task, ...] = ()
    due: tuple[Task, ...] = ()
    others: tuple[Task, ...] = ()
    more: int = 0

    @property
    def overdue(self) -> int:
        return sum(Flag.UPDATE_OVERDUE in task.flags for task in self.needed)

    @property
    def confirmable(self) -> int:
        """How many updates are due that one could confirm as unchanged."""
        due = (Flag.UPDATE_OVERDUE, Flag.UPDATE_DUE)
        return sum(len(task.helps) > 1 and not task.flags.isdisjoint(due) for task in self.needed)

    @property
    def contradicted(self) -> int:
        return sum(Flag.CONTRADICTED in task.flags for task in self.needed)


class _Known(NamedTuple):
    """What is read beside the rows, by the id of the recommendation."""

    contradictions: Mapping[int, Sequence[Any]]
    actions: Mapping[int, Sequence[Any]]
    drafts: Mapping[int, int]
    returned: frozenset[int]
    requested: Mapping[int, Requested]


def tasks_of(
    person: Person, today: date, *, drafts: Mapping[int, int], returned: Iterable[int]
) -> Tasks:
    """What this person has to do, by a fixed number of queries.

    ``drafts`` are the ids of their own drafts by recommendation, ``returned`` the recommendations
    on which an update came back to them: what asks for an update there is no row of its own.
    """
    is_asked = frame_for(person).has_open_round
    requested = requested_of(answered_for(person)) if is_asked else {}
    found, total = _mine(person, today, requested)
    rows = rows_by_id(person, [each.pk for each in found], today)
    known = _Known(
        _contradictions(rows, person),
        _actions(rows, today),
        drafts,
        frozenset(returned),
        requested,
    )
    needed: list[Task] = []
    due: list[Task] = []
    for each in found:
        if (row := rows.get(each.pk)) is not None:
            needed += _needed(row, known, today)
            due += _due(row, each, known, today)
    others = [task for task in needed if not task.helps and not task.answers]
    return Tasks(
        tuple(task for task in needed if task not in others),
        tuple(sorted(due, key=lambda task: (task.day or date.max, task.about.reference))),
        tuple(others),
        total - sum(bool(row.flags) for row in rows.values()),
    )


class _Mine(NamedTuple):
    pk: int
    update_due_on: date | None
    target_day: date | None


def _mine(person: Person, today: date, requested: Collection[int]) -> tuple[list[_Mine], int]:
    """What of theirs needs attention, is requested or becomes due, the worst first.

    And how much needs attention.
    """
    tests, flags = flag_tests(person, today), known_flags(person)
    only = only_tests(person, today)
    severity = Case(
        *(When(tests[flag], then=Value(place)) for place, flag in enumerate(flags)),
        *([When(pk__in=requested, then=Value(len(flags)))] if requested else []),
        default=Value(len(flags) + 1),
        output_field=IntegerField(),
    )
    states = RecommendationState.objects.visible_to(person).followed()
    is_wanted = is_flagged(person, today) | only[Only.DUE]
    if requested:
        is_wanted |= Q(pk__in=requested)
    wanted = (
        states.filter(is_wanted, pk__in=answered_for(person))
        .annotate(severity=severity)
        .annotate(total=Window(Count("pk", filter=Q(severity__lt=len(flags)))))
        .order_by("severity", "source_title", "source", "number", "pk")
    )
    rows = list(
        wanted.values_list("pk", "update_due_on", "date_overdue_after", "total")[:MOST_ROWS]
    )
    return [_Mine(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _contradictions(rows: Mapping[int, RecommendationRow], person: Person) -> dict[int, list[Any]]:
    """The unanswered contradictions of current updates, the oldest first; a query, if any."""
    updates = {
        row.current_update_id: pk
        for pk, row in rows.items()
        if Flag.CONTRADICTED in row.flags and row.current_update_id
    }
    found: dict[int, list[Any]] = defaultdict(list)
    if updates:
        links = EvidenceLink.objects.live().filter(
            readable_links(person),
            update__in=list(updates),
            stance=Stance.UNDERMINES,
            answered_at__isnull=True,
        )
        named = links.values_list("update", "pk", "evidence__title", "added_at")
        for update, *link in named.order_by("added_at", "pk"):
            found[updates[update]].append(tuple(link))
    return found


def _actions(rows: Mapping[int, RecommendationRow], today: date) -> dict[int, list[Any]]:
    """Open actions that are overdue or due in the days ahead, the first day first; one query."""
    found: dict[int, list[Any]] = defaultdict(list)
    if not rows:
        return found
    _first, last = due_days(today)
    actions = Action.objects.filter(
        recommendation__in=list(rows), state__in=OPEN_ACTIONS, due_on__lte=last
    )
    named = actions.order_by("due_on", "pk").values_list("recommendation", "pk", "title", "due_on")
    for about, *action in named:
        found[about].append(tuple(action))
    return found


def _needed(row: RecommendationRow, known: _Known, today: date) -> Iterator[Task]:
    """What is to be done now about one recommendation; each of its flags is in one row."""
    for flag, reason in row.raised:
        match flag:
            case Flag.CONTRADICTED:
                yield from _contradicted(row, reason, known, today)
            case Flag.ACTION_OVERDUE:
                yield from _late_actions(row, known, today)
            case _ if flag not in UPDATE_FLAGS:
                yield _plain(row, flag, reason, today)
    yield from _update(row, known, today)


def _plain(row: RecommendationRow, flag: str, reason: str, today: date) -> Task:
    """The row of a flag that stands for one thing."""
    more = str(RULES[flag].by_others)
    if flag == Flag.DATE_OVERDUE and row.target_date is not None:
        reason = _days_text(_("Target date"), row.target_date, today)
        more = row.asked.text if row.asked else ""
    return Task(row, reason, more, "red", ways_of(flag, row), flags=frozenset({flag}))


def _contradicted(
    row: RecommendationRow, reason: str, known: _Known, today: date
) -> Iterator[Task]:
    helps = ways_of(Flag.EVIDENCE_GAP, row)
    links = known.contradictions.get(row.pk or 0, ())
    for pk, title, added_at in links:
        since = timezone.localdate(added_at)
        yield Task(
            row,
            _days_text(_("Contradicted (unanswered)"), since, today, is_since=True),
            title,
            "red",
            helps,
            answers=pk if row.may_answer else 0,
            flags=frozenset({Flag.CONTRADICTED}),
        )
    if not links:
        yield Task(row, reason, "", "red", helps, flags=frozenset({Flag.CONTRADICTED}))


def _late_actions(row: RecommendationRow, known: _Known, today: date) -> Iterator[Task]:
    for pk, title, due_on in known.actions.get(row.pk or 0, ()):
        if due_on < today:
            yield Task(
                row,
                _days_text(_("Action"), due_on, today),
                _("%(title)s, due on %(day)s") % {"title": title, "day": day_text(due_on)},
                "red",
                _action_helps(row, pk),
                flags=frozenset({Flag.ACTION_OVERDUE}),
            )


def _action_helps(row: RecommendationRow, pk: int) -> tuple[Help, ...]:
    if not row.may_log:
        return ()
    address = reverse("action-edit", args=[pk])
    return (Help(_("Update action"), f"{address}?next={reverse('my-work')}"),)


def _update(row: RecommendationRow, known: _Known, today: date) -> Iterator[Task]:
    """The one row of all that an update answers, a request of a round among it."""
    reasons = [(flag, reason) for flag, reason in row.raised if flag in UPDATE_FLAGS]
    asked = known.requested.get(row.pk or 0)
    if row.pk in known.returned or not (reasons or asked):
        return
    flags = frozenset(flag for flag, _reason in reasons)
    told = [why for _flag, why in sorted(reasons, key=lambda each: UPDATE_FLAGS.index(each[0]))]
    if row.reported_status and told:
        yield Task(row, told[0], _("An update awaits review"), flags=flags)
        told, flags = [], frozenset()
    if row.reported_status and not asked:
        return
    what, *rest = (*told, *([asked.text] if asked else []))
    is_late = asked is not None and asked.reply_by < today
    tone = "red" if Flag.UPDATE_OVERDUE in flags or is_late else "amber"
    helps = _update_helps(row, known)
    draft = known.drafts.get(row.pk or 0, 0) if helps else 0
    yield Task(row, what, "; ".join(rest), tone, helps, flags=flags, draft=draft)


def _update_helps(row: RecommendationRow, known: _Known) -> tuple[Help, ...]:
    if not row.may_log:
        return ()
    if draft := known.drafts.get(row.pk or 0):
        return (Help(_("Continue draft"), reverse("update-detail", args=[draft])),)
    helps = [Help(_("Log an update"), reverse("update-new", args=[row.reference]))]
    if row.current_update_id:
        helps.insert(0, Help(_("No change"), reverse("update-no-change", args=[row.reference])))
    return tuple(helps)


def _due(row: RecommendationRow, mine: _Mine, known: _Known, today: date) -> Iterator[Task]:
    """What becomes due in the days ahead."""
    first, last = due_days(today)
    target, update = mine.target_day, mine.update_due_on
    if target and first <= target <= last:
        yield _ahead(row, _("Target date"), target, today, ways_of(Flag.DATE_OVERDUE, row))
    # What a round requests is in a row of its own already.
    if update and first < update <= last and row.pk not in known.requested:
        yield _ahead(row, _("Update"), update, today, _update_helps(row, known)[-1:])
    for pk, title, due_on in known.actions.get(row.pk or 0, ()):
        if first <= due_on <= last:
            yield _ahead(row, _("Action"), due_on, today, _action_helps(row, pk), title)


def _ahead(
    row: RecommendationRow,
    label: str,
    day: date,
    today: date,
    helps: tuple[Help, ...],
    title: str = "",
) -> Task:
    more = day_text(day)
    if title:
        more = _("%(title)s, due on %(day)s") % {"title": title, "day": more}
    return Task(row, _days_text(label, day, today), more, helps=helps, day=day)


def _days_text(what: str, day: date, today: date, *, is_since: bool = False) -> str:
    """How far ahead a day is on which something is due, how long overdue, or how long it is so."""
    days = (day - today).days
    if is_since and days:
        pattern = ngettext("%(what)s for %(n)d day", "%(what)s for %(n)d days", -days)
    elif days < 0:
        pattern = ngettext("%(what)s overdue by %(n)d day", "%(what)s overdue by %(n)d days", -days)
    elif days > 0:
        pattern = ngettext("%(what)s in %(n)d day", "%(what)s in %(n)d days", days)
    else:
        pattern = _("%(what)s since today") if is_since else _("%(what)s due today")
    return pattern % {"what": what, "n": abs(days)}
