"""Review: the queue, and what pages show of an update that is decided on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, CharField, DateField, F, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations.audit.rewind import Past
from recommendations.choices import ImplementationStatus, UpdateKind
from recommendations.columns import written
from recommendations.fixed import Given, fixed
from recommendations.models import AuditEvent, Recommendation, StatusUpdate, TargetDateChange
from recommendations.models.dates import date_change_text
from recommendations.models.updates import approved_by_import
from recommendations.permissions import Person
from recommendations.queries.deputies import principals_of
from recommendations.queries.evidence.claims import decision_evidence
from recommendations.queries.evidence.uses import claim_parts
from recommendations.queries.listed import column_names, columns_of
from recommendations.queries.recommendations.status_text import OPENING_COLUMNS
from recommendations.queries.recommendations.structure import parts_beside
from recommendations.queries.shown import Shown, ShownPart, field_parts
from recommendations.queries.updates.conditions import counts_of, is_silent, unmet_conditions
from recommendations.queries.updates.tasks import MOST_ROWS

# ---- The update in force beside another one, as pages show it

_COLUMNS = (
    *columns_of(StatusUpdate),
    *column_names("author", "last_editor", "decided_by"),
    "author__is_demonstration",
    *("successor__reference", "successor__title"),
    *OPENING_COLUMNS,
)
"""Its content, and who wrote and who approved it."""


def in_force(update: StatusUpdate) -> StatusUpdate | None:
    """The update in force now in the scope of this one, with the names of its people; one query.

    Of the whole recommendation it is kept; that of one addressee is worked out.
    """
    found: StatusUpdate | None
    if update.addressee_id:
        scope: Any = _with_people().filter(
            recommendation=update.recommendation_id, addressee=update.addressee_id
        )
        found = scope.in_force(timezone.localdate(), timezone.now()).first()
    else:
        # Asked of the database: the recommendation may have been read before another decision.
        found = next(iter(_current(recommendation=update.recommendation_id)), None)
    if found is not None:
        found.recommendation, found.addressee = update.recommendation, update.addressee
    return found


@fixed
def _current() -> QuerySet[Any]:
    one = Given("recommendation", BigIntegerField())
    kept = Recommendation.objects.order_by().filter(pk=one)
    return _with_people().filter(pk__in=kept.values("current_update")).order_by()


def _with_people() -> QuerySet[Any]:
    people: QuerySet[Any] = StatusUpdate.objects.select_related(
        "author", "last_editor", "decided_by", "successor", "opening_row__batch"
    )
    by_import = {"is_approved_by_import": approved_by_import()}
    rows: QuerySet[Any] = people.only(*_COLUMNS).annotate(**by_import)
    return rows


# ---- How an update was returned the last time: the note, and what the update said then


@dataclass(frozen=True, slots=True)
class Returned:
    """``update`` is the update as it was when it was returned."""

    note: str
    at: datetime
    by: Any
    update: StatusUpdate


def last_return(update: StatusUpdate) -> Returned | None:
    """The last return of an update, if it was ever returned: one query, and then three.

    The row does not keep it: submitting anew clears who decided, so the record is asked.
    """
    events = AuditEvent.objects.filter(
        object_type=StatusUpdate._meta.label_lower, object_id=str(update.pk), verb="return"
    )
    event = events.select_related("actor", "reason").order_by("-sequence").first()
    if event is None:
        return None
    [then] = Past(event.at).back([update])
    note = event.reason.text if event.reason else ""
    return Returned(note, event.at, event.actor, then)


# ---- What pages show of an update that is decided on: it, what it rests on, and what is current

UPDATE = "update"
"""What ``Shown`` is about where an update is decided on."""

UPDATE_COLUMNS = [*written(StatusUpdate), "author", "state", "submitted_at"]
RECOMMENDATION_COLUMNS = ("title", "target_date", "nature", "published_at")


def shown_update(update: StatusUpdate, now: StatusUpdate | None, claims: Iterable[Any]) -> Shown:
    """``now`` is the update in force in its scope; ``claims`` its ``DecisionEvidence.shown``.

    The update is read with its people, its recommendation, and what it corrects, retracts or is
    based on; so nothing is asked of the database.
    """
    earlier = update.corrects or update.retracts or update.based_on
    parts = [
        *field_parts(update.recommendation, RECOMMENDATION_COLUMNS, under="recommendation"),
        *field_parts(update, UPDATE_COLUMNS),
        _update_part("earlier", _("Previous update"), earlier),
        _update_part("current", _("Current update"), now),
    ]
    for row in claims:
        parts += claim_parts(row, row.checks)
    return Shown(f"{UPDATE}-{update.pk}", tuple(parts))


def _update_part(key: str, label: str, update: StatusUpdate | None) -> ShownPart:
    if update is None:
        return ShownPart(key, label, "", "")
    text = _("%(status)s, as of %(day)s") % {
        "status": update.get_implementation_status_display(),
        "day": date_format(update.as_of),
    }
    return ShownPart(key, label, str(update.pk), text)


# ---- The review queue of a manager: updates and date changes that others submitted, in one order


class Place(NamedTuple):
    """Where something stands in the queue of a manager; what is earlier comes first.

    ``rank`` is 0 where they are the named reviewer, ``since`` when it was handed in. ``date`` is
    the id of a date change of the same recommendation that is decided together with an update, 0
    where there is none.
    """

    rank: int
    since: datetime
    is_date: int
    pk: int
    is_no_change: int = 0
    date: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """What stands here, wherever in a queue that is."""
        return self.is_date, self.pk

    @property
    def url(self) -> str:
        return reverse("review-date" if self.is_date else "review-item", args=[self.pk])


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An update or a date change that waits for a decision of this manager."""

    pk: int
    url: str
    reference: str
    title: str
    scope: str
    what: str
    submitted_at: datetime
    is_for_me: bool
    is_date: bool = False
    date_change: str = ""
    """The date change that is decided together with an update, in words."""


