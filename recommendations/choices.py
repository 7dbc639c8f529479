"""The words of the field: every code that is stored, with its label and its meaning.

A code is stored, a label is shown, a definition is explained on the help page. Codes never
change once data exists; labels may.
"""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """The groups that people are put in; kept by ``ensure_roles``."""

    VIEWER = "Viewer", _("Viewer")
    STAFF = "Policy staff", _("Policy staff")
    MANAGER = "Manager", _("Manager")
    AUDITOR = "Auditor", _("Auditor")
    ADMINISTRATOR = "Administrator", _("Administrator")


class Modality(TextChoices):
    """How firmly the source asks."""

    MUST = "must", _("must")
    SHOULD = "should", _("should")
    SHOULD_JOINTLY = "should_jointly", _("should jointly")
    SHOULD_CONSIDER = "should_consider", _("should consider")
    MAY = "may", _("may")


class Nature(TextChoices):
    """Whether a recommendation can ever be finished."""

    TIME_BOUND = "time_bound", _("Time-bound")
    CONTINUOUS = "continuous", _("Continuous")


class Priority(TextChoices):
    """How much the office wants it, in its own judgement."""

    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")
    NOT_SET = "not_set", _("Not set")


class ArchiveReason(TextChoices):
    """Why a recommendation is no longer followed."""

    CLOSED = "closed", _("Closed and reported")
    DUPLICATE = "duplicate", _("Duplicate of another")
    ENTERED_IN_ERROR = "entered_in_error", _("Entered in error")
    SOURCE_WITHDRAWN = "source_withdrawn", _("Source withdrew it")
    OTHER = "other", _("Other")


class ResponsePosition(TextChoices):
    """What an addressee says to a recommendation; never what was done about it."""

    AWAITING = "awaiting", _("No response yet")
    ACCEPTED = "accepted", _("Accepted")
    ACCEPTED_IN_PART = "accepted_in_part", _("Accepted in part")
    ACCEPTED_IN_PRINCIPLE = "accepted_in_principle", _("Accepted in principle")
    REJECTED = "rejected", _("Rejected")
    NOT_FOR_US = "not_for_us", _("Says it is not for them")
    WITHDRAWN = "withdrawn", _("Response withdrawn")


PARTLY_ACCEPTED: frozenset[str] = frozenset(
    {ResponsePosition.ACCEPTED_IN_PART, ResponsePosition.ACCEPTED_IN_PRINCIPLE}
)
"""Positions that go some way with a recommendation."""

NOT_ACCEPTED: frozenset[str] = frozenset(
    {ResponsePosition.REJECTED, ResponsePosition.NOT_FOR_US, ResponsePosition.WITHDRAWN}
)
"""Positions that do not go with it."""

RESPONSE_DEFINITIONS: dict[str, str | Promise] = {
    ResponsePosition.AWAITING: _("The addressee has not said anything yet."),
    ResponsePosition.ACCEPTED: _("The addressee agrees to do it."),
    ResponsePosition.ACCEPTED_IN_PART: _("The addressee agrees to the part that is named."),
    ResponsePosition.ACCEPTED_IN_PRINCIPLE: _("The addressee agrees with the aim."),
    ResponsePosition.REJECTED: _("The addressee will not do it; the reason is given."),
    ResponsePosition.NOT_FOR_US: _("The addressee says that somebody else is meant."),
    ResponsePosition.WITHDRAWN: _("The addressee took back what it had said."),
}


