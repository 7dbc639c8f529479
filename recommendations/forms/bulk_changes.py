"""What many recommendations are changed to, and why."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ArchiveReason, BulkChange, Priority
from recommendations.forms.explanations import explained
from recommendations.forms.fields import label_fields
from recommendations.models import Recommendation
from recommendations.permissions import Person
from recommendations.pickers import kinds
from recommendations.pickers.fields import RowField
from recommendations.queries.bulk_changes import BulkValue

_FIELDS: dict[str, forms.Field] = {
    BulkChange.LEAD: RowField(picker=kinds.NEW_LEADS, help_text=explained("recommendation.lead")),
    BulkChange.LEAD_OFFICER: RowField(
        picker=kinds.NEW_OFFICERS, help_text=explained("recommendation.lead_officer")
    ),
    BulkChange.REVIEWER: RowField(
        picker=kinds.NEW_REVIEWERS, help_text=explained("recommendation.reviewer")
    ),
    BulkChange.PRIORITY: forms.ChoiceField(choices=Priority.choices, help_text=explained(Priority)),
    BulkChange.INTERVAL_MONTHS: forms.IntegerField(
        min_value=1,
        max_value=60,
        help_text=explained("recommendation.interval_months"),
    ),
    BulkChange.ADD_THEME: RowField(picker=kinds.ALL_THEMES, label=_("Theme to add")),
    BulkChange.REMOVE_THEME: RowField(picker=kinds.ALL_THEMES, label=_("Theme to remove")),
    BulkChange.ARCHIVE: forms.ChoiceField(
        label=_("Reason for archiving"),
        choices=ArchiveReason.choices,
        help_text=explained(ArchiveReason),
    ),
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
        themes = kinds.ALL_THEMES.rows(self.person, {})
        return self.change.is_of_themes and not themes.exists()

    @property
    def bulk_value(self) -> BulkValue:
        return BulkValue(self.change, self.cleaned_data.get("value"))
