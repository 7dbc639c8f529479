"""Receiving files: their type, whether they are accepted, and storing their bytes.

``receive`` has no transaction: it reads a whole file, and no other writer waits for that. It leaves
bytes in the storage that no row names; the row is written with the item that the file belongs to
(``attach_file``), so an upload that is cut off leaves an orphan at most and never a row without
bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import create
from recommendations.actions.errors import ActionRefused
from recommendations.characters import clean_file_name
from recommendations.choices import ScanState
from recommendations.models import Evidence, EvidenceRevision, StoredFile, User
from recommendations.readers import media_types
from recommendations.storage import evidence as store

logger = logging.getLogger(__name__)

Scanner = Callable[[Any], str | None]
"""Looks at an open file: empty if it is clean, the reason if it is refused, ``None`` if it cannot
answer yet. An exception counts as ``None``."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file whose bytes are in the storage and that no item has yet."""

    sha256: str
    size: int
    media_type: str
    name: str
    scan: str


def receive(file: File[Any]) -> Received:
    """Check a file and store its bytes; ``ValidationError`` where it is not accepted.

    Refused: one that is empty, too large, of a type that this site does not accept, redacted, or
    refused by the scanner. ``OSError`` where it cannot be read or stored whole: nothing is kept.
    """
    name = clean_file_name(file.name or "") or _("file without a name")
    size = _checked_size(file, name)
    media_type = _checked_type(file, name)
    sha256 = store.sha256_of(file)
    _refuse_redacted(sha256, name)
    scan = _scanned(file, name)
    store.save_file(sha256, file)
    return Received(sha256, size, media_type, name, scan)


def attach_file(
    entry: audit.Entry, evidence: Evidence, by: User, received: Received, note: str = ""
) -> EvidenceRevision:
    """Write the row of a received file as the newest of an item, which must be saved with it."""
    stored = store_row(entry, received)
    revision = EvidenceRevision(
        evidence=evidence,
        number=evidence.last_revision,
        file=stored,
        original_name=received.name,
        note=note,
        added_at=entry.at,
        added_by=by,
    )
    revision.clean_fields()
    create(entry, revision, verb="add_file")
    return revision


def accepted_types() -> tuple[str, ...]:
    """Codes of the types that this site takes."""
    return tuple(settings.EVIDENCE_TYPES) or media_types.SAFE


def scanner() -> Scanner | None:
    """The scanner of this site, if it has one."""
    path = settings.EVIDENCE_SCANNER
    return import_string(path) if path else None


def ask_scanner(scan: Scanner, file: Any) -> str | None:
    """The answer of a scanner on a file; ``None`` where it fails, which is logged."""
    file.seek(0)
    try:
        return scan(file)
    except Exception:
        logger.exception("the scanner of evidence files failed")
        return None


def _checked_size(file: File[Any], name: str) -> int:
    size = file.size
    if not size:
        raise _refused(_("“%(name)s” is empty. Choose a file with content."), "empty", name)
    if size > settings.EVIDENCE_MAX_BYTES:
        most = filesizeformat(settings.EVIDENCE_MAX_BYTES)
        raise _refused(_("“%(name)s” is larger than %(most)s."), "too_large", name, most=most)
    return size


def _checked_type(file: File[Any], name: str) -> str:
    found = media_types.detect(file)
    if found is None:
        raise _refused(
            _("“%(name)s” is not of an accepted file type. Accepted types: %(taken)s."),
            "unknown_type",
            name,
            taken=", ".join(accepted_types()),
        )
    if found.code not in accepted_types():
        raise _refused(
            _(
                "“%(name)s” is not of an accepted file type (%(found)s). Save the file as "
                "PDF, or enter its web address. Accepted types: %(taken)s."
            ),
            "type",
            name,
            found=found.label,
            taken=", ".join(accepted_types()),
        )
    return found.name


def _refuse_redacted(sha256: str, name: str) -> None:
    if StoredFile.objects.filter(pk=sha256, redacted_at__isnull=False).exists():
        raise _refused(
            _("“%(name)s” was redacted and cannot be uploaded again."),
            "taken_out",
            name,
        )


def _scanned(file: File[Any], name: str) -> str:
    scan = scanner()
    if scan is None:
        return ScanState.NOT_ASKED
    said = ask_scanner(scan, file)
    if said is None:
        return ScanState.WAITING
    if said:
        raise _refused(
            _("The virus scanner rejected “%(name)s”: %(said)s"), "scanner", name, said=said[:200]
        )
    return ScanState.CLEAN


def _refused(words: str, code: str, name: str, **params: Any) -> ValidationError:
    return ValidationError(words, code=code, params={"name": name, **params})


def store_row(entry: audit.Entry, received: Received) -> StoredFile:
    """The row of received bytes, which are there: looked for under the lock; none prunes them."""
    if not store.file_exists(received.sha256):
        raise ActionRefused(
            _("The upload of “%s” has expired. Choose the file again.") % received.name
        )
    known = StoredFile.objects.filter(pk=received.sha256).first()
    if known is None:
        made = StoredFile(
            sha256=received.sha256,
            size=received.size,
            media_type=received.media_type,
            stored_at=entry.at,
            scan=received.scan,
            scanned_at=_scanned_at(entry, received),
        )
        create(entry, made, verb="store")
        return made
    if known.redacted_at is not None:
        # It was received before it was redacted there, so its bytes are stored again.
        store.delete_file(known.pk)
        raise ActionRefused(_("“%s” was redacted and cannot be uploaded again.") % received.name)
    _update_stored(entry, known, received)
    return known


def _update_stored(entry: audit.Entry, known: StoredFile, received: Received) -> None:
    """The bytes came in again: whole, and perhaps with an answer that was still waited for."""
    before = audit.snapshot(known)
    if known.fault:
        known.fault, known.compared_at = "", entry.at
    is_unknown = known.scan in (ScanState.WAITING, ScanState.NOT_ASKED)
    if is_unknown and received.scan == ScanState.CLEAN:
        known.scan, known.scanned_at = received.scan, entry.at
    after = audit.snapshot(known)
    if after != before:
        known.save(update_fields=["fault", "compared_at", "scan", "scanned_at"])
        entry.record("mend", known, before=before, after=after)


def _scanned_at(entry: audit.Entry, received: Received) -> datetime | None:
    return entry.at if received.scan == ScanState.CLEAN else None
