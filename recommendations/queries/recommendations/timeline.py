"""What happened to one recommendation, newest first, told from the record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations import permissions
from recommendations.choices import Confidence, ImplementationStatus, ResponsePosition, UpdateKind
from recommendations.models import AuditEvent, AuditRow, SignOff, StatusUpdate
from recommendations.models.dates import change_text
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.listed import column_names
from recommendations.queries.log.conditions import numbers_with_rows
from recommendations.queries.log.words import Key, Named, action_text, field_of, names_of
from recommendations.queries.publicity import BULK_VERBS, IMPORTED, UNDONE, mark, marks_among

# ---- What happened to one recommendation, newest first, told from the record of events

Look = tuple[str | Promise, str, str]
"""What an event is called, with its icon and its tone."""

TOLD_OF_UPDATES: Mapping[str, Look] = {
    "submit": (gettext_lazy("Submitted for review"), "clock", "violet"),
    "approve": ("", "check", "green"),
    "return": (gettext_lazy("Returned to the author"), "undo", "amber"),
    "withdraw": (gettext_lazy("Withdrawn by the author"), "archive", "grey"),
    "hand_over": (gettext_lazy("Update handed over"), "user", "grey"),
}
TOLD_OF_DATES: Mapping[str, Look] = {
    "set_date": (gettext_lazy("Target date set"), "calendar", "blue"),
    "request_date": (gettext_lazy("Date change requested"), "clock", "violet"),
    "approve_date": (gettext_lazy("Target date changed"), "calendar", "blue"),
    "reject_date": (gettext_lazy("Date change rejected"), "undo", "amber"),
    "withdraw_date": (gettext_lazy("Date change withdrawn"), "archive", "grey"),
    "hand_over": (gettext_lazy("Date request handed over"), "user", "grey"),
}
TOLD_OF_RECOMMENDATION: Mapping[str, Look] = {
    "publish": (capfirst(gettext_lazy("published")), "info", "grey"),
    "unpublish": (gettext_lazy("Unpublished"), "info", "grey"),
    "archive": (capfirst(gettext_lazy("archived")), "archive", "grey"),
    "restore": (gettext_lazy("Restored"), "undo", "grey"),
    "change_hands": (gettext_lazy("Handed over"), "user", "grey"),
}
TOLD_OF_BATCHES: Mapping[str, Look] = {
    "approve_batch": (
        *(gettext_lazy("Opening status approved as a batch"), "assurance-batch_approved"),
        "amber",
    ),
    "undo_batch": (gettext_lazy("Opening status undone"), "undo", "grey"),
}
_OF_MANY: Mapping[str, Look] = {
    "change_many": (gettext_lazy("Changed in bulk: %s"), "pencil", "grey"),
    "publish_many": (gettext_lazy("Published in bulk"), "info", "grey"),
    "unpublish_many": (gettext_lazy("Unpublished in bulk"), "info", "grey"),
    "archive_many": (gettext_lazy("Archived in bulk"), "archive", "grey"),
    "restore_many": (gettext_lazy("Restored in bulk"), "undo", "grey"),
    "undo_many": (gettext_lazy("Bulk change undone"), "undo", "grey"),
    "undo_list": (gettext_lazy("Import undone"), "undo", "grey"),
    IMPORTED: (gettext_lazy("Imported from a spreadsheet"), "document", "grey"),
}
UPDATE = "recommendations.statusupdate"
RECOMMENDATION = "recommendations.recommendation"
DATE_CHANGE = "recommendations.targetdatechange"
RESPONSE = "recommendations.response"
DECISION = "recommendations.steeringdecision"
TOLD_OF_RESPONSES = ("respond",)
TOLD_BY_NAME = (
    *("attach", "detach", "answer", "end_contradiction"),
    *("add_action", "change_action", "record_decision", "withdraw_decision"),
)
"""Verbs about decisions, which all people inside are told of, and about evidence, indicators and
actions, which readers of drafts are told of: by their names."""
NAMED = (
    *(f"recommendations.{kind}" for kind in ("evidencelink", "indicatorlink", "action")),
    DECISION,
)
BATCH, OPENING_ROW = "recommendations.openingbatch", "recommendations.openingrow"
LONGEST = 100
"""Events on one page; the log has all of them."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry of a timeline. A ``note`` is for who may read drafts, and stands in no PDF."""

    at: datetime
    title: str
    by: str
    text: str = ""
    note: str = ""
    url: str = ""
    icon: str = ""
    tone: str = "plain"