def queue_of(person: Person) -> list[Place]:
    """What this manager is the named reviewer of first, then the oldest: one narrow query.

    What concerns one recommendation stands together, where the first of it would. The places
    alone, since a queue may be long and a page lists a stretch of it.
    """
    no_change = Case(When(kind=UpdateKind.NO_CHANGE, then=Value(1)), default=Value(0))
    no_scope = Value(None, output_field=BigIntegerField())
    updates = _ranked(StatusUpdate.objects.awaiting_decision_by(person), person).annotate(
        since=F("submitted_at"), is_date=Value(0), is_no_change=no_change, scope=F("addressee")
    )
    changes = _ranked(TargetDateChange.objects.awaiting_decision_by(person), person).annotate(
        since=F("requested_at"), is_date=Value(1), is_no_change=Value(0), scope=no_scope
    )
    names = ("recommendation", "scope", "rank", "since", "is_date", "pk", "is_no_change")
    both = updates.values_list(*names).union(changes.values_list(*names), all=True)
    # The places of each recommendation together; a date change with the first overall update.
    rows = both.order_by("rank", "since", "is_date", "pk")
    groups: dict[int, list[tuple[int | None, Place]]] = {}
    for about, scope, *place in rows:
        groups.setdefault(about, []).append((scope, Place(*place)))
    return [place for group in groups.values() for place in _joined(group)]


def _joined(group: Sequence[tuple[int | None, Place]]) -> list[Place]:
    places = [place for _scope, place in group]
    overall = next((at for scope, at in group if scope is None and not at.is_date), None)
    change = next((at for at in places if at.is_date), None)
    if overall is None or change is None:
        return places
    first = overall._replace(since=min(overall.since, change.since), date=change.pk)
    return [first if at is overall else at for at in places if at is not change]


def listed_queue(queue: Sequence[Place], at: Place) -> tuple[list[QueueRow], QueueRow | None]:
    """What a page lists of the queue around a place, and what comes after that; one query."""
    shown, following = window(queue, at), next_in_queue(queue, at.key)
    others = [following] if following is not None and following not in shown else []
    rows = {(int(row.is_date), row.pk): row for row in queue_rows([*shown, *others])}
    listed = [rows[place.key] for place in shown if place.key in rows]
    return listed, rows.get(following.key) if following else None


def queue_rows(places: Sequence[Place]) -> list[QueueRow]:
    """What a page lists of some places of the queue, in their order: one query."""
    no_day = Value(None, output_field=DateField())
    names = ("is_date", "pk", "reference", "title", "scope", "kind", "status", "before", "old")
    shared = {"reference": F("recommendation__reference"), "title": F("recommendation__title")}
    updates = StatusUpdate.objects.filter(pk__in=[at.pk for at in places if not at.is_date])
    dates = [at.pk if at.is_date else at.date for at in places if at.is_date or at.date]
    changes = TargetDateChange.objects.filter(pk__in=dates)
    named = Coalesce("addressee__area__name", "addressee__organisation__name", Value(""))
    told = updates.order_by().annotate(
        **shared,
        is_date=Value(0),
        scope=named,
        status=F("implementation_status"),
        before=F("based_on__implementation_status"),
        old=no_day,
        new=no_day,
    )
    asked = changes.order_by().annotate(
        **shared,
        is_date=Value(1),
        scope=Value(""),
        kind=Value(""),
        status=Value(""),
        before=Value(None, output_field=CharField()),
        old=F("old_date"),
        new=F("new_date"),
    )
    both = told.values_list(*names, "new").union(asked.values_list(*names, "new"), all=True)
    found = {(row[0], row[1]): row[2:] for row in both}
    return [_row(at, found.get((1, at.date)), *found[at.key]) for at in places if at.key in found]


