"""Responses of addressees, the evidence for them, and actions under a recommendation."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import permissions
from recommendations.actions import responses
from recommendations.actions.base import StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.responses import record_responses
from recommendations.characters import parse_int
from recommendations.forms.fields import NOT_SENT, Attempt
from recommendations.forms.responses import ActionForm, ResponseForm
from recommendations.models import Action, EvidenceLink, Recommendation, Response
from recommendations.permissions import Person
from recommendations.queries.recommendations.detail import detail_page
from recommendations.queries.responses import history_of, latest_response, response_row, with_proofs
from recommendations.views import lists
from recommendations.views.access import actor, open_to, open_to_readers, recommendation_for
from recommendations.views.accounts import watch_button
from recommendations.views.conditional import shows_record
from recommendations.views.editing import Edit, answer, edit_page
from recommendations.views.evidence import attach_page
from recommendations.views.lists import Listing, listing
from recommendations.views.recommendations.detail import (
    card_context,
    find_or_404,
    label_of_tab,
    tab_page,
    template_of,
)

# ---- Responses of addressees, and the evidence for them

TAB = "responses"
TICKED = "all"
"""Value of ``ticked`` in an address that asks for every box of the page to be ticked."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_readers
@shows_record
def response_list(request: HttpRequest, reference: str) -> HttpResponse:
    """All addressees of a recommendation with their responses; records those of one or many."""
    if request.method != "POST" and not request.GET:
        return tab_page(request, reference, TAB, lambda found: _context(request, found))
    found = find_or_404(request.user, reference)
    if request.method != "POST":
        return _page(request, found)
    if not permissions.can_log(request.user, found):
        raise PermissionDenied(_("You cannot record responses to this recommendation."))
    form = ResponseForm(request.POST, recommendation=found)

    def told(made: list[Any]) -> str:
        n = len(made)
        words = ngettext(
            "Response recorded for %(n)d addressee.", "Response recorded for %(n)d addressees.", n
        )
        return words % {"n": n}

    # The same page and filter, where the next ones can be ticked.
    kept = request.GET.copy()
    for name in ("ticked", "addressee"):
        kept.pop(name, None)
    return answer(
        request,
        form,
        lambda: record_responses(
            addressees=form.cleaned_data["addressees"],
            by=actor(request),
            values=form.values(),
            expected_newest=parse_int(request.POST.get("seen", "")) or 0,
        ),
        partial(_page, request, found),
        done=told,
        to=f"{request.path}?{kept.urlencode()}" if kept else request.path,
        apart=(StaleWrite,),
    )


def _page(request: HttpRequest, found: Any, attempted: Attempt = NOT_SENT) -> HttpResponse:
    template = template_of(TAB, request.user, found)
    context = {
        **_context(request, found, attempted),
        **watch_button(request, "recommendation", found.pk),
        "tab_label": label_of_tab(TAB),
    }
    status = attempted.status if attempted.form else context["listing"].status
    return render(request, template, context, status=status)


def _context(request: HttpRequest, found: Any, attempted: Attempt = NOT_SENT) -> dict[str, Any]:
    """The card, a page of addressees with what they say, and the form for who may record it."""
    today = timezone.localdate()
    view = detail_page(found, request.user, today, ())
    shown = listing(request, lists.responses(found, request.user, today))
    history = history_of([each.pk for each in shown.page], request.user)
    context = {
        **card_context(request, view, TAB),
        "recommendation": found,
        "listing": shown,
        "page": shown.page,
        "lines": [(each, history.get(each.pk, [])) for each in shown.page],
        "is_internal": permissions.can_read_internally(request.user),
        "may_log": view.may_log,
    }
    if view.may_log:
        context |= _form_context(request, found, shown, attempted)
    return context


