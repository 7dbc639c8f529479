"""What waits for one person: tasks, My work, and due dates for their calendar."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial, reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import (
    FINISHED_STATUSES,
    OPEN_ACTIONS,
    RULES,
    SEVERITY,
    UPDATE_FLAGS,
    DateChangeState,
    Flag,
    Only,
    UpdateKind,
    UpdateState,
    label_of_status,
    tone_of,
)
from recommendations.fixed import Among, fixed
from recommendations.models import (
    Action,
    CalendarAddress,
    Comment,
    EvidenceLink,
    Recommendation,
    RecommendationState,
    Request,
    StatusUpdate,
    TargetDateChange,
    User,
    fictional,
    readable_links,
    with_roles,
)
from recommendations.permissions import Person
from recommendations.queries.dates import beginning_of, day_text
from recommendations.queries.frame import frame_for
from recommendations.queries.listed import column_names, rows_in_order
from recommendations.queries.people import deciders_of, digest_of, token_of
from recommendations.queries.recommendations.attention import acts_on, who_ends, who_leads
from recommendations.queries.recommendations.overview import first_day
from recommendations.queries.recommendations.rows import Help, RecommendationRow, rows_by_id
from recommendations.queries.recommendations.tally import due_days, only_tests
from recommendations.queries.rounds import Requested, requested_of, unanswered
from recommendations.queries.updates.conditions import needs_sentence
from recommendations.queries.updates.published import marked
from recommendations.queries.whose import (
    LED,
    REQUESTED,
    Who,
    acted_on,
    acts_among,
    involving,
    led_by,
    shape_of,
    values_of,
)
from recommendations.state.urgency import overdue_since, severity
from recommendations.transitions import UNDECIDED

# ---- My work: what a person has to report and has written, and the counts in the menu

MOST_ROWS = 50
"""Rows of one list on these pages; what is beyond is counted and found in the full list."""


def due_for(person: Person, today: date) -> list[Any]:
    """What this person is to report on, the most overdue first, or what a round waits for.

    Recommendations with ``due_on``, the earlier day of both, with ``draft_id``, the reader's own
    draft if there is one, and with whether each ``needs_sentence`` to be confirmed, and
    ``is_confirmable`` as it is.
    """
    asked = requested_of(answered_for(person))
    found = _to_report(person).filter(Q(next_due_on__lte=today) | Q(pk__in=list(asked)))
    ids = list(found.order_by("next_due_on", "pk").values_list("pk", flat=True)[:MOST_ROWS])
    return rows_in_order(ids, partial(_due_rows, person=person, asked=asked))


def _due_rows(ids: Sequence[int], person: Person, asked: Mapping[int, Requested]) -> dict[int, Any]:
    """Recommendations of ``due_for`` by id: two queries."""
    rows: dict[int, Any] = (
        Recommendation.objects.select_related("lead_officer", "current_update__based_on__based_on")
        .only(*_OF_RECOMMENDATION, *_OF_UPDATES)
        .in_bulk(ids)
    )
    drafts = _drafts(person).filter(recommendation__in=ids).order_by("pk")
    draft_ids = dict(drafts.values_list("recommendation", "pk"))
    for pk, row in rows.items():
        days = [row.next_due_on, asked[pk].reply_by if pk in asked else None]
        row.due_on = min(filter(None, days))
        row.draft_id = draft_ids.get(pk)
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
"""Columns that a row of ``due_for`` shows, and ``needs_sentence`` asks for."""


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


MENTION_DAYS = 30
"""For so long a comment is told to those whom it mentions, unless they answer."""


def mentions_of(person: Person, today: date) -> list[Comment]:
    """Comments that mention this person, of the last days, without an answer; the newest first."""
    rows = Comment.objects.visible_to(person).unanswered_by(person)
    recent = rows.filter(at__gte=beginning_of(today - timedelta(days=MENTION_DAYS)))
    columns = ("at", "text", "update", "recommendation__reference", "recommendation__title")
    named = recent.select_related("author", "recommendation").only(
        *columns, *column_names("author")
    )
    return list(named.order_by("-at", "-pk")[:MOST_ROWS])


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
    return _reportable(person.pk).filter(pk__in=answered_for(person))


def _reportable(by: Any) -> QuerySet[Any]:
    """What may be reported on once it is due, where this person has nothing returned on it."""
    overall = StatusUpdate.objects.filter(addressee__isnull=True).order_by()
    returned = overall.filter(author=by, state=UpdateState.RETURNED)
    is_closed = Q(next_due_on__isnull=True, current_update__isnull=False)
    followed: QuerySet[Any] = (
        Recommendation.objects.followed().filter(kept__reported_status="").exclude(is_closed)
    )
    return followed.exclude(pk__in=returned.values("recommendation"))


def answered_for(person: Person) -> QuerySet[Any, Any]:
    """Ids of what is ``involving`` this person, or those whose deputy they are today."""
    return involving(Who.of(person, timezone.localdate()))


def _drafts(person: Person) -> QuerySet[StatusUpdate]:
    """Regular drafts of this person, on recommendations overall."""
    mine = StatusUpdate.objects.filter(author=person.pk, addressee__isnull=True)
    return mine.filter(state=UpdateState.DRAFT, kind=UpdateKind.REGULAR)


# ---- My work: a block for each recommendation that needs attention, with its reasons inside; what
# comes next, and what is somebody else's to do.


@dataclass(frozen=True, slots=True)
class Task:
    """One reason. ``what`` says what is to be done and by how much it is late, ``more`` about what.

    ``answers`` is the id of the contradiction that is answered in the row itself. ``flags`` are
    those of the recommendation that this row stands for. What is not ``is_mine`` somebody else
    ends: ``more`` says who, where that is not who leads.
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
    is_mine: bool = False
    is_requested: bool = False
    """Whether a round waits for the update."""
    note: str = ""
    """What was written when an update was returned."""

    @property
    def is_confirmable(self) -> bool:
        """Whether an update is due that one could confirm as unchanged."""
        is_due = not self.flags.isdisjoint((Flag.UPDATE_OVERDUE, Flag.UPDATE_DUE))
        return len(self.helps) > 1 and (is_due or self.is_requested)


