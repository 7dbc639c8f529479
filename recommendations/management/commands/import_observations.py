"""``import_observations``: figures of indicators from a file of a statistical office."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from recommendations.actions.imports.figures import (
    ASKED,
    FigureImport,
    FigureOptions,
    FigurePlan,
    Obstacle,
    clear_left_over,
)
from recommendations.actions.imports.figures.plans import AreaOutcome
from recommendations.actions.imports.pipeline import Import, Upload
from recommendations.management.console import line_text, readable_path
from recommendations.management.imports import ImportCommand
from recommendations.models import Indicator
from recommendations.readers.statistics.reading import STATED_USES

_ADVICE = {
    Obstacle.SERIES: "--series CODE",
    Obstacle.NEW_INDICATORS: "--by USERNAME",
    Obstacle.INCOMPLETE: "--indicators FILE",
    Obstacle.AREA: "--area CODE",
    Obstacle.COUNTRY: "--area CODE",
    Obstacle.AREA_CODES: "--codes-are LIST or --leave-out",
    Obstacle.NEW_AREAS: "--by USERNAME or --codes-are skip",
    Obstacle.CONTRADICTION: "--reason TEXT",
    Obstacle.DOUBT: "--accept-doubts",
    Obstacle.LACKING: "--series CODE or --slice NAME=CODE",
    Obstacle.UNITS: "--slice UNIT=CODE",
    Obstacle.NOTHING: "choose another file",
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


def _stated(path: Path) -> tuple[Any, ...]:
    """What a file of JSON says of the indicators to import, by their series."""
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        found = tuple((code, tuple(said.items())) for code, said in stated.items())
    except (OSError, ValueError, AttributeError) as error:
        raise CommandError(f"{path}: {error}") from error
    if wrong := {name for _code, said in found for name, _value in said} - set(ASKED):
        raise CommandError(f"{path}: “{min(wrong)}” is none of {', '.join(ASKED)}.")
    return found


class Command(ImportCommand):
    help = (
        "Import the values of one indicator, or without --indicator of those that the file has; "
        "missing ones are added. The format is recognised from the content. Rejected rows and "
        "unknown areas stop the import unless they are skipped. A changed value becomes a new "
        "revision; an unchanged one is not written."
    )
    CHOICES = FigureOptions

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--indicator", type=line_text, metavar="CODE")
        parser.add_argument(
            "--indicators",
            type=readable_path,
            metavar="FILE",
            dest="stated",
            help="indicators of the file to import, as JSON: the dry run shows those to add",
        )

    def find(self, options: dict[str, Any]) -> None:
        code = options["indicator"]
        options["into"] = find_indicator(code) if code else None

    def job(self, upload: Upload, options: dict[str, Any]) -> FigureImport:
        stated = _stated(options["stated"]) if options["stated"] else ()
        return FigureImport(upload, None, self.chosen(options, indicators=stated), options["into"])

    def bring(self, job: Import[Any], options: dict[str, Any]) -> None:
        # What interrupted imports left is cleared, and told of.
        for left in clear_left_over() if options["by"] and not options["dry_run"] else ():
            self.stdout.write(
                f"An import of {left.file_name} into {left.indicator} by {left.by.username}, "
                f"started {left.begun_at:%Y-%m-%d %H:%M} UTC, was interrupted. Nothing was "
                f"imported. {left.rows} prepared rows were deleted."
            )
        super().bring(job, options)

    def advice(self, plan: FigurePlan) -> str:
        advised = (
            _ADVICE.get(each) or super(Command, self).advice(plan) for each in plan.obstacles
        )
        return " ".join(dict.fromkeys(advised)) or super().advice(plan)

    def about(self, plan: FigurePlan) -> Iterator[str]:
        vintage = plan.stated_vintage or "not stated"
        yield f"Source: {plan.stated_source or 'not stated'}. Last updated by it: {vintage}."
        if plan.asks_confirmation and plan.changes_anything:
            yield "The values are unconfirmed until a second person confirms them."
        beside = {
            "values are the same at the precision given; they are kept": plan.rounded,
            "values differ from newer values here, which are kept (--allow-older)": plan.kept_newer,
            "newer values are replaced by older ones": plan.replaced_newer,
            "values with a vintage are revised by a file without one (--vintage)": plan.undated,
            "cells are empty": plan.empty,
            "rows of country groups are skipped": plan.aggregates,
            "rows of areas are skipped by choice": plan.skipped_areas,
            "rows of other parts are skipped": plan.other_slices,
            "values here are not in the file; they are kept": plan.gone,
        }
        yield from (f"{n} {words}" for words, n in beside.items() if n)
        others = [each for each in plan.columns if each.use not in STATED_USES and each.header]
        if others:
            yield "Columns beside areas, periods and values:"
            yield from (f"  {each.header}: {each.use.label}" for each in others)
        if plan.is_ambiguous:
            yield "Series in the file:"
            for each in plan.series.values():
                title = "" if each.title == each.code else each.title
                named = " ".join(filter(None, (each.code, title))) or "(no code)"
                yield f"  {named}: {each.rows} values"
        if new := plan.new_indicators:
            yield "Indicators to add, as --indicators takes them:"
            said = {
                each.code: {name: getattr(each.indicator, name) for name in ASKED} for each in new
            }
            yield json.dumps(said, indent=2, ensure_ascii=False)
            for each in new:
                yield from (f"  {name}: {' '.join(why)}" for name, why in each.wrong.items())
        # Each area of the file, what it is here and what that rests on; what is open, first of all.
        yield "Areas in the file:"
        for use in sorted(plan.areas, key=lambda use: use.area is not None):
            named = " ".join(filter(None, (use.reference.code, use.reference.name))) or "(none)"
            here = f"{use.name} ({use.code})" if use.area is not None else "not imported"
            if use.outcome == AreaOutcome.UNKNOWN:
                likely = ", ".join(f"{found.name} ({found.code})" for found in use.candidates)
                meant = f"; similar: {likely}" if likely else ""
                yield f"  {use.first_place}: unknown area “{named}” ({use.rows} rows){meant}"
            else:
                yield f"  {named} → {here}: {use.basis}; {use.rows} values"
        if plan.more_areas:
            yield f"  … and {plan.more_areas} more"
