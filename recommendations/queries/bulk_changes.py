"""Bulk changes of recommendations: what one would do, what it did, how to undo it; in words."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Self

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
)
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.audit.rewind import as_held, references_in
from recommendations.choices import SKIPPED, ArchiveReason, BulkChange, RowOutcome
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    OpeningBatch,
    OpeningRow,
    Organisation,
    Recommendation,
    RecommendationRelation,
    SignOff,
    Source,
    Theme,
    UndoRequest,
)
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.fields import value_in_words
from recommendations.queries.log.words import SELECTION, action_text, log_rows, names_of
from recommendations.queries.publicity import BULK_VERBS, IMPORTED, UNDOING
from recommendations.queries.recommendations.publication import publication_marks
from recommendations.queries.shown import Marks, ShownRows

# ---- Bulk changes of recommendations: what one would do to each row, what it did, and how to undo
# it.
# A plan is made by reading alone. The page shows it, and the action makes it again under the lock.

MOST_ROWS = 2_000
"""Recommendations that are changed at once."""


@dataclass(frozen=True, slots=True)
class BulkValue:
    """What is changed, and to what: a row, a code or a number; nothing where ``has_value`` is
    false."""

    change: BulkChange
    value: Any = None

    @property
    def stored(self) -> Any:
        """The value as its column holds it."""
        return self.value.pk if isinstance(self.value, Model) else self.value

    @property
    def held(self) -> Any:
        """What a row holds, as an expression: of a theme, whether it has it."""
        if self.change.is_of_themes:
            having = Recommendation.themes.through.objects.filter(theme=self.stored)
            return Exists(having.filter(recommendation=OuterRef("pk")))
        if self.change.is_of_publication:
            is_set = Q(**{f"{self.change.column}__isnull": False})
            return ExpressionWrapper(is_set, BooleanField())
        return F(_attname(self.change.column))

    @property
    def wanted(self) -> Any:
        """What ``held`` is of a row that has the value."""
        match self.change:
            case BulkChange.REMOVE_THEME | BulkChange.UNPUBLISH | BulkChange.RESTORE:
                return False
            case BulkChange.ADD_THEME | BulkChange.PUBLISH | BulkChange.ARCHIVE:
                return True
        return self.stored

    @property
    def opposite(self) -> Self:
        """What takes back a theme that was added, or gives back one that was removed."""
        return type(self)(self.change.reverse, self.value)

    @property
    def about(self) -> str:
        return f"{self.change}={self.stored}"

    @property
    def in_words(self) -> str:
        if self.change == BulkChange.ARCHIVE:
            return value_in_words(Recommendation(), "archive_reason", self.value)
        if not self.change.has_value:
            return str(self.change.label)
        if self.change.is_of_themes:
            return str(self.value)
        return value_in_words(Recommendation(), self.change.column, self.value)


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One row: what it holds, what it is to hold (``None`` keeps nothing), and what comes of it.

    Of themes, publishing and archiving: whether it has the theme, is published, or archived.
    """

    pk: int
    reference: str
    title: str
    outcome: RowOutcome
    marks: Marks
    """Its version, and where it becomes public what its page shows then (``publication_marks``)."""
    held: Any
    wanted: Any
    why: str = ""
    """Of a row that stays as it is, what was recorded of it since."""


