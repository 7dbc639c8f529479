"""The rules of the exception report: names, limits, a sentence each, and what each finds."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import itemgetter, or_
from typing import Any, Self

from django.conf import settings
from django.db.models import Case as SqlCase
from django.db.models import (
    Count,
    Exists,
    F,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.choices import (
    RULES,
    Flag,
    Found,
    MailState,
    Stance,
    UpdateState,
)
from recommendations.models import (
    AuditEvent,
    EvidenceLink,
    ImportRun,
    Observation,
    OpeningBatch,
    OutgoingMail,
    Recommendation,
    RecommendationState,
    Request,
    StatusUpdate,
    User,
)
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.permissions import Person
from recommendations.queries.dates import day_text, end_of
from recommendations.queries.days import Days
from recommendations.queries.log.conditions import (
    BY_OTHERS,
    DECISIONS,
    account_changes,
    after_account_change,
    after_role,
)
from recommendations.queries.log.words import SELECTION, LogRow, action_text, label_text, log_rows
from recommendations.queries.publicity import UNDID_LIST
from recommendations.queries.recommendations.past.listed import asked_of_then
from recommendations.queries.rounds import reply_day, unanswered
from recommendations.state.urgency import OFF_TRACK

# ---- One thing that a rule of the exception report found


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a rule found, what is to be said of it, and its day, if it has one."""

    title: str
    text: str
    url: str = ""
    day: date | None = None
    is_demonstration: bool = False


# ---- The rules of the exception report: their names, their limits, and each in one sentence

TREND_DAYS = 90
"""Days before today of which a count is told beside that of today, where the record has it."""


class Rule(TextChoices):
    """The rules in the order of the report; a code is part of the address of its list."""

    NEVER_REPORTED = "never-reported", gettext_lazy("Never reported")
    OUT_OF_DATE = "out-of-date", gettext_lazy("Out of date")
    OFF_TRACK = "off-track", gettext_lazy("Off track or overdue, no decision requested")
    MOVED_DATES = "moved-dates", gettext_lazy("Target date changed repeatedly or by a long time")
    CONTRADICTED = "contradicted", gettext_lazy("Contradicted (unanswered)")
    QUICK = "quick-approvals", gettext_lazy("Approved within minutes")
    SAME_APPROVER = "same-approver", gettext_lazy("One approver for most of an author’s updates")
    NEW_ROLE = "new-role", gettext_lazy("Decisions shortly after a role was assigned")
    CHANGED_ACCOUNT = (
        "changed-accounts",
        gettext_lazy("Decisions shortly after another person changed the account"),
    )
    OWN_EVIDENCE = "own-evidence", gettext_lazy("Evidence from the reporting organisation alone")
    UNCONFIRMED = "unconfirmed-values", gettext_lazy("Unconfirmed values")
    UNDONE = "undone-imports", gettext_lazy("Imports undone")
    UNANSWERED = "unanswered-requests", gettext_lazy("Reporting rounds with unanswered requests")
    FAILED_MAIL = "failed-emails", gettext_lazy("Emails not delivered")


GROUPS: tuple[tuple[Promise, tuple[Rule, ...]], ...] = (
    (
        gettext_lazy("Progress"),
        (
            *(Rule.NEVER_REPORTED, Rule.OUT_OF_DATE, Rule.OFF_TRACK),
            *(Rule.MOVED_DATES, Rule.CONTRADICTED),
        ),
    ),
    (
        gettext_lazy("Approval and evidence"),
        (
            *(Rule.QUICK, Rule.SAME_APPROVER, Rule.NEW_ROLE, Rule.CHANGED_ACCOUNT),
            *(Rule.OWN_EVIDENCE, Rule.UNCONFIRMED, Rule.UNDONE),
        ),
    ),
    (gettext_lazy("Requests and emails"), (Rule.UNANSWERED, Rule.FAILED_MAIL)),
)
"""The rules under the headings of the page."""


RAISED: dict[Rule, tuple[Flag, ...]] = {
    Rule.OUT_OF_DATE: (Flag.UPDATE_OVERDUE, Flag.RATING_OUT_OF_DATE),
    Rule.CONTRADICTED: (Flag.CONTRADICTED,),
}
"""Rules that find what one of these flags is raised for: the list of recommendations, filtered."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is an exception: settings of the site."""

    minutes: int
    approvals: int
    share: int
    role_days: int
    changes: int
    date_days: int
    period: int

    @classmethod
    def of_site(cls) -> Self:
        return cls(
            minutes=settings.EXCEPTION_APPROVAL_MINUTES,
            approvals=settings.EXCEPTION_PAIR_APPROVALS,
            share=settings.EXCEPTION_PAIR_SHARE,
            role_days=settings.EXCEPTION_ROLE_DAYS,
            changes=settings.EXCEPTION_DATE_CHANGES,
            date_days=settings.EXCEPTION_DATE_DAYS,
            period=settings.EXCEPTION_PERIOD_DAYS,
        )


