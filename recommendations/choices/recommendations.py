"""What a recommendation asks, what is answered to it, and steps towards it."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _


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


PRIORITY_ORDER: tuple[str, ...] = (Priority.HIGH, Priority.MEDIUM, Priority.LOW)
"""Priorities that were set, the highest first."""

PRIORITY_LABELS: dict[str, str | Promise] = {
    Priority.HIGH: _("High priority"),
    Priority.MEDIUM: _("Medium priority"),
    Priority.LOW: _("Low priority"),
}
"""The same where the word stands alone."""


class BulkChange(TextChoices):
    """What is changed of many recommendations at once; the first five are names of columns."""

    LEAD = "lead", _("Assign lead organisation")
    LEAD_OFFICER = "lead_officer", _("Assign lead officer")
    REVIEWER = "reviewer", _("Assign reviewer")
    PRIORITY = "priority", _("Set priority")
    INTERVAL_MONTHS = "interval_months", _("Set reporting frequency")
    ADD_THEME = "add_theme", _("Add theme")
    REMOVE_THEME = "remove_theme", _("Remove theme")
    PUBLISH = "publish", _("Publish")
    UNPUBLISH = "unpublish", _("Unpublish")
    ARCHIVE = "archive", _("Archive")
    RESTORE = "restore", _("Restore")

    @property
    def is_of_themes(self) -> bool:
        return self in (BulkChange.ADD_THEME, BulkChange.REMOVE_THEME)

    @property
    def is_of_publication(self) -> bool:
        """Whether it decides on what the public reads, or on what is tracked at all."""
        return self.column in ("published_at", "archived_at")

    @property
    def has_value(self) -> bool:
        """Whether it needs a value; to archive, this is the coded reason."""
        return self not in (BulkChange.PUBLISH, BulkChange.UNPUBLISH, BulkChange.RESTORE)

    @property
    def reverse(self) -> "BulkChange":
        """What undoing it amounts to."""
        return _REVERSE.get(self, self)

    @property
    def includes_archived(self) -> bool:
        """Whether archived rows can be changed so: their public pages stay until unpublished."""
        return self in (BulkChange.UNPUBLISH, BulkChange.ARCHIVE, BulkChange.RESTORE)

    @property
    def column(self) -> str:
        """The field that it changes, and by which rows are found to have the value already."""
        match self:
            case BulkChange.ADD_THEME | BulkChange.REMOVE_THEME:
                return "themes"
            case BulkChange.PUBLISH | BulkChange.UNPUBLISH:
                return "published_at"
            case BulkChange.ARCHIVE | BulkChange.RESTORE:
                return "archived_at"
        return str(self.value)


_REVERSE = {
    BulkChange.ADD_THEME: BulkChange.REMOVE_THEME,
    BulkChange.REMOVE_THEME: BulkChange.ADD_THEME,
    BulkChange.PUBLISH: BulkChange.UNPUBLISH,
    BulkChange.UNPUBLISH: BulkChange.PUBLISH,
    BulkChange.ARCHIVE: BulkChange.RESTORE,
    BulkChange.RESTORE: BulkChange.ARCHIVE,
}


class RowOutcome(TextChoices):
    """What a bulk change does to one row, or why it does nothing."""

    CHANGED = "changed", capfirst(_("changed"))
    UNCHANGED = "unchanged", _("No change needed")
    ARCHIVED = "archived", _("Archived: restore the recommendation first")
    STALE = "stale", _("Changed after the preview")
    MOVED_ON = "moved_on", _("Changed after the bulk change")
    WORKED_ON = "worked_on", _("Worked on after the import")
    ADDED_TO = "added_to", _("Recorded before the import")


SKIPPED: tuple[RowOutcome, ...] = (
    *(RowOutcome.ARCHIVED, RowOutcome.STALE, RowOutcome.MOVED_ON),
    *(RowOutcome.WORKED_ON, RowOutcome.ADDED_TO),
)
"""Outcomes that refuse a row; the event of a bulk change lists the rows of each."""


class ArchiveReason(TextChoices):
    """Why a recommendation is no longer followed."""

    CLOSED = "closed", _("Closed and reported")
    DUPLICATE = "duplicate", _("Duplicate of another recommendation")
    ENTERED_IN_ERROR = "entered_in_error", _("Entered in error")
    SOURCE_WITHDRAWN = "source_withdrawn", _("Withdrawn by its source")
    OTHER = "other", _("Other")
    IMPORT_UNDONE = "import_undone", _("Import undone")

    @classmethod
    def chosen(cls) -> list[tuple[str, str | Promise]]:
        """Those that people choose: the other is said by undoing an import alone."""
        return [(code, label) for code, label in cls.choices if code != cls.IMPORT_UNDONE]

    @classmethod
    def asked(cls) -> list[tuple[str, str | Promise]]:
        """The same below a line that is none, so that nobody states the first one unread."""
        return [("", _("Choose a reason")), *cls.chosen()]


class RelationKind(TextChoices):
    """How a recommendation relates to another."""

    DEPENDS_ON = "depends_on", _("Depends on")
    RELATED = "related", _("Related to")


class ResponsePosition(TextChoices):
    """What an addressee says to a recommendation; never what was done about it."""

    AWAITING = "awaiting", _("No response yet")
    ACCEPTED = "accepted", _("Accepted")
    ACCEPTED_IN_PART = "accepted_in_part", _("Partially accepted")
    ACCEPTED_IN_PRINCIPLE = "accepted_in_principle", _("Accepted in principle")
    REJECTED = "rejected", _("Rejected")
    UNDER_CONSIDERATION = "under_consideration", _("Under consideration")
    NOTED = "noted", _("Noted")
    NOT_FOR_US = "not_for_us", _("Not applicable to addressee")
    WITHDRAWN = "withdrawn", _("Response withdrawn")


class ResponseKind(TextChoices):
    """Responses in a few kinds, as lists and counts tell them apart.

    ``DECLINED`` are three of them together, for lists alone.
    """

    ACCEPTED = "accepted", _("Accepted")
    IN_PART = "in-part", _("Accepted in part or in principle")
    NEITHER = "neither", _("Under consideration or noted")
    REJECTED = "rejected", ResponsePosition.REJECTED.label
    NOT_FOR_US = "not-for-us", ResponsePosition.NOT_FOR_US.label
    WITHDRAWN = "withdrawn", ResponsePosition.WITHDRAWN.label
    DECLINED = "declined", _("Rejected, not applicable or withdrawn")
    MISSING = "missing", _("No response yet")


PARTLY_ACCEPTED: frozenset[str] = frozenset(
    {ResponsePosition.ACCEPTED_IN_PART, ResponsePosition.ACCEPTED_IN_PRINCIPLE}
)
"""Positions that go some way with a recommendation."""

UNDECIDED: frozenset[str] = frozenset(
    {ResponsePosition.UNDER_CONSIDERATION, ResponsePosition.NOTED}
)
"""Positions that neither accept nor reject it."""

RESPONSE_DEFINITIONS: dict[str, str | Promise] = {
    ResponsePosition.AWAITING: _("The addressee has not responded yet."),
    ResponsePosition.ACCEPTED: _("The addressee accepts the recommendation in full."),
    ResponsePosition.ACCEPTED_IN_PART: _("The addressee accepts the part named in the response."),
    ResponsePosition.ACCEPTED_IN_PRINCIPLE: _(
        "The addressee accepts the aim, without committing to the action."
    ),
    ResponsePosition.REJECTED: _("The addressee rejects the recommendation and gives a reason."),
    ResponsePosition.UNDER_CONSIDERATION: _(
        "The addressee considers the recommendation and has not decided yet. This response counts "
        "neither as accepted nor as rejected."
    ),
    ResponsePosition.NOTED: _(
        "The addressee takes note of the recommendation, without accepting or rejecting it."
    ),
    ResponsePosition.NOT_FOR_US: _(
        "The addressee states that the recommendation does not apply to them."
    ),
    ResponsePosition.WITHDRAWN: _("The addressee withdrew the response."),
}


class ActionState(TextChoices):
    """Where one step is; it says nothing of the recommendation's status."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    DONE = "done", _("Completed")
    DROPPED = "dropped", _("Cancelled")


