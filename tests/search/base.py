"""Searches as a person makes them, and a second way to find the same, without a database."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from recommendations.models import Recommendation
from recommendations.models.search import Phrase
from recommendations.search.documents import refresh
from recommendations.search.fold import compounds_in, folded, words_in
from recommendations.search.queries import matching, parse
from tests.base import TrackerTestCase

NOBODY = AnonymousUser()


def wide(text: str) -> str:
    """The text in letters as wide as Chinese ones."""
    return "".join(chr(ord(letter) + 0xFEE0) if letter > " " else letter for letter in text)


def holds(texts: Sequence[str], text: str) -> bool:
    """Whether a document of these texts is found by what somebody types."""
    plain = [folded(each) for each in texts]
    fields = [words_in(each) for each in plain]
    fields += [[word] for each in plain for word in compounds_in(each)]
    terms = parse(text)
    return bool(terms) and all(
        any(_stands(phrase, field) for phrase in term for field in fields) for term in terms
    )


def _stands(phrase: Phrase, field: list[str]) -> bool:
    *first, last = phrase.words
    for start in range(len(field) - len(first)):
        found = field[start + len(first)]
        is_last = found.startswith(last) if phrase.is_prefix else found == last
        if is_last and field[start : start + len(first)] == first:
            return True
    return False


class SearchTestCase(TrackerTestCase):
    """Recommendations with some words, and who finds them."""

    @classmethod
    def write(cls, recommendation: Recommendation | None = None, **values: Any) -> Recommendation:
        """Past the actions: what is said of it is of no interest here, but its words are."""
        found = recommendation or cls.recommendation
        Recommendation.objects.filter(pk=found.pk).update(**values)
        refresh([found.pk])
        return found

    @classmethod
    def publish(cls, recommendation: Recommendation) -> None:
        cls.write(recommendation, published_at=timezone.now(), published_by=cls.manager)

    def found(self, text: str, person: Any = None) -> list[str]:
        """References of what a person finds; a manager unless told otherwise."""
        rows = Recommendation.objects.filter(matching(person or self.manager, parse(text)))
        return sorted(rows.values_list("reference", flat=True))

    def assert_found(self, *texts: str) -> None:
        for text in texts:
            with self.subTest(text):
                self.assertEqual(self.found(text), ["REP-1"])

    def assert_not_found(self, *texts: str) -> None:
        for text in texts:
            with self.subTest(text):
                self.assertEqual(self.found(text), [])
