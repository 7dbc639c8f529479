"""A receiver of webhooks for tests, by TLS on this machine, and the names that lead to it."""

import json
import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from recommendations.actions.webhooks import posting
from tests.deployment.certificate import write_certificate

HOST = "hooks.example.org"
PUBLIC = "93.184.215.14"
"""Where the name of the receiver leads, until a test says otherwise."""

REDIRECT = b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"


def status(code: int, words: str = "") -> bytes:
    return f"HTTP/1.1 {code} Told\r\nContent-Length: {len(words)}\r\n\r\n{words}".encode()


class Receiver:
    """Answers each call with the next of ``says``, the last again and again.

    ``hang`` says nothing, ``drip`` a little now and then, ``silent`` not even a greeting of TLS,
    and ``close`` hangs up. ``leads_to`` are the answers of the resolver, alike; it gives none in
    time unless ``is_named``.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.received: list[tuple[Mapping[str, str], bytes]] = []
        self.says: list[Any] = [status(204)]
        self.leads_to: list[Sequence[str]] = [[PUBLIC]]
        self.dialled: list[str] = []
        self.is_named = True
        self.is_over = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.place = self.server.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.received]

    @property
    def told(self) -> list[Any]:
        return [json.loads(body) for _headers, body in self.received]

    def stop(self) -> None:
        self.is_over.set()
        with suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()

    # What stands in for the module ``socket`` where webhooks are posted.

    def __getattr__(self, name: str) -> Any:
        return getattr(socket, name)

    def getaddrinfo(self, host: str, port: int, **_more: Any) -> list[Any]:
        if not self.is_named:
            self.is_over.wait(2 * posting.TOTAL_SECONDS)
        found = self.leads_to.pop(0) if len(self.leads_to) > 1 else self.leads_to[0]
        return [(None, None, None, "", (address, port)) for address in found]

    def create_connection(self, place: tuple[str, int], seconds: float) -> socket.socket:
        self.dialled.append(place[0])
        return socket.create_connection(self.place, seconds)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _whose = self.server.accept()
                says = self.says.pop(0) if len(self.says) > 1 else self.says[0]
                threading.Thread(target=self._answer, args=(line, says), daemon=True).start()

    def _answer(self, raw: socket.socket, says: Any) -> None:
        if says == "silent":
            self.is_over.wait(5)
            raw.close()
            return
        with suppress(OSError), self.context.wrap_socket(raw, server_side=True) as line:
            head, _end, body = self._read(line, b"\r\n\r\n").partition(b"\r\n\r\n")
            named = (row.partition(": ") for row in head.decode().splitlines()[1:])
            headers = {name.lower(): value for name, _colon, value in named}
            while len(body) < int(headers["content-length"]):
                body += line.recv(10_000)
            self.received.append((headers, body))
            if says == "hang":
                self.is_over.wait(5)
            elif says == "drip":
                while not self.is_over.wait(0.05):
                    line.sendall(b"HTTP/1.1 200 OK\r\nX: y\r\n"[:1])
            elif says != "close":
                line.sendall(says)

    def _read(self, line: Any, until: bytes) -> bytes:
        got = b""
        while until not in got and (more := line.recv(10_000)):
            got += more
        return got


@contextmanager
def receiving(host: str = HOST) -> Iterator[Receiver]:
    """A receiver whose certificate is for ``host``; every public address leads to it meanwhile."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        write_certificate(host, certificate, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        receiver = Receiver(context)
        held.callback(receiver.stop)
        held.enter_context(mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(certificate)}))
        held.enter_context(mock.patch.multiple(posting, socket=receiver, TOTAL_SECONDS=1.0))
        yield receiver
