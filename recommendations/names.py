"""Names of places as files spell them: folded, so that only what tells them apart is left."""

import unicodedata

NAMED_IN = ("ar", "zh", "fr", "ru", "es")
"""Languages of the United Nations, beside English, in which areas have names."""

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)
"""Letters that Unicode does not take apart into a plain one and a mark."""

_APOSTROPHES = dict.fromkeys(map(ord, "'`\u2019\u2018\u00b4\u02bc"))

_FULL = {
    "rep": "republic",
    "dem": "democratic",
    "fed": "federated",
    "st": "saint",
    "is": "islands",
    "isl": "islands",
}
"""What statistical files shorten."""

_SMALL = frozenset({"the", "of", "and"})
"""Words that are put in or left out at will."""

_STYLES = {
    *("republic", "kingdom", "state", "principality", "commonwealth", "union", "federal"),
    *("federated", "democratic", "peoples", "socialist", "cooperative", "islamic", "arab"),
    *("plurinational", "bolivarian"),
}
"""Words of full names that many states share, so that they say little of which one is meant."""


def fold(name: str) -> str:
    """A name without its case, accents, punctuation and shortenings; empty where nothing is left.

    ``Côte d’Ivoire`` and ``COTE D'IVOIRE`` fold to the same, as do ``St. Lucia`` and
    ``Saint Lucia``. Folding twice changes nothing.
    """
    plain = unicodedata.normalize("NFKD", name).casefold().translate(_APOSTROPHES)
    letters = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    folded = "".join(letters).translate(_LETTERS).replace("&", " and ")
    words = "".join(c if c.isalnum() else " " for c in folded).split()
    return unicodedata.normalize("NFC", " ".join(_FULL.get(word, word) for word in words))


def key(name: str) -> str:
    """The words that tell a name from others, in the order of the alphabet.

    ``Iran, Islamic Rep.`` and ``Islamic Republic of Iran`` have the same key.
    """
    return " ".join(sorted(set(fold(name).split()) - _SMALL))


def core(name: str) -> str:
    """What to compare names by that are not the same: without the words that many states share."""
    words = [word for word in fold(name).split() if word not in _SMALL]
    return " ".join([word for word in words if word not in _STYLES] or words)
