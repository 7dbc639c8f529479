"""What evidence items are linked to, as far as a reader may see it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import Stance
from recommendations.models import (
    AGREED,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    public_link,
)
from recommendations.models.updates import SEEN_BY_VIEWERS
from recommendations.permissions import Person
from recommendations.queries.columns import names_of
from recommendations.queries.replaced import Mark, marks_of


@dataclass(frozen=True, slots=True)
class EvidenceUse:
    """One thing that an evidence item is linked to; who, when and in which words only inside.

    ``is_withheld``: readers outside see it once another manager agrees. ``mark`` is set where it
    is linked to an update that was retracted, corrected or undone.
    """

    stance: str
    label: str
    url: str
    kind: str
    why: str
    is_answered: bool
    may_answer: bool = False
    as_of: date | None = None
    mark: Mark | None = None
    added_by: str = ""
    added_at: datetime | None = None
    answer: str = ""
    answered_by: str = ""
    is_withheld: bool = False
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it contradicts an update and has no answer."""
        return self.stance == Stance.UNDERMINES and self.kind == "update" and not self.is_answered

    @property
    def place(self) -> int:
        """Its place on the page: what contradicts comes first, unanswered before answered."""
        return 0 if self.is_open else 1 if self.stance == Stance.UNDERMINES else 2


def links_by_item(items: Collection[int], person: Person) -> dict[int, list[EvidenceLink]]:
    """Live links of the items with these ids that the person may see, each with its target."""
    links = (
        EvidenceLink.objects.live()
        .filter(readable_targets(person), evidence__in=items)
        .select_related("recommendation", "update__recommendation")
        .select_related("observation__indicator", "observation__import_run")
        .select_related("response__addressee__recommendation")
        .select_related("response__addressee__area", "response__addressee__organisation")
        .select_related("added_by", "answered_by")
        .only(*_OF_LINKS, *_OF_TARGETS)
        .order_by("pk")
    )
    found: dict[int, list[EvidenceLink]] = {item: [] for item in items}
    for link in links:
        found[link.evidence_id].append(link)
    return found


_OF_LINKS = (
    *("evidence", "stance", "why", "answer", "answered_at", "added_at", "removed_at"),
    *("waits_for_agreement", "agreed_at"),
    *names_of("added_by", "answered_by"),
)
_OF_TARGETS = (
    *("recommendation__reference", "recommendation__title"),
    *(
        "update__as_of",
        "update__author",
        "update__recommendation__reference",
        "update__recommendation__title",
    ),
    *("observation__period", "observation__indicator__code"),
    "observation__import_run__undone_at",
    *("response__position", "response__addressee__recommendation__reference"),
    *("response__addressee__area__name", "response__addressee__organisation__name"),
)
"""Columns of a link and of what it leads to that pages show."""


def readable_targets(person: Person) -> Q:
    """Condition on evidence links: under something that the person may read.

    For the public that is what is published, updates in force, and responses that have come.
    """
    if permissions.can_read_drafts(person):
        return Q()
    if permissions.can_read_internally(person):
        return AGREED & (Q(update__isnull=True) | Q(update__state__in=SEEN_BY_VIEWERS))
    return public_link()


def uses_of(links: Iterable[EvidenceLink], person: Person) -> tuple[EvidenceUse, ...]:
    """The links of an item as its page shows them to a person."""
    is_inside = permissions.can_read_internally(person)
    links = list(links)
    may_answer = _answerable(links, person)
    marks = marks_of(link.update_id for link in links) if is_inside else {}
    found = [
        replace(
            use_of(link, is_inside=is_inside, may_answer=link.pk in may_answer),
            mark=marks.get(link.update_id or 0),
        )
        for link in links
    ]
    return tuple(sorted(found, key=lambda use: use.place))


def _answerable(links: Iterable[EvidenceLink], person: Person) -> set[int]:
    """Open contradictions that a person may answer; asks only where there are any."""
    about = {
        link.pk: link.update
        for link in links
        if link.stance == Stance.UNDERMINES
        and link.answered_at is None
        and link.update is not None
        and link.update.author_id != person.pk
    }
    if not about or not permissions.can_write(person):
        return set()
    rows = Recommendation.objects.loggable_by(person).filter(
        pk__in={update.recommendation_id for update in about.values()}
    )
    may_log = set(rows.order_by().values_list("pk", flat=True))
    # Who wrote a version of it before a hand-over may not answer, either.
    versions = StatusUpdate.editors.through.objects.filter(user=person.pk)
    edited = versions.filter(statusupdate__in={update.pk for update in about.values()})
    wrote = set(edited.values_list("statusupdate", flat=True))
    return {
        pk
        for pk, update in about.items()
        if update.recommendation_id in may_log and update.pk not in wrote
    }


def use_of(link: EvidenceLink, *, is_inside: bool, may_answer: bool = False) -> EvidenceUse:
    """A link as the page of its item shows it."""
    inside: dict[str, Any] = {}
    if is_inside:
        inside = {
            "added_by": str(link.added_by or ""),
            "added_at": link.added_at,
            "answer": link.answer,
            "answered_by": str(link.answered_by or ""),
            "is_withheld": link.is_withheld,
            "answered_at": link.answered_at,
        }
    label, url, kind = target_of(link, is_inside=is_inside)
    if link.observation is not None and link.observation.is_withdrawn:
        label = _("%(value)s (withdrawn)") % {"value": label}
    return EvidenceUse(
        stance=link.stance,
        label=label,
        url=url,
        kind=kind,
        why=link.why if is_inside else "",
        is_answered=link.answered_at is not None,
        may_answer=may_answer,
        as_of=link.update.as_of if link.update else None,
        **inside,
    )


def target_of(link: EvidenceLink, *, is_inside: bool) -> tuple[str, str, str]:
    """What a link leads to: in words, its address, its kind."""
    if link.recommendation:
        return str(link.recommendation), link.recommendation.get_absolute_url(), "recommendation"
    if link.update:
        about = link.update.recommendation
        url = link.update.get_absolute_url() if is_inside else about.get_absolute_url()
        return str(about), url, "update"
    if link.response:
        addressee = link.response.addressee
        about = addressee.recommendation
        position = link.response.get_position_display()
        label = f"{about.reference}, {addressee}: {position}"
        url = f"{reverse('response-list', args=[about.reference])}#addressee-{addressee.pk}"
        return label, url, "response"
    # The constraint link_has_one_target leaves nothing else.
    figure: Any = link.observation
    label = f"{figure.indicator.code} {figure.period}"
    return label, figure.indicator.get_absolute_url(), "observation"
