"""Fields that forms share, and how a refused action is shown on a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms import BaseForm

from recommendations.models.fields import (
    PROSE_LENGTH,
    validate_readable,
    validate_single_line,
)


def add_form_errors(form: BaseForm, error: ValidationError) -> None:
    """Put the errors of an action to their fields, and those of other fields to the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


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

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n").replace("\r", "\n")


class LineFormField(forms.CharField):
    """One readable line."""

    default_validators = [validate_readable, validate_single_line]

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(max_length=max_length, **kwargs)


class DayField(forms.DateField):
    """A day, in the form that a browser's own date box reads and sends."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
