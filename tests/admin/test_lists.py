"""Each list asks the database as much for one row as for thirty."""

import re
from typing import Any
from unittest import mock

from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.models import (
    AuditEvent,
    Evidence,
    Observation,
    Organisation,
    Recommendation,
    StatusUpdate,
    User,
)
from recommendations.views import lists
from tests import factories
from tests.admin.base import AdminTestCase, address

PAGE = 50
MOST = 12
"""Queries of a list at most: who asks (2), the page, its counts, and one for each filter."""

MOST_SQL = 4_000
"""Characters of one of them at most."""


class ListTests(AdminTestCase):
    def count(self, model: Any, query: str = "") -> int:
        page = address(model, "changelist")
        cache.clear()  # Rows are added here past the record, by which pages are kept.
        with CaptureQueriesContext(connection) as asked:
            response = self.window.client.get(f"{page}{query}")
        self.assertEqual(response.status_code, 200)
        longest = max((query["sql"] for query in asked.captured_queries), key=len)
        self.assertLess(len(longest), MOST_SQL, longest)
        return len(asked)

    def test_as_many_queries_for_one_row_as_for_thirty(self) -> None:
        factories.fill(type(self), 1)
        self.window.client.get(address(Recommendation, "changelist"))
        few = {model: self.count(model) for model in admin.site._registry}
        factories.fill(type(self), 30)
        for model in admin.site._registry:
            with self.subTest(model=model.__name__):
                # Where there are several pages, the ids of one are found first.
                has_pages = model._default_manager.count() > PAGE
                self.assertEqual(self.count(model), few[model] + has_pages)
                self.assertLessEqual(few[model], MOST)

    def test_each_heading_that_leads_to_an_order(self) -> None:
        factories.fill(type(self), 1)
        followed = set()
        for model in admin.site._registry:
            html = self.window.client.get(address(model, "changelist")).content.decode()
            for number in set(re.findall(r'href="\?o=(\d+)"', html)):
                followed.add(model)
                with self.subTest(model=model.__name__, column=number):
                    self.count(model, f"?o={number}")
        self.assertGreater(len(followed), 10)

    def test_searching_and_filtering(self) -> None:
        factories.fill(type(self), 3)
        for model, query in [
            (Recommendation, "?q=thing&flag=no_officer&published=no&due=2027"),
            (StatusUpdate, "?q=REP&state__exact=approved"),
            (Evidence, "?q=paper&kind__exact=document"),
            (Observation, "?q=2018&obs_status__exact=A"),
            (AuditEvent, "?q=create&object_type=recommendations.recommendation"),
        ]:
            with self.subTest(model=model.__name__):
                self.assertLessEqual(self.count(model, query), MOST + 1)

    def test_the_count_stops_at_its_cap_and_the_pages_go_on(self) -> None:
        factories.recommendations(type(self), 120)
        page = address(Recommendation, "changelist")
        with mock.patch.object(lists, "MOST_COUNTED", 60):
            first = self.window.client.get(page)
            last = self.window.client.get(f"{page}?p=3")
        self.assertContains(first, "More than 60 results")
        self.assertEqual(len(first.context["cl"].result_list), 50)
        shown = {row.pk for row in last.context["cl"].result_list}
        self.assertEqual(len(shown), Recommendation.objects.count() - 100)
        cache.clear()  # the count is kept until something is recorded
        self.assertContains(self.window.client.get(page), "121 results")

    def test_the_log_offers_no_kind_that_has_no_events(self) -> None:
        page = self.window.client.get(address(AuditEvent, "changelist"))
        for kind, is_offered in (("recommendation", True), ("recommendationstate", False)):
            with self.subTest(kind):
                link = f'?object_type=recommendations.{kind}"'
                self.assertEqual(link in page.content.decode(), is_offered)

    def test_an_indicator_with_a_long_past_shows_its_newest_figures(self) -> None:
        area, indicator = self.make_area(), self.make_indicator()
        for year in range(1960, 2020):
            Observation.objects.create(
                indicator=indicator,
                area=area,
                period=str(year),
                first_day=f"{year}-01-01",
                last_day=f"{year}-12-31",
                value=year,
                recorded_at=self.recommendation.opened_on.strftime("%Y-%m-%dT00:00:00Z"),
            )
        data = self.window.open(type(indicator), indicator.pk)
        self.assertEqual(data["observations-INITIAL_FORMS"], "25")
        self.assert_saved(self.window.send(type(indicator), indicator.pk, data, unit="people"))
        self.assertEqual(Observation.objects.count(), 60)


class FrameTests(AdminTestCase):
    def test_made_up_data_is_told_on_every_page(self) -> None:
        words = "Demonstration: people, progress and all marked entries are fictional"
        pages = ["/admin/", address(Recommendation, "changelist"), address(Recommendation, "add")]
        for page in pages:
            self.assertNotContains(self.window.client.get(page), words)
        bodies = address(Organisation, "changelist")
        self.assertNotContains(self.window.client.get(bodies), ">No</td>")
        User.objects.filter(pk=self.staff.pk).update(is_demonstration=True)
        Organisation.objects.filter(pk=self.ministry.pk).update(is_demonstration=True)
        cache.clear()  # what is written past the record is not looked for anew
        for page in pages:
            self.assertContains(self.window.client.get(page), words)
        # Some rows of a list may be real, so each says which it is.
        told = self.window.client.get(bodies).content.decode()
        self.assertEqual(re.findall(">(Yes|No)</td>", told), ["No", "Yes"])
        self.window.client.logout()
        self.assertContains(self.window.client.get("/admin/login/"), words)

    def test_no_page_brings_script_or_style_of_its_own(self) -> None:
        for page in ["/admin/", address(Recommendation, "change", self.recommendation.pk)]:
            text = self.window.client.get(page).content.decode()
            for inline in (r"<script(?![^>]*\bsrc=)", r"<style", r"\sstyle=", r"\son\w+="):
                self.assertIsNone(re.search(inline, text), inline)
