"""What managers see of opening statuses: a batch that waits, its rows, approved, and undone."""

from collections.abc import Iterator

from django.core.files.uploadedfile import SimpleUploadedFile

from recommendations.actions.imports.openings.batches import approve_batch, undo_batch
from recommendations.actions.imports.openings.rows import leave_out
from recommendations.models import Recommendation, Source, User
from recommendations.readers import ReadOptions
from recommendations.views import uploaded_files
from tests.browser.acts import at, press
from tests.browser.stops.stop import ATTENTION, Stop
from tests.imports.files import xlsx_bytes
from tests.imports.openings import brought, list_of, seen


def openings() -> Iterator[Stop]:
    importer = User.objects.get(username="other_manager")
    manager = User.objects.get(username="manager")
    batch = brought(list_of(), Source.objects.order_by("pk")[0], importer)
    page, row = batch.get_absolute_url(), at("opening-row", batch.pk, 2)
    yield Stop("import, batches", at("recommendation-import"), shows="Awaiting approval")
    book = xlsx_bytes({"2023": [("No.", "Title")], "2024": [("No.", "Title")]})
    file = SimpleUploadedFile("list.xlsx", book)
    several = uploaded_files.keep(file, manager, batch.source.slug, ReadOptions())
    sheet = at("recommendation-import-sheet", several.token)
    yield Stop("import, which sheet", sheet, shows="One of them is imported at a time")
    yield Stop("import, no sheet", sheet, act=press("Read sheet"), shows=ATTENTION)
    yield Stop("opening statuses", page, shows="Not stated in the list")
    yield Stop("opening statuses, row", row, shows="Leave this row out")
    yield Stop("opening statuses, no reason", row, act=press("Leave row out"), shows=ATTENTION)
    leave_out(row=batch.rows.get(number=2), by=manager, reason="Unclear: ask the ministry.")
    yield Stop("opening statuses, row left out", row, shows="Start draft")
    approve_batch(batch=batch, by=manager, seen=seen(batch))
    yield Stop("opening statuses, approved", page, shows="Approved as a batch by")
    current = Recommendation.objects.get(external_id="7.10")
    yield Stop("opening status", current.get_absolute_url(), shows="Taken over from")
    update = current.current_update
    if update is not None:
        yield Stop("opening update", update.get_absolute_url(), shows="Not stated in the list")
    undo = at("opening-undo", batch.pk)
    yield Stop("opening statuses, undo", undo, shows="no longer current")
    yield Stop("opening statuses, no why", undo, act=press("Undo import"), shows=ATTENTION)
    undo_batch(batch=batch, by=manager, seen=2, reason="The wrong list.")
    yield Stop("opening statuses, undone", page, shows="The wrong list.")
