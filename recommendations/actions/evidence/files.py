"""Files of evidence: storing, checking and scanning them."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import audit
from recommendations.actions.base import ActionRefused, change, create
from recommendations.characters import clean_file_name
from recommendations.choices import FileFault, ScanState
from recommendations.models import Evidence, EvidenceChange, EvidenceRevision, StoredFile, User
from recommendations.readers import opening
from recommendations.storage import evidence as store

# ---- Receiving files: their type, whether they are accepted, and storing their bytes.
# ``receive`` has no transaction: it reads a whole file, and no other writer waits for that. It
# leaves bytes in the storage that no row names; the row is written with the item that the file
# belongs to (``attach_file``), so an upload that is cut off leaves an orphan at most and never a
# row without bytes.

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
    return tuple(settings.EVIDENCE_TYPES) or opening.SAFE


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
    found = opening.detect(file)
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
            scanned_at=entry.at if received.scan == ScanState.CLEAN else None,
        )
        create(entry, made, verb="store")
        return made
    if known.redacted_at is not None:
        # It was received before it was redacted there, so its bytes are stored again.
        store.delete_file(known.pk)
        raise ActionRefused(
            _("“%(name)s” was redacted and cannot be uploaded again.") % {"name": received.name}
        )
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


# ---- Checks of stored files: each against its digest, and by a scanner

BATCH = 200
"""Rows, or names, that are looked at before what was found is written."""

PROTECTED_FOR = timedelta(hours=24)
"""What is more recent may belong to a form that is still open, so it is left alone."""

ALL = "all"
"""What the event of a run goes by: shorter than any words that can be redacted."""


class Problem(models.TextChoices):
    """What can be wrong with what is stored."""

    MISSING = FileFault.MISSING.value, gettext_lazy("missing")
    ALTERED = FileFault.ALTERED.value, gettext_lazy("altered")
    UNREADABLE = "unreadable", gettext_lazy("not readable")
    NOT_GONE = "not_gone", gettext_lazy("redacted, but still stored")
    ORPHAN = "orphan", gettext_lazy("not linked to any evidence")
    LEFT_OVER = "left_over", gettext_lazy("left over from an interrupted upload")
    ALIEN = "alien", gettext_lazy("not stored by this site")

    @property
    def is_fault(self) -> bool:
        """Whether a file is not as it should be, rather than one too many."""
        return self in (Problem.MISSING, Problem.ALTERED, Problem.UNREADABLE, Problem.NOT_GONE)


@dataclass(frozen=True, slots=True)
class FileFinding:
    """One finding. ``name`` is a digest, or a name in the storage for what has none.

    ``items`` names the evidence whose file it is.
    """

    kind: Problem
    name: str
    items: tuple[str, ...] = ()
    is_pruned: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: how many files it looked at, and what it found.

    ``compared`` of the ``files`` were read whole; the others were only looked for. ``faults`` are
    files that are not as they should be, even after pruning; ``waiting`` are those too recent to
    know whether they belong to anything.
    """

    files: int
    compared: int
    found: Mapping[Problem, int]
    faults: int
    pruned: int
    waiting: int


def check_files(
    *,
    at: datetime,
    is_quick: bool = False,
    is_pruning: bool = False,
    report: Callable[[FileFinding], None],
    progress: Callable[[int], None],
) -> Outcome:
    """Look at every file on record and at everything that is stored.

    A quick run reads only what was faulty before, and compares sizes elsewhere. Pruning deletes
    what belongs to nothing and is a day old at ``at``, and redacted files at once.
    ``report`` is given each finding, ``progress`` the number of files after each batch.
    ``OSError`` when the storage cannot be reached at all: then nothing is known of any file.
    """
    if problem := store.storage_error():
        raise OSError(problem)
    run = _Run(at, is_quick, is_pruning, report)
    for count in run.compare_rows():
        progress(count)
    run.look_through_storage()
    outcome = run.outcome()
    if outcome.compared or outcome.pruned:
        _record(outcome)
    return outcome


