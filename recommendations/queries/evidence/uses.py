"""Evidence as pages show it: its files, and what it is used for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils.text import Truncator, capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import QUARANTINED, ScanState, Stance
from recommendations.columns import written
from recommendations.models import (
    AGREED,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Recommendation,
    StatusUpdate,
    StoredFile,
    public_link,
)
from recommendations.models.updates import SEEN_BY_VIEWERS
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from recommendations.queries.listed import column_names
from recommendations.queries.publicity import Mark, marks_of
from recommendations.queries.shown import Shown, ShownPart, field_parts
from recommendations.readers import opening

# ---- Files of evidence as pages show them: type, address and state of each

REDACTED, WHOLE, NOT_COMPARED = "redacted", "whole", "not_compared"
"""States of a file besides those of a fault (``FileFault``) and of quarantine (``ScanState``)."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of an evidence item, as one reader may see it.

    ``url`` and ``show_url`` are empty where nobody is given the bytes, ``show_url`` also where a
    browser does not show them. ``beside`` says how a page shows them beside its text: as an
    ``image`` at ``show_url``, in a ``frame`` at ``beside_url``, or not at all. Who, what it was
    called and what became of it is for people inside.
    """

    number: int
    label: str
    size: int
    sha256: str
    url: str
    show_url: str
    state: str
    state_at: datetime | None
    beside: str = ""
    name: str = ""
    note: str = ""
    state_by: str = ""
    state_note: str = ""
    added_at: datetime | None = None
    added_by: str = ""

    @property
    def beside_url(self) -> str:
        return f"{self.url}?beside=1"

    @property
    def is_given(self) -> bool:
        return bool(self.url)


def with_file_now(path: str = "") -> Prefetch[Any]:
    """The file that each item has now, in one query; ``path`` leads to the item, as ``item__``."""
    rows = EvidenceRevision.objects.filter(number=F("evidence__last_revision"))
    return Prefetch(f"{path}revisions", rows.select_related("file"), to_attr="files_now")


def file_now(item: Evidence, person: Person) -> FileRow | None:
    """The file that an item read ``with_file_now`` has, if any, without its people."""
    revision = revision_now(item)
    return file_row(revision, person, has_people=False) if revision else None


def revision_now(item: Any) -> EvidenceRevision | None:
    """The row of that file, as permissions ask for it."""
    return item.files_now[0] if item.files_now else None


def file_row(revision: EvidenceRevision, person: Person, *, has_people: bool = True) -> FileRow:
    """One file, read with the row of its bytes, and its people if it has them."""
    inside: dict[str, Any] = {}
    if permissions.can_read_internally(person):
        inside = {
            "name": revision.original_name,
            "note": revision.note,
            "added_at": revision.added_at,
        }
        if has_people:
            inside["state_by"] = str(revision.file.redacted_by or "")
            inside["added_by"] = str(revision.added_by)
    url = reverse("evidence-file", args=[revision.evidence_id, revision.number])
    return bytes_row(revision.file, url, person, number=revision.number, **inside)


def bytes_row(
    file: StoredFile, url: str, person: Person, *, number: int = 0, **inside: Any
) -> FileRow:
    """Stored bytes at the address where they are given; ``inside`` is for people inside."""
    kind = opening.type_named(file.media_type)
    url = url if file.is_given else ""
    state, at = _state(file)
    if state == ScanState.REFUSED and permissions.can_read_internally(person):
        inside["state_note"] = file.scan_note
    return FileRow(
        number=number,
        label=str(kind.label) if kind else file.media_type,
        size=file.size,
        sha256=file.sha256,
        url=url,
        show_url=f"{url}?show=1" if url and kind and kind.is_shown else "",
        state=state,
        state_at=at,
        beside=_beside(kind) if url and kind else "",
        **inside,
    )


def _beside(kind: opening.MediaType) -> str:
    if kind.is_framed:
        return "frame"
    return "image" if kind.is_shown else ""


def _state(file: StoredFile) -> tuple[str, datetime | None]:
    """What matters most of the stored bytes, and since when it is known."""
    if file.redacted_at:
        return REDACTED, file.redacted_at
    if file.scan == ScanState.REFUSED:
        return file.scan, file.scanned_at
    if file.fault:
        return file.fault, file.compared_at
    if file.scan == ScanState.WAITING:
        return file.scan, None
    return (WHOLE, file.compared_at) if file.compared_at else (NOT_COMPARED, None)


# ---- What evidence items are linked to, as far as a reader may see it


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
    *column_names("added_by", "answered_by"),
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


# ---- What pages show of evidence: where it is verified, and under a claim that is decided on

EVIDENCE = "evidence"
"""What ``Shown`` is about where an item is verified."""

ITEM_COLUMNS = written(Evidence, "slug")
LINK_COLUMNS = ("why", "answer")


def shown_evidence(
    item: Evidence,
    revision: EvidenceRevision | None,
    checks: Iterable[EvidenceCheck],
    links: Iterable[EvidenceLink],
) -> Shown:
    """An item, the file that it has now, its checks, and its live links with their targets."""
    parts = _item_parts(item, revision, checks)
    for link in links:
        label, _url, kind = target_of(link, is_inside=True)
        target = f"{kind} {getattr(link, f'{kind}_id')} {link.stance}"
        parts += _link_parts(link, _("Linked to %s") % Truncator(label).chars(60), target)
    return Shown(f"{EVIDENCE}-{item.pk}", tuple(parts))


def claim_parts(link: Any, checks: Iterable[EvidenceCheck] = ()) -> list[ShownPart]:
    """A link under a claim, and its item with the file that it has now.

    ``checks`` are those of the item, where the page shows them.
    """
    title = _("Evidence “%(title)s”") % {"title": Truncator(link.evidence.title).chars(60)}
    parts = _link_parts(link, title, f"{link.evidence_id} {link.stance}")
    revisions: Sequence[EvidenceRevision] = link.evidence.files_now
    revision = revisions[0] if revisions else None
    return parts + _item_parts(link.evidence, revision, checks, under=parts[0].key, of=title)


def _link_parts(link: EvidenceLink, label: str, value: str) -> list[ShownPart]:
    key = f"link-{link.pk}"
    head = ShownPart(key, label, value, link.get_stance_display())
    return [head, *field_parts(link, LINK_COLUMNS, under=key, of=label)]


def _item_parts(
    item: Evidence,
    revision: EvidenceRevision | None,
    checks: Iterable[EvidenceCheck],
    *,
    under: str = "item",
    of: str = "",
) -> list[ShownPart]:
    parts = field_parts(item, ITEM_COLUMNS, under=under, of=of)
    state, state_text = _file_state(revision)
    live = [c for c in checks if c.removed_at is None and c.revision == item.last_revision]
    for name, label, value, text in (
        ("file", capfirst(_("file")), revision.file_id if revision else "", _file_text(revision)),
        ("state", _("File status"), state, state_text),
        (
            "checks",
            _("Verification"),
            " ".join(str(check.pk) for check in sorted(live, key=lambda check: check.pk)),
            ", ".join(f"{check.by}, {day_text(localtime(check.at))}" for check in live),
        ),
    ):
        parts.append(ShownPart(f"{under}/{name}", f"{of}: {label}" if of else label, value, text))
    return parts


def _file_text(revision: EvidenceRevision | None) -> str:
    if revision is None:
        return ""
    return f"{revision.original_name} (SHA-256 {revision.file_id[:12]}…)"


def _file_state(revision: EvidenceRevision | None) -> tuple[str, str]:
    """Why people do not get the bytes, as a code and in words; empty where they do."""
    if revision is None or revision.file.is_given:
        return "", ""
    file = revision.file
    if file.redacted_at:
        return "redacted", _("Redacted")
    if file.fault:
        return file.fault, file.get_fault_display()
    return (file.scan, file.get_scan_display()) if file.scan in QUARANTINED else ("", "")
