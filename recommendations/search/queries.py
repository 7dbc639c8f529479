"""What is found in the documents of recommendations, and the words that are marked in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import add, or_
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.expressions import OrderBy

from recommendations import permissions
from recommendations.characters import replace_invalid
from recommendations.models import Recommendation, SearchDocument
from recommendations.models.recommendations import REFERENCE_PATTERN
from recommendations.models.search import Phrase, Term, index_name, words_column
from recommendations.permissions import Person
from recommendations.search.documents import COLUMNS
from recommendations.search.fold import compound_of, folded, spans_in, words_in

# ---- The indexes over search documents, which each database has in its own way.
# PostgreSQL has the words of each text in a column of their own, which follows from the text, under
# an index of inverted lists. SQLite has a table of FTS5 beside each, which holds no text: triggers
# keep it, whatever writes a document.

_TABLE = SearchDocument._meta.db_table
_KEY = "recommendation_id"


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the indexes in place; harmless where they stand already.

    After every migration, since one that remakes a table of SQLite drops its triggers.
    """
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for statement in (_in_postgresql if is_postgresql else _in_sqlite)(connection):
            cursor.execute(statement)


def forget(connection: BaseDatabaseWrapper) -> None:
    """Write the indexes of SQLite anew without what no document holds any more.

    Those of PostgreSQL keep a word that was once in them until an administrator runs REINDEX, which
    takes long where there is much (docs/deployment.md).
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for index in _names():
                cursor.execute(_FORGET.format(index=index))


def _in_postgresql(connection: BaseDatabaseWrapper) -> Iterator[str]:
    # Also in a transaction that has written documents, in which no table can be altered.
    if _count(connection, "SELECT count(*) FROM pg_class WHERE relname", *_names()) == len(COLUMNS):
        return
    # Words were folded already: no configuration of text search is asked, and no position is kept,
    # since a long text has more of them than fit. To be compared they are not fetched from aside.
    yield f'ALTER TABLE "{_TABLE}" SET (toast_tuple_target = 8160)'
    columns = (
        f'ADD COLUMN IF NOT EXISTS "{words_column(column)}" tsvector GENERATED ALWAYS AS '
        f"(array_to_tsvector(array_remove(string_to_array(\"{column}\", ' '), ''))) STORED"
        for column in COLUMNS
    )
    yield f'ALTER TABLE "{_TABLE}" {", ".join(columns)}'
    for column in COLUMNS:
        # Without a list of what came last, which every search would read besides.
        yield (
            f'CREATE INDEX IF NOT EXISTS "{index_name(column)}" ON "{_TABLE}" '
            f'USING gin ("{words_column(column)}") WITH (fastupdate = off)'
        )


def _in_sqlite(connection: BaseDatabaseWrapper) -> Iterator[str]:
    for column, index in zip(COLUMNS, _names(), strict=True):
        parts = (index, f"{index}_insert", f"{index}_delete", f"{index}_update")
        if _count(connection, "SELECT count(*) FROM sqlite_master WHERE name", *parts) < len(parts):
            names = {"index": index, "column": column, "table": _TABLE, "key": _KEY}
            yield from (statement.format(**names) for statement in _SQLITE)


def _names() -> list[str]:
    return [index_name(column) for column in COLUMNS]


def _count(connection: BaseDatabaseWrapper, question: str, *names: str) -> int:
    """How many of these there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"{question} IN ({', '.join(['%s'] * len(names))})", names)
        return int(cursor.fetchone()[0])


_GONE = """INSERT INTO "{index}" ("{index}", rowid, "{column}")
    VALUES ('delete', OLD."{key}", OLD."{column}");"""
_HERE = """INSERT INTO "{index}" (rowid, "{column}") VALUES (NEW."{key}", NEW."{column}");"""

