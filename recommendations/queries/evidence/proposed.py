"""Changes of evidence that await a second manager, or were decided, as their pages show them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import EvidenceChangeKind
from recommendations.models import Evidence, EvidenceChange, EvidenceRevision
from recommendations.permissions import Person
from recommendations.queries.evidence.files import FileRow, bytes_row
from recommendations.queries.evidence.hands import hands_of
from recommendations.queries.evidence.uses import target_of
from recommendations.queries.fields import Difference, field_label, value_in_words
from recommendations.queries.shown import Shown, ShownPart

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
        """Whether a decision is due: of a link that was removed meanwhile none is."""
        link = self.change.link
        return self.change.is_awaiting and (link is None or link.removed_at is None)


def changes_of(item: Evidence, person: Person) -> tuple[ProposedChange, ...]:
    """All changes that were proposed of an item, the newest first, for readers of drafts."""
    if not permissions.can_read_drafts(person):
        return ()
    rows = list(change_rows().filter(evidence=item.pk))
    hands = hands_of([item]) if any(row.is_awaiting for row in rows) else {}
    return tuple(_proposed(row, person, hands.get(item.pk, set())) for row in rows)


def change_of(pk: int, person: Person) -> ProposedChange | None:
    """One change with its item, for readers of drafts."""
    row = change_rows().filter(pk=pk).first() if permissions.can_read_drafts(person) else None
    return _proposed(row, person, hands_of([row.evidence])[row.evidence_id]) if row else None


def decidable_changes(person: Person) -> list[EvidenceChange]:
    """Open changes on which this manager may decide, the oldest first; four queries at most."""
    if not permissions.can_review(person):
        return []
    rows = EvidenceChange.objects.open().exclude(proposed_by=person.pk)
    found = list(rows.select_related("evidence", "proposed_by").order_by("proposed_at", "pk"))
    hands = hands_of([row.evidence for row in found]) if found else {}
    return [row for row in found if person.pk not in hands[row.evidence_id]][:MOST_DECIDABLE]


def change_rows() -> QuerySet[EvidenceChange]:
    """Changes with their items, links, files and people."""
    people = ("proposed_by", "decided_by", "evidence__recorded_by", "file__redacted_by")
    return EvidenceChange.objects.select_related(*people, *_LINKED)


def may_decide(person: Person, change: EvidenceChange, hands: Collection[int]) -> bool:
    """Whether this person decides on an open change: a manager who had no hand in any of it."""
    return (
        permissions.can_review(person)
        and person.pk != change.proposed_by_id
        and person.pk not in hands
    )


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
        ShownPart("state", _("State"), change.state, state),
        ShownPart("title", _("Evidence"), item.title, item.title),
        ShownPart("visibility", _("Visibility"), item.visibility, item.get_visibility_display()),
        ShownPart("file", _("New file"), f"{change.file_id or ''} {name}", name),
        ShownPart("current", _("Current file"), current, current[:12]),
    ]
    if change.link is not None:
        label, _url, _kind = target_of(change.link, is_inside=True)
        stance = change.link.get_stance_display()
        removed = change.link.removed_at.isoformat() if change.link.removed_at else ""
        value = f"{change.link_id} {change.link.stance} {removed}"
        parts.append(ShownPart("link", _("Link"), value, f"{label}: {stance}"))
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


def _proposed(change: EvidenceChange, person: Person, hands: Collection[int]) -> ProposedChange:
    target = ("", "", "")
    if change.link is not None:
        target = target_of(change.link, is_inside=True)
    is_due = change.is_awaiting and (change.link is None or change.link.removed_at is None)
    return ProposedChange(
        change=change,
        differences=_differences(change),
        file=_file_of(change, person),
        target=target[0],
        target_url=target[1],
        stance=change.link.stance if change.link else "",
        may_decide=is_due and may_decide(person, change, hands),
        may_withdraw=is_due and change.proposed_by_id == person.pk,
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
