"""Responses of addressees as a sheet."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from recommendations import permissions
from recommendations.columns import Column, attribute_columns
from recommendations.exports.sheets import Sheet
from recommendations.permissions import Person
from recommendations.queries.responses import addressee_row

PUBLIC_COLUMNS = (
    *attribute_columns(addressee="name", response="label", response_code="position"),
    *attribute_columns("since", "is_demonstration", part_accepted="part"),
)


INTERNAL_COLUMNS = (
    *PUBLIC_COLUMNS,
    *attribute_columns("reason", "due_on", "is_overdue"),
    Column("own_status_code", lambda row: row.own.status if row.own else None),
    Column("own_status_as_of", lambda row: row.own.as_of if row.own else None),
)


def response_sheet(found: Iterable[Any], person: Person, today: date) -> Sheet:
    """What addressees say, as the page tells it to this reader."""
    is_internal = permissions.can_read_internally(person)
    columns = INTERNAL_COLUMNS if is_internal else PUBLIC_COLUMNS
    rows = (addressee_row(addressee, person, today) for addressee in found)
    return Sheet("responses", columns, rows)
