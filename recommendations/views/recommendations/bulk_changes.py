"""Changing many recommendations at once: choose, preview, confirm; the result, and undoing it.

All that leads to the preview stands in the address, so nothing but the confirmation is sent.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import permissions
from recommendations.actions import bulk_changes
from recommendations.actions.base import NotAsSeen
from recommendations.choices import SKIPPED, BulkChange, RowOutcome
from recommendations.exports import FORMATS
from recommendations.exports.formats import BATCH
from recommendations.exports.recommendations import recommendation_lines, recommendation_sheet
from recommendations.forms.fields import Attempt, attempt
from recommendations.forms.recommendations import ReasonForm, ValueForm
from recommendations.models import AuditEvent, AuditRow, Recommendation, Source
from recommendations.models.recommendations import REFERENCE_PATTERN
from recommendations.permissions import Person
from recommendations.queries.bulk_changes import (
    MOST_ROWS,
    BulkPlan,
    bulk_events,
    button_of,
    change_of,
    changes_open_to,
    effects_of,
    effects_of_undone_import,
    kept_by,
    list_imports,
    may_undo,
    plan_change,
    plan_undo,
    row_texts,
    undoing,
    work_since,
)
from recommendations.queries.listed import ids_of, read_rows
from recommendations.queries.log.words import log_rows, names_of
from recommendations.queries.publicity import IMPORTED, UNDID_LIST, UNDOING
from recommendations.queries.shown import ShownRows
from recommendations.queries.undoing import may_undo_of, request_of
from recommendations.views.access import actor, open_to
from recommendations.views.lists import recommendation_filter, requested_page, send
from recommendations.views.undoing import undo_page

ROWS_SHOWN = 50
ALL, PICKED = "all", "picked"
EXPORT = "export-"
"""Begins the codes of acts that give a file, and change nothing."""
REQUEST_UPDATES = "request_updates"
"""The act that leads to the preview of a reporting round."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that an address selects: their ids, or why there are none to work on.

    ``fields`` carry the selection on; ``back`` is the list that it was made in, and ``home`` the
    same list without its filter, where it is not that of the site.
    """

    ids: Sequence[int]
    fields: Sequence[tuple[str, str]]
    back: str
    trouble: str = ""
    home: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_many)
def bulk_new(request: HttpRequest) -> HttpResponseBase:
    """The value, then the preview; confirmed, the change itself. Requests make a round."""
    if request.GET.get("change") == REQUEST_UPDATES:
        query = request.GET.copy()
        del query["change"]
        return redirect(f"{reverse('round-new')}?{query.urlencode()}")
    return bulk_page(request, selected(request))


def bulk_choices(person: Person) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a person may do with many recommendations at once: groups of codes and labels."""
    may = [(str(change), str(change.label), change) for change in changes_open_to(person)]
    changes = [(code, label) for code, label, change in may if not change.is_of_publication]
    steps = [(code, label) for code, label, change in may if change.is_of_publication]
    files = [(f"{EXPORT}{code}", _("Export as %s") % FORMATS[code].label) for code in FORMATS]
    asks = [(REQUEST_UPDATES, _("Request updates"))] if permissions.can_run_rounds(person) else []
    groups = [
        (_("Report"), asks),
        (_("Change"), changes),
        (_("Publish and archive"), steps),
        (_("Export"), files),
    ]
    return [(name, choices) for name, choices in groups if choices and may]


def bulk_page(request: HttpRequest, selection: Selection) -> HttpResponseBase:
    """One bulk act on the rows of a selection, for whoever may change many: each step of it."""
    code = request.GET.get("change", "")
    is_export = code.removeprefix(EXPORT) in FORMATS and code.startswith(EXPORT)
    if not is_export and code not in changes_open_to(request.user):
        return _no_rows(request, selection, _("Choose what to change."))
    if request.method != "POST" and selection.trouble:
        return _no_rows(request, selection, selection.trouble)
    if is_export:
        lines_of = recommendation_lines(request.user, timezone.localdate())
        lines = read_rows(selection.ids, lines_of, BATCH)
        sheet = recommendation_sheet(lines, request.user)
        return send(request, sheet, code.removeprefix(EXPORT))
    return _change_page(request, selection, BulkChange(code))


