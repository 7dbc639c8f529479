"""Writing through the API: each address is one action, with the form that its page has."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_etags
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.actions import personal
from recommendations.actions.base import StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions, drafts
from recommendations.api.problems import INVALID, Failed, Invalid
from recommendations.api.resources import RESOURCES, Resource
from recommendations.api.schema import UPDATES, is_written
from recommendations.api.views import (
    ResourceView,
    answer,
    refuse_unknown,
    row_text,
    tag_of,
    with_lines,
)
from recommendations.forms.evidence import EvidenceForm
from recommendations.forms.updates import DecisionForm, NoChangeForm, UpdateForm, form_for
from recommendations.models import StatusUpdate, User
from recommendations.views.updates.form import new_update, scope_of, update_for
from recommendations.views.updates.review import review_shown

LONGEST_KEY = 255
ABOUT = next(each for each in RESOURCES if each.address == "recommendations/")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request asks for: by whom, of which row, and what it sent."""

    request: Any
    by: User
    about: Any
    body: Mapping[str, Any]

    def form(self, made: Callable[[QueryDict], Any]) -> Any:
        """The form of the page, with what was sent; what is wrong is told as the page tells it."""
        data = QueryDict(mutable=True)
        form = made(data)
        for name, value in self.body.items():
            data[form.add_prefix(name)] = _as_sent(form.fields.get(name), name, value)
        form = made(data)
        if not form.is_valid():
            raise Invalid(form.errors)
        return form


def _as_sent(known: Any, name: str, value: Any) -> Any:
    """A value of JSON as a form has it; refused where the form has no such field or value."""
    if known is None or not is_written(name, known):
        raise Invalid({name: [_("There is no field or parameter of this name.")]})
    if value is None:
        return ""
    wanted: type = str
    if isinstance(known, forms.BooleanField):
        wanted = bool
    elif isinstance(known, forms.ModelChoiceField):
        wanted = int
    if type(value) is not wanted:
        raise Invalid({name: [INVALID]})
    return value if wanted is bool else str(value)


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """One address: how its row is found, the form of what is sent, and the action."""

    address: str
    name: str
    """What it is called in the description."""
    act: Callable[[Sent], StatusUpdate]
    scope: str
    is_open: Callable[[Any], bool] = permissions.can_write
    fields: Mapping[str, Any] = field(default_factory=dict)
    method: str = "post"
    read: Resource | None = None
    """What must be as it was read: the row of this resource, whose tag ``If-Match`` names."""
    is_new: bool = False


def _begin(sent: Sent) -> StatusUpdate:
    update = new_update(sent.about, None, sent.by, None)
    form = sent.form(lambda data: form_for(data, update=update, person=sent.by))
    return drafts.save_update(update=update, by=sent.by, values=form.values())


def _save(sent: Sent) -> StatusUpdate:
    update = sent.about
    form = sent.form(lambda data: form_for(data, update=update, person=sent.by))
    return drafts.save_update(
        update=update, by=sent.by, values=form.values(), expected_version=update.version
    )


def _submit(sent: Sent) -> StatusUpdate:
    sent.form(forms.Form)
    return drafts.save_update(
        update=sent.about,
        by=sent.by,
        values={},
        expected_version=sent.about.version,
        is_final=True,
    )


def _withdraw(sent: Sent) -> StatusUpdate:
    sent.form(forms.Form)
    return drafts.withdraw_update(
        update=sent.about, by=sent.by, expected_version=sent.about.version
    )


def _attach(sent: Sent) -> StatusUpdate:
    form = sent.form(
        lambda data: EvidenceForm(data, MultiValueDict(), claim=sent.about, person=sent.by)
    )
    evidence_items.attach_evidence(to=sent.about, by=sent.by, items=form.items())
    update: StatusUpdate = sent.about
    return update


def _approve(sent: Sent) -> StatusUpdate:
    given = sent.form(DecisionForm).cleaned_data
    seen = review_shown(sent.about, sent.by)
    return decisions.approve_update(update=sent.about, by=sent.by, seen=seen, **given)


