"""What the message of a person says, as it is stored: parts with their lines, as plain values."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from recommendations.models import User
from recommendations.queries.reminders.calendar import Span
from recommendations.queries.reminders.changes import Members, approved_lines, watched_lines
from recommendations.queries.reminders.lines import TITLES, Line, Part
from recommendations.queries.reminders.work import (
    asked_lines,
    decision_lines,
    escalated_lines,
    officer_lines,
    returned_lines,
    returned_updates,
)

MOST_ITEMS = 10
"""Items that one part lists at most; what is beyond is counted, and found in My work."""


def lines_for(
    person: User, span: Span, *, managers: Sequence[User], members: Members
) -> list[Line]:
    """All that a person is told in this span, the most pressing of each part first."""
    returned = returned_updates(person)
    asked = list(asked_lines(person, span))
    told = {update.recommendation.reference for update in returned}
    told |= {line.title.split()[0] for line in asked}
    found = [
        *officer_lines(person, span, frozenset(told)),
        *asked,
        *escalated_lines(person, span),
        *decision_lines(person, span, managers),
        *returned_lines(returned, span),
        *approved_lines(person, span),
        *watched_lines(person, span, members),
    ]
    order = list(Part)
    return sorted(found, key=lambda line: (order.index(line.part), -line.days))


def content_of(lines: Sequence[Line]) -> dict[str, Any]:
    """The lines as a message stores them, in the language that is active.

    Of each part its first items, with all lines about each; the lines beyond are counted.
    """
    sections = []
    for part in Part:
        about: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            if line.part == part:
                about[line.title].append(line)
        if about:
            shown = [_item(title, about[title]) for title in list(about)[:MOST_ITEMS]]
            more = sum(map(len, list(about.values())[MOST_ITEMS:]))
            sections.append({"title": str(TITLES[part]), "about": shown, "more": more})
    return {"sections": sections, "total": len(lines)}


def _item(title: str, lines: Sequence[Line]) -> dict[str, Any]:
    told = [{"path": each.path, "what": each.what, "notes": list(each.notes)} for each in lines]
    return {"title": title, "lines": told}
