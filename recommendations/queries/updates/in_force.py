"""The update in force beside another one, as pages show it."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from recommendations.models import Recommendation, StatusUpdate
from recommendations.models.updates import approved_by_import
from recommendations.queries.columns import columns_of, names_of

_COLUMNS = (
    *columns_of(StatusUpdate),
    *names_of("author", "decided_by"),
    "author__is_demonstration",
    *("successor__reference", "successor__title"),
)
"""Its content, and who wrote and who approved it."""


def in_force(update: StatusUpdate) -> StatusUpdate | None:
    """The update in force now in the scope of this one, with the names of its people; one query.

    Of the whole recommendation it is kept; that of one addressee is worked out.
    """
    people: QuerySet[Any] = StatusUpdate.objects.select_related("author", "decided_by", "successor")
    rows = people.only(*_COLUMNS).annotate(is_approved_by_import=approved_by_import("pk"))
    found = _of_addressee(rows, update) if update.addressee_id else _overall(rows, update)
    if found is not None:
        found.recommendation, found.addressee = update.recommendation, update.addressee
    return found


def _overall(rows: QuerySet[Any], update: StatusUpdate) -> StatusUpdate | None:
    # Asked of the database: the recommendation may have been read before another decision.
    kept = Recommendation.objects.order_by().filter(pk=update.recommendation_id)
    found: StatusUpdate | None = rows.filter(pk__in=kept.values("current_update")).first()
    return found


def _of_addressee(rows: QuerySet[Any], update: StatusUpdate) -> StatusUpdate | None:
    scope: Any = rows.filter(recommendation=update.recommendation_id, addressee=update.addressee_id)
    found: StatusUpdate | None = scope.in_force(timezone.localdate(), timezone.now()).first()
    return found
