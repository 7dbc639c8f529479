"""Review: evidence beside that of the update before, open contradictions, and Approve when off."""

import re
from typing import Any

from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions, replacements
from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, StatusUpdate, User
from tests.base import days_ago, link_evidence
from tests.updates import submit
from tests.views.pages import counting, words_of
from tests.views.writing import Browser, WritingTestCase


class ReviewEvidenceTestCase(WritingTestCase):
    approved: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.make_approved(cls.recommendation, as_of=days_ago(9))

    @classmethod
    def link(
        cls, to: StatusUpdate, title: str, stance: str = "supports", by: User | None = None
    ) -> EvidenceLink:
        by = by or cls.staff
        evidence = cls.make_evidence(title, by=by)
        return link_evidence(to=to, by=by, stance=stance, evidence=evidence)

    def contradict(self, to: StatusUpdate, title: str = "A count") -> EvidenceLink:
        return self.link(to, title, "undermines", self.other_manager)

    def page(self, update: StatusUpdate, person: User | None = None) -> Any:
        page = Browser(person or self.manager).open("review-item", update.pk)
        self.assertEqual(page.status_code, 200)
        return page

    def groups(self, update: StatusUpdate) -> dict[str, list[str]]:
        found = self.page(update).context["evidence_groups"]
        return {group.code: [row.evidence.title for row in group.rows] for group in found}


