"""Areas with what is asked of them and measured in them, and which one a file means."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet

from recommendations import names
from recommendations.choices import AreaKind, CodeList, Nature
from recommendations.models import (
    Addressee,
    Area,
    AreaAlias,
    GroupMembership,
    Indicator,
    Observation,
    Recommendation,
)
from recommendations.models.responses import having_responded
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached, version_for
from recommendations.queries.indicators.values import (
    FIGURE_COLUMNS,
    latest_value,
    sparkline_of,
)
from recommendations.queries.listed import named_only
from recommendations.queries.recommendations.rows import facts_of, loggable
from recommendations.queries.responses import addressee_row, history_of

# ---- Which area a file means by a code or a name: certain, or a person is asked

CANDIDATES = 3
"""Areas to choose from, at most."""

LIKENESS = 0.72
"""Share of a name that must agree before an area is proposed, as ``difflib`` counts it."""

BASES: dict[str, str] = {
    CodeList.WORLD_BANK: CodeList.ISO3,
    CodeList.OWID: CodeList.ISO3,
    CodeList.EUROSTAT: CodeList.ISO2,
}
"""Lists that are those of ISO 3166-1 but for a few codes of their own."""

_Parts = defaultdict[int, defaultdict[str, set[int]]]
_Codes = defaultdict[str, defaultdict[str, set[int]]]

_NAMES = ("name", *(f"name_{language}" for language in names.NAMED_IN))
_CODES = {CodeList.OWN: "code", CodeList.ISO2: "iso2", CodeList.ISO3: "iso3", CodeList.M49: "m49"}


@dataclass(frozen=True, slots=True)
class AreaCandidate:
    """An area that a file may mean. ``likeness`` of the names runs from 0 to 1."""

    area: int
    code: str
    name: str
    likeness: float


@dataclass(frozen=True, slots=True)
class AreaMatch:
    """The id of the area that is meant; else whom it could be, the likeliest first."""

    area: int | None
    candidates: tuple[AreaCandidate, ...] = ()


class AreaMatcher:
    """All areas with their other names and codes, read in two queries for a whole file."""

    def __init__(self) -> None:
        self._areas: dict[int, dict[str, Any]] = {}
        self._by_code: _Codes = defaultdict(lambda: defaultdict(set))
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._regions: dict[str, set[int]] = defaultdict(set)
        self._by_core: dict[str, set[int]] = defaultdict(set)
        self._parts_by_code: _Parts = defaultdict(lambda: defaultdict(set))
        self._parts_by_name: _Parts = defaultdict(lambda: defaultdict(set))
        self._known: dict[tuple[str, str, str], AreaMatch] = {}
        columns = ("pk", "kind", "parent", *_CODES.values(), *_NAMES)
        for row in Area.objects.order_by("pk").values(*columns):
            self._areas[row["pk"]] = row
            for code_list, column in _CODES.items():
                self._add(row["pk"], row[column], code_list)
            if row["parent"]:
                self._add_part(row)
            # A part may have the name of another country, such as Georgia: it counts there alone.
            for column in _NAMES if row["kind"] != AreaKind.PART else ():
                self._add(row["pk"], row[column])
        aliases = AreaAlias.objects.filter(removed_at__isnull=True)
        for alias in aliases.values_list("area", "alias", "code_list"):
            self._add(*alias)

    def match(self, *, code: str = "", name: str = "", code_list: str = "") -> AreaMatch:
        """The area of a row: ``code`` and ``name`` as the file writes them, one of both at least.

        ``code_list`` (``CodeList``) is the list of the code; without it all lists are looked
        through. ``NA`` is Namibia. A code and a name that disagree are two candidates; a code
        that a list lacks is never made good by a name, for what is new to a list is often a
        region, and each list cuts those its own way.
        """
        asked = (code.strip(), name.strip(), code_list)
        if asked not in self._known:
            self._known[asked] = self._found(*asked)
        return self._known[asked]

    def match_by_name(self, code: str, name: str) -> AreaMatch:
        """The area of a row whose ``code`` is of a list that is not known: a name identifies it.

        Without a name the code may be one. Whatever lists have such a code, it identifies nothing;
        where none of its areas is the one that is named, they are candidates.
        """
        named = self._named(name or code)
        coded = self._coded(code, "") if code and name else set()
        if coded and not named & coded:
            return AreaMatch(None, self._candidates(coded | named, name) if named else ())
        is_certain = not code or all(self._is_country(area) for area in named)
        return self._decided(named & coded or named, name or code, is_certain=is_certain)

    def match_part(self, country: int, code: str, name: str) -> AreaMatch:
        """The part of a country with this code here, or this name there."""
        coded = self._parts_by_code[country].get(code.casefold(), set())
        named = self._parts_by_name[country].get(names.key(name), set())
        if coded and named and not named & coded:
            return AreaMatch(None, self._candidates(coded | named, name))
        return self._decided(coded or named, name) if coded or named else AreaMatch(None)

    def named(self, text: str) -> set[int]:
        """The areas of this name, or of this code of letters in capitals; nothing is guessed."""
        lists = (CodeList.OWN, CodeList.ISO2, CodeList.ISO3)
        coded = (self._by_code[each].get(text, set()) for each in lists)
        return self._by_name.get(names.key(text), set()) or set().union(*coded)

    def knows(self, code: str) -> bool:
        """Whether some list has this code, whichever it is."""
        return bool(self._coded(code, ""))

    def is_named(self, area: int, name: str) -> bool:
        """Whether an area has this name."""
        return area in self._named(name)

    def row(self, area: int) -> dict[str, Any]:
        """The code, the name, the kind and the codes of an area."""
        return self._areas[area]

    def _found(self, code: str, name: str, code_list: str) -> AreaMatch:
        named = self._named(name)
        if not code:
            return self._decided(named or self._coded(name, ""), name)
        coded = self._coded(code, code_list)
        if not coded:
            is_certain = not code_list and all(self._is_country(area) for area in named)
            return self._decided(named, name or code, is_certain=is_certain)
        if named & coded:
            return self._decided(named & coded, name)
        return self._decided(coded | named, name or code)

    def _named(self, name: str) -> set[int]:
        """Areas with this name: a region in all of its words, since others have one like it.

        “Latin America & Caribbean” of the World Bank has other members than “Latin America and the
        Caribbean” of the UN.
        """
        exact = self._regions.get(names.fold(name), set())
        return self._by_name.get(names.key(name), set()) | exact

    def _coded(self, code: str, code_list: str) -> set[int]:
        if code_list:
            own = self._by_code[code_list].get(_as_code(code, code_list), set())
            base = BASES.get(code_list, "")
            return own or (self._coded(code, base) if base else set())
        found = (codes.get(_as_code(code, each)) for each, codes in self._by_code.items())
        return set().union(*(areas for areas in found if areas))

    def _decided(self, areas: set[int], name: str, *, is_certain: bool = True) -> AreaMatch:
        if len(areas) == 1 and is_certain:
            return AreaMatch(next(iter(areas)))
        if not areas:  # Those with a name like this one, in any language.
            close = get_close_matches(names.core(name), self._by_core, 3 * CANDIDATES, LIKENESS)
            areas = {area for like in close for area in self._by_core[like]}
        return AreaMatch(None, self._candidates(areas, name))

    def _candidates(self, areas: Iterable[int], name: str) -> tuple[AreaCandidate, ...]:
        core = names.core(name)
        found = (self._candidate(area, core) for area in sorted(areas))
        return tuple(nlargest(CANDIDATES, found, key=lambda candidate: candidate.likeness))

    def _candidate(self, area: int, core: str) -> AreaCandidate:
        row = self._areas[area]
        own = (like for like, areas in self._by_core.items() if area in areas)
        likeness = max((SequenceMatcher(None, like, core).ratio() for like in own), default=0.0)
        return AreaCandidate(area, row["code"], row["name"], round(likeness, 2))

    def _is_country(self, area: int) -> bool:
        return bool(self._areas[area]["kind"] == AreaKind.COUNTRY)

    def _add_part(self, row: dict[str, Any]) -> None:
        """Enter an area among those of the one that it is a part of."""
        self._parts_by_code[row["parent"]][row["code"].casefold()].add(row["pk"])
        for column in _NAMES:
            if key := names.key(row[column]):
                self._parts_by_name[row["parent"]][key].add(row["pk"])

    def _add(self, area: int, text: str, code_list: str = "") -> None:
        """Enter a name, or a code of a list."""
        if not text:
            return
        if code_list:
            self._by_code[code_list][_as_code(text, code_list)].add(area)
        elif key := names.key(text):
            if self._areas[area]["kind"] == AreaKind.REGION:
                self._regions[names.fold(text)].add(area)
            else:
                self._by_name[key].add(area)
            self._by_core[names.core(text)].add(area)


def _as_code(code: str, code_list: str) -> str:
    """A code without its case; one of UN M49 with the zeros that spreadsheets drop."""
    return code.zfill(3) if code_list == CodeList.M49 and code.isdecimal() else code.upper()


# ---- Areas with what is asked of them and measured in them

MEASURES_SHOWN = 50
"""Indicators of one area on its page; the list of indicators has all of them."""

POINTS = 24
"""Newest figures in a line of a word's size."""


