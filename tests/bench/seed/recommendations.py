"""Sources, and recommendations with all that hangs on one beside updates and evidence."""

from dataclasses import dataclass
from types import SimpleNamespace

from django.utils.text import slugify

from recommendations.choices import Role
from recommendations.state.statement import next_due_day, rating_end
from tests.bench.seed import words
from tests.bench.seed.evidence import add_evidence
from tests.bench.seed.store import Store
from tests.bench.seed.updates import Scope, add_updates

SHARES = {"half": 0.5, "third": 0.33, "part-3": 0.08, "part-4": 0.05, "part-5": 0.03, "part-6": 1}
"""Which part of all recommendations each source makes; the last one makes what is left."""

PRIORITIES = ("high", "medium", "low", "not_set")
MODALITIES = ("must", "should", "should_jointly", "should_consider", "may")
TAKINGS = (
    *("accepted", "accepted_in_part", "accepted_in_principle", "rejected", "not_for_us"),
    *("under_consideration", "noted"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recommendation stands: in which source, under which number."""

    source: int
    number: int
    reference: str


def add_sources(store: Store) -> list[range]:
    """The sources; the numbers, over all of them, of the recommendations that each makes."""
    begun, found = 0, []
    for n, (slug, share) in enumerate(SHARES.items(), 1):
        end = store.size if share == 1 else begun + round(store.size * share)
        store.add(
            "Source", slug, f"Report on the future, part {n}", f"Report {n}", "The panel",
            store.day(1000 + 10 * n), "day", f"S{n}", end - begun,
        )  # fmt: skip
        found.append(range(begun, end))
        begun = end
    return found


def add_themes(store: Store) -> None:
    for name in words.THEMES:
        store.add("Theme", slugify(name), name, words.prose(store.chosen, 1))


def place_of(sources: list[range], n: int) -> Place:
    source, numbers = next(each for each in enumerate(sources, 1) if n in each[1])
    number = n - numbers.start + 1
    return Place(source, number, f"S{source}-{number}")


def add_recommendation(store: Store, place: Place) -> None:
    chosen = store.chosen
    row = store.last["Recommendation"] + 1
    opened = chosen.randrange(400, 1400)
    nature = "continuous" if store.happens(0.2) else "time_bound"
    interval = chosen.choice((6, 6, 6, 12))
    review = chosen.randrange(-300, 200) if nature == "continuous" else None
    addressees = _add_addressees(store, row)
    officer = store.person(Role.STAFF) if store.happens(0.9) else None
    scope = Scope(row, opened, addressees, officer)
    current = add_updates(store, scope)
    if current:
        add_evidence(store, scope, current)
    target = _add_dates(store, row, opened) if nature == "time_bound" else None
    _add_rest(store, row)
    asked = SimpleNamespace(
        opened_on=scope.day(store, opened), interval_months=interval, nature=nature,
        review_on=None if review is None else scope.day(store, review),
    )  # fmt: skip
    due, end = next_due_day(asked, current), rating_end(asked, current)
    is_public, is_archived = store.happens(0.9), store.happens(0.03)
    store.add(
        "Recommendation", place.source, place.number, place.reference, words.title(chosen),
        words.prose(chosen, 2), words.prose(chosen, 3) if store.happens(0.7) else "",
        chosen.choice(MODALITIES), nature, chosen.choice(PRIORITIES),
        chosen.randrange(1, store.organisations + 1) if store.happens(0.92) else None,
        officer, store.person(Role.MANAGER), target,
        None if review is None else store.day(review), interval, store.day(opened),
        store.moment(opened - 1) if is_public else None, 1 if is_public else None,
        store.moment(2) if is_archived else None, 1 if is_archived else None,
        "closed" if is_archived else "", current.pk if current else None,
        due and due.isoformat(), end and end.isoformat(),
    )  # fmt: skip


def _add_addressees(store: Store, row: int) -> list[int]:
    """Bodies and states, of whom most have responded."""
    chosen, found = store.chosen, []
    count = 1 + (chosen.randrange(3) if store.each > 1 else 0)
    for n in chosen.sample(range(min(len(store.areas), store.organisations)), count):
        is_body = store.happens(0.5)
        area, body = (None, n + 1) if is_body else (store.areas[n], None)
        found.append(store.add("Addressee", row, area, body))
    for addressee in found:
        asked = chosen.randrange(30, 300)
        due = store.day(asked - 90) if store.happens(0.7) else None
        who = store.person(Role.STAFF)
        store.add(
            "Response", addressee, "awaiting", store.day(asked), due, "", "",
            store.moment(asked), who,
        )  # fmt: skip
        if store.happens(0.6):
            taking = chosen.choice(TAKINGS)
            store.add(
                "Response", addressee, taking, store.day(asked - 20), None,
                "The first half." if taking == "accepted_in_part" else "",
                "It is not for us to do." if taking in ("rejected", "not_for_us") else "",
                store.moment(asked - 19), who,
            )  # fmt: skip
    return found


def _add_dates(store: Store, row: int, opened: int) -> str | None:
    """The ledger of its target date: the first, moves, what was refused and what is asked for."""
    chosen = store.chosen
    if not store.happens(0.8):
        return None
    ago = chosen.randrange(-700, 300)
    steps = [(None, store.day(ago), "approved")]
    for _move in range(chosen.choice((0, 0, 0, 1, 2))):
        ago -= chosen.randrange(60, 200)
        steps.append((steps[-1][1], store.day(ago), "approved"))
    if store.happens(0.02):
        steps.append((steps[-1][1], None, "rejected"))
    target = store.day(ago)
    if store.happens(0.003, least=10):
        steps.append((target, store.day(ago - 90), "requested"))
    for number, (old, new, state) in enumerate(steps):
        is_decided = state != "requested"
        asker = store.person(Role.STAFF) if number else 1
        store.add(
            "TargetDateChange", row, number, old, new, "More time is needed.", asker,
            store.moment(opened - 2 - number), state, 1 if is_decided else None,
            store.moment(opened - 2 - number) if is_decided else None,
            "Seen." if is_decided else "",
        )  # fmt: skip
    return target


def _add_rest(store: Store, row: int) -> None:
    """Contributors, themes, steps, indicators, talk, and what a file said of it."""
    chosen = store.chosen
    for body in chosen.sample(range(1, store.organisations + 1), chosen.choice((0, 0, 1, 2))):
        store.add("Recommendation_contributors", row, body)
    for theme in chosen.sample(range(1, len(words.THEMES) + 1), chosen.choice((0, 1, 1, 2))):
        store.add("Recommendation_themes", row, theme)
    for n in range(chosen.choice((0, 0, 1, 2))):
        _add_action(store, row, n)
    if store.happens(0.4):
        indicator = chosen.randrange(1, store.indicators + 1)
        relation = chosen.choice(("outcome", "delivery", "context"))
        store.add("IndicatorLink", row, indicator, relation, "It shows the effect.")
    if store.happens(0.1):
        text = words.prose(chosen, 1)
        store.add(
            "Comment", row, store.person(Role.STAFF), store.moment(chosen.randrange(1, 90)), text
        )
    if store.happens(0.01):
        store.add(
            "ReportedStatus", row, store.day(800), "Closed acceptable", "list.csv", "0" * 64,
            store.moment(700), 1,
        )  # fmt: skip


def _add_action(store: Store, row: int, n: int) -> None:
    chosen = store.chosen
    state = chosen.choice(("not_started", "in_progress", "done", "dropped"))
    begun = chosen.randrange(60, 400)
    store.add(
        "Action", row, f"step-{row}-{n}", words.title(chosen), int(store.happens(0.3)),
        f"Body {1 + row % store.organisations}",
        store.day(begun) if state in ("in_progress", "done") else None,
        store.day(chosen.randrange(-300, 60)), store.day(begun - 50) if state == "done" else None,
        state, "Not needed any more." if state == "dropped" else "",
    )  # fmt: skip
