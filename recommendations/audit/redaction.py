"""Texts of the record: finding and redacting words in them."""

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote_plus

from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Q
from django.utils.html import escape
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.audit.record import Entry
from recommendations.audit.rewind import changes_in
from recommendations.audit.snapshots import KEPT, text_digest
from recommendations.models import AuditEvent, AuditRow, AuditText, ChainHead
from recommendations.readers.tables import fold_text

# ---- Where certain words stand: every text column of every table that people's words get into.
# Matching is letter by letter, upper and lower case apart. The columns are found from the models,
# so that a new text column is looked through from the day it is there.

APPS = ("recommendations", "admin", "axes")
"""Apps whose tables hold what people write; sessions are looked through apart."""

FEWEST = 4
"""Characters that words must have to be looked for; fewer would be found everywhere."""

SNIPPET = 40
"""Characters shown before and after the words."""

MACHINE_MADE = frozenset(
    {"password", "language", "period", "digest", "session_hash", "object_id", "file_sha256"}
    | {"text_sha256", "quoted_sha256", "sha256", "media_type", "file", "message_id", "roles"}
    | {"address_digest", "client_digest", "token_digest", "token_salt"}
    # Of a webhook: address and secret, encrypted.
    | {"sealed"}
    # Of a sign-off: codes, and of texts the digests.
    | {"signed_content", "record_hash"}
    # Of an import that is under way: its texts stand beside what the record will say of them.
    | {"changes", "host", "salt"}
)
"""Text columns that no person words: codes and digests."""

RECORD = (AuditEvent, AuditRow, AuditText, ChainHead)
"""Tables of the record. Its texts are looked through apart; events and their rows hold no words."""


