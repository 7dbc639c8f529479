"""The mail queue in tests, and what it sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core import mail

from recommendations.actions.mail import delivery
from recommendations.actions.mail.queue import Notification
from recommendations.models import OutgoingMail

LETTER = Notification(subject="News", lines=("Something happened.",), link="See it", path="/x/")
"""A message about the work."""


@contextmanager
def sending() -> Iterator[None]:
    """Send what is queued inside, and nothing else: ``mail.outbox`` holds that then."""
    OutgoingMail.objects.all().delete()
    yield
    mail.outbox.clear()
    delivery.send_queue()


def outbox() -> list[Any]:
    """What was sent; each message has another type in the stubs than it has here."""
    return list(mail.outbox)
