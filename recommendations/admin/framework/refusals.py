"""What one request of the administration writes, and what the actions refused of it.

A form of the administration may write a thing and rows under it, each by an action of its own, in
one transaction. Where an action refuses, the transaction rolls back and the same request runs once
more: then each form that was refused tells why, with all that was typed, and nothing is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import HttpRequest

from recommendations.actions.errors import ActionRefused, StaleWrite
from recommendations.admin.framework.conflicts import show_conflict
from recommendations.forms.fields import add_form_errors


class RolledBack(Exception):
    """An action refused, so nothing that the request wrote stays."""


@dataclass
class RequestWrites:
    """The outcome of the actions that one request called."""

    refusals: dict[str, Exception] = field(default_factory=dict)
    """By the prefix of the form; that of the thing itself has none."""
    notes: list[str] = field(default_factory=list)
    """What the person is told once all is written."""
    is_rolled_back: bool = False
    has_written: bool = False

    def attempt(self, form: BaseForm, act: Callable[[], Any]) -> Any:
        """What the action of a form returns; ``None`` where it refused."""
        if self.is_rolled_back:
            raise RuntimeError("a request that was rolled back writes nothing")
        try:
            made = act()
        except (ActionRefused, PermissionDenied, ValidationError) as refusal:
            self.refusals[form.prefix or ""] = refusal
            return None
        self.has_written = True
        return made

    def roll_back_if_refused(self) -> None:
        """Leave the transaction; every action that could be tried was tried by then."""
        if self.refusals:
            self.is_rolled_back = True
            raise RolledBack

    def refusal_of(self, form: BaseForm) -> Exception | None:
        """What the action of a form refused before the request was rolled back."""
        return self.refusals.get(form.prefix or "") if self.is_rolled_back else None


def writes_of(request: HttpRequest) -> RequestWrites:
    """The writes of this request."""
    writes: RequestWrites = request.__dict__.setdefault("admin_writes", RequestWrites())
    return writes


def show_refusal(form: Any, refusal: Exception) -> None:
    """Put what an action refused on its form: to the fields that it names, else to the form."""
    if isinstance(refusal, StaleWrite):
        show_conflict(form, refusal.current)
    elif isinstance(refusal, ValidationError):
        add_form_errors(form, refusal)
    else:
        form.add_error(None, str(refusal))
