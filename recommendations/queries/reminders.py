"""Reminders: on which days a person is told of what, and what their message says."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core import signing
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from recommendations import permissions
from recommendations.choices import (
    RULES,
    UPDATE_FLAGS,
    Acts,
    DateChangeState,
    Flag,
    ReminderFrequency,
    Stance,
    UpdateKind,
    UpdateState,
)
from recommendations.models import (
    Evidence,
    EvidenceLink,
    Indicator,
    NotificationSettings,
    Observation,
    Recommendation,
    RecommendationState,
    Reminder,
    SavedView,
    StatusUpdate,
    TargetDateChange,
    User,
    Watch,
    readable_links,
)
from recommendations.permissions import Person
from recommendations.queries.changes import status_sides
from recommendations.queries.dates import day_text
from recommendations.queries.evidence.items import decidable_changes
from recommendations.queries.listed import column_names
from recommendations.queries.people import deciders
from recommendations.queries.publicity import marks_of
from recommendations.queries.recommendations.attention import acts_on
from recommendations.queries.recommendations.rows import RecommendationRow, rows_by_id
from recommendations.queries.recommendations.status_text import message_text, texts_of
from recommendations.queries.rounds import Requested, requested_of
from recommendations.queries.undoing import decidable_imports
from recommendations.queries.updates.tasks import returned_text
from recommendations.queries.uses import USES
from recommendations.queries.whose import REQUESTED, RETURNED, Who, acts_of, led_by

# ---- The calendar of reminders: plain days, no database and no clock

AHEAD = (30, 7, 0)
"""Days before it is due on which somebody is reminded; from then on once a week."""

LOOK_BACK = timedelta(days=31)
"""How far a message looks back at most: longer than the longest span between two reminders."""

FIRST_LOOK = timedelta(days=7)
"""Of changes in this span the first message to a person tells."""


@dataclass(frozen=True, slots=True)
class Span:
    """What one message covers: the days after ``since`` up to ``today``, and the changes recorded
    after ``told`` up to ``until``."""

    since: date
    today: date
    told: datetime
    until: datetime

    def reminds_of_due(self, due: date) -> bool:
        """Whether a reminder of what is due on this day falls into the span."""
        return self.covers(last_before_due(due, self.today))

    def reminds_of_waiting(self, first: date) -> bool:
        """Whether a reminder of what waits from this day on falls into the span."""
        return self.covers(last_while_waiting(first, self.today))

    def covers(self, day: date | None) -> bool:
        """Whether a day falls into the span."""
        return day is not None and self.since < day <= self.today


def last_before_due(due: date, today: date) -> date | None:
    """The last day up to ``today`` on which to remind of what is due on ``due``; none before."""
    if today >= due:
        return last_while_waiting(due, today)
    ahead = [day for n in AHEAD if (day := due - timedelta(days=n)) <= today]
    return max(ahead, default=None)


def last_while_waiting(first: date, today: date) -> date | None:
    """The last day up to ``today`` on which to remind of what waits since ``first``: each week."""
    days = (today - first).days
    return None if days < 0 else today - timedelta(days=days % 7)


def is_message_day(wanted: NotificationSettings, last: date | None, today: date) -> bool:
    """Whether a person may be sent a message today; ``last`` is the day of the one before.

    Weekly means once in a calendar week, on its first day that is not quiet and has anything to
    tell.
    """
    if wanted.frequency == ReminderFrequency.NONE or today.isoweekday() in wanted.quiet_days:
        return False
    if last is None:
        return True
    is_weekly = wanted.frequency == ReminderFrequency.WEEKLY
    monday = today - timedelta(days=today.weekday())
    return last < (monday if is_weekly else today)


# ---- The lines of a reminder, and the parts in which they stand


class Part(StrEnum):
    """Parts of a message, in their order."""

    NEEDED = "needed"
    DECIDE = "decide"
    RETURNED = "returned"
    ESCALATED = "escalated"
    DUE = "due"
    APPROVED = "approved"
    WATCHED = "watched"


TITLES: Mapping[Part, Any] = {
    Part.NEEDED: gettext_lazy("Needs your action"),
    Part.DECIDE: gettext_lazy("Awaiting your decision"),
    Part.RETURNED: gettext_lazy("Returned to you"),
    Part.ESCALATED: gettext_lazy("Escalated to you as reviewer"),
    Part.DUE: gettext_lazy("Due soon"),
    Part.APPROVED: gettext_lazy("Approved since the last message"),
    Part.WATCHED: gettext_lazy("Changes in watched items"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be told: about what, where it is found, and what there is to say.

    ``days`` is for how long it is overdue or waits; within a part the longest comes first.
    ``notes`` are further sentences.
    """

    part: Part
    title: str
    path: str
    what: str
    days: int = 0
    notes: tuple[str, ...] = ()


