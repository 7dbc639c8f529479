"""Triggers that keep decided updates and the record as they are, also against SQL typed by hand."""

from recommendations.guards.faults import GuardFault, faults
from recommendations.guards.rules import GUARDS, VERIFIED
from recommendations.guards.triggers import (
    are_wanted,
    drop,
    install,
    lifted,
    make_way,
    names,
)
