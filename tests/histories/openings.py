"""Statuses that are taken over: imported as a batch, left out, approved, undone."""

from recommendations.actions.imports.openings import (
    approve_batch,
    go_on_with_row,
    leave_out,
    undoable,
)
from recommendations.models import OpeningBatch, OpeningRow
from recommendations.queries.bulk_changes import list_imports, plan_undo
from tests.histories.history import History, act
from tests.imports.openings import brought, list_of, seen
from tests.undoing import undo_batch, undo_many


@act
def import_statuses(history: History) -> None:
    """Of a few of their own: some have no status yet, and others are not crowded out."""
    history.no_more(OpeningBatch.objects.waiting())
    statuses = ("Ongoing", "Fully implemented", "Closed superseded", "Partially implemented")
    rows = [
        (
            str(number),
            history.word("Take it over"),
            "",
            history.either(*statuses),
            history.either("3/2/2023", "4/5/2023"),
            history.either("", "Amber", "Green"),
            "As it was.",
            history.either("", "https://example.org/a"),
        )
        for number in history.chance.sample((901, 902, 903), 2)
    ]
    brought(list_of(rows), history.world.source, history.world.manager)


@act
def leave_row_out(history: History) -> None:
    rows = OpeningRow.objects.kept().filter(batch__in=OpeningBatch.objects.waiting())
    leave_out(row=history.pick(rows), by=history.world.manager, reason="Unclear.")


@act
def go_on(history: History) -> None:
    rows = OpeningRow.objects.filter(left_out_at__isnull=False, draft__isnull=True)
    go_on_with_row(row=history.pick(rows), by=history.world.manager)


@act
def approve_statuses(history: History) -> None:
    batch = history.pick(OpeningBatch.objects.waiting())
    approve_batch(batch=batch, by=history.world.other_manager, seen=seen(batch))


@act
def undo_statuses(history: History) -> None:
    decided = OpeningBatch.objects.filter(decided_at__isnull=False, undone_at__isnull=True)
    batch = history.pick(decided if history.either(True, False) else OpeningBatch.objects.waiting())
    count = undoable(batch).count()
    undo_batch(batch=batch, by=history.world.manager, seen=count, reason="The wrong list.")


@act
def undo_list(history: History) -> None:
    """With all that it added, of which nobody worked on some; often the newest, with its batch."""
    imports = list_imports()
    event = (history.either(True, False) and imports.last()) or history.pick(imports)
    shown = plan_undo(event).shown
    undo_many(event=event, shown=shown, by=history.world.manager, reason="The wrong list.")
