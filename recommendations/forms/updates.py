"""Forms of updates, and of what is recorded with them."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations import periods, pickers
from recommendations.actions.updates.drafts import (
    CONTENT_FIELDS,
    TEXT_FIELDS,
    Companion,
    CompletedAction,
    NewDate,
    NewValue,
    SentEntries,
)
from recommendations.choices import FINISHED_STATUSES, Confidence, ImplementationStatus, UpdateKind
from recommendations.forms.fields import (
    DayField,
    LineFormField,
    NumberFormField,
    ProseFormField,
    ReasonField,
    RecordForm,
    explained,
    labelled,
)
from recommendations.models import Addressee, StatusUpdate, SteeringDecision
from recommendations.models.fields import PROSE_LENGTH, validate_readable
from recommendations.permissions import Person
from recommendations.pickers import RowField
from recommendations.queries.dates import day_text
from recommendations.queries.updates.companions import Companions, MeasuredIndicator, OpenAction

# ---- The part of the form of an update that is recorded with its submission, beside the update

PREFIX = "with"


class CompanionsForm(forms.Form):
    """Completed actions, values of linked indicators, and another target date."""

    prefix = PREFIX

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        offered: Companions,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """``initial`` is what a draft holds of it, by the names of the fields."""
        self.offered = offered
        self._closed = {f"action_{row.pk}" for row in offered.actions if not row.is_open}
        super().__init__(data, initial=dict(initial or {}))
        for action in offered.actions:
            self._add_action(action)
        for indicator in offered.indicators:
            if indicator.area_id is not None:
                self._add_value(indicator)
        if offered.dates:
            self.fields["new_date"] = DayField(label=_("New target date"))
            self.fields["date_reason"] = ProseFormField(
                label=capfirst(_("reason for the change")),
                rows=2,
                help_text=_("Not shown to the public."),
            )
            self.fields["dates"] = forms.IntegerField(required=False)

    def _add_action(self, action: OpenAction) -> None:
        name = f"action_{action.pk}"
        self.fields[name] = forms.BooleanField(
            label=action.title,
            required=False,
            widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
        )
        self.fields[f"{name}_on"] = DayField(
            label=capfirst(_("completed on")), initial=timezone.localdate
        )
        self.fields[f"{name}_version"] = forms.IntegerField(required=False)

    def _add_value(self, indicator: MeasuredIndicator) -> None:
        name = f"value_{indicator.pk}"
        field = NumberFormField if indicator.is_number else LineFormField
        self.fields[name] = field(label=_("New value"))
        self.fields[f"{name}_period"] = LineFormField(label=capfirst(_("period")), max_length=20)

    def clean(self) -> dict[str, Any]:
        """Each with what belongs to it, told at its own field."""
        cleaned = super().clean() or {}
        for name in [each for each in self.fields if f"{each}_on" in self.fields]:
            if name in self._closed and cleaned.get(name):
                self.add_error(name, gettext("This action is no longer open. Clear the selection."))
            if cleaned.get(name) and f"{name}_on" not in self.errors and not cleaned[f"{name}_on"]:
                self.add_error(f"{name}_on", gettext("Enter the completion date."))
        for name in [each for each in self.fields if f"{each}_period" in self.fields]:
            self._check_value(name, cleaned)
        if cleaned.get("new_date") and not cleaned.get("date_reason", "x"):
            self.add_error("date_reason", gettext("Enter the reason."))
        if cleaned.get("date_reason") and not cleaned.get("new_date", "x"):
            self.add_error("new_date", gettext("Enter the new date."))
        return cleaned

    def _check_value(self, name: str, cleaned: dict[str, Any]) -> None:
        has_value, period = cleaned.get(name) not in (None, ""), cleaned.get(f"{name}_period", "x")
        if has_value and not period:
            self.add_error(f"{name}_period", gettext("Enter the period of the value."))
        elif period and f"{name}_period" in cleaned:
            try:
                cleaned[f"{name}_period"] = periods.normalise(period)
            except ValueError as error:
                self.add_error(f"{name}_period", ValidationError(str(error), code="period"))
            if not has_value and name not in self.errors:
                self.add_error(name, gettext("Enter the value."))

    def companions(self) -> Iterator[Companion]:
        """What is to be recorded, once it was checked."""
        given = self.cleaned_data
        for action in self.offered.actions:
            name = f"action_{action.pk}"
            if given[name]:
                version = given[f"{name}_version"] or 0
                yield CompletedAction(name, action.pk, version, given[f"{name}_on"])
        for indicator in self.offered.indicators:
            name = f"value_{indicator.pk}"
            if indicator.area_id is not None and given[name] not in (None, ""):
                key = "value" if indicator.is_number else "text"
                yield NewValue(
                    name,
                    indicator.pk,
                    indicator.area_id,
                    given[f"{name}_period"],
                    {key: given[name]},
                )
        if given.get("new_date"):
            yield NewDate("new_date", given["new_date"], given["date_reason"], given["dates"] or 0)

    @property
    def action_rows(self) -> list[tuple[OpenAction, BoundField, BoundField]]:
        """Each action with its box and its day."""
        return [
            (row, self[f"action_{row.pk}"], self[f"action_{row.pk}_on"])
            for row in self.offered.actions
        ]

    @property
    def value_rows(self) -> list[tuple[MeasuredIndicator, BoundField | None, BoundField | None]]:
        """Each indicator with the fields of a new value, where its form has any."""
        return [
            (row, self[f"value_{row.pk}"], self[f"value_{row.pk}_period"])
            if row.area_id is not None
            else (row, None, None)
            for row in self.offered.indicators
        ]

    @property
    def is_date_open(self) -> bool:
        return self._holds("new_date", "date_reason")

    @property
    def is_values_open(self) -> bool:
        return self._holds(*(name for name in self.fields if name.startswith("value_")))

    def _holds(self, *names: str) -> bool:
        return any(self[name].value() or self[name].errors for name in names if name in self.fields)


def sent_companions(post: Mapping[str, Any]) -> dict[str, str]:
    """What was sent of it, by name; nothing where all of it was left as it was."""
    mine = {
        name: str(value) for name, value in post.items() if name.startswith(f"{PREFIX}-") and value
    }
    return mine if any(_is_said(name) for name in mine) else {}


def _is_said(name: str) -> bool:
    """Whether somebody gives this, and it is not what the form sends of itself."""
    name = name.removeprefix(f"{PREFIX}-")
    return not name.endswith(("_on", "_version")) and name not in ("dates", "number")


def kept_entries(post: Mapping[str, Any]) -> SentEntries | None:
    """What a draft is to keep of it; ``None`` where the form has no such fields."""
    if f"{PREFIX}-number" not in post:
        return None
    number = str(post[f"{PREFIX}-number"])
    given = {
        name.removeprefix(f"{PREFIX}-"): str(value)
        for name, value in post.items()
        if value and name.startswith(f"{PREFIX}-")
    }
    content = {name: text for name, text in given.items() if _is_kept(name, text, given)}
    return SentEntries(content, int(number) if _NUMBER.fullmatch(number) else 0)


_NUMBER = re.compile("[0-9]{1,9}")
_KEPT = re.compile("action_[0-9]{1,18}(_on)?|value_[0-9]{1,18}(_period)?|new_date|date_reason")


def _is_kept(name: str, text: str, given: Mapping[str, str]) -> bool:
    """Whether it can be kept, and is not what the form began with: the day of an open action."""
    if not _KEPT.fullmatch(name) or len(text) > PROSE_LENGTH:
        return False
    try:
        validate_readable(text)
    except ValidationError:
        return False
    return not name.endswith("_on") or name.removesuffix("_on") in given


def ticked_actions(sent: Mapping[str, str]) -> list[int]:
    """Ids of the actions that were ticked."""
    names = (name.removeprefix(f"{PREFIX}-action_") for name in sent)
    return [int(text) for text in names if text.isascii() and text.isdigit() and len(text) < 19]


# ---- Forms on which updates are written, decided and commented on

FOLDED_FIELDS = {
    "amber": ("issue", "response_action", "response_owner"),
    "red": ("asked_for",),
    "troubled": ("public_reason",),
    "done": ("completed_on", "review_on"),
    "closed": ("closing_reason", "successor"),
    "reopened": ("reopening_reason",),
}
"""Fields that are folded together: what depends on one answer, and what is seldom needed."""


_LINES = ("response_owner", "public_reason")


class UpdateTextForm(RecordForm):
    """The texts of an update. A correction may change these and nothing else."""

    class Meta(RecordForm.Meta):
        model = StatusUpdate
        fields: tuple[str, ...] = TEXT_FIELDS
        widgets = {
            name: forms.Textarea({"rows": 4 if name == "what_happened" else 2})
            for name in TEXT_FIELDS
            if name not in _LINES
        }
        help_texts = {
            "what_happened": _(
                "Two or three sentences, with dates. The public sees only the public summary."
            ),
            "asked_for": _(
                "The decision, funding or support needed to get back on track, and from whom."
            ),
            "public_text": _(
                "Shown to the public once approved. If you leave this empty, the public sees only "
                "the status."
            ),
            "public_reason": _(
                "Why delivery is at risk or off track, in one sentence. Shown to the public once "
                "approved. Required if the recommendation is published."
            ),
            "internal_note": _("For staff and managers only."),
            "review_on": _("Required for a continuous recommendation."),
        }
        labels = {"completed_on": _("Completion date")}

    def __init__(self, data: Any, *, update: StatusUpdate) -> None:
        """``update`` has the content so far, saved or not."""
        super().__init__(data, row=update)

    def clean_as_of(self) -> date | None:
        """No update without its day; a script may leave the field out, and then the day stays."""
        day: date | None = self.cleaned_data["as_of"]
        if day is None and "as_of" in self.data:
            raise ValidationError(_("Enter the date."), code="required")
        return day

    def values(self) -> dict[str, Any]:
        """What was sent and could be read, by field; what was not sent stays as it is."""
        return {name: self.cleaned_data[name] for name in self._sent() if name in self.cleaned_data}

    def kept(self) -> dict[str, bool]:
        """Which folded parts hold something, or something wrong, and so are shown open."""
        return {
            part: any(self._holds(name) for name in names if name in self.fields)
            for part, names in FOLDED_FIELDS.items()
        }

    def _holds(self, name: str) -> bool:
        return bool(self[name].value() or self[name].errors)

    def _sent(self) -> list[str]:
        return [name for name in self.fields if name in self.data]


@labelled(StatusUpdate)
class ConfirmationForm(UpdateTextForm):
    """A confirmation that nothing changed: its day, and a sentence that may be added."""

    as_of = DayField()

    class Meta(UpdateTextForm.Meta):
        fields = ("as_of", "what_happened", "public_text", "public_reason", "internal_note")


class RetractionTextForm(UpdateTextForm):
    """A retraction that was returned: its reason, and the internal note."""

    what_happened = ReasonField(
        label=_("Reason for retraction"),
        rows=4,
    )

    class Meta(UpdateTextForm.Meta):
        fields = ("what_happened", "internal_note")


@labelled(StatusUpdate)
class UpdateForm(UpdateTextForm):
    """A whole update: three questions first, then the words, then what a claim brings with it."""

    as_of = DayField()
    implementation_status = forms.ChoiceField(
        label=_("Status"),
        choices=ImplementationStatus.choices,
        widget=forms.RadioSelect,
        required=False,
        help_text=explained(ImplementationStatus),
    )
    confidence = forms.ChoiceField(
        choices=[
            *(choice for choice in Confidence.choices if choice[0] != Confidence.NOT_RATED),
            (Confidence.NOT_RATED, _("Not rated")),
        ],
        widget=forms.RadioSelect,
        required=False,
        help_text=explained(Confidence),
    )
    successor = RowField(
        picker=pickers.SUCCESSORS,
        label=_("Replaced by recommendation"),
        required=False,
        empty_label=_("No replacement"),
    )

    class Meta(UpdateTextForm.Meta):
        fields = CONTENT_FIELDS

    def __init__(self, data: Any, *, update: StatusUpdate, person: Person) -> None:
        super().__init__(data, update=update)
        successor: Any = self.fields["successor"]
        about = update.recommendation
        first = partial(pickers.first_successors, person, about)
        successor.offer(person, first=first, of=about.reference)
        if update._state.adding:
            # Nothing is chosen for the author: an answer that nobody gave would look like one.
            self.initial["confidence"] = ""

    def clean(self) -> dict[str, Any]:
        """What is finished is not rated, and no answer is “not rated”."""
        cleaned = super().clean() or {}
        is_finished = cleaned.get("implementation_status") in FINISHED_STATUSES
        if "confidence" in cleaned and (is_finished or not cleaned["confidence"]):
            cleaned["confidence"] = Confidence.NOT_RATED
        return cleaned


def form_for(
    data: Mapping[str, Any] | None, *, update: StatusUpdate, person: Person
) -> UpdateTextForm | UpdateForm:
    """The form that fits the kind of an update."""
    if update.kind == UpdateKind.CORRECTION:
        return UpdateTextForm(data, update=update)
    if update.kind == UpdateKind.NO_CHANGE:
        return ConfirmationForm(data, update=update)
    if update.kind == UpdateKind.RETRACTION:
        return RetractionTextForm(data, update=update)
    return UpdateForm(data, update=update, person=person)


APPROVE, REJECT = "approve", "reject"
"""The decision on a date change that is decided together with an update."""


class DecisionForm(forms.Form):
    """The note on an approval or a return, and the confirmation of open contradictions.

    ``has_date``: a date change of the same recommendation is decided in the same step.
    """

    note = ProseFormField(label=capfirst(_("note")), rows=2)
    confirm_contradictions = forms.BooleanField(label=_("Confirm"), required=False)
    date_decision = forms.ChoiceField(
        label=_("Revised target date"),
        choices=[(APPROVE, _("Approve")), (REJECT, _("Reject"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a decision on the revised target date.")},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, has_date: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        if not has_date:
            del self.fields["date_decision"]

    def offer_date(self, old: date | None, new: date | None) -> None:
        """Name the dates between which the decision is; nothing where the form has none."""
        field: Any = self.fields.get("date_decision")
        if field is None or old is None:
            return
        days = {"old": day_text(old), "new": day_text(new) if new else ""}
        approve = _("Approve %(new)s") if new else _("Approve the removal of the target date")
        field.choices = [(APPROVE, approve % days), (REJECT, _("Reject, keep %(old)s") % days)]

    @property
    def approves_date(self) -> bool:
        return self.cleaned_data.get("date_decision") == APPROVE


class SteeringForm(RecordForm):
    """What a body decided on what an update asks for."""

    class Meta(RecordForm.Meta):
        model = SteeringDecision
        fields = ("body", "decided_on", "decision", "note", "is_published")
        help_texts = {
            "body": _("For example the cabinet or the steering committee."),
            "note": _("For staff and managers only."),
        }
        widgets = {"note": forms.Textarea({"rows": 2})}
        error_messages = {
            "body": {"required": _("Enter the body that decided.")},
            "decision": {"required": _("Enter what was decided.")},
        }

    def __init__(self, data: Any, *, update: StatusUpdate) -> None:
        super().__init__(data)
        self.fields["is_published"].help_text = (
            _("The public reads the body, the date and the decision at once.")
            if update.recommendation.published_at
            else _(
                "The recommendation is not published. The public reads the body, the date and "
                "the decision once it is."
            )
        )


class WithdrawalForm(forms.Form):
    """Why a decision that was recorded is withdrawn; beside a form with another reason."""

    reason = ReasonField(label=_("Reason for withdrawal"))

    def __init__(self, data: Mapping[str, Any] | None) -> None:
        super().__init__(data, auto_id="id_withdrawal_%s")


class RetractionForm(forms.Form):
    """Why an approved update is to be retracted."""

    reason = ReasonField(
        label=_("Reason for retraction"),
        help_text=_("The error and how it was found. A manager decides on the retraction."),
        rows=3,
    )


class NoChangeForm(forms.Form):
    """A confirmation of the update in force."""

    sentence = ProseFormField(label=_("Comment (optional)"), rows=2)
    is_rated_again = forms.BooleanField(
        label=_("I checked the confidence rating today"),
        help_text=_("If not selected, the rating keeps its original date."),
        required=False,
    )

    def ask_for_sentence(self) -> None:
        """Show the sentence as needed: nothing has changed twice already without a word.

        On a form that was checked already, too. The action requires it.
        """
        for field in (self.fields["sentence"], self["sentence"]):
            field.label = _("Current position, in one sentence")
            field.help_text = _("A third consecutive “no change” needs its own explanation.")


class AddresseeForm(forms.Form):
    """The addressee that an update to come speaks of; none for the recommendation as a whole."""

    addressee = RowField(
        picker=pickers.ADDRESSEES,
        label=_("Report for"),
        required=False,
        empty_label=_("All addressees"),
    )

    def __init__(
        self, data: Mapping[str, Any], *, update: StatusUpdate, rows: QuerySet[Addressee]
    ) -> None:
        """``rows`` are more than a select lists."""
        super().__init__({"addressee": update.addressee_id or "", **data})
        field: Any = self.fields["addressee"]
        field.offer_rows(rows, of=update.recommendation.reference)
        field.widget.attrs["class"] = "form-select"


class HandOverForm(forms.Form):
    """The next author of a draft."""

    to = RowField(
        picker=pickers.AUTHORS,
        label=_("New author"),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose a person")},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        update: StatusUpdate,
        form_id: str = "",
    ) -> None:
        """``form_id`` is the form on the page that the field belongs to, if it is another."""
        super().__init__(data)
        to: Any = self.fields["to"]
        to.offer_rows(pickers.possible_authors(update), update=update.pk)
        if form_id:
            to.widget.attrs["form"] = form_id


class CommentForm(forms.Form):
    """The text of a comment."""

    text = ProseFormField(
        label=_("Comment"),
        help_text=_("Internal. Type @ and a username to notify that person by email."),
        required=True,
        error_messages={"required": _("Enter a comment.")},
    )
