"""What waits for one person: tasks, My work, and due dates for their calendar."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import (
    FINISHED_STATUSES,
    GRACE_DAYS,
    OPEN_ACTIONS,
    RULES,
    UPDATE_FLAGS,
    DateChangeState,
    Flag,
    Only,
    Stance,
    UpdateKind,
    UpdateState,
)
from recommendations.models import (
    Action,
    CalendarAddress,
    EvidenceLink,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    User,
    fictional,
    flag_tests,
    readable_links,
    with_roles,
)
from recommendations.permissions import Person
from recommendations.queries.dates import beginning_of, day_text
from recommendations.queries.frame import answered_by, frame_for
from recommendations.queries.listed import column_names, rows_in_order
from recommendations.queries.people import deciders_of, digest_of, token_of
from recommendations.queries.recommendations.attention import Help, ways_of
from recommendations.queries.recommendations.rows import RecommendationRow, rows_by_id
from recommendations.queries.recommendations.tally import (
    due_days,
    is_flagged,
    known_flags,
    only_tests,
)
from recommendations.queries.rounds import Requested, requested_of
from recommendations.queries.updates.conditions import needs_sentence
from recommendations.queries.updates.published import marked
from recommendations.transitions import UNDECIDED

# ---- My work: what a person has to report and has written, and the counts in the menu

MOST_ROWS = 50
"""Rows of one list on these pages; what is beyond is counted and found in the full list."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now, how much there is of it, and what comes next.

    ``rows`` are recommendations with ``draft_id``, the reader's own draft if there is one, and
    with whether each ``is_overdue``, ``needs_sentence`` to be confirmed, and ``is_confirmable``
    as it is. ``upcoming`` is read where nothing is due.
    """

    rows: tuple[Any, ...]
    total: int
    upcoming: tuple[Any, ...]

    overdue: int = 0

    @property
    def due(self) -> int:
        """How many are due, but within their days of grace."""
        return self.total - self.overdue


def due_for(person: Person, today: date) -> Due:
    """What this person is to report on, the most overdue first, else the next two to come."""
    found = _to_report(person).order_by("next_due_on", "pk")
    is_overdue = Q(next_due_on__lt=today - timedelta(days=GRACE_DAYS))
    counted = found.filter(next_due_on__lte=today).annotate(
        total=Window(Count("pk")), overdue=Window(Count("pk", filter=is_overdue))
    )
    now = list(counted.values_list("pk", "total", "overdue")[:MOST_ROWS])
    if not now:
        return Due((), 0, tuple(found.filter(next_due_on__gt=today)[:2]))
    [ids, (total, *_), (overdue, *_)] = zip(*now, strict=True)
    rows = rows_in_order(ids, partial(_due_rows, person=person, today=today))
    return Due(tuple(rows), total, (), overdue)


def _due_rows(ids: Sequence[int], person: Person, today: date) -> dict[int, Any]:
    """Recommendations of ``Due`` by id: two queries."""
    rows: dict[int, Any] = (
        Recommendation.objects.select_related("lead_officer", "current_update__based_on__based_on")
        .only(*_OF_RECOMMENDATION, *_OF_UPDATES)
        .in_bulk(ids)
    )
    drafts = _drafts(person).filter(recommendation__in=ids).order_by("pk")
    draft_ids = dict(drafts.values_list("recommendation", "pk"))
    for pk, row in rows.items():
        row.draft_id = draft_ids.get(pk)
        row.is_overdue = row.next_due_on < today - timedelta(days=GRACE_DAYS)
        row.needs_sentence = needs_sentence(row.current_update)
        has_draft = row.draft_id is not None
        row.is_confirmable = bool(row.current_update) and not has_draft and not row.needs_sentence
    return rows


_OF_RECOMMENDATION = (
    *("reference", "title", "nature", "target_date", "next_due_on"),
    *column_names("lead_officer"),
)
_OF_UPDATES = (
    *("current_update__implementation_status", "current_update__confidence"),
    *("current_update__as_of", "current_update__rated_on"),
    *(
        f"current_update__{path}{name}"
        for path in ("", "based_on__", "based_on__based_on__")
        for name in ("kind", "what_happened", "based_on")
    ),
)
"""Columns that a row of ``Due`` shows, and ``needs_sentence`` asks for."""


def next_due_recommendation(person: Person, today: date) -> str | None:
    """Reference of what this person should report on next, if anything is due."""
    if not permissions.can_write(person):
        return None
    found = _next_due(person.pk, permissions.organisation_id(person) or 0, today).first()
    return found[-1] if found else None


def _next_due(by: int, own: int, today: date) -> QuerySet[Any, Any]:
    """The first of what is due, as a row that ends with its reference.

    Each part is found by an index of its own and filtered at once. As one condition over all that
    is due PostgreSQL would read every row that is due for anybody. A union without doubles is
    gathered before it is sorted.
    """
    due = _reportable(by).filter(next_due_on__lte=today)
    helped = Recommendation.contributors.through.objects.filter(organisation=own)
    parts = [
        part.order_by().values_list("next_due_on", "pk", "reference")
        for part in (
            due.filter(lead_officer=by),
            due.filter(lead=own),
            due.filter(pk__in=helped.values("recommendation")),
        )
    ]
    return parts[0].union(*parts[1:]).order_by("next_due_on", "pk")


def written_by(person: Person) -> dict[str, list[Any]]:
    """Updates of this person by state: returned, drafts, waiting; the newest first."""
    rows = (
        StatusUpdate.objects.filter(author=person.pk, state__in=UNDECIDED)
        .select_related("author", "decided_by", "recommendation__reviewer")
        .select_related("addressee__area", "addressee__organisation")
        .only(*_OF_WRITTEN)
        .order_by("-updated_at", "-created_at", "-pk")
    )
    found: dict[str, list[Any]] = {
        UpdateState.RETURNED: [],
        UpdateState.DRAFT: [],
        UpdateState.SUBMITTED: [],
    }
    update: Any
    for update in rows:
        update.with_whom = ""
        found[update.state].append(update)
    submitted = found[UpdateState.SUBMITTED]
    for update, names in zip(submitted, deciders_of(submitted), strict=True):
        update.with_whom = names
    return found


_OF_WRITTEN = (
    *("kind", "state", "implementation_status", "as_of", "created_at", "updated_at"),
    *("submitted_at", "decided_at", "decision_note", "last_editor"),
    *("recommendation__reference", "recommendation__title", "recommendation__nature"),
    *column_names("recommendation__reviewer", "author", "decided_by"),
    "author__is_demonstration",
    *("addressee__area__name", "addressee__organisation__name"),
)
"""Columns that a row of what somebody has written shows."""


_OF_ASKED = (
    *("old_date", "new_date", "requested_at", "state"),
    *("recommendation__reference", "recommendation__title", "recommendation__nature"),
    *column_names("recommendation__reviewer"),
    "requested_by__is_demonstration",
)
"""Columns that a row of a date that somebody asked for shows."""


def dates_asked_by(person: Person) -> list[TargetDateChange]:
    """Requests of this person for another date that nobody has decided, the newest first."""
    rows = (
        TargetDateChange.objects.filter(
            requested_by=person.pk,
            state=DateChangeState.REQUESTED,
            recommendation__archived_at__isnull=True,
        )
        .select_related("recommendation__reviewer", "requested_by")
        .only(*_OF_ASKED)
        .order_by("-requested_at", "-pk")
    )
    return list(rows)


def kind_text(update: StatusUpdate) -> str:
    """What sort of update this is, where it is not a regular one."""
    return "" if update.kind == UpdateKind.REGULAR else str(UpdateKind(update.kind).label)


def _to_report(person: Person) -> QuerySet[Any]:
    """What this person answers for: as officer, or through an organisation that leads or helps.

    A manager may log on everything, but only what is theirs is their work. Where an update waits
    for review there is nothing to write; a returned one is in a list of its own.
    """
    if not permissions.can_write(person):
        nothing: QuerySet[Any] = Recommendation.objects.none()
        return nothing
    today = timezone.localdate() if permissions.can_review(person) else None
    own = answered_by(person.pk, permissions.organisation_id(person), today)
    return _reportable(person.pk).filter(pk__in=own)


def _reportable(by: Any) -> QuerySet[Any]:
    """What may be reported on once it is due, where this person has nothing returned on it."""
    overall = StatusUpdate.objects.filter(addressee__isnull=True).order_by()
    returned = overall.filter(author=by, state=UpdateState.RETURNED)
    followed: QuerySet[Any] = Recommendation.objects.followed().filter(
        next_due_on__isnull=False, kept__reported_status=""
    )
    return followed.exclude(pk__in=returned.values("recommendation"))


def answered_for(person: Person) -> QuerySet[Any, Any]:
    """Ids of what is ``involving`` this person, or those whose deputy they are today."""
    return answered_by(person.pk, permissions.organisation_id(person), timezone.localdate())


def _drafts(person: Person) -> QuerySet[StatusUpdate]:
    """Regular drafts of this person, on recommendations overall."""
    mine = StatusUpdate.objects.filter(author=person.pk, addressee__isnull=True)
    return mine.filter(state=UpdateState.DRAFT, kind=UpdateKind.REGULAR)


# ---- What waits for one person: one row for each thing to do, what comes next, and who it waits
# for.
# What needs attention is asked of the kept states by the very conditions that Home counts by, so
# that both name the same recommendations.


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


# ---- Due dates of what a person answers for, and whose calendar an address is of

CANCELLED_FOR = timedelta(days=90)
"""For how long what was closed or archived is told as cancelled."""

MOST = 1000
"""Recommendations and actions of one calendar at most, of each."""


@dataclass(frozen=True, slots=True)
class DueDate:
    """One day on which something is due; ``kind`` and ``number`` name it for good.

    ``changed_at`` is when anything was changed last that the day may follow from, and never
    becomes earlier.
    """

    kind: str
    number: int
    day: date
    title: str
    path: str
    changed_at: datetime
    is_cancelled: bool


def person_of(token: str) -> User | None:
    """Whose calendar an address with this token is of, while they may have one; one query.

    None where it is unknown or revoked, and where the person has no account or no fitting role.
    """
    live = CalendarAddress.objects.in_use().filter(token_digest=digest_of(token))
    person = with_roles(User.objects.filter(pk__in=live.values("person"))).first()
    if person is None or permissions.is_shut_out(person) or not permissions.can_write(person):
        return None
    return person


def token_for(person: Any) -> str:
    """The token of the address that a person has; empty without one.

    Empty also after the secret key of the site was changed: the address works, and is not known.
    """
    for row in CalendarAddress.objects.in_use().filter(person=person.pk):
        token = token_of(row.token_salt)
        return token if digest_of(token) == row.token_digest else ""
    return ""


def due_dates(person: User, now: datetime) -> list[DueDate]:
    """What is due of what this person answers for, and what lately was cancelled; two queries."""
    since = now - CANCELLED_FOR
    found = [
        *(each for row in _recommendations(person, since) for each in _of_recommendation(row)),
        *(_of_action(row) for row in _calendars_actions(person, since)),
    ]
    return sorted(found, key=lambda each: (each.day, each.kind, each.number))


def _recommendations(person: User, since: datetime) -> QuerySet[Any]:
    is_finished = Q(current_update__implementation_status__in=FINISHED_STATUSES)
    # What follows from an update changes with its approval and with its retraction.
    decided = StatusUpdate.objects.of_scope(OuterRef("pk"), None)
    decided = decided.filter(state=UpdateState.APPROVED).order_by("-decided_at")
    rows: QuerySet[Any] = (
        Recommendation.objects.visible_to(person)
        .filter(
            Q(archived_at__isnull=True) | Q(archived_at__gte=since), pk__in=answered_for(person)
        )
        .exclude(is_finished & Q(next_due_on__isnull=True, current_update__decided_at__lt=since))
        .exclude(target_date__isnull=True, next_due_on__isnull=True)
        .annotate(
            status=F("current_update__implementation_status"),
            is_fictional=fictional(),
            decided_at=Subquery(decided.values("decided_at")[:1]),
        )
        .only(
            *("reference", "title", "target_date", "next_due_on", "opened_on", "archived_at"),
            "updated_at",
        )
        .order_by("-pk")[:MOST]
    )
    return rows


def _of_recommendation(row: Any) -> Iterator[DueDate]:
    is_archived = row.archived_at is not None
    path = row.get_absolute_url()
    words = {"reference": row.reference, "title": row.title}
    times = [at for at in (row.updated_at, row.decided_at) if at is not None]
    shared = {
        "number": row.pk,
        "path": path,
        "changed_at": max(times, default=beginning_of(row.opened_on)),
    }
    if row.target_date is not None:
        yield DueDate(
            kind="target",
            day=row.target_date,
            title=marked(_("%(reference)s %(title)s: target date") % words, row.is_fictional),
            is_cancelled=is_archived or row.status in FINISHED_STATUSES,
            **shared,
        )
    if row.next_due_on is not None:
        yield DueDate(
            kind="update",
            day=row.next_due_on,
            title=marked(_("%(reference)s %(title)s: update due") % words, row.is_fictional),
            is_cancelled=is_archived,
            **shared,
        )


def _calendars_actions(person: User, since: datetime) -> QuerySet[Any]:
    is_lately = Q(updated_at__gte=since)
    rows: QuerySet[Any] = (
        Action.objects.visible_to(person)
        .filter(
            Q(state__in=OPEN_ACTIONS) | is_lately,
            Q(recommendation__archived_at__isnull=True) | Q(recommendation__archived_at__gte=since),
            due_on__isnull=False,
            recommendation__in=answered_for(person),
        )
        .annotate(is_fictional=fictional("recommendation__") | Q(is_demonstration=True))
        .select_related("recommendation")
        .only(
            *(
                "due_on",
                "state",
                "updated_at",
                "recommendation__reference",
                "recommendation__title",
            ),
            *("recommendation__archived_at", "recommendation__updated_at"),
            "recommendation__opened_on",
        )
        .order_by("-pk")[:MOST]
    )
    return rows


def _of_action(row: Any) -> DueDate:
    about = row.recommendation
    times = [at for at in (row.updated_at, about.updated_at) if at is not None]
    # Not the title of the action, which people inside alone read.
    title = _("%(reference)s %(title)s: action due")
    return DueDate(
        kind="action",
        number=row.pk,
        day=row.due_on,
        title=marked(
            title % {"reference": about.reference, "title": about.title}, row.is_fictional
        ),
        path=reverse("recommendation-actions", args=[about.reference]),
        changed_at=max(times, default=beginning_of(about.opened_on)),
        is_cancelled=row.state not in OPEN_ACTIONS or about.archived_at is not None,
    )
