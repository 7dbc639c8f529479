"""Middleware of the project: client addresses, and the security policy of pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from tracker import env

# ---- Who asks: the address of the client, as the proxies that we trust saw it

SOCKET = "unix"
"""Stands among networks for a peer that has no address: whoever may write to our unix socket."""

ONLY_FROM_PROXIES = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_REQUEST_ID")
"""Headers that are read where a trusted proxy sends them, and from nobody else."""

READ_BY_NOBODY = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_REAL_IP",
)
"""Headers that say something of the client which is known by now; no code is to find them."""


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The proxies whose word counts: so many before the site, or by their own addresses."""

    count: int = 0
    networks: tuple[env.Network, ...] = ()
    by_socket: bool = False

    def __bool__(self) -> bool:
        return bool(self.count or self.networks or self.by_socket)

    def trust(self, address: str, before: int) -> bool:
        """Whether a peer is a proxy of ours, `before` of which stand between it and the site."""
        if before < self.count:
            return True
        if not address:
            return self.by_socket
        return any(ip_address(address) in network for network in self.networks)

    def client(self, peer: str, forwarded: str) -> str:
        """The first address from the right that is no proxy of ours.

        Each proxy adds the address that it saw at the end of `forwarded`: read from there, what a
        client wrote itself is never reached. Where an entry is no address, whoever sent it is all
        that is known.
        """
        entries = forwarded.split(",") if forwarded else []
        for before, entry in enumerate(reversed(entries)):
            if not self.trust(peer, before) or not (seen := address_in(entry)):
                break
            peer = seen
        return peer


def trusted_proxies(name: str) -> TrustedProxies:
    """Read from the environment: a number of proxies, or networks and `unix` by commas."""
    entries = env.names(name)
    if len(entries) == 1 and entries[0].removeprefix("-").isdecimal():
        return TrustedProxies(count=env.number(name, 0, most=10))
    return TrustedProxies(
        networks=tuple(env.networks(name, besides={SOCKET})), by_socket=SOCKET in entries
    )


def address_in(entry: str) -> str:
    """The address of an entry such as `192.0.2.1:443` or `[2001:db8::1]:443`; empty if none.

    An IPv4 address within IPv6 is written as IPv4: one client has one address.
    """
    text = entry.strip(" \t")
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.scope_id:
            return ""
        found = found.ipv4_mapped or found
    return str(found)


class ClientAddressMiddleware(MiddlewareMixin):
    """Puts the client's address into `REMOTE_ADDR` and drops what only a proxy may say.

    Above everything else, so that nobody reads a header of a client as one of a proxy.
    """

    def process_request(self, request: HttpRequest) -> None:
        proxies: TrustedProxies = settings.TRUSTED_PROXIES
        meta = request.META
        peer = address_in(meta.get("REMOTE_ADDR", ""))
        meta["REMOTE_ADDR"] = proxies.client(peer, meta.get("HTTP_X_FORWARDED_FOR", ""))
        for header in READ_BY_NOBODY:
            meta.pop(header, None)
        is_trusted = proxies.trust(peer, 0)
        for header in ONLY_FROM_PROXIES:
            # Two values: the proxy added its own to what the client had sent.
            if not is_trusted or "," in meta.get(header, ""):
                meta.pop(header, None)


# ---- Content-Security-Policy from settings.SECURE_CSP.
# Django 6 has this built in under the same setting; on moving there, put
# django.middleware.csp.ContentSecurityPolicyMiddleware in its place and delete this module.

HEADER = "Content-Security-Policy"

Sources = str | bool | None | Iterable[str]


def build_policy(directives: Mapping[str, Sources]) -> str:
    """The header's text. True gives a directive without sources; False, None or [] leave it out."""
    parts = []
    for directive, values in directives.items():
        if values is True:
            parts.append(directive)
        elif values:
            sources = [values] if isinstance(values, str) else list(values)
            if isinstance(values, set | frozenset):
                # A set has no order of its own; the header should be the same every time.
                sources.sort()
            parts.append(" ".join([directive, *sources]))
    return "; ".join(parts)


class ContentSecurityPolicyMiddleware(MiddlewareMixin):
    """Sets the policy on every answer that does not bring one of its own."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        policy = build_policy(settings.SECURE_CSP)
        if policy and HEADER not in response:
            response.headers[HEADER] = policy
        return response
