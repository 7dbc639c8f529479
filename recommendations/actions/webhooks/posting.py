"""Posting to an address that somebody gave: by https, to public networks, within a time."""

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPSConnection
from ipaddress import IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from typing import Any
from urllib.parse import urlsplit

from django.utils.encoding import iri_to_uri

from recommendations.actions.base import ActionRefused

CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 10.0
"""The longest wait for a connection, and for all of it: name, connection and answer."""

MOST_BYTES = 1000
"""Of an answer; the rest is not read."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All else is no public IPv6 address: mapped IPv4, NAT64, multicast, what is private or local."""


class AddressRefused(ActionRefused):
    """The address is none that anything is sent to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post: host as it is in certificates, port, and path with its query."""

    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """The parts of an address. ``AddressRefused`` unless it is https, and to no private network."""
    try:
        parts = urlsplit(iri_to_uri(url))
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port or 443
    except ValueError as error:
        raise AddressRefused(str(error)) from error
    if parts.scheme != "https" or not host or parts.username is not None:
        raise AddressRefused("not an https address")
    with suppress(ValueError):
        require_public(str(ip_address(host)))
    query = f"?{parts.query}" if parts.query else ""
    return Target(host, port, f"{parts.path or '/'}{query}")


def require_public(address: str) -> None:
    """``AddressRefused`` unless an IP address is one of the public internet."""
    ip = ip_address(address)
    is_public = ip.is_global and not (ip.is_multicast or ip.is_reserved)
    if isinstance(ip, IPv6Address):
        is_tunnel = ip.sixtofour is not None or ip.teredo is not None
        is_public = is_public and ip in GLOBAL_UNICAST and not is_tunnel
    if not is_public:
        raise AddressRefused(f"{address} is not a public address")


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """Send it once; status and beginning of the answer, whatever they are.

    The name is resolved once, each of its addresses must be public, and the connection goes to one
    of these: who changes the name meanwhile changes nothing. The certificate must be for the name.
    A redirect is an answer like others. ``OSError`` or ``HTTPException`` where none came.
    """
    target = target_of(url)
    ends = time.monotonic() + TOTAL_SECONDS
    addresses = _public_addresses(target)
    with _dialled(addresses, target.port, ends) as raw, closing(raw.dup()) as line:

        def hang_up() -> None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

        # The limit of a socket is for each piece: who sends one now and then would never end.
        timer = Timer(max(ends - time.monotonic(), 0), hang_up)
        timer.daemon = True
        timer.start()
        try:
            return _talk(raw, target, body, headers)
        except Exception as error:
            if time.monotonic() >= ends:
                raise _late() from error
            raise
        finally:
            timer.cancel()
            timer.join()


def _late() -> TimeoutError:
    return TimeoutError(f"no answer within {TOTAL_SECONDS:g} seconds")


def _resolved(target: Target) -> list[Any]:
    """What a name leads to; asked in a thread, since nothing else ends that wait in time."""
    told: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            told.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except Exception as error:
            told.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        found = told.get(timeout=TOTAL_SECONDS)
    except Empty as error:
        raise _late() from error
    if isinstance(found, Exception):
        raise found
    return list(found)


def _public_addresses(target: Target) -> list[str]:
    found = _resolved(target)
    addresses = list(dict.fromkeys(str(place[0]) for *_kind, place in found))
    for address in addresses:
        require_public(address)
    return addresses


def _dialled(addresses: list[str], port: int, ends: float) -> socket.socket:
    """A connection to the first of two that answers: a machine may lack IPv6."""
    failed: OSError = OSError("the name has no address")
    for address in addresses[:2]:
        if (left := ends - time.monotonic()) <= 0:
            raise _late() from failed
        try:
            return socket.create_connection((address, port), min(CONNECT_SECONDS, left))
        except OSError as error:
            failed = error
    raise failed


def _talk(
    raw: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    raw.settimeout(TOTAL_SECONDS)
    with ssl.create_default_context().wrap_socket(raw, server_hostname=target.host) as line:
        connection = HTTPSConnection(target.host, target.port)
        connection.sock = line
        connection.auto_open = 0  # It would resolve the name once more.
        connection.request("POST", target.path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_BYTES).decode(errors="replace")
