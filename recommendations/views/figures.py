"""Figures of an indicator: recording one, and the evidence for and against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from recommendations import permissions
from recommendations.actions import evidence, indicators, progress
from recommendations.actions.base import differences
from recommendations.actions.errors import ActionRefused, Difference, StaleWrite
from recommendations.forms.errors import take
from recommendations.forms.evidence import FIND, EvidenceForm
from recommendations.forms.figures import FigureForm
from recommendations.models import EvidenceLink, Indicator, Observation
from recommendations.summaries.figures import Figure, observed
from recommendations.summaries.observation import figure_view, with_record
from recommendations.views.access import actor, open_to
from recommendations.views.writing import whole


@dataclass(frozen=True, slots=True)
class _Before:
    """The figure that stands for what is recorded, and what would become of it."""

    pk: int
    figure: Figure
    recorded_at: Any
    recorded_by: str
    becomes: int
    differences: list[Difference]
    seen: str
    is_stale: bool


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_new(request: HttpRequest, code: str) -> HttpResponse:
    """Record a figure. One that stands already is shown first, and the same button confirms."""
    indicator = get_object_or_404(Indicator.objects.visible_to(request.user), code=code)
    _require_observe(request, indicator)
    if request.method != "POST":
        initial = {name: request.GET[name] for name in ("area", "period") if name in request.GET}
        empty = FigureForm(None, indicator=indicator, initial=initial)
        return _form_page(request, indicator, empty)
    form = FigureForm(request.POST, indicator=indicator)
    if not form.is_valid():
        return _form_page(request, indicator, form, status=400)
    key = {name: form.cleaned_data[name] for name in ("area", "period", "dimensions")}
    try:
        made = indicators.observe(
            indicator=indicator,
            by=actor(request),
            values=form.values(),
            seen=_seen(request, key),
            **key,
        )
    except ValidationError as error:
        take(form, error)
        return _form_page(request, indicator, form, status=400)
    except StaleWrite as refusal:
        before = _before(refusal.current, form, key, is_stale=_seen(request, key) > 0)
        return _form_page(request, indicator, form, status=409, before=before)
    messages.success(request, _("Figure recorded. What shows that it is right can be added here."))
    return redirect("figure-evidence", made.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_read_internally)
def figure_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands for and against one figure; adds an item that is recorded or a new one."""
    row = _figure_for(request, pk)
    is_sent = request.method == "POST"
    form = EvidenceForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        claim=row,
        person=request.user,
    )
    if is_sent and form.is_valid() and request.POST.get("move") != FIND:
        try:
            progress.attach_to_claim(claim=row, by=actor(request), offers=form.offers())
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("Evidence added."))
            return redirect("figure-evidence", pk)
    context = {
        "form": form,
        "indicator": row.indicator,
        "view": figure_view(row, request.user),
    }
    status = 400 if form.errors else 200
    return render(request, "figures/evidence_page.html", context, status=status)


@require_POST
@open_to(permissions.can_read_internally)
def figure_evidence_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Take an item away from a figure; it stays on record that it stood there."""
    row = _figure_for(request, pk)
    link = get_object_or_404(EvidenceLink, observation=row.pk, pk=link_pk)
    evidence.detach(link=link, by=actor(request))
    messages.success(request, _("Taken away."))
    return redirect("figure-evidence", pk)


def _figure_for(request: HttpRequest, pk: int) -> Any:
    """A figure of an indicator on which the person may record figures; else 404, 403."""
    row = get_object_or_404(with_record(request.user), pk=pk)
    _require_observe(request, row.indicator)
    return row


def _require_observe(request: HttpRequest, indicator: Indicator) -> None:
    if not permissions.can_observe(request.user, indicator):
        raise PermissionDenied(_("You may not record figures of %s.") % indicator.code)


def _seen(request: HttpRequest, key: dict[str, Any]) -> int:
    """The revision of this very figure that the form has shown; 0 where it showed none of it."""
    revision, _sign, of = request.POST.get("seen", "").partition("@")
    return (whole(revision) or 0) if of == _name(key) else 0


def _name(key: dict[str, Any]) -> str:
    return f"{key['area'].pk}|{key['period']}|{key['dimensions']}"


def _before(
    now: Observation | None, form: FigureForm, key: dict[str, Any], *, is_stale: bool
) -> _Before | None:
    if now is None:
        return None
    return _Before(
        pk=now.pk,
        figure=observed(now, now.indicator.decimals),
        recorded_at=now.recorded_at,
        recorded_by=str(now.recorded_by or ""),
        becomes=now.revision + 1,
        differences=differences(now, form.values()),
        seen=f"{now.revision}@{_name(key)}",
        is_stale=is_stale,
    )


def _form_page(
    request: HttpRequest,
    indicator: Indicator,
    form: FigureForm,
    *,
    status: int = 200,
    before: _Before | None = None,
) -> HttpResponse:
    # A form that must be sent again has seen no more than before.
    seen = before.seen if before else request.POST.get("seen", "")
    context = {"indicator": indicator, "form": form, "before": before, "seen": seen}
    return render(request, "figures/form.html", context, status=status)
