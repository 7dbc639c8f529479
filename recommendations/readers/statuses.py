"""What foreign statuses usually mean. Only a proposal: a person confirms each before it counts.

Left out on purpose is what means one thing here and another there, such as “not implemented” (over
for good, or still to come) and “open”.
"""

from __future__ import annotations

from collections.abc import Iterable

from recommendations.choices import ImplementationStatus as S
from recommendations.choices import ResponsePosition as R
from recommendations.readers.columns import Meaning
from recommendations.readers.tables import fold

_PROPOSED: dict[Meaning, tuple[str, ...]] = {
    Meaning(S.NOT_STARTED): ("not started", "not yet started", "no action", "no action taken"),
    Meaning(S.IN_PROGRESS): (
        *("in progress", "ongoing", "under implementation", "underway", "under way", "started"),
        *("open acceptable response", "open acceptable action", "open acceptable"),
        *("open alternate response", "being implemented", "implementation ongoing"),
    ),
    Meaning(S.PARTLY_IMPLEMENTED): (
        *("partially implemented", "partly implemented", "partial", "partially complete"),
        *("open partially addressed", "partially addressed", "partially completed"),
    ),
    Meaning(S.IMPLEMENTED): (
        *("implemented", "fully implemented", "complete", "completed", "done", "fulfilled"),
        *("closed acceptable", "closed acceptable action", "closed exceeds recommended action"),
        *("closed implemented", "closed acceptable alternate action", "closed as implemented"),
    ),
    Meaning(S.NOT_IMPLEMENTED): (
        *("closed not implemented", "closed unacceptable", "closed unacceptable action"),
        *("will not be implemented", "abandoned"),
    ),
    Meaning(S.NO_LONGER_APPLICABLE): (
        *("closed no longer applicable", "no longer applicable", "overtaken by events"),
        *("not applicable any more", "lapsed", "obsolete"),
    ),
    Meaning(S.SUPERSEDED): ("closed superseded", "superseded", "replaced", "merged"),
    Meaning("", R.AWAITING): (
        *("open await response", "open awaiting response", "awaiting response", "no response"),
        *("no response yet", "open initial response received"),
    ),
    Meaning("", R.ACCEPTED): (*("accepted", "agreed", "supported", "agree", "concur", "yes"),),
    Meaning("", R.ACCEPTED_IN_PART): (
        *("accepted in part", "agreed in part", "supported in part", "partially accepted"),
        *("partly accepted", "partially agreed", "partially concur"),
    ),
    Meaning("", R.ACCEPTED_IN_PRINCIPLE): (
        *("accepted in principle", "agreed in principle", "supported in principle"),
    ),
    Meaning("", R.REJECTED): (
        *("rejected", "not accepted", "not agreed", "not supported", "disagreed", "non concur"),
    ),
    Meaning("", R.NOT_FOR_US): ("not for us", "not our responsibility"),
    Meaning(S.IMPLEMENTED, R.ACCEPTED): ("accepted and implemented", "agreed and implemented"),
    Meaning(S.IN_PROGRESS, R.ACCEPTED): (
        *("accepted and in progress", "accepted implementation ongoing", "agreed in progress"),
    ),
    Meaning(S.NOT_STARTED, R.ACCEPTED): ("accepted not started", "accepted and not started"),
}

_BY_WORDS = {words: meaning for meaning, known in _PROPOSED.items() for words in known}
_OWN_STATUSES = {fold(text): Meaning(s.value) for s in S for text in (s.value, str(s.label))}
_OWN_POSITIONS = {fold(text): Meaning("", r.value) for r in R for text in (r.value, str(r.label))}


def meaning_of(words: str, *, is_response: bool = False) -> Meaning:
    """What these words usually mean; an empty meaning where that cannot be told."""
    folded = fold(words)
    own = _OWN_POSITIONS if is_response else _OWN_STATUSES
    found = own.get(folded) or _BY_WORDS.get(folded)
    if found is None and not is_response:
        found = _OWN_POSITIONS.get(folded)
    return found or Meaning()


def proposed(words: Iterable[str]) -> dict[str, Meaning]:
    """A proposal for each of these words, under their folded form."""
    return {fold(text): meaning_of(text) for text in words}
