"""Evidence: the list, and the page of one item with what it stands for and against."""

from typing import Any

from django.test import override_settings
from django.utils import timezone

from recommendations.actions import indicators, recommendations
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.filters.evidence import EvidenceFilter, PublicEvidenceFilter
from recommendations.models import Evidence, EvidenceLink, StoredFile
from tests.base import days_ago, link_evidence
from tests.files import received
from tests.updates import begin_draft
from tests.views.pages import PageTestCase

LIST = "/evidence/"


class EvidenceTestCase(PageTestCase):
    """A public law for the update in force, an internal note against it, a draft's own paper."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.law = cls.make_evidence(
            "A law",
            visibility="public",
            publisher="The printer",
            by=cls.other_staff,
            description="Says what must be done.",
            url="https://example.org/law",
            effective_on=days_ago(400),
            effective_precision="day",
        )
        Evidence.objects.filter(pk=cls.law.pk).update(reliability="usually_reliable")
        cls.note = cls.make_evidence("A note", kind="statement", by=cls.manager)
        cls.paper = cls.make_evidence("A paper", visibility="public")
        cls.update = cls.make_approved(cls.recommendation)
        cls.attach(cls.update, cls.law, "supports", why="It binds everybody.")
        cls.attach(cls.update, cls.note, "undermines", by=cls.manager)
        cls.draft = begin_draft(recommendation=cls.recommendation, by=cls.staff)
        cls.attach(cls.draft, cls.paper, "supports")

    @classmethod
    def attach(cls, update: Any, item: Evidence, stance: str, **values: Any) -> EvidenceLink:
        by = values.pop("by", cls.staff)
        return link_evidence(to=update, by=by, stance=stance, evidence=item, **values)

    def titles(self, person: Any, **query: Any) -> list[str]:
        response = self.get(LIST, person, **query)
        self.assertEqual(response.status_code, 200)
        return [item.title for item in response.context["page"]]


class ListTests(EvidenceTestCase):
    def test_each_has_kind_reliability_and_how_many_checked_it(self):
        evidence_items.check_evidence(evidence=self.law, by=self.manager)
        evidence_items.check_evidence(evidence=self.law, by=self.other_manager)
        withdrawn = evidence_items.check_evidence(evidence=self.paper, by=self.manager)
        evidence_items.withdraw_check(check=withdrawn, by=self.manager)
        self.assert_words(
            self.read(LIST, self.staff),
            "3 results",
            "A law A law, page 1 Document No file Usually reliable 2 1 0",
            "A note A note, page 1 Statement Internal No file Not assessed 0 0 2",
            "A paper A paper, page 1 Document No file Not assessed 0 1 0",
        )

    def test_each_filter_finds_what_it_should(self):
        cases: dict[str, list[tuple[Any, list[str]]]] = {
            "text": [("PRINTER", ["A law"]), ("page note", ["A note"]), ("zzz", [])],
            "kind": [("statement", ["A note"]), ("dataset", [])],
            "reliability": [("usually_reliable", ["A law"]), ("unreliable", [])],
            "visibility": [("internal", ["A note"]), ("public", ["A law", "A paper"])],
            "file": [
                ("with", ["A paper"]),
                ("without", ["A law", "A note"]),
                ("held", []),
                ("fault", ["A paper"]),
                ("redacted", []),
            ],
            "check": [("checked", ["A law"]), ("unchecked", ["A note", "A paper"])],
            "validity": [("expired", ["A note"]), ("valid", ["A law", "A paper"])],
            "stance": [
                ("supports", ["A law", "A paper"]),
                ("undermines", ["A note"]),
                ("unanswered", ["A note"]),
                ("need", []),
                ("none", []),
            ],
        }
        evidence_items.check_evidence(evidence=self.law, by=self.other_manager)
        # A check by who brought the file, or of a file at fault, is none.
        file = received()
        evidence_changes.revise_file(
            evidence=self.paper, by=self.manager, expected_version=self.paper.version, file=file
        )
        evidence_items.check_evidence(evidence=self.paper, by=self.other_manager)
        StoredFile.objects.update(fault="altered", compared_at=timezone.now())
        Evidence.objects.filter(pk=self.note.pk).update(expires_on=days_ago(1))
        self.assertEqual(set(cases), set(EvidenceFilter.base_filters))
        for name, expectations in cases.items():
            for value, expected in expectations:
                with self.subTest(filter=name, value=value):
                    self.assertEqual(self.titles(self.staff, **{name: value}), expected)

    def test_a_wrong_filter_answers_400_with_the_page(self):
        for query in (
            {"kind": "rumour"},
            {"reliability": "a\0b"},
            {"visibility": "secret"},
            {"text": "\0"},
        ):
            with self.subTest(query=query):
                text = self.read(LIST, self.staff, status=400, **query)
                self.assert_words(text, "No results: one of the filters is invalid.")

    def test_a_page_that_is_not_there(self):
        for page in (2, 10**9, "abc"):
            self.read(LIST, self.staff, status=404, page=page)

    def test_nothing_found_says_what_to_do(self):
        self.assert_words(self.read(LIST, self.staff, text="zzz"), "No matching evidence")


class PageTests(EvidenceTestCase):
    def test_where_it_comes_from(self):
        text = self.read(self.law.get_absolute_url(), self.staff)
        self.assert_words(
            text,
            "A law Document Not verified Says what must be done.",
            "Type Document Citation A law, page 1 Address https://example.org/law "
            "Publisher The printer",
            f"Effective date {days_ago(400):%-d %B %Y}",
            "Reliability Usually reliable Visibility Published Recorded",
        )

    def test_an_effective_date_says_no_more_than_is_known(self):
        for precision, words in (
            ("month", f"{days_ago(400):%B %Y}"),
            ("year", f"{days_ago(400):%Y}"),
        ):
            Evidence.objects.filter(pk=self.law.pk).update(effective_precision=precision)
            text = self.read(self.law.get_absolute_url(), self.staff)
            self.assert_words(text, f"Effective date {words} Reliability")
        text = self.read(self.note.get_absolute_url(), self.staff)
        self.assert_words(text, "Effective date Unknown")

    def test_what_it_stands_for_and_against_and_why(self):
        text = self.read(self.law.get_absolute_url(), self.staff)
        self.assert_words(
            text,
            f"Evidence: Supports REP-1 Do the thing Update as of {days_ago(0):%-d %B %Y} "
            "It binds everybody. Added by Staff",
        )
        text = self.read(self.note.get_absolute_url(), self.staff)
        self.assert_words(
            text, "Evidence: Contradicts REP-1 Do the thing", "Added by Manager", "Unanswered since"
        )
        link = EvidenceLink.objects.get(evidence=self.note, update=self.update)
        contradictions.answer(link=link, by=self.manager, text="Out of date.")
        text = self.read(self.note.get_absolute_url(), self.staff)
        self.assert_words(text, f"Answered by Manager on {days_ago(0):%-d %B %Y}: Out of date.")

    def test_a_figure_that_it_stands_under_leads_to_its_indicator(self):
        area, indicator = self.make_area(), self.make_indicator()
        figure = indicators.observe(
            indicator=indicator, area=area, period="2020", by=self.manager, values={"value": 1}
        )
        EvidenceLink.objects.create(
            evidence=self.law, observation=figure, stance="supports", added_at=figure.recorded_at
        )
        response = self.get(self.law.get_absolute_url(), self.staff)
        self.assertContains(response, '<a href="/indicators/USE/">USE 2020</a>')

    def test_who_checked_it_for_whom_and_when(self):
        text = self.read(self.law.get_absolute_url(), self.viewer)
        self.assert_words(text, "This evidence is not verified yet.")
        check = evidence_items.check_evidence(
            evidence=self.law, by=self.other_manager, note="Seen in print."
        )
        text = self.read(self.law.get_absolute_url(), self.viewer)
        self.assert_words(text, "Verified by Other Manager (Agency B)", "Seen in print.")
        evidence_items.withdraw_check(check=check, by=self.other_manager)
        text = self.read(self.law.get_absolute_url(), self.viewer)
        told = "Verifications no longer valid Verified by Other Manager (Agency B)"
        self.assert_words(
            text, "The current version of this evidence is not verified.", told, "withdrawn on"
        )

    def test_what_is_not_there(self):
        for pk in (10**6, 10**18, 10**30, 0, "abc", "-1", "1.5", "%00"):
            with self.subTest(pk=pk):
                self.read(f"/evidence/{pk}/", self.staff, status=404)


class VisibilityTests(EvidenceTestCase):
    def test_without_public_pages_one_must_be_signed_in_with_a_role(self):
        self.assert_turned_away(LIST)
        self.assert_turned_away(self.law.get_absolute_url())

    def test_internal_items_are_for_readers_of_drafts(self):
        for name in ("staff", "other_staff", "manager", "auditor", "administrator"):
            with self.subTest(reader=name):
                self.assertIn("A note", self.titles(getattr(self, name)))
                self.read(self.note.get_absolute_url(), getattr(self, name))
        self.assertEqual(self.titles(self.viewer), ["A law", "A paper"])
        self.read(self.note.get_absolute_url(), self.viewer, status=404)

    def test_a_viewer_is_not_told_of_a_draft_by_its_evidence(self):
        text = self.read(self.paper.get_absolute_url(), self.viewer)
        self.assert_words(text, "No visible links")
        text = self.read(self.paper.get_absolute_url(), self.staff)
        self.assert_words(text, "Evidence: Supports REP-1 Do the thing")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_public_items_under_what_is_published_and_in_force(self):
        for reader in (None, self.stranger):
            with self.subTest(reader=reader):
                self.assertEqual(self.titles(reader), [])
                for item in (self.law, self.note, self.paper):
                    self.read(item.get_absolute_url(), reader, status=404)
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for reader in (None, self.stranger):
            with self.subTest(reader=reader):
                self.assertEqual(self.titles(reader), ["A law"])
                text = self.read(self.law.get_absolute_url(), reader)
                self.assert_words(text, "A law Document Says what must be done.", "The printer")
                self.assert_words(text, "Evidence: Supports REP-1 Do the thing")
                self.assert_no_words(
                    text, "It binds everybody", "Verifications", "Recorded", "Staff"
                )
                for item in (self.note, self.paper):
                    self.read(item.get_absolute_url(), reader, status=404)

    @override_settings(PUBLIC_PAGES=True)
    def test_what_stood_under_an_update_no_longer_in_force_is_not_public(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        later = self.make_submitted(self.recommendation)
        decisions.approve_update(update=later, by=self.manager, confirm_contradictions=True)
        self.read(self.law.get_absolute_url(), status=404)

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_can_ask_only_of_what_it_sees(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        internal = set(EvidenceFilter.base_filters) - set(PublicEvidenceFilter.base_filters)
        self.assertEqual(
            internal, {"reliability", "visibility", "file", "check", "validity", "stance"}
        )
        everything = self.read(LIST)
        for name in sorted(internal):
            for value in ("internal", "unreliable", "x"):
                self.assertEqual(self.read(LIST, **{name: value}), everything)
