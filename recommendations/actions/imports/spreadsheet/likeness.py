"""New rows that may be recorded already: of which the text is that of another recommendation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from recommendations.actions.imports.spreadsheet.plans import FindingCode, RowPlan
from recommendations.models import Recommendation
from recommendations.readers.tables import fold_text

SHORTEST_WORD = 4
MOST_OF_A_WORD = 50
"""Texts that may share a word that is looked for: words of more texts tell nothing."""
LIKELY = 0.7
"""Share of the words of both texts that both have."""
SHOWN = 120


class Likeness:
    """Texts by their words, so that those which share most words with another are found."""

    def __init__(self) -> None:
        self._texts: list[tuple[str, frozenset[str], str]] = []
        self._by_word: dict[str, list[int]] = defaultdict(list)

    def add(self, name: str, text: str) -> None:
        words = words_of(text)
        if words:
            for word in words:
                self._by_word[word].append(len(self._texts))
            self._texts.append((name, words, text))

    def find(self, text: str) -> tuple[str, str] | None:
        """The name and the text that is most alike; none where no text is."""
        words = words_of(text)
        shared: Counter[int] = Counter()
        for word in words:
            places = self._by_word.get(word, ())
            if len(places) <= MOST_OF_A_WORD:
                shared.update(places)
        best, share = None, LIKELY
        for place, _count in shared.most_common(5):
            name, others, found = self._texts[place]
            alike = len(words & others) / len(words | others)
            if alike >= share:
                best, share = (name, found), alike
        return best


def words_of(text: str) -> frozenset[str]:
    """The words of a text that tell it from others."""
    return frozenset(word for word in fold_text(text).split() if len(word) >= SHORTEST_WORD)


def tell_likely(rows: Sequence[RowPlan], recorded: Iterable[Recommendation]) -> None:
    """Show beside each new row the recommendation, or the earlier row, that its text is like."""
    recorded_texts, earlier = Likeness(), Likeness()
    meant = {row.recommendation.pk for row in rows if not row.is_new}
    for other in recorded:
        if other.pk not in meant:
            recorded_texts.add(other.reference, _text(other))
    for row in rows:
        if not row.is_new or row.is_rejected:
            continue
        text = _text(row.recommendation)
        found = recorded_texts.find(text) or earlier.find(text)
        if found is not None:
            there = _("%(name)s: %(text)s") % {"name": found[0], "text": found[1][:SHOWN]}
            row.record.add_finding(FindingCode.LIKELY_SAME, text[:SHOWN], there)
        earlier.add(_("row %d") % row.line, text)


def _text(recommendation: Recommendation) -> str:
    return recommendation.quoted_text or recommendation.summary or recommendation.title
