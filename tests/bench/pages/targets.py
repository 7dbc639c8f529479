"""What is asked for: the pages of a site of one size, each with the bar it is measured by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

STATIC, BARE = "/bench/static/", "/bench/bare/"
LIST = "/recommendations/?status=in_progress&sort=date"
ADMIN = "/admin/recommendations/"
A_PAGE = 50
COUNTED = "X-Count-Statements"
"""Header of a request whose statements are counted; a request that is timed does without."""

MANAGER, ADMINISTRATOR = "manager1", "administrator1"

ADMINISTERED = (
    *(("evidence", 7), ("source", 1), ("organisation", 1), ("user", 2), ("indicator", 1)),
    *(("statusupdate", 70), ("observation", 0), ("targetdatechange", 7), ("auditevent", 7)),
)
"""Lists of `/admin/` beside that of recommendations, by model, and the key of a row of each."""


@dataclass(frozen=True, slots=True)
class Target:
    """A page: its name in the table, its address, and its bar.

    ``bar`` is how many constant pages it may take; ``of`` names another page that it is compared
    with instead. ``kind`` is ``page``, ``unchanged`` (asked again with its ETag) or ``file``.
    """

    name: str
    path: str
    bar: float | None = None
    of: str = "static"
    kind: str = "page"
    reader: str = MANAGER


def targets(size: int) -> Iterator[Target]:
    """In the order of the table."""
    yield Target("static", STATIC, 4, of="bare")
    yield Target("list", LIST, 6)
    yield Target("list-plain", "/recommendations/", 6)
    yield Target("list-text", "/recommendations/?text=register", 6)
    yield Target("suggestions", "/search/suggestions/?text=regis", 1)
    yield Target("page-1", _page(size, 1), 6)
    yield Target("page-200", _page(size, 200), 6)
    yield Target("page-2000", _page(size, 2000), 2, of="page-1")
    yield Target("overview", "/sources/half/", 9)
    yield Target("recommendation", "/recommendations/S1-7/", 6)
    # Not slower than the page of the same content.
    yield Target("api-list", f"/api/v1{LIST}", 1, of="list")
    yield Target("api-recommendation", "/api/v1/recommendations/S1-7/", 1, of="recommendation")
    for tab in ("evidence", "responses", "actions", "indicators", "history"):
        yield Target(f"tab-{tab}", f"/recommendations/S1-7/{tab}/", 6)
    yield Target("evidence", "/evidence/", 9)
    yield Target("indicators", "/indicators/", 9)
    yield Target("gap", "/gap/?indicator=IND-1")
    yield Target("countries", "/areas/", 9)
    yield Target("log", "/audit/", 9)
    yield Target("review", "/review/", 9)
    yield Target("my-work", "/my-work/", 9)
    yield Target("form", "/recommendations/S1-8/updates/new/", 9)
    yield Target("admin", f"{ADMIN}recommendation/", 6, reader=ADMINISTRATOR)
    yield Target("admin-form", f"{ADMIN}recommendation/7/change/", 6, reader=ADMINISTRATOR)
    for model, key in ADMINISTERED:
        yield Target(f"admin-{model}", f"{ADMIN}{model}/", 6, reader=ADMINISTRATOR)
        if key:
            path = f"{ADMIN}{model}/{key}/change/"
            yield Target(f"admin-{model}-form", path, 6, reader=ADMINISTRATOR)
    yield from looking_back()
    yield Target("list-304", LIST, 0.9, kind="unchanged")
    yield Target("overview-304", "/sources/half/", 0.9, kind="unchanged")
    yield Target("csv", "/recommendations/export/?format=csv", kind="file")
    yield Target("xlsx", "/recommendations/export/?source=third&format=xlsx", kind="file")


def looking_back() -> Iterator[Target]:
    """A past day, as known then and later; what changed in a quarter; the exception report."""
    month, quarter = (datetime.now(UTC).date() - timedelta(days=days) for days in (30, 90))
    for name, path in (("list", LIST), ("source", "/sources/half/?")):
        day = f"{path}&as_of={month.isoformat()}"
        yield Target(f"past-{name}", f"{day}&known={month.isoformat()}", 12)
        yield Target(f"past-{name}-known-later", day, 12)
    yield Target("changes", f"/sources/half/history/changes/?since={quarter.isoformat()}", 12)
    yield Target("exceptions", "/exceptions/", 12)
    yield Target("over-time", "/sources/half/history/over-time/", 12)


def _page(size: int, number: int) -> str:
    """A page of all there are, archived or not; the last where there are not so many."""
    return f"/recommendations/?archived=with&page={min(number, max(size // A_PAGE, 1))}"
