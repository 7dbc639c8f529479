"""What is sent with a decision: a note, a reason, another author, a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from recommendations.forms.fields import ProseFormField
from recommendations.models import StatusUpdate, User
from recommendations.vocabulary import Role


class DecisionForm(forms.Form):
    """The note on an approval or a return."""

    note = ProseFormField(label=_("Note"), rows=2)


class RetractionForm(forms.Form):
    """Why an approved update is to be taken out of force."""

    reason = ProseFormField(
        label=_("Why is it retracted?"),
        help_text=_("The wrong fact or date, and how it is known. A manager decides on it."),
        required=True,
        error_messages={"required": _("Say why it is retracted.")},
    )


class NoChangeForm(forms.Form):
    """A confirmation of the update in force."""

    sentence = ProseFormField(label=_("In a sentence, if you like"), rows=2)
    is_rated_again = forms.BooleanField(
        label=_("The forecast still holds today"),
        help_text=_("Without this tick it keeps the day on which it was given."),
        required=False,
    )

    def needs_sentence(self) -> None:
        """Ask for the sentence: nothing has changed twice already without a word.

        Before the form is looked at; the action insists on it, with words of its own.
        """
        field = self.fields["sentence"]
        field.label = _("In a sentence: what holds?")
        field.help_text = _("The third “no change” in a row asks for words of its own.")


class HandOverForm(forms.Form):
    """Who goes on with a draft."""

    to = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Give this draft to"),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose a person.")},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        update: StatusUpdate,
        form_id: str = "",
    ) -> None:
        """``form_id`` is the form on the page that the field belongs to, if it stands outside."""
        super().__init__(data)
        to: Any = self.fields["to"]
        to.queryset = may_go_on(update)
        if form_id:
            to.widget.attrs["form"] = form_id


def may_go_on(update: StatusUpdate) -> Any:
    """Active people who may log on the recommendation of an update, its author apart."""
    recommendation = update.recommendation
    staff = Q(groups__name=Role.STAFF) & (
        Q(organisation__in=recommendation.organisation_ids()) | Q(pk=recommendation.lead_officer_id)
    )
    return (
        User.objects.filter(staff | Q(groups__name=Role.MANAGER), is_active=True)
        .exclude(pk=update.author_id)
        .distinct()
        .order_by("last_name", "first_name", "username", "pk")
    )