# ---- What changed since the last message: in one's own updates, and in what one watches

Members = Callable[[SavedView, User], QuerySet[Any] | None]
"""The kept states that a saved view shows to a person; nothing where its filter is not valid."""


def approved_lines(person: User, span: Span) -> Iterator[Line]:
    """Updates of this person that were approved since the last message; two queries at most."""
    if not permissions.can_read_internally(person):
        return
    rows = _decided(StatusUpdate.objects.filter(author=person.pk), span)
    for update, notes in _with_marks(rows.select_related("recommendation")):
        told, path = (message_text(update), *notes), update.get_absolute_url()
        about = str(update.recommendation)
        yield Line(Part.APPROVED, about, path, _("Update approved"), notes=told)


def watched_lines(person: User, span: Span, members: Members) -> Iterator[Line]:
    """Changes in what a person watches and still may see, but for what they decided themselves.

    The last of a recommendation ends with what stands about it. One query where they watch nothing,
    else a fixed number and one for each saved view.
    """
    if not permissions.can_read_internally(person):
        return
    keys: dict[str, set[int]] = defaultdict(set)
    for watch in Watch.objects.in_use().filter(person=person.pk):
        keys[watch.kind].add(watch.key)
    if not keys:
        return
    told: dict[int, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    changes = (*_updates(person, span), *_dates(person, span), *_contradictions(person, span))
    for about, change in changes:
        told[about].append(change)
    wanted = Q(pk__in=keys["recommendation"]) | Q(source__in=keys["source"])
    for view in SavedView.objects.visible_to(person).filter(pk__in=keys["view"]):
        if (found := members(view, person)) is not None:
            ids = found.filter(pk__in=told).order_by().values_list("pk", flat=True)
            wanted |= Q(pk__in=list(ids))
    rows: QuerySet[Recommendation] = Recommendation.objects.visible_to(person)
    watched = list(
        rows.filter(wanted, pk__in=told, archived_at__isnull=True).order_by(
            "source", "number", "pk"
        )
    )
    texts = texts_of([row.pk for row in watched], person, span.today)
    for row in watched:
        *before, (last, last_notes) = told[row.pk]
        for words, notes in (*before, (last, (*last_notes, texts[row.pk]))):
            yield Line(Part.WATCHED, str(row), row.get_absolute_url(), words, notes=notes)
    yield from _values(person, keys["indicator"], span)


Change = tuple[int, tuple[str, tuple[str, ...]]]
"""The recommendation that changed, what is said of that, and further sentences."""


def _updates(person: User, span: Span) -> Iterator[Change]:
    rows = _decided(StatusUpdate.objects.visible_to(person), span).filter(addressee=None)
    rows = rows.exclude(decided_by=person.pk).select_related("recommendation", "based_on")
    for update, marks in _with_marks(rows):
        words, notes = _update_change(update)
        yield update.recommendation_id, (words, (*notes, *marks))


def _with_marks(
    rows: QuerySet[StatusUpdate],
) -> Iterator[tuple[StatusUpdate, tuple[str, ...]]]:
    """Updates, each with what is said of one that was corrected or retracted since."""
    updates = list(rows)
    marks = marks_of(update.pk for update in updates)
    for update in updates:
        mark = marks.get(update.pk)
        yield update, (mark.sentence,) if mark else ()


def _update_change(update: StatusUpdate) -> tuple[str, tuple[str, ...]]:
    day = {"day": day_text(update.as_of)}
    if update.kind == UpdateKind.RETRACTION:
        return _("Update as of %(day)s retracted") % day, ()
    about = update.recommendation
    sides = status_sides(about, update.based_on, update, has_date=about.has_date)
    words = (_("Status: %(new)s; before: %(old)s."), _("Confidence: %(new)s; before: %(old)s."))
    notes = tuple(
        told % {"new": new, "old": old}
        for told, (old, new) in zip(words, sides, strict=True)
        if old != new
    )
    if update.is_opening:
        # Nobody reported it: it must not read as an update that was.
        return _("Opening status as of %(day)s approved as a batch") % day, notes
    return _("Update as of %(day)s approved") % day, notes


def _dates(person: User, span: Span) -> Iterator[Change]:
    rows = TargetDateChange.objects.visible_to(person).filter(
        state=DateChangeState.APPROVED, decided_at__gt=span.told, decided_at__lte=span.until
    )
    for row in rows.exclude(decided_by=person.pk).order_by("decided_at", "pk"):
        yield row.recommendation_id, (_date_text(row), ())


def _date_text(row: TargetDateChange) -> str:
    if row.new_date is None:
        return _("Target date removed")
    new = day_text(row.new_date)
    if row.old_date is None:
        return _("Target date set: %(new)s") % {"new": new}
    old = day_text(row.old_date)
    return _("Target date changed from %(old)s to %(new)s") % {"old": old, "new": new}


def _contradictions(person: User, span: Span) -> Iterator[Change]:
    """What contradicts a current update since the last message, and has no answer; one query.

    Against an update it counts from its approval on. What went on from the update before was told.
    """
    open_ones = EvidenceLink.objects.open_contradictions().filter(update__addressee=None)
    told = EvidenceLink.objects.filter(
        evidence=OuterRef("evidence"),
        update__recommendation=OuterRef("update__recommendation"),
        update__addressee=None,
        update__decided_at__lte=span.told,
        stance=Stance.UNDERMINES,
        added_at__lte=span.told,
    )
    new = (
        open_ones.filter(
            ~Exists(told),
            readable_links(person),
            # The few that are contradicted are found by an index.
            update__recommendation__kept__contradicted_since__isnull=False,
            update__recommendation__current_update=F("update"),
            evidence__in=Evidence.objects.visible_to(person),
            update__decided_at__lte=span.until,
            added_at__lte=span.until,
        )
        .exclude(added_by=person.pk)
        .order_by()
    )
    counted = new.values_list("update__recommendation").annotate(n=Count("pk"))
    for about, n in counted:
        words = ngettext(
            "Contradicted by new evidence (unanswered): %(n)d item",
            "Contradicted by new evidence (unanswered): %(n)d items",
            n,
        )
        yield about, (words % {"n": n}, ())


def _values(person: User, watched: set[int], span: Span) -> Iterator[Line]:
    """How many values were recorded of each watched indicator; one query, if any is watched."""
    if not watched:
        return
    recorded = (
        Observation.objects.standing()
        .filter(
            indicator__in=Indicator.objects.visible_to(person).filter(pk__in=watched),
            recorded_at__gt=span.told,
            recorded_at__lte=span.until,
        )
        .exclude(recorded_by=person.pk)
    )
    counted = recorded.order_by().values_list("indicator__code", "indicator__title")
    for code, title, n in counted.annotate(n=Count("pk")).order_by("indicator__code"):
        words = ngettext("%(n)d value recorded", "%(n)d values recorded", n) % {"n": n}
        path = reverse("indicator-detail", args=[code])
        yield Line(Part.WATCHED, f"{code} {title}", path, words)


def _decided(rows: QuerySet[StatusUpdate], span: Span) -> QuerySet[StatusUpdate]:
    """Updates that were approved within the span, in the order in which they were.

    Without what was undone with its batch since, which nobody finds any more.
    """
    return rows.filter(
        state=UpdateState.APPROVED,
        decided_at__gt=span.told,
        decided_at__lte=span.until,
        opening_row__undone_at__isnull=True,
    ).order_by("decided_at", "pk")


# ---- What a person is reminded of in their own work: all that My work counts, and what comes


def reason_lines(
    person: User,
    span: Span,
    returned: Collection[int],
    absent: Collection[int] = (),
    uses: Collection[str] = USES,
) -> Iterator[Line]:
    """What a person acts on, each from its first day on every week, and what soon becomes due.

    ``returned`` are the recommendations on which an update came back to them, which is told apart,
    ``absent`` those for whom they stand in, ``uses`` as in the frame. A fixed number of queries.
    """
    if not permissions.can_write(person):
        return
    is_asked = "rounds" in uses
    who = replace(Who.of(person, span.today), is_deputy=bool(absent), is_asked=is_asked)
    acts = acts_of(who)
    rows = rows_by_id(person, sorted(acts), span.today, uses)
    led = led_by(who)
    requested = requested_of(led) if is_asked else {}
    people = {row.pk: row for row in _people_of(Q(pk__in=led) | Q(pk__in=list(acts)))}
    for pk, row in rows.items():
        asked = requested.get(pk) if REQUESTED in acts[pk] else None
        lines = [*_reasons(row, acts[pk], span, asked, people[pk])]
        if asked:
            lines += _request(row, asked, span)
        yield from (_for(line, people[pk], absent, acts[pk]) for line in lines)
    soon = span.today + timedelta(days=max(AHEAD))
    states = RecommendationState.objects.followed().filter(
        pk__in=led, update_due_on__gt=span.today, update_due_on__lte=soon, reported_status=""
    )
    known = {*requested, *returned}
    for state in _named(states):
        if state.pk not in known and span.reminds_of_due(state.update_due_on):
            late, ahead = (span.today - state.update_due_on).days, state.recommendation
            path = ahead.get_absolute_url()
            line = Line(Part.DUE, str(ahead), path, overdue_text(late), late)
            yield _for(line, people[state.pk], absent)


def _people_of(wanted: Q) -> QuerySet[Any]:
    rows = Recommendation.objects.filter(wanted).select_related("lead_officer", "reviewer")
    names = column_names("lead_officer", "reviewer")
    found: QuerySet[Any] = rows.only("lead_officer", "reviewer", *names).order_by()
    asking: QuerySet[Any] = found.annotate(asked_for=F("current_update__asked_for"))
    return asking


def _reasons(
    row: RecommendationRow,
    acts: Collection[str],
    span: Span,
    asked: Requested | None,
    people: Any,
) -> Iterator[Line]:
    """A line for each reason that the person ends; what one update answers is one line."""
    is_told = asked is not None or RETURNED in acts
    mine = [(flag, words) for flag, words in row.raised if acts_on(flag, row, acts)]
    for flag, words in mine:
        since = row.since[flag]
        if flag in UPDATE_FLAGS and is_told:
            continue
        is_told |= flag in UPDATE_FLAGS
        if span.reminds_of_waiting(since):
            late = (span.today - since).days if since > date.min else 0
            path = reverse(RULES[flag].where, args=[row.reference])
            notes: tuple[str, ...] = ()
            if flag == Flag.UPDATE_OVERDUE and late >= settings.REMINDER_ESCALATION_DAYS:
                notes = _escalation(people)
            elif flag == Flag.DECISION_NEEDED:
                notes = (people.asked_for,)
            yield Line(Part.NEEDED, _title(row), path, capfirst(words), late, notes)


def _escalation(people: Any) -> tuple[str, ...]:
    if people.reviewer_id in (None, people.lead_officer_id):
        return ()
    return (_("The reviewer, %(who)s, is also notified.") % {"who": people.reviewer},)


def _request(row: RecommendationRow, asked: Requested, span: Span) -> Iterator[Line]:
    """What a round asks for, by the day to reply by, and on the day on which it was sent."""
    if not (span.reminds_of_due(asked.reply_by) or span.covers(asked.sent_on)):
        return
    late = (span.today - asked.reply_by).days
    words = _("Update requested in “%(round)s”, reply by %(day)s")
    if late > 0:
        words = _("Update requested in “%(round)s”, late since %(day)s")
    told = {"round": asked.round_name, "day": day_text(asked.reply_by)}
    yield Line(Part.NEEDED, _title(row), row.url, words % told, late)


def _for(
    line: Line, people: Any, absent: Collection[int], acts: Collection[str] = (REQUESTED,)
) -> Line:
    """With whose work it is, where a deputy is told: of who leads, else of the reviewer."""
    leads = not {Acts.LEAD.value, REQUESTED}.isdisjoint(acts)
    named = [people.lead_officer] if leads else [people.lead_officer, people.reviewer]
    whose = next((each for each in named if each and each.pk in absent), None)
    if whose is None:
        return line
    note = _("As deputy of %(who)s.") % {"who": whose}
    return replace(line, notes=(note, *line.notes))


def _title(row: RecommendationRow) -> str:
    return f"{row.reference} {row.title}"


def overdue_text(late: int) -> str:
    """By how many days an update is overdue, or in how many it is due, with a negative number."""
    if late > 0:
        words = ngettext("Update overdue by %(n)d day", "Update overdue by %(n)d days", late)
    else:
        words = ngettext("Update due in %(n)d day", "Update due in %(n)d days", -late)
    return words % {"n": abs(late)}


def _named(states: QuerySet[RecommendationState]) -> QuerySet[Any]:
    """The day on which updates are due, with what names a recommendation and its officer."""
    officer = "recommendation__lead_officer"
    told = ("update_due_on", "recommendation__reference", "recommendation__title")
    rows = states.select_related(officer).order_by("pk")
    return rows.only(*told, officer, *column_names(officer))


def escalated_lines(person: User, span: Span, *, reviewer: int | None = None) -> Iterator[Line]:
    """Updates overdue for so long that the reviewer is told: this person, or ``reviewer``, for whom
    they stand in. One query."""
    if not permissions.can_read_internally(person):
        return
    wait = timedelta(days=settings.REMINDER_ESCALATION_DAYS)
    states = (
        RecommendationState.objects.visible_to(person)
        .followed()
        .filter(
            reviewer=reviewer or person.pk,
            update_due_on__lte=span.today - wait,
            reported_status="",
        )
    )
    # Who is the officer as well is told already.
    others = states.exclude(lead_officer=F("reviewer"))
    for state in _named(others):
        if span.reminds_of_waiting(state.update_due_on + wait):
            late, about = (span.today - state.update_due_on).days, state.recommendation
            note, path = _("No lead officer assigned"), about.get_absolute_url()
            if about.lead_officer:
                note = _("Lead officer: %(who)s") % {"who": about.lead_officer}
            yield Line(Part.ESCALATED, str(about), path, overdue_text(late), late, (note,))


def decision_lines(
    person: User, span: Span, managers: Sequence[User], instead: Collection[int] = ()
) -> Iterator[Line]:
    """Updates, date requests, batches and changes of evidence that wait for this person, or for
    those of whom they are deputy.

    ``managers`` are all who may decide, ``instead`` the keys of those for whom they stand in. What
    they wrote themselves is none of it. Eight queries; none for who decides on nothing.
    """
    if not permissions.can_review(person):
        return
    keys = {person.pk, *instead}
    updates = (
        StatusUpdate.objects.awaiting_decision_by(person)
        .select_related("recommendation")
        .prefetch_related("editors")
        .order_by("submitted_at", "pk")
    )
    for update in updates:
        if any(each.pk in keys for each in deciders(update, managers)):
            since = timezone.localdate(update.submitted_at)
            path = reverse("review-item", args=[update.pk])
            told = message_text(update)
            yield from _waiting(str(update.recommendation), since, path, _UPDATE_WAITS, span, told)
    requests = TargetDateChange.objects.awaiting_decision_by(person)
    for change in requests.select_related("recommendation").order_by("requested_at", "pk"):
        # As ``deciders``: the named reviewer alone, where they may, else each other manager.
        reviewer = change.recommendation.reviewer_id
        free = {each.pk for each in managers} - {change.requested_by_id}
        if reviewer in keys or reviewer not in free:
            since = timezone.localdate(change.requested_at)
            path = reverse("review-date", args=[change.pk])
            yield from _waiting(str(change.recommendation), since, path, _DATE_WAITS, span)
    for found in decidable_imports(person):
        since = timezone.localdate(found.since)
        name = _("Opening statuses for “%(source)s”") % {"source": found.source_name}
        if found.is_undo:
            name = _("Undoing an import awaits your decision")
        yield from _waiting(name, since, found.url, _DECISION_WAITS, span)
    for each in decidable_changes(person):
        since = timezone.localdate(each.proposed_at)
        name = _("Evidence “%(title)s”") % {"title": each.evidence.title}
        yield from _waiting(name, since, each.get_absolute_url(), _DECISION_WAITS, span)


def _waiting(
    name: str, since: date, path: str, text: tuple[Any, Any], span: Span, *notes: str
) -> Iterator[Line]:
    if not span.reminds_of_waiting(since):
        return
    days = (span.today - since).days
    yield Line(Part.DECIDE, name, path, _waits(text, days), days, notes)


def _waits(text: tuple[Any, Any], days: int) -> str:
    return str(text[1] % {"n": days} if days else text[0])


_UPDATE_WAITS = (
    gettext_lazy("Update submitted today"),
    ngettext_lazy(
        "Update awaiting review for %(n)d day", "Update awaiting review for %(n)d days", "n"
    ),
)
_DATE_WAITS = (
    gettext_lazy("Date change requested today"),
    ngettext_lazy(
        "Date change awaits a decision: %(n)d day", "Date change awaits a decision: %(n)d days", "n"
    ),
)
_DECISION_WAITS = (
    gettext_lazy("Submitted today"),
    ngettext_lazy("Awaits a decision: %(n)d day", "Awaits a decision: %(n)d days", "n"),
)
"""Of what its name tells: opening statuses, a change of evidence, undoing an import."""


def returned_updates(person: User) -> list[StatusUpdate]:
    """Updates that came back to a person who may revise them, the oldest first; one query."""
    if not permissions.can_write(person):
        return []
    rows = StatusUpdate.objects.filter(
        author=person.pk, state=UpdateState.RETURNED, recommendation__archived_at__isnull=True
    )
    return list(rows.select_related("recommendation").order_by("decided_at", "pk"))


def returned_lines(updates: Sequence[StatusUpdate], span: Span) -> Iterator[Line]:
    """What came back to its author, when it did and each week until it is revised."""
    for update in updates:
        since = timezone.localdate(update.decided_at)
        if span.reminds_of_waiting(since):
            days = (span.today - since).days
            words = returned_text(days)
            told, path = (message_text(update),), update.get_absolute_url()
            yield Line(Part.RETURNED, str(update.recommendation), path, words, days, told)


# ---- What the message of a person says, as it is stored: parts with their lines, as plain values

MOST_ITEMS = 10
"""Items that one part lists at most; what is beyond is counted, and found in My work."""


def lines_for(
    person: User,
    span: Span,
    *,
    managers: Sequence[User],
    members: Members,
    absent: Sequence[User] = (),
    uses: Collection[str] = USES,
) -> list[Line]:
    """All that a person is told in this span, the most pressing of each part first.

    ``absent`` are those for whom they stand in today, ``uses`` the parts of the tracker.
    """
    returned = returned_updates(person)
    overall = {each.recommendation_id for each in returned if each.addressee_id is None}
    found = [
        *reason_lines(person, span, overall, [each.pk for each in absent], uses),
        *escalated_lines(person, span),
        *decision_lines(person, span, managers, [each.pk for each in absent]),
        *returned_lines(returned, span),
        *approved_lines(person, span),
        *watched_lines(person, span, members),
        *(line for each in absent for line in _instead_of(each, person, span)),
    ]
    order = list(Part)
    return sorted(found, key=lambda line: (order.index(line.part), -line.days))


def _instead_of(absent: User, person: User, span: Span) -> Iterator[Line]:
    """What a deputy is told of what another reviews, each line with whose it is."""
    note = _("As deputy of %(who)s.") % {"who": absent}
    for line in escalated_lines(person, span, reviewer=absent.pk):
        yield replace(line, notes=(note, *line.notes))


def content_of(lines: Sequence[Line]) -> dict[str, Any]:
    """The lines as a message stores them, in the language that is active.

    Of each part its first items, with all lines about each; the lines beyond are counted.
    """
    sections = []
    for part in Part:
        about: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            if line.part == part:
                about[line.title].append(line)
        if about:
            shown = [_item(title, about[title]) for title in list(about)[:MOST_ITEMS]]
            more = sum(map(len, list(about.values())[MOST_ITEMS:]))
            sections.append({"title": str(TITLES[part]), "about": shown, "more": more})
    return {"sections": sections, "total": len(lines)}


def _item(title: str, lines: Sequence[Line]) -> dict[str, Any]:
    """One item with its lines; what is noted of each of several lines is noted once."""
    shared = [note for note in lines[0].notes if all(note in each.notes for each in lines[1:])]
    shared = shared if len(lines) > 1 else []
    told = [
        {
            "path": each.path,
            "what": each.what,
            "notes": [note for note in each.notes if note not in shared],
        }
        for each in lines
    ]
    return {"title": title, "notes": shared, "lines": told}


# ---- Messages of reminders that can still be read, and whom an unsubscribe link is of

SALT = "recommendations.unsubscribe"

MOST_MESSAGES = 31
"""Messages that a page lists: a month of one person."""


def token_for(person: User) -> str:
    """What stands in the unsubscribe links of a person: signed with the key of the site."""
    return signing.dumps(person.pk, salt=SALT)


def person_of(token: str) -> User | None:
    """Whose link this token is of; None where it is nobody's. It works as long as the key does."""
    try:
        key = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=key).first()


def readable_by(person: Person) -> QuerySet[Reminder]:
    """Messages that a person may read and that are not emptied: their own.

    In a demonstration, where no mail leaves the site, an administrator reads those of all.
    """
    rows = Reminder.objects.exclude(content={}).order_by("-day", "-pk")
    return rows if permissions.can_read_all_messages(person) else rows.filter(person=person.pk)


def newest_messages(person: Person) -> Sequence[Reminder]:
    """The newest of ``readable_by``, with the people they are for; one query."""
    return list(readable_by(person).select_related("person")[:MOST_MESSAGES])
