"""What the message of a person says, as it is stored: parts with their lines, as plain values."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

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
    person: User,
    span: Span,
    *,
    managers: Sequence[User],
    members: Members,
    absent: Sequence[User] = (),
) -> list[Line]:
    """All that a person is told in this span, the most pressing of each part first.

    ``absent`` are those for whom they stand in today.
    """
    returned = returned_updates(person)
    asked = list(asked_lines(person, span))
    told = {update.recommendation.reference for update in returned}
    told |= {line.title.split()[0] for line in asked}
    found = [
        *officer_lines(person, span, frozenset(told)),
        *asked,
        *escalated_lines(person, span),
        *decision_lines(person, span, managers, [each.pk for each in absent]),
        *returned_lines(returned, span),
        *approved_lines(person, span),
        *watched_lines(person, span, members),
        *(line for each in absent for line in _instead_of(each, person, span)),
    ]
    order = list(Part)
    return sorted(found, key=lambda line: (order.index(line.part), -line.days))


def _instead_of(absent: User, person: User, span: Span) -> Iterator[Line]:
    """What a deputy is told of the work of another, each line with whose it is."""
    asked = list(asked_lines(person, span, of=absent))
    told = frozenset(line.title.split()[0] for line in asked)
    note = _("For %(who)s, whose deputy you are.") % {"who": absent}
    for line in (
        *officer_lines(person, span, told, officer=absent.pk),
        *asked,
        *escalated_lines(person, span, reviewer=absent.pk),
    ):
        yield replace(line, notes=(note, *line.notes))


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
    """One item with its lines; what is noted of each of several lines is noted once."""
    shared = [note for note in lines[0].notes if all(note in each.notes for each in lines[1:])]
    shared = shared if len(lines) > 1 else []
    told = [
        {
            "path": each.path,
            "what": each.what,
            "notes": [note for note in each.notes if note not in shared],
        }
        for each in lines
    ]
    return {"title": title, "notes": shared, "lines": told}
