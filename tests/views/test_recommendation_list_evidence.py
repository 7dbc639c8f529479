"""Lists by who stands behind a status and by what stands against it, as each reader may see it."""

from typing import Any

from django.test import override_settings

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.models import Recommendation, StatusUpdate
from tests.base import link_evidence
from tests.views.pages import PageTestCase, counting

LIST = "/recommendations/"


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
            recommendation_actions.publish_recommendation(recommendation=row, by=cls.manager)
        updates = {row.number: cls.make_approved(row) for row in rows[1:]}
        cls.support(updates[4], cls.manager, visibility="internal")
        cls.support(updates[5], cls.other_manager)
        cls.oppose(updates[3])
        answered = cls.oppose(updates[5])
        contradictions.answer(link=answered, by=cls.manager, text="It was put right.")
        internal = cls.oppose(updates[4], visibility="internal")
        contradictions.answer(link=internal, by=cls.manager, text="It was put right too.")

    @classmethod
    def support(cls, update: StatusUpdate, checker: Any, **values: Any) -> None:
        values = {"visibility": "public", "by": cls.other_staff, **values}
        item = cls.make_evidence(f"For {update.pk}", **values)
        link_evidence(to=update, by=cls.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=checker)

    @classmethod
    def oppose(cls, update: StatusUpdate, **values: Any) -> Any:
        item = cls.make_evidence(f"Against {update.pk}", **{"visibility": "public", **values})
        return link_evidence(to=update, by=cls.manager, stance="undermines", evidence=item)

    def found(self, person: Any, **query: Any) -> list[int]:
        response = self.get(LIST, person, **query)
        self.assertEqual(response.status_code, 200, query)
        return [row.number for row in response.context["rows"]]

    def test_filter_by_who_stands_behind_it(self) -> None:
        cases: list[tuple[Any, Any, list[int]]] = [
            (self.staff, "manager_approved", [2, 3]),
            (self.staff, "evidence_checked", [4]),
            (self.staff, "independently_verified", [5]),
            (self.staff, ["evidence_checked", "independently_verified"], [4, 5]),
            # What is internal does not exist for those who may not read it.
            (self.viewer, "manager_approved", [2, 3, 4]),
            (None, "manager_approved", [2, 3, 4]),
            (None, "evidence_checked", []),
        ]
        for person, value, expected in cases:
            with self.subTest(person=person, value=value):
                self.assertEqual(self.found(person, assurance=value), expected)

    def test_filter_by_what_stands_against_it(self) -> None:
        cases: list[tuple[Any, str, list[int]]] = [
            (self.staff, "unanswered", [3]),
            (self.staff, "answered", [4, 5]),
            (self.staff, "none", [2]),
            (None, "unanswered", [3]),
            (None, "answered", [5]),
            (None, "none", [2, 4]),
        ]
        for person, value, expected in cases:
            with self.subTest(person=person, value=value):
                self.assertEqual(self.found(person, contradiction=value), expected)

    def test_sort_from_a_managers_word_to_an_outsiders_check_and_what_is_missing_last(self) -> None:
        self.assertEqual(self.found(self.staff, sort="assurance"), [2, 3, 4, 5, 1])
        self.assertEqual(self.found(self.staff, sort="-assurance"), [5, 4, 2, 3, 1])
        self.assertEqual(self.found(None, sort="-assurance"), [5, 2, 3, 4, 1])

    def test_sort_by_the_day_of_the_contradiction(self) -> None:
        self.assertEqual(self.found(self.staff, sort="contradicted"), [3, 1, 2, 4, 5])

    def test_neither_asks_the_database_more_than_the_plain_list(self) -> None:
        for person in (self.staff, None):
            plain = self.queries(person)
            for query in (
                {"assurance": "evidence_checked"},
                {"contradiction": "unanswered"},
                {"sort": "-assurance"},
                {"sort": "contradicted"},
            ):
                with self.subTest(person=person, **query):
                    self.assertLessEqual(self.queries(person, **query), plain)

    def queries(self, person: Any, **query: str) -> int:
        self.get(LIST, person)  # signed in, outside the count
        with counting() as captured:
            self.client.get(LIST, query)
        return len(captured)

    def test_what_was_never_asked_for_is_refused(self) -> None:
        for query in ({"assurance": "splendid"}, {"contradiction": "perhaps"}):
            with self.subTest(**query):
                self.assertEqual(self.get(LIST, None, **query).status_code, 400)

    def test_the_rows_are_those_that_the_names_say(self) -> None:
        self.assertEqual(Recommendation.objects.filter(published_at__isnull=False).count(), 5)
