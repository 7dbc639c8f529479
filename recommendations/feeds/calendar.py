"""Due dates into an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from recommendations.queries.updates.calendars import DueDate

_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

CONTENT_TYPE = "text/calendar; charset=utf-8"


def calendar_file(dates: Iterable[DueDate], site: str, host: str) -> bytes:
    """The file: one event a date, all day long.

    ``site`` is what the addresses of pages begin with, without a slash at its end. ``host`` tells
    the events of this site from those of another in the same calendar.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Recommendation Tracker//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Due dates: recommendations"))
    for due in dates:
        event = Event()
        calendar.add_component(event)
        event.add("uid", f"{due.kind}-{due.number}@{host}")
        changed_at = due.changed_at.astimezone(UTC)
        event.add("dtstamp", changed_at)
        event.add("last-modified", changed_at)
        # Only has to grow; in seconds since then it does, and fits for a lifetime.
        event.add("sequence", max(0, int((changed_at - _BEGINNING).total_seconds())))
        event.add("dtstart", due.day)
        event.add("dtend", due.day + timedelta(days=1))
        event.add("summary", due.title)
        event.add("url", f"{site}{due.path}")
        event.add("status", "CANCELLED" if due.is_cancelled else "CONFIRMED")
        # A due date takes nobody's time.
        event.add("transp", "TRANSPARENT")
    return bytes(calendar.to_ical())
