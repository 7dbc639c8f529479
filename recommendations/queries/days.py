"""The two days of a look back: the day a status is of, and the day until which it was known."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.audit.rewind import REDACT
from recommendations.models import AuditEvent
from recommendations.queries.cache import audience_of, cached, version_for
from recommendations.queries.dates import day_text, end_of, first_day

T = TypeVar("T")

AS_OF, KNOWN = "as_of", "known"
"""The names of the two days in an address."""

THEN = "then"
"""Sent by the form of the two days: a second day that is left empty is the first."""

_ENTRY = re.compile(r"([1-9]\d{0,17})-([0-9a-f]{12})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class NoSuchDays(Exception):
    """Nothing can be shown for these days; the message says why, and what to do."""


class NotShownAnyMore(NoSuchDays):
    """It was public once and is archived by now: of that readers outside have no past day."""


class NothingThen(NoSuchDays):
    """Nothing was there on these days that could be shown to who asks."""


@dataclass(frozen=True, slots=True)
class Days:
    """What was so on ``as_of``, as the record had it at the end of ``known_on``.

    ``entry`` is the number of the last event recorded by then, at ``recorded_at``. A citation names
    the entry itself: then ``known`` is when it was recorded, some time of the one day.
    """

    as_of: date
    known_on: date
    known: datetime
    entry: int
    recorded_at: datetime
    entry_hash: str

    @property
    def is_one_day(self) -> bool:
        return self.as_of == self.known_on

    @property
    def query(self) -> str:
        """The two as an address has them."""
        return urlencode({AS_OF: self.as_of.isoformat(), KNOWN: self.known_on.isoformat()})


def days_of(asked: Mapping[str, str], today: date) -> Days | None:
    """The days that an address asks for; none where it asks for what is so now.

    A day that is left out is the other one: of a status the day until which it was known, else
    today, but of the form of both days the first. One query. ``NoSuchDays`` where the days make no
    sense.
    """
    texts = {name: asked.get(name, "").strip() for name in (AS_OF, KNOWN)}
    if not any(texts.values()):
        return None
    known_on = _day(texts[KNOWN]) if texts[KNOWN] else today
    as_of = _day(texts[AS_OF]) if texts[AS_OF] else known_on
    if THEN in asked and not texts[KNOWN]:
        known_on = as_of
    for day in (as_of, known_on):
        if day > today:
            raise NoSuchDays(
                _("%(day)s is in the future. Choose today or an earlier day.")
                % {"day": day_text(day)}
            )
    if known_on < as_of:
        raise NoSuchDays(
            _(
                "The status on %(day)s cannot have been known on %(known)s, which is earlier. "
                "Choose the same day for both, or a later day for what was known."
            )
            % {"known": day_text(known_on), "day": day_text(as_of)}
        )
    if as_of == today:
        return None
    known = end_of(known_on)
    found = AuditEvent.objects.filter(at__lte=known).order_by("-at")
    entry = found.values_list("sequence", "at", "hash").first()
    if entry is None:
        raise NoSuchDays(_before_the_record(known_on))
    return Days(as_of, known_on, known, *entry)


def cited_days(day: str, entry: str, today: date) -> Days:
    """The day that a citation names, as known at the entry of the record that it names; one query.

    The entry must have been the newest at some time of the day, so that nobody can quote for a day
    what was out of date on it. ``NoSuchDays`` where there is no such day, ``NothingThen`` where the
    address names no entry of it.
    """
    on = day_in(day)
    if on is None:
        raise NoSuchDays(
            _("The address contains no date. Write a date as year-month-day, such as 2026-11-25.")
        )
    if on > today:
        raise NoSuchDays(_("%(day)s is in the future.") % {"day": day_text(on)})
    number, beginning = entry_in(entry)
    rows = AuditEvent.objects.filter(sequence__gte=number, sequence__lte=number + 1).order_by()
    found = {each: (at, digest) for each, at, digest in rows.values_list("sequence", "at", "hash")}
    at, digest = found.get(number, (None, ""))
    if at is None or not digest.startswith(beginning):
        raise NothingThen
    after = found.get(number + 1)
    has_ended = after is not None and timezone.localdate(after[0]) < on
    if has_ended or timezone.localdate(at) > on:
        raise NothingThen
    return Days(on, on, at, number, at, digest)


def entry_name(number: int, digest: str) -> str:
    """An entry of the record as an address names it: its number, and the beginning of its hash.

    Nobody can guess the hash, so that addresses which were never given out are all alike, and an
    address tells which record it was taken from.
    """
    return f"{number}-{digest[:12]}"


def entry_in(name: str) -> tuple[int, str]:
    """The number and the beginning of the hash in such a name; 0 where it is none."""
    found = _ENTRY.fullmatch(name)
    return (int(found[1]), found[2]) if found else (0, "")


def day_in(text: str) -> date | None:
    """The day that a part of an address is, as year-month-day; none where it is no day."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _day(text: str) -> date:
    day = day_in(text)
    if day is None:
        raise NoSuchDays(
            _("“%(text)s” is not a date. Write a date as year-month-day, such as 2026-11-25.")
            % {"text": text[:40]}
        )
    return day


def kept_then(what: str, compute: Callable[[], T], *, days: Days, person: Any, parts: Any) -> T:
    """As ``cached``, of a past day.

    For those who may read all evidence, a day that is over is as it was until something is
    redacted; others read what was public then and still is, which any event may change.
    """
    version = version_of_past(days) if stays(days, person) else version_for(person).hash
    return cached(what, compute, audience=audience_of(person), version=version, parts=(days, parts))


def stays(days: Days, person: Any) -> bool:
    """Whether the person is shown the same of these days whatever happens, but for redactions."""
    is_over = days.known_on < timezone.localdate()
    return is_over and permissions.can_read_internal_evidence(person)


def version_of_past(days: Days) -> str:
    """What was recorded by then, and the last redaction."""
    last = AuditEvent.objects.filter(verb=REDACT).order_by("-sequence")
    return f"{days.entry_hash} {last.values_list('hash', flat=True).first() or ''}"


def _before_the_record(known_on: date) -> str:
    if first_day() is None:
        return _("Nothing is recorded yet.")
    return _("Nothing was recorded by %(day)s.") % {"day": day_text(known_on)}
