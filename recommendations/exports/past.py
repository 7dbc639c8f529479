"""The list of a past day as a file."""

from collections.abc import Iterable

from recommendations.choices import label_of_confidence, label_of_status
from recommendations.columns import Column, attribute_columns, public
from recommendations.exports.formats import Sheet
from recommendations.queries.days import Days
from recommendations.queries.recommendations.rows import COUNTS, RecommendationRow
from recommendations.queries.recommendations.status_text import status_text


def past_sheet(rows: Iterable[RecommendationRow], days: Days) -> Sheet:
    """Rows of a past list; each says of which day it is, and until which day that was known."""

    def statement(row: RecommendationRow) -> str:
        return status_text(row, row.raised, days.as_of, days.known_on)

    told = public(
        Column("status_on", lambda _row: days.as_of),
        Column("known_on", lambda _row: days.known_on),
        Column("known_until_entry", lambda _row: days.entry),
        # What is not reported of a day, such as the title, is what it was when that was known.
        Column("texts_and_dates_on", lambda _row: days.known_on),
        *attribute_columns("reference", "title", "lead"),
        Column("implementation_status", lambda row: row.status),
        Column("implementation_status_label", _status),
        Column("confidence", lambda row: row.confidence),
        Column("confidence_label", _confidence),
        *attribute_columns("as_of", "rated_on", "target_date", "first_date", "date_moves"),
        *attribute_columns("finished_on", "is_approved_by_import", "assurance"),
        Column("flags", lambda row: ", ".join(sorted(row.flags))),
        Column("reasons", lambda row: "; ".join(row.reasons)),
        Column("statement", statement),
        Column("is_demonstration", lambda row: row.is_demonstration),
    )
    columns = (*told, *attribute_columns(*COUNTS))
    return Sheet(f"recommendations-on-{days.as_of}-known-on-{days.known_on}", columns, rows)


def _confidence(row: RecommendationRow) -> str:
    if not row.confidence:
        return ""
    return label_of_confidence(row.confidence, has_date=row.has_date)


def _status(row: RecommendationRow) -> str:
    return str(label_of_status(row.status, is_continuous=row.is_continuous))
