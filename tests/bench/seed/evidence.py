"""Evidence of what the update in force claims: for it, against it, and why it was asked."""

from recommendations.choices import CLAIMS_OF_EFFECT, Role
from tests.bench.seed import words
from tests.bench.seed.store import Store
from tests.bench.seed.updates import Current, Scope

KINDS = ("document", "web_page", "dataset", "statement")


def add_evidence(store: Store, scope: Scope, current: Current) -> None:
    """Most claims have evidence, some of it checked or expired; one in twelve is contradicted."""
    is_claim = current.implementation_status in CLAIMS_OF_EFFECT
    if store.happens(0.85 if is_claim else 0.5):
        item = _add_item(store, is_checked=store.happens(0.4))
        _link(store, item, "supports", update=current.pk)
        if item > 1 and store.happens(0.3):
            # An item of another recommendation, which may rest on the same.
            _link(store, item - 1, "supports", update=current.pk)
    if store.happens(0.08):
        item = _add_item(store, is_checked=False)
        _link(store, item, "undermines", update=current.pk, is_answered=store.happens(0.4))
    if store.happens(0.15):
        _link(store, _add_item(store, is_checked=False), "need", recommendation=scope.row)


def _add_item(store: Store, *, is_checked: bool) -> int:
    chosen = store.chosen
    n = store.last["Evidence"] + 1
    recorded, by = chosen.randrange(5, 400), store.person(Role.STAFF)
    expires = store.day(chosen.randrange(-500, 60)) if store.happens(0.15) else None
    item = store.add(
        "Evidence", f"item-{n}", f"{words.title(chosen)}, paper {n}", chosen.choice(KINDS),
        f"Paper {n}, page {1 + n % 90}", f"https://example.org/papers/{n}" if n % 3 else "",
        "public" if store.happens(0.6) else "internal",
        chosen.choice(("usually_reliable", "not_judged", "completely_reliable")), expires,
        store.moment(recorded), by,
    )  # fmt: skip
    if is_checked:
        # Never of the staff that recorded it.
        n = chosen.randrange(len(store.people[Role.MANAGER]))
        manager = store.people[Role.MANAGER][n]
        store.add("EvidenceCheck", item, manager, n + 1, store.moment(recorded - 3))
    return item


def _link(
    store: Store,
    item: int,
    stance: str,
    *,
    update: int | None = None,
    recommendation: int | None = None,
    is_answered: bool = False,
) -> None:
    store.add(
        "EvidenceLink", item, recommendation, update, stance, "It describes this.",
        store.moment(4), store.person(Role.STAFF),
        "It covers another year." if is_answered else "",
        store.moment(1) if is_answered else None, 1 if is_answered else None,
    )  # fmt: skip
