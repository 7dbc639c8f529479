"""Taking words out of everything that is kept: the only door through the guards.

What stays is that it was done: by whom, when, why, and a digest of the words under the secret key
of the site, so that nobody who reads the database can guess them back.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import connections, router, transaction
from django.db.models import Model
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from recommendations import audit, guards
from recommendations.actions.base import (
    ActionRefused,
    change,
    create,
    require_administrator,
    require_previewed,
)
from recommendations.audit.redaction import (
    FEWEST,
    RedactionMode,
    TextColumn,
    TextOccurrence,
    column_forms,
    columns_by_model,
    forms_in_record,
    forms_of,
    mapped,
    recorded_with,
    replaced,
    sessions_with,
    text_occurrences,
    values_with,
    without,
)
from recommendations.models import (
    AuditEvent,
    AuditText,
    DraftEntries,
    OpenDataText,
    Redaction,
    StagedImport,
    StoredFile,
    User,
)
from recommendations.models.base import Versioned
from recommendations.models.fields import PROSE_LENGTH, ProseField, validate_readable
from recommendations.queries.shown import preview_mark
from recommendations.search import queries
from recommendations.storage import evidence as store
from recommendations.storage import uploads

NOWHERE = "https://redacted.invalid/"
"""What stands for an address that was taken out; ``.invalid`` leads nowhere, by RFC 2606."""

MOST_WORDS = 1000
"""Characters that can be taken out at once."""


def checked_words(words: str) -> str:
    """The words to look for, once sure that they can be; ``ValidationError`` otherwise."""
    words = words.strip()
    if len(words) < FEWEST:
        raise ValidationError(
            {"words": _("Enter at least %d characters. Shorter text occurs too often.") % FEWEST}
        )
    if len(words) > MOST_WORDS:
        raise ValidationError({"words": _("Enter at most %d characters.") % MOST_WORDS})
    try:
        validate_readable(words)
    except ValidationError as error:
        raise ValidationError({"words": error.messages}) from error
    if any(words in text for text in (*_marks(date.min), NOWHERE, "redacted-")):
        raise ValidationError({"words": _("This text is part of the redaction mark.")})
    return words


def preview_digest(words: str, found: Sequence[TextOccurrence]) -> str:
    """Stands for words and their places (``preview_mark``)."""
    return preview_mark(words, [(p.model, p.key, p.field, p.count, p.snippet) for p in found])


def redact(
    *, words: str, by: User, reason: str, expected: str, at: datetime | None = None
) -> Redaction:
    """Put a mark in place of the words wherever they stand, in one step or not at all.

    ``expected`` is ``preview_digest`` of the places that the administrator was shown.
    """
    words = checked_words(words)
    reason = checked_reason(reason, words)
    with audit.entry(by=by, at=at) as entry:
        require_administrator(by)
        found = text_occurrences(words)
        if not found:
            raise ActionRefused(_("This text was not found."))
        require_previewed(expected, preview_digest(words, found))
        _refuse_names_of_files(words)
        redaction = Redaction(
            at=entry.at, by=by, reason=reason, digest=words_digest(words), places=len(found)
        )
        redaction.save(force_insert=True)
        lines, changed = _take_out(entry, words)
        told = {
            **audit.snapshot(redaction),
            "texts": lines,
            "changed": [f"{m._meta.label_lower}:{pk}:{name}" for m, pk, name in changed],
            **_rows_told(entry, changed),
        }
        entry.record("redact", redaction, before={}, after=told, reason=reason)
        if text_occurrences(words):
            raise ActionRefused(
                _("This text cannot be redacted completely. Include more of the surrounding text.")
            )
        _forget_files()
        transaction.on_commit(partial(queries.forget, connections[router.db_for_write(AuditText)]))
        return redaction


def words_digest(words: str) -> str:
    """Stands for words that were taken out; made with the secret key of the site."""
    return salted_hmac("recommendations.redaction", words, algorithm="sha256").hexdigest()


def checked_reason(reason: str, words: str = "") -> str:
    """A reason that may stay on record, because it does not repeat the words."""
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Enter the reason.")})
    if words and words.casefold() in reason.casefold():
        raise ValidationError(
            {"reason": _("The reason stays on record. Do not repeat the redacted text.")}
        )
    if len(reason) > PROSE_LENGTH:
        raise ValidationError({"reason": _("Enter at most %d characters.") % PROSE_LENGTH})
    try:
        validate_readable(reason)
    except ValidationError as error:
        raise ValidationError({"reason": error.messages}) from error
    return reason


def _refuse_names_of_files(words: str) -> None:
    """The name of a loaded file is hashed with its event, so it stays as it is."""
    named = AuditEvent.objects.filter(object_type="file", object_id__contains=words)
    for event in named.order_by("sequence"):
        if words in event.object_id:
            raise ActionRefused(
                _("Event %d contains this text as a file name, which cannot be changed.")
                % event.sequence
            )


def _forget_files() -> None:
    """Last of all, since no transaction brings them back. What they hold is not looked into."""
    try:
        uploads.delete_uploads()
    except OSError as error:
        raise ActionRefused(
            _("Files awaiting import may contain this text and cannot be deleted.")
        ) from error


Changed = tuple[type[Model], Any, str]
"""A model, the key of a row, and a column that was changed there."""


def _rows_told(entry: audit.Entry, changed: Sequence[Changed]) -> dict[str, Any]:
    """Record what the columns hold from now on; what the event must tell of these rows.

    The mark in a column may be another than in the recorded text, and an address is replaced.
    """
    act = audit.BulkAct(entry)
    names: dict[type[Model], dict[Any, set[str]]] = {}
    for model, pk, name in changed:
        if model in audit.tracked_models():
            names.setdefault(model, {}).setdefault(pk, set()).add(name)
    for model, by_key in names.items():
        rows = audit.stored(model, list(by_key))
        for row, after in zip(rows, audit.snapshots(rows), strict=True):
            act.add(row, {}, {name: after[name] for name in by_key[row.pk] & after.keys()})
    return act.close()


def _take_out(entry: audit.Entry, words: str) -> tuple[list[str], list[Changed]]:
    """Change every text; what the event lists of recorded texts, and the columns changed."""
    forms = forms_of(words)
    # An import under way finds its rows gone and writes nothing: its file may hold the words.
    StagedImport.objects.all().delete()
    # Nothing of it was recorded; its author gives it once more.
    DraftEntries.objects.all().delete()
    # The next release of open data is made without the words.
    OpenDataText.objects.all().delete()
    tables = list(columns_by_model())
    guarded = {columns[0].model._meta.db_table for columns in tables}
    connection = connections[router.db_for_write(AuditText)]
    mark = _marker(entry.today)
    with guards.lifted(connection, guarded | {AuditText._meta.db_table}):
        stale: list[str] = []
        changed: list[Changed] = []
        for columns in tables:
            for row, held in list(values_with(columns, forms)):
                changed += _change_row(entry, row, held, forms, mark, stale)
        # Whoever knows the digest of a wording and the rest of it could try out what is gone.
        lines = audit.redact_texts(
            entry,
            recorded_with(words, *stale),
            lambda text: replaced(text, forms_in_record(text, [*forms, *stale]), mark),
        )
    Session.objects.filter(pk__in=sessions_with(words)).delete()
    return lines, changed


def _change_row(
    entry: audit.Entry,
    row: dict[str, Any],
    held: Sequence[TextColumn],
    forms: Sequence[str],
    mark: Callable[[int], str],
    stale: list[str],
) -> list[Changed]:
    """Write one row without the words. Its version rises: nobody saves an old form over it."""
    model = held[0].model
    values = {column.name: _new_value(column, row, forms, mark) for column in held}
    rows = model._base_manager.filter(pk=row["pk"])
    if "quoted_text" in values:
        stale += [digest for digest in rows.values_list("quoted_sha256", flat=True) if digest]
        values["quoted_sha256"] = hashlib.sha256(values["quoted_text"].encode()).hexdigest()
    written = [(model, row["pk"], name) for name in values]
    if issubclass(model, Versioned):
        [version] = rows.values_list("version", flat=True)
        values |= {"version": version + 1, "updated_at": entry.at}
    rows.update(**values)
    return written


def _new_value(
    column: TextColumn, row: dict[str, Any], forms: Sequence[str], mark: Callable[[int], str]
) -> Any:
    value = row[column.name]
    match column.way:
        case RedactionMode.IDENTIFIER:
            return f"redacted-{row['pk']}"
        case RedactionMode.EMAIL:
            return ""
        case RedactionMode.URL:
            return NOWHERE
        case RedactionMode.JSON:
            held = column_forms(column, forms)
            return mapped(value, lambda text: replaced(text, held, mark))
    most = PROSE_LENGTH if isinstance(column.field, ProseField) else None
    return without(column, value, forms, mark, most)


def _marker(day: date) -> Callable[[int], str]:
    """The mark in three lengths; the shortest is no longer than any words that it stands for."""
    marks = _marks(day)
    return lambda size: marks[size]


def _marks(day: date) -> tuple[str, str, str]:
    return (_("[redacted on %s]") % day.isoformat(), _("[redacted]"), "[…]")


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
        require_administrator(by)
        file.refresh_from_db()
        if file.redacted_at is not None:
            raise ActionRefused(_("This file was already redacted."))
        redaction = Redaction(
            at=entry.at,
            by=by,
            reason=reason,
            digest=file.pk,
            file=file,
            places=file.revisions.count() + file.changes.count(),
        )
        create(entry, redaction, verb=VERB, reason=reason)
        change(entry, file, verb=VERB, reason=reason, redacted_at=entry.at, redacted_by=by)
        # A storage that does not answer now takes nothing of this back.
        transaction.on_commit(partial(store.delete_file, file.pk), robust=True)
        return redaction
