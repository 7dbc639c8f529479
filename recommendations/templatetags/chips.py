"""Chips: a shape, a word and a colour for each code, said in full to readers by ear."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NamedTuple, ParamSpec

from django import template
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

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
from recommendations.templatetags.dates import Day, short_day
from recommendations.templatetags.icons import svg
from recommendations.templatetags.memo import drawn_once

register = template.Library()

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
        gettext_lazy("Verification:"),
        Assurance,
        {
            Assurance.BATCH_APPROVED: ("amber", "assurance-batch_approved"),
            Assurance.MANAGER_APPROVED: ("plain", "assurance-manager_approved"),
            Assurance.EVIDENCE_CHECKED: ("assured", "assurance-evidence_checked"),
            Assurance.INDEPENDENTLY_VERIFIED: ("assured", "assurance-independently_verified"),
        },
    ),
    "stance": Kind(
        pgettext_lazy("heard before For or Against", "Evidence:"),
        Stance,
        {
            Stance.SUPPORTS: ("green", "stance-supports"),
            Stance.UNDERMINES: ("red", "stance-undermines"),
            Stance.BACKGROUND: ("grey", "stance-background"),
            Stance.NEED: ("grey", "stance-need"),
        },
    ),
    "state": Kind(
        gettext_lazy("Update status:"),
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
        gettext_lazy("Response:"),
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
        gettext_lazy("Action:"),
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
    """One short fact; ``prefix`` names the kind of fact and is heard, not seen.

    Tones: plain, grey, none, violet, blue, green, amber, red.
    """
    return format_html(
        '<span class="chip chip-{}">{}<span>{}{}</span></span>',
        tone,
        svg(icon) if icon else "",
        format_html('<span class="visually-hidden">{} </span>', prefix) if prefix else "",
        label,
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
    return chip(label, tone, f"status-{code or 'none'}", _("Status:"))


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
    if is_out_of_date:
        tone += " chip-open"
        if rated:
            label = _("%(confidence)s, rating of %(day)s") % {"confidence": label, "day": rated}
        else:
            label = _("%(confidence)s (rating out of date)") % {"confidence": label}
    return chip(label, tone, f"confidence-{code}", _("Confidence:"))


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
opening_chip = _chip_where("opening", gettext_lazy("Opening status"), "amber", "document")


@register.simple_tag
def demonstration_mark(is_shown: bool = True) -> SafeString:
    """A fictional row of a list: an icon, and its word for readers by ear."""
    if not is_shown:
        return SafeString("")
    mark = '<span class="quiet">{}<span class="visually-hidden">{}</span></span>'
    return format_html(mark, svg("flask"), _("Demonstration"))


@register.filter
def status_label(code: str | None, is_continuous: bool = False) -> str:
    """The label of a status alone, for a sentence or a title."""
    return choices.label_of_status(code or "", is_continuous=bool(is_continuous))


@register.filter
def confidence_label(code: str | None, has_date: bool = True) -> str:
    """The label of a forecast alone, for a sentence or a title."""
    return choices.label_of_confidence(code or "", has_date=has_date)
