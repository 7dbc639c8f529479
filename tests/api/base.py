"""Programs that ask the API, each with a token of a person."""

import json
from typing import Any

from django.core.cache import cache
from django.test import Client, override_settings

from recommendations import permissions
from recommendations.actions import personal
from recommendations.models import User
from tests.base import TrackerTestCase

API = "/api/v1/"


class Program:
    """Asks with a token that has all scopes that its person may give, or with none at all."""

    def __init__(self, person: User | None = None, **scopes: bool) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if person is not None:
            may = {scope: is_for(person) for scope, is_for in permissions.SCOPES.items()}
            values = {"name": "Program", **(scopes or may)}
            self.row, secret = personal.create_token(of=person, by=person, values=values)
            self.headers["Authorization"] = f"Bearer {secret}"

    def get(self, address: str, **headers: str) -> Any:
        return self.client.get(API + address, headers={**self.headers, **headers})

    def send(self, address: str, body: Any = None, method: str = "post", **headers: str) -> Any:
        text = body if isinstance(body, str | bytes) else json.dumps(body or {})
        return self.client.generic(
            method.upper(),
            API + address,
            text,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def change(self, address: str, read: str, body: Any = None, method: str = "post") -> Any:
        """Change what it has just read."""
        return self.send(address, body, method, **{"If-Match": self.get(read)["ETag"]})


@override_settings(PUBLIC_PAGES=True)
class ApiTestCase(TrackerTestCase):
    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def assert_problem(self, response: Any, status: int, *names: Any) -> Any:
        """A refusal in the form of the API, which names these fields or parameters."""
        told = json.loads(response.content)
        self.assertEqual((response.status_code, told["status"]), (status, status), told)
        self.assertEqual(response["Content-Type"], "application/problem+json")
        errors = told.get("errors", [])
        found = [
            next(each[k] for k in ("pointer", "parameter", "row") if k in each) for each in errors
        ]
        self.assertEqual(sorted(set(found)), sorted(names))
        return told
