"""Where in a text, as it is written, what was searched for stands."""

from collections.abc import Iterator, Sequence

from recommendations.models.search import Phrase, Term
from recommendations.search.fold import spans_in


def parts_of(text: str, terms: Sequence[Term]) -> Iterator[tuple[str, bool]]:
    """The text in parts, one after the other, each with whether it is a hit: whole words."""
    last = 0
    for start, end in _hits(text, terms):
        if start > last:
            yield text[last:start], False
        if end > last:
            yield text[max(start, last) : end], True
        last = max(end, last)
    if last < len(text):
        yield text[last:], False


def _hits(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where hits begin and end, in order; they may overlap."""
    spans = list(spans_in(text))
    words = [word for word, _start, _end in spans]
    found = set()
    for phrase in (phrase for term in terms for phrase in term):
        for place in _places(words, phrase):
            found.add((spans[place][1], spans[place + len(phrase.words) - 1][2]))
    return sorted(found)


def _places(words: Sequence[str], phrase: Phrase) -> Iterator[int]:
    """Where in the words a phrase begins."""
    *first, last = phrase.words
    for place in range(len(words) - len(first)):
        word = words[place + len(first)]
        is_last = word.startswith(last) if phrase.is_prefix else word == last
        if is_last and list(words[place : place + len(first)]) == first:
            yield place
