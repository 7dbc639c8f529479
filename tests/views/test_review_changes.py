"""Review: the note of the return and what changed since, and what the public will read."""

from typing import Any

from recommendations.actions.recommendations import (
    publish_recommendation,
    unpublish_recommendation,
)
from recommendations.actions.updates import decisions, replacements
from recommendations.models import StatusUpdate
from tests.base import days_ago, link_evidence
from tests.files import PNG, pdf, received
from tests.updates import submit
from tests.views.pages import words_of
from tests.views.writing import Browser, WritingTestCase


class ReviewPageTestCase(WritingTestCase):
    approved: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.make_approved(
            cls.recommendation,
            as_of=days_ago(9),
            what_happened="The contract is awarded.",
            public_text="A contract is awarded.",
        )

    def page(self, update: StatusUpdate) -> Any:
        page = Browser(self.manager).open("review-item", update.pk)
        self.assertEqual(page.status_code, 200)
        return page


class ReturnedTests(ReviewPageTestCase):
    def returned(self, **values: Any) -> StatusUpdate:
        """An update that was returned and submitted again, with these values."""
        update = self.make_submitted(self.recommendation, what_happened="Two stations run.")
        decisions.return_update(update=update, by=self.manager, note="Since which day?")
        update.refresh_from_db()
        return submit(update=update, by=self.staff, expected_version=update.version, values=values)

    def test_the_note_is_pinned_with_what_changed_since_beside_what_is_new(self) -> None:
        page = self.page(self.returned(what_happened="Two stations run since 9 May."))
        text = words_of(page)
        for words in ("Your note of", "Since which day?", "Changed since then: Progress"):
            self.assertIn(words, text)
        [change] = [row for row in page.context["changes"] if row.since]
        self.assertEqual(change.since.before, "Two stations run.")
        self.assertEqual(change.against.before, "The contract is awarded.")
        self.assertEqual(change.since.after, change.against.after)

    def test_what_was_not_changed_since_says_so(self) -> None:
        text = words_of(self.page(self.returned()))
        self.assertIn("No field changed since then.", text)

    def test_another_manager_reads_whose_note_it_is(self) -> None:
        update = self.returned()
        page = Browser(self.other_manager).open("review-item", update.pk)
        self.assertContains(page, "Note by Manager of")

    def test_of_two_returns_the_last_counts(self) -> None:
        update = self.returned(what_happened="Two stations run since 9 May.")
        decisions.return_update(update=update, by=self.other_manager, note="Which two?")
        update.refresh_from_db()
        values = {"what_happened": "Stations A and B run since 9 May."}
        update = submit(
            update=update, by=self.staff, expected_version=update.version, values=values
        )
        page = self.page(update)
        self.assertContains(page, "Which two?")
        [change] = [row for row in page.context["changes"] if row.since]
        self.assertEqual(change.since.before, "Two stations run since 9 May.")

    def test_without_a_return_there_is_one_column(self) -> None:
        page = self.page(self.make_submitted(self.recommendation))
        self.assertIsNone(page.context["returned"])
        self.assertNotContains(page, "Since the return")


class PublicTests(ReviewPageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        publish_recommendation(recommendation=cls.recommendation, by=cls.manager)

    def read(self, update: StatusUpdate) -> str:
        text = words_of(self.page(update))
        return text[text.index("The public will read") :]

    def test_today_beside_what_comes(self) -> None:
        text = self.read(self.make_submitted(self.recommendation, public_text="Two stations run."))
        self.assertIn("A contract is awarded. After approval Two stations run.", text)
        self.assertNotIn("vanish", text)

    def test_a_summary_that_would_vanish_is_told(self) -> None:
        update = self.make_submitted(self.recommendation, public_text="")
        self.assertRegex(self.read(update), "The public summary of .* would vanish")
        self.assertContains(self.page(update), 'class="danger"')

    def test_a_late_update_changes_nothing_for_the_public(self) -> None:
        update = self.make_submitted(self.recommendation, as_of=days_ago(50), public_text="")
        text = self.read(update)
        self.assertIn("A contract is awarded. After approval A contract is awarded.", text)
        self.assertNotIn("vanish", text)

    def test_a_retraction_brings_back_what_was_before(self) -> None:
        later = self.make_approved(self.recommendation, public_text="All runs.")
        update = replacements.retract(update=later, by=self.staff, reason="Wrong.")
        self.assertIn("All runs. After approval A contract is awarded.", self.read(update))

    def test_a_first_report_follows_no_report(self) -> None:
        about = self.make_recommendation("Another")
        publish_recommendation(recommendation=about, by=self.manager)
        update = self.make_submitted(about, public_text="It began.")
        self.assertIn("No report yet After approval It began.", self.read(update))

    def test_what_is_not_published_is_not_read(self) -> None:
        unpublish_recommendation(
            recommendation=self.recommendation, by=self.manager, reason="Not yet."
        )
        update = self.make_submitted(self.recommendation, public_text="Two stations run.")
        self.assertIn("Nothing: the recommendation is not published.", self.read(update))


class BesideTests(ReviewPageTestCase):
    def test_a_picture_and_a_document_open_beside_and_addresses_are_shown(self) -> None:
        update = self.make_submitted(self.recommendation)
        address = "https://river.example/stations"
        for name, content in (("a.png", PNG), ("a.pdf", pdf("shown"))):
            item = self.make_evidence(name, file=received(name, content), url=address)
            link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        html = self.page(update).content.decode()
        self.assertRegex(html, r'<img src="/evidence/\d+/files/1/\?show=1" alt="a.png"')
        self.assertRegex(html, r'<iframe src="/evidence/\d+/files/1/\?beside=1" title="a.pdf"')
        self.assertEqual(html.count(f">{address}</a>"), 2)


class AnswerTests(ReviewPageTestCase):
    def test_a_contradiction_is_answered_where_it_shows(self) -> None:
        update = self.make_submitted(self.recommendation)
        link = link_evidence(
            to=update, by=self.other_manager, stance="undermines", evidence=self.make_evidence()
        )
        page = f"/review/{update.pk}/"
        self.assertContains(self.page(update), f'form="answer-{link.pk}"')
        window = Browser(self.manager)
        response = window.post("evidence-answer", link.pk, text="Of another year.", next=page)
        self.assertRedirects(response, page)
        self.assertContains(self.page(update), "Of another year.")
        self.assertNotContains(self.page(update), f'form="answer-{link.pk}"')