def _change_page(request: HttpRequest, selection: Selection, change: BulkChange) -> HttpResponse:
    """The value that is still to be chosen, or the preview."""
    is_asked = not change.has_value or not {"value", "value-words"}.isdisjoint(request.GET)
    form = ValueForm(request.GET if is_asked else None, change=change, person=request.user)
    if not form.is_valid():
        context = {"form": form, "change": change, "selection": selection, "n": len(selection.ids)}
        is_finding = request.GET.get("find") == "value"
        status = 400 if form.errors and not is_finding else 200
        return render(request, "bulk/value.html", context, status=status)
    value = form.bulk_value

    def act(shown: ShownRows, reason: str) -> AuditEvent:
        return bulk_changes.change_many(value=value, shown=shown, by=actor(request), reason=reason)

    return _preview_or_act(
        request,
        value.about,
        act,
        lambda shown: plan_change(shown.rows if shown else selection.ids, value),
        {"change": change, "value": value, "selection": selection, "title": change.label},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(permissions.can_change_many)
def bulk_undo(request: HttpRequest, sequence: int) -> HttpResponse:
    """What undoing a bulk change, or the import of a list, does; confirmed, undoing it.

    That of an import is asked for by one person and confirmed by another.
    """
    event = get_object_or_404(_told_events().exclude(verb__in=UNDOING), pk=sequence)
    is_import, change = event.verb == IMPORTED, change_of(event)
    may = may_undo_of(event)(request.user) if is_import else may_undo(request.user, event)
    if not may:
        told = _("You cannot undo this import: ask whoever imported the list, or a manager.")
        raise PermissionDenied(told)
    context = {
        "undoes": event,
        "change": change,
        "selection": Selection((), (), reverse("bulk-change", args=[sequence])),
        "title": _("%(label)s: %(value)s")
        % {
            "label": _("Undo import") if is_import else _("Undo bulk change"),
            "value": log_rows([event])[0].named.title,
        },
        "is_import": is_import,
    }
    about = f"undo={sequence}"
    if is_import:
        shown = ShownRows.sent(request.POST.get("shown", ""), about)
        return undo_page(
            request,
            event,
            lambda **given: _act(partial(bulk_changes.undo_list, **given), shown),
            to=lambda made: reverse("bulk-change", args=[made.pk if made else sequence]),
            template="bulk/preview.html",
            beside=lambda _attempted: context | _preview(request, plan_undo(event), context),
        )

    def act(shown: ShownRows, reason: str) -> AuditEvent:
        return bulk_changes.undo_many(event=event, shown=shown, by=actor(request), reason=reason)

    return _preview_or_act(request, about, act, lambda _shown: plan_undo(event), context)


@require_safe
@open_to(permissions.can_read_log)
def bulk_change(request: HttpRequest, sequence: int) -> HttpResponse:
    """What a bulk change or an import did, row by row, and which rows it skipped."""
    event = get_object_or_404(_told_events().select_related("actor", "reason"), pk=sequence)
    told = json.loads(event.payload)["changes"]
    # The mapping of columns that an import leaves with its source is for no reader.
    rows = AuditRow.objects.filter(event=event.pk).exclude(object_type=Source._meta.label_lower)
    undoes = None
    if event.verb in UNDOING:
        undoes = AuditEvent.objects.select_related("actor", "reason").get(pk=event.object_id)
    every = rows.order_by("pk").values_list("pk", flat=True)
    page = requested_page(request, Paginator(every, ROWS_SHOWN))
    shown = AuditRow.objects.filter(pk__in=list(page)).order_by("pk")
    row, *of = log_rows([event, undoes] if undoes else [event], shown)
    undone = undoing([event]).get(event.pk)
    is_open = undone is None and event.verb not in UNDOING
    may = may_undo_of(event) if event.verb == IMPORTED else partial(may_undo, event=event)
    # The rows that an event left as they were, by reason; of each that was worked on since the
    # import that was undone, the latest of that, as the preview told it.
    kept = kept_by(event)
    worked_on = kept.get(RowOutcome.WORKED_ON) and undoes
    why = work_since(worked_on, event) if worked_on else {}
    label = Recommendation._meta.label_lower
    names = names_of((label, str(pk)) for pks in kept.values() for pk in pks)
    context = {
        "event": event,
        "row": row,
        "page": page,
        "new": told["new"][1] if "new" in told else None,
        "n": told.get("changed", (0, 0))[1],
        "unchanged": told.get("unchanged", (0, 0))[1],
        "skipped": [
            (
                str(outcome.label),
                [
                    (names[label, str(pk)], why.get(pk, ""))
                    for pk in pks
                    if (label, str(pk)) in names
                ],
            )
            for outcome, pks in kept.items()
        ],
        "undone": undone,
        "is_partial": undone is not None and bool(kept_by(undone)),
        "undoes": of[0] if of else None,
        "is_import": event.verb in (IMPORTED, UNDID_LIST),
        "may_import": permissions.can_import(request.user),
        "may_undo": is_open and may(request.user),
        "waiting": request_of(event) if is_open and event.verb == IMPORTED else None,
    }
    return render(request, "bulk/result.html", context)


def _told_events() -> QuerySet[AuditEvent]:
    """Events that have a page of their own: of bulk changes, and of imports of lists."""
    own, imports = (events.order_by().values("pk") for events in (bulk_events(), list_imports()))
    return AuditEvent.objects.filter(Q(pk__in=own) | Q(pk__in=imports))


def selected(request: HttpRequest) -> Selection:
    """The recommendations that the address picks, or all that match the filter that it holds."""
    filters = recommendation_filter(request, request.GET)
    asked, back = filters.asked, reverse("recommendation-list")
    back += f"?{urlencode(asked)}" if asked else ""
    if request.GET.get("scope") == ALL:
        return _all_found(filters, asked, back)
    sent = dict.fromkeys(request.GET.getlist("pick"))
    picked = [name for name in sent if re.match(REFERENCE_PATTERN, name)][: MOST_ROWS + 1]
    rows = Recommendation.objects.visible_to(request.user).filter(reference__in=picked)
    ids = list(rows.order_by("source", "number", "pk").values_list("pk", flat=True))
    fields = [*asked, ("scope", PICKED), *(("pick", name) for name in picked)]
    return Selection(ids, fields, back, trouble_of(ids))


def _all_found(filters: Any, asked: list[tuple[str, str]], back: str) -> Selection:
    fields = [*asked, ("scope", ALL)]
    if not filters.is_valid():
        return Selection((), fields, back, _("One of the filters is invalid. Correct the filter."))
    ids = list(ids_of(filters.qs)[: MOST_ROWS + 1])
    return Selection(ids, fields, back, trouble_of(ids))


def trouble_of(ids: Sequence[int]) -> str:
    """Why a bulk act on these rows cannot begin; empty where it can."""
    if not ids:
        return _("Select at least one recommendation in the list.")
    if len(ids) > MOST_ROWS:
        told = _("A bulk change includes at most %(n)d recommendations. Narrow the filter.")
        return told % {"n": MOST_ROWS}
    return ""


def _no_rows(request: HttpRequest, selection: Selection, trouble: str) -> HttpResponse:
    context = {"trouble": trouble, "selection": selection}
    return render(request, "bulk/none.html", context, status=400)


def _preview_or_act(
    request: HttpRequest,
    about: str,
    act: Callable[[ShownRows, str], AuditEvent],
    plan_of: Callable[[ShownRows | None], BulkPlan],
    context: dict[str, Any],
) -> HttpResponse:
    """The preview of a bulk change or its undo; sent with a reason, its result."""
    form: forms.Form = ReasonForm()
    attempted, shown = Attempt(), None
    if request.method == "POST":
        form = ReasonForm(request.POST)
        shown = ShownRows.sent(request.POST.get("shown", ""), about)
        attempted = attempt(form, lambda: _act(act, shown, **form.cleaned_data))
        if attempted.is_done:
            return redirect("bulk-change", sequence=attempted.made.pk)
    if context["change"] == BulkChange.ARCHIVE and "undoes" not in context:
        form.fields["reason"].label = capfirst(
            _("explanation")
        )  # The coded reason is chosen before.
    context |= {"form": form, **_preview(request, plan_of(shown), context)}
    return render(request, "bulk/preview.html", context, status=attempted.status)


def _preview(request: HttpRequest, plan: BulkPlan, context: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of a plan: its rows, its effects, and what the button says."""
    page = requested_page(request, Paginator(plan.in_order, ROWS_SHOWN))
    n, change, is_undo = len(plan.changing), context["change"], "undoes" in context
    is_import = context.get("is_import", False)
    more = effects_of_undone_import(plan, context["undoes"]) if is_import else ()
    return {
        "plan": plan,
        "page": page,
        "rows": row_texts(plan, list(page.object_list)),
        "n": n,
        "effects": [*_counts(plan), *more, *effects_of(plan, change, is_undo=is_undo)],
        "button": button_of(change, n, is_undo=is_undo, is_import=is_import),
        "becomes_public": change == (BulkChange.UNPUBLISH if is_undo else BulkChange.PUBLISH),
    }


def _act(act: Callable[..., AuditEvent], shown: ShownRows | None, **given: Any) -> AuditEvent:
    if shown is None:
        raise NotAsSeen(())
    return act(shown=shown, **given)


def _counts(plan: BulkPlan) -> Sequence[str]:
    """How many rows change, how many have the value already, and how many are refused, by why."""
    counts = plan.counts
    changed, unchanged = len(plan.changing), counts["unchanged"]
    told = [
        ngettext("%(n)d recommendation changes.", "%(n)d recommendations change.", changed)
        % {"n": changed}
    ]
    if unchanged:
        told.append(
            ngettext(
                "%(n)d recommendation needs no change.",
                "%(n)d recommendations need no change.",
                unchanged,
            )
            % {"n": unchanged}
        )
    for outcome in SKIPPED:
        if n := counts[outcome]:
            told.append(
                ngettext(
                    "%(n)d recommendation is skipped. %(why)s.",
                    "%(n)d recommendations are skipped. %(why)s.",
                    n,
                )
                % {"n": n, "why": outcome.label}
            )
    return told
