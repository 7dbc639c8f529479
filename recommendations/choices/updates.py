"""Statuses, forecasts, and the way of an update to its approval."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ImplementationStatus(TextChoices):
    """What has happened. With no approved update there is no status: "No report yet"."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    PARTLY_IMPLEMENTED = "partly_implemented", _("Partially implemented")
    IMPLEMENTED = "implemented", _("Implemented")
    NOT_IMPLEMENTED = "not_implemented", _("Not implemented")
    NO_LONGER_APPLICABLE = "no_longer_applicable", _("No longer applicable")
    SUPERSEDED = "superseded", _("Superseded")


NO_REPORT_YET = _("No report yet")
IN_EFFECT = _("Implemented (continuing)")
ON_TRACK_WITHOUT_DATE = _("On track (no target date)")


def label_of_status(code: str, *, is_continuous: bool = False) -> str:
    """The word for a status; one without an end is never simply "Implemented"."""
    if not code:
        return str(NO_REPORT_YET)
    if is_continuous and code == ImplementationStatus.IMPLEMENTED:
        return str(IN_EFFECT)
    return str(ImplementationStatus(code).label)


def label_of_confidence(code: str, *, has_date: bool = True) -> str:
    """The word for a forecast; "on track" means little where no date is set, and says so."""
    if code == Confidence.GREEN and not has_date:
        return str(ON_TRACK_WITHOUT_DATE)
    return str(Confidence(code or Confidence.NOT_RATED).label)


STATUS_DEFINITIONS: dict[str, str | Promise] = {
    "": _("No update has been approved yet. Counted separately from “Not started”."),
    ImplementationStatus.NOT_STARTED: _("The status was assessed, and no action is on record."),
    ImplementationStatus.IN_PROGRESS: _(
        "At least one action has been taken to implement the recommendation."
    ),
    ImplementationStatus.PARTLY_IMPLEMENTED: _(
        "One part is complete and in effect on its own. The remaining work is named."
    ),
    ImplementationStatus.IMPLEMENTED: _("Every part is complete and in effect."),
    ImplementationStatus.NOT_IMPLEMENTED: _("Closed without implementation. The reason is given."),
    ImplementationStatus.NO_LONGER_APPLICABLE: _(
        "Closed because the reason for the recommendation no longer exists. The reason is given."
    ),
    ImplementationStatus.SUPERSEDED: _("Closed because another recommendation replaces this one."),
}

CLOSED_STATUSES: frozenset[str] = frozenset(
    {
        ImplementationStatus.NOT_IMPLEMENTED,
        ImplementationStatus.NO_LONGER_APPLICABLE,
        ImplementationStatus.SUPERSEDED,
    }
)
"""Statuses that end the matter without its being carried out."""

FINISHED_STATUSES: frozenset[str] = CLOSED_STATUSES | {ImplementationStatus.IMPLEMENTED}
"""Statuses under which no forecast is made and leaving needs a reopening reason."""

CLAIMS_OF_EFFECT: frozenset[str] = frozenset(
    {ImplementationStatus.PARTLY_IMPLEMENTED, ImplementationStatus.IMPLEMENTED}
)
"""Statuses that claim something is in effect and so need evidence."""

STATUS_ORDER: tuple[str, ...] = (
    ImplementationStatus.IMPLEMENTED,
    ImplementationStatus.PARTLY_IMPLEMENTED,
    ImplementationStatus.IN_PROGRESS,
    ImplementationStatus.NOT_STARTED,
    "",
    ImplementationStatus.NOT_IMPLEMENTED,
    ImplementationStatus.NO_LONGER_APPLICABLE,
    ImplementationStatus.SUPERSEDED,
)
"""From what is done to what nobody has looked at; those closed undone stand last."""


class Confidence(TextChoices):
    """A forecast of delivery, made only while a recommendation is open."""

    GREEN = "green", _("On track")
    AMBER = "amber", _("At risk")
    RED = "red", _("Off track")
    NOT_RATED = "not_rated", _("Not rated")


CONFIDENCE_DEFINITIONS: dict[str, str | Promise] = {
    Confidence.GREEN: _(
        "Delivery by the target date is expected. No known issue threatens the date."
    ),
    Confidence.AMBER: _("An issue may delay delivery. Corrective action and an owner are named."),
    Confidence.RED: _(
        "Delivery by the target date is not expected without the decision or support named."
    ),
    Confidence.NOT_RATED: _("Delivery confidence is unknown, or the recommendation is closed."),
}


class Assurance(TextChoices):
    """Who stands behind the latest approved update; computed, never entered."""

    BATCH_APPROVED = "batch_approved", _("Approved as a batch")
    MANAGER_APPROVED = "manager_approved", _("Approved, evidence not verified")
    EVIDENCE_CHECKED = "evidence_checked", _("Evidence verified")
    INDEPENDENTLY_VERIFIED = "independently_verified", _("Independently verified")


ASSURANCE_DEFINITIONS: dict[str, str | Promise] = {
    Assurance.BATCH_APPROVED: _(
        "The status was taken over from a list of an earlier tracker. A manager who did not import "
        "the list approved the whole of it. Evidence for such a status never counts as verified."
    ),
    Assurance.MANAGER_APPROVED: _("A manager who did not write the update approved it."),
    Assurance.EVIDENCE_CHECKED: _(
        "Supporting evidence was verified by a person who neither recorded it nor wrote the update."
    ),
    Assurance.INDEPENDENTLY_VERIFIED: _(
        "Supporting evidence was verified by an organisation that neither leads nor contributes."
    ),
}


class UpdateKind(TextChoices):
    """Why a status update was written."""

    REGULAR = "regular", _("Update")
    NO_CHANGE = "no_change", _("No change")
    CORRECTION = "correction", _("Correction")
    RETRACTION = "retraction", _("Retraction")
    OPENING = "opening", _("Opening status")


class UpdateState(TextChoices):
    """Where a status update is on its way from draft to decision."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Awaiting review")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")
