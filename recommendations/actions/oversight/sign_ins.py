"""Tries to sign in: how often a name may be tried from one place, and who ends a pause.

Counted in the table of django-axes, one row for a name at one place. No row is tracked; that an
administrator ended a pause is on record.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import ActionRefused, require_administrator
from recommendations.models import User

FREE_TRIES = 5
"""Wrong passwords for a name at one place before it has to pause."""

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
"""The pause after the last free try, doubled by each failure after it, up to the longest."""

FORGOTTEN_AFTER = timedelta(days=1)
"""Failures count until no try was made for so long."""

MOST_NAMES, NAMES_WITHIN = 50, timedelta(hours=1)
"""Names that one address may try within that time without getting in. Of an office, those count
whose last try failed."""

NO_PAUSE = timedelta()


@dataclass(frozen=True, slots=True)
class Place:
    """Who is tried from where: a name, an address, and the browser where it is a known one."""

    username: str
    ip_address: str
    user_agent: str = ""

    def rows(self) -> QuerySet[AccessAttempt]:
        """The row in which its failures are counted, if there is one."""
        found: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(**asdict(self))
        return found


@dataclass(frozen=True, slots=True)
class Try:
    """A try to sign in: how many failed with it, and how long it has to wait if it may not."""

    failures: int
    wait: timedelta = NO_PAUSE


def pause_after(failures: int) -> timedelta:
    """How long a name has to pause at one place after so many wrong passwords."""
    if failures < FREE_TRIES:
        return NO_PAUSE
    doublings = min(failures - FREE_TRIES, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def begin_try(place: Place, now: datetime) -> Try:
    """Count a try as failed before its password is looked at, or say how long it has to wait.

    By one conditional UPDATE: of tries at the same moment no more are let through than one after
    another. Where nothing can be written nobody is let through, since the database raises.
    """
    while True:
        row = place.rows().first()
        is_further = row is None or now - row.attempt_time >= NAMES_WITHIN
        if is_further and (wait := _wait_of_a_further_name(place, now)):
            return Try(0, wait)
        row = row or _add(place)
        is_forgotten = now - row.attempt_time >= FORGOTTEN_AFTER
        failures = 0 if is_forgotten else row.failures_since_start
        if (pause := pause_after(failures)) and (left := row.attempt_time + pause - now) > NO_PAUSE:
            return Try(failures, left)
        as_read = place.rows().filter(
            failures_since_start=row.failures_since_start, attempt_time=row.attempt_time
        )
        if as_read.update(failures_since_start=failures + 1, attempt_time=now):
            return Try(failures + 1)


def end_tries(place: Place, now: datetime) -> None:
    """Forget the failures of a place where somebody got in, and all that are too old to count."""
    is_old = Q(attempt_time__lte=now - FORGOTTEN_AFTER)
    AccessAttempt.objects.filter(Q(**asdict(place)) | is_old).delete()


def release(*, attempt: AccessAttempt, by: User, at: datetime | None = None) -> None:
    """End the pause of a name at one place, and forget what failed there."""
    with audit.entry(by=by, at=at) as entry:
        require_administrator(by)
        current = AccessAttempt.objects.filter(pk=attempt.pk).first()
        if current is None:
            raise ActionRefused(_("This pause has already ended."))
        before: dict[str, Any] = {
            "username": audit.FreeText(current.username or ""),
            "ip_address": audit.FreeText(current.ip_address or ""),
            "failures_since_start": current.failures_since_start,
        }
        entry.record("release", current, before=before, after={})
        current.delete()


def _add(place: Place) -> AccessAttempt:
    columns = ("http_accept", "path_info", "get_data", "post_data")
    row: AccessAttempt
    row, _is_new = AccessAttempt.objects.get_or_create(
        **asdict(place), defaults={"failures_since_start": 0, **dict.fromkeys(columns, "")}
    )
    return row


def _wait_of_a_further_name(place: Place, now: datetime) -> timedelta:
    """How long a name that is not among those tried lately waits; never in a known browser."""
    if place.user_agent:
        return NO_PAUSE
    tried = AccessAttempt.objects.filter(
        ip_address=place.ip_address, user_agent="", attempt_time__gt=now - NAMES_WITHIN
    )
    times = tried.order_by("-attempt_time").values_list("attempt_time", flat=True)[:MOST_NAMES]
    if len(times) < MOST_NAMES:
        return NO_PAUSE
    left: timedelta = times[MOST_NAMES - 1] + NAMES_WITHIN - now
    return left
