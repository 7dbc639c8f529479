"""What choices of forms mean, and fields whose use is not plain: one sentence for the form, and a
section of the help page with the meaning of each choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    ActionState,
    ArchiveReason,
    Confidence,
    DateMark,
    DatePrecision,
    Direction,
    EvidenceKind,
    ImplementationStatus,
    Measure,
    Modality,
    Nature,
    ObsStatus,
    Priority,
    Relation,
    RelationKind,
    Reliability,
    Reporting,
    ResponsePosition,
    ResultLevel,
    Role,
    Stance,
    TargetKind,
    TargetMark,
    Visibility,
)

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Term:
    """What a field means: a sentence beside it, and the section of a help page about it.

    ``meanings`` are those of its choices, by their codes; empty where the page about ratings, or
    another term, explains them.
    """

    title: Words
    sentence: Words
    section: str
    meanings: Mapping[str, Words] = field(default_factory=dict)
    is_rating: bool = False
    """Whether it is explained on the page about ratings."""


OF_CHOICES: Mapping[type[TextChoices], Term] = {
    Modality: Term(
        capfirst(_("level of obligation")),
        _("How firmly the source asks, in its own words."),
        "obligation",
        {
            Modality.MUST: _("The source demands the recommendation."),
            Modality.SHOULD: _("The source asks for the recommendation."),
            Modality.SHOULD_JOINTLY: _("The source asks several addressees to act together."),
            Modality.SHOULD_CONSIDER: _("The source asks for an examination and a decision."),
            Modality.MAY: _("The source suggests or permits the recommendation."),
        },
    ),
    Nature: Term(
        capfirst(_("nature")),
        _("Continuous recommendations have no end and stay under periodic review."),
        "nature",
        {
            Nature.TIME_BOUND: _("Can be completed, and has a target date."),
            Nature.CONTINUOUS: _(
                "Has no end. After implementation it stays open, and needs a date for the next "
                "periodic review."
            ),
        },
    ),
    Priority: Term(
        capfirst(_("priority")),
        _("The judgement of this office, not of the source."),
        "priority",
        {
            Priority.HIGH: _("Comes before others when time or money is short."),
            Priority.MEDIUM: _("Is followed at the usual pace."),
            Priority.LOW: _("Comes after others when time or money is short."),
            Priority.NOT_SET: _("No judgement was made yet."),
        },
    ),
    RelationKind: Term(
        capfirst(_("relations between recommendations")),
        _("A dependency says which recommendation comes first."),
        "related",
        {
            RelationKind.DEPENDS_ON: _("The other recommendation must be implemented first."),
            RelationKind.RELATED: _("Both concern the same subject. Neither waits for the other."),
        },
    ),
    ArchiveReason: Term(
        _("Archiving"),
        _("Archiving ends tracking; the record, its reference and its history stay."),
        "archiving",
        {
            ArchiveReason.CLOSED: _("The work has ended, and the result is reported."),
            ArchiveReason.DUPLICATE: _("Another recommendation tracks the same request."),
            ArchiveReason.ENTERED_IN_ERROR: _("The source makes no such recommendation."),
            ArchiveReason.SOURCE_WITHDRAWN: _("The source no longer makes the recommendation."),
            ArchiveReason.OTHER: _("The explanation gives the reason."),
            ArchiveReason.IMPORT_UNDONE: _("The import that added it was undone."),
        },
    ),
    ActionState: Term(
        _("Status of an action"),
        _("Actions do not change the status of the recommendation."),
        "actions",
        {
            ActionState.NOT_STARTED: _("Planned, without any work so far."),
            ActionState.IN_PROGRESS: _("Work has begun."),
            ActionState.DONE: _("The action is complete. The completion date is given."),
            ActionState.DROPPED: _("The action will not take place. The reason is given."),
        },
    ),
    EvidenceKind: Term(
        _("Type of evidence"),
        _("The form of the evidence, such as a document or a dataset."),
        "evidence",
        {
            EvidenceKind.DOCUMENT: _("A text with a date and an author, such as a law."),
            EvidenceKind.WEB_PAGE: _("A page at a web address, whose content may change."),
            EvidenceKind.DATASET: _("Data in a table or a file."),
            EvidenceKind.STATEMENT: _("What a person or an organisation declared, and when."),
            EvidenceKind.PHOTOGRAPH: _("An image of something that exists or took place."),
            EvidenceKind.SOURCE_PASSAGE: _(
                "A passage of the source. It gives the rationale and never counts as progress."
            ),
        },
    ),
    Reliability: Term(
        _("Reliability of evidence"),
        _("How far the origin of the evidence can be trusted, rated when it is verified."),
        "reliability",
        {
            Reliability.COMPLETELY_RELIABLE: _("An original or official record, without doubt."),
            Reliability.USUALLY_RELIABLE: _("Correct in earlier cases, with minor doubts."),
            Reliability.FAIRLY_RELIABLE: _("Correct in part, or compared only in part."),
            Reliability.NOT_USUALLY_RELIABLE: _("Has known errors, or an interest in the result."),
            Reliability.UNRELIABLE: _("Proved wrong, or of unknown origin."),
            Reliability.NOT_JUDGED: _("Not rated yet. The evidence counts all the same."),
        },
    ),
    Visibility: Term(
        _("Visibility of evidence"),
        _("Published evidence is public once its recommendation is published."),
        "visibility",
        {
            Visibility.INTERNAL: _(
                "Only policy staff, managers, auditors and administrators can read the evidence."
            ),
            Visibility.PUBLIC: _(
                "Viewers can read the evidence. Everyone can, once its recommendation is published."
            ),
        },
    ),
    Stance: Term(
        capfirst(_("role of the evidence")),
        _(
            "Whether the evidence supports or contradicts the claim, or is the reason for the "
            "recommendation."
        ),
        "stances",
        is_rating=True,
    ),
    DatePrecision: Term(
        _("Precision of dates"),
        _("How much of the date is known."),
        "precision",
        {
            DatePrecision.DAY: _("The day is known."),
            DatePrecision.MONTH: _("Only the month is known."),
            DatePrecision.YEAR: _("Only the year is known."),
            DatePrecision.UNKNOWN: _("No date is known. The date stays empty."),
        },
    ),
    DateMark: Term(
        _("How a date was obtained"),
        _("An inferred date needs a reason."),
        "dates",
        {
            DateMark.STATED: _("The source gives the date."),
            DateMark.INFERRED: _("This office concluded the date. The reason is recorded."),
        },
    ),
    Measure: Term(
        capfirst(_("measure")),
        _("What a value of this indicator is: a number, a percentage, a category or a text."),
        "measure",
        {
            Measure.UNIT: _("A number of units, such as persons or agreements."),
            Measure.PERCENTAGE: _("A share of one hundred."),
            Measure.NOMINAL: _("One of several categories without an order."),
            Measure.ORDINAL: _("One of several categories with an order, such as low and high."),
            Measure.QUALITATIVE: _("A description in words."),
        },
    ),
    Direction: Term(
        capfirst(_("desired direction")),
        _("Which change counts as favourable; without a direction no trend is rated."),
        "direction",
        {
            Direction.INCREASE: _("A higher value is favourable."),
            Direction.DECREASE: _("A lower value is favourable."),
            Direction.MAINTAIN: _("An unchanged value is favourable."),
            Direction.NONE_STATED: _("No change is favourable or unfavourable."),
        },
    ),
    Reporting: Term(
        capfirst(_("reporting type")),
        _("Whether a value covers its own period, or everything so far."),
        "reporting",
        {
            Reporting.PERIODIC: _("Each value covers its own period alone."),
            Reporting.CUMULATIVE: _("Each value covers everything since the start."),
        },
    ),
    ResultLevel: Term(
        capfirst(_("result level")),
        _("How far along the chain of results the indicator measures."),
        "level",
        {
            ResultLevel.OUTPUT: _("What the work produces directly, such as training held."),
            ResultLevel.OUTCOME: _("What changes because of the work, such as skills used."),
            ResultLevel.IMPACT: _("Long-term effects, such as a narrower gap."),
            ResultLevel.OTHER: _("None of these, or not known."),
        },
    ),
    Relation: Term(
        _("Role of an indicator"),
        _("Only outcome, output and process indicators measure the recommendation."),
        "relations",
        is_rating=True,
    ),
    TargetKind: Term(
        _("Baseline and target"),
        _("A baseline is the value at the start, a target the value to be reached."),
        "targets",
        {
            TargetKind.BASELINE: _("The value before the work began."),
            TargetKind.TARGET: _("The value to be reached by the end of the period."),
        },
    ),
    TargetMark: Term(
        _("How a baseline or target was obtained"),
        _("The comment explains an assumed or derived value."),
        "target-marks",
        {
            TargetMark.STATED: _("The source gives the value."),
            TargetMark.ASSUMED: _("This office assumed the value. The comment gives the reason."),
            TargetMark.DERIVED: _("Calculated from other values. The comment gives the method."),
        },
    ),
    ObsStatus: Term(
        capfirst(_("observation status")),
        _("How the data source qualifies the value; a missing value is never 0."),
        "marks",
        is_rating=True,
    ),
    ResponsePosition: Term(
        capfirst(_("response")),
        _("What the addressee states, not what was implemented."),
        "response",
        is_rating=True,
    ),
    ImplementationStatus: Term(
        capfirst(_("implementation status")),
        _("What was implemented by the date of the update."),
        "status",
        is_rating=True,
    ),
    Confidence: Term(
        capfirst(_("delivery confidence")),
        _("Whether delivery by the target date is expected."),
        "confidence",
        is_rating=True,
    ),
    Role: Term(
        capfirst(_("roles")),
        _("What a person may read and do; a person may have several roles."),
        "roles",
        {
            Role.VIEWER: _("Reads all but drafts, internal notes and internal evidence."),
            Role.STAFF: _(
                "Logs updates, evidence, values and responses where the person is lead officer, or "
                "where their organisation leads or contributes."
            ),
            Role.MANAGER: _(
                "Logs on all recommendations, decides on updates of others, verifies evidence, and "
                "publishes."
            ),
            Role.AUDITOR: _("Reads everything, including the audit log, and changes nothing."),
            Role.ADMINISTRATOR: _(
                "Keeps sources, recommendations, people and reference data. Decides on no update."
            ),
        },
    ),
}
"""Choices that need an explanation wherever a form offers them."""


def _responsibility(sentence: Words) -> Term:
    return Term(_("Responsibilities"), sentence, "responsibilities")


OF_FIELDS: Mapping[str, Term] = {
    "recommendation.lead": _responsibility(
        _("Responsible for implementation; its policy staff log updates.")
    ),
    "recommendation.lead_officer": _responsibility(
        _("Logs updates, and is reminded when one is due.")
    ),
    "recommendation.contributors": _responsibility(
        _("Take part in the implementation; their policy staff log updates too.")
    ),
    "recommendation.reviewer": _responsibility(
        _("Reviews updates; any other manager who did not write them can also decide.")
    ),
    "recommendation.interval_months": _responsibility(
        _("Months from an approved update until the next one is due.")
    ),
    "user.groups": OF_CHOICES[Role],
    "indicator.is_published": Term(
        _("Publication of data"),
        _("Published indicators and their values are public."),
        "data",
    ),
    "indicator.asks_confirmation": Term(
        _("Publication of data"),
        _("A second person confirms each value; until then it reads “unconfirmed”."),
        "data",
    ),
    "action.is_named_in_source": Term(
        _("Status of an action"),
        _("Select if the source itself names the action; others are marked as added."),
        "actions",
    ),
    "evidencelink.is_placed_by_source": Term(
        capfirst(_("role of the evidence")),
        _("Select if the source itself gives this evidence for the recommendation."),
        "stances",
        is_rating=True,
    ),
}
"""Fields without choices of their own that need one, by model and name."""
