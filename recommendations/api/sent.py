"""What is sent to the API, as the form of the page takes it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from recommendations.api.parsing import Digits
from recommendations.api.problems import INVALID, Invalid, no_field, require_readable
from recommendations.api.resources import KEYS
from recommendations.forms.fields import NumberFormField
from recommendations.models import User
from recommendations.pickers import FIND
from recommendations.views.access import recommendation_for
from recommendations.views.updates.form import update_for

LONGEST_KEY = 255
"""Characters of an ``Idempotency-Key``, at most."""

# ---- How a field of a form is written


def is_written(name: str) -> bool:
    """Whether a field of a form is one of the API, rather than one that looks for rows."""
    return name not in (FIND, "words")


def rows_of(known: Any) -> QuerySet[Any]:
    """Those that a field chooses among."""
    if known.queryset is None:
        rows: QuerySet[Any] = known.picker.rows(AnonymousUser(), {})
        return rows
    found: QuerySet[Any] = known.queryset
    return found


def path_of(model: type[Model]) -> str:
    """The column that names rows of a table: as in the address of one, else a short name."""
    name = KEYS.get(model, "slug")
    return "pk" if name == "number" else name


def kind_sent(known: Any) -> type:
    """What a value is in JSON."""
    if isinstance(known, forms.ModelChoiceField):
        return int if path_of(rows_of(known).model) == "pk" else str
    if isinstance(known, forms.BooleanField):
        return bool
    return int if isinstance(known, forms.IntegerField) else str


# ---- What was sent


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request asks for: by whom, of what address, and what it sent."""

    request: Any
    by: User
    at: Mapping[str, Any]
    """The parts of the address."""
    body: Mapping[str, Any]
    files: MultiValueDict[str, Any]
    plans: list[Any] = field(default_factory=list)
    """Those of an import, once it was planned."""
    once: Callable[..., AbstractContextManager[Any]] = nullcontext
    """Opens the entry in which it is done once; is given what tells the key of the row then."""

    @classmethod
    def of(cls, request: Any, at: Mapping[str, Any]) -> "Sent":
        """The words and the files of a request; a form that has files has each word once."""
        body, files = request.data, request.FILES
        if isinstance(body, QueryDict):
            words = {name: values for name, values in body.lists() if name not in files}
            if twice := [name for name, values in words.items() if len(values) > 1]:
                raise Invalid({name: [INVALID] for name in twice})
            body = {name: value for name, [value] in words.items()}
            for name, value in body.items():
                require_readable(name, [name, value], kind="pointer")
        return cls(request, request.user, at, body, files)

    @property
    def update(self) -> Any:
        """The update that the address names; 404 where the page has that."""
        return update_for(self.by, self.at["number"])

    @property
    def recommendation(self) -> Any:
        return recommendation_for(self.by, self.at["reference"])

    def form(
        self, made: Callable[..., Any], *, is_partial: bool = False, **fixed: list[str]
    ) -> Any:
        """The form of the page, with what was sent; what is wrong is told as the page tells it.

        What a form that ``is_partial`` was not sent stays as it is; ``fixed`` follows from the
        address, and cannot be sent.
        """
        form = made(QueryDict.fromkeys(self.body), MultiValueDict())
        data, files = QueryDict(mutable=True), MultiValueDict[str, Any]()
        for bound in made(None, None) if is_partial else ():
            data.setlist(bound.html_name, _as_shown(bound.value()))
        for name, value in self.body.items():
            known = None if name in fixed else form.fields.get(name)
            data.setlist(form.add_prefix(name), _as_sent(known, name, value, self.is_text))
        for name, sent in self.files.lists():
            if not isinstance(form.fields.get(name), forms.FileField):
                raise no_field(name)
            files.setlist(form.add_prefix(name), sent)
        for name, values in fixed.items():
            data.setlist(form.add_prefix(name), values)
        form = made(data, files)
        if not form.is_valid():
            raise Invalid(form.errors)
        return form

    @property
    def is_text(self) -> bool:
        """Whether values came as words, as a form with files has them."""
        return isinstance(self.request.data, QueryDict)

    @property
    def digest(self) -> str:
        """Stands for all that is asked."""
        files = [
            (name, file.name, hashlib.file_digest(file.file, "sha256").hexdigest())
            for name, sent in self.files.lists()
            for file in sent
        ]
        asked = [self.request.method, self.request.get_full_path(), self.body, files]
        return json.dumps(asked, sort_keys=True)


def _as_shown(value: Any) -> list[str]:
    """A value that a form begins with, as it would come back."""
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    if isinstance(value, bool):
        return ["on"] if value else []
    return ["" if value is None else str(value)]


def _as_sent(known: Any, name: str, value: Any, is_text: bool) -> list[str]:
    """A value of JSON as a form has it; refused where the form has no such field or value."""
    if known is None or not is_written(name) or isinstance(known, forms.FileField):
        raise no_field(name)
    if isinstance(known, forms.ModelMultipleChoiceField | forms.MultipleChoiceField):
        values = value if isinstance(value, list) else [value]
        return [_one_as_sent(known, name, each, is_text) for each in values]
    return [_one_as_sent(known, name, value, is_text)]


def _one_as_sent(known: Any, name: str, value: Any, is_text: bool) -> str:
    if value is None or value == "":
        return ""
    wanted = kind_sent(known)
    if is_text and wanted is not str:
        readings: dict[str, Any] = {"true": True, "false": False} if wanted is bool else {}
        value = readings.get(value, int(value) if _is_number(value) else None)
    # A number keeps its digits as it is, and as a text.
    is_number = isinstance(known, NumberFormField) and type(value) in (int, Digits)
    if type(value) is not wanted and not is_number:
        raise Invalid({name: [INVALID]})
    if isinstance(known, forms.ModelChoiceField):
        return _key_sent(known, name, value)
    return str(value)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _key_sent(known: Any, name: str, value: Any) -> str:
    """What a form takes for the row of this name."""
    rows = rows_of(known)
    found = None
    if "\0" not in str(value):
        keys = rows.filter(**{path_of(rows.model): value})
        found = keys.values_list(known.to_field_name or "pk", flat=True).first()
    if found is None:
        raise Invalid({name: [INVALID]})
    return str(found)
