"""The areas of a file of figures: each by the code list that its format or a person states, or by
its name; never by a code whose list is not known.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations.actions.imports.figures.area_uses import (
    AreaOutcome,
    AreaUse,
    NewArea,
    UnmatchedArea,
    part_code,
)
from recommendations.actions.imports.figures.plans import MOST_LISTED, FigurePlan
from recommendations.choices import AreaCodes, AreaKind, CodeList
from recommendations.models import Area
from recommendations.queries.area_matching import AreaCandidate, AreaMatch, AreaMatcher
from recommendations.readers.statistics import AreaCodeList, AreaReference, FigureRow

# The code lists of sources that number areas in their own way.
_OWN_LISTS = {
    "world_bank": CodeList.WORLD_BANK,
    "world_bank_api": CodeList.WORLD_BANK,
    "owid": CodeList.OWID,
}
_LONGEST_NAME = 200
_ALPHA3 = 3


class FileAreas:
    """Finds the area of each row of one file, and tells the plan of each area once."""

    def __init__(self, plan: FigurePlan, file_format: str) -> None:
        self._plan, self._options = plan, plan.options
        self._own_list = _OWN_LISTS.get(file_format, "")
        self._matcher = AreaMatcher()
        self._uses: dict[AreaReference, AreaUse] = {}
        self._new: dict[str, int] = {}
        self._stated = self._stated_area()

    def area_of(self, row: FigureRow) -> int | None:
        """The area of a row, a number below 0 for a new one; ``None`` where it is not imported."""
        use = self._uses.get(row.area)
        if use is None:
            use = self._uses[row.area] = self._use_of(row.area, row.line)
            self._plan.add_area(use)
        use.rows += 1
        if use.area is None:
            self._count(use)
        return use.area

    def described_by(self, row: FigureRow) -> tuple[str, ...]:
        """Dimensions of a row that say no more than its area does, which is a part of a country."""
        return row.area.described_by if self._uses[row.area].is_part else ()

    def discount(self, row: FigureRow) -> None:
        """Take a row away that was rejected after its area was found."""
        self._uses[row.area].rows -= 1

    def name_of(self, area: int) -> str:
        """The name of an area here, or of a new one."""
        return str(self._plan.new_areas[area].name if area < 0 else self._row(area)["name"])

    def finish(self) -> None:
        """Drop new areas of which no row was accepted, once the file is read."""
        used = {use.area for use in self._uses.values() if use.rows}
        new = self._plan.new_areas
        self._plan.new_areas = {number: new[number] for number in new if number in used}

    def _row(self, area: int) -> dict[str, str]:
        return self._matcher.row(area)

    def _stated_area(self) -> int | None:
        code = self._options.area
        if not code:
            return None
        area = self._matcher.match(code=code, code_list=CodeList.OWN).area
        if area is None:
            words = _("There is no area with the code “%s”.") % code[:40]
            raise ValidationError({"area": words})
        if self._row(area)["kind"] == AreaKind.ALL:
            words = _("A file is not about “All areas”. Choose a country, a region or a group.")
            raise ValidationError({"area": words})
        return area

    def _count(self, use: AreaUse) -> None:
        """Count a row that is not imported."""
        plan = self._plan
        match use.outcome:
            case AreaOutcome.GROUP:
                plan.aggregates += 1
            case AreaOutcome.SKIPPED:
                plan.skipped_areas += 1
            case AreaOutcome.NOT_NAMED:
                plan.rows_without_area += 1
            case AreaOutcome.UNKNOWN | AreaOutcome.UNSTATED:
                plan.unmatched_rows += 1
                plan.unstated_rows += use.outcome is AreaOutcome.UNSTATED
                if found := plan.unmatched.get((use.reference.code, use.reference.name)):
                    found.rows += 1

    def _use_of(self, of: AreaReference, line: int) -> AreaUse:
        if not (of.code or of.name):
            if self._stated is not None:
                return self._matched(of, self._stated, _("The area that you state"))
            return AreaUse(of, AreaOutcome.NOT_NAMED, _("The file does not name the area"))
        if code_list := self._list_of(of):
            words = _("%(list)s, as the format states") % {"list": CodeList(code_list).label}
            return self._by_list(of, line, code_list, words)
        if of.is_aggregate:
            found = self._matcher.match_by_name(of.code, of.name).area
            return self._group(of) if found is None else self._matched(of, found, _("Name"))
        return self._by_choice(of, line)

    def _list_of(self, of: AreaReference) -> str:
        """The code list that the format or the header states; empty where neither does."""
        if of.code_list is AreaCodeList.NOT_STATED:
            return ""
        if of.code_list is AreaCodeList.SITE:
            return CodeList.OWN
        if self._own_list or of.code_list is AreaCodeList.OWN:
            return self._own_list
        return of.code_list.value

    def _by_list(self, of: AreaReference, line: int, code_list: str, basis: str) -> AreaUse:
        code, name = of.code or of.name, of.name if of.code else ""
        match = self._matcher.match(code=code, name=name, code_list=code_list)
        if match.area is not None:
            return self._matched(of, match.area, basis)
        if of.is_aggregate:
            return self._group(of)
        if code_list == CodeList.EUROSTAT and self._is_region_of_country(code):
            return self._part(of, line)
        return self._unknown(of, line, match.candidates)

    def _is_region_of_country(self, code: str) -> bool:
        """Whether it is a code of NUTS of the country whose parts are kept: it begins with that."""
        if self._options.codes_are != AreaCodes.PARTS or self._country() is None:
            return False
        found = self._matcher.match(code=code[:2], code_list=CodeList.EUROSTAT).area
        return found == self._country()

    def _by_choice(self, of: AreaReference, line: int) -> AreaUse:
        """By its name, or as the person states of codes whose list nobody else does."""
        chosen, code = self._options.codes_are, of.code or of.name
        if chosen == AreaCodes.PARTS:
            return self._part(of, line)
        # A publisher's own code says which area it is, and no name beside it does.
        by_name = self._matcher.match_by_name(of.code, of.name)
        if of.code_list is AreaCodeList.OWN:
            by_name = AreaMatch(None)
        if by_name.area is not None:
            return self._matched(of, by_name.area, _("Name"))
        if chosen == AreaCodes.SKIP:
            return AreaUse(of, AreaOutcome.SKIPPED, _("Skipped by your choice"))
        if chosen:
            code_list = _list_stated(chosen, code)
            words = _("%(list)s, as you state") % {"list": CodeList(code_list).label}
            return self._by_list(of, line, code_list, words)
        is_code = of.code_list is AreaCodeList.OWN or self._is_like_code(of)
        return self._unknown(of, line, by_name.candidates, is_code=is_code)

    def _is_like_code(self, of: AreaReference) -> bool:
        """Whether it may be a code: some list has it, it stands beside a name, or it has no small
        letters."""
        text = of.code or of.name
        return bool(of.code and of.name) or text.upper() == text or self._matcher.knows(text)

    def _country(self) -> int | None:
        """The stated area, where it is a country."""
        is_one = self._stated is not None and self._row(self._stated)["kind"] == AreaKind.COUNTRY
        return self._stated if is_one else None

    def _part(self, of: AreaReference, line: int) -> AreaUse:
        country = self._country()
        if country is None:
            self._plan.lacks_country = True
            return self._unknown(of, line, (), is_code=True)
        name = (of.name or of.code)[:_LONGEST_NAME]
        if of.code_list is not AreaCodeList.OWN and self._matcher.is_named(country, name):
            return self._matched(of, country, _("Name"))
        code = part_code(str(self._row(country)["code"]), of.code or of.name)
        match = self._matcher.match_part(country, code, name)
        whole = self._row(country)["name"]
        if match.area is not None:
            words = _("Part of %(country)s, as you state") % {"country": whole}
            use = self._matched(of, match.area, words)
            use.is_part = True
            return use
        if match.candidates or not self._is_new(code, name, country):
            return self._unknown(of, line, match.candidates)
        area = self._new[code.casefold()]
        words = _("Added as a part of %(country)s") % {"country": whole}
        return AreaUse(of, AreaOutcome.NEW, words, area, code, self.name_of(area), is_part=True)

    def _is_new(self, code: str, name: str, country: int) -> bool:
        """Whether a part can be added with this code, or is already among those to be added."""
        if code.casefold() in self._new:
            return True
        area = Area(code=code, name=name, kind=AreaKind.PART)
        try:
            area.clean_fields(exclude={"parent"})
        except ValidationError:
            return False
        if self._matcher.match(code=code, code_list=CodeList.OWN).area is not None:
            return False
        number = self._new[code.casefold()] = -len(self._new) - 1
        self._plan.new_areas[number] = NewArea(code, name, country)
        return True

    def _matched(self, of: AreaReference, area: int, basis: str) -> AreaUse:
        row = self._row(area)
        return AreaUse(of, AreaOutcome.MATCHED, basis, area, row["code"], row["name"])

    def _group(self, of: AreaReference) -> AreaUse:
        return AreaUse(of, AreaOutcome.GROUP, _("Group of countries: skipped"))

    def _unknown(
        self,
        of: AreaReference,
        line: int,
        candidates: tuple[AreaCandidate, ...],
        *,
        is_code: bool = False,
    ) -> AreaUse:
        if is_code:
            return AreaUse(of, AreaOutcome.UNSTATED, _("Code whose list is not stated"))
        if len(self._plan.unmatched) < MOST_LISTED:
            told = UnmatchedArea(of.code, of.name, candidates, line)
            self._plan.unmatched.setdefault((of.code, of.name), told)
        return AreaUse(of, AreaOutcome.UNKNOWN, _("Unknown"))


def _list_stated(chosen: str, code: str) -> str:
    """The code list of a code, by what a person states of all codes of a file."""
    if chosen == AreaCodes.ISO:
        return CodeList.ISO3 if len(code) == _ALPHA3 else CodeList.ISO2
    return CodeList.M49 if chosen == AreaCodes.M49 else CodeList.OWN
