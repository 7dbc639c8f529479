"""Files of evidence as pages show them: type, address and state of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch
from django.urls import reverse

from recommendations import permissions
from recommendations.choices import ScanState
from recommendations.models import Evidence, EvidenceRevision, StoredFile
from recommendations.permissions import Person
from recommendations.readers import media_types

REDACTED, WHOLE, NOT_COMPARED = "redacted", "whole", "not_compared"
"""States of a file besides those of a fault (``FileFault``) and of quarantine (``ScanState``)."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of an evidence item, as one reader may see it.

    ``url`` and ``show_url`` are empty where nobody is given the bytes, ``show_url`` also where a
    browser does not show them. ``beside`` says how a page shows them beside its text: as an
    ``image`` at ``show_url``, in a ``frame`` at ``beside_url``, or not at all. Who, what it was
    called and what became of it is for people inside.
    """

    number: int
    label: str
    size: int
    sha256: str
    url: str
    show_url: str
    state: str
    state_at: datetime | None
    beside: str = ""
    name: str = ""
    note: str = ""
    state_by: str = ""
    state_note: str = ""
    added_at: datetime | None = None
    added_by: str = ""

    @property
    def beside_url(self) -> str:
        return f"{self.url}?beside=1"

    @property
    def is_given(self) -> bool:
        return bool(self.url)


def file_url(evidence_id: int, number: int) -> str:
    """Where the bytes of one file of an item are given to who may read it."""
    return reverse("evidence-file", args=[evidence_id, number])


def with_file_now(path: str = "") -> Prefetch[Any]:
    """The file that each item has now, in one query; ``path`` leads to the item, as ``item__``."""
    rows = EvidenceRevision.objects.filter(number=F("evidence__last_revision"))
    return Prefetch(f"{path}revisions", rows.select_related("file"), to_attr="files_now")


def file_now(item: Evidence, person: Person) -> FileRow | None:
    """The file that an item read ``with_file_now`` has, if any, without its people."""
    revision = revision_now(item)
    return file_row(revision, person, has_people=False) if revision else None


def revision_now(item: Any) -> EvidenceRevision | None:
    """The row of that file, as permissions ask for it."""
    return item.files_now[0] if item.files_now else None


def file_row(revision: EvidenceRevision, person: Person, *, has_people: bool = True) -> FileRow:
    """One file, read with the row of its bytes, and its people if it has them."""
    inside: dict[str, Any] = {}
    if permissions.can_read_internally(person):
        inside = {
            "name": revision.original_name,
            "note": revision.note,
            "added_at": revision.added_at,
        }
        if has_people:
            inside["state_by"] = str(revision.file.redacted_by or "")
            inside["added_by"] = str(revision.added_by)
    url = file_url(revision.evidence_id, revision.number)
    return bytes_row(revision.file, url, person, number=revision.number, **inside)


def bytes_row(
    file: StoredFile, url: str, person: Person, *, number: int = 0, **inside: Any
) -> FileRow:
    """Stored bytes at the address where they are given; ``inside`` is for people inside."""
    kind = media_types.type_named(file.media_type)
    url = url if file.is_given else ""
    state, at = _state(file)
    if state == ScanState.REFUSED and permissions.can_read_internally(person):
        inside["state_note"] = file.scan_note
    return FileRow(
        number=number,
        label=str(kind.label) if kind else file.media_type,
        size=file.size,
        sha256=file.sha256,
        url=url,
        show_url=f"{url}?show=1" if url and kind and kind.is_shown else "",
        state=state,
        state_at=at,
        beside=_beside(kind) if url and kind else "",
        **inside,
    )


def _beside(kind: media_types.MediaType) -> str:
    if kind.is_framed:
        return "frame"
    return "image" if kind.is_shown else ""


def _state(file: StoredFile) -> tuple[str, datetime | None]:
    """What matters most of the stored bytes, and since when it is known."""
    if file.redacted_at:
        return REDACTED, file.redacted_at
    if file.scan == ScanState.REFUSED:
        return file.scan, file.scanned_at
    if file.fault:
        return file.fault, file.compared_at
    if file.scan == ScanState.WAITING:
        return file.scan, None
    return (WHOLE, file.compared_at) if file.compared_at else (NOT_COMPARED, None)
