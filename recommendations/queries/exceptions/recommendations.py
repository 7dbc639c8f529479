"""Rules about recommendations that are tracked: by what is kept of them, and by the record."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from recommendations.choices import (
    FINISHED_STATUSES,
    Confidence,
    DateChangeState,
    Flag,
    Stance,
)
from recommendations.models import (
    AuditEvent,
    EvidenceLink,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    User,
    flag_conditions,
)
from recommendations.queries.exceptions.rules import Limits, Moment, Rule

STALE = (Flag.UPDATE_OVERDUE, Flag.RATING_OUT_OF_DATE)
"""Flags of what is out of date; the list of recommendations filters by either of them."""


def never_reported() -> Q:
    """No approved update."""
    return Q(status="")


def out_of_date(today: date) -> Q:
    """The next update is overdue, or the rating is out of date."""
    found, conditions = Q(), flag_conditions(today)
    for flag in STALE:
        found |= conditions[flag].as_q(conditions[flag].column)
    return found


def off_track(today: date) -> Q:
    """Open, and off track or overdue, without anything that is asked for: not even another date.

    Who rates an update off track has to say what is asked for: what is overdue is off track in
    fact, whatever its rating.
    """
    is_late = Q(confidence=Confidence.RED) | Q(date_overdue_after__lt=today)
    is_silent = Q(open_since__isnull=False, asks_decision=False, has_date_request=False)
    return is_silent & is_late


def moved_dates(limits: Limits) -> Q:
    """The target date was changed often, or is much later than at first."""
    latest = F("first_date") + timedelta(days=limits.date_days)
    return Q(date_moves__gte=limits.date_changes) | Q(target_date__gt=latest)


def contradicted() -> Q:
    """Unanswered evidence contradicts the current update."""
    return Q(contradicted_since__isnull=False)


def own_evidence() -> Q:
    """All evidence that supports the current update comes from whoever reported it.

    That is its author, who wrote a version of it before a hand-over, or anybody of their
    organisations. What the source brought along was recorded by nobody, and counts as evidence of
    others.
    """
    author, recorder = "update__author", "evidence__recorded_by"
    wrote = User.edited_updates.through.objects.filter(
        Q(user=OuterRef(recorder)) | Q(user__organisation=OuterRef(f"{recorder}__organisation")),
        statusupdate=OuterRef("update"),
    )
    is_own = (
        Q(evidence__recorded_by=F(author))
        | Q(evidence__recorded_by__organisation=F(f"{author}__organisation"))
        | Q(Exists(wrote.order_by()))
    )
    supports = EvidenceLink.objects.live().filter(
        update=OuterRef("recommendation__current_update"), stance=Stance.SUPPORTS
    )
    # Where somebody has no organisation, nothing is equal: that is not own.
    own = Case(When(is_own, then=Value(1)), default=Value(0))
    others = supports.annotate(own=own).filter(own=0).order_by()
    return Q(evidence_for__gt=0) & Q(~Exists(others))


def conditions(today: date, limits: Limits) -> dict[Rule, Q]:
    """The condition of each of these rules on kept states of what is tracked."""
    return {
        Rule.NEVER_REPORTED: never_reported(),
        Rule.OUT_OF_DATE: out_of_date(today),
        Rule.OFF_TRACK: off_track(today),
        Rule.MOVED_DATES: moved_dates(limits),
        Rule.CONTRADICTED: contradicted(),
        Rule.OWN_EVIDENCE: own_evidence(),
    }


def states_of(rule: Rule, today: date, limits: Limits) -> QuerySet[RecommendationState]:
    """What is found by one of these rules, in the order of lists."""
    found = RecommendationState.objects.followed().filter(conditions(today, limits)[rule])
    return found.order_by("source_title", "source", "number", "pk")


_TRACKING = ("archive", "archive_many", "restore", "restore_many", "undo_many")


def tracked_since() -> str:
    """Changes when a recommendation is archived or restored; one statement."""
    found = AuditEvent.objects.filter(verb__in=_TRACKING).order_by()
    told = found.aggregate(n=Count("pk"), last=Max("at"))
    return f"{told['n']} {told['last']}"


def counts(today: date, limits: Limits) -> dict[Rule, int]:
    """How many each of these rules finds."""
    tests = conditions(today, limits)
    followed = RecommendationState.objects.followed().order_by()
    sums = {rule.name: Count("pk", filter=test) for rule, test in tests.items()}
    found = followed.aggregate(**sums)
    return {rule: found[rule.name] for rule in tests}


def counts_before(then: Moment, limits: Limits) -> dict[Rule, int]:
    """The same on an earlier day, of what is tracked today, where the record tells it.

    Four statements. Whether something was out of date then rests on fields that are edited in
    place, and who supported an update on people, so these two are left out.
    """
    tracked = Recommendation.objects.filter(archived_at__isnull=True, opened_on__lte=then.day)
    own = StatusUpdate.objects.of_scope(OuterRef("pk"), None)
    reported = Exists(own.in_force_of_many(then.day, then.known).order_by())
    contradicting = EvidenceLink.objects.filter(
        Q(removed_at__isnull=True) | Q(removed_at__gt=then.known),
        Q(answered_at__isnull=True) | Q(answered_at__gt=then.known),
        update__isnull=False,
        stance=Stance.UNDERMINES,
        added_at__lte=then.known,
    )
    against = StatusUpdate.objects.filter(pk__in=contradicting.order_by().values("update"))
    return {
        Rule.NEVER_REPORTED: tracked.filter(~reported).count(),
        Rule.OFF_TRACK: _silent_before(then),
        Rule.CONTRADICTED: _current_among(against, then).count(),
        Rule.MOVED_DATES: _moved_before(then, limits),
    }


def _current_among(rows: Any, then: Moment) -> QuerySet[StatusUpdate]:
    """Those of these few updates that were current, of what is tracked today and was then."""
    later = StatusUpdate.objects.of_scope(OuterRef("recommendation"), None).in_force(
        then.day, then.known
    )
    same_day = Q(as_of=OuterRef("as_of"))
    same_time = same_day & Q(decided_at=OuterRef("decided_at"))
    overtaken = later.filter(
        Q(as_of__gt=OuterRef("as_of"))
        | (same_day & Q(decided_at__gt=OuterRef("decided_at")))
        | (same_time & Q(pk__gt=OuterRef("pk")))
    )
    found: QuerySet[StatusUpdate] = rows.filter(
        addressee__isnull=True,
        recommendation__archived_at__isnull=True,
        recommendation__opened_on__lte=then.day,
    ).in_force(then.day, then.known)
    return found.filter(~Exists(overtaken.order_by())).order_by()


def _silent_before(then: Moment) -> int:
    """How many were overdue, open, and without anything that was asked for.

    Off track they could not be: the update that said so had to ask for something.
    """
    stated = TargetDateChange.objects.filter(
        state=DateChangeState.APPROVED, decided_at__lte=then.known
    ).order_by()
    later = stated.filter(recommendation=OuterRef("recommendation"), number__gt=OuterRef("number"))
    asked = TargetDateChange.objects.filter(
        Q(decided_at__isnull=True) | Q(decided_at__gt=then.known), requested_at__lte=then.known
    ).order_by()
    is_settled = Q(implementation_status__in=FINISHED_STATUSES) | ~Q(asked_for="")
    current = (
        StatusUpdate.objects.of_scope(OuterRef("recommendation"), None)
        .in_force_of_many(then.day, then.known)
        .values_list(Case(When(is_settled, then=Value(1)), default=Value(0)))
    )
    overdue = stated.filter(
        ~Exists(later),
        ~Q(recommendation__in=asked.values("recommendation")),
        new_date__lt=then.day,
        recommendation__archived_at__isnull=True,
        recommendation__opened_on__lte=then.day,
    )
    return overdue.annotate(settled=Coalesce(Subquery(current[:1]), 0)).filter(settled=0).count()


def _moved_before(then: Moment, limits: Limits) -> int:
    """How many dates had been changed often or far; read of what was changed at all."""
    rows = TargetDateChange.objects.filter(
        recommendation__kept__is_archived=False,
        recommendation__kept__date_moves__gt=0,
        state=DateChangeState.APPROVED,
        decided_at__lte=then.known,
    ).order_by("recommendation", "number")
    ledgers: Mapping[int, list[date | None]] = defaultdict(list)
    for key, day in rows.values_list("recommendation", "new_date"):
        ledgers[key].append(day)
    return sum(_is_moved(days, limits) for days in ledgers.values())


def _is_moved(days: list[date | None], limits: Limits) -> bool:
    first, last = days[0], days[-1]
    is_far = first is not None and last is not None and (last - first).days > limits.date_days
    return len(days) - 1 >= limits.date_changes or is_far
