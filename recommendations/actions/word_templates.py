"""The template of an office for briefings as Word documents."""

from __future__ import annotations

from django.core.files.base import File

from recommendations import audit
from recommendations.actions.base import add_row, change, require_administrator
from recommendations.actions.evidence.files import receive, store_row
from recommendations.models import User, WordTemplate


def template_in_use() -> WordTemplate | None:
    """The template of the office; none where that of the site is used."""
    rows = WordTemplate.objects.filter(removed_at__isnull=True).select_related("file")
    return rows.order_by("-pk").first()


def set_template(*, by: User, file: File[bytes] | None) -> WordTemplate | None:
    """Use this file, which was checked, in place of any other; without one that of the site."""
    require_administrator(by)
    received = receive(file) if file is not None else None
    with audit.entry(by=by) as entry:
        require_administrator(by)
        if (row := template_in_use()) is not None:
            change(entry, row, verb="remove", removed_at=entry.at, removed_by=by)
        if received is None:
            return None
        made = WordTemplate(
            file=store_row(entry, received),
            original_name=received.name,
            added_at=entry.at,
            added_by=by,
        )
        return add_row(entry, made)
