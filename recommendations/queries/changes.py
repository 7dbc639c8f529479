"""What changed on record between two moments: each change once, by recommendation."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import (
    DateChangeState,
    Stance,
    UpdateState,
    label_of_confidence,
    label_of_status,
)
from recommendations.choices.changes import ChangeKind
from recommendations.models import (
    AuditEvent,
    AuditRow,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.queries.bulk_changes import bulk_events
from recommendations.queries.dates import beginning_of, day_text
from recommendations.queries.log.words import SELECTION, Change, LogRow, log_rows
from recommendations.queries.publicity import UNDID_LIST, UNDOING, marks_among
from recommendations.queries.recommendations.past.rows import update_in_force

# ---- Which events of the audit log are changes on record, and what each of them is about.
# ``tests/queries/test_changes.py`` asks that every verb of the log is either here or among those
# that change nothing on record.

NOT_ON_RECORD = frozenset(
    {
        # Work under way: what comes of it is approved, decided or sent, or is nothing.
        *("carry_evidence", "draft", "drop_evidence", "hand_over", "keep_evidence", "mark_part"),
        *("reject_date", "request_date", "return", "save", "submit", "unmark_part"),
        *("withdraw", "withdraw_date", "leave_out", "go_on_with_row"),
        *("propose_evidence", "reject_evidence", "withdraw_evidence"),
        # What follows from another event, which tells it.
        *("move_date", "set_review", "baseline"),
        # What another event of the same entry does.
        "approve_evidence",
        # What people say to each other, are told, look at or set for themselves.
        *("comment", "watch", "stop_watching", "save_view", "change_view", "remove_view"),
        *("set_notifications", "unsubscribe", "create_calendar", "revoke_calendar"),
        *("create_token", "revoke_token"),
        *("send_round", "extend_round", "remind_round", "close_round", "sign_off"),
        "release_open_data",
        # What somebody wants undone: what it comes to has an event of its own.
        *("approve_undo", "reject_undo", "request_undo", "withdraw_undo"),
        # People and their accounts.
        *("accept_invitation", "invite", "refuse_invitation", "withdraw_invitation"),
        *("deactivate", "reactivate", "release", "renew_hash", "set_password"),
        "send_password_link",
        *("add_deputy", "end_deputy"),
        # The machinery.
        *("accept_future_event", "back_up", "check_files", "clear_fault", "find_fault", "give_up"),
        *("load_database", "mend", "restore_backup", "scan", "send_again", "store", "verify_audit"),
        # Areas, and values of indicators, which belong to no recommendation.
        "import_areas",
        *("confirm", "confirm_import", "import_figures", "observe", "set_target", "undo_import"),
    }
)
"""Verbs of events by which nothing changes that a page says of a recommendation."""

BY_VERB: Mapping[str, ChangeKind] = {
    "add_action": ChangeKind.ACTION,
    "add_file": ChangeKind.EVIDENCE,
    "add_part": ChangeKind.PART,
    "agree_link": ChangeKind.EVIDENCE,
    "answer": ChangeKind.CONTRADICTION,
    "apply_change": ChangeKind.EVIDENCE,
    "approve": ChangeKind.STATUS,
    "approve_batch": ChangeKind.STATUS,
    "approve_date": ChangeKind.DATE,
    "archive": ChangeKind.PUBLICATION,
    "archive_many": ChangeKind.PUBLICATION,
    "change_action": ChangeKind.ACTION,
    "change_hands": ChangeKind.RESPONSIBILITY,
    "change_part": ChangeKind.PART,
    "check": ChangeKind.EVIDENCE,
    "end_check": ChangeKind.EVIDENCE,
    "end_contradiction": ChangeKind.CONTRADICTION,
    "hand_over_all": ChangeKind.RESPONSIBILITY,
    "judge": ChangeKind.EVIDENCE,
    "publish": ChangeKind.PUBLICATION,
    "publish_many": ChangeKind.PUBLICATION,
    "record_decision": ChangeKind.DECISION,
    "redact": ChangeKind.WORDING,
    "redact_file": ChangeKind.EVIDENCE,
    "relate": ChangeKind.OTHER,
    "remove_part": ChangeKind.PART,
    "respond": ChangeKind.RESPONSE,
    "restore": ChangeKind.PUBLICATION,
    "restore_many": ChangeKind.PUBLICATION,
    "set_date": ChangeKind.DATE,
    "succeed": ChangeKind.RESPONSIBILITY,
    "undo_batch": ChangeKind.STATUS,
    "unpublish": ChangeKind.PUBLICATION,
    "unpublish_many": ChangeKind.PUBLICATION,
    "unrelate": ChangeKind.OTHER,
    "withdraw_check": ChangeKind.EVIDENCE,
    "withdraw_decision": ChangeKind.DECISION,
}
"""What an event is about, where its verb says so."""

BY_ROW = frozenset(
    {
        *("attach", "change", "change_many", "create", "detach", "import", "load"),
        *("remove", "revise", "undo_list", "undo_many"),
    }
)
"""Verbs of which the row says it."""

BY_TYPE: Mapping[str, ChangeKind] = {
    "recommendations.action": ChangeKind.ACTION,
    "recommendations.evidence": ChangeKind.EVIDENCE,
    "recommendations.evidencecheck": ChangeKind.EVIDENCE,
    "recommendations.evidencelink": ChangeKind.EVIDENCE,
    "recommendations.evidencerevision": ChangeKind.EVIDENCE,
    "recommendations.indicatorlink": ChangeKind.INDICATOR,
    "recommendations.part": ChangeKind.PART,
    "recommendations.recommendation": ChangeKind.WORDING,
    "recommendations.response": ChangeKind.RESPONSE,
    "recommendations.statusupdate": ChangeKind.STATUS,
    "recommendations.targetdatechange": ChangeKind.DATE,
}
"""What an event is about, by what it changed; anything else is some other change."""

BY_FIELD: Mapping[str, ChangeKind] = {
    **dict.fromkeys(
        ("title", "summary", "quoted_text", "locator", "rationale", "modality", "wording_reason"),
        ChangeKind.WORDING,
    ),
    **dict.fromkeys(
        ("lead", "lead_officer", "reviewer", "contributors", "interval_months"),
        ChangeKind.RESPONSIBILITY,
    ),
    **dict.fromkeys(("published_at", "archived_at", "archive_reason"), ChangeKind.PUBLICATION),
}
"""Of a recommendation, what its fields are about."""

LINK, RECOMMENDATION = "recommendations.evidencelink", "recommendations.recommendation"
OPENING_ROW = "recommendations.openingrow"


def kind_of(verb: str, object_type: str, changes: Mapping[str, Any]) -> ChangeKind:
    """What an event that is on record is about; of several fields the weightiest."""
    if verb in BY_VERB:
        return BY_VERB[verb]
    if verb == UNDID_LIST and object_type == OPENING_ROW:
        return ChangeKind.STATUS
    if object_type == RECOMMENDATION:
        if changes.get("title", ["", ""])[0] is None:
            return ChangeKind.ADDED
        kinds = [BY_FIELD.get(name, ChangeKind.OTHER) for name in changes]
        return min(kinds, key=list(ChangeKind).index, default=ChangeKind.OTHER)
    if object_type == LINK and changes.get("stance", ["", ""])[1] == Stance.UNDERMINES:
        return ChangeKind.CONTRADICTION
    return BY_TYPE.get(object_type, ChangeKind.OTHER)


def on_record(events: QuerySet[Any]) -> QuerySet[Any]:
    """Those of these events that change what is on record.

    A link of evidence counts once its update was approved: before, it is part of a draft.
    """
    key = Case(
        When(object_type=LINK, then=Cast("object_id", BigIntegerField())),
        output_field=BigIntegerField(),
    )
    approved = Q(update__state=UpdateState.APPROVED, update__decided_at__lte=OuterRef("at"))
    stands = EvidenceLink.objects.filter(Q(update__isnull=True) | approved, pk=OuterRef("link_key"))
    found: QuerySet[Any] = events.exclude(verb__in=NOT_ON_RECORD).annotate(link_key=key)
    return found.filter(~Q(object_type=LINK) | Exists(stands.order_by()))


def rows_on_record(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those rows of bulk events that are each a change; of a batch those of its statuses."""
    of_batch = Q(event__verb="approve_batch", object_type="recommendations.statusupdate")
    taken_back = Q(event__verb="undo_batch", object_type="recommendations.openingrow")
    batches = ("approve_batch", "undo_batch")
    return rows.exclude(event__verb__in=NOT_ON_RECORD).filter(
        ~Q(event__verb__in=batches) | of_batch | taken_back
    )


