"""Evidence with the claims it is used for: lists, and the page of one item."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from recommendations import permissions
from recommendations.choices import QUARANTINED, FileFault, Stance
from recommendations.models import (
    Evidence,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    public_response_link,
)
from recommendations.models.evidence import counted_checks
from recommendations.permissions import Person
from recommendations.queries.evidence.files import FileRow, file_row, with_file_now


@dataclass(frozen=True, slots=True)
class EvidenceUse:
    """One thing that an evidence item is linked to; who, when and in which words only inside."""

    stance: str
    label: str
    url: str
    kind: str
    why: str
    is_answered: bool
    as_of: date | None = None
    added_by: str = ""
    added_at: datetime | None = None
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None


def with_uses(rows: QuerySet[Evidence], person: Person) -> QuerySet[Evidence]:
    """``live_checks``, ``stands_for``, ``stands_against``: columns of the list; and the file now.

    Checks are those that count: by others than who recorded the item, of the file it has now.
    Links are those that the person may see.
    """
    # Columns of their own and no GROUP BY: so a count of the list need not look at any of it.
    links = visible_links(person)
    return (
        rows.select_related("recorded_by")
        .annotate(
            live_checks=_number(counted_checks()),
            stands_for=_number(links.filter(stance=Stance.SUPPORTS)),
            stands_against=_number(links.filter(stance=Stance.UNDERMINES)),
        )
        .prefetch_related(with_file_now())
    )


def visible_links(person: Person) -> QuerySet[EvidenceLink]:
    """Links of an item (``OuterRef``) that the person may see."""
    return EvidenceLink.objects.live().filter(readable_targets(person), evidence=OuterRef("pk"))


def unanswered(links: QuerySet[EvidenceLink]) -> QuerySet[EvidenceLink]:
    """Those that contradict an update and have no answer."""
    return links.filter(stance=Stance.UNDERMINES, answered_at__isnull=True, update__isnull=False)


def _number(rows: QuerySet[Any]) -> Any:
    counted = rows.order_by().values("evidence").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def links_of(item: Evidence, person: Person) -> list[EvidenceUse]:
    """What an item supports and contradicts, as far as the user may see it."""
    links = (
        EvidenceLink.objects.live()
        .filter(readable_targets(person), evidence=item.pk)
        .select_related("recommendation", "update__recommendation", "observation__indicator")
        .select_related("response__addressee__recommendation")
        .select_related("response__addressee__area", "response__addressee__organisation")
        .select_related("added_by", "answered_by")
        .order_by("pk")
    )
    is_inside = permissions.can_read_internally(person)
    return [_use(link, is_inside=is_inside) for link in links]


def readable_targets(person: Person) -> Q:
    """Condition on evidence links: under something that the person may read.

    For the public that is what is published, updates in force, and responses that have come.
    """
    if permissions.can_read_internally(person):
        readable = StatusUpdate.objects.visible_to(person)
        return Q(update__isnull=True) | Q(update__in=readable)
    return (
        Q(recommendation__published_at__isnull=False)
        | Q(update__recommendation__published_at__isnull=False, update__in=_in_force())
        | public_response_link()
    )


def _in_force() -> QuerySet[StatusUpdate]:
    current = Recommendation.objects.filter(current_update__isnull=False)
    return StatusUpdate.objects.filter(pk__in=current.values("current_update"))


def _use(link: EvidenceLink, *, is_inside: bool) -> EvidenceUse:
    inside: dict[str, Any] = {}
    if is_inside:
        inside = {
            "added_by": str(link.added_by or ""),
            "added_at": link.added_at,
            "answer": link.answer,
            "answered_by": str(link.answered_by or ""),
            "answered_at": link.answered_at,
        }
    label, url, kind = _target(link, is_inside=is_inside)
    return EvidenceUse(
        stance=link.stance,
        label=label,
        url=url,
        kind=kind,
        why=link.why if is_inside else "",
        is_answered=link.answered_at is not None,
        as_of=link.update.as_of if link.update else None,
        **inside,
    )


def _target(link: EvidenceLink, *, is_inside: bool) -> tuple[str, str, str]:
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


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What the page shows to one reader. Below ``is_internal`` all is empty for the public."""

    item: Evidence
    is_expired: bool
    file: FileRow | None
    uses: tuple[EvidenceUse, ...]
    is_internal: bool
    earlier_files: tuple[FileRow, ...] = ()
    checks: tuple[Any, ...] = ()
    past_checks: tuple[Any, ...] = ()
    may_change: bool = False
    may_check: bool = False
    may_uncheck: bool = False
    is_my_own: bool = False
    """The reader decides on evidence, but recorded this or brought its file: others check it."""

    @property
    def is_checked(self) -> bool:
        """Whether it has a check that counts, and its stored file has no fault."""
        harmed = {*FileFault.values, *QUARANTINED}
        is_harmed = self.file is not None and self.file.state in harmed
        return bool(self.checks) and not is_harmed


def item_page(item: Evidence, person: Person, today: date) -> ItemPage:
    """The page of an item that the person may read; ``recorded_by`` is read with it."""
    is_internal = permissions.can_read_internally(person)
    rows = item.revisions.select_related("file__redacted_by", "added_by").order_by("-number")
    if not is_internal:
        rows = rows.filter(number=item.last_revision)
    revisions = list(rows)
    files = tuple(file_row(revision, person) for revision in revisions)
    current = files[0] if files and files[0].number == item.last_revision else None
    shared: dict[str, Any] = {
        "item": item,
        "is_expired": item.expires_on is not None and item.expires_on < today,
        "file": current,
        "uses": tuple(links_of(item, person)),
        "is_internal": is_internal,
    }
    if not is_internal:
        return ItemPage(**shared)
    checks: list[Any] = list(item.checks.select_related("by", "organisation"))
    for check in checks:
        check.is_current = check.revision == item.last_revision
        check.counts = check.is_current and check.removed_at is None
    is_mine = any(check.by_id == person.pk and check.counts for check in checks)
    may = permissions.can_check_evidence(person, item, revisions[0] if revisions else None)
    return ItemPage(
        **shared,
        earlier_files=files[1:] if current else files,
        checks=tuple(row for row in checks if row.counts),
        past_checks=tuple(row for row in checks if not row.counts),
        may_change=permissions.can_change_evidence(person, item),
        may_check=may and not is_mine and (current is None or current.is_given),
        may_uncheck=is_mine and permissions.can_review(person),
        is_my_own=permissions.can_review(person) and not may,
    )
