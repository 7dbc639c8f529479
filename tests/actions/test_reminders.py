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

from recommendations.actions import (
    dates,
    indicators,
    people,
    recommendations,
    redaction,
    responses,
    watches,
)
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import contradictions, items
from recommendations.actions.imports.openings.batches import approve_batch, undo_batch
from recommendations.actions.mail import delivery, reminders
from recommendations.actions.mail.reminders import Outcome, queue_reminders
from recommendations.actions.saved_views import save_view
from recommendations.actions.updates import decisions, replacements
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.models import (
    Area,
    NotificationSettings,
    OutgoingMail,
    Recommendation,
    Reminder,
    SavedView,
    User,
)
from recommendations.queries.dates import day_text
from recommendations.queries.reminders.calendar import (
    Span,
    is_message_day,
    last_before_due,
    last_while_waiting,
)
from recommendations.views.lists import view_members
from tests.base import LONG_AGO, RaceTestCase, TrackerTestCase, link_evidence
from tests.depth import times
from tests.imports.openings import brought, list_of, seen
from tests.mail import outbox
from tests.rounds import sent_round
from tests.threads import at_once

DAY = timedelta(days=1)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 6, 0, tzinfo=UTC)


def run(day: date, **options: Any) -> Outcome:
    return queue_reminders(now=at(day), members=view_members, **options)


def days_of(found: set[date | None]) -> list[date]:
    return sorted(day for day in found if day is not None)


class CalendarTests(SimpleTestCase):
    def test_the_days_of_what_is_due_and_of_what_waits(self) -> None:
        due = date(2026, 3, 1)
        told = days_of({last_before_due(due, due + n * DAY) for n in range(-31, 22)})
        ahead = [date(2026, 1, 30), date(2026, 2, 22), due]
        self.assertEqual(told, [*ahead, date(2026, 3, 8), date(2026, 3, 15), date(2026, 3, 22)])
        self.assertIsNone(last_before_due(due, due - 31 * DAY))
        self.assertIsNone(last_while_waiting(due, due - DAY))
        waits = days_of({last_while_waiting(due, due + n * DAY) for n in range(-2, 15)})
        self.assertEqual(waits, [due, date(2026, 3, 8), date(2026, 3, 15)])


class ReminderTestCase(TrackerTestCase):
    """REP-1 has an officer and a reviewer; only they and whom a test wants have an address."""

    due: date

    def setUp(self) -> None:
        self.runs: dict[date, Outcome] = {}

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.revise(reviewer=cls.manager)
        cls.due = cls.due_on(cls.recommendation)
        cls.give_addresses(cls.staff, cls.manager)

    @classmethod
    def due_on(cls, about: Recommendation) -> date:
        found = Recommendation.objects.get(pk=about.pk).next_due_on
        assert found is not None
        return found

    @classmethod
    def revise(cls, about: Recommendation | None = None, **values: Any) -> None:
        about = about or cls.recommendation
        recommendations.revise_recommendation(
            recommendation=about,
            by=cls.manager,
            expected_version=Recommendation.objects.get(pk=about.pk).version,
            values=values,
            at=LONG_AGO + timedelta(hours=1),
        )

    @classmethod
    def give_addresses(cls, *wanted: User) -> None:
        User.objects.exclude(pk__in=[each.pk for each in wanted]).update(email="")

    def told(self, person: User, day: date) -> list[str]:
        """What the run of this day tells a person, line by line."""
        if day not in self.runs:
            self.runs[day] = run(day)
        found = dict(self.runs[day].queued)
        return [f"{line.part}: {line.title}: {line.what}" for line in found.get(str(person), [])]


