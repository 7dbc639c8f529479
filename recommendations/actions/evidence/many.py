"""Evidence of many updates at once, by its addresses: the bulk form of recording and linking."""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit

from recommendations import audit
from recommendations.actions.base import BATCH, free_slug
from recommendations.audit.snapshots import batches
from recommendations.choices import EvidenceKind, Stance, Visibility
from recommendations.models import Evidence, EvidenceLink, StatusUpdate

LONGEST_TITLE = 300


def item_values(address: str) -> dict[str, Any]:
    """What is recorded of a web page of which nothing but the address is known.

    Internal, and not verified by anybody.
    """
    return {
        "title": title_of(address),
        "kind": EvidenceKind.WEB_PAGE,
        "url": address,
        "visibility": Visibility.INTERNAL,
    }


def title_of(address: str) -> str:
    """The address without what every one begins with."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}".rstrip("/")[:LONGEST_TITLE] or address[:LONGEST_TITLE]


def support_with_addresses(
    act: audit.BulkAct, named: Sequence[tuple[StatusUpdate, Collection[str]]]
) -> None:
    """Link addresses as support of updates that are not approved yet.

    An address is recorded once, by the author of the first update that names it; one that was
    recorded before is linked.
    """
    items = _recorded({address for _update, addresses in named for address in addresses})
    new: dict[str, Evidence] = {}
    slugs = set(Evidence.objects.values_list("slug", flat=True)) if named else set()
    for update, addresses in named:
        for address in addresses:
            if address not in items and address not in new:
                new[address] = _item(act, update, address, slugs)
    act.follow_new(Evidence.objects.bulk_create(new.values(), batch_size=BATCH))
    items |= new
    links = [
        EvidenceLink(
            evidence=items[address],
            update=update,
            stance=Stance.SUPPORTS,
            added_at=act.entry.at,
            added_by=update.author,
        )
        for update, addresses in named
        for address in dict.fromkeys(addresses)
    ]
    act.follow_new(EvidenceLink.objects.bulk_create(links, batch_size=BATCH))


def _recorded(addresses: Collection[str]) -> dict[str, Evidence]:
    """Items that have one of these addresses, the oldest of each."""
    found: dict[str, Evidence] = {}
    for some in batches(sorted(addresses), BATCH):
        for item in Evidence.objects.filter(url__in=some).order_by("pk"):
            found.setdefault(item.url, item)
    return found


def _item(act: audit.BulkAct, update: StatusUpdate, address: str, slugs: set[str]) -> Evidence:
    values = item_values(address)
    slug = free_slug(Evidence, values["title"], slugs)
    slugs.add(slug)
    return Evidence(slug=slug, recorded_at=act.entry.at, recorded_by=update.author, **values)
