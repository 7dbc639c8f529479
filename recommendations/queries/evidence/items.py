"""Lists and pages of evidence, who had a hand in it, and changes that await a second manager."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.characters import parse_int
from recommendations.choices import (
    QUARANTINED,
    EvidenceChangeKind,
    EvidenceChangeState,
    FileFault,
    Stance,
    Visibility,
)
from recommendations.models import (
    AuditEvent,
    Evidence,
    EvidenceChange,
    EvidenceLink,
    EvidenceRevision,
    Observation,
    Response,
    StatusUpdate,
    User,
    settled_link,
)
from recommendations.models.evidence import EvidenceLinkQuerySet, counting_checks
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached, version_for
from recommendations.queries.evidence.uses import (
    EvidenceUse,
    FileRow,
    bytes_row,
    file_now,
    file_row,
    links_by_item,
    readable_targets,
    shown_evidence,
    target_of,
    uses_of,
    with_file_now,
)
from recommendations.queries.fields import Difference, field_label, value_in_words
from recommendations.queries.listed import named_only
from recommendations.queries.publicity import was_public
from recommendations.queries.shown import Shown, ShownPart, field_parts

# ---- Who had a hand in evidence: another manager agrees to what readers outside see of it

SOURCE_FIELDS = ("url", "citation")
"""Where a checker finds an item, besides its file."""

PUBLIC_WORDING = (
    *("title", "kind", "description", *SOURCE_FIELDS, "publisher"),
    *("effective_on", "effective_precision", "retrieved_on", "expires_on"),
)
"""What readers outside read of an item, besides its file."""


def is_relied_on(item: Evidence) -> bool:
    """Whether something that readers outside were told rests on an item.

    That is an approved update, a value, a response that has come, and a recommendation that is
    published or was.
    """
    links = item.links.filter(removed_at__isnull=True)
    if links.filter(settled_link()).exists():
        return True
    placed = links.filter(recommendation__isnull=False).select_related("recommendation")
    return any(was_public(link.recommendation) for link in placed if link.recommendation)


def is_settled(item: Evidence) -> bool:
    """Whether readers outside see an item on which something rests: two people change it then."""
    return item.visibility == Visibility.PUBLIC and is_relied_on(item)


def hands_of(item: Evidence) -> set[int | None]:
    """Who recorded an item, edited it, brought its file or linked it to what rests on it.

    Edits that were decided on are not counted: a second manager agreed to them. Three queries.
    """
    links = item.links.filter(settled_link(), removed_at__isnull=True)
    files = item.revisions.filter(number=item.last_revision)
    edits = AuditEvent.objects.filter(
        reduce(or_, (Q(payload__contains=f'"{name}":[') for name in PUBLIC_WORDING)),
        object_type=Evidence._meta.label_lower,
        object_id=str(item.pk),
        verb="change",
    )
    return {
        item.recorded_by_id,
        *links.order_by().values_list("added_by", flat=True),
        *files.order_by().values_list("added_by", flat=True),
        *edits.order_by().values_list("actor", flat=True),
    }


def gave_source(item: Evidence, by: User) -> bool:
    """Whether this person changed the address or the citation to what it is now."""
    events = AuditEvent.objects.filter(
        object_type=item._meta.label_lower,
        object_id=str(item.pk),
        verb__in=("change", "apply_change"),
    ).order_by("-sequence")
    for name in SOURCE_FIELDS:
        last = events.filter(payload__contains=f'"{name}":').first()
        if last is not None and by.pk in (last.actor_id, _proposer(item, last)):
            return True
    return False


def _proposer(item: Evidence, event: AuditEvent) -> int | None:
    """Who proposed the change that an event applied."""
    if event.verb != "apply_change":
        return None
    decided = item.changes.filter(kind=EvidenceChangeKind.WORDING, decided_at__lte=event.at)
    return decided.order_by("-decided_at").values_list("proposed_by", flat=True).first()


# ---- Changes of evidence that await a second manager, or were decided, as their pages show them

EVIDENCE_CHANGE = "evidence-change"
"""What ``Shown`` is about where a change of evidence is decided on."""

MOST_DECIDABLE = 50
"""Changes that Review lists."""

_LINKED = (
    *("link__recommendation", "link__update__recommendation", "link__observation__indicator"),
    *("link__response__addressee__recommendation", "link__response__addressee__area"),
    "link__response__addressee__organisation",
)


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A change with what differs, in words; ``file`` is the proposed one, ``target`` of a link."""

    change: EvidenceChange
    differences: tuple[Difference, ...]
    file: FileRow | None
    target: str
    target_url: str
    stance: str
    may_decide: bool
    may_withdraw: bool
    shown: Shown

    @property
    def is_open(self) -> bool:
        return self.change.is_open


