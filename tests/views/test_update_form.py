"""The form of an update: what it asks, what it says beforehand, and where its buttons lead."""

import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recommendations.actions.updates import decisions
from recommendations.choices import UpdateState
from recommendations.models import (
    Addressee,
    AuditEvent,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
)
from tests.base import days_ago, link_evidence
from tests.views.pages import counting
from tests.views.test_budgets import MOST_SQL_OF_A_TAB
from tests.views.writing import Browser, WritingTestCase

HISTORY = "This update will become part of the history."
SUPPORT = "at least one supporting evidence item"


class NewUpdateTests(WritingTestCase):
    def set(self, **values: Any) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(**values)

    def test_first_update_says_that_there_is_none_before_and_answers_nothing(self) -> None:
        response = Browser(self.staff).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "No earlier update", "Status", "As of")
        self.assertNotContains(response, "Current: ")
        form = response.context["form"]
        self.assertEqual({form[n].value() for n in ("implementation_status", "confidence")}, {""})

    def test_the_one_in_force_is_read_as_it_is_kept(self) -> None:
        first = self.make_approved(self.recommendation, what_happened="The first step.")
        self.make_approved(self.recommendation, what_happened="The second step.")
        self.set(current_update=first)
        response = Browser(self.staff).open("update-new", "REP-1")
        basis = f'id="id_basis" value="{first.pk}"'
        self.assertAnswers(response, 200, "The first step.", "Current: In progress", basis)
        self.assertNotContains(response, "The second step.")

    def test_the_form_takes_few_and_short_statements_and_tells_what_was_recorded_since(self):
        update = self.make_approved(self.recommendation)
        link_evidence(to=update, by=self.manager, evidence=self.make_evidence(), stance="supports")
        browser = Browser(self.manager)
        with CaptureQueriesContext(connection) as asked:
            browser.open("update-new", "REP-1")
        self.assertLessEqual(len(asked), 16)
        self.assertLess(max(len(query["sql"]) for query in asked), MOST_SQL_OF_A_TAB)
        self.make_approved(self.recommendation, by=self.other_manager, what_happened="Since then.")
        self.assertContains(browser.open("update-new", "REP-1"), "Since then.")

    def test_every_form_has_a_key_of_its_own(self) -> None:
        self.assertNotEqual(self.at().form["key"], self.at().form["key"])

    def test_own_open_draft_is_opened_instead_and_that_of_a_colleague_is_named(self) -> None:
        draft = self.drafted()
        response = Browser(self.staff).open("update-new", "REP-1", follow=True)
        self.assertRedirects(response, draft.get_absolute_url())
        self.assertContains(response, "You already started this update.")
        response = Browser(self.manager).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "Other open updates:", "Update by Staff")

    def test_asks_for_the_target_date_and_names_the_reviewer(self) -> None:
        self.set(target_date="2031-12-31", reviewer=self.manager)
        words = ("Delivery by 31 December 2031", "Submit to Manager", "Reviewer: Manager")
        self.assertAnswers(Browser(self.staff).open("update-new", "REP-1"), 200, *words)


class AddresseeTests(WritingTestCase):
    def test_one_addressee_instead_of_all(self) -> None:
        about = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        self.drafted()  # of all: that does not stand in the way
        window, query = Browser(self.staff), f"?addressee={about.pk}"
        response = window.open("update-new", "REP-1", query=query)
        self.assertAnswers(
            response, 200, "Agency B", "Report for all addressees or for another one"
        )
        window.send("update-new", "REP-1", query=query, move="submit", **self.WORDS)
        self.assertEqual(self.latest().addressee, about)

    def test_unknown_addressee_is_missing(self) -> None:
        other = self.make_recommendation("Another thing")
        elsewhere = Addressee.objects.create(recommendation=other, organisation=self.agency)
        for wrong in ("0", "x", "9" * 40, "-1", str(elsewhere.pk), "%00"):
            response = Browser(self.staff).open("update-new", "REP-1", query=f"?addressee={wrong}")
            self.assertEqual(response.status_code, 404, wrong)


