"""Each number on Home and on the page of a source is that of the list it leads to."""

import random
import re
from html import unescape
from typing import Any

from django.core.cache import cache
from django.test import override_settings

from recommendations import state
from recommendations.choices import ResponseKind
from recommendations.models import Organisation, Recommendation, Source
from tests import factories
from tests.base import days_ago
from tests.rows import past_the_guards
from tests.views.pages import PageTestCase

_LINK = re.compile(r'<a [^>]*href="(/recommendations/\?[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
_NUMBERED = (r"\((\d+) of \d+\)", r"^(\d+) of \d+$", r": (\d+)$", r"(\d+)$", r"^(\d+)")
"""Where a link says its number, the surest first."""


def counted_links(html: str) -> dict[str, int]:
    """The number that each link to the list says, by its address; a name says none."""
    found = {}
    for address, inside in _LINK.findall(html.split("<main", 1)[1]):
        text = " ".join(re.sub(r"<[^>]+>", " ", inside).split())
        number = next((int(m[1]) for shape in _NUMBERED if (m := re.search(shape, text))), None)
        if number is not None:
            found[unescape(address)] = number
    return found


class PropertyTests(PageTestCase):
    """Recommendations in any state, of any age, spread over sources and lead organisations."""

    SOURCES = 2

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        found = [*factories.fill(cls, 60), *factories.recommendations(cls, 20)]
        luck = random.Random(cls.SOURCES)
        sources = [cls.source, *(cls.more(n) for n in range(1, cls.SOURCES))]
        leads = [
            Organisation.objects.create(slug=f"l{n}", name=f"Lead {chr(65 + n)}") for n in range(8)
        ]
        for row in found:
            row.source = luck.choice(sources)
            row.lead = luck.choice([*leads, None])
            row.opened_on = days_ago(luck.randint(0, 1100))
            row.target_date = luck.choice([None, days_ago(luck.randint(-200, 200))])
            row.next_due_on = luck.choice([None, days_ago(luck.randint(-200, 200))])
            if luck.random() < 0.3:
                row.published_at = row.published_by = None
        with past_the_guards():
            Recommendation.objects.bulk_update(
                found,
                [
                    *("source", "lead", "opened_on", "target_date", "next_due_on"),
                    *("published_at", "published_by"),
                ],
            )
        state.rebuild()

    @classmethod
    def more(cls, n: int) -> Source:
        return Source.objects.create(
            slug=f"more-{n}", title=f"More {n}", short_title=f"More {n}", reference_prefix=f"M{n}"
        )

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def assert_counted(self, path: str, person: Any, least: int) -> None:
        links = counted_links(self.get(path, person).content.decode())
        self.assertGreaterEqual(len(links), least, path)
        for address, number in links.items():
            with self.subTest(page=path, link=address):
                cache.clear()  # Two addresses may ask the same, and of a kept page is no context.
                found = self.get(address, person)
                self.assertEqual(found.status_code, 200)
                self.assertEqual(found.context["listing"].page.paginator.count, number)

    def test_home(self):
        self.assert_counted("/", self.viewer, 20)

    def test_all_lead_organisations(self):
        self.assert_counted("/lead-organisations/", self.viewer, 30)

    def test_a_source(self):
        self.assert_counted("/sources/report/", self.manager, 10)

    def test_responses_of_a_source_are_those_of_the_lists_beside_them(self):
        tally = self.get("/sources/report/", self.viewer).context["overview"].tally
        numbers = {**tally.responses, ResponseKind.MISSING: tally.addressed - tally.answered}
        for kind, field in zip(
            ResponseKind, ("accepted", "in_part", "neither", "declined", "missing"), strict=True
        ):
            with self.subTest(kind):
                query = {"source": "report", "responses": kind}
                rows = self.get("/recommendations/", self.viewer, **query).context["rows"]
                found = [getattr(row.responses, field) for row in rows]
                self.assertNotIn(0, found)
                self.assertEqual(sum(found), numbers.get(kind, 0))

    @override_settings(PUBLIC_PAGES=True)
    def test_what_the_public_reads(self):
        self.assert_counted("/", None, 4)
        self.assert_counted("/sources/report/", None, 1)


class ManySourcesTests(PropertyTests):
    SOURCES = 40

    def test_a_page_has_twenty_sources_and_all_are_counted(self):
        first = self.read("/", self.viewer)
        self.assert_words(first, "81 recommendations in 40 sources", "Next page")
        self.assertEqual(first.count("Last update More"), 0)
        self.assertEqual(len(self.get("/", self.viewer).context["page"].object_list), 20)


class PublicTests(PageTestCase):
    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_no_lead_age_or_decision(self):
        PropertyTests.more(1)
        text = self.read("/", self.viewer)
        self.assert_words(text, "By lead organisation", "Decisions needed")
        Recommendation.objects.update(published_at="2026-01-01T00:00Z", published_by=self.manager)
        state.rebuild()
        for path in ("/", "/sources/report/"):
            with self.subTest(path=path):
                text = self.read(path)
                self.assert_no_words(text, "lead organisation", "by age", "Decisions needed")

    def test_lead_organisations_are_for_people_inside(self):
        self.assert_turned_away("/lead-organisations/")
        self.read("/lead-organisations/?source=nothing", self.viewer, status=404)
        self.assert_words(
            self.read("/lead-organisations/?source=report", self.viewer), "Ministry A"
        )