@dataclass(frozen=True, slots=True)
class Block:
    """One recommendation, its reasons in order, and who leads where it is not the reader's work."""

    about: RecommendationRow
    tasks: tuple[Task, ...]
    who: str = ""

    @property
    def is_mine(self) -> bool:
        return any(task.is_mine for task in self.tasks)


class _Known(NamedTuple):
    """What is read beside the rows, by the id of the recommendation."""

    contradictions: Mapping[int, Sequence[Any]]
    actions: Mapping[int, Sequence[Any]]
    drafts: Mapping[int, int]
    returned: Mapping[int, Sequence[StatusUpdate]]
    requested: Mapping[int, Requested]
    acts: Mapping[int, Collection[str]]
    asked_for: Mapping[int, str]


def needing(person: Person, today: date) -> tuple[list[int], int]:
    """Ids of what needs attention and is this person's, then what else they answer for.

    The worst first; and how many of them are theirs (``acted_on``). Two queries.
    """
    shape, values = _given_of(person, today)
    mine = {pk for (pk,) in _mine(*shape, **values)}
    found = _needing(*shape, **values, ids=mine)
    return sorted(found, key=lambda pk: pk not in mine), len(mine)


def _given_of(person: Person, today: date) -> tuple[tuple[bool, ...], dict[str, Any]]:
    """The shape of ``Who.given`` that a person is of, and what its statements are given."""
    frame = frame_for(person)
    shape = (*shape_of(person), frame.has_open_round, frame.has_deputies)
    return shape, values_of(person, today)


@fixed
def _mine(*shape: bool) -> QuerySet[Any, Any]:
    """By the shape of ``Who.given``; apart, so that it is found once."""
    return acted_on(Who.given(*shape)).values_list("pk")


@fixed
def _needing(*shape: bool) -> QuerySet[Any, Any]:
    """By the shape of ``Who.given``, the worst first; whoever writes reads all flags."""
    who = Who.given(*shape)
    flags = {flag: rule.as_q(who.today) for flag, rule in RULES.items()}, SEVERITY
    wanted = reduce(or_, flags[0].values())
    if who.is_asked:
        asked = unanswered(Request.objects.order_by()).values("recommendation")
        wanted |= Q(pk__in=asked)
    states: Any = RecommendationState.objects.followed()
    beside = states.order_by().filter(wanted, pk__in=involving(who)).values("pk")
    mine = states.order_by().filter(Among("pk")).values("pk")
    found: QuerySet[Any, Any] = (
        states.filter(pk__in=mine.union(beside))
        .annotate(rank=severity(*flags))
        .order_by(
            *("rank", overdue_since(*flags)),
            *("source_title", "source_id", "number", "pk"),
        )
        .values_list("pk", flat=True)
    )
    return found


