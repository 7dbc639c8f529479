"""The review queue and the page of an item: what changed, what it rests on, and the decision."""

import re
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import dates, people
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.choices import DateChangeState, UpdateState
from recommendations.models import (
    AuditEvent,
    EvidenceLink,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
    User,
)
from tests.base import days_ago, link_evidence
from tests.files import PNG, pdf, received
from tests.updates import submit
from tests.views.pages import counting, words_of
from tests.views.writing import Browser, ProgressTestCase

HISTORY = "This update will become part of the history."
BOX = 'name="confirm_contradictions"'
OLD, NEW = days_ago(-30), days_ago(-90)


class ReviewTestCase(ProgressTestCase):
    def of(self, update: StatusUpdate) -> str:
        return reverse("review-item", args=[update.pk])

    def page(self, update: StatusUpdate, person: User | None = None) -> Any:
        page = Browser(person or self.manager).open("review-item", update.pk)
        self.assertEqual(page.status_code, 200)
        return page

    def decide(self, move: str, update: StatusUpdate, **data: Any) -> Any:
        return Browser(self.manager).decide(f"update-{move}", update.pk, **data)

    def again(self, update: StatusUpdate, note: str, by: User | None = None, **values: Any) -> Any:
        """Returned, and submitted again with these values."""
        update = decisions.return_update(update=update, by=by or self.manager, note=note)
        return submit(update=update, by=self.staff, expected_version=update.version, values=values)

    @classmethod
    def link(
        cls, to: StatusUpdate, title: str, stance: str = "supports", by: User | None = None
    ) -> EvidenceLink:
        by = by or cls.staff
        item = cls.make_evidence(title, by=by)
        return link_evidence(to=to, by=by, stance=stance, evidence=item)

    def contradict(self, to: StatusUpdate, title: str = "A count") -> EvidenceLink:
        return self.link(to, title, "undermines", self.other_manager)


class QueueTests(ReviewTestCase):
    def queue(self, person: User) -> list[int]:
        return [row.pk for row in self.get("/review/", person).context["queue"]]

    def test_never_what_one_wrote_oneself_and_who_reviews_that(self) -> None:
        self.assert_says("/review/", "manager", "No items await your decision")
        Recommendation.objects.filter(pk=self.recommendation.pk).update(reviewer=self.other_manager)
        mine = self.make_submitted(self.recommendation, by=self.manager)
        self.assertEqual(
            (self.queue(self.manager), self.queue(self.other_manager)), ([], [mine.pk])
        )
        told = "Your submissions awaiting review | Reviewer: Other Manager"
        self.assert_says("/review/", "manager", told)
        told = "You cannot decide on your own updates. Another manager decides."
        self.assert_says(self.of(mine), "manager", told)

    def test_named_reviewer_comes_first_then_the_oldest(self) -> None:
        at = timezone.now() - timedelta(days=9)
        old = self.make_submitted(self.recommendation, at=at)
        named = self.make_recommendation("Named", reviewer=self.manager)
        newer = self.make_submitted(self.make_recommendation("Newer"))
        mine = self.make_submitted(named)
        self.assertEqual(self.queue(self.manager), [mine.pk, old.pk, newer.pk])
        self.assertEqual(self.queue(self.other_manager), [old.pk, newer.pk, mine.pk])


