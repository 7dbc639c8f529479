"""One sentence that says the state of a source before any chart, and names the worst."""

from collections.abc import Sequence

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from recommendations.vocabulary import ImplementationStatus


def in_words(number: int) -> str:
    """Numbers up to nine as words, larger ones as digits."""
    words = (
        pgettext("number", "one"),
        pgettext("number", "two"),
        pgettext("number", "three"),
        pgettext("number", "four"),
        pgettext("number", "five"),
        pgettext("number", "six"),
        pgettext("number", "seven"),
        pgettext("number", "eight"),
        pgettext("number", "nine"),
    )
    return words[number - 1] if 0 < number < 10 else str(number)


def status_clause(code: str, number: int) -> str:
    """How many stand at one status, as a clause without its full stop."""
    n = {"n": in_words(number)}
    match code:
        case "":
            return (
                ngettext("%(n)s has never been reported", "%(n)s have never been reported", number)
                % n
            )
        case ImplementationStatus.NOT_STARTED:
            return ngettext("%(n)s has not started", "%(n)s have not started", number) % n
        case ImplementationStatus.IN_PROGRESS:
            return ngettext("%(n)s is in progress", "%(n)s are in progress", number) % n
        case ImplementationStatus.PARTLY_IMPLEMENTED:
            return (
                ngettext("%(n)s is partly implemented", "%(n)s are partly implemented", number) % n
            )
        case ImplementationStatus.IMPLEMENTED:
            return ngettext("%(n)s is implemented", "%(n)s are implemented", number) % n
        case ImplementationStatus.NOT_IMPLEMENTED:
            return (
                ngettext(
                    "%(n)s is closed without being implemented",
                    "%(n)s are closed without being implemented",
                    number,
                )
                % n
            )
        case ImplementationStatus.NO_LONGER_APPLICABLE:
            return ngettext("%(n)s no longer applies", "%(n)s no longer apply", number) % n
        case _superseded:
            return ngettext("%(n)s is superseded", "%(n)s are superseded", number) % n


def in_effect_clause(number: int) -> str:
    """How many continuous ones are carried out: they are never simply implemented."""
    n = {"n": in_words(number)}
    return (
        ngettext(
            "%(n)s is in effect, kept under review",
            "%(n)s are in effect, kept under review",
            number,
        )
        % n
    )


def worst_clauses(
    *, off_track: int, at_risk: int, overdue: int, contradicted: int, qualities: Sequence[str]
) -> list[str]:
    """What is worst, as clauses. ``qualities`` are what else is true of a single one off track."""
    clauses = []
    if off_track:
        words = {"n": in_words(off_track)}
        clause = ngettext("%(n)s is off track", "%(n)s are off track", off_track) % words
        clauses.append(joined([clause, *qualities]) if off_track == 1 else clause)
    is_told = off_track == 1
    if overdue and not (is_told and overdue == 1 and _("past its date") in qualities):
        words = {"n": in_words(overdue)}
        clauses.append(
            ngettext("%(n)s is past its date", "%(n)s are past their dates", overdue) % words
        )
    if contradicted and not (is_told and contradicted == 1 and _("contradicted") in qualities):
        words = {"n": in_words(contradicted)}
        clauses.append(
            ngettext("%(n)s is contradicted", "%(n)s are contradicted", contradicted) % words
        )
    if at_risk:
        words = {"n": in_words(at_risk)}
        clauses.append(ngettext("%(n)s is at risk", "%(n)s are at risk", at_risk) % words)
    return clauses


def joined(parts: Sequence[str]) -> str:
    """Parts with commas, and “and” before the last of three or more."""
    if len(parts) < 3:
        return _(", ").join(parts)
    return _("%(first)s and %(last)s") % {"first": _(", ").join(parts[:-1]), "last": parts[-1]}


def sentence(clauses: Sequence[str], separator: str) -> str:
    """Clauses as one sentence; empty for none."""
    return f"{capfirst(separator.join(clauses))}." if clauses else ""
