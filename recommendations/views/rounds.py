"""Reporting rounds: their pages, a new one, what is done with one, its spreadsheets."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommendations import permissions
from recommendations.actions import rounds
from recommendations.actions.base import NotAsSeen
from recommendations.actions.rounds import MOST_ROWS, ReturnImport, ReturnPlan, send_round
from recommendations.characters import parse_int
from recommendations.choices import RequestState
from recommendations.exports import Sheet
from recommendations.exports import lists as columns
from recommendations.exports.workbooks import XLSX, round_workbook
from recommendations.forms.fields import Attempt
from recommendations.forms.rounds import CloseForm, ExtensionForm, ReturnForm, RoundForm, ScopeForm
from recommendations.models import Organisation, Recommendation, ReportingRound, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.listed import A_PAGE
from recommendations.queries.round_sheets import for_whom, sheet_rows
from recommendations.queries.rounds import (
    ROUND,
    Narrowing,
    by_organisation,
    extensions_of,
    left_out_of,
    organisation_rows,
    plan_round,
    request_rows,
    tallies_of,
    tally_of,
)
from recommendations.queries.shown import ShownRows
from recommendations.views import imports
from recommendations.views.access import actor, open_to
from recommendations.views.editing import Edit, answer, by_field, edit_page, press
from recommendations.views.lists import Listed, Listing, list_page, requested_page
from recommendations.views.recommendations.bulk_changes import ALL, Selection, selected

# ---- Reporting rounds: their list, the page of one, and its requests

ROUNDS_A_PAGE = 20
MOST_LEFT_OUT = 20
"""Recommendations that were not asked for, and are named on the page of a round."""


@list_page("rounds/list.html", permissions.can_read_internally)
def round_list(request: HttpRequest) -> Listed:
    """All rounds that the reader may see, open ones first."""
    today = timezone.localdate()
    rows = ReportingRound.objects.visible_to(request.user).select_related("sent_by", "closed_by")
    found = rows.order_by(F("closed_at").desc(nulls_first=True), "-sent_at", "-pk")

    def beside(shown: Listing) -> dict[str, Any]:
        tallies = tallies_of(shown.page, today)
        return {
            "rows": [(round, tallies[round.pk]) for round in shown.page],
            "may_run": permissions.can_run_rounds(request.user),
            "today": today,
        }

    return Listed(
        found,
        sheet=partial(Sheet, "rounds", columns.ROUNDS),
        beside=beside,
        exactly=found.count,
        per_page=ROUNDS_A_PAGE,
    )


@require_safe
@open_to(permissions.can_read_internally)
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How a round stands: what is in, and who is late, by organisation."""
    round, today = round_for(request.user, pk), timezone.localdate()
    tally = tally_of(round, today)
    parts = by_organisation(tally)
    page = requested_page(request, Paginator(parts, A_PAGE))
    left_out = left_out_of(round)
    rows = organisation_rows(round, list(page.object_list))
    returnable = {row.pk for row in rows if permissions.can_return_sheet(request.user, row.pk)}
    may_run = permissions.can_run_rounds(request.user)
    context = {
        "round": round,
        "tally": tally,
        "n_organisations": len(parts),
        "rows": rows,
        "returnable": returnable,
        "page": page,
        "left_out": left_out[:MOST_LEFT_OUT],
        "n_more_left_out": max(0, len(left_out) - MOST_LEFT_OUT),
        "extensions": extensions_of(round)[:A_PAGE],
        "may_run": may_run,
        "may_act": round.closed_at is None and (may_run or bool(returnable)),
        "today": today,
    }
    return render(request, "rounds/detail.html", context)


@list_page("rounds/requests.html", permissions.can_read_internally)
def round_requests(request: HttpRequest, pk: int) -> Listed:
    """The requests of a round one by one, perhaps those of one state or of one organisation."""
    round, today = round_for(request.user, pk), timezone.localdate()
    asked = Narrowing.of(request.GET, parse_int(request.GET.get("organisation", "")))
    found = {} if asked.errors else {row.pk: row for row in asked.among(tally_of(round, today))}

    def beside(shown: Listing) -> dict[str, Any]:
        waited = [row.standing.recommendation_id for row in shown.page if not row.state.is_in]
        asked_of = Recommendation.objects.filter(pk__in=waited if round.closed_at is None else [])
        return {
            "errors": asked.errors,
            "round": round,
            "state": RequestState(asked.state) if asked.state else "",
            "organisation": asked.organisation,
            "loggable": set(asked_of.loggable_by(request.user).values_list("pk", flat=True)),
            "today": today,
        }

    return Listed(
        list(found),
        rows_of=partial(request_rows, standings=found, today=today),
        sheet=partial(Sheet, "requests", columns.REQUESTS),
        beside=beside,
        errors=asked.errors,
    )


def round_for(person: Person, pk: int) -> ReportingRound:
    """A round that the person may see; else 404."""
    rows = ReportingRound.objects.visible_to(person).select_related("sent_by", "closed_by")
    found: ReportingRound = get_object_or_404(rows, pk=pk)
    return found


