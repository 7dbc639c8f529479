"""The requests of a reporting round as a sheet."""

from recommendations.columns import Column, attribute_columns
from recommendations.exports.sheets import Sheet
from recommendations.queries.rounds.page import RequestRow

REQUEST_COLUMNS = (
    *attribute_columns("reference", "title", "organisation"),
    Column("state", lambda row: str(row.state.label)),
    Column("state_code", lambda row: str(row.state)),
    Column("reply_by", lambda row: row.standing.reply_by),
    Column("is_extended", lambda row: row.standing.extended),
    Column("replied_on", lambda row: row.replied_on),
    Column("days_late", lambda row: row.days_late),
    Column("last_reminder", lambda row: row.standing.last_reminder),
    *attribute_columns("is_demonstration"),
)


def request_sheet(rows: list[RequestRow]) -> Sheet:
    """What became of each request; only for people with a role.

    ``days_late`` is empty where nothing came and the day to reply by is still to come.
    """
    return Sheet("requests", REQUEST_COLUMNS, rows)
