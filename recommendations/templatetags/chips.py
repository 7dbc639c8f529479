"""Chips: a shape, a word and a colour for each code, said in full to readers by ear.

Built once for each code and language and then kept: a list shows hundreds of them.
"""

from functools import lru_cache
from typing import Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from recommendations.choices import (
    ActionState,
    Assurance,
    Confidence,
    ImplementationStatus,
    ResponsePosition,
    Stance,
    UpdateState,
    status_label,
)
from recommendations.templatetags.icons import svg

# One colour for each thing, wherever it stands: chip, key, bar and chart.
STATUS_TONES: Final[dict[str, str]] = {
    "": "none",
    ImplementationStatus.NOT_STARTED: "grey",
    ImplementationStatus.IN_PROGRESS: "violet",
    ImplementationStatus.PARTLY_IMPLEMENTED: "blue",
    ImplementationStatus.IMPLEMENTED: "green",
    ImplementationStatus.NOT_IMPLEMENTED: "grey",
    ImplementationStatus.NO_LONGER_APPLICABLE: "grey",
    ImplementationStatus.SUPERSEDED: "grey",
}
CONFIDENCE_TONES: Final[dict[str, str]] = {
    Confidence.GREEN: "green",
    Confidence.AMBER: "amber",
    Confidence.RED: "red",
    Confidence.NOT_RATED: "grey",
}
ASSURANCE_TONES: Final[dict[str, str]] = {
    Assurance.MANAGER_APPROVED: "plain",
    Assurance.EVIDENCE_CHECKED: "assured",
    Assurance.INDEPENDENTLY_VERIFIED: "assured",
}
STANCE_TONES: Final[dict[str, str]] = {
    Stance.SUPPORTS: "green",
    Stance.UNDERMINES: "red",
    Stance.BACKGROUND: "grey",
    Stance.NEED: "grey",
}
STATE_LOOKS: Final[dict[str, tuple[str, str]]] = {
    UpdateState.DRAFT: ("none", "pencil"),
    UpdateState.SUBMITTED: ("violet", "clock"),
    UpdateState.RETURNED: ("amber", "undo"),
    UpdateState.APPROVED: ("green", "check"),
    UpdateState.WITHDRAWN: ("grey", "archive"),
}
RESPONSE_LOOKS: Final[dict[str, tuple[str, str]]] = {
    ResponsePosition.AWAITING: ("none", "clock"),
    ResponsePosition.ACCEPTED: ("green", "check"),
    ResponsePosition.ACCEPTED_IN_PART: ("blue", "status-partly_implemented"),
    ResponsePosition.ACCEPTED_IN_PRINCIPLE: ("blue", "check"),
    ResponsePosition.REJECTED: ("red", "stance-undermines"),
    ResponsePosition.NOT_FOR_US: ("grey", "arrow-right"),
    ResponsePosition.WITHDRAWN: ("grey", "undo"),
}
ACTION_LOOKS: Final[dict[str, tuple[str, str]]] = {
    ActionState.NOT_STARTED: ("grey", "status-not_started"),
    ActionState.IN_PROGRESS: ("violet", "status-in_progress"),
    ActionState.DONE: ("green", "status-implemented"),
    ActionState.DROPPED: ("grey", "archive"),
}


def chip(tone: str, icon: str, label: str | Promise, prefix: str = "") -> SafeString:
    """One chip; ``prefix`` names the kind of fact and is heard, not seen."""
    return format_html(
        '<span class="chip chip-{}">{}<span>{}{}</span></span>',
        tone,
        svg(icon) if icon else "",
        format_html('<span class="visually-hidden">{} </span>', prefix) if prefix else "",
        label,
    )


def status_icon(code: str) -> str:
    return f"status-{code or 'none'}"


def confidence_label(code: str, *, has_date: bool = True) -> str:
    """The word for a forecast; "on track" means little where no date is set, and says so."""
    if code == Confidence.GREEN and not has_date:
        return _("On track (no date set)")
    return str(Confidence(code or Confidence.NOT_RATED).label)


def status_chip(code: str, *, is_continuous: bool, is_reported: bool) -> SafeString:
    return _status_chip(get_language(), code, is_continuous, is_reported)


@lru_cache(maxsize=256)
def _status_chip(
    language: str | None, code: str, is_continuous: bool, is_reported: bool
) -> SafeString:
    label = status_label(code, is_continuous=is_continuous)
    prefix = _("Status:")
    if is_reported:
        label = _("Reported as “%(status)s”, awaiting check") % {"status": label}
        return chip(f"{STATUS_TONES[code]} chip-open", status_icon(code), label, prefix)
    return chip(STATUS_TONES[code], status_icon(code), label, prefix)


def confidence_chip(code: str, *, has_date: bool, is_out_of_date: bool, rated: str) -> SafeString:
    return _confidence_chip(get_language(), code, has_date, is_out_of_date, rated)


@lru_cache(maxsize=1024)
def _confidence_chip(
    language: str | None, code: str, has_date: bool, is_out_of_date: bool, rated: str
) -> SafeString:
    label = confidence_label(code, has_date=has_date)
    tone = CONFIDENCE_TONES[code or Confidence.NOT_RATED]
    icon = f"confidence-{code or Confidence.NOT_RATED}"
    if is_out_of_date:
        if rated:
            label = _("%(confidence)s, rating of %(day)s") % {"confidence": label, "day": rated}
        else:
            label = _("%(confidence)s, rating out of date") % {"confidence": label}
        tone += " chip-open"
    return chip(tone, icon, label, _("Confidence:"))


@lru_cache(maxsize=64)
def _assurance_chip(language: str | None, code: str) -> SafeString:
    return chip(ASSURANCE_TONES[code], f"assurance-{code}", Assurance(code).label, _("Assurance:"))


def assurance_chip(code: str) -> SafeString:
    return _assurance_chip(get_language(), code) if code else SafeString("")


@lru_cache(maxsize=64)
def _stance_chip(language: str | None, code: str) -> SafeString:
    return chip(
        STANCE_TONES[code],
        f"stance-{code}",
        Stance(code).label,
        pgettext("heard before For or Against", "Evidence:"),
    )


def stance_chip(code: str) -> SafeString:
    return _stance_chip(get_language(), code)


def state_chip(code: str) -> SafeString:
    tone, icon = STATE_LOOKS[code]
    return chip(tone, icon, UpdateState(code).label, _("State:"))


def response_chip(position: str) -> SafeString:
    tone, icon = RESPONSE_LOOKS[position]
    return chip(tone, icon, ResponsePosition(position).label, _("Response:"))


def action_chip(state: str) -> SafeString:
    tone, icon = ACTION_LOOKS[state]
    return chip(tone, icon, ActionState(state).label, _("Action:"))
