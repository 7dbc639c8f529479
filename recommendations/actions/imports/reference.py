"""Reference data from a file: organisations, areas, other names of areas, members of groups."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations import audit, periods, permissions
from recommendations.actions import people
from recommendations.actions.areas import (
    add_aliases,
    add_area,
    add_groups,
    add_members,
    change_area,
    change_members,
)
from recommendations.actions.base import check_row, require
from recommendations.actions.imports.findings import Earlier, Finding, FindingCode
from recommendations.actions.imports.pipeline import (
    Import,
    ImportPlan,
    ImportProgress,
    of_kinds,
    option,
    quiet,
)
from recommendations.choices import AreaKind, CodeList, OrganisationKind, chosen_code
from recommendations.columns import written
from recommendations.models import Area, AreaAlias, GroupMembership, Organisation, User
from recommendations.queries.areas import AreaMatcher
from recommendations.readers import TableError, open_table
from recommendations.readers.statistics.cells import FigureError, cell_text, read_period
from recommendations.readers.tables import Cell, TableRow, fold_text, invalid_words

# ---- What importing a file would do, row by row


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row of a table that is new or has other values; ``cells`` are a column, before and after.

    A row that another refers to is given by its key.
    """

    line: int
    key: str
    name: str
    is_new: bool
    cells: tuple[tuple[str, Any, Any], ...]


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
class ReferenceOptions:
    """What the person who imports decided."""

    skip_rejected: bool = option("--leave-out", False, "skip rejected rows", form="is_leaving_out")


