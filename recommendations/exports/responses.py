"""Responses of addressees as a sheet."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from recommendations.columns import Column, attribute_columns, public
from recommendations.exports.sheets import Sheet
from recommendations.permissions import Person
from recommendations.queries.responses import addressee_row

COLUMNS = (
    *public(
        *attribute_columns(addressee="name", response="label", response_code="position"),
        *attribute_columns("since", "is_demonstration", part_accepted="part"),
    ),
    *attribute_columns("reason", "due_on", "is_overdue"),
    Column("own_status_code", lambda row: row.own.status if row.own else None),
    Column("own_status_as_of", lambda row: row.own.as_of if row.own else None),
)


def response_sheet(found: Iterable[Any], person: Person, today: date) -> Sheet:
    """What addressees say, as the page tells it to this reader."""
    rows = (addressee_row(addressee, person, today) for addressee in found)
    return Sheet("responses", COLUMNS, rows)
