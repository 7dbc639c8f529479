"""Days and times as pages show them, in the site's time zone; a missing one is empty."""

import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from recommendations.queries.dates import day_text, short_day_text

register = template.Library()

Day = datetime.date | datetime.datetime


def _as_date(value: Day) -> datetime.date:
    """The day in the site's time zone."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def day(value: Day | None) -> str:
    """``30 September 2026``."""
    if not value:
        return ""
    return day_text(_as_date(value))


@register.filter
def short_day(value: Day | None) -> str:
    """``30 Sep 2026``, for narrow columns."""
    if not value:
        return ""
    return short_day_text(_as_date(value))


@register.filter
def age(value: Day | None, today: Day | None = None) -> str:
    """How many days a day is from today, or from the day for which the page is shown."""
    if not value:
        return ""
    days = (_as_date(today or timezone.now()) - _as_date(value)).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if days == -1:
        return _("tomorrow")
    if days > 0:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    return ngettext("in %(n)d day", "in %(n)d days", -days) % {"n": -days}


@register.filter
def day_with_age(value: Day | None, today: Day | None = None) -> SafeString:
    """``30 September 2026, 54 days ago``, the day readable by machines."""
    if not value:
        return SafeString("")
    return format_html(
        '<time datetime="{}">{}</time><span class="age">, {}</span>',
        _as_date(value).isoformat(),
        day(value),
        age(value, today),
    )


@register.filter
def timestamp(value: datetime.datetime | None) -> SafeString:
    """``12 October 2026, 15:04``."""
    if not value:
        return SafeString("")
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time datetime="{}">{}, {}</time>',
        local.isoformat(timespec="minutes"),
        day(local.date()),
        date_format(local, pgettext("time of day", "H:i")),
    )


@register.filter
def timestamp_with_age(value: Day | None, today: Day | None = None) -> SafeString:
    """``12 October 2026, 15:04, 43 days ago``; of a day without a time, the day and its age."""
    if not isinstance(value, datetime.datetime):
        return day_with_age(value, today)
    return format_html('{}<span class="age">, {}</span>', timestamp(value), age(value, today))


@register.filter
def minutes(value: datetime.timedelta) -> int:
    """A span in whole minutes, rounded up: after so many the span is over."""
    return -(-int(value.total_seconds()) // 60)
