"""Every page of the site in the states that matter, in the order of walks through them.

A stop may change what is stored; those that do stand last for their person.
"""

from tests.browser.stops.managing import admin, manager, manager_of_many
from tests.browser.stops.reading import auditor, signed_out, viewer, with_nothing_there
from tests.browser.stops.stop import Stop
from tests.browser.stops.writing import other_staff, staff

__all__ = [
    "Stop",
    "admin",
    "auditor",
    "manager",
    "manager_of_many",
    "other_staff",
    "signed_out",
    "staff",
    "viewer",
    "with_nothing_there",
]