OPEN_ACTIONS = frozenset({ActionState.NOT_STARTED, ActionState.IN_PROGRESS})


GRACE_DAYS = 30
"""Days after the reporting interval before an update is overdue and a rating out of date."""

UNDATED_DAYS = 180
"""Days for which a time-bound recommendation may stay open without a date before it is flagged."""

DUE_DAYS = 90
"""Days ahead that Home looks for target dates, actions and updates that become due."""


class Age(TextChoices):
    """For how long an open recommendation has been followed."""

    UNDER_6 = "under-6", _("Under 6 months")
    UNDER_12 = "6-12", _("6 to 12 months")
    UNDER_24 = "12-24", _("12 to 24 months")
    OVER_24 = "over-24", _("Over 24 months")
    UNKNOWN = "unknown", _("Not known")


AGE_MONTHS: dict[str, tuple[int, int | None]] = {
    Age.UNDER_6: (0, 6),
    Age.UNDER_12: (6, 12),
    Age.UNDER_24: (12, 24),
    Age.OVER_24: (24, None),
}
"""From how many months on, and below how many."""


class Only(TextChoices):
    """What lists can be narrowed to; Home and the page of a source count the same."""

    OPEN = "open", _("Open")
    ATTENTION = "attention", _("Needs attention")
    DUE = "due", _("Due in the next 90 days")
    DECISION = "decision", _("Decision needed")
    NO_LEAD = "no-lead", _("No lead organisation")
    NO_THEME = "no-theme", _("No theme")
