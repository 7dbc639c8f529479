"""Reminders: who is told what on which day, and that nobody is told twice."""

from collections.abc import Callable, Set
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from unittest import mock

from django.core import mail
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase
from django.utils import timezone

from recommendations.actions import dates, indicators, people, personal, responses
from recommendations.actions.evidence import items
from recommendations.actions.imports.openings import approve_batch
from recommendations.actions.mail import delivery, letters
from recommendations.actions.mail.letters import Outcome, queue_reminders
from recommendations.actions.personal import save_view
from recommendations.models import (
    NotificationSettings,
    OutgoingMail,
    Recommendation,
    Reminder,
    SavedView,
    TargetDateChange,
    User,
)
from recommendations.queries import reminders
from recommendations.queries.dates import day_text
from recommendations.queries.reminders import (
    Span,
    is_message_day,
    last_before_due,
    last_while_waiting,
)
from recommendations.views.lists import view_members
from tests.actions.acts import ActTestCase
from tests.base import LONG_AGO, RaceTestCase, agreed, days_ago
from tests.edits import edit
from tests.imports.openings import brought, list_of, seen
from tests.mail import outbox
from tests.rounds import sent_round
from tests.threads import at_once
from tests.undoing import undo_batch

DAY = timedelta(days=1)
NAME = "REP-1 Do the thing"


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, 0, tzinfo=UTC)


def run(day: date, **options: Any) -> Outcome:
    return queue_reminders(now=at(day), members=view_members, **options)


class ReminderTestCase(ActTestCase):
    """REP-1 has an officer and a reviewer; only they and whom a test wants have an address."""

    due: date

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        # Continuous: of no other the reviewer is told that it has no target date.
        cls.change(reviewer=cls.manager, nature="continuous")
        cls.due = cls.due_on(cls.recommendation)
        cls.give_addresses(cls.staff, cls.manager)

    def setUp(self) -> None:
        super().setUp()
        self.runs: dict[date, Outcome] = {}

    @classmethod
    def due_on(cls, about: Recommendation) -> date:
        found = Recommendation.objects.get(pk=about.pk).next_due_on
        assert found is not None
        return found

    @classmethod
    def change(cls, **values: Any) -> None:
        """Long ago, so that nothing is news."""
        edit(cls.recommendation, cls.manager, at=LONG_AGO + timedelta(hours=1), **values)

    @classmethod
    def give_addresses(cls, *wanted: User) -> None:
        User.objects.update(email="")
        for person in wanted:
            email = f"{person.username}@example.org"
            User.objects.filter(pk=person.pk).update(email=email)

    def set_date(self, day: date) -> None:
        about = {"recommendation": self.recommendation, "by": self.manager}
        dates.set_first(**about, new_date=day, reason="Due.")

    def told(self, person: User, day: date) -> list[str]:
        """What the run of this day tells a person, line by line."""
        if day not in self.runs:
            self.runs[day] = run(day)
        found = dict(self.runs[day].queued)
        return [f"{line.part}: {line.title}: {line.what}" for line in found.get(str(person), [])]

    def assert_told(self, person: User, day: date, *lines: str) -> None:
        """Each line as ``part: what``, of REP-1."""
        expected = [line.replace(": ", f": {NAME}: ", 1) for line in lines]
        self.assertEqual(self.told(person, day), expected)


class WordsTests(SimpleTestCase):
    def test_what_is_due_what_waits_since_today_and_how_a_date_moved(self) -> None:
        first, second = date(2026, 3, 1), date(2026, 9, 30)
        moved = TargetDateChange(old_date=first, new_date=second)
        for told, words in (
            (reminders.overdue_text(-3), "Update due in 3 days"),
            (reminders._waits(reminders._UPDATE_WAITS, 0), "Update submitted today"),
            (reminders._waits(reminders._DATE_WAITS, 0), "Date change requested today"),
            (reminders._waits(reminders._DECISION_WAITS, 0), "Submitted today"),
            (reminders._date_text(TargetDateChange(old_date=first)), "Target date removed"),
            (
                reminders._date_text(moved),
                "Target date changed from 1 March 2026 to 30 September 2026",
            ),
        ):
            self.assertEqual(told, words)


