"""The review queue, target dates and “no change”: what is shown, and what is decided."""

import re
from datetime import date, timedelta
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import override_settings
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
from recommendations.templatetags.texts import day, short_day
from tests import kept
from tests.base import LONG_AGO, days_ago, link_evidence
from tests.files import PNG, pdf, received
from tests.rounds import sent_round
from tests.updates import submit
from tests.views.pages import shown_fields, words_of
from tests.views.writing import Browser, ProgressTestCase

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
        self.assert_says("/my-work/", "manager", "Awaiting others | Reviewer: Other Manager")
        told = "You cannot decide on your own updates. Another manager decides."
        self.assert_says(self.of(mine), "manager", told)


class ItemTests(ReviewTestCase):
    def test_what_changed_field_by_field(self) -> None:
        self.make_approved(self.recommendation, what_happened="The permit is late.", issue="Late.")
        values = {"implementation_status": "partly_implemented"}
        values["what_happened"] = "The permit is here."
        page = self.page(self.make_submitted(self.recommendation, **values))
        told = ("In progress", "Partially implemented", "<del>", "late", "<ins>", "here")
        self.assertAnswers(page, 200, *told)

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
        self.assert_off(lacking, "completion date")
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

    def test_each_pair_of_decisions_is_recorded_in_one_act(self) -> None:
        updates = {"approve": UpdateState.APPROVED, "return": UpdateState.RETURNED}
        changes = {"approve": DateChangeState.APPROVED, "reject": DateChangeState.REJECTED}
        for move, update in updates.items():
            for ruling, change in changes.items():
                with self.subTest(move=move, date=ruling):
                    self.update, self.change = self.both()
                    before = AuditEvent.objects.count()
                    answer = self.send(move, date_decision=ruling, note="So.")
                    self.assertEqual(answer.status_code, 302)
                    self.assert_states(update, change)
                    events = AuditEvent.objects.order_by("sequence")[before:]
                    self.assertEqual(len({event.request_id for event in events}), 1)

    def test_where_one_is_refused_neither_is_recorded(self) -> None:
        other = self.both()[1].pk
        closed = {"implementation_status": "not_implemented", "closing_reason": "Dropped."}
        for status, told, data, now in (
            (400, "Choose a decision on the revised target date.", {}, {}),
            (400, "Enter the reason.", {"date_decision": "reject"}, {}),
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


FIRST, LATER = date(2027, 6, 30), date(2027, 12, 31)
REP, PAGE, REPORT = (
    "/recommendations/REP-1/",
    "/recommendations/REP-1/dates/",
    "/sources/report/dates/",
)
PAGES = ("/", REP)
AGREED, LATE, NO = "Agreed by the group.", "The permit is late.", "Ask the ministry again."
MOVE = "30 Jun 2027 to 31 Dec 2027"
OFFERED = "Set target date | Request a new target date"


class DatePageTestCase(ProgressTestCase):
    def set_first(self, recommendation: Recommendation | None = None) -> None:
        about = recommendation or self.recommendation
        dates.set_first(recommendation=about, by=self.manager, new_date=FIRST, reason=AGREED)

    def ask(self, new_date: date | None = LATER, by: User | None = None) -> TargetDateChange:
        about: dict[str, Any] = {"recommendation": self.recommendation, "by": by or self.staff}
        return dates.request(**about, new_date=new_date, reason=LATE)

    def move(self, new_date: date | None = LATER) -> None:
        dates.approve_date_change(date_change=self.ask(new_date), by=self.manager)

    def reject(self, row: TargetDateChange) -> None:
        dates.reject_date_change(date_change=row, by=self.manager, note=NO)

    def send(self, name: str, of: Any, by: User, status: int, **data: Any) -> str:
        response = self.post(reverse(name, args=[of]), by, **data)
        self.assertEqual(response.status_code, status, response.content[-3000:])
        return "" if status == 302 else words_of(response)


class LedgerTests(DatePageTestCase):
    def test_every_row_with_who_and_why(self) -> None:
        self.set_first()
        self.move()
        self.reject(self.ask(None))
        original = "Original target date 30 June 2027; postponed 184 days (1 change)."
        rows = f"{MOVE} postponed 184 days | 31 Dec 2027 to No target date | {AGREED}"
        rows += f" | Set by Manager | {LATE} Requested by Staff | Rejected Manager"
        self.assert_says(PAGE, "staff", f"{original} | {rows} | {NO} | Request a new target date")
        self.assert_says(PAGE, "viewer", f"{AGREED} | {LATE}", f"{NO} | {OFFERED}")
        told = f"Target date set: 30 Jun 2027 by Manager | Target date changed: {MOVE} by Manager"
        asked = f"Date change requested: {MOVE} by Staff | {NO}"
        asked += " | Date change rejected: 31 Dec 2027 to No target date by Manager"
        self.assert_says(f"{REP}history/", "staff", f"{told} | {asked}")
        self.assert_says(f"{REP}history/", "viewer", told, f"{NO} | {LATE} | requested: | rejected")

    def test_the_history_says_when_it_was_decided_not_when_it_was_requested(self) -> None:
        asked: dict[str, Any] = {"recommendation": self.recommendation, "reason": LATE}
        days = [LONG_AGO + timedelta(days=number) for number in range(1, 7)]
        dates.set_first(**asked, by=self.manager, new_date=FIRST, at=days[0])
        moved = dates.request(**asked, by=self.staff, new_date=LATER, at=days[1])
        dates.approve_date_change(date_change=moved, by=self.manager, at=days[2])
        gone = dates.request(**asked, by=self.staff, new_date=None, at=days[3])
        dates.reject_date_change(date_change=gone, by=self.manager, note=NO, at=days[4])
        dates.request(**asked, by=self.staff, new_date=None, at=days[5])
        told = [day(timezone.localdate(each)) for each in days]
        words = f"Set {told[0]} | Approved {told[2]} | Rejected {told[4]}"
        words += f" | Awaiting decision Requested {told[5]}"
        self.assert_says(f"{REP}history/", "viewer", words)

    def test_the_report_of_a_source(self) -> None:
        self.set_first()
        self.move()
        self.ask(None)
        self.make_recommendation("Bare")
        self.make_recommendation("Keep on", nature="continuous")
        told = "1 of 3 recommendations has a target date. | 1 changed, by 1 decision."
        told += " | 1 requested change awaits a decision. | 30 Jun 2027 31 Dec 2027"
        row = "1 184 Staff requests removal of the target date | No target date (continuous)"
        self.assert_says(REPORT, "viewer", f"{told} | {row}")
        self.assert_says("/", "viewer", "Target date history")
        self.assert_says("/sources/none/dates/", "viewer", status=404)
        type(self.source).objects.create(slug="other", title="O", short_title="Other")
        self.assert_says("/sources/other/dates/", "viewer", "No recommendations yet")
        self.assert_says("/sources/other/dates/?page=2", "viewer", status=404)


class FormTests(DatePageTestCase):
    def test_another_is_asked_for_from_the_page_as_it_is(self) -> None:
        self.set_first()
        data: dict[str, Any] = {"new_date": LATER, "reason": LATE, "seen": 1}
        self.send("date-request", "REP-1", self.staff, 302, **data)
        row = TargetDateChange.objects.get(number=1)
        self.assertEqual((row.new_date, row.reason, row.requested_by), (LATER, LATE, self.staff))
        data |= {"new_date": FIRST, "reason": "Typed."}
        text = self.send("date-request", "REP-1", self.manager, 409, **data)
        self.assert_words(text, "Requested by Staff", "Typed.")
        dates.approve_date_change(date_change=row, by=self.manager)
        text = self.send("date-request", "REP-1", self.staff, 409, **data)
        self.assert_words(text, "changed after you opened the page", "Typed.")
        none = {"is_taken_away": "on", "reason": LATE}
        self.send("date-request", "REP-1", self.staff, 302, **none)
        self.assertIsNone(TargetDateChange.objects.get(number=2).new_date)

    def test_withdrawn_it_waits_nowhere_and_stays_on_record(self) -> None:
        self.set_first()
        row = self.ask()
        waits, own = f"date change, {MOVE}", f"/review/dates/{row.pk}/"
        self.assert_says("/review/", "manager", waits)
        self.assert_says("/my-work/", "staff", f"Date change, {MOVE}")
        self.send("date-withdraw", row.pk, self.staff, 302)
        self.assert_says("/review/", "manager", "", waits)
        self.assert_says("/my-work/", "staff", "", f"Date change, {MOVE}")
        told = f"{LATE} | Withdrawn Staff | Request a new target date"
        self.assert_says(PAGE, "staff", told, "Withdraw request")
        for path in PAGES:
            self.assert_says(path, "viewer", "", "Staff requests | postponed")
        self.assert_says(f"{REP}history/", "staff", f"Date change withdrawn: {MOVE} by Staff")
        self.assert_says(own, "manager", "Staff withdrew this request on")
        decided = self.ask()
        dates.approve_date_change(date_change=decided, by=self.manager)
        text = self.send("date-withdraw", decided.pk, self.staff, 409)
        self.assert_words(text, "Action not completed.", "approved by Manager")


class FinishedTests(DatePageTestCase):
    """Of what is closed, pages say since when; its date neither moves nor is overdue."""

    REFUSAL = "is closed (Closed on"

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.recommendation = cls.make_recommendation("Close it")
        cls.path = cls.recommendation.get_absolute_url()
        about: dict[str, Any] = {"recommendation": cls.recommendation}
        recommendation_actions.publish_recommendation(**about, by=cls.manager)
        dates.set_first(**about, by=cls.manager, new_date=days_ago(9), reason=AGREED)
        cls.row = dates.request(**about, by=cls.staff, new_date=LATER, reason=LATE)
        closed = {"implementation_status": "not_implemented", "closing_reason": "No money."}
        cls.make_approved(cls.recommendation, as_of=days_ago(2), confidence="not_rated", **closed)

    @override_settings(PUBLIC_PAGES=True)
    def test_every_page_says_the_day(self) -> None:
        closed, hidden = f"Closed on {day(days_ago(2))}", f"{day(days_ago(9))} 9 days ago"
        for path, reader, told in (
            (self.path, "", closed),
            (self.path, "viewer", closed),
            ("/recommendations/", "viewer", f"Closed on {short_day(days_ago(2))}"),
            (f"{self.path}dates/", "viewer", closed),
            (REPORT, "viewer", closed),
        ):
            self.assert_says(path, reader, told, f"Overdue by | {hidden}")

    def test_a_request_that_waits_shows_approve_disabled_with_the_reason(self) -> None:
        for page in (f"{self.path}dates/", f"/review/dates/{self.row.pk}/"):
            response = self.get(page, self.manager)
            off = 'aria-disabled="true" aria-describedby="why-not"'
            self.assertContains(response, off, count=1)
            self.assert_words(words_of(response), "Cannot be approved.", self.REFUSAL, "Reject")
        shown = shown_fields(response)
        text = self.send("date-approve", self.row.pk, self.manager, 409, **shown)
        self.assert_words(text, self.REFUSAL)
        self.send("date-reject", self.row.pk, self.manager, 302, note=NO, **shown)


class ElsewhereTests(DatePageTestCase):
    """What other pages, files and the report say of a date; they agree."""

    def assert_told(self, path: str, reader: str, words: str) -> None:
        """A page has these words, at the beginning of a line or within it."""
        self.assertIn(words, self.read(path, getattr(self, reader, None)).lower())

    def test_pages_files_and_the_report_say_the_same(self) -> None:
        """Never dated, not moved, later, earlier, back again, taken away, and dated anew."""
        self.make_recommendation("Never dated")
        self.set_first()
        self.set_first(self.make_recommendation("Not moved"))
        for changes, (new, days, words) in enumerate(
            (
                (LATER, 184, "postponed 184 days (1 change)"),
                (FIRST - timedelta(days=1), -1, "brought forward 1 day (2 changes)"),
                (FIRST, 0, "original target date again, after 3 changes"),
                (None, None, "target date removed, after 4 changes"),
                (LATER, 184, "postponed 184 days (5 changes)"),
            ),
            1,
        ):
            self.move(new)
            for path in (*PAGES, PAGE):
                self.assert_told(path, "staff", words)
            rows = self.get(REPORT, self.staff).context["rows"]
            report = [(row.date_moves, row.days_moved) for row in rows]
            file = self.exported("/recommendations/export/", self.staff)
            expected = [(changes, days), (0, None), (0, 0)]
            self.assertEqual(report, expected)
            self.assertEqual([(row["date_changes"], row["days_moved"]) for row in file], expected)
        self.assert_says(REP, "viewer", "Original: 30 June 2027")

    def test_what_waits_is_shown_with_who_asked_and_once_rejected_nowhere(self) -> None:
        self.set_first()
        row = self.ask()
        for path in PAGES:
            self.assert_says(path, "viewer", "Staff requests 31 Dec 2027")
        self.assert_says(REP, "manager", "Decide on date change")
        self.assert_says(REP, "staff", "", "Decide on date change")
        self.assert_says("/", "manager", "Decide on date change: REP-1")
        self.reject(row)
        for path in PAGES:
            self.assert_says(path, "viewer", "", "postponed | Staff requests")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_dates_alone(self) -> None:
        self.set_first()
        self.move()
        self.ask(None)
        self.recommendation.refresh_from_db()
        about: dict[str, Any] = {"recommendation": self.recommendation, "by": self.manager}
        recommendation_actions.publish_recommendation(**about)
        for path in PAGES:
            self.assert_told(path, "", "postponed 184 days (1 change)")
            self.assert_says(
                path, "", "", f"{LATE} | {AGREED} | Staff | asks for | Target date history"
            )
        for path in (REPORT, PAGE):
            self.assertEqual(self.get(path).status_code, 302)


class DatesQueueTests(DatePageTestCase):
    """Date changes in the queue of reviews, and the decision on them there."""

    def queue(self, person: User) -> list[str]:
        return [row.url for row in self.get("/review/", person).context["queue"]]

    def test_updates_and_dates_in_one_queue_the_oldest_first(self) -> None:
        at = timezone.now() - timedelta(days=9)
        old = self.make_submitted(self.make_recommendation("Old"), at=at)
        new = self.make_submitted(self.make_recommendation("New"))
        self.set_first()
        row = self.ask()
        urls = [f"/review/{old.pk}/", f"/review/{new.pk}/", f"/review/dates/{row.pk}/"]
        self.assertEqual(self.queue(self.manager), urls)
        told = "2 updates await your review. | 1 date change awaits your decision."
        self.assert_says("/review/", "manager", f"{told} | date change, {MOVE} today")
        Recommendation.objects.filter(pk=self.recommendation.pk).update(reviewer=self.manager)
        cache.clear()  # what is written past the record is not looked for anew
        self.assertEqual(self.queue(self.manager)[0], urls[2])

    def test_never_what_one_asked_for_and_the_badge_agrees(self) -> None:
        self.set_first()
        self.ask(by=self.manager)
        self.assert_says("/my-work/", "manager", "Awaiting others | Date change, 30")
        for person, count in ((self.manager, 0), (self.other_manager, 1)):
            self.assertEqual(len(self.queue(person)), count)
            links = self.get("/review/", person).context["shell"].own
            self.assertEqual([link.badge for link in links if link.url == "/review/"], [count])


SENTENCE = "The committee met and changed nothing."
WORK, REVIEW = "/my-work/no-change/", "/review/no-change/"
EACH = ("REP-1", "REP-2", "REP-3")
OFF = "This update cannot be approved here."


class BatchTestCase(ProgressTestCase):
    three: list[Recommendation]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        more = [cls.make_recommendation(title) for title in ("Second", "Third")]
        cls.three = [cls.recommendation, *more]
        for found in cls.three:
            cls.make_approved(found, as_of=days_ago(300))
        Recommendation.objects.update(next_due_on=days_ago(3))

    def send(self, path: str, person: User, **data: Any) -> str:
        response: Any = self.client_for(person).post(path, data, follow=True)
        self.assertEqual(response.status_code, 200)
        return words_of(response)

    def waiting(self) -> list[StatusUpdate]:
        rows = StatusUpdate.objects.filter(state=UpdateState.SUBMITTED)
        return list(rows.select_related("recommendation").order_by("recommendation__number"))

    def confirm_all(self, by: User | None = None) -> list[StatusUpdate]:
        for found in self.three:
            decisions.no_change(recommendation=found, by=by or self.staff)
        return self.waiting()

    def twice(self, found: Recommendation, *sentences: str) -> None:
        """Confirmed and approved, once for each sentence, in silence where it is empty."""
        for sentence in sentences:
            row = decisions.no_change(recommendation=found, by=self.staff, sentence=sentence)
            decisions.approve_update(update=row, by=self.manager)
        Recommendation.objects.filter(pk=found.pk).update(next_due_on=days_ago(3))


class WorkTests(BatchTestCase):
    def confirm(self, *references: str, **data: Any) -> str:
        return self.send(WORK, self.staff, reference=references, **data)

    def test_three_at_once_each_submitted_and_once(self) -> None:
        self.assert_says("/my-work/", "staff", "Confirm no change for several recommendations")
        told = "Confirm no change for selected | A first meeting took place."
        self.assert_says(WORK, "staff", told)
        none = "No updates were selected."
        self.assert_words(self.confirm(), none)
        told = "“No change” submitted for review: REP-1, REP-2, REP-3."
        self.assert_words(self.confirm(*EACH), told)
        rows = [(row.kind, row.rated_on) for row in self.waiting()]
        self.assertEqual(rows, [("no_change", days_ago(300))] * 3)
        self.assert_words(self.confirm(*EACH), "REP-1: This update has changed")
        self.assertEqual(len(self.waiting()), 3)

    def test_what_a_round_alone_asks_for_is_among_them(self) -> None:
        found = list(Recommendation.objects.all())
        Recommendation.objects.update(next_due_on=days_ago(-90))
        kept.renew()
        self.assert_says(WORK, "staff", "No update to confirm")
        sent_round(found, self.manager, reply_by=days_ago(-10))
        self.assert_says("/my-work/", "staff", "Confirm no change for several recommendations")
        self.assert_says(WORK, "staff", f"REP-1 | Due {day(days_ago(-10))} | REP-3")

    def test_those_that_are_refused_are_named_and_the_others_stand(self) -> None:
        """Also where a row has shown another update than the current one."""
        Recommendation.objects.filter(number=2).update(lead=self.agency, lead_officer=None)
        self.make_recommendation("Bare")
        seen = Recommendation.objects.get(number=1).current_update
        assert seen is not None
        self.make_approved(Recommendation.objects.get(number=1))
        text = self.confirm(*EACH, "REP-4", "X-9", **{"basis-REP-1": seen.pk})
        self.assert_words(
            text,
            "REP-1: Another update was approved",
            "REP-2: You cannot log updates on this recommendation.",
            "REP-4: There is no approved update to confirm",
            "submitted for review: REP-3.",
        )
        self.assertEqual(len(self.waiting()), 1)

    def test_an_error_half_way_takes_all_of_them_back(self) -> None:
        done, act = [], decisions.no_change

        def third_fails(**given: Any) -> Any:
            if len(done) == 2:
                raise RuntimeError
            done.append(act(**given))

        with (
            mock.patch.object(decisions, "no_change", side_effect=third_fails),
            self.assertRaises(RuntimeError),
        ):
            self.confirm(*EACH)
        self.assertEqual(self.waiting(), [])

    def test_rated_again_only_where_ticked(self) -> None:
        self.confirm(*EACH[:2], is_rated_again="yes")
        self.assertEqual([row.rated_on for row in self.waiting()], [days_ago(0)] * 2)


class SentenceTests(BatchTestCase):
    def assert_needed(self, *sentences: str) -> None:
        for sentence in sentences or ("",):
            with self.assertRaises(ValidationError) as refusal:
                decisions.no_change(
                    recommendation=self.recommendation, by=self.staff, sentence=sentence
                )
            self.assertEqual(list(refusal.exception.message_dict), ["sentence"])

    def test_the_third_in_a_row_needs_a_sentence(self) -> None:
        """A sentence, a report or a correction of the words begins the count again."""
        about = self.recommendation
        self.twice(about, "", "")
        self.assert_needed("", " \n", "A first meeting took place.")
        self.twice(about, SENTENCE, "", "")
        self.assert_needed()
        self.make_approved(about, what_happened="A treaty.")
        self.twice(about, "", "")
        self.assert_needed()
        last = StatusUpdate.objects.filter(recommendation=about).latest("pk")
        row = decisions.correct(update=last, by=self.staff, values={"public_text": "Met once."})
        row = submit(update=row, by=self.staff, expected_version=row.version)
        decisions.approve_update(update=row, by=self.manager)
        decisions.no_change(recommendation=about, by=self.staff)

    def test_the_form_shows_the_field_and_at_once_it_is_not_offered(self) -> None:
        self.twice(self.recommendation, "", "")
        page = self.get(WORK, self.staff)
        self.assertNotContains(page, 'id="tick-REP-1"')
        self.assertContains(page, 'id="tick-REP-2"')
        text = self.send(WORK, self.staff, reference=["REP-1", "REP-2"])
        told = "REP-1: This is the third consecutive “no change”"
        self.assert_words(text, told, "review: REP-2.")
        path = reverse("update-no-change", args=["REP-1"])
        told = "A third consecutive “no change” needs its own explanation."
        answer = self.post(path, self.staff)
        self.assertAnswers(answer, 400, told, "Current position, in one sentence")
        self.assertEqual(self.post(path, self.staff, sentence=SENTENCE).status_code, 302)
        row = self.waiting()[0]
        self.assertEqual((row.what_happened, row.rated_on), (SENTENCE, days_ago(300)))


class ReviewTests(BatchTestCase):
    def ticked(self, rows: list[StatusUpdate]) -> dict[str, Any]:
        """The form of the page as it is open now, with these rows ticked."""
        shown = shown_fields(self.get(REVIEW, self.manager))
        return {"update": [row.pk for row in rows], **shown}

    def contradict(self, update: StatusUpdate) -> None:
        item = self.make_evidence()
        link_evidence(to=update, by=self.manager, stance="undermines", evidence=item)

    def test_all_or_only_what_is_ticked(self) -> None:
        rows = self.confirm_all()
        self.assert_says("/review/", "manager", "Review 3 “no change” updates together")
        self.assert_says(REVIEW, "manager", "REP-3 Third | Confirms the update as of")
        none = "No updates were selected."
        self.assert_words(self.send(REVIEW, self.manager), none)
        for some, told in ((rows[:1], "REP-1."), (rows[1:], "REP-2, REP-3.")):
            text = self.send(REVIEW, self.manager, **self.ticked(some))
            self.assertIn(f"“No change” approved: {told}", text)
        self.assertEqual(self.waiting(), [])
        self.assert_says(REVIEW, "manager", "No confirmations await your review")

    def test_refusals_are_named_and_the_others_stand(self) -> None:
        rows = self.confirm_all()
        unseen = self.post(REVIEW, self.manager, update=[rows[0].pk])
        self.assertAnswers(unseen, 409, "REP-1: The version that you saw is unknown.")
        self.assertEqual(len(self.waiting()), 3)
        data = self.ticked(rows)
        decisions.return_update(update=rows[0], by=self.other_manager, note="Look again.")
        self.make_approved(rows[1].recommendation, by=self.manager, decided_by=self.other_manager)
        response = self.post(REVIEW, self.manager, **data)
        self.assertEqual(response.status_code, 409)
        self.assert_words(
            words_of(response),
            "REP-1: This was already decided: returned by Other Manager",
            "REP-2: The content changed after you opened the page.",
            "approved: REP-3.",
            "Current update Version when you opened the page In progress, as of",
        )

    def test_never_what_one_wrote_what_is_contradicted_and_nothing_but_no_change(self) -> None:
        mine = self.confirm_all(self.manager)
        other = self.make_submitted(self.make_recommendation("Fourth"))
        self.assert_says(REVIEW, "manager", "No confirmations await your review")
        text = self.send(REVIEW, self.manager, **self.ticked([*mine, other]))
        self.assert_words(text, "You cannot decide on your own updates or requests.")
        against = self.make_recommendation("Fifth")
        self.make_approved(against)
        row = decisions.no_change(recommendation=against, by=self.staff)
        self.contradict(row)
        text = self.send(REVIEW, self.manager, **self.ticked([row]))
        self.assert_words(text, "REP-5: Confirm that you approve")
        self.assertEqual(len(self.waiting()), 5)

    def test_a_row_that_cannot_be_approved_is_off_with_the_reason(self) -> None:
        rows = self.confirm_all()
        self.assertContains(self.get(REVIEW, self.manager), "checked>", count=3)
        self.make_approved(rows[0].recommendation, by=self.manager, decided_by=self.other_manager)
        self.contradict(rows[1])
        page = self.get(REVIEW, self.manager)
        boxes = re.findall(
            r'<input [^>]*id="tick-(\d+)"[^>]*?(checked|disabled)>', page.content.decode()
        )
        wanted = ("disabled", "disabled", "checked")
        expected = {str(row.pk): how for row, how in zip(rows, wanted, strict=True)}
        self.assertEqual(dict(boxes), expected)
        self.assertContains(page, "Contradicted (unanswered)", count=1)
        told = f"{OFF} Another update was approved after this one was written."
        self.assert_words(words_of(page), told, f"{OFF} A contradiction is open")