# ---- One change, and what an approval did to the status that was in force, or to the target date

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class OneChange:
    """One change: what it is about, what was done, from which value to which, by whom and why.

    ``note`` says what became of it since: that it was retracted, corrected or undone.
    """

    kind: ChangeKind
    number: int
    at: datetime
    by: str
    what: str
    title: str
    url: str
    changes: tuple[Change, ...]
    reason: str
    note: str = ""
    is_demonstration: bool = False

    @property
    def words(self) -> tuple[Change, ...]:
        """The fields that say something to a reader; ``digests`` are the others."""
        return tuple(change for change in self.changes if not change.is_digest)

    @property
    def digests(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.is_digest)


class Dates:
    """What the ledger says of changes of target dates: from which date to which, and why."""

    def __init__(self, ids: Collection[int]) -> None:
        rows = TargetDateChange.objects.filter(
            recommendation__in=ids, state=DateChangeState.APPROVED
        )
        self.by_key = {str(row.pk): row for row in rows}
        self.stated: dict[int, list[tuple[Any, date | None]]] = defaultdict(list)
        for row in self.by_key.values():
            self.stated[row.recommendation_id].append((row.decided_at, row.new_date))

    def has_date(self, recommendation: int, at: datetime) -> bool:
        """Whether a recommendation had a target date at a moment."""
        known = [each for each in self.stated[recommendation] if each[0] <= at]
        return bool(known) and max(known, key=itemgetter(0))[1] is not None

    def of(self, change: OneChange, key: str) -> OneChange:
        """The change with both dates and the reason of the request, where it is of a date."""
        row = self.by_key.get(key) if change.kind == ChangeKind.DATE else None
        if row is None:
            return change
        moved = Change(_("Target date"), _date(row.old_date), _date(row.new_date))
        why = "\n".join(filter(None, dict.fromkeys((row.reason, change.reason))))
        return replace(change, changes=(moved,), reason=why)


