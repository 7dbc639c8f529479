"""Fields that forms share, and how a refused action is shown on a form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import Model
from django.forms import BaseForm
from django.utils.translation import gettext_lazy as _

from recommendations.actions.errors import ActionRefused, StaleWrite
from recommendations.columns import label_of
from recommendations.models.fields import (
    PROSE_LENGTH,
    validate_readable,
    validate_single_line,
)

F = TypeVar("F", bound=type[BaseForm])


def labelled(model: type[Model]) -> Callable[[F], F]:
    """Gives the fields of a form that have no label of their own those of this model's columns."""

    def decorated(form: F) -> F:
        label_fields(model, form.base_fields)  # type: ignore[attr-defined]
        return form

    return decorated


def label_fields(model: type[Model], fields: Mapping[str, forms.Field]) -> None:
    """The same for fields by the names of their columns."""
    for name, field in fields.items():
        if field.label is None:
            field.label = label_of(model, name)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a form that was sent: ``made`` is what the action returned where it was done.

    Else ``status`` is that of the page with the form: 400 where something in it is wrong, 409
    where ``refusal`` says why the action cannot be done now.
    """

    status: int = 200
    made: Any = None
    refusal: ActionRefused | None = None

    @property
    def is_done(self) -> bool:
        return self.status == 200

    @property
    def stale(self) -> StaleWrite | None:
        """The refusal, where it carries what somebody else wrote meanwhile."""
        return self.refusal if isinstance(self.refusal, StaleWrite) else None


def attempt(
    form: BaseForm, act: Callable[[], Any], *, shown_apart: tuple[type[ActionRefused], ...] = ()
) -> Attempt:
    """Check a form and act; why that was not done is shown on the form, which keeps its input.

    Refusals ``shown_apart`` are not: the page has a place of its own for them.
    """
    if not form.is_valid():
        return Attempt(400)
    try:
        return Attempt(made=act())
    except ValidationError as error:
        add_form_errors(form, error)
        return Attempt(400)
    except ActionRefused as refusal:
        if not isinstance(refusal, shown_apart):
            form.add_error(None, str(refusal))
        return Attempt(409, refusal=refusal)


def add_form_errors(form: BaseForm, error: ValidationError) -> None:
    """Put the errors of an action to their fields, and those of other fields to the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def add_missing_errors(form: BaseForm, problems: Mapping[str, str]) -> None:
    """Put what an action would refuse to the fields that have no error of their own yet."""
    for name, why in problems.items():
        if name not in form.errors:
            form.add_error(name, why)


class ProseFormField(forms.CharField):
    """Several lines of readable text.

    The box has no ``maxlength``: a browser would cut a longer text that is pasted without a word.
    Browsers send CRLF; kept as LF, so that a text that comes back unchanged is unchanged.
    """

    default_validators = [validate_readable, MaxLengthValidator(PROSE_LENGTH)]

    def __init__(self, *, rows: int = 3, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


class LineFormField(forms.CharField):
    """One readable line."""

    default_validators = [validate_readable, validate_single_line]

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(max_length=max_length, **kwargs)


LONGEST_KEY = 18
"""Digits of a key that every column holds."""


class TickedRowsField(forms.ModelMultipleChoiceField):
    """Rows that are ticked, by their keys. A number that no column holds is none of them."""

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if len(str(key)) > LONGEST_KEY:
                invalid = "invalid_pk_value"
                raise ValidationError(self.error_messages[invalid], code=invalid)
        return super().clean(value)


class DayField(forms.DateField):
    """A day, in the form that a browser's own date box reads and sends."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)


class ReplacingField(forms.BooleanField):
    """Whether characters of a file that no text may hold are replaced."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Replace invalid characters with “\N{REPLACEMENT CHARACTER}”"),
            help_text=_("Otherwise rows with such a character, such as U+0081, are rejected."),
            required=False,
        )
