"""The form of a relation between two recommendations."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.choices import RelationKind
from recommendations.forms.explanations import explained
from recommendations.forms.fields import ProseFormField, labelled
from recommendations.models import Recommendation, RecommendationRelation
from recommendations.permissions import Person
from recommendations.pickers import kinds
from recommendations.pickers.fields import RowField


@labelled(RecommendationRelation)
class RelationForm(forms.Form):
    """To which other recommendation, and how."""

    kind = forms.ChoiceField(
        choices=RelationKind.choices,
        widget=forms.RadioSelect,
        help_text=explained(RelationKind),
    )
    other = RowField(
        picker=kinds.OTHERS,
        empty_label=_("Choose a recommendation"),
        error_messages={"required": _("Choose a recommendation.")},
    )
    why = ProseFormField(rows=2)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        recommendation: Recommendation,
        person: Person,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, initial={"kind": RelationKind.DEPENDS_ON}, **kwargs)
        other: Any = self.fields["other"]
        other.offer(person, of=recommendation.reference)
