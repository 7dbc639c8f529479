"""The words of the field: every code that is stored, with its label and its meaning.

A code is stored, a label is shown, a definition is explained on the help page. Codes never
change once data exists; labels may.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from recommendations.characters import fold_text
from recommendations.choices.flags import (
    BEGUN,
    PUBLIC_FLAGS,
    RULES,
    SEVERITY,
    UPDATE_FLAGS,
    WARNING_FLAGS,
    Acts,
    Flag,
    Way,
    ended_by,
    explanations,
    flag_text,
    tone_of,
)
from recommendations.choices.recommendations import (
    AGE_MONTHS,
    DUE_DAYS,
    GRACE_DAYS,
    OPEN_ACTIONS,
    PARTLY_ACCEPTED,
    PRIORITY_LABELS,
    PRIORITY_ORDER,
    RESPONSE_DEFINITIONS,
    SKIPPED,
    UNDATED_DAYS,
    UNDECIDED,
    ActionState,
    Age,
    ArchiveReason,
    BulkChange,
    Modality,
    Nature,
    Only,
    Priority,
    RelationKind,
    ResponseKind,
    ResponsePosition,
    RowOutcome,
)

# ---- codes in files


def code_of(text: str, choices: Iterable[tuple[str, Any]]) -> str:
    """The code that a text is, or is the label of in any language of the site; empty of others."""
    wanted, known = fold_text(text), list(choices)
    for language, _name in settings.LANGUAGES if wanted else ():
        with override(language):
            for code, label in known:
                if wanted in (fold_text(code), fold_text(str(label))):
                    return str(code)
    return ""


def chosen_code(text: str, choices: Iterable[tuple[str, Any]]) -> str:
    """The code of a text; empty of none. ``ValueError`` says what there is to choose from."""
    known = list(choices)
    if (code := code_of(text, known)) or not text:
        return code
    labels = ", ".join(str(label) for _code, label in known)
    words = gettext("“%(text)s” is none of: %(known)s.")
    raise ValueError(words % {"text": text[:60], "known": labels})


# ---- areas


class AreaKind(TextChoices):
    """What sort of place an area is."""

    ALL = "all", _("All areas")
    REGION = "region", _("Region")
    COUNTRY = "country", _("Country or territory")
    GROUP = "group", _("Group of countries")
    PART = "part", _("Part of a country")


WORLD = "001"
"""The code of the whole world in UN M49, which is the same in whatever list."""


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


class AreaCodes(TextChoices):
    """What a person states of the codes of areas in a file whose format names no code list."""

    ISO = "iso", _("ISO 3166-1: two or three letters for a country")
    M49 = "m49", _("UN M49: three digits for a country")
    OWN = "own", _("Codes of this site")
    PARTS = "parts", _("Parts of the country chosen above: each an area of its own")
    VALUES = "values", _("No areas: parts of its values, such as women and men")
    SKIP = "skip", _("None of these: skip their rows")


# ---- dates


class DatePrecision(TextChoices):
    """How much of a date is known."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")
    UNKNOWN = "unknown", _("Unknown")


class DateMark(TextChoices):
    """How a date came to be known."""

    STATED = "stated", _("stated")
    INFERRED = "inferred", _("inferred")


class DateChangeState(TextChoices):
    """Where a change of the target date is."""

    REQUESTED = "requested", _("Awaiting decision")
    APPROVED = "approved", capfirst(_("approved"))
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# ---- evidence


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
    NOT_JUDGED = "not_judged", _("Not assessed")


class Visibility(TextChoices):
    """Who may read an evidence item."""

    INTERNAL = "internal", _("Internal")
    PUBLIC = "public", capfirst(_("published"))


class ScanState(TextChoices):
    """What the scanner of the site said of a file."""

    NOT_ASKED = "not_asked", _("Not scanned for viruses")
    WAITING = "waiting", _("Awaiting virus scan")
    CLEAN = "clean", _("Scanned, no virus found")
    REFUSED = "refused", _("Rejected by the virus scanner")


QUARANTINED = frozenset({ScanState.WAITING, ScanState.REFUSED})
"""Files that nobody is given: the scanner has not let them through."""


class FileFault(TextChoices):
    """What was found wrong with the stored bytes of a file when they were last compared."""

    MISSING = "missing", capfirst(_("missing"))
    ALTERED = "altered", capfirst(_("altered"))


class EvidenceChangeKind(TextChoices):
    """What of an evidence item a proposed change is about."""

    WORDING = "wording", _("Details")
    FILE = "file", capfirst(_("file"))
    LINK = "link", capfirst(_("link"))


