"""Searching from the bar: a reference opens, hits are marked, suggestions are the reader's own."""

import re

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from recommendations.actions import recommendations
from tests.base import link_evidence
from tests.updates import begin_draft
from tests.views.pages import PageTestCase, client_of

LIST = "/recommendations/"
SUGGESTIONS = "/search/suggestions/"


class SearchPageTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.make_recommendation("A border market", summary="No other evidence is recorded.")
        cls.make_recommendation("Café licences", summary="Of a <market> & border")

    def references(self, **query: str) -> list[str]:
        response = self.get(LIST, self.viewer, **query)
        return [row.reference for row in response.context["rows"]]

    def test_a_reference_alone_is_opened_at_once(self) -> None:
        for text in ("REP-2", "rep-2", " Rep-2 "):
            response = self.get(LIST, self.viewer, text=text)
            self.assertRedirects(response, "/recommendations/REP-2/", fetch_redirect_response=False)
        # Beside anything else it is looked for among that.
        self.assertEqual(self.references(text="REP-2", sort=""), ["REP-2"])
        self.assertEqual(self.references(text="REP-2", nature="continuous"), [])
        # A hit in the title comes first, unless another order is asked for.
        self.assertEqual(self.references(text="border market"), ["REP-2", "REP-3"])
        self.assertEqual(self.references(text="market border", sort="-number"), ["REP-3", "REP-2"])
        with override_settings(PUBLIC_PAGES=True):
            self.assert_words(self.read(LIST, text="REP-2"), "No recommendation matches")
            self.assertNotContains(self.get(SUGGESTIONS, text="market"), "REP-2")

    def test_words_of_a_draft_are_not_found_and_its_writer_is_told_where_it_is(self) -> None:
        values = {"what_happened": "Zebras."}
        begin_draft(recommendation=self.recommendation, by=self.staff, values=values)
        told = "Drafts and submitted updates are not searched."
        page = self.get(LIST, self.staff, text="zebras")
        self.assertContains(page, f'{told} <a href="/my-work/">')
        self.assertNotContains(self.get(LIST, self.viewer, text="zebras"), told)
        self.assertNotContains(self.get(LIST, self.staff, nature="continuous", text=""), told)

    def test_hits_are_marked(self) -> None:
        response = self.get(LIST, self.viewer, text='cafe "a border"')
        self.assertNotContains(response, "<mark>")
        response = self.get(LIST, self.viewer, text="CAFE lic")
        self.assertContains(response, "<mark>Café</mark> <mark>licences</mark>")
        self.assertNotContains(self.get(LIST, self.viewer), "<mark>")

    @override_settings(PUBLIC_PAGES=True)
    def test_evidence_and_indicators_with_the_words_stand_below_for_who_may_read_them(self) -> None:
        paper = self.make_evidence("A toll survey", visibility="public")
        link_evidence(to=self.recommendation, by=self.manager, stance="need", evidence=paper)
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.make_evidence("A toll memo", visibility="internal")
        self.make_indicator(title="Tolls paid")
        below = "Other pages with these words"
        inside = self.read(LIST, self.manager, text="tolls")
        self.assert_words(inside, f"{below} Indicators USE Tolls paid Evidence", "A toll memo")
        outside = self.read(LIST, text="tolls")
        self.assert_words(outside, f"{below} Evidence A toll survey")
        self.assert_no_words(outside, "A toll memo", "Tolls paid")
        self.assert_no_words(self.read(LIST, self.manager, text="nothing like it"), below)


class SuggestionTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.market = cls.make_recommendation("A <border> market")

    def test_suggestions_stand_under_their_kinds_and_lead_to_what_is_meant(self) -> None:
        self.make_evidence("A market survey", visibility="public")
        self.make_area("MKT", name="Market Island")
        response = self.get(SUGGESTIONS, self.viewer, text="mark")
        self.assertContains(response, 'data-href="/recommendations/REP-2/"')
        self.assertContains(response, "A &lt;border&gt; <mark>market</mark>")
        self.assertContains(response, 'data-status="3 suggestions"')
        labels = re.findall(r'role="group" aria-label="([^"]+)"', response.content.decode())
        self.assertEqual(labels, ["Recommendations", "Evidence", "Countries and regions"])
        for text in ("", "zzz", "\x00", "x" * 10_000):
            response = self.get(SUGGESTIONS, self.viewer, text=text)
            self.assertContains(response, 'data-status="0 suggestions"')

    def test_what_was_opened_last_is_told_in_its_order_to_who_may_read_it_now(self) -> None:
        hidden = self.make_evidence("A secret survey", visibility="internal")
        paths = [hidden.get_absolute_url(), "/recommendations/REP-2/", "/recommendations/REP-1/"]
        paths += ["/recommendations/REP-99/", "/evidence/" + "9" * 40 + "/", "/audit/", "//x\0"]
        for reader, expected in ((self.manager, paths[:3]), (self.viewer, paths[1:3])):
            response = self.get(SUGGESTIONS, reader, recent=paths)
            found = re.findall(r'data-href="([^"]+)"', response.content.decode())
            self.assertEqual(found, expected)
            self.assertContains(response, 'aria-label="Recently opened"')

    @override_settings(PUBLIC_PAGES=True)
    def test_suggestions_are_kept_for_those_who_read_the_same_until_something_changes(self) -> None:
        def searched(browser: Client) -> int:
            with CaptureQueriesContext(connection) as asked:
                browser.get(SUGGESTIONS, {"text": "market"})
            return sum("searchdocument" in query["sql"] for query in asked.captured_queries)

        inside, outside = client_of(self.viewer), client_of(None)
        self.assertEqual([searched(inside) > 0, searched(inside)], [True, 0])
        self.assertGreater(searched(outside), 0)
        self.make_evidence("Recorded meanwhile")
        self.assertGreater(searched(inside), 0)