@dataclass(frozen=True, slots=True)
class Moment:
    """A day of the report: what holds on it, as known at its end."""

    day: date
    known: datetime

    @classmethod
    def of(cls, day: date) -> Self:
        """The end of a day in the time zone of the site."""
        return cls(day, end_of(day))

    def before(self) -> "Moment":
        """The day with which the count of this one is compared."""
        return Moment.of(self.day - timedelta(days=TREND_DAYS))

    @property
    def days(self) -> Days:
        """The same as the days of a look back, which asks for no entry of the record."""
        return Days(self.day, self.day, self.known, 0, self.known, "")

    def since(self, limits: Limits) -> datetime:
        """The first moment of the period in which decisions count."""
        return self.known - timedelta(days=limits.period)


def sentence_of(rule: Rule, limits: Limits) -> str:
    """What makes something an exception by this rule."""
    return str(_SENTENCES[rule] % asdict(limits))


_SENTENCES: dict[Rule, Any] = {
    Rule.NEVER_REPORTED: gettext_lazy("No update on the recommendation was ever approved."),
    Rule.OUT_OF_DATE: gettext_lazy(
        "The next update is overdue, or the confidence rating is out of date."
    ),
    Rule.OFF_TRACK: gettext_lazy(
        "Delivery is off track or the target date has passed, and no decision, support or date "
        "change is requested."
    ),
    Rule.MOVED_DATES: gettext_lazy(
        "The target date was changed %(changes)d times or more, or postponed by more than "
        "%(date_days)d days."
    ),
    Rule.CONTRADICTED: gettext_lazy("Unanswered evidence contradicts the current update."),
    Rule.QUICK: gettext_lazy(
        "Approved within %(minutes)d minutes of submission, in the last %(period)d days."
    ),
    Rule.SAME_APPROVER: gettext_lazy(
        "In the last %(period)d days, one person approved at least %(approvals)d updates by the "
        "same author, over %(share)d%% of that author’s updates."
    ),
    Rule.NEW_ROLE: gettext_lazy(
        "A person decided within %(role_days)d days after their roles changed, in the last "
        "%(period)d days."
    ),
    Rule.CHANGED_ACCOUNT: gettext_lazy(
        "A person decided within %(role_days)d days after another person changed the email "
        "address, role or sign-in of the account, in the last %(period)d days."
    ),
    Rule.OWN_EVIDENCE: gettext_lazy(
        "The authors of the current update, or their organisations, recorded all evidence that "
        "supports it."
    ),
    Rule.UNCONFIRMED: gettext_lazy("No second person has confirmed the value."),
    Rule.UNDONE: gettext_lazy(
        "An import of values, a list or opening statuses was undone, in the last %(period)d days."
    ),
    Rule.UNANSWERED: gettext_lazy(
        "No update arrived by the reply date. Closed rounds count for %(period)d days."
    ),
    Rule.FAILED_MAIL: gettext_lazy("The email could not be delivered."),
}


# ---- Rules about who decides on what: too fast, always the same two, or just given the role


@dataclass(frozen=True, slots=True)
class Pair:
    """An author and who approved ``count`` of the ``total`` approved updates of theirs."""

    author_id: int
    approver_id: int
    count: int
    total: int

    @property
    def share(self) -> int:
        """In whole per cent, rounded down."""
        return 100 * self.count // self.total


def _approved(limits: Limits, at: Moment) -> Q:
    return Q(
        state=UpdateState.APPROVED,
        decided_at__gte=at.since(limits),
        decided_at__lte=at.known,
    )


def _soon(limits: Limits) -> Q:
    """Imports of earlier versions wrote submission and approval in one moment: left out."""
    latest = F("submitted_at") + timedelta(minutes=limits.minutes)
    return Q(decided_at__gt=F("submitted_at"), decided_at__lte=latest)


def quick_approvals(limits: Limits, at: Moment) -> QuerySet[StatusUpdate]:
    """Updates that were approved within minutes of their submission, newest first."""
    rows = StatusUpdate.objects.filter(_approved(limits, at), _soon(limits))
    return rows.order_by("-decided_at", "-pk")


def same_approvers(limits: Limits, at: Moment) -> list[Pair]:
    """Authors most of whose many updates one person approved, most of them first."""
    rows = StatusUpdate.objects.filter(_approved(limits, at)).order_by()
    found = rows.values_list("author", "decided_by").annotate(n=Count("pk"))
    return pairs_among(found, limits)


