"""What pages show of evidence: where it is verified, and under a claim that is decided on."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from recommendations.choices import QUARANTINED
from recommendations.columns import written
from recommendations.models import Evidence, EvidenceCheck, EvidenceLink, EvidenceRevision
from recommendations.queries.dates import day_text
from recommendations.queries.evidence.uses import target_of
from recommendations.queries.shown import Shown, ShownPart, field_parts

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
    title = _("Evidence “%s”") % Truncator(link.evidence.title).chars(60)
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
        ("file", _("File"), revision.file_id if revision else "", _file_text(revision)),
        ("state", _("File status"), state, state_text),
        (
            "checks",
            _("Verification"),
            " ".join(str(check.pk) for check in sorted(live, key=lambda check: check.pk)),
            ", ".join(_check_text(check) for check in live),
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


def _check_text(check: EvidenceCheck) -> str:
    return f"{check.by}, {day_text(localtime(check.at))}"
