"""Somebody at a browser, with an address of their own; each request has its own connection."""

import http.client
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode
from uuid import uuid4

from tests.deployment.processes import HOST, Deployment
from tests.processes import PATIENCE


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def words(self) -> str:
        """Its text, however its lines are broken."""
        return " ".join(self.text.split())


class TlsConnection(http.client.HTTPSConnection):
    """To a port of this machine, from an address of it, while the name is that of the site."""

    def __init__(self, deployment: Deployment, address: str, context: ssl.SSLContext) -> None:
        super().__init__(HOST, timeout=PATIENCE, context=context)
        self.ends = ("127.0.0.1", deployment.https), (address, 0)
        self.tls = context

    def connect(self) -> None:
        to, source = self.ends
        plain = socket.create_connection(to, PATIENCE, source_address=source)
        self.sock = self.tls.wrap_socket(plain, server_hostname=HOST)


@dataclass
class Visitor:
    deployment: Deployment
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tls = ssl.create_default_context(cafile=self.deployment.certificate)

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, b"", headers)

    def post(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Sequence[tuple[str, str, bytes]] = (),
        **headers: str,
    ) -> Answer:
        """Send a form with the token that an earlier page has left; files make it multipart."""
        fields = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **fields}
        headers = {"Origin": f"https://{HOST}", **headers}
        if not files:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            return self._ask("POST", path, urlencode(fields).encode(), headers)
        edge = uuid4().hex
        headers["Content-Type"] = f"multipart/form-data; boundary={edge}"
        return self._ask("POST", path, _multipart(edge, fields, files), headers)

    def sign_in(self, name: str, password: str, **headers: str) -> Answer:
        if "csrftoken" not in self.cookies:
            self.get("/accounts/login/")
        fields = {"username": name, "password": password}
        return self.post("/accounts/login/", fields, **headers)

    def states_length(self, path: str, length: int) -> Answer:
        """Announce a form of so many bytes and send none of them."""
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(length)}
        return self._ask("POST", path, b"", headers)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        own = {"Cookie": self.cookie_header}
        own |= {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(TlsConnection(self.deployment, self.address, self.tls)) as line:
            line.request(method, path, body or None, own)
            response = line.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        for sent in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: one.value for name, one in SimpleCookie(sent).items()}
        return answer


def _multipart(
    edge: str, fields: Mapping[str, str], files: Sequence[tuple[str, str, bytes]]
) -> bytes:
    part = f'--{edge}\r\nContent-Disposition: form-data; name="'
    body = b"".join(f'{part}{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items())
    for name, file, content in files:
        head = f'{part}{name}"; filename="{file}"\r\nContent-Type: application/pdf\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{edge}--\r\n".encode()


def static_files(page: str) -> list[str]:
    """Addresses of the static files that a page asks for."""
    return re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
