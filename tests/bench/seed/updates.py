"""The updates of one recommendation, from the first on, and which of them is in force."""

from dataclasses import dataclass
from datetime import date, timedelta

from recommendations.choices import CLOSED_STATUSES, FINISHED_STATUSES, Role
from tests.bench.seed import words
from tests.bench.seed.store import Store

ENDS = {
    "in_progress": 38,
    "implemented": 24,
    "partly_implemented": 14,
    "not_started": 16,
    "not_implemented": 4,
    "no_longer_applicable": 3,
    "superseded": 1,
}
"""What the newest update says, out of a hundred."""

NOT_RATED = "not_rated"
RATINGS = {"green": 50, "amber": 30, "red": 15, NOT_RATED: 5}


@dataclass(frozen=True, slots=True)
class Scope:
    """One recommendation: its id, how many days ago it was opened, whom it addresses.

    ``officer`` writes its updates; without one it is anybody.
    """

    row: int
    opened: int
    addressees: list[int]
    officer: int | None

    @staticmethod
    def day(store: Store, ago: int) -> date:
        return store.today - timedelta(days=ago)


@dataclass(frozen=True, slots=True)
class Current:
    """What the update in force says, under the names of the model."""

    pk: int
    as_of: date
    implementation_status: str
    rated_on: date | None
    author: int


def add_updates(store: Store, scope: Scope) -> Current | None:
    """A history of ``store.each`` updates, and the one in force; one in twenty has none at all."""
    chosen = store.chosen
    if store.happens(0.05):
        return None
    waiting = _waiting_state(store)
    decided = store.each - bool(waiting)
    is_corrected = decided > 1 and store.happens(0.05)
    [end] = chosen.choices([*ENDS], [*ENDS.values()])
    if end == "superseded" and scope.row == 1:
        end = "implemented"
    newest = chosen.randrange(8, 150) if store.happens(0.75) else chosen.randrange(150, 390)
    current: Current | None = None
    for n in range(decided):
        left = decided - 1 - n
        is_correction = is_corrected and left == 0
        # Evenly from its opening to the newest; a correction is of the day of what it corrects.
        ago = newest + (scope.opened - newest) * (left - is_corrected * (left > 0)) // store.each
        addressee = None
        if left == decided - 1 and decided > 2 and store.happens(0.1):
            addressee = scope.addressees[0]
        status = end if left <= is_corrected else ("not_started", "in_progress")[n * 2 >= decided]
        made = _add(
            store, scope, ago, status, "approved", addressee=addressee,
            corrects=current.pk if is_correction and current else None,
        )  # fmt: skip
        current = current if addressee else made
    if waiting:
        _add(
            store, scope, chosen.randrange(6, 8), "in_progress", waiting, based_on=current
        )  # fmt: skip
    return current


def _waiting_state(store: Store) -> str:
    """What stands beside the history: mostly nothing, but enough for a queue at every size."""
    for state, share, least in (
        ("submitted", 0.01, 60),
        ("draft", 0.01, 60),
        ("returned", 0.005, 5),
        ("withdrawn", 0.005, 0),
    ):
        if store.happens(share, least):
            return state
    return ""


def _add(
    store: Store,
    scope: Scope,
    ago: int,
    status: str,
    state: str,
    *,
    addressee: int | None = None,
    corrects: int | None = None,
    based_on: Current | None = None,
) -> Current:
    chosen = store.chosen
    rating = NOT_RATED
    if status in ("in_progress", "partly_implemented"):
        [rating] = chosen.choices([*RATINGS], [*RATINGS.values()])
    is_amber, is_decided = rating == "amber", state in ("approved", "returned")
    is_reopened = based_on and based_on.implementation_status in FINISHED_STATUSES
    author = scope.officer or store.person(Role.STAFF)
    update = store.last["StatusUpdate"] + 1
    store.add(
        "StatusUpdate", f"{chosen.getrandbits(128):032x}", scope.row, addressee,
        "correction" if corrects else "regular", store.day(ago), status, rating,
        None if rating == NOT_RATED else store.day(ago), words.prose(chosen, 2),
        "The second half remains." if status == "partly_implemented" else "",
        words.prose(chosen, 1), "Money is short." if is_amber else "",
        "More is asked for." if is_amber else "", "The ministry" if is_amber else "",
        "A decision by the board." if rating == "red" else "",
        store.day(ago + 3) if status == "implemented" else None,
        "Its ground is gone." if status in CLOSED_STATUSES else "",
        scope.row - 1 if status == "superseded" else None,
        "It came to an end." if is_reopened else "", words.prose(chosen, 1),
        words.prose(chosen, 1), corrects, based_on.pk if based_on else None, state,
        author, author, store.moment(ago),
        store.moment(ago - 3) if state not in ("draft", "withdrawn") else None,
        store.moment(ago - 5) if is_decided else None,
        store.person(Role.MANAGER) if is_decided else None, "Seen." if is_decided else "",
    )  # fmt: skip
    store.add("StatusUpdate_editors", update, author)
    day = scope.day(store, ago)
    return Current(update, day, status, None if rating == NOT_RATED else day, author)