class _Run:
    """The counts of one run, as they grow."""

    def __init__(
        self, at: datetime, is_quick: bool, is_pruning: bool, report: Callable[[FileFinding], None]
    ) -> None:
        self.at, self.is_quick, self.is_pruning, self._report = at, is_quick, is_pruning, report
        self.files = self.compared = self.faults = self.pruned = self.waiting = 0
        self.found: Counter[Problem] = Counter()

    def outcome(self) -> Outcome:
        counts = (self.faults, self.pruned, self.waiting)
        return Outcome(self.files, self.compared, self.found, *counts)

    def report(self, found: FileFinding) -> None:
        self.found[found.kind] += 1
        self.pruned += found.is_pruned
        self.faults += found.kind.is_fault and not found.is_pruned
        self._report(found)

    def compare_rows(self) -> Iterator[int]:
        """Compare every file that is not redacted; the number so far, after each batch."""
        last = ""
        while batch := list(_rows().filter(pk__gt=last).order_by("pk")[:BATCH]):
            last = batch[-1].pk
            whole = {file.pk for file in batch if file.fault or not self.is_quick}
            seen = {file.pk: _look(file, is_whole=file.pk in whole) for file in batch}
            is_news = whole or any(seen.values())
            faults = _write(seen, whole) if is_news else {}
            self.files += len(batch)
            self.compared += len(whole)
            for pk, kind in faults.items():
                self.report(FileFinding(kind, pk, _items_of(pk)))
            yield self.files

    def look_through_storage(self) -> None:
        """Report everything that is stored and should not be; delete it when pruning."""
        for batch in _batches(store.list_stored()):
            digests = {name: store.digest_of_name(name) for name, _since in batch}
            rows = StoredFile.objects.filter(pk__in=filter(None, digests.values()))
            redacted = dict(rows.values_list("pk", "redacted_at"))
            for name, since in batch:
                digest = digests[name]
                if digest not in redacted:
                    self._stray(name, digest, since)
                elif redacted[digest]:
                    if self.is_pruning:
                        store.delete_file(digest)
                    self.report(
                        FileFinding(Problem.NOT_GONE, digest, _items_of(digest), self.is_pruning)
                    )

    def _stray(self, name: str, digest: str, since: datetime) -> None:
        is_ours = bool(digest) or name.startswith(f"{store.INCOMING}/")
        if is_ours and since > self.at - PROTECTED_FOR:
            self.waiting += 1
            return
        # Files of other programs are never deleted: the folder may be the wrong one.
        is_pruned = self.is_pruning and is_ours and _prune(name, digest, self.at - PROTECTED_FOR)
        kind = Problem.ORPHAN if digest else Problem.LEFT_OVER if is_ours else Problem.ALIEN
        self.report(FileFinding(kind, digest or name, is_pruned=is_pruned))


def _rows() -> models.QuerySet[StoredFile]:
    return StoredFile.objects.filter(redacted_at__isnull=True)


def _look(file: StoredFile, *, is_whole: bool) -> Problem | None:
    """What is wrong with the stored bytes of a file, as far as they are looked at."""
    try:
        if store.stored_size(file.pk) != file.size:
            return Problem.ALTERED
        if is_whole and store.stored_digest(file.pk) != file.pk:
            return Problem.ALTERED
    except FileNotFoundError:
        return Problem.MISSING
    except OSError:
        logger.exception("a file of evidence could not be read")
        return Problem.UNREADABLE
    return None


def _write(seen: Mapping[str, Problem | None], whole: set[str]) -> dict[str, Problem]:
    """Record what changed, and when the rest was compared; the faults found.

    Of a file that cannot be read nothing is known, so its row stays as it is.
    """
    faults: dict[str, Problem] = {}
    same: list[str] = []
    with audit.entry(by=None) as entry:
        for pk, file in _rows().in_bulk(list(seen)).items():
            kind = seen[pk]
            if _fault_of(kind) != file.fault:
                kind = _look(file, is_whole=True)
            if kind:
                faults[pk] = kind
            if kind == Problem.UNREADABLE:
                continue
            fault = _fault_of(kind)
            if fault != file.fault:
                verb = "find_fault" if fault else "clear_fault"
                change(entry, file, verb=verb, fault=fault, compared_at=entry.at)
            elif pk in whole:
                same.append(pk)
        StoredFile.objects.filter(pk__in=same).update(compared_at=entry.at)
    return faults


