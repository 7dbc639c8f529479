"""Writing through the API: each address is one action, with the form that its page has."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.parsers import MultiPartParser

from recommendations import permissions
from recommendations.actions import dates, personal, responses
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.base import StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.imports.figures import FigureImport, FigurePlan
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.updates import decisions, drafts
from recommendations.api.problems import INVALID, Failed, Invalid, found_in
from recommendations.api.resources import RESOURCES, Resource, date_shown, resource_at, update_shown
from recommendations.api.schema import shape_of_import
from recommendations.api.sent import LONGEST_KEY, Sent
from recommendations.api.views import (
    ResourceView,
    answer,
    refuse_unknown,
    row_text,
    tag_of,
    with_lines,
)
from recommendations.forms.evidence import EvidenceForm
from recommendations.forms.fields import NoteForm
from recommendations.forms.imports import FiguresForm
from recommendations.forms.indicators import FigureForm
from recommendations.forms.recommendations import (
    DateRequestForm,
    FirstDateForm,
    NewRecommendationForm,
    RecommendationForm,
)
from recommendations.forms.responses import ActionForm, ResponseForm
from recommendations.forms.updates import DecisionForm, NoChangeForm, UpdateForm, form_for
from recommendations.models import ImportRun, Indicator
from recommendations.readers import TableError
from recommendations.views import responses as response_pages
from recommendations.views.access import is_reader
from recommendations.views.indicators import figure_new
from recommendations.views.updates.form import new_update, scope_of
from recommendations.views.updates.review import change_for


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One address: the form of what is sent, the action, and the resource of which it gives a row.

    ``act`` gives the row that it made or changed.
    """

    address: str
    name: str
    """What it is called in the description."""
    act: Callable[[Sent], Any]
    scope: str
    is_open: Callable[[Any], bool]
    gives: Resource
    fields: Mapping[str, Any] = field(default_factory=dict)
    method: str = "post"
    read: Resource | None = None
    """What must be as it was read: the row of this resource, whose tag ``If-Match`` names."""
    is_new: bool = False
    parameters: Mapping[str, type] = field(default_factory=dict)
    told: Callable[[Sent, str], str] = lambda _sent, row: row
    """The answer, made of that row; ``shape`` describes it in the same way."""
    shape: Callable[[Any], Any] | None = None
    is_locking: bool = False
    """Whether ``act`` takes the lock itself, by ``Sent.once``, after it has read what was sent."""

    @property
    def has_files(self) -> bool:
        return any(isinstance(each, forms.FileField) for each in self.fields.values())


def _plain(form: Callable[..., Any], **given: Any) -> Callable[..., Any]:
    """A form that takes no files."""
    return lambda data, _files: form(data, **given)


def _of_page(page: Any, **parts: str) -> Callable[[Sent], Any]:
    """What a page does that is an ``Edit``; ``parts`` names its arguments as the address does."""

    def act(sent: Sent) -> Any:
        edit = page.edit_of(sent.request, **{name: sent.at[of] for name, of in parts.items()})
        given = {} if edit.row is None else {"expected_version": edit.row.version}
        form = sent.form(_plain(edit.form), is_partial=edit.row is not None)
        return edit.act(by=sent.by, values=form.values(), **given)

    return act


# ---- Updates


def _begin(sent: Sent) -> Any:
    recommendation, addressee = scope_of(sent.request, sent.at["reference"])
    update = new_update(recommendation, addressee, sent.by, None)
    form = sent.form(_plain(form_for, update=update, person=sent.by))
    return drafts.save_update(update=update, by=sent.by, values=form.values())


def _save(sent: Sent) -> Any:
    update = sent.update
    form = sent.form(_plain(form_for, update=update, person=sent.by))
    return drafts.save_update(
        update=update, by=sent.by, values=form.values(), expected_version=update.version
    )


def _submit(sent: Sent) -> Any:
    sent.form(forms.Form)
    update = sent.update
    return drafts.save_update(
        update=update, by=sent.by, values={}, expected_version=update.version, is_final=True
    )


def _withdraw(sent: Sent) -> Any:
    sent.form(forms.Form)
    update = sent.update
    return drafts.withdraw_update(update=update, by=sent.by, expected_version=update.version)


def _attach(sent: Sent) -> Any:
    update = sent.update
    form = sent.form(partial(EvidenceForm, claim=update, person=sent.by))
    evidence_items.attach_evidence(to=update, by=sent.by, items=form.items())
    return update


def _approve(sent: Sent) -> Any:
    given, update = sent.form(_plain(DecisionForm)).cleaned_data, sent.update
    seen = update_shown(update.pk, sent.by)
    return decisions.approve_update(update=update, by=sent.by, seen=seen, **given)


