"""The update in force beside another one, as pages show it."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from recommendations.models import Recommendation, StatusUpdate
from recommendations.models.updates import approved_by_import
from recommendations.queries.columns import columns_of, names_of
from recommendations.queries.recommendations.taken_over import OPENING_COLUMNS

_COLUMNS = (
    *columns_of(StatusUpdate),
    *names_of("author", "last_editor", "decided_by"),
    "author__is_demonstration",
    *("successor__reference", "successor__title"),
    *OPENING_COLUMNS,
)
"""Its content, and who wrote and who approved it."""


def in_force(update: StatusUpdate) -> StatusUpdate | None:
    """The update in force now in the scope of this one, with the names of its people; one query.

    Of the whole recommendation it is kept; that of one addressee is worked out.
    """
    found: StatusUpdate | None
    if update.addressee_id:
        found = _of_addressee(update)
    else:
        # Asked of the database: the recommendation may have been read before another decision.
        kept = Recommendation.objects.order_by().filter(pk=update.recommendation_id)
        found = _with_people().filter(pk__in=kept.values("current_update")).first()
    if found is not None:
        found.recommendation, found.addressee = update.recommendation, update.addressee
    return found


def _with_people() -> QuerySet[Any]:
    people: QuerySet[Any] = StatusUpdate.objects.select_related(
        "author", "last_editor", "decided_by", "successor", "opening_row__batch"
    )
    by_import = {"is_approved_by_import": approved_by_import("pk")}
    rows: QuerySet[Any] = people.only(*_COLUMNS).annotate(**by_import)
    return rows


def _of_addressee(update: StatusUpdate) -> StatusUpdate | None:
    scope: Any = _with_people().filter(
        recommendation=update.recommendation_id, addressee=update.addressee_id
    )
    found: StatusUpdate | None = scope.in_force(timezone.localdate(), timezone.now()).first()
    return found
