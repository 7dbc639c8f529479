"""Formatting for templates: chips, icons, dates with their age, differences, form fields.

Nothing here reads the database; everything it shows is given to it.
"""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from recommendations.choices import status_label
from recommendations.templatetags import chips, counts, diffs, icons
from recommendations.templatetags.fields import FieldOptions, FieldView, field_view, first_id

register = template.Library()

Day = datetime.date | datetime.datetime

BARS_FROM: Final = 10
"""Below this many, shares say less than the words do and a bar misleads."""


# Icons and chips -----------------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """``{% icon "search" %}``: inline, in the colour of the text, hidden from readers by ear."""
    return icons.svg(name)


@register.simple_tag
def status_chip(
    code: str | None, is_continuous: bool = False, is_reported: bool = False
) -> SafeString:
    """Where it stands; nothing at all is "No report yet".

    ``is_reported`` is for an update that waits: "Reported as “Implemented”, awaiting check".
    """
    return chips.status_chip(
        code or "", is_continuous=bool(is_continuous), is_reported=bool(is_reported)
    )


@register.simple_tag
def confidence_chip(
    code: str | None,
    is_out_of_date: bool = False,
    has_date: bool = True,
    rated_on: Day | None = None,
) -> SafeString:
    """The forecast; one out of date keeps its word and says the day it was given."""
    return chips.confidence_chip(
        code or "",
        has_date=bool(has_date),
        is_out_of_date=bool(is_out_of_date),
        rated=short_day(rated_on) if is_out_of_date and rated_on else "",
    )


@register.simple_tag
def assurance_chip(code: str | None) -> SafeString:
    """Who stands behind it; nothing where there is no approved update."""
    return chips.assurance_chip(code or "")


@register.simple_tag
def contradicted_chip(unanswered: int = 1) -> SafeString:
    """Stands beside the assurance, never instead of it; nothing when none is unanswered."""
    if not unanswered:
        return SafeString("")
    return chips.chip("red", "assurance-contradicted", _("Contradicted, unanswered"))


@register.simple_tag
def stance_chip(code: str) -> SafeString:
    """What an evidence item does for the thing it is linked to."""
    return chips.stance_chip(code)


@register.simple_tag
def state_chip(code: str) -> SafeString:
    """Where an update is on its way from draft to decision."""
    return chips.state_chip(code)


@register.simple_tag
def response_chip(position: str) -> SafeString:
    """What an addressee says."""
    return chips.response_chip(position)


@register.simple_tag
def action_chip(state: str) -> SafeString:
    """Where a step stands; it is not the status of anything."""
    return chips.action_chip(state)


@register.simple_tag
def demonstration_chip(is_shown: bool = True) -> SafeString:
    """Marks a row that is made up; nothing when it is not."""
    if not is_shown:
        return SafeString("")
    return chips.chip("amber", "flask", _("Demonstration"))


@register.simple_tag
def chip(label: str | Promise, tone: str = "grey", icon: str = "") -> SafeString:
    """Any other short fact. Tones: plain, grey, none, violet, blue, green, amber, red."""
    return chips.chip(tone, icon, label)


@register.filter
def status_word(code: str | None, is_continuous: bool = False) -> str:
    """The status in words alone, for a sentence or a title."""
    return status_label(code or "", is_continuous=bool(is_continuous))


@register.filter
def confidence_word(code: str | None, has_date: bool = True) -> str:
    """The forecast in words alone."""
    return chips.confidence_label(code or "", has_date=bool(has_date))


# Days and figures ----------------------------------------------------------------------------


def _as_date(value: Day) -> datetime.date:
    """The day in the site's time zone."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def day(value: Day | None) -> str:
    """``30 September 2026``; empty stays empty."""
    if not value:
        return ""
    return date_format(_as_date(value), pgettext("date, written out", "j F Y"))


@register.filter
def short_day(value: Day | None) -> str:
    """``30 Sep 2026``, where there is little room."""
    if not value:
        return ""
    return date_format(_as_date(value), pgettext("date, short", "j M Y"))


@register.filter
def age(value: Day | None, today: Day | None = None) -> str:
    """How far a day lies from today, or from the day that the page speaks of."""
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
def moment(value: datetime.datetime | None) -> SafeString:
    """``12 October 2026, 15:04`` in the site's time zone."""
    if not value:
        return SafeString("")
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time datetime="{}">{}, {}</time>',
        local.isoformat(timespec="minutes"),
        day(local),
        date_format(local, pgettext("time of day", "H:i")),
    )


