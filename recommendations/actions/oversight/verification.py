"""Verifying the record and its clock."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import F, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import ActionRefused, require_administrator
from recommendations.actions.people import role_permissions
from recommendations.audit.findings import FaultKind, Faults, why
from recommendations.audit.record import ACCEPTED, MOST_BEHIND
from recommendations.audit.verify import Derive, Progress
from recommendations.models import (
    AuditEvent,
    Evidence,
    Indicator,
    Recommendation,
    Source,
    StatusUpdate,
    User,
)
from recommendations.queries.indicators.status import movement_of
from recommendations.queries.log.conditions import VERB, signature
from recommendations.queries.signoffs import check_all
from recommendations.state.statement import next_due_day, rating_end

# ---- Continuing a chain that a wrong clock has taken into the future


def accept_future_event(*, by: User, reason: str) -> AuditEvent:
    """Let changes follow the last event although the clock lies behind it, until it is reached.

    Only as long as they follow it closely: an event that is further ahead is accepted anew.
    ``ActionRefused`` where the last event does not lie in the future.
    """
    with audit.entry(by=by, may_lag=True) as entry:
        require_administrator(by)
        if not reason.strip():
            raise ValidationError({"reason": _("Enter the reason.")})
        clock = timezone.now()
        if entry.at - clock <= MOST_BEHIND:
            raise ActionRefused(_("The last event is not in the future. No acceptance is needed."))
        counts = {"last_event": entry.next_sequence - 1, "clock": clock}
        return entry.record_counts(ACCEPTED, "1", counts, object_type="chain", reason=reason)


# ---- Verifying the record, the tables and what follows from them; each run is recorded


def verify(
    expect: tuple[int, str] | None = None,
    *,
    is_quick: bool = False,
    progress: Progress = lambda done, total: None,
) -> audit.Report:
    """Verify the chain, the guards, every table, the permissions of the roles, and sign-offs."""
    others = compare_roles if is_quick else _compare_others
    return audit.verify(expect, derive=DERIVE, others=others, is_quick=is_quick, progress=progress)


def _compare_others(faults: Faults) -> None:
    compare_roles(faults)
    check_all(faults)


def record(report: audit.Report, *, seconds: float) -> str:
    """Record what a verification found, as an event that carries the head it reached, signed.

    Where that fails, why; empty where it was recorded. A chain that is at fault may refuse events.
    """
    counts = {
        "head": report.chain.head,
        "is_quick": report.is_quick,
        "faults": report.total,
        "not_compared": report.not_compared,
        "seconds": int(seconds),
    }
    try:
        with audit.entry(by=None) as entry:
            counts["signature"] = signature(entry.at, counts)
            name = "quick" if report.is_quick else "full"
            entry.record_counts(VERB, name, counts, object_type="chain")
    except Exception as error:  # It must not hide what was found, whatever it is.
        return why(error)
    return ""


def _state(rows: Sequence[Recommendation]) -> dict[int, dict[str, Any]]:
    in_force = StatusUpdate.objects.filter(
        recommendation=OuterRef("pk"), addressee__isnull=True
    ).in_force(timezone.localdate())
    found = Recommendation.objects.filter(pk__in=[row.pk for row in rows])
    now = dict(found.values_list("pk", Subquery(in_force.values("pk")[:1])))
    updates = StatusUpdate.objects.in_bulk([key for key in now.values() if key is not None])
    state = {}
    for row in rows:
        current = updates.get(now[row.pk] or 0)
        state[row.pk] = {
            "current_update": now[row.pk],
            "next_due_on": next_due_day(row, current),
            "rating_valid_until": rating_end(row, current),
        }
    return state


def _highest(
    model: type[Any], number: str, name: str, rows: Sequence[Any]
) -> dict[int, dict[str, Any]]:
    """A column of a row that is the highest number among the rows that belong to it, or 0."""
    found: QuerySet[Any] = model.objects.filter(pk__in=[row.pk for row in rows])
    highest = found.annotate(highest=Max(number)).values_list("pk", F("highest"))
    return {key: {name: value or 0} for key, value in highest}


DERIVE: Mapping[str, Derive] = {
    "recommendations.evidence": lambda rows: _highest(
        Evidence, "revisions__number", "last_revision", rows
    ),
    "recommendations.indicator": lambda rows: {
        row.pk: {"movement": movement_of(row)} for row in rows if isinstance(row, Indicator)
    },
    "recommendations.recommendation": _state,
    "recommendations.source": lambda rows: _highest(
        Source, "recommendations__number", "last_number", rows
    ),
}
"""How the columns that are derived are worked out, by the label of their model."""


def compare_roles(faults: Faults) -> None:
    """Tell of groups that are no role, of roles that are gone, and of permissions that differ."""
    wanted = {
        role.value: sorted(permission.codename for permission in permissions)
        for role, permissions in role_permissions()
    }
    for group in Group.objects.prefetch_related("permissions").order_by("pk"):
        held = sorted(permission.codename for permission in group.permissions.all())
        expected = wanted.pop(group.name, None)
        place = (str(group.pk), group.name)
        if expected is None:
            faults.add(FaultKind.UNRECORDED, "auth_group", *place)
        elif held != expected:
            table = "auth_group_permissions"
            faults.add(FaultKind.DIFFERS, table, *place, "permissions", held, expected)
    for name in wanted:
        faults.add(FaultKind.GONE, "auth_group", name=name)
