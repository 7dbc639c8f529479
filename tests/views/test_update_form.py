"""The form of an update: what it asks, says and records, and that nothing is lost."""

import re
import threading
from datetime import date, timedelta
from typing import Any
from unittest import mock

from django.db import close_old_connections, connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import dates, indicators, responses
from recommendations.actions.updates import decisions
from recommendations.choices import ActionState, DateChangeState, UpdateState
from recommendations.models import (
    Action,
    Addressee,
    Area,
    AuditEvent,
    AuditText,
    Comment,
    DraftEntries,
    EvidenceLink,
    Indicator,
    Observation,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.views.updates import form as form_views
from tests.base import RaceTestCase, days_ago, link_evidence
from tests.edits import edit, redact
from tests.updates import submit
from tests.views.writing import Browser, WritingTestCase


class NewUpdateTests(WritingTestCase):
    def set(self, **values: Any) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(**values)

    def test_the_one_in_force_is_read_as_it_is_kept(self) -> None:
        first = self.make_approved(self.recommendation, what_happened="The first step.")
        self.make_approved(self.recommendation, what_happened="The second step.")
        self.set(current_update=first)
        response = Browser(self.staff).open("update-new", "REP-1")
        basis = f'id="id_basis" value="{first.pk}"'
        self.assertAnswers(response, 200, "The first step.", "Current: In progress", basis)
        self.assertNotContains(response, "The second step.")
        form = response.context["form"]  # which answers nothing by itself
        self.assertEqual({form[n].value() for n in ("implementation_status", "confidence")}, {""})

    def test_own_open_draft_is_opened_instead_and_that_of_a_colleague_is_named(self) -> None:
        draft = self.drafted()
        response = Browser(self.staff).open("update-new", "REP-1", follow=True)
        self.assertRedirects(response, draft.get_absolute_url())
        self.assertContains(response, "You already started this update.")
        response = Browser(self.manager).open("update-new", "REP-1")
        self.assertAnswers(response, 200, "Other open updates:", "Update by Staff")


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
        with mock.patch.object(form_views, "MOST_OPTIONS", 0):
            response = window.open("update-new", "REP-1", query=query)
        self.assertAnswers(response, 200, "Report for", "All addressees")
        self.assertContains(response, f'<option value="{about.pk}" selected>')

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

    def test_submit_stops_once_and_names_no_more_than_is_missing(self) -> None:
        draft = self.drafted(confidence="amber", issue="The permit.")
        window = self.at("update-detail", draft.pk)
        page = window.send("update-submit", draft.pk)
        self.assertAnswers(page, 200, "Submit anyway", "Go back")
        missing = re.findall(r'<li><a href="#(\w+)">([^<]+)</a></li>', page.content.decode())
        self.assertEqual(
            missing,
            [
                ("id_response_action", "Corrective action"),
                ("id_response_owner", "Owner of the corrective action"),
            ],
        )
        self.assertEqual(self.latest().state, UpdateState.DRAFT)
        # What the author was not asked about stops it again.
        page = window.send("update-submit", draft.pk, issue="")
        self.assertAnswers(page, 200, "Submit anyway", "Issue")
        self.assertRedirects(window.send("update-submit", draft.pk), draft.get_absolute_url())
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)

    def test_newer_basis_is_shown_and_taken_as_read(self) -> None:
        draft = self.drafted()
        newer = self.make_approved(self.recommendation, by=self.other_manager)
        window = self.at("update-detail", draft.pk)
        told = "Another update was approved after you started."
        self.assertContains(self.open(draft), told)
        window.send("update-save", draft.pk, remaining="Much.")
        self.assertEqual(StatusUpdate.objects.get(pk=draft.pk).based_on, newer)


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