@dataclass(frozen=True, slots=True)
class AreaTally:
    """By how many recommendations an area is addressed, and to how many of them it says."""

    addressed: int
    answered: int


def area_tallies(person: Person) -> dict[int, AreaTally]:
    """The areas that something followed speaks to which the person sees, by id; two queries.

    Kept until something is recorded: it reads all addressees.
    """
    return cached(
        "area tallies",
        lambda: _area_tallies(person),
        audience=audience_of(person),
        version=version_for(person).hash,
    )


def _area_tallies(person: Person) -> dict[int, AreaTally]:
    shown = Addressee.objects.living().shown_to(person).filter(area__isnull=False).order_by()
    # Counted apart: as a condition of a count, the set of those who answered is searched row by row
    # where it outgrows the memory of a statement.
    addressed, answered = (
        dict(rows.values_list("area").annotate(Count("pk")))
        for rows in (shown, shown.filter(pk__in=having_responded()))
    )
    return {area: AreaTally(many, answered.get(area, 0)) for area, many in addressed.items()}


def areas_in_use(person: Person) -> list[int]:
    """Ids of the areas that something here is about which the person sees; one query more."""
    besides = cached(
        "areas in use",
        lambda: list(Area.objects.in_use().order_by().values_list("pk", flat=True)),
        audience=audience_of(person),
        version=version_for(person).hash,
    )
    return [*area_tallies(person), *besides]


