"""What managers see of opening statuses: a batch that waits, its rows, approved, and undone."""

from collections.abc import Iterator

from django.core.files.uploadedfile import SimpleUploadedFile

from recommendations.actions.imports.openings import approve_batch, leave_out
from recommendations.models import Recommendation, Source, User
from recommendations.readers import ReadOptions
from recommendations.views import imports
from tests.browser.acts import at
from tests.browser.stops.stop import Stop, seldom, wrong
from tests.imports.files import xlsx_bytes
from tests.imports.openings import brought, list_of, seen
from tests.undoing import undo_batch


def openings() -> Iterator[Stop]:
    importer = User.objects.get(username="other_manager")
    manager = User.objects.get(username="manager")
    batch = brought(list_of(), Source.objects.order_by("pk")[0], importer)
    page, row = batch.get_absolute_url(), at("opening-row", batch.pk, 2)
    yield seldom("import, batches", at("recommendation-import"), "Awaiting approval")
    book = xlsx_bytes({"2023": [("No.", "Title")], "2024": [("No.", "Title")]})
    file = SimpleUploadedFile("list.xlsx", book)
    several = imports.keep(file, manager, batch.source.slug, ReadOptions())
    sheet = at("recommendation-import-sheet", several.token)
    yield Stop("import, which sheet", sheet, "One of them is imported at a time")
    yield wrong("import, no sheet", sheet, "Read sheet")
    yield Stop("opening statuses", page, "Not stated in the list")
    yield Stop("opening statuses, row", row, "Leave this row out")
    yield wrong("opening statuses, no reason", row, "Leave this row out")
    leave_out(row=batch.rows.get(number=2), by=manager, reason="Unclear: ask the ministry.")
    yield seldom("opening statuses, row left out", row, "Start draft")
    approve_batch(batch=batch, by=manager, seen=seen(batch))
    yield Stop("opening statuses, approved", page, "Approved as a batch by")
    current = Recommendation.objects.get(external_id="7.10")
    yield Stop("opening status", current.get_absolute_url(), "Taken over from")
    update = current.current_update
    if update is not None:
        yield Stop("opening update", update.get_absolute_url(), "Not stated in the list")
    undo = at("opening-undo", batch.pk)
    yield Stop("opening statuses, undo", undo, "no longer current")
    yield wrong("opening statuses, no why", undo, "Request to undo")
    undo_batch(batch=batch, by=manager, seen=2, reason="The wrong list.")
    yield Stop("opening statuses, undone", page, "The wrong list.")
