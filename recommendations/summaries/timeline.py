"""What happened to one recommendation, newest first, told from the record of events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.models import AuditEvent, StatusUpdate
from recommendations.vocabulary import Confidence, ImplementationStatus, UpdateKind

TOLD_OF_UPDATES = ("submit", "approve", "return", "withdraw", "hand_over")
TOLD_OF_RECOMMENDATION = ("publish", "archive")
UPDATE = "recommendations.statusupdate"
RECOMMENDATION = "recommendations.recommendation"
LONGEST = 100
"""Events on one page; the log has all of them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a timeline."""

    at: datetime
    title: str
    by: str
    text: str = ""
    url: str = ""
    icon: str = ""
    tone: str = "plain"
    is_demonstration: bool = False


def events_of(recommendation_id: int) -> Any:
    """The events that a timeline tells of, newest first, with people and reasons."""
    return (
        AuditEvent.objects.filter(
            recommendation=recommendation_id,
            verb__in=TOLD_OF_UPDATES + TOLD_OF_RECOMMENDATION,
            object_type__in=(UPDATE, RECOMMENDATION),
        )
        .select_related("actor", "reason")
        .order_by("-sequence")[:LONGEST]
    )


def timeline(
    events: Iterable[AuditEvent], updates: Mapping[int, StatusUpdate], person: Any
) -> list[Moment]:
    """Tell the events to one person, who sees only moves of ``updates`` that they may read."""
    may_read_notes = permissions.can_read_drafts(person)
    told = []
    for event in events:
        if event.object_type == UPDATE:
            update = updates.get(int(event.object_id))
            if update is not None and _may_be_told(event, update, may_read_notes):
                told.append(_moment_of_update(event, update, may_read_notes))
        else:
            told.append(_moment_of_recommendation(event))
    return told


def _may_be_told(event: AuditEvent, update: StatusUpdate, may_read_notes: bool) -> bool:
    """Returns, withdrawals and hand-overs are of drafts, which not everybody reads."""
    return may_read_notes or event.verb in ("submit", "approve")


def _moment_of_update(event: AuditEvent, update: StatusUpdate, may_read_notes: bool) -> Moment:
    looks = {
        "approve": ("check", "green"),
        "return": ("undo", "amber"),
        "submit": ("clock", "violet"),
        "withdraw": ("archive", "grey"),
        "hand_over": ("user", "grey"),
    }
    icon, tone = looks[event.verb]
    note = event.reason.text if event.reason and may_read_notes else ""
    return Moment(
        at=event.at,
        title=_title(event.verb, update),
        by=_who(event, update),
        text=note,
        url=update.get_absolute_url(),
        icon=icon,
        tone=tone,
        is_demonstration=update.author.is_demonstration,
    )


def _title(verb: str, update: StatusUpdate) -> str:
    """Only an approved update is told with what it says: it cannot have changed since."""
    if verb == "approve":
        return _approved(update, _claim(update))
    titles = {
        "return": _("Returned to the author"),
        "submit": _("Handed in for review"),
        "withdraw": _("Withdrawn by the author"),
        "hand_over": _("Draft handed over"),
    }
    return titles[verb]


def _approved(update: StatusUpdate, what: str) -> str:
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
        return _("%(addressee)s: %(claim)s") % {"addressee": update.addressee, "claim": claim}
    return claim


def _who(event: AuditEvent, update: StatusUpdate) -> str:
    if event.verb in ("approve", "return"):
        return _("%(actor)s, written by %(author)s") % {
            "actor": event.actor,
            "author": update.author,
        }
    return str(event.actor or "")


def _moment_of_recommendation(event: AuditEvent) -> Moment:
    is_archived = event.verb == "archive"
    return Moment(
        at=event.at,
        title=_("Archived") if is_archived else _("Made public"),
        by=str(event.actor or ""),
        text=event.reason.text if event.reason else "",
        icon="archive" if is_archived else "info",
        tone="grey",
    )