class ChosenTests(WritingTestCase):
    def test_an_item_that_was_rewritten_meanwhile_is_refused_with_both_texts(self) -> None:
        draft, item = self.drafted(), self.make_evidence("A survey", url="https://example.org/a")
        window = self.at("update-detail", draft.pk)
        edit(item, self.manager, title="An advertisement", url="https://example.org/b")
        picked = {"evidence__existing": item.pk, "evidence__stance": "supports"}
        answer = window.send("update-evidence", draft.pk, remaining="Typed just now.", **picked)
        texts = ("A survey", "An advertisement", "https://example.org/a", "https://example.org/b")
        self.assertAnswers(answer, 409, *texts, "Typed just now.")
        self.assertEqual(EvidenceLink.objects.filter(update=draft).count(), 0)
        self.assertEqual(window.send("update-evidence", draft.pk, **picked).status_code, 302)
        self.assertEqual(EvidenceLink.objects.get(update=draft).evidence, item)


class ReturnedTests(WritingTestCase):
    def test_its_form_is_headed_so_and_asks_who_may_answer_what_the_author_may_not(self) -> None:
        update = self.make_submitted(self.recommendation)
        note = self.make_evidence("A count")
        link_evidence(to=update, by=self.manager, stance="undermines", evidence=note)
        note_to_author = "Answer the count."
        decisions.return_update(update=update, by=self.manager, note=note_to_author)
        window = Browser(self.staff)
        page = window.open("update-detail", update.pk)
        self.assertAnswers(page, 200, "Revise the returned update", note_to_author)
        self.assertEqual(
            set(page.context["askable"]),
            {self.manager, self.other_manager},
        )
        answer = window.post(
            "update-comments", update.pk, text="@other_manager Please answer the evidence."
        )
        self.assertEqual(answer.status_code, 302)
        [comment] = Comment.objects.all()
        self.assertEqual(list(comment.mentions.all()), [self.other_manager])

    def test_a_submitted_update_has_no_button_that_removes_its_evidence(self) -> None:
        draft = self.drafted()
        link_evidence(to=draft, by=self.staff, stance="supports", evidence=self.make_evidence())
        submit(update=draft, by=self.staff, expected_version=draft.version)
        page = Browser(self.staff).open("update-detail", draft.pk)
        self.assertContains(page, "Submitted on")
        self.assertNotContains(page, "Confirm removal")
        self.assertNotContains(page, ">Actions<")


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

    def test_a_form_that_is_refused_comes_back_with_its_ticks(self) -> None:
        page = self.sent(as_of="tomorrow", **self.kept(self.permit))
        self.assertEqual(page.status_code, 400)
        self.assertEqual(self.ticks(page), {"Letter": False, "Permit": True})


class HandOverTests(WritingTestCase):
    def test_the_words_in_the_form_go_along_or_are_saved_where_a_person_is_missing(self) -> None:
        draft = self.drafted()
        window = self.at("update-detail", draft.pk)
        page = window.open("update-detail", draft.pk)
        offered = set(page.context["hand_over_form"].fields["to"].queryset)
        self.assertEqual(offered, {self.manager, self.other_manager})
        response = window.send("update-hand-over", draft.pk, to="", remaining="Kept.")
        self.assertAnswers(response, 400, "Choose a person")
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


SAVED = "Draft saved at"


