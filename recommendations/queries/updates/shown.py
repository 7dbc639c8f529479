"""What pages show of an update that is decided on: it, what it rests on, and what is current."""

from collections.abc import Iterable
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations.columns import written
from recommendations.models import StatusUpdate
from recommendations.queries.evidence.shown import claim_parts
from recommendations.queries.shown import Shown, ShownPart, field_parts

UPDATE = "update"
"""What ``Shown`` is about where an update is decided on."""

UPDATE_COLUMNS = [*written(StatusUpdate), "author", "state", "submitted_at"]
RECOMMENDATION_COLUMNS = ("title", "target_date", "nature")


def shown_update(update: StatusUpdate, now: StatusUpdate | None, claims: Iterable[Any]) -> Shown:
    """``now`` is the update in force in its scope; ``claims`` its ``DecisionEvidence.shown``.

    The update is read with its people, its recommendation, and what it corrects, retracts or is
    based on; so nothing is asked of the database.
    """
    earlier = update.corrects or update.retracts or update.based_on
    parts = [
        *field_parts(update.recommendation, RECOMMENDATION_COLUMNS, under="recommendation"),
        *field_parts(update, UPDATE_COLUMNS),
        _update_part("earlier", _("Previous update"), earlier),
        _update_part("current", _("Current update"), now),
    ]
    for row in claims:
        parts += claim_parts(row, row.checks)
    return Shown(f"{UPDATE}-{update.pk}", tuple(parts))


def _update_part(key: str, label: str, update: StatusUpdate | None) -> ShownPart:
    if update is None:
        return ShownPart(key, label, "", "")
    text = _("%(status)s, as of %(day)s") % {
        "status": update.get_implementation_status_display(),
        "day": date_format(update.as_of),
    }
    return ShownPart(key, label, str(update.pk), text)
