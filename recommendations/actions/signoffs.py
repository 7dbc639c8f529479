"""Signing off a source or a recommendation as of a day."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    ActionRefused,
    check_row,
    clean_text,
    create,
    require,
    require_past,
)
from recommendations.actions.proposals import require_as_seen
from recommendations.audit.snapshots import written
from recommendations.models import ChainHead, Recommendation, SignOff, Source, User
from recommendations.queries.shown import Shown
from recommendations.queries.signoffs import MOST, SignedContent, covered_ids, signed_content


def record_sign_off(
    *,
    about: Source | Recommendation,
    by: User,
    as_of: date,
    remark: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> SignOff:
    """Sign what the record holds of a source or recommendation as of a day, as known now.

    ``as_of`` is not in the future. ``seen`` is what the page of the decision had shown. A sign-off
    is never changed: the next one follows it. Of a form that was sent twice the second gives the
    first one's row.
    """
    require(permissions.can_sign_off(by), _("Your role cannot sign off."))
    prepared = _prepared(about, as_of)
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_sign_off(by), _("Your role cannot sign off."))
        require_past(entry.today, as_of=as_of)
        found = type(about).objects.get(pk=about.pk)
        _require_signable(found)
        content = prepared.get(entry.last) or signed_content(found, as_of, entry.at, entry.last[0])
        require_as_seen(seen, lambda: content.shown)
        remark = clean_text(SignOff.remark, remark.strip(), under="remark")
        said = {**_about(found), "as_of": as_of, "remark": remark, "signed_by": by}
        # It is the latest entry of the log: nothing was recorded between the two.
        if first := SignOff.objects.filter(sequence=entry.last[0] - 1, **said).first():
            return first
        return _write(entry, content, said)


def _write(entry: audit.Entry, content: SignedContent, said: Mapping[str, Any]) -> SignOff:
    """The row of a sign-off that says this, on the latest entry of the log."""
    text = content.document(entry.last, signed_at=written(entry.at), signed_by=said["signed_by"].pk)
    row = SignOff(
        signed_content=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        signed_at=entry.at,
        **said,
    )
    row.sequence, row.record_hash = entry.last
    check_row(row)
    covered = [one.recommendation for one in content.ones]
    create(entry, row, verb="sign_off", related={"recommendations": covered})
    return row


def _about(found: Source | Recommendation) -> dict[str, Any]:
    return {
        "source": found if isinstance(found, Source) else None,
        "recommendation": found if isinstance(found, Recommendation) else None,
    }


def _require_signable(found: Source | Recommendation) -> None:
    """Refuse what has nothing to sign, or too much for one sign-off."""
    count = len(covered_ids(found))
    if not count:
        raise ActionRefused(_("The source has no recommendation to sign off."))
    if count > MOST:
        raise ActionRefused(
            _(
                "One sign-off covers up to %(most)s recommendations; this source has %(n)s. Sign "
                "off recommendations one by one."
            )
            % {"most": MOST, "n": count}
        )


def _prepared(
    about: Source | Recommendation, as_of: date
) -> Mapping[tuple[int, str], SignedContent]:
    """What would be signed at the latest entry, read before others have to wait.

    It holds if nothing was recorded since then: all that is signed changes by an entry.
    """
    head = ChainHead.objects.filter(pk=1).first()
    if head is None or head.last_at is None or not 0 < len(covered_ids(about)) <= MOST:
        return {}
    last = head.last_sequence, head.last_hash
    return {last: signed_content(about, as_of, head.last_at, head.last_sequence)}