class CalendarTests(SimpleTestCase):
    def test_the_days_of_what_is_due_and_of_what_waits(self) -> None:
        due = date(2026, 3, 1)
        weekly = [due + 7 * n * DAY for n in range(4)]
        ahead = [date(2026, 1, 30), date(2026, 2, 22)]
        told = {last_before_due(due, due + n * DAY) for n in range(-31, 22)} - {None}
        self.assertEqual(sorted(told), [*ahead, *weekly])
        self.assertIsNone(last_before_due(due, due - 31 * DAY))
        waits = {last_while_waiting(due, due + n * DAY) for n in range(-2, 15)} - {None}
        self.assertEqual(sorted(waits), weekly[:3])
        self.assertIsNone(last_while_waiting(due, due - DAY))

    def test_a_year_of_each_wish_is_the_one_expected(self) -> None:
        """The calendar alone, over all days; below it is that of a whole site."""
        due = date(2026, 3, 4)
        year = [due - 45 * DAY + n * DAY for n in range(365)]
        weekdays = NotificationSettings(quiet_saturday=True, quiet_sunday=True)
        weekly = NotificationSettings(frequency="weekly", quiet_monday=True)
        cases: list[tuple[NotificationSettings, Callable[[date, date | None], bool]]] = [
            (NotificationSettings(), lambda _day, _last: True),
            (weekdays, lambda day, _last: day.weekday() < 5),
            (weekly, is_new_week),
            (NotificationSettings(frequency="none"), lambda _day, _last: False),
        ]
        for wanted, may in cases:
            found: list[date] = []
            for day in year:
                last = found[-1] if found else None
                span = Span(last or day - 31 * DAY, day, at(day), at(day))
                if is_message_day(wanted, last, day) and span.reminds_of_due(due):
                    found.append(day)
            with self.subTest(wanted.frequency, quiet=wanted.quiet_days):
                self.assertEqual(found, expected(year, milestones(due), may))


def weeks(first: date) -> set[date]:
    return {first + 7 * n * DAY for n in range(60)}


def milestones(due: date) -> set[date]:
    return {due - 30 * DAY, due - 7 * DAY} | weeks(due)


def is_new_week(day: date, last: date | None) -> bool:
    """Not on Mondays, and not twice in a week from Monday to Sunday."""
    is_same = last is not None and last.isocalendar()[:2] == day.isocalendar()[:2]
    return day.weekday() != 0 and not is_same


def expected(
    year: list[date], wanted: Set[date], may: Callable[[date, date | None], bool]
) -> list[date]:
    """Each day on which a message is allowed and something was to be told since the last one."""
    found: list[date] = []
    for day in year:
        last = found[-1] if found else None
        since = last or day - 31 * DAY
        if may(day, last) and any(since < each <= day for each in wanted):
            found.append(day)
    return found


