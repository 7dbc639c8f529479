"""What is searched for, as conditions on rows and as an order of them."""

import re
from collections.abc import Iterator
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.expressions import OrderBy

from recommendations import permissions
from recommendations.characters import replace_invalid
from recommendations.models import Recommendation, SearchDocument
from recommendations.models.recommendations.records import REFERENCE_PATTERN
from recommendations.models.search import Phrase, Term
from recommendations.permissions import Person
from recommendations.search.fold import compound_of, folded, words_in

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
    return tuple(Phrase(form, is_prefix) for form in forms)


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