class YearTests(ReminderTestCase):
    def test_a_year_of_each_wish_is_the_one_expected(self) -> None:
        """The calendar alone, over all days; below it is that of a whole site."""
        due = date(2026, 3, 4)
        year = [due - 45 * DAY + n * DAY for n in range(365)]
        daily = NotificationSettings()
        weekdays = NotificationSettings(quiet_saturday=True, quiet_sunday=True)
        weekly = NotificationSettings(frequency="weekly", quiet_monday=True)
        cases: list[tuple[NotificationSettings, Callable[[date, date | None], bool]]] = [
            (daily, lambda _day, _last: True),
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

    def test_a_year_of_messages_is_the_one_expected(self) -> None:
        other = self.make_recommendation("Another", lead=self.agency, lead_officer=self.other_staff)
        self.give_addresses(self.staff, self.manager, self.other_staff)
        User.objects.filter(pk=self.other_staff.pk).update(email="other@example.org")
        weekend = {"quiet_saturday": True, "quiet_sunday": True}
        watches.set_notifications(by=self.staff, values=weekend)
        weekly = {"frequency": "weekly", "quiet_monday": True}
        watches.set_notifications(by=self.other_staff, values=weekly)
        other_due = self.due_on(other)
        first = self.due - 45 * DAY
        year = [first + n * DAY for n in range(times(80, 365))]
        found: dict[str, list[date]] = {}
        for day in year:
            for name, _lines in run(day).queued:
                found.setdefault(name, []).append(day)
        self.assertEqual(
            found,
            {
                "Staff": expected(year, milestones(self.due), lambda day, _last: day.weekday() < 5),
                "Manager": expected(year, weeks(self.due + 14 * DAY), lambda _day, _last: True),
                "Other Staff": expected(year, milestones(other_due), is_new_week),
            },
        )
        self.assertEqual(Reminder.objects.count(), sum(map(len, found.values())))


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
        on = self.due + 14 * DAY
        self.assertEqual(
            self.told(self.staff, on), ["needed: REP-1 Do the thing: Update overdue by 14 days"]
        )
        [line] = dict(run(self.due + 21 * DAY).queued)["Manager"]
        self.assertEqual((line.part, line.what), ("escalated", "Update overdue by 21 days"))
        self.assertEqual(line.notes, ("Lead officer: Staff",))
        for row in Reminder.objects.filter(person=self.staff):
            self.assertIn("The reviewer, Manager, is told as well.", str(row.content))

    def test_without_an_active_officer_the_lead_organisation_is_told(self) -> None:
        self.revise(lead_officer=self.other_staff)
        User.objects.filter(pk=self.other_staff.pk).update(is_active=False)
        outcome = run(self.due)
        self.assertEqual(outcome.inactive, ["Other Staff"])
        names = [name for name, _lines in outcome.queued]
        self.assertEqual(names, ["Staff"])

    def test_a_submitted_update_is_the_reviewers_and_no_more_the_officers(self) -> None:
        update = self.make_submitted(self.recommendation, at=at(self.due))
        self.assertEqual(self.told(self.staff, self.due + DAY), [])
        waits = self.told(self.manager, self.due + DAY)
        self.assertEqual(waits, ["decide: REP-1 Do the thing: Update awaits review: 1 day"])
        self.assertEqual(self.told(self.manager, self.due + 3 * DAY), [])
        self.assertEqual(
            self.told(self.manager, self.due + 7 * DAY),
            ["decide: REP-1 Do the thing: Update awaits review: 7 days"],
        )
        decisions.return_update(
            update=update, by=self.manager, note="Say more.", at=at(self.due + 8 * DAY)
        )
        self.assertEqual(
            self.told(self.staff, self.due + 10 * DAY),
            ["returned: REP-1 Do the thing: Update returned 2 days ago"],
        )

    def test_an_approved_update_is_told_once(self) -> None:
        self.make_approved(self.recommendation, at=at(self.due))
        words = "approved: REP-1 Do the thing: Update as of"
        [line] = self.told(self.staff, self.due + DAY)
        self.assertTrue(line.startswith(words))
        self.assertEqual(self.told(self.staff, self.due + 2 * DAY), [])

    def test_an_approved_update_that_was_retracted_since_says_so(self) -> None:
        update = self.make_approved(self.recommendation, at=at(self.due))
        later = at(self.due) + timedelta(hours=1)
        retraction = replacements.retract(update=update, by=self.manager, reason="No.", at=later)
        decisions.approve_update(update=retraction, by=self.other_manager, at=later)
        lines = dict(run(self.due + DAY).queued)["Staff"]
        notes = [line.notes for line in lines if line.what.endswith(" approved")]
        self.assertEqual(notes, [(f"Retracted on {day_text(self.due)}.",)])

    def test_what_else_is_late_or_contradicted_is_told_each_week(self) -> None:
        today = timezone.localdate()
        late = today - 4 * DAY
        # Before the run of today, whatever time it is now.
        update = self.make_approved(self.recommendation, at=at(today - DAY), as_of=today - DAY)
        responses.add_action(
            recommendation=self.recommendation,
            by=self.staff,
            values={"title": "A step", "due_on": late},
        )
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=late, reason="Due."
        )
        link_evidence(
            to=update, by=self.other_manager, stance="undermines", evidence=self.make_evidence()
        )
        name = "needed: REP-1 Do the thing"
        words = ("Target date overdue by 4 days", "Action overdue by 4 days")
        late_ones = [f"{name}: {each}" for each in words]
        told = self.told(self.staff, today)
        self.assertEqual(told[:3], [*late_ones, f"{name}: Contradicted (unanswered)"])
        self.assertTrue(told[3].startswith("approved: "))
        self.assertEqual(self.told(self.staff, today + DAY), [])
        self.assertEqual(len(self.told(self.staff, today + 4 * DAY)), 2)
        [line] = self.told(self.staff, today + 7 * DAY)
        self.assertEqual(line, f"{name}: Contradicted (unanswered) for 7 days")

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


