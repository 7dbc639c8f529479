"""My work: what a person has to report and has written, and the counts in the menu."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.utils import timezone

from recommendations import permissions
from recommendations.choices import GRACE_DAYS, DateChangeState, UpdateKind, UpdateState
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from recommendations.permissions import Person
from recommendations.queries.columns import names_of
from recommendations.queries.frame import answered_by
from recommendations.queries.listed import rows_in_order
from recommendations.queries.people import deciders_of
from recommendations.queries.updates.conditions import needs_sentence
from recommendations.transitions import UNDECIDED

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
    *names_of("lead_officer"),
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
    *names_of("recommendation__reviewer", "author", "decided_by"),
    "author__is_demonstration",
    *("addressee__area__name", "addressee__organisation__name"),
)
"""Columns that a row of what somebody has written shows."""


_OF_ASKED = (
    *("old_date", "new_date", "requested_at", "state"),
    *("recommendation__reference", "recommendation__title", "recommendation__nature"),
    *names_of("recommendation__reviewer"),
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