_SQLITE = (
    # Words of other scripts are left as they are by this tokenizer: all were folded before.
    """CREATE VIRTUAL TABLE IF NOT EXISTS "{index}" USING fts5(
        "{column}", content='{table}', content_rowid='{key}', tokenize='ascii', detail='none')""",
    f"""CREATE TRIGGER IF NOT EXISTS "{{index}}_insert" AFTER INSERT ON "{{table}}"
        BEGIN {_HERE} END""",
    f"""CREATE TRIGGER IF NOT EXISTS "{{index}}_delete" AFTER DELETE ON "{{table}}"
        BEGIN {_GONE} END""",
    f"""CREATE TRIGGER IF NOT EXISTS "{{index}}_update" AFTER UPDATE ON "{{table}}"
        WHEN OLD."{{column}}" <> NEW."{{column}}" BEGIN {_GONE} {_HERE} END""",
    """INSERT INTO "{index}" ("{index}") VALUES ('rebuild')""",
)
_FORGET = """INSERT INTO "{index}" ("{index}") VALUES ('optimize')"""


# ---- Where in a text, as it is written, what was searched for stands


def parts_of(text: str, terms: Sequence[Term]) -> Iterator[tuple[str, bool]]:
    """The text in parts, one after the other, each with whether it is a hit: whole words."""
    last = 0
    # Where hits begin and end, in order; they may overlap.
    spans = list(spans_in(text))
    words = [word for word, _start, _end in spans]
    found = set()
    for phrase in (phrase for term in terms for phrase in term):
        for place in _places(words, phrase):
            found.add((spans[place][1], spans[place + len(phrase.words) - 1][2]))
    for start, end in sorted(found):
        if start > last:
            yield text[last:start], False
        if end > last:
            yield text[max(start, last) : end], True
        last = max(end, last)
    if last < len(text):
        yield text[last:], False


def _places(words: Sequence[str], phrase: Phrase) -> Iterator[int]:
    """Where in the words a phrase begins."""
    *first, last = phrase.words
    for place in range(len(words) - len(first)):
        word = words[place + len(first)]
        is_last = word.startswith(last) if phrase.is_prefix else word == last
        if is_last and list(words[place : place + len(first)]) == first:
            yield place


# ---- What is searched for, as conditions on rows and as an order of them

LONGEST = 200
"""Characters of a text that can be searched for."""

MOST_RANKED = 1_000
"""Hits that are put in order by how well they match."""

MOST_SUGGESTED, MOST_LOOKED_AT = 8, 100
"""Suggestions, and hits among which they are chosen."""

LONGEST_REFERENCE = Recommendation._meta.get_field("reference").max_length or 0

_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\u300e\u300f\uff02'
_PIECE = re.compile(f"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|[^\\s{_QUOTES}]+")


def parse(text: str) -> tuple[Term, ...]:
    """What a document must hold: words, which may go on there, and phrases in quotes as they are.

    There are no operators: a sign means nothing, and ``or`` is a word. Empty where no word is.
    """
    terms = (_term(found) for found in _PIECE.finditer(text[:LONGEST]))
    return tuple(dict.fromkeys(term for term in terms if term))


def _term(piece: re.Match[str]) -> Term:
    is_quoted = piece[1] is not None
    plain = folded(piece[1] if is_quoted else piece[0])
    if not (words := words_in(plain)):
        return ()
    # One letter or figure goes on as nearly every word there is.
    is_prefix = not is_quoted and len(words[-1]) > 1
    forms = [tuple(words)]
    if compound := compound_of(plain.strip()):
        forms.append((compound,))
    others = [(*first, other) for *first, last in forms for other in other_numbers(last)]
    phrases = [Phrase(form, is_prefix) for form in forms]
    return (*phrases, *(Phrase(other) for other in others if not is_quoted))


_PLURAL = re.compile("[a-z]{2,}[a-rtv-z]s", re.ASCII)
_PLURAL_AFTER_HISS = re.compile("[a-z]{2,}(?:s|x|z|ch|sh)es", re.ASCII)
_SINGULAR_Y = re.compile("[a-z]{2,}[b-df-hj-np-tv-z]y", re.ASCII)


