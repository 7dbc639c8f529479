"""Every page of the site in the states that matter, in the order of a walk through them.

A stop may change what is stored; those that do stand last for their person.
"""

from collections.abc import Callable, Iterator

from tests.browser.stops.managing import admin, manager
from tests.browser.stops.reading import auditor, signed_out, viewer, with_nothing_there
from tests.browser.stops.stop import Stop
from tests.browser.stops.writing import other_staff, staff

__all__ = ["WALKS", "Stop", "with_nothing_there"]

WALKS: dict[str, Callable[[], Iterator[Stop]]] = {
    "": signed_out,
    "viewer": viewer,
    "staff": staff,
    "other_staff": other_staff,
    "manager": manager,
    "auditor": auditor,
    "admin": admin,
}
"""For each person of the demonstration, and for a reader who is not signed in."""
