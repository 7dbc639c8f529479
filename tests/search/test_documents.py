"""Search documents follow every act in its own transaction, and lose what was taken out."""

from typing import Any
from unittest import mock

from django.db import connection
from django.test import SimpleTestCase

from recommendations import audit, state
from recommendations.actions import recommendations
from recommendations.actions.evidence import changes
from recommendations.actions.updates import decisions
from recommendations.models import Recommendation, SearchDocument
from recommendations.search import documents, queries
from recommendations.search.documents import COLUMNS
from recommendations.search.queries import forget
from tests.base import link_evidence
from tests.edits import edit, redact
from tests.search.base import NOBODY, SearchTestCase
from tests.updates import submit

WORDS = "Marta Núñez-Quill"


class FollowingTests(SearchTestCase):
    """No test here refreshes anything itself."""

    def revise(self, **values: Any) -> None:
        row = Recommendation.objects.get(pk=self.recommendation.pk)
        edit(row, self.manager, **values)

    def test_the_update_in_force_and_what_replaces_it(self) -> None:
        update = self.make_approved(self.recommendation, what_happened="Elephants came.")
        self.assert_found("elephants")
        correction = decisions.correct(
            update=update, by=self.staff, values={"what_happened": "Giraffes came."}
        )
        submit(update=correction, by=self.staff, expected_version=correction.version)
        correction.refresh_from_db()
        self.assert_not_found("giraffes")
        decisions.approve_update(update=correction, by=self.manager)
        self.assert_found("giraffes")
        self.assert_not_found("elephants")

    def test_publishing_archiving_and_undoing_either(self) -> None:
        for act, more, is_public in (
            (recommendations.publish_recommendation, {}, True),
            (recommendations.archive, {"reason": "duplicate"}, False),
            (recommendations.restore, {"reason": "It was none."}, True),
            (recommendations.unpublish_recommendation, {"reason": "Too early."}, False),
        ):
            self.assertEqual(self.found("thing", NOBODY), [] if is_public else ["REP-1"])
            act(recommendation=self.recommendation, by=self.manager, **more)
            self.assertEqual(self.found("thing", NOBODY), ["REP-1"] if is_public else [])

    def test_evidence_that_is_renamed_or_opened_to_all(self) -> None:
        item = self.make_evidence("A paper on giraffes")
        link_evidence(to=self.recommendation, by=self.manager, evidence=item, stance="need")
        self.publish(self.recommendation)
        self.assert_found("giraffes")
        self.assertEqual(self.found("giraffes", NOBODY), [])
        for by, values in (
            (self.manager, {"title": "A paper on elephants"}),
            (self.other_manager, {"visibility": "public"}),
        ):
            item.refresh_from_db()
            changes.change_item(evidence=item, by=by, expected_version=item.version, values=values)
        self.assert_not_found("giraffes")
        self.assertEqual(self.found("elephants", NOBODY), ["REP-1"])

    def test_the_lead_under_another_name(self) -> None:
        edit(self.ministry, self.administrator, name="Board of elephants")
        self.assert_found("elephants")
        self.assert_not_found("ministry")

    def test_a_revised_text_but_not_of_an_act_that_fails(self) -> None:
        with self.assertRaises(ZeroDivisionError), audit.entry(by=self.manager):
            self.revise(title="Elephants")
            raise ZeroDivisionError
        self.assert_not_found("elephants")
        self.assert_found("thing")
        self.revise(title="Set up a market", summary="Of farms")
        self.assert_found("market farms")
        self.assert_not_found("thing")

    def test_what_does_not_change_is_not_written_and_many_take_as_many_statements_as_one(self):
        ids = [self.make_recommendation(f"Number {n}").pk for n in range(30)]
        # An entry is open, in which tests do not refresh what they have written (tests/kept.py).
        with audit.entry(by=None):
            for some in (ids, ids[:1]):
                with self.assertNumQueries(2):
                    self.assertEqual(documents.refresh(some), 0)
            for some in (ids[:1], ids[1:]):
                Recommendation.objects.filter(pk__in=some).update(summary="Other words")
                with self.assertNumQueries(3):
                    self.assertEqual(documents.refresh(some), len(some))

    def test_a_document_that_differs_is_named(self) -> None:
        ids = [self.recommendation.pk]
        with audit.entry(by=None):
            self.assertEqual([*state.drift(ids)], [])
            SearchDocument.objects.update(office=" planted ")
            [found] = state.drift(ids)
            self.assertEqual((found.recommendation_id, found.column), (ids[0], "words (office)"))
            state.refresh(ids)
            self.assertEqual([*state.drift(ids)], [])


class InstalledTests(SimpleTestCase):
    def test_on_postgresql_each_audience_has_an_index_which_is_made_once(self) -> None:
        for there, made in ((0, len(COLUMNS)), (len(COLUMNS), 0)):
            server = mock.MagicMock(vendor="postgresql")
            cursor = server.cursor().__enter__()
            cursor.fetchone.return_value = (there,)
            queries.install(server)
            asked = [call.args[0] for call in cursor.execute.call_args_list]
            self.assertEqual(sum("USING gin" in statement for statement in asked), made)


class TakenOutTests(SearchTestCase):
    def test_words_that_are_taken_out_are_in_no_document_any_more(self) -> None:
        item = self.make_evidence(f"Letter of {WORDS}", visibility="public")
        update = self.make_approved(
            self.recommendation,
            what_happened=f"{WORDS} agreed.",
            public_text=f"{WORDS} agreed.",
            internal_note=f"Ask {WORDS}.",
        )
        link_evidence(to=update, by=self.staff, evidence=item, stance="supports")
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        for person in (self.manager, self.viewer, NOBODY):
            self.assertEqual(self.found(WORDS, person), ["REP-1"])
        redact(WORDS, self.administrator)
        self.assert_not_found(WORDS, "marta", "nunez", "quill", "nunezquill")
        [document] = SearchDocument.objects.values()
        for word in ("marta", "nunez", "quill"):
            self.assertNotIn(word, str(document))
        self.assert_found("letter agreed")
        self.assertEqual([*state.drift([self.recommendation.pk])], [])

    def test_no_word_stays_in_an_index_of_sqlite(self) -> None:
        self.write(summary="elephants")
        self.write(summary="giraffes")
        forget(connection)
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute('SELECT block FROM "recommendations_search_office_data"')
                blocks = b"".join(block for (block,) in cursor.fetchall())
            # The index leaves out what a word shares with the one before it.
            self.assertIn(b"raffes", blocks)
            self.assertNotIn(b"ephants", blocks)
        self.assert_found("giraffes")
