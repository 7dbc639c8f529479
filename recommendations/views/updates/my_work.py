"""My work: what one person has to log, what came back to them, and what waits."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommendations import permissions
from recommendations.choices import UpdateState
from recommendations.forms.updates import NoChangeForm
from recommendations.models import Recommendation
from recommendations.permissions import Person
from recommendations.queries.cache import Drawing
from recommendations.queries.frame import version_for
from recommendations.queries.indicators.confirmations import indicators_to_confirm
from recommendations.queries.updates.my_work import dates_asked_by, due_for, written_by
from recommendations.views.access import open_to
from recommendations.views.conditional import shows_record


@require_safe
@open_to(permissions.can_write)
@shows_record
def my_work(request: HttpRequest) -> HttpResponse:
    """What this person has to do, the most pressing first."""
    person = request.user
    version = version_for(person).hash
    kept = Drawing("my work", f"person {person.pk}", version, read=lambda: _tasks(person))
    return render(request, "work/my_work.html", {"kept_main": kept})


def _tasks(person: Person) -> dict[str, Any]:
    """All that the page shows; read where it is not kept since something was recorded."""
    today = timezone.localdate()
    due = due_for(person, today)
    written = written_by(person)
    return {
        "today": today,
        "due": due,
        "rows": [(row, _form_of(row)) for row in due.rows],
        "confirmable": sum(row.is_confirmable for row in due.rows),
        "is_any_rated": any(row.is_confirmable and row.current_update.rated_on for row in due.rows),
        "returned": written[UpdateState.RETURNED],
        "drafts": written[UpdateState.DRAFT],
        "waiting": written[UpdateState.SUBMITTED],
        "asked": dates_asked_by(person),
        "to_confirm": indicators_to_confirm(person),
    }


def _form_of(row: Recommendation) -> NoChangeForm:
    """One form a row, each with ids of its own."""
    form = NoChangeForm(auto_id=f"id_{row.reference}_%s")
    if row.needs_sentence:
        form.ask_for_sentence()
    return form
