"""Signing off a source or a recommendation, and the pages of what was signed."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.actions import signoffs as actions
from recommendations.forms.fields import Attempt
from recommendations.forms.signoffs import DayForm, SignOffForm
from recommendations.models import ChainHead, Source
from recommendations.queries.listed import A_PAGE
from recommendations.queries.signoffs import (
    MOST,
    SIGN_OFF,
    SignedPage,
    check,
    covered_ids,
    signed_content,
    signed_page,
)
from recommendations.views.access import about_for, open_to
from recommendations.views.editing import Edit, by_field, edit_page
from recommendations.views.lists import requested_page

MOST_SHOWN = 100
"""Recommendations that the page of a decision shows; all are signed, and bound to it."""


@require_safe
@open_to(permissions.can_read_internally)
def sign_off_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was signed, by whom and for which day; with ``?verify``, whether it still agrees."""
    found = _found(request, pk)
    page = requested_page(request, Paginator(found.recommendation_ids, A_PAGE))
    rows = found.statuses(list(page.object_list), request.user)
    title = found.title_of(rows)
    context = {
        "view": found,
        "signed": found.signed,
        "title": title,
        "citation": found.citation(title),
        "rows": rows,
        "page": page,
        "checked": check(found.signed) if "verify" in request.GET else None,
        "may_read_log": permissions.can_read_log(request.user),
        "may_read_changes": permissions.can_read_changes(request.user),
        "may_sign_off": permissions.can_sign_off(request.user),
    }
    return render(request, "signoffs/detail.html", context)


@require_safe
@open_to(permissions.can_read_log)
def sign_off_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed JSON, byte by byte: its SHA-256 is the digest of the sign-off."""
    text = _found(request, pk).signed.signed_content
    return HttpResponse(
        text.encode(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="sign-off-{pk}.json"'},
    )


def _found(request: HttpRequest, pk: int) -> SignedPage:
    found = signed_page(pk, request.user)
    if found is None:
        raise Http404
    return found


@edit_page(permissions.can_sign_off)
def sign_off(request: HttpRequest, **of: str) -> Edit:
    """What will be signed of a recommendation, or of a source with all of its; confirmed, that."""
    about: Any = about_for(request.user, **of)
    day_form, as_of = _day(request)
    title = about.short_title if isinstance(about, Source) else about

    def beside(_attempted: Attempt) -> dict[str, Any]:
        count = len(covered_ids(about))
        content = None
        if as_of and 0 < count <= MOST:
            head = ChainHead.objects.get()
            known = head.last_at or timezone.now()
            content = signed_content(about, as_of, known, head.last_sequence)
        return {
            "about": about,
            "day_form": day_form,
            "as_of": as_of,
            "shown": content.shown if content else None,
            "ones": content.ones[:MOST_SHOWN] if content else (),
            "n_more": max(0, count - MOST_SHOWN),
            "count": count,
            "most": MOST,
        }

    return Edit(
        by_field(actions.record_sign_off, about=about),
        lambda made: _("Signed off: %s") % made.title,
        lambda made: made,
        form=SignOffForm,
        decides=(SIGN_OFF, about.pk),
        title=_("Sign off %(title)s") % {"title": title},
        here=_("Sign off"),
        button=_("Sign off"),
        back=about.get_absolute_url(),
        template="signoffs/new.html",
        beside=beside,
        status=200 if as_of else 400,
    )


def _day(request: HttpRequest) -> tuple[DayForm, date | None]:
    """The day that the address or the form asks for; today where it asks for none."""
    asked: Any = request.POST if request.method == "POST" else request.GET
    today = timezone.localdate()
    form = DayForm(asked if "as_of" in asked else {"as_of": today})
    if not form.is_valid():
        return form, None
    if form.cleaned_data["as_of"] > today:
        form.add_error("as_of", _("The day must not be in the future."))
        return form, None
    return form, form.cleaned_data["as_of"]