def _return(sent: Sent) -> Any:
    note, update = sent.form(_plain(DecisionForm)).cleaned_data["note"], sent.update
    seen = update_shown(update.pk, sent.by)
    return decisions.return_update(update=update, by=sent.by, seen=seen, note=note)


def _no_change(sent: Sent) -> Any:
    recommendation, _addressee = scope_of(sent.request, sent.at["reference"])
    given, basis = sent.form(_plain(NoChangeForm)).cleaned_data, recommendation.current_update_id
    return decisions.no_change(recommendation=recommendation, by=sent.by, basis=basis, **given)


# ---- What stands beside updates: responses, dates


def _respond(sent: Sent) -> Any:
    found = sent.recommendation
    if not permissions.can_log(sent.by, found):
        raise PermissionDenied(_("You cannot record responses to this recommendation."))
    made = _plain(ResponseForm, recommendation=found)
    form = sent.form(made, addressees=[str(sent.at["number"])])
    [response] = responses.record_responses(
        addressees=form.cleaned_data["addressees"], by=sent.by, values=form.values()
    )
    return response.addressee


def _set_date(sent: Sent) -> Any:
    given = sent.form(_plain(FirstDateForm)).cleaned_data
    return dates.set_first(recommendation=sent.recommendation, by=sent.by, **given)


def _request_date(sent: Sent) -> Any:
    given = dict(sent.form(_plain(DateRequestForm)).cleaned_data)
    del given["is_taken_away"]
    return dates.request(recommendation=sent.recommendation, by=sent.by, **given)


def _decide_date(decide: Callable[..., Any]) -> Callable[[Sent], Any]:
    def act(sent: Sent) -> Any:
        change = change_for(sent.by, sent.at["number"])
        note, seen = sent.form(_plain(NoteForm)).cleaned_data["note"], date_shown(change, sent.by)
        return decide(date_change=change, by=sent.by, note=note, seen=seen)

    return act


def _withdraw_date(sent: Sent) -> Any:
    sent.form(_plain(forms.Form))
    change = change_for(sent.by, sent.at["number"])
    return dates.withdraw_date_change(date_change=change, by=sent.by)


# ---- Values of indicators: many of them as one import


def _job(sent: Sent) -> FigureImport:
    """The import of a file, or of rows, as the page makes it."""
    indicator = get_object_or_404(Indicator.objects.visible_to(sent.by), code=sent.at["code"])
    rows = sent.body.get("rows")
    if rows is not None and not isinstance(rows, list):
        raise Invalid({"rows": [INVALID]})
    body = {name: value for name, value in sent.body.items() if name != "rows"}
    made = partial(FiguresForm, person=sent.by, is_file_kept=rows is not None)
    form = replace(sent, body=body).form(made)
    file: Any = form.cleaned_data["file"]
    file = file or SimpleUploadedFile("rows.json", json.dumps(rows).encode())
    upload = Upload(file, file.name, form.options)
    job = FigureImport(upload, sent.by, form.figure_options(), indicator)
    job.require_may(sent.by)
    return job


def _planned(sent: Sent, planned: Callable[[FigureImport], FigurePlan]) -> FigurePlan:
    try:
        sent.plans.append(planned(_job(sent)))
    except TableError as error:
        raise Invalid({"rows" if "rows" in sent.body else "file": [str(error)]}) from error
    plan: FigurePlan = sent.plans[0]
    return plan


def _import(sent: Sent) -> ImportRun:
    """Import, or only plan that; a row without a number where nothing is imported."""
    nothing = ImportRun(pk=0)

    def written(plan: FigurePlan) -> int | None:
        """The key of its row; none where the plan did not hold, so that it is made anew."""
        row: ImportRun = plan.staged_series[0].stage.run
        return None if row._state.adding else row.pk

    def run(job: FigureImport) -> FigurePlan:
        return job.run(
            most=settings.IMPORT_PAGE_MAX_VALUES,
            entry_for=lambda plan: sent.once(partial(written, plan)),
        )

    is_planned = sent.request.GET.get("dry_run") == "true"
    plan = _planned(sent, FigureImport.preview if is_planned else run)
    if is_planned or not plan.changes_anything:
        with sent.once(lambda: nothing.pk):
            return nothing
    return next((each.stage.run for each in plan.staged_series), nothing)


def _told_of_import(sent: Sent, row: str) -> str:
    """The import, if there is one, with what was found in each row of what was sent."""
    plan = sent.plans[0] if sent.plans else _planned(sent, FigureImport.preview)
    told = {
        "refusal": plan.refusal if not row else "",
        "counts": {} if row else plan.counts,
        "findings": found_in(plan.findings),
    }
    return f'{{"import": {row or "null"}, {json.dumps(told)[1:]}\n'