def _form_context(
    request: HttpRequest, found: Recommendation, shown: Listing, attempted: Attempt
) -> dict[str, Any]:
    sent, stale = attempted.form, attempted.stale
    if sent:
        ticked = {parse_int(value) for value in request.POST.getlist("addressees")}
    elif request.GET.get("ticked") == TICKED:
        ticked = {addressee.pk for addressee in shown.page}
    elif addressee := request.GET.get("addressee"):
        ticked = {parse_int(addressee)}
    else:
        ticked = _meant(shown)
    today = timezone.localdate()
    form = sent or ResponseForm(None, recommendation=found, initial={"since": today})
    # A form that must be sent again has shown no more than before, unless it shows what is new.
    is_shown = sent is None or stale is not None
    return {
        "form": form,
        "stale": stale,
        "ticked": ticked,
        "seen": latest_response(found.pk) if is_shown else request.POST.get("seen", ""),
    }


def _meant(shown: Listing) -> set[int | None]:
    """The one addressee that a response can be of, where the list leaves no choice; else nobody.

    That is the only one, or the only one that is late, or has not responded.
    """
    rows = [] if shown.is_filtered or shown.page.has_other_pages() else list(shown.page)
    late, awaited = (
        [row for row in rows if row.is_overdue],
        [row for row in rows if row.is_awaited],
    )
    found = next((some for some in (late, awaited, rows) if some), [])
    return {found[0].pk} if len(found) == 1 else set()


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def response_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Evidence for and against one response; adds items that are recorded or new ones."""
    response = _response_for(request.user, pk)
    addressee = response.addressee
    everyone = reverse("response-list", args=[addressee.recommendation.reference])
    context = {
        "all_responses": f"{everyone}#addressee-{addressee.pk}",
        "said": response_row(response, request.user, may_log=True),
        "addressee": addressee,
        "recommendation": addressee.recommendation,
    }
    return attach_page(request, response, "responses/evidence_page.html", context)


@require_POST
@open_to(permissions.can_write)
def response_evidence_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Remove an item from a response; the link stays on record."""
    response = _response_for(request.user, pk)
    link = get_object_or_404(EvidenceLink, response=response.pk, pk=link_pk)
    evidence_items.detach(link=link, by=actor(request))
    messages.success(request, _("Removed."))
    return redirect("response-evidence", pk)


def _response_for(person: Person, pk: int) -> Any:
    """A response of a current addressee, on which the user may log; else 404, 403."""
    rows = Response.objects.filter(
        addressee__removed_at__isnull=True,
        addressee__recommendation__in=Recommendation.objects.visible_to(person),
    ).select_related(
        "addressee__recommendation__source", "addressee__area", "addressee__organisation"
    )
    told = with_proofs(rows, person).prefetch_related("addressee__recommendation__contributors")
    response = get_object_or_404(told, pk=pk)
    about = response.addressee.recommendation
    if not permissions.can_log(person, about):
        raise PermissionDenied(_("You cannot add evidence here."))
    return response


# ---- Actions under a recommendation: adding one and changing one. They never set its status


@edit_page(permissions.can_write)
def action_new(request: HttpRequest, reference: str) -> Edit:
    """Add an action under a recommendation."""
    found = recommendation_for(request.user, reference)
    return Edit(
        partial(responses.add_action, recommendation=found),
        _("Action added"),
        form=ActionForm,
        title=_("Add action"),
        **_of_action(request, found),
    )


@edit_page(permissions.can_write)
def action_edit(request: HttpRequest, pk: int) -> Edit:
    """Change an action: its words, its days, its state; from My work back to there."""
    action = get_object_or_404(Action.objects.visible_to(request.user), pk=pk)
    found = recommendation_for(
        request.user, Recommendation.objects.values_list("reference", flat=True).get(actions=pk)
    )
    return Edit(
        partial(responses.change_action, action=action),
        _("Action saved."),
        form=partial(ActionForm, row=action),
        row=action,
        title=_("Update action"),
        here=action.title,
        button=_("Save"),
        **_of_action(request, found),
    )


def _of_action(request: HttpRequest, found: Recommendation) -> dict[str, Any]:
    """What both pages say, to whoever may log on the recommendation."""
    if not permissions.can_log(request.user, found):
        raise PermissionDenied(_("You cannot change the actions of this recommendation."))
    my_work = reverse("my-work")
    is_from_there = request.GET.get("next") == my_work
    actions = reverse("recommendation-actions", args=[found.reference])
    to = my_work if is_from_there else actions
    return {
        "about": found,
        "to": to,
        "back": to,
    }
