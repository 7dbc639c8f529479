"""The exception report: what each rule finds today, row by row, and what it found 90 days ago."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.models import (
    AuditEvent,
    ImportRun,
    Observation,
    OpeningBatch,
    OutgoingMail,
    RecommendationState,
    ReportingRound,
    StatusUpdate,
    User,
    fictional,
)
from recommendations.permissions import Person
from recommendations.queries.cache import cached, version_for
from recommendations.queries.dates import day_text, postponement_text
from recommendations.queries.exceptions import rules as follow_up
from recommendations.queries.exceptions.rules import (
    GROUPS,
    RAISED,
    Case,
    Limits,
    Moment,
    Rule,
    sentence_of,
)
from recommendations.queries.listed import ids_of, rows_in_order
from recommendations.queries.log.words import action_text
from recommendations.queries.publicity import Mark, marks_of
from recommendations.queries.recommendations.status_text import update_text

# ---- What one rule finds, row by row: the ids of all, and the rows of one page


@dataclass(frozen=True, slots=True)
class CaseList:
    """What a rule found: ``keys`` can be counted and sliced, ``read`` gives the rows of some."""

    keys: Any
    read: Callable[[Sequence[Any]], list[Case]]


def cases_of(rule: Rule, today: date) -> CaseList | None:
    """The list of a rule; none where another list shows it."""
    if rule not in _LISTS:
        return None
    find, read = _LISTS[rule]
    found = find(Limits.of_site(), Moment.of(today))
    return CaseList(ids_of(found), read)


def _cases(rows: QuerySet[Any], case: Callable[[Any], Case]) -> Callable[[Sequence[Any]], Any]:
    """Reads rows by their keys, and says of each what was found."""
    return lambda keys: [case(row) for row in rows_in_order(keys, rows.in_bulk)]


def _states(text: Callable[[Any], str], *beside: Any) -> Callable[[Sequence[Any]], Any]:
    people = "recommendation__current_update__author__organisation"
    rows = RecommendationState.objects.select_related(people).prefetch_related(*beside)

    def case(row: Any) -> Case:
        about = row.recommendation
        return Case(
            str(about),
            text(row),
            about.get_absolute_url(),
            row.as_of,
            bool(row.is_demonstration),
        )

    return _cases(rows.annotate(is_demonstration=fictional("recommendation__")), case)


def _status_text(row: Any) -> str:
    """What the current update states; other warnings have rules of their own here."""
    about = row.recommendation
    update = about.current_update
    told = [_("%(status)s.") % {"status": _("No report yet")}]
    if update is not None:
        update.recommendation, update.is_approved_by_import = about, row.is_approved_by_import
        told = [update_text(update, has_date=row.target_date is not None)]
    if row.target_date is not None:
        told.append(_("Target date: %s.") % day_text(row.target_date))
    return " ".join(told)


def _own_text(row: Any) -> str:
    update, n = row.recommendation.current_update, row.evidence_for
    writers = {person.pk: person for person in (update.author, *update.editors.all())}
    bodies = {person.organisation for person in writers.values()}
    if len(bodies) > 1:
        found = ngettext(
            "%(n)d supporting item, recorded by the authors or their organisations: %(who)s",
            "%(n)d supporting items, recorded by the authors or their organisations: %(who)s",
            n,
        )
        return found % {"n": n, "who": ", ".join(sorted(str(each) for each in writers.values()))}
    found = ngettext(
        "%(n)d supporting item, recorded by %(who)s",
        "%(n)d supporting items, recorded by %(who)s",
        n,
    )
    return found % {"n": n, "who": update.author.organisation or update.author}


def _updates(keys: Sequence[int]) -> list[Case]:
    people = ("author", "last_editor", "decided_by")
    rows = StatusUpdate.objects.select_related("recommendation", *people).in_bulk(keys)
    marks = marks_of(rows)
    return [_update(rows[key], marks.get(key)) for key in keys if key in rows]


def _update(row: Any, mark: Mark | None) -> Case:
    seconds = int((row.decided_at - row.submitted_at).total_seconds())
    words = {"author": row.writer, "approver": row.decided_by, "n": seconds}
    text = ngettext(
        "Written by %(author)s, approved by %(approver)s %(n)d second after submission",
        "Written by %(author)s, approved by %(approver)s %(n)d seconds after submission",
        seconds,
    )
    about = row.recommendation
    told = _("%(case)s. %(mark)s") % {"case": text % words, "mark": mark.text} if mark else ""
    return Case(
        str(about),
        told or text % words,
        row.get_absolute_url(),
        timezone.localdate(row.decided_at),
        row.author.is_demonstration,
    )


def _pairs(pairs: Sequence[follow_up.Pair]) -> list[Case]:
    keys = {key for pair in pairs for key in (pair.author_id, pair.approver_id)}
    people = User.objects.in_bulk(keys)
    log = reverse("audit-log")
    return [
        Case(
            _("%(author)s, approved by %(approver)s")
            % {"author": people[pair.author_id], "approver": people[pair.approver_id]},
            _("%(n)d of %(total)d approved updates (%(share)d%%)")
            % {"n": pair.count, "total": pair.total, "share": pair.share},
            f"{log}?actor={pair.approver_id}&verb=approve",
            is_demonstration=people[pair.author_id].is_demonstration,
        )
        for pair in pairs
    ]


def _value(row: Any) -> Case:
    words = {"area": row.area, "label": row.area, "period": row.period, "who": row.recorded_by}
    text = _("%(area)s, %(period)s, recorded by %(who)s")
    if row.recorded_by is None:
        text = _("%(label)s, %(period)s")
    return Case(
        f"{row.indicator.code} {row.indicator.title}",
        text % words,
        reverse("indicator-detail", args=[row.indicator.code]),
        timezone.localdate(row.recorded_at),
        row.recorded_by is not None and row.recorded_by.is_demonstration,
    )


def _imports(found: Sequence[tuple[type[Any], int]]) -> list[Case]:
    def rows_of(of: Any, *beside: str) -> dict[Any, Any]:
        keys = [pk for model, pk in found if model is of]
        return dict(of.objects.select_related(*beside).in_bulk(keys)) if keys else {}

    rows = {
        ImportRun: rows_of(ImportRun, "indicator", "undone_by"),
        OpeningBatch: rows_of(OpeningBatch, "undone_by"),
        AuditEvent: rows_of(AuditEvent, "actor", "reason"),
    }
    return [_import(rows[model][pk]) for model, pk in found]


def _import(row: Any) -> Case:
    if isinstance(row, AuditEvent):
        words = _("Import of a list, undone by %(who)s: %(reason)s")
        reason = row.reason.text if row.reason else ""
        return Case(
            action_text(row.verb, row.object_type),
            words % {"who": row.actor, "reason": reason},
            reverse("bulk-change", args=[row.sequence]),
            timezone.localdate(row.at),
            bool(row.actor and row.actor.is_demonstration),
        )
    if isinstance(row, OpeningBatch):
        text, reason = _("Opening statuses, undone by %(who)s: %(reason)s"), row.undone_reason
    else:
        text, reason = _("Import of values, undone by %(who)s: %(reason)s"), row.undo_reason
    return Case(
        row.file_name,
        text % {"who": row.undone_by, "reason": reason},
        row.get_absolute_url(),
        timezone.localdate(row.undone_at),
        row.undone_by.is_demonstration,
    )


def _rounds(found: Sequence[tuple[int, int]]) -> list[Case]:
    rows = ReportingRound.objects.select_related("sent_by").in_bulk([pk for pk, _n in found])
    return [
        Case(
            row.name,
            ngettext("%(n)d request unanswered", "%(n)d requests unanswered", n) % {"n": n},
            row.get_absolute_url(),
            row.reply_by,
            row.sent_by.is_demonstration,
        )
        for row, n in ((rows[pk], n) for pk, n in found)
    ]


def _message(row: Any) -> Case:
    """To whom, but not what it says: that may be for its recipient alone."""
    n = row.failures
    tries = ngettext("%(n)d failed attempt", "%(n)d failed attempts", n) % {"n": n}
    title = _("Email to %s") % row.to if row.to else _("Email to an address without an account")
    return Case(
        title,
        tries,
        day=timezone.localdate(row.queued_at),
        is_demonstration=row.to is not None and row.to.is_demonstration,
    )


_WITH_BODIES = User.objects.select_related("organisation")

_LISTS: Mapping[Rule, tuple[Callable[[Limits, Moment], Any], Callable[[Sequence[Any]], Any]]] = {
    Rule.OFF_TRACK: (partial(follow_up.states_of, Rule.OFF_TRACK), _states(_status_text)),
    Rule.MOVED_DATES: (
        partial(follow_up.states_of, Rule.MOVED_DATES),
        _states(lambda row: postponement_text(row.first_date, row.target_date, row.date_moves)),
    ),
    Rule.OWN_EVIDENCE: (
        partial(follow_up.states_of, Rule.OWN_EVIDENCE),
        _states(_own_text, Prefetch("recommendation__current_update__editors", _WITH_BODIES)),
    ),
    Rule.QUICK: (follow_up.quick_approvals, _updates),
    Rule.SAME_APPROVER: (follow_up.same_approvers, _pairs),
    Rule.CHANGED_ACCOUNT: (follow_up.changed_accounts, follow_up.cases_of_decisions),
    Rule.UNCONFIRMED: (
        lambda _limits, _now: follow_up.unconfirmed_values(),
        _cases(Observation.objects.select_related("indicator", "area", "recorded_by"), _value),
    ),
    Rule.UNDONE: (follow_up.undone_imports, _imports),
    Rule.UNANSWERED: (follow_up.unanswered_requests, _rounds),
    Rule.FAILED_MAIL: (
        lambda _limits, _now: follow_up.failed_mail(),
        _cases(OutgoingMail.objects.select_related("to"), _message),
    ),
}
"""What finds the rows of a rule that no other list shows, and what reads some of them."""


# ---- The exception report: what each rule finds today, and what it found 90 days ago

AUDIENCE = "exception report"
"""All who may read it read the same."""

LISTED = {
    **{rule: [("flag", flag.value) for flag in flags] for rule, flags in RAISED.items()},
    Rule.NEVER_REPORTED: [("status", "none")],
    Rule.CONTRADICTED: [("contradiction", "unanswered")],
}
"""Rules whose list is that of recommendations, with its filter; the others have their own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: how many it finds, and how many it found before.

    ``before`` is ``None`` where the record does not tell.
    """

    rule: Rule
    title: str
    sentence: str
    count: int
    before: int | None
    url: str

    @property
    def trend(self) -> str:
        """The difference in words; that nothing is known is told as such."""
        if self.before is None:
            return _("Not on record")
        change = self.count - self.before
        if not change:
            return capfirst(_("unchanged"))
        if change > 0:
            return ngettext("%(n)s more", "%(n)s more", change) % {"n": change}
        return ngettext("%(n)d fewer", "%(n)d fewer", -change) % {"n": -change}


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one heading."""

    title: str
    lines: tuple[Line, ...]


