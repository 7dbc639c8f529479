"""The figures of the demonstration: made up, for made-up areas, under an indicator that says so.

They come in as any others: as a file, with one event. Some are missing, and a few are provisional,
so that the page of the gap shows what it does with them.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from recommendations import audit
from recommendations.actions.base import create
from recommendations.actions.demonstration.gap import Chapter
from recommendations.actions.demonstration.places import code_of
from recommendations.actions.demonstration.stage import Stage, marked
from recommendations.actions.imports import figures
from recommendations.choices import Direction, Frequency, Measure, Relation, Reporting, ResultLevel
from recommendations.models import Indicator, IndicatorLink, Recommendation

CODE: Final = "DEMO-NET"

FIRST_YEAR: Final = 2014

# An area a row, a year a column. Nothing stands where there is no figure.
SHARES: Final[dict[str, tuple[str, ...]]] = {
    "A": ("62.4", "65.0", "68.1", "71.3", "73.9", "76.0", "78.8", "80.1", "81.7", "82.6"),
    "B": ("58.0", "60.2", "63.9", "66.0", "69.4", "72.7", "75.5", "77.1", "78.0", "79.4"),
    "C": ("71.5", "73.2", "74.8", "77.0", "78.1", "80.4", "82.9", "84.0", "85.2", "86.1"),
    "D": ("49.7", "52.3", "", "58.8", "62.0", "65.1", "69.9", "71.4", "73.0", "74.5"),
    "E": ("31.0", "34.6", "38.2", "43.0", "47.7", "51.9", "58.3", "61.0", "64.4", "66.9"),
    "F": ("27.3", "30.1", "33.8", "38.9", "44.0", "48.6", "54.7", "58.2", "61.1", "63.0"),
    "G": ("35.8", "38.0", "41.7", "46.1", "50.2", "54.0", "60.8", "63.3", "65.0", "67.2"),
    "H": ("22.9", "", "", "34.4", "38.8", "43.3", "49.0", "52.6", "55.9", "58.1"),
    "I": ("12.2", "14.9", "18.0", "22.7", "27.5", "32.8", "39.4", "43.7", "47.0", "50.3"),
    "J": ("9.4", "11.8", "15.1", "19.0", "24.2", "29.9", "35.6", "40.2", "44.1", "47.5"),
    "K": ("17.6", "20.0", "23.3", "28.1", "33.0", "37.7", "44.2", "48.0", "51.8", ""),
    "L": ("", "", "", "", "", "", "30.1", "34.8", "38.0", "41.2"),
}

PROVISIONAL: Final = "ACI"
"""Of whom the figure of the last year may still change."""


def share_on_line(stage: Stage) -> Chapter:
    """An indicator of what DSR-1 is for, and a file of its figures."""
    yield 386
    indicator = _indicator(stage)
    yield 385
    file = "\n".join(["area,period,value,OBS_STATUS", *_lines(), ""]).encode()
    figures.run(
        upload=figures.Upload(BytesIO(file), "demonstration-share-on-line.csv"),
        indicator=indicator,
        by=stage.cast.manager,
        choices=figures.Choices(source=marked("no such office exists")),
        at=stage.at(),
    )


def _indicator(stage: Stage) -> Indicator:
    with audit.entry(by=stage.cast.manager, at=stage.at()) as entry:
        indicator = Indicator(
            code=CODE,
            title=marked("share of people on line (made up)"),
            definition=marked("people in a made-up area who were on line, of all of them."),
            unit="% of people",
            measure=Measure.PERCENTAGE,
            direction=Direction.INCREASE,
            reporting=Reporting.PERIODIC,
            level=ResultLevel.OUTCOME,
            decimals=1,
            source=marked("no such office exists."),
            limitations=marked("every figure is made up."),
            frequency=Frequency.ANNUAL,
            is_published=True,
        )
        create(entry, indicator)
        link = IndicatorLink(
            recommendation=Recommendation.objects.get(reference="DSR-1"),
            indicator=indicator,
            relation=Relation.OUTCOME,
            why=marked("it shows whether those who are behind catch up."),
        )
        create(entry, link)
    return indicator


def _lines() -> Iterator[str]:
    """The lines of the file."""
    for letter, shares in SHARES.items():
        for year, share in enumerate(shares, FIRST_YEAR):
            is_last = year == FIRST_YEAR + len(shares) - 1
            status = "P" if is_last and letter in PROVISIONAL else "A"
            yield f"{code_of(letter)},{year},{share},{status if share else 'M'}"