def area_rows(ids: Sequence[int], person: Person) -> dict[int, Any]:
    """Areas of the list by id, each with how often it is ``addressed``, and ``answered``."""
    found = named_only(Area.objects.localised(), "code", "kind", "name", "iso2", "iso3", "m49")
    rows: dict[int, Any] = found.in_bulk(ids)
    tallies, none = area_tallies(person), AreaTally(0, 0)
    for pk, row in rows.items():
        tally = tallies.get(pk, none)
        row.addressed, row.answered = tally.addressed, tally.answered
    return rows


def memberships_of(area: Area) -> list[Any]:
    """Of a group its members, of any other area its groups; also what has ended, by name.

    Each with the ``other`` side of it.
    """
    is_group = area.kind == AreaKind.GROUP
    mine, other = ("group", "member") if is_group else ("member", "group")
    rows = GroupMembership.objects.living().filter(**{mine: area}).select_related(other)
    found: list[Any] = list(rows.order_by(f"{other}__name", "valid_from"))
    for row in found:
        row.other = getattr(row, other)
    return found


def aliases_of(area: Area) -> list[AreaAlias]:
    """What else files call an area: names, then codes by their list."""
    found = AreaAlias.objects.filter(area=area, removed_at__isnull=True)
    return list(found.order_by("code_list", "alias", "pk"))


_OF_A_MEASURE = tuple(
    f"indicator__{name}" for name in ("code", "title", "unit", "decimals", "frequency")
)


def area_measures(area: Area, person: Person) -> list[Any]:
    """The indicators that have figures for an area, by code, as far as the person may see them.

    Each with its newest ``figure`` there, and how it went, as a ``spark``. Two queries; what is
    told apart by a dimension stands on the page of the indicator alone.
    """
    own = Observation.objects.filter(area=area.pk, dimensions="")
    shown = Indicator.objects.visible_to(person).filter(
        Exists(own.standing().filter(indicator=OuterRef("pk")))
    )
    first = list(shown.order_by("code").values_list("pk", flat=True)[:MEASURES_SHOWN])
    figures = own.filter(indicator__in=first).newest_of_each(POINTS, "first_day", "pk")
    found = (
        figures.select_related("indicator")
        .only(*FIGURE_COLUMNS, *_OF_A_MEASURE)
        .order_by("indicator__code", "-last_day", "first_day", "pk")
    )
    measures = []
    for indicator, rows in groupby(found, key=lambda observation: observation.indicator):
        here: list[Any] = list(rows)
        measure: Any = indicator
        measures.append(measure)
        measure.figure = latest_value(indicator, here)
        measure.spark = sparkline_of(indicator, here, f"measure-{len(measures)}")
    return measures


def addressees_in(area: Area, person: Person) -> QuerySet[Any]:
    """An area's addressees, by their recommendations: what a page finds ids in.

    Archived recommendations are history, and shown to people inside alone.
    """
    seen = Recommendation.objects.status_visible_to(person)
    rows = Addressee.objects.living().filter(area=area, recommendation__in=seen.values("pk"))
    ordered: QuerySet[Any] = rows.order_by(
        "recommendation__source__title", "recommendation__number", "pk"
    )
    return ordered


def area_recommendation_rows(
    ids: Sequence[int], area: Area, person: Person, today: date
) -> dict[int, Any]:
    """An area as addressee of each recommendation that speaks to it, by the id of that.

    ``about`` are the facts of the recommendation, ``told`` is what the area says to it now, and
    ``history`` all that it said. Five queries; one more for staff, of what they ``may_log`` on.
    """
    read = Addressee.objects.with_response().with_own_state(today).only("recommendation", "area")
    rows: dict[int, Any] = read.in_bulk(ids)
    about = facts_of([row.recommendation_id for row in rows.values()], person)
    may_log, history = loggable(about, person), history_of(ids, person)
    found = {pk: row for pk, row in rows.items() if row.recommendation_id in about}
    for pk, row in found.items():
        row.area, row.about = area, about[row.recommendation_id]
        row.is_continuous = row.about.nature == Nature.CONTINUOUS
        row.has_date = row.about.target_date is not None
        row.told, row.history = addressee_row(row, person, today), history.get(pk, ())
        row.may_log = row.recommendation_id in may_log
    return found