class Near(NamedTuple):
    """What becomes due on one recommendation, but for its actions."""

    pk: int
    update: date | None
    target: date | None


MOST_DUE = 20
"""Recommendations of which My work tells what becomes due; a calendar has all of them."""


def near(person: Person, today: date) -> list[Near]:
    """What becomes due of what this person leads, the first day first; one query."""
    led = led_by(Who.of(person, today))
    states: Any = RecommendationState.objects.followed().filter(pk__in=led)
    # Where an action is overdue a later one is not kept.
    is_near = only_tests(person, today)[Only.DUE] | Q(action_overdue_after__lt=today)
    found = states.filter(is_near).annotate(first=first_day(person, today))
    columns = ("pk", "update_due_on", "date_overdue_after")
    return [Near(*row) for row in found.order_by("first", "pk").values_list(*columns)[:MOST_DUE]]


def blocks_of(
    person: Person,
    ids: Sequence[int],
    today: date,
    written: Mapping[str, Sequence[Any]],
    ahead: Sequence[Near] = (),
) -> tuple[dict[int, Block], list[Task]]:
    """What there is to do on each of these, and what becomes due, by a fixed number of queries.

    ``written`` are the updates of this person, from ``written_by``.
    """
    drafts = {
        each.recommendation_id: each.pk
        for each in reversed(written[UpdateState.DRAFT])
        if each.kind == UpdateKind.REGULAR and each.addressee_id is None
    }
    returned: dict[int, list[StatusUpdate]] = defaultdict(list)
    for update in written[UpdateState.RETURNED]:
        returned[update.recommendation_id].append(update)
    rows = rows_by_id(person, list(dict.fromkeys([*ids, *(each.pk for each in ahead)])), today)
    shape, values = _given_of(person, today)
    known = _Known(
        _contradictions(rows, person),
        _actions(rows, today),
        drafts,
        returned,
        requested_of(list(ids)) if ids and frame_for(person).has_open_round else {},
        acts_among(ids, *shape, **values),
        _asked_for(rows),
    )
    blocks = {}
    for pk in ids:
        if (row := rows.get(pk)) is not None:
            tasks = sorted(_needed(row, known, today), key=lambda task: not task.is_mine)
            is_led = LED in known.acts.get(pk, ())
            blocks[pk] = Block(row, tuple(tasks), "" if is_led else who_leads(row))
    due = [
        task
        for each in ahead
        if each.pk in rows
        for task in _due(rows[each.pk], each, known, today)
    ]
    return blocks, sorted(due, key=lambda task: (task.day or date.max, task.about.reference))


def _contradictions(rows: Mapping[int, RecommendationRow], person: Person) -> dict[int, list[Any]]:
    """The unanswered contradictions of current updates, the oldest first; a query, if any."""
    updates = {
        row.current_update_id: pk
        for pk, row in rows.items()
        if Flag.CONTRADICTED in row.flags and row.current_update_id
    }
    found: dict[int, list[Any]] = defaultdict(list)
    if updates:
        links = EvidenceLink.objects.open_contradictions().filter(
            readable_links(person), update__in=list(updates)
        )
        named = links.values_list("update", "pk", "evidence__title", "added_at")
        for update, *link in named.order_by("added_at", "pk"):
            found[updates[update]].append(tuple(link))
    return found


def _asked_for(rows: Mapping[int, RecommendationRow]) -> dict[int, str]:
    """What current updates ask for that nobody has decided on; a query, if any."""
    asking = [pk for pk, row in rows.items() if Flag.DECISION_NEEDED in row.flags]
    if not asking:
        return {}
    asked = Recommendation.objects.filter(pk__in=asking).order_by()
    return dict(asked.values_list("pk", "current_update__asked_for"))


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
    """What is to be done now about one recommendation; each of its flags is in one task."""
    for update in known.returned.get(row.pk or 0, ()):
        yield _returned(row, update, today)
    for flag, reason in row.raised:
        match flag:
            case Flag.CONTRADICTED:
                yield from _contradicted(row, reason, known, today)
            case Flag.ACTION_OVERDUE:
                yield from _late_actions(row, known, today)
            case Flag.RESPONSE_OVERDUE if row.may_log and not row.may_respond:
                pass  # Nobody is asked for responses where they are switched off.
            case _ if flag not in UPDATE_FLAGS:
                yield _plain(row, flag, reason, known, today)
    yield from _update(row, known, today)


