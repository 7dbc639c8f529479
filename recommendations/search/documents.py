"""Search documents: the words of each recommendation for each audience, from the rows themselves.

Every entry of the record refreshes those of what it touched, in its own transaction, so that a
text that is taken out, withdrawn or hidden is found no more from that moment on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db.models import BigIntegerField, Case, Q, Value, When
from django.db.models.functions import Cast

from recommendations.choices import Visibility
from recommendations.models import (
    SHOWN_OUTSIDE,
    EvidenceLink,
    Part,
    Recommendation,
    SearchDocument,
)
from recommendations.search import fold
from recommendations.search.fold import compounds_in, folded, words_in

AT_ONCE = 500
"""Documents that are in memory at once."""

LONGEST = 200_000
"""Characters of a document; words beyond them are not found."""

COLUMNS = ("title", "public_title", "public", "inside", "office")

# The audience whose members are the first who may read a field, field by field in the order in
# which they stand in a document.
NAMES = ("reference", "title")
THEMES = "kept__theme_names"
PART = "part"
"""Stands for the visibility of what everybody reads who reads the recommendation."""
PUBLIC = ("summary", "lead__name", "current_update__public_text", "current_update__public_reason")
INSIDE = (
    "quoted_text",
    "external_id",
    THEMES,
    "current_update__what_happened",
    "current_update__remaining",
    "current_update__next_steps",
    "current_update__issue",
    "current_update__response_action",
    "current_update__response_owner",
    "current_update__asked_for",
    "current_update__closing_reason",
    "current_update__reopening_reason",
)
OFFICE = ("current_update__internal_note",)

_READ = (
    "pk",
    "published_at",
    "archived_at",
    "current_update",
    *(*NAMES, *PUBLIC, *INSIDE, *OFFICE),
    *(f"document__{column}" for column in COLUMNS),
)


def refresh(ids: Sequence[int]) -> int:
    """Write the documents of these recommendations whose words changed; how many those were.

    Two or three statements for every ``AT_ONCE`` of them.
    """
    changed = 0
    for start in range(0, len(ids), AT_ONCE):
        documents = [
            document
            for document, kept in _documents(ids[start : start + AT_ONCE])
            if kept != _columns(document)
        ]
        if documents:
            SearchDocument.objects.bulk_create(
                documents,
                update_conflicts=True,
                unique_fields=["recommendation"],
                update_fields=COLUMNS,
            )
        changed += len(documents)
    return changed


def definition() -> str:
    """Stands for how documents are made: they are made again where it changes."""
    return "".join(Path(module).read_text() for module in (__file__, fold.__file__))


def drift(ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Recommendations and columns of their documents that are not what they should be."""
    for document, kept in _documents(ids):
        for column, held, wanted in zip(COLUMNS, kept, _columns(document), strict=True):
            if held != wanted:
                yield document.pk, column


def _columns(document: SearchDocument) -> list[str | None]:
    return [getattr(document, column) for column in COLUMNS]


def title_of(row: Recommendation) -> str:
    """The words of the reference and the title of one recommendation."""
    return _joined(_fields(getattr(row, name) for name in NAMES))


def _documents(ids: Sequence[int]) -> Iterator[tuple[SearchDocument, list[str | None]]]:
    """The document that each recommendation should have, and the columns of the one it has."""
    rows = list(Recommendation.objects.filter(pk__in=ids).order_by("pk").values(*_READ))
    by_update = {row["current_update"]: row["pk"] for row in rows}
    by_update.pop(None, None)
    evidence: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    recommendations = [row["pk"] for row in rows]
    of = Q(recommendation__in=recommendations) | Q(update__in=list(by_update))
    links = EvidenceLink.objects.live().filter(of).order_by()
    seen = Case(
        When(SHOWN_OUTSIDE, then=Value(Visibility.PUBLIC)), default=Value(Visibility.INTERNAL)
    )
    # With them the texts of parts, as one more statement would cost every write.
    parts = Part.objects.living().filter(recommendation__in=recommendations).order_by()
    nothing = Cast(Value(None), BigIntegerField())
    told = links.values_list("recommendation", "update", seen, "evidence__title").union(
        parts.values_list("recommendation", nothing, Value(PART), "text"),
        all=True,
    )
    for pk, update, visibility, title in sorted(told, key=lambda row: row[3]):
        evidence[pk or by_update[update]][visibility].append(title)
    for row in rows:
        kept = [row[f"document__{column}"] for column in COLUMNS]
        yield _document(row, evidence[row["pk"]]), kept


def _document(row: dict[str, Any], evidence: dict[str, list[str]]) -> SearchDocument:
    names = _fields(row[name] for name in NAMES)
    public = names | _fields([*_texts(row, PUBLIC), *evidence[Visibility.PUBLIC], *evidence[PART]])
    inside = public | _fields(_texts(row, INSIDE))
    office = inside | _fields([*_texts(row, OFFICE), *evidence[Visibility.INTERNAL]])
    is_public = row["published_at"] is not None and row["archived_at"] is None
    return SearchDocument(
        recommendation_id=row["pk"],
        title=_joined(names),
        public_title=_joined(names) if is_public else "",
        public=_joined(public) if is_public else "",
        inside=_joined(inside),
        office=_joined(office),
    )


def _texts(row: dict[str, Any], names: Iterable[str]) -> list[str]:
    """The texts of these columns; names of themes stand in lines of one."""
    held = [
        row[name].splitlines() if name == THEMES else [row[name]] for name in names if row[name]
    ]
    return [text for texts in held for text in texts]


def _fields(texts: Iterable[str]) -> dict[str, list[str]]:
    """The words of each text as a document has them, with what hyphens join there."""
    plain = [folded(text) for text in texts]
    return {f" {' '.join(words_in(text))} ": compounds_in(text) for text in plain}


def _joined(fields: dict[str, list[str]]) -> str:
    """A document: its fields, then each compound as a field of its own."""
    compounds = dict.fromkeys(word for found in fields.values() for word in found)
    return "".join([*fields, *(f" {word} " for word in compounds)])[:LONGEST]