# ---- Recommendations


def _add(sent: Sent) -> Any:
    values = sent.form(_plain(NewRecommendationForm)).values()
    source = values.pop("source")
    return recommendation_actions.add_recommendation(source=source, by=sent.by, values=values)


def _revise(sent: Sent) -> Any:
    found = sent.recommendation
    form = sent.form(_plain(RecommendationForm, row=found), is_partial=True)
    return recommendation_actions.revise_recommendation(
        recommendation=found, by=sent.by, expected_version=found.version, values=form.values()
    )


# ---- All of it

ON, OF = "recommendations/<code:reference>/", "updates/<int:number>/"
ABOUT, UPDATES = resource_at("recommendations/"), resource_at("updates/")
RESPONSES, ACTIONS, DATES = (
    resource_at(f"{ON}{name}/") for name in ("responses", "actions", "dates")
)
VALUES, IMPORTS = (
    resource_at(f"indicators/<code:code>/{name}/") for name in ("observations", "imports")
)
_DECISION = {name: DecisionForm.base_fields[name] for name in ("note", "confirm_contradictions")}
_NOTE = NoteForm.base_fields

_write = partial(Write, scope="can_report", is_open=permissions.can_write, gives=UPDATES)
_record = partial(
    Write, scope="can_import", is_open=permissions.can_change_recommendations, gives=ABOUT
)
_decide = partial(Write, scope="can_review", is_open=permissions.can_review, gives=UPDATES)
_ask = partial(_write, gives=DATES)
_rule = partial(_decide, gives=DATES, read=DATES)

WRITES: tuple[Write, ...] = (
    _write(
        f"{ON}updates/",
        "beginUpdate",
        _begin,
        fields=UpdateForm.base_fields,
        is_new=True,
        parameters={"addressee": int},
    ),
    _write(
        f"{ON}no-change/",
        "confirmNoChange",
        _no_change,
        fields=NoChangeForm.base_fields,
        read=ABOUT,
        is_new=True,
    ),
    _write(OF, "saveUpdate", _save, fields=UpdateForm.base_fields, method="patch", read=UPDATES),
    _write(f"{OF}evidence/", "addEvidence", _attach, fields=EvidenceForm.base_fields),
    _write(f"{OF}submit/", "submitUpdate", _submit, read=UPDATES),
    _write(f"{OF}withdraw/", "withdrawUpdate", _withdraw, read=UPDATES),
    _decide(f"{OF}approve/", "approveUpdate", _approve, fields=_DECISION, read=UPDATES),
    _decide(f"{OF}return/", "returnUpdate", _return, fields=_DECISION, read=UPDATES),
    _write(
        RESPONSES.one,
        "recordResponse",
        _respond,
        is_open=is_reader,
        fields={n: f for n, f in ResponseForm.base_fields.items() if n != "addressees"},
        read=RESPONSES,
        gives=RESPONSES,
    ),
    _write(
        ACTIONS.address,
        "addAction",
        _of_page(response_pages.action_new, reference="reference"),
        fields=ActionForm.base_fields,
        gives=ACTIONS,
        is_new=True,
    ),
    _write(
        ACTIONS.one,
        "changeAction",
        _of_page(response_pages.action_edit, pk="number"),
        fields=ActionForm.base_fields,
        method="patch",
        read=ACTIONS,
        gives=ACTIONS,
    ),
    _ask(
        DATES.address,
        "requestDate",
        _request_date,
        fields=DateRequestForm.base_fields,
        read=ABOUT,
        is_new=True,
    ),
    _record(
        f"{ON}first-date/",
        "setFirstDate",
        _set_date,
        fields=FirstDateForm.base_fields,
        is_open=permissions.can_set_first_date,
        gives=DATES,
        is_new=True,
    ),
    _rule(
        f"{DATES.one}approve/", "approveDate", _decide_date(dates.approve_date_change), fields=_NOTE
    ),
    _rule(
        f"{DATES.one}reject/", "rejectDate", _decide_date(dates.reject_date_change), fields=_NOTE
    ),
    _ask(f"{DATES.one}withdraw/", "withdrawDate", _withdraw_date, read=DATES),
    _record(
        VALUES.address,
        "recordValue",
        _of_page(figure_new, code="code"),
        fields=FigureForm.base_fields,
        is_open=permissions.can_read_internally,
        gives=VALUES,
        is_new=True,
    ),
    _record(
        IMPORTS.address,
        "importValues",
        _import,
        fields={**FiguresForm.base_fields, "rows": forms.JSONField(required=False)},
        is_open=permissions.can_read_internally,
        gives=IMPORTS,
        is_new=True,
        parameters={"dry_run": bool},
        told=_told_of_import,
        is_locking=True,
        shape=shape_of_import,
    ),
    _record(
        ABOUT.address,
        "addRecommendation",
        _add,
        fields=NewRecommendationForm.base_fields,
        is_new=True,
    ),
    _record(
        ABOUT.one,
        "changeRecommendation",
        _revise,
        fields=RecommendationForm.base_fields,
        method="patch",
        read=ABOUT,
    ),
)


