"""Asking the scanner about files that are stored already: what it could not say at receipt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import change
from recommendations.actions.errors import ActionRefused
from recommendations.actions.files import Scanner, ask, scanner
from recommendations.models import StoredFile
from recommendations.storage import evidence as store
from recommendations.vocabulary import ScanState

logger = logging.getLogger(__name__)

BATCH = 200


@dataclass(frozen=True, slots=True)
class Scans:
    """How many files were found clean, were refused, and got no answer."""

    clean: int
    refused: int
    unanswered: int


def scan_files(*, is_all: bool = False, tell: Callable[[StoredFile], None]) -> Scans:
    """Ask about the files that wait, or about all that were not taken out.

    ``tell`` is given each one that is refused. A file without an answer stays as it is: one that
    was clean is not shut away because a scanner is down. ``ActionRefused`` where none is set.
    """
    scan = scanner()
    if scan is None:
        raise ActionRefused(_("EVIDENCE_SCANNER is not set: there is nobody to ask."))
    counts = {ScanState.CLEAN: 0, ScanState.REFUSED: 0, ScanState.WAITING: 0}
    rows, last = StoredFile.objects.filter(redacted_at__isnull=True), ""
    if not is_all:
        rows = rows.filter(scan=ScanState.WAITING)
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        for file in batch:
            state, note = _answer(scan, file)
            counts[state] += 1
            if state == ScanState.WAITING:
                continue
            _write(file, state, note)
            if state == ScanState.REFUSED:
                tell(file)
    return Scans(*counts.values())


def _answer(scan: Scanner, file: StoredFile) -> tuple[ScanState, str]:
    """What the scanner says of the stored bytes, outside any lock."""
    try:
        with store.open_file(file.pk) as opened:
            said = ask(scan, opened)
    except OSError:
        logger.exception("a file of evidence could not be read")
        said = None
    if said is None:
        return ScanState.WAITING, ""
    return (ScanState.REFUSED, _one_line(said)) if said else (ScanState.CLEAN, "")


def _write(file: StoredFile, state: ScanState, note: str) -> None:
    """Record an answer that is news; ``scanned_at`` is since when it stands."""
    with audit.entry(by=None) as entry:
        file.refresh_from_db()
        if file.redacted_at or (file.scan, file.scan_note) == (state, note):
            return
        change(
            entry,
            file,
            verb="scan",
            seen=None,
            scan=state,
            scan_note=note,
            scanned_at=entry.at,
        )


def _one_line(said: str) -> str:
    """The words of a scanner as one line that can be shown safely."""
    shown = "".join(letter if letter.isprintable() else " " for letter in said)
    return " ".join(shown.split())[:200] or _("no reason given")
