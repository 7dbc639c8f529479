"""Measuring the pages of one or two commits in turn with the constants."""

import gzip
import statistics
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from http import HTTPStatus
from itertools import cycle, islice
from typing import Any

from tests.bench.pages.asking import Answer, Asker, acting, form_fields, many
from tests.bench.pages.instances import Instance
from tests.bench.pages.processor import seconds_of
from tests.bench.pages.targets import BARE, COUNTED, LIST, MANAGER, STATIC, Target

READERS = 16
Act = Callable[..., Answer]
WORKERS_WARM = 6
"""Times that the constant page is asked for after a change before it is timed."""
TIMES_READY, MOST_PREPARING = 6, 600
"""Answers in a row after which a page is ready, and seconds after which it is given up."""
SLOW = 2
"""Seconds from which on a page is not asked for more often than is needed to say so."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a page is asked for: ``rounds``, but no longer than ``budget`` seconds; and how
    many seconds 16 readers ask at a time, with so many ``turns`` for each commit."""

    rounds: int = 15
    budget: float = 20
    window: float = 2
    turns: int = 2
    is_cold_too: bool = True


@dataclass
class Figures:
    """What was measured of one page of one commit; seconds, bytes, requests a second."""

    status: int = 0
    cold: float = 0
    took: float = 0
    """Seconds of the answer in which statements were counted."""
    warm: list[float] = field(default_factory=list)
    static: list[float] = field(default_factory=list)
    """The constant page, asked for right before each of them."""
    worked: list[float] = field(default_factory=list)
    static_worked: list[float] = field(default_factory=list)
    """The same in seconds of processors: of the workers and of PostgreSQL for them."""
    first: list[float] = field(default_factory=list)
    rate: float = 0
    static_rate: float = 0
    statements: int = 0
    largest: int = 0
    size: int = 0
    packed: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.warm) if self.warm else 0

    @property
    def ratio(self) -> float:
        """How many constant pages it takes."""
        return self.median / statistics.median(self.static) if self.static and self.warm else 0

    @property
    def work_ratio(self) -> float:
        """The same in work of processors."""
        if not self.worked or not self.static_worked:
            return 0
        return statistics.mean(self.worked) / statistics.mean(self.static_worked)

    def note(self, act: Act, processes: Sequence[int]) -> Answer:
        """Ask once, and keep how long it took."""
        before = seconds_of(processes)
        answer = act()
        self.worked.append(seconds_of(processes) - before)
        self.warm.append(answer.seconds)
        self.first.append(answer.first)
        return answer

    def note_static(self, act: Act, processes: Sequence[int]) -> None:
        before = seconds_of(processes)
        self.static.append(act().seconds)
        self.static_worked.append(seconds_of(processes) - before)

    def count(self, answer: Answer) -> None:
        """Keep what an answer says of its statements and bytes."""
        self.statements = int(answer.headers.get("x-statements", 0))
        self.largest = int(answer.headers.get("x-largest-statement", 0))
        self.size = answer.size
        self.packed = len(gzip.compress(answer.body, 6)) if answer.body else 0

    def forget_last(self) -> None:
        for kept in (self.warm, self.worked, self.first):
            kept.pop()

    def plain(self) -> dict[str, Any]:
        told = {"median": self.median, "ratio": self.ratio, "work_ratio": self.work_ratio}
        return {**asdict(self), **told}


def cold(instance: Instance, target: Target) -> float:
    """Seconds of the first answer of processes that have answered nothing but the bare page."""
    instance.restart()
    return instance.asker(target.reader).get(target.path).seconds


def describe(instance: Instance, target: Target) -> Figures:
    """What is said of a page once: its status, its statements, its bytes."""
    asker = instance.asker(target.reader)
    ask = ask_of(asker, target)
    prepared = _prepare(ask)
    answer = ask(**{COUNTED: "1"})
    found = Figures(answer.status, took=prepared or answer.seconds)
    found.count(answer)
    return found


def _prepare(ask: Act) -> float:
    """Seconds until each worker has a page that is worked out in steps; 0 of any other.

    Several times in a row, so that both have answered.
    """
    seconds, ready = 0.0, 0
    while ready < TIMES_READY and seconds < MOST_PREPARING:
        answer = ask()
        is_ready = answer.status != HTTPStatus.SERVICE_UNAVAILABLE
        if is_ready and not seconds:
            return 0
        ready = ready + 1 if is_ready else 0
        seconds += answer.seconds
    return seconds