class ItemTests(ReviewTestCase):
    def test_first_report(self) -> None:
        update = self.make_submitted(self.recommendation)
        told = "No report yet | changes to | In progress | first report"
        self.assert_says(self.of(update), "manager", told, "Compared with | Since the return")

    def test_what_changed_field_by_field(self) -> None:
        self.make_approved(self.recommendation, what_happened="The permit is late.", issue="Late.")
        values = {"implementation_status": "partly_implemented"}
        values["what_happened"] = "The permit is here."
        page = self.page(self.make_submitted(self.recommendation, **values))
        told = ("Partially implemented", "was “In progress”", "<del>", "late", "<ins>", "here")
        self.assertAnswers(page, 200, *told)

    def test_late_one_becomes_history(self) -> None:
        self.make_approved(self.recommendation, as_of=days_ago(5))
        update = self.make_submitted(self.recommendation, as_of=days_ago(50))
        self.assert_says(self.of(update), "manager", HISTORY)

    def test_implemented_is_verified_and_approved_on_this_page_and_the_note_is_kept(self) -> None:
        values = {"implementation_status": "implemented", "completed_on": days_ago(1)}
        update = self.make_submitted(self.recommendation, **values)
        lacks = "verified supporting evidence that has not expired"
        self.assert_says(self.of(update), "manager", f"Required before approval: | {lacks}")
        answer = self.decide("approve", update, note="A typed note.")
        self.assertAnswers(answer, 409, "Not decided:", lacks, "A typed note.")
        item, window = self.link(update, "A certificate").evidence, Browser(self.manager)
        self.assertContains(window.open("review-item", update.pk), "Mark as verified")
        data = {"note": "Half a note", "update": update.pk, "next": self.of(update)}
        self.assertRedirects(window.post("evidence-check", item.pk, **data), self.of(update))
        page = window.open("review-item", update.pk)
        self.assertAnswers(page, 200, "Half a note", "Verified by Manager")
        window.post("update-return", update.pk, note="A whole note")
        update.refresh_from_db()
        update = submit(update=update, by=self.staff, expected_version=update.version)
        self.assertNotContains(window.open("review-item", update.pk), "Half a note")
        window.post("update-approve", update.pk)
        self.assertEqual(self.latest().state, UpdateState.APPROVED)

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

    def test_a_contradiction_is_answered_where_it_shows(self) -> None:
        update = self.make_submitted(self.recommendation)
        link = self.contradict(update)
        form, page = f'form="answer-{link.pk}"', self.of(update)
        self.assert_says(page, "manager", "Contradicted. | 1 unanswered item contradicts")
        self.assertContains(self.page(update), form)
        data = {"text": "Of another year.", "next": page}
        self.assertRedirects(Browser(self.manager).post("evidence-answer", link.pk, **data), page)
        self.assertContains(self.page(update), "Of another year.")
        self.assertNotContains(self.page(update), form)


class ReturnedTests(ReviewTestCase):
    """What changed since the note of the last return, beside what is new."""

    def setUp(self) -> None:
        super().setUp()
        self.make_approved(self.recommendation, what_happened="The contract is awarded.")
        self.update = self.make_submitted(self.recommendation, what_happened="Two stations run.")

    def test_the_last_note_is_pinned_with_what_changed_since(self) -> None:
        later = ("Two stations run since 9 May.", "Stations A and B run since 9 May.")
        update = self.again(self.update, "Since which day?", what_happened=later[0])
        page = self.page(update)
        told = ("Your note of", "Since which day?", "Changed since then: Progress")
        self.assert_words(words_of(page), *told)
        self.assert_says(self.of(update), "other_manager", "Note by Manager of")
        [change] = [row for row in page.context["changes"] if row.since]
        self.assertEqual(change.since.before, "Two stations run.")
        self.assertEqual(change.against.before, "The contract is awarded.")
        self.assertEqual(change.since.after, change.against.after)
        update = self.again(update, "Which two?", self.other_manager, what_happened=later[1])
        page = self.page(update)
        self.assertContains(page, "Which two?")
        [change] = [row for row in page.context["changes"] if row.since]
        self.assertEqual(change.since.before, later[0])

    def test_what_was_not_changed_since_says_so(self) -> None:
        update = self.again(self.update, "Since which day?")
        self.assert_says(self.of(update), "manager", "No field changed since then.")


class PublicTests(ReviewTestCase):
    """What the public will read, beside what it reads today."""

    def test_today_beside_what_comes(self) -> None:
        now = {"as_of": days_ago(9), "public_text": "A contract is awarded."}
        self.make_approved(self.recommendation, **now)
        submitted: list[dict[str, Any]] = [{"public_text": "Two stations run."}]
        submitted += [{"public_text": ""}, {"public_text": "", "as_of": days_ago(50)}]
        new, vanishing, late = (self.make_submitted(self.recommendation, **v) for v in submitted)
        nothing = "The public sees nothing: the recommendation is not published."
        self.assert_says(self.of(new), "manager", nothing)
        first = self.make_submitted(self.make_recommendation("Another"), public_text="It began.")
        for about in Recommendation.objects.all():
            recommendation_actions.publish_recommendation(recommendation=about, by=self.manager)
        awarded = "A contract is awarded."
        vanishes = "will disappear"
        for update, told, hidden in (
            (new, f"{awarded} After approval Two stations run.", vanishes),
            (vanishing, vanishes, ""),
            (late, f"{awarded} After approval {awarded}", vanishes),
            (first, "No report yet After approval It began.", vanishes),
        ):
            self.assert_says(self.of(update), "manager", told, hidden)
        self.assertRegex(words_of(self.page(vanishing)), "The public summary of .* will disappear")
        self.assertContains(self.page(vanishing), 'class="danger"')
        later = self.make_approved(self.recommendation, public_text="All runs.")
        update = decisions.retract(update=later, by=self.staff, reason="Wrong.")
        self.assert_says(self.of(update), "manager", f"All runs. After approval {awarded}")