def _entry(event: AuditEvent, look: Look = ("", "document", "grey"), **told: str) -> TimelineEntry:
    """What an event is told as; ``by`` whoever did it, where nobody else is named."""
    title, icon, tone = look
    given = {"title": str(title), "by": str(event.actor or ""), **told}
    return TimelineEntry(at=event.at, icon=icon, tone=tone, **given)


def events_of(recommendation: int) -> QuerySet[AuditEvent]:
    """The events that a timeline tells of, newest first, with people and reasons.

    Of bulk events those are among them that changed the recommendation, or imported it, and
    those that gave it an opening status, or took that back.
    """
    told = (*TOLD_OF_UPDATES, *TOLD_OF_RECOMMENDATION, *TOLD_OF_DATES, *TOLD_OF_RESPONSES)
    own = AuditEvent.objects.filter(
        recommendation=recommendation,
        verb__in=told + TOLD_BY_NAME,
        object_type__in=(UPDATE, RECOMMENDATION, DATE_CHANGE, RESPONSE, *NAMED),
    )
    imported = AuditRow.objects.filter(
        Q(object_type=RECOMMENDATION, event__verb__in=(IMPORTED, *BULK_VERBS))
        | Q(object_type__in=(UPDATE, OPENING_ROW), event__verb__in=list(TOLD_OF_BATCHES)),
        recommendation=recommendation,
    )
    return (
        AuditEvent.objects.filter(sequence__in=numbers_with_rows(own, imported))
        .select_related("actor", "reason")
        .order_by("-sequence")[:LONGEST]
    )


def build_timeline(
    events: Iterable[AuditEvent],
    updates: Mapping[int, StatusUpdate],
    person: Person,
    dates_url: str = "",
    addressees: Mapping[int, str] | None = None,
    names: Mapping[Key, Named] | None = None,
) -> list[TimelineEntry]:
    """Tell the events to one person, who sees only moves of ``updates`` that they may read.

    ``dates_url`` is where the ledger of dates stands; ``addressees`` are the names of those that
    are addressed still; ``names`` are those of evidence, indicators and actions. Responses that
    were recorded together are told together, and an approval that holds no longer says so.
    """
    may_read_notes = permissions.can_read_drafts(person)
    told = []
    events = list(events)
    # What is said of approvals that hold no longer, by what was approved.
    found = marks_among(updates.values())
    undone = {e.object_id: mark(UNDONE, e.at) for e in events if e.verb == "undo_batch"}
    marks = {(UPDATE, str(pk)): each.sentence for pk, each in found.items()} | {
        (BATCH, key): each.sentence for key, each in undone.items()
    }
    dates = _dates_in(events)
    handed_on = _before_hand_over(events)
    for _batch, (event, *others) in groupby(events, _batch_of):
        if event.object_type == RESPONSE:
            told.append(_response_entry([event, *others], addressees or {}))
        elif event.object_type == UPDATE:
            update = updates.get(int(event.object_id))
            # Returns, withdrawals and hand-overs are of drafts, which not everybody reads.
            if update is not None and (may_read_notes or event.verb in ("submit", "approve")):
                is_by_author = event.pk not in handed_on
                told.append(_update_entry(event, update, person, marks, is_by_author=is_by_author))
        elif event.object_type == DATE_CHANGE:
            if may_read_notes or event.verb in ("set_date", "approve_date"):
                change = dates.get(event.object_id, "")
                told.append(_date_entry(event, change, may_read_notes, dates_url))
        elif event.object_type in NAMED:
            if may_read_notes or event.object_type == DECISION:
                named = (names or {}).get((event.object_type, event.object_id))
                told.append(_named_entry(event, named))
        elif event.verb not in BULK_VERBS or permissions.can_read_internally(person):
            told.append(_recommendation_entry(event, person, marks))
    return told