class WriteView(ResourceView):
    """An address under which something is changed, and perhaps read as well."""

    @property
    def write(self) -> Write | None:
        """What is asked for, unless that is to read."""
        return self.writes.get((self.request.method or "").lower()) if self.request else None

    @property
    def scope(self) -> str:  # type: ignore[override]
        return self.write.scope if self.write else ""

    def is_open(self, person: Any) -> bool:
        return self.write.is_open(person) if self.write else super().is_open(person)

    def get_parsers(self) -> list[Any]:
        more = [MultiPartParser()] if self.write and self.write.has_files else []
        return [*super().get_parsers(), *more]

    def change(self, request: Any, **about: Any) -> HttpResponse:
        """Do what is asked; the answer is the row that it made or changed, as it is then."""
        write = self.writes[request.method.lower()]
        refuse_unknown(request, frozenset(write.parameters))
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            raise Failed(HTTPStatus.BAD_REQUEST, str(INVALID))
        sent = Sent.of(request, about)

        asked = {"by": request.user, "key": key, "asked": sent.digest}
        try:
            personal.require_new(**asked)
            made = _done(write, replace(sent, once=partial(personal.once, **asked)))
            is_again = False
        except personal.DoneBefore as before:
            made, is_again = before.made, True
        headers, status, row = {}, HTTPStatus.OK, ""
        if made:
            address = write.gives.address_of(about, made)
            row = _read(write.gives, request, address)
            headers = {"Location": reverse(_name_of(write.gives), kwargs=address)}
            status = HTTPStatus.CREATED if write.is_new else status
        if is_again:
            headers["Idempotent-Replayed"] = "true"
        return answer(request, write.told(sent, row), status, **headers)


def _done(write: Write, sent: Sent) -> int:
    """Do what is asked; the key of the row that it made or changed."""
    made: list[int] = []
    if write.is_locking:
        made.append(write.act(sent).pk)
    else:
        with sent.once(lambda: made[0]):
            # Under the lock of the chain: what was read stays so until it is changed.
            require_as_read(write, sent.request, sent.at)
            made.append(write.act(sent).pk)
    return made[0]


def require_as_read(write: Write, request: Any, about: Mapping[str, Any]) -> None:
    """Refuse a change of what is not as who changes it has read it."""
    if write.read is None:
        return
    tags = parse_etags(request.headers.get("If-Match", ""))
    if not tags or tags == ["*"]:
        words = _("Name the ETag of what you have read in “If-Match”.")
        raise Failed(HTTPStatus.PRECONDITION_REQUIRED, words)
    text = _read(write.read, request, about)
    if tag_of(text.encode()) not in tags:
        raise Failed(HTTPStatus.PRECONDITION_FAILED, str(StaleWrite(None)), json.loads(text))


def _read(resource: Resource, request: Any, about: Mapping[str, Any]) -> str:
    listed = with_lines(resource.list.list_of(request, **resource.under(about)))
    return row_text(resource, listed, request, about)


def views() -> list[tuple[str, Any, str]]:
    """All addresses, each with its view and its name: read, written, or both."""
    found: dict[str, dict[str, Any]] = {}
    for resource in RESOURCES:
        found[resource.address] = {"resource": resource}
        if resource.key:
            found[resource.one] = {"resource": resource, "is_one": True}
    for write in WRITES:
        found.setdefault(write.address, {}).setdefault("writes", {})[write.method] = write
    return [(address, _view(told), _name(told)) for address, told in found.items()]


def _view(told: Mapping[str, Any]) -> Any:
    methods = dict.fromkeys(told.get("writes", ()), WriteView.change)
    reads = {} if "resource" in told else {"get": None}
    allowed = [*(("get", "head") if "resource" in told else ()), *methods]
    names = {**told, **methods, **reads, "http_method_names": allowed}
    view: type[WriteView] = type("AddressView", (WriteView,), names)
    return view.as_view()


def _name(told: Mapping[str, Any]) -> str:
    return _name_of(told["resource"]) if told.get("is_one") else ""


def _name_of(resource: Resource) -> str:
    return f"api-{'-'.join(resource.words)}"
