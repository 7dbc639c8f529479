"""Reporting rounds: sent as previewed, answered by updates, extended, chased and closed."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone

from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.recommendations import archive, revise_recommendation
from recommendations.actions.redaction import redact
from recommendations.actions.rounds.running import close_round, extend_round, remind
from recommendations.actions.rounds.sending import NothingToAsk, send_round
from recommendations.actions.updates import decisions, drafts
from recommendations.audit import verify_chain
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.choices import Found, RequestState, Role
from recommendations.models import (
    AuditEvent,
    OutgoingMail,
    ReportingRound,
    Request,
    RoundExtension,
    RoundReminder,
)
from recommendations.queries.rounds.asked import open_requests_of
from recommendations.queries.rounds.plan import plan_round
from recommendations.queries.rounds.standing import tally_of
from tests.base import RaceTestCase, TrackerTestCase, days_ago, make_person
from tests.mail import outbox, sending
from tests.rounds import sent_round
from tests.threads import at_once, failures
from tests.updates import begin_draft


class RoundTestCase(TrackerTestCase):
    def states(self, round: ReportingRound, day_in: int = 0) -> list[RequestState]:
        today = timezone.localdate() + timedelta(days=day_in)
        return [row.state(today) for row in tally_of(round, today).rows]


class SendingTests(RoundTestCase):
    def test_each_is_asked_or_left_out_for_its_reason_with_one_event(self):
        leaderless = self.make_recommendation("Without a lead", lead=None, lead_officer=None)
        closed = self.make_recommendation("Closed")
        self.make_approved(
            closed,
            implementation_status="no_longer_applicable",
            confidence="not_rated",
            closing_reason="Over.",
            as_of=days_ago(90),
        )
        archived = self.make_recommendation("Archived")
        archive(recommendation=archived, by=self.manager, reason="other", note="So.")
        before = AuditEvent.objects.count()
        round = sent_round([self.recommendation, leaderless, closed, archived], self.manager)
        [event] = AuditEvent.objects.filter(sequence__gt=before)
        self.assertEqual((event.verb, event.object_id), ("send_round", str(round.pk)))
        rows = dict(round.requests.values_list("recommendation__title", "not_asked"))
        expected = {"Without a lead": "no_lead", "Closed": "closed", "Archived": "archived"}
        self.assertEqual(rows, {self.recommendation.title: "", **expected})
        self.assertEqual(self.states(round), [RequestState.OPEN])

    def test_the_officer_is_told_once_and_without_one_the_staff_of_the_lead(self):
        colleague = make_person("colleague", Role.STAFF, self.ministry)
        items = [
            self.recommendation,
            self.make_recommendation("Second"),
            self.make_recommendation("Of all", lead_officer=None),
            self.make_recommendation("Of a reader", lead_officer=self.viewer),
        ]
        with sending():
            sent_round(items, self.manager)
        told = {mail.to[0]: mail.body for mail in outbox()}
        self.assertEqual(set(told), {self.staff.email, colleague.email})
        self.assertIn("requests 4 updates", told[self.staff.email])
        self.assertIn("requests 2 updates", told[colleague.email])

    def test_what_changed_since_the_preview_is_not_sent(self):
        day = days_ago(3)
        shown = plan_round([self.recommendation.pk], day).shown
        self.make_submitted(self.recommendation, as_of=days_ago(1))
        values = {"name": "Spring", "as_of": day, "reply_by": days_ago(-9)}
        send = partial(send_round, key=uuid4(), values=values, by=self.manager)
        with self.assertRaises(NothingToAsk):
            send(shown=shown)
        self.assertFalse(ReportingRound.objects.exists())
        send(shown=plan_round([self.recommendation.pk], day).shown)
        self.assertEqual(ReportingRound.objects.count(), 1)

    def test_a_form_sent_twice_opens_one_round(self):
        shown = plan_round([self.recommendation.pk], days_ago(3)).shown
        values = {"name": "Spring", "as_of": days_ago(3), "reply_by": days_ago(-9)}
        send = partial(send_round, key=uuid4(), values=values, shown=shown, by=self.manager)
        self.assertEqual(send(), send())
        self.assertEqual(Request.objects.count(), 1)

    def test_a_day_that_is_over_is_refused(self):
        for values in ({"reply_by": days_ago(1)}, {"as_of": days_ago(-20)}, {"name": ""}):
            with self.subTest(values), self.assertRaises(ValidationError):
                sent_round([self.recommendation], self.manager, **values)

    def test_managers_alone_run_rounds(self):
        round = sent_round([self.recommendation], self.manager)
        later = {"new_day": days_ago(-20), "reason": "So.", "shown_day": round.reply_by}
        for person in (self.staff, self.viewer, self.auditor, self.administrator, self.stranger):
            for act in (
                lambda by: sent_round([self.recommendation], by),
                lambda by: extend_round(round=round, organisation=self.ministry, by=by, **later),
                lambda by: remind(round=round, by=by),
                lambda by: close_round(round=round, shown_in=0, by=by),
            ):
                with self.subTest(person=person.username), self.assertRaises(NotAllowed):
                    act(person)


class AnswerTests(RoundTestCase):
    def test_an_update_of_the_day_answers_and_an_earlier_one_does_not(self):
        round = sent_round([self.recommendation], self.manager, as_of=days_ago(10))
        self.make_submitted(self.recommendation, as_of=days_ago(11))
        self.assertEqual(self.states(round), [RequestState.OPEN])
        self.make_submitted(self.recommendation, as_of=days_ago(10))
        self.assertEqual(self.states(round), [RequestState.AWAITING])
        self.assertEqual(open_requests_of([self.staff]), [])

    def test_a_draft_and_a_returned_update_do_not_answer(self):
        round = sent_round([self.recommendation], self.manager)
        begin_draft(recommendation=self.recommendation, by=self.staff)
        self.assertEqual(self.states(round), [RequestState.OPEN])
        update = self.make_submitted(self.recommendation)
        decisions.return_update(update=update, by=self.manager, note="Say more.")
        self.assertEqual(self.states(round), [RequestState.OPEN])
        drafts.withdraw_update(
            update=update, by=self.staff, expected_version=drafts.current_update(update).version
        )
        self.assertEqual(self.states(round), [RequestState.OPEN])

    def test_what_is_in_before_the_round_counts_and_nobody_is_asked(self):
        self.make_approved(self.recommendation, as_of=days_ago(5))
        with sending():
            round = sent_round([self.recommendation], self.manager, as_of=days_ago(10))
        self.assertEqual(self.states(round), [RequestState.APPROVED])
        self.assertEqual(outbox(), [])

    def test_late_begins_after_the_day_and_a_late_reply_is_marked(self):
        sent = timezone.now() - timedelta(days=40)
        round = sent_round(
            [self.recommendation],
            self.manager,
            as_of=days_ago(60),
            reply_by=days_ago(12),
            at=sent,
        )
        self.assertEqual(self.states(round, -12), [RequestState.OPEN])
        self.assertEqual(self.states(round, -11), [RequestState.LATE])
        self.make_submitted(self.recommendation)
        [row] = tally_of(round, timezone.localdate()).rows
        self.assertEqual((row.state(timezone.localdate()), row.days_late), ("awaiting", 12))

    def test_requests_reach_the_officer_and_end_with_the_round(self):
        round = sent_round([self.recommendation], self.manager)
        [asked] = open_requests_of([self.staff, self.other_staff, self.manager])
        self.assertEqual(asked.user_id, self.staff.pk)
        self.assertEqual((asked.reference, asked.reply_by), ("REP-1", round.reply_by))
        close_round(round=round, shown_in=0, by=self.manager)
        self.assertEqual(open_requests_of([self.staff]), [])


class RunningTests(RoundTestCase):
    def setUp(self):
        self.round = sent_round([self.recommendation], self.manager)

    def extend(self, **values):
        return extend_round(
            **{
                "round": self.round,
                "organisation": self.ministry,
                "new_day": days_ago(-20),
                "reason": "A new officer.",
                "shown_day": self.round.reply_by,
                "by": self.manager,
                **values,
            }
        )

    def test_an_extension_moves_the_day_of_one_organisation_alone(self):
        of_agency = {"lead": self.agency, "lead_officer": self.other_staff}
        other = self.make_recommendation("Elsewhere", **of_agency)
        round = sent_round([self.recommendation, other], self.manager, name="Both")
        self.extend(round=round)
        self.assertEqual(self.states(round, 15), [RequestState.EXTENDED, RequestState.LATE])
        self.assertEqual(self.states(round, 21), [RequestState.LATE] * 2)
        round.refresh_from_db()
        self.assertEqual(round.reply_by, days_ago(-10))
        [asked] = [a for a in open_requests_of([self.staff]) if a.round_id == round.pk]
        self.assertEqual(asked.reply_by, days_ago(-20))

    def test_an_extension_that_says_too_little_is_refused(self):
        for wrong in ({"reason": " "}, {"new_day": self.round.reply_by}, {"new_day": days_ago(1)}):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                self.extend(**wrong)
        other: list[dict[str, Any]] = [
            {"organisation": self.agency},
            {"shown_day": days_ago(-11)},
        ]
        for refused in other:
            with self.subTest(refused), self.assertRaises(ActionRefused):
                self.extend(**refused)

    def test_a_person_is_reminded_once_a_day_of_what_is_missing(self):
        with sending():
            remind(round=self.round, by=self.manager)
        [mail] = outbox()
        self.assertEqual(mail.to, [self.staff.email])
        self.assertIn("REP-1", mail.body)
        with self.assertRaises(ActionRefused):
            remind(round=self.round, by=self.other_manager)
        [row] = tally_of(self.round, timezone.localdate()).rows
        self.assertEqual(row.last_reminder, timezone.localdate())
        tomorrow = timezone.now() + timedelta(days=1)
        remind(round=self.round, by=self.manager, at=tomorrow)
        self.assertEqual(RoundReminder.objects.count(), 2)

    def test_nobody_is_reminded_of_what_is_in_or_was_archived(self):
        with self.assertRaises(ActionRefused):
            remind(round=self.round, by=self.manager, organisations=[self.agency.pk])
        self.make_submitted(self.recommendation)
        with self.assertRaises(ActionRefused):
            remind(round=self.round, by=self.manager)

    def test_a_hand_over_moves_the_request_to_the_new_officer(self):
        colleague = make_person("colleague", Role.STAFF, self.ministry)
        revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"lead_officer": colleague},
        )
        self.assertEqual(open_requests_of([self.staff]), [])
        self.assertEqual(len(open_requests_of([colleague])), 1)

    def test_closing_keeps_what_was_found_whatever_comes_later(self):
        second = self.make_recommendation("Second")
        round = sent_round([self.recommendation, second], self.manager, name="Both")
        update = self.make_submitted(self.recommendation)
        before = AuditEvent.objects.count()
        close_round(round=round, shown_in=1, by=self.manager)
        self.assertEqual(AuditEvent.objects.count(), before + 1)
        rows = list(Request.objects.filter(round=round).order_by("pk"))
        self.assertEqual([row.found for row in rows], [Found.AWAITING, Found.MISSING])
        self.assertEqual(rows[0].found_update, update)
        decisions.approve_update(update=update, by=self.manager)
        self.make_submitted(second)
        found = [RequestState.AWAITING, RequestState.MISSING]
        self.assertEqual(self.states(round), found)
        self.assertEqual(tally_of(round, timezone.localdate()).is_in, 1)

    def test_what_came_in_since_the_page_keeps_the_round_open(self):
        self.make_submitted(self.recommendation)
        with self.assertRaises(ActionRefused):
            close_round(round=self.round, shown_in=0, by=self.manager)
        self.assertFalse(ReportingRound.objects.get().closed_at)

    def test_a_closed_round_is_neither_extended_nor_chased_nor_closed_again(self):
        close_round(round=self.round, shown_in=0, by=self.other_manager)
        for act in (
            self.extend,
            lambda: remind(round=self.round, by=self.manager),
            lambda: close_round(round=self.round, shown_in=0, by=self.manager),
        ):
            with self.assertRaisesMessage(ActionRefused, "Other Manager closed this round"):
                act()


class RedactionTests(RoundTestCase):
    def test_words_go_from_a_round_its_extension_and_the_mail_that_waits(self):
        words = "Xanthippe"
        round = sent_round([self.recommendation], self.manager, name=f"Round of {words}")
        extend_round(
            round=round,
            organisation=self.ministry,
            new_day=days_ago(-20),
            reason=f"{words} is ill.",
            shown_day=round.reply_by,
            by=self.manager,
        )
        found = preview_digest(words, text_occurrences(words))
        redact(words=words, by=self.administrator, reason="Asked for.", expected=found)
        round.refresh_from_db()
        self.assertNotIn(words, round.name)
        self.assertNotIn(words, RoundExtension.objects.get().reason)
        for mail in OutgoingMail.objects.all():
            self.assertNotIn(words, f"{mail.subject}{mail.lines}{mail.quoted}")
        self.assertEqual(verify_chain().fault, "")


class RaceTests(RaceTestCase):
    def test_of_two_who_close_or_extend_at_once_one_is_told(self):
        about = self.make_recommendation()
        said = {"reason": "So.", "new_day": days_ago(-20), "organisation": self.ministry}
        for makes in (
            lambda round: partial(close_round, shown_in=0),
            lambda round: partial(extend_round, shown_day=round.reply_by, **said),
        ):
            round = sent_round([about], self.manager)
            jobs = [
                partial(makes(round), round=round, by=person)
                for person in (self.manager, self.other_manager)
            ]
            refused = failures(at_once(jobs))
            self.assertEqual([type(each) for each in refused], [ActionRefused])
