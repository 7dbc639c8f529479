"""Recommendations in lists: what is read of them by ids, and what a reader is shown of each.

First the kept states of all of them; then what is rare, for those alone that have it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    DateField,
    DateTimeField,
    ExpressionWrapper,
    F,
    Max,
    QuerySet,
    Value,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import permissions
from recommendations.choices import (
    MEASURING_RELATIONS,
    PRIORITY_ORDER,
    RULES,
    SEVERITY,
    Acts,
    Assurance,
    BulkChange,
    Confidence,
    Flag,
    ImplementationStatus,
    Movement,
    Nature,
    Priority,
    Way,
    flag_text,
    label_of_status,
)
from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    IndicatorLink,
    Recommendation,
    RecommendationState,
    Response,
    StateColumns,
    StatusUpdate,
    User,
    fictional,
    full_name,
    known_flags,
)
from recommendations.models.updates import day_finished
from recommendations.permissions import Person
from recommendations.queries.dates import (
    PendingDateChange,
    day_text,
    days_between,
    finished_words,
    pending_changes,
    postponement_text,
    short_day_text,
)
from recommendations.queries.frame import frame_for
from recommendations.queries.recommendations.structure import parts_text
from recommendations.queries.responses import Responses


class Help(NamedTuple):
    """What may be done about something that needs attention."""

    label: str
    url: str


def bulk_help(change: BulkChange, references: Iterable[str]) -> Help:
    """A bulk change of these recommendations."""
    asked = [("scope", "picked"), ("change", str(change))]
    query = urlencode([*asked, *(("pick", each) for each in references)])
    return Help(str(change.label), f"{reverse('bulk-new')}?{query}")


class Facts(NamedTuple):
    """One recommendation: columns of its kept state, as the reader sees them, and of others.

    Those from ``has_date_request`` on are read for people inside alone.
    """

    pk: int
    reference: str
    title: str
    number: int
    nature: str
    target_date: date | None
    is_archived: bool
    status: str
    confidence: str
    rated_on: date | None
    as_of: date | None
    approved_at: datetime | None
    completed_on: date | None
    public_text: str | None
    public_reason: str | None
    fictional: bool | None
    is_approved_by_import: bool
    assurance_rank: int | None
    evidence_for: int
    evidence_against: int
    evidence_answered: int
    contradicted_since: datetime | None
    first_date: date | None
    date_moves: int
    parts: int
    parts_done: int
    addressed: int
    said_accepted: int
    said_in_part: int
    said_neither: int
    said_rejected: int
    said_not_for_us: int
    said_withdrawn: int
    lead_name: str | None
    is_lead_fictional: bool | None
    raised_by: Mapping[str, Any]
    """The columns that flags rest on of which the reader may know, and what their reasons tell."""
    has_date_request: bool = False
    submitted: int = 0
    reported_status: str = ""
    next_due_on: date | None = None
    current_update_id: int | None = None
    current_author_id: int | None = None
    officer_first: str | None = None
    officer_last: str | None = None
    officer_name: str | None = None
    reviewer_name: str | None = None
    priority_rank: int | None = None
    theme_names: str = ""

    @property
    def approved_on(self) -> date | None:
        return timezone.localdate(self.approved_at) if self.approved_at else None

    @property
    def is_continuous(self) -> bool:
        return self.nature == Nature.CONTINUOUS

    @property
    def has_date(self) -> bool:
        return self.target_date is not None

    @property
    def assurance(self) -> str:
        """The code; empty without a status."""
        return "" if self.assurance_rank is None else _ASSURANCE[self.assurance_rank]

    @property
    def is_opening(self) -> bool:
        """Whether the current status was taken over from a list and approved as a batch."""
        return self.assurance == Assurance.BATCH_APPROVED

    @property
    def is_demonstration(self) -> bool:
        return bool(self.fictional)


_ASSURANCE = tuple(Assurance.values)

_ELSEWHERE = {
    "reference": "reference",
    "title": "title",
    "next_due_on": "next_due_on",
    "current_update_id": "current_update",
    "current_author_id": "current_update__author",
    "lead_name": "lead__name",
    "is_lead_fictional": "lead__is_demonstration",
    "officer_first": "lead_officer__first_name",
    "officer_last": "lead_officer__last_name",
    "officer_name": "lead_officer__username",
    "reviewer_name": "reviewer__username",
    "rated_on": "current_update__rated_on",
    "approved_at": "current_update__decided_at",
    "completed_on": "current_update__completed_on",
    "public_text": "current_update__public_text",
    "public_reason": "current_update__public_reason",
}
"""Facts that the kept state does not hold, and where they stand."""

SORTS: Mapping[str, tuple[str, Any]] = {
    "source_title": ("source", gettext_lazy("Source and number")),
    "number": ("number", capfirst(gettext_lazy("number"))),
    "recommendation__title": ("title", capfirst(gettext_lazy("title"))),
    "target_date": ("date", gettext_lazy("Target date")),
    "as_of": ("reported", gettext_lazy("Last update")),
    "assurance_rank": ("assurance", gettext_lazy("Verification")),
    "contradicted_since": ("contradicted", gettext_lazy("Contradicted since")),
}
"""Columns that lists are sorted by, each with its name in addresses and its label."""

ALL_SORTS = {**SORTS, "priority_rank": ("priority", capfirst(gettext_lazy("priority")))}
"""The same for people inside."""

COUNTS = ("evidence_for", "evidence_against", "evidence_answered")
"""Facts that files hold under their own names, of today and of a past day."""

_INTERNAL = frozenset(Facts._field_defaults)


def facts_of(ids: Sequence[int], person: Person) -> dict[int, Facts]:
    """The facts of those of these recommendations that there are, by id in the order given."""
    columns, is_internal = StateColumns.for_reader(person), permissions.can_read_internally(person)
    names, first = _names(is_internal), Facts._fields.index("raised_by")
    own = len(Facts._fields) - 1 if is_internal else first
    of_flags = [(name, names.index(name)) for name in flag_columns(is_internal)]
    found: dict[int, Facts] = {}
    for row in _states(columns, is_internal, ids=ids):
        # By their places, since files read every row there is.
        raised_by = {name: row[place] for name, place in of_flags}
        values: list[Any] = [*row[:first], raised_by, *row[first:own]]
        found[row[0]] = Facts(*values)
    return {pk: found[pk] for pk in ids if pk in found}


def facts_from(row: Mapping[str, Any], person: Person) -> Facts:
    """The facts in these columns, under the names that they have for readers of all evidence."""
    of_flags = flag_columns(permissions.can_read_internally(person))
    raised_by = {name: row[name] for name in of_flags}
    return Facts(raised_by=raised_by, **{name: row[name] for name in Facts._fields if name in row})


@cache
def flag_columns(is_internal: bool) -> list[str]:
    """The columns from which it follows which flags are raised, and why."""
    rules = [rule for rule in RULES.values() if is_internal or rule.is_public]
    found = (name for rule in rules for name in (rule.column, *rule.reads))
    return list(dict.fromkeys(found))


@cache
def _names(is_internal: bool) -> list[str]:
    """What is read."""
    own = (name for name in Facts._fields if name != "raised_by")
    wanted = (name for name in own if is_internal or name not in _INTERNAL)
    return list(dict.fromkeys([*wanted, *flag_columns(is_internal)]))


@fixed
def _states(columns: StateColumns, is_internal: bool) -> QuerySet[Any, Any]:
    wanted = _names(is_internal)
    elsewhere = {
        name: F(f"recommendation__{_ELSEWHERE[name]}") for name in wanted if name in _ELSEWHERE
    } | {"fictional": ExpressionWrapper(fictional("recommendation__"), BooleanField())}
    rows = RecommendationState.objects.filter(Among("pk")).annotate(**elsewhere)
    return rows.values_list(*map(columns.name, wanted))


OVERDUE, DECIDABLE, WRITTEN = range(3)
"""What one statement finds of rows: late responses, updates to decide on, claims of the reader."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits, by the id of the recommendation: for the reader, and for others.

    ``decidable`` is the newest overall update that the reader may decide on, ``overdue`` the number
    of responses that are overdue; of ``answerable`` the reader may answer contradictions.
    """

    decidable: dict[int, int]
    overdue: dict[int, int]
    answerable: Collection[int] = ()


def pending_of(
    found: dict[int, Facts], person: Person, today: date, loggable: Collection[int]
) -> Pending:
    """What waits; one query, and none where the states say that there is nothing.

    Who may log on it may answer contradictions, but not of a claim of which they wrote a version.
    """
    may_decide = permissions.can_review(person)
    is_internal = permissions.can_read_internally(person)
    submitted = _where(found, lambda facts: may_decide and facts.submitted > 0)
    late = _where(found, lambda facts: is_internal and _may_be_late(facts, today))
    claims = {
        facts.current_update_id: pk
        for pk, facts in found.items()
        if pk in loggable
        and facts.contradicted_since
        and facts.current_author_id not in (None, person.pk)
    }
    by_kind: tuple[dict[int, int], ...] = ({}, {}, {})
    if submitted or late or claims:
        shape = bool(late), bool(submitted), bool(claims)
        given = {"late": late, "submitted": submitted, "claims": claims}
        rows = _waiting(*shape, **given, today=today, by=person.pk)
        for key, kind, number, _at in sorted(rows, key=lambda row: (row[1], row[3], row[2])):
            by_kind[kind][key] = number
    written = by_kind[WRITTEN]
    answerable = {pk for update, pk in claims.items() if update not in written}
    return Pending(by_kind[DECIDABLE], by_kind[OVERDUE], answerable)


def overdue_responses(found: dict[int, Facts], person: Person, today: date) -> dict[int, int]:
    """How many responses are overdue, for people inside; a query, if any may be."""
    if not permissions.can_read_internally(person):
        return {}
    late = _where(found, lambda facts: _may_be_late(facts, today))
    if not late:
        return {}
    return {pk: n for pk, _kind, n, _at in _waiting(True, False, False, late=late, today=today)}


@fixed
def _waiting(has_late: bool, has_submitted: bool, has_claims: bool) -> QuerySet[Any, Any]:
    kinds: list[QuerySet[Any, Any]] = []
    if has_late:
        about = "addressee__recommendation"
        late = Response.objects.current().filter(
            Among(about, "late"), due_on__lt=Given("today", DateField())
        )
        grouped = late.order_by().values(about).annotate(n=Count("pk"), last=Max("recorded_at"))
        kinds.append(grouped.values_list(about, Value(OVERDUE), "n", "last"))
    if has_submitted:
        updates = StatusUpdate.objects.undecided_for(Given("by", BigIntegerField())).filter(
            Among("recommendation", "submitted"), addressee__isnull=True
        )
        kinds.append(
            updates.order_by().values_list("recommendation", Value(DECIDABLE), "pk", "submitted_at")
        )
    if has_claims:
        versions: Any = StatusUpdate.editors.through.objects.filter(
            Among("statusupdate", "claims"), user=Given("by", BigIntegerField())
        )
        no_day = Value(None, DateTimeField())
        kinds.append(versions.order_by().values_list("statusupdate", Value(WRITTEN), "pk", no_day))
    return kinds[0].union(*kinds[1:], all=True)


def _may_be_late(facts: Facts, today: date) -> bool:
    # Of what is archived no day is kept, since no flag is raised for it.
    day = facts.raised_by["response_overdue_after"]
    return facts.addressed > 0 and (facts.is_archived or (day is not None and day < today))


def indicators_against(found: dict[int, Facts]) -> dict[int, str]:
    """The title of the first indicator of each that moves against the claim; a query, if any."""
    flagged = _where(found, lambda facts: facts.raised_by.get("has_indicator_against"))
    if not flagged:
        return {}
    return dict(reversed(_against(ids=flagged)))


@fixed
def _against() -> QuerySet[Any, Any]:
    links = IndicatorLink.objects.filter(
        Among("recommendation"),
        removed_at__isnull=True,
        relation__in=MEASURING_RELATIONS,
        indicator__movement=Movement.AGAINST,
    ).order_by("indicator__code", "pk")
    return links.values_list("recommendation", "indicator__title")


def loggable(found: dict[int, Facts], person: Person) -> set[int]:
    """Those on which this person may log progress; asks only where that goes by the body."""
    followed = _where(found, lambda facts: not facts.is_archived)
    if permissions.can_review(person):
        return set(followed)
    if not followed or not permissions.can_write(person):
        return set()
    rows = Recommendation.objects.filter(pk__in=followed).loggable_by(person)
    return set(rows.order_by().values_list("pk", flat=True))


def _where(found: dict[int, Facts], test: Callable[[Any], bool]) -> list[int]:
    return [pk for pk, facts in found.items() if test(facts)]


@dataclass(frozen=True, slots=True)
class RecommendationRow:
    """What a reader may see of one recommendation in a list.

    The fields from ``pk`` on are empty for the public.
    """

    reference: str
    number: int
    title: str
    url: str
    status: str
    confidence: str
    rated_on: date | None
    is_continuous: bool
    target_date: date | None
    first_date: date | None
    finished_on: date | None
    as_of: date | None
    approved_on: date | None
    public_text: str
    public_reason: str
    assurance: str
    is_approved_by_import: bool
    evidence_for: int
    evidence_against: int
    evidence_answered: int
    contradicted_since: date | None
    date_moves: int
    days_moved: int | None
    parts: int
    parts_done: int
    responses: Responses
    flags: frozenset[str]
    reasons: tuple[str, ...]
    begun: tuple[date, ...]
    """The first day of each flag."""
    is_demonstration: bool
    lead: str
    is_lead_fictional: bool | None

    is_internal: bool
    pk: int | None = None
    officer: str = ""
    priority: str = ""
    themes: tuple[str, ...] = ()
    reported_status: str = ""
    decidable_id: int | None = None
    """The update that waits for the reader's decision, if any."""
    waits_with: str = ""
    """Who decides on what the reader may not, in words; on Home and on the page of a source."""
    asked_for: str = ""
    """The decision that the current update asks for, where it is one of those that come first."""
    decided_by: str = ""
    """Who records that decision, if somebody is named."""
    needed_on: date | None = None
    """The first day, passed or ahead, on which something of it is due."""
    next_due_on: date | None = None
    current_update_id: int | None = None
    may_log: bool = False
    may_answer: bool = False
    """Whether the reader may answer what contradicts the current update."""
    may_record_decision: bool = False
    may_respond: bool = False
    """Whether the reader may record responses, and the tracker has them."""
    is_archived: bool = False
    asked: PendingDateChange | None = None
    may_decide_date: bool = False
    may_set_date: bool = False
    may_withdraw_date: bool = False
    may_change_many: bool = False

    @property
    def is_opening(self) -> bool:
        """Whether the current status was taken over from a list and approved as a batch."""
        return self.assurance == Assurance.BATCH_APPROVED

    @property
    def is_out_of_date(self) -> bool:
        return Flag.RATING_OUT_OF_DATE in self.flags

    @property
    def finished(self) -> str:
        """Since when it is finished, in words; empty while it is open."""
        return finished_words(self.status, self.finished_on, is_continuous=self.is_continuous)

    @property
    def finished_briefly(self) -> str:
        """The same for a row of a list, where the status of what goes on stands beside it."""
        if self.is_continuous and self.status == ImplementationStatus.IMPLEMENTED:
            return _("Continuous")
        return finished_words(self.status, self.finished_on, written_as=short_day_text)

    @property
    def late(self) -> str:
        """By how much the target date is overdue, in words; empty where it is not."""
        return dict(self.raised).get(Flag.DATE_OVERDUE, "")

    @property
    def told(self) -> list[tuple[str, str]]:
        """Flags with their reasons that nothing beside them says: neither the confidence, with the
        day of its rating, nor the decision, where its words are told."""
        said = {Flag.RATING_OUT_OF_DATE, *([Flag.DECISION_NEEDED] if self.asked_for else [])}
        return [(flag, text) for flag, text in self.raised if flag not in said]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else a list says of it: who leads, and the worst there is; its page has the rest.

        What stands in the column of dates is not said again.
        """
        reasons = [text for flag, text in self.raised if flag != Flag.DATE_OVERDUE]
        waits = [self.asked.text if self.asked else "", self.awaiting, self.moved]
        texts = [capfirst(_("archived")) if self.is_archived else "", self.lead]
        texts.append(next(filter(None, [*reasons, *waits]), ""))
        if self.is_approved_by_import:
            texts.append(_("Approved through an import"))
        return tuple(filter(None, texts))

    @property
    def awaiting(self) -> str:
        """Another status that was reported and is not decided, in words; empty where none is."""
        if not self.reported_status or self.reported_status == self.status:
            return ""
        label = label_of_status(self.reported_status, is_continuous=self.is_continuous)
        return _("Reported as “%(status)s”, awaiting review") % {"status": label}

    @property
    def raised(self) -> list[tuple[str, str]]:
        """Each flag with its reason, the worst first."""
        flags = (flag for flag in SEVERITY if flag in self.flags)
        return list(zip(flags, self.reasons, strict=True))

    @property
    def since(self) -> dict[str, date]:
        """The first day of each flag; the first of the calendar where it is not known."""
        return {flag: day for (flag, _reason), day in zip(self.raised, self.begun, strict=True)}

    def helps(
        self, flag: str, *, is_shown: bool = False, log: Callable[[], Help] | None = None
    ) -> tuple[Help, ...]:
        """Where the reader ends what a flag says, and what helps; ``is_shown`` what there is.

        ``log`` gives where they write the next update, or go on with the one that they began.
        """
        return tuple(
            log() if log and way.route == "update-new" else self._help(way)
            for way in RULES[flag].ways
            if way.may(self) or (is_shown and way.is_view)
        )

    @property
    def decision(self) -> Help | None:
        """Where the reader decides on what waits for them; none where nothing does."""
        if self.decidable_id:
            return Help(_("Review update"), reverse("review-item", args=[self.decidable_id]))
        if self.may_decide_date and self.asked:
            return Help(_("Decide on date change"), reverse("review-date", args=[self.asked.pk]))
        return None

    @property
    def action(self) -> Help | None:
        """The first thing that the reader may do about what needs attention: decide, else end it.

        What is off track needs an update, whether or not a flag is raised.
        """
        if decision := self.decision:
            return decision
        asked = [Flag.DECISION_NEEDED] if self.asked_for else []
        late = [Flag.UPDATE_DUE] if self.confidence == Confidence.RED else []
        flags = (*asked, *(flag for flag, _reason in self.raised), *late)
        ways = [way for flag in flags for way in RULES[flag].ways if way.acts and way.may(self)]
        # What whoever leads cannot do comes first.
        ways.sort(key=lambda way: way.acts is Acts.LEAD)
        return self._help(ways[0]) if ways else None

    def _help(self, way: Way) -> Help:
        if isinstance(way.of, BulkChange):
            return bulk_help(way.of, [self.reference])
        address = reverse(way.route, args=[getattr(self, way.of)])
        return Help(str(way.label), f"{address}#{way.anchor}" if way.anchor else address)

    @property
    def moved(self) -> str:
        """How far the date has moved since it was first set, in words; empty if it never did."""
        return postponement_text(self.first_date, self.target_date, self.date_moves)

    @property
    def parts_complete(self) -> str:
        """How many of its parts are complete, in words; empty where it has none."""
        return parts_text(self.parts_done, self.parts)

    @property
    def priority_label(self) -> str:
        return str(Priority(self.priority or Priority.NOT_SET).label)

    @property
    def has_date(self) -> bool:
        return self.target_date is not None

    @property
    def unanswered(self) -> int:
        """Evidence items against the latest approved update that nobody has answered."""
        return self.evidence_against - self.evidence_answered


def rows_for(person: Person, ids: Sequence[int], today: date) -> list[RecommendationRow]:
    """The rows of these recommendations, in the order of the ids; what is gone is left out.

    The ids must be such as the person may see. A fixed number of queries, however many ids: files
    and other long lists ask for them by batches.
    """
    return list(rows_by_id(person, ids, today).values())


def rows_by_id(
    person: Person, ids: Sequence[int], today: date, uses: Collection[str] | None = None
) -> dict[int, RecommendationRow]:
    """The same rows by their ids, in the same order; ``uses`` are those of the frame."""
    found = facts_of(ids, person)
    is_internal = permissions.can_read_internally(person)
    against = indicators_against(found)
    may_log = loggable(found, person)
    may_decide = permissions.can_review(person)
    pending = pending_of(found, person, today, may_log)
    asked = pending_changes([pk for pk, facts in found.items() if facts.has_date_request])
    flags = flags_of(found, person, today)
    if uses is None:
        # Whoever is known by a role alone is offered nothing.
        uses = frame_for(person).uses if may_log and isinstance(person, User) else ()
    return {
        pk: row_of(
            facts,
            flags[pk],
            today,
            against=against.get(pk, ""),
            late=pending.overdue.get(pk, 0),
            is_internal=is_internal,
            decidable_id=pending.decidable.get(pk),
            may_log=pk in may_log,
            may_answer=pk in pending.answerable,
            may_record_decision=may_decide and not facts.is_archived,
            may_respond=pk in may_log and "responses" in uses,
            may_change_many=permissions.can_change_many(person),
            **(_date_facts(facts, asked.get(pk), person) if is_internal else {}),
        )
        for pk, facts in found.items()
    }


def row_of(
    facts: Facts,
    flags: Sequence[str],
    today: date,
    *,
    against: str,
    late: int,
    is_internal: bool,
    is_past: bool = False,
    **more: Any,
) -> RecommendationRow:
    """The row of these facts on a day, with what else a reader may do or see of it.

    ``against`` is the title of an indicator that moves against what is claimed, ``late`` the number
    of overdue responses.
    """
    since = facts.contradicted_since
    return RecommendationRow(
        **{name: getattr(facts, name) for name in (_COPIED if is_internal else _COPIED_PUBLIC)},
        url=reverse("recommendation-detail", args=[facts.reference]),
        finished_on=day_finished(facts.status, facts.as_of, facts.completed_on),
        public_text=facts.public_text or "",
        public_reason=facts.public_reason or "",
        contradicted_since=timezone.localdate(since) if since else None,
        days_moved=days_between(facts.first_date, facts.target_date),
        responses=Responses(
            *(facts.addressed, facts.said_accepted, facts.said_in_part, facts.said_neither),
            *(facts.said_rejected, facts.said_not_for_us, facts.said_withdrawn, late),
        ),
        flags=frozenset(flags),
        reasons=tuple(_reasons(facts, flags, today, against, late, is_past=is_past)),
        begun=tuple(RULES[flag].since(facts.raised_by) for flag in flags),
        lead=facts.lead_name or "",
        is_internal=is_internal,
        **(_internal_facts(facts) if is_internal else {}),
        **more,
    )


_WORKED_OUT = ("public_text", "public_reason", "contradicted_since")
_COPIED = [
    each.name
    for each in fields(RecommendationRow)
    if hasattr(Facts, each.name) and each.name not in _WORKED_OUT
]
_COPIED_PUBLIC = _COPIED[: _COPIED.index("pk")]
"""Columns of a row that are facts as they are; those before ``pk`` for everybody."""


def _reasons(
    facts: Facts,
    flags: Iterable[str],
    today: date,
    against: str,
    late: int,
    *,
    is_past: bool = False,
) -> Iterator[str]:
    told = {**facts.raised_by, "against": against, "late": late}
    since = facts.contradicted_since
    for flag in flags:
        if is_past and flag == Flag.CONTRADICTED and since:
            words = _("Contradicted (unanswered) since %(day)s")
            yield words % {"day": day_text(timezone.localdate(since))}
        else:
            yield flag_text(flag, told, today, is_past=is_past)


def flags_of(found: dict[int, Facts], person: Person, today: date) -> dict[int, list[str]]:
    """The flags of each that the reader may know of, from the worst to the mildest."""
    known = [(flag, RULES[flag]) for flag in known_flags(person)]
    return {
        pk: [flag for flag, rule in known if rule.holds(facts.raised_by, today)]
        for pk, facts in found.items()
    }


def flags_with_reasons(
    found: dict[int, Facts], person: Person, today: date
) -> dict[int, list[tuple[str, str]]]:
    """The same flags, each with why it is raised, in words; two queries at most."""
    against, late = indicators_against(found), overdue_responses(found, person, today)
    return {
        pk: [
            *zip(
                flags,
                _reasons(found[pk], flags, today, against.get(pk, ""), late.get(pk, 0)),
                strict=True,
            )
        ]
        for pk, flags in flags_of(found, person, today).items()
    }


def _internal_facts(facts: Facts) -> dict[str, Any]:
    rank = facts.priority_rank
    return {
        "officer": full_name(facts.officer_first, facts.officer_last, facts.officer_name),
        "priority": "" if rank is None else str(PRIORITY_ORDER[rank]),
        "themes": tuple(facts.theme_names.splitlines()),
    }


def _date_facts(facts: Facts, asked: PendingDateChange | None, person: Person) -> dict[str, Any]:
    """The request that waits, and what the reader may do about the date."""
    is_manager = permissions.can_review(person) and not facts.is_archived
    may_set = permissions.can_set_first_date(person) and not facts.is_archived
    return {
        "asked": asked,
        "may_decide_date": is_manager and asked is not None and asked.by_id != person.pk,
        "may_set_date": may_set and facts.first_date is None,
        "may_withdraw_date": asked is not None
        and permissions.can_withdraw_date(person, asked.by_id),
    }
