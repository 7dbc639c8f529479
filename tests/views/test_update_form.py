"""The form of an update: what it asks, what it says beforehand, and where its buttons lead."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations.actions.updates import decisions, replacements
from recommendations.choices import UpdateState
from recommendations.models import (
    Addressee,
    AuditEvent,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
)
from tests.base import days_ago, link_evidence
from tests.updates import submit
from tests.views.writing import Browser, WritingTestCase


class NewUpdateTests(WritingTestCase):
    def test_first_update_says_that_there_is_none_before(self) -> None:
        response = Browser(self.staff).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "No earlier update", "Status", "As of")
        self.assertNotContains(response, "Last approved")

    def test_later_update_shows_the_one_in_force(self) -> None:
        self.make_approved(self.recommendation, what_happened="The first step.", confidence="green")
        response = Browser(self.staff).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "The first step.", "Last approved: In progress")

    def test_the_one_in_force_is_read_as_it_is_kept(self) -> None:
        first = self.make_approved(self.recommendation, what_happened="The first step.")
        self.make_approved(self.recommendation, what_happened="The second step.")
        Recommendation.objects.filter(pk=self.recommendation.pk).update(current_update=first)
        response = Browser(self.staff).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "The first step.", f'id="id_basis" value="{first.pk}"')
        self.assertNotContains(response, "The second step.")

    def test_the_form_takes_few_and_short_statements(self) -> None:
        update = self.make_approved(self.recommendation)
        link_evidence(to=update, by=self.manager, evidence=self.make_evidence(), stance="supports")
        browser = Browser(self.manager)
        first = self.statements(browser)
        self.assertLessEqual(len(first), 16, first)
        self.assertLess(max(map(len, first)), 4_000)
        self.assertEqual(len(self.statements(browser)), 4)  # drawn until something is recorded

    def statements(self, browser: Browser) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            browser.open("update-new", "REP-1")
        return [query["sql"] for query in asked.captured_queries]

    def test_a_form_that_was_drawn_before_shows_what_was_recorded_since(self) -> None:
        browser = Browser(self.manager)
        browser.open("update-new", "REP-1")
        self.make_approved(self.recommendation, by=self.other_manager, what_happened="Since then.")
        self.assertContains(browser.open("update-new", "REP-1"), "Since then.")

    def test_nothing_is_answered_for_the_author(self) -> None:
        response = Browser(self.staff).open("update-new", "REP-1")
        form = response.context["form"]
        self.assertEqual(
            [form[name].value() for name in ("implementation_status", "confidence")], ["", ""]
        )

    def test_a_get_writes_nothing(self) -> None:
        Browser(self.staff).open("update-new", "REP-1")
        self.assertFalse(StatusUpdate.objects.exists())

    def test_every_form_has_a_key_of_its_own(self) -> None:
        first, second = Browser(self.staff), Browser(self.staff)
        first.open("update-new", "REP-1")
        second.open("update-new", "REP-1")
        self.assertNotEqual(first.form["key"], second.form["key"])

    def test_own_open_draft_is_opened_instead(self) -> None:
        draft = self.drafted()
        response = Browser(self.staff).open("update-new", "REP-1", follow=True)
        self.assertRedirects(response, draft.get_absolute_url())
        self.assertContains(response, "You already started this update.")

    def test_draft_of_a_colleague_is_named_and_not_opened(self) -> None:
        self.drafted()
        response = Browser(self.manager).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "Other open updates:", "Update by Staff")

    def test_asks_for_the_target_date_by_name(self) -> None:
        type(self.recommendation).objects.filter(pk=self.recommendation.pk).update(
            target_date="2031-12-31"
        )
        response = Browser(self.staff).open("update-new", "REP-1")
        self.assertContains(response, "Delivery by 31 December 2031")

    def test_submit_button_names_the_reviewer(self) -> None:
        type(self.recommendation).objects.filter(pk=self.recommendation.pk).update(
            reviewer=self.manager
        )
        response = Browser(self.staff).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "Submit to Manager", "Reviewer: Manager")


class AddresseeTests(WritingTestCase):
    addressee: Addressee

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.addressee = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )

    def test_one_addressee_instead_of_all(self) -> None:
        window = Browser(self.staff)
        response = window.open("update-new", "REP-1", query=f"?addressee={self.addressee.pk}")
        self.assertAnswers(response, 200, "Agency B", "Report overall or for another addressee")
        window.send(
            "update-new",
            "REP-1",
            query=f"?addressee={self.addressee.pk}",
            move="submit",
            **self.WORDS,
        )
        self.assertEqual(self.latest().addressee, self.addressee)

    def test_draft_of_one_scope_does_not_stand_in_the_way_of_another(self) -> None:
        self.drafted()
        response = Browser(self.staff).open(
            "update-new", "REP-1", query=f"?addressee={self.addressee.pk}"
        )
        self.assertEqual(response.status_code, 200)

    def test_unknown_addressee_is_missing(self) -> None:
        other = self.make_recommendation("Another thing")
        elsewhere = Addressee.objects.create(recommendation=other, organisation=self.agency)
        for wrong in ("0", "x", "9" * 40, "-1", str(elsewhere.pk), "%00"):
            response = Browser(self.staff).open("update-new", "REP-1", query=f"?addressee={wrong}")
            self.assertEqual(response.status_code, 404, wrong)


class SaveTests(WritingTestCase):
    def test_journey_from_draft_to_submission(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        response = window.send("update-new", "REP-1", move="save", what_happened="A first word.")
        draft = self.latest()
        self.assertRedirects(response, draft.get_absolute_url())
        self.assertEqual((draft.state, draft.author), (UpdateState.DRAFT, self.staff))
        page = window.open("update-detail", draft.pk)
        self.assertAnswers(page, 200, "A first word.", "Draft saved")
        response = window.send("update-submit", draft.pk, implementation_status="in_progress")
        draft.refresh_from_db()
        self.assertEqual(draft.state, UpdateState.SUBMITTED)
        self.assertEqual(draft.what_happened, "A first word.")
        self.assertRedirects(response, reverse("my-work"))

    def test_line_ends_of_browsers_do_not_change_a_text(self) -> None:
        draft = self.drafted(what_happened="One.\r\nTwo.")
        self.assertEqual(draft.what_happened, "One.\nTwo.")

    def test_no_answer_is_no_forecast(self) -> None:
        self.assertEqual(self.drafted().confidence, "not_rated")

    def test_what_is_finished_is_not_forecast(self) -> None:
        draft = self.drafted(
            implementation_status="superseded", confidence="green", closing_reason="Replaced."
        )
        self.assertEqual(draft.confidence, "not_rated")

    def test_without_a_status_it_cannot_be_submitted(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        response = window.send("update-new", "REP-1", move="submit", what_happened="Some words.")
        self.assertAnswers(
            response, 400, "Choose an implementation status.", "Some words.", "Error:"
        )
        self.assertFalse(StatusUpdate.objects.exists())

    def test_what_a_script_leaves_out_stays_as_it_is(self) -> None:
        draft = self.drafted(remaining="The rest.")
        Browser(self.staff).post(
            "update-save", draft.pk, version=draft.version, what_happened="Other words."
        )
        draft.refresh_from_db()
        self.assertEqual((draft.what_happened, draft.remaining), ("Other words.", "The rest."))

    def test_saving_the_same_again_writes_nothing(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        before = AuditEvent.objects.count()
        window.send("update-save", draft.pk)
        self.assertNothingWritten(before)

    def test_after_submission_comes_what_is_due_next(self) -> None:
        late = self.make_recommendation("Late thing")
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        response = window.send("update-new", "REP-1", move="submit", **self.WORDS)
        self.assertRedirects(response, reverse("update-new", args=[late.reference]))

    def test_after_the_last_comes_my_work(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        response = window.send("update-new", "REP-1", move="submit", **self.WORDS)
        self.assertRedirects(response, reverse("my-work"))


class BeforehandTests(WritingTestCase):
    def open(self, draft: StatusUpdate) -> Any:
        return Browser(self.staff).open("update-detail", draft.pk)

    def test_what_approval_needs_is_said_and_submitting_works(self) -> None:
        draft = self.drafted(implementation_status="partly_implemented")
        page = self.open(draft)
        self.assertAnswers(
            page,
            200,
            "Submit anyway?",
            "at least one supporting evidence item",
            "remaining work",
        )
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        self.assertEqual(window.send("update-submit", draft.pk).status_code, 302)
        draft.refresh_from_db()
        self.assertEqual(draft.state, UpdateState.SUBMITTED)

    def test_late_update_is_told_that_it_becomes_history(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(10))
        page = self.open(self.drafted(as_of=days_ago(40).isoformat()))
        self.assertContains(page, "This update will become part of the history.")

    def test_newer_update_is_not(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(10))
        self.assertNotContains(
            self.open(self.drafted()), "This update will become part of the history."
        )

    def test_newer_basis_is_shown_and_taken_as_read(self) -> None:
        draft = self.drafted()
        newer = self.make_approved(self.recommendation, by=self.other_manager)
        window = Browser(self.staff)
        page = window.open("update-detail", draft.pk)
        self.assertContains(page, "Another update was approved after you started.")
        window.send("update-save", draft.pk, remaining="Much.")
        draft.refresh_from_db()
        self.assertEqual(draft.based_on, newer)

    def test_retracted_basis_is_taken_as_read_too(self) -> None:
        only = self.make_approved(self.recommendation)
        draft = self.drafted()
        self.assertEqual(draft.based_on, only)
        retraction = replacements.retract(update=only, by=self.staff, reason="Wrong day.")
        decisions.approve_update(update=retraction, by=self.manager)
        window = Browser(self.staff)
        page = window.open("update-detail", draft.pk)
        self.assertContains(page, "No earlier update")
        window.send("update-submit", draft.pk)
        draft.refresh_from_db()
        self.assertIsNone(draft.based_on)
        decisions.approve_update(update=draft, by=self.manager)

    def test_returned_update_shows_the_note_to_its_author(self) -> None:
        update = self.make_submitted(self.recommendation)
        decisions.return_update(update=update, by=self.manager, note="Which meeting?")
        self.assertAnswers(self.open(update), 200, "Manager returned this", "Which meeting?")

    def test_parts_that_hold_something_are_open(self) -> None:
        page = self.open(self.drafted(confidence="amber", issue="The permit.", next_steps="Ask."))
        self.assertContains(page, "when-amber is-kept")
        self.assertContains(page, 'when-red"')


class EvidenceTests(WritingTestCase):
    NEW = {
        "evidence__title": "The permit",
        "evidence__url": "https://example.org/permit",
        "evidence__stance": "supports",
    }

    def test_adding_evidence_keeps_the_words(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        response = window.send("update-new", "REP-1", move="evidence", **self.WORDS, **self.NEW)
        draft = self.latest()
        self.assertEqual(response.url, f"{draft.get_absolute_url()}#evidence")
        self.assertEqual(draft.what_happened, "A meeting took place.")
        link = EvidenceLink.objects.get(update=draft)
        self.assertEqual((link.evidence.title, link.stance), ("The permit", "supports"))

    def test_evidence_goes_along_whichever_button_is_pressed(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        window.send("update-new", "REP-1", move="submit", **self.WORDS, **self.NEW)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        self.assertEqual(self.latest().evidence_links.count(), 1)

    def test_incomplete_evidence_saves_the_words_and_goes_no_further(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        response = window.send(
            "update-new", "REP-1", move="submit", **self.WORDS, evidence__title="The permit"
        )
        self.assertAnswers(response, 400, "Enter a web address or a citation", "The permit")
        self.assertEqual(self.latest().state, UpdateState.DRAFT)
        self.assertEqual(self.latest().what_happened, "A meeting took place.")

    def test_the_page_after_that_goes_on_from_the_saved_draft(self) -> None:
        window = Browser(self.staff)
        window.open("update-new", "REP-1")
        window.send("update-new", "REP-1", move="evidence", **self.WORDS)
        response = window.send("update-evidence", self.latest().pk, **self.NEW)
        self.assertEqual(response.status_code, 302)
        self.assertEqual(StatusUpdate.objects.count(), 1)

    def test_recorded_item_is_picked(self) -> None:
        draft, item = self.drafted(), self.make_evidence("A survey")
        window = Browser(self.staff)
        page = window.open("update-detail", draft.pk)
        self.assertContains(page, "A survey")
        window.send(
            "update-evidence", draft.pk, evidence__existing=item.pk, evidence__stance="undermines"
        )
        link = EvidenceLink.objects.get(update=draft)
        self.assertEqual((link.evidence, link.stance), (item, "undermines"))

    def test_double_click_adds_an_item_once(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        for _press in range(2):
            response = window.send("update-evidence", draft.pk, remaining="Much.", **self.NEW)
            self.assertEqual(response.status_code, 302)
        self.assertEqual(EvidenceLink.objects.filter(update=draft).count(), 1)

    def test_taking_away_keeps_the_words(self) -> None:
        draft = self.drafted()
        link = link_evidence(
            to=draft, by=self.staff, stance="supports", evidence=self.make_evidence()
        )
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        window.send("update-evidence-remove", draft.pk, link.pk, remaining="Typed just now.")
        draft.refresh_from_db()
        link.refresh_from_db()
        self.assertEqual(draft.remaining, "Typed just now.")
        self.assertIsNotNone(link.removed_at)

    def test_what_a_colleague_set_against_it_stays(self) -> None:
        draft = self.drafted()
        update = submit(update=draft, by=self.staff, expected_version=draft.version)
        link = link_evidence(
            to=update, by=self.manager, stance="undermines", evidence=self.make_evidence()
        )
        decisions.return_update(update=update, by=self.manager, note="See it.")
        window = Browser(self.staff)
        page = window.open("update-detail", draft.pk)
        self.assertNotContains(page, reverse("update-evidence-remove", args=[draft.pk, link.pk]))
        response = window.send("update-evidence-remove", draft.pk, link.pk)
        self.assertEqual(response.status_code, 403)


class HandOverTests(WritingTestCase):
    def test_words_in_the_form_go_along(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        response = window.send(
            "update-hand-over", draft.pk, to=self.manager.pk, remaining="Yours to say."
        )
        self.assertRedirects(response, reverse("my-work"))
        draft.refresh_from_db()
        self.assertEqual((draft.author, draft.remaining), (self.manager, "Yours to say."))

    def test_without_a_person_the_words_are_saved_all_the_same(self) -> None:
        draft = self.drafted()
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        response = window.send("update-hand-over", draft.pk, to="", remaining="Kept.")
        self.assertAnswers(response, 400, "Choose a person.")
        draft.refresh_from_db()
        self.assertEqual(draft.remaining, "Kept.")

    def test_only_people_who_may_log_there_are_offered(self) -> None:
        draft = self.drafted()
        page = Browser(self.staff).open("update-detail", draft.pk)
        offered = set(page.context["hand_over_form"].fields["to"].queryset)
        self.assertEqual(offered, {self.manager, self.other_manager})
