"""What the API is, in OpenAPI 3.1: made of its resources and writes, and of nothing else."""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxLengthValidator
from django.http import HttpResponse
from django.utils.text import capfirst
from django.utils.translation import get_language
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers

from recommendations.api.resources import REVIEW_DIGEST, Resource
from recommendations.api.sent import LONGEST_KEY, is_written, kind_sent
from recommendations.characters import LARGEST_INT
from recommendations.columns import Column, kind_of
from recommendations.exports.formats import FORMATS
from recommendations.filters.base import RowFilter
from recommendations.forms.evidence import FilesField
from recommendations.forms.fields import NumberFormField
from recommendations.models.fields import UNREADABLE
from recommendations.views.access import is_reader
from recommendations.views.errors import PROBLEM

_FIELDS: dict[type, type[serializers.Field]] = {
    bool: serializers.BooleanField,
    datetime: serializers.DateTimeField,
    date: serializers.DateField,
    Decimal: serializers.FloatField,
    int: serializers.IntegerField,
    str: serializers.CharField,
}


_KINDS_SENT = {int: partial(serializers.IntegerField, min_value=0), str: serializers.CharField}


# No pattern of characters can name halves of surrogate pairs, which are none.
_ALLOWED = UNREADABLE.pattern[1:].replace("\ud800-\udfff", "")
READABLE = f"^[^{_ALLOWED.encode('unicode_escape').decode()}*$"
"""What a text may be, as a pattern."""

EXAMPLES = Path(__file__).with_name("examples.json")
"""A row of each list, as the demonstration has it."""


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "recommendations.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class Body(serializers.Serializer):
    """What is sent: of its fields, and of no others."""


class BodyScheme(OpenApiSerializerExtension):
    target_class = Body
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        found = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**found, "additionalProperties": False}


class ErrorSerializer(serializers.Serializer):
    """What is wrong with one field of what was sent, or with one parameter."""

    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    row = serializers.IntegerField(required=False, allow_null=True)
    code = serializers.CharField(required=False)
    detail = serializers.CharField()


class DifferenceSerializer(serializers.Serializer):
    """Where what is stored differs from what was read."""

    pointer = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class ProblemSerializer(serializers.Serializer):
    """Why something was refused."""

    status = serializers.IntegerField()
    title = serializers.CharField()
    detail = serializers.CharField(required=False)
    errors = ErrorSerializer(many=True, required=False)
    differences = DifferenceSerializer(many=True, required=False)


@extend_schema_field(OpenApiTypes.BINARY)
class _File(serializers.FileField):
    """A file that is sent; what is described else is where one can be fetched."""


@extend_schema_field({"type": ["string", "number", "null"], "maxLength": 80})
class _Number(serializers.Field):
    """A number, kept digit for digit as a text as well."""


@cache
def body_serializer(write: Any, *, has_files: bool = False) -> Any:
    """What is sent, from the fields of the form; as JSON, or as a form that has files."""
    apart = forms.JSONField if has_files else forms.FileField
    fields = {
        name: _field_sent(each)
        for name, each in write.fields.items()
        if is_written(name) and not isinstance(each, apart)
    }
    suffix = "FormSerializer" if has_files else "Serializer"
    name = f"{write.name[:1].upper()}{write.name[1:]}{suffix}"
    return type(name, (Body,), fields)


def _field_sent(known: Any) -> serializers.Field:
    told: dict[str, Any] = {"required": known.required, "help_text": str(known.label or "")}
    optional = told | {"allow_null": not known.required}
    match known:
        case FilesField():
            return serializers.ListField(child=_File(), **told)
        case forms.FileField():
            return _File(**told)
        case forms.JSONField():
            return serializers.ListField(child=serializers.DictField(), **told)
        case forms.ModelMultipleChoiceField() | forms.MultipleChoiceField():
            return serializers.ListField(child=_KINDS_SENT[kind_sent(known)](), **told)
        case forms.BooleanField():
            return serializers.BooleanField(**told)
        case forms.ModelChoiceField() | forms.IntegerField():
            return _KINDS_SENT[kind_sent(known)](**optional)
        case forms.DateField():
            return serializers.DateField(**optional)
        case forms.ChoiceField() if known.choices:
            choices: Any = known.choices
            codes = [(str(code), str(label)) for code, label in choices if code]
            return serializers.ChoiceField(codes, **optional)
        case NumberFormField():
            return _Number(**told)
    longest = (e.limit_value for e in known.validators if isinstance(e, MaxLengthValidator))
    limits = {"min_length": 1 if known.required else None, "max_length": min(longest)}
    return serializers.RegexField(READABLE, **limits, **optional)


