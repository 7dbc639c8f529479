"""Forms of evidence, its files, and answers to what contradicts a status."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy, ngettext

from recommendations.actions.evidence.files import Received, accepted_types, receive
from recommendations.actions.evidence.items import (
    NOT_PUBLIC_YET,
    WITH_AN_UPDATE,
    EvidenceInput,
    day_problems,
    is_decided,
    source_problems,
    visibility_problems,
)
from recommendations.choices import (
    DatePrecision,
    EvidenceKind,
    Reliability,
    Stance,
    Visibility,
)
from recommendations.forms.fields import (
    DayField,
    LineFormField,
    ProseFormField,
    ReasonField,
    RecordForm,
    add_missing_errors,
    explained,
    labelled,
)
from recommendations.models import Evidence, EvidenceLink, Observation, Response
from recommendations.permissions import Person
from recommendations.pickers import LONGEST_WORDS
from recommendations.queries.evidence.items import (
    CHOICE,
    MOST_OFFERED,
    Claim,
    Offered,
    free_items,
    offered_items,
)
from recommendations.queries.shown import Shown
from recommendations.readers import opening

# ---- Files in a form: several at once, and none is lost when something else in the form is wrong.
# A browser does not send a file twice. So a file that came in is stored at once and comes back to
# the form as a *ticket*: signed, so that nobody can claim bytes that they never had, and for the
# person who sent it alone.

SALT = "recommendations.evidence-file"
TICKETS = "tickets"
"""Name under which files that came in before are sent again."""

TICKET_SECONDS = 12 * 60 * 60
"""Seconds for which a ticket is valid; bytes without an item are kept longer than that."""


SentFiles = MultiValueDict[str, UploadedFile]


class FilesInput(forms.ClearableFileInput):
    """Picks several files; browsers let people drop files on it as well."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: object, files: SentFiles, name: str) -> list[UploadedFile]:
        return files.getlist(name)


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
    kind = opening.type_named(received.media_type)
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
            gettext("A file chosen earlier is no longer available. Choose the file again."),
            code="ticket",
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
        too_many = gettext("At most %d files at once. Remove some files.") % most
        errors.append(ValidationError(too_many, code="too_many"))
    for file in files[: max(most - len(taken), 0)]:
        try:
            received = receive(file)
            taken.setdefault(received.sha256, received)
        except ValidationError as error:
            errors.append(error)
    return list(taken.values()), errors


# ---- Forms of evidence: an item for a claim, an item of its own, an answer, a check

FIND = "find"
"""The ``move`` of the button that looks for recorded items and adds nothing yet."""

_LINK, _PICK, _GIVEN = ("url", "citation"), ("existing", "find"), ("uploads", "existing")
_REST = ("kind", "publisher", "effective_on", "visibility")
_TYPED = ("title", *_LINK, "existing", "why", "publisher", "effective_on")