class EvidenceChangeState(TextChoices):
    """What has become of a proposed change of evidence."""

    AWAITING = "awaiting", _("Awaiting decision")
    APPROVED = "approved", capfirst(_("approved"))
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Stance(TextChoices):
    """What an evidence item does for the thing it is linked to."""

    SUPPORTS = "supports", _("Supports")
    UNDERMINES = "undermines", _("Contradicts")
    BACKGROUND = "background", _("Context")
    NEED = "need", capfirst(_("rationale"))


STANCE_DEFINITIONS: dict[str, str | Promise] = {
    Stance.SUPPORTS: _("Supports the status claimed in an update."),
    Stance.UNDERMINES: _("Contradicts the status claimed in an update."),
    Stance.BACKGROUND: _("Gives context; neither supports nor contradicts."),
    Stance.NEED: _("Shows why the recommendation was made. Never counts as progress."),
}


# ---- indicators and their figures


class Measure(TextChoices):
    """How an indicator is measured (IATI codelist IndicatorMeasure)."""

    UNIT = "1", capfirst(_("unit"))
    PERCENTAGE = "2", _("Percentage")
    NOMINAL = "3", _("Nominal")
    ORDINAL = "4", _("Ordinal")
    QUALITATIVE = "5", _("Qualitative")


class Direction(TextChoices):
    """Which way an indicator is meant to move."""

    INCREASE = "increase", _("Desired direction: increase")
    DECREASE = "decrease", _("Desired direction: decrease")
    MAINTAIN = "maintain", _("Desired direction: maintain")
    NONE_STATED = "none_stated", _("No desired direction stated")


class Movement(TextChoices):
    """Which way an indicator moved between its last two comparable figures; computed."""

    NOT_KNOWN = "", _("Not known")
    TOWARDS = "towards", _("Favourable")
    AGAINST = "against", _("Unfavourable")
    STILL = "still", capfirst(_("unchanged"))


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
    IRREGULAR = "I", _("Irregular or one-off")


class Relation(TextChoices):
    """What an indicator says about a recommendation."""

    OUTCOME = "outcome", _("Outcome indicator")
    DELIVERY = "delivery", _("Output or process indicator")
    CONTEXT = "context", _("Context indicator")


RELATION_DEFINITIONS: dict[str, str | Promise] = {
    Relation.OUTCOME: _("Measures the result that the recommendation aims for."),
    Relation.DELIVERY: _("Measures the work to implement the recommendation."),
    Relation.CONTEXT: _("Gives context. Does not measure the recommendation."),
}

MEASURING_RELATIONS: tuple[str, ...] = (Relation.OUTCOME, Relation.DELIVERY)
"""Relations under which an indicator measures its recommendation."""


class TargetKind(TextChoices):
    """Which end of the road a target row marks."""

    BASELINE = "baseline", capfirst(_("baseline"))
    TARGET = "target", capfirst(_("target"))


class TargetMark(TextChoices):
    """How a baseline or target came to be known."""

    STATED = "stated", _("stated")
    ASSUMED = "assumed", _("assumed")
    DERIVED = "derived", _("derived")


class ObsStatus(TextChoices):
    """Observation status as calculations tell it apart; ``SourceStatus`` has the other codes."""

    NORMAL = "A", _("Normal")
    BREAK = "B", _("Time series break")
    ESTIMATED = "E", _("Estimated")
    FORECAST = "F", _("Forecast")
    IMPUTED = "I", _("Imputed")
    MISSING = "M", _("Missing value")
    PROVISIONAL = "P", _("Provisional")
    LOW_RELIABILITY = "U", _("Low reliability")


class SourceStatus(TextChoices):
    """Codes of the SDMX code list CL_OBS_STATUS 2.2 that ``ObsStatus`` does not tell apart.

    Source: Statistical Working Group of SDMX, https://sdmx.org/?page_id=3215, where O is a missing
    value whose reason is not broken down, and M one that cannot exist.
    """

    DEFINITION_DIFFERS = "D", _("Definition differs")
    EXPERIMENTAL = "G", _("Experimental value")
    HOLIDAY = "H", _("Missing value; holiday or weekend")
    DEROGATION = "J", _("Derogation")
    INCLUDED_ELSEWHERE = "K", _("Data included in another category")
    NOT_COLLECTED = "L", _("Missing value; data exist but were not collected")
    CANNOT_EXIST = "M", _("Missing value; data cannot exist")
    NOT_SIGNIFICANT = "N", _("Not significant")
    MISSING = "O", _("Missing value")
    SUPPRESSED = "Q", _("Missing value; suppressed")
    SPECIAL_EVENT = "S", _("Strike or other special event")
    UNVALIDATED = "V", _("Unvalidated value")
    INCLUDES_OTHERS = "W", _("Includes data from another category")


