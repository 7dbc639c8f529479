"""The name of a saved view, and whether it is shared."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.forms.fields import LineFormField
from recommendations.permissions import Person


class SavedViewForm(forms.Form):
    """Sharing is asked of who may share, and of who shares it now."""

    name = LineFormField(
        label=_("Name"),
        max_length=80,
        required=True,
        error_messages={"required": _("Enter a name.")},
    )
    is_shared = forms.BooleanField(
        label=_("Share with everyone who has a role"),
        required=False,
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (permissions.can_share_views(person) or self.initial.get("is_shared")):
            del self.fields["is_shared"]