class SaveTests(WritingTestCase):
    def test_from_draft_to_submission_and_on_to_what_is_due_next(self) -> None:
        late = self.make_recommendation("Late thing").reference
        path = reverse("update-new", args=[late])
        due = f'<a href="{path}">Due next: log an update on {late}</a>'
        response = self.sent(implementation_status="", what_happened="One.\r\nTwo.")
        draft = self.latest()
        self.assertRedirects(response, draft.get_absolute_url())
        self.assertEqual((draft.state, draft.author), (UpdateState.DRAFT, self.staff))
        self.assertEqual((draft.what_happened, draft.confidence), ("One.\nTwo.", "not_rated"))
        window = Browser(self.staff)
        page = window.open("update-detail", draft.pk)
        self.assertAnswers(page, 200, "One.", "Draft saved")
        response = window.send("update-submit", draft.pk, implementation_status="in_progress")
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        self.assertRedirects(response, draft.get_absolute_url(), fetch_redirect_response=False)
        self.assertContains(window.open("update-detail", draft.pk), due, html=True)
        window.open("update-new", late)
        response = window.send("update-new", late, move="submit", **self.WORDS)
        self.assertNotContains(window.client.get(response.headers["location"]), "Due next")

    def test_what_is_finished_is_not_forecast(self) -> None:
        values = {"implementation_status": "superseded", "closing_reason": "Replaced."}
        self.assertEqual(self.drafted(confidence="green", **values).confidence, "not_rated")

    def test_without_a_status_it_cannot_be_submitted(self) -> None:
        response = self.sent("submit", implementation_status="", what_happened="Some words.")
        said = ("Choose an implementation status.", "Some words.", "Error:")
        self.assertAnswers(response, 400, *said)
        self.assertFalse(StatusUpdate.objects.exists())

    def test_what_a_script_leaves_out_stays_and_the_same_again_writes_nothing(self) -> None:
        draft = self.drafted(remaining="The rest.")
        Browser(self.staff).post(
            "update-save", draft.pk, version=draft.version, what_happened="Other words."
        )
        draft = self.latest()
        self.assertEqual((draft.what_happened, draft.remaining), ("Other words.", "The rest."))
        window, before = self.at("update-detail", draft.pk), AuditEvent.objects.count()
        window.send("update-save", draft.pk)
        self.assertNothingWritten(before)


