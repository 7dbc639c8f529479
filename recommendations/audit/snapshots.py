"""Rows as they are stored in an event."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connections, models, router

from recommendations.models import AuditEvent, AuditRow

# ---- What events and rows of bulk acts hold: canonical JSON, and the digests over it. No queries

GENESIS = "0" * 64
"""What stands for the hash before the first event."""

ROWS, ROWS_DIGEST = "rows", "rows_sha256"
"""Names under which the event of a bulk act holds the number of its rows and their digest."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

# Most values by far: asked first, since a bulk act has millions.
_AS_IT_IS = frozenset({type(None), bool, int, str})


class FreeText(str):
    """A string that somebody wrote, as against a code."""

    __slots__ = ()


def changes_of(
    before: Mapping[str, Any], after: Mapping[str, Any], store: Callable[[str], str]
) -> dict[str, Any]:
    """The fields in which two snapshots differ: ``{field: [before, after]}``, canonical.

    ``store`` keeps a text beside the chain and gives the digest that stands for it.
    """
    if not before:  # Many rows are new at once.
        return {
            name: [None, canonical(value, store)]
            for name, value in after.items()
            if value is not None
        }
    return {
        name: [canonical(before.get(name), store), canonical(after.get(name), store)]
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }


def canonical(value: Any, store: Callable[[str], str]) -> Any:
    """A value as a payload holds it; free text as a reference to its stored text."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is FreeText:
        return {"text": store(value)} if value else ""
    match value:
        case dict():
            # Its keys and values may be words of a person, such as the headers of a file.
            return {"text": store(plain(value))} if value else ""
        case list() | tuple():
            return [canonical(item, store) for item in value]
    return plain(value)


def plain(value: object) -> Any:
    """A value as a payload holds it, but with its texts in words; a structure is such a text."""
    match value:
        case str():
            return str(value)
        case None | bool() | int():
            return value
        case dict():
            return json.dumps(value, sort_keys=True, ensure_ascii=False) if value else ""
        case list() | tuple():
            return [plain(item) for item in value]
        case date() | Decimal() | UUID():
            return written(value)
    raise TypeError(f"audit cannot record a {type(value).__name__}")


def written(value: object) -> Any:
    """A day, a time, a number or an id as events write it; anything else as it is."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case Decimal():
            # PostgreSQL knows no zero below zero.
            return format(value or value.copy_abs(), "f")
        case UUID():
            return str(value)
    return value


def text_digest(salt: str, text: str) -> str:
    """SHA-256 of a text with its salt, in hexadecimal."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def payload_of(event: AuditEvent, changes: Mapping[str, Any]) -> str:
    """The canonical JSON text of an event."""
    return json_text({**columns_of(event), "changes": changes})


def columns_of(event: AuditEvent) -> dict[str, Any]:
    """The columns of an event that its payload repeats, as the payload writes them.

    Of what came through no token nothing is said of one, as before there were any.
    """
    through = {} if event.token_id is None else {"token": event.token_id}
    return through | {
        "sequence": event.sequence,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "verb": event.verb,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "recommendation": event.recommendation_id,
        "request_id": event.request_id,
        "reason": event.reason_id,
    }


def line_of(row: AuditRow) -> bytes:
    """What a row adds to the digest of its bulk act: every column of it but its key and event."""
    return line_for(row.object_type, row.object_id, row.recommendation_id, row.changes)


def line_for(
    object_type: str, object_id: str, recommendation_id: int | None, changes: str
) -> bytes:
    """``line_of`` the row that holds this, which is not made yet."""
    return f"{json_text([object_type, object_id, recommendation_id])}{changes}\n".encode()


def json_text(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, ASCII."""
    return _ENCODER.encode(value)


def hash_of(previous_hash: str, payload: str) -> str:
    """SHA-256 of the hash before and the payload, in hexadecimal."""
    return hashlib.sha256(f"{previous_hash}\n{payload}".encode()).hexdigest()


# ---- Values that SQLite holds in another form than the site writes, and that are read as another
# one.
# SQLite takes anything into any column. What is no day is read as nothing and what is no truth
# value as false, while a query finds what is stored. PostgreSQL takes nothing into a column but its
# type.

Odd = Mapping[Any, Mapping[str, Any]]
"""By the key of a row and the name of a field: what is stored."""


