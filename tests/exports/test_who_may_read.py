"""Who may read a column: nobody outside, until it says so."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from recommendations.columns import Column, public
from recommendations.exports import Sheet
from recommendations.models import User
from recommendations.views.lists import send
from tests.base import TrackerTestCase


class ReaderTests(TrackerTestCase):
    def header(self, person: User | AnonymousUser) -> str:
        request = RequestFactory().get("/", {"format": "csv"})
        request.user = person
        columns = Column("inside", lambda row: row), *public(Column("outside", lambda row: row))
        sent: Any = send(request, Sheet("list", columns, ["value"]))
        return b"".join(sent.streaming_content).decode("utf-8-sig").splitlines()[0]

    def test_a_file_for_readers_outside_has_no_column_that_is_not_public(self) -> None:
        self.assertEqual(self.header(AnonymousUser()), "outside")
        self.assertEqual(self.header(self.stranger), "outside")
        self.assertEqual(self.header(self.viewer), "inside,outside")