class BeforehandTests(WritingTestCase):
    """What the page of a draft says before it is submitted; submitting works all the same."""

    def open(self, draft: StatusUpdate) -> Any:
        return Browser(self.staff).open("update-detail", draft.pk)

    def test_what_approval_needs_and_which_parts_hold_something(self) -> None:
        values = {"confidence": "amber", "issue": "The permit."}
        page = self.open(self.drafted(implementation_status="partly_implemented", **values))
        self.assertAnswers(page, 200, "Missing for approval:", SUPPORT, "remaining work")
        self.assertAnswers(page, 200, "when-amber is-kept", 'when-red"')

    def test_submit_stops_once_and_names_no_more_than_is_missing(self) -> None:
        draft = self.drafted(confidence="amber", issue="The permit.")
        window = self.at("update-detail", draft.pk)
        page = window.send("update-submit", draft.pk)
        self.assertAnswers(page, 200, "Submit anyway", "Go back")
        missing = re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', page.content.decode())
        self.assertEqual(
            missing,
            [
                ("id_response_action", "the corrective action"),
                ("id_response_owner", "the owner of the corrective action"),
            ],
        )
        self.assertEqual(self.latest().state, UpdateState.DRAFT)
        # What the author was not asked about stops it again.
        page = window.send("update-submit", draft.pk, issue="")
        self.assertAnswers(page, 200, "Submit anyway", "the issue")
        self.assertRedirects(window.send("update-submit", draft.pk), draft.get_absolute_url())
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)

    def test_a_draft_that_is_saved_in_the_background_is_not_taken_as_asked(self) -> None:
        draft = self.drafted(implementation_status="partly_implemented")
        page = self.at("update-detail", draft.pk).send("update-autosave", draft.pk)
        self.assertAnswers(page, 200, "Missing for approval:", SUPPORT)
        self.assertNotContains(page, "Submit anyway")
        self.assertNotContains(page, 'name="told"')

    def test_a_late_update_becomes_history_and_a_newer_does_not(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(10))
        draft = self.drafted(as_of=days_ago(40).isoformat())
        self.assertContains(self.open(draft), HISTORY)
        StatusUpdate.objects.filter(pk=draft.pk).update(as_of=days_ago(0))
        self.assertNotContains(self.open(draft), HISTORY)

    def test_newer_basis_is_shown_and_taken_as_read(self) -> None:
        draft = self.drafted()
        newer = self.make_approved(self.recommendation, by=self.other_manager)
        window = self.at("update-detail", draft.pk)
        told = "Another update was approved after you started."
        self.assertContains(self.open(draft), told)
        window.send("update-save", draft.pk, remaining="Much.")
        self.assertEqual(StatusUpdate.objects.get(pk=draft.pk).based_on, newer)

    def test_retracted_basis_is_taken_as_read_too(self) -> None:
        only = self.make_approved(self.recommendation)
        draft = self.drafted()
        self.assertEqual(draft.based_on, only)
        retraction = decisions.retract(update=only, by=self.staff, reason="Wrong day.")
        decisions.approve_update(update=retraction, by=self.manager)
        self.assertContains(self.open(draft), "No earlier update")
        self.at("update-detail", draft.pk).send("update-submit", draft.pk)
        draft.refresh_from_db()
        self.assertIsNone(draft.based_on)
        decisions.approve_update(update=draft, by=self.manager)

    def test_returned_update_shows_the_note_to_its_author(self) -> None:
        update = self.make_submitted(self.recommendation)
        decisions.return_update(update=update, by=self.manager, note="Which meeting?")
        self.assertAnswers(self.open(update), 200, "Manager returned this", "Which meeting?")


