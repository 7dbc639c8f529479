"""Sources and recommendations: adding, revising, publishing, archiving."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    Seen,
    add_row,
    change,
    change_row,
    clean_text,
    remove,
    require,
    revised,
    split_values,
)
from recommendations.actions.errors import ActionRefused
from recommendations.actions.updates.state import refresh_state
from recommendations.choices import ArchiveReason
from recommendations.models import Addressee, Organisation, Recommendation, Source, User

FIXED_ONCE_NUMBERED = ("slug", "reference_prefix")
"""What addresses and references are made of: fixed from the first recommendation on."""

WORDING = ("quoted_text", "locator")
"""What the source says, and where; after publication it changes only with a reason."""


def add_source(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Source:
    """Add a source; its prefix and a rising number will make the references."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_manage(by), _("add sources"))
        return add_row(entry, Source(**values))


def change_source(
    *, source: Source, by: User, seen: int, values: Mapping[str, Any], at: datetime | None = None
) -> Source:
    """Change what is said of a source. References that were given stay good."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_manage(by), _("change sources"))
        current = Source.objects.get(pk=source.pk)
        moved = [name for name in FIXED_ONCE_NUMBERED if name in values]
        if moved and current.last_number:
            words = _("It is fixed: references were given.")
            raise ValidationError(dict.fromkeys(moved, words))
        return change_row(entry, current, seen, values)


def number(entry: audit.Entry, recommendation: Recommendation) -> None:
    """Give an unsaved recommendation the next number of its source, and the day it is from.

    The counter only rises, so a reference is never given twice, whatever was archived.
    """
    Source.objects.filter(pk=recommendation.source_id).update(last_number=F("last_number") + 1)
    source = Source.objects.get(pk=recommendation.source_id)
    recommendation.number = source.last_number
    recommendation.reference = f"{source.reference_prefix}-{source.last_number}"
    recommendation.opened_on = entry.today
    recommendation.quoted_sha256 = wording_digest(recommendation.quoted_text)


def add(
    *, source: Source, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> Recommendation:
    """Add a recommendation to a source, under the source's next number."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_change_recommendations(by), _("add recommendations"))
        related, columns = split_values(Recommendation, values)
        recommendation = Recommendation(source=source, **columns)
        number(entry, recommendation)
        add_row(entry, recommendation, related=related)
        refresh_state(entry, recommendation.pk)
        return recommendation


def revise(
    *,
    recommendation: Recommendation,
    by: User,
    seen: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Recommendation:
    """Change what is said of a recommendation. Its status, dates and numbers are not touched."""
    if "source" in values:
        raise TypeError("a recommendation stays with its source")
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_change_recommendations(by), _("change recommendations"))
        current = Recommendation.objects.get(pk=recommendation.pk)
        after = revised(current, seen, values)
        if after is not None:
            written = {**values, **amendment(current, after, entry.at)}
            change(entry, current, verb="revise", seen=None, **written)
            refresh_state(entry, current.pk)
        return current


def set_contributors(
    *,
    recommendation: Recommendation,
    by: User,
    seen: int,
    organisations: Iterable[Organisation],
    at: datetime | None = None,
) -> Recommendation:
    """Say which organisations contribute; their staff may log progress from then on."""
    values = {"contributors": list(organisations)}
    return revise(recommendation=recommendation, by=by, seen=seen, values=values, at=at)


def add_addressee(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Addressee:
    """Say whom a recommendation speaks to: an area or an organisation."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_change_recommendations(by), _("change recommendations"))
        return add_row(entry, Addressee(**values))


def remove_addressee(
    *, addressee: Addressee, by: User, seen: Seen = None, at: datetime | None = None
) -> None:
    """Take an addressee out of use; what it said and what was reported of it stays on record."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_change_recommendations(by), _("change recommendations"))
        remove(entry, addressee, seen=seen)


def amendment(
    before: Recommendation, after: Recommendation, at: datetime
) -> dict[str, datetime | str]:
    """What a change of wording brings with it: its digest and, once public, the day it was amended.

    Refuses a change of public wording that gives no new reason.
    """
    if all(getattr(before, name) == getattr(after, name) for name in WORDING):
        return {}
    changes: dict[str, datetime | str] = {"quoted_sha256": wording_digest(after.quoted_text)}
    if before.published_at is not None:
        if not after.wording_reason.strip() or after.wording_reason == before.wording_reason:
            raise ValidationError(
                {"wording_reason": _("The wording is public: say why it is amended.")}
            )
        changes["wording_amended_at"] = at
    return changes


def publish(
    *, recommendation: Recommendation, by: User, at: datetime | None = None
) -> Recommendation:
    """Make a recommendation public, from now on."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_publish(by), _("publish recommendations"))
        current = Recommendation.objects.get(pk=recommendation.pk)
        if current.published_at is not None:
            raise ActionRefused(_("%s is public already.") % current.reference)
        change(
            entry,
            current,
            verb="publish",
            seen=None,
            published_at=entry.at,
            published_by=by,
        )
        return current


def archive(
    *,
    recommendation: Recommendation,
    by: User,
    reason: str,
    note: str = "",
    at: datetime | None = None,
) -> Recommendation:
    """Stop following a recommendation, with a coded reason; its reference is never given again."""
    if reason not in ArchiveReason.values:
        raise ValidationError({"reason": _("Choose one of the reasons.")})
    note = clean_text(Recommendation.archive_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_publish(by), _("archive recommendations"))
        current = Recommendation.objects.get(pk=recommendation.pk)
        if current.archived_at is not None:
            raise ActionRefused(_("%s is archived already.") % current.reference)
        change(
            entry,
            current,
            verb="archive",
            seen=None,
            reason=note,
            archived_at=entry.at,
            archived_by=by,
            archive_reason=reason,
            archive_note=note,
        )
        return current


def wording_digest(text: str) -> str:
    """SHA-256 of the wording of the source, in hexadecimal; empty where none is kept."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
