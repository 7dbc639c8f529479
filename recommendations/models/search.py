"""What is searched of recommendations: folded words, one document for each audience.

The words follow from other rows and are written by ``recommendations.search`` alone. A document is
one text: a field is its words with one space between them and one at either end, so that what
stands between two spaces is a word, and no phrase reaches from one field into the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Lookup
from django.utils.translation import gettext_lazy as _

from recommendations.models.fields import TextColumn, UniqueRelatedField


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words that follow each other; ``is_prefix`` lets the last one go on."""

    words: tuple[str, ...]
    is_prefix: bool = False

    def __str__(self) -> str:
        """As it stands in a document."""
        return f" {' '.join(self.words)}{'' if self.is_prefix else ' '}"


Term = tuple[Phrase, ...]
"""What a document must hold: one of these."""


class WordsField(TextColumn):
    """The folded words of a document; ``holds`` finds them by the index."""


@WordsField.register_lookup
class Holds(Lookup):
    """Whether a document holds the words of each of the terms, wherever they stand in it.

    That words follow each other is for ``contains`` to ask: indexes of positions end where texts
    are long, on one of the databases.
    """

    lookup_name = "holds"
    prepare_rhs = False
    rhs: Sequence[Term]
    lhs: Any

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column = self._beside(compiler, words_column(self.lhs.target.column))
        wanted = _joined(self.rhs, word="'{}'", prefix="'{}':*", both=" & ", either=" | ")
        return f"{column} @@ %s::tsquery", [wanted]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        key = self._beside(compiler, self.lhs.target.model._meta.pk.column)
        index = connection.ops.quote_name(index_name(self.lhs.target.column))
        wanted = _joined(self.rhs, word='"{}"', prefix='"{}"*', both=" AND ", either=" OR ")
        # Names from the model alone.
        return f"{key} IN (SELECT rowid FROM {index} WHERE {index} MATCH %s)", [wanted]  # noqa: S608

    def _beside(self, compiler: Any, column: str) -> str:
        """Another column of the same document."""
        quote = compiler.quote_name_unless_alias
        return f"{quote(self.lhs.alias)}.{quote(column)}"


def words_column(column: str) -> str:
    """Where PostgreSQL keeps the words of a column as it compares them."""
    return f"{column}_words"


def index_name(column: str) -> str:
    """The index of the words of a column: on SQLite a table of its own."""
    return f"recommendations_search_{column}"


def _joined(terms: Sequence[Term], *, word: str, prefix: str, both: str, either: str) -> str:
    """The condition on words in the language of a database. Words are letters and figures alone."""

    def of_phrase(phrase: Phrase) -> str:
        *first, last = phrase.words
        parts = [*map(word.format, first), (prefix if phrase.is_prefix else word).format(last)]
        return f"({both.join(parts)})"

    return both.join(f"({either.join(map(of_phrase, term))})" for term in terms)


class SearchDocument(models.Model):
    """The words of one recommendation, for each audience those that it may read."""

    recommendation = UniqueRelatedField(
        "Recommendation",
        _("recommendation"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="document",
    )
    title = WordsField()
    """Words of reference and title."""
    public_title = WordsField(blank=True)
    """The same, and empty where ``public`` is."""
    public = WordsField(blank=True)
    """For everybody; empty where the recommendation is not published, or archived."""
    inside = WordsField()
    """For people with a role: without internal notes and internal evidence."""
    office = WordsField()
    """For readers of drafts."""

    class Meta:
        verbose_name = "search document"
        verbose_name_plural = "search documents"

    def __str__(self) -> str:
        return str(self.pk)