class LineTests(ReminderTestCase):
    def test_an_overdue_update_is_escalated_and_both_are_told_so(self) -> None:
        self.assert_told(self.staff, self.due + 14 * DAY, "needed: Update overdue by 14 days")
        [line] = dict(run(self.due + 21 * DAY).queued)["Manager"]
        self.assertEqual((line.part, line.what), ("escalated", "Update overdue by 21 days"))
        self.assertEqual(line.notes, ("Lead officer: Staff",))
        for row in Reminder.objects.filter(person=self.staff):
            self.assertIn("The reviewer, Manager, is also notified.", str(row.content))

    def test_without_an_active_officer_the_lead_organisation_is_told(self) -> None:
        self.change(lead_officer=self.other_staff)
        User.objects.filter(pk=self.other_staff.pk).update(is_active=False)
        outcome = run(self.due)
        self.assertEqual(outcome.inactive, ["Other Staff"])
        self.assertEqual([name for name, _lines in outcome.queued], ["Staff"])

    def test_a_submitted_update_is_the_reviewers_till_it_is_returned(self) -> None:
        update = self.make_submitted(self.recommendation, at=at(self.due))
        self.assert_told(self.staff, self.due + DAY)
        for days, lines in (
            (1, ["decide: Update awaiting review for 1 day"]),
            (3, []),
            (7, ["decide: Update awaiting review for 7 days"]),
        ):
            self.assert_told(self.manager, self.due + days * DAY, *lines)
        self.give_back(update, at=at(self.due + 8 * DAY))
        self.assert_told(self.staff, self.due + 10 * DAY, "returned: Update returned 2 days ago")

    def test_what_is_asked_for_is_told_to_who_decides(self) -> None:
        self.make_approved(self.recommendation, asked_for="Two boats.", at=at(self.due))
        days = (run(self.due + n * DAY) for n in range(1, 9))
        lines = [line for each in days for line in dict(each.queued).get(str(self.manager), [])]
        notes = {line.notes for line in lines if "decision" in line.what.lower()}
        self.assertEqual(notes, {("Two boats.",)})

    def test_an_approved_update_is_told_once_also_if_it_was_retracted_since(self) -> None:
        update = self.make_approved(self.recommendation, at=at(self.due))
        later = at(self.due) + timedelta(hours=1)
        self.approve(self.retract(update, self.manager, at=later), self.other_manager, at=later)
        lines = dict(run(self.due + DAY).queued)["Staff"]
        [line] = [line for line in lines if line.what.endswith(" approved")]
        self.assertEqual((line.part, line.title), ("approved", NAME))
        stated, retracted = line.notes
        self.assertIn(f" in progress (approved {day_text(self.due)}).", stated)
        self.assertEqual(retracted, f"Retracted on {day_text(self.due)}.")
        again = self.told(self.staff, self.due + 2 * DAY)
        self.assertEqual([line for line in again if line.endswith(" approved")], [])

    def test_what_else_is_late_or_contradicted_is_told_each_week(self) -> None:
        today = timezone.localdate()
        # Before the run of today, whatever time it is now.
        update = self.make_approved(self.recommendation, at=at(today - DAY), as_of=today - DAY)
        responses.add_action(
            recommendation=self.recommendation,
            by=self.staff,
            values={"title": "A step", "due_on": days_ago(4)},
        )
        self.set_date(days_ago(4))
        self.attach(update, "A count", "undermines", self.other_manager)
        late = ["Overdue by 4 days", "Action overdue by 4 days"]
        against = "needed: Contradicted (unanswered)"
        *told, approved = self.told(self.staff, today)
        self.assertEqual(told, [f"needed: {NAME}: {each}" for each in late])
        # Its author cannot answer; the reviewer does.
        self.assert_told(self.manager, today, f"{against} since today")
        self.assertTrue(approved.startswith("approved: "))
        self.assert_told(self.staff, today + DAY)
        self.assertEqual(len(self.told(self.staff, today + 4 * DAY)), 2)
        self.assert_told(self.manager, today + 7 * DAY, f"{against} for 7 days")

    def test_forty_overdue_items_are_one_message_with_the_worst_and_a_link(self) -> None:
        for _number in range(39):
            self.make_recommendation("Another")
        self.assertEqual(len(self.told(self.staff, self.due)), 40)
        delivery.send_queue()
        [sent] = [each for each in outbox() if each.to == ["staff@example.org"]]
        self.assertEqual(sent.subject, "Recommendation Tracker: 40 reminders")
        self.assertEqual(sent.body.count("Update due today"), 10)
        for text in ("30 more items", "Open My work", "/my-work/"):
            self.assertIn(text, sent.body)
            self.assertIn(text, sent.alternatives[0][0])

    def test_a_request_of_a_round_is_told_by_its_day_in_place_of_the_update(self) -> None:
        round = sent_round([self.recommendation], self.manager)
        for days, words in ((-7, "needed: {}reply by"), (7, "needed: {}late since")):
            told = self.told(self.staff, round.reply_by + days * DAY)
            [line] = [line for line in told if "Update" in line]
            request = f"{NAME}: Update requested in “{round.name}”, "
            self.assertTrue(line.startswith(words.format(request)), line)
            self.assertEqual(told[0], line)

    def test_a_batch_is_named_each_week_to_who_may_approve_it_until_it_is(self) -> None:
        self.give_addresses(self.staff, self.manager, self.other_manager)
        today = timezone.localdate()
        batch = brought(list_of(), self.source, self.manager)
        about = "decide: Opening statuses for “Report”: "
        for days, words in (
            *((0, ["Submitted today"]), (1, [])),
            *((7, ["Awaits a decision: 7 days"]), (14, [])),
        ):
            if days == 14:
                approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
            told = [
                [line for line in self.told(person, today + days * DAY) if about in line]
                for person in (self.other_manager, self.manager)
            ]
            with self.subTest(days):
                self.assertEqual(told, [[f"{about}{each}" for each in words], []])

    def test_a_change_of_public_evidence_is_told_each_week_to_who_may_decide(self) -> None:
        item = self.make_evidence("A law", visibility="public")
        self.attach(self.make_approved(self.recommendation), item, by=self.other_manager)
        self.change_item(item, title="Another law")
        today = timezone.localdate()
        words = "decide: Evidence “A law”: Awaits a decision: 7 days"
        for days, is_told in ((7, True), (8, False)):
            self.assertEqual(words in self.told(self.manager, today + days * DAY), is_told)
        self.assertNotIn(words, self.told(self.other_manager, today + 7 * DAY))