class EvidenceTests(WritingTestCase):
    NEW = {
        "evidence__title": "The permit",
        "evidence__url": "https://example.org/permit",
        "evidence__stance": "supports",
    }

    def test_it_is_added_whichever_button_is_pressed_with_the_words_and_once(self) -> None:
        for move, state in (("evidence", UpdateState.DRAFT), ("submit", UpdateState.SUBMITTED)):
            with self.subTest(move):
                response = self.sent(move, **self.NEW)
                draft = self.latest()
                link = EvidenceLink.objects.get(update=draft)
                self.assertEqual((link.evidence.title, link.stance), ("The permit", "supports"))
                self.assertEqual(
                    (draft.state, draft.what_happened), (state, "A meeting took place.")
                )
                if move == "evidence":
                    self.assertEqual(response.url, f"{draft.get_absolute_url()}#evidence")
                    window = self.at("update-detail", draft.pk)
                    again = window.send("update-evidence", draft.pk, remaining="Much.", **self.NEW)
                    self.assertEqual(again.status_code, 302)
                    self.assertEqual(EvidenceLink.objects.count(), 1)
                    window.post("update-withdraw", draft.pk, version=draft.version + 1)

    def test_a_link_is_a_web_page_unless_told_otherwise_and_as_visible_as_was_chosen(self) -> None:
        draft = self.drafted()
        for title, kind, visibility, kept in (
            ("The law", "", "public", "web_page"),
            ("The minutes", "", "internal", "web_page"),
            ("The figures", "dataset", "public", "dataset"),
        ):
            given = {"evidence__kind": kind, "evidence__visibility": visibility}
            window = self.at("update-detail", draft.pk)
            window.send(
                "update-evidence", draft.pk, **{**self.NEW, **given, "evidence__title": title}
            )
            item = EvidenceLink.objects.get(update=draft, evidence__title=title).evidence
            self.assertEqual((item.kind, item.visibility), (kept, visibility))

    def test_incomplete_evidence_saves_the_words_and_goes_no_further(self) -> None:
        response = self.sent("submit", evidence__title="The permit")
        self.assertAnswers(response, 400, "Enter a web address or a citation", "The permit")
        draft = self.latest()
        self.assertEqual(
            (draft.state, draft.what_happened), (UpdateState.DRAFT, "A meeting took place.")
        )

    def test_recorded_item_is_picked_and_taken_away_with_the_words(self) -> None:
        draft, item = self.drafted(), self.make_evidence("A survey")
        window = self.at("update-detail", draft.pk)
        picked = {"evidence__existing": item.pk, "evidence__stance": "undermines"}
        window.send("update-evidence", draft.pk, **picked)
        link = EvidenceLink.objects.get(update=draft)
        self.assertEqual((link.evidence, link.stance), (item, "undermines"))
        window = self.at("update-detail", draft.pk)
        window.send("update-evidence-remove", draft.pk, link.pk, remaining="Typed just now.")
        link.refresh_from_db()
        self.assertIsNotNone(link.removed_at)
        self.assertEqual(self.latest().remaining, "Typed just now.")

    def test_what_a_colleague_set_against_it_stays(self) -> None:
        update, item = self.make_submitted(self.recommendation), self.make_evidence()
        link = link_evidence(to=update, by=self.manager, stance="undermines", evidence=item)
        decisions.return_update(update=update, by=self.manager, note="See it.")
        window = self.at("update-detail", update.pk)
        page, remove = window.open("update-detail", update.pk), "update-evidence-remove"
        self.assertNotContains(page, reverse(remove, args=[update.pk, link.pk]))
        self.assertEqual(window.send(remove, update.pk, link.pk).status_code, 403)


