"""What is computed about a recommendation on a day: each flag, and all that is said of it.

The one registry of reasons for which a recommendation needs attention: when, since which day, in
which words, who acts, and where. Home, sources, lists, filters, past days, files, the pages of
recommendations, My work with its badge, reminders, the text of a status, the exception report, the
health of the site and the help page go by ``RULES``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum
from operator import attrgetter, eq
from typing import Any

from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from recommendations.choices.recommendations import GRACE_DAYS, UNDATED_DAYS, BulkChange


class Flag(TextChoices):
    """What is computed about a recommendation on a day; never stored, never a status.

    In the order in which they are explained.
    """

    UPDATE_DUE = "update_due", _("Update due")
    UPDATE_OVERDUE = "update_overdue", _("Update overdue")
    DATE_OVERDUE = "date_overdue", _("Overdue")
    DECISION_NEEDED = "decision_needed", _("Decision needed")
    RATING_OUT_OF_DATE = "rating_out_of_date", _("Confidence rating out of date")
    EVIDENCE_GAP = "evidence_gap", _("Evidence gap")
    CONTRADICTED = "contradicted", _("Contradicted (unanswered)")
    INDICATOR_AGAINST = "indicator_against", _("Indicator contradicts claim")
    NO_DATE = "no_date", _("No target date after 180 days")
    REVIEW_PAST = "review_past", _("Periodic review overdue")
    RESPONSE_OVERDUE = "response_overdue", _("Response overdue")
    ACTION_OVERDUE = "action_overdue", _("Action overdue")
    NO_LEAD = "no_lead", _("No lead organisation")
    NO_OFFICER = "no_officer", _("No active lead officer")


Reason = Callable[[Mapping[str, Any], date], str]
"""Why a flag is raised on a day, by what is kept and beside: ``against``, the title of an indicator
that moves against what is claimed, and ``late``, the number of overdue responses."""


class Acts(Enum):
    """Who acts on a reason; ``queries.whose`` says whom that makes of each."""

    LEAD = "lead"
    """The lead officer; without one who may write, the policy staff of the lead organisation."""
    ANSWER = "answer"
    """The same where they did not write the update, else the reviewer, else any manager."""
    MANAGER = "manager"
    """The reviewer; without one an administrator."""
    DECIDE = "decide"
    """The reviewer; without one who may decide, any manager."""
    ADMINISTRATOR = "administrator"


_ALWAYS = Q()


@dataclass(frozen=True, slots=True)
class Way:
    """Where a reason is ended; ``of`` is the column of the row in the address, or a bulk change.

    ``may`` says of a row whether its reader may, and ``where`` of kept states whether anybody can
    now, beside the condition of the flag. Who ``acts`` is told so; without that it only helps
    whoever may, and a page that ``is_view`` shows others what there is.
    """

    label: Any
    route: str
    anchor: str = ""
    of: str | BulkChange = "reference"
    may: Callable[[Any], bool] = lambda row: bool(row.may_log)
    where: Q = _ALWAYS
    acts: Acts | None = None
    is_view: bool = False


_LOOKUPS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": eq,
    "lt": lambda kept, day: kept is not None and kept < day,
    "isnull": lambda kept, is_null: (kept is None) is is_null,
}


@dataclass(frozen=True, slots=True)
class FlagRule:
    """When a flag is raised, who may know, what it says, and what is done about it.

    Asked is the ``column`` of the kept state, by its name for readers of all evidence: whether it
    is before today, unless ``lookup`` and ``value`` ask otherwise.
    """

    column: str
    explanation: Any
    lookup: str = "lt"
    value: Any = None
    is_public: bool = False
    """Whether it rests only on what is public, or, for contradiction, on public evidence."""
    reason: Reason | None = None
    """Without one its label says why."""
    reads: tuple[str, ...] = ()
    """What else its reason tells of."""
    dated: tuple[str, Any] = ("", "")
    """A sentence in the text of a status, and the column of the row that holds its day, if any."""
    is_warning: bool = True
    """Whether the text of a status warns of it; else it is a task alone, and the status none the
    less as it is stated."""
    is_answered: bool = False
    """Whether an update answers it: all that one update answers is one thing to do."""
    ways: tuple[Way, ...] = ()
    """Where it is ended, and what helps; the first that the reader may take is the button."""
    by_others: Any = ""
    """Who ends it, for those who may not, where that is not the lead officer."""
    begins: int = 1
    """How many days after its column it begins."""
    where: str = "recommendation-detail"
    """The page of the recommendation on which it shows."""

    def as_q(self, today: Any, name: Callable[[str], str] = str) -> Q:
        """As a condition on kept states, by the columns that a reader sees."""
        return Q(**{f"{name(self.column)}__{self.lookup}": self._value(today)})

    def holds(self, kept: Mapping[str, Any], today: date) -> bool:
        """Of the columns of one."""
        return _LOOKUPS[self.lookup](kept[self.column], self._value(today))

    def since(self, kept: Mapping[str, Any]) -> date:
        """The first day of it, by the columns of one; the first of the calendar if unknown."""
        day = kept[self.column]
        if isinstance(day, datetime):
            return timezone.localdate(day)
        is_known = isinstance(day, date) and day > date.min
        return day + timedelta(days=self.begins) if is_known else date.min

    def _value(self, today: Any) -> Any:
        return today if self.value is None else self.value


def _days_since(column: str, words: Any) -> Reason:
    """In words with a number of days; the plural goes by it."""
    return lambda kept, today: str(words % {"n": (today - kept[column]).days})


def _contradicted(kept: Mapping[str, Any], today: date) -> str:
    n = (today - timezone.localdate(kept["contradicted_since"])).days
    words = ngettext("%(what)s for %(n)d day", "%(what)s for %(n)d days", n)
    if n < 1:
        words = gettext("%(what)s since today")
    return words % {"what": Flag.CONTRADICTED.label, "n": n}


def _evidence_gap(kept: Mapping[str, Any], today: date) -> str:
    """Whether there never was evidence for a claim of effect, or what there was has run out."""
    if not kept["evidence_for"]:
        return gettext("No evidence supports the status")
    n = (today - kept["evidence_gap_after"]).days
    return ngettext("Evidence expired %(n)d day ago", "Evidence expired %(n)d days ago", n) % {
        "n": n
    }


def _update_due(kept: Mapping[str, Any], today: date) -> str:
    n = (today - kept["update_due_on"]).days
    if n == 0:
        return gettext("Update due today")
    return ngettext("Update overdue by %(n)d day", "Update overdue by %(n)d days", n) % {"n": n}


def _responses_late(kept: Mapping[str, Any], _today: date) -> str:
    n = kept["late"]
    return ngettext("%(n)s response overdue", "%(n)s responses overdue", n) % {"n": n}


_LOG = Way(
    _("Log an update"),
    "update-new",
    may=lambda row: row.may_log and not row.reported_status,
    where=Q(reported_status=""),
    acts=Acts.LEAD,
)
"""Not while one awaits review: what that says may be enough."""

_ADD_EVIDENCE = Way(
    _("Add evidence"),
    "update-detail",
    "evidence",
    of="current_update_id",
    may=lambda row: row.may_log and row.current_update_id is not None,
)


def _assigned(change: BulkChange) -> Way:
    """Ended by a bulk change, of this one or of many."""
    may = attrgetter("may_change_many")
    return Way(change.label, "bulk-new", of=change, may=may, acts=Acts.ADMINISTRATOR)


RULES: Mapping[str, FlagRule] = {
    Flag.CONTRADICTED: FlagRule(
        "contradicted_since",
        _(
            "Evidence contradicts the latest approved update and is not answered. The "
            "author of the update cannot answer."
        ),
        lookup="isnull",
        value=False,
        is_public=True,
        reason=_contradicted,
        dated=(
            "contradicted_since",
            _("Contradicted by unanswered evidence since %(day)s."),
        ),
        ways=(
            Way(
                _("Answer contradiction"),
                "update-detail",
                "answer",
                of="current_update_id",
                may=lambda row: bool(row.may_answer),
                acts=Acts.ANSWER,
            ),
            _ADD_EVIDENCE,
        ),
        by_others=_(
            "The author cannot answer. A manager can, or another person who may write updates here."
        ),
        where="recommendation-evidence",
    ),
    Flag.DATE_OVERDUE: FlagRule(
        "date_overdue_after",
        _("The target date has passed, and the recommendation is still open."),
        is_public=True,
        reason=_days_since(
            "date_overdue_after",
            ngettext_lazy("Overdue by %(n)d day", "Overdue by %(n)d days", "n"),
        ),
        dated=("target_date", _("Overdue: target date %(day)s.")),
        ways=(
            Way(
                _("Request a new target date"),
                "recommendation-dates",
                "ask",
                may=lambda row: row.may_log and row.asked is None,
                where=Q(has_date_request=False),
                acts=Acts.LEAD,
            ),
        ),
        where="recommendation-dates",
    ),
    Flag.DECISION_NEEDED: FlagRule(
        "asks_decision",
        _("The latest approved update asks for a decision or support, and none is recorded yet."),
        lookup="exact",
        value=True,
        is_warning=False,
        ways=(
            Way(
                _("Record decision"),
                "update-decision",
                of="current_update_id",
                may=lambda row: bool(row.may_record_decision),
                acts=Acts.DECIDE,
            ),
        ),
        by_others=_("The reviewer or another manager records the decision."),
    ),
    Flag.EVIDENCE_GAP: FlagRule(
        "evidence_gap_after",
        _("The status is partially implemented or higher, and no valid evidence supports it."),
        reason=_evidence_gap,
        reads=("evidence_for",),
        ways=(replace(_ADD_EVIDENCE, acts=Acts.LEAD),),
        where="recommendation-evidence",
    ),
    Flag.INDICATOR_AGAINST: FlagRule(
        "has_indicator_against",
        _(
            "The status is implemented or on track, but an outcome or delivery indicator "
            "shows an unfavourable trend. The two latest comparable values for all areas "
            "are compared. Missing values are ignored, and a series break ends the "
            "comparison."
        ),
        lookup="exact",
        value=True,
        reason=lambda kept, _today: (
            gettext("Indicator “%s” contradicts the claim") % kept["against"]
        ),
        ways=(_LOG, Way(_("Show indicators"), "recommendation-indicators", is_view=True)),
        where="recommendation-indicators",
    ),
    Flag.ACTION_OVERDUE: FlagRule(
        "action_overdue_after",
        _("The due date of an action has passed. The action is not completed or cancelled."),
        reason=_days_since(
            "action_overdue_after",
            ngettext_lazy("Action overdue by %(n)d day", "Action overdue by %(n)d days", "n"),
        ),
        dated=("", _("Action overdue.")),
        ways=(Way(_("Update action"), "recommendation-actions", acts=Acts.LEAD),),
        where="recommendation-actions",
    ),
    Flag.RESPONSE_OVERDUE: FlagRule(
        "response_overdue_after",
        _("An addressee has not responded by the due date."),
        reason=_responses_late,
        ways=(
            Way(
                _("Record responses"),
                "response-list",
                "record",
                may=attrgetter("may_respond"),
                acts=Acts.LEAD,
            ),
        ),
        where="response-list",
    ),
    Flag.UPDATE_OVERDUE: FlagRule(
        "update_due_on",
        _("The date of the next update has passed. The longer ago, the more severe."),
        reason=_update_due,
        dated=("next_due_on", _("Update overdue: due on %(day)s.")),
        is_answered=True,
        ways=(_LOG,),
        begins=0,
    ),
    Flag.UPDATE_DUE: FlagRule(
        "update_due_on",
        _("The next update is due today."),
        lookup="exact",
        reason=_update_due,
        dated=("next_due_on", _("Update due on %(day)s.")),
        is_answered=True,
        ways=(_LOG,),
        begins=0,
    ),
    Flag.RATING_OUT_OF_DATE: FlagRule(
        "rating_out_of_date_after",
        _(
            "The confidence rating is older than the reporting interval and %(grace)d "
            "days. The rating stays visible and is counted separately."
        ),
        is_public=True,
        reason=_days_since(
            "rated_on",
            ngettext_lazy(
                "Confidence last rated %(n)d day ago", "Confidence last rated %(n)d days ago", "n"
            ),
        ),
        reads=("rated_on",),
        is_answered=True,
        ways=(_LOG,),
    ),
    Flag.NO_LEAD: FlagRule(
        "has_no_lead",
        _("No lead organisation is assigned."),
        lookup="exact",
        value=True,
        ways=(_assigned(BulkChange.LEAD),),
        by_others=_("A manager or an administrator assigns the lead organisation."),
    ),
    Flag.NO_OFFICER: FlagRule(
        "has_no_officer",
        _("No lead officer is assigned, or the account is closed."),
        lookup="exact",
        value=True,
        ways=(_assigned(BulkChange.LEAD_OFFICER),),
        by_others=_("A manager or an administrator assigns the lead officer."),
    ),
    Flag.NO_DATE: FlagRule(
        "no_date_after",
        _("Time-bound, open for more than %(undated)d days, and without a target date."),
        reason=_days_since(
            "open_without_date_since",
            ngettext_lazy("No target date after %(n)d day", "No target date after %(n)d days", "n"),
        ),
        reads=("open_without_date_since",),
        dated=("", _("No target date.")),
        ways=(
            Way(
                _("Set target date"),
                "recommendation-dates",
                may=lambda row: bool(row.may_set_date),
                where=Q(first_date__isnull=True, target_date__isnull=True),
                acts=Acts.MANAGER,
            ),
            Way(
                _("Request a target date"),
                "recommendation-dates",
                "ask",
                may=lambda row: row.may_log and row.first_date is not None and row.asked is None,
                where=Q(first_date__isnull=False, has_date_request=False),
                acts=Acts.LEAD,
            ),
        ),
        where="recommendation-dates",
        by_others=_("A manager or an administrator sets the target date."),
    ),
    Flag.REVIEW_PAST: FlagRule(
        "review_past_after",
        _("Continuous, and without an update since the date of the next periodic review."),
        reason=_days_since(
            "review_past_after",
            ngettext_lazy(
                "Periodic review overdue by %(n)d day", "Periodic review overdue by %(n)d days", "n"
            ),
        ),
        dated=("", _("Periodic review overdue.")),
        is_answered=True,
        ways=(_LOG,),
    ),
}
"""Of each flag its rule, from the worst to the mildest: the order of attention."""

SEVERITY: tuple[str, ...] = tuple(RULES)
"""All flags, from the worst to the mildest."""

PUBLIC_FLAGS: tuple[str, ...] = tuple(flag for flag in RULES if RULES[flag].is_public)
"""Those that everybody may know of, in the same order."""

WARNING_FLAGS: tuple[str, ...] = tuple(flag for flag in RULES if RULES[flag].is_warning)
"""Those of which the text of a status warns, in the same order."""

UPDATE_FLAGS: tuple[str, ...] = tuple(flag for flag in RULES if RULES[flag].is_answered)
"""Those that one update answers, in the same order."""


BEGUN = "begun"
"""What a person is, beside ``Acts``, who began the update that answers these."""

_UNCOUNTED = (Flag.INDICATOR_AGAINST, Flag.RESPONSE_OVERDUE)
"""Those whose reason counts no days."""


def flag_text(flag: str, kept: Mapping[str, Any], today: date, *, is_past: bool = False) -> str:
    """The reason a flag is raised, with its days; of a past day without: they read as of today."""
    has_days = flag not in _UNCOUNTED and (flag != Flag.EVIDENCE_GAP or kept["evidence_for"])
    reason = None if is_past and has_days else RULES[flag].reason
    return reason(kept, today) if reason else str(Flag(flag).label)


def tone_of(flag: str, since: date, today: date) -> str:
    """How severe it is: what one update answers turns from amber to red as it gets later."""
    rule = RULES[flag]
    is_mild = rule.is_answered and (today - since).days <= GRACE_DAYS
    is_amber = is_mild or flag == Flag.RATING_OUT_OF_DATE or not rule.is_warning
    return "amber" if is_amber else "red"


def explanations(flags: Sequence[str]) -> list[tuple[str, str, str]]:
    """The label of each of these flags, when it is raised, and who ends it, in words."""
    days = {"grace": GRACE_DAYS, "undated": UNDATED_DAYS}
    by_lead = _("The lead officer acts; without one, the policy staff of the lead organisation.")
    return [
        (
            str(flag.label),
            str(RULES[flag].explanation % days),
            str(RULES[flag].by_others or by_lead),
        )
        for flag in Flag
        if flag in flags
    ]


def ended_by(acts: Acts) -> Iterator[tuple[str, Way]]:
    """The flags that these people end, each with where; the worst first."""
    for flag, rule in RULES.items():
        yield from ((flag, way) for way in rule.ways if way.acts is acts)
