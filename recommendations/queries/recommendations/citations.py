"""What a reader quotes of a recommendation: a sentence, and an address that shows it for good."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from recommendations.choices import (
    FINISHED_STATUSES,
    Confidence,
    ImplementationStatus,
    UpdateKind,
)
from recommendations.models import ChainHead, Recommendation, StatusUpdate
from recommendations.queries.dates import day_text
from recommendations.queries.days import Days

_STATUS: dict[str, str | Promise] = {
    ImplementationStatus.NOT_STARTED: pgettext_lazy("after a title", "is not started"),
    ImplementationStatus.IN_PROGRESS: pgettext_lazy("after a title", "is in progress"),
    ImplementationStatus.PARTLY_IMPLEMENTED: pgettext_lazy(
        "after a title", "is partially implemented"
    ),
    ImplementationStatus.IMPLEMENTED: pgettext_lazy("after a title", "is implemented"),
    ImplementationStatus.NOT_IMPLEMENTED: pgettext_lazy(
        "after a title", "is closed as not implemented"
    ),
    ImplementationStatus.NO_LONGER_APPLICABLE: pgettext_lazy(
        "after a title", "is closed as no longer applicable"
    ),
    ImplementationStatus.SUPERSEDED: pgettext_lazy("after a title", "is superseded"),
}
_CONTINUING = pgettext_lazy("after a title", "is implemented (continuing)")

_CONFIDENCE: dict[str, str | Promise] = {
    Confidence.GREEN: pgettext_lazy("after a status", "delivery on track"),
    Confidence.AMBER: pgettext_lazy("after a status", "delivery at risk"),
    Confidence.RED: pgettext_lazy("after a status", "delivery off track"),
    Confidence.NOT_RATED: pgettext_lazy("after a status", "delivery confidence not rated"),
}
_WITHOUT_DATE = pgettext_lazy("after a status", "delivery on track with no date set")

LINE = 44
"""Characters of a line of the field that holds a citation, for browsers that cannot fit it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A sentence, and the path of the page that shows what it says.

    ``is_public`` says whether the page opens without an account.
    """

    reference: str
    sentence: str
    path: str
    is_public: bool

    @property
    def lines(self) -> int:
        """The height of a field for the sentence with its address below."""
        return len(self.sentence) // LINE + 4


@dataclass(frozen=True, slots=True)
class CitedStatus:
    """The current update in a sentence; ``status`` is empty where there was none."""

    status: str = ""
    confidence: str = ""
    approved_at: datetime | None = None
    is_opening: bool = False

    @classmethod
    def of(cls, update: StatusUpdate | None) -> "CitedStatus":
        if update is None:
            return cls()
        return cls(
            update.implementation_status, update.confidence, update.decided_at, update.is_opening
        )


def with_citation(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Recommendations with what ``citation_now`` needs, as of one moment: no query of its own."""
    found: QuerySet[Any] = rows.annotate(
        record_number=Subquery(ChainHead.objects.filter(pk=1).values("last_sequence")),
        cited_status=F("current_update__implementation_status"),
        cited_confidence=F("current_update__confidence"),
        cited_approved_at=F("current_update__decided_at"),
        cited_kind=F("current_update__kind"),
    )
    return found


def citation_now(found: Any, today: date) -> Citation | None:
    """How a row of ``with_citation`` is quoted today.

    Not at all before anything is recorded, and in a preview, whose row was read without it.
    """
    if not getattr(found, "record_number", 0):
        return None
    standing = CitedStatus(
        found.cited_status or "",
        found.cited_confidence or "",
        found.cited_approved_at,
        is_opening=found.cited_kind == UpdateKind.OPENING,
    )
    is_public = found.published_at is not None and found.archived_at is None
    return citation_of(found, standing, today, found.record_number, is_public=is_public)


def citation_of(
    found: Recommendation, standing: CitedStatus, day: date, number: int, *, is_public: bool
) -> Citation:
    """How a status of a day is quoted, as known at an entry of the record."""
    return Citation(
        reference=found.reference,
        sentence=_sentence(found, standing, day_text(day)),
        path=reverse("recommendation-cited", args=[found.reference, day.isoformat(), str(number)]),
        is_public=is_public and settings.PUBLIC_PAGES,
    )


def citation_known_later(
    found: Recommendation, standing: CitedStatus, days: Days, *, is_public: bool
) -> Citation:
    """How a status of a day is quoted as known on a later one."""
    told = _("%(day)s as known on %(known)s") % {
        "day": day_text(days.as_of),
        "known": day_text(days.known_on),
    }
    return Citation(
        reference=found.reference,
        sentence=_sentence(found, standing, told),
        path=f"{reverse('recommendation-detail', args=[found.reference])}?{days.query}",
        is_public=is_public and settings.PUBLIC_PAGES,
    )


def _sentence(found: Recommendation, standing: CitedStatus, day: str) -> str:
    words = {"reference": found.reference, "title": found.title, "day": day}
    if not standing.status or standing.approved_at is None:
        return _("%(reference)s “%(title)s” has no report yet (status of %(day)s).") % words
    words["status"] = _status_words(standing.status, is_continuous=found.is_continuous)
    words["approved"] = day_text(timezone.localdate(standing.approved_at))
    if standing.status not in FINISHED_STATUSES:
        words["confidence"] = _confidence_words(standing.confidence, has_date=found.has_date)
    return _form_of(standing) % words


def _form_of(standing: CitedStatus) -> str:
    """The sentence for a status; one that was taken over from a list is never quoted as another."""
    if standing.status in FINISHED_STATUSES:
        if standing.is_opening:
            return _(
                "%(reference)s “%(title)s” %(status)s "
                "(status of %(day)s, opening status approved %(approved)s)."
            )
        return _("%(reference)s “%(title)s” %(status)s (status of %(day)s, approved %(approved)s).")
    if standing.is_opening:
        return _(
            "%(reference)s “%(title)s” %(status)s, %(confidence)s "
            "(status of %(day)s, opening status approved %(approved)s)."
        )
    return _(
        "%(reference)s “%(title)s” %(status)s, %(confidence)s "
        "(status of %(day)s, approved %(approved)s)."
    )


def _status_words(code: str, *, is_continuous: bool) -> str:
    if is_continuous and code == ImplementationStatus.IMPLEMENTED:
        return str(_CONTINUING)
    return str(_STATUS[code])


def _confidence_words(code: str, *, has_date: bool) -> str:
    if code == Confidence.GREEN and not has_date:
        return str(_WITHOUT_DATE)
    return str(_CONFIDENCE[code or Confidence.NOT_RATED])