# ---- A new reporting round: which recommendations, then the preview, then sending it.
# All that leads to the preview stands in the address, so nothing but the confirmation is sent.

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
    is_sent = request.method == "POST"
    asked = {name: request.GET.get(name, value) for name, value in proposed.items()}
    form = RoundForm(request.POST if is_sent else asked)
    shown = ShownRows.sent(request.POST.get("shown", ""), ROUND) if is_sent else None

    def page(attempted: Attempt) -> HttpResponse:
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

    def told(round: ReportingRound) -> str:
        n = round.requests.filter(not_asked="").count()
        words = ngettext(
            "The round was sent: %(n)d update is requested.",
            "The round was sent: %(n)d updates are requested.",
            n,
        )
        return words % {"n": n}

    if is_sent:
        act = partial(_send, request, form, shown, selection)
        return answer(request, form, act, page, done=told, to=lambda round: round)
    if selection.trouble:
        context = {"trouble": selection.trouble, "selection": selection}
        return render(request, "rounds/none.html", context, status=400)
    return page(Attempt(200 if form.is_valid() else 400))


def _send(
    request: HttpRequest, form: RoundForm, shown: ShownRows | None, selection: Selection
) -> ReportingRound:
    key = _key(request)
    if shown is None or key is None:
        raise NotAsSeen(())
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


# ---- What a manager does with a round that was sent: remind, extend, close


@require_POST
@open_to(permissions.can_run_rounds)
def round_remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Remind everybody who has not reported all, or those of one organisation."""
    round, body = round_for(request.user, pk), parse_int(request.POST.get("organisation", ""))
    chosen = None if body is None else [body]

    def told(made: list[Any]) -> str:
        n = len(made)
        return ngettext("%(n)d person was reminded.", "%(n)d people were reminded.", n) % {"n": n}

    return press(
        request,
        lambda: rounds.remind(round=round, by=actor(request), organisations=chosen),
        done=told,
        to=round,
    )


@edit_page(permissions.can_run_rounds)
def round_extend(request: HttpRequest, pk: int, organisation: int) -> Edit:
    """Another day to reply by, for one organisation."""
    round, body = _found(request, pk, organisation)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        tallies = dict(by_organisation(tally_of(round, timezone.localdate())))
        return {"tally": tallies.get(body.pk), "organisation": body}

    return Edit(
        by_field(rounds.extend_round, round=round, organisation=body),
        _("%s: new date to reply by recorded.") % body.name,
        form=ExtensionForm,
        title=_("Extend for %(organisation)s") % {"organisation": body},
        here=_("Extend"),
        template="rounds/extend.html",
        beside=beside,
        **_of_round(round),
    )


@edit_page(permissions.can_run_rounds)
def round_close(request: HttpRequest, pk: int) -> Edit:
    """What closing means for what is missing; confirmed, the end of the round."""
    round = round_for(request.user, pk)

    def beside(_attempted: Attempt) -> dict[str, Any]:
        now = round_for(request.user, pk)
        return {"round": now, "tally": tally_of(now, timezone.localdate())}

    return Edit(
        by_field(rounds.close_round, round=round),
        _("The round is closed"),
        form=CloseForm,
        title=_("Close round"),
        template="rounds/close.html",
        beside=beside,
        **_of_round(round),
    )


def _of_round(round: ReportingRound) -> dict[str, Any]:
    """What pages say that change a round."""
    to = round.get_absolute_url()
    above = [(capfirst(_("reporting rounds")), reverse("round-list")), (round.name, to)]
    return {"to": to, "back": to, "parents": above}


# ---- The spreadsheet of a round for one organisation: sent out, and brought in with a preview


@require_safe
@open_to(permissions.can_read_internally)
def round_sheet(request: HttpRequest, pk: int, organisation: int) -> HttpResponse:
    """The workbook with what an organisation has not reported yet."""
    round, body = _found(request, pk, organisation)
    rows = sheet_rows(round.pk, body.pk, request.user)
    data = round_workbook(rows, for_whom(request.user))
    name = f"{body.slug}-{timezone.localdate():%Y-%m-%d}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type=XLSX, headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_write)
def round_upload(request: HttpRequest, pk: int, organisation: int) -> HttpResponse:
    """Bring in a workbook that came back: what it would do, row by row, and its drafts."""
    round, body = _found(request, pk, organisation)
    if not permissions.can_return_sheet(request.user, body.pk):
        raise PermissionDenied(_("You cannot bring in the spreadsheet of this organisation."))

    page = {
        "round": round,
        "organisation": body,
        "title": _("Returned spreadsheet"),
        "back": round.get_absolute_url(),
    }
    door = imports.Door(
        f"round-{round.pk}-{body.pk}",
        "",
        lambda upload, form: ReturnImport(upload, actor(request), None, round, body),
        "rounds/upload.html",
        lambda plan: "my-work",
        MOST_ROWS,
        shown=_drafts_shown,
    )
    return imports.import_page(request, door, ReturnForm, page)


def _drafts_shown(plan: ReturnPlan) -> dict[str, Any]:
    """The drafts that a workbook makes."""
    names = ("implementation_status", "as_of", "what_happened")
    rows = [
        imports.ShownRow(
            row.reference,
            plan.requests[row.reference].recommendation.title,
            imports.cells_of(StatusUpdate(), [(name, None, row.values[name]) for name in names]),
        )
        for row in plan.drafts[: imports.SHOWN]
    ]
    return {"lists": [imports.RowList(_("Drafts"), rows, plan.size)]}


def _found(request: HttpRequest, pk: int, organisation: int) -> tuple[ReportingRound, Organisation]:
    round = round_for(request.user, pk)
    asked = Organisation.objects.filter(requests__round=round).distinct()
    return round, get_object_or_404(asked, pk=organisation)