def _returned(row: RecommendationRow, update: StatusUpdate, today: date) -> Task:
    day = timezone.localdate(update.decided_at)
    status = update.implementation_status
    facts = (
        str(update.decided_by),
        kind_text(update),
        str(update.addressee or ""),
        label_of_status(status, is_continuous=row.is_continuous) if status else "",
    )
    return Task(
        row,
        returned_text((today - day).days),
        _(", ").join(filter(None, facts)),
        "amber",
        (_edit(update),),
        is_mine=True,
        note=update.decision_note,
    )


def _plain(row: RecommendationRow, flag: str, reason: str, known: _Known, today: date) -> Task:
    """The row of a flag that stands for one thing."""
    is_mine = acts_on(flag, row, known.acts.get(row.pk or 0, ()))
    helps = row.helps(flag, log=partial(_writing, row, known))
    asked = known.asked_for.get(row.pk or 0, "") if flag == Flag.DECISION_NEEDED else ""
    more = " ".join(filter(None, (asked, "" if is_mine else _who(flag, row))))
    tone = tone_of(flag, row.since[flag], today)
    return Task(row, reason, more, tone, helps, flags=frozenset({flag}), is_mine=is_mine)


def _who(flag: str, row: RecommendationRow) -> str:
    """Who ends it, where the block does not say so already."""
    told = who_ends(flag, row)
    return "" if told == who_leads(row) else told


def _contradicted(
    row: RecommendationRow, reason: str, known: _Known, today: date
) -> Iterator[Task]:
    flag = Flag.CONTRADICTED
    is_mine = acts_on(flag, row, known.acts.get(row.pk or 0, ()))
    helps = row.helps(flag)
    # What is answered in the row itself needs no link.
    beside = helps[1:] if row.may_answer else helps
    links = known.contradictions.get(row.pk or 0, ())
    shared: dict[str, Any] = {"flags": frozenset({flag}), "is_mine": is_mine}
    who = "" if is_mine else str(RULES[flag].by_others)
    for pk, title, added_at in links:
        since = timezone.localdate(added_at)
        yield Task(
            row,
            _days_text(_("Contradicted (unanswered)"), since, today, is_since=True),
            " ".join(filter(None, (_("“%s”.") % title, who))),
            "red",
            beside,
            answers=pk if row.may_answer else 0,
            **shared,
        )
    if not links:
        yield Task(row, reason, who, "red", helps, **shared)


def _late_actions(row: RecommendationRow, known: _Known, today: date) -> Iterator[Task]:
    is_mine = acts_on(Flag.ACTION_OVERDUE, row, known.acts.get(row.pk or 0, ()))
    for pk, title, due_on in known.actions.get(row.pk or 0, ()):
        if due_on < today:
            yield Task(
                row,
                _days_text(_("Action"), due_on, today),
                _("%(title)s, due on %(day)s") % {"title": title, "day": day_text(due_on)},
                "red",
                _action_helps(row, pk),
                flags=frozenset({Flag.ACTION_OVERDUE}),
                is_mine=is_mine,
            )


def _action_helps(row: RecommendationRow, pk: int) -> tuple[Help, ...]:
    if not row.may_log:
        return ()
    address = reverse("action-edit", args=[pk])
    return (Help(_("Update action"), f"{address}?next={reverse('my-work')}"),)


