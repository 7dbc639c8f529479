"""Target dates: the ledger of one recommendation with its forms."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from recommendations import permissions
from recommendations.actions import dates
from recommendations.actions.base import ActionRefused
from recommendations.characters import parse_int
from recommendations.forms.fields import Attempt, NoteForm
from recommendations.forms.recommendations import DateRequestForm, FirstDateForm
from recommendations.models import Recommendation, TargetDateChange
from recommendations.queries import dates as summaries
from recommendations.queries.recommendations.detail import dates_url
from recommendations.views.access import actor, open_to, recommendation_for
from recommendations.views.conditional import shows_record
from recommendations.views.editing import answer


@require_safe
@open_to(permissions.can_read_internally)
@shows_record
def recommendation_dates(request: HttpRequest, reference: str) -> HttpResponse:
    """Every date that a recommendation had or was asked to have."""
    return ledger_page(request, recommendation_for(request.user, reference))


@require_POST
@open_to(permissions.can_set_first_date)
def date_set(request: HttpRequest, reference: str) -> HttpResponse:
    """Set the first date."""
    found = recommendation_for(request.user, reference)
    form = FirstDateForm(request.POST)
    return _answer(
        request,
        found,
        lambda: dates.set_first(recommendation=found, by=actor(request), **form.cleaned_data),
        _("%s: target date set."),
        first_form=form,
    )


@require_POST
@open_to(permissions.can_write)
def date_request(request: HttpRequest, reference: str) -> HttpResponse:
    """Request another date, or none."""
    found = recommendation_for(request.user, reference)
    form = DateRequestForm(request.POST)
    return _answer(
        request,
        found,
        lambda: dates.request(
            recommendation=found,
            by=actor(request),
            new_date=form.cleaned_data["new_date"],
            reason=form.cleaned_data["reason"],
            expected_rows=parse_int(request.POST.get("seen", "")),
        ),
        _("%s: date change requested. A manager decides on the request."),
        request_form=form,
    )


@require_POST
@open_to(permissions.can_write)
def date_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one's own request; the answer is on the page of the ledger."""
    rows = TargetDateChange.objects.visible_to(request.user).select_related("recommendation")
    change = get_object_or_404(rows, pk=pk)
    found = recommendation_for(request.user, change.recommendation.reference)
    return _answer(
        request,
        found,
        lambda: dates.withdraw_date_change(date_change=change, by=actor(request)),
        _("%s: request withdrawn. The target date stays unchanged."),
    )


def _answer(
    request: HttpRequest, found: Recommendation, act: Callable[[], Any], done: str, **forms: Form
) -> HttpResponse:
    """Do it and go back to the ledger; refused, the ledger comes with the form as it was sent."""

    def again(attempted: Attempt) -> HttpResponse:
        refusal, status = attempted.refusal, attempted.status
        return ledger_page(request, found, refusal=refusal, status=status, **forms)

    [form] = forms.values() or [Form(request.POST)]
    return answer(
        request,
        form,
        act,
        again,
        done=done % found.reference,
        to=dates_url(found),
        apart=(ActionRefused,),
    )


def ledger_page(
    request: HttpRequest,
    found: Recommendation,
    *,
    first_form: Form | None = None,
    request_form: Form | None = None,
    decision_form: Form | None = None,
    refusal: ActionRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    """The ledger, with the forms for exactly what the reader may do now.

    A form that was sent comes back with what was typed, even where it is no longer of use.
    """
    person = request.user
    ledger = summaries.ledger_of(found, person)
    waiting = ledger.waiting
    context: dict[str, Any] = {
        "recommendation": found,
        "ledger": ledger,
        "seen": len(ledger.rows),
        "finished": summaries.finished_text(
            found.current_update, is_continuous=found.is_continuous
        ),
        "today": timezone.localdate(),
        "refusal": refusal,
        "sent": first_form or request_form or decision_form,
        "first_form": first_form,
        "request_form": request_form,
        "decision_form": None,
        "may_review": permissions.can_review(person),
        "asked_it": waiting is not None and waiting.requested_by_id == person.pk,
        "may_withdraw": waiting is not None
        and permissions.can_withdraw_date(person, waiting.requested_by_id),
    }
    may_decide = found.archived_at is None and context["may_review"]
    is_open = not found.is_finished and found.archived_at is None
    if is_open and not ledger.rows and permissions.can_set_first_date(person):
        context["first_form"] = first_form or FirstDateForm()
    if is_open and ledger.rows and waiting is None and permissions.can_log(person, found):
        context["request_form"] = request_form or DateRequestForm()
    if may_decide and waiting is not None and not context["asked_it"]:
        context |= {
            "decision_form": decision_form or NoteForm(),
            "why_not": summaries.finished_refusal(found) if found.is_finished else "",
            "decision_shown": summaries.shown_date_change(waiting, found, ledger),
        }
    return render(request, "dates/ledger.html", context, status=status)
