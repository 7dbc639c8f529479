"""The form of a new source: what it cannot do without; the administration has the rest."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import LineFormField, labelled
from recommendations.models import Source


@labelled(Source)
class SourceForm(forms.Form):
    """A title, and what the references of its recommendations begin with."""

    title = LineFormField(
        max_length=300,
        required=True,
        error_messages={"required": _("Enter the title of the source.")},
    )
    reference_prefix = LineFormField(
        max_length=20,
        required=True,
        help_text=_(
            "Two to six letters, such as RBR: its recommendations become RBR-1, RBR-2. It cannot "
            "change once a reference is given."
        ),
        error_messages={"required": _("Enter the prefix of the references.")},
    )
    short_title = LineFormField(max_length=80, help_text=_("For lists. If empty, the title."))
    publisher = LineFormField()
    url = forms.URLField(label=_("Web address"), required=False)

    def values(self) -> dict[str, Any]:
        """What the action takes; its short name for addresses is made there."""
        given = self.cleaned_data
        return {**given, "short_title": given["short_title"] or given["title"][:80].strip()}
