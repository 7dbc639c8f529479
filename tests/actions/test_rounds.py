"""Reporting rounds: sent as previewed, answered by updates, extended, chased and closed."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from recommendations.actions.base import ActionRefused
from recommendations.actions.rounds import (
    NothingToAsk,
    close_round,
    extend_round,
    remind,
    send_round,
)
from recommendations.choices import Found, RequestState, Role
from recommendations.models import (
    ReportingRound,
    Request,
    RoundReminder,
)
from recommendations.queries.rounds import missing_in, plan_round, tally_of
from tests.actions.acts import ActTestCase
from tests.base import days_ago, make_person
from tests.mail import outbox, sending
from tests.rounds import sent_round

OPEN, LATE, EXTENDED, AWAITING, APPROVED, MISSING = (
    *(RequestState.OPEN, RequestState.LATE, RequestState.EXTENDED),
    *(RequestState.AWAITING, RequestState.APPROVED, RequestState.MISSING),
)


class RoundTestCase(ActTestCase):
    def send(self, *items: Any, **values: Any) -> ReportingRound:
        """A round on these, REP-1 unless told otherwise."""
        return sent_round(items or [self.recommendation], self.manager, **values)

    def assert_states(self, round: ReportingRound, *states: RequestState, day_in: int = 0) -> None:
        today = timezone.localdate() + timedelta(days=day_in)
        self.assertEqual([row.state(today) for row in tally_of(round, today).rows], list(states))


class SendingTests(RoundTestCase):
    def test_each_is_asked_or_left_out_for_its_reason_with_one_event(self):
        leaderless = self.make_recommendation("Without a lead", lead=None, lead_officer=None)
        closed, archived = (self.make_recommendation(title) for title in ("Closed", "Archived"))
        over = {"implementation_status": "no_longer_applicable", "closing_reason": "Over."}
        self.make_approved(closed, confidence="not_rated", as_of=days_ago(90), **over)
        self.archive(archived)
        before = len(self.events())
        round = self.send(self.recommendation, leaderless, closed, archived)
        [event] = self.events()[before:]
        self.assertEqual((event.verb, event.object_id), ("send_round", str(round.pk)))
        rows = dict(round.requests.values_list("recommendation__title", "not_asked"))
        expected = {"Without a lead": "no_lead", "Closed": "closed", "Archived": "archived"}
        self.assertEqual(rows, {self.recommendation.title: "", **expected})
        self.assert_states(round, OPEN)

    def test_the_officer_is_told_once_and_without_one_the_staff_of_the_lead(self):
        colleague = make_person("colleague", Role.STAFF, self.ministry)
        others = [
            self.make_recommendation("Second"),
            self.make_recommendation("Of all", lead_officer=None),
            self.make_recommendation("Of a reader", lead_officer=self.viewer),
        ]
        with sending():
            self.send(self.recommendation, *others)
        told = {mail.to[0]: mail.body for mail in outbox()}
        self.assertEqual(set(told), {self.staff.email, colleague.email})
        self.assertIn("requests 4 updates", told[self.staff.email])
        self.assertIn("requests 2 updates", told[colleague.email])

    def test_it_is_sent_as_its_preview_showed_it_and_once(self):
        day = days_ago(3)
        shown = plan_round([self.recommendation.pk], day).shown
        self.make_submitted(self.recommendation, as_of=days_ago(1))
        values = {"name": "Spring", "as_of": day, "reply_by": days_ago(-9)}
        send = partial(send_round, key=uuid4(), values=values, by=self.manager)
        self.refused(NothingToAsk, partial(send, shown=shown))
        send = partial(send, shown=plan_round([self.recommendation.pk], day).shown)
        self.assertEqual(send(), send())
        self.assertEqual(Request.objects.count(), 1)

    def test_a_day_that_is_over_and_no_name_are_refused(self):
        for what, name, value in (
            ("reply_by", "reply_by", days_ago(1)),
            ("__all__", "as_of", days_ago(-20)),
            ("name", "name", ""),
        ):
            self.refused(what, partial(self.send, **{name: value}))


class AnswerTests(RoundTestCase):
    def test_an_update_of_the_day_answers_once_it_is_submitted(self):
        round = self.send(as_of=days_ago(10))
        self.make_submitted(self.recommendation, as_of=days_ago(11))
        self.draft()
        self.assert_states(round, OPEN)
        update = self.make_submitted(self.recommendation, as_of=days_ago(10))
        self.assert_states(round, AWAITING)
        self.assertEqual(missing_in(round), {})
        for end in (self.give_back, self.withdraw):
            end(update)
            self.assert_states(round, OPEN)

    def test_what_is_in_before_the_round_counts_and_nobody_is_asked(self):
        self.make_approved(self.recommendation, as_of=days_ago(5))
        with sending():
            round = self.send(as_of=days_ago(10))
        self.assert_states(round, APPROVED)
        self.assertEqual(outbox(), [])

    def test_late_begins_after_the_day_and_a_late_reply_is_marked(self):
        sent = timezone.now() - timedelta(days=40)
        round = self.send(as_of=days_ago(60), reply_by=days_ago(12), at=sent)
        self.assert_states(round, OPEN, day_in=-12)
        self.assert_states(round, LATE, day_in=-11)
        self.make_submitted(self.recommendation)
        [row] = tally_of(round, timezone.localdate()).rows
        self.assertEqual((row.state(timezone.localdate()), row.days_late), ("awaiting", 12))

    def test_requests_reach_the_officer_of_the_day_and_end_with_the_round(self):
        round = self.send()
        [(person, [asked])] = missing_in(round).items()
        found = (person, asked.reference, asked.reply_by)
        self.assertEqual(found, (self.staff, "REP-1", round.reply_by))
        colleague = make_person("colleague", Role.STAFF, self.ministry)
        self.revise(lead_officer=colleague)
        self.assertEqual(list(missing_in(round)), [colleague])
        close_round(round=round, shown_in=0, by=self.manager)
        self.assertEqual(missing_in(round), {})


class RunningTests(RoundTestCase):
    def setUp(self) -> None:
        self.round = self.send()
        super().setUp()
        self.chase = partial(remind, round=self.round, by=self.manager)
        self.close = partial(close_round, round=self.round, shown_in=0, by=self.manager)

    def extend(self, round: ReportingRound | None = None, **values: Any) -> Any:
        round = round or self.round
        said = {"new_day": days_ago(-20), "reason": "A new officer.", "shown_day": round.reply_by}
        given = {"organisation": self.ministry, "by": self.manager, **said, **values}
        return extend_round(round=round, **given)

    def test_an_extension_moves_the_day_of_one_organisation_alone(self):
        of_agency = {"lead": self.agency, "lead_officer": self.other_staff}
        other = self.make_recommendation("Elsewhere", **of_agency)
        round = self.send(self.recommendation, other, name="Both")
        self.extend(round)
        self.assert_states(round, EXTENDED, LATE, day_in=15)
        self.assert_states(round, LATE, LATE, day_in=21)
        self.assertEqual(self.held(round, "reply_by"), days_ago(-10))
        [asked] = missing_in(round)[self.staff]
        self.assertEqual(asked.reply_by, days_ago(-20))

    def test_an_extension_that_says_too_little_or_rests_on_another_day_is_refused(self):
        for what, values in (
            ("reason", {"reason": " "}),
            ("__all__", {"new_day": self.round.reply_by}),
            ("new_day", {"new_day": days_ago(1)}),
            (ActionRefused, {"organisation": self.agency}),
            (ActionRefused, {"shown_day": days_ago(-11)}),
        ):
            self.refused(what, partial(self.extend, **values))

    def test_a_person_is_reminded_once_a_day_of_what_is_missing(self):
        with sending():
            self.chase()
        [mail] = outbox()
        self.assertEqual(mail.to, [self.staff.email])
        self.assertIn("REP-1", mail.body)
        self.refused(ActionRefused, self.chase)
        [row] = tally_of(self.round, timezone.localdate()).rows
        self.assertEqual(row.last_reminder, timezone.localdate())
        tomorrow = timezone.now() + timedelta(days=1)
        self.chase(at=tomorrow)
        self.assertEqual(RoundReminder.objects.count(), 2)

    def test_closing_keeps_what_was_found_whatever_comes_later(self):
        second = self.make_recommendation("Second")
        round = self.send(self.recommendation, second, name="Both")
        update = self.make_submitted(self.recommendation)
        self.refused(ActionRefused, partial(self.close, round=round))
        before = len(self.events())
        self.close(round=round, shown_in=1)
        self.assertEqual([event.verb for event in self.events()[before:]], ["close_round"])
        rows = list(Request.objects.filter(round=round).order_by("pk"))
        self.assertEqual([row.found for row in rows], [Found.AWAITING, Found.MISSING])
        self.assertEqual(rows[0].found_update, update)
        self.approve(update)
        self.make_submitted(second)
        self.assert_states(round, AWAITING, MISSING)
        self.assertEqual(tally_of(round, timezone.localdate()).is_in, 1)

    def test_a_closed_round_is_neither_extended_nor_chased_nor_closed_again(self):
        self.close(by=self.other_manager)
        words = "Other Manager closed this round"
        for act in (self.extend, self.chase, self.close):
            self.refused(ActionRefused, act, words=words)
