"""The list of recommendations: every filter, every order, wrong addresses, who sees what."""

from typing import Any
from unittest import mock

from django.http import QueryDict
from django.utils import timezone

from recommendations.actions import parts, recommendations, relations, themes
from recommendations.filters.recommendations import (
    RecommendationFilter,
)
from recommendations.models import Addressee, Area, Organisation, Recommendation, Source
from recommendations.views import lists
from tests import factories
from tests.base import days_ago
from tests.views.pages import PageTestCase, words_of

LIST = "/recommendations/"

ASKED_FOR = frozenset(
    [
        "text",
        "source",
        "status",
        "confidence",
        "lead",
        "officer",
        "addressee",
        "due_from",
        "due_to",
        "nature",
        "flag",
        "sort",
    ]
)
"""What a list of recommendations must be able to be filtered and sorted by."""


class ListTestCase(PageTestCase):
    """Six rows that differ in everything one can ask for; REP-6 is archived."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.study = Source.objects.create(
            slug="study", title="Zebra study", short_title="Study", reference_prefix="STU"
        )
        cls.area = Area.objects.create(code="CHN", name="China", kind="country", iso3="CHN")
        cls.union = Organisation.objects.create(slug="union", name="The Union")
        cls.first = cls.make_recommendation("Alpha cables", lead=cls.agency)
        cls.second = cls.make_recommendation("Beta rules", nature="continuous")
        cls.third = cls.make_recommendation("Gamma stations", lead_officer=cls.other_staff)
        cls.fourth = cls.make_recommendation("Delta fund", source=cls.study)
        cls.fifth = cls.make_recommendation("Epsilon board")
        cls.gone = cls.make_recommendation("Omega past")
        cls.skills = themes.add_theme(by=cls.manager, values={"name": "Skills"})
        for row, values in (
            (cls.first, {"themes": [cls.skills], "priority": "high"}),
            (cls.third, {"priority": "low"}),
        ):
            recommendations.revise_recommendation(
                recommendation=row, by=cls.manager, expected_version=1, values=values
            )
        parts.add_part(
            by=cls.manager,
            values={"recommendation": cls.second, "label": "a", "text": "A lighthouse."},
        )
        for here, other in ((cls.third, cls.gone), (cls.fourth, cls.third)):
            relations.add_relation(
                by=cls.manager,
                values={"recommendation": here, "other": other, "kind": "depends_on"},
            )
        china = Addressee.objects.create(recommendation=cls.first, area=cls.area)
        Addressee.objects.create(recommendation=cls.second, organisation=cls.union)
        removed = {"removed_at": timezone.now(), "removed_by": cls.manager}
        Addressee.objects.create(recommendation=cls.third, area=cls.area, **removed)
        Addressee.objects.create(recommendation=cls.third, organisation=cls.union, **removed)
        cls.make_approved(cls.first, as_of=days_ago(1))
        cls.make_approved(cls.first, addressee=china, as_of=days_ago(3))
        cls.make_approved(cls.second, confidence="red", asked_for="Time.", as_of=days_ago(9))
        cls.make_approved(cls.third, implementation_status="not_started", confidence="not_rated")
        for row, age in ((cls.first, 10), (cls.second, -10), (cls.fourth, -20)):
            Recommendation.objects.filter(pk=row.pk).update(target_date=days_ago(age))
        recommendations.archive(recommendation=cls.gone, by=cls.manager, reason="duplicate")

    def references(self, person: Any, **query: Any) -> list[str]:
        """The references of the rows, in their order."""
        response = self.get(LIST, person, **query)
        self.assertEqual(response.status_code, 200, query)
        return [row.reference for row in response.context["rows"]]


class FilterTests(ListTestCase):
    CASES: dict[str, list[tuple[Any, list[str]]]] = {
        "text": [
            ("gamma", ["REP-3"]),
            ("stu", ["STU-1"]),
            ("words our BETA", ["REP-2"]),
            ("cables rules", []),
            ("Skills", ["REP-1"]),
            ("lighthouse", ["REP-2"]),
        ],
        "source": [("study", ["STU-1"]), ("report", ["REP-1", "REP-2", "REP-3", "REP-4"])],
        "status": [
            ("none", ["REP-4", "STU-1"]),
            ("not_started", ["REP-3"]),
            (["not_started", "none"], ["REP-3", "REP-4", "STU-1"]),
            ("superseded", []),
        ],
        "confidence": [
            ("red", ["REP-2"]),
            (["red", "green"], ["REP-1", "REP-2"]),
            ("not_rated", ["REP-3", "REP-4", "STU-1"]),
        ],
        "responses": [("missing", ["REP-1", "REP-2"]), ("accepted", []), ("neither", [])],
        "only": [
            ("open", ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"]),
            ("attention", ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"]),
            ("due", ["REP-2", "STU-1"]),
            ("decision", ["REP-2"]),
            (["due", "decision"], ["REP-2"]),
            ("no-lead", []),
            ("no-theme", ["REP-2", "REP-3", "REP-4", "STU-1"]),
        ],
        "age": [
            ("over-24", ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"]),
            ("under-6", []),
        ],
        "lead": [("agency", ["REP-1"])],
        "theme": [("skills", ["REP-1"])],
        "priority": [
            ("high", ["REP-1"]),
            (["high", "low"], ["REP-1", "REP-3"]),
            ("not_set", ["REP-2", "REP-4", "STU-1"]),
        ],
        "parts": [("open", ["REP-2"]), ("complete", [])],
        "dependency": [("any", ["REP-3", "STU-1"]), ("closed", ["REP-3"])],
        "officer": [("other_staff", ["REP-3"])],
        "addressee": [("CHN", ["REP-1"])],
        "addressee_body": [("union", ["REP-2"])],
        "own_status": [("in_progress", ["REP-1"]), ("none", ["REP-2"]), ("implemented", [])],
        "due_from": [("today", ["REP-2", "STU-1"])],
        "due_to": [("today", ["REP-1"])],
        "nature": [("continuous", ["REP-2"])],
        "flag": [("date_overdue", ["REP-1"])],
        "archived": [("only", ["REP-5"]), ("with", ["REP-1", "REP-2", "REP-3", "REP-4", "REP-5"])],
        "assurance": [("manager_approved", ["REP-1", "REP-2", "REP-3"]), ("evidence_checked", [])],
        "contradiction": [("unanswered", []), ("none", ["REP-1", "REP-2", "REP-3"])],
        "sort": [("-title", ["REP-3", "REP-4", "STU-1", "REP-2", "REP-1"])],
    }

    def value_of(self, value: Any) -> Any:
        named = {
            "today": timezone.localdate().isoformat(),
            "agency": self.agency.pk,
            "skills": self.skills.pk,
            "other_staff": self.other_staff.pk,
        }
        return named.get(value, value) if isinstance(value, str) else value

    def test_each_filter_finds_what_it_should(self):
        for name, cases in self.CASES.items():
            for value, expected in cases:
                with self.subTest(filter=name, value=value):
                    found = self.references(self.viewer, **{name: self.value_of(value)})
                    self.assertEqual([row for row in found if row in expected], expected)
                    if name not in ("source", "archived"):
                        self.assertEqual(found, expected)

    def test_every_filter_has_a_case(self):
        self.assertEqual(set(self.CASES), set(RecommendationFilter.base_filters))

    def test_there_is_a_filter_for_all_that_was_asked_for(self):
        self.assertLessEqual(ASKED_FOR, set(RecommendationFilter.base_filters))

    def test_filters_narrow_together(self):
        self.assertEqual(
            self.references(self.viewer, status="in_progress", text="alpha"), ["REP-1"]
        )
        self.assertEqual(self.references(self.viewer, status="not_started", text="alpha"), [])

    def test_a_filtered_list_says_how_many_and_folds_its_filters(self):
        self.assert_words(self.read(LIST, self.viewer, text="gamma"), "1 result")
        response = self.get(LIST, self.viewer, nature="continuous")
        self.assertContains(response, '<details class="filters" >')

    def test_each_filter_that_is_on_is_a_link_to_the_list_without_it(self):
        statuses = {"status": ["in_progress", "none"], "lead": self.agency.pk}
        response = self.get(LIST, self.viewer, **statuses, due_to="2026-03-01", sort="-title")
        tags = {tag.text: QueryDict(tag.query) for tag in response.context["listing"].tags}
        kinds = ("Status: In progress", "Status: No report yet", "Lead organisation: Agency B")
        self.assertEqual(set(tags), {*kinds, "Target date to: 1 March 2026"})
        without = QueryDict(f"status=none&due_to=2026-03-01&sort=-title&lead={self.agency.pk}")
        self.assertEqual(dict(tags["Status: In progress"].lists()), dict(without.lists()))
        self.assertContains(response, '<span class="badge-count">4</span>')
        self.assertContains(response, "Remove filter Status: In progress")

    def test_nothing_found_says_what_to_do(self):
        text = self.read(LIST, self.viewer, text="zzz")
        self.assert_words(text, "No recommendation matches", "Clear all filters")

    def test_archived_ones_are_left_out_unless_asked_for(self):
        self.assertNotIn("REP-5", self.references(self.viewer))
        self.assert_words(self.read(LIST, self.viewer, archived="only"), "Omega past Archived")

    def test_the_choices_are_those_that_find_something(self):
        text = self.read(LIST, self.viewer)
        self.assert_words(text, "Lead organisation Any Agency B Ministry A")
        self.assert_words(text, "Lead officer Any Other Staff Staff")
        self.assert_words(text, "Addressee (country or region) Any China")


class OrderTests(ListTestCase):
    def test_every_order_is_complete_with_what_is_missing_last(self):
        expected = {
            "number": ["REP-1", "STU-1", "REP-2", "REP-3", "REP-4"],
            "-number": ["REP-4", "REP-3", "REP-2", "REP-1", "STU-1"],
            "title": ["REP-1", "REP-2", "STU-1", "REP-4", "REP-3"],
            "-title": ["REP-3", "REP-4", "STU-1", "REP-2", "REP-1"],
            "date": ["REP-1", "REP-2", "STU-1", "REP-3", "REP-4"],
            "-date": ["STU-1", "REP-2", "REP-1", "REP-3", "REP-4"],
            "reported": ["REP-2", "REP-1", "REP-3", "REP-4", "STU-1"],
            "-reported": ["REP-3", "REP-1", "REP-2", "REP-4", "STU-1"],
            # Three with a manager's word, two without any report; nothing stands against any.
            "assurance": ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"],
            "-assurance": ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"],
            "contradicted": ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"],
            "-contradicted": ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"],
            "priority": ["REP-1", "REP-3", "REP-2", "REP-4", "STU-1"],
            "-priority": ["REP-3", "REP-1", "REP-2", "REP-4", "STU-1"],
        }
        choices = dict(RecommendationFilter.base_filters["sort"].extra["choices"])
        self.assertEqual(set(expected), set(choices))
        for order, references in expected.items():
            with self.subTest(order=order):
                self.assertEqual(self.references(self.viewer, sort=order), references)

    def test_without_an_order_it_goes_by_source_and_number(self):
        self.assertEqual(
            self.references(self.viewer), ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"]
        )

    def test_sources_go_by_their_whole_titles(self):
        alike = "Report of the independent panel on the future of public services, part"
        for slug, title in (("report", f"{alike} two"), ("study", f"{alike} one")):
            source = Source.objects.get(slug=slug)
            recommendations.change_source(
                source=source,
                by=self.administrator,
                expected_version=source.version,
                values={"title": title},
            )
        self.assertEqual(
            self.references(self.viewer), ["STU-1", "REP-1", "REP-2", "REP-3", "REP-4"]
        )

    def test_an_empty_part_of_an_order_is_passed_over(self):
        for order in (",title", "title,", ",", "title,number"):
            with self.subTest(order=order):
                self.assertEqual(len(self.references(self.viewer, sort=order)), 5)


class WrongAddressTests(ListTestCase):
    def test_a_value_that_cannot_be_read_answers_400_with_the_page_and_its_error(self):
        wrong: dict[str, Any] = {
            "text": ["a\0b", "x" * 201, "x" * 10_000],
            "source": ["nothing", "a\0b", "1"],
            "status": ["done", "a\0b", ["none", "done"]],
            "confidence": ["purple", "a\0b"],
            "only": ["splendid", "a\0b"],
            "responses": ["perhaps", "a\0b"],
            "age": ["old", "a\0b"],
            "assurance": ["splendid", "a\0b"],
            "contradiction": ["perhaps", "a\0b"],
            "lead": ["999999", "me", "-1", "9" * 30, "a\0b", "1.5"],
            "theme": ["999999", "skills", "-1", "9" * 30, "a\0b", "1.5"],
            "priority": ["urgent", "a\0b", ["high", "urgent"]],
            "parts": ["some", "a\0b"],
            "dependency": ["some", "a\0b"],
            "officer": ["999999", "me", "a\0b"],
            "addressee": ["NOWHERE", "a\0b"],
            "addressee_body": ["nobody", "a\0b"],
            "own_status": ["done", "a\0b"],
            "due_from": ["2026-13-40", "yesterday", "01/02/2026", "a\0b", "99999-01-01"],
            "due_to": ["2026-02-30", "0", "a\0b"],
            "nature": ["eternal", "a\0b"],
            "flag": ["red", "a\0b"],
            "archived": ["yes", "a\0b"],
            "sort": ["secret", "-", "lead__name", "a\0b", "title,secret"],
        }
        self.assertEqual(set(wrong), set(RecommendationFilter.base_filters))
        for name, values in wrong.items():
            for value in values:
                with self.subTest(filter=name, value=str(value)[:20]):
                    response = self.get(LIST, self.viewer, **{name: value})
                    self.assertEqual(response.status_code, 400)
                    text = words_of(response)
                    self.assert_words(
                        text, "No results: one of the filters is invalid.", "Filter and sort"
                    )
                    self.assert_no_words(text, "REP-1")

    def test_the_error_stands_beside_its_field(self):
        response = self.get(LIST, self.viewer, due_from="2026-13-40")
        self.assertContains(response, "id_due_from_error", status_code=400)
        self.assertContains(response, "Enter a valid date", status_code=400)

    def test_what_can_be_read_of_it_is_kept_in_the_form(self):
        response = self.get(LIST, self.viewer, due_from="2026-13-40", text="alpha")
        self.assertContains(response, 'value="alpha"', status_code=400)
        self.assertContains(response, "2026-13-40", status_code=400)

    def test_markup_in_a_filter_is_shown_as_it_is_and_never_run(self):
        response = self.get(LIST, self.viewer, text="<script>alert(1)</script>")
        self.assertNotContains(response, "<script>alert")
        self.assertContains(response, "&lt;script&gt;alert")

    def test_days_at_the_ends_of_the_calendar_are_days(self):
        for day in ("0001-01-01", "9999-12-31"):
            for name in ("due_from", "due_to"):
                with self.subTest(day=day, filter=name):
                    self.references(self.viewer, **{name: day})

    def test_words_that_mean_something_to_a_database_are_words(self):
        for text in ("%", "_", "'", '"', "\\", "100%", "; --", "{{ 7 }}", "😀"):
            with self.subTest(text=text):
                self.assertEqual(self.references(self.viewer, text=text), [])

    def test_what_no_text_can_hold_is_not_sought(self):
        self.assert_words(
            self.read(LIST, self.viewer, status=400, text="\u202e"),
            "No results: one of the filters is invalid.",
        )

    def test_a_page_that_is_not_there(self):
        for page in (2, 10**9, 0, -1, "abc", "", "1.5", "a\0b", "9" * 5000):
            with self.subTest(page=str(page)[:12]):
                self.read(LIST, self.viewer, status=404, page=page)

    def test_a_wrong_filter_with_a_wrong_page_is_an_answer_too(self):
        self.assertIn(self.get(LIST, self.viewer, status="x", page=9).status_code, (400, 404))

    def test_what_is_not_a_filter_changes_nothing(self):
        self.assertEqual(
            self.references(self.viewer, colour="blue", pk=1), self.references(self.viewer)
        )


class LongListTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        factories.recommendations(cls, 120)

    def test_pages_of_fifty_that_keep_the_filter(self):
        response = self.get(LIST, self.viewer, nature="time_bound", page=2)
        self.assertContains(response, "nature=time_bound&amp;page=1")
        self.assertEqual(len(response.context["rows"]), 96 - 50)

    def test_the_count_stops_at_its_cap_and_the_pages_go_on(self):
        with mock.patch.object(lists, "MOST_COUNTED", 100):
            self.assert_words(self.read(LIST, self.viewer), "More than 100 results")
            for number, rows in ((2, 50), (3, 20)):
                response = self.get(LIST, self.viewer, page=number)
                self.assertEqual(len(response.context["rows"]), rows)
                has_next = f"page={number + 1}" in response.content.decode()
                self.assertEqual(has_next, number == 2)
            for number in (4, 1_000_001, 10**30):
                self.read(LIST, self.viewer, status=404, page=number)
