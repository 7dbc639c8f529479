"""Which indicators a file has values of, and what each of them is here."""

import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from recommendations import permissions
from recommendations.actions.base import check_row
from recommendations.actions.imports.figures.identity import plain_code, unit_in
from recommendations.actions.imports.figures.plans import FigurePlan, Series, opened, parts_of
from recommendations.actions.imports.pipeline import Upload
from recommendations.choices import Direction
from recommendations.models import ImportRun, Indicator, User
from recommendations.readers.statistics import FigureRow
from recommendations.readers.statistics.metadata import read_metadata

MOST_CHOSEN = 10
"""Series of a file that are imported at once, each into an indicator of its own."""

MOST_DECIMALS = 2
"""Decimals that are proposed to be shown: files often have many that nobody measured."""

ASKED = (
    *("code", "title", "definition", "unit", "measure", "direction", "decimals", "source"),
    *("vocabulary", "vocabulary_code", "vocabulary_uri"),
)
"""What is said of an indicator that is added with its values."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def find_series(upload: Upload, plan: FigurePlan, by: User | None) -> None:
    """Read which series a file has, find their indicators, and which are imported.

    Those are what the person chose; else those that are here and of which the person may record
    values, and one that the file has alone. An indicator that is not here is new.
    """
    file = opened(upload, plan.options)
    plan.source = file.source
    plan.take_columns(file)
    meant = plan.options.slice
    for row in file.rows:
        if isinstance(row, FigureRow):
            plan.count_series(row)
            for part in parts_of(row).items() if meant and not plan.series else ():
                plan.count_dimension(*part)
    if meant and file.counts.figures and not plan.series:
        there = plan.dimensions
        unmet = [name for name, code in meant if code not in there.get(name, ())]
        told = "|".join(f"{name}={code}" for name, code in meant)
        plan.tell_lacking(told, there.get(unmet[0]) if unmet else None)
    plan.dimensions = {}  # those of what is imported are counted when that is read
    _find_indicators(plan)
    chosen, options = list(plan.series.values()), plan.options
    stated = dict(options.indicators or ([(options.series, ())] if options.series else ()))
    if stated:
        # Of a series that the file has not, none is imported, until it is chosen anew.
        is_there = stated.keys() <= plan.series.keys()
        chosen = [each for each in chosen if each.code in stated and is_there]
    elif len(chosen) > 1:
        known = (each for each in chosen if each.indicator is not None)
        chosen = [each for each in known if not by or _may(by, each)]
    plan.chosen_series = chosen[:MOST_CHOSEN]
    new = [each for each in plan.chosen_series if each.indicator is None]
    metadata = read_metadata(upload.file, upload.name, upload.options) if new else {}
    for each in new:
        published = _as_published(each, plan) | metadata.get(each.code, {})
        _propose(each, {**published, **dict(stated.get(each.code, ()))})


def listed_series(plan: FigurePlan, words: str) -> list[tuple[Series, bool]]:
    """The series that a page lists: those that are imported, then the first others that hold these
    words, those first that are here. With each, whether it is imported."""
    sought, stated = words.casefold().split(), plan.options.series
    chosen, others = [], []
    for each in sorted(plan.series.values(), key=lambda each: each.indicator is None):
        if each in plan.chosen_series or (stated and stated == each.code):
            chosen.append((each, True))
        elif all(word in f"{each.code} {each.title}".casefold() for word in sought):
            others.append((each, False))
    return [*chosen, *others[:MOST_CHOSEN]]


def _may(by: User, series: Series) -> bool:
    return series.indicator is not None and permissions.can_observe(by, series.indicator)


def _find_indicators(plan: FigurePlan) -> None:
    """The indicator of each series: that of an earlier import of this file, else the one with its
    code here or in its code list; of a column of values, with its title."""
    by_code = {plain_code(code): each for code, each in plan.series.items() if code}
    named = Q(vocabulary_code__in=by_code) | Q(title__in=by_code)
    found = list(Indicator.objects.filter(Q(code__in=by_code) | named))
    for name in ("title", "vocabulary_code", "code"):
        for code, each in by_code.items():
            own = [indicator for indicator in found if getattr(indicator, name) == code]
            each.indicator = own[0] if len(own) == 1 else each.indicator
    runs = ImportRun.objects.filter(file_sha256=plan.sha256, undone_at=None)
    for run in runs.select_related("indicator").order_by("pk"):
        if run.series in plan.series:
            plan.series[run.series].indicator = run.indicator


def _propose(series: Series, values: Mapping[str, Any]) -> None:
    """Make the indicator that is added for a series, with what is wrong or lacking."""
    indicator = Indicator(**values, asks_confirmation=True)
    series.indicator = indicator
    try:
        check_row(indicator)
    except ValidationError as error:
        series.wrong = error.message_dict


def _as_published(series: Series, plan: FigurePlan) -> dict[str, Any]:
    """What the file says of an indicator; what it does not say is empty."""
    code = plain_code(series.code)
    is_name = any(letter.isspace() for letter in code)  # of a column of values
    title = series.title or (series.code if is_name else "")
    return {
        "code": code if _CODE.fullmatch(code) else "",
        "title": title,
        "definition": "",
        "unit": series.unit or unit_in(title),
        "measure": "",
        "direction": Direction.NONE_STATED,
        "decimals": min(series.decimals, MOST_DECIMALS),
        "source": series.source or plan.stated_source,
        "vocabulary": "" if is_name else series.code.rpartition(":")[0],
        "vocabulary_code": "" if is_name else code,
        "vocabulary_uri": "",
    }