def _return(sent: Sent) -> StatusUpdate:
    given = sent.form(DecisionForm).cleaned_data
    seen = review_shown(sent.about, sent.by)
    return decisions.return_update(update=sent.about, by=sent.by, seen=seen, note=given["note"])


def _no_change(sent: Sent) -> StatusUpdate:
    given = sent.form(NoChangeForm).cleaned_data
    return decisions.no_change(
        recommendation=sent.about, by=sent.by, basis=sent.about.current_update_id, **given
    )


ON, OF = "recommendations/<code:reference>/", "updates/<int:number>/"
_DECISION = {name: DecisionForm.base_fields[name] for name in ("note", "confirm_contradictions")}

WRITES: tuple[Write, ...] = (
    Write(
        f"{ON}updates/",
        "beginUpdate",
        _begin,
        "can_report",
        fields=UpdateForm.base_fields,
        is_new=True,
    ),
    Write(
        f"{ON}no-change/",
        "confirmNoChange",
        _no_change,
        "can_report",
        fields=NoChangeForm.base_fields,
        read=ABOUT,
        is_new=True,
    ),
    Write(
        OF,
        "saveUpdate",
        _save,
        "can_report",
        fields=UpdateForm.base_fields,
        method="patch",
        read=UPDATES,
    ),
    Write(f"{OF}evidence/", "addEvidence", _attach, "can_report", fields=EvidenceForm.base_fields),
    Write(f"{OF}submit/", "submitUpdate", _submit, "can_report", read=UPDATES),
    Write(f"{OF}withdraw/", "withdrawUpdate", _withdraw, "can_report", read=UPDATES),
    Write(
        f"{OF}approve/",
        "approveUpdate",
        _approve,
        "can_review",
        permissions.can_review,
        _DECISION,
        read=UPDATES,
    ),
    Write(
        f"{OF}return/",
        "returnUpdate",
        _return,
        "can_review",
        permissions.can_review,
        _DECISION,
        read=UPDATES,
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

    def change(self, request: Any, **about: Any) -> HttpResponse:
        """Do what is asked; the answer is the update that it made or changed, as it is then."""
        refuse_unknown(request, frozenset())
        write = self.writes[request.method.lower()]
        key = request.headers.get("Idempotency-Key", "")
        if len(key) > LONGEST_KEY:
            raise Failed(HTTPStatus.BAD_REQUEST, str(INVALID))
        body = request.data
        asked = json.dumps([request.method, request.path, body], sort_keys=True)

        def act() -> StatusUpdate:
            # Under the lock of the chain: what was read stays so until it is changed.
            require_as_read(write, request, about)
            return write.act(Sent(request, request.user, _row(request, about), body))

        made, is_again = personal.once(by=request.user, key=key, asked=asked, act=act)
        status = HTTPStatus.CREATED if write.is_new else HTTPStatus.OK
        address = reverse("api-updates", args=[made])
        replayed = {"Idempotent-Replayed": "true"} if is_again else {}
        return answer(
            request, _read(UPDATES, request, {"number": made}), status, Location=address, **replayed
        )


def _row(request: Any, about: Mapping[str, Any]) -> Any:
    """The update that an address names, or the recommendation; 404 where the page has that."""
    if "number" in about:
        return update_for(request.user, about["number"])
    recommendation, _addressee = scope_of(request, about["reference"])
    return recommendation


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
    return row_text(resource, with_lines(resource.list.list_of(request)), request, about)


def views() -> list[tuple[str, Any, str]]:
    """All addresses, each with its view and its name: read, written, or both."""
    found: dict[str, dict[str, Any]] = {}
    for resource in RESOURCES:
        found[resource.address] = {"resource": resource}
        if resource.key:
            kind = {"number": "int", "slug": "slug"}.get(resource.key, "code")
            one = f"{resource.address}<{kind}:{resource.key}>/"
            found[one] = {"resource": resource, "is_one": True}
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
    one = told.get("is_one") and told["resource"]
    return f"api-{one.address.strip('/')}" if one else ""