def pairs_among(found: Iterable[Any], limits: Limits) -> list[Pair]:
    """The pairs that are exceptions, of author, approver, and number of updates."""
    rows = list(found)
    totals: Counter[int] = Counter()
    for author, _approver, count in rows:
        totals[author] += count
    pairs = [
        Pair(author, approver, count, totals[author])
        for author, approver, count in rows
        if count >= limits.approvals and 100 * count > limits.share * totals[author]
    ]
    return sorted(pairs, key=lambda pair: (-pair.count, pair.author_id, pair.approver_id))


def changed_accounts(limits: Limits, at: Moment) -> QuerySet[AuditEvent]:
    """Decisions with an account that another person had changed shortly before, newest first."""
    rows = _decisions(limits, at).filter(after_account_change(days=limits.role_days))
    return rows.order_by("-sequence")


def _decisions(limits: Limits, at: Moment) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.filter(at__gte=at.since(limits), at__lte=at.known)
    return rows.filter(verb__in=DECISIONS)


def approval_counts(limits: Limits, at: Moment) -> dict[Rule, int]:
    """How many each of these rules finds in the period up to a moment.

    Two statements: each reads for two rules.
    """
    rows = StatusUpdate.objects.filter(_approved(limits, at)).order_by()
    quick = Count(Value(1), filter=_soon(limits))
    found = list(
        rows.values("author", "decided_by")
        .annotate(n=Count("*"), quick=quick)
        .values_list("author", "decided_by", "n", "quick")
    )
    days = limits.role_days
    events = _decisions(limits, at).aggregate(
        role=Count("pk", filter=after_role(days=days)),
        account=Count("pk", filter=after_account_change(days=days)),
    )
    return {
        Rule.QUICK: sum(quick for *_pair, quick in found),
        Rule.SAME_APPROVER: len(pairs_among([row[:3] for row in found], limits)),
        Rule.NEW_ROLE: events["role"],
        Rule.CHANGED_ACCOUNT: events["account"],
    }


# ---- Decisions made with an account that another person had changed, each with that change


def cases_of_decisions(keys: Sequence[int]) -> list[Case]:
    """The decisions of these events; a fixed number of statements."""
    found = AuditEvent.objects.select_related("actor", "recommendation", "reason").in_bulk(keys)
    rows = log_rows(found[key] for key in keys if key in found)
    changes = _changes_before([row.event for row in rows])
    return [_case(row, changes) for row in rows]


def _changes_before(events: Sequence[AuditEvent]) -> dict[str, list[AuditEvent]]:
    """What others changed of the accounts that these were made with, by account, newest first."""
    if not events:
        return {}
    days = timedelta(days=Limits.of_site().role_days)
    made = account_changes().filter(
        verb__in=BY_OTHERS,
        object_id__in={str(event.actor_id) for event in events},
        at__gte=min(event.at for event in events) - days,
        at__lte=max(event.at for event in events),
    )
    changes: dict[str, list[AuditEvent]] = defaultdict(list)
    for change in made.select_related("actor").order_by("-sequence"):
        changes[change.object_id].append(change)
    return changes


def _case(row: LogRow, changes: dict[str, list[AuditEvent]]) -> Case:
    event = row.event
    days = timedelta(days=Limits.of_site().role_days)
    before = [
        _change_text(change)
        for change in changes.get(str(event.actor_id), ())
        if event.at - days <= change.at <= event.at
    ]
    return Case(
        row.sentence,
        "; ".join(dict.fromkeys(before)),
        f"{reverse('audit-log')}?object_type=user&object_id={event.actor_id}",
        timezone.localdate(event.at),
        bool(event.actor and event.actor.is_demonstration),
    )


def _change_text(change: AuditEvent) -> str:
    """Who changed the account before, when, and what of it."""
    told = {
        "who": change.actor,
        "day": day_text(timezone.localdate(change.at)),
        "what": _what(change),
    }
    if change.actor is None:
        return _("Account changed at the command line on %(day)s: %(what)s") % told
    return _("Account changed by %(who)s on %(day)s: %(what)s") % told


def _what(change: AuditEvent) -> str:
    if change.verb != "change":
        return action_text(change.verb, change.object_type)
    names = json.loads(change.payload)["changes"]
    return _(", ").join(capfirst(label_text(change.object_type, name)) for name in names)


# ---- Rules about values, requests and mail that nobody followed up


def unconfirmed_values(known: Moment | None = None) -> QuerySet[Observation]:
    """Current values that await confirmation; with ``known``, as it was at that moment."""
    rows = Observation.objects.order_by("indicator", "-last_day", "pk")
    if known is None:
        return rows.unconfirmed().latest_revisions()
    confirmed = Q(confirmation__isnull=True) | Q(confirmation__confirmed_at__gt=known.known)
    return rows.filter(confirmed, asks_confirmation=True).latest_revisions(known.known)