class ImplementationStatus(TextChoices):
    """What has happened. With no approved update there is no status: "No report yet"."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    PARTLY_IMPLEMENTED = "partly_implemented", _("Partly implemented")
    IMPLEMENTED = "implemented", _("Implemented")
    NOT_IMPLEMENTED = "not_implemented", _("Not implemented")
    NO_LONGER_APPLICABLE = "no_longer_applicable", _("No longer applicable")
    SUPERSEDED = "superseded", _("Superseded")


NO_REPORT_YET = _("No report yet")
IN_EFFECT = _("In effect, kept under review")
ON_TRACK_WITHOUT_DATE = _("On track (no date set)")


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
    "": _("No update has been approved yet. Counted apart from “Not started”."),
    ImplementationStatus.NOT_STARTED: _("Somebody looked, and no action towards it is on record."),
    ImplementationStatus.IN_PROGRESS: _("At least one action towards it has been taken."),
    ImplementationStatus.PARTLY_IMPLEMENTED: _(
        "A part that can stand alone is complete and in effect; the rest is named."
    ),
    ImplementationStatus.IMPLEMENTED: _("Every part is complete and in effect."),
    ImplementationStatus.NOT_IMPLEMENTED: _(
        "Closed without being carried out; the reason is given."
    ),
    ImplementationStatus.NO_LONGER_APPLICABLE: _(
        "Closed because its ground is gone; reason given."
    ),
    ImplementationStatus.SUPERSEDED: _("Closed because another recommendation takes its place."),
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
    Confidence.GREEN: _("It will be done by its date; nothing in sight stands against that."),
    Confidence.AMBER: _("There is an issue, with a response and an owner, that may cost the date."),
    Confidence.RED: _("It will not be done by its date unless what is asked for is given."),
    Confidence.NOT_RATED: _("Nobody can say yet, or there is nothing left to forecast."),
}


class Assurance(TextChoices):
    """Who stands behind the latest approved update; computed, never entered."""

    MANAGER_APPROVED = "manager_approved", _("Manager approved")
    EVIDENCE_CHECKED = "evidence_checked", _("Evidence checked")
    INDEPENDENTLY_VERIFIED = "independently_verified", _("Independently verified")


ASSURANCE_DEFINITIONS: dict[str, str | Promise] = {
    Assurance.MANAGER_APPROVED: _("A manager who did not write the update approved it."),
    Assurance.EVIDENCE_CHECKED: _(
        "Evidence for it was checked by someone who neither recorded it nor wrote the update."
    ),
    Assurance.INDEPENDENTLY_VERIFIED: _(
        "The check was made by someone whose organisation neither leads nor contributes."
    ),
}


class UpdateKind(TextChoices):
    """Why a status update was written."""

    REGULAR = "regular", _("Update")
    NO_CHANGE = "no_change", _("No change")
    CORRECTION = "correction", _("Correction")
    RETRACTION = "retraction", _("Retraction")


class UpdateState(TextChoices):
    """Where a status update is on its way from draft to decision."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for review")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class OrganisationKind(TextChoices):
    """What sort of body an organisation is."""

    GOVERNMENT = "government", _("Government body")
    INTERNATIONAL = "international", _("International organisation")
    COMPANY = "company", _("Company")
    ACADEMIC = "academic", _("Academic body")
    CIVIL_SOCIETY = "civil_society", _("Civil society")
    OTHER = "other", _("Other")


class AreaKind(TextChoices):
    """What sort of place an area is."""

    ALL = "all", _("All areas")
    REGION = "region", _("Region")
    COUNTRY = "country", _("Country or territory")
    GROUP = "group", _("Group of countries")


class RegionLevel(TextChoices):
    """How finely UN M49 divides the world."""

    REGION = "region", _("Regions")
    SUB_REGION = "sub_region", _("Sub-regions")


class CodeList(TextChoices):
    """A list of codes by which files name areas; what a code means depends on its list."""

    ISO3 = "iso3", _("ISO 3166-1 alpha-3")
    ISO2 = "iso2", _("ISO 3166-1 alpha-2")
    M49 = "m49", _("UN M49")
    OWN = "own", _("Codes of this site")
    WORLD_BANK = "world_bank", _("World Bank")
    OWID = "owid", _("Our World in Data")
    EUROSTAT = "eurostat", _("Eurostat")


