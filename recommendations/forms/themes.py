"""The forms of a theme, and of the themes and the priority of a recommendation."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.choices import Priority
from recommendations.forms.explanations import explained
from recommendations.forms.fields import LineFormField, ProseFormField, TickedRowsField, labelled
from recommendations.models import Recommendation, Theme


@labelled(Theme)
class ThemeForm(forms.Form):
    """One theme, for all sources."""

    name = LineFormField(
        max_length=80,
        required=True,
        error_messages={"required": _("Enter the name of the theme.")},
    )
    description = ProseFormField(rows=3, help_text=_("Which recommendations have this theme."))

    def __init__(
        self, data: Mapping[str, Any] | None, *, theme: Theme | None = None, **kwargs: Any
    ) -> None:
        shown = theme or Theme()
        initial = {"name": shown.name, "description": shown.description}
        super().__init__(data, initial=initial, **kwargs)


@labelled(Recommendation)
class ClassificationForm(forms.Form):
    """How this office classifies a recommendation."""

    priority = forms.ChoiceField(choices=Priority.choices, help_text=explained(Priority))
    themes = TickedRowsField(
        Theme.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("One of the themes does not exist."),
            "invalid_pk_value": _("One of the themes does not exist."),
        },
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, recommendation: Recommendation, **kwargs: Any
    ) -> None:
        initial = {
            "priority": recommendation.priority,
            "themes": [theme.pk for theme in recommendation.themes.all()],
        }
        super().__init__(data, initial=initial, **kwargs)
        themes: Any = self.fields["themes"]
        # At most MOST_THEMES of the actions, so that all may be shown.
        themes.queryset = Theme.objects.order_by("name", "pk")