def undone_imports(limits: Limits, at: Moment) -> list[tuple[type[Model], int]]:
    """Imports that were undone in the period, the latest first, by model and id; one statement.

    An import of values, a batch of opening statuses, or the event that undid the import of a list.
    A batch counts if it was approved: else it was withdrawn, and nothing was undone. One that was
    undone with its list is told of by that.
    """
    period = Q(undone_at__gte=at.since(limits), undone_at__lte=at.known)
    lists = AuditEvent.objects.filter(verb=UNDID_LIST, object_type=SELECTION)
    with_list = Exists(lists.order_by().filter(at=OuterRef("undone_at")))
    batches = OpeningBatch.objects.filter(period, ~with_list, decided_at__isnull=False)
    events = lists.filter(at__gte=at.since(limits), at__lte=at.known)
    runs = ImportRun.objects.filter(period)
    found, *others = (
        rows.order_by().values_list(Value(number), "pk", day)
        for number, (rows, day) in enumerate(
            ((runs, "undone_at"), (batches, "undone_at"), (events, "at"))
        )
    )
    kinds = (ImportRun, OpeningBatch, AuditEvent)
    rows = found.union(*others)
    undone = sorted((row for row in rows if row[2]), key=itemgetter(2), reverse=True)
    return [(kinds[kind], pk) for kind, pk, _day in undone]


def unanswered_requests(limits: Limits, at: Moment) -> list[tuple[int, int]]:
    """Rounds with requests that nothing answered by their day, and how many, most of them first.

    Open rounds, and those closed in the period. Two statements.
    """
    asked = Request.objects.filter(not_asked="").order_by()
    closed = asked.filter(round__closed_at__gte=at.since(limits), found=Found.MISSING)
    late = unanswered(asked).annotate(reply_day=reply_day()).filter(reply_day__lt=at.day)
    found: Counter[int] = Counter()
    for rows in (closed, late):
        found.update(dict(rows.values_list("round").annotate(n=Count("pk"))))
    return found.most_common()


def failed_mail() -> QuerySet[OutgoingMail]:
    """Messages that are tried no more, newest first."""
    return OutgoingMail.objects.filter(state=MailState.DEAD).order_by("-queued_at", "-pk")


# ---- Rules about recommendations that are tracked: by what is kept of them, and by the record


def off_track(today: date) -> Q:
    """Open, and off track or overdue, without anything that is asked for: not even another date.

    Who rates an update off track has to say what is asked for: what is overdue is off track in
    fact, whatever its rating.
    """
    is_late = OFF_TRACK | RULES[Flag.DATE_OVERDUE].as_q(today)
    return Q(asks_decision=False, has_date_request=False) & is_late


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
    own = SqlCase(When(is_own, then=Value(1)), default=Value(0))
    others = supports.annotate(own=own).filter(own=0).order_by()
    return Q(evidence_for__gt=0) & Q(~Exists(others))


def conditions(today: date, limits: Limits) -> dict[Rule, Q]:
    """The condition of each of these rules on kept states of what is tracked."""
    latest = F("first_date") + timedelta(days=limits.date_days)
    return {
        **{
            rule: reduce(or_, (RULES[flag].as_q(today) for flag in flags))
            for rule, flags in RAISED.items()
        },
        Rule.NEVER_REPORTED: Q(status=""),
        Rule.OFF_TRACK: off_track(today),
        Rule.MOVED_DATES: Q(date_moves__gte=limits.changes) | Q(target_date__gt=latest),
        Rule.OWN_EVIDENCE: own_evidence(),
    }


def states_of(rule: Rule, limits: Limits, now: Moment) -> QuerySet[RecommendationState]:
    """What is found by one of these rules, in the order of lists."""
    found = RecommendationState.objects.followed().filter(conditions(now.day, limits)[rule])
    return found.order_by("source_title", "source_id", "number", "pk")


_TRACKING = ("archive", "archive_many", "restore", "restore_many", "undo_many", "undo_list")


def tracked_since() -> str:
    """Changes when a recommendation is archived or restored; one statement."""
    found = AuditEvent.objects.filter(verb__in=_TRACKING).order_by()
    told = found.aggregate(n=Count("pk"), last=Max("at"))
    return f"{told['n']} {told['last']}"


def recommendation_counts(today: date, limits: Limits) -> dict[Rule, int]:
    """How many each of these rules finds."""
    return _counted(RecommendationState.objects.followed(), conditions(today, limits))


def _counted(states: QuerySet[Any], tests: Mapping[Rule, Q]) -> dict[Rule, int]:
    """Of how many of these each is true."""
    sums = {rule.name: Count("pk", filter=test) for rule, test in tests.items()}
    found = states.order_by().aggregate(**sums)
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

    def ask(states: RecommendationStateQuerySet) -> dict[Rule, int]:
        later = Q(recommendation__opened_on__gt=then.day) | Q(pk__in=since)
        return _counted(states.followed().exclude(later), tests)

    return asked_of_then(ask, then.days, person)
