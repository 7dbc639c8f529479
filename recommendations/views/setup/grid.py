"""The step of recommendations: many at once, in a grid with defaults or pasted from a sheet."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from recommendations import permissions
from recommendations.actions.grid import add_grid
from recommendations.choices import Role
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.setup.grid import FIRST_ROWS, GridForm, sent_rows, with_rows
from recommendations.models import Recommendation, Source, User
from recommendations.queries.setup.grid import (
    MOST_ROWS,
    GridPlan,
    TooManyRows,
    known_people,
    plan_grid,
    read_pasted,
)
from recommendations.queries.setup.steps import role_holders, setup_steps
from recommendations.readers.pasted import PasteError
from recommendations.views.access import actor, open_to


@dataclass
class _Answer:
    """What comes of a form that was sent: the form to show again, and its plan if it has one."""

    form: GridForm
    plan: GridPlan | None = None
    attempted: Attempt | None = None

    @property
    def status(self) -> int:
        if self.attempted is not None:
            return self.attempted.status
        return 400 if self.form.is_bound and self.form.errors else 200


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_set_up)
def set_up_recommendations(request: HttpRequest) -> HttpResponse:
    """The grid; its preview, which writes nothing; and adding what the preview showed."""
    by = actor(request)
    answer = _sent(request, by) if request.method == "POST" else _Answer(_empty(request, by))
    if answer.attempted is not None and answer.attempted.is_done:
        messages.success(request, _told(answer.attempted.made))
        return redirect("set-up")
    context = {
        "steps": setup_steps(),
        "form": answer.form,
        "plan": answer.plan,
        "most": MOST_ROWS,
        "has_source": Source.objects.exists(),
        "may_add_source": permissions.can_manage(by),
        "holders": next(each for each in role_holders() if each.role == Role.ADMINISTRATOR),
    }
    return render(request, "setup/grid.html", context, status=answer.status)


def _empty(request: HttpRequest, by: User) -> GridForm:
    """For the source that the address names, else the newest; what it leads is the default."""
    sources = Source.objects.order_by("-pk")
    slug = request.GET.get("source", "")
    named = [each for each in sources if each.slug == slug] if slug else []
    source = next(iter(named or sources[:1]), None)
    initial = {
        "source": source.slug if source else "",
        "default_lead": str(by.organisation or ""),
    }
    return GridForm(None, person=by, people=known_people(by), initial=initial)


def _sent(request: HttpRequest, by: User) -> _Answer:
    rows, problem = sent_rows(request.POST), ""
    try:
        pasted = read_pasted(request.POST.get("pasted", ""))
    except TooManyRows:
        pasted, problem = [], _("At most %d rows at once. Import longer lists.") % MOST_ROWS
    except PasteError:
        pasted, problem = [], _("The text cannot be read as rows. Check its quotation marks.")
    if pasted:
        rows = [row for row in rows if any(row.values())] + pasted
    if len(rows) > MOST_ROWS:
        rows, problem = (
            rows[:MOST_ROWS],
            _("At most %d rows at once. Import longer lists.") % (MOST_ROWS),
        )
    move = request.POST.get("move", "")
    if move == "more":
        rows += [{} for _row in range(min(FIRST_ROWS, MOST_ROWS - len(rows)))]
    data = with_rows(request.POST, rows)
    if problem:
        data["pasted"] = request.POST.get("pasted", "")
    people = known_people(by)
    if move == "more" and not problem:
        # Nothing is judged yet: what was typed comes back as it is.
        return _Answer(GridForm(None, person=by, people=people, n_rows=len(rows), initial=data))
    form = GridForm(data, person=by, people=people, n_rows=len(rows))
    if problem:
        form.add_error("pasted", problem)
    return _planned(request, by, form, move)


def _planned(request: HttpRequest, by: User, form: GridForm, move: str) -> _Answer:
    if not form.is_valid():
        return _Answer(form)
    source, rows = form.cleaned_data["source"], form.rows()
    plan = plan_grid(source, rows, form.defaults(), by)
    if not plan.rows:
        form.add_error("title1", _("Enter at least one title."))
        return _Answer(form)
    for (number, name), why in plan.problems.items():
        form.add_error(f"{name}{number}", why)
    if form.errors or move != "add":
        return _Answer(form, None if form.errors else plan)
    attempted = attempt(
        form,
        lambda: add_grid(
            source=source,
            rows=rows,
            defaults=form.defaults(),
            reason=form.cleaned_data["reason"],
            by=by,
            expected=request.POST.get("seen", ""),
        ),
    )
    return _Answer(form, None if attempted.status == 400 else plan, attempted)


def _told(made: list[Recommendation]) -> str:
    first, last = made[0].reference, made[-1].reference
    return ngettext(
        "%(n)d recommendation added: %(first)s.",
        "%(n)d recommendations added: %(first)s to %(last)s.",
        len(made),
    ) % {"n": len(made), "first": first, "last": last}
