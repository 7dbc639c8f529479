"""Taking one stored file out: its bytes go, and that they were there stays on record."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import change, create, require
from recommendations.actions.errors import ActionRefused
from recommendations.actions.redaction import checked_reason
from recommendations.models import Redaction, StoredFile, User
from recommendations.storage import evidence as store

VERB = "redact_file"


def redact_file(
    *, file: StoredFile, by: User, reason: str, at: datetime | None = None
) -> Redaction:
    """Take a file out of every item that has it, for good; who, when and why stay, and its digest.

    The bytes go once that is on record. If the process ends in between, ``check_evidence`` finds
    them. What the file was called is a text of its own: it is taken out as words are.
    """
    reason = checked_reason(reason)
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_administer(by), _("take a file out"))
        file.refresh_from_db()
        if file.redacted_at is not None:
            raise ActionRefused(_("This file was taken out already."))
        redaction = Redaction(
            at=entry.at,
            by=by,
            reason=reason,
            digest=file.pk,
            file=file,
            places=file.revisions.count(),
        )
        create(entry, redaction, verb=VERB, reason=reason)
        values = {"redacted_at": entry.at, "redacted_by": by}
        change(entry, file, verb=VERB, seen=None, reason=reason, **values)
        # A storage that does not answer now takes nothing of this back.
        transaction.on_commit(partial(store.forget, file.pk), robust=True)
        return redaction
