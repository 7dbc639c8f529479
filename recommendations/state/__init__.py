"""The kept state: what follows from the tracked rows of a recommendation, for quick lists.

Each entry of the record refreshes what it touched, in its own transaction, so that kept and true
never differ. ``rebuild`` makes all of it again, and ``drift`` names what differs.
"""

from recommendations.state.refresh import (
    Touched,
    bring_up_to_date,
    drift,
    is_there,
    is_up_to_date,
    is_wordless,
    rebuild,
    refresh,
    refresh_touched,
    stamp,
)
