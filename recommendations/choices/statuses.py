"""Observation status: the code that a source states, its two columns, and its words.

A value keeps what calculations tell apart (``obs_status``) and the code of its source
(``source_status``) where that says more. Values from before the second column have the words that
readers of files wrote into the comment, and nothing where the source stated ``M`` or no code.
"""

from django.utils.translation import gettext_lazy as _

from recommendations.choices.indicators import MISSING_CODES, ObsStatus, SourceStatus

CODES = frozenset({*ObsStatus.values, *SourceStatus.values})
"""Every code of CL_OBS_STATUS."""

CODE_CHOICES = [
    *((code, label) for code, label in ObsStatus.choices if code != ObsStatus.MISSING),
    *((code, label) for code, label in SourceStatus.choices if code not in MISSING_CODES),
    *((code, label) for code, label in SourceStatus.choices if code in MISSING_CODES),
]
"""Every code with its label, those of missing values last."""

NOT_KEPT = _("Missing (source code not kept)")

_LABELS = dict(CODE_CHOICES)
_EARLIER_WORDS = {
    ObsStatus.MISSING.value: {
        "Missing": "O",
        "Missing: data exist but were not collected": "L",
        "Missing: holiday or weekend": "H",
        "Missing: suppressed": "Q",
        "Not applicable": "M",
    },
    ObsStatus.NORMAL.value: {
        "Data included in another category": "K",
        "Definition differs": "D",
        "Derogation": "J",
        "Experimental value": "G",
        "Includes data from another category": "W",
        "Not significant": "N",
        "Strike or other special event": "S",
        "Unvalidated value": "V",
    },
}


_CALCULATED = frozenset(ObsStatus.values)
"""Codes that calculations tell apart."""


def status_columns(code: str) -> dict[str, str]:
    """``obs_status`` and ``source_status`` of a value with this code; ``KeyError`` if unknown."""
    if code not in CODES:
        raise KeyError(code)
    if code in MISSING_CODES:
        return {"obs_status": ObsStatus.MISSING.value, "source_status": code}
    if code in _CALCULATED:
        return {"obs_status": code, "source_status": ""}
    return {"obs_status": ObsStatus.NORMAL.value, "source_status": code}


def stated_code(obs_status: str, source_status: str, comment: str) -> str:
    """The code that the source stated; empty where a missing value was stored without it."""
    if source_status:
        return source_status
    if earlier := _EARLIER_WORDS.get(obs_status):
        found = next((earlier[part] for part in comment.split("; ") if part in earlier), "")
        return found or ("" if obs_status == ObsStatus.MISSING else obs_status)
    return obs_status


def code_label(code: str) -> str:
    """The label of what ``stated_code`` gives."""
    return str(_LABELS.get(code, NOT_KEPT))
