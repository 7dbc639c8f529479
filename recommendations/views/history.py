"""The History of one source, of one recommendation, or of all: a few views, each a tab.

What a view is of comes with its address: a ``slug``, a ``reference``, or neither. The timeline,
the first view of a recommendation, stands under its card (`recommendations/detail.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.characters import parse_int
from recommendations.charts import Chart
from recommendations.exports.formats import in_batches
from recommendations.exports.lists import change_sheet
from recommendations.forms.signoffs import USUAL, ChangesForm
from recommendations.models import Recommendation, SignOff, Source
from recommendations.permissions import Person
from recommendations.queries.cache import version_for
from recommendations.queries.changes import Window, changed, changes_of, window_since
from recommendations.queries.dates import first_day
from recommendations.queries.listed import A_PAGE
from recommendations.queries.over_time import OverTime, recommendation_charts, source_charts
from recommendations.queries.signoffs import listed_sign_offs
from recommendations.views.access import (
    about_for,
    open_to,
    open_to_readers,
    require_followed_outside,
)
from recommendations.views.conditional import shows_record
from recommendations.views.indicators import csv_file, svg_file
from recommendations.views.lists import CappedPaginator, requested_page, send
from recommendations.views.visits import Visit, last_visit

CHANGES_COUNTED = 2_000
"""Counting stops here: a large source has tens of thousands in a quarter."""
SIGN_OFFS_A_PAGE = 20

About = Source | Recommendation | None


TABS: Mapping[str, tuple[Promise, Callable[[Any], bool]]] = {
    "history": (gettext_lazy("Timeline"), permissions.can_read_internally),
    "changes": (gettext_lazy("What changed"), permissions.can_read_changes),
    "over-time": (gettext_lazy("Status over time"), permissions.can_read_internally),
    "sign-offs": (capfirst(gettext_lazy("sign-offs")), permissions.can_read_internally),
    "look-back": (gettext_lazy("Look back"), lambda _person: True),
}
"""The views by the end of their address: what each is called, and who may read it."""

ADDRESSES: Mapping[str, Mapping[str, str]] = {
    "recommendation": {name: f"recommendation-{name}" for name in TABS},
    "source": {name: f"source-{name}" for name in TABS if name != "history"},
    # What is only told of one thing is no view of all.
    "home": {"sign-offs": "sign-off-list", "look-back": "home-look-back"},
}
"""The views of each kind of thing, with the names of their addresses."""


def tabs_for(person: Person, **of: str) -> list[dict[str, str]]:
    """The views of what an address is about that this person may read."""
    kind = "recommendation" if "reference" in of else "source" if of else "home"
    return [
        {"name": name, "label": str(TABS[name][0]), "url": reverse(address, kwargs=of)}
        for name, address in ADDRESSES[kind].items()
        if TABS[name][1](person)
    ]


def _open_to(name: str) -> Callable[[Any], Any]:
    """Lets in who may read a view."""
    return open_to(TABS[name][1])


def _page(
    request: HttpRequest,
    name: str,
    about: About,
    of: dict[str, str],
    shown: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """One view under the head that all have. ``of`` is what its address names, ``about`` itself."""
    label = TABS[name][0]
    title = about.short_title if isinstance(about, Source) else about
    context = {
        "about": about,
        "of": "".join(of.values()),
        "kind": "recommendation" if "reference" in of else "source",
        "label": label,
        "heading": _("%(label)s: %(value)s") % {"label": label, "value": title} if about else label,
        "tab": name,
        "history_tabs": tabs_for(request.user, **of),
        **shown,
    }
    template = f"history/{name.replace('-', '_')}.html"
    return render(request, template, context, status=status)


@require_safe
@open_to_readers
def first(request: HttpRequest, **of: str) -> HttpResponse:
    """The first view that the reader may open."""
    about_for(request.user, **of)
    return redirect(tabs_for(request.user, **of)[0]["url"])


@require_safe
@open_to(permissions.can_read_internally)
def moved(request: HttpRequest, **of: str) -> HttpResponse:
    """Where a view stood before it was one of several; other addresses of its name come later."""
    match, query = request.resolver_match, request.META["QUERY_STRING"]
    address = reverse(match.view_name if match else "", kwargs=of)
    return redirect(f"{address}?{query}" if query else address)


# ---- what changed


@dataclass(frozen=True, slots=True)
class _Asked:
    """Since when the changes are asked for; ``window`` is missing where the days make no sense.

    Asked for are days, or what came after a ``sign_off``, or after the ``visit`` before this one;
    where this browser knows of none, nothing is shown but the form.
    """

    form: ChangesForm
    window: Window | None = None
    sign_off: SignOff | None = None
    visit: Visit | None = None


@require_safe
@_open_to("changes")
@shows_record
def changes(request: HttpRequest, **of: str) -> HttpResponse:
    """What changed on record in a source or a recommendation, the latest first."""
    about = about_for(request.user, **of)
    asked = _asked(request, about)
    window = asked.window
    # One more than is counted, or than the page ends with, tells that there are more.
    most = max(CHANGES_COUNTED, (parse_int(request.GET.get("page", "")) or 1) * A_PAGE) + 1
    keys = changed(_scope(about, request.user), window, most) if window else []
    paginator = CappedPaginator(keys, None, A_PAGE, most=CHANGES_COUNTED, is_cut=True)
    page = requested_page(request, paginator)
    shown = {
        "asked": asked,
        "form": asked.form,
        "first_day": first_day(),
        "n": len({pk for _number, pk in keys}),
        "found": changes_of(list(page.object_list)),
        "page": page,
    }
    return _page(request, "changes", about, of, shown, 400 if asked.form.errors else 200)


@require_safe
@_open_to("changes")
def changes_export(request: HttpRequest, **of: str) -> HttpResponseBase:
    """All changes that the page leads to, as a file."""
    about = about_for(request.user, **of)
    window = _asked(request, about).window
    if window is None:
        raise Http404
    keys = changed(_scope(about, request.user), window)
    return send(
        request, change_sheet(each for some in in_batches(keys) for each in changes_of(some))
    )


def _scope(about: About, person: Person) -> Any:
    if isinstance(about, Recommendation):
        return [about.pk]
    seen = Recommendation.objects.visible_to(person).filter(source=about)
    return seen.order_by().values("pk")


def _asked(request: HttpRequest, about: Any) -> _Asked:
    """As the address says, or since the reader signed off the same; else of the usual days."""
    asked, today = request.GET, timezone.localdate()
    last = version_for(request.user).sequence
    # The sign-off of the same that the address names; the reader's last where it asks nothing.
    rows = about.sign_offs.visible_to(request.user).with_names()
    sign_off: SignOff | None = None
    if number := request.GET.get("sign_off", ""):
        sign_off = get_object_or_404(rows, pk=parse_int(number) or 0)
    elif not {"since", "until", "last_visit"} & request.GET.keys():
        sign_off = rows.filter(signed_by=request.user.pk).first()
    if sign_off is not None:
        day = timezone.localdate(sign_off.signed_at)
        window = Window(day, sign_off.sequence, last)
        return _Asked(_form_from(day), window, sign_off)
    if "last_visit" in asked:
        visit = last_visit(request)
        if visit is None:
            return _Asked(ChangesForm(initial={"since": today - USUAL}))
        window = Window(visit.day, visit.after, last)
        return _Asked(_form_from(visit.day), window, visit=visit)
    form = ChangesForm(asked if {"since", "until"} & asked.keys() else {"since": today - USUAL})
    if not form.is_valid():
        return _Asked(form)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    return _Asked(form, window_since(since, last, until))


def _form_from(day: date) -> ChangesForm:
    """The form beside changes recorded on a day, from a moment on: its answer holds all of them."""
    return ChangesForm(initial={"since": day - timedelta(days=1)})


# ---- status over time


@require_safe
@_open_to("over-time")
@shows_record
def over_time(request: HttpRequest, **of: str) -> HttpResponse:
    """Status, confidence and target dates of a source or a recommendation, month by month."""
    about = about_for(request.user, **of)
    found = _charts(about)
    shown = {
        "pictures": list(found.charts.values()) if found else [],
        "left_out": found.left_out if found else 0,
    }
    return _page(request, "over-time", about, of, shown)


@require_safe
@_open_to("over-time")
@shows_record
def over_time_chart(request: HttpRequest, picture: str, **of: str) -> HttpResponse:
    """One chart of them as an SVG file."""
    return svg_file(_chart(request, picture, of), "-".join((*of.values(), picture)))


@require_safe
@_open_to("over-time")
def over_time_data(request: HttpRequest, picture: str, **of: str) -> HttpResponseBase:
    """Its data as CSV."""
    return csv_file(_chart(request, picture, of), "-".join((*of.values(), picture)))


def _charts(about: Any) -> OverTime | None:
    read = source_charts if isinstance(about, Source) else recommendation_charts
    return read(about, timezone.localdate())


def _chart(request: HttpRequest, picture: str, of: dict[str, str]) -> Chart[Any]:
    found = _charts(about_for(request.user, **of))
    chart = found.charts.get(picture) if found else None
    if chart is None:
        raise Http404(_("This chart does not exist."))
    return chart


# ---- sign-offs, looking back


@require_safe
@_open_to("sign-offs")
def sign_offs(request: HttpRequest, **of: str) -> HttpResponse:
    """The sign-offs of a source, those that cover a recommendation, or all; newest first."""
    about = about_for(request.user, **of)
    rows = listed_sign_offs(request.user, about)
    page = requested_page(request, Paginator(rows, SIGN_OFFS_A_PAGE))
    shown = {
        "page": page,
        "rows": page.object_list,
        "may_read_changes": permissions.can_read_changes(request.user),
        "may_sign_off": permissions.can_sign_off(request.user),
    }
    return _page(request, "sign-offs", about, of, shown)


@require_safe
@open_to_readers
def look_back(request: HttpRequest, **of: str) -> HttpResponse:
    """The way to a past day of the same."""
    about = about_for(request.user, **of)
    if isinstance(about, Recommendation):
        require_followed_outside(about, request.user)
    shown = {
        "address": about.get_absolute_url() if about else reverse("overview"),
        "first_day": first_day(),
    }
    return _page(request, "look-back", about, of, shown)
