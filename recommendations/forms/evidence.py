"""Evidence for a claim: a new item by address or citation, or one that is recorded already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.actions.progress import Offer
from recommendations.forms.fields import DayField, LineFormField, ProseFormField
from recommendations.models import Evidence, EvidenceLink, Response, StatusUpdate
from recommendations.vocabulary import DatePrecision, EvidenceKind, Stance, Visibility

MOST_OFFERED = 100
"""Recorded items to pick from: those of the same recommendation first, then the newest."""

_NEW = ("title", "url", "citation")


class EvidenceForm(forms.Form):
    """One evidence item for an update or a response, with what it does for the claim."""

    prefix = "evidence"

    stance = forms.ChoiceField(
        label=_("What does it do for this claim?"),
        choices=[
            (stance.value, stance.label)
            for stance in (Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND)
        ],
        widget=forms.RadioSelect,
        initial=Stance.SUPPORTS,
        required=False,
    )
    title = LineFormField(label=_("Title"), max_length=300)
    url = forms.URLField(label=_("Address"), max_length=500, required=False, assume_scheme="https")
    citation = ProseFormField(
        label=_("Citation"), rows=2, help_text=_("Where there is no address: enough to find it.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=EvidenceKind.choices,
        initial=EvidenceKind.DOCUMENT,
        required=False,
    )
    publisher = LineFormField(label=_("Publisher"))
    effective_on = DayField(label=_("Its own date"))
    visibility = forms.ChoiceField(
        label=_("Who may read it"),
        choices=Visibility.choices,
        initial=Visibility.INTERNAL,
        required=False,
    )
    existing = forms.ModelChoiceField(
        Evidence.objects.none(),
        label=_("Recorded here already"),
        required=False,
        empty_label=_("Choose an item"),
    )
    why = ProseFormField(label=_("Why, in a sentence"), rows=2)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        claim: StatusUpdate | Response,
        person: Any,
        form_id: str = "",
    ) -> None:
        """``form_id`` is the form on the page that the fields belong to, if they stand outside."""
        super().__init__(data)
        for field in self.fields.values():
            if form_id:
                field.widget.attrs["form"] = form_id
        about = claim.addressee if isinstance(claim, Response) else claim
        free = _free(claim, person)
        picking: Any = self.fields["existing"]
        picking.queryset = free
        picking.choices = [
            ("", picking.empty_label),
            *((item.pk, item.title) for item in _nearest(free, about.recommendation_id)),
        ]

    def is_filled(self) -> bool:
        """Whether anything was typed or picked, whatever button was pressed then."""
        names = (*_NEW, "existing", "why", "publisher", "effective_on")
        return any(str(self.data.get(self.add_prefix(name), "")).strip() for name in names)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or cleaned.get("existing"):
            return cleaned
        if not cleaned.get("title"):
            self.add_error("title", _now("Give the item a title, or pick one that is recorded."))
        elif not (cleaned.get("url") or cleaned.get("citation")):
            self.add_error("url", _now("Give an address or a citation, so that it can be found."))
        return cleaned

    def offer(self) -> Offer:
        """What was given, for the action."""
        given = dict(self.cleaned_data)
        stance = given.pop("stance") or Stance.SUPPORTS
        why = given.pop("why")
        if existing := given.pop("existing"):
            return Offer(stance=stance, why=why, evidence=existing)
        known = DatePrecision.DAY if given["effective_on"] else DatePrecision.UNKNOWN
        values = {
            **given,
            "kind": given["kind"] or EvidenceKind.DOCUMENT,
            "visibility": given["visibility"] or Visibility.INTERNAL,
            "effective_precision": known,
        }
        return Offer(stance=stance, why=why, values=values)


class AnswerForm(forms.Form):
    """The answer to an item that stands against an update."""

    text = ProseFormField(
        label=_("Your answer"),
        required=True,
        error_messages={"required": _("Say what answers it.")},
    )


def _free(claim: StatusUpdate | Response, person: Any) -> QuerySet[Evidence]:
    """Items that the person may read and that do not stand under the claim yet."""
    items = Evidence.objects.visible_to(person)
    if claim._state.adding:
        return items
    links = claim.evidence_links.filter(removed_at__isnull=True)
    linked = links.filter(evidence=OuterRef("pk"))
    return items.exclude(Exists(linked))


def _nearest(items: QuerySet[Evidence], recommendation_id: int) -> QuerySet[Evidence]:
    links = EvidenceLink.objects.live().filter(evidence=OuterRef("pk"))
    near = links.filter(
        Q(recommendation=recommendation_id)
        | Q(update__recommendation=recommendation_id)
        | Q(response__addressee__recommendation=recommendation_id)
    )
    ordered = items.annotate(is_near=Exists(near)).order_by("-is_near", "-recorded_at", "-pk")
    return ordered.only("pk", "title")[:MOST_OFFERED]
