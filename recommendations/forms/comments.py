"""A remark to colleagues."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import ProseFormField


class CommentForm(forms.Form):
    """What one wants to say."""

    text = ProseFormField(
        label=_("Comment"),
        help_text=_("Stays inside the office. @ and a user name tells that person by e-mail."),
        required=True,
        error_messages={"required": _("Write something.")},
    )
