"""Refusals as ``application/problem+json`` (RFC 9457), in the words of the pages."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from recommendations.actions.base import ActionRefused, NotAsSeen, StaleWrite
from recommendations.actions.imports.findings import Findings
from recommendations.actions.imports.pipeline import ImportRefused
from recommendations.actions.personal import KeyUsed
from recommendations.characters import replace_invalid
from recommendations.models.fields import validate_readable
from recommendations.queries.days import NoSuchDays, NothingThen
from recommendations.views.errors import problem

INVALID = RegexValidator.message
"""What Django says of a value that a field does not take."""


class Invalid(Exception):
    """Fields, or parameters, with what is wrong with each."""

    def __init__(self, errors: Mapping[str, Any], *, kind: str = "pointer") -> None:
        self.errors, self.kind = errors, kind
        super().__init__()


def no_field(*names: str, kind: str = "pointer") -> Invalid:
    """Of names that mean nothing there: a filter that filters nothing misleads."""
    words = [_("There is no field or parameter of this name.")]
    return Invalid(dict.fromkeys(names, words), kind=kind)


def require_readable(name: str, words: Iterable[str], kind: str = "parameter") -> None:
    """Refuse what no text may hold: a database would."""
    try:
        for word in words:
            validate_readable(word)
    except ValidationError as error:
        raise Invalid({replace_invalid(name): error.messages}, kind=kind) from error


class Failed(Exception):
    """A request that does not say what it must, as RFC 9110 has it."""

    def __init__(self, status: HTTPStatus, detail: str = "", current: Any = None) -> None:
        self.status, self.detail, self.current = status, detail, current
        super().__init__(detail)


def problem_of(error: Exception) -> HttpResponse | None:
    """The answer to what was raised; nothing for a fault of ours."""
    match error:
        case Invalid():
            return problem(400, errors=list(_listed(error.errors, error.kind)))
        case ValidationError():
            found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            return problem(400, errors=list(_listed(found, "pointer")))
        case StaleWrite() | NotAsSeen():
            rows = error.differences if isinstance(error, StaleWrite) else error.changes
            differences = [
                {"pointer": f"#/{row.field}", "before": row.before, "after": row.after}
                for row in rows
            ]
            return problem(412, str(error), differences=differences)
        case ImportRefused():
            return problem(409, str(error), errors=found_in(error.plan.findings))
        case Failed():
            return problem(error.status, error.detail, current=error.current)
        case exceptions.APIException():
            return _of_framework(error)
    status = next((code for kind, code in _STATUSES if isinstance(error, kind)), None)
    words = "" if isinstance(error, Http404) else str(error)
    return problem(status, words) if status else None


_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (KeyUsed, 422),
    (ActionRefused, 409),
    (PermissionDenied, 403),
    (NothingThen, 404),
    (Http404, 404),
    (NoSuchDays, 400),
    (BadRequest, 400),
)
"""The first that fits."""


def _of_framework(error: exceptions.APIException) -> HttpResponse:
    response = problem(error.status_code, str(error.detail))
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _listed(errors: Mapping[str, Any], kind: str) -> Iterator[dict[str, str]]:
    for name, words in errors.items():
        at = f"#/{name}" if kind == "pointer" and name != "__all__" else name
        for word in words:
            yield {kind: "#" if at in ("__all__", "#/") else at, "detail": str(word)}


def found_in(findings: Findings) -> list[dict[str, Any]]:
    """What an import found in rows of a file, those first that it rejects."""
    return [
        {"row": each.row, "code": each.code.value, "detail": each.message or str(group.code.label)}
        for group in findings.groups
        for each in group.findings
    ]