@dataclass(frozen=True)
class BulkPlan:
    """What a bulk change, or undoing one, would do; rows in the order of their sources."""

    about: str
    column: str
    rows: Sequence[PlannedRow]
    value: BulkValue | None = None
    """What rows get, but those of ``values``."""
    values: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Of an undo: the columns that rows get back, by their ids."""

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(str(row.outcome) for row in self.rows)

    def of(self, *outcomes: RowOutcome) -> list[PlannedRow]:
        return [row for row in self.rows if row.outcome in outcomes]

    @property
    def changing(self) -> list[PlannedRow]:
        return self.of(RowOutcome.CHANGED)

    @property
    def in_order(self) -> list[PlannedRow]:
        """Refused rows first, then those that change, then all others."""
        return [
            *self.of(*SKIPPED),
            *self.changing,
            *self.of(RowOutcome.UNCHANGED),
        ]

    @property
    def becomes_public(self) -> bool:
        """Whether the public reads more of any row: then all of them are decided on as one."""
        return any(len(row.marks) > 1 for row in self.rows)

    @property
    def shown(self) -> ShownRows:
        return ShownRows(self.about, {row.pk: row.marks for row in self.rows})

    def told(self) -> dict[str, Any]:
        """What the event says of it: how many rows, and which were refused, by reason."""
        refused = {
            f"skipped_{outcome}": [row.pk for row in self.of(outcome)]
            for outcome in SKIPPED
            if self.counts[outcome]
        }
        counted = {str(o): self.counts[o] for o in (RowOutcome.CHANGED, RowOutcome.UNCHANGED)}
        return counted | refused


_READ = ("pk", "reference", "title", "archived_at", "published_at", "version")


def plan_change(ids: Iterable[int], value: BulkValue, shown: ShownRows | None = None) -> BulkPlan:
    """What a bulk change would do; ``shown`` is what its preview showed, which binds it."""
    planned = []
    rows = list(_held(ids, value))
    public = _public_marks(
        value.change, {row[0]: row[4] for row in rows if row[-1] != value.wanted}
    )
    for pk, reference, title, archived_at, _published_at, version, held in rows:
        marks = (version, *public.get(pk, ()))
        if archived_at is not None and not value.change.includes_archived:
            outcome = RowOutcome.ARCHIVED
        elif held == value.wanted:
            outcome = RowOutcome.UNCHANGED
        elif shown is not None and shown.rows.get(pk) != marks:
            outcome = RowOutcome.STALE
        else:
            outcome = RowOutcome.CHANGED
        planned.append(PlannedRow(pk, reference, title, outcome, marks, held, value.wanted))
    return BulkPlan(value.about, value.change.column, planned, value)


def _public_marks(
    change: BulkChange, published: Mapping[int, datetime | None]
) -> Mapping[int, tuple[str, str]]:
    """Of rows that a change makes public, or gives the public more of, what it shows of them.

    ``published`` says of each since when it is.
    """
    today = timezone.localdate()
    match change:
        case BulkChange.PUBLISH:
            return publication_marks(list(published), today)
        case BulkChange.RESTORE:
            ids = [pk for pk, since in published.items() if since is not None]
            return publication_marks(ids, today, is_restored=True)
    return {}


def plan_undo(event: AuditEvent, shown: ShownRows | None = None) -> BulkPlan:
    """What undoing a bulk change would do: each row gets back what it had, where nobody else
    changed that since. Of an import of a list: see ``_plan_undo_of_list``."""
    if event.verb == IMPORTED:
        return _plan_undo_of_list(event, shown)
    told = AuditRow.objects.filter(event=event.pk).values_list("object_id", "changes")
    sides = {int(key): json.loads(text) for key, text in told}
    change = change_of(event)
    if change.is_of_themes:
        return _plan_undo_of_theme(event, change, sides, shown)
    return _plan_undo_of_columns(event, change, sides, shown)


def change_of(event: AuditEvent) -> BulkChange:
    """Which bulk change an event tells of: undoing that of an import archives what it added."""
    return BulkChange.RESTORE if event.verb == IMPORTED else BulkChange(event.object_id)


Sides = Mapping[int, Mapping[str, Sequence[Any]]]
"""What a bulk change made of each row: by its id the fields, each before and after."""


def _plan_undo_of_theme(
    event: AuditEvent, change: BulkChange, sides: Sides, shown: ShownRows | None
) -> BulkPlan:
    """Only this theme is taken back, or given back: others that a row got since are left alone."""
    theme_id = json.loads(event.payload)["changes"]["themes"][1]
    value = BulkValue(change, Theme.objects.get(pk=theme_id)).opposite
    planned = []
    for pk, reference, title, _archived, version, _current, held in _held(sides, value):
        outcome = _undone(held == value.wanted, (version,), pk, shown)
        planned.append(PlannedRow(pk, reference, title, outcome, (version,), held, value.wanted))
    return BulkPlan(f"undo={event.pk}", change.column, planned, value)


def _plan_undo_of_columns(
    event: AuditEvent, change: BulkChange, sides: Sides, shown: ShownRows | None
) -> BulkPlan:
    before, after = _columns_of(sides, 0), _columns_of(sides, 1)
    names = sorted({name for values in after.values() for name in values})
    found = Recommendation.objects.filter(pk__in=after).order_by("source", "number", "pk")
    rows = list(found.values("pk", "reference", "title", "version", *{*names, "published_at"}))
    # Published again, or restored, a page shows what there is now.
    public = _public_marks(change.reverse, {row["pk"]: row["published_at"] for row in rows})
    column = _attname(change.column)
    planned = []
    for row in rows:
        pk = row["pk"]
        marks = (row["version"], *public.get(pk, ()))
        has_moved_on = any(row[name] != value for name, value in after[pk].items())
        outcome = _undone(has_moved_on, marks, pk, shown)
        wanted = before[pk].get(column)
        planned.append(
            PlannedRow(pk, row["reference"], row["title"], outcome, marks, row[column], wanted)
        )
    return BulkPlan(f"undo={event.pk}", change.column, planned, values=before)


def _columns_of(sides: Sides, side: int) -> Mapping[int, dict[str, Any]]:
    """What the columns of each row held before (0) or after (1) a bulk change.

    Free text as it was recorded, or what is left of it where it was redacted.
    """
    texts = AuditText.objects.in_bulk(set(references_in(list(sides.values()))))

    def value(name: str, held: Any) -> Any:
        match held:
            case {"text": str(digest)}:
                return texts[digest].text
        return as_held(Recommendation._meta.get_field(name), held)

    return {
        pk: {_attname(name): value(name, both[side]) for name, both in changes.items()}
        for pk, changes in sides.items()
    }


def _undone(has_moved_on: bool, marks: Marks, pk: int, shown: ShownRows | None) -> RowOutcome:
    """What becomes of one row of an undo."""
    if has_moved_on:
        return RowOutcome.MOVED_ON
    is_stale = shown is not None and shown.rows.get(pk) != marks
    return RowOutcome.STALE if is_stale else RowOutcome.CHANGED


def _held(ids: Iterable[int], value: BulkValue) -> QuerySet[Recommendation, tuple[Any, ...]]:
    """Rows in the order of their sources, and what each holds of what is changed."""
    rows = Recommendation.objects.filter(pk__in=ids).order_by("source", "number", "pk")
    held: QuerySet[Recommendation, tuple[Any, ...]] = rows.annotate(held=value.held).values_list(
        *_READ, "held"
    )
    return held


def bulk_events() -> QuerySet[AuditEvent]:
    """Events of bulk changes, and of undoing them or imports of lists."""
    return AuditEvent.objects.filter(object_type=SELECTION, verb__in=BULK_VERBS)


def list_imports() -> QuerySet[AuditEvent]:
    """Events of imports of lists that wrote anything of a recommendation."""
    rows = AuditRow.objects.filter(event=OuterRef("pk"), recommendation__isnull=False)
    return AuditEvent.objects.filter(Exists(rows.order_by()), object_type="file", verb=IMPORTED)


IMPORTS_SHOWN = 10


def newest_imports() -> list[dict[str, Any]]:
    """The newest imports of lists as the log tells them, what each counts, and what undid it.

    ``is_waiting`` where somebody requested to undo it, and nobody has decided.
    """
    people = ("actor", "reason")
    events = list(list_imports().select_related(*people).order_by("-sequence")[:IMPORTS_SHOWN])
    undone, rows = undoing(events), log_rows(events)
    told = [{change.name: change.after for change in row.changes} for row in rows]
    slugs = {each["source"] for each in told}
    waiting = set(UndoRequest.objects.waiting().values_list("sequence", flat=True))
    sources = dict(Source.objects.filter(slug__in=slugs).values_list("slug", "short_title"))
    return [
        {
            "row": row,
            "told": each,
            "source": sources.get(each["source"], each["source"]),
            "undone": undone.get(row.event.pk),
            "is_partial": row.event.pk in undone and bool(kept_by(undone[row.event.pk])),
            "is_waiting": row.event.pk in waiting,
        }
        for row, each in zip(rows, told, strict=True)
    ]


def undoing(events: Iterable[AuditEvent]) -> dict[int, AuditEvent]:
    """Of bulk changes and imports the latest event that undid each, in whole or in part."""
    keys = [str(event.pk) for event in events]
    undone = bulk_events().filter(verb__in=UNDOING, object_id__in=keys).select_related("actor")
    return {int(each.object_id): each for each in undone.order_by("sequence")}


def kept_by(event: AuditEvent) -> dict[RowOutcome, list[int]]:
    """The recommendations that a bulk change, or undoing one, left as they were, by reason."""
    told = json.loads(event.payload)["changes"]
    names = {outcome: f"skipped_{outcome}" for outcome in SKIPPED}
    return {outcome: told[name][1] for outcome, name in names.items() if name in told}


def may_undo(person: Person, event: AuditEvent) -> bool:
    """Whether a person may undo a bulk change alone: no import of a list."""
    is_bulk = event.verb not in (*UNDOING, IMPORTED)
    return is_bulk and change_of(event) in changes_open_to(person)


def changes_open_to(person: Person) -> list[BulkChange]:
    """What a person may change of many recommendations at once, and undo."""
    if not permissions.can_change_many(person):
        return []
    may_publish = permissions.can_publish(person)
    return [change for change in BulkChange if may_publish or not change.is_of_publication]


def bodies_on(day: date) -> QuerySet[Organisation]:
    """Organisations that have not ended by a day, by name."""
    ended = Q(valid_to__isnull=False, valid_to__lt=day)
    return Organisation.objects.exclude(ended).order_by("name", "pk")


def _attname(name: str) -> str:
    return str(Recommendation._meta.get_field(name).attname)  # type: ignore[union-attr]


# ---- What undoing the import of a list would do: what it added is archived, and what it changed
# gets back what it had, unless anybody worked on it since

_OPENING_BATCH, _OPENING_ROW = (model._meta.label_lower for model in (OpeningBatch, OpeningRow))
_RECOMMENDATION = Recommendation._meta.label_lower

_NO_WORK = ("baseline", "leave_out", "stop_watching", "watch")
"""Verbs of events after which a recommendation is still as its import left it."""


def batch_of(event: AuditEvent) -> OpeningBatch | None:
    """The opening statuses that an import submitted, unless they were undone."""
    keys = _batch_keys(event)
    people = ("submitted_by", "source")
    found = OpeningBatch.objects.select_related(*people).filter(pk__in=keys, undone_at__isnull=True)
    return found.first() if keys else None


def _batch_keys(event: AuditEvent) -> list[str]:
    rows = AuditRow.objects.filter(event=event.pk, object_type=_OPENING_BATCH)
    return list(rows.values_list("object_id", flat=True))


def import_of(batch: OpeningBatch) -> AuditEvent | None:
    """The event of the import that submitted a batch."""
    rows = AuditRow.objects.filter(object_type=_OPENING_BATCH, object_id=str(batch.pk))
    return list_imports().filter(sequence__in=rows.order_by().values("event")).first()


def _plan_undo_of_list(event: AuditEvent, shown: ShownRows | None) -> BulkPlan:
    """What the import added is archived; what was there before gets back the columns that it had.

    All that belongs to a new recommendation stays with it. What was added to one that was there,
    such as a response, cannot be taken out of the record: that one stays as it is.
    """
    told = AuditRow.objects.filter(event=event.pk, recommendation__isnull=False)
    sides, added_to = {}, set()
    for kind, pk, text in told.values_list("object_type", "recommendation", "changes"):
        if kind == _RECOMMENDATION:
            sides[pk] = json.loads(text)
        elif kind != _OPENING_ROW:
            added_to.add(pk)
    new = {pk for pk, changes in sides.items() if changes.get("title", [""])[0] is None}
    columns = {column.name for column in Recommendation._meta.concrete_fields}
    earlier = {pk: changes for pk, changes in sides.items() if pk not in new}
    added_to |= {pk for pk, changes in earlier.items() if not changes.keys() <= columns}
    back = _columns_of({pk: each for pk, each in earlier.items() if pk not in added_to}, 0)
    worked_on = work_since(event)
    rows = Recommendation.objects.filter(pk__in=told.order_by().values("recommendation"))
    planned, values = [], {}
    found = rows.order_by("source", "number", "pk")
    for pk, reference, title, version in found.values_list("pk", "reference", "title", "version"):
        marks, is_new = (version,), pk in new
        if pk in worked_on:
            outcome = RowOutcome.WORKED_ON
        elif pk in added_to and not is_new:
            outcome = RowOutcome.ADDED_TO
        else:
            outcome = _undone(False, marks, pk, shown)
        if not is_new:
            values[pk] = back.get(pk, {})
        why = worked_on.get(pk, "")
        planned.append(PlannedRow(pk, reference, title, outcome, marks, not is_new, is_new, why))
    value = BulkValue(BulkChange.ARCHIVE, ArchiveReason.IMPORT_UNDONE)
    return BulkPlan(f"undo={event.pk}", "archived_at", planned, value, values)


def work_since(event: AuditEvent, until: AuditEvent | None = None) -> dict[int, str]:
    """Of recommendations of an import what was last recorded of each since, in words; with
    ``until``, before that event.

    Nothing of one that is as the import, and the approval of its opening statuses, left it. As
    many statements for few rows as for many.
    """
    told = AuditRow.objects.filter(event=event.pk, recommendation__isnull=False).order_by()
    ids, batches = told.values("recommendation"), _batch_keys(event)
    own = Q(event__object_type=_OPENING_BATCH, event__object_id__in=batches)
    events = AuditEvent.objects.filter(recommendation__in=ids, sequence__gt=event.pk)
    rows = AuditRow.objects.filter(recommendation__in=ids, event__gt=event.pk).exclude(own)
    found = [
        *events.exclude(verb__in=_NO_WORK)
        .order_by()
        .values_list("recommendation", "at", "verb", "object_type"),
        *rows.exclude(event__verb__in=_NO_WORK)
        .order_by()
        .values_list("recommendation", "event__at", "event__verb", "event__object_type")
        .distinct(),
        *_named_elsewhere(event, ids),
        *(_work_on_evidence(event, batches) if batches else ()),
    ]
    words = _("%(what)s on %(day)s")
    return {
        pk: words % {"what": action_text(verb, kind), "day": day_text(timezone.localdate(at))}
        for pk, at, verb, kind in sorted(found, key=lambda each: each[1])
        if until is None or at < until.at
    }


_Work = tuple[int, datetime, str, str]
"""A recommendation, when something was done about it, the verb, and the kind of record."""


def _named_elsewhere(event: AuditEvent, ids: Any) -> Iterator[_Work]:
    """What others wrote that names these recommendations and belongs to none, or to another."""
    signed = SignOff.recommendations.through.objects.filter(
        recommendation__in=ids, signoff__signed_at__gt=event.at
    )
    for pk, at in signed.order_by().values_list("recommendation", "signoff__signed_at"):
        yield pk, at, "sign_off", SignOff._meta.label_lower
    relation = RecommendationRelation._meta.label_lower
    relations = RecommendationRelation.objects.filter(other__in=ids).order_by()
    for name, verb in (("added_at", "relate"), ("removed_at", "unrelate")):
        since = relations.filter(**{f"{name}__gt": event.at})
        for pk, at in since.values_list("other", name):
            yield pk, at, verb, relation


def _work_on_evidence(event: AuditEvent, batches: Sequence[str]) -> Iterator[_Work]:
    """What was done with the evidence of opening statuses, which belongs to no recommendation."""
    links = EvidenceLink.objects.live().filter(
        update__opening_row__batch__in=[int(key) for key in batches]
    )
    of_item: dict[int, list[int]] = defaultdict(list)
    for item, pk in links.order_by().values_list("evidence", "update__recommendation"):
        of_item[item].append(pk)
    items = links.order_by().values("evidence")
    parts: dict[tuple[str, str], int] = {}
    for model in (EvidenceCheck, EvidenceRevision, EvidenceChange):
        for key, item in model._default_manager.filter(evidence__in=items).values_list(
            "pk", "evidence"
        ):
            parts[model._meta.label_lower, str(key)] = item
    parts |= {(Evidence._meta.label_lower, str(item)): item for item in of_item}
    kinds = {kind for kind, _key in parts}
    since = AuditEvent.objects.filter(sequence__gt=event.pk, object_type__in=kinds).order_by()
    for kind, key, at, verb in since.values_list("object_type", "object_id", "at", "verb"):
        for pk in of_item.get(parts.get((kind, key), 0), ()):
            yield pk, at, verb, kind


def effects_of_undone_import(plan: BulkPlan, event: AuditEvent) -> Iterator[str]:
    """What undoing the import of a list means, beside what its rows tell."""
    added = [row for row in plan.changing if row.pk not in plan.values]
    if n := len(added):
        yield ngettext(
            "%(n)d recommendation that the import added is archived as “Import undone”. Its "
            "reference is not given again, and its external number is free for another import.",
            "%(n)d recommendations that the import added are archived as “Import undone”. Their "
            "references are not given again, and their external numbers are free for another "
            "import.",
            n,
        ) % {"n": n}
    if n := len(plan.changing) - len(added):
        yield ngettext(
            "%(n)d recommendation recorded before gets back what the import changed.",
            "%(n)d recommendations recorded before get back what the import changed.",
            n,
        ) % {"n": n}
    if (batch := batch_of(event)) is not None:
        yield (
            _("The opening statuses of these recommendations are no longer current.")
            if batch.decided_at
            else _("The batch of opening statuses is withdrawn and cannot be approved.")
        )
    yield _("Organisations that the import added and the mapping of its columns stay.")


# ---- The preview of a bulk change in words: its rows, its effects, its button


@dataclass(frozen=True, slots=True)
class RowText:
    """One row of a preview in words."""

    reference: str
    title: str
    outcome: RowOutcome
    before: str
    after: str
    has_public_text: bool
    why: str = ""

    @property
    def is_changing(self) -> bool:
        return self.outcome == RowOutcome.CHANGED

    @property
    def is_skipped(self) -> bool:
        return self.outcome in SKIPPED


def row_texts(plan: BulkPlan, rows: Sequence[PlannedRow]) -> list[RowText]:
    """Rows of one page of a preview in words; a fixed number of queries."""
    keys = [row.pk for row in rows]
    texted = Recommendation.objects.filter(pk__in=keys)
    public = set(texted.filter(current_update__public_text__gt="").values_list("pk", flat=True))
    sides = _themes_in_words(plan, rows) if plan.column == "themes" else _in_words(plan, rows)
    return [
        RowText(row.reference, row.title, row.outcome, before, after, row.pk in public, row.why)
        for row, (before, after) in zip(rows, sides, strict=True)
    ]


def _in_words(plan: BulkPlan, rows: Sequence[PlannedRow]) -> Iterator[tuple[str, str]]:
    """What each row holds, and what it is to hold."""
    chosen: Any = Recommendation._meta.get_field(plan.column).related_model
    keys = {str(value) for row in rows for value in (row.held, row.wanted) if value is not None}
    label = chosen._meta.label_lower if chosen else ""
    names = names_of((label, key) for key in keys) if chosen else {}

    def text(value: Any) -> str:
        if plan.column == "published_at":
            return capfirst(_("published")) if value else capfirst(_("not published"))
        if plan.column == "archived_at":
            return capfirst(_("archived")) if value else _("Not archived")
        if chosen:
            named = names.get((label, str(value)))
            return named.title if named else ""
        return value_in_words(Recommendation(), plan.column, value)

    def sides(row: PlannedRow) -> tuple[str, str]:
        if plan.value is not None and row.pk in plan.values:
            return _("As the import left it"), _("As before the import")
        return text(row.held), text(row.wanted)

    return map(sides, rows)


def _themes_in_words(plan: BulkPlan, rows: Sequence[PlannedRow]) -> Iterator[tuple[str, str]]:
    """All themes of each row, and those that it is to have."""
    through = Recommendation.themes.through.objects.filter(
        recommendation__in=[row.pk for row in rows]
    )
    names: dict[int, set[str]] = defaultdict(set)
    for pk, name in through.values_list("recommendation_id", "theme__name"):
        names[pk].add(name)
    one = {plan.value.value.name} if plan.value else set()
    for row in rows:
        wanted = names[row.pk] | one if row.wanted else names[row.pk] - one
        yield ", ".join(sorted(names[row.pk])), ", ".join(sorted(wanted))


def effects_of(plan: BulkPlan, change: BulkChange, *, is_undo: bool) -> Iterator[str]:
    """What a bulk change, or undoing it, means for readers and for those who follow the rows."""
    match change.reverse if is_undo else change:
        case BulkChange.PUBLISH:
            yield _("Everyone can read the published recommendations and cite their addresses.")
            rows = Recommendation.objects.filter(pk__in=[row.pk for row in plan.changing])
            if n := rows.exclude(current_update__public_text__gt="").count():
                yield ngettext(
                    "%(n)d recommendation has no public summary. The public sees status, "
                    "confidence and date.",
                    "%(n)d recommendations have no public summary. The public sees status, "
                    "confidence and date.",
                    n,
                ) % {"n": n}
        case BulkChange.UNPUBLISH:
            yield _("Public pages and cited addresses of these recommendations answer “not found”.")
        case BulkChange.ARCHIVE:
            yield _(
                "Archived recommendations leave counts, summaries, My work and Review. Published "
                "pages stay and state that tracking has ended."
            )
        case BulkChange.RESTORE:
            yield _("Restored recommendations return to counts, summaries, My work and Review.")


def button_of(change: BulkChange, n: int, *, is_undo: bool, is_import: bool = False) -> str:
    """What the button says that confirms a bulk change, or undoing one, of ``n`` rows."""
    if is_import:
        told = ngettext(
            "Undo import of %(n)d recommendation", "Undo import of %(n)d recommendations", n
        )
        return told % {"n": n}
    if is_undo:
        told = ngettext(
            "Undo change of %(n)d recommendation", "Undo change of %(n)d recommendations", n
        )
        return told % {"n": n}
    match change:
        case BulkChange.PUBLISH:
            told = ngettext("Publish %(n)d recommendation", "Publish %(n)d recommendations", n)
        case BulkChange.UNPUBLISH:
            told = ngettext("Unpublish %(n)d recommendation", "Unpublish %(n)d recommendations", n)
        case BulkChange.ARCHIVE:
            told = ngettext("Archive %(n)d recommendation", "Archive %(n)d recommendations", n)
        case BulkChange.RESTORE:
            told = ngettext("Restore %(n)d recommendation", "Restore %(n)d recommendations", n)
        case _:
            told = ngettext("Change %(n)d recommendation", "Change %(n)d recommendations", n)
    return told % {"n": n}