@cache
def row_serializer(resource: Resource, *, is_then: bool = False) -> Any:
    """One row, from its columns. What not everybody reads, or no list has, may be missing."""
    columns = resource.then if is_then else resource.columns
    fields = {column.name: _field_of(resource, column) for column in columns}
    if resource.more is not None:
        fields[REVIEW_DIGEST] = serializers.CharField(required=False)
    suffix = "Then" if is_then else ""
    name = f"{component_of(resource)}{suffix}Serializer"
    return type(name, (serializers.Serializer,), {**fields, "__doc__": resource.name})


def _field_of(resource: Resource, column: Column) -> serializers.Field:
    made = _FIELDS[kind_of(column, resource.model)]
    is_always = column.is_public and not column.is_apart
    return made(required=is_always, allow_null=True, help_text=resource.label(column))


def component_of(resource: Resource) -> str:
    """The name of a row in the description: of what, and under what."""
    return "".join(word.title().replace("-", "") for word in resource.words)


class Schema(AutoSchema):
    """Describes a view by what it reads, and by what each of its writes takes."""

    @property
    def resource(self) -> Resource:
        """What is read, or of what a row is given once it is written."""
        found: Resource = self.write.gives if self.write else self.view.resource
        return found

    @property
    def write(self) -> Any:
        """What is done, where something is."""
        return self.view.writes.get(self.method.lower())

    def get_operation_id(self) -> str:
        if self.write:
            return str(self.write.name)
        return f"{'get' if self.view.is_one else 'list'}{component_of(self.resource)}"

    def get_auth(self) -> list[Any]:
        """What is public needs none."""
        found: list[Any] = super().get_auth()
        is_open = not self.write and self.resource.list.is_open is is_reader
        return [*found, {}] if is_open else found

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]

    def get_description(self) -> str:
        return "" if self.write else str(capfirst(self.resource.name))

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_request_serializer(self) -> Any:
        if not (self.write and self.write.fields):
            return None
        found = {"application/json": body_serializer(self.write)}
        if self.write.has_files:
            found["multipart/form-data"] = body_serializer(self.write, has_files=True)
        return found

    def get_override_parameters(self) -> list[Any]:
        if self.write:
            headers = [OpenApiParameter("Idempotency-Key", _KEY, OpenApiParameter.HEADER)]
            if self.write.read:
                match = OpenApiParameter("If-Match", _TAGS, OpenApiParameter.HEADER, required=True)
                headers.append(match)
            return [*headers, *(OpenApiParameter(n, k) for n, k in self.write.parameters.items())]
        days = [OpenApiParameter(name, _DAY) for name in ("as_of", "known") if self.resource.then]
        if self.view.is_one:
            return days
        filters = self.resource.filters.base_filters if self.resource.filters else {}
        return [
            *(_parameter(name, each) for name, each in filters.items()),
            *(OpenApiParameter(name, kind) for name, kind in self.resource.parameters.items()),
            *days,
            OpenApiParameter("page", _NUMBER),
            OpenApiParameter("format", enum=list(FORMATS)),
        ]

    def get_response_serializers(self) -> Any:
        rows = [row_serializer(self.resource)]
        if self.write:
            code = 201 if self.write.is_new else 200
            refused = {(each, PROBLEM): ProblemSerializer for each in self._refusals()}
            if self.write.shape:
                told = self.write.shape(self._ref(rows[0]))
                return {201: told, 200: told, **refused}
            return {code: rows[0], **refused}
        if self.resource.then:
            rows.append(row_serializer(self.resource, is_then=True))
        each = _one_of([self._ref(row) for row in rows])
        found: dict[Any, Any] = {200: each}
        if not self.view.is_one:
            found = {(200, "application/json"): _one_of([_page(each), _array(each)])}
            files = [each for each in FORMATS.values() if each.code != "json"]
            found |= {(200, each.content_type.partition(";")[0]): _FILE for each in files}
        return found | {(code, PROBLEM): ProblemSerializer for code in self._refusals()}

    def _refusals(self) -> tuple[int, ...]:
        changing = (409, 412, 413, 415, 422, 428) if self.write else ()
        return (400, 401, 403, 404, *changing, 429)

    def _ref(self, serializer: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.resolve_serializer(serializer, "response").ref
        return found


class FileSchema(Schema):
    """Describes the bytes of a file, of whatever type it is."""

    def get_operation_id(self) -> str:
        return "getEvidenceFile"

    def get_auth(self) -> list[Any]:
        return [*AutoSchema.get_auth(self), {}]

    def get_response_serializers(self) -> Any:
        refused = (*self._refusals(), 409, 410, 503)
        return {(200, BYTES): _FILE} | {(code, PROBLEM): ProblemSerializer for code in refused}


_DAY = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}]}
"""A day in an address: left empty it asks for nothing, as in a form."""
_FILE = {"type": "string", "format": "binary"}
BYTES = "application/octet-stream"
_NUMBER = {"type": "integer", "minimum": 1, "maximum": LARGEST_INT}
_KEY = {"type": "string", "maxLength": LONGEST_KEY}
_TAGS = {"type": "string", "pattern": r'^"[^"]*"(, *"[^"]*")*$'}


