"""Areas: countries, regions and groups, what files call them, and who belongs to a group."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from recommendations import audit
from recommendations.actions.base import BATCH, RowActions, change_row, require_manager
from recommendations.actions.indicators import refresh_movements_in
from recommendations.choices import AreaKind
from recommendations.models import Area, AreaAlias, GroupMembership, User

_ALIASES = RowActions(AreaAlias, "alias", require_manager)
_MEMBERSHIPS = RowActions(GroupMembership, "membership", require_manager)

add_area = RowActions(Area, "area", require_manager).add
"""The code of an area is for good: files and figures name areas by it."""

add_alias, remove_alias = _ALIASES.add, _ALIASES.remove
"""Under which other name or code files speak of an area; figures that came under it stay."""

add_member, change_member = _MEMBERSHIPS.add, _MEMBERSHIPS.change
"""From when to when an area belongs to a group, and who says so."""

remove_member = _MEMBERSHIPS.remove
"""Of one that never held; one that ended has a last day instead."""


def change_area(
    *,
    area: Area,
    by: User,
    expected_version: int | None,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Area:
    """Change what is said of an area; all but its code."""
    if "code" in values:
        raise TypeError("the code of an area is for good")
    with audit.entry(by=by, at=at) as entry:
        require_manager(by)
        current = Area.objects.get(pk=area.pk)
        kind = current.kind
        change_row(entry, current, expected_version, values)
        if current.kind != kind:
            refresh_movements_in(entry, current)
        return current


# ---- bulk forms, for imports: each row was checked by their plan


def add_groups(act: audit.BulkAct, groups: Sequence[tuple[str, str]]) -> None:
    """Insert groups of countries, each a code and a name."""
    rows = [Area(code=code, name=name, kind=AreaKind.GROUP) for code, name in groups]
    act.add_new(Area.objects.bulk_create(rows, batch_size=BATCH))


def add_parts(act: audit.BulkAct, parts: Sequence[tuple[int, str, str, int]]) -> None:
    """Insert parts of countries, each a key, a code, a name and the key of its country."""
    rows = [
        Area(pk=pk, code=code, name=name, kind=AreaKind.PART, parent_id=country)
        for pk, code, name, country in parts
    ]
    act.add_new(Area.objects.bulk_create(rows, batch_size=BATCH))


def add_aliases(act: audit.BulkAct, rows: Sequence[AreaAlias]) -> None:
    """Insert other names and codes of areas."""
    act.add_new(AreaAlias.objects.bulk_create(rows, batch_size=BATCH))


def add_members(act: audit.BulkAct, rows: Sequence[GroupMembership]) -> None:
    """Insert memberships of groups."""
    act.add_new(GroupMembership.objects.bulk_create(rows, batch_size=BATCH))


def change_members(act: audit.BulkAct, rows: Sequence[GroupMembership]) -> None:
    """Write the last day and the source of memberships, as these rows have them."""
    act.follow(GroupMembership(pk=row.pk) for row in rows)
    GroupMembership.objects.bulk_update(rows, ["valid_to", "source"], batch_size=BATCH)