class WatchedTests(ReminderTestCase):
    """The viewer watches, and is told of what happened until now."""

    def setUp(self) -> None:
        super().setUp()
        self.give_addresses(self.viewer)

    def assert_news(self, *lines: str, person: User | None = None) -> None:
        """Each begins so; its notes follow."""
        queued = queue_reminders(now=timezone.now(), members=view_members, is_dry=True).queued
        found = dict(queued).get(str(person or self.viewer), [])
        told = [f"{each.title}: {each.what} {' '.join(each.notes)}".strip() for each in found]
        self.assertEqual(len(told), len(lines), told)
        for text, words in zip(told, lines, strict=True):
            self.assertTrue(text.startswith(words), text)

    def watch(self, kind: str, row: Any, by: User | None = None) -> None:
        personal.watch(by=by or self.viewer, kind=kind, key=row.pk)

    def view(self, query: str, by: User | None = None, **values: Any) -> SavedView:
        values = {"name": query, "query": query, **values}
        return save_view(by=by or self.viewer, values=values)

    def test_a_recommendation_is_told_of_however_it_is_watched(self) -> None:
        self.make_approved(self.recommendation)
        self.assert_news()
        view, none = self.view("status=in_progress"), self.view("status=implemented")
        day = day_text(timezone.localdate())
        news = (
            f"{NAME}: Update as of {day} approved Status: In progress; before: No report yet. "
            "Confidence: On track (no target date); before: Not rated. "
            f"As of {day} in progress (approved {day})."
        )
        for kind, row in (
            ("recommendation", self.recommendation),
            ("source", self.source),
            ("view", view),
        ):
            with self.subTest(kind):
                self.watch(kind, row)
                self.assert_news(news)
                personal.stop_watching(by=self.viewer, kind=kind, key=row.pk)
        self.watch("view", none)
        self.assert_news()
        SavedView.objects.filter(pk=none.pk).update(query="status=former")
        self.assert_news()

    def test_an_opening_status_is_told_as_one_and_not_at_all_once_it_is_undone(self) -> None:
        self.watch("source", self.source)
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        queued = queue_reminders(now=timezone.now(), members=view_members, is_dry=True).queued
        lines = dict(queued)["Viewer"]
        self.assertEqual(["Opening status as of" in line.what for line in lines], [True] * 3)
        told = " ".join(note for line in lines for note in line.notes)
        self.assertIn("Status: Implemented; before: No report yet.", told)
        undo_batch(batch=batch, by=self.other_manager, seen=3, reason="The wrong list.")
        self.assert_news()

    def test_dates_and_values_are_told(self) -> None:
        indicator = self.make_indicator()
        self.watch("recommendation", self.recommendation)
        self.watch("indicator", indicator)
        self.set_date(date(2031, 3, 14))
        about = {"indicator": indicator, "area": self.make_area(), "period": "2025"}
        indicators.observe(**about, by=self.manager, values={"value": "7"})
        self.assert_news(
            f"{NAME}: Target date set: 14 March 2031",
            f"{indicator.code} {indicator.title}: 1 value recorded",
        )

    def test_new_contradicting_evidence_is_told_once_one_may_read_it_till_it_is_answered(self):
        before = self.make_approved(self.recommendation, at=timezone.now() - 40 * DAY)
        self.watch("recommendation", self.recommendation)

        def contradict(title: str, by: User, visibility: str = "public") -> Any:
            item = self.make_evidence(title, visibility=visibility)
            return self.attach(before, item, "undermines", by)

        contradict("A memo", self.other_manager, visibility="internal")
        contradict("A count", self.staff)  # another manager has to agree to the link
        self.assert_news()
        link = agreed(contradict("A survey", self.other_manager))
        self.assert_news(f"{NAME}: Contradicted by new evidence (unanswered): 1 item")
        self.answer(link)
        self.assert_news()

    def test_a_contradiction_that_goes_on_to_the_next_update_is_no_new_one(self) -> None:
        long_ago = timezone.now() - 40 * DAY
        before = self.make_approved(self.recommendation, at=long_ago)
        values = {"title": "A survey", "kind": "document", "citation": "A survey, page 1"}
        item = items.record(by=self.staff, values={**values, "visibility": "public"}, at=long_ago)
        self.attach(before, item, "undermines", self.manager, at=long_ago + DAY)
        self.watch("recommendation", self.recommendation)
        self.assert_news()
        self.make_approved(self.recommendation, confirm_contradictions=True)
        self.assert_news(f"{NAME}: Update as of")

    def test_what_one_may_no_longer_see_or_did_oneself_tells_nothing(self) -> None:
        shared = self.view("only=open", self.manager, is_shared=True)
        self.watch("view", shared)
        self.make_approved(self.recommendation)
        self.assert_news(NAME)
        SavedView.objects.filter(pk=shared.pk).update(is_shared=False)
        self.assert_news()
        self.watch("recommendation", self.recommendation)
        self.assert_news(NAME)
        self.viewer.groups.clear()
        self.assert_news()
        self.give_addresses(self.manager)
        self.watch("source", self.source, self.manager)
        self.assert_news(person=self.manager)


