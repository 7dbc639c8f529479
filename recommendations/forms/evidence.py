"""Evidence for a claim: new items by file, address or citation, or one recorded already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from recommendations.actions.files import Received
from recommendations.actions.progress import Offer
from recommendations.forms.fields import DayField, LineFormField, ProseFormField
from recommendations.forms.files import FilesField, Ticket, take_in, ticket_for
from recommendations.models import Evidence, EvidenceLink, Observation, Response, StatusUpdate
from recommendations.vocabulary import DatePrecision, EvidenceKind, Stance, Visibility

MOST_OFFERED = 100
"""Recorded items to pick from: those of the same recommendation first, then the newest."""

_TYPED = ("title", "url", "citation", "existing", "why", "publisher", "effective_on")
TICKETS = "tickets"
"""Name under which files that came in before are sent again."""


class EvidenceForm(forms.Form):
    """Evidence for an update, a response or a figure, with what it does for the claim.

    One item, or one for each file where several are given.
    """

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
    uploads = FilesField(label=_("Files"), required=False)
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
        files: Any = None,
        *,
        claim: StatusUpdate | Response | Observation,
        person: Any,
        form_id: str = "",
    ) -> None:
        """``form_id`` is the form on the page that the fields belong to, if they stand outside."""
        super().__init__(data, files)
        self.person = person
        self.received: list[Received] = []
        for field in self.fields.values():
            if form_id:
                field.widget.attrs["form"] = form_id
        free = _free(claim, person)
        picking: Any = self.fields["existing"]
        picking.queryset = free
        picking.choices = [
            ("", picking.empty_label),
            *((item.pk, item.title) for item in _nearest(free, _near(claim))),
        ]

    @property
    def tokens(self) -> list[str]:
        """Tickets of files that came in before."""
        getlist = getattr(self.data, "getlist", None)
        return list(getlist(self.add_prefix(TICKETS))) if getlist else []

    @property
    def tickets(self) -> list[Ticket]:
        """Files that came in, to be sent again with the form."""
        return [ticket_for(received, self.person) for received in self.received]

    def is_filled(self) -> bool:
        """Whether anything was typed, picked or chosen, whatever button was pressed then."""
        is_typed = any(str(self.data.get(self.add_prefix(name), "")).strip() for name in _TYPED)
        return is_typed or bool(self.tokens) or self.add_prefix("uploads") in self.files

    def clean(self) -> dict[str, Any]:
        """Takes the files in first: whatever else is wrong, they are not to be chosen again."""
        cleaned = super().clean() or {}
        self.received, refused = take_in(cleaned.get("uploads") or [], self.tokens, self.person)
        for error in refused:
            self.add_error("uploads", error)
        if self.errors or self.received or cleaned.get("existing"):
            return cleaned
        if not cleaned.get("title"):
            self.add_error("title", _now("Give the item a title, or pick one that is recorded."))
        elif not (cleaned.get("url") or cleaned.get("citation")):
            self.add_error(
                "url", _now("Give an address or a citation, or a file, so that it can be found.")
            )
        return cleaned

    def offers(self) -> list[Offer]:
        """What was given, for the action: what is picked, and each file or the one new item."""
        given = dict(self.cleaned_data)
        del given["uploads"]
        stance = given.pop("stance") or Stance.SUPPORTS
        why = given.pop("why")
        offers = []
        if existing := given.pop("existing"):
            offers.append(Offer(stance=stance, why=why, evidence=existing))
        known = DatePrecision.DAY if given["effective_on"] else DatePrecision.UNKNOWN
        values = {
            **given,
            "kind": given["kind"] or EvidenceKind.DOCUMENT,
            "visibility": given["visibility"] or Visibility.INTERNAL,
            "effective_precision": known,
        }
        if not self.received:
            return offers or [Offer(stance=stance, why=why, values=values)]
        return offers + [
            Offer(stance=stance, why=why, values=self._titled(values, file), file=file)
            for file in self.received
        ]

    def _titled(self, values: dict[str, Any], file: Received) -> dict[str, Any]:
        """The values of one file's item: the title is its own where several share the form."""
        title = values["title"]
        if not title:
            title = file.name.rpartition(".")[0] or file.name
        elif len(self.received) > 1:
            title = f"{title[:140]}: {file.name}"
        return {**values, "title": title}


class AnswerForm(forms.Form):
    """The answer to an item that stands against an update."""

    text = ProseFormField(
        label=_("Your answer"),
        required=True,
        error_messages={"required": _("Say what answers it.")},
    )


def _free(claim: StatusUpdate | Response | Observation, person: Any) -> QuerySet[Evidence]:
    """Items that the person may read and that do not stand under the claim yet."""
    items = Evidence.objects.visible_to(person)
    if claim._state.adding:
        return items
    links = claim.evidence_links.filter(removed_at__isnull=True)
    linked = links.filter(evidence=OuterRef("pk"))
    return items.exclude(Exists(linked))


def _near(claim: StatusUpdate | Response | Observation) -> Q:
    """Links of the same recommendation; for a figure, those of the same indicator."""
    if isinstance(claim, Observation):
        return Q(observation__indicator=claim.indicator_id)
    about = claim.addressee if isinstance(claim, Response) else claim
    return (
        Q(recommendation=about.recommendation_id)
        | Q(update__recommendation=about.recommendation_id)
        | Q(response__addressee__recommendation=about.recommendation_id)
    )


def _nearest(items: QuerySet[Evidence], near: Q) -> QuerySet[Evidence]:
    links = EvidenceLink.objects.live().filter(near, evidence=OuterRef("pk"))
    ordered = items.annotate(is_near=Exists(links)).order_by("-is_near", "-recorded_at", "-pk")
    return ordered.only("pk", "title")[:MOST_OFFERED]
