"""Files that other programs fetch again and again: Atom and calendars."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from recommendations.queries.updates.published import PublicUpdate
from recommendations.queries.updates.tasks import DueDate

# ---- Updates into an Atom feed (RFC 4287)

ATOM_TYPE = Atom1Feed.content_type


class _DatedFeed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """Of one without entries the beginning of the day, so that it is the same all day."""
        if self.items:
            return super().latest_post_date()
        return datetime.combine(timezone.now().astimezone(UTC), time(), UTC)


def atom_feed(
    updates: Sequence[PublicUpdate],
    *,
    title: str,
    subtitle: str,
    address: str,
    page: str,
    site: str,
) -> str:
    """The XML. ``address`` is that of the feed, ``page`` that of the page it is about.

    ``site`` is what the addresses of entries begin with, without a slash at its end.
    """
    feed = _DatedFeed(
        title=title,
        link=page,
        description=subtitle,
        language=get_language() or "",
        author_name=_("Recommendation Tracker"),
        subtitle=subtitle,
        feed_url=address,
        feed_guid=address,
    )
    for update in updates:
        feed.add_item(
            title=update.title,
            link=f"{site}{update.path}",
            description=linebreaks("\n\n".join(update.statements), autoescape=True),
            # The same for good, wherever the site is; it does not tell the key, which forms go by.
            unique_id=f"urn:uuid:{uuid5(UUID(update.key), 'atom')}",
            pubdate=update.approved_at,
            updateddate=update.updated_at,
            categories=update.labels,
        )
    return feed.writeString("utf-8")


# ---- Due dates into an iCalendar file (RFC 5545)

_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)

CALENDAR_TYPE = "text/calendar; charset=utf-8"


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
        changed_at = (due.changed_at or _BEGINNING).astimezone(UTC)
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