class OnceTests(ReminderTestCase):
    def test_a_second_run_on_the_same_day_queues_nothing(self) -> None:
        self.assertEqual(len(run(self.due, is_dry=True).queued), 1)
        self.assertFalse(Reminder.objects.exists(), "a dry run writes nothing")
        self.assertFalse(OutgoingMail.objects.filter(reminder__isnull=False).exists())
        self.assertEqual([name for name, _lines in run(self.due).queued], ["Staff"])
        again = queue_reminders(now=at(self.due) + timedelta(hours=9), members=view_members)
        self.assertEqual((again.queued, again.not_today), ([], 1))
        [row] = OutgoingMail.objects.filter(to=self.staff, reminder__isnull=False)
        self.assertEqual(row.message_id, f"<reminder-{self.due}.{self.staff.pk}@localhost>")

    def test_of_a_wrong_address_one_message_is_left_that_tells_all(self) -> None:
        self.make_recommendation("Do another thing", lead_officer=self.staff)
        for number in range(3):
            run(self.due + number * DAY)
            waiting = OutgoingMail.objects.filter(to=self.staff, reminder__isnull=False)
            self.assertEqual(waiting.count(), 1)
            waiting.update(state="dead")
        [row] = Reminder.objects.filter(person=self.staff)
        self.assertEqual(row.day, self.due + 2 * DAY)
        self.assertEqual([len(each["about"]) for each in row.sections], [2])
        # Sent again and delivered, it is told no more.
        OutgoingMail.objects.filter(reminder=row).update(state="queued", due_at=timezone.now())
        delivery.send_queue()
        self.assertEqual(run(self.due + 3 * DAY).queued, [])

    def test_who_is_shut_out_or_wants_none_gets_none(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(wants_mail=False)
        self.assertEqual(run(self.due).turned_off, 1)
        User.objects.filter(pk=self.staff.pk).update(wants_mail=True, email="")
        self.assertIn("Staff", run(self.due).without_address)
        self.give_addresses(self.staff)
        self.staff.groups.clear()
        self.assertEqual(run(self.due).without_role, ["Staff"])
        self.assertFalse(Reminder.objects.exists())

    def test_old_messages_are_emptied_and_the_last_day_stays_known(self) -> None:
        for days in (0, 31):
            run(self.due + days * DAY)
        old, new = Reminder.objects.filter(person=self.staff).order_by("day")
        self.assertEqual((old.sections, len(new.sections)), ([], 1))


class SendingTests(ReminderTestCase):
    def send(self) -> list[Any]:
        mail.outbox.clear()
        delivery.send_queue()
        return [each for each in outbox() if "reminder" in each.subject]

    def test_it_has_two_forms_nothing_from_elsewhere_and_no_redacted_words(self) -> None:
        for words in ("Do the thing", "REP-1"):
            run(self.due + (words == "REP-1") * 7 * DAY)
            if words == "REP-1":
                self.redact("Do the thing")
                self.assertNotIn("Do the thing", str([*Reminder.objects.values()]))
            [sent] = self.send()
            html, kind = sent.alternatives[0]
            self.assertEqual(kind, "text/html")
            for text in (sent.body, html):
                for shown in (words, "Update ", "/recommendations/REP-1/"):
                    self.assertIn(shown, text)
        self.assertNotIn("Do the thing", sent.body + html)
        for outside in ("<img", "<link", "<script", "url(", "@import", "src=", "<table>"):
            self.assertNotIn(outside, html)
        self.assertIn('<html lang="en"', html)

    def test_who_changed_their_mind_or_their_role_is_sent_nothing(self) -> None:
        run(self.due)
        personal.set_notifications(by=self.staff, values={"frequency": "none"})
        self.assertEqual(self.send(), [])
        NotificationSettings.objects.all().delete()
        self.assertEqual(len(run(self.due + DAY).queued), 1)
        version = User.objects.get(pk=self.staff.pk).version
        moved = {"expected_version": version, "values": {"organisation": self.agency}}
        people.change_user(user=self.staff, by=self.administrator, **moved)
        self.assertEqual(self.send(), [])
        self.assertFalse(Reminder.objects.filter(person=self.staff).exists())
        self.assertEqual(len(run(self.due + DAY).queued), 1)
        self.assertEqual(len(self.send()), 1)


class CommandTests(ReminderTestCase):
    def call(self, *options: str) -> str:
        out = StringIO()
        call_command("send_reminders", *options, stdout=out)
        return out.getvalue()

    def test_it_says_who_is_told_and_who_is_skipped(self) -> None:
        User.objects.filter(pk=self.manager.pk).update(is_active=False)
        now = f"--now={self.due}T06:00"
        dry = self.call(now, "--dry-run")
        self.assertIn("Staff\n  REP-1 Do the thing: Update due today\n1 to be queued", dry)
        said = self.call(now)
        for words in (
            "1 queued, 0 with nothing to tell, 0 not today, 0 turned off.",
            "Skipped without an email address: Administrator, Auditor",
            "Skipped as inactive, with work that waits: Manager.",
        ):
            self.assertIn(words, said)
        self.assertIn("0 queued", self.call(now))
        for text in ("tomorrow", "2026-13-01T00:00"):
            with self.assertRaises(CommandError):
                self.call(f"--now={text}")

    def test_what_is_wrong_with_one_person_keeps_no_other_from_their_message(self) -> None:
        self.make_recommendation("Another", lead=self.agency, lead_officer=self.other_staff)
        self.give_addresses(self.staff, self.other_staff)
        real = letters.lines_for

        def broken(person: User, *args: Any, **options: Any) -> Any:
            if person == self.other_staff:
                raise ZeroDivisionError
            return real(person, *args, **options)

        now = f"--now={self.due}T06:00"
        with (
            mock.patch.object(letters, "lines_for", broken),
            self.assertLogs("recommendations.actions.mail.letters"),
            self.assertRaisesMessage(CommandError, "Not queued: Other Staff."),
        ):
            self.call(now)
        self.assertEqual(Reminder.objects.get().person, self.staff)
        self.assertIn("1 queued", self.call(now))


class RunsAtOnceTests(RaceTestCase):
    def test_of_two_runs_at_once_one_queues_each_message(self) -> None:
        sent_round([self.make_recommendation()], self.manager)
        OutgoingMail.objects.all().delete()
        today = timezone.localdate()
        found = at_once([lambda: run(today), lambda: run(today)])
        told = [name for outcome in found for name, _lines in outcome.queued]
        self.assertCountEqual(told, set(told))
        self.assertIn(str(self.staff), told)
        self.assertEqual([type(each) for each in found], [Outcome, Outcome])
        self.assertEqual([each.failed for each in found], [[], []])
        self.assertEqual(Reminder.objects.count(), OutgoingMail.objects.count())