class EvidenceTests(ReviewTestCase):
    """Evidence beside that of the update before, and open contradictions."""

    def setUp(self) -> None:
        super().setUp()
        self.approved = self.make_approved(self.recommendation, as_of=days_ago(9))

    def groups(self, update: StatusUpdate) -> dict[str, list[str]]:
        found = self.page(update).context["evidence_groups"]
        return {group.code: [row.evidence.title for row in group.rows] for group in found}

    def test_added_kept_and_dropped(self) -> None:
        kept = self.link(self.approved, "Kept paper").evidence
        evidence_items.check_evidence(evidence=kept, by=self.other_manager)
        self.link(self.approved, "Dropped paper")
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=kept)
        self.link(update, "New paper")
        groups = {"added": ["New paper"], "kept": ["Kept paper"], "dropped": ["Dropped paper"]}
        self.assertEqual(self.groups(update), groups)
        words = words_of(self.page(update))
        self.assertIn("Kept from the previous update (1)", words)
        self.assertRegex(words, "Kept paper .*Verified by Other Manager")

    def test_what_approving_changes_of_it_is_said_before(self) -> None:
        item = self.link(self.approved, "Kept paper").evidence
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        self.assert_changes(
            self.make_submitted(self.recommendation),
            "Approving changes “Independently verified” to “Approved, evidence not verified”: "
            "0 supporting items (0 verified) in place of 1 (1 verified).",
        )
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        self.assert_changes(update, "")
        self.link(update, "New paper")
        told = "Approving leaves 2 supporting items (1 verified) in place of 1 (1 verified)."
        self.assert_changes(update, told)
        # What the author verified counts no longer, and a late one changes nothing.
        own = self.make_submitted(self.recommendation, by=self.other_manager)
        link_evidence(to=own, by=self.staff, stance="supports", evidence=item)
        self.assert_changes(own, "1 supporting item (0 verified) in place of 1 (1 verified).")
        self.assert_changes(self.make_submitted(self.recommendation, as_of=days_ago(30)), "")

    def assert_changes(self, update: StatusUpdate, words: str) -> None:
        """The sentence, and that the page of the recommendation comes to say so."""
        change = self.page(update).context["evidence_change"]
        told = change.text if change else ""
        self.assertIn(words, told)
        if change:
            self.assertIn(told, words_of(self.page(update)))

    def test_what_a_confirmation_takes_over_when_it_is_approved(self) -> None:
        update = decisions.no_change(recommendation=self.recommendation, by=self.staff)
        self.link(self.approved, "A late paper")
        self.assertEqual(self.groups(update), {"carried": ["A late paper"]})

    def test_open_answered_and_removed_contradictions_with_who_and_why(self) -> None:
        titles = ("Open count", "Answered count", "Ended count", "Withdrawn count")
        _open, answered, ended, withdrawn = (self.contradict(self.approved, t) for t in titles)
        update = self.make_submitted(self.recommendation)
        self.contradict(self.approved, "A late count")
        evidence_items.answer(link=answered, by=self.manager, text="Of another year.")
        evidence_items.detach(link=ended, by=self.manager, reason="Of another bridge.")
        evidence_items.detach(link=withdrawn, by=self.other_manager)
        groups = self.groups(update)
        self.assertEqual(set(groups["open"]), {"Open count", "A late count"})
        self.assertEqual(groups["answered"], ["Answered count"])
        self.assertEqual(groups["ended"], ["Ended count", "Withdrawn count"])
        words = words_of(self.page(update))
        self.assert_words(words, "Answered by Manager", "Added to the previous update by")
        self.assertRegex(words, r"Removed by Manager on [^.]*Of another bridge\.")
        self.assertRegex(words, r"Removed on .* by Other Manager, who had added this evidence")

    def test_queries_do_not_grow_with_the_evidence(self) -> None:
        update, asked = self.make_submitted(self.recommendation), []
        for rounds in ((1,), range(2, 6)):
            for number in rounds:
                self.link(self.approved, f"Dropped {number}")
                self.link(update, f"Added {number}")
                self.contradict(self.approved, f"Late {number}")
                ended = self.contradict(update, f"Ended {number}")
                evidence_items.detach(link=ended, by=self.manager, reason="Of another bridge.")
            self.page(update)
            with counting() as captured:
                self.page(update)
            asked.append(len(captured))
        self.assertEqual(asked[0], asked[1])

    def test_an_open_contradiction_is_confirmed_by_a_tick_where_all_else_is_met(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.assertNotContains(self.page(update), BOX)
        self.contradict(self.approved)
        lacking = self.make_submitted(self.recommendation, implementation_status="implemented")
        self.assertNotContains(self.page(lacking), BOX)
        self.assertContains(self.page(update), BOX)
        answer = self.decide("approve", update, note="A typed note.")
        told = "Confirm that you approve this update with 1 contradiction open."
        self.assertAnswers(answer, 400, told, "A typed note.")
        answer = self.decide("approve", update, confirm_contradictions="on")
        self.assertEqual(answer.status_code, 302)
        told, viewer = "Approved with 1 contradiction open", Browser(self.viewer)
        self.assertContains(viewer.open("update-detail", update.pk), told, count=2)
        self.assertContains(viewer.open("recommendation-history", "REP-1"), told)


class ApproveOffTests(ReviewTestCase):
    """Where approving cannot succeed the button is off, and says why before it is pressed."""

    def test_off_with_the_reason(self) -> None:
        approved = self.make_approved(self.recommendation, as_of=days_ago(9))
        update = self.make_submitted(self.recommendation)
        html = self.page(update).content.decode()
        self.assertNotIn("aria-disabled", html)
        self.assertRegex(html, r'type="submit">\s*Approve')
        self.assertNotContains(self.page(approved), "aria-disabled")
        lacking = self.make_submitted(self.recommendation, implementation_status="implemented")
        self.assert_off(lacking, "verified supporting evidence that has not expired")
        self.assert_off(lacking, "the completion date")
        own = self.make_submitted(self.recommendation, by=self.manager)
        self.assert_off(own, "You cannot decide on your own updates or requests.")
        about: dict[str, Any] = {"update": approved, "by": self.staff}
        first = decisions.retract(**about, reason="Wrong.")
        second = decisions.correct(**about, values={"what_happened": "One meeting."})
        second = submit(update=second, by=self.staff, expected_version=second.version)
        decisions.approve_update(update=first, by=self.other_manager)
        self.assert_off(second, "already replaced by the retraction")
        self.make_approved(self.recommendation)
        self.assert_off(update, "Another update was approved after this one")
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.other_manager, reason="closed"
        )
        self.assert_off(update, "REP-1 is archived")

    def assert_off(self, update: StatusUpdate, why: str) -> None:
        html = self.page(update).content.decode()
        [button] = re.findall(r"<button[^>]*aria-disabled[^>]*>", html)
        self.assertIn('type="button"', button)
        described_by = re.search(r'aria-describedby="([^"]+)"', button)
        assert described_by is not None
        [reasons] = re.findall(rf'<div[^>]* id="{described_by[1]}">(.*?)</div>', html, re.DOTALL)
        self.assertIn(why, reasons)
        self.assertNotRegex(html, r'type="submit">\s*Approve')


