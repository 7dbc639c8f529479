"""What is asked of whoever decides on a batch of opening statuses."""

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import ProseFormField


class ApproveBatchForm(forms.Form):
    """The approval of a batch as its page showed it: ``seen`` is the digest of that.

    ``since`` is the number of the last event that the page knew of.
    """

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    since = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1, required=False
    )
    note = ProseFormField(label=_("Note"), rows=2)


class UndoBatchForm(forms.Form):
    """Why a batch is undone; ``seen`` is how many statuses the page said are taken back."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    reason = ProseFormField(
        label=_("Reason"),
        rows=3,
        required=True,
        error_messages={"required": _("Give the reason for undoing this import.")},
    )


class LeaveOutForm(forms.Form):
    """Why one row is left out."""

    reason = ProseFormField(
        label=_("Reason"),
        rows=2,
        required=True,
        error_messages={"required": _("Give the reason for leaving this row out.")},
    )
