"""What a source says of the quality of a figure, in the codes that are kept here.

Codes: SDMX code list CL_OBS_STATUS 2.2, and the flags of Eurostat. Where our list is shorter, the
meaning is kept in words.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ObsStatus
from recommendations.readers.statistics.figures import Refused
from recommendations.readers.tables import fold

Quality = tuple[str, str]
"""A code of ``ObsStatus``, or empty, and words for what that code does not say."""

_KEPT = frozenset({"", *ObsStatus.values})
_IN_WORDS: dict[str, tuple[str, Promise]] = {
    "D": ("", _("Definition differs")),
    "G": ("", _("Experimental value")),
    "H": (ObsStatus.MISSING, _("Missing: holiday or weekend")),
    "J": ("", _("Derogation")),
    "K": ("", _("Data included in another category")),
    "L": (ObsStatus.MISSING, _("Missing: data exist but were not collected")),
    "N": ("", _("Not significant")),
    "O": (ObsStatus.MISSING, _("Missing")),
    "Q": (ObsStatus.MISSING, _("Missing: suppressed")),
    "S": ("", _("Strike or other special event")),
    "V": ("", _("Unvalidated value")),
    "W": ("", _("Includes data from another category")),
}
_EUROSTAT: dict[str, tuple[str, str | Promise]] = {
    "b": (ObsStatus.BREAK, ""),
    "d": ("", _("Definition differs")),
    "e": (ObsStatus.ESTIMATED, ""),
    "f": (ObsStatus.FORECAST, ""),
    "i": (ObsStatus.IMPUTED, ""),
    "n": ("", _("Not significant")),
    "p": (ObsStatus.PROVISIONAL, ""),
    "r": ("", _("Revised")),
    "s": (ObsStatus.ESTIMATED, _("Estimated by Eurostat")),
    "u": (ObsStatus.LOW_RELIABILITY, ""),
    "z": (ObsStatus.MISSING, _("Not applicable")),
}
_LABELS = {fold(str(status.label)): status.value for status in ObsStatus} | {
    "estimate": ObsStatus.ESTIMATED,
    "break": ObsStatus.BREAK,
    "final": ObsStatus.NORMAL,
    "projection": ObsStatus.FORECAST,
}


def sdmx(text: str) -> Quality:
    """The status that an SDMX code, or the name of one, stands for; ``Refused`` if unknown."""
    code = text.strip().upper()
    if code in _KEPT:
        return code, ""
    if code in _IN_WORDS:
        status, words = _IN_WORDS[code]
        return status, str(words)
    if found := _LABELS.get(fold(text)):
        return str(found), ""
    raise Refused(_now("“%s” is not a status of the SDMX list CL_OBS_STATUS.") % text[:40])


def eurostat(text: str) -> Quality:
    """The status that one or more flags of Eurostat stand for; ``Refused`` if one is unknown."""
    flags = text.strip().lower().replace(" ", "")
    if "c" in flags:
        raise Refused(_now("It is confidential, and not for publication."))
    if unknown := set(flags) - set(_EUROSTAT):
        raise Refused(_now("“%s” is not a flag of Eurostat.") % min(unknown))
    statuses = [code for flag in flags if (code := _EUROSTAT[flag][0])]
    words = [str(said) for flag in flags if (said := _EUROSTAT[flag][1])]
    words += [str(ObsStatus(code).label) for code in statuses[1:]]
    return (str(statuses[0]) if statuses else ""), "; ".join(words)