_TOLD_OF_UPDATES = (
    *("recommendation", "addressee", "opening_row__undone_at", "kind", "state", "as_of"),
    *("decided_at", "corrects", "retracts", "implementation_status", "confidence"),
)


class Statuses:
    """What approvals did to the status that was in force, by the rule that pages go by."""

    def __init__(self, about: Mapping[int, Recommendation], dates: Dates) -> None:
        """``about`` are the recommendations by id."""
        self.about, self.dates = about, dates
        rows = StatusUpdate.objects.filter(recommendation__in=about, state=UpdateState.APPROVED)
        beside = ("addressee__area", "addressee__organisation", "opening_row")
        # All that were ever approved of these: many, with long texts.
        self.updates = list(rows.select_related(*beside).only(*_TOLD_OF_UPDATES))
        self.of_scope: dict[Any, list[StatusUpdate]] = defaultdict(list)
        for row in self.updates:
            self.of_scope[row.recommendation_id, row.addressee_id].append(row)
        self.by_key = {str(row.pk): row for row in self.updates}
        self.by_opening = {str(row.opening_row_id): row for row in self.updates}
        self.marks = marks_among(self.updates)

    def of(self, change: OneChange, key: str) -> OneChange:
        """The change with the status and confidence before and after, where it is of a status."""
        if change.kind != ChangeKind.STATUS:
            return change
        update, at = self.by_key.get(key), None
        if update is not None:
            at = update.decided_at
        elif (update := self.by_opening.get(key)) is not None and update.opening_row is not None:
            at = update.opening_row.undone_at
        if update is None or at is None:
            return change
        before, after = (self._in_force(update, at - MOMENT), self._in_force(update, at))
        has_date = self.dates.has_date(update.recommendation_id, at)
        about = self.about[update.recommendation_id]
        labels = (_("Status"), _("Confidence"))
        pairs = zip(labels, status_sides(about, before, after, has_date=has_date), strict=True)
        told = tuple(Change(label, old, new) for label, (old, new) in pairs if old != new)
        mark = self.marks.get(update.pk)
        note = mark.sentence if mark and mark.at > at else ""
        told_of = replace(change, kind=_kind(before, after), changes=told, note=note)
        if update.addressee is None:
            return told_of
        # Its own status: that of the recommendation is another one, and stays.
        return replace(told_of, kind=ChangeKind.ADDRESSEE, title=str(update.addressee))

    def _in_force(self, update: StatusUpdate, known: datetime) -> StatusUpdate | None:
        rows = self.of_scope[update.recommendation_id, update.addressee_id]
        return update_in_force(rows, timezone.localdate(known), known)


def _date(day: date | None) -> str:
    return day_text(day) if day else _("No target date")


def _kind(before: StatusUpdate | None, after: StatusUpdate | None) -> ChangeKind:
    for name, kind in (
        ("implementation_status", ChangeKind.STATUS),
        ("confidence", ChangeKind.CONFIDENCE),
    ):
        if getattr(before, name, "") != getattr(after, name, ""):
            return kind
    return ChangeKind.UPDATE


