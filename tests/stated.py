"""The warnings in the text of a status, read out of its words: by patterns of their own."""

import re
from collections.abc import Mapping
from html import unescape

DAY = r"\d{1,2} [A-Z][a-z]+ \d{4}"

WARNINGS: Mapping[str, str] = {
    "contradicted": rf"Contradicted by unanswered evidence since {DAY}\.",
    "date_overdue": rf"Overdue: target date {DAY}\.",
    "evidence_gap": (
        r"(No evidence supports the status|The evidence that supports the status has expired)\."
    ),
    "indicator_against": r"Indicator “[^”]*” contradicts the claim\.",
    "action_overdue": r"Action overdue\.",
    "response_overdue": r"\d+ responses? overdue\.",
    "update_overdue": rf"Update overdue: due on {DAY}\.",
    "update_due": rf"Update due on {DAY}\.",
    "no_lead": r"No lead organisation\.",
    "no_officer": r"No active lead officer\.",
    "no_date": r"No target date\.",
    "review_past": r"Periodic review overdue\.",
    "demonstration": r"Demonstration data\.",
    "archived": rf"Archived on {DAY}\.",
}
_RATING = r"Confidence (not rated|rated (on track|on track without a target date|at risk|off track)"
RATING = rf"{_RATING}( on {DAY}(; the rating is out of date)?)?)\."
_APPROVED = rf"(opening status, )?approved( as a batch| through an import)? {DAY}"
STATUS = rf"As of {DAY} [a-z ()]+ \({_APPROVED}\)\."
CURRENT = rf"(Current on|No report yet on) {DAY}(, as known on {DAY})?\."


def warnings_in(text: str) -> set[str]:
    """What a text of a status warns of. ``ValueError`` where it says anything that is not known."""
    found, rest = set(), text
    for name, pattern in {**WARNINGS, "": RATING, " ": STATUS, "  ": CURRENT}.items():
        rest, n = re.subn(pattern, "", rest)
        found |= {name} if n and name.strip() else set()
    if rest.strip():
        raise ValueError(rest)
    told = {
        "rating_out_of_date": "the rating is out of date",
        "opening": "opening status",
        "import": "through an import",
    }
    return found | {name for name, words in told.items() if words in text}


def warnings_on(page: str) -> set[str]:
    """What the page of a cited status shows: its list of warnings, and the marks in its card.

    Both tell of a contradiction and of a rating that is out of date.
    """
    chips = _part(page, "card-state", "</p>")
    listed = warnings_in(" ".join(_ITEM.findall(_part(page, 'aria-labelledby="needs"', "</ul>"))))
    marks = {"contradicted": "Contradicted (unanswered)", "rating_out_of_date": "Rated "}
    if listed & marks.keys() != (beside := {name for name in marks if marks[name] in chips}):
        raise ValueError(f"listed {listed}, but in the card {beside}")
    marks = {"opening": "Opening status", "import": "Approved through an import"}
    marks |= {"demonstration": "Demonstration", "archived": "Archived"}
    shown = chips + _part(page, '<p class="card-statement">', "<dl").partition("</p>")[2]
    return listed | {name for name, words in marks.items() if words in shown}


_ITEM = re.compile(r"<li>\s*<p><strong>(.*?)</strong>")

_AGO = r"\d+ days?"
REASONS: Mapping[str, str] = {
    "contradicted": rf"Contradicted \(unanswered\) (for {_AGO}|since today)\.",
    "date_overdue": rf"Overdue by {_AGO}\.",
    "evidence_gap": rf"(No evidence supports the status|Evidence expired {_AGO} ago)\.",
    "update_overdue": rf"Update (overdue by {_AGO}|due today)\.",
    "rating_out_of_date": rf"Confidence last rated {_AGO} ago\.",
    "no_date": rf"No target date after {_AGO}\.",
    "review_past": rf"Periodic review overdue by {_AGO}\.",
    **{name: WARNINGS[name] for name in ("indicator_against", "action_overdue")},
    **{name: WARNINGS[name] for name in ("response_overdue", "no_lead", "no_officer")},
}
"""What a page of today says instead, with numbers of days; an update that is due is overdue."""


def statement_on(page: str) -> str:
    """The text of the status on the page of a recommendation."""
    return _part(page, '<p class="card-statement">', "</p>")


def warnings_of_today(page: str) -> set[str]:
    """What the page of a recommendation itself shows: its list, marks and facts.

    ``ValueError`` where it lists what is not known.
    """
    listed = set()
    for item in _ITEM.findall(_part(page, 'aria-labelledby="needs"', "</ul>")):
        [name] = [name for name in REASONS if re.fullmatch(REASONS[name], item)]
        listed.add(name)
    chips, facts = _part(page, "card-state", "</p>"), _part(page, '<dl class="card-facts"', "</dl>")
    marks = {"opening": "Opening status", "import": "Approved through an import"}
    marks |= {"demonstration": "Demonstration", "rating_out_of_date": "Rated "}
    listed |= {name for name, words in marks.items() if words in chips}
    marks = {"contradicted": "but contradicted", "date_overdue": "Overdue by"}
    return listed | {name for name, words in marks.items() if words in facts}


def _part(page: str, begin: str, end: str) -> str:
    return unescape(page.partition(begin)[2].partition(end)[0])