def changes_of(item: Evidence, person: Person) -> tuple[ProposedChange, ...]:
    """All changes that were proposed of an item, the newest first, for readers of drafts."""
    if not permissions.can_read_drafts(person):
        return ()
    return tuple(_proposed(row, person) for row in change_rows().filter(evidence=item.pk))


def change_of(pk: int, person: Person) -> ProposedChange | None:
    """One change with its item, for readers of drafts."""
    row = change_rows().filter(pk=pk).first() if permissions.can_read_drafts(person) else None
    return _proposed(row, person) if row else None


def decidable_changes(person: Person) -> list[EvidenceChange]:
    """Open changes on which this manager may decide, the oldest first; one query."""
    if not permissions.can_review(person):
        return []
    rows = EvidenceChange.objects.open().select_related("evidence", "proposed_by")
    found = [row for row in rows.order_by("proposed_at", "pk") if may_decide(person, row)]
    return found[:MOST_DECIDABLE]


def change_rows() -> QuerySet[EvidenceChange]:
    """Changes with their items, links, files and people."""
    people = ("proposed_by", "decided_by", "evidence__recorded_by", "file__redacted_by")
    return EvidenceChange.objects.select_related(*people, *_LINKED)


def may_decide(person: Person, change: EvidenceChange) -> bool:
    """Whether this person decides on an open change: a manager who did not propose it.

    Who recorded an item does not let readers outside see it where another linked it either.
    """
    is_own_link = (
        change.kind == EvidenceChangeKind.LINK and change.evidence.recorded_by_id == person.pk
    )
    return permissions.can_review(person) and person.pk != change.proposed_by_id and not is_own_link


def new_value(name: str, text: str) -> Any:
    """A value of an item, from the text that a change holds of it."""
    field: Any = Evidence._meta.get_field(name)
    if not text:
        return None if field.null else ""
    return field.to_python(text)


def held_text(item: Evidence, name: str) -> str:
    """A value of an item as the text that a change holds of it."""
    field: Any = Evidence._meta.get_field(name)
    return str(field.value_to_string(item) or "")


def shown_change(change: EvidenceChange) -> Shown:
    """What the page of a change shows: what is proposed, and what it takes the place of."""
    item, parts = change.evidence, []
    for each in _differences(change):
        name = each.field
        now = value_in_words(item, name, getattr(item, name))
        parts += [
            ShownPart(f"now/{name}", each.label, held_text(item, name), now),
            ShownPart(f"new/{name}", each.label, change.new_values[name], each.after),
        ]
    state = str(change.get_state_display())
    current = _current_file(change)
    name = f"{change.file_name} {change.file_note}".strip()
    parts += [
        ShownPart("state", capfirst(_("state")), change.state, state),
        ShownPart("title", _("Evidence"), item.title, item.title),
        ShownPart(
            "visibility", capfirst(_("visibility")), item.visibility, item.get_visibility_display()
        ),
        ShownPart("file", _("New file"), f"{change.file_id or ''} {name}", name),
        ShownPart("current", _("Current file"), current, current[:12]),
    ]
    if change.link is not None:
        label, _url, _kind = target_of(change.link, is_inside=True)
        stance = change.link.get_stance_display()
        removed = change.link.removed_at.isoformat() if change.link.removed_at else ""
        value = f"{change.link_id} {change.link.stance} {removed}"
        parts.append(ShownPart("link", capfirst(_("link")), value, f"{label}: {stance}"))
    return Shown(f"{EVIDENCE_CHANGE}-{change.pk}", tuple(parts))