def _update(row: RecommendationRow, known: _Known, today: date) -> Iterator[Task]:
    """The one row of all that an update answers, a request of a round among it.

    Where one came back to the reader that is the update to write.
    """
    reasons = [(flag, reason) for flag, reason in row.raised if flag in UPDATE_FLAGS]
    asked, acts = known.requested.get(row.pk or 0), known.acts.get(row.pk or 0, ())
    flags = frozenset(flag for flag, _reason in reasons)
    told = [reason for _flag, reason in reasons]
    returned = _returned_of(row, known)
    if told and (row.reported_status or returned):
        more = (
            _("An update awaits review.") if row.reported_status else _("An update was returned.")
        )
        yield Task(row, told[0], more, flags=flags)
        told, flags = [], frozenset()
    if not asked and not told:
        return
    what, *rest = (*told, *([asked.text] if asked else []))
    tones = [tone_of(flag, row.since[flag], today) for flag in flags]
    is_late = asked is not None and asked.reply_by < today
    helps = _update_helps(row, known)
    is_mine = any(acts_on(flag, row, acts) for flag in flags) or (
        asked is not None and REQUESTED in acts
    )
    yield Task(
        row,
        what,
        _("; ").join(rest),
        "red" if "red" in tones or is_late else "amber",
        helps,
        flags=flags,
        draft=known.drafts.get(row.pk or 0, 0) if helps and not returned else 0,
        is_mine=is_mine,
        is_requested=asked is not None,
    )


def _update_helps(row: RecommendationRow, known: _Known) -> tuple[Help, ...]:
    """Where the reader writes on a recommendation; what they began already they continue.

    Nothing is confirmed as unchanged beside an update that awaits review.
    """
    if not row.may_log:
        return ()
    is_begun = _returned_of(row, known) is not None or (row.pk or 0) in known.drafts
    helps = [_writing(row, known)]
    if row.current_update_id and not is_begun and not row.reported_status:
        helps.insert(0, Help(_("No change"), reverse("update-no-change", args=[row.reference])))
    return tuple(helps)


def _writing(row: RecommendationRow, known: _Known) -> Help:
    """The update to write: one that came back, a draft, or else a new one."""
    if returned := _returned_of(row, known):
        return _edit(returned)
    if draft := known.drafts.get(row.pk or 0):
        return Help(_("Continue draft"), reverse("update-detail", args=[draft]))
    return Help(_("Log an update"), reverse("update-new", args=[row.reference]))


def _returned_of(row: RecommendationRow, known: _Known) -> StatusUpdate | None:
    """The update on the whole that came back to the reader, if any."""
    returned = known.returned.get(row.pk or 0, ())
    return next((each for each in returned if each.addressee_id is None), None)


def _edit(update: StatusUpdate) -> Help:
    return Help(_("Edit update"), update.get_absolute_url())


def _due(row: RecommendationRow, near: Near, known: _Known, today: date) -> Iterator[Task]:
    """What becomes due in the days ahead."""
    first, last = due_days(today)
    if near.target and first <= near.target <= last:
        yield _ahead(row, _("Target date"), near.target, today, row.helps(Flag.DATE_OVERDUE))
    if near.update and first < near.update <= last:
        yield _ahead(row, _("Update"), near.update, today, _update_helps(row, known)[-1:])
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


def returned_text(days: int) -> str:
    """For how many days a returned update waits for its author."""
    if not days:
        return _("Update returned today")
    words = ngettext("Update returned %(n)d day ago", "Update returned %(n)d days ago", days)
    return words % {"n": days}


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
    becomes earlier; none where nothing was since it was added.
    """

    kind: str
    number: int
    day: date
    title: str
    path: str
    changed_at: datetime | None
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
            *("reference", "title", "target_date", "next_due_on", "archived_at", "updated_at"),
        )
        .order_by("-pk")[:MOST]
    )
    return rows


def _of_recommendation(row: Any) -> Iterator[DueDate]:
    is_archived = row.archived_at is not None
    words = {"reference": row.reference, "title": row.title}
    times = filter(None, (row.updated_at, row.decided_at))
    shared = {
        "number": row.pk,
        "path": row.get_absolute_url(),
        "changed_at": max(times, default=None),
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
            *("due_on", "state", "updated_at"),
            *("recommendation__reference", "recommendation__title"),
            *("recommendation__archived_at", "recommendation__updated_at"),
        )
        .order_by("-pk")[:MOST]
    )
    return rows


def _of_action(row: Any) -> DueDate:
    about = row.recommendation
    times = filter(None, (row.updated_at, about.updated_at))
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
        changed_at=max(times, default=None),
        is_cancelled=row.state not in OPEN_ACTIONS or about.archived_at is not None,
    )