class OfferTests(WritingTestCase):
    """What supports the current update is offered to the next, each item to keep or drop."""

    approved: StatusUpdate
    letter: EvidenceLink
    permit: EvidenceLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.make_approved(cls.recommendation)
        cls.letter, cls.permit = cls.support("Letter"), cls.support("Permit")

    @classmethod
    def support(cls, title: str, stance: str = "supports") -> EvidenceLink:
        evidence = cls.make_evidence(title)
        return link_evidence(to=cls.approved, by=cls.manager, stance=stance, evidence=evidence)

    def ticks(self, page: Any) -> dict[str, bool]:
        """The offered items by title, and whether each is ticked; each has its hidden field."""
        html, found = page.content.decode(), {}
        for offer in page.context["offers"]:
            [box] = re.findall(rf'<input[^>]*id="keep-{offer.row.pk}"[^>]*>', html)
            hidden = f'<input type="hidden" name="offered" value="{offer.row.pk}"'
            self.assertIn(f'{hidden} form="update-form">', html)
            found[offer.row.evidence.title] = "checked" in box
        return found

    def kept(self, *kept: EvidenceLink) -> dict[str, list[int]]:
        offered = [self.letter.pk, self.permit.pk]
        return {"offered": offered, "keep": [link.pk for link in kept]}

    def titles(self) -> list[str]:
        links = self.latest().evidence_links.live().select_related("evidence")
        return [link.evidence.title for link in links]

    def test_all_are_ticked_at_first_and_the_choice_is_saved_and_shown_again(self) -> None:
        window = Browser(self.staff)
        page = window.open("update-new", "REP-1")
        self.assertEqual(self.ticks(page), {"Letter": True, "Permit": True})
        self.sent(**self.kept(self.letter))
        self.assertEqual(self.titles(), ["Letter"])
        page = window.open("update-detail", self.latest().pk)
        self.assertEqual(self.ticks(page), {"Letter": True, "Permit": False})
        self.assertEqual(page.context["claims"], [])

    def test_saving_in_the_background_and_sending_twice_keep_it_once(self) -> None:
        window = self.at()
        window.send("update-new-autosave", "REP-1", **self.WORDS, **self.kept(self.permit))
        self.assertEqual(self.titles(), ["Permit"])
        for _press in range(2):
            window.send("update-new", "REP-1", move="submit", **self.kept(self.letter))
        self.assertEqual((self.latest().state, self.titles()), ("submitted", ["Letter"]))
        self.assertEqual(StatusUpdate.objects.count(), 2)

    def test_a_form_that_is_refused_comes_back_with_its_ticks(self) -> None:
        page = self.sent(as_of="tomorrow", **self.kept(self.permit))
        self.assertEqual(page.status_code, 400)
        self.assertEqual(self.ticks(page), {"Letter": False, "Permit": True})

    def test_kept_support_counts_for_what_approval_needs(self) -> None:
        self.sent(implementation_status="partly_implemented", **self.kept())
        pk = self.latest().pk
        window = self.at("update-detail", pk)
        self.assertContains(window.open("update-detail", pk), SUPPORT)
        window.send("update-save", pk, **self.kept(self.letter))
        self.assertNotContains(window.open("update-detail", pk), SUPPORT)

    def test_an_open_contradiction_is_shown_to_the_author_without_a_button(self) -> None:
        self.support("A count", "undermines")
        window = Browser(self.staff)
        new = window.open("update-new", "REP-1")
        draft = self.drafted()
        self.support("A late count", "undermines")
        begun = window.open("update-detail", draft.pk)
        told = "This contradiction is carried forward until answered or removed"
        for page, titles in ((new, ["A count"]), (begun, ["A count", "A late count"])):
            self.assertEqual([row.evidence.title for row in page.context["claims"]], titles)
            self.assertContains(page, told, count=len(titles))
            self.assertNotContains(page, "/remove/")

    def test_queries_do_not_grow_with_what_is_offered(self) -> None:
        window, pk, asked = Browser(self.staff), self.drafted().pk, []
        for titles in ((), ("1", "2", "3", "4")):
            for title in titles:
                self.support(title)
            window.open("update-detail", pk)
            with counting() as captured:
                window.open("update-detail", pk)
            asked.append(len(captured))
        self.assertEqual(asked[0], asked[1])


class HandOverTests(WritingTestCase):
    def test_the_words_in_the_form_go_along_or_are_saved_where_a_person_is_missing(self) -> None:
        draft = self.drafted()
        window = self.at("update-detail", draft.pk)
        page = window.open("update-detail", draft.pk)
        offered = set(page.context["hand_over_form"].fields["to"].queryset)
        self.assertEqual(offered, {self.manager, self.other_manager})
        response = window.send("update-hand-over", draft.pk, to="", remaining="Kept.")
        self.assertAnswers(response, 400, "Choose a person.")
        self.assertEqual(self.latest().remaining, "Kept.")
        window.open("update-detail", draft.pk)
        response = window.send("update-hand-over", draft.pk, to=self.manager.pk, remaining="Yours.")
        self.assertRedirects(response, reverse("my-work"))
        draft = self.latest()
        self.assertEqual((draft.author, draft.remaining), (self.manager, "Yours."))
        answer = Browser(self.manager).post(
            "update-hand-over", draft.pk, version=draft.version, to=self.other_manager.pk
        )
        self.assertEqual((answer.status_code, self.latest().author), (302, self.other_manager))
        for to in (self.viewer.pk, 10**9, "x", ""):
            sent = {"version": self.latest().version, "to": to}
            answer = Browser(self.manager).post("update-hand-over", draft.pk, **sent)
            self.assertEqual((answer.status_code, self.latest().author), (400, self.other_manager))