class AutosaveTests(WritingTestCase):
    """It keeps what can be kept, says so, and never stands in the way."""

    def setUp(self) -> None:
        self.window = self.at()

    def save(self, **typed: Any) -> Any:
        """What htmx sends; the hidden fields of the answer go into the window."""
        return self.window.send("update-new-autosave", "REP-1", **typed)

    def test_the_draft_begins_with_the_first_words_and_grows(self) -> None:
        nothing = self.save(what_happened="   ")
        self.assertEqual((nothing.status_code, nothing.content), (200, b""))
        self.assertFalse(StatusUpdate.objects.exists())
        response = self.save(what_happened="A first word.")
        draft = self.latest()
        self.assertAnswers(response, 200, SAVED, 'hx-swap-oob="true"')
        self.assertEqual(response["HX-Replace-Url"], draft.get_absolute_url())
        before = AuditEvent.objects.count()
        self.assertContains(self.save(), SAVED)
        self.assertNothingWritten(before)
        self.save(what_happened="A first word, and a second.")
        draft = StatusUpdate.objects.get()
        self.assertEqual(
            (draft.what_happened, draft.state), ("A first word, and a second.", "draft")
        )
        window = self.at("update-detail", draft.pk)
        self.assertContains(window.send("update-autosave", draft.pk, remaining="Much."), SAVED)
        self.assertEqual(self.latest().remaining, "Much.")

    def test_a_press_that_overtakes_its_own_saving_is_no_conflict(self) -> None:
        """The answer to the saving, with the new version, had not arrived at the page yet."""
        self.save(**self.WORDS)
        before = dict(self.window.form)
        self.save(remaining="Much.")
        self.window.form = {**before, "remaining": "Much."}
        response = self.window.send("update-new", "REP-1", move="submit")
        self.assertEqual((response.status_code, self.latest().state), (302, "submitted"))
        self.assertEqual(self.save(what_happened="Later words.").status_code, 200)
        self.assertEqual(self.latest().what_happened, self.WORDS["what_happened"])

    def test_a_field_that_cannot_be_saved_is_named_and_the_rest_is_saved(self) -> None:
        self.save(what_happened="Words.", implementation_status="in_progress")
        draft = self.latest()
        for name, wrong, label in (
            ("completed_on", "2999-01-01", "Completion date"),
            ("what_happened", "x" * 200_000, "Progress since the last update"),
            ("as_of", "", "As of"),
        ):
            with self.subTest(name):
                response = self.save(remaining=f"Beside {name}.", **{name: wrong})
                self.assertContains(response, f"except: {label}")
                now = self.latest()
                self.assertEqual(now.remaining, f"Beside {name}.")
                self.assertEqual(getattr(now, name), getattr(draft, name))
                self.window.form[name] = str(getattr(draft, name) or "")

    def test_another_window_is_not_overwritten(self) -> None:
        self.save(what_happened="Mine.")
        other = self.at("update-detail", self.latest().pk)
        other.send("update-save", self.latest().pk, what_happened="Theirs.")
        told = "Not saved: the draft was changed elsewhere. Press “Save draft” to compare the"
        self.assertContains(self.save(what_happened="Mine, longer."), told)
        self.assertEqual(self.latest().what_happened, "Theirs.")

    def test_signed_out_or_without_a_key_it_says_that_nothing_is_saved(self) -> None:
        draft = self.drafted()
        for address in (("update-autosave", draft.pk), ("update-new-autosave", "REP-1")):
            response = Browser().post(*address, what_happened="Words.")
            self.assertAnswers(response, 200, "you are signed out")
        self.window.form["key"] = "x"
        self.assertContains(self.save(what_happened="Words."), "Not saved")
        draft = StatusUpdate.objects.get()
        self.assertEqual(draft.what_happened, self.WORDS["what_happened"])


class TwoWindowsTests(WritingTestCase):
    FIRST, SECOND = "From the first window.", "From the second window."

    def setUp(self) -> None:
        self.draft = self.drafted()
        windows = (self.at("update-detail", self.draft.pk) for _window in range(3))
        self.first, self.second, self.third = windows
        self.first.send("update-save", self.draft.pk, what_happened=self.FIRST)

    def second_sends(self, move: str = "save", **typed: Any) -> Any:
        answer = self.second.send(f"update-{move}", self.draft.pk, **typed)
        self.draft.refresh_from_db()
        return answer

    def test_the_second_sees_both_texts_and_saves_again_on_purpose(self) -> None:
        before = AuditEvent.objects.count()
        for window, move in ((self.third, "submit"), (self.second, "save")):
            answer = window.send(f"update-{move}", self.draft.pk, what_happened=self.SECOND)
            told = ("This draft was saved elsewhere", self.FIRST, self.SECOND)
            self.assertAnswers(answer, 409, *told)
            self.assertEqual(answer.context["form"]["what_happened"].value(), self.SECOND)
            self.assertNothingWritten(before)
        self.assertRedirects(self.second_sends(), self.draft.get_absolute_url())
        self.assertEqual(self.draft.what_happened, self.SECOND)

    def test_unreadable_version_overwrites_nothing(self) -> None:
        for version in ("", "x", "-1", "9" * 30, "1.0", "\x00"):
            answer = self.second_sends(version=version, what_happened="Mine.")
            self.assertEqual(answer.status_code, 409, repr(version))
        self.assertEqual(self.draft.what_happened, self.FIRST)

    def test_words_typed_over_a_submitted_update_are_shown(self) -> None:
        self.first.open("update-detail", self.draft.pk)
        self.first.send("update-submit", self.draft.pk)
        answer = self.second_sends(what_happened="Too late.")
        self.assertAnswers(answer, 409, "This update has changed", "Too late.")


