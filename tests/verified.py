"""Verifications on record, with whatever they found."""

from typing import Any

from recommendations import audit
from recommendations.actions.oversight import verification
from recommendations.models import AuditEvent, ChainHead


def verified(*, faults: int = 0, is_quick: bool = False, **values: Any) -> AuditEvent:
    """The event of a verification that reached the last event, and found so many faults."""
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    chain = audit.Verdict(head.last_sequence, head.last_hash or "0" * 64)
    report = audit.Report(chain, is_quick, fault_count=faults, **values)
    assert not verification.record(report, seconds=1)
    return AuditEvent.objects.latest("sequence")