def odd_values(model: type[models.Model], rows: Sequence[Any]) -> Odd:
    """Columns of these rows that hold something else than what was read of them."""
    connection = connections[router.db_for_read(model)]
    columns: list[Any] = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.BooleanField | models.DateField) or field.null
    ]
    if connection.vendor != "sqlite" or not columns or not rows:
        return {}
    quote = connection.ops.quote_name
    key: Any = model._meta.pk
    # An expression has no declared type, so nothing is made of its value.
    selected = ", ".join(f"+{quote(field.column)}" for field in (key, *columns))
    marks = ", ".join(["%s"] * len(rows))
    table, named = quote(model._meta.db_table), quote(key.column)
    keys = [key.get_db_prep_value(row.pk, connection) for row in rows]
    with connection.cursor() as cursor:
        # Names of models.
        cursor.execute(f"SELECT {selected} FROM {table} WHERE {named} IN ({marks})", keys)  # noqa: S608
        stored = {held[0]: held[1:] for held in cursor.fetchall()}
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        held = stored.get(key.get_db_prep_value(row.pk, connection), ())
        for field, value in zip(columns, held, strict=False):
            if not _is_form_of(field, getattr(row, field.attname), value, connection):
                found.setdefault(row.pk, {})[field.name] = value
    return found


def _is_form_of(field: Any, read: Any, stored: Any, connection: Any) -> bool:
    if (
        read is None
        or stored is None
        or not isinstance(field, models.BooleanField | models.DateField)
    ):
        return (read is None) == (stored is None)
    written = field.get_db_prep_value(read, connection)
    return bool(stored == (int(written) if isinstance(written, bool) else str(written)))


# ---- What rows hold, field by field, and which tables and columns the record keeps track of

Snapshot = dict[str, Any]

RECORD = frozenset(
    f"recommendations.{name}" for name in ("auditevent", "auditrow", "audittext", "chainhead")
)
"""Tables of the record itself."""

LOGS = frozenset(
    f"recommendations.{name}"
    for name in (
        *("apirequest", "opendatatext", "outgoingmail", "reminder", "resetrequest"),
        "webhookdelivery",
    )
)
"""Tables of the machinery, which tell nothing that anybody decided."""

STAGED = frozenset(
    f"recommendations.{name}"
    for name in ("draftentries", "stagedfigure", "stagedimport", "stagedtext")
)
"""Tables of imports and forms under way: nothing in them counts until it is written elsewhere."""

KEPT = frozenset(
    f"recommendations.{name}"
    for name in ("readmodel", "recommendationstate", "searchdocument", "sourcestamp")
)
"""Tables of what follows from other rows, for quick lists: verification compares them whole."""

UNTRACKED = RECORD | LOGS | STAGED | KEPT

DERIVED: Mapping[str, frozenset[str]] = {
    "recommendations.evidence": frozenset({"last_revision"}),
    "recommendations.indicator": frozenset({"movement"}),
    "recommendations.recommendation": frozenset(
        {"current_update", "next_due_on", "rating_valid_until"}
    ),
    "recommendations.source": frozenset({"last_number"}),
}
"""Columns that follow from other rows: these are recorded, and the columns worked out again."""

EXEMPT: Mapping[str, str] = {
    "version": "tells a stale form from a fresh one and nothing else; every change raises it",
    "updated_at": "when a row was changed last; the record has the times of all its changes",
    "last_used_on": "the API notes the day here; nothing is decided by it",
    "seen_event": "the sender of webhooks notes how far it has looked; nothing is decided by it",
    "seen_day": "likewise",
    "last_login": "Django notes each sign-in here; nothing is decided by it",
    "signed_content": "its SHA-256 is recorded beside it; verification compares both",
    "compared_at": "the check of files notes itself here; what it finds is recorded",
    "id": "in a table of links alone: nothing refers to the number of a link, only to its ends",
}
"""Columns of tracked tables that neither are recorded nor follow from what is, and why."""

SECRET = frozenset({"password", "sealed", "token_digest", "token_salt"})
"""Columns of which the SHA-256 is recorded in place of the value."""

NAMED: Mapping[str, str] = {"auth.group": "name", "auth.permission": "codename"}
"""Tables outside the record that links lead to: what a row is called stands for its number."""

# One step from a row to what names its recommendation.
_STEPS = {"update": "update", "response": "response__addressee", "addressee": "addressee"}


def tracked_models() -> list[type[models.Model]]:
    """Models whose rows the record keeps track of, in the order of their labels."""
    found = apps.get_app_config("recommendations").get_models()
    return sorted(
        (model for model in found if model._meta.label_lower not in UNTRACKED),
        key=lambda model: str(model._meta.label_lower),
    )