class DoubleClickTests(WritingTestCase):
    """A second press is told that the first counted, and nothing is written twice."""

    def test_of_every_button(self) -> None:
        approved = self.make_approved(self.make_recommendation("Another"))
        about = approved.recommendation.reference
        new, drafted = self.at(), self.drafted(by=self.manager)
        for name, of, by, typed, told in (
            ("update-new", "REP-1", self.staff, {**new.form, **self.WORDS, "move": "submit"},
             "The update was already submitted with your entries. No duplicate was created."),
            ("update-submit", drafted.pk, self.manager, None, "already submitted"),
            ("update-no-change", about, self.staff, {}, "already submitted"),
            ("update-retract", approved.pk, self.manager, {"reason": "So."}, "already submitted"),
            ("update-withdraw", self.drafted().pk, self.staff, {"version": 1}, "withdrawn since"),
        ):  # fmt: skip
            with self.subTest(name):
                data = self.at("update-detail", of, by).form if typed is None else typed
                window = Browser(by)
                self.assertEqual(window.post(name, of, **data).status_code, 302)
                before = AuditEvent.objects.count()
                self.assertAnswers(window.post(name, of, **data), 409, told)
                self.assertNothingWritten(before)

    def test_a_key_of_another_persons_update_or_one_that_is_none_begins_nothing(self) -> None:
        theirs = self.drafted(by=self.manager)
        self.assertEqual(self.sent(key=str(theirs.key)).status_code, 409)
        told = "The form was received incomplete. Check it and send it again."
        for key in ("", "x", "\x00", "0" * 200):
            answer = self.sent("submit", key=key)
            self.assertAnswers(answer, 400, told, "A meeting took place.")
        self.assertEqual(StatusUpdate.objects.count(), 1)


