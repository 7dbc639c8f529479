"""Evidence with the claims it is used for: lists, and the page of one item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from recommendations import permissions
from recommendations.choices import QUARANTINED, EvidenceChangeState, FileFault, Stance
from recommendations.models import Evidence, EvidenceChange, EvidenceLink
from recommendations.models.evidence_checks import counting_checks
from recommendations.permissions import Person
from recommendations.queries.evidence.files import FileRow, file_now, file_row, with_file_now
from recommendations.queries.evidence.proposed import ProposedChange, changes_of
from recommendations.queries.evidence.shown import shown_evidence
from recommendations.queries.evidence.uses import (
    EvidenceUse,
    links_by_item,
    readable_targets,
    uses_of,
)
from recommendations.queries.listed import named_only
from recommendations.queries.shown import Shown

_OUTSIDE = (
    *("title", "kind", "publisher", "url", "citation", "effective_on", "effective_precision"),
    *("retrieved_on", "expires_on", "reliability", "visibility"),
    "recorded_by__is_demonstration",
)
"""All that readers outside have of an item in the list and its file."""


def evidence_rows(ids: Sequence[int], person: Person) -> dict[int, Any]:
    """Items of the list by id, each with its ``file``, ``stands_for`` and ``stands_against``.

    ``is_unanswered`` where one of the latter contradicts an update and has no answer.

    Links are those that the person may see. For people inside also ``live_checks``: how many
    checks count, by others than who recorded the item, of the file that it has now; and
    ``changes_awaiting`` and ``changes_decided``: how many changes of it were proposed.
    """
    is_internal = permissions.can_read_internally(person)
    rows = Evidence.objects.select_related("recorded_by").prefetch_related(with_file_now())
    items: dict[int, Any] = (rows if is_internal else named_only(rows, *_OUTSIDE)).in_bulk(ids)
    links = visible_links(person).filter(evidence__in=ids).order_by()
    is_open = Q(answered_at__isnull=True, update__isnull=False)
    counts = links.values_list("evidence", "stance").annotate(
        n=Count("pk"), n_open=Count("pk", filter=is_open)
    )
    uses = {(item, stance): (n, n_open) for item, stance, n, n_open in counts}
    checks: dict[int, int] = {}
    changes: dict[int, tuple[int, int]] = {}
    if is_internal:
        counting = counting_checks().filter(evidence__in=ids).order_by()
        checks = dict(counting.values_list("evidence").annotate(n=Count("pk")))
        changes = _changes(ids)
    for pk, item in items.items():
        item.file = file_now(item, person)
        item.stands_for, _open = uses.get((pk, Stance.SUPPORTS), (0, 0))
        item.stands_against, item.is_unanswered = uses.get((pk, Stance.UNDERMINES), (0, 0))
        item.live_checks = checks.get(pk, 0)
        item.changes_awaiting, item.changes_decided = changes.get(pk, (0, 0))
    return items


def _has_open_change(item: Evidence, person: Person, changes: Sequence[ProposedChange]) -> bool:
    """Whether a newer version awaits a decision; who reads none of it is told that alone."""
    if permissions.can_read_drafts(person):
        return any(each.is_open for each in changes)
    return EvidenceChange.objects.open().filter(evidence=item.pk).exists()


def _changes(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many changes of each item await a decision, and how many were decided or withdrawn."""
    is_awaiting = Q(state=EvidenceChangeState.AWAITING)
    rows = EvidenceChange.objects.filter(evidence__in=ids).order_by().values_list("evidence")
    counted = rows.annotate(
        n=Count("pk", filter=is_awaiting), decided=Count("pk", filter=~is_awaiting)
    )
    return {pk: (n, decided) for pk, n, decided in counted}


def visible_links(person: Person) -> QuerySet[EvidenceLink]:
    """Links that the person may see."""
    return EvidenceLink.objects.live().filter(readable_targets(person))


def unanswered(links: QuerySet[EvidenceLink]) -> QuerySet[EvidenceLink]:
    """Those that contradict an update and have no answer."""
    return links.filter(stance=Stance.UNDERMINES, answered_at__isnull=True, update__isnull=False)


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
    changes: tuple[ProposedChange, ...] = ()
    """Changes that await another manager or were decided, for readers of drafts."""
    has_open_change: bool = False
    shown: Shown | None = None
    """What a verification rests on, for those who decide on evidence."""
    is_my_own: bool = False
    """The reader decides on evidence, but recorded this or brought its file: others check it."""

    @property
    def open_changes(self) -> list[ProposedChange]:
        return [each for each in self.changes if each.is_open]

    @property
    def decided_changes(self) -> list[ProposedChange]:
        return [each for each in self.changes if not each.change.is_awaiting]

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
    links = links_by_item([item.pk], person)[item.pk]
    shared: dict[str, Any] = {
        "item": item,
        "is_expired": item.expires_on is not None and item.expires_on < today,
        "file": current,
        "uses": uses_of(links, person),
        "is_internal": is_internal,
    }
    if not is_internal:
        return ItemPage(**shared)
    checks: list[Any] = list(item.checks.select_related("by", "organisation", "removed_by"))
    for check in checks:
        check.is_current = check.revision == item.last_revision
        check.counts = check.is_current and check.removed_at is None
    changes = changes_of(item, person)
    is_mine = any(check.by_id == person.pk and check.counts for check in checks)
    newest = revisions[0] if revisions else None
    may = permissions.can_check_evidence(person, item, newest)
    decides = permissions.can_review(person)
    return ItemPage(
        **shared,
        earlier_files=files[1:] if current else files,
        checks=tuple(row for row in checks if row.counts),
        past_checks=tuple(row for row in checks if not row.counts),
        may_change=permissions.can_change_evidence(person, item),
        changes=changes,
        has_open_change=_has_open_change(item, person, changes),
        may_check=may and not is_mine and (current is None or current.is_given),
        may_uncheck=is_mine and decides,
        shown=shown_evidence(item, newest if current else None, checks, links) if decides else None,
        is_my_own=decides and not may,
    )
