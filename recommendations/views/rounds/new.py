"""A new reporting round: which recommendations, then the preview, then sending it.

All that leads to the preview stands in the address, so nothing but the confirmation is sent.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions.errors import ActionRefused
from recommendations.actions.rounds.sending import send_round
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.rounds import RoundForm, ScopeForm
from recommendations.models import ReportingRound
from recommendations.queries.rounds.plan import ShownRequests, plan_round
from recommendations.views.access import actor, open_to
from recommendations.views.lists import A_PAGE, requested_page
from recommendations.views.recommendations.bulk_changes import ALL, Selection, selected

DAYS_TO_REPLY = 30
"""Days that a new round proposes to reply in."""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_run_rounds)
def round_new(request: HttpRequest) -> HttpResponse:
    """Which recommendations, unless the list chose them; then the preview of the round."""
    if request.method != "POST" and "scope" not in request.GET:
        form = ScopeForm(None, person=request.user)
        return render(request, "rounds/scope.html", {"form": form})
    return round_page(request, selected(request))


def round_page(request: HttpRequest, selection: Selection) -> HttpResponse:
    """The preview of a round on a selection, for whoever may run rounds; sent, the round itself."""
    today = timezone.localdate()
    # The name and the days that are proposed, or those asked for.
    proposed = {
        "name": _("Reporting round of %s") % date_format(today),
        "as_of": today.isoformat(),
        "reply_by": (today + timedelta(days=DAYS_TO_REPLY)).isoformat(),
    }
    form = RoundForm({name: request.GET.get(name, value) for name, value in proposed.items()})
    attempted, shown = Attempt(), None
    if request.method == "POST":
        form = RoundForm(request.POST)
        shown = ShownRequests.sent(request.POST.get("shown", ""))
        attempted = attempt(form, lambda: _send(request, form, shown, selection))
        if attempted.is_done:
            round: ReportingRound = attempted.made
            n = round.requests.filter(not_asked="").count()
            told = ngettext(
                "The round was sent: %(n)d update is requested.",
                "The round was sent: %(n)d updates are requested.",
                n,
            )
            messages.success(request, told % {"n": n})
            return redirect(round)
    elif selection.trouble:
        context = {"trouble": selection.trouble, "selection": selection}
        return render(request, "rounds/none.html", context, status=400)
    elif not form.is_valid():
        attempted = Attempt(400)
    as_of = form.cleaned_data.get("as_of") or today
    plan = plan_round(shown.rows if shown else selection.ids, as_of)
    organisations = plan.organisations
    context = {
        "form": form,
        "plan": plan,
        "selection": selection,
        # The preview is asked for again by the form, at the address of the administration too.
        "act": request.GET.get("change", ""),
        "n": len(plan.requests),
        "n_asked": len(plan.asked),
        "page": requested_page(request, Paginator(organisations, A_PAGE)),
        "n_organisations": len(organisations),
        "key": _key(request) or uuid4(),
    }
    return render(request, "rounds/preview.html", context, status=attempted.status)


def _send(
    request: HttpRequest, form: RoundForm, shown: ShownRequests | None, selection: Selection
) -> ReportingRound:
    key = _key(request)
    if shown is None or key is None:
        told = _("The version that you saw is unknown. Check this page, then confirm again.")
        raise ActionRefused(told)
    is_by_filter = ("scope", ALL) in selection.fields
    asked = [(k, v) for k, v in selection.fields if k not in _OWN] if is_by_filter else []
    values = {**form.cleaned_data, "query": urlencode(asked)[:2000]}
    return send_round(key=key, values=values, shown=shown, by=actor(request))


_OWN = frozenset({"scope", "pick", "name", "as_of", "reply_by", "change"})


def _key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None