def _before_hand_over(events: Iterable[AuditEvent]) -> set[int]:
    """Those of the events, newest first, whose update was handed over later.

    What they tell of was written by somebody else, whom the submission names.
    """
    handed_on, found = set(), set()
    for event in events:
        if event.object_type == UPDATE and event.object_id in handed_on:
            found.add(event.pk)
        elif event.object_type == UPDATE and event.verb == "hand_over":
            handed_on.add(event.object_id)
    return found


def named_in(events: Iterable[AuditEvent], person: Person) -> dict[Key, Named]:
    """What the evidence, indicators, actions and decisions are called that they are told of."""
    told = NAMED if permissions.can_read_drafts(person) else (DECISION,)
    return names_of((e.object_type, e.object_id) for e in events if e.object_type in told)


def _named_entry(event: AuditEvent, named: Named | None) -> TimelineEntry:
    action = action_text(event.verb, event.object_type)
    if named is None:
        return _entry(event, title=action)
    title = _("%(label)s: %(value)s") % {"label": action, "value": named.title}
    return _entry(event, title=title, url=named.url)


def _update_entry(
    event: AuditEvent,
    update: StatusUpdate,
    person: Person,
    marks: Mapping[Key, str],
    *,
    is_by_author: bool,
) -> TimelineEntry:
    texts, title = [], {}
    if event.verb == "approve":
        texts = [marks.get((UPDATE, event.object_id), ""), confirmed_text(update)]
        # Only an approved update is told with what it says: it cannot have changed since.
        title = {"title": _approved(update, _claim(update))}
    may_read_notes = permissions.can_read_drafts(person)
    return _entry(
        event,
        TOLD_OF_UPDATES[event.verb],
        **title,
        by=_actor_text(event, update, is_by_author=is_by_author),
        text="\n".join(text for text in texts if text),
        note=event.reason.text if event.reason and may_read_notes else "",
        url=update.get_absolute_url(),
    )


def confirmed_text(update: StatusUpdate) -> str:
    """That who approved an update confirmed open contradictions; empty where there were none."""
    count = update.contradictions_confirmed
    if not count:
        return ""
    return ngettext(
        "Approved with %(n)d contradiction open", "Approved with %(n)d contradictions open", count
    ) % {"n": count}


def _approved(update: StatusUpdate, what: str) -> str:
    if update.is_approved_by_import:
        return _("Approved through an import: %s") % what
    match update.kind:
        case UpdateKind.NO_CHANGE:
            return _("No change, approved: %s") % what
        case UpdateKind.CORRECTION:
            return _("Wording corrected: %s") % what
        case UpdateKind.RETRACTION:
            return _("Update retracted: %s") % what
    return _("Approved: %s") % what


def _claim(update: StatusUpdate) -> str:
    """Status and confidence in words, with the addressee it speaks of."""
    parts = [str(ImplementationStatus(update.implementation_status).label)]
    if update.confidence != Confidence.NOT_RATED:
        parts.append(str(Confidence(update.confidence).label))
    claim = _(", ").join(part if not i else part.lower() for i, part in enumerate(parts))
    if update.addressee_id:
        return _("%(label)s: %(value)s") % {"label": update.addressee, "value": claim}
    return claim


def _actor_text(event: AuditEvent, update: StatusUpdate, *, is_by_author: bool) -> str:
    if event.verb in ("approve", "return") and is_by_author:
        return _("%(actor)s, written by %(author)s") % {
            "actor": event.actor,
            "author": update.writer,
        }
    return str(event.actor or "")


def _recommendation_entry(
    event: AuditEvent, person: Person, marks: Mapping[Key, str]
) -> TimelineEntry:
    said = event.reason.text if event.reason else ""
    if event.object_type == BATCH:
        told = (
            {"text": marks.get((BATCH, event.object_id), "")} if event.verb != "undo_batch" else {}
        )
        if permissions.can_read_drafts(person):
            told |= {"note": said, "url": reverse("opening-batch", args=[event.object_id])}
        return _entry(event, TOLD_OF_BATCHES[event.verb], **told)
    look = {**TOLD_OF_RECOMMENDATION, **_OF_MANY}[event.verb]
    told = {"text": said}
    if event.verb == "change_many":
        field = field_of(RECOMMENDATION, event.object_id)
        told["title"] = str(look[0]) % getattr(field, "verbose_name", event.object_id)
    if event.verb in (IMPORTED, *BULK_VERBS) and permissions.can_read_log(person):
        told["url"] = reverse("bulk-change", args=[event.pk])
    return _entry(event, look, **told)


