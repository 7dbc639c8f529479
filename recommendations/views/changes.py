"""What changed on record since a day, a sign-off or a visit: of a source, or a recommendation."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.exports.changes import change_sheet
from recommendations.exports.sheets import in_batches
from recommendations.forms.changes import USUAL, ChangesForm
from recommendations.models import Recommendation, SignOff, Source
from recommendations.models.fields import parse_int
from recommendations.permissions import Person
from recommendations.queries.changes.report import (
    Window,
    changed_ids,
    changes_of,
    window_since,
)
from recommendations.queries.dates import day_text, first_day
from recommendations.queries.version import version_for
from recommendations.views.access import open_to, recommendation_for
from recommendations.views.conditional import shows_record
from recommendations.views.lists import requested_page, send
from recommendations.views.visits import Visit, last_visit

RECOMMENDATIONS_A_PAGE = 25


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose changes, and since when; ``window`` is missing where the days make no sense.

    Asked for are days, or what came after a ``sign_off``, or after the ``visit`` before this one.
    ``has_no_visit``: this browser knows of none.
    """

    about: Source | Recommendation
    scope: Any
    form: ChangesForm
    window: Window | None
    sign_off: SignOff | None = None
    visit: Visit | None = None
    has_no_visit: bool = False

    @property
    def period(self) -> str:
        """Since when, in words."""
        if self.sign_off is not None:
            day = timezone.localdate(self.sign_off.signed_at)
            words = {"who": self.sign_off.signed_by, "day": day_text(day)}
            return _("Changes on record since the sign-off by %(who)s on %(day)s.") % words
        if self.window is None:
            return ""
        first = day_text(self.window.since)
        if self.visit is not None:
            return _("Recorded since your last visit on %(day)s, until now.") % {"day": first}
        if until := self.form.cleaned_data["until"]:
            days = {"first": first, "last": day_text(until)}
            return _("Recorded after %(first)s, until %(last)s.") % days
        return _("Recorded after %(day)s, until now.") % {"day": first}

    @property
    def title(self) -> str:
        about = self.about
        return about.short_title if isinstance(about, Source) else str(about)


@require_safe
@open_to(permissions.can_read_changes)
@shows_record
def source_changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed in the recommendations of a source, those with the weightiest change first."""
    return _page(request, _of_source(request, slug), "source-changes-export", slug)


@require_safe
@open_to(permissions.can_read_changes)
@shows_record
def recommendation_changes(request: HttpRequest, reference: str) -> HttpResponse:
    """The same of one recommendation."""
    asked = _of_recommendation(request, reference)
    return _page(request, asked, "recommendation-changes-export", reference)


@require_safe
@open_to(permissions.can_read_changes)
def source_changes_export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All changes that the page of a source leads to, as a file."""
    return _file(request, _of_source(request, slug))


@require_safe
@open_to(permissions.can_read_changes)
def recommendation_changes_export(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Those of a recommendation."""
    return _file(request, _of_recommendation(request, reference))


def _of_source(request: HttpRequest, slug: str) -> _Asked:
    source = get_object_or_404(Source.objects.visible_to(request.user), slug=slug)
    seen = Recommendation.objects.visible_to(request.user).filter(source=source.pk)
    return _asked(request, source, seen.order_by().values("pk"))


def _of_recommendation(request: HttpRequest, reference: str) -> _Asked:
    found = recommendation_for(request.user, reference)
    return _asked(request, found, [found.pk])


def _asked(request: HttpRequest, about: Source | Recommendation, scope: Any) -> _Asked:
    last = version_for(request.user).sequence
    sign_off = _sign_off(request.GET.get("sign_off", ""), about, request.user)
    if sign_off is not None:
        day = timezone.localdate(sign_off.signed_at)
        form = ChangesForm(initial={"since": day})
        return _Asked(about, scope, form, Window(day, sign_off.sequence, last), sign_off)
    if "last_visit" in request.GET:
        return _since_visit(request, about, scope, last)
    names_days = bool({"since", "until"} & request.GET.keys())
    days = request.GET if names_days else {"since": timezone.localdate() - USUAL}
    form = ChangesForm(days)
    if not form.is_valid():
        return _Asked(about, scope, form, None)
    since, until = form.cleaned_data["since"], form.cleaned_data["until"]
    return _Asked(about, scope, form, window_since(since, last, until))


def _since_visit(
    request: HttpRequest, about: Source | Recommendation, scope: Any, last: int
) -> _Asked:
    """What came after the last visit; without one the form alone."""
    visit = last_visit(request)
    if visit is None:
        form = ChangesForm(initial={"since": timezone.localdate() - USUAL})
        return _Asked(about, scope, form, None, has_no_visit=True)
    form = ChangesForm(initial={"since": visit.day})
    return _Asked(about, scope, form, Window(visit.day, visit.after, last), visit=visit)


def _sign_off(number: str, about: Source | Recommendation, person: Person) -> SignOff | None:
    """The sign-off that the address names; 404 where it is of something else."""
    if not number:
        return None
    rows = SignOff.objects.visible_to(person).select_related("signed_by")
    name = "source" if isinstance(about, Source) else "recommendation"
    found = rows.filter(pk=parse_int(number) or 0, **{name: about.pk}).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, asked: _Asked, export: str, of: str) -> HttpResponse:
    status = 200 if asked.window or asked.has_no_visit else 400
    context = {"title": asked.title, "form": asked.form, **_content(request, asked, export, of)}
    return render(request, "changes/page.html", context, status=status)


def _content(request: HttpRequest, asked: _Asked, export: str, of: str) -> dict[str, Any]:
    ids = changed_ids(asked.scope, asked.window) if asked.window else []
    page = requested_page(request, Paginator(ids, RECOMMENDATIONS_A_PAGE))
    return {
        "about": asked.about,
        "window": asked.window,
        "sign_off": asked.sign_off,
        "visit": asked.visit,
        "has_no_visit": asked.has_no_visit,
        "period": asked.period,
        "first_day": first_day(),
        "n": len(ids),
        "found": changes_of(list(page.object_list), asked.window) if asked.window else (),
        "page": page,
        "export": export,
        "briefing": export.replace("-export", "-briefing"),
        "of": of,
        "is_source": isinstance(asked.about, Source),
    }


def _file(request: HttpRequest, asked: _Asked) -> HttpResponseBase:
    window = asked.window
    if window is None:
        raise Http404
    ids = changed_ids(asked.scope, window)
    found = (each for batch in in_batches(ids) for each in changes_of(batch, window))
    return send(request, change_sheet(found))
