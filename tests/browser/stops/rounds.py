"""What managers see of reporting rounds: none yet, a preview, one under way, one that is closed."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from recommendations.actions.rounds import close_round, extend_round, remind
from recommendations.exports.workbooks import round_workbook
from recommendations.models import Recommendation, ReportingRound, User
from recommendations.queries.round_sheets import Column, sheet_rows
from recommendations.queries.rounds import by_organisation, tally_of
from tests.base import days_ago
from tests.browser.acts import at, read_in
from tests.browser.base import Tab
from tests.browser.stops.stop import ATTENTION, Stop, seldom, wrong
from tests.rounds import sent_round


def returned_sheet(round: ReportingRound, organisation: int) -> Callable[[Tab], None]:
    """A file that comes back with a draft, and a row that is refused."""
    manager = User.objects.get(username="manager")
    rows = sheet_rows(round.pk, organisation, manager)
    found = load_workbook(BytesIO(round_workbook(rows, "")))
    sheet: Any = found.active
    sheet.cell(2, list(Column).index(Column.STATUS) + 1).value = "In progress"
    sheet.cell(2, list(Column).index(Column.AS_OF) + 1).value = days_ago(0)
    sheet.append(["DSR-99"])
    outlet = BytesIO()
    found.save(outlet)
    return read_in("returned.xlsx", outlet.getvalue())


def rounds() -> Iterator[Stop]:
    new = at("round-new")
    yield Stop("round, new", new, "Preview round")
    yield seldom("round, nothing selected", f"{new}?scope=picked", status=400)
    yield Stop("round, preview", f"{new}?scope=all", "would be requested")
    no_name = f"{new}?scope=all&name=+"
    yield Stop("round, no name", no_name, ATTENTION, status=400)
    manager = User.objects.get(username="manager")
    round = sent_round(Recommendation.objects.order_by("pk"), manager, as_of=days_ago(0))
    page = round.get_absolute_url()
    yield Stop("round", page, "By organisation")
    yield Stop("round, requests", at("round-requests", round.pk), "Last reminder")
    none = f"{at('round-requests', round.pk)}?state=missing"
    yield seldom("round, no such request", none, "No request matches")
    body, part = by_organisation(tally_of(round, days_ago(0)))[0]
    extend = at("round-extend", round.pk, body)
    yield Stop("round, extend", extend, "Present date to reply by")
    button = f"Extend {part.out} request" + ("s" if part.out > 1 else "")
    yield wrong("round, extend for nothing", extend, button)
    upload = at("round-upload", round.pk, body)
    yield Stop("round, upload", upload, "Read file")
    yield wrong("round, no file", upload, "Read file")
    sheet = returned_sheet(round, body)
    yield Stop("round, preview of drafts", upload, "Rows without a reply", sheet)
    if part.reply_by is not None:
        extend_round(
            round=round,
            organisation=Recommendation.objects.filter(lead=body)[0].lead,
            new_day=days_ago(-60),
            reason="Demonstration: a new officer.",
            shown_day=part.reply_by,
            by=manager,
        )
    remind(round=round, by=manager)
    yield seldom("round, extended", page, "Demonstration: a new officer.")
    yield Stop("round, close", at("round-close", round.pk), "would close without an update")
    shown = tally_of(round, days_ago(0)).is_in
    close_round(round=round, shown_in=shown, by=manager)
    yield Stop("round, closed", page, "without an update")
    yield Stop("rounds", at("round-list"), "Closed")
