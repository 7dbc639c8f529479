"""Sending what waits in the queues of mail and webhooks, outside of any request."""

import logging
from threading import Event

from django.db import connection

from recommendations.actions.deliveries import PassResult
from recommendations.actions.mail import delivery as mail
from recommendations.actions.webhooks import delivery as webhooks

logger = logging.getLogger(__name__)

PAUSE, LONG_PAUSE = 5.0, 60.0
"""Seconds between two passes, and after one in which the server or the database failed."""


def watch(stop: Event) -> None:
    """Send the queues again and again until ``stop`` is set; no failure ends it."""
    while not stop.is_set():
        try:
            is_stopped = _send_apart()
        except Exception:
            logger.exception("The mail queue could not be worked on")
            is_stopped = True
        stop.wait(LONG_PAUSE if is_stopped else PAUSE)


def _send_apart() -> bool:
    """One pass on a database connection of its own: one that broke is not used again."""
    try:
        return send_queues().is_stopped
    finally:
        connection.close()


def send_queues() -> PassResult:
    """Send the mail that is due, then webhooks: receivers that hang keep no mail waiting."""
    result = mail.send_queue()
    webhooks.send_queue(result)
    return result
