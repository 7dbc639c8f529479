"""The mail queue in tests: what it sends, and servers that answer, hang, or are not there."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core import mail
from django.test import override_settings

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


def closed_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def mail_server(port: int) -> override_settings:
    """Mail goes to a real server at this port, and a second is the longest wait for it."""
    return override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        EMAIL_TIMEOUT=1,
    )


@contextmanager
def hanging_server(says: dict[bytes, bytes]) -> Iterator[list[socket.socket]]:
    """A server that takes every call, answers these commands and then says nothing.

    Mail goes to it meanwhile. Gives the calls that it took.
    """
    calls: list[socket.socket] = []

    def talk(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.sendall(says.get(b"", b""))
            while got := line.recv(1024):
                line.sendall(says.get(got[:4].upper(), b""))

    def answer() -> None:
        with suppress(OSError):
            while True:
                line, _whose = server.accept()
                calls.append(line)
                threading.Thread(target=talk, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with mail_server(server.getsockname()[1]):
            yield calls
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
