"""Changing recorded evidence: what is said of an item, and its file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import change, require, revised
from recommendations.actions.errors import ActionRefused, StaleWrite
from recommendations.actions.evidence.files import Received, attach_file
from recommendations.actions.evidence.items import ITEM_FIELDS, SOURCE_FIELDS
from recommendations.models import Evidence, EvidenceRevision, User


def change_item(
    *,
    evidence: Evidence,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Evidence:
    """Edit the description of an item. Its source stays as it was checked."""
    unknown = set(values) - set(ITEM_FIELDS)
    if unknown:
        raise TypeError(f"not to be edited here: {', '.join(sorted(unknown))}")
    with audit.entry(by=by, at=at) as entry:
        current = Evidence.objects.get(pk=evidence.pk)
        may = permissions.can_change_evidence(by, current) or permissions.can_manage(by)
        require(may, _("change this evidence"))
        if revised(current, expected_version, values):
            _require_kept_as_checked(current, values)
            change(entry, current, verb="change", **values)
        return current


def _require_kept_as_checked(evidence: Evidence, values: Mapping[str, Any]) -> None:
    """Refuse another address or citation once somebody has checked the stored one."""
    changed = [n for n in SOURCE_FIELDS if n in values and values[n] != getattr(evidence, n)]
    if changed and evidence.checks.filter(removed_at__isnull=True).exists():
        raise ValidationError(
            dict.fromkeys(
                changed,
                _("Somebody has checked this as it stands: record another item in place of it."),
            )
        )


def revise_file(
    *,
    evidence: Evidence,
    by: User,
    expected_version: int,
    file: Received,
    note: str = "",
    at: datetime | None = None,
) -> EvidenceRevision:
    """Add a newer file to an item. The earlier ones stay; checks of them no longer count."""
    with audit.entry(by=by, at=at) as entry:
        current = Evidence.objects.get(pk=evidence.pk)
        require(permissions.can_change_evidence(by, current), _("change this evidence"))
        if current.revisions.filter(number=current.last_revision, file=file.sha256).exists():
            raise ActionRefused(_("This is the file that it has already."))
        rows = Evidence.objects.filter(pk=current.pk, version=expected_version)
        values = {"last_revision": current.last_revision + 1, "version": expected_version + 1}
        if not rows.update(**values, updated_at=entry.at):
            raise StaleWrite(current)
        current.refresh_from_db()
        return attach_file(entry, current, by, file, note)