@register.filter
def when(value: Day | None, today: Day | None = None) -> SafeString:
    """A day, or a day and its time, followed by its age."""
    if not isinstance(value, datetime.datetime):
        return day_with_age(value, today)
    return format_html('{}<span class="age">, {}</span>', moment(value), age(value, today))


@register.filter
def minutes(value: datetime.timedelta) -> int:
    """A span in whole minutes, rounded up: who waits that long has waited long enough."""
    return -(-int(value.total_seconds()) // 60)


@register.filter
def figure(value: Decimal | int | None, decimals: int | None = None) -> SafeString | str:
    """A number with its thousands grouped; a missing one is a dash, never 0."""
    if value is None:
        return format_html(
            '<span aria-hidden="true">–</span><span class="visually-hidden">{}</span>',
            _("no figure"),
        )
    return number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


@register.filter
def cell(value: Any) -> Any:
    """A cell of a picture's table: a number with all its digits, an empty one as a dash."""
    if value is None:
        return figure(None)
    if isinstance(value, Decimal):
        places = max(-int(value.as_tuple().exponent), 0)
        return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
    return value


# Texts ---------------------------------------------------------------------------------------


@register.simple_tag
def text_diff(before: str | None, after: str | None) -> SafeString:
    """``{% text_diff old.text new.text %}``: what went and what came, word by word."""
    return diffs.text_diff(str(before or ""), str(after or ""))


# Forms ---------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    label: str = "",
    hint: str = "",
    icons: str = "",
    folded: str = "",
    folded_label: str = "",
    size: str = "",
    show_optional: bool = False,
) -> dict[str, FieldView | str]:
    """Label, hint, control and error of one field, tied together.

    Radio buttons become cards. ``icons`` is ``status``, ``confidence`` or ``stance``;
    ``folded`` names choices (by comma) that stand behind ``folded_label``; ``size`` is
    ``short`` or ``tall``.
    """
    options = FieldOptions(
        label=str(label),
        hint=str(hint),
        icons=icons,
        folded=tuple(part.strip() for part in folded.split(",") if part.strip()),
        css=f"field-{size}" if size else "",
        is_optional_shown=show_optional,
    )
    return {"view": field_view(bound, options), "folded_label": folded_label or _("More …")}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: forms.BaseForm, *more: str) -> dict[str, Any]:
    """All that is wrong, at the top, each leading to its field; nothing when nothing is."""
    found = [
        {"id": first_id(bound), "label": bound.label, "text": error}
        for bound in form
        for error in bound.errors
    ]
    rest = [*form.non_field_errors(), *(error for error in more if error)]
    found += [{"id": "", "label": "", "text": error} for error in rest]
    return {"found": found}


# Lists ---------------------------------------------------------------------------------------


@register.inclusion_tag("components/count_strip.html")
def count_strip(
    kind: str,
    found: Mapping[str, int],
    links: Mapping[str, str] | None = None,
    out_of_date: Mapping[str, int] | None = None,
    continuous: int = 0,
) -> dict[str, Any]:
    """How many stand where, in words and shapes; a bar besides from ten items on.

    ``kind`` is ``status`` or ``confidence``; ``found`` maps code to number, in any order, and
    ``links`` code to the address of their list. ``out_of_date`` are forecasts counted apart;
    ``continuous`` is how many of the implemented have no end.
    """
    if kind == "status":
        parts = counts.status_parts(found, links or {}, continuous)
    else:
        parts = counts.confidence_parts(found, links or {}, out_of_date or {})
    total = sum(part.number for part in parts)
    return {"parts": parts, "total": total, "has_bar": total >= BARS_FROM}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(
    context: template.Context, page: Page[Any], parameter: str = "page"
) -> dict[str, Any]:
    """Links to the other pages that keep the filters; nothing when there is one page."""
    request = context.get("request")
    kept = (
        []
        if request is None
        else [
            (key, value)
            for key, values in request.GET.lists()
            if key != parameter
            for value in values
            if value
        ]
    )
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    links = [
        {
            "number": number,
            "query": urlencode([*kept, (parameter, number)]) if isinstance(number, int) else "",
            "is_current": number == page.number,
        }
        for number in numbers
    ]
    return {
        "page": page,
        "links": links,
        "previous": urlencode([*kept, (parameter, page.number - 1)]),
        "next": urlencode([*kept, (parameter, page.number + 1)]),
    }