class DecisionTests(ReviewTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.update = self.make_submitted(self.recommendation)

    def test_approve_and_go_on_to_what_the_page_named_and_to_no_other_site(self) -> None:
        first, second = (
            self.make_submitted(self.make_recommendation(title)) for title in ("One", "Two")
        )
        page = self.page(self.update)
        after = f'<input type="hidden" name="after" value="{self.of(first)}">'
        self.assertAnswers(page, 200, "Approve and continue", after)
        answer = self.decide("approve", self.update, after=self.of(second), note="Well done.")
        self.assertRedirects(answer, self.of(second))
        self.update.refresh_from_db()
        self.assertEqual(self.update.decided_by, self.manager)
        self.assertEqual(self.update.decision_note, "Well done.")
        answer = self.decide("approve", first, after="https://elsewhere.test/")
        self.assertRedirects(answer, self.of(second))
        self.assertRedirects(self.decide("approve", second), reverse("review"))

    def test_return_needs_a_note(self) -> None:
        answer = self.decide("return", self.update, note="   ")
        told = "State the changes that the author should make."
        self.assertAnswers(answer, 400, told, 'href="#id_note"')
        answer = self.decide("return", self.update, note="Which meeting?")
        self.assertRedirects(answer, reverse("review"))
        self.assertEqual(self.latest().state, UpdateState.RETURNED)

    def test_what_is_returned_to_a_closed_account_is_led_to_a_new_author(self) -> None:
        people.deactivate(person=self.staff, by=self.administrator)
        told = "The account of Staff is closed."
        window, to = Browser(self.manager), self.update.get_absolute_url()
        self.assertContains(window.open("review-item", self.update.pk), told)
        done = window.post("update-return", self.update.pk, note="Which meeting?")
        self.assertRedirects(done, to, fetch_redirect_response=False)
        self.assertAnswers(window.client.get(to), 200, told, "New author")


class TogetherTests(ReviewTestCase):
    """A date change and the update of the same recommendation: shown and decided together."""

    def setUp(self) -> None:
        super().setUp()
        self.update, self.change = self.both()

    def both(self, by: User | None = None) -> tuple[StatusUpdate, TargetDateChange]:
        about = self.make_recommendation("Another")
        dates.set_first(recommendation=about, by=self.manager, new_date=OLD, reason="Agreed.")
        change = dates.request(
            recommendation=about, by=by or self.staff, new_date=NEW, reason="Parts are late."
        )
        return self.make_submitted(about, at=timezone.now() + timedelta(seconds=1)), change

    def send(self, move: str, **data: Any) -> Any:
        return self.decide(move, self.update, **{"date": self.change.pk, **data})

    def assert_states(self, update: str, change: str) -> None:
        self.update.refresh_from_db()
        self.change.refresh_from_db()
        self.assertEqual((self.update.state, self.change.state), (update, change))

    def test_one_page_shows_both_and_the_address_of_the_date_leads_there(self) -> None:
        told = "Parts are late. | Decision on both | Reject, keep"
        self.assert_says(self.of(self.update), "manager", told)
        answer = Browser(self.manager).open("review-date", self.change.pk)
        self.assertRedirects(answer, self.of(self.update))
        update, _change = self.both(by=self.manager)
        self.assert_says(self.of(update), "manager", "", "Decision on both")
        self.assert_says(self.of(update), "other_manager", "Decision on both")

    def test_each_pair_of_decisions_is_recorded_in_one_act(self) -> None:
        updates = {"approve": UpdateState.APPROVED, "return": UpdateState.RETURNED}
        changes = {"approve": DateChangeState.APPROVED, "reject": DateChangeState.REJECTED}
        for move, update in updates.items():
            for date, change in changes.items():
                with self.subTest(move=move, date=date):
                    self.update, self.change = self.both()
                    before = AuditEvent.objects.count()
                    answer = self.send(move, date_decision=date, note="So.")
                    self.assertEqual(answer.status_code, 302)
                    self.assert_states(update, change)
                    events = AuditEvent.objects.order_by("sequence")[before:]
                    self.assertEqual(len({event.request_id for event in events}), 1)

    def test_where_one_is_refused_neither_is_recorded(self) -> None:
        other = self.both()[1].pk
        closed = {"implementation_status": "not_implemented", "closing_reason": "Dropped."}
        for status, told, data, now in (
            (400, "Choose a decision on the revised target date.", {}, {}),
            (400, "Give the reason for rejecting the change.", {"date_decision": "reject"}, {}),
            (404, "", {"date": other, "date_decision": "approve"}, {}),
            *((404, "", {"date": wrong}, {}) for wrong in ("", "x", 10**30, 999_999)),
            (409, "The target date can no longer change.", {"date_decision": "approve"}, closed),
        ):
            with self.subTest(told or str(data)):
                if now:
                    rows = StatusUpdate.objects.filter(pk=self.update.pk)
                    rows.update(**now, confidence="not_rated")
                    cache.clear()
                self.assertAnswers(self.send("approve", **data), status, told)
                self.assert_states(UpdateState.SUBMITTED, DateChangeState.REQUESTED)

    def test_a_date_decided_meanwhile_takes_the_update_back_too(self) -> None:
        window = Browser(self.manager)
        window.open("review-item", self.update.pk)
        dates.approve_date_change(date_change=self.change, by=self.other_manager)
        data = {"date": self.change.pk, "date_decision": "approve"}
        self.assertEqual(window.post("update-approve", self.update.pk, **data).status_code, 409)
        self.assert_states(UpdateState.SUBMITTED, DateChangeState.APPROVED)
