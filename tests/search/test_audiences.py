"""Who finds which words: nobody by a word that they may not read."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import Recommendation, SearchDocument
from recommendations.search import documents
from recommendations.search.queries import audience_of, matching, parse
from tests.base import link_evidence
from tests.search.base import NOBODY, SearchTestCase
from tests.views.marked import MarkedTestCase

TO_ALL = {
    *("recommendation.reference", "recommendation.title", "recommendation.summary"),
    *("statusupdate.public_text", "evidence.title", "part.text"),
}
TO_PEOPLE_INSIDE = TO_ALL | {
    *("recommendation.external_id", "recommendation.quoted_text", "organisation.name"),
    "theme.name",
    *("statusupdate.what_happened", "statusupdate.remaining", "statusupdate.next_steps"),
    *("statusupdate.issue", "statusupdate.response_action", "statusupdate.response_owner"),
    *("statusupdate.asked_for", "statusupdate.closing_reason", "statusupdate.reopening_reason"),
}
TO_THE_OFFICE = TO_PEOPLE_INSIDE | {"statusupdate.internal_note"}


class EveryTextTests(MarkedTestCase):
    """A word of its own in every text of every table."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        documents.refresh([*Recommendation.objects.values_list("pk", flat=True)])

    def found(self, person: Any, words: dict[str, str]) -> set[str]:
        """The columns whose words lead a person to a recommendation."""
        rows = SearchDocument.objects.all()
        return {
            column
            for word, column in words.items()
            if rows.filter(matching(person, parse(word), "")).exists()
        }

    def test_nothing_internal_is_found_by_the_public(self) -> None:
        self.assertEqual(self.found(NOBODY, self.planter.internal), set())

    def test_what_the_public_may_read_is_found_by_it(self) -> None:
        self.assertEqual(self.found(NOBODY, self.planter.public), TO_ALL)

    def test_people_inside_find_all_but_internal_notes(self) -> None:
        self.assertEqual(self.found(self.viewer, self.planter.internal), TO_PEOPLE_INSIDE)

    def test_readers_of_drafts_find_these_too_and_no_other_text(self) -> None:
        self.assertEqual(self.found(self.manager, self.planter.internal), TO_THE_OFFICE)


class AudienceTests(SearchTestCase):
    """A published recommendation with an update in force."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation, internal_note="hidden")
        cls.publish(cls.recommendation)

    def who_finds(self, text: str) -> set[str]:
        people = {"office": self.manager, "inside": self.viewer, "public": NOBODY}
        return {name for name, person in people.items() if self.found(text, person)}

    def test_each_role_has_its_audience(self) -> None:
        for person in (self.staff, self.manager, self.auditor, self.administrator):
            self.assertEqual(audience_of(person), "office")
        self.assertEqual(audience_of(self.viewer), "inside")
        self.assertEqual(audience_of(self.stranger), "public")
        self.assertEqual(audience_of(NOBODY), "public")

    def test_an_internal_item_of_evidence_is_found_by_readers_of_drafts_alone(self) -> None:
        for visibility, expected in (
            ("internal", {"office"}),
            ("public", {"public", "inside", "office"}),
        ):
            with self.subTest(visibility):
                evidence = self.make_evidence(f"A {visibility} paper", visibility=visibility)
                link_evidence(to=self.update, by=self.manager, evidence=evidence, stance="supports")
                documents.refresh([self.recommendation.pk])
                self.assertEqual(self.who_finds(f"{visibility} paper"), expected)

    def test_words_of_an_update_that_is_not_in_force_are_not_found(self) -> None:
        self.make_submitted(self.recommendation, what_happened="another", public_text="another")
        documents.refresh([self.recommendation.pk])
        self.assertEqual(self.who_finds("another"), set())

    def test_what_is_not_published_or_is_archived_is_not_found_by_the_public(self) -> None:
        self.assertEqual(self.who_finds("thing"), {"public", "inside", "office"})
        archived = {"archived_at": timezone.now(), "archived_by": self.manager}
        for values in (
            {"archive_reason": "duplicate", **archived},
            {"published_at": None, "published_by": None},
        ):
            with self.subTest(values):
                self.write(**values)
                self.assertEqual(self.who_finds("thing"), {"inside", "office"})

    def test_the_public_asks_the_same_of_a_word_that_is_internal_and_of_one_that_is_nowhere(
        self,
    ) -> None:
        """So neither takes longer: no document but that of the public is looked into."""
        asked = []
        for text in ("hidden", "nowhere"):
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(self.found(text, NOBODY), [])
            asked.append(queries[0]["sql"].replace(text, ""))
        self.assertEqual(*asked)
        self.assertNotRegex(asked[0], "office|inside")
