"""Groups of countries with their members, and other names of areas, from a file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, periods, permissions
from recommendations.actions.areas import add_aliases, add_groups, add_members, change_members
from recommendations.actions.base import require
from recommendations.actions.imports.pipeline import (
    MOST_PLANS,
    ImportPlan,
    ImportTooLarge,
    PlanChanged,
    Upload,
    are_touched,
    last_event,
    of_kinds,
)
from recommendations.choices import AreaKind, CodeList
from recommendations.models import Area, AreaAlias, GroupMembership, User
from recommendations.queries.areas import AreaMatcher
from recommendations.readers import Table, TableError, open_table
from recommendations.readers.statistics.reading import FigureError, cell_text, read_period
from recommendations.readers.tables import Cell, TableRow, fold_text, invalid_words, position_label

# ---- What importing a file of groups or of other names would do, row by row


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group that is not there yet."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class MemberChange:
    """A membership that is new, or of which the last day is another; days are included.

    ``group`` is a code, as a group may be new itself. ``membership`` is the key of one that is
    there, and ``before`` its last day.
    """

    line: int
    group: str
    member: int
    name: str
    valid_from: date | None
    valid_to: date | None
    source: str = ""
    membership: int | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class NewAlias:
    """Another name or code of an area."""

    line: int
    area: int
    name: str
    alias: str
    code_list: str = ""

    @property
    def list_label(self) -> str:
        """The code list in words; empty of a name."""
        return str(CodeList(self.code_list).label) if self.code_list else ""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be imported, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"{position_label(self.line)}: {self.reason}"


@dataclass(slots=True)
class AreaPlan(ImportPlan):
    """All that a file says, beside what is there. What is there and not in the file stays."""

    skip_rejected: bool = False
    rows: int = 0
    groups: list[NewGroup] = field(default_factory=list)
    members: list[MemberChange] = field(default_factory=list)
    aliases: list[NewAlias] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[RefusedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def new_members(self) -> list[MemberChange]:
        return [change for change in self.members if change.membership is None]

    @property
    def changed_members(self) -> list[MemberChange]:
        return [change for change in self.members if change.membership is not None]

    @property
    def changes_anything(self) -> bool:
        return bool(self.groups or self.members or self.aliases)

    @property
    def written(self) -> int:
        """Rows of tables that importing writes."""
        return len(self.groups) + len(self.members) + len(self.aliases)

    @property
    def refusal(self) -> str:
        if self.rejected and not self.skip_rejected:
            return _("Some rows cannot be imported. Correct them, or choose to skip them.")
        return ""

    @property
    def chosen(self) -> bool:
        return self.skip_rejected

    @property
    def outcome(self) -> object:
        return self.groups, self.members, self.aliases, self.rejected

    @property
    def counts(self) -> dict[str, int]:
        return {
            "groups": len(self.groups),
            "members": len(self.new_members),
            "changed": len(self.changed_members),
            "aliases": len(self.aliases),
            "unchanged": self.unchanged,
            "rejected": len(self.rejected),
        }


# ---- Rows of a file of groups or other names beside the areas that there are.
# Of groups: ``group`` (its code; a new one with ``group_name``), ``member`` (a code or a name), and
# since when and until when, as ``from`` and ``to`` (a year or a day), or a row for each ``year``.
# Of other names: ``area``, ``alias``, and the ``code_list`` of a code.

HEADERS: Mapping[str, tuple[str, ...]] = {
    "group": ("group", "group code"),
    "group_name": ("group name",),
    "member": ("member", "country", "member code"),
    "from": ("from", "valid from", "since", "joined"),
    "to": ("to", "valid to", "until", "left"),
    "year": ("year",),
    "source": ("source",),
    "area": ("area", "area code"),
    "alias": ("alias", "other name", "name or code", "name in files"),
    "code_list": ("code list",),
}
"""The columns of both kinds of files, by their headers, folded."""

Span = tuple[date | None, date | None]
"""First and last day of a membership, both included; without one it is open there."""

_REFUSED = (FigureError, ValidationError, ValueError)


def match_areas(table: Table, plan: AreaPlan) -> None:
    """Fill a plan with what the rows of a table say; ``TableError`` where columns are missing."""
    columns = _columns(table.header)
    plan.notes = table.notes
    matcher: _Members | _Aliases
    if {"group", "member"} <= columns.keys():
        matcher = _Members(plan)
    elif {"area", "alias"} <= columns.keys():
        matcher = _Aliases(plan)
    else:
        raise TableError(
            _(
                "The file needs the columns “group” and “member” for members of groups, or "
                "“area” and “alias” for other names."
            )
        )
    for row in table.rows:
        plan.rows += 1
        try:
            if row.fault:
                raise ValueError(row.fault)
            matcher.take(row.line, _Row(row, columns, table.header))
        except _REFUSED as error:
            plan.rejected.append(RefusedRow(row.line, _words(error)))
    matcher.finish()
    plan.rejected.sort(key=lambda refused: refused.line)


def _columns(header: Sequence[str]) -> dict[str, int]:
    known = {name: role for role, names in HEADERS.items() for name in names}
    found: dict[str, int] = {}
    for column, name in enumerate(header):
        role = known.get(fold_text(name))
        if role is not None and found.setdefault(role, column) != column:
            words = _("Columns “%(one)s” and “%(two)s” have the same role. Remove one.")
            raise TableError(words % {"one": header[found[role]], "two": name})
    return found


def _words(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


class _Row:
    """The cells of one row by their roles."""

    def __init__(self, row: TableRow, columns: Mapping[str, int], header: Sequence[str]) -> None:
        self._row, self._columns, self._header = row, columns, header

    def cell(self, role: str) -> Cell:
        """Raises ``ValueError`` for one with an invalid character, and names its column."""
        column = self._columns.get(role)
        if column is None:
            return None
        if words := invalid_words(self._header[column], self._row.cells[column]):
            raise ValueError(words)
        return self._row.cells[column]

    def text(self, role: str) -> str:
        return cell_text(self.cell(role))

    def required(self, role: str) -> str:
        if not (text := self.text(role)):
            raise ValueError(_("The column “%s” is empty.") % HEADERS[role][0])
        return text

    def day(self, role: str, *, is_last: bool) -> date | None:
        """A day: of a year or another period its first or its last one."""
        if not self.text(role):
            return None
        period = periods.parse(read_period(self.cell(role)))
        return period.last_day if is_last else period.first_day


class _Members:
    """Members of groups: spans of one file are put together, and compared with those there."""

    def __init__(self, plan: AreaPlan) -> None:
        self.plan = plan
        self._areas = AreaMatcher()
        named = Area.objects.values_list("code", "kind", "pk", "name")
        self._groups = {code.casefold(): (code, kind) for code, kind, _pk, _name in named}
        self._names = {pk: name for _code, _kind, pk, name in named}
        self._kinds = {pk: kind for _code, kind, pk, _name in named}
        self._spans: dict[tuple[str, int], list[tuple[Span, int, str]]] = defaultdict(list)
        self._new: dict[str, NewGroup] = {}

    def take(self, line: int, row: _Row) -> None:
        member = matched(self._areas, row.required("member"))
        group = self._group(row)
        if self._kinds[member] == AreaKind.GROUP:
            raise ValueError(_("“%s” is a group itself.") % self._names[member])
        role = ("year", "year") if row.text("year") else ("from", "to")
        span = row.day(role[0], is_last=False), row.day(role[1], is_last=True)
        if None not in span and span[0] > span[1]:  # type: ignore[operator]
            raise ValueError(_("The last day is before the first."))
        self._spans[group, member].append((span, line, row.text("source")[:300]))

    def _group(self, row: _Row) -> str:
        """The code of the group of a row; one that is not there needs a name."""
        code = row.required("group")
        if found := self._groups.get(code.casefold()):
            if found[1] != AreaKind.GROUP:
                raise ValueError(_("“%s” is not a group of countries.") % code[:40])
            return found[0]
        name = row.text("group_name")
        if not name:
            words = _("The group “%s” is unknown. State its name in a column “group name”.")
            raise ValueError(words % code[:40])
        group = Area(code=code.lower(), name=name, kind=AreaKind.GROUP)
        group.clean_fields(exclude={"parent"})
        self._new.setdefault(group.code, NewGroup(group.code, name))
        return group.code

    def finish(self) -> None:
        there: dict[tuple[str, int], list[Any]] = defaultdict(list)
        memberships = GroupMembership.objects.living().select_related("group")
        for each in memberships.filter(group__code__in={group for group, _member in self._spans}):
            there[each.group.code, each.member_id].append(each)
        used = set()
        for (group, member), stated in self._spans.items():
            for span, line, source in joined(stated):
                change = MemberChange(line, group, member, self._names[member], *span, source)
                try:
                    if found := _change_of(change, there[group, member]):
                        self.plan.members.append(found)
                    else:
                        self.plan.unchanged += 1
                    used.add(group)
                except ValueError as error:
                    self.plan.rejected.append(RefusedRow(line, str(error)))
        self.plan.groups = [group for code, group in self._new.items() if code in used]


def joined(stated: Iterable[tuple[Span, int, str]]) -> list[tuple[Span, int, str]]:
    """Spans in their order, those put together that follow each other or overlap."""
    found: list[tuple[Span, int, str]] = []
    for span, line, source in sorted(stated, key=lambda each: each[0][0] or date.min):
        if found and _meets(found[-1][0], span):
            (first, last), start, told = found.pop()
            ends = (last, span[1])
            last = None if None in ends else max(end for end in ends if end)
            found.append(((first, last), start, told or source))
        else:
            found.append((span, line, source))
    return found


def _meets(one: Span, later: Span) -> bool:
    """Whether a span begins before another ends, or on the day after."""
    end = one[1]
    if end is None or later[0] is None or end == date.max:
        return True
    return later[0] <= end + timedelta(days=1)


def _change_of(change: MemberChange, there: Sequence[Any]) -> MemberChange | None:
    """What is to be written of a span; ``None`` where it is there. Raises where it overlaps."""
    for each in there:
        if each.valid_from == change.valid_from:
            others = [other for other in there if other.pk != each.pk]
            _refuse_overlap(change, others)
            if each.valid_to == change.valid_to:
                return None
            return MemberChange(
                change.line,
                change.group,
                change.member,
                change.name,
                change.valid_from,
                change.valid_to,
                change.source or each.source,
                each.pk,
                each.valid_to,
            )
    _refuse_overlap(change, there)
    return change


def _refuse_overlap(change: MemberChange, there: Iterable[Any]) -> None:
    for each in there:
        begins = change.valid_to is None or (each.valid_from or date.min) <= change.valid_to
        ends = each.valid_to is None or (change.valid_from or date.min) <= each.valid_to
        if begins and ends:
            words = _(
                "“%(member)s” is a member at that time already, with other days. Correct it in the "
                "administration."
            )
            raise ValueError(words % {"member": change.name})


class _Aliases:
    """Other names and codes of areas: each identifies one."""

    def __init__(self, plan: AreaPlan) -> None:
        self.plan = plan
        self._areas = AreaMatcher()
        self._names = dict(Area.objects.values_list("pk", "name"))
        rows = AreaAlias.objects.filter(removed_at__isnull=True)
        self._there: dict[tuple[str, str], int] = {
            (code_list, alias): area
            for code_list, alias, area in rows.values_list("code_list", "alias", "area")
        }

    def take(self, line: int, row: _Row) -> None:
        area = matched(self._areas, row.required("area"))
        code_list = _code_list(row.text("code_list"))
        alias = AreaAlias(area_id=area, alias=row.required("alias"), code_list=code_list)
        alias.clean_fields(exclude={"area", "removed_by"})
        key = (code_list, alias.alias)
        if key in self._there:
            if self._there[key] != area:
                words = _("“%(alias)s” already identifies “%(area)s”.")
                other = self._names[self._there[key]]
                raise ValueError(words % {"alias": alias.alias[:80], "area": other})
            self.plan.unchanged += 1
            return
        self._there[key] = area
        self.plan.aliases.append(NewAlias(line, area, self._names[area], alias.alias, code_list))

    def finish(self) -> None:
        """Each row was decided by itself."""


def matched(areas: AreaMatcher, text: str) -> int:
    """The key of the area that a code or a name identifies; ``ValueError`` names the likeliest."""
    match = areas.match(code=text, name=text)
    if match.area is not None:
        return match.area
    likely = ", ".join(candidate.name for candidate in match.candidates)
    if likely:
        words = _("The area “%(text)s” is unknown or not certain. Similar: %(likely)s.")
        raise ValueError(words % {"text": text[:80], "likely": likely})
    raise ValueError(_("The area “%s” is unknown.") % text[:80])


def _code_list(text: str) -> str:
    """A code list by its code or its label; empty for a name."""
    if not text:
        return ""
    by_name = {fold_text(str(name)): code for code, name in CodeList.choices}
    found = {**by_name, **{fold_text(code): code for code in CodeList.values}}.get(fold_text(text))
    if found is None:
        known = ", ".join(CodeList.values)
        words = _("“%(text)s” is not a code list. Use one of: %(known)s.")
        raise ValueError(words % {"text": text[:40], "known": known})
    return str(found)


# ---- Planning an import of groups or other names, which only reads, and running it

RESTS_ON = of_kinds("area", "areaalias", "groupmembership", "redaction")
"""What a plan is made from."""


def plan_areas(*, upload: Upload, skip_rejected: bool = False) -> AreaPlan:
    """What importing a file would do. Reads only; ``TableError`` says why it cannot be read."""
    plan = AreaPlan(upload.name, upload.sha256(), skip_rejected=skip_rejected)
    options = replace(upload.options, keeps_broken=True)
    match_areas(open_table(upload.file, upload.name, options), plan)
    return plan


def import_areas(
    *,
    upload: Upload,
    by: User,
    skip_rejected: bool = False,
    expected: str = "",
    at: datetime | None = None,
    most: int | None = None,
) -> AreaPlan:
    """Import a file: all that the plan says in one transaction, with one event for the file.

    ``expected`` is the digest of the plan that was shown; where the import would do something else
    by now, nothing is written and ``PlanChanged`` carries the new one. Where nothing changes,
    nothing is written at all. ``most``: refuse to write more rows than that.
    """
    require(permissions.can_import_areas(by), _("You cannot import areas."))
    for _attempt in range(MOST_PLANS):
        since = last_event()
        plan = plan_areas(upload=upload, skip_rejected=skip_rejected)
        plan.require_confirmed(expected)
        if most is not None and plan.written > most:
            raise ImportTooLarge(plan)
        if not plan.changes_anything:
            return plan
        with audit.entry(by=by, at=at) as entry:
            if not are_touched(RESTS_ON, since=since):
                _write(entry, plan)
                return plan
    raise PlanChanged(plan, expected)


def _write(entry: audit.Entry, plan: AreaPlan) -> None:
    by = User.objects.get(pk=entry.by.pk) if entry.by else None
    may = by is not None and permissions.can_import_areas(by)
    require(may, _("You cannot import areas."))
    act = audit.BulkAct(entry)
    add_groups(act, [(group.code, group.name) for group in plan.groups])
    codes = {change.group for change in plan.members}
    keys = dict(Area.objects.filter(code__in=codes).values_list("code", "pk"))
    add_members(
        act,
        [
            GroupMembership(
                group_id=keys[change.group],
                member_id=change.member,
                valid_from=change.valid_from,
                valid_to=change.valid_to,
                source=change.source,
            )
            for change in plan.new_members
        ],
    )
    changes = {each.membership or 0: each for each in plan.changed_members}
    rows = list(GroupMembership.objects.filter(pk__in=list(changes)))
    for row in rows:
        row.valid_to, row.source = changes[row.pk].valid_to, changes[row.pk].source
    change_members(act, rows)
    add_aliases(
        act,
        [
            AreaAlias(area_id=each.area, alias=each.alias, code_list=each.code_list)
            for each in plan.aliases
        ],
    )
    counts = {**plan.counts, "file": audit.FreeText(plan.file_name), "sha256": plan.sha256}
    act.record("import_areas", plan.sha256[:16], counts)