MISSING_CODES = frozenset("HLMOQ")
"""Codes of a value that is missing; ``M`` says why, as ``ObsStatus.MISSING`` does not."""


class ConfirmationState(TextChoices):
    """How far a second person stands behind a value."""

    NOT_ASKED = "not_asked", _("Confirmation not required")
    UNCONFIRMED = "unconfirmed", capfirst(_("unconfirmed"))
    CONFIRMED = "confirmed", _("Confirmed")


# ---- people and mail


class Role(TextChoices):
    """The groups that people are put in; kept by ``ensure_roles``."""

    VIEWER = "Viewer", _("Viewer")
    STAFF = "Policy staff", _("Policy staff")
    MANAGER = "Manager", _("Manager")
    AUDITOR = "Auditor", _("Auditor")
    ADMINISTRATOR = "Administrator", _("Administrator")


class OrganisationKind(TextChoices):
    """What sort of body an organisation is."""

    GOVERNMENT = "government", _("Government body")
    INTERNATIONAL = "international", _("International organisation")
    COMPANY = "company", _("Company")
    ACADEMIC = "academic", _("Academic body")
    CIVIL_SOCIETY = "civil_society", _("Civil society")
    OTHER = "other", _("Other")


class MailState(TextChoices):
    """What became of one message."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    DROPPED = "dropped", _("Not sent: no recipient")
    DEAD = "dead", _("Not delivered")
    GIVEN_UP = "given_up", _("Abandoned")


class WebhookKind(TextChoices):
    """What webhooks tell of, by the name that receivers know it by."""

    APPROVED = "update.approved", _("Update approved")
    RETURNED = "update.returned", _("Update returned")
    UPDATE_OVERDUE = "update.overdue", _("Update overdue")
    OVERDUE = "recommendation.overdue", _("Overdue")
    ROUND = "round.opened", _("Reporting round sent")
    SIGN_OFF = "sign_off.recorded", _("Signed off")
    IMPORT = "import.recorded", _("Import")

    @property
    def column(self) -> str:
        """The column of a webhook that says whether it is told of this."""
        return f"on_{self.name.lower()}"


class WebhookShape(TextChoices):
    """How what a webhook tells is put, for whom."""

    STANDARD = "standard", "Standard Webhooks"
    SLACK = "slack", "Slack"
    TEAMS = "teams", "Microsoft Teams"


class ReminderFrequency(TextChoices):
    """How often a person is sent reminders at most."""

    DAILY = "daily", _("At most one message a day")
    WEEKLY = "weekly", _("At most one message a week")
    NONE = "none", _("No reminders")


class Switch(TextChoices):
    """Whether a part of the tracker is there."""

    AUTOMATIC = "automatic", _("Automatic")
    ON = "on", _("On")
    OFF = "off", _("Off")


class DeputyState(TextChoices):
    """Whether a deputy stands in now; it follows from days and is never stored."""

    TO_COME = "to_come", _("To come")
    CURRENT = "current", _("Current")
    OVER = "over", capfirst(_("ended"))


KEPT_MAIL = frozenset({MailState.QUEUED, MailState.DEAD})
"""States in which a message still has its words."""


# ---- reporting rounds


class NotAsked(TextChoices):
    """Why a recommendation that a round selected is not asked for an update."""

    NO_LEAD = "no_lead", _("No lead organisation")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", capfirst(_("archived"))


class Found(TextChoices):
    """What a round found of a request when it was closed."""

    APPROVED = "approved", capfirst(_("approved"))
    AWAITING = "awaiting", _("Awaiting review")
    MISSING = "missing", _("No update")


class RequestState(TextChoices):
    """Where a request stands; worked out on each day, and never stored."""

    APPROVED = "approved", capfirst(_("approved"))
    AWAITING = "awaiting", _("Awaiting review")
    LATE = "late", _("Late")
    EXTENDED = "extended", _("Extended")
    OPEN = "open", _("Open")
    MISSING = "missing", _("Closed without an update")

    @property
    def is_in(self) -> bool:
        """Whether the update that was asked for is there."""
        return self in (RequestState.APPROVED, RequestState.AWAITING)


# ---- status updates


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
    OPENING = "opening", capfirst(_("opening status"))


REVISIONS = (UpdateKind.CORRECTION, UpdateKind.RETRACTION)
"""Kinds that change an approved update and report no status of their own."""


class UpdateState(TextChoices):
    """Where a status update is on its way from draft to decision."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Awaiting review")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", capfirst(_("approved"))
    WITHDRAWN = "withdrawn", _("Withdrawn")
