"""Files in a form: several at once, and none is lost when something else in the form is wrong.

A browser does not send a file twice. So a file that came in is stored at once and comes back to the
form as a *ticket*: signed, so that nobody can claim bytes that they never had, and for the person
who sent it alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.actions.evidence.files import Received, accepted_types, receive
from recommendations.permissions import Person
from recommendations.readers import media_types

SALT = "recommendations.evidence-file"
TICKETS = "tickets"
"""Name under which files that came in before are sent again."""

TICKET_SECONDS = 12 * 60 * 60
"""Seconds for which a ticket is valid; bytes without an item are kept longer than that."""


SentFiles = MultiValueDict[str, UploadedFile]


class FilesInput(forms.ClearableFileInput):
    """Picks several files; browsers let people drop files on it as well."""

    allow_multiple_selected = True

    def value_from_datadict(
        self, data: object, files: Mapping[str, UploadedFile], name: str
    ) -> list[UploadedFile]:
        getlist = getattr(files, "getlist", None)
        if getlist is not None:
            return list(getlist(name))
        one = files.get(name)
        return [one] if one else []


class FilesField(forms.FileField):
    """Files that a browser sent, as they are; ``take_in`` looks at what they hold."""

    widget = FilesInput

    def clean(
        self, data: Iterable[UploadedFile] | None, initial: object = None
    ) -> list[UploadedFile]:
        return list(data or [])


@dataclass(frozen=True, slots=True)
class Ticket:
    """A file that came in, as a form shows it; ``token`` brings it back."""

    token: str
    name: str
    size: int
    label: str


class FilesForm(forms.Form):
    """A form that takes files: whatever else in it is wrong, those that came in are not lost.

    ``received`` is what came in, ``tickets`` what brings it back. Scripts and pages count on the
    prefix: a file that is sent on its own comes back as a ticket of this same form.
    """

    prefix = "evidence"

    uploads = FilesField(label=gettext_lazy("Files"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        files: SentFiles | None = None,
        *,
        person: Person,
        form_id: str = "",
        most: int = 0,
        **kwargs: Any,
    ) -> None:
        """``form_id`` is the form on the page that the fields belong to, if it is another.

        ``most`` is how many files it takes, as many as the site allows where it is 0.
        """
        super().__init__(data, files, **kwargs)
        self.person = person
        self.form_id = form_id
        self.received: list[Received] = []
        most = most or settings.EVIDENCE_MAX_FILES
        uploads = self.fields["uploads"]
        uploads.widget.attrs["multiple"] = most > 1
        uploads.help_text = upload_help(most)
        for field in self.fields.values():
            if form_id:
                field.widget.attrs["form"] = form_id

    @property
    def tokens(self) -> list[str]:
        """Tickets of files that came in before."""
        getlist = getattr(self.data, "getlist", None)
        return list(getlist(self.add_prefix(TICKETS))) if getlist else []

    @property
    def tickets(self) -> list[Ticket]:
        """Files that came in, to be sent again with the form, looked over now if not yet."""
        self.is_valid()
        return [ticket_for(received, self.person) for received in self.received]

    @property
    def most_bytes(self) -> int:
        """The largest file that is taken."""
        return int(settings.EVIDENCE_MAX_BYTES)

    def has_files(self) -> bool:
        """Whether any file was chosen, or came in before."""
        return bool(self.tokens) or self.add_prefix("uploads") in self.files

    def clean(self) -> dict[str, Any]:
        """Takes the files in first: whatever else is wrong, they are not to be chosen again."""
        cleaned = super().clean() or {}
        self.received, refused = receive_files(
            cleaned.get("uploads") or [], self.tokens, self.person
        )
        for error in refused:
            self.add_error("uploads", error)
        return cleaned


def upload_help(most: int) -> str:
    """How many files of which size and kinds may be chosen, in words."""
    words = ngettext(
        "One file of at most %(size)s: %(kinds)s.",
        "Up to %(n)d files of at most %(size)s each: %(kinds)s.",
        most,
    )
    size = filesizeformat(settings.EVIDENCE_MAX_BYTES)
    return words % {"n": most, "size": size, "kinds": ", ".join(accepted_types()).upper()}


def ticket_for(received: Received, person: Person) -> Ticket:
    """The ticket of a file for the person who sent it."""
    kind = media_types.type_named(received.media_type)
    token = signing.dumps({**asdict(received), "person": person.pk}, salt=SALT, compress=True)
    return Ticket(token, received.name, received.size, str(kind.label) if kind else "")


def file_of_ticket(token: str, person: Person) -> Received:
    """The file of a ticket; ``ValidationError`` where the ticket is not valid or has expired."""
    try:
        held = signing.loads(token, salt=SALT, max_age=TICKET_SECONDS)
        if held.pop("person") != person.pk:
            raise signing.BadSignature
        return Received(**held)
    except (signing.BadSignature, TypeError, KeyError) as error:
        raise ValidationError(
            _("A file chosen earlier is no longer available. Choose the file again."), code="ticket"
        ) from error


def receive_files(
    files: list[UploadedFile], tokens: list[str], person: Person
) -> tuple[list[Received], list[ValidationError]]:
    """Files that were sent and files that came in before, and why others are not taken.

    The same bytes are taken once. What came in before stays, also where there are too many.
    """
    taken: dict[str, Received] = {}
    errors: list[ValidationError] = []
    for token in tokens:
        try:
            received = file_of_ticket(token, person)
            taken.setdefault(received.sha256, received)
        except ValidationError as error:
            errors.append(error)
    most = settings.EVIDENCE_MAX_FILES
    if len(taken) + len(files) > most:
        too_many = _("At most %d files at once. Remove some files.") % most
        errors.append(ValidationError(too_many, code="too_many"))
    for file in files[: max(most - len(taken), 0)]:
        try:
            received = receive(file)
            taken.setdefault(received.sha256, received)
        except ValidationError as error:
            errors.append(error)
    return list(taken.values()), errors
