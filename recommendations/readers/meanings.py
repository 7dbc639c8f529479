"""What statuses and ratings of other offices mean here.

A proposal is made where the meaning is certain; a person confirms it.
"""

from dataclasses import dataclass

from django.utils.translation import gettext

from recommendations.choices import Confidence
from recommendations.choices import ImplementationStatus as S
from recommendations.choices import ResponsePosition as R
from recommendations.readers.tables import fold_text

KEPT_AS_HISTORY = "history"
"""In place of a status: there is none, and the original wording is kept as history."""


class MapError(Exception):
    """A map is not valid; ``str`` of it says why."""


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """The meaning of a status of the source: a status, a position, or both."""

    status: str = ""
    position: str = ""

    @property
    def code(self) -> str:
        """The status as one of our codes; empty where the wording is kept as history."""
        return "" if self.status == KEPT_AS_HISTORY else self.status


# Left out is what means one thing here and another there, such as “not implemented” (for ever, or
# not yet) and “open”.
_PROPOSED: dict[StatusMeaning, tuple[str, ...]] = {
    StatusMeaning(S.NOT_STARTED): (
        *("not started", "not yet started", "no action", "no action taken"),
    ),
    StatusMeaning(S.IN_PROGRESS): (
        *("in progress", "ongoing", "under implementation", "underway", "under way", "started"),
        *("open acceptable response", "open acceptable action", "open acceptable"),
        *("open alternate response", "being implemented", "implementation ongoing"),
    ),
    StatusMeaning(S.PARTLY_IMPLEMENTED): (
        *("partially implemented", "partly implemented", "partial", "partially complete"),
        *("open partially addressed", "partially addressed", "partially completed"),
    ),
    StatusMeaning(S.IMPLEMENTED): (
        *("implemented", "fully implemented", "complete", "completed", "done", "fulfilled"),
        *("closed acceptable", "closed acceptable action", "closed exceeds recommended action"),
        *("closed implemented", "closed acceptable alternate action", "closed as implemented"),
    ),
    StatusMeaning(S.NOT_IMPLEMENTED): (
        *("closed not implemented", "closed unacceptable", "closed unacceptable action"),
        *("will not be implemented", "abandoned"),
    ),
    StatusMeaning(S.NO_LONGER_APPLICABLE): (
        *("closed no longer applicable", "no longer applicable", "overtaken by events"),
        *("not applicable any more", "lapsed", "obsolete"),
    ),
    StatusMeaning(S.SUPERSEDED): ("closed superseded", "superseded", "replaced", "merged"),
    StatusMeaning("", R.AWAITING): (
        *("open await response", "open awaiting response", "awaiting response", "no response"),
        *("no response yet", "open initial response received"),
    ),
    StatusMeaning("", R.ACCEPTED): (
        *("accepted", "agreed", "supported", "agree", "concur", "yes"),
    ),
    StatusMeaning("", R.ACCEPTED_IN_PART): (
        *("accepted in part", "agreed in part", "supported in part", "partially accepted"),
        *("partly accepted", "partially agreed", "partially concur", "partly agreed"),
    ),
    StatusMeaning("", R.ACCEPTED_IN_PRINCIPLE): (
        *("accepted in principle", "agreed in principle", "supported in principle"),
    ),
    StatusMeaning("", R.REJECTED): (
        *("rejected", "not accepted", "not agreed", "not supported", "disagreed", "non concur"),
    ),
    StatusMeaning("", R.UNDER_CONSIDERATION): (
        *("under consideration", "being considered", "to be decided"),
        *("decision pending", "for further consideration"),
    ),
    StatusMeaning("", R.NOTED): ("noted", "takes note", "taken note of"),
    StatusMeaning("", R.NOT_FOR_US): ("not for us", "not our responsibility"),
    StatusMeaning(S.IMPLEMENTED, R.ACCEPTED): (
        "accepted and implemented",
        "agreed and implemented",
    ),
    StatusMeaning(S.IN_PROGRESS, R.ACCEPTED): (
        *("accepted and in progress", "accepted implementation ongoing", "agreed in progress"),
    ),
    StatusMeaning(S.NOT_STARTED, R.ACCEPTED): ("accepted not started", "accepted and not started"),
}

_BY_WORDS = {words: meaning for meaning, known in _PROPOSED.items() for words in known}
_OWN_STATUSES = {
    fold_text(text): StatusMeaning(s.value) for s in S for text in (s.value, str(s.label))
}
_OWN_POSITIONS = {
    fold_text(text): StatusMeaning("", r.value) for r in R for text in (r.value, str(r.label))
}


def meaning_of(text: str, *, is_response: bool = False) -> StatusMeaning:
    """The usual meaning of a status of another office; empty where none is certain."""
    folded = fold_text(text)
    own = _OWN_POSITIONS if is_response else _OWN_STATUSES
    found = own.get(folded) or _BY_WORDS.get(folded)
    if found is None and not is_response:
        found = _OWN_POSITIONS.get(folded)
    return found or StatusMeaning()


_OWN_CONFIDENCES = {
    fold_text(text): c.value for c in Confidence for text in (c.value, str(c.label))
} | {"yellow": Confidence.AMBER.value}


def confidence_of(text: str) -> str:
    """The usual meaning of a rating of another office; empty where none is certain."""
    return _OWN_CONFIDENCES.get(fold_text(text), "")


def read_meanings(data: object) -> dict[str, StatusMeaning]:
    """The meanings of statuses in a map file."""
    if not isinstance(data, dict):
        raise MapError(gettext("“statuses” maps each original status to a status of this tracker."))
    found = {}
    for words, meaning in data.items():
        known = isinstance(meaning, dict) and set(meaning) <= {"status", "response"}
        status = meaning.get("status", "") if known else None
        position = meaning.get("response", "") if known else None
        if status not in ["", KEPT_AS_HISTORY, *S.values] or position not in ["", *R.values]:
            raise MapError(
                gettext("“%s” must map to a status or a response of this tracker, or to none.")
                % str(words)[:80]
            )
        found[fold_text(str(words))] = StatusMeaning(str(status), str(position))
    return found


def read_confidences(data: object) -> dict[str, str]:
    """The meanings of ratings in a map file."""
    known = ["", *Confidence.values]
    if not isinstance(data, dict) or any(code not in known for code in data.values()):
        raise MapError(
            gettext("“confidences” maps each original rating to a delivery confidence, or to none.")
        )
    return {fold_text(str(words)): str(code) for words, code in data.items()}