def is_given(target: Target, found: Figures) -> bool:
    """Whether there is such a page, and it answers as it should."""
    return found.status == (304 if target.kind == "unchanged" else 200)


def ask_of(asker: Asker, target: Target) -> Callable[..., Answer]:
    """What asks for a page again and again."""
    if target.kind != "unchanged":
        return lambda **headers: asker.get(target.path, **headers)
    tag = asker.get(target.path).headers.get("etag", "none")
    return lambda **headers: asker.get(target.path, **{"If-None-Match": tag, **headers})


Measured = Mapping[str, tuple[Instance, Figures]]
"""The commits by their names, each with the figures of the page that is measured."""


def one_reader(target: Target, measured: Measured, plan: Plan) -> None:
    """Ask for the constant page and for the page, commit after commit, round after round."""
    constant = BARE if target.path == STATIC else STATIC
    asks = []
    for instance, figures in measured.values():
        ask_static = partial(instance.asker(MANAGER).get, constant)
        ask = ask_of(instance.asker(target.reader), target)
        # Until both processes have a connection, whose work counts.
        for _time in range(8):
            ask_static()
        if figures.took < SLOW:
            # Both processes have it warm by then, as likely as not.
            ask(), ask(), ask()
        asks.append((ask_static, ask, instance.processes(), figures))
    for ask_static, ask, processes, figures in asks * plan.rounds:
        if sum(figures.warm) > plan.budget:
            continue
        # As many beside a few slow answers as beside many quick ones.
        for _time in range(1 if figures.took < SLOW else 9):
            figures.note_static(ask_static, processes)
        figures.note(ask, processes)


def many_readers(target: Target, measured: Measured, plan: Plan) -> None:
    """Let 16 people ask for the constant page and for the page in turn.

    Not for a page so slow that they would only wait in line.
    """
    measured = {name: each for name, each in measured.items() if each[1].median < SLOW}
    rates: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in measured}
    for name, (instance, _figures) in [*measured.items()] * plan.turns:
        asker, ask = instance.asker(MANAGER), ask_of(instance.asker(target.reader), target)
        rates[name][0].append(many(partial(asker.get, STATIC), READERS, plan.window))
        rates[name][1].append(many(ask, READERS, plan.window))
    for name, (_instance, figures) in measured.items():
        figures.static_rate, figures.rate = map(statistics.mean, rates[name])


AFTER_A_CHANGE = {
    "overview-changed": "/sources/half/",
    "list-changed": LIST,
    "recommendation-changed": "/recommendations/S1-7/",
}
"""Pages that are read right after an approval; each approval is followed by one of them."""

BESIDE_WRITING = {"list-beside-writing": LIST, "overview-beside-writing": "/sources/half/"}
"""Pages that 16 people read while updates are approved."""

FLOWS: Mapping[str, float | None] = {
    "draft": 12,
    "api-draft": 12,
    "submit": 12,
    "approve": 12,
    "overview-changed": 13,
    "list-changed": 6,
    "recommendation-changed": 6,
    **dict.fromkeys(BESIDE_WRITING),
}
"""Acts, the first page after an approval, and pages beside writing, with their bars."""

WRITES_A_SECOND, WRITING_SECONDS = 5, 8
APPROVALS = len(BESIDE_WRITING) * WRITES_A_SECOND * WRITING_SECONDS
"""How many updates that can be approved the pages beside writing take."""


