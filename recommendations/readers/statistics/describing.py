"""Which columns of a table are parts of its values, and which only describe them.

A column without a role is a part, such as the sex, only where leaving it out would merge rows that
it tells apart. The region of a country, its kind or its notes say more of a row and tell none
apart. All rows decide, by numbers that stand for their texts: some bytes a row and column.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from recommendations.readers.statistics.cells import is_missing_mark, possible_marks
from recommendations.readers.statistics.header_words import OF_BOUNDS
from recommendations.readers.statistics.reading import Cells, RawFigure, dimension_name
from recommendations.readers.tables import one_line

FEW_AREAS = 5
"""Areas of a table that is too small: each may have another part by chance."""


class Columns:
    """The columns of these names in all rows of a table; those in ``kept`` are parts anyway."""

    def __init__(self, names: Iterable[str], kept: frozenset[str]) -> None:
        self._texts: dict[str, dict[str, int]] = {
            name: {"": 0} for name in names if dimension_name(name) not in kept
        }
        self._codes = {name: array("q") for name in self._texts}
        self._areas, self._periods, self._others = array("q"), array("q"), array("q")

    def add(self, raw: RawFigure) -> None:
        parts = dict(raw.dimensions)
        for name, texts in self._texts.items():
            self._codes[name].append(texts.setdefault(parts.pop(name, ""), len(texts)))
        area = (raw.area.code, raw.area.name)
        self._areas.append(hash(area))
        self._periods.append(hash((area, str(raw.period))))
        self._others.append(hash((raw.indicator, raw.unit, *sorted(parts.items()))))

    def describing(self, *, if_measured: bool = False) -> frozenset[str]:
        """Those that describe: what stands there follows from area and period, and the parts.

        What follows from the parts alone is kept, as the parts are: it is the same for all areas,
        such as the one sex of a file, or another word for one of them. So is what could follow by
        chance: in few areas, or by period where few texts stand beside empty cells. Bounds and
        other numbers with decimals are no codes of parts, nor are the numbers of rows; only those
        where it matters ``if_measured``.
        """
        found = set[str]()
        parts, areas = self._others, len(set(self._areas))
        many = areas > FEW_AREAS and not if_measured
        for name in sorted(self._codes, key=lambda name: len(self._texts[name])):
            codes = self._codes[name]
            is_measured = self._is_measured(name)
            if is_measured and 2 * len(self._texts[name]) > len(codes):
                found.add(name)
            elif not _follows(codes, self._periods, parts):
                parts = array("q", map(hash, zip(parts, codes, strict=True)))
            elif not _follows(codes, parts) and (is_measured or many):
                has_all = 0 not in codes or len(self._texts[name]) > areas
                if has_all or _follows(codes, self._areas, parts):
                    found.add(name)
        return frozenset(found)

    def _is_measured(self, name: str) -> bool:
        """Whether a column has only numbers, of which some are not whole, or each stands once, or
        that are bounds by its header."""
        texts = [text for text in self._texts[name] if text and not is_missing_mark(text)]
        is_once = len(texts) == len(self._codes[name]) > 2
        are_codes = all(map(str.isdecimal, texts)) and not is_once and not OF_BOUNDS.search(name)
        return all(map(possible_marks, texts)) and not are_codes


def code_columns(
    again: Callable[[], Iterable[Cells]],
    columns: Iterable[int],
    given: Sequence[int],
    *,
    is_one: bool,
) -> list[int]:
    """Those of these columns of numbers that hold codes, such as of ages: the one, or the first
    ones together, unless there ``is_one`` at most.

    With them each row differs from all others in what is ``given``, and without them some do not.
    """

    def text_of(cells: Cells, at: int) -> str:
        return one_line(cells[at]) if at < len(cells) else ""

    texts, count = {at: set[str]() for at in columns}, 0
    for cells in again():
        count += 1
        for at in [*texts]:
            texts[at].add(text := text_of(cells, at))
            if not text.isalnum():
                del texts[at]
    coded = tuple(at for at in texts if 2 * len(texts[at]) <= count)
    if not coded:
        return []
    firsts = [coded[:size] for size in range(2, 2 if is_one else len(coded) + 1)]
    told = {each: set[int]() for each in ((), *((at,) for at in coded), *firsts)}
    for number, cells in enumerate(again(), start=1):
        key = hash(tuple(text_of(cells, at) for at in given))
        for each, seen in [*told.items()]:
            seen.add(hash((key, *(text_of(cells, at) for at in each))))
            if each and len(seen) < number:
                del told[each]
    alone = [each for each in told if len(each) == 1]
    are_needed = len(told.pop(())) < count
    found = alone or [*told][:1]
    return [*found[0]] if are_needed and len(found) == 1 else []


def _follows(codes: Sequence[int], *given: Sequence[int]) -> bool:
    """Whether rows that are the same in what is given all have one code."""
    seen = dict[int, int]()
    keys = map(hash, zip(*given, strict=True))
    return all(seen.setdefault(key, code) == code for key, code in zip(keys, codes, strict=True))


def described(found: Iterable[RawFigure], names: frozenset[str]) -> Iterator[RawFigure]:
    """Figures with what describes them as a comment."""
    for raw in found:
        parts = [*raw.dimensions]
        known = (raw.area.code, raw.area.name)
        told = [f"{name}: {of}" for name, of in parts if name in names and of not in known]
        raw.dimensions = [part for part in parts if part[0] not in names]
        raw.comment = "; ".join(filter(None, (raw.comment, *told)))
        yield raw
