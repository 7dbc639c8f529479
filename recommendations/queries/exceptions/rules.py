"""The rules of the exception report: their names, their limits, and each in one sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.choices import GRACE_DAYS, Flag
from recommendations.queries.dates import end_of
from recommendations.queries.days import Days

TREND_DAYS = 90
"""Days before today of which a count is told beside that of today, where the record has it."""


class Rule(TextChoices):
    """The rules in the order of the report; a code is part of the address of its list."""

    NEVER_REPORTED = "never-reported", gettext_lazy("Never reported")
    OUT_OF_DATE = "out-of-date", gettext_lazy("Out of date")
    OFF_TRACK = "off-track", gettext_lazy("Off track or overdue, no decision requested")
    MOVED_DATES = "moved-dates", gettext_lazy("Target date changed often or far")
    CONTRADICTED = "contradicted", gettext_lazy("Contradicted (unanswered)")
    QUICK = "quick-approvals", gettext_lazy("Approved within minutes")
    SAME_APPROVER = "same-approver", gettext_lazy("Same approver again and again")
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
    date_changes: int
    date_days: int
    period_days: int

    @classmethod
    def of_site(cls) -> Self:
        return cls(
            minutes=settings.EXCEPTION_APPROVAL_MINUTES,
            approvals=settings.EXCEPTION_PAIR_APPROVALS,
            share=settings.EXCEPTION_PAIR_SHARE,
            role_days=settings.EXCEPTION_ROLE_DAYS,
            date_changes=settings.EXCEPTION_DATE_CHANGES,
            date_days=settings.EXCEPTION_DATE_DAYS,
            period_days=settings.EXCEPTION_PERIOD_DAYS,
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
        return self.known - timedelta(days=limits.period_days)


def sentence_of(rule: Rule, limits: Limits) -> str:
    """What makes something an exception by this rule."""
    return _SENTENCES[rule]() % {
        "grace": GRACE_DAYS,
        "minutes": limits.minutes,
        "approvals": limits.approvals,
        "share": limits.share,
        "role_days": limits.role_days,
        "changes": limits.date_changes,
        "date_days": limits.date_days,
        "period": limits.period_days,
    }


_SENTENCES: dict[Rule, Callable[[], str]] = {
    Rule.NEVER_REPORTED: lambda: _("No update on the recommendation was ever approved."),
    Rule.OUT_OF_DATE: lambda: _(
        "The next update or the confidence rating is overdue by more than %(grace)d days."
    ),
    Rule.OFF_TRACK: lambda: _(
        "Delivery is off track or the target date has passed, and no decision, support or date "
        "change is requested."
    ),
    Rule.MOVED_DATES: lambda: _(
        "The target date was changed %(changes)d times or more, or postponed by more than "
        "%(date_days)d days."
    ),
    Rule.CONTRADICTED: lambda: _("Unanswered evidence contradicts the current update."),
    Rule.QUICK: lambda: _(
        "Approved within %(minutes)d minutes of submission, in the last %(period)d days."
    ),
    Rule.SAME_APPROVER: lambda: _(
        "One person approved %(approvals)d updates or more of one author, which is over "
        "%(share)d%% of the author’s, in the last %(period)d days."
    ),
    Rule.NEW_ROLE: lambda: _(
        "A person decided within %(role_days)d days after their roles changed, in the last "
        "%(period)d days."
    ),
    Rule.CHANGED_ACCOUNT: lambda: _(
        "A person decided within %(role_days)d days after another person changed the email "
        "address, role or sign-in of the account, in the last %(period)d days."
    ),
    Rule.OWN_EVIDENCE: lambda: _(
        "The authors of the current update, or their organisations, recorded all evidence that "
        "supports it."
    ),
    Rule.UNCONFIRMED: lambda: _("No second person has confirmed the value."),
    Rule.UNDONE: lambda: _(
        "An import of values or of opening statuses was undone, in the last %(period)d days."
    ),
    Rule.UNANSWERED: lambda: _(
        "Requests had no update by the date to reply by. Closed rounds count for %(period)d days."
    ),
    Rule.FAILED_MAIL: lambda: _("Delivery of the email failed for good."),
}
