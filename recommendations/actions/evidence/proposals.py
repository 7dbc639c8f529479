"""Changes of evidence that wait for a second manager: what readers outside rest on stays till then.

Nothing of the item changes when a change is proposed, so that all who read it, at any day, read on
what was approved. A link is the exception: it is there at once, for a contradiction must not be
delayed, and readers outside do not see it yet.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import add_row
from recommendations.actions.errors import ActionRefused
from recommendations.actions.evidence import mail
from recommendations.actions.evidence.files import Received, store_row
from recommendations.choices import (
    EvidenceChangeKind,
    EvidenceChangeState,
    ResponsePosition,
    UpdateState,
    Visibility,
)
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceLink,
    Observation,
    Recommendation,
    Response,
    StatusUpdate,
    User,
)
from recommendations.queries.evidence.proposed import held_text
from recommendations.queries.publicity import was_public


def is_settled_target(target: StatusUpdate | Recommendation | Response | Observation) -> bool:
    """Whether readers outside were told what this is, and what it rests on."""
    match target:
        case StatusUpdate():
            return target.state == UpdateState.APPROVED
        case Recommendation():
            return was_public(target)
        case Response():
            return target.position != ResponsePosition.AWAITING
        case Observation():
            return True


def needs_agreement(link: EvidenceLink, by: User) -> bool:
    """Whether readers outside would see this link by one person alone.

    Public evidence that this person recorded, and any beside what is published itself.
    """
    item = Evidence.objects.get(pk=link.evidence_id)
    is_own = item.recorded_by_id == by.pk or link.recommendation_id is not None
    return item.visibility == Visibility.PUBLIC and is_own


def is_seen_otherwise(link: EvidenceLink, values: Mapping[str, Any]) -> bool:
    """Whether readers outside would read something else of a link that they see."""
    is_other = any(
        values[name] != getattr(link, name)
        for name in ("stance", "is_placed_by_source")
        if name in values
    )
    about = link.recommendation
    return is_other and not link.is_internal and about is not None and was_public(about)


def propose_values(
    entry: audit.Entry, item: Evidence, by: User, after: Evidence, names: Collection[str]
) -> EvidenceChange:
    """Propose other details; ``after`` is the item as it would be, checked, in these fields."""
    return _propose(
        entry,
        item,
        by,
        EvidenceChangeKind.WORDING,
        old_values={name: held_text(item, name) for name in names},
        new_values={name: held_text(after, name) for name in names},
    )


def propose_file(
    entry: audit.Entry, item: Evidence, by: User, file: Received, note: str
) -> EvidenceChange:
    """Propose a newer file, whose bytes are stored and given to readers of drafts alone."""
    return _propose(
        entry,
        item,
        by,
        EvidenceChangeKind.FILE,
        file=store_row(entry, file),
        file_name=file.name,
        file_note=note,
    )


def propose_link(entry: audit.Entry, link: EvidenceLink, by: User) -> EvidenceChange:
    """Ask for a link that was made to be shown outside."""
    return _propose(entry, link.evidence, by, EvidenceChangeKind.LINK, link=link)


def _propose(
    entry: audit.Entry, item: Evidence, by: User, kind: EvidenceChangeKind, **values: Any
) -> EvidenceChange:
    open_ones = EvidenceChange.objects.filter(
        evidence=item, kind=kind, state=EvidenceChangeState.AWAITING
    )
    if kind != EvidenceChangeKind.LINK and (first := open_ones.first()) is not None:
        raise ActionRefused(
            _("A change that %s proposed already awaits a decision. Withdraw or decide it first.")
            % first.proposed_by
        )
    row = EvidenceChange(evidence=item, kind=kind, proposed_at=entry.at, proposed_by=by, **values)
    made = add_row(entry, row, verb="propose_evidence")
    mail.proposed(entry, made)
    return made