def status_sides(
    about: Recommendation, *sides: StatusUpdate | None, has_date: bool
) -> tuple[list[str], list[str]]:
    """Status and confidence in words, of the update before and of the one after."""
    return (
        [
            label_of_status(
                each.implementation_status if each else "", is_continuous=about.is_continuous
            )
            for each in sides
        ],
        [label_of_confidence(each.confidence if each else "", has_date=has_date) for each in sides],
    )


# ---- What changed on record between two moments: exact, since it is the audit log.
# Which events changed which recommendations few statements say, however many there are; what was
# changed in those of one page is then read as the log reads it.

Key = tuple[int, int]
"""The number of an event, and the id of a recommendation that it changed."""


@dataclass(frozen=True, slots=True)
class Window:
    """Events after the number ``after``, up to the number ``until``; ``since`` is the day."""

    since: date
    after: int
    until: int


def window_since(day: date, last: int, until: date | None = None) -> Window:
    """What was recorded after the end of a day, to the number ``last`` or the end of another."""
    end = _last_by(until) if until else last
    return Window(day, _last_by(day), min(end, last))


def _last_by(day: date) -> int:
    """The number of the last event of a day or before; 0 where there is none."""
    end = beginning_of(day + timedelta(days=1))
    rows = AuditEvent.objects.filter(at__lt=end).order_by("-at")
    return rows.values_list("sequence", flat=True).first() or 0


def changed(scope: Any, window: Window, most: int | None = None) -> list[Key]:
    """What changed in recommendations with these ids, the latest first; few statements.

    ``scope`` are ids, or a query of ids; ``most`` is how many of them are read at most.
    """
    events = AuditEvent.objects.filter(
        sequence__gt=window.after, sequence__lte=window.until, recommendation__in=scope
    )
    rows = AuditRow.objects.filter(
        event__gt=window.after, event__lte=window.until, recommendation__in=scope
    )
    found = on_record(events).order_by("-sequence").values_list("sequence", "recommendation")
    many = rows_on_record(rows).order_by("-event", "recommendation")
    keys = {
        *found[:most],
        *many.values_list("event", "recommendation")[:most],
        *_of_evidence(scope, window),
    }
    # The latest first, and of one event by recommendation: each sorted the fast way, in turn.
    return sorted(sorted(keys, key=itemgetter(1)), key=itemgetter(0), reverse=True)[:most]


def changes_of(keys: Sequence[Key]) -> list[tuple[Recommendation, OneChange]]:
    """What was changed by these, in their order."""
    numbers, ids = {number for number, _pk in keys}, {pk for _number, pk in keys}
    by_number: dict[int, set[int]] = defaultdict(set)
    for number, pk in keys:
        by_number[number].add(pk)
    events = AuditEvent.objects.filter(sequence__in=numbers).select_related("actor", "reason")
    rows = rows_on_record(AuditRow.objects.filter(event__in=numbers, recommendation__in=ids))
    dates, undone = Dates(ids), _undone(numbers)
    found = Recommendation.objects.in_bulk(ids)
    statuses = Statuses(found, dates)
    told: dict[Key, list[OneChange]] = defaultdict(list)
    logged = log_rows(events.order_by("sequence"), rows.order_by("pk"), most=None)
    unverified = _unverified_by([row.event for row in logged])
    for row in logged:
        number, note = row.event.pk, ""
        if number in undone:
            note = _("Undone later, in whole or in part.")
        elif number in unverified:
            note = _("The evidence was verified. This ended the verification.")
        for pk, key, change in _split(row, by_number[number], note):
            told[number, pk].append(dates.of(statuses.of(change, key), key))
    return [(found[key[1]], change) for key in keys for change in told[key]]


def _of_evidence(scope: Any, window: Window) -> set[Key]:
    """Changes of evidence items, which belong to no recommendation: by what rests on them.

    Numbers of events about an item, its files or its checks, and each recommendation of which an
    approved update, a response or the text itself has the item.
    """
    keys: dict[int, list[int]] = defaultdict(list)
    numbered = AuditEvent.objects.filter(
        sequence__gt=window.after,
        sequence__lte=window.until,
        object_type__in=_ITEMS,
        recommendation__isnull=True,
    ).exclude(verb__in=["create", *NOT_ON_RECORD])
    by_type: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, kind, key in numbered.values_list("sequence", "object_type", "object_id"):
        by_type[kind][int(key)].append(number)
    for name, (model, path) in _ITEMS.items():
        if wanted := by_type.get(name):
            for key, item in model.objects.filter(pk__in=wanted).values_list("pk", path):
                keys[item] += wanted[key]
    if not keys:
        return set()
    links = EvidenceLink.objects.live().filter(evidence__in=keys)
    approved = Q(update__state=UpdateState.APPROVED)
    told: set[Key] = set()
    for path, which in (
        ("update__recommendation", approved),
        ("recommendation", Q()),
        ("response__addressee__recommendation", Q()),
    ):
        rows = links.filter(which, **{f"{path}__in": scope}).order_by()
        for pk, item in rows.values_list(path, "evidence"):
            told |= {(number, pk) for number in keys[item]}
    return told


