"""What is asked before a recommendation is published, archived, or either is undone."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.choices import ArchiveReason
from recommendations.forms.explanations import explained
from recommendations.forms.fields import ProseFormField


class PublishForm(forms.Form):
    """Nothing is asked: the preview is what matters."""


class ArchiveForm(forms.Form):
    """Why a recommendation is followed no longer."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=ArchiveReason.choices, help_text=explained(ArchiveReason)
    )
    note = ProseFormField(label=_("Explanation"), rows=3)


class ReasonForm(forms.Form):
    """Why something is undone, or done to many recommendations at once."""

    reason = ProseFormField(
        label=_("Reason"),
        help_text=_("Recorded in the history. Not shown to the public."),
        required=True,
        rows=2,
        error_messages={"required": _("Enter the reason.")},
    )
