"""Names of the demonstration in headings, tables and lists of facts: each is followed by a mark."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from django.test import TestCase
from django.urls import reverse

from recommendations.models import (
    Action,
    Organisation,
    Recommendation,
    ReportingRound,
    Source,
    Theme,
    User,
)
from tests.histories.history import clock_at
from tests.loaded import SPRING, write_demonstration
from tests.views.pages import client_of

MARK = re.compile(
    r'<span class="(?:quiet nobreak|chip chip-amber)">[^<]*<svg class="icon icon-flask"'
)


class MarkTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        write_demonstration(SPRING)

    def shown(self, address: str) -> str:
        """The main part of a page as a manager reads it, with the gaps between its tags closed."""
        with clock_at(SPRING):
            page = client_of(User.objects.get(username="manager")).get(address)
        self.assertContains(page, "people, progress and all marked entries are fictional")
        [main] = re.findall(r"<main.*</main>", page.content.decode(), re.DOTALL)
        return re.sub(r"\s*(<[^>]+>)\s*", r"\1", unescape(main))

    def assert_marked(self, address: str, names: Iterable[Any]) -> None:
        page = self.shown(address)
        for name in map(str, names):
            with self.subTest(address, name=name):
                # The name may be a link; the mark comes next.
                ends = re.findall(rf">{re.escape(name)}(?:</a>)?(<span.{{0,80}})", page)
                self.assertTrue(any(map(MARK.match, ends)), ends)

    def test_organisations_and_themes_where_they_are_counted_and_asked(self) -> None:
        bodies = list(Organisation.objects.filter(is_demonstration=True))
        themes = list(Theme.objects.all())
        self.assert_marked(reverse("lead-list"), bodies)
        self.assert_marked(reverse("theme-list"), themes)
        self.assert_marked(ReportingRound.objects.get().get_absolute_url(), bodies)

    def test_a_source_and_its_recommendations(self) -> None:
        plan = Source.objects.get(is_demonstration=True)
        titles = plan.recommendations.values_list("title", flat=True)
        self.assert_marked(reverse("overview"), [plan])
        self.assert_marked(plan.get_absolute_url(), titles)
        for source in Source.objects.all():
            head = self.shown(source.get_absolute_url()).partition("</header>")[0]
            self.assertEqual("Demonstration" in head, source.is_demonstration)

    def test_what_the_facts_of_a_recommendation_name_and_its_actions(self) -> None:
        found = Recommendation.objects.get(reference="DSR-2")
        named = [found.lead, *found.contributors.all(), *found.themes.all(), found.reviewer]
        self.assert_marked(found.get_absolute_url(), named)
        actions = Action.objects.filter(recommendation=found, is_demonstration=True)
        address = reverse("recommendation-actions", args=[found.reference])
        self.assert_marked(address, actions)
        self.assertEqual(self.shown(address).count("<span>Demonstration</span>"), len(actions))
