"""Names of areas for comparison: folded, so that only distinguishing letters are left."""

import unicodedata

NAMED_IN = ("ar", "zh", "fr", "ru", "es")
"""Languages of the United Nations, beside English, in which areas have names."""

LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
"""Letters that Unicode does not decompose into a letter and a mark."""

_APOSTROPHES = dict.fromkeys(map(ord, "'`\u2019\u2018\u00b4\u02bc"))

_ABBREVIATIONS = {
    "rep": "republic",
    "dem": "democratic",
    "fed": "federated",
    "st": "saint",
    "is": "islands",
    "isl": "islands",
}
"""Abbreviations in statistical files."""

_FILLERS = frozenset({"the", "of", "and"})
"""Words that are optional in names."""

_STATE_FORMS = {
    *("republic", "kingdom", "state", "principality", "commonwealth", "union", "federal"),
    *("federated", "democratic", "peoples", "socialist", "cooperative", "islamic", "arab"),
    *("plurinational", "bolivarian"),
}
"""Words of full names that many states share, so that they distinguish few of them."""


def fold(name: str) -> str:
    """A name without case, accents, punctuation and abbreviations; empty where nothing is left.

    ``Côte d’Ivoire`` and ``COTE D'IVOIRE`` fold to the same, as do ``St. Lucia`` and
    ``Saint Lucia``. Folding twice changes nothing.
    """
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_APOSTROPHES)
    letters = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    folded = "".join(letters).translate(LETTERS).replace("&", " and ")
    words = "".join(c if c.isalnum() else " " for c in folded).split()
    return unicodedata.normalize("NFC", " ".join(_ABBREVIATIONS.get(word, word) for word in words))


def key(name: str) -> str:
    """The distinguishing words of a name, in alphabetical order.

    ``Iran, Islamic Rep.`` and ``Islamic Republic of Iran`` have the same key.
    ``South-eastern Asia`` and ``Eastern and South-Eastern Asia`` have not: a word counts each time.
    """
    return " ".join(sorted(word for word in fold(name).split() if word not in _FILLERS))


def core(name: str) -> str:
    """For the similarity of different names: without the words that many states share."""
    words = [word for word in fold(name).split() if word not in _FILLERS]
    return " ".join([word for word in words if word not in _STATE_FORMS] or words)
