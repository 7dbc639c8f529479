"""Undoing imports by two people: what somebody asked for, and who decides on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Case, CharField, F, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from recommendations import permissions
from recommendations.choices import BulkChange, Role
from recommendations.models import (
    AuditEvent,
    ImportRun,
    OpeningBatch,
    UndoRequest,
    User,
    people_in,
    with_roles,
)
from recommendations.permissions import Person
from recommendations.queries.bulk_changes import batch_of, changes_open_to, import_of

Undoable = ImportRun | OpeningBatch | AuditEvent
"""An import of values, the approved opening statuses of a list, or the event of its import."""


def of_request(request: UndoRequest) -> Undoable:
    """What a request wants undone."""
    found: Undoable | None = request.import_run or request.batch
    return found or AuditEvent.objects.get(pk=request.sequence or 0)


def columns_of(of: Undoable) -> dict[str, object]:
    """How a request names what it wants undone."""
    match of:
        case ImportRun():
            return {"import_run": of}
        case OpeningBatch():
            return {"batch": of}
    return {"sequence": of.pk}


def request_of(of: Undoable) -> UndoRequest | None:
    """The request to undo it that awaits a decision; one query."""
    rows = UndoRequest.objects.waiting().filter(**columns_of(of))
    return rows.select_related("requested_by").first()


def rival_of(of: Undoable) -> UndoRequest | None:
    """The same of a list where its opening statuses are to be undone, and the other way round."""
    other: Undoable | None = None
    if isinstance(of, OpeningBatch):
        other = import_of(of)
    elif isinstance(of, AuditEvent):
        other = batch_of(of)
    return request_of(other) if other is not None else None


def may_undo_of(of: Undoable) -> Callable[[Person], bool]:
    """Whether a person may ask to undo it, or decide on that where another asked."""
    match of:
        case ImportRun():
            return permissions.can_undo_import
        case OpeningBatch():
            return lambda person: permissions.can_undo_batch(person, of)
    batch = batch_of(of)
    return lambda person: (
        BulkChange.RESTORE in changes_open_to(person)
        and (batch is None or permissions.can_undo_batch(person, batch))
    )


def deciders_of(of: Undoable, asker: Any) -> list[User]:
    """Everybody who may decide where this person asks, by name; two queries."""
    people = people_in(Role.MANAGER, Role.ADMINISTRATOR).exclude(pk=asker)
    may = may_undo_of(of)
    return [person for person in with_roles(people) if may(person)]


@dataclass(frozen=True, slots=True)
class Undoing:
    """What a person may do about undoing something: ask, or decide on what another asked."""

    request: UndoRequest | None
    deciders: list[User]
    may_ask: bool
    may_decide: bool
    may_withdraw: bool


def undoing_for(of: Undoable, person: Person) -> Undoing:
    """The request that waits, if any, and what this person may do."""
    request, may = request_of(of), may_undo_of(of)(person)
    asker = request.requested_by_id if request else person.pk
    is_own = request is not None and asker == person.pk
    return Undoing(
        request,
        deciders_of(of, asker),
        may_ask=may and request is None,
        may_decide=may and request is not None and not is_own,
        may_withdraw=is_own,
    )


class WaitingImport(NamedTuple):
    """Opening statuses to approve, or an import to undo: the page that decides, and since when."""

    page: str
    key: int
    code: str
    file: str
    source_name: str
    since: datetime

    @property
    def is_undo(self) -> bool:
        return self.page != BATCH_PAGE

    @property
    def url(self) -> str:
        return reverse(self.page, args=[self.code, self.key] if self.code else [self.key])


BATCH_PAGE = "opening-batch"


def decidable_imports(person: Person) -> list[WaitingImport]:
    """What awaits this manager of imports, the oldest first; one query."""
    batches = OpeningBatch.objects.visible_to(person).waiting().exclude(submitted_by=person.pk)
    undos = UndoRequest.objects.awaiting_decision_by(person)
    nothing = Value("", output_field=CharField())
    page = Case(
        When(import_run__isnull=False, then=Value("import-undo")),
        When(batch__isnull=False, then=Value("opening-undo")),
        default=Value("bulk-undo"),
    )
    told = batches.order_by().annotate(
        page=Value(BATCH_PAGE),
        key=F("pk"),
        code=nothing,
        file=F("file_name"),
        source_name=F("source__short_title"),
        since=F("submitted_at"),
    )
    asked = undos.order_by().annotate(
        page=page,
        key=Coalesce("import_run", "batch", "sequence", output_field=BigIntegerField()),
        code=Coalesce("import_run__indicator__code", nothing),
        file=nothing,
        source_name=nothing,
        since=F("requested_at"),
    )
    names = WaitingImport._fields
    both = told.values_list(*names).union(asked.values_list(*names), all=True)
    return [WaitingImport(*row) for row in both.order_by("since", "key")[:MOST_WAITING]]


MOST_WAITING = 10
"""Imports that Review names."""
