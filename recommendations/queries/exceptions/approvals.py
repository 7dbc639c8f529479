"""Rules about who decides on what: too fast, always the same two, or just given the role."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value

from recommendations.choices import UpdateState
from recommendations.models import AuditEvent, StatusUpdate
from recommendations.queries.exceptions.rules import Limits, Moment, Rule
from recommendations.queries.log.conditions import (
    DECISIONS,
    after_account_change,
    after_role,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """An author and who approved ``count`` of the ``total`` approved updates of theirs."""

    author_id: int
    approver_id: int
    count: int
    total: int

    @property
    def share(self) -> int:
        """In whole per cent, rounded down."""
        return 100 * self.count // self.total


def _approved(limits: Limits, at: Moment) -> Q:
    return Q(
        state=UpdateState.APPROVED,
        decided_at__gte=at.since(limits),
        decided_at__lte=at.known,
    )


def _soon(limits: Limits) -> Q:
    """Imports of earlier versions wrote submission and approval in one moment: left out."""
    latest = F("submitted_at") + timedelta(minutes=limits.minutes)
    return Q(decided_at__gt=F("submitted_at"), decided_at__lte=latest)


def quick_approvals(limits: Limits, at: Moment) -> QuerySet[StatusUpdate]:
    """Updates that were approved within minutes of their submission, newest first."""
    rows = StatusUpdate.objects.filter(_approved(limits, at), _soon(limits))
    return rows.order_by("-decided_at", "-pk")


def same_approvers(limits: Limits, at: Moment) -> list[Pair]:
    """Authors most of whose many updates one person approved, most of them first."""
    rows = StatusUpdate.objects.filter(_approved(limits, at)).order_by()
    found = rows.values_list("author", "decided_by").annotate(n=Count("pk"))
    return pairs_among(found, limits)


def pairs_among(found: Iterable[Any], limits: Limits) -> list[Pair]:
    """The pairs that are exceptions, of author, approver, and number of updates."""
    rows = list(found)
    totals: Counter[int] = Counter()
    for author, _approver, count in rows:
        totals[author] += count
    pairs = [
        Pair(author, approver, count, totals[author])
        for author, approver, count in rows
        if count >= limits.approvals and 100 * count > limits.share * totals[author]
    ]
    return sorted(pairs, key=lambda pair: (-pair.count, pair.author_id, pair.approver_id))


def changed_accounts(limits: Limits, at: Moment) -> QuerySet[AuditEvent]:
    """Decisions with an account that another person had changed shortly before, newest first."""
    rows = _decisions(limits, at).filter(after_account_change(days=limits.role_days))
    return rows.order_by("-sequence")


def _decisions(limits: Limits, at: Moment) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.filter(at__gte=at.since(limits), at__lte=at.known)
    return rows.filter(verb__in=DECISIONS)


def counts(limits: Limits, at: Moment) -> dict[Rule, int]:
    """How many each of these rules finds in the period up to a moment.

    Two statements: each reads for two rules.
    """
    rows = StatusUpdate.objects.filter(_approved(limits, at)).order_by()
    quick = Count(Value(1), filter=_soon(limits))
    found = list(
        rows.values("author", "decided_by")
        .annotate(n=Count("*"), quick=quick)
        .values_list("author", "decided_by", "n", "quick")
    )
    days = limits.role_days
    events = _decisions(limits, at).aggregate(
        role=Count("pk", filter=after_role(days=days)),
        account=Count("pk", filter=after_account_change(days=days)),
    )
    return {
        Rule.QUICK: sum(quick for *_pair, quick in found),
        Rule.SAME_APPROVER: len(pairs_among([row[:3] for row in found], limits)),
        Rule.NEW_ROLE: events["role"],
        Rule.CHANGED_ACCOUNT: events["account"],
    }