def _fault_of(kind: Problem | None) -> str:
    return kind.value if kind in FileFault.values else ""


def _prune(name: str, digest: str, before: datetime) -> bool:
    """Delete what still belongs to nothing and is still old: no upload adopts it meanwhile."""
    with audit.entry(by=None):
        if digest and StoredFile.objects.filter(pk=digest).exists():
            return False
        try:
            if store.modified_at(name) > before:
                return False
            store.delete_by_name(name)
        except FileNotFoundError:
            return False
    return True


def _record(outcome: Outcome) -> None:
    """One event for the run: when each file was compared last is a projection of it."""
    counts = {"files": outcome.files, "compared": outcome.compared, "pruned": outcome.pruned}
    found = {kind.value: count for kind, count in outcome.found.items()}
    with audit.entry(by=None) as entry:
        entry.record_counts("check_files", ALL, {**counts, **found})


def _items_of(digest: str) -> tuple[str, ...]:
    """The evidence items that have a file, each with what the file is called there."""
    revisions = EvidenceRevision.objects.filter(file=digest).order_by("evidence_id", "number")
    proposed = EvidenceChange.objects.open().filter(file=digest).order_by("evidence_id")
    columns = ("evidence_id", "evidence__title")
    named = [
        *revisions.values_list("original_name", *columns),
        *proposed.values_list("file_name", *columns),
    ]
    words = _("“%(name)s” of evidence %(id)d, “%(title)s”")
    return tuple(words % {"name": name, "id": pk, "title": title} for name, pk, title in named)


def _batches(
    names: Iterable[tuple[str, datetime]],
) -> Iterator[list[tuple[str, datetime]]]:
    names = iter(names)
    while batch := list(islice(names, BATCH)):
        yield batch


SCAN_BATCH = 200


@dataclass(frozen=True, slots=True)
class Scans:
    """How many files were found clean, were refused, and got no answer."""

    clean: int
    refused: int
    unanswered: int


def scan_files(*, is_all: bool = False, report: Callable[[StoredFile], None]) -> Scans:
    """Ask about the files that wait, or about all that are not redacted.

    ``report`` is given each one that is refused. A file without an answer stays as it is: one that
    was clean stays available while a scanner is down. ``ActionRefused`` where none is set.
    """
    scan = scanner()
    if scan is None:
        raise ActionRefused(_("EVIDENCE_SCANNER is not set. No virus scanner is available."))
    counts = {ScanState.CLEAN: 0, ScanState.REFUSED: 0, ScanState.WAITING: 0}
    rows, last = StoredFile.objects.filter(redacted_at__isnull=True), ""
    if not is_all:
        rows = rows.filter(scan=ScanState.WAITING)
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:SCAN_BATCH]):
        last = batch[-1].pk
        for file in batch:
            state, note = _answer(scan, file)
            counts[state] += 1
            if state == ScanState.WAITING:
                continue
            _write_answer(file, state, note)
            if state == ScanState.REFUSED:
                report(file)
    return Scans(*counts.values())


def _answer(scan: Scanner, file: StoredFile) -> tuple[ScanState, str]:
    """The answer of the scanner on the stored bytes, outside any lock."""
    try:
        with store.open_file(file.pk) as opened:
            said = ask_scanner(scan, opened)
    except OSError:
        logger.exception("a file of evidence could not be read")
        said = None
    if said is None:
        return ScanState.WAITING, ""
    return (ScanState.REFUSED, _one_line(said)) if said else (ScanState.CLEAN, "")


def _write_answer(file: StoredFile, state: ScanState, note: str) -> None:
    """Record an answer that differs from the last; ``scanned_at`` is when it was given."""
    with audit.entry(by=None) as entry:
        file.refresh_from_db()
        if file.redacted_at or (file.scan, file.scan_note) == (state, note):
            return
        change(
            entry,
            file,
            verb="scan",
            scan=state,
            scan_note=note,
            scanned_at=entry.at,
        )


def _one_line(said: str) -> str:
    """The words of a scanner as one line that can be shown safely."""
    shown = "".join(letter if letter.isprintable() else " " for letter in said)
    return " ".join(shown.split())[:200] or _("no reason given")