def recorded_fields(model: type[models.Model]) -> list[Any]:
    """The fields of a tracked model that events tell of: all but derived and exempt ones."""
    left_out = DERIVED.get(model._meta.label_lower, frozenset()) | EXEMPT.keys()
    columns = (field for field in model._meta.concrete_fields if not field.primary_key)
    return [
        *(field for field in columns if field.name not in left_out),
        *model._meta.many_to_many,
    ]


def untold(field: Any) -> list[Any]:
    """What a field may hold that the record tells nothing of, in a row that it knows.

    Nothing, or its default: the migration that added it gave that to every row there was.
    """
    if field.many_to_many:
        return [[]]
    if field.has_default() and callable(field.default) and field.default not in (dict, list):
        return [None]  # made anew for each row
    return [None, plain(field.get_default())]


def snapshot(thing: models.Model, *, links: Container[str] | None = None) -> Snapshot:
    """What a thing holds now, field by field; the empty snapshot of an unsaved one is ``{}``."""
    [values] = snapshots([thing], links=links)
    return values


def snapshots(
    things: Sequence[models.Model],
    *,
    as_stored: bool = False,
    links: Container[str] | None = None,
) -> list[Snapshot]:
    """What things of one model hold now; one query for each many-to-many field of theirs.

    ``links`` names those fields that are to be read, where not all are. A value is taken as the
    database gives it back, whatever kind it was set with. ``as_stored``: it came from there, and is
    not made to fit where it is of another kind.
    """
    if not things:
        return []
    fields = recorded_fields(type(things[0]))
    columns = [
        (field.name, field.attname, _reader(field, as_stored))
        for field in fields
        if not field.many_to_many
    ]
    joined = {
        field.name: _joined(field, things)
        for field in fields
        if field.many_to_many and (links is None or field.name in links)
    }
    return [
        {
            **{name: read(getattr(thing, attname)) for name, attname, read in columns},
            **{name: found.get(thing.pk, []) for name, found in joined.items()},
        }
        for thing in things
    ]


def stored(model: type[models.Model], keys: Sequence[Any]) -> list[models.Model]:
    """The rows with these keys as the database holds them.

    With what names their recommendation: ``recommendation_id_of`` asks nothing more of any.
    """
    names = {field.name for field in model._meta.concrete_fields}
    paths = [path for name, path in _STEPS.items() if name in names]
    rows = model._base_manager.select_related(*paths) if paths else model._base_manager.all()
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def recommendation_id_of(thing: models.Model) -> int | None:
    """Id of the recommendation that a thing is, or belongs to."""
    if thing._meta.label_lower == "recommendations.recommendation":
        return thing.pk  # type: ignore[no-any-return]
    direct: int | None = getattr(thing, "recommendation_id", None)
    for name in _STEPS:
        if direct is None and getattr(thing, f"{name}_id", None) is not None:
            direct = recommendation_id_of(getattr(thing, name))
    return direct


def _joined(many: Any, things: Sequence[models.Model]) -> dict[Any, list[Any]]:
    """The other ends of a many-to-many field, in order, by the key of each thing."""
    here, there = many.m2m_field_name(), many.m2m_reverse_field_name()
    name = NAMED.get(many.related_model._meta.label_lower)
    end = f"{there}__{name}" if name else f"{there}_id"
    pairs = many.remote_field.through._base_manager.filter(
        **{f"{here}__in": [thing.pk for thing in things]}
    ).values_list(f"{here}_id", end)
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, other in pairs.order_by(end):
        found[key].append(other)
    return found


def _reader(field: Any, as_stored: bool) -> Callable[[Any], Any]:
    """Makes of the value of a field what a snapshot has of it."""
    to_python = (lambda value: value) if as_stored else _target(field).to_python
    if field.name in SECRET:
        return lambda value: hashlib.sha256(str(value).encode()).hexdigest()
    # Short names too: they are made of titles.
    if isinstance(field, models.CharField | models.TextField) and not field.choices:
        return lambda value: (
            FreeText(value) if isinstance(value := to_python(value), str) else value
        )
    return to_python


def _target(field: Any) -> Any:
    """The field whose values a column holds: of a foreign key, the one that it points to."""
    return _target(field.target_field) if field.is_relation else field


def batches(keys: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Keys in groups of at most ``size``."""
    return (keys[start : start + size] for start in range(0, len(keys), size))
