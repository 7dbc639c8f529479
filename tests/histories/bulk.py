"""What people change of many recommendations at once, and which views of the list they save."""

from django.db.models import QuerySet

from recommendations.actions import bulk_changes, personal
from recommendations.choices import BulkChange
from recommendations.models import Recommendation, SavedView, Theme
from recommendations.queries.bulk_changes import BulkValue, bulk_events, plan_change, plan_undo
from recommendations.queries.publicity import UNDOING
from tests.histories.history import History, act


@act
def change_many(history: History) -> None:
    """Of all; most of them move what lists show, the frequency what is due."""
    value = history.either(
        BulkValue(BulkChange.LEAD_OFFICER, history.world.other_staff),
        BulkValue(BulkChange.LEAD, history.either(history.world.ministry, history.world.agency)),
        BulkValue(BulkChange.INTERVAL_MONTHS, history.either(1, 3, 6)),
        BulkValue(BulkChange.PUBLISH),
        BulkValue(BulkChange.UNPUBLISH),
        BulkValue(BulkChange.ARCHIVE, "other"),
        BulkValue(BulkChange.RESTORE),
        *(BulkValue(BulkChange.ADD_THEME, theme) for theme in Theme.objects.order_by("-pk")[:1]),
        # One that some have, or nothing would be removed.
        *(BulkValue(BulkChange.REMOVE_THEME, theme) for theme in _carried()[:1]),
    )
    ids = list(Recommendation.objects.order_by("pk").values_list("pk", flat=True))
    if value.change == BulkChange.ARCHIVE:
        ids = ids[-1:]  # Or nothing would be left to write about.
    bulk_changes.change_many(
        value=value,
        shown=plan_change(ids, value).shown,
        by=history.world.manager,
        reason=history.word("Reason"),
    )


def _carried() -> QuerySet[Theme]:
    rows = Recommendation.themes.through.objects.values("theme")
    return Theme.objects.filter(pk__in=rows).order_by("-pk")


@act
def undo_many(history: History) -> None:
    event = history.pick(bulk_events().exclude(verb__in=UNDOING))
    bulk_changes.undo_many(
        event=event,
        shown=plan_undo(event).shown,
        by=history.world.manager,
        reason=history.word("Reason"),
    )


@act
def save_view(history: History) -> None:
    history.no_more(SavedView.objects.filter(removed_at__isnull=True))
    personal.save_view(
        by=history.world.manager,
        values={"name": history.word("View"), "query": "only=open", "is_shared": True},
    )


@act
def change_view(history: History) -> None:
    view = history.pick(SavedView.objects.filter(removed_at__isnull=True))
    personal.change_view(
        view=view,
        by=history.world.manager,
        expected_version=view.version,
        values={"name": history.word("View"), "is_shared": history.either(True, False)},
    )


@act
def remove_view(history: History) -> None:
    view = history.pick(SavedView.objects.filter(removed_at__isnull=True))
    personal.remove_view(view=view, by=view.owner)
