"""Forms of evidence: an item for a claim, an item of its own, an answer, a check."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise, cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.actions.evidence.files import Received
from recommendations.actions.evidence.items import (
    ITEM_FIELDS,
    NOT_PUBLIC_YET,
    EvidenceInput,
    source_problems,
)
from recommendations.choices import (
    DatePrecision,
    EvidenceKind,
    Reliability,
    Stance,
    UpdateState,
    Visibility,
)
from recommendations.forms.explanations import explained
from recommendations.forms.fields import (
    DayField,
    LineFormField,
    ProseFormField,
    add_missing_errors,
    labelled,
)
from recommendations.forms.files import FilesForm, SentFiles
from recommendations.models import Evidence, EvidenceLink, Observation, Response, StatusUpdate
from recommendations.models.fields import parse_int
from recommendations.permissions import Person
from recommendations.pickers.rows import LONGEST_WORDS
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.version import version_for

MOST_OFFERED = 20
"""Recorded items to pick from: those of the same recommendation first, then the newest."""

FIND = "find"
"""The ``move`` of the button that looks for recorded items and adds nothing yet."""

_LINK, _PICK = ("url", "citation"), ("existing", "find")
_REST = ("kind", "publisher", "effective_on", "visibility")
_TYPED = ("title", *_LINK, "existing", "why", "publisher", "effective_on")

Claim = StatusUpdate | Response | Observation


@labelled(Evidence)
class EvidenceForm(FilesForm):
    """Evidence for an update, a response or a figure, with what it does for the claim.

    One item, or one for each file where several are given.
    """

    stance = forms.ChoiceField(
        label=_("Role of the evidence"),
        choices=[
            (stance.value, stance.label)
            for stance in (Stance.SUPPORTS, Stance.UNDERMINES, Stance.BACKGROUND)
        ],
        widget=forms.RadioSelect,
        initial=Stance.SUPPORTS,
        required=False,
        help_text=explained(Stance),
    )
    title = LineFormField(
        max_length=300,
        help_text=_("If empty, the file name becomes the title."),
    )
    url = forms.URLField(max_length=500, required=False, assume_scheme="https")
    citation = ProseFormField(
        rows=2,
        help_text=_("If there is no web address: enough detail to find the source."),
    )
    kind = forms.ChoiceField(
        choices=EvidenceKind.choices,
        initial=EvidenceKind.DOCUMENT,
        required=False,
        help_text=explained(EvidenceKind),
    )
    publisher = LineFormField()
    effective_on = DayField(label=_("Date of the evidence"))
    visibility = forms.ChoiceField(
        choices=Visibility.choices,
        initial=Visibility.INTERNAL,
        required=False,
        help_text=explained(Visibility),
    )
    find = LineFormField(
        label=_("Words of the title, publisher or citation"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    existing = forms.ModelChoiceField(
        Evidence.objects.none(),
        label=_("Evidence already recorded"),
        required=False,
        empty_label=_("Choose an evidence item"),
    )
    why = ProseFormField(label=_("Relevance"), rows=2)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        files: SentFiles | None = None,
        *,
        claim: Claim,
        person: Person,
        form_id: str = "",
    ) -> None:
        """``form_id`` is the form on the page that the fields belong to, if it is another."""
        super().__init__(data, files, person=person, form_id=form_id)
        self.claim = claim
        self.is_finding = (data or {}).get("move") == FIND
        picking: Any = self.fields["existing"]
        picking.queryset = free_items(claim, person)
        if isinstance(claim, StatusUpdate) and claim.state == UpdateState.APPROVED:
            keep_internal(self.fields["visibility"], self.is_bound, NOT_PUBLIC_YET)
        # Read where it is shown: a form that was sent is checked without.
        picking.choices = lambda: [("", picking.empty_label), *self.found]

    @cached_property
    def found(self) -> list[tuple[int, str]]:
        """Keys and names of the items that are offered, the nearest first."""
        picking: Any = self.fields["existing"]
        words, picked = str(self["find"].value() or ""), self["existing"].value()
        return _offered(picking.queryset, self.claim, self.person, words, picked)

    @property
    def claim_query(self) -> str:
        """The claim, as the address at which items are looked for wants it."""
        if isinstance(self.claim, Observation):
            return urlencode({"figure": self.claim.pk})
        if isinstance(self.claim, Response):
            return urlencode({"response": self.claim.pk})
        if self.claim._state.adding:
            return urlencode({"recommendation": self.claim.recommendation.reference})
        return urlencode({"update": self.claim.pk})

    @property
    def most_offered(self) -> int:
        return MOST_OFFERED

    @property
    def kept(self) -> dict[str, bool]:
        """Which folded parts hold something, or something wrong, and so are shown open."""
        parts = {"link": _LINK, "pick": _PICK, "rest": _REST}
        return {
            part: self.is_bound
            and any(
                self[name].errors or self[name].value() not in ("", None, self.fields[name].initial)
                for name in names
            )
            for part, names in parts.items()
        }

    def is_filled(self) -> bool:
        """Whether anything was typed, picked or chosen, whatever button was used."""
        is_typed = any(str(self.data.get(self.add_prefix(name), "")).strip() for name in _TYPED)
        return is_typed or self.has_files()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors or self.received or self.is_finding or cleaned.get("existing"):
            return cleaned
        add_missing_errors(self, source_problems(cleaned))
        return cleaned

    def items(self) -> list[EvidenceInput]:
        """What was given, for the action: what is picked, and each file or the one new item."""
        given = dict(self.cleaned_data)
        del given["uploads"], given["find"]
        stance = given.pop("stance") or Stance.SUPPORTS
        why = given.pop("why")
        offers = []
        if existing := given.pop("existing"):
            offers.append(EvidenceInput(stance=stance, why=why, evidence=existing))
        known = DatePrecision.DAY if given["effective_on"] else DatePrecision.UNKNOWN
        values = {
            **given,
            "kind": given["kind"] or EvidenceKind.DOCUMENT,
            "visibility": given["visibility"] or Visibility.INTERNAL,
            "effective_precision": known,
        }
        if not self.received:
            return offers or [EvidenceInput(stance=stance, why=why, values=values)]
        return offers + [
            EvidenceInput(stance=stance, why=why, values=self._titled(values, file), file=file)
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


def added_text(links: Iterable[EvidenceLink]) -> str:
    """That evidence was linked, and whether readers outside see it only once another agrees."""
    if any(link.is_withheld for link in links):
        return gettext("Evidence added. The public sees it once another manager agrees.")
    return gettext("Evidence added.")


def free_items(claim: Claim, person: Person) -> QuerySet[Evidence]:
    """Items that the user may read and that are not linked to the claim yet."""
    items = Evidence.objects.visible_to(person)
    if claim._state.adding:
        return items
    links = claim.evidence_links.filter(removed_at__isnull=True)
    linked = links.filter(evidence=OuterRef("pk"))
    return items.exclude(Exists(linked))


def _offered(
    items: QuerySet[Evidence], claim: Claim, person: Person, words: str, picked: object
) -> list[tuple[int, str]]:
    """Keys and names of the nearest; where no words are looked for, kept until the next event."""

    def read() -> list[tuple[int, str]]:
        return [(item.pk, option_of(item)) for item in nearest_items(items, claim, words, picked)]

    if words or picked:
        return read()
    return cached(
        "nearest evidence",
        read,
        audience=audience_of(person),
        version=version_for(person).hash,
        parts=(claim._meta.model_name, claim.pk, getattr(claim, "recommendation_id", None)),
    )


def nearest_items(
    items: QuerySet[Evidence], claim: Claim, words: str = "", picked: object = None
) -> list[Evidence]:
    """Those that hold all these words, the nearest to the claim first; what is picked stays."""
    found = items.only("pk", "title", "kind", "publisher")
    key = parse_int(str(picked or ""))
    held = [] if key is None else list(found.filter(pk=key))
    # SQLite refuses to look for a page of words, and nobody means it.
    for word in words[:LONGEST_WORDS].replace("\0", " ").split():
        found = found.filter(
            Q(title__icontains=word) | Q(publisher__icontains=word) | Q(citation__icontains=word)
        )
    links = [EvidenceLink.objects.live().order_by().filter(**near) for near in _near(claim)]
    near_ids = links[0].values("evidence").union(*(more.values("evidence") for more in links[1:]))
    # Some near ones and the newest, each by an index, so that no others are sorted or looked at.
    some = _newest(found.filter(pk__in=near_ids)).union(_newest(found))
    is_near = [Exists(each.filter(evidence=OuterRef("pk"))) for each in links]
    ordered = (
        found.filter(pk__in=some)
        .annotate(is_near=reduce(or_, is_near))
        .order_by("-is_near", "-recorded_at", "-pk")
    )
    return held + [item for item in ordered[:MOST_OFFERED] if item not in held]


def _newest(items: QuerySet[Evidence]) -> QuerySet[Any, Any]:
    """Keys of the last that were recorded."""
    newest = items.order_by("-pk").values("pk")[:MOST_OFFERED]
    return Evidence.objects.order_by().filter(pk__in=newest).values("pk")


def _near(claim: Claim) -> list[dict[str, Any]]:
    """Links of the same recommendation; for a figure, those of the same indicator."""
    if isinstance(claim, Observation):
        return [{"observation__indicator": claim.indicator_id}]
    about = (claim.addressee if isinstance(claim, Response) else claim).recommendation_id
    return [
        {"recommendation": about},
        {"update__recommendation": about},
        {"response__addressee__recommendation": about},
    ]


def option_of(item: Evidence) -> str:
    """An item among others to pick from."""
    more = item.publisher or item.get_kind_display()
    return f"{item.title} ({more})"


@labelled(Evidence)
class ItemForm(forms.Form):
    """The description of an item, as far as users edit it."""

    title = LineFormField(max_length=300, required=True)
    kind = forms.ChoiceField(choices=EvidenceKind.choices, help_text=explained(EvidenceKind))
    description = ProseFormField(rows=2)
    url = forms.URLField(max_length=500, required=False, assume_scheme="https")
    citation = ProseFormField(rows=2)
    publisher = LineFormField()
    effective_on = DayField(label=_("Date of the evidence"))
    effective_precision = forms.ChoiceField(
        label=_("Precision of the date"),
        choices=DatePrecision.choices,
        help_text=explained(DatePrecision),
    )
    retrieved_on = DayField()
    expires_on = DayField(
        help_text=_("From the following day, this evidence no longer counts."),
    )
    visibility = forms.ChoiceField(choices=Visibility.choices, help_text=explained(Visibility))

    def __init__(
        self, data: Mapping[str, Any] | None, *, item: Evidence, not_public_because: str = ""
    ) -> None:
        super().__init__(data, initial={name: getattr(item, name) for name in ITEM_FIELDS})
        keep_internal(self.fields["visibility"], self.is_bound, not_public_because)

    def values(self) -> dict[str, Any]:
        """What was sent, by field; what was not sent stays as it is."""
        return {name: self.cleaned_data[name] for name in ITEM_FIELDS if name in self.data}


def keep_internal(field: forms.Field, is_sent: bool, why: str | Promise) -> None:
    """Say beforehand why an item cannot be made public; what was sent all the same is refused."""
    if why:
        field.disabled = not is_sent
        field.help_text = str(why)


class NewerFileForm(FilesForm):
    """A newer file of an item, with what is new in it."""

    note = LineFormField(label=_("Changes in this file"))

    def __init__(
        self, data: Mapping[str, Any] | None, files: SentFiles | None = None, *, person: Person
    ) -> None:
        super().__init__(data, files, person=person, most=1)
        self.fields["uploads"].label = _("New file")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.received and "uploads" not in self.errors:
            self.add_error("uploads", gettext("Choose the new file."))
        elif len(self.received) > 1:
            self.add_error(
                "uploads", gettext("An evidence item has one current file. Choose one file only.")
            )
        return cleaned

    @property
    def file(self) -> Received:
        """The one file that came in."""
        return self.received[0]


class ChangeDecisionForm(forms.Form):
    """The note on a decision about a change of evidence."""

    note = ProseFormField(
        label=_("Note"), help_text=_("Required to reject; optional to approve."), rows=2
    )


class CheckForm(forms.Form):
    """The result of a check of an item."""

    prefix = "check"

    reliability = forms.ChoiceField(
        label=_("Reliability"),
        choices=[
            ("", _("Keep the current reliability rating")),
            *(pair for pair in Reliability.choices if pair[0] != Reliability.NOT_JUDGED),
        ],
        required=False,
        help_text=explained(Reliability),
    )
    note = ProseFormField(
        label=_("Note"), rows=2, help_text=_("Internal. Not shown to the public.")
    )