def _one_of(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _array(each: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": each}


def _page(each: dict[str, Any]) -> dict[str, Any]:
    address = {"type": ["string", "null"], "format": "uri"}
    properties = {
        "count": {"type": "integer"},
        "is_capped": {"type": "boolean"},
        "next": address,
        "previous": address,
        "results": _array(each),
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def shape_of_import(row: dict[str, Any]) -> dict[str, Any]:
    """The answer to an import: its row, or what it would do, and what was found in rows."""
    finding = {
        "row": {"type": ["integer", "null"]},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    }
    properties = {
        "import": {"anyOf": [row, {"type": "null"}]},
        "refusal": {"type": "string"},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "findings": _array({"type": "object", "properties": finding, "required": list(finding)}),
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _parameter(name: str, found: Any) -> OpenApiParameter:
    """A filter of a page as a parameter; what can be chosen is told where it never changes."""
    told: dict[str, Any] = {"description": str(found.label or "")}
    if isinstance(found, RowFilter):
        return OpenApiParameter(name, _NUMBER, **told)
    if isinstance(found, django_filters.DateFilter):
        return OpenApiParameter(name, _DAY, **told)
    kind: dict[str, Any] = {"type": "string", "pattern": READABLE}
    choices = found.extra.get("choices")
    if choices and not callable(choices):
        kind = {"type": "string", "enum": [str(code) for code, _label in _flat(choices)]}
    is_many = isinstance(found, django_filters.MultipleChoiceFilter)
    return OpenApiParameter(name, _array(kind) if is_many else kind, **told)


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    return [
        pair
        for code, label in choices
        for pair in (label if isinstance(label, list | tuple) else [(code, label)])
    ]


class SchemaView(SpectacularJSONAPIView):
    """The description, made once for each language and process."""

    schema = None
    authentication_classes = []
    renderer_classes = [OpenApiJsonRenderer]

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        # Made by one thread at a time: what makes it keeps where it is in the views themselves.
        with _making:
            text = described(get_language())
        return HttpResponse(text, content_type="application/vnd.oai.openapi+json")


class SwaggerView(SpectacularSwaggerSplitView):
    """The same to be read; its script comes under an address of its own."""

    schema = None
    authentication_classes = []
    url_name = "api-schema"
    template_name = "api/description.html"


_making = Lock()


@cache
def described(_language: str | None) -> bytes:
    """The description as it is sent."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    for name, row in json.loads(EXAMPLES.read_text(encoding="utf-8")).items():
        made["components"]["schemas"][name]["examples"] = [row]
    found: bytes = OpenApiJsonRenderer().render(made, renderer_context={})
    return found