def report_of(person: Person, today: date) -> list[Group]:
    """The report, kept until something is recorded; mail is counted each time.

    As many statements at first whatever the rules find, ten less on the same day, and one where
    nothing was recorded since.
    """
    limits, now = Limits.of_site(), Moment.of(today)
    since = cached(
        "exceptions since",
        follow_up.tracked_since,
        audience=AUDIENCE,
        version=version_for(person).hash,
    )
    counts = cached(
        "exceptions",
        lambda: {
            **follow_up.recommendation_counts(now.day, limits),
            **follow_up.approval_counts(limits, now),
            Rule.UNCONFIRMED: follow_up.unconfirmed_values().order_by().count(),
            Rule.UNDONE: len(follow_up.undone_imports(limits, now)),
            Rule.UNANSWERED: len(follow_up.unanswered_requests(limits, now)),
        },
        audience=AUDIENCE,
        version=version_for(person).hash,
        parts=(limits,),
    )
    # Of what is recorded today only what ends or begins tracking changes what was known then.
    before = cached(
        "exceptions before",
        lambda: _before(limits, now.before(), person),
        audience=AUDIENCE,
        version=since,
        parts=(limits,),
    )
    counts = {**counts, Rule.FAILED_MAIL: follow_up.failed_mail().order_by().count()}
    return [
        Group(
            str(title),
            tuple(_line(rule, limits, now, counts[rule], before.get(rule)) for rule in rules),
        )
        for title, rules in GROUPS
    ]


def _before(limits: Limits, then: Moment, person: Person) -> dict[Rule, int]:
    return {
        **follow_up.counts_before(then, limits, person),
        **follow_up.approval_counts(limits, then),
        Rule.UNCONFIRMED: follow_up.unconfirmed_values(then).order_by().count(),
        Rule.UNDONE: len(follow_up.undone_imports(limits, then)),
    }


def _line(rule: Rule, limits: Limits, now: Moment, count: int, before: int | None) -> Line:
    return Line(
        rule, str(rule.label), sentence_of(rule, limits), count, before, url_of(rule, limits, now)
    )


def url_of(rule: Rule, limits: Limits, now: Moment) -> str:
    """The list of what a rule finds: a filtered list where there is one, else its own page."""
    if rule == Rule.NEW_ROLE:
        since = now.since(limits).date().isoformat()
        asked = [("review", "new_deciders"), ("day_from", since)]
        return f"{reverse('audit-log')}?{urlencode(asked)}"
    if rule in LISTED:
        return f"{reverse('recommendation-list')}?{urlencode(LISTED[rule])}"
    return reverse("exception-list", args=[rule.value])
