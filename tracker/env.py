"""Typed reading of environment variables.

Each helper returns a value of one type or raises ImproperlyConfigured with the variable's name,
what it held and what it should hold: a wrong setting stops the start, not the first request.
A variable set to nothing but spaces counts as not set.
"""

import os
import re
from collections.abc import Collection
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network

from django.core.exceptions import ImproperlyConfigured

ON = frozenset({"1", "on", "true", "yes"})
_ORIGIN = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?")
OFF = frozenset({"0", "off", "false", "no"})

Network = IPv4Network | IPv6Network


def refuse(name: str, got: str, wanted: str) -> ImproperlyConfigured:
    """The error for a variable that is set to something unusable; the caller raises it."""
    return ImproperlyConfigured(f"{name} is {got}; it should be {wanted}.")


def _read(name: str) -> str:
    return os.environ.get(name, "").strip()


def text(name: str, default: str = "") -> str:
    """The variable as text, or the default."""
    return _read(name) or default


def required(name: str, wanted: str) -> str:
    """The variable as text; `wanted` says in words what belongs there."""
    value = _read(name)
    if not value:
        raise refuse(name, "not set", wanted)
    return value


def secret(name: str, *, least: int = 16) -> str:
    """A text that others must not guess, so of `least` characters; empty where it is not set."""
    value = _read(name)
    if value and len(value) < least:
        raise refuse(name, f"of {len(value)} characters", f"a random text of at least {least}")
    return value


def flag(name: str, *, default: bool) -> bool:
    """A switch: on, true, yes or 1 against off, false, no or 0."""
    value = _read(name).lower()
    if not value:
        return default
    if value in ON:
        return True
    if value in OFF:
        return False
    raise refuse(name, repr(value), "on or off")


def number(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    """A whole number between `least` and `most`, both allowed."""
    value = _read(name)
    if not value:
        return default
    span = f"{least} or more" if most is None else f"from {least} to {most}"
    try:
        found = int(value)
    except ValueError:
        raise refuse(name, repr(value), f"a whole number, {span}") from None
    if found < least or (most is not None and found > most):
        raise refuse(name, repr(value), f"a whole number, {span}")
    return found


def choice(name: str, default: str, allowed: Collection[str]) -> str:
    """One word out of a short list."""
    value = _read(name) or default
    if value not in allowed:
        raise refuse(name, repr(value), "one of " + ", ".join(sorted(allowed)))
    return value


def names(name: str, default: Collection[str] = ()) -> list[str]:
    """A list separated by commas; spaces around an entry do not count."""
    value = _read(name)
    if not value:
        return list(default)
    found = [entry.strip() for entry in value.split(",")]
    if not all(found):
        raise refuse(name, repr(value), "names separated by single commas")
    return found


def origins(name: str) -> list[str]:
    """Origins by commas, such as https://www.example.org, as a Content-Security-Policy has them."""
    found = names(name)
    for entry in found:
        if not _ORIGIN.fullmatch(entry):
            raise refuse(name, repr(entry), "an origin such as https://www.example.org")
    return found


def address(name: str) -> str:
    """An address that pages link to, such as https://www.example.org/licence; empty if not set."""
    value = _read(name)
    if value and not re.fullmatch(r"https?://[^\s\"<>]+", value):
        raise refuse(name, repr(value), "an address such as https://www.example.org/licence")
    return value


def day(name: str) -> date | None:
    """A day such as 2024-07-31, if it is set."""
    value = _read(name)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise refuse(name, repr(value), "a day such as 2024-07-31") from None


def networks(name: str, *, besides: Collection[str] = ()) -> list[Network]:
    """Networks and single addresses by commas; words in `besides` are left to the caller."""
    return [_network(name, entry) for entry in names(name) if entry not in besides]


def _network(name: str, entry: str) -> Network:
    """One that is part of the world: all of it means a mistake, and everybody would be trusted."""
    try:
        found = ip_network(entry)
    except ValueError:
        raise refuse(name, repr(entry), "an address, or a network such as 10.0.0.0/8") from None
    if not found.prefixlen:
        raise refuse(name, repr(entry), "less than every address there is")
    return found