class WatchedTests(ReminderTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.give_addresses(self.viewer)
        User.objects.filter(pk=self.viewer.pk).update(email="viewer@example.org")

    def told_now(self) -> list[str]:
        """What the viewer is told of what happened until now."""
        found = dict(queue_reminders(now=timezone.now(), members=view_members, is_dry=True).queued)
        lines = found.get("Viewer", [])
        return [f"{each.title}: {each.what} {' '.join(each.notes)}".strip() for each in lines]

    def watch(self, kind: str, key: int) -> None:
        watches.watch(by=self.viewer, kind=kind, key=key)

    def test_a_recommendation_is_told_of_however_it_is_watched(self) -> None:
        self.make_approved(self.recommendation)
        self.assertEqual(self.told_now(), [])
        query = {"name": "Open", "query": "status=in_progress"}
        view = save_view(by=self.viewer, values=query)
        none = save_view(by=self.viewer, values={"name": "None", "query": "status=implemented"})
        for kind, key in (
            ("recommendation", self.recommendation.pk),
            ("source", self.source.pk),
            ("view", view.pk),
        ):
            with self.subTest(kind):
                self.watch(kind, key)
                [line] = self.told_now()
                self.assertIn("REP-1 Do the thing: Update as of", line)
                self.assertIn("Status: In progress; before: No report yet.", line)
                self.assertIn("Confidence: On track (no target date); before: Not rated.", line)
                watches.stop_watching(by=self.viewer, kind=kind, key=key)
        self.watch("view", none.pk)
        self.assertEqual(self.told_now(), [])
        SavedView.objects.filter(pk=none.pk).update(query="status=former")
        self.assertEqual(self.told_now(), [])

    def test_an_opening_status_is_told_as_one_and_not_at_all_once_it_is_undone(self) -> None:
        self.watch("source", self.source.pk)
        batch = brought(list_of(), self.source, self.manager)
        approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))
        told = self.told_now()
        self.assertEqual(len(told), 3)
        for line in told:
            self.assertIn("Opening status as of", line)
        self.assertIn("Status: Implemented; before: No report yet.", " ".join(told))
        undo_batch(batch=batch, by=self.other_manager, seen=3, reason="The wrong list.")
        self.assertEqual(self.told_now(), [])

    def test_dates_and_values_are_told(self) -> None:
        self.watch("recommendation", self.recommendation.pk)
        dates.set_first(
            recommendation=self.recommendation,
            by=self.manager,
            new_date=date(2031, 3, 14),
            reason="Due.",
        )
        indicator = self.make_indicator()
        self.watch("indicator", indicator.pk)
        indicators.observe(
            indicator=indicator,
            area=Area.objects.create(code="KEN", name="Kenya", kind="country"),
            period="2025",
            by=self.manager,
            values={"value": "7"},
        )
        self.assertEqual(
            self.told_now(),
            [
                "REP-1 Do the thing: Target date set: 14 March 2031",
                f"{indicator.code} {indicator.title}: 1 value recorded",
            ],
        )

    def test_new_contradicting_evidence_is_told_until_it_is_answered(self) -> None:
        before = self.make_approved(self.recommendation, at=timezone.now() - 40 * DAY)
        self.watch("recommendation", self.recommendation.pk)

        def contradict(update: Any, by: User | None = None, **more: Any) -> Any:
            item = {"evidence": self.make_evidence(**more), "stance": "undermines"}
            return link_evidence(to=update, by=by or self.other_manager, **item)

        contradict(before, title="A memo", visibility="internal")
        self.assertEqual(self.told_now(), [], "the viewer may not read it")
        contradict(before, by=self.staff, title="A count", visibility="public")
        self.assertEqual(self.told_now(), [], "another manager has to agree to the link")
        link = contradict(before, title="A survey", visibility="public")
        told = "REP-1 Do the thing: Contradicted by new evidence (unanswered): 1 item"
        self.assertEqual(self.told_now(), [told])
        contradictions.answer(link=link, by=self.manager, text="It is older.")
        self.assertEqual(self.told_now(), [])

    def test_a_contradiction_that_goes_on_to_the_next_update_is_no_new_one(self) -> None:
        long_ago = timezone.now() - 40 * DAY
        before = self.make_approved(self.recommendation, at=long_ago)
        values = {"title": "A survey", "kind": "document", "citation": "A survey, page 1"}
        item = items.record(by=self.staff, values={**values, "visibility": "public"}, at=long_ago)
        link = {"evidence": item, "stance": "undermines"}
        link_evidence(to=before, by=self.manager, at=long_ago + DAY, **link)
        self.watch("recommendation", self.recommendation.pk)
        self.assertEqual(self.told_now(), [])
        self.make_approved(self.recommendation, confirm_contradictions=True)
        [line] = self.told_now()
        self.assertIn("Update as of", line)

    def test_what_one_may_no_longer_see_tells_nothing(self) -> None:
        shared = save_view(
            by=self.manager, values={"name": "Open", "query": "only=open", "is_shared": True}
        )
        self.watch("view", shared.pk)
        self.make_approved(self.recommendation)
        self.assertEqual(len(self.told_now()), 1)
        SavedView.objects.filter(pk=shared.pk).update(is_shared=False)
        self.assertEqual(self.told_now(), [])
        self.watch("recommendation", self.recommendation.pk)
        self.assertEqual(len(self.told_now()), 1)
        self.viewer.groups.clear()
        self.assertEqual(self.told_now(), [])

    def test_nobody_is_told_of_their_own_decision(self) -> None:
        self.give_addresses(self.manager)
        User.objects.filter(pk=self.manager.pk).update(email="manager@example.org")
        watches.watch(by=self.manager, kind="source", key=self.source.pk)
        self.make_approved(self.recommendation)
        queued = queue_reminders(now=timezone.now(), members=view_members).queued
        self.assertNotIn("Manager", dict(queued))


