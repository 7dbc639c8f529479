"""What stands about a recommendation on a day, in words, and what a reader quotes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from recommendations.choices import (
    FINISHED_STATUSES,
    PUBLIC_FLAGS,
    RULES,
    WARNING_FLAGS,
    Confidence,
    Flag,
    ImplementationStatus,
    UpdateKind,
    UpdateState,
)
from recommendations.models import ChainHead, Recommendation, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days, entry_name
from recommendations.queries.recommendations.rows import (
    Facts,
    RecommendationRow,
    facts_of,
    flags_with_reasons,
)
from recommendations.transitions import ApprovalCase, unmet

# ---- What is said of a status that was taken over from a list: where it is from, and what it lacks

OPENING_COLUMNS = (
    *("opening_row__number", "opening_row__undone_at", "opening_row__batch__file_name"),
)
"""Columns beside those of an update from which its ``origin`` is said."""


def taken_over_publicly(kind: str) -> str:
    """That a status was taken over; empty of any other kind. The public reads no name of a file."""
    if kind != UpdateKind.OPENING:
        return ""
    return _("Taken over from an earlier tracker and approved as a batch.")


def not_stated(update: StatusUpdate | None) -> list[str]:
    """What a new approval would need and the list did not state; empty of any other update.

    Evidence is not among it: that it is missing is a flag of its own.
    """
    if update is None or not update.is_opening:
        return []
    case = ApprovalCase(update, supporting=1, checked=1)
    return [capfirst(str(condition.advice)) for condition in unmet(case)]


# ---- What stands about a recommendation on a day, in words: one text for all that tells a status.
# The day that the status speaks of and the day of its approval come first, then every warning that
# the row of that day gives the same reader, and the day on which all of it was current comes last.

_STATUS: dict[str, str | Promise] = {
    ImplementationStatus.NOT_STARTED: gettext_lazy("As of %(day)s not started"),
    ImplementationStatus.IN_PROGRESS: gettext_lazy("As of %(day)s in progress"),
    ImplementationStatus.PARTLY_IMPLEMENTED: gettext_lazy("As of %(day)s partially implemented"),
    ImplementationStatus.IMPLEMENTED: gettext_lazy("As of %(day)s implemented"),
    ImplementationStatus.NOT_IMPLEMENTED: gettext_lazy("As of %(day)s closed as not implemented"),
    ImplementationStatus.NO_LONGER_APPLICABLE: gettext_lazy(
        "As of %(day)s closed as no longer applicable"
    ),
    ImplementationStatus.SUPERSEDED: gettext_lazy("As of %(day)s superseded"),
}
_CONTINUING = gettext_lazy("As of %(day)s implemented (continuing)")

_CONFIDENCE: dict[str, str | Promise] = {
    Confidence.GREEN: pgettext_lazy("after “rated”", "on track"),
    Confidence.AMBER: pgettext_lazy("after “rated”", "at risk"),
    Confidence.RED: pgettext_lazy("after “rated”", "off track"),
}
_WITHOUT_DATE = pgettext_lazy("after “rated”", "on track without a target date")


@dataclass(frozen=True, slots=True)
class _Update:
    """An update by itself; ``approved_on`` is none of what waits."""

    status: str
    confidence: str
    rated_on: date | None
    as_of: date | None
    approved_on: date | None
    is_continuous: bool
    has_date: bool
    is_opening: bool
    is_approved_by_import: bool


Row = Facts | RecommendationRow
"""A recommendation as one reader sees it on a day, with the days that sentences on flags name."""

Raised = Sequence[tuple[str, str]]
"""Flags, each with its reason, the worst first."""


def status_text(
    row: Row,
    raised: Raised,
    day: date,
    known_on: date | None = None,
    archived_at: datetime | None = None,
) -> str:
    """The whole of it on ``day``, by what was known until ``known_on`` if that is another day.

    ``row`` is the row of that day for the reader, and ``raised`` are all flags that it shows.
    """
    told = standing_text(row, raised, archived_at)
    return " ".join([*told, _current(day, known_on, has_status=bool(row.status))])


def standing_text(row: Row, raised: Raised, archived_at: datetime | None = None) -> list[str]:
    """Its sentences without the last, which tells the day: alike while nothing has changed."""
    told = _stated(row, raised)
    # The sentence on the rating tells that it is out of date.
    others = [(flag, reason) for flag, reason in raised if flag != Flag.RATING_OUT_OF_DATE]
    told += warnings_of(row, others)
    if archived_at is not None:
        told.append(_("Archived on %(day)s.") % {"day": day_text(timezone.localdate(archived_at))})
    if row.is_demonstration:
        told.append(_("Demonstration data."))
    return told


def sentences_of(ids: Sequence[int], person: Person, today: date) -> dict[int, list[str]]:
    """What stands today about each of these, for one reader, the day last; three statements."""
    found = facts_of(ids, person)
    raised = flags_with_reasons(found, person, today)
    return {
        pk: [
            *standing_text(facts, raised[pk]),
            _current(today, None, has_status=bool(facts.status)),
        ]
        for pk, facts in found.items()
    }


def texts_of(ids: Sequence[int], person: Person, today: date) -> dict[int, str]:
    """The same, the whole of it as one text."""
    return {pk: " ".join(told) for pk, told in sentences_of(ids, person, today).items()}


def warnings_of(row: Row, raised: Raised) -> tuple[str, ...]:
    """A sentence for each flag that is a warning, the worst first, with days of the calendar."""
    return tuple(_warning(flag, reason, row) for flag, reason in raised if flag in WARNING_FLAGS)


def _has_internal(row: RecommendationRow) -> bool:
    return not row.flags.isdisjoint({*WARNING_FLAGS}.difference(PUBLIC_FLAGS))


def update_text(update: StatusUpdate, *, has_date: bool, rated_on: date | None = None) -> str:
    """What an update states, whether or not it is current: no warning, which only a day has.

    ``has_date`` is whether the recommendation has a target date beside it; ``rated_on`` stands for
    the day of the rating that a draft has none of yet.
    """
    is_approved = update.state == UpdateState.APPROVED and update.decided_at is not None
    stated = _Update(
        status=update.implementation_status,
        confidence=update.confidence,
        rated_on=rated_on or update.rated_on,
        as_of=update.as_of,
        approved_on=timezone.localdate(update.decided_at) if is_approved else None,
        is_continuous=update.recommendation.is_continuous,
        has_date=has_date,
        is_opening=update.is_opening,
        is_approved_by_import=update.is_approved_by_import,
    )
    return " ".join(_stated(stated))


def message_text(update: StatusUpdate) -> str:
    """The same for a message about an update; of a retraction what it retracts."""
    if update.kind == UpdateKind.RETRACTION:
        return _("Retraction of the update as of %(day)s.") % {"day": day_text(update.as_of)}
    rated_on = update.rated_on or update.as_of
    return update_text(update, has_date=update.recommendation.has_date, rated_on=rated_on)


def _stated(row: Row | _Update, raised: Raised = ()) -> list[str]:
    """The status and, where that still is a forecast, the rating; nothing without a report."""
    if not row.status:
        return []
    told = [_status_sentence(row)]
    if row.status not in FINISHED_STATUSES:
        is_out_of_date = any(flag == Flag.RATING_OUT_OF_DATE for flag, _reason in raised)
        told.append(_rating(row, is_out_of_date=is_out_of_date))
    return told


def public_reason_text(confidence: str, reason: str) -> str:
    """Why delivery is at risk or off track, for everybody; empty of any other confidence."""
    if confidence not in (Confidence.AMBER, Confidence.RED):
        return ""
    if not reason:
        return _("No public reason was given.")
    words = _("Reason for the rating “off track”: %(reason)s")
    if confidence == Confidence.AMBER:
        words = _("Reason for the rating “at risk”: %(reason)s")
    return words % {"reason": reason}


def _status_sentence(row: Row | _Update) -> str:
    """What the update states; one from a list or through an import is never told as another."""
    approved_on = row.approved_on  # which is worked out
    if approved_on is None:
        words = _("%(status)s.")
    elif row.is_opening:
        words = _("%(status)s (opening status, approved as a batch %(approved)s).")
    elif row.is_approved_by_import:
        words = _("%(status)s (approved through an import %(approved)s).")
    else:
        words = _("%(status)s (approved %(approved)s).")
    is_continuing = row.is_continuous and row.status == ImplementationStatus.IMPLEMENTED
    status = str(_CONTINUING if is_continuing else _STATUS[row.status])
    return words % {
        "status": status % {"day": day_text(row.as_of) if row.as_of else _("No data")},
        "approved": day_text(approved_on) if approved_on else "",
    }


def _rating(row: Row | _Update, *, is_out_of_date: bool) -> str:
    """The delivery confidence, with the day of the rating and whether that is out of date."""
    if row.confidence not in _CONFIDENCE:
        return _("Confidence not rated.")
    is_undated = row.confidence == Confidence.GREEN and not row.has_date
    rating = {"rating": _WITHOUT_DATE if is_undated else _CONFIDENCE[row.confidence]}
    if row.rated_on is None:
        return _("Confidence rated %(rating)s.") % rating
    words = _("Confidence rated %(rating)s on %(day)s.")
    if is_out_of_date:
        words = _("Confidence rated %(rating)s on %(day)s; the rating is out of date.")
    return words % {**rating, "day": day_text(row.rated_on)}


def _warning(flag: str, reason: str, row: Row) -> str:
    if flag == Flag.RATING_OUT_OF_DATE:
        return _rating(row, is_out_of_date=True)
    if flag == Flag.EVIDENCE_GAP and row.evidence_for:
        return _("The evidence that supports the status has expired.")
    column, words = RULES[flag].dated
    if words and not column:
        return str(words)
    day = getattr(row, column, None)
    if day is not None:
        on = timezone.localdate(day) if isinstance(day, datetime) else day
        return str(words % {"day": day_text(on)})
    # What says no number of days is true of the day and of no other, as it is.
    return _("%(reason)s.") % {"reason": capfirst(reason)}


def _current(day: date, known_on: date | None, *, has_status: bool) -> str:
    days = {"day": day_text(day), "known": day_text(known_on or day)}
    if known_on is None or known_on == day:
        words = _("Current on %(day)s.") if has_status else _("No report yet on %(day)s.")
    elif has_status:
        words = _("Current on %(day)s, as known on %(known)s.")
    else:
        words = _("No report yet on %(day)s, as known on %(known)s.")
    return words % days


# ---- What a reader quotes of a recommendation: a sentence, and an address that shows it for good

LINE = 44
"""Characters of a line of the field that holds a citation, for browsers that cannot fit it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence, and the path of the page that shows what it says.

    ``is_public`` says whether the page opens without an account, ``has_internal`` whether the
    sentence has warnings that it does not show there, ``is_permanent`` whether it shows the same
    for good.
    """

    reference: str
    sentence: str
    path: str
    is_public: bool
    has_internal: bool = False
    is_permanent: bool = True

    @property
    def lines(self) -> int:
        """The height of a field for the sentence with its address below."""
        return len(self.sentence) // LINE + 4


def with_citation(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Recommendations with what ``citation_now`` needs, as of one moment: no query of its own."""
    head = ChainHead.objects.filter(pk=1)
    found: QuerySet[Any] = rows.annotate(
        record_number=Subquery(head.values("last_sequence")),
        record_hash=Subquery(head.values("last_hash")),
    )
    return found