@dataclass(slots=True)
class ReferencePlan(ImportPlan):
    """All that a file says, beside what is there. What is there and not in the file stays."""

    kind: type["RowHandler"]
    changes: list[RowChange] = field(default_factory=list)
    groups: list[NewGroup] = field(default_factory=list)
    members: list[MemberChange] = field(default_factory=list)
    aliases: list[NewAlias] = field(default_factory=list)
    unchanged: int = 0
    rows: Any = field(default=None, repr=False)
    """What planned it, and writes it."""

    def reject(self, line: int, reason: str) -> None:
        self.findings.tell(FindingCode.REJECTED, reason, line)

    @property
    def rejected(self) -> list[Finding]:
        return self.findings.of(FindingCode.REJECTED)

    @property
    def new_members(self) -> list[MemberChange]:
        return [change for change in self.members if change.membership is None]

    @property
    def changed_members(self) -> list[MemberChange]:
        return [change for change in self.members if change.membership is not None]

    @property
    def size(self) -> int:
        return len([*self.changes, *self.groups, *self.members, *self.aliases])

    @property
    def outcome(self) -> object:
        return self.changes, self.groups, self.members, self.aliases, self.rejected

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each sort, as the record and the pages name these."""
        if self.kind.MODEL:
            new = sum(change.is_new for change in self.changes)
            sorts = {"new": new, "changed": len(self.changes) - new}
        else:
            sorts = {
                "groups": len(self.groups),
                "members": len(self.new_members),
                "changed": len(self.changed_members),
                "aliases": len(self.aliases),
            }
        return {**sorts, "unchanged": self.unchanged, "rejected": len(self.rejected)}


# ---- The rows of a file beside what there is: a handler for each kind of file

Span = tuple[date | None, date | None]
"""First and last day of a membership, both included; without one it is open there."""


class RowHandler(ABC):
    """What the rows of one kind of file say, put into the plan; ``ValueError`` refuses a row."""

    HEADERS: ClassVar[Mapping[str, tuple[str, ...]]]
    """The columns, by their headers, folded."""
    NEEDS: ClassVar[frozenset[str]]
    """Those by which a file of this kind is known; it has at least one beside its key."""
    MODEL: ClassVar[Any] = None
    """Where each row is one of a table."""
    MOST: ClassVar[int | None] = None
    """Rows of one file."""
    VERB = "import_areas"
    MAY: ClassVar[Any] = staticmethod(permissions.can_import_areas)
    """Who may import such a file."""
    REFUSAL: ClassVar[str | Promise] = gettext_lazy("You cannot import areas.")
    LABEL: ClassVar[str | Promise]
    """What such a file is of."""
    COLUMNS: ClassVar[str | Promise]
    """Which columns it has, as its page says."""
    CHOICES: ClassVar[Sequence[str | Promise]] = ()
    """What the column of its kind may hold."""
    PAGE = "area-list"
    """The address of the page to which an import leads."""

    def __init__(self, plan: ReferencePlan) -> None:
        self.plan = plan

    @abstractmethod
    def take(self, line: int, row: "_Row") -> None:
        """Decide on one row."""

    def finish(self) -> None:
        """Decide on what no row could be decided on alone."""
        return

    @abstractmethod
    def write(self, act: audit.BulkAct, by: User) -> None:
        """Write what the plan says, in this act."""


def kind_of(header: Sequence[str]) -> type[RowHandler]:
    """Which kind of file has these headers; ``TableError`` where none has."""
    folded = {fold_text(name) for name in header}
    for kind in KINDS:
        found = {role for role, names in kind.HEADERS.items() if folded & set(names)}
        if found >= kind.NEEDS and len(found) > 1:
            return kind
    known = "; ".join(f"{kind.LABEL}: {', '.join(sorted(kind.NEEDS))}" for kind in KINDS)
    raise TableError(_("The file needs the columns of one of these. %s.") % known)


def _columns(header: Sequence[str], kind: type[RowHandler]) -> dict[str, int]:
    known = {name: role for role, names in kind.HEADERS.items() for name in names}
    found: dict[str, int] = {}
    for column, name in enumerate(header):
        role = known.get(fold_text(name))
        if role is not None and found.setdefault(role, column) != column:
            words = _("Columns “%(one)s” and “%(two)s” have the same role. Remove one.")
            raise TableError(words % {"one": header[found[role]], "two": name})
    return found


def _words(error: Exception) -> str:
    """Why a row is refused; what a check says of one column begins with its name."""
    if not isinstance(error, ValidationError):
        return str(error)
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    told = error.message_dict
    beside = told.pop(NON_FIELD_ERRORS, [])
    return " ".join([*(f"{name}: {' '.join(words)}" for name, words in told.items()), *beside])


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

    def has(self, role: str) -> bool:
        return role in self._columns

    def text(self, role: str) -> str:
        return cell_text(self.cell(role))

    def prose(self, role: str) -> str:
        """A text with its line breaks."""
        cell = self.cell(role)
        return str(cell).strip() if isinstance(cell, str) else cell_text(cell)

    def required(self, role: str) -> str:
        if not (text := self.text(role)):
            raise ValueError(_("The column “%s” is empty.") % role.replace("_", " "))
        return text

    def day(self, role: str, *, is_last: bool) -> date | None:
        """A day: of a year or another period its first or its last one."""
        if not self.text(role):
            return None
        period = periods.parse(read_period(self.cell(role)))
        return period.last_day if is_last else period.first_day


class Members(RowHandler):
    """Members of groups: spans of one file are put together, and compared with those there.

    ``group`` is a code, a new one with ``group name``, ``member`` a code or a name; since when and
    until when, as ``from`` and ``to`` (a year or a day), or a row for each ``year``.
    """

    HEADERS = {
        "group": ("group", "group code"),
        "group_name": ("group name",),
        "member": ("member", "country", "member code"),
        "from": ("from", "valid from", "since", "joined"),
        "to": ("to", "valid to", "until", "left"),
        "year": ("year",),
        "source": ("source",),
    }
    NEEDS = frozenset({"group", "member"})
    LABEL = capfirst(gettext_lazy("members of groups"))
    COLUMNS = gettext_lazy(
        "Columns group and member; group name for a new group; from and to (a year or a day), or "
        "one row for each year; source."
    )

    def __init__(self, plan: ReferencePlan) -> None:
        super().__init__(plan)
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
                    self.plan.reject(line, str(error))
        self.plan.groups = [group for code, group in self._new.items() if code in used]

    def write(self, act: audit.BulkAct, by: User) -> None:
        add_groups(act, [(group.code, group.name) for group in self.plan.groups])
        codes = {change.group for change in self.plan.members}
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
                for change in self.plan.new_members
            ],
        )
        changes = {each.membership or 0: each for each in self.plan.changed_members}
        rows = list(GroupMembership.objects.filter(pk__in=list(changes)))
        for row in rows:
            row.valid_to, row.source = changes[row.pk].valid_to, changes[row.pk].source
        change_members(act, rows)


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
            source = change.source or each.source
            return replace(change, source=source, membership=each.pk, before=each.valid_to)
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


class Aliases(RowHandler):
    """Other names and codes of areas, with the list of a code: each identifies one."""

    HEADERS = {
        "area": ("area", "area code"),
        "alias": ("alias", "other name", "name or code", "name in files"),
        "code_list": ("code list",),
    }
    NEEDS = frozenset({"area", "alias"})
    LABEL = gettext_lazy("Other names of areas")
    COLUMNS = gettext_lazy("Columns area and alias; code list if the alias is a code.")

    def __init__(self, plan: ReferencePlan) -> None:
        super().__init__(plan)
        self._areas = AreaMatcher()
        self._names = dict(Area.objects.values_list("pk", "name"))
        rows = AreaAlias.objects.filter(removed_at__isnull=True)
        self._there: dict[tuple[str, str], int] = {
            (code_list, alias): area
            for code_list, alias, area in rows.values_list("code_list", "alias", "area")
        }

    def take(self, line: int, row: _Row) -> None:
        area = matched(self._areas, row.required("area"))
        code_list = chosen_code(row.text("code_list"), CodeList.choices)
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

    def write(self, act: audit.BulkAct, by: User) -> None:
        rows = [
            AreaAlias(area_id=each.area, alias=each.alias, code_list=each.code_list)
            for each in self.plan.aliases
        ]
        add_aliases(act, rows)


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


# ---- Areas and organisations: rows known by a key, each written by the action of its form

MARK = "is_demonstration"
"""Said as a row is added, and never changed."""


class RecordRows(RowHandler):
    """Rows of a table. Columns that a file lacks stay as they are; an empty cell empties one.

    A row may refer to one that is there, or to an earlier row of the file.
    """

    ADD: ClassVar[Callable[..., Any]]
    CHANGE: ClassVar[Callable[..., Any]]
    MAY = staticmethod(permissions.can_manage)
    REFUSAL = gettext_lazy("Only an administrator can import such a file.")
    MOST = 2_000  # Each is checked and written by itself, which takes some milliseconds.
    VERB = "import"

    def __init__(self, plan: ReferencePlan) -> None:
        super().__init__(plan)
        [self._key] = self.NEEDS
        self._all = self.MODEL._meta.concrete_fields
        self._columns = [column for column in self._all if column.name in self.HEADERS]
        self._rows: dict[str, Any] = self._by_key(self.MODEL)
        self._related = {
            c.name: self._rows if c.related_model is self.MODEL else self._by_key(c.related_model)
            for c in self._columns
            if c.is_relation
        }
        self._keys = {
            name: {row.pk: key for key, row in rows.items()} for name, rows in self._related.items()
        }
        self._earlier = Earlier()
        self._taken: dict[tuple[str, str], str] = {}

    def _by_key(self, model: Any) -> dict[str, Any]:
        """The rows of a table by what a file calls each: its key, a slug or a code."""
        names = {field.name for field in model._meta.concrete_fields}
        name = next(n for n in (self._key, "slug", "code") if n in names)
        return {getattr(row, name): row for row in model._default_manager.order_by("pk")}

    def take(self, line: int, row: _Row) -> None:
        key = row.required(self._key)
        there = self._rows.get(key)
        # Until it is written a new row has a key that no row has, so that others can refer to it.
        after: Any = copy(there) or self.MODEL(pk=-line)
        given = {c.name for c in self._columns if row.has(c.name) and (not there or c.name != MARK)}
        for name in given:
            self._set(after, name, row.prose(name))
        after.clean_fields(exclude={*self._related, *({f.name for f in self._all} - given)})
        before = self._values(there) if there else {}
        cells = tuple(
            (name, before.get(name), value)
            for name, value in self._values(after).items()
            if (before.get(name) or None) != (value or None)
        )
        if again := self._earlier.told(key, line):
            raise ValueError(again)
        if not cells:
            self.plan.unchanged += 1
            return
        check_row(after, [cell[0] for cell in cells] if there else self.HEADERS)
        self._claim_codes(after, key)
        self._rows[key] = after
        for name, rows in self._related.items():
            if rows is self._rows:
                self._keys[name][after.pk] = key
        self.plan.changes.append(RowChange(line, key, str(after), there is None, cells))

    def _set(self, after: Any, name: str, text: str) -> None:
        column: Any = self.MODEL._meta.get_field(name)
        if name in self._related:
            if text and text not in self._related[name]:
                words = _("%(column)s: “%(key)s” is neither recorded nor in an earlier row.")
                raise ValueError(words % {"column": name, "key": text[:60]})
            setattr(after, name, self._related[name].get(text))
        elif text and column.flatchoices:
            try:
                setattr(after, name, chosen_code(text, column.flatchoices))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        elif text or not column.has_default():
            # Of a yes or no in any case.
            given = text.capitalize() if isinstance(column, models.BooleanField) else text
            setattr(after, name, given or (None if column.null else ""))

    def _values(self, row: Any) -> dict[str, Any]:
        """What people write of a row; for one that it refers to the key."""
        found = {column.name: getattr(row, column.attname) for column in self._columns}
        return found | {name: self._keys[name].get(found[name]) for name in self._related}

    def _claim_codes(self, after: Any, key: str) -> None:
        """Refuse a code that an earlier row of the file has; those recorded are checked already."""
        for constraint in self.MODEL._meta.constraints:
            if isinstance(constraint, UniqueConstraint):
                [name] = constraint.fields
                code = getattr(after, name)
                if code and self._taken.setdefault((name, code), key) != key:
                    raise ValueError(constraint.get_violation_error_message())

    def write(self, act: audit.BulkAct, by: User) -> None:
        rows, others = self._rows, self._related
        with act.collecting():
            for change in self.plan.changes:
                values = {
                    n: others[n].get(v) if n in others else v for n, _before, v in change.cells
                }
                if change.is_new:
                    rows[change.key] = type(self).ADD(by=by, values=values)
                else:
                    row = {str(self.MODEL._meta.model_name): rows[change.key]}
                    type(self).CHANGE(**row, by=by, values=values, expected_version=None)


class Organisations(RecordRows):
    MODEL = Organisation
    ADD = staticmethod(people.add_organisation)
    CHANGE = staticmethod(people.change_organisation)
    HEADERS = {name: (name.replace("_", " "),) for name in (*written(Organisation), MARK)}
    NEEDS = frozenset({"slug"})
    LABEL = gettext_lazy("Organisations")
    COLUMNS = gettext_lazy(
        "Column slug, and the columns to add or change: name, kind, valid from, valid to, "
        "successor (a slug)."
    )
    CHOICES = OrganisationKind.labels
    PAGE = "area-import"


class Areas(RecordRows):
    MODEL = Area
    ADD = staticmethod(add_area)
    CHANGE = staticmethod(change_area)
    HEADERS = {name: (name.replace("_", " "),) for name in written(Area)}
    NEEDS = frozenset({"code"})
    LABEL = gettext_lazy("Areas")
    COLUMNS = gettext_lazy(
        "Column code, and the columns to add or change: name, kind, parent (a code), iso2, iso3, "
        "m49, notes, name fr and other languages."
    )
    CHOICES = AreaKind.labels


KINDS: tuple[type[RowHandler], ...] = (Members, Aliases, Organisations, Areas)

# ---- Planning an import, which only reads, and running it


@dataclass(frozen=True, slots=True)
class ReferenceImport(Import[ReferencePlan]):
    """One file of reference data; what kind it is of follows from its columns."""

    def plan(self, at: datetime, progress: ImportProgress = quiet) -> ReferencePlan:
        sha256 = self.upload.sha256()  # Read to its end before its rows are, one by one.
        read = replace(self.upload.options, keeps_broken=True)
        table = open_table(self.upload.file, self.upload.name, read)
        kind = kind_of(table.header)
        plan = ReferencePlan(self.upload.name, sha256, self.options, kind, notes=table.notes)
        if self.by is not None:
            self.require_may(self.by, plan)
        columns = _columns(table.header, kind)
        plan.rows = kind(plan)
        for count, row in enumerate(table.rows, start=1):
            if kind.MOST is not None and count > kind.MOST:
                raise TableError(_("The file has more than %d rows. Split the file.") % kind.MOST)
            try:
                if row.fault:
                    raise ValueError(row.fault)
                plan.rows.take(row.line, _Row(row, columns, table.header))
            except (FigureError, ValidationError, ValueError) as error:
                plan.reject(row.line, _words(error))
        plan.rows.finish()
        return plan

    def require_may(self, by: User, plan: ReferencePlan | None = None) -> None:
        kind = plan.kind if plan else RowHandler
        require(kind.MAY(by), str(kind.REFUSAL))

    def rests_on(self, plan: ReferencePlan) -> Q:
        others = of_kinds("area", "areaalias", "groupmembership", "organisation", "redaction")
        model = plan.kind.MODEL
        return others | of_kinds(model._meta.model_name) if model else others

    def write(self, act: audit.BulkAct, plan: ReferencePlan) -> dict[str, Any]:
        by: Any = act.entry.by
        plan.rows.write(act, by)
        about = {"kind": plan.kind.MODEL._meta.label_lower} if plan.kind.MODEL else {}
        return {"verb": plan.kind.VERB, **about, **plan.counts}
