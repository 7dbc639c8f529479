"""What stands for and against the update in force, and who looked it up, at a moment."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from recommendations.choices import CLAIMS_OF_EFFECT, QUARANTINED, Stance
from recommendations.models import EvidenceCheck, EvidenceLink, StatusUpdate
from recommendations.queries.recommendations.past.rows import (
    OneEvidence,
    OneRecommendation,
)

Editors = Mapping[int, set[int]]
"""Who wrote any version of each update, by its key."""

ALWAYS = date.min
"""The day after which something is so that always was."""


def evidence_columns(
    one: OneRecommendation,
    editors: Editors,
    current: StatusUpdate | None,
    pairs: Sequence[tuple[EvidenceLink, OneEvidence]],
    *,
    is_still_public: bool,
) -> dict[str, Any]:
    """The columns on evidence for the office, and those on public evidence for the public.

    With ``is_still_public`` on what was public then and is today.
    """
    public = [
        (link, found)
        for link, found in pairs
        if is_shown_outside(link, found, is_still_public=is_still_public)
    ]
    return {
        **_columns("", one, editors, current, pairs),
        **_columns("public_", one, editors, current, public),
    }


def is_shown_outside(link: EvidenceLink, found: OneEvidence, *, is_still_public: bool) -> bool:
    """Whether readers outside saw an item under an update then, and see it today if asked."""
    was_public = found.is_still_public if is_still_public else found.was_public
    return was_public and not link.is_withheld


def _columns(
    prefix: str,
    one: OneRecommendation,
    editors: Editors,
    current: StatusUpdate | None,
    pairs: Sequence[tuple[EvidenceLink, OneEvidence]],
) -> dict[str, Any]:
    support = [found for link, found in pairs if link.stance == Stance.SUPPORTS]
    against = [link for link, _found in pairs if link.stance == Stance.UNDERMINES]
    unanswered = [link.added_at for link in against if link.answered_at is None]
    ends = [found.item.expires_on for found in support]
    last = max((day for day in ends if day), default=None)
    values = {
        "evidence_for": len(support),
        "evidence_against": len(against),
        "evidence_answered": len(against) - len(unanswered),
        "contradicted_since": min(unanswered, default=None),
        "support_ends_on": last,
        "assurance_rank": _rank(one, editors, current, support) if current else None,
        "evidence_gap_after": _gap(current, ends),
    }
    return {f"{prefix}{name}": value for name, value in values.items()}


def _gap(current: StatusUpdate | None, ends: Sequence[date | None]) -> date | None:
    if current is None or current.implementation_status not in CLAIMS_OF_EFFECT:
        return None
    if not ends:
        return ALWAYS
    return None if None in ends else max(day for day in ends if day)


def _rank(
    one: OneRecommendation, editors: Editors, current: StatusUpdate, support: Sequence[OneEvidence]
) -> int:
    """0 approved as a batch, 1 by a manager, 2 with evidence checked by a third person, 3 by an
    independent one."""
    if current.is_opening:
        return 0
    wrote = editors[current.pk] | {current.author_id}
    bodies = {one.itself.lead_id, *one.contributors, None}
    counted = [check for found in support for check in found.checks if _counts(check, found, wrote)]
    if any(check.organisation_id not in bodies for check in counted):
        return 3
    return 2 if counted else 1


def _counts(check: EvidenceCheck, found: OneEvidence, wrote: Collection[int]) -> bool:
    """Whether a check is of today's file, which is sound, by who had no part in any of it."""
    if check.revision != max(found.revisions, default=0):
        return False
    brought = {found.item.recorded_by_id}
    if check.revision:
        revision, file = found.revisions[check.revision]
        if file.fault or file.scan in QUARANTINED:
            return False
        brought.add(revision.added_by_id)
    return check.by_id not in {*brought, *wrote}
