"""Who finds which words: nobody by a word that they may not read."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.models import Recommendation, SearchDocument
from recommendations.search import documents
from recommendations.search.fold import folded
from recommendations.search.queries import audience_of, matching, parse
from tests.base import link_evidence
from tests.search.base import NOBODY, SearchTestCase
from tests.views.marked import MarkedTestCase

TO_ALL = {
    *("recommendation.reference", "recommendation.title", "recommendation.summary"),
    *("statusupdate.public_text", "statusupdate.public_reason", "evidence.title", "part.text"),
    "organisation.name",
}
TO_PEOPLE_INSIDE = TO_ALL | {
    *("recommendation.external_id", "recommendation.quoted_text"),
    "theme.name",
    *("statusupdate.what_happened", "statusupdate.remaining", "statusupdate.next_steps"),
    *("statusupdate.issue", "statusupdate.response_action", "statusupdate.response_owner"),
    *("statusupdate.asked_for", "statusupdate.closing_reason", "statusupdate.reopening_reason"),
}
TO_THE_OFFICE = TO_PEOPLE_INSIDE | {"statusupdate.internal_note"}


class EveryTextTests(MarkedTestCase):
    """A word of its own in every text of every table."""

    def test_the_document_of_each_audience_holds_the_words_of_these_columns_and_no_other(self):
        documents.refresh([*Recommendation.objects.values_list("pk", flat=True)])
        planted = {"internal": self.planter.internal, "public": self.planter.public}
        for audience, person, kind, expected in (
            ("public", NOBODY, "internal", set()),
            ("public", NOBODY, "public", TO_ALL),
            ("inside", self.viewer, "internal", TO_PEOPLE_INSIDE),
            ("office", self.manager, "internal", TO_THE_OFFICE),
        ):
            text = " ".join(SearchDocument.objects.values_list(audience, flat=True))
            words = {word: column for word, column in planted[kind].items() if folded(word) in text}
            with self.subTest(audience, kind=kind):
                self.assertEqual(set(words.values()), expected)
                self.assertEqual(audience_of(person), audience)
                for word, column in planted[kind].items():
                    if column in TO_THE_OFFICE:
                        found = matching(person, parse(word), "")
                        is_found = SearchDocument.objects.filter(found).exists()
                        self.assertEqual(is_found, word in words, column)


class AudienceTests(SearchTestCase):
    """A published recommendation with an update in force."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_approved(cls.recommendation, internal_note="hidden")
        cls.publish(cls.recommendation)

    def assert_finds(self, text: str, *expected: str) -> None:
        people = {"office": self.manager, "inside": self.viewer, "public": NOBODY}
        found = {name for name, person in people.items() if self.found(text, person)}
        self.assertEqual(found, set(expected), text)

    def test_each_role_has_its_audience(self) -> None:
        for person in (self.staff, self.manager, self.auditor, self.administrator):
            self.assertEqual(audience_of(person), "office")
        for person, audience in ((self.viewer, "inside"), (self.stranger, "public")):
            self.assertEqual(audience_of(person), audience)

    def test_of_evidence_and_updates_it_finds_what_it_may_read_and_is_in_force(self) -> None:
        for visibility in ("internal", "public"):
            evidence = self.make_evidence(f"A {visibility} paper", visibility=visibility)
            link_evidence(to=self.update, by=self.manager, evidence=evidence, stance="supports")
        self.make_submitted(self.recommendation, what_happened="another", public_text="another")
        documents.refresh([self.recommendation.pk])
        self.assert_finds("internal paper", "office")
        self.assert_finds("public paper", "public", "inside", "office")
        self.assert_finds("another")

    def test_what_is_not_published_or_is_archived_is_not_found_by_the_public(self) -> None:
        self.assert_finds("thing", "public", "inside", "office")
        archived = {"archived_at": timezone.now(), "archived_by": self.manager}
        for values in (
            {"archive_reason": "duplicate", **archived},
            {"published_at": None, "published_by": None},
        ):
            self.write(**values)
            self.assert_finds("thing", "inside", "office")

    def test_the_public_asks_the_same_of_an_internal_word_and_of_one_that_is_nowhere(self) -> None:
        """So neither takes longer: no document but that of the public is looked into."""
        asked = []
        for text in ("hidden", "nowhere"):
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(self.found(text, NOBODY), [])
            asked.append(queries[0]["sql"].replace(text, ""))
        self.assertEqual(*asked)
        self.assertNotRegex(asked[0], "office|inside")
