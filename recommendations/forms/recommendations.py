"""Forms of recommendations: dates, parts, relations, themes, publication, many at once."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from recommendations import pickers
from recommendations.choices import ArchiveReason, BulkChange, Priority, RelationKind
from recommendations.columns import label_of, written
from recommendations.forms.fields import (
    DayField,
    ProseFormField,
    ReasonField,
    RecordForm,
    explained,
    label_fields,
    labelled,
)
from recommendations.models import Part, Recommendation, RecommendationRelation, Theme
from recommendations.permissions import Person
from recommendations.pickers import RowField
from recommendations.queries.bulk_changes import BulkValue

# ---- What is sent about a target date: the first one, a request for another, a decision


class FirstDateForm(forms.Form):
    """The date by which it is to be done, and why that one."""

    new_date = DayField(
        label=_("Target date"),
        required=True,
        error_messages={"required": _("Enter the target date.")},
    )
    reason = ReasonField(
        label=capfirst(_("reason for this date")),
        help_text=_("The agreement and its source. Not shown to the public."),
    )


class DateRequestForm(forms.Form):
    """Another date, or none, and why."""

    new_date = DayField(label=capfirst(_("new date")))
    is_taken_away = forms.BooleanField(label=_("Remove the target date"), required=False)
    reason = ReasonField(
        label=capfirst(_("reason for the change")),
        help_text=_("Recorded even if the request is rejected. Not public."),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "new_date" in self.errors:
            return values
        if values.get("new_date") and values.get("is_taken_away"):
            self.add_error(
                "new_date", ValidationError(_("Enter a date or request its removal, not both."))
            )
        elif not values.get("new_date") and not values.get("is_taken_away"):
            self.add_error(
                "new_date", ValidationError(_("Enter the new date, or request its removal."))
            )
        return values


# ---- What a recommendation is made of: parts, relations, themes and its priority


@labelled(Part)
class PartForm(RecordForm):
    """A part: a new one is the last, so it has no place to choose and nothing to remove."""

    position = forms.IntegerField(min_value=1, max_value=1_000)
    is_removed = forms.BooleanField(
        label=_("Remove this part"),
        help_text=_("The record keeps the part and the updates that completed it."),
        required=False,
    )

    class Meta(RecordForm.Meta):
        model = Part
        fields = ("label", "text", "position", "amendment_reason")
        labels = {"amendment_reason": _("Reason for the amendment")}
        widgets = {"amendment_reason": forms.Textarea({"rows": 2})}
        error_messages = {
            "label": {"required": _("Enter the label.")},
            "text": {"required": _("Enter the text of the part.")},
            "amendment_reason": {"required": _("Enter the reason.")},
        }

    def __init__(
        self, data: Any = None, row: Part | None = None, *, is_amendment: bool = False
    ) -> None:
        super().__init__(data, row)
        if row is None:
            del self.fields["position"], self.fields["is_removed"]
            # An edit may leave the published words as they are, and then needs no reason.
            self.fields["amendment_reason"].required = is_amendment


class RelationForm(RecordForm):
    """To which other recommendation, and how."""

    other = RowField(
        picker=pickers.OTHERS,
        label=label_of(RecommendationRelation, "other"),
        empty_label=_("Choose a recommendation"),
        error_messages={"required": _("Choose a recommendation")},
    )

    class Meta(RecordForm.Meta):
        model = RecommendationRelation
        fields = ("kind", "other", "why")
        widgets = {"kind": forms.RadioSelect, "why": forms.Textarea({"rows": 2})}

    def __init__(self, data: Any, *, recommendation: Recommendation, person: Person) -> None:
        super().__init__(data, initial={"kind": RelationKind.DEPENDS_ON})
        other: Any = self.fields["other"]
        other.offer(person, of=recommendation.reference)


class ThemeForm(RecordForm):
    """One theme, for all sources."""

    class Meta(RecordForm.Meta):
        model = Theme
        fields = ("name", "description")
        error_messages = {"name": {"required": _("Enter the name of the theme.")}}


class RecommendationForm(RecordForm):
    """What is said of a recommendation, but for what has an act of its own."""

    class Meta(RecordForm.Meta):
        model = Recommendation
        fields = (
            *written(Recommendation, "source", "archive_reason", "archive_note"),
            *("contributors", "themes"),
        )


class NewRecommendationForm(RecommendationForm):
    """With the source to which it is added, where it stays."""

    class Meta(RecommendationForm.Meta):
        fields = ("source", *RecommendationForm.Meta.fields)


class ClassificationForm(RecordForm):
    """How this office classifies a recommendation: all themes of the site may be shown."""

    class Meta(RecordForm.Meta):
        model = Recommendation
        fields = ("priority", "themes")
        widgets = {"themes": forms.CheckboxSelectMultiple}
        error_messages = {
            "themes": dict.fromkeys(
                ("invalid_choice", "invalid_pk_value"), _("One of the themes does not exist.")
            )
        }


# ---- What is asked before a recommendation is published, archived, or either is undone


class PublishForm(forms.Form):
    """Nothing is asked: the preview is what matters."""


def _why_archived(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=ArchiveReason.asked,
        help_text=explained(ArchiveReason),
        error_messages={"required": _("Choose a reason")},
    )


class ArchiveForm(forms.Form):
    """Why a recommendation is followed no longer."""

    reason = _why_archived(_("Reason"))
    note = ProseFormField(label=capfirst(_("explanation")), rows=3)


class ReasonForm(forms.Form):
    """Why something is undone, or done to many recommendations at once."""

    reason = ReasonField(help_text=_("Recorded in the history. Not shown to the public."))


# ---- What many recommendations are changed to, and why

_FIELDS: dict[str, forms.Field] = {
    BulkChange.LEAD: RowField(picker=pickers.NEW_LEADS, help_text=explained("recommendation.lead")),
    BulkChange.LEAD_OFFICER: RowField(
        picker=pickers.NEW_OFFICERS, help_text=explained("recommendation.lead_officer")
    ),
    BulkChange.REVIEWER: RowField(
        picker=pickers.NEW_REVIEWERS, help_text=explained("recommendation.reviewer")
    ),
    BulkChange.PRIORITY: forms.ChoiceField(choices=Priority.choices, help_text=explained(Priority)),
    BulkChange.INTERVAL_MONTHS: forms.IntegerField(
        min_value=1,
        max_value=60,
        help_text=explained("recommendation.interval_months"),
    ),
    BulkChange.ADD_THEME: RowField(picker=pickers.ALL_THEMES, label=_("Theme to add")),
    BulkChange.REMOVE_THEME: RowField(picker=pickers.ALL_THEMES, label=_("Theme to remove")),
    BulkChange.ARCHIVE: _why_archived(_("Reason for archiving")),
}
label_fields(Recommendation, _FIELDS)


class ValueForm(forms.Form):
    """The new value; publishing, and the like, has none."""

    def __init__(self, data: Any, *, change: BulkChange, person: Person) -> None:
        super().__init__(data)
        self.change, self.person = change, person
        if change in _FIELDS:
            self.fields["value"] = type(_FIELDS[change]).__deepcopy__(_FIELDS[change], {})
            if isinstance(field := self.fields["value"], RowField):
                field.offer(person)

    @property
    def lacks_themes(self) -> bool:
        """Whether a theme is to be chosen, and there is none."""
        themes = pickers.ALL_THEMES.rows(self.person, {})
        return self.change.is_of_themes and not themes.exists()

    @property
    def bulk_value(self) -> BulkValue:
        return BulkValue(self.change, self.cleaned_data.get("value"))


# ---- What is asked of whoever decides on a batch of opening statuses


class ApproveBatchForm(forms.Form):
    """The note on the approval of a batch."""

    note = ProseFormField(label=capfirst(_("note")), rows=2)


class LeaveOutForm(forms.Form):
    """Why one row is left out."""

    reason = ReasonField()
