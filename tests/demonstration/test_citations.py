"""Citations of the demonstration: each says the day of its status, and what its page warns of."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.test import TestCase, override_settings
from django.utils import timezone

from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.permissions import Person
from recommendations.queries.dates import day_text
from tests.histories.history import clock_at
from tests.loaded import SPRING, write_demonstration
from tests.stated import warnings_in, warnings_on
from tests.views.pages import client_of

READERS = ("manager", "viewer", "")
NOW = SPRING + timedelta(hours=1)
FIELD = re.compile(r"<textarea[^>]*>([^<]+?)\nhttp://testserver(/[^<]+)</textarea>")


@override_settings(PUBLIC_PAGES=True)
class DemonstrationCitationTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        write_demonstration(SPRING)

    def reader(self, name: str) -> Person:
        return User.objects.get(username=name) if name else AnonymousUser()

    def test_a_citation_warns_of_what_its_page_shows_the_same_reader(self) -> None:
        with clock_at(NOW):
            for name in READERS:
                person = self.reader(name)
                for found in Recommendation.objects.status_visible_to(person):
                    with self.subTest(found.reference, reader=name or "public"):
                        self.assert_cited(found, client_of(person if name else None))

    def assert_cited(self, found: Recommendation, client: Any) -> None:
        offered = FIELD.search(unescape(client.get(found.get_absolute_url()).content.decode()))
        assert offered is not None
        sentence, path = offered[1], offered[2]
        page = client.get(path).content.decode()
        self.assertIn(sentence, unescape(page))
        text = sentence.removeprefix(f"{found.reference} “{found.title}”. ")
        self.assertEqual(warnings_in(text), warnings_on(page), text)
        self.assertTrue(text.endswith(f" on {day_text(timezone.localdate())}."), text)
        update = found.current_update
        if update is not None:
            self.assert_days(text, update)

    def assert_days(self, text: str, update: StatusUpdate) -> None:
        assert update.decided_at is not None
        approved = day_text(timezone.localdate(update.decided_at))
        self.assertTrue(text.startswith(f"As of {day_text(update.as_of)} "), text)
        self.assertIn(f"approved {approved})", text)
