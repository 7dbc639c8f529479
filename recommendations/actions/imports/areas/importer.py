"""Planning an import of groups or other names, which only reads, and running it."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.areas import add_aliases, add_groups, add_members, change_members
from recommendations.actions.base import require
from recommendations.actions.imports.areas.matching import match_areas
from recommendations.actions.imports.areas.plans import AreaPlan
from recommendations.actions.imports.pipeline import (
    MOST_PLANS,
    ImportTooLarge,
    PlanChanged,
    Upload,
    are_touched,
    last_event,
    of_kinds,
)
from recommendations.models import Area, AreaAlias, GroupMembership, User
from recommendations.readers import open_table

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
    require(permissions.can_import_areas(by), _("You may not import areas."))
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
    raise PlanChanged(plan)


def _write(entry: audit.Entry, plan: AreaPlan) -> None:
    by = User.objects.get(pk=entry.by.pk) if entry.by else None
    may = by is not None and permissions.can_import_areas(by)
    require(may, _("You may not import areas."))
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
