"""Rules about recommendations that are tracked: by what is kept of them, and by the record."""

from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from recommendations.choices import RULES, Confidence, Stance
from recommendations.models import (
    AuditEvent,
    EvidenceLink,
    Recommendation,
    RecommendationState,
    User,
)
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.permissions import Person
from recommendations.queries.exceptions.rules import RAISED, Limits, Moment, Rule
from recommendations.queries.recommendations.past.listed import asked_of_then


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
        **{
            rule: reduce(or_, (RULES[flag].as_q(today) for flag in flags))
            for rule, flags in RAISED.items()
        },
        Rule.NEVER_REPORTED: Q(status=""),
        Rule.OFF_TRACK: off_track(today),
        Rule.MOVED_DATES: moved_dates(limits),
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


def counts_before(then: Moment, limits: Limits, person: Person) -> dict[Rule, int]:
    """The same on an earlier day, of what is tracked today and was then.

    Who supported an update rests on more than past states have, and what is out of date is left out
    beside it.
    """
    tests = conditions(then.day, limits)
    for rule in (Rule.OUT_OF_DATE, Rule.OWN_EVIDENCE):
        del tests[rule]
    # Few: whole lists of ids would be long.
    archived = Recommendation.objects.filter(archived_at__gt=then.known).order_by()
    since = list(archived.values_list("pk", flat=True))
    sums = {rule.name: Count("pk", filter=test) for rule, test in tests.items()}

    def ask(states: RecommendationStateQuerySet) -> dict[str, int]:
        opened = states.followed().filter(recommendation__opened_on__lte=then.day)
        return opened.exclude(pk__in=since).aggregate(**sums)

    found = asked_of_then(ask, then.days, person)
    return {rule: found[rule.name] for rule in tests}
