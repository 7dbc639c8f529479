"""What administrators are told of the mail queue."""

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from recommendations.choices import KEPT_MAIL
from recommendations.models import OutgoingMail

LATE = timedelta(minutes=15)
"""For how long mail may wait for its first try."""


def failing_mail(most: int = 5) -> list[OutgoingMail]:
    """The newest messages that failed, tried again or not."""
    found = OutgoingMail.objects.filter(state__in=KEPT_MAIL).exclude(error="")
    return list(found.select_related("to")[:most])


def mail_waits_since() -> datetime | None:
    """Since when mail waits that nobody tried to send; nothing where that is not long."""
    late = OutgoingMail.objects.due(timezone.now() - LATE).filter(failures=0)
    since: datetime | None = late.aggregate(since=Min("due_at"))["since"]
    return since
