"""What mail costs a request while the mail server hangs, and what a reset tells by its time.

python -m tests.bench mail
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from unittest import mock

from django.test import Client

from recommendations.actions.mail import letters
from tests.base import World
from tests.bench.measure import table
from tests.mail_servers import hanging_server
from tests.views.pages import client_of, shown_fields

TRIES = 200
RESET = "/accounts/password_reset/"

Act = Callable[[], object]


def run(world: type[World]) -> None:
    """Print how long acts take that send mail, and resets of known and unknown addresses."""
    rows = []
    for what, acts in (
        ("approval", approvals(world)),
        ("invitation", invitations(world)),
        ("reset", (reset(f"p{number}@example.org") for number in range(40))),
    ):
        hanging, working, calls = taken(acts)
        rows.append((f"{what}, {calls} calls to the server", hanging, working))
    head = ("request", "ms while the server hangs", "ms while it works")
    table("Requests that send mail, medians of 20", head, rows)
    print_resets(world)


def taken(acts: Iterator[Act]) -> tuple[str, str, int]:
    """Medians in milliseconds, with a server that hangs and with one that works, in turn; and how
    often the one that hangs was called."""
    found: tuple[list[float], list[float]] = ([], [])
    count = 0
    for number, act in enumerate(acts):
        with hanging_server({}) if number % 2 else nullcontext([]) as calls:
            found[number % 2].append(seconds(act))
            count += len(calls)
    working, hanging = (f"{statistics.median(times) * 1000:.1f}" for times in found)
    return hanging, working, count


def print_resets(world: type[World]) -> None:
    """Resets of an address that somebody has, and of one that nobody has, in random order.

    In pairs, since each request adds rows and so takes a little longer than the one before it.
    """
    acts = {name: reset(f"{name}@example.org") for name in ("viewer", "nobody")}
    chosen = random.Random()
    order = [name for _pair in range(TRIES) for name in chosen.sample([*acts], k=2)]
    times: dict[str, list[float]] = {name: [] for name in acts}
    with (
        mock.patch.object(letters, "MOST_FOR_ADDRESS", 10**6),
        mock.patch.object(letters, "MOST_FROM_CLIENT", 10**6),
    ):
        for name in order:
            times[name].append(seconds(acts[name]))
    rows = [
        (f"{name}, {TRIES} times", *(f"{of(times[name]) * 1000:.2f}" for of in (_mean, _median)))
        for name in acts
    ]
    table("Resets of an address that somebody has, and that nobody has", HEAD, rows)
    noise = sum(statistics.variance(each) / TRIES for each in times.values()) ** 0.5
    apart = _mean(times["viewer"]) - _mean(times["nobody"])
    print(f"  means are {apart * 1000:+.2f} ms apart; standard error {noise * 1000:.2f} ms")


HEAD = ("address", "mean ms", "median ms")
_mean, _median = statistics.mean, statistics.median


def approvals(world: type[World]) -> Iterator[Act]:
    office = client_of(world.manager)
    for number in range(40):
        update = world.make_submitted(world.make_recommendation(f"Do thing {number}"))
        sent = shown_fields(office.get(f"/review/{update.pk}/"))
        yield partial(post, office, f"/updates/{update.pk}/approve/", sent)


def invitations(world: type[World]) -> Iterator[Act]:
    window = client_of(world.administrator)
    for number in range(40):
        sent = {"username": f"p{number}", "email": f"p{number}@example.org"}
        yield partial(post, window, "/admin/recommendations/user/invite/", sent)


def reset(address: str) -> Act:
    return partial(post, Client(), RESET, {"email": address})


def post(client: Client, path: str, fields: dict[str, str]) -> None:
    response = client.post(path, fields)
    assert response.status_code == 302, path
    assert "login" not in response["Location"], path


def seconds(act: Act) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
