"""The page of one evidence item: its file and earlier ones, its checks, what it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from recommendations import permissions
from recommendations.models import Evidence
from recommendations.summaries.evidence import Use, links_of
from recommendations.summaries.files import FileRow, file_row
from recommendations.vocabulary import QUARANTINED, FileFault


@dataclass(frozen=True, slots=True)
class CheckRow:
    """Somebody looked the item up; ``is_current`` where it has the same file still."""

    by: str
    organisation: str
    at: datetime
    note: str
    revision: int
    is_current: bool
    withdrawn_at: datetime | None

    @property
    def counts(self) -> bool:
        """Of the file that the item has now, and not taken back."""
        return self.is_current and self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What the page shows to one reader. Below ``is_internal`` all is empty for the public."""

    item: Evidence
    is_expired: bool
    file: FileRow | None
    uses: tuple[Use, ...]
    is_internal: bool
    earlier_files: tuple[FileRow, ...] = ()
    checks: tuple[CheckRow, ...] = ()
    past_checks: tuple[CheckRow, ...] = ()
    may_change: bool = False
    may_check: bool = False
    may_uncheck: bool = False
    is_my_own: bool = False
    """The reader decides on evidence, but recorded this or brought its file: others check it."""

    @property
    def is_checked(self) -> bool:
        """Whether a check speaks for it as it is now, its stored file unharmed."""
        harmed = {*FileFault.values, *QUARANTINED}
        is_harmed = self.file is not None and self.file.state in harmed
        return bool(self.checks) and not is_harmed


def page_of(item: Evidence, person: Any, today: date) -> ItemPage:
    """The page of an item that the person may read; ``recorded_by`` is read with it."""
    is_internal = permissions.can_read_internally(person)
    rows = item.revisions.select_related("file__redacted_by", "added_by").order_by("-number")
    if not is_internal:
        rows = rows.filter(number=item.last_revision)
    revisions = list(rows)
    files = tuple(file_row(revision, person) for revision in revisions)
    current = files[0] if files and files[0].number == item.last_revision else None
    shared: dict[str, Any] = {
        "item": item,
        "is_expired": item.expires_on is not None and item.expires_on < today,
        "file": current,
        "uses": tuple(links_of(item, person)),
        "is_internal": is_internal,
    }
    if not is_internal:
        return ItemPage(**shared)
    checks = list(item.checks.select_related("by", "organisation"))
    told = [_check(check, item) for check in checks]
    is_mine = any(
        check.by_id == person.pk and row.counts for check, row in zip(checks, told, strict=True)
    )
    may = permissions.can_check_evidence(person, item, revisions[0] if revisions else None)
    return ItemPage(
        **shared,
        earlier_files=files[1:] if current else files,
        checks=tuple(row for row in told if row.counts),
        past_checks=tuple(row for row in told if not row.counts),
        may_change=permissions.can_change_evidence(person, item),
        may_check=may and not is_mine and (current is None or current.is_given),
        may_uncheck=is_mine and permissions.can_review(person),
        is_my_own=permissions.can_review(person) and not may,
    )


def _check(check: Any, item: Evidence) -> CheckRow:
    return CheckRow(
        by=str(check.by),
        organisation=str(check.organisation or ""),
        at=check.at,
        note=check.note,
        revision=check.revision,
        is_current=check.revision == item.last_revision,
        withdrawn_at=check.removed_at,
    )
