"""Asking a server over a plain socket: a client that costs next to nothing beside what is asked."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

CSRF = "c" * 32
PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """``first`` is seconds to its first byte, ``seconds`` to its last; status 0 where none came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    first: float
    seconds: float

    @property
    def size(self) -> int:
        """Bytes of the body as they were sent: gunicorn compresses nothing."""
        return len(self.body)

    @property
    def page(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Asker:
    """One person in front of a server; nobody where the session is empty."""

    address: tuple[str, int]
    session: str = ""

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask(f"GET {path} HTTP/1.1", b"", headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        body = urlencode({**fields, "csrfmiddlewaretoken": CSRF}).encode()
        headers |= {
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
        }
        return self._ask(f"POST {path} HTTP/1.1", body, headers)

    def patch(self, path: str, values: Mapping[str, str], **headers: str) -> Answer:
        """What a program sends, in the session of the person."""
        body = json.dumps(values).encode()
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return self._ask(f"PATCH {path} HTTP/1.1", body, {**headers, "X-CSRFToken": CSRF})

    def _ask(self, line: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        cookie = f"csrftoken={CSRF}" + (f"; sessionid={self.session}" if self.session else "")
        lines = {"Host": "127.0.0.1", "Connection": "close", "Cookie": cookie} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        head = "\r\n".join([line, *(f"{name}: {value}" for name, value in lines.items()), "", ""])
        begun = time.perf_counter()
        with socket.create_connection(self.address, PATIENCE) as connection:
            connection.sendall(head.encode() + body)
            try:
                pieces = [connection.recv(65536)]
                first = time.perf_counter() - begun
                while piece := connection.recv(262144):
                    pieces.append(piece)
            except TimeoutError:
                return Answer(0, {}, b"", PATIENCE, PATIENCE)
        return _read(b"".join(pieces), first, time.perf_counter() - begun)


def _read(answer: bytes, first: float, seconds: float) -> Answer:
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
    if headers.get("transfer-encoding") == "chunked":
        body = b"".join(_pieces(body))
    return Answer(int(line.split()[1]), headers, body, first, seconds)


def _pieces(chunked: bytes) -> Iterator[bytes]:
    place = 0
    while size := int(chunked[place : chunked.index(b"\r\n", place)], 16):
        begun = chunked.index(b"\r\n", place) + 2
        yield chunked[begun : begun + size]
        place = begun + size + 2


def many(ask: Callable[[], object], readers: int, seconds: float) -> float:
    """Requests a second while so many people ask, each one after the other."""
    counts, end = [0] * readers, time.perf_counter() + seconds

    def read(number: int) -> None:
        while time.perf_counter() < end:
            ask()
            counts[number] += 1

    begun = time.perf_counter()
    with _threads(read, readers):
        pass
    return sum(counts) / (time.perf_counter() - begun)


@contextmanager
def acting(acts: Sequence[Callable[[], object]], per_second: float) -> Iterator[None]:
    """Do these one after the other, so many a second, while the block runs."""

    def act(_number: int) -> None:
        begun = time.perf_counter()
        for number, each in enumerate(acts):
            time.sleep(max(0, begun + number / per_second - time.perf_counter()))
            each()

    with _threads(act, 1):
        yield


@contextmanager
def _threads(job: Callable[[int], None], count: int) -> Iterator[None]:
    threads = [threading.Thread(target=job, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


_CONTROL = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:(.*?)</\1>)?", re.DOTALL)
_WORD = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def form_fields(page: str, form: str) -> dict[str, str]:
    """What a browser would send of the form with this id or, without one, this address."""
    begun = next(
        place.start()
        for place in re.finditer(r"<form\b[^>]*>", page)
        if f'"{form}"' in place.group()
    )
    inside = page[begun : page.index("</form>", begun)]
    found = {}
    for part, wanted in ((inside, None), (page, form)):
        for kind, attributes, content in _CONTROL.findall(part):
            has = dict(_WORD.findall(attributes))
            if has.get("form") == wanted and "name" in has and "disabled" not in has:
                found.update(_sent(kind, has, content))
    return found


def _sent(kind: str, has: Mapping[str, str], content: str) -> dict[str, str]:
    name = has["name"]
    if kind == "textarea":
        return {name: unescape(content).strip()}
    if kind == "select":
        chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected', content)
        return {name: unescape(chosen[1]) if chosen else ""}
    if has.get("type") in ("radio", "checkbox") and "checked" not in has:
        return {}
    return {} if has.get("type") == "file" else {name: unescape(has.get("value", ""))}