class EvidenceDiffTests(ReviewEvidenceTestCase):
    def test_added_kept_and_dropped(self) -> None:
        kept = self.link(self.approved, "Kept paper")
        self.link(self.approved, "Dropped paper")
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=kept.evidence)
        self.link(update, "New paper")
        groups = {"added": ["New paper"], "kept": ["Kept paper"], "dropped": ["Dropped paper"]}
        self.assertEqual(self.groups(update), groups)

    def test_kept_evidence_says_that_it_is_verified_still(self) -> None:
        kept = self.link(self.approved, "Kept paper")
        evidence_items.check_evidence(evidence=kept.evidence, by=self.other_manager)
        update = self.make_submitted(self.recommendation)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=kept.evidence)
        words = words_of(self.page(update))
        self.assertIn("Kept from the previous update (1)", words)
        self.assertRegex(words, "Kept paper .*Verified by Other Manager")

    def test_what_a_confirmation_takes_over_when_it_is_approved(self) -> None:
        update = replacements.no_change(recommendation=self.recommendation, by=self.staff)
        self.link(self.approved, "A late paper")
        self.assertEqual(self.groups(update), {"carried": ["A late paper"]})

    def test_open_answered_and_removed_contradictions_with_who_and_why(self) -> None:
        titles = ("Open count", "Answered count", "Ended count", "Withdrawn count")
        _open, answered, ended, withdrawn = (self.contradict(self.approved, t) for t in titles)
        update = self.make_submitted(self.recommendation)
        contradictions.answer(link=answered, by=self.manager, text="Of another year.")
        evidence_items.detach(link=ended, by=self.manager, reason="Of another bridge.")
        evidence_items.detach(link=withdrawn, by=self.other_manager)
        groups = self.groups(update)
        self.assertEqual(groups["open"], ["Open count"])
        self.assertEqual(groups["answered"], ["Answered count"])
        self.assertEqual(groups["ended"], ["Ended count", "Withdrawn count"])
        words = words_of(self.page(update))
        self.assertIn("Answered by Manager", words)
        self.assertRegex(words, r"Removed by Manager on [^.]*Of another bridge\.")
        self.assertRegex(words, r"Removed on .* by Other Manager, who had added this evidence")

    def test_one_that_came_after_submission_is_shown_as_open(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.contradict(self.approved, "A late count")
        self.assertEqual(self.groups(update), {"open": ["A late count"]})
        self.assertIn("Added to the previous update by", words_of(self.page(update)))

    def test_a_first_report_is_compared_with_nothing(self) -> None:
        update = self.make_submitted(self.make_recommendation("Another"))
        self.link(update, "New paper")
        self.assertEqual(self.groups(update), {"added": ["New paper"]})
        self.assertNotContains(self.page(update), "Compared with")

    def test_queries_do_not_grow_with_the_evidence(self) -> None:
        update = self.make_submitted(self.recommendation)

        def add(round_number: int) -> None:
            self.link(self.approved, f"Dropped {round_number}")
            self.link(update, f"Added {round_number}")
            self.contradict(self.approved, f"Late {round_number}")
            ended = self.contradict(update, f"Ended {round_number}")
            evidence_items.detach(link=ended, by=self.manager, reason="Of another bridge.")

        def queries() -> int:
            with counting() as captured:
                self.page(update)
            return len(captured)

        add(1)
        self.page(update)
        little = queries()
        for number in range(2, 6):
            add(number)
        self.assertEqual(queries(), little)


class ConfirmationTests(ReviewEvidenceTestCase):
    def decide(self, update: StatusUpdate, **data: Any) -> Any:
        return Browser(self.manager).decide("update-approve", update.pk, **data)

    def test_the_box_appears_only_where_all_else_is_met(self) -> None:
        self.contradict(self.approved)
        ready = self.make_submitted(self.recommendation)
        self.assertContains(self.page(ready), 'name="confirm_contradictions"')
        lacking = self.make_submitted(self.recommendation, implementation_status="implemented")
        self.assertNotContains(self.page(lacking), 'name="confirm_contradictions"')

    def test_no_box_without_an_open_contradiction(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.assertNotContains(self.page(update), 'name="confirm_contradictions"')

    def test_without_a_tick_nothing_is_approved_and_the_note_is_kept(self) -> None:
        self.contradict(self.approved)
        update = self.make_submitted(self.recommendation)
        response = self.decide(update, note="A typed note.")
        said = "Confirm that you approve this update with 1 contradiction open."
        self.assertAnswers(response, 400, said, "A typed note.")
        update.refresh_from_db()
        self.assertEqual(update.state, UpdateState.SUBMITTED)

    def test_ticked_it_is_approved_and_the_page_and_the_history_say_so(self) -> None:
        self.contradict(self.approved)
        update = self.make_submitted(self.recommendation)
        self.assertEqual(self.decide(update, confirm_contradictions="on").status_code, 302)
        said = "Approved with 1 contradiction open"
        page = Browser(self.viewer).open("update-detail", update.pk)
        self.assertContains(page, said, count=2)
        history = Browser(self.viewer).open("recommendation-history", "REP-1")
        self.assertContains(history, said)

    def test_in_bulk_it_is_refused_by_name_and_the_others_are_approved(self) -> None:
        other = self.make_recommendation("Another")
        self.make_approved(other)
        self.contradict(self.approved)
        refused, done = (
            replacements.no_change(recommendation=row, by=self.staff)
            for row in (self.recommendation, other)
        )
        window = Browser(self.manager)
        page = window.open("review-no-change")
        self.assertContains(page, "checked", count=1)
        window.post("review-no-change", update=[refused.pk, done.pk])
        page = window.open("review")
        self.assertContains(page, "REP-1: Confirm that you approve")
        self.assertContains(page, "approved: REP-2.")
        refused.refresh_from_db()
        self.assertEqual(refused.state, UpdateState.SUBMITTED)


class ApproveOffTests(ReviewEvidenceTestCase):
    """Where approving cannot succeed the button is off, and says why before it is pressed."""

    def assert_off(self, update: StatusUpdate, *why: str, person: User | None = None) -> None:
        html = self.page(update, person).content.decode()
        [button] = re.findall(r"<button[^>]*aria-disabled[^>]*>", html)
        self.assertIn('type="button"', button)
        described_by = re.search(r'aria-describedby="([^"]+)"', button)
        assert described_by is not None
        [reasons] = re.findall(rf'<div[^>]* id="{described_by[1]}">(.*?)</div>', html, re.DOTALL)
        for words in why:
            self.assertIn(words, reasons)
        self.assertNotRegex(html, r'type="submit">\s*Approve')

    def test_on_where_nothing_is_in_the_way(self) -> None:
        page = self.page(self.make_submitted(self.recommendation))
        self.assertNotContains(page, "aria-disabled")
        self.assertRegex(page.content.decode(), r'type="submit">\s*Approve')

    def test_a_condition_that_is_not_met(self) -> None:
        update = self.make_submitted(self.recommendation, implementation_status="implemented")
        self.assert_off(
            update, "verified supporting evidence that has not expired", "the completion date"
        )

    def test_another_update_came_into_force(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.make_approved(self.recommendation)
        self.assert_off(update, "Another update was approved after this one")

    def test_ones_own_update(self) -> None:
        update = self.make_submitted(self.recommendation, by=self.manager)
        self.assert_off(update, "You cannot decide on your own updates or requests.")

    def test_an_archived_recommendation(self) -> None:
        update = self.make_submitted(self.recommendation)
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.other_manager, reason="closed"
        )
        self.assert_off(update, "REP-1 is archived")

    def test_a_correction_of_what_was_replaced_meanwhile(self) -> None:
        first, second = (
            replacements.retract(update=self.approved, by=self.staff, reason="Wrong."),
            replacements.correct(
                update=self.approved, by=self.staff, values={"what_happened": "One meeting."}
            ),
        )
        second = submit(update=second, by=self.staff, expected_version=second.version)
        decisions.approve_update(update=first, by=self.other_manager)
        self.assert_off(second, "already replaced by the retraction")

    def test_a_decided_update_has_no_such_button(self) -> None:
        self.assertNotContains(self.page(self.approved), "aria-disabled")
