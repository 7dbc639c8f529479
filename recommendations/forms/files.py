"""Files in a form: several at once, and none is lost when something else in the form is wrong.

A browser does not send a file twice. So a file that came in is stored at once and comes back to the
form as a *ticket*: signed, so that nobody can claim bytes that they never had, and for the person
who sent it alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from recommendations.actions.files import Received, receive
from recommendations.readers import media_types

SALT = "recommendations.evidence-file"
KEPT_FOR = 12 * 60 * 60
"""Seconds for which a ticket is good; bytes that nobody attached are kept longer than that."""


class FilesInput(forms.ClearableFileInput):
    """Picks several files; browsers let people drop files on it as well."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        getlist = getattr(files, "getlist", None)
        if getlist is not None:
            return list(getlist(name))
        one = files.get(name)
        return [one] if one else []


class FilesField(forms.FileField):
    """Files that a browser sent, as they are; ``take_in`` looks at what they hold."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return list(data or [])


@dataclass(frozen=True, slots=True)
class Ticket:
    """A file that came in, as a form shows it; ``token`` brings it back."""

    token: str
    name: str
    size: int
    label: str


def ticket_for(received: Received, person: Any) -> Ticket:
    """The ticket of a file for the person who sent it."""
    kind = media_types.named(received.media_type)
    token = signing.dumps({**asdict(received), "person": person.pk}, salt=SALT, compress=True)
    return Ticket(token, received.name, received.size, str(kind.label) if kind else "")


def redeem(token: str, person: Any) -> Received:
    """The file that a ticket stands for; ``ValidationError`` where it is no good any more."""
    try:
        held = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
        if held.pop("person") != person.pk:
            raise signing.BadSignature
        return Received(**held)
    except (signing.BadSignature, TypeError, KeyError) as error:
        raise ValidationError(
            _("A file that was chosen earlier is no longer there: choose it again."), code="ticket"
        ) from error


def take_in(
    files: list[UploadedFile], tokens: list[str], person: Any
) -> tuple[list[Received], list[ValidationError]]:
    """Files that were sent and files that came in before, and why others are not taken.

    The same bytes are taken once.
    """
    taken: dict[str, Received] = {}
    errors: list[ValidationError] = []
    most = settings.EVIDENCE_MAX_FILES
    if len(files) + len(tokens) > most:
        return [], [ValidationError(_("At most %d files at once.") % most, code="too_many")]
    for token in tokens:
        try:
            received = redeem(token, person)
            taken.setdefault(received.sha256, received)
        except ValidationError as error:
            errors.append(error)
    for file in files:
        try:
            received = receive(file)
            taken.setdefault(received.sha256, received)
        except ValidationError as error:
            errors.append(error)
    return list(taken.values()), errors