def _dates_in(events: Iterable[AuditEvent]) -> dict[str, str]:
    """What each change of a target date changes, in words, by its id.

    Only the event that wrote a change holds its dates; where that one is older than what is told
    here, the ledger has them.
    """
    found = {}
    for event in events:
        if event.object_type == DATE_CHANGE and event.verb in ("set_date", "request_date"):
            said = _said_in(event)
            days = (said.get(name) for name in ("old_date", "new_date"))
            found[event.object_id] = change_text(*(day and date.fromisoformat(day) for day in days))
    return found


def _date_entry(event: AuditEvent, change: str, may_read_notes: bool, url: str) -> TimelineEntry:
    look = TOLD_OF_DATES[event.verb]
    told = {"url": url}
    if change:
        told["title"] = _("%(label)s: %(value)s") % {"label": look[0], "value": change}
    if event.reason and (may_read_notes or event.verb == "set_date"):
        told["text" if event.verb == "set_date" else "note"] = event.reason.text
    return _entry(event, look, **told)


def _batch_of(event: AuditEvent) -> Any:
    """The same for responses that were recorded one after the other and say the same."""
    if event.object_type != RESPONSE:
        return event.sequence
    said = _said_in(event)
    return event.actor_id, said.get("position"), said.get("since")


def _said_in(event: AuditEvent) -> dict[str, Any]:
    """What a row came to hold, by field: all of it, where the event wrote it."""
    changes = json.loads(event.payload).get("changes", {})
    return {name: after for name, (_before, after) in changes.items()}


def _response_entry(events: Sequence[AuditEvent], addressees: Mapping[int, str]) -> TimelineEntry:
    event = events[0]
    said = _said_in(event)
    if len(events) > 1:
        who = ngettext("%(n)d addressee", "%(n)d addressees", len(events)) % {"n": len(events)}
    else:
        who = addressees.get(said.get("addressee") or 0, "") or _("A former addressee")
    position = said.get("position")
    label = ResponsePosition(position).label if position in ResponsePosition.values else ""
    title = _("%(label)s: %(value)s") % {"label": who, "value": label}
    return _entry(event, title=title)


# ---- Sign-offs of a source or a recommendation: the latest in a sentence, all of one in a timeline


@dataclass(frozen=True, slots=True)
class LinkedLine:
    """A sentence, and the address of the page that it is about."""

    text: str
    url: str


def latest_sign_off(**about: int) -> LinkedLine | None:
    """The latest sign-off of a whole ``source``, or that covers ``recommendations``; one query."""
    row = _rows(**about).first()
    if row is None:
        return None
    words = {
        "who": str(row.signed_by),
        "day": day_text(timezone.localdate(row.signed_at)),
        "as_of": day_text(row.as_of),
    }
    text = _("Signed off by %(who)s on %(day)s (status as of %(as_of)s)") % words
    return LinkedLine(text, row.get_absolute_url())


def sign_off_entries(pk: int) -> list[TimelineEntry]:
    """The sign-offs that cover a recommendation, the latest first; one query."""
    return [_signed_entry(row) for row in _rows(recommendations=pk)[:LONGEST]]


def _rows(**about: int) -> QuerySet[SignOff]:
    told = ("as_of", "remark", "signed_at", "source__short_title", "signed_by__is_demonstration")
    rows = SignOff.objects.filter(**about).select_related("signed_by", "source")
    return rows.only(*told, *column_names("signed_by")).order_by("-signed_at", "-pk")


def _signed_entry(row: Any) -> TimelineEntry:
    words = {"as_of": day_text(row.as_of), "source": row.source and row.source.short_title}
    title = _("Signed off, status as of %(as_of)s") % words
    if row.source is not None:
        title = _("Signed off with all of %(source)s, status as of %(as_of)s") % words
    return TimelineEntry(
        at=row.signed_at,
        title=title,
        by=str(row.signed_by),
        text=row.remark,
        url=row.get_absolute_url(),
        icon="check",
        tone="green",
    )
