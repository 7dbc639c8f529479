"""Forms that end evidence against an update: its answer, or the reason why it no longer counts."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import ProseFormField


class ContradictionForm(forms.Form):
    """What ends an item that contradicts an update; one of several on a page."""

    route: ClassVar[str]
    heading: ClassVar[str | Promise]
    button: ClassVar[str | Promise]
    anchor = ""
    """The id of its place on a page: of the first answer there, which other pages lead to."""

    @classmethod
    def about(cls, link_id: int, data: Mapping[str, Any] | None = None) -> Self:
        """The form about one link, with ids of its own."""
        return cls(data, auto_id=f"id_{cls.route}_{link_id}_%s")


class AnswerForm(ContradictionForm):
    """The answer to an item that contradicts an update."""

    route = "evidence-answer"
    heading = _("Answer this contradiction")
    button = _("Record answer")

    text = ProseFormField(
        label=_("Your answer"),
        required=True,
        error_messages={"required": _("Enter the answer to this contradiction.")},
    )


class EndForm(ContradictionForm):
    """Why a contradiction that another person added no longer counts."""

    route = "evidence-end"
    heading = _("Remove this contradiction")
    button = _("Remove contradiction")

    reason = ProseFormField(
        label=_("Reason"),
        rows=2,
        required=True,
        help_text=_("The reason is shown in the review of the update and stays on record."),
        error_messages={"required": _("Give the reason for removing this contradiction.")},
    )