class PressesAtOnceTests(RaceTestCase):
    """Presses that arrive together, on connections of their own."""

    def setUp(self) -> None:
        super().setUp()
        self.about = self.make_recommendation()

    def together(self, press: Any, times: int = 6) -> list[int]:
        """Run ``press`` in threads that start at once; returns the statuses, sorted."""
        gate, found = threading.Barrier(times), []

        def run() -> None:
            try:
                gate.wait()
                found.append(press())
            finally:
                close_old_connections()
                connections.close_all()

        threads = [threading.Thread(target=run) for _time in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(found)

    def test_one_new_form_sent_six_times_at_once(self) -> None:
        window, of = Browser(self.staff), self.about.reference
        window.open("update-new", of)
        typed = {"evidence__title": "The permit", "evidence__url": "https://example.org/p"}
        typed |= {**WritingTestCase.WORDS, "move": "submit"}

        def press() -> int:
            return int(window.send("update-new", of, **typed).status_code)

        self.assertEqual(self.together(press), [302, *[409] * 5])
        self.assertEqual(StatusUpdate.objects.get().state, UpdateState.SUBMITTED)
        self.assertEqual(EvidenceLink.objects.count(), 1)

    def no_change(self) -> Any:
        self.make_approved(self.about)
        window = Browser(self.staff)
        return lambda: int(window.post("update-no-change", self.about.reference).status_code)

    def test_no_change_pressed_six_times_at_once(self) -> None:
        self.assertEqual(self.together(self.no_change()), [302, *[409] * 5])
        self.assertEqual(StatusUpdate.objects.filter(kind="no_change").count(), 1)

    def test_no_change_that_lands_between_the_look_at_the_recommendation_and_the_lock(self) -> None:
        press, landed = self.no_change(), []

        def land_after_the_first_look(execute: Any, sql: str, *rest: Any) -> Any:
            found = execute(sql, *rest)
            if sql.startswith('SELECT "recommendations_recommendation"') and not landed:
                landed.append(302)
                self.assertEqual(self.together(press, times=1), landed)
            return found

        with connection.execute_wrapper(land_after_the_first_look):
            self.assertEqual(press(), 409)
        self.assertEqual(landed, [302])
        self.assertEqual(StatusUpdate.objects.filter(kind="no_change").count(), 1)


REASON = "The roadmap came late."


class CompanionsTestCase(WritingTestCase):
    action: Action
    indicator: Indicator
    area: Area

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        about: dict[str, Any] = {"recommendation": cls.recommendation, "by": cls.manager}
        cls.action = cls.add_action("Agree on the roadmap")
        dates.set_first(**about, new_date=date(2031, 12, 31), reason="As agreed.")
        cls.area, cls.indicator = cls.make_area(), cls.make_indicator("JOIN")
        ends = {"recommendation": cls.recommendation, "indicator": cls.indicator}
        indicators.link_indicator(by=cls.manager, values={**ends, "relation": "outcome"})
        of = {"indicator": cls.indicator, "area": cls.area, "period": "2024"}
        indicators.observe(**of, by=cls.manager, values={"value": 12})
        step, value = f"with-action_{cls.action.pk}", f"with-value_{cls.indicator.pk}"
        cls.step, cls.value = step, value
        cls.fields: dict[str, Any] = {
            step: "on",
            f"{step}_on": days_ago(3).isoformat(),
            f"{step}_version": cls.action.version,
            value: "15",
            f"{value}_period": "2025",
            "with-new_date": "2032-06-30",
            "with-date_reason": REASON,
            "with-dates": "1",
        }

    @classmethod
    def add_action(cls, title: str) -> Action:
        values = {"title": title, "state": ActionState.NOT_STARTED}
        return responses.add_action(
            recommendation=cls.recommendation, by=cls.manager, values=values
        )

    def submit(self, **changed: Any) -> Any:
        return self.sent("submit", **{**self.fields, **changed})

    def change_action(self, **values: Any) -> None:
        responses.change_action(
            action=self.action,
            by=self.manager,
            expected_version=self.action.version,
            values=values,
        )

    def assertNothingDone(self) -> None:
        self.assertEqual(Action.objects.get().done_on, None)
        self.assertEqual(Observation.objects.count(), 1)
        self.assertEqual(TargetDateChange.objects.count(), 1)


class SubmissionTests(CompanionsTestCase):
    def test_what_is_open_is_offered_and_recorded_with_the_submission(self) -> None:
        offered = (
            "Agree on the roadmap",
            "Latest value: 12 (All areas, 2024)",
            "Current target date: 31 December 2031.",
        )
        self.assertAnswers(Browser(self.staff).open("update-new", "REP-1"), 200, *offered)
        other = {"with-action_999": "on", "with-value_x": "1", "with-action_٣": "on"}
        self.assertEqual(self.submit(**other).status_code, 302)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        step = Action.objects.get()
        self.assertEqual((step.state, step.done_on), ("done", days_ago(3)))
        value = Observation.objects.get(period="2025")
        self.assertEqual((value.value, value.area, value.recorded_by), (15, self.area, self.staff))
        asked = TargetDateChange.objects.get(number=1)
        self.assertEqual((asked.new_date, asked.requested_by), (date(2032, 6, 30), self.staff))
        self.assertEqual(asked.state, DateChangeState.REQUESTED)

    def test_what_was_not_given_and_a_draft_record_none_of_it(self) -> None:
        self.sent("save", **self.fields)
        self.assertNothingDone()
        left = {name: v for name, v in self.fields.items() if name.endswith(("_on", "_version"))}
        self.sent("submit", by=self.manager, **left)
        self.assertEqual(self.latest().state, UpdateState.SUBMITTED)
        self.assertNothingDone()

    def test_a_form_for_one_addressee_offers_none(self) -> None:
        addressee = self.recommendation.addressees.create(organisation=self.agency)
        page = Browser(self.staff).open("update-new", "REP-1", query=f"?addressee={addressee.pk}")
        self.assertNotContains(page, "Agree on the roadmap")


class RefusalTests(CompanionsTestCase):
    def test_what_is_wrong_submits_nothing_and_keeps_the_words(self) -> None:
        """What changed meanwhile leaves no draft either; what was forgotten is kept in one."""
        later = {f"{self.step}_on": days_ago(-2).isoformat()}
        for status, words, changed in (
            (409, "The target date changed", {"with-dates": "0"}),
            (409, "This record was changed", {f"{self.value}_period": "2024"}),
            (400, "Correct the errors below", later),
            (400, "Enter the reason.", {"with-date_reason": ""}),
            (400, "Enter the new date.", {"with-new_date": ""}),
            (400, "Enter the period of the value.", {f"{self.value}_period": ""}),
            (400, "Enter the value.", {self.value: ""}),
            (400, "is not a period", {f"{self.value}_period": "soon"}),
            (400, "Enter the completion date.", {f"{self.step}_on": ""}),
        ):
            with self.subTest(words):
                StatusUpdate.objects.update(state=UpdateState.WITHDRAWN)
                before, events = StatusUpdate.objects.count(), AuditEvent.objects.count()
                answer = self.submit(**changed)
                self.assertAnswers(answer, status, words, "A meeting took place.")
                if {"", "soon"} & set(changed.values()):
                    self.assertEqual(self.latest().state, UpdateState.DRAFT)
                else:
                    self.assertNothingWritten(events)
                    self.assertEqual(StatusUpdate.objects.count(), before)
                self.assertNothingDone()

    def test_an_action_that_another_person_changed_or_closed(self) -> None:
        self.change_action(title="Agree on the plan")
        self.assertAnswers(self.submit(), 409, "This record was changed", "Agree on the plan")
        self.action.refresh_from_db()
        self.change_action(state=ActionState.DONE, done_on=days_ago(5))
        self.assertAnswers(self.submit(), 400, "This action is no longer open.")
        self.assertEqual(Action.objects.get().done_on, days_ago(5))


class DraftTests(CompanionsTestCase):
    """What is typed beside an update stays with its draft, and nowhere else."""

    def draft(self, **changed: Any) -> Browser:
        window = self.at()
        fields = {**self.WORDS, **self.fields, "with-number": "0", **changed}
        window.send("update-new-autosave", "REP-1", **fields)
        return window

    def test_it_is_there_again_and_told_nowhere_else(self) -> None:
        self.draft().client.logout()
        page = Browser(self.staff).open("update-detail", self.latest().pk)
        form = page.context["companions_form"]
        self.assertTrue(form[f"action_{self.action.pk}"].value())
        self.assertEqual(form[f"value_{self.indicator.pk}"].value(), "15")
        self.assertEqual(form["date_reason"].value(), REASON)
        self.assertNothingDone()
        self.assertFalse(AuditText.objects.filter(text__contains=REASON).exists())

    def test_it_goes_once_it_is_submitted_withdrawn_or_redacted(self) -> None:
        for verb in ("update-submit", "update-withdraw", "redact"):
            with self.subTest(verb):
                window = self.draft()
                update = self.latest()
                if verb == "redact":
                    redact("A meeting took place.", self.administrator)
                else:
                    page = window.open("update-detail", update.pk)
                    left = {"with-number": page.context["entries_number"]}
                    window.send(verb, update.pk, **left)
                    self.assertNotEqual(self.latest().state, UpdateState.DRAFT)
                self.assertFalse(DraftEntries.objects.exists())

    def test_two_windows_are_told_of_each_other(self) -> None:
        first = self.draft()
        update = self.latest()
        second = self.at("update-detail", update.pk)
        typed = {**self.fields, "with-number": "1"}
        second.send("update-save", update.pk, **typed | {"with-date_reason": "Another reason."})
        third = typed | {"with-date_reason": "A third reason."}
        page = first.send("update-save", update.pk, **third)
        self.assertAnswers(page, 409, "Another reason.", "A third reason.")
        self.assertEqual(DraftEntries.objects.get().content["date_reason"], "Another reason.")


MOST = 25 if connection.vendor == "postgresql" else 26
"""Statements of one of these requests, session and person included.

SQLite, to which there is no way to go, marks what was touched by two where PostgreSQL takes one.
"""


class WritingBudgetTests(WritingTestCase):
    before: StatusUpdate
    kept: int

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        past = timezone.now() - timedelta(days=90)
        cls.before = cls.make_approved(cls.recommendation, at=past, as_of=days_ago(91))
        cls.kept = cls.supported("Kept")

    @classmethod
    def supported(cls, title: str) -> int:
        """A link to the update in force, which the form of the next one offers to keep."""
        item = cls.make_evidence(title)
        return link_evidence(
            to=cls.before, by=cls.staff, evidence=item, stance="supports", why="It says so."
        ).pk

    def asked(self, window: Browser, name: str, update: StatusUpdate, **data: Any) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            response = window.post(name, update.pk, **data)
        self.assertEqual(response.status_code, 302, response.content)
        found = [query["sql"] for query in captured]
        return [sql for sql in found if not sql.startswith(("SAVEPOINT", "RELEASE"))]

    def written(self, evidence: int) -> tuple[StatusUpdate, list[str]]:
        """An update with so much evidence, and what its submission asked."""
        draft = self.drafted()
        for number in range(evidence):
            item = self.make_evidence(f"Item {StatusUpdate.objects.count()} {number}")
            link_evidence(to=draft, by=self.staff, evidence=item, stance="supports")
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        asked = self.asked(window, "update-submit", draft, **window.form)
        return draft, asked

    def decided(self, name: str, evidence: int) -> list[str]:
        update, _asked = self.written(evidence)
        window = Browser(self.manager)
        window.open("review-item", update.pk)
        return self.asked(window, name, update, note="Seen.")

    def test_a_submission_that_keeps_and_drops_evidence_and_meets_contradictions(self) -> None:
        few = self.submitted_with(keep=[self.kept], drop=[], contradictions=1)
        more = [self.supported(f"More {number}") for number in range(4)]
        many = self.submitted_with(keep=[self.kept, *more[:2]], drop=more[2:], contradictions=3)
        self.assertEqual(len(many), len(few), many)
        self.assertLessEqual(len(few), MOST, few)

    def submitted_with(self, *, keep: list[int], drop: list[int], contradictions: int) -> list[str]:
        """What a submission asked whose form keeps and drops, and whose base is contradicted."""
        draft = self.drafted()
        for number in range(contradictions):
            link_evidence(
                to=self.before,
                by=self.other_manager,
                evidence=self.make_evidence(f"Against {draft.pk} {number}"),
                stance="undermines",
                why="It says otherwise.",
            )
        window = Browser(self.staff)
        window.open("update-detail", draft.pk)
        typed = {**window.form, "offered": [*keep, *drop], "keep": keep}
        asked = self.asked(window, "update-submit", draft, **typed)
        links = EvidenceLink.objects.filter(update=draft).values_list("stance", "removed_at")
        found = [stance for stance, removed_at in links if removed_at is None]
        self.assertEqual(found.count("supports"), len(keep))
        self.assertGreaterEqual(found.count("undermines"), contradictions)
        self.assertEqual(len(links) - len(found), len(drop))
        return asked

    def test_an_approval(self) -> None:
        few = self.decided("update-approve", 1)
        for number in range(5):
            self.make_submitted(self.make_recommendation(f"Waits {number}"))
        many = self.decided("update-approve", 6)
        self.assertEqual(len(many), len(few), many)
        self.assertLessEqual(len(few), MOST, few)
        update = StatusUpdate.objects.filter(state="approved").latest("decided_at").pk
        of_the_row = re.compile(rf'WHERE \(?"recommendations_statusupdate"\."id" = \(?{update}\b')
        reads = [sql for sql in many if sql.startswith("SELECT") and of_the_row.search(sql)]
        self.assertEqual(len(reads), 1, reads)