def _ranked(rows: QuerySet[Any], person: Person) -> QuerySet[Any]:
    reviewers = _reviewers(person)
    is_named = Case(When(recommendation__reviewer__in=reviewers, then=Value(0)), default=Value(1))
    ranked: QuerySet[Any] = rows.order_by().annotate(rank=is_named)
    return ranked


def _reviewers(person: Person) -> list[int]:
    """The named reviewers whose work this person does: themselves, and for whom they stand in."""
    return [person.pk, *(each.person for each in principals_of(person))]


def no_changes_for(person: Person, most: int) -> list[Any]:
    """Confirmations that await this manager, at most so many: six queries.

    Each with the ``sentence`` that it adds, if any, whether it ``is_contradicted``, the conditions
    that it is ``missing``, whether what it confirms ``is_replaced``, and what a decision on it is
    ``shown``: that it confirms what is in force.
    """
    # ``awaiting_decision_by`` in the order in which it should be decided.
    waiting = _ranked(StatusUpdate.objects.awaiting_decision_by(person), person)
    rows = (
        waiting.order_by("rank", "submitted_at", "pk")
        .filter(kind=UpdateKind.NO_CHANGE)
        .select_related("recommendation", "author", "based_on")
        .select_related("addressee__area", "addressee__organisation", "successor")
        .prefetch_related("editors")
    )
    found: list[Any] = list(rows[:most])
    today, known = timezone.localdate(), timezone.now()
    evidence = decision_evidence(found, person, today)
    parts = parts_beside(found)
    for update in found:
        update.sentence = "" if is_silent(update) else update.what_happened
        update.is_contradicted = bool(evidence[update.pk].open)
        update.is_replaced = update.based_on_id != update.recommendation.current_update_id
        update.missing = unmet_conditions(
            update,
            today=today,
            known=known,
            now=update.based_on,
            links=counts_of(evidence[update.pk].at_approval),
            parts=parts[update.pk],
        )
        update.shown = shown_update(update, update.based_on, evidence[update.pk].shown)
    return found


def next_in_queue(queue: Sequence[Place], key: tuple[int, int]) -> Place | None:
    """The place after one in the queue, the first where that was the last; none if it is alone."""
    keys = [place.key for place in queue]
    if key not in keys:
        return queue[0] if queue else None
    following = queue[(keys.index(key) + 1) % len(queue)]
    return following if following.key != key else None


def with_date(queue: Sequence[Place], pk: int) -> Place | None:
    """Where a date change is decided together with an update, if it is."""
    return next((place for place in queue if place.date == pk), None)


def place_of(row: StatusUpdate | TargetDateChange, person: Person) -> Place:
    """Where an update or a date change stands, or stood, in the queue of this manager.

    Its recommendation is read along. What was never submitted stands before all.
    """
    is_date = isinstance(row, TargetDateChange)
    since = row.requested_at if isinstance(row, TargetDateChange) else row.submitted_at
    if since is None:
        return Place(-1, timezone.now(), is_date, row.pk)
    is_named = row.recommendation.reviewer_id in _reviewers(person)
    return Place(0 if is_named else 1, since, is_date, row.pk)


def window(queue: Sequence[Place], at: Place) -> Sequence[Place]:
    """As much of a long queue as a page lists: a stretch of it with what stands at a place."""
    keys = [place.key for place in queue]
    number = keys.index(at.key) if at.key in keys else 0
    start = max(0, min(number - MOST_ROWS // 2, len(queue) - MOST_ROWS))
    return queue[start : start + MOST_ROWS]


def _row(
    at: Place,
    along: Sequence[Any] | None,
    reference: str,
    title: str,
    scope: str,
    kind: str,
    status: str,
    before: str | None,
    old: date | None,
    new: date | None,
) -> QueueRow:
    return QueueRow(
        pk=at.pk,
        url=at.url,
        reference=reference,
        title=title,
        scope=scope,
        what=date_change_text(old, new) if at.is_date else _what(kind, status, before),
        submitted_at=at.since,
        is_for_me=at.rank == 0,
        is_date=bool(at.is_date),
        date_change=date_change_text(*along[-2:]) if along else "",
    )


def _what(kind: str, status: str, before: str | None) -> str:
    """An update in few words: its kind, or how the status changes."""
    if kind != UpdateKind.REGULAR:
        return str(UpdateKind(kind).label)
    now = str(ImplementationStatus(status).label)
    if before is None:
        return _("%(status)s (first report)") % {"status": now}
    if before == status:
        return _("%(status)s (unchanged)") % {"status": now}
    earlier = str(ImplementationStatus(before).label)
    return _("%(status)s, was “%(before)s”") % {"status": now, "before": earlier}
