"""What managers ask for in reporting rounds, and what they do with those that are open."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.rounds import close_round, extend_round, remind
from recommendations.exports.workbooks import round_workbook
from recommendations.models import Organisation, Recommendation, ReportingRound
from recommendations.queries.round_sheets import Column, sheet_rows
from recommendations.queries.rounds import by_organisation, tally_of
from tests.histories.history import History, NothingToDo, act
from tests.imports.run import draft_returned, plan_returned
from tests.rounds import sent_round


def _open_round(history: History) -> ReportingRound:
    return history.pick(ReportingRound.objects.filter(closed_at__isnull=True))


@act
def ask_in_a_round(history: History) -> None:
    history.no_more(ReportingRound.objects.filter(closed_at__isnull=True))
    day = history.day(-60, 0)
    sent_round(
        Recommendation.objects.order_by("pk"),
        history.world.manager,
        name=history.word("Round"),
        as_of=day,
        reply_by=history.today + timedelta(days=30),
    )


@act
def extend_a_round(history: History) -> None:
    """For whoever has most to report."""
    round = _open_round(history)
    tally = tally_of(round, history.today)
    for organisation, part in by_organisation(tally)[:1]:
        if part.reply_by is not None:
            extend_round(
                round=round,
                organisation=Organisation.objects.get(pk=organisation),
                new_day=max(part.reply_by, history.today) + timedelta(days=7),
                reason=history.word("Reason"),
                shown_day=part.reply_by,
                by=history.world.manager,
            )


@act
def remind_in_a_round(history: History) -> None:
    remind(round=_open_round(history), by=history.world.manager)


@act
def close_a_round(history: History) -> None:
    round = _open_round(history)
    shown = tally_of(round, history.today).is_in
    close_round(round=round, shown_in=shown, by=history.world.manager)


@act
def bring_in_a_sheet(history: History) -> None:
    """What somebody replies in the spreadsheet of one organisation."""
    round = _open_round(history)
    by = history.world.manager
    asked = round.requests.filter(organisation__isnull=False)
    organisation: Any = history.pick(asked).organisation
    rows = sheet_rows(round.pk, organisation.pk, by)
    if not rows:
        raise NothingToDo
    book = load_workbook(BytesIO(round_workbook(rows, "")))
    sheet: Any = book.active
    for number in range(2, len(rows) + 2):
        for column, value in (
            (Column.STATUS, history.either("Not started", "In progress")),
            (Column.AS_OF, history.today),
            (Column.PROGRESS, history.word("Reply")),
        ):
            sheet.cell(number, list(Column).index(column) + 1).value = value
    outlet = BytesIO()
    book.save(outlet)
    about: Any = {
        "upload": Upload(outlet, "returned.xlsx"),
        "round": round,
        "organisation": organisation,
        "by": by,
    }
    draft_returned(**about, expected=plan_returned(**about).digest)
