"""What the commands that bring figures in share: who, which indicator, what became of it."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from recommendations.actions.imports import figures
from recommendations.models import Indicator, User

MOST_TOLD = 50
"""Sentences of one kind before the rest is only counted."""


def day(text: str) -> date:
    """A day at the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day such as 2024-07-31") from None


def indicator_of(code: str) -> Indicator:
    """The indicator with this code, here or in the code list that it is in."""
    found = Indicator.objects.filter(Q(code=code) | Q(vocabulary_code=code)).order_by("pk")
    by_code = {indicator.code: indicator for indicator in found}
    if code in by_code:
        return by_code[code]
    if len(by_code) > 1:
        raise CommandError(f"Several indicators have the code “{code}”: {', '.join(by_code)}.")
    if not by_code:
        raise CommandError(f"There is no indicator “{code}”. Add it in the administration first.")
    return next(iter(by_code.values()))


def person_of(username: str | None) -> User | None:
    """Somebody by their user name; none where none is given."""
    if not username:
        return None
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is nobody called “{username}”.")
    return person


def tell_figures(
    command: BaseCommand,
    upload: figures.Upload,
    indicator: Indicator,
    choices: figures.Choices,
    options: dict[str, Any],
) -> None:
    """Plan or run an import and say what became of each figure; refusals are raised."""

    def progress(read: int) -> None:
        if command.stderr.isatty():
            command.stderr.write(f"\r{read:,} figures read", ending="")

    if options["dry_run"]:
        planned = figures.plan(
            upload=upload, indicator=indicator, choices=choices, progress=progress
        )
        tell_plan(command, planned)
        command.stdout.write("Nothing was written: this was a dry run.")
        return
    by = person_of(options["by"])
    if by is None:
        raise CommandError("Nothing was written: say who imports, with --by USERNAME.")
    try:
        done = figures.run(
            upload=upload, indicator=indicator, by=by, choices=choices, progress=progress
        )
    except figures.FiguresRefused as refusal:
        tell_plan(command, refusal.plan)
        advice = "--series CODE" if refusal.plan.is_ambiguous else "--leave-out"
        raise CommandError(f"Nothing was written. {refusal} ({advice})") from refusal
    tell_plan(command, done)
    words = "Imported." if done.changes_anything else "Nothing to do: all of it is there."
    command.stdout.write(command.style.SUCCESS(words))


def tell_plan(command: BaseCommand, planned: figures.Plan) -> None:
    """The counts, then what is wrong and where."""
    out = command.stdout
    for note in planned.notes:
        out.write(note)
    out.write(
        f"{planned.new} new, {planned.revised} revised, {planned.unchanged} unchanged, "
        f"{planned.rejected} rejected, {planned.unmatched_rows} of unknown places"
    )
    beside = {
        "cells are empty and claim nothing": planned.empty,
        "rows are of groups of the source and left out": planned.aggregates,
        "figures stand here and not in the file; they stay": planned.gone,
    }
    for words, n in beside.items():
        if n:
            out.write(f"{n} {words}")
    if planned.is_ambiguous:
        out.write("Series in the file:")
        _tell(out, [f"{code or '(no code)'}: {n} figures" for code, n in planned.series.items()])
    _tell(out, planned.rejections, planned.rejected)
    for place in list(planned.unmatched.values())[:MOST_TOLD]:
        named = " ".join(filter(None, (place.code, place.name)))
        likely = ", ".join(f"{found.name} ({found.code})" for found in place.candidates)
        meant = f"; perhaps {likely}" if likely else ""
        out.write(f"  Line {place.line}: “{named}” is no area here ({place.rows} rows){meant}")


def _tell(out: Any, told: list[str], whole: int | None = None) -> None:
    for words in told[:MOST_TOLD]:
        out.write(f"  {words}")
    more = (len(told) if whole is None else whole) - len(told[:MOST_TOLD])
    if more > 0:
        out.write(f"  … and {more} more")