def other_numbers(word: str) -> tuple[str, ...]:
    """A folded word as one, where it is written as many, and as many where that begins otherwise.

    By the endings of English alone: a form that is no word is found nowhere.
    """
    if word.endswith("ies") and _PLURAL.fullmatch(word):
        return (f"{word[:-3]}y", word[:-1])
    if _PLURAL_AFTER_HISS.fullmatch(word):
        return (word[:-2], word[:-1])
    if _PLURAL.fullmatch(word) and not word.endswith("is"):
        return (word[:-1],)
    return (f"{word[:-1]}ies",) if _SINGULAR_Y.fullmatch(word) else ()


def holding(word: str, columns: Iterable[str]) -> Q:
    """Condition on rows: one of the columns holds the word, as one or as many."""
    forms = (word, *other_numbers(folded(word)))
    return reduce(or_, (Q(**{f"{name}__icontains": form}) for name in columns for form in forms))


def audience_of(person: Person) -> str:
    """The column of a document that a person may search."""
    if permissions.can_read_drafts(person):
        return "office"
    return "inside" if permissions.can_read_internally(person) else "public"


def matching(person: Person, terms: tuple[Term, ...], path: str = "document__") -> Q:
    """Condition on rows: their document holds all of the terms, and this person may read there.

    ``path`` leads to the document. Without terms nothing is found.
    """
    return _holding(f"{path}{audience_of(person)}", terms)


def naming(terms: tuple[Term, ...], path: str = "document__") -> Q:
    """Condition on rows: all of the terms stand in their reference and title."""
    condition = Q() if terms else Q(pk__in=[])
    for term in terms:
        condition &= _stands(f"{path}title", term)
    return condition


def relevance(terms: tuple[Term, ...], path: str = "document__") -> OrderBy:
    """The order by how many of the terms stand in the title: first where most do."""
    hits = (When(_stands(f"{path}title", term), then=Value(1)) for term in terms)
    counts: Iterator[Any] = (
        Case(hit, default=Value(0), output_field=IntegerField()) for hit in hits
    )
    return OrderBy(reduce(add, counts), descending=True)


def gathered() -> OrderBy:
    """No order: before another it lets PostgreSQL gather all hits, which are few, and sort them.

    Else it would go through all rows in that order in the hope of meeting enough of them soon.
    """
    return OrderBy(F("pk") * 0)


def _holding(column: str, terms: tuple[Term, ...]) -> Q:
    if not terms:
        return Q(pk__in=[])
    condition = Q(**{f"{column}__holds": terms})
    for term in terms:
        if any(len(phrase.words) > 1 for phrase in term):
            condition &= _stands(column, term)
    return condition


def _stands(column: str, term: Term) -> Q:
    """One of the phrases of a term stands in a column, word by word."""
    condition = Q()
    for phrase in term:
        condition |= Q(**{f"{column}__contains": str(phrase)})
    return condition


def suggest(person: Person, text: str) -> list[Recommendation]:
    """What may be meant by the beginning of a search: by its title, else by another text.

    The newest first; of what very many hold, some are looked at.
    """
    terms = parse(text)
    audience = audience_of(person)
    title = "public_title" if audience == "public" else "title"
    shown = Recommendation.objects.status_visible_to(person).followed().order_by("-pk")
    found: list[Recommendation] = []
    for column in (title, audience):
        if terms and len(found) < MOST_SUGGESTED:
            some = SearchDocument.objects.filter(_holding(column, terms)).values("pk")
            others = shown.exclude(reference__in=[each.reference for each in found])
            rows = others.filter(pk__in=some[:MOST_LOOKED_AT]).only("reference", "title")
            found += rows[: MOST_SUGGESTED - len(found)]
    return found


def named(person: Person, text: str) -> Recommendation | None:
    """The recommendation whose reference the text is, whatever its case, if there is one."""
    plain = folded(text.strip())
    if len(plain) > LONGEST_REFERENCE or not re.fullmatch(REFERENCE_PATTERN, plain):
        return None
    forms = {plain, plain.upper(), plain.capitalize(), replace_invalid(text.strip())}
    seen = Recommendation.objects.visible_to(person)
    found = list(seen.filter(reference__in=forms).only("reference")[:2])
    return found[0] if len(found) == 1 else None
