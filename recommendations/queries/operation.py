"""What the machines that watch a site ask it: counts and times, nothing of anybody."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from recommendations.choices import MailState
from recommendations.models import AuditEvent, OutgoingMail
from recommendations.queries.backups import VERB
from recommendations.queries.log.rows import head_of_chain
from recommendations.queries.log.verified import last_verified


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """Times are of the last run; ``None`` where there was none.

    A verification that is no proof is told by ``unproven_at`` alone.
    """

    mail_waiting: int
    mail_dead: int
    last_event: int
    verified_at: datetime | None
    faults: int | None
    backed_up_at: datetime | None
    unproven_at: datetime | None = None


def operation_figures() -> OperationFigures:
    """In seven statements at most, each by an index or over a table that is kept short."""
    head = head_of_chain()
    run = last_verified(head).run
    proof = run if run and run.is_proof else None
    mail = OutgoingMail.objects.order_by().aggregate(
        waiting=Count("pk", filter=Q(state=MailState.QUEUED)),
        dead=Count("pk", filter=Q(state=MailState.DEAD)),
    )
    # By the index over kinds: in the order of events all of them would be looked through.
    backups = AuditEvent.objects.filter(object_type="file", verb=VERB).order_by()
    return OperationFigures(
        mail_waiting=mail["waiting"],
        mail_dead=mail["dead"],
        last_event=head.last_sequence if head else 0,
        verified_at=proof.at if proof else None,
        faults=proof.faults if proof else None,
        backed_up_at=max(backups.values_list("at", flat=True), default=None),
        unproven_at=run.at if run and not proof else None,
    )
