"""What the message of a person says, as it is stored: parts with their lines, as plain values."""

from collections.abc import Sequence
from typing import Any

from recommendations.models import User
from recommendations.queries.reminders.calendar import Span
from recommendations.queries.reminders.changes import Members, approved_lines, watched_lines
from recommendations.queries.reminders.lines import TITLES, Line, Part
from recommendations.queries.reminders.work import (
    decision_lines,
    escalated_lines,
    officer_lines,
    returned_lines,
    returned_updates,
)

MOST_LINES = 10
"""Lines of one part at most; what is beyond is counted, and found in My work."""


def lines_for(
    person: User, span: Span, *, managers: Sequence[User], members: Members
) -> list[Line]:
    """All that a person is told in this span, the most pressing of each part first."""
    returned = returned_updates(person)
    references = frozenset(update.recommendation.reference for update in returned)
    found = [
        *officer_lines(person, span, references),
        *escalated_lines(person, span),
        *decision_lines(person, span, managers),
        *returned_lines(returned, span),
        *approved_lines(person, span),
        *watched_lines(person, span, members),
    ]
    order = list(Part)
    return sorted(found, key=lambda line: (order.index(line.part), -line.days))


def content_of(lines: Sequence[Line]) -> dict[str, Any]:
    """The lines as a message stores them, in the language that is active."""
    sections = []
    for part in Part:
        own = [line for line in lines if line.part == part]
        if own:
            shown = [
                {"title": each.title, "path": each.path, "what": each.what, "notes": each.notes}
                for each in own[:MOST_LINES]
            ]
            more = len(own) - len(shown)
            sections.append({"title": str(TITLES[part]), "lines": shown, "more": more})
    return {"sections": sections, "total": len(lines)}