def flows(instance: Instance, rounds: int, chosen: Collection[str]) -> dict[str, Figures]:
    """Submit, approve, and read a page right after it, in turn with the constant page."""
    found = {name: Figures(200) for name in FLOWS}
    read_next = cycle(name for name in AFTER_A_CHANGE if name in chosen)
    processes = instance.processes()
    manager = instance.asker(MANAGER)
    pairs = list(zip(instance.drafts, instance.submitted, strict=False))[:rounds]
    for (draft, author), submitted in pairs:
        name = next(read_next, "")
        read = partial(manager.get, AFTER_A_CHANGE[name]) if name else None
        for save_name, save in (("draft", _save), ("api-draft", _save_by_program)):
            if save_name in chosen:
                made = save(instance.asker(author), draft)
                _note(found[save_name], partial(manager.get, STATIC), made, processes)
        acts: list[tuple[str, Act]] = [
            ("submit", _submit(instance.asker(author), draft, instance.told)),
            ("approve", _approve(manager, submitted)),
        ]
        if read:
            acts.append((name, read))
        for act_name, act in acts:
            if act_name == "approve" or act_name in chosen:
                is_read = act_name in AFTER_A_CHANGE
                if read and act_name == "approve":
                    # Each worker has shown what was there before, so the approval alone is new.
                    _let_workers_answer(read)
                # Before such a page nothing else may be asked for.
                before = None if is_read else partial(manager.get, STATIC)
                _note(found[act_name], before, act, processes)
    for name in AFTER_A_CHANGE:
        found[name].static = found["approve"].static
        found[name].static_worked = found["approve"].static_worked
    return {name: figures for name, figures in found.items() if name in chosen}


def beside_writing(
    instance: Instance, submitted: Sequence[int], chosen: Collection[str]
) -> dict[str, Figures]:
    """Let 16 people read a page while five updates a second are approved.

    What stands as the rate of the constant page is that of the page itself with nothing written.
    A page for which too few updates of ``submitted`` are left is not measured, and that is said.
    """
    found, manager, left = {}, instance.asker(MANAGER), iter(submitted)
    for name in filter(chosen.__contains__, BESIDE_WRITING):
        ask = partial(manager.get, BESIDE_WRITING[name])
        wanted = [*islice(left, WRITES_A_SECOND * WRITING_SECONDS)]
        if len(wanted) < WRITES_A_SECOND * WRITING_SECONDS:
            print(f"  {name} of {instance.name}: too few updates are left to approve", flush=True)
            continue
        approvals = [_approve(manager, pk) for pk in wanted]
        found[name] = figures = Figures(200)
        figures.static_rate = many(ask, READERS, WRITING_SECONDS)
        with acting(approvals, WRITES_A_SECOND):
            figures.rate = many(ask, READERS, WRITING_SECONDS)
    return found


def _note(figures: Figures, before: Act | None, act: Act, processes: Sequence[int]) -> None:
    """Time an act; the first is counted, not timed, and none that is refused."""
    if before:
        # Each worker has read what the act before it changed.
        _let_workers_answer(before)
        figures.note_static(before, processes)
    extra = {} if figures.statements else {COUNTED: "1"}
    answer = figures.note(partial(act, **extra), processes)
    if answer.status not in (200, 302):
        figures.status = answer.status
        figures.forget_last()
    elif "x-statements" in answer.headers:
        figures.count(answer)
        figures.forget_last()


def _let_workers_answer(ask: Act) -> None:
    """Ask so often that each worker has answered, as likely as not."""
    for _turn in range(WORKERS_WARM):
        ask()


def _save(author: Asker, pk: int) -> Act:
    """Save a draft with other words, on its page."""
    sent = form_fields(author.get(f"/updates/{pk}/").page, "update-form")
    sent = {**sent, "move": "save", "remaining": "By the page."}
    return lambda **extra: author.post(f"/updates/{pk}/save/", sent, **extra)


def _save_by_program(author: Asker, pk: int) -> Act:
    """The same through the API."""
    path = f"/api/v1/updates/{pk}/"
    tag = author.get(path).headers["etag"]
    sent = {"remaining": "By a program."}
    return lambda **extra: author.patch(path, sent, **{"If-Match": tag, **extra})


def _submit(author: Asker, pk: int, told: str) -> Act:
    fields = form_fields(author.get(f"/updates/{pk}/").page, "update-form")
    path, sent = f"/updates/{pk}/submit/", {**fields, "move": "submit", "told": told}
    return lambda **extra: author.post(path, sent, **extra)


def _approve(manager: Asker, pk: int) -> Act:
    fields = form_fields(manager.get(f"/review/{pk}/").page, "decision")
    return lambda **extra: manager.post(f"/updates/{pk}/approve/", fields, **extra)
