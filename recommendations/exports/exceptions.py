"""The exception report as a sheet, and what one of its rules finds."""

from collections.abc import Iterable

from recommendations.columns import Column, attribute_columns
from recommendations.exports.sheets import Sheet
from recommendations.queries.exceptions.case import Case
from recommendations.queries.exceptions.report import Group, Line

REPORT_COLUMNS = (
    Column("rule", lambda line: str(line.rule)),
    *attribute_columns("title", condition="sentence", count="count", count_90_days_ago="before"),
    *attribute_columns("trend", address="url"),
)
CASE_COLUMNS = (
    *attribute_columns("title", detail="text", day="day", address="url"),
    *attribute_columns("is_demonstration"),
)


def report_sheet(groups: Iterable[Group]) -> Sheet:
    """Each rule with its counts; that of earlier is empty where the record does not tell it."""
    lines: list[Line] = [line for group in groups for line in group.lines]
    return Sheet("exceptions", REPORT_COLUMNS, lines)


def case_sheet(name: str, cases: Iterable[Case]) -> Sheet:
    """What one rule finds."""
    return Sheet(f"exceptions-{name}", CASE_COLUMNS, cases)
