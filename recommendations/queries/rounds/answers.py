"""Which update answers a request of a reporting round, and by which day it was to come."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from recommendations.choices import Found, RequestState, UpdateKind, UpdateState
from recommendations.models import Request, RoundExtension, StatusUpdate


class Standing(NamedTuple):
    """How one request stands: ``reply_by`` is its day with any extension.

    ``answered_at`` is when the update that answers it was submitted; ``extended`` whether the day
    is another than that of the round.
    """

    pk: int
    organisation_id: int
    recommendation_id: int
    reply_by: date
    extended: bool
    update_id: int | None
    answered_at: datetime | None
    is_approved: bool
    found: str
    last_reminder: date | None

    def state(self, today: date) -> RequestState:
        """The state on a day; of a closed round what was found when it was closed."""
        if self.found:
            return RequestState(self.found)
        if self.update_id is not None:
            return RequestState.APPROVED if self.is_approved else RequestState.AWAITING
        if today > self.reply_by:
            return RequestState.LATE
        return RequestState.EXTENDED if self.extended else RequestState.OPEN

    @property
    def days_late(self) -> int:
        """By how many days the update came after the day to reply by; 0 if in time, or not in."""
        if self.answered_at is None:
            return 0
        return max(0, (timezone.localdate(self.answered_at) - self.reply_by).days)


def answering(recommendation: Any, as_of: Any) -> QuerySet[StatusUpdate]:
    """Updates that answer a request for a recommendation and a day, the earliest first.

    The rule. An update answers if it is on the recommendation as a whole, is submitted or approved,
    and speaks of that day or of a later one. An update never speaks of a day after its submission,
    so none that was submitted before that day can answer; one that was submitted before the round
    was sent can, and then nobody is asked again. A draft, a returned or a withdrawn update does not
    answer, nor does a retraction or what an approved retraction took back. Of several the one
    submitted first counts: later ones, and corrections, make nothing late. An update that was
    returned counts from when it was submitted again.
    """
    retracting = StatusUpdate.objects.filter(retracts=OuterRef("pk"), state=UpdateState.APPROVED)
    return (
        StatusUpdate.objects.filter(
            recommendation=recommendation,
            addressee__isnull=True,
            as_of__gte=as_of,
            state__in=[UpdateState.SUBMITTED, UpdateState.APPROVED],
        )
        .exclude(kind=UpdateKind.RETRACTION)
        .filter(~Exists(retracting.order_by()))
        .order_by("submitted_at", "pk")
    )


def with_answers(requests: QuerySet[Request]) -> QuerySet[Any]:
    """Requests with the columns of ``Standing``, worked out in one statement."""
    found = answering(OuterRef("recommendation"), OuterRef("round__as_of"))
    approved = found.filter(state=UpdateState.APPROVED).order_by()
    rows: QuerySet[Any] = requests.annotate(
        reply_day=reply_day(),
        answer_id=Coalesce("found_update", Subquery(found.values("pk")[:1])),
        answered_at=Coalesce("found_submitted_at", Subquery(found.values("submitted_at")[:1])),
        is_approved=Exists(approved),
    )
    return rows


def unanswered(requests: QuerySet[Request]) -> QuerySet[Request]:
    """Requests of open rounds that nothing answers yet."""
    found = answering(OuterRef("recommendation"), OuterRef("round__as_of")).order_by()
    waited: QuerySet[Request] = requests.filter(
        ~Exists(found), round__closed_at__isnull=True, not_asked=""
    )
    return waited


def reply_day() -> Coalesce:
    """The day to reply by, as an expression over requests: the latest extension, else the first."""
    extensions = RoundExtension.objects.filter(
        round=OuterRef("round"), organisation=OuterRef("organisation")
    ).order_by("-pk")
    return Coalesce(Subquery(extensions.values("new_day")[:1]), F("round__reply_by"))


def found_of(standing: Standing) -> Found:
    """What closing a round writes of a request."""
    if standing.update_id is None:
        return Found.MISSING
    return Found.APPROVED if standing.is_approved else Found.AWAITING
