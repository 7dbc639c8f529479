"""What an action refused, told where the person who filled in the form will look for it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.forms import BaseForm


def take(form: BaseForm, error: ValidationError) -> None:
    """Put the errors of an action to their fields, and those of other fields to the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