class DatePrecision(TextChoices):
    """How much of a date is known."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")
    UNKNOWN = "unknown", _("unknown")


class DateMark(TextChoices):
    """How a date came to be known."""

    STATED = "stated", _("stated")
    INFERRED = "inferred", _("inferred")


class EvidenceKind(TextChoices):
    """What sort of thing an evidence item is."""

    DOCUMENT = "document", _("Document")
    WEB_PAGE = "web_page", _("Web page")
    DATASET = "dataset", _("Dataset")
    STATEMENT = "statement", _("Statement")
    PHOTOGRAPH = "photograph", _("Photograph")
    SOURCE_PASSAGE = "source_passage", _("Passage of the source")


class Reliability(TextChoices):
    """How far a source of evidence can be relied on, in the checker's judgement."""

    COMPLETELY_RELIABLE = "completely_reliable", _("Completely reliable")
    USUALLY_RELIABLE = "usually_reliable", _("Usually reliable")
    FAIRLY_RELIABLE = "fairly_reliable", _("Fairly reliable")
    NOT_USUALLY_RELIABLE = "not_usually_reliable", _("Not usually reliable")
    UNRELIABLE = "unreliable", _("Unreliable")
    NOT_JUDGED = "not_judged", _("Not judged")


class Visibility(TextChoices):
    """Who may read an evidence item."""

    INTERNAL = "internal", _("Internal")
    PUBLIC = "public", _("Public")


class ScanState(TextChoices):
    """What the scanner of the site said of a file."""

    NOT_ASKED = "not_asked", _("Not scanned")
    WAITING = "waiting", _("Waiting for the scanner")
    CLEAN = "clean", _("Found clean")
    REFUSED = "refused", _("Refused by the scanner")


QUARANTINED = frozenset({ScanState.WAITING, ScanState.REFUSED})
"""Files that nobody is given: the scanner has not let them through."""


class FileFault(TextChoices):
    """What was found wrong with the stored bytes of a file when they were last compared."""

    MISSING = "missing", _("Missing")
    ALTERED = "altered", _("Altered")


class Stance(TextChoices):
    """What an evidence item does for the thing it is linked to."""

    SUPPORTS = "supports", _("For")
    UNDERMINES = "undermines", _("Against")
    BACKGROUND = "background", _("Background")
    NEED = "need", _("Need")


STANCE_DEFINITIONS: dict[str, str | Promise] = {
    Stance.SUPPORTS: _("Speaks for a claim that an update makes."),
    Stance.UNDERMINES: _("Speaks against a claim that an update makes."),
    Stance.BACKGROUND: _("Helps to understand; speaks neither for nor against."),
    Stance.NEED: _("Shows why the recommendation was made; never counts as progress."),
}


class Measure(TextChoices):
    """How an indicator is measured (IATI codelist IndicatorMeasure)."""

    UNIT = "1", _("Unit")
    PERCENTAGE = "2", _("Percentage")
    NOMINAL = "3", _("Nominal")
    ORDINAL = "4", _("Ordinal")
    QUALITATIVE = "5", _("Qualitative")


class Direction(TextChoices):
    """Which way an indicator is meant to move."""

    INCREASE = "increase", _("Increase is wanted")
    DECREASE = "decrease", _("Decrease is wanted")
    MAINTAIN = "maintain", _("To be maintained")
    NONE_STATED = "none_stated", _("No direction stated")


class Movement(TextChoices):
    """Which way an indicator moved between its last two comparable figures; computed."""

    NOT_KNOWN = "", _("Not known")
    TOWARDS = "towards", _("As wanted")
    AGAINST = "against", _("Against what is wanted")
    STILL = "still", _("Unchanged")


class Reporting(TextChoices):
    """Whether a figure speaks of its period alone or of everything so far."""

    PERIODIC = "periodic", _("Periodic")
    CUMULATIVE = "cumulative", _("Cumulative")


class ResultLevel(TextChoices):
    """What an indicator tells of (IATI codelist ResultType)."""

    OUTPUT = "1", _("Output")
    OUTCOME = "2", _("Outcome")
    IMPACT = "3", _("Impact")
    OTHER = "9", _("Other")