_ITEMS: Mapping[str, tuple[Any, str]] = {
    "recommendations.evidence": (Evidence, "pk"),
    "recommendations.evidencecheck": (EvidenceCheck, "evidence"),
    "recommendations.evidencerevision": (EvidenceRevision, "evidence"),
}
"""What an evidence item is made of, and where each row has the item."""


def _undone(numbers: Collection[int]) -> set[int]:
    """Which of these bulk changes and imports were undone since, in whole or in part."""
    keys = [str(each) for each in numbers]
    undone = bulk_events().filter(verb__in=UNDOING, object_id__in=keys)
    return {int(key) for key in undone.values_list("object_id", flat=True)}


def _unverified_by(events: Sequence[Any]) -> set[int]:
    """Numbers of those of these events by which verified evidence got a file nobody has verified.

    A change of what is said of it has an event of its own, ``end_check``. At most one query.
    """
    added = {int(each.object_id): each.pk for each in events if each.verb == "add_file"}
    if not added:
        return set()
    before = EvidenceCheck.objects.filter(
        evidence=OuterRef("evidence"),
        revision=OuterRef("number") - 1,
        at__lte=OuterRef("added_at"),
    ).exclude(removed_at__lte=OuterRef("added_at"))
    found = EvidenceRevision.objects.filter(Exists(before.order_by()), pk__in=added)
    return {added[pk] for pk in found.values_list("pk", flat=True)}


def _split(row: LogRow, about: Collection[int], note: str) -> Iterator[tuple[int, str, OneChange]]:
    """What an event changed ``about`` recommendations, each with their id and that of its row."""
    event = row.event
    if event.recommendation_id is None and event.object_type in _ITEMS:
        change = _change(row, ChangeKind.EVIDENCE, row.changes, note)
        yield from ((each, "", change) for each in about)
    elif (pk := event.recommendation_id) is not None and pk in about:
        kind = kind_of(event.verb, event.object_type, json.loads(event.payload)["changes"])
        yield pk, event.object_id, _change(row, kind, row.changes, note)
    for told in row.rows:
        own = told.row
        if (pk := own.recommendation_id) is not None and pk in about:
            kind = kind_of(event.verb, own.object_type, json.loads(own.changes))
            yield pk, own.object_id, _change(row, kind, told.changes, note)


def _change(
    row: LogRow, kind: ChangeKind, changes: tuple[Change, ...], note: str = ""
) -> OneChange:
    event, named = row.event, row.named
    told = tuple(each for each in changes if _says_something(each, row.reason))
    return OneChange(
        kind=kind,
        number=event.pk,
        at=event.at,
        by=row.by,
        what=row.action,
        # What is called as its recommendation stands under that name.
        title="" if event.object_type in NAMED_BY_IT else named.title,
        url=named.url,
        # All of what is new is on its page.
        changes=() if kind == ChangeKind.ADDED else told,
        reason=row.reason,
        note=note,
        is_demonstration=event.actor is not None and event.actor.is_demonstration,
    )


def _says_something(change: Change, reason: str) -> bool:
    if change.before == change.after or change.name in REPEATED or change.after == reason:
        return False
    return bool(change.before) or not (change.name == "state" or change.after == _("no"))


NAMED_BY_IT = frozenset(
    f"recommendations.{name}"
    for name in ("recommendation", "recommendationrelation", "statusupdate", "targetdatechange")
) | {SELECTION}

REPEATED = frozenset(
    {
        *("addressee", "evidence", "indicator", "recommendation", "response", "update"),
        *("added_at", "added_by", "at", "by", "created_at", "recorded_at", "recorded_by"),
        *("decided_at", "decided_by", "requested_at", "requested_by", "answered_at"),
        *("answered_by", "published_by", "archived_by", "set_by", "set_at", "number", "revision"),
        *("organisation", "is_placed_by_source", "slug"),
    }
)
"""Columns that repeat what stands beside a change: who, when, and of what."""
