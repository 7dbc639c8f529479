"""The examples of the description are what the demonstration has."""

import json
import os
from itertools import chain
from typing import Any
from unittest import mock

from django.test import TestCase

from recommendations.api.resources import RESOURCES, Resource
from recommendations.api.schema import EXAMPLES, component_of
from recommendations.models import User
from tests.api.base import Program
from tests.loaded import SPRING, write_demonstration

OF_ONE_DATABASE = ("number", "update", "evidence", "request_id", "object_id", "changes")
"""Columns that differ from one database to another, beside those that end as ``OF_THIS_RUN``."""
OF_THIS_RUN = ("_id", "hash", "sha256", "_log_entry", "address")


def told(row: dict[str, Any]) -> dict[str, Any]:
    """What of a row is the same in each demonstration of one day."""
    return {
        name: value
        for name, value in row.items()
        if name not in OF_ONE_DATABASE and not name.endswith(OF_THIS_RUN)
    }


class ExampleTests(TestCase):
    maxDiff = None

    @classmethod
    def setUpTestData(cls) -> None:
        write_demonstration(SPRING)

    def first_row(self, resource: Resource) -> dict[str, Any] | None:
        """The first row of a list, under the first of what is above it that has one."""
        head, mark, rest = resource.address.partition("<")
        if not mark:
            addresses = [head]
        else:
            above = next(each for each in RESOURCES if each.address == head)
            keys = [row[above.key] for row in self.rows(head)]
            addresses = [f"{head}{key}/{rest.partition('>/')[2]}" for key in keys]
        return next(iter(chain.from_iterable(map(self.rows, addresses))), None)

    def rows(self, address: str) -> list[dict[str, Any]]:
        """All rows of a list, with all of their columns."""
        found: list[dict[str, Any]] = json.loads(
            self.program.get(f"{address}?format=json").getvalue()
        )
        return found

    def test_each_is_the_first_row_of_its_list(self) -> None:
        with mock.patch("django.utils.timezone.now", return_value=SPRING):
            self.program = Program()
            self.program.client.force_login(User.objects.get(username="manager"))
            found = {component_of(each): self.first_row(each) for each in RESOURCES}
        rows = {name: told(row) for name, row in sorted(found.items()) if row}
        if os.environ.get("WRITE_EXAMPLES"):
            text = json.dumps(rows, ensure_ascii=False, indent=1)
            EXAMPLES.write_text(f"{text}\n", encoding="utf-8")
        self.assertEqual(json.loads(EXAMPLES.read_text(encoding="utf-8")), rows)
