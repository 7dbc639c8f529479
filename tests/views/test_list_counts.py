"""The count of a list is kept: for one reader, for what they ask, until something is recorded."""

import re
from typing import Any

from django.core.cache import cache
from django.test import override_settings

from recommendations.actions import recommendations
from tests.base import link_evidence
from tests.views.pages import PageTestCase

LIST = "/evidence/"


@override_settings(PUBLIC_PAGES=True)
class KeptCountTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        law = cls.make_evidence("A law", visibility="public")
        link_evidence(to=cls.recommendation, by=cls.staff, evidence=law, stance="need")
        recommendations.publish_recommendation(recommendation=cls.recommendation, by=cls.manager)
        cls.make_evidence("A note", kind="statement")
        cls.make_evidence("A paper")

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def count(self, person: Any, **query: Any) -> int:
        text = self.get(LIST, person, **query).text
        [found] = re.findall(r'<span class="n">(\d+)</span>', text)
        self.assertEqual(text.count('<th scope="row">'), int(found))
        return int(found)

    def test_what_is_recorded_is_counted_at_once(self):
        self.assertEqual(self.count(self.manager), 3)
        self.make_evidence("Another")
        self.assertEqual(self.count(self.manager), 4)

    def test_no_reader_gets_the_count_of_another(self):
        self.assertEqual([self.count(person) for person in (self.manager, None)], [3, 1])
        cache.clear()
        self.assertEqual([self.count(person) for person in (None, self.manager)], [1, 3])

    def test_every_filter_has_a_count_of_its_own(self):
        """Of a value that is given twice the last one counts."""
        asked: tuple[tuple[dict[str, Any], int], ...] = (
            ({}, 3),
            ({"kind": "statement"}, 1),
            ({"kind": "document"}, 2),
            ({"visibility": "public"}, 1),
            ({"kind": ["document", "statement"]}, 1),
            ({"kind": ["statement", "document"]}, 2),
            *(({"text": text}, n) for text, n in (("note", 1), ("", 3), ("a", 3), ("nowhere", 0))),
        )
        for _time in range(2):
            for query, number in asked:
                with self.subTest(query=query):
                    self.assertEqual(self.count(self.manager, **query), number)
