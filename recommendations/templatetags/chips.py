"""Icons, and chips: a shape, a word and a colour for each code, said in full to readers by ear."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NamedTuple, ParamSpec

from django import template
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import choices
from recommendations.choices import (
    ActionState,
    Assurance,
    Confidence,
    ImplementationStatus,
    ResponsePosition,
    Stance,
    UpdateState,
)
from recommendations.templatetags.memo import drawn_once
from recommendations.templatetags.texts import Day, short_day

# ---- Icons as inline SVG: drawn on a 16 × 16 grid in the colour of the text around them.
# Inline, because a strict content security policy, print and forced colours all leave inline shapes
# alone. The shapes of status and confidence carry meaning besides colour; each is always set beside
# its word.

register = template.Library()

_RING: Final = '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.8"/>'
_DISC: Final = '<circle cx="8" cy="8" r="6.9" fill="currentColor"/>'
_SHIELD: Final = "M8 1.2 13.6 3v4.6c0 3.5-2.3 5.9-5.6 7.2-3.3-1.3-5.6-3.7-5.6-7.2V3z"


def _line(path: str, width: str = "1.7") -> str:
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="{width}"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _cut(shape: str, path: str) -> str:
    """A filled shape with a line in the colour of its ground, which the theme gives."""
    return shape + (
        f'<path class="icon-cut" d="{path}" fill="none" stroke-width="1.8"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


_SHIELD_LINE: Final = _line(_SHIELD, "1.5")
_SHIELD_FULL: Final = f'<path d="{_SHIELD}" fill="currentColor"/>'

SHAPES: Final[dict[str, str]] = {
    # Status: a circle that fills.
    "status-none": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.8"'
        ' stroke-dasharray="2.4 2.31"/>'
    ),
    "status-not_started": _RING,
    "status-in_progress": _RING + '<path d="M8 4.1a3.9 3.9 0 0 1 0 7.8z" fill="currentColor"/>',
    "status-partly_implemented": (
        _RING + '<path d="M8 8V4.1A3.9 3.9 0 1 1 4.1 8z" fill="currentColor"/>'
    ),
    "status-implemented": _cut(_DISC, "m4.9 8.3 2.2 2.2 4.1-4.6"),
    "status-not_implemented": _RING + _line("m5.6 5.6 4.8 4.8M10.4 5.6l-4.8 4.8", "1.6"),
    "status-no_longer_applicable": _RING + _line("M3.9 12.1 12.1 3.9", "1.6"),
    "status-superseded": _RING + _line("M5 8h5.6M8.6 5.8 10.8 8l-2.2 2.2", "1.5"),
    # Confidence: a shape of its own for each.
    "confidence-green": '<circle cx="8" cy="8" r="5.6" fill="currentColor"/>',
    "confidence-amber": '<path d="M8 1.9 15 14H1z" fill="currentColor"/>',
    "confidence-red": '<path d="m8 1 7 7-7 7-7-7z" fill="currentColor"/>',
    "confidence-not_rated": _line("M3 8h10", "2.2"),
    # Assurance: a shield that gains weight.
    "assurance-batch_approved": _SHIELD_LINE + _line("M5.4 6.2h5.2M5.4 8.6h5.2", "1.4"),
    "assurance-manager_approved": _SHIELD_LINE,
    "assurance-evidence_checked": _SHIELD_LINE + _line("m5.6 7.8 1.7 1.8 3.1-3.5", "1.6"),
    "assurance-independently_verified": _cut(_SHIELD_FULL, "m5.4 7.8 1.9 1.9 3.4-3.8"),
    "assurance-contradicted": _SHIELD_LINE + _line("M8 4.9v3.4M8 10.8v.1", "1.8"),
    # Stance of evidence.
    "stance-supports": _line("M8 3v10M3 8h10", "2"),
    "stance-undermines": _line("m4 4 8 8M12 4l-8 8", "2"),
    "stance-background": _line("M3 4.5h10M3 8h10M3 11.5h6"),
    "stance-need": _line("M3.6 14.2V2.4M3.6 3h8.6l-2 2.9 2 2.9H3.6", "1.6"),
    # Interface.
    "mark": (
        '<circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="3"'
        ' stroke-dasharray="26.4 8.8" transform="rotate(-90 8 8)"/>'
    ),
    "search": _line("M7 2.6a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8m3.3 7.7 3.4 3.4"),
    "menu": _line("M2.5 4h11M2.5 8h11M2.5 12h11"),
    "chevron-down": _line("m4 6.2 4 4 4-4"),
    "user": _line(
        "M8 2.4a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4M2.8 14c.4-2.7 2.5-4 5.2-4s4.8 1.3 5.2 4"
    ),
    "check": _line("m3 8.6 3.3 3.3L13 4.6", "2"),
    "warning": _line("M8 2 14.8 13.6H1.2zM8 6.4v3.3M8 11.7v.1", "1.6"),
    "info": _line("M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8m0 5.6v3.8M8 4.7v.1", "1.6"),
    "close": _line("m4 4 8 8M12 4l-8 8"),
    "bell": _line(
        "M8 1.9a4 4 0 0 1 4 4v3.2l1.4 2.3H2.6L4 9.1V5.9a4 4 0 0 1 4-4M6.7 13.8h2.6", "1.5"
    ),
    "clock": _line("M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8M8 4.6V8l2.4 1.6", "1.5"),
    "calendar": _line("M2.4 3.6h11.2v10H2.4zM2.4 6.8h11.2M5.4 1.8v3M10.6 1.8v3", "1.5"),
    "document": _line("M3.6 1.8h5.6l3.2 3.2v9.2H3.6zM9 2v3.2h3.2M6 8.4h4M6 11h4", "1.4"),
    "external": _line("M6.4 3.4H3v9.6h9.6V9.6M9.2 2.6h4.2v4.2M13.2 2.8 7.6 8.4", "1.5"),
    "arrow-right": _line("M2.8 8h10M8.8 4l4 4-4 4"),
    "arrow-left": _line("M13.2 8h-10M7.2 4l-4 4 4 4"),
    "plus": _line("M8 3v10M3 8h10", "1.8"),
    "pencil": _line("m2.6 13.4.7-3.2 7.6-7.6 2.5 2.5-7.6 7.6zM9.4 4.1l2.5 2.5", "1.4"),
    "lock": _line("M3.4 7.2h9.2v6.6H3.4zM5.4 7V5a2.6 2.6 0 0 1 5.2 0v2", "1.5"),
    "archive": _line("M1.8 2.8h12.4v3.4H1.8zM3 6.2v7h10v-7M6.4 8.8h3.2", "1.4"),
    "flask": _line(
        "M6.2 1.8h3.6M6.8 2v4L3 13c-.3.7.1 1.2.8 1.2h8.4c.7 0 1.1-.5.8-1.2L9.2 6V2M4.8 10h6.4",
        "1.4",
    ),
    "inbox": _line("M2 9.2 4 3h8l2 6.2v4H2zM2 9.2h3.4l1 1.8h3.2l1-1.8H14", "1.4"),
    "tick": _RING + _line("m5.3 8.2 1.9 1.9 3.5-3.8"),
    "filter": _line("M2 3.4h12M4.4 8h7.2M6.6 12.6h2.8"),
    "eye": _line(
        "M1.4 8S3.8 3.6 8 3.6 14.6 8 14.6 8 12.2 12.4 8 12.4 1.4 8 1.4 8"
        "M8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6",
        "1.4",
    ),
    "quote": _line(
        "M6.4 4C4 4.8 3 6.4 3 9h3.4v3.4H3V9M13 4c-2.4.8-3.4 2.4-3.4 5H13v3.4H9.6V9", "1.4"
    ),
    "undo": _line("M5.4 3 2.6 5.8l2.8 2.8M2.8 5.8h6.4a4 4 0 0 1 0 8H6"),
    "history": _line("M2.6 8a5.6 5.6 0 1 0 1.8-4.1L2.6 5.4M2.6 2.4v3h3M8 5v3.2l2.2 1.4", "1.5"),
}


@register.simple_tag(name="icon")
def svg(name: str) -> SafeString:
    """``{% icon "search" %}``, hidden from readers by ear: its word is beside it.

    Raises KeyError for a name that does not exist, so a slip shows in the first test.
    """
    return format_html(
        '<svg class="icon icon-{}" viewBox="0 0 16 16" width="16" height="16"'
        ' aria-hidden="true" focusable="false">{}</svg>',
        name,
        SafeString(SHAPES[name]),
    )


# ---- Chips: a shape, a word and a colour for each code, said in full to readers by ear

P = ParamSpec("P")


class Kind(NamedTuple):
    """How the codes of one vocabulary are shown."""

    prefix: str | Promise
    """Heard before the label, not seen."""
    vocabulary: type[TextChoices]
    looks: dict[str, tuple[str, str]]
    """Tone and icon of each code."""


# Statuses are ordered, so they share one hue and the icon fills; the colours of traffic lights
# belong to delivery confidence alone.
STATUS_TONES: Final[dict[str, str]] = {
    "": "none",
    ImplementationStatus.NOT_STARTED: "grey",
    ImplementationStatus.IN_PROGRESS: "blue",
    ImplementationStatus.PARTLY_IMPLEMENTED: "blue",
    ImplementationStatus.IMPLEMENTED: "blue",
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
KINDS: Final[dict[str, Kind]] = {
    "assurance": Kind(
        gettext_lazy("Verification"),
        Assurance,
        {
            Assurance.BATCH_APPROVED: ("amber", "assurance-batch_approved"),
            Assurance.MANAGER_APPROVED: ("plain", "assurance-manager_approved"),
            Assurance.EVIDENCE_CHECKED: ("assured", "assurance-evidence_checked"),
            Assurance.INDEPENDENTLY_VERIFIED: ("assured", "assurance-independently_verified"),
        },
    ),
    "stance": Kind(
        gettext_lazy("Evidence"),
        Stance,
        {
            Stance.SUPPORTS: ("green", "stance-supports"),
            Stance.UNDERMINES: ("red", "stance-undermines"),
            Stance.BACKGROUND: ("grey", "stance-background"),
            Stance.NEED: ("grey", "stance-need"),
        },
    ),
    "state": Kind(
        gettext_lazy("Update status"),
        UpdateState,
        {
            UpdateState.DRAFT: ("none", "pencil"),
            UpdateState.SUBMITTED: ("violet", "clock"),
            UpdateState.RETURNED: ("amber", "undo"),
            UpdateState.APPROVED: ("green", "check"),
            UpdateState.WITHDRAWN: ("grey", "archive"),
        },
    ),
    "response": Kind(
        capfirst(gettext_lazy("response")),
        ResponsePosition,
        {
            ResponsePosition.AWAITING: ("none", "clock"),
            ResponsePosition.ACCEPTED: ("green", "check"),
            ResponsePosition.ACCEPTED_IN_PART: ("blue", "status-partly_implemented"),
            ResponsePosition.ACCEPTED_IN_PRINCIPLE: ("blue", "check"),
            ResponsePosition.REJECTED: ("red", "stance-undermines"),
            ResponsePosition.UNDER_CONSIDERATION: ("violet", "clock"),
            ResponsePosition.NOTED: ("grey", "check"),
            ResponsePosition.NOT_FOR_US: ("grey", "arrow-right"),
            ResponsePosition.WITHDRAWN: ("grey", "undo"),
        },
    ),
    "action": Kind(
        gettext_lazy("Action"),
        ActionState,
        {
            ActionState.NOT_STARTED: ("grey", "status-not_started"),
            ActionState.IN_PROGRESS: ("blue", "status-in_progress"),
            ActionState.DONE: ("green", "status-implemented"),
            ActionState.DROPPED: ("grey", "archive"),
        },
    ),
}


def _built_once(build: Callable[P, SafeString]) -> Callable[P, SafeString]:
    """Draw each chip once for its arguments: a list shows hundreds."""

    @wraps(build)
    def built(*args: P.args, **kwargs: P.kwargs) -> SafeString:
        return drawn_once((build, args, *kwargs.items()), lambda: build(*args, **kwargs))

    return built


@register.simple_tag
def chip(label: str | Promise, tone: str = "grey", icon: str = "", prefix: str = "") -> SafeString:
    """One short fact, in sentence case; ``prefix`` names its kind and is heard, not seen.

    Tones: plain, grey, none, violet, blue, green, amber, red.
    """
    return format_html(
        '<span class="chip chip-{}">{}<span>{}{}</span></span>',
        tone,
        svg(icon) if icon else "",
        format_html('<span class="visually-hidden">{}: </span>', prefix) if prefix else "",
        capfirst(str(label)),
    )


@register.simple_tag
@_built_once
def status_chip(
    code: str | None, is_continuous: bool = False, is_reported: bool = False
) -> SafeString:
    """The status; nothing at all is "No report yet".

    ``is_reported`` is for an update that waits: "Reported as “Implemented”, awaiting check".
    """
    label, tone = status_label(code, is_continuous), STATUS_TONES[code or ""]
    if is_reported:
        label = _("Reported as “%(status)s”, awaiting verification") % {"status": label}
        tone += " chip-open"
    return chip(label, tone, f"status-{code or 'none'}", _("Status"))


@register.simple_tag
def confidence_chip(
    code: str | None,
    is_out_of_date: bool = False,
    has_date: bool = True,
    rated_on: Day | None = None,
) -> SafeString:
    """The forecast; one out of date keeps its word and says the day it was given."""
    return _confidence_chip(
        code or Confidence.NOT_RATED,
        bool(has_date),
        bool(is_out_of_date),
        short_day(rated_on) if is_out_of_date else "",
    )


@_built_once
def _confidence_chip(code: str, has_date: bool, is_out_of_date: bool, rated: str) -> SafeString:
    label, tone = confidence_label(code, has_date), CONFIDENCE_TONES[code]
    shown = chip(label, tone, f"confidence-{code}", _("Confidence"))
    if not is_out_of_date:
        return shown
    day = _("Rated %(day)s") % {"day": rated} if rated else _("Rating out of date")
    return format_html('{} <small class="quiet on-line">{}</small>', shown, day)


def _chip_of_code(kind: str) -> Callable[[str | None], SafeString]:
    """The tag for codes of a vocabulary; it shows nothing without a code."""
    prefix, vocabulary, looks = KINDS[kind]

    @_built_once
    def built(code: str) -> SafeString:
        return chip(vocabulary(code).label, *looks[code], str(prefix))

    def shown(code: str | None) -> SafeString:
        return built(code) if code else SafeString("")

    return register.simple_tag(shown, name=f"{kind}_chip")


def _chip_where(name: str, label: Promise, tone: str, icon: str) -> Callable[[Any], SafeString]:
    """The tag that shows one word where what it is given is so, and nothing otherwise."""

    def shown(is_so: Any = True) -> SafeString:
        return chip(label, tone, icon) if is_so else SafeString("")

    return register.simple_tag(shown, name=f"{name}_chip")


assurance_chip = _chip_of_code("assurance")
stance_chip = _chip_of_code("stance")
state_chip = _chip_of_code("state")
response_chip = _chip_of_code("response")
action_chip = _chip_of_code("action")

# Beside the assurance, never instead of it.
contradicted_chip = _chip_where(
    "contradicted", gettext_lazy("Contradicted (unanswered)"), "red", "assurance-contradicted"
)
demonstration_chip = _chip_where("demonstration", gettext_lazy("Demonstration"), "amber", "flask")
import_chip = _chip_where("import", gettext_lazy("Approved through an import"), "amber", "document")
opening_chip = _chip_where("opening", capfirst(gettext_lazy("opening status")), "amber", "document")


@register.simple_tag
def demonstration_mark(is_shown: bool = True) -> SafeString:
    """A fictional row of a list: an icon, and its word for readers by ear.

    Written right after the name, it stays with the last word of it on one line.
    """
    if not is_shown:
        return SafeString("")
    mark = '<span class="quiet nobreak">&nbsp;{}<span class="visually-hidden">{}</span></span>'
    return format_html(mark, svg("flask"), _("Demonstration"))


@register.filter
def status_label(code: str | None, is_continuous: bool = False) -> str:
    """The label of a status alone, for a sentence or a title."""
    return choices.label_of_status(code or "", is_continuous=bool(is_continuous))


@register.filter
def confidence_label(code: str | None, has_date: bool = True) -> str:
    """The label of a forecast alone, for a sentence or a title."""
    return choices.label_of_confidence(code or "", has_date=has_date)
