"""Telling the owner of an account that somebody may be guessing its password.

Looked for outside of requests, so that no answer takes longer where there is an account; but for
the case that somebody got in, which tells as much by itself.
"""

from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.actions.mail.queue import Notification, queue_mail
from recommendations.models import User

MANY, WITHIN = 10, timedelta(hours=1)
"""Failures of which an owner is told, at all places where one was within that time."""


def warn_owners(now: datetime) -> None:
    """Queue a warning to everybody whose account many tries failed to get into; once a day."""
    _warn(User.objects.filter(username__in=_many_failures(now, MANY).values("username")), now)


def warn_of_entry(person: User, now: datetime) -> None:
    """The same where somebody has just got in, after whose try the failures are forgotten."""
    # The try that got in was counted as well.
    if _many_failures(now, MANY + 1).filter(username=person.get_username()).exists():
        _warn([person], now, _("Afterwards, a sign-in with the correct password succeeded."))


def _many_failures(now: datetime, least: int) -> QuerySet[AccessAttempt]:
    """The names that are tried, with how often."""
    tried = AccessAttempt.objects.filter(attempt_time__gt=now - WITHIN).order_by()
    counted = tried.values("username").annotate(failures=Sum("failures_since_start"))
    found: QuerySet[AccessAttempt] = counted.filter(failures__gte=least)
    return found


def _warn(people: QuerySet[User] | list[User], now: datetime, outcome: str = "") -> None:
    def write(person: User) -> Notification:
        told = (
            _("Many sign-in attempts with your username failed within an hour."),
            outcome or _("Further attempts are delayed. You can still sign in."),
            _("If these attempts were not yours, change your password and tell an administrator."),
        )
        return Notification(
            subject=_("Many failed sign-ins with your username"),
            lines=told,
            path=reverse("password_reset"),
            link=_("Change your password"),
            is_asked_for=False,
        )

    queue_mail(people, write, once=f"sign-in-{timezone.localdate(now)}")