class Frequency(TextChoices):
    """How often an indicator is published (SDMX codelist CL_FREQ)."""

    ANNUAL = "A", _("Annual")
    HALF_YEARLY = "S", _("Half-yearly")
    QUARTERLY = "Q", _("Quarterly")
    MONTHLY = "M", _("Monthly")
    IRREGULAR = "I", _("Irregular or once")


class Relation(TextChoices):
    """What an indicator says about a recommendation."""

    OUTCOME = "outcome", _("Outcome")
    DELIVERY = "delivery", _("Delivery")
    CONTEXT = "context", _("Context")


RELATION_DEFINITIONS: dict[str, str | Promise] = {
    Relation.OUTCOME: _("Measures what the recommendation is for."),
    Relation.DELIVERY: _("Measures what is being done to carry it out."),
    Relation.CONTEXT: _("Helps to understand; does not measure the recommendation."),
}

MEASURING_RELATIONS: tuple[str, ...] = (Relation.OUTCOME, Relation.DELIVERY)
"""Relations under which an indicator measures its recommendation."""


class TargetKind(TextChoices):
    """Which end of the road a target row marks."""

    BASELINE = "baseline", _("Baseline")
    TARGET = "target", _("Target")


class TargetMark(TextChoices):
    """How a baseline or target came to be known."""

    STATED = "stated", _("stated")
    ASSUMED = "assumed", _("assumed")
    DERIVED = "derived", _("derived")


class ObsStatus(TextChoices):
    """What a figure is worth (SDMX codelist CL_OBS_STATUS)."""

    NORMAL = "A", _("Normal")
    BREAK = "B", _("Time series break")
    ESTIMATED = "E", _("Estimated")
    FORECAST = "F", _("Forecast")
    IMPUTED = "I", _("Imputed")
    MISSING = "M", _("Missing")
    PROVISIONAL = "P", _("Provisional")
    LOW_RELIABILITY = "U", _("Low reliability")


class ConfirmationState(TextChoices):
    """How far a second person stands behind a value."""

    NOT_ASKED = "not_asked", _("Confirmation not asked")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    CONFIRMED = "confirmed", _("Confirmed")


class DateChangeState(TextChoices):
    """Where a change of the target date is."""

    REQUESTED = "requested", _("Waiting for a decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ActionState(TextChoices):
    """Where one step is; it says nothing of the recommendation's status."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


OPEN_ACTIONS = frozenset({ActionState.NOT_STARTED, ActionState.IN_PROGRESS})


class MailState(TextChoices):
    """What became of one message."""

    QUEUED = "queued", _("Waits to be sent")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("Not sent: nobody to receive it")
    DEAD = "dead", _("Not delivered")
    GIVEN_UP = "given_up", _("Given up")


KEPT_MAIL = frozenset({MailState.QUEUED, MailState.DEAD})
"""States in which a message still has its words."""


class Flag(TextChoices):
    """What is computed about a recommendation on a day; never stored, never a status."""

    UPDATE_DUE = "update_due", _("Update due")
    UPDATE_OVERDUE = "update_overdue", _("Update overdue")
    DATE_OVERDUE = "date_overdue", _("Past its date")
    RATING_OUT_OF_DATE = "rating_out_of_date", _("Rating out of date")
    EVIDENCE_GAP = "evidence_gap", _("Evidence gap")
    CONTRADICTED = "contradicted", _("Contradicted, unanswered")
    INDICATOR_AGAINST = "indicator_against", _("Indicator contradicts claim")
    NO_DATE = "no_date", _("No date after 180 days")
    REVIEW_PAST = "review_past", _("Review day past")
    RESPONSE_OVERDUE = "response_overdue", _("Response overdue")
    ACTION_OVERDUE = "action_overdue", _("Action overdue")
    NO_LEAD = "no_lead", _("No lead")
    NO_OFFICER = "no_officer", _("No active officer")


GRACE_DAYS = 30
"""Days after the reporting interval before an update is overdue and a rating out of date."""

UNDATED_DAYS = 180
"""Days for which a time-bound recommendation may stay open without a date before it is flagged."""
