"""The list of recommendations: filters, orders, flags, wrong addresses, who finds what."""

from typing import Any
from unittest import mock

from django.http import QueryDict
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import recommendations, responses, structure
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.choices import Flag
from recommendations.filters.recommendations import PublicRecommendationFilter, RecommendationFilter
from recommendations.models import (
    Addressee,
    Area,
    IndicatorLink,
    Organisation,
    Recommendation,
    Source,
    StatusUpdate,
)
from recommendations.queries.recommendations.rows import SEVERITY
from recommendations.views import lists
from tests import factories
from tests.base import agreed, days_ago, link_evidence
from tests.edits import edit
from tests.views.pages import PageTestCase, words_of

LIST = "/recommendations/"


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
        cls.skills = structure.add_theme(by=cls.manager, values={"name": "Skills"})
        for row, values in (
            (cls.first, {"themes": [cls.skills], "priority": "high"}),
            (cls.third, {"priority": "low"}),
        ):
            edit(row, cls.manager, **values)
        structure.add_part(
            by=cls.manager,
            values={"recommendation": cls.second, "label": "a", "text": "A lighthouse."},
        )
        for here, other in ((cls.third, cls.gone), (cls.fourth, cls.third)):
            structure.add_relation(
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
        """The references of the rows, by source and number where no order is asked for."""
        asked = query if "text" in query else {"sort": "source", **query}
        response = self.get(LIST, person, **asked)
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
            ("100%", []),
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
        "age": [("over-24", ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"]), ("under-6", [])],
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
        "due_from": [("today", ["REP-2", "STU-1"]), ("9999-12-31", [])],
        "due_to": [("today", ["REP-1"]), ("0001-01-01", [])],
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
        self.assertEqual(set(self.CASES), set(RecommendationFilter.base_filters))
        for name, cases in self.CASES.items():
            for value, expected in cases:
                with self.subTest(filter=name, value=value):
                    found = self.references(self.viewer, **{name: self.value_of(value)})
                    self.assertEqual([row for row in found if row in expected], expected)
                    if name not in ("source", "archived"):
                        self.assertEqual(found, expected)
        for status, expected in (("in_progress", ["REP-1"]), ("not_started", [])):
            found = self.references(self.viewer, status=status, text="alpha")
            self.assertEqual(found, expected)
        for query, words in (
            ({"text": "gamma"}, "1 recommendation"),
            ({"text": "zzz"}, "No recommendation matches"),
            ({"archived": "only"}, "Omega past Archived"),
        ):
            self.assert_words(self.read(LIST, self.viewer, **query), words)

    def test_each_filter_that_is_on_is_a_link_to_the_list_without_it(self):
        statuses = {"status": ["in_progress", "none"], "lead": self.agency.pk}
        response = self.get(LIST, self.viewer, **statuses, due_to="2026-03-01", sort="-title")
        tags = {tag.text: QueryDict(tag.query) for tag in response.context["listing"].tags}
        kinds = ("Status: In progress", "Status: No report yet", "Lead organisation: Agency B")
        self.assertEqual(set(tags), {*kinds, "Target date to: 1 March 2026"})
        without = QueryDict(f"status=none&due_to=2026-03-01&sort=-title&lead={self.agency.pk}")
        self.assertEqual(dict(tags["Status: In progress"].lists()), dict(without.lists()))


class OrderTests(ListTestCase):
    def test_every_order_is_complete_with_what_is_missing_last(self):
        expected = {
            "": ["REP-2", "REP-1", "REP-4", "STU-1", "REP-3"],
            "source": ["REP-1", "REP-2", "REP-3", "REP-4", "STU-1"],
            "-source": ["STU-1", "REP-1", "REP-2", "REP-3", "REP-4"],
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
        empty = (",title", "title,", "title,number")
        orders = expected | dict.fromkeys(empty, expected["title"])
        choices = dict(RecommendationFilter.base_filters["sort"].extra["choices"])
        self.assertEqual(set(expected), {"", *choices})
        for order, references in orders.items():
            with self.subTest(order=order):
                self.assertEqual(self.references(self.viewer, sort=order), references)

    def test_sources_go_by_their_whole_titles(self):
        alike = "Report of the independent panel on the future of public services, part"
        for slug, title in (("report", f"{alike} two"), ("study", f"{alike} one")):
            source = Source.objects.get(slug=slug)
            edit(source, self.administrator, title=title)
        self.assertEqual(
            self.references(self.viewer), ["STU-1", "REP-1", "REP-2", "REP-3", "REP-4"]
        )


class WrongAddressTests(ListTestCase):
    def test_a_value_that_cannot_be_read_answers_400_with_the_page_and_its_error(self):
        wrong: dict[str, list[Any]] = {
            "text": ["x" * 201, "\u202e"],
            "source": ["nothing", "1"],
            "status": [["none", "done"]],
            "lead": ["999999", "me", "-1", "9" * 30, "1.5"],
            "theme": ["skills"],
            "priority": [["high", "urgent"]],
            "addressee": ["NOWHERE"],
            "due_from": ["2026-13-40", "yesterday", "01/02/2026", "99999-01-01"],
            "due_to": ["2026-02-30", "0"],
            "sort": ["secret", "-", "lead__name", "title,secret"],
        }
        for name in RecommendationFilter.base_filters:
            wrong[name] = ["a\0b", *wrong.get(name, [])]
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

    def test_what_was_typed_is_kept_beside_its_error_and_is_never_markup(self):
        typed = {"due_from": "2026-13-40", "text": "<script>alert(1)</script>"}
        response = self.get(LIST, self.viewer, **typed)
        kept = ("id_due_from_error", "Enter a valid date", "2026-13-40", "&lt;script&gt;alert")
        for words in kept:
            self.assertContains(response, words, status_code=400)
        self.assertNotContains(response, "<script>alert", status_code=400)

    def test_a_page_that_is_not_there(self):
        for page in (2, 10**9, 0, -1, "abc", "", "1.5", "a\0b", "9" * 5000):
            with self.subTest(page=str(page)[:12]):
                self.read(LIST, self.viewer, status=404, page=page)
        # What is not a filter changes nothing.
        everything = self.references(self.viewer)
        self.assertEqual(self.references(self.viewer, colour="blue", pk=1), everything)


class ReaderTests(ListTestCase):
    def test_what_the_public_cannot_ask(self):
        """`test_public` shows that none of these changes what it reads."""
        inside = set(RecommendationFilter.base_filters)
        self.assertEqual(
            inside - set(PublicRecommendationFilter.base_filters),
            {
                *("lead", "theme", "priority", "parts", "dependency", "officer", "addressee"),
                *("addressee_body", "own_status", "age", "nature", "flag", "archived"),
            },
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

    def test_of_words_counting_stops_earlier(self):
        with mock.patch("recommendations.filters.recommendations.MOST_ROWS", 100):
            told = self.read(LIST, self.viewer, text="REP")
            self.assert_words(told, "More than 100 results")
            self.assert_words(
                self.read(LIST, self.viewer, nature="time_bound"), "96 recommendations"
            )


@override_settings(PUBLIC_PAGES=True)
class ListByEvidenceTests(PageTestCase):
    """Five published rows; what is linked is public but for REP-4, whose evidence is internal.

    REP-1 has no report; REP-2 a manager's word; REP-3 is contradicted and was so, answered, on
    REP-5, which an outsider has checked; REP-4 was checked by the lead's own manager.
    """

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        rows = [cls.make_recommendation(f"Row {number}") for number in range(1, 6)]
        for row in rows:
            recommendations.publish_recommendation(recommendation=row, by=cls.manager)
        updates = {row.number: cls.make_approved(row) for row in rows[1:]}
        cls.support(updates[4], cls.manager, visibility="internal")
        cls.support(updates[5], cls.other_manager)
        cls.oppose(updates[3])
        answered = cls.oppose(updates[5])
        evidence_items.answer(link=answered, by=cls.manager, text="It was put right.")
        internal = cls.oppose(updates[4], visibility="internal")
        evidence_items.answer(link=internal, by=cls.manager, text="It was put right too.")

    @classmethod
    def support(cls, update: StatusUpdate, checker: Any, **values: Any) -> None:
        values = {"visibility": "public", "by": cls.other_staff, **values}
        item = cls.make_evidence(f"For {update.pk}", **values)
        link_evidence(to=update, by=cls.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=checker)

    @classmethod
    def oppose(cls, update: StatusUpdate, **values: Any) -> Any:
        item = cls.make_evidence(f"Against {update.pk}", **{"visibility": "public", **values})
        return agreed(link_evidence(to=update, by=cls.manager, stance="undermines", evidence=item))

    def found(self, person: Any, **query: Any) -> list[int]:
        response = self.get(LIST, person, **{"sort": "source", **query})
        self.assertEqual(response.status_code, 200, query)
        return [row.number for row in response.context["rows"]]

    def test_each_reader_filters_by_the_evidence_that_they_may_read(self) -> None:
        cases: list[tuple[Any, dict[str, Any], list[int]]] = [
            (self.staff, {"assurance": "manager_approved"}, [2, 3]),
            (self.staff, {"assurance": "evidence_checked"}, [4]),
            (self.staff, {"assurance": "independently_verified"}, [5]),
            (self.staff, {"assurance": ["evidence_checked", "independently_verified"]}, [4, 5]),
            # What is internal does not exist for those who may not read it.
            (self.viewer, {"assurance": "manager_approved"}, [2, 3, 4]),
            (None, {"assurance": "manager_approved"}, [2, 3, 4]),
            (None, {"assurance": "evidence_checked"}, []),
            (self.staff, {"contradiction": "unanswered"}, [3]),
            (self.staff, {"contradiction": "answered"}, [4, 5]),
            (self.staff, {"contradiction": "none"}, [2]),
            (None, {"contradiction": "unanswered"}, [3]),
            (None, {"contradiction": "answered"}, [5]),
            (None, {"contradiction": "none"}, [2, 4]),
            # From a manager's word to an outsider's check; what is missing comes last.
            (self.staff, {"sort": "assurance"}, [2, 3, 4, 5, 1]),
            (self.staff, {"sort": "-assurance"}, [5, 4, 2, 3, 1]),
            (None, {"sort": "-assurance"}, [5, 2, 3, 4, 1]),
            (self.staff, {"sort": "contradicted"}, [3, 1, 2, 4, 5]),
        ]
        for person, query, expected in cases:
            with self.subTest(person=person, query=query):
                self.assertEqual(self.found(person, **query), expected)

    def test_neither_asks_the_database_more_than_the_plain_list(self) -> None:
        for person in (self.staff, None):
            plain = self.asked(LIST, person)
            for query in (
                {"assurance": "evidence_checked"},
                {"contradiction": "unanswered"},
                {"sort": "-assurance"},
                {"sort": "contradicted"},
            ):
                with self.subTest(person=person, **query):
                    self.assertLessEqual(self.asked(LIST, person, **query), plain)


class FlagTests(PageTestCase):
    """Each computed flag, raised on one row."""

    BY_COLUMNS: dict[str, dict[str, Any]] = {
        Flag.DATE_OVERDUE: {"target_date": days_ago(1)},
        Flag.UPDATE_OVERDUE: {"next_due_on": days_ago(1)},
        Flag.UPDATE_DUE: {"next_due_on": days_ago(0)},
        Flag.NO_LEAD: {"lead": None},
        Flag.NO_OFFICER: {"lead_officer": None},
        Flag.NO_DATE: {"opened_on": days_ago(181)},
        Flag.REVIEW_PAST: {"nature": "continuous", "review_on": days_ago(1)},
    }
    """Flags that columns of the row alone raise."""

    def raise_flag(self, flag: str, row: Recommendation) -> None:
        rows = Recommendation.objects.filter(pk=row.pk)
        rows.update(opened_on=days_ago(1), next_due_on=None)
        match flag:
            case Flag.CONTRADICTED:
                update = self.make_approved(row)
                rows.update(next_due_on=None)
                item = self.make_evidence("No", visibility="public")
                agreed(
                    link_evidence(to=update, by=self.manager, stance="undermines", evidence=item)
                )
            case Flag.DECISION_NEEDED:
                self.make_approved(row, asked_for="Funds.")
                rows.update(next_due_on=None)
            case Flag.EVIDENCE_GAP:
                self.make_claim_without_evidence(row)
            case Flag.INDICATOR_AGAINST:
                self.make_approved(row)
                rows.update(next_due_on=None)
                indicator = self.make_indicator("AGAINST", movement="against")
                IndicatorLink.objects.create(
                    recommendation=row, indicator=indicator, relation="outcome"
                )
            case Flag.RATING_OUT_OF_DATE:
                self.make_approved(row)
                rows.update(rating_valid_until=days_ago(1), next_due_on=None)
            case Flag.RESPONSE_OVERDUE:
                body = Addressee.objects.create(recommendation=row, organisation=self.agency)
                values = {"position": "awaiting", "since": days_ago(9), "due_on": days_ago(1)}
                responses.record_responses(addressees=[body], by=self.manager, values=values)
            case Flag.ACTION_OVERDUE:
                values = {"title": "A step", "due_on": days_ago(1)}
                responses.add_action(recommendation=row, by=self.manager, values=values)
            case _:
                rows.update(**self.BY_COLUMNS[flag])

    def make_claim_without_evidence(self, row: Recommendation) -> None:
        update = self.make_submitted(
            row, implementation_status="partly_implemented", remaining="The rest."
        )
        item = self.make_evidence("Soon gone", visibility="public")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        decisions.approve_update(update=update, by=self.manager)
        type(item).objects.filter(pk=item.pk).update(expires_on=days_ago(1))
        Recommendation.objects.filter(pk=row.pk).update(next_due_on=None)

    def test_each_flag_finds_the_row_on_which_it_is_raised(self):
        rows = {flag: self.make_recommendation(_title(flag)) for flag in SEVERITY}
        Recommendation.objects.update(next_due_on=None, opened_on=days_ago(1))
        for flag, row in rows.items():
            self.raise_flag(flag, row)
        for flag, row in rows.items():
            with self.subTest(flag=flag):
                response = self.get(LIST, self.viewer, flag=flag)
                found = [shown.reference for shown in response.context["rows"]]
                self.assertEqual(found, [row.reference])

        both = self.get(LIST, self.viewer, flag=list(SEVERITY[:2])).context["rows"]
        self.assertEqual(len(both), 2)


def _title(flag: str) -> str:
    """In words: no page shows codes."""
    return f"About {flag.replace('_', ' ')}"


@override_settings(PUBLIC_PAGES=True)
class DensityTests(ListTestCase):
    def test_a_browser_keeps_it_with_a_role_and_without(self) -> None:
        recommendations.publish_recommendation(recommendation=self.first, by=self.manager)
        for person in (self.viewer, None):
            with self.subTest(person):
                self.assertContains(self.get(LIST, person), "list-table comfortable")
                self.assertContains(self.get(LIST, person, density="compact"), "list-table compact")
                self.assertContains(self.get(LIST, person), "list-table compact")
                self.assertContains(self.get(LIST, person, density="9"), "list-table compact")
                self.get(LIST, person, density="comfortable")
                self.assertContains(self.get(LIST, person), "list-table comfortable")