def citation_now(found: Any, row: RecommendationRow, today: date) -> Citation | None:
    """How a recommendation of ``with_citation`` is quoted today, by the row that a reader sees.

    Not at all before anything is recorded, and in a preview, which was read without it.
    """
    if not getattr(found, "record_number", 0):
        return None
    is_public = found.published_at is not None and found.archived_at is None
    told = status_text(row, row.raised, today, archived_at=found.archived_at)
    return Citation(
        reference=found.reference,
        sentence=_sentence(found, told),
        path=cited_path(found.reference, today, found.record_number, found.record_hash),
        is_public=is_public and settings.PUBLIC_PAGES,
        has_internal=_has_internal(row),
    )


def citation_then(
    then: Recommendation,
    row: RecommendationRow,
    days: Days,
    *,
    is_public: bool,
    since: Iterable[str] = (),
) -> Citation:
    """How it is quoted of past days; ``since`` is what has come of the status after these."""
    path = f"{reverse('recommendation-detail', args=[then.reference])}?{days.query}"
    # An entry is named of its own day alone, so that nobody quotes for a day what came later.
    if days.is_one_day:
        path = cited_path(then.reference, days.as_of, days.entry, days.entry_hash)
    told = status_text(row, row.raised, days.as_of, days.known_on, then.archived_at)
    return Citation(
        reference=then.reference,
        sentence=" ".join((_sentence(then, told), *since)),
        path=path,
        is_public=is_public and settings.PUBLIC_PAGES,
        has_internal=_has_internal(row),
        is_permanent=days.is_one_day,
    )


def cited_path(reference: str, day: date, number: int, digest: str) -> str:
    """The address that shows a status of a day for good, as known at an entry of the record.

    ``digest`` is the hash of the entry.
    """
    entry = entry_name(number, digest)
    return reverse("recommendation-cited", args=[reference, day.isoformat(), entry])


def _sentence(found: Recommendation, told: str) -> str:
    words = {"reference": found.reference, "title": found.title, "status": told}
    return _("%(reference)s “%(title)s”. %(status)s") % words
