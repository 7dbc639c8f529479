"""The areas of the demonstration: made up, called so, and addressed next to the article's group."""

from recommendations import audit
from recommendations.actions.base import create
from recommendations.actions.demonstration.stage import Stage
from recommendations.choices import AreaKind
from recommendations.models import Addressee, Area, Recommendation

LETTERS = "ABCDEFGHIJKL"
NOTES = "Demonstration: no such country exists."

ADDRESSED = {"DSR-1": "ABCDEFGHIJKL", "DSR-2": "ABCDEF", "DSR-3": "AB"}
"""Which of them the demonstration lets a recommendation speak to. DSR-4 stays as it was loaded."""


REGIONS = {"north": "ABCD", "middle": "EFGH", "south": "IJKL"}
"""Where they lie: made-up regions, called so as well."""


def code_of(letter: str) -> str:
    return f"demonstration-{letter.lower()}"


def taken_codes() -> list[str]:
    """Codes that the demonstration needs and that an area has already."""
    wanted = [code_of(name) for name in (*LETTERS, *REGIONS)]
    return list(Area.objects.filter(code__in=wanted).values_list("code", flat=True))


def settle(stage: Stage) -> None:
    """Make the areas and let three recommendations speak to them, each with an event."""
    with audit.entry(by=stage.cast.manager, at=stage.at()) as entry:
        areas = {}
        for name, letters in REGIONS.items():
            region = _area(name, AreaKind.REGION)
            create(entry, region)
            for letter in letters:
                areas[letter] = _area(letter, AreaKind.COUNTRY, region)
                create(entry, areas[letter])
        for reference, letters in ADDRESSED.items():
            recommendation = Recommendation.objects.get(reference=reference)
            for letter in letters:
                addressee = Addressee(recommendation=recommendation, area=areas[letter])
                create(entry, addressee)


def _area(name: str, kind: AreaKind, parent: Area | None = None) -> Area:
    return Area(
        code=code_of(name), kind=kind, name=f"Demonstration {name}", notes=NOTES, parent=parent
    )