class BatchTests(ReminderTestCase):
    def test_a_batch_is_named_each_week_to_who_may_approve_it_until_it_is(self) -> None:
        User.objects.filter(pk=self.other_manager.pk).update(email="other@example.org")
        today = timezone.localdate()
        batch = brought(list_of(), self.source, self.manager)
        about = "decide: Opening statuses for “Report”: "
        for days, words in (
            *((0, ["Batch submitted today"]), (1, [])),
            *((7, ["Batch awaits approval: 7 days"]), (14, [])),
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
        update = self.make_approved(self.recommendation)
        link_evidence(to=update, by=self.other_manager, stance="supports", evidence=item)
        evidence_changes.change_item(
            evidence=item, by=self.staff, expected_version=1, values={"title": "Another law"}
        )
        today = timezone.localdate()
        words = "decide: Evidence “A law”: Change of evidence awaits a decision: 7 days"
        for days, told in ((7, True), (8, False)):
            self.assertEqual(words in self.told(self.manager, today + days * DAY), told)
        self.assertNotIn(words, self.told(self.other_manager, today + 7 * DAY))


class OnceTests(ReminderTestCase):
    def test_a_second_run_on_the_same_day_queues_nothing(self) -> None:
        first = run(self.due)
        self.assertEqual([name for name, _lines in first.queued], ["Staff"])
        again = queue_reminders(now=at(self.due) + timedelta(hours=9), members=view_members)
        self.assertEqual((again.queued, again.not_today), ([], 1))
        [row] = OutgoingMail.objects.filter(to=self.staff, reminder__isnull=False)
        self.assertEqual(row.message_id, f"<reminder-{self.due}.{self.staff.pk}@localhost>")

    def test_of_a_wrong_address_one_message_is_left_that_tells_all(self) -> None:
        other = self.make_recommendation("Do another thing", lead_officer=self.staff)
        self.assertEqual(self.due_on(other), self.due)
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

    def test_a_dry_run_writes_nothing(self) -> None:
        self.assertEqual(len(run(self.due, is_dry=True).queued), 1)
        self.assertFalse(Reminder.objects.exists())
        self.assertFalse(OutgoingMail.objects.filter(reminder__isnull=False).exists())

    def test_who_is_shut_out_or_wants_none_gets_none(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(wants_mail=False)
        self.assertEqual(run(self.due).turned_off, 1)
        User.objects.filter(pk=self.staff.pk).update(wants_mail=True, email="")
        self.assertIn("Staff", run(self.due).without_address)
        User.objects.filter(pk=self.staff.pk).update(email="staff@example.org")
        self.staff.groups.clear()
        self.assertEqual(run(self.due).without_role, ["Staff"])
        self.assertFalse(Reminder.objects.exists())

    def test_old_messages_are_emptied_and_the_last_day_stays_known(self) -> None:
        run(self.due)
        run(self.due + 31 * DAY)
        old, new = Reminder.objects.filter(person=self.staff).order_by("day")
        self.assertEqual((old.sections, len(new.sections)), ([], 1))


class SendingTests(ReminderTestCase):
    def send(self) -> list[Any]:
        mail.outbox.clear()
        delivery.send_queue()
        return [each for each in outbox() if "reminder" in each.subject]

    def test_it_has_two_forms_and_nothing_from_elsewhere(self) -> None:
        run(self.due)
        [sent] = self.send()
        html, kind = sent.alternatives[0]
        self.assertEqual(kind, "text/html")
        for text in (sent.body, html):
            self.assertIn("REP-1 Do the thing", text)
            self.assertIn("Update due today", text)
            self.assertIn("/recommendations/REP-1/", text)
        for outside in ("<img", "<link", "<script", "url(", "@import", "src="):
            self.assertNotIn(outside, html)
        self.assertIn('<html lang="en"', html)
        self.assertNotIn("<table>", html)

    def test_who_changed_their_mind_or_their_role_is_sent_nothing(self) -> None:
        run(self.due)
        watches.set_notifications(by=self.staff, values={"frequency": "none"})
        self.assertEqual(self.send(), [])
        NotificationSettings.objects.all().delete()
        self.assertEqual(len(run(self.due + DAY).queued), 1)
        people.change_user(
            user=self.staff,
            by=self.administrator,
            expected_version=User.objects.get(pk=self.staff.pk).version,
            values={"organisation": self.agency},
        )
        self.assertEqual(self.send(), [])
        self.assertFalse(Reminder.objects.filter(person=self.staff).exists())
        self.assertEqual(len(run(self.due + DAY).queued), 1)
        self.assertEqual(len(self.send()), 1)

    def test_words_that_are_taken_out_leave_message_and_queue(self) -> None:
        run(self.due)
        words = "Do the thing"
        redaction.redact(
            words=words,
            by=self.administrator,
            reason="A name.",
            expected=preview_digest(words, text_occurrences(words)),
        )
        self.assertNotIn("Do the thing", str(Reminder.objects.get().content))
        [sent] = self.send()
        for text in (sent.body, sent.alternatives[0][0]):
            self.assertNotIn("Do the thing", text)
            self.assertIn("REP-1", text)


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
        self.assertIn("1 queued, 0 with nothing to tell, 0 not today, 0 turned off.", said)
        self.assertIn("Skipped without an email address: Administrator, Auditor", said)
        self.assertIn("Skipped as inactive, with work that waits: Manager.", said)
        self.assertIn("0 queued", self.call(now))

    def test_what_is_wrong_with_one_person_keeps_no_other_from_their_message(self) -> None:
        self.make_recommendation("Another", lead=self.agency, lead_officer=self.other_staff)
        User.objects.filter(pk=self.other_staff.pk).update(email="other@example.org")
        real = reminders.lines_for

        def broken(person: User, *args: Any, **options: Any) -> Any:
            if person == self.other_staff:
                raise ZeroDivisionError
            return real(person, *args, **options)

        now = f"--now={self.due}T06:00"
        with (
            mock.patch.object(reminders, "lines_for", broken),
            self.assertLogs("recommendations.actions.mail.reminders"),
            self.assertRaisesMessage(CommandError, "Not queued: Other Staff."),
        ):
            self.call(now)
        self.assertEqual(Reminder.objects.get().person, self.staff)
        self.assertIn("1 queued", self.call(now))

    def test_a_time_that_is_none_is_refused(self) -> None:
        for text in ("tomorrow", "2026-13-01T00:00"):
            with self.assertRaises(CommandError):
                self.call(f"--now={text}")


class RoundTests(ReminderTestCase):
    def test_a_request_is_told_by_its_day_in_place_of_the_update(self) -> None:
        round = sent_round([self.recommendation], self.manager)
        name = "REP-1 Do the thing"
        told = self.told(self.staff, round.reply_by - 7 * DAY)
        self.assertEqual([line for line in told if "Update" in line], told[:1])
        self.assertIn(f"due: {name}: Update requested in “{round.name}”, reply by", told[0])
        told = self.told(self.staff, round.reply_by + 7 * DAY)
        self.assertIn(f"needed: {name}: Update requested in “{round.name}”, late since", told[0])


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