def _current_file(change: EvidenceChange) -> str:
    """The digest of the file that a newer one takes the place of; empty where there is none."""
    if change.kind != EvidenceChangeKind.FILE:
        return ""
    rows = EvidenceRevision.objects.filter(
        evidence=change.evidence_id, number=change.evidence.last_revision
    )
    return rows.values_list("file", flat=True).first() or ""


def _differences(change: EvidenceChange) -> tuple[Difference, ...]:
    """What a change of details says, in the order of the form."""
    item = change.evidence
    names = [field.name for field in Evidence._meta.fields if field.name in change.new_values]
    return tuple(
        Difference(
            name,
            capfirst(field_label(item, name)),
            _in_words(item, name, change.old_values.get(name, "")),
            _in_words(item, name, change.new_values[name]),
        )
        for name in names
    )


def _in_words(item: Evidence, name: str, text: str) -> str:
    try:
        return value_in_words(item, name, new_value(name, text))
    except ValidationError:
        return text  # Redacted: a mark is no date.


def _proposed(change: EvidenceChange, person: Person) -> ProposedChange:
    target = ("", "", "")
    if change.link is not None:
        target = target_of(change.link, is_inside=True)
    return ProposedChange(
        change=change,
        differences=_differences(change),
        file=_file_of(change, person),
        target=target[0],
        target_url=target[1],
        stance=change.link.stance if change.link else "",
        may_decide=change.is_open and may_decide(person, change),
        may_withdraw=change.is_open and change.proposed_by_id == person.pk,
        shown=shown_change(change),
    )


def _file_of(change: EvidenceChange, person: Person) -> FileRow | None:
    if change.file is None:
        return None
    return bytes_row(
        change.file,
        reverse("evidence-change-file", args=[change.pk]),
        person,
        name=change.file_name,
        note=change.file_note,
        state_by=str(change.file.redacted_by or ""),
        added_at=change.proposed_at,
        added_by=str(change.proposed_by),
    )


# ---- Evidence with the claims it is used for: lists, and the page of one item

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


def visible_links(person: Person) -> EvidenceLinkQuerySet:
    """Links that the person may see."""
    return EvidenceLink.objects.live().filter(readable_targets(person))


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


# ---- Recorded items to pick from for a claim

Claim = StatusUpdate | Response | Observation

CHOICE = "evidence-choice"
"""What ``Shown`` is about where a recorded item is picked for a claim."""

_CHOSEN_BY = ("title", "kind", "url", "citation", "publisher", "visibility", "last_revision")

MOST_OFFERED = 20
"""Recorded items to pick from: those of the same recommendation first, then the newest."""


def free_items(claim: Claim, person: Person) -> QuerySet[Evidence]:
    """Items that the user may read and that are not linked to the claim yet."""
    items = Evidence.objects.visible_to(person)
    if claim._state.adding:
        return items
    links = claim.evidence_links.filter(removed_at__isnull=True)
    linked = links.filter(evidence=OuterRef("pk"))
    return items.exclude(Exists(linked))


class Offered(NamedTuple):
    """A recorded item among others to pick from; a hidden field tells what of it was shown."""

    pk: int
    name: str
    field_name: str
    token: str


def offered_items(
    items: QuerySet[Evidence], claim: Claim, person: Person, words: str, picked: object
) -> list[Offered]:
    """The nearest items; where no words are looked for, kept until the next event."""

    def read() -> list[Offered]:
        nearest = nearest_items(items, claim, words, picked)
        shown = [shown_choice(item) for item in nearest]
        return [
            Offered(item.pk, option_of(item), each.field_name, each.token)
            for item, each in zip(nearest, shown, strict=True)
        ]

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
    found = items.only("pk", *_CHOSEN_BY)
    key = parse_int(str(picked or ""))
    held = [] if key is None else list(found.filter(pk=key))
    # SQLite refuses to look for a page of words, and nobody means it.
    for word in words.replace("\0", " ").split():
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


def shown_choice(item: Evidence) -> Shown:
    """What somebody goes by who picks an item, and what readers outside would read of it."""
    return Shown(f"{CHOICE}-{item.pk}", tuple(field_parts(item, _CHOSEN_BY)))


def option_of(item: Evidence) -> str:
    """An item among others to pick from."""
    more = item.publisher or item.get_kind_display()
    return f"{item.title} ({more})"
