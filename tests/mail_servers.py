"""Mail servers for tests: one that takes mail, one that hangs, and one that is not there."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes

from django.test import override_settings


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


class ReceivingServer(socketserver.ThreadingTCPServer):
    """Takes every message. A message is ours once its last line is here, said or not."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, pause: float) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.pause = pause
        self.received: list[str] = []
        """Message-IDs, in order."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(socketserver.StreamRequestHandler):
    server: ReceivingServer

    def handle(self) -> None:
        with suppress(OSError):
            self._say("220 hello")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self._say("354 go on")
                    self._receive()
                self._say("221 bye" if verb == b"QUIT" else "250 well")

    def _receive(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if line:
            self.server.received.append(message_from_bytes(b"".join(lines))["Message-ID"])
        time.sleep(self.server.pause)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def receiving_server(pause: float = 0.0) -> Iterator[ReceivingServer]:
    """A server that takes mail, and says so after ``pause`` seconds. Mail goes to it meanwhile."""
    with ReceivingServer(pause) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with mail_server(server.port):
            yield server
        server.shutdown()
