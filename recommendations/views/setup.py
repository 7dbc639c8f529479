"""The set-up of a site: where it is, its people, its source, a grid of recommendations."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions import people as actions
from recommendations.actions import recommendations
from recommendations.actions.recommendations import add_grid
from recommendations.choices import Role
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.setup import (
    FIRST_ROWS,
    GridForm,
    InvitationsForm,
    SourceForm,
    sent_rows,
    with_rows,
)
from recommendations.models import Invitation, Recommendation, Source, User
from recommendations.queries.people import open_invitations, token_of, works_no_more
from recommendations.queries.setup import (
    MOST_ROWS,
    GridPlan,
    TooManyRows,
    known_people,
    missing_for,
    plan_grid,
    read_pasted,
    role_holders,
    setup_steps,
)
from recommendations.readers.text_tables import PasteError
from recommendations.views.access import actor, open_to

# ---- The set-up of a site: where one stands, and the source that recommendations come from


@require_safe
@open_to(permissions.can_set_up)
def set_up(request: HttpRequest) -> HttpResponse:
    """The steps, and what is missing."""
    holders = role_holders()
    context = {"steps": setup_steps(), "missing": missing_for(request.user, holders)}
    return render(request, "setup/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_set_up)
def set_up_source(request: HttpRequest) -> HttpResponse:
    """Add a source."""
    by, form, attempted = actor(request), SourceForm(), Attempt()
    if request.method == "POST":
        form = SourceForm(request.POST)
        attempted = attempt(form, lambda: recommendations.add_source(by=by, values=form.values()))
        if attempted.is_done:
            messages.success(request, _("Source added: %s") % attempted.made)
            return redirect("set-up-people")
    context = {
        "steps": setup_steps(),
        "form": form,
        "sources": Source.objects.order_by("title", "pk")[:20],
        "may_add": permissions.can_manage(by),
        "holders": next(h for h in role_holders() if h.role == Role.ADMINISTRATOR),
    }
    return render(request, "setup/source.html", context, status=attempted.status)


# ---- The people of a new site: who holds which role, and invitations to those who are to come


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_set_up)
def set_up_people(request: HttpRequest) -> HttpResponse:
    """Roles with their people, open invitations, and the form of further ones."""
    by, attempted = actor(request), Attempt()
    may_invite = permissions.can_invite(by)
    form = InvitationsForm(None, person=by)
    if request.method == "POST":
        form = InvitationsForm(request.POST, person=by)
        attempted = attempt(form, lambda: _invite(by, form))
        if attempted.is_done:
            messages.success(request, _told(attempted.made, form.cleaned_data["is_mailed"]))
            return redirect(f"{reverse('set-up-people')}#invitations")
    holders = role_holders()
    context = {
        "steps": setup_steps(),
        "holders": holders,
        "invitations": [_shown(request, each, by) for each in open_invitations()],
        "form": form,
        "may_invite": may_invite,
        "inviters": next(each for each in holders if each.role == Role.ADMINISTRATOR),
    }
    return render(request, "setup/people.html", context, status=attempted.status)


def _invite(by: User, form: InvitationsForm) -> list[Invitation]:
    return actions.invite_all(
        by=by,
        people=form.people(),
        new_organisation=form.cleaned_data["new_organisation"],
        is_mailed=form.cleaned_data["is_mailed"],
    )


def _told(made: list[Invitation], is_mailed: bool) -> str:
    if is_mailed:
        told = ngettext_lazy("%d invitation is on its way.", "%d invitations are on their way.")
    else:
        told = ngettext_lazy(
            "%d invitation made. Copy the link below.", "%d invitations made. Copy the links below."
        )
    return str(told % len(made))


def _shown(request: HttpRequest, invitation: Invitation, reader: User) -> dict[str, Any]:
    """An open invitation as the page lists it; its link is for whoever made it."""
    trouble = works_no_more(invitation, timezone.now())
    link = ""
    if invitation.invited_by_id == reader.pk and not trouble:
        path = reverse("invitation", args=[token_of(invitation.token_salt)])
        link = request.build_absolute_uri(path)
    return {"row": invitation, "trouble": trouble, "link": link}


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_invite)
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then end an invitation."""
    found = get_object_or_404(Invitation.objects.pending().select_related("organisation"), pk=pk)
    if request.method == "POST":
        actions.withdraw_invitation(invitation=found, by=actor(request))
        messages.success(request, _("Invitation withdrawn"))
        return redirect("set-up-people")
    return render(request, "setup/withdraw.html", {"invitation": found})


# ---- The step of recommendations: many at once, in a grid with defaults or pasted from a sheet


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
        messages.success(request, _grid_told(answer.attempted.made))
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


def _grid_told(made: list[Recommendation]) -> str:
    first, last = made[0].reference, made[-1].reference
    return ngettext(
        "%(n)d recommendation added: %(first)s.",
        "%(n)d recommendations added: %(first)s to %(last)s.",
        len(made),
    ) % {"n": len(made), "first": first, "last": last}