@labelled(Evidence)
class EvidenceForm(FilesForm):
    """Evidence for an update, a response or a figure, with what it does for the claim.

    One item, or one for each file where several are given.
    """

    stance = forms.ChoiceField(
        label=capfirst(gettext_lazy("role of the evidence")),
        choices=[
            (stance.value, stance.label)
            for stance in (Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND)
        ],
        widget=forms.RadioSelect,
        initial=Stance.SUPPORTS,
        required=False,
        help_text=explained(Stance),
    )
    title = LineFormField(
        max_length=300,
        help_text=gettext_lazy("May be empty for a file: then the file name becomes the title."),
    )
    url = forms.URLField(max_length=500, required=False, assume_scheme="https")
    citation = ProseFormField(
        rows=2,
        help_text=gettext_lazy("If there is no web address: enough detail to find the source."),
    )
    kind = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("By default: web page for a link, else document")),
            *EvidenceKind.choices,
        ],
        required=False,
        help_text=explained(EvidenceKind),
    )
    publisher = LineFormField()
    effective_on = DayField(label=gettext_lazy("Date of the evidence"))
    visibility = forms.ChoiceField(
        choices=Visibility.choices,
        initial=Visibility.INTERNAL,
        required=False,
        help_text=explained(Visibility),
    )
    find = LineFormField(
        label=gettext_lazy("Words of the title, publisher or citation"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    existing = forms.ModelChoiceField(
        Evidence.objects.none(),
        label=gettext_lazy("Evidence already recorded"),
        required=False,
        empty_label=gettext_lazy("Choose an evidence item"),
    )
    why = ProseFormField(label=capfirst(gettext_lazy("relevance")), rows=2)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        files: SentFiles | None = None,
        *,
        claim: Claim,
        person: Person,
        form_id: str = "",
        picked: int | None = None,
    ) -> None:
        """``form_id`` is the form on the page that the fields belong to, if it is another.

        A new form begins with the recorded item ``picked``, by its key.
        """
        super().__init__(data, files, person=person, form_id=form_id)
        self.claim = claim
        self.is_finding = (data or {}).get("move") == FIND
        picking: Any = self.fields["existing"]
        picking.queryset = free_items(claim, person)
        picking.initial = picked
        if is_decided(claim):
            keep_internal(self.fields["visibility"], self.is_bound, NOT_PUBLIC_YET)
            self._take_only_against()
        # Read where it is shown: a form that was sent is checked without.
        picking.choices = lambda: [
            ("", picking.empty_label),
            *((item.pk, item.name) for item in self.found),
        ]

    def _take_only_against(self) -> None:
        """Offer the one role that evidence may have which comes after the decision."""
        stance: Any = self.fields["stance"]
        stance.choices = [(Stance.UNDERMINES.value, Stance.UNDERMINES.label)]
        stance.initial, stance.required = Stance.UNDERMINES, True
        stance.error_messages |= dict.fromkeys(("invalid_choice", "required"), WITH_AN_UPDATE)

    @cached_property
    def found(self) -> list[Offered]:
        """The items that are offered, the nearest first."""
        picking: Any = self.fields["existing"]
        words = str(self["find"].value() or "")[:LONGEST_WORDS]
        picked = self["existing"].value()
        return offered_items(picking.queryset, self.claim, self.person, words, picked)

    @property
    def claim_query(self) -> str:
        """The claim, as the address at which items are looked for wants it."""
        about: dict[str, Any] = {"form": self.form_id} if self.form_id else {}
        if isinstance(self.claim, Observation):
            about["figure"] = self.claim.pk
        elif isinstance(self.claim, Response):
            about["response"] = self.claim.pk
        elif self.claim._state.adding:
            about["recommendation"] = self.claim.recommendation.reference
        else:
            about["update"] = self.claim.pk
        return urlencode(about)

    @property
    def most_offered(self) -> int:
        return MOST_OFFERED

    @property
    def kept(self) -> dict[str, bool]:
        """Which folded parts hold something, or something wrong, and so are shown open."""
        parts = {"link": _LINK, "pick": _PICK, "rest": _REST}
        return {
            part: (part == "pick" and self.is_picked)
            or (
                self.is_bound
                and any(
                    self[name].errors
                    or self[name].value() not in ("", None, self.fields[name].initial)
                    for name in names
                )
            )
            for part, names in parts.items()
        }

    @property
    def is_picked(self) -> bool:
        """Whether a new form begins with a recorded item."""
        return not self.is_bound and self.fields["existing"].initial is not None

    def is_filled(self) -> bool:
        """Whether anything was typed, picked or chosen, whatever button was used."""
        is_typed = any(str(self.data.get(self.add_prefix(name), "")).strip() for name in _TYPED)
        return is_typed or self.has_files()

    def clean(self) -> dict[str, Any]:
        """Tell all that the action would refuse, but of what a refused field was to give."""
        cleaned = super().clean()
        if self.is_finding:
            return cleaned
        has_file, is_picked = bool(self.received), bool(cleaned.get("existing"))
        is_given = has_file or is_picked or not self.errors.keys().isdisjoint(_GIVEN)
        problems = {} if is_given else source_problems(cleaned)
        problems |= day_problems(cleaned, timezone.localdate())
        if not self.errors.keys().isdisjoint(_LINK):
            problems.pop("url", None)
        if has_file or not is_picked:
            problems |= visibility_problems(cleaned, self.claim)
        add_missing_errors(self, problems)
        return cleaned

    def items(self) -> list[EvidenceInput]:
        """What was given, for the action: what is picked, and each file or the one new item."""
        given = dict(self.cleaned_data)
        del given["uploads"], given["find"]
        stance = given.pop("stance") or Stance.SUPPORTS
        why = given.pop("why")
        offers = []
        if existing := given.pop("existing"):
            seen = self._seen(existing)
            offers.append(EvidenceInput(stance=stance, why=why, evidence=existing, seen=seen))
        known = DatePrecision.DAY if given["effective_on"] else DatePrecision.UNKNOWN
        is_page = given["url"] and not self.received
        values = {
            **given,
            "kind": given["kind"] or (EvidenceKind.WEB_PAGE if is_page else EvidenceKind.DOCUMENT),
            "visibility": given["visibility"] or Visibility.INTERNAL,
            "effective_precision": known,
        }
        if not self.received:
            return offers or [EvidenceInput(stance=stance, why=why, values=values)]
        return offers + [
            EvidenceInput(stance=stance, why=why, values=self._titled(values, file), file=file)
            for file in self.received
        ]

    def _seen(self, item: Evidence) -> Shown | None:
        """What was shown of the picked item; a program that names one was shown nothing."""
        shown = Shown.sent(self.data, CHOICE, item.pk)
        return shown if shown.field_name in self.data else None

    def _titled(self, values: dict[str, Any], file: Received) -> dict[str, Any]:
        """The values of one file's item: the title is its own where several share the form."""
        title = values["title"]
        if not title:
            title = file.name.rpartition(".")[0] or file.name
        elif len(self.received) > 1:
            title = f"{title[:140]}: {file.name}"
        return {**values, "title": title}


def added_text(links: Iterable[EvidenceLink]) -> str:
    """That evidence was linked, and whether readers outside see it only once another agrees."""
    if any(link.is_withheld for link in links):
        return gettext("Evidence added. The public sees it once another manager agrees.")
    return gettext("Evidence added.")


class ItemForm(RecordForm):
    """The description of an item, as far as users edit it."""

    class Meta(RecordForm.Meta):
        model = Evidence
        fields = (
            *("title", "kind", "description", "url", "citation", "publisher", "effective_on"),
            *("effective_precision", "retrieved_on", "expires_on", "visibility"),
        )
        labels = {
            "effective_on": gettext_lazy("Date of the evidence"),
            "effective_precision": gettext_lazy("Precision of the date"),
        }
        help_texts = {
            "expires_on": gettext_lazy("From the following day, this evidence no longer counts.")
        }
        widgets = dict.fromkeys(("description", "citation"), forms.Textarea({"rows": 2}))

    def __init__(self, data: Any, item: Evidence, *, not_public_because: str = "") -> None:
        super().__init__(data, item)
        keep_internal(self.fields["visibility"], self.is_bound, not_public_because)

    def values(self) -> dict[str, Any]:
        """What was sent, by field; what was not sent stays as it is."""
        return {name: value for name, value in super().values().items() if name in self.data}


def keep_internal(field: forms.Field, is_sent: bool, why: str | Promise) -> None:
    """Say beforehand why an item cannot be made public; what was sent all the same is refused."""
    if why:
        field.disabled = not is_sent
        field.help_text = str(why)


class NewerFileForm(FilesForm):
    """A newer file of an item, with what is new in it."""

    note = LineFormField(label=capfirst(gettext_lazy("changes in this file")))

    def __init__(
        self, data: Mapping[str, Any] | None, files: SentFiles | None = None, *, person: Person
    ) -> None:
        super().__init__(data, files, person=person, most=1)
        self.fields["uploads"].label = gettext_lazy("New file")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.received and "uploads" not in self.errors:
            self.add_error("uploads", gettext("Choose the new file."))
        elif len(self.received) > 1:
            self.add_error(
                "uploads", gettext("An evidence item has one current file. Choose one file only.")
            )
        return cleaned

    def values(self) -> dict[str, Any]:
        """The one file that came in, and what is new in it."""
        return {"file": self.received[0], "note": self.cleaned_data["note"]}


class CheckForm(forms.Form):
    """The result of a check of an item."""

    prefix = "check"

    reliability = forms.ChoiceField(
        label=capfirst(gettext_lazy("reliability")),
        choices=[
            ("", gettext_lazy("Keep the current reliability rating")),
            *(pair for pair in Reliability.choices if pair[0] != Reliability.NOT_JUDGED),
        ],
        required=False,
        help_text=explained(Reliability),
    )
    note = ProseFormField(
        label=capfirst(gettext_lazy("note")),
        rows=2,
        help_text=gettext_lazy("Internal. Not shown to the public."),
    )


# ---- Forms that end evidence against an update: its answer, or the reason why it no longer counts


class ContradictionForm(forms.Form):
    """What ends an item that contradicts an update; one of several on a page."""

    route: ClassVar[str]
    heading: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    anchor = ""
    """The id of its place on a page: of the first answer there, which other pages lead to."""

    @classmethod
    def about(cls, link_id: int, data: Mapping[str, Any] | None = None) -> Self:
        """The form about one link, with ids of its own."""
        return cls(data, auto_id=f"id_{cls.route}_{link_id}_%s")


class AnswerForm(ContradictionForm):
    """The answer to an item that contradicts an update."""

    route = "evidence-answer"
    heading = gettext_lazy("Answer contradiction")
    button = gettext_lazy("Record answer")

    text = ProseFormField(
        label=gettext_lazy("Your answer"),
        required=True,
        error_messages={"required": gettext_lazy("Enter the answer to this contradiction.")},
    )


class EndForm(ContradictionForm):
    """Why a contradiction that another person added no longer counts."""

    route = "evidence-end"
    heading = gettext_lazy("Remove contradiction")
    button = gettext_lazy("Remove contradiction")

    reason = ReasonField(
        help_text=gettext_lazy(
            "The reason is shown in the review of the update and stays on record."
        ),
    )
