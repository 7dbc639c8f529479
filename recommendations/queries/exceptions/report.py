"""The exception report: what each rule finds today, and what it found 90 days ago."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.permissions import Person
from recommendations.queries.cache import cached
from recommendations.queries.exceptions import approvals, follow_up, recommendations
from recommendations.queries.exceptions.rules import (
    GROUPS,
    RAISED,
    Limits,
    Moment,
    Rule,
    sentence_of,
)
from recommendations.queries.version import version_for

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
            return _("Unchanged")
        if change > 0:
            return ngettext("%(n)d more", "%(n)d more", change) % {"n": change}
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
        recommendations.tracked_since,
        audience=AUDIENCE,
        version=version_for(person).hash,
    )
    counts = cached(
        "exceptions",
        lambda: _counts(limits, now),
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


def _counts(limits: Limits, now: Moment) -> dict[Rule, int]:
    return {
        **recommendations.counts(now.day, limits),
        **approvals.counts(limits, now),
        Rule.UNCONFIRMED: follow_up.unconfirmed_values().order_by().count(),
        Rule.UNDONE: len(follow_up.undone_imports(limits, now)),
        Rule.UNANSWERED: len(follow_up.unanswered_requests(limits, now)),
    }


def _before(limits: Limits, then: Moment, person: Person) -> dict[Rule, int]:
    return {
        **recommendations.counts_before(then, limits, person),
        **approvals.counts(limits, then),
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
