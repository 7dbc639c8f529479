"""What import commands share: who imports, into which indicator, and the report of the outcome."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from recommendations.actions.imports.figures import (
    FigureOptions,
    FigurePlan,
    ImportStep,
    Obstacle,
    clear_left_over,
    import_figures,
    plan_figures,
)
from recommendations.actions.imports.figures.plans import MOST_AREAS
from recommendations.actions.imports.pipeline import ImportRefused, Upload
from recommendations.management.refusals import refusals
from recommendations.models import Indicator, User
from recommendations.readers import ReadOptions, TableError
from recommendations.readers.meanings import MapError

MOST_LISTED = 50
"""Sentences of one kind before the rest is only counted."""

_ADVICE = {
    Obstacle.SERIES: "--series CODE",
    Obstacle.AREA: "--area CODE",
    Obstacle.COUNTRY: "--area CODE",
    Obstacle.AREA_CODES: "--codes-are LIST or --leave-out",
    Obstacle.NEW_AREAS: "--by USERNAME or --codes-are skip",
    Obstacle.CONTRADICTION: "--reason TEXT",
    Obstacle.DOUBT: "--accept-doubts",
}
"""The option that helps, by what stands against the import."""


def find_indicator(code: str) -> Indicator:
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


def find_user(username: str | None) -> User | None:
    """An active user by name; ``None`` where none is given."""
    if not username:
        return None
    person = User.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(f"There is no active user “{username}”.")
    return person


def importing_user(options: dict[str, Any]) -> User:
    """The user that ``--by`` names."""
    if (by := find_user(options["by"])) is None:
        raise CommandError("Nothing was written. Name the importing user with --by USERNAME.")
    return by


@contextmanager
def opened(options: dict[str, Any]) -> Iterator[Upload]:
    """The file that an import command names; what is wrong with it ends the command."""
    path: Path = options["file"]
    try:
        with refusals(), path.open("rb") as file:
            read = ReadOptions(options["encoding"], options["sheet"], options.get("header_row", 0))
            yield Upload(file, options["name"] or path.name, read)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except (TableError, MapError) as error:
        raise CommandError(f"{path.name}: {error}") from error


def import_and_report(
    command: BaseCommand,
    upload: Upload,
    indicator: Indicator,
    choices: FigureOptions,
    options: dict[str, Any],
) -> None:
    """Plan or run an import and report the outcome of each figure; refusals are raised."""

    def progress(step: ImportStep, figures: int) -> None:
        if command.stderr.isatty():
            command.stderr.write(f"\r{figures:,} values {step.value}", ending="")

    if options["dry_run"]:
        plan = plan_figures(
            upload=upload,
            indicator=indicator,
            options=choices,
            by=find_user(options["by"]),
            progress=progress,
        )
        report_plan(command, plan)
        command.stdout.write("Nothing was written (dry run).")
        return
    by = importing_user(options)
    # What interrupted imports left is cleared, and told of.
    for left in clear_left_over():
        command.stdout.write(
            f"An import of {left.file_name} into {left.indicator} by {left.by.username}, started "
            f"{left.begun_at:%Y-%m-%d %H:%M} UTC, was interrupted. Nothing was imported. "
            f"{left.rows} prepared rows were deleted."
        )
    try:
        done = import_figures(
            upload=upload, indicator=indicator, by=by, options=choices, progress=progress
        )
    except ImportRefused as refusal:
        report_plan(command, refusal.plan)
        skipping = "--leave-out or --replace-characters" if refusal.plan.invalid else "--leave-out"
        advice = _ADVICE.get(refusal.plan.obstacle, skipping)
        raise CommandError(f"Nothing was written. {refusal} ({advice})") from refusal
    report_plan(command, done)
    nothing = "newer values stay." if done.kept_newer else "all values are imported already."
    words = "Imported." if done.changes_anything else f"Nothing to do: {nothing}"
    command.stdout.write(command.style.SUCCESS(words))


def report_plan(command: BaseCommand, plan: FigurePlan) -> None:
    """The counts, then what is wrong and where."""
    out = command.stdout
    for note in plan.notes:
        out.write(note)
    out.write(
        f"Source: {plan.stated_source or 'not stated'}. "
        f"Last updated by it: {plan.stated_vintage or 'not stated'}."
    )
    out.write(
        f"{plan.new} new, {plan.revised} revised, {plan.unchanged} unchanged, "
        f"{plan.rejected} rejected, {plan.unmatched_rows} of unknown areas"
    )
    if plan.asks_confirmation and plan.changes_anything:
        out.write("The values are unconfirmed until a second person confirms them.")
    beside = {
        "values are the same at the precision given; they are kept": plan.rounded,
        "values differ from newer values here, which are kept (--allow-older)": plan.kept_newer,
        "newer values are replaced by older ones": plan.replaced_newer,
        "values with a vintage are revised by a file without one (--vintage)": plan.undated,
        "cells are empty": plan.empty,
        "rows of country groups are skipped": plan.aggregates,
        "rows of areas are skipped by choice": plan.skipped_areas,
        "values here are not in the file; they are kept": plan.gone,
    }
    for words, n in beside.items():
        if n:
            out.write(f"{n} {words}")
    if plan.is_ambiguous:
        out.write("Series in the file:")
        _list(out, [f"{code or '(no code)'}: {n} values" for code, n in plan.series.items()])
    # Each area of the file, what it is here and what that rests on; what is open, first of all.
    out.write("Areas in the file:")
    lines = []
    for use in sorted(plan.areas, key=lambda use: use.area is not None):
        of = use.reference
        named = " ".join(filter(None, (of.code, of.name))) or "(none)"
        here = f"{use.name} ({use.code})" if use.area is not None else "not imported"
        lines.append(f"{named} → {here}: {use.basis}; {use.rows} values")
    _list(out, lines, len(lines) + plan.more_areas, most=MOST_AREAS)
    _report_faults(out, plan)


def _report_faults(out: Any, plan: FigurePlan) -> None:
    """What is wrong, and where."""
    _list(out, plan.rejections, plan.rejected)
    if plan.contradictions:
        out.write("The file contradicts the indicator:")
        _list(out, plan.contradictions)
    if plan.doubted:
        out.write(f"{plan.doubted} values are outside the plausible range:")
        _list(out, plan.doubts, plan.doubted)
    if plan.disagreeing:
        out.write(f"{plan.disagreeing} values disagree and are imported as stated:")
        _list(out, plan.disagreements, plan.disagreeing)
    for area in list(plan.unmatched.values())[:MOST_LISTED]:
        named = " ".join(filter(None, (area.code, area.name)))
        likely = ", ".join(f"{found.name} ({found.code})" for found in area.candidates)
        meant = f"; similar: {likely}" if likely else ""
        out.write(f"  {area.first_place}: unknown area “{named}” ({area.rows} rows){meant}")


def _list(out: Any, lines: list[str], total: int | None = None, *, most: int = MOST_LISTED) -> None:
    for line in lines[:most]:
        out.write(f"  {line}")
    more = (len(lines) if total is None else total) - len(lines[:most])
    if more > 0:
        out.write(f"  … and {more} more")