class RedactionMode(Enum):
    """How words are taken out of a column."""

    WORDS = "words"
    """The words alone give way to a mark."""
    IDENTIFIER = "identifier"
    """The whole value, which must stay unlike all others and fit an address."""
    EMAIL = "email"
    """The whole value: half an address would be the address of somebody else."""
    URL = "url"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A text column that may hold words of a person."""

    model: type[models.Model]
    field: Any
    way: RedactionMode

    @property
    def name(self) -> str:
        return str(self.field.name)


@dataclass(frozen=True, slots=True)
class TextOccurrence:
    """One text in which the words stand. ``key`` names its row and ``field`` its column."""

    model: str
    key: str
    field: str
    kind_label: str
    label: str
    reference: str
    count: int
    snippet: str
    is_whole: bool
    """Whether the whole text goes, and not the words alone."""


def text_occurrences(words: str) -> list[TextOccurrence]:
    """Every text in which the words stand; one query a table."""
    forms = forms_of(words)
    found = [place for columns in columns_by_model() for place in _in_table(columns, forms)]
    kind = capfirst(str(AuditText._meta.verbose_name))
    for text in recorded_with(words):
        held = forms_in_record(text.text, forms)
        snippet, count = _snippet(text.text, held), _count(text.text, held)
        label, model = str(_("text")), AuditText._meta.label_lower
        found.append(TextOccurrence(model, text.pk, "text", kind, label, "", count, snippet, False))
    return found


def forms_of(words: str) -> list[str]:
    """The words as they may be stored: plain, inside JSON, and inside an address."""
    plain = [words, json.dumps(words)[1:-1], quote_plus(words)]
    return list(dict.fromkeys(plain))


def forms_in_json(forms: Sequence[str]) -> list[str]:
    """With the words as a map of columns keeps them: there the words of statuses are folded."""
    folded = fold_text(forms[0])
    return list(dict.fromkeys([*forms, folded])) if len(folded) >= FEWEST else [*forms]


def forms_in_record(text: str, forms: Sequence[str]) -> list[str]:
    """Forms to look for in a recorded text: in one that is a map of columns, the folded too."""
    try:
        is_map = text.startswith("{") and isinstance(json.loads(text), dict)
    except ValueError:
        is_map = False
    return forms_in_json(forms) if is_map else [*forms]


def recorded_with(words: str, *stale: str) -> list[AuditText]:
    """Recorded texts that hold the words, or one of the ``stale`` texts that go with them."""
    forms = [*forms_of(words), *stale]
    found = audit.texts_with(forms_in_json(forms))
    return [
        text
        for text in found
        if any(form in text.text for form in forms_in_record(text.text, forms))
    ]


def sessions_with(words: str) -> list[str]:
    """Keys of the sessions that hold the words, such as a note that is not sent yet."""
    once = [json.dumps(form)[1:-1] for form in (words, escape(words))]
    # Messages that are not shown yet stand in a session as JSON within JSON.
    forms = [*once, *(json.dumps(form)[1:-1] for form in once)]
    store, rows = SessionStore(), Session.objects.values_list("session_key", "session_data")
    held = ((key, json.dumps(store.decode(data), default=str)) for key, data in rows)
    return [key for key, text in held if any(form in text for form in forms)]


def columns_by_model() -> Iterator[list[TextColumn]]:
    """Text columns, table by table."""
    for model in apps.get_models():
        # What is kept of other rows is made anew in the entry that changes these.
        if model._meta.app_label not in APPS or model in RECORD or model._meta.label_lower in KEPT:
            continue
        columns = [
            TextColumn(model, field, _way(model, field))
            for field in model._meta.concrete_fields
            if _is_worded(field)
        ]
        if columns:
            yield columns


def values_with(
    columns: Sequence[TextColumn], forms: Sequence[str]
) -> Iterator[tuple[dict[str, Any], list[TextColumn]]]:
    """Rows of one table that hold the words, each with its values and the columns in question."""
    model = columns[0].model
    condition = Q()
    for column in columns:
        if column.way == RedactionMode.JSON:
            condition |= ~Q(**{column.name: {}})
        else:
            for form in _forms_in(column, forms):
                condition |= Q(**{f"{column.name}__contains": form})
    names = ["pk", *(column.name for column in columns), *_reference_of(model)]
    for row in model._base_manager.filter(condition).order_by("pk").values(*names):
        held = [c for c in columns if _holds(c, row[c.name], forms)]
        if held:
            yield row, held


def mapped(value: object, change: Callable[[str], str]) -> Any:
    """A JSON value with every string in it changed, names of keys included."""
    match value:
        case str():
            return change(value)
        case dict():
            return {change(str(key)): mapped(item, change) for key, item in value.items()}
        case list():
            return [mapped(item, change) for item in value]
    return value


def _in_table(columns: Sequence[TextColumn], forms: Sequence[str]) -> Iterator[TextOccurrence]:
    model = columns[0].model
    kind = capfirst(str(model._meta.verbose_name))
    for row, held in values_with(columns, forms):
        reference = next((row[name] or "" for name in _reference_of(model)), "")
        for column in held:
            text, held_forms = _text(column, row[column.name]), column_forms(column, forms)
            yield TextOccurrence(
                model=model._meta.label_lower,
                key=str(row["pk"]),
                field=column.name,
                kind_label=kind,
                label=capfirst(str(column.field.verbose_name)),
                reference=reference,
                count=max(_count(text, held_forms), 1),
                snippet=_snippet(text, held_forms),
                is_whole=column.way
                in (RedactionMode.IDENTIFIER, RedactionMode.EMAIL, RedactionMode.URL),
            )


def _is_worded(field: Any) -> bool:
    is_text = isinstance(field, models.CharField | models.TextField | models.JSONField)
    is_code = bool(field.choices) or field.name in MACHINE_MADE
    # Shorter than any words that can be taken out.
    is_short = field.max_length is not None and field.max_length < FEWEST
    return is_text and not is_code and not is_short


def _way(model: type[models.Model], field: Any) -> RedactionMode:
    if isinstance(field, models.JSONField):
        return RedactionMode.JSON
    if isinstance(field, models.EmailField):
        return RedactionMode.EMAIL
    if isinstance(field, models.URLField):
        return RedactionMode.URL
    together = {
        name
        for constraint in model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint)
        for name in constraint.fields
    }
    is_key = field.unique or isinstance(field, models.SlugField) or field.name in together
    return RedactionMode.IDENTIFIER if is_key else RedactionMode.WORDS


def column_forms(column: TextColumn, forms: Sequence[str]) -> Sequence[str]:
    """Forms to look for in a column."""
    return forms_in_json(forms) if column.way == RedactionMode.JSON else forms


def _forms_in(column: TextColumn, forms: Sequence[str]) -> Iterator[str]:
    yield from column_forms(column, forms)
    if _may_be_cut(column):
        yield forms[0][:FEWEST]


def _holds(column: TextColumn, value: object, forms: Sequence[str]) -> bool:
    text = _text(column, value)
    is_held = any(form in text for form in column_forms(column, forms))
    return is_held or bool(_cut_off(column, text, forms[0]))


def _cut_off(column: TextColumn, text: str, words: str) -> str:
    """The beginning of the words with which a text ends that was cut; empty where there is none."""
    if not _may_be_cut(column) or len(text) < column.field.max_length:
        return ""
    beginnings = (words[:length] for length in range(len(words) - 1, FEWEST - 1, -1))
    return next((part for part in beginnings if text.endswith(part)), "")


def _may_be_cut(column: TextColumn) -> bool:
    """Django cuts what a thing is called in its own log: half of the words may stand at the end."""
    return column.model._meta.label == "admin.LogEntry" and column.name == "object_repr"


def without(
    column: TextColumn,
    text: str,
    forms: Sequence[str],
    mark: Callable[[int], str],
    most: int | None = None,
) -> str:
    """A text of a column with a mark in place of the words, no longer than the column holds."""
    if part := _cut_off(column, text, forms[0]):
        text = text.removesuffix(part)
    return replaced(text, forms, mark, column.field.max_length or most)


def replaced(
    text: str, forms: Sequence[str], mark: Callable[[int], str], most: int | None = None
) -> str:
    """``mark`` gives a mark of a length: the longest is taken with which the text still fits."""
    result = text
    for size in range(3):
        result = text
        for form in forms:
            result = result.replace(form, mark(size))
        if most is None or len(result) <= most:
            break
    return result


def _text(column: TextColumn, value: Any) -> str:
    if column.way != RedactionMode.JSON:
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def _count(text: str, forms: Sequence[str]) -> int:
    return sum(text.count(form) for form in forms)


def _snippet(text: str, forms: Sequence[str]) -> str:
    """The first place in a text, with a little of what stands around it."""
    form = next((form for form in forms if form in text), "")
    start = text.find(form)
    before, after = max(start - SNIPPET, 0), start + len(form) + SNIPPET
    cut = text[before:after]
    return f"{'…' if before else ''}{cut}{'…' if after < len(text) else ''}"


def _reference_of(model: type[models.Model]) -> list[str]:
    """The lookup of the reference under which a row is known, if it has one."""
    names = {field.name for field in model._meta.concrete_fields}
    return ["recommendation__reference"] if "recommendation" in names else []


# ---- Taking words out of the recorded texts, and telling such a text from one that was tampered
# with.
# A recorded text stands under the digest that the chain holds for it. Once words are taken out the
# text no longer gives that digest, so the event of the redaction lists the digest again, with the
# one that the text gives from then on. What it does not list was changed by somebody else.

VERB = "redact"
FIELD = "texts"
"""Field of the event under which its payload lists the texts: ``digest:digest from now on``."""


def texts_with(forms: Iterable[str]) -> list[AuditText]:
    """Recorded texts that hold one of these strings, letter by letter."""
    wanted = list(forms)
    condition = Q()
    for form in wanted:
        condition |= Q(text__contains=form)
    found = AuditText.objects.filter(condition).order_by("digest") if wanted else ()
    # LIKE on SQLite takes upper and lower case for the same.
    return [text for text in found if any(form in text.text for form in wanted)]


def redact_texts(
    entry: Entry, texts: Collection[AuditText], replace: Callable[[str], str]
) -> list[str]:
    """Rewrite these texts under a new salt; the lines that the event of the redaction must list.

    The old salt goes with the words: nobody can try out what they were. The guards must be lifted.
    """
    listed = []
    for stored in texts:
        salt, text = secrets.token_hex(16), replace(stored.text)
        AuditText.objects.filter(pk=stored.pk).update(salt=salt, text=text, redacted_at=entry.at)
        listed.append(f"{stored.digest}:{text_digest(salt, text)}")
    return listed


def is_redacted(stored: AuditText) -> bool:
    """Whether the newest redaction in the chain that lists this text left it as it stands."""
    listing = AuditEvent.objects.filter(verb=VERB, payload__contains=stored.digest)
    for payload in listing.order_by("-sequence").values_list("payload", flat=True):
        # The lines of one event; none where it cannot be read, which the chain itself tells.
        lines = changes_in(payload).get(FIELD, (None, None))[1]
        for line in (
            [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
        ):
            digest, _colon, now = line.partition(":")
            if digest == stored.digest:
                return now == text_digest(stored.salt, stored.text)
    return False
