"""Rules of the exception report: of each a row that it finds, and one that it does not."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from recommendations.actions import dates, indicators
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.evidence import items
from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.imports.openings import approve_batch, undoable
from recommendations.actions.updates import decisions, drafts
from recommendations.choices import Role
from recommendations.models import (
    ImportRun,
    Organisation,
    OutgoingMail,
    Recommendation,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.queries.bulk_changes import plan_undo
from recommendations.queries.exceptions.report import Line, cases_of, report_of
from recommendations.queries.exceptions.rules import Case, Limits, Rule, pairs_among
from tests.base import LONG_AGO, TrackerTestCase, days_ago, link_evidence, make_person
from tests.edits import edit
from tests.figures.files import long_csv, upload
from tests.imports.files import csv_bytes, imported
from tests.imports.openings import brought, list_of, seen
from tests.imports.run import import_figures
from tests.rounds import sent_round
from tests.undoing import undo_batch, undo_import, undo_many
from tests.updates import begin_draft, submit
from tests.views.deciding import undone

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class ExceptionTestCase(TrackerTestCase):
    """REP-1, tracked since long ago, and a moment of 100 days ago, before the day of the trend."""

    now: datetime
    early: datetime

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.now = timezone.now()
        cls.early = cls.now - 100 * DAY

    def setUp(self) -> None:
        cache.clear()

    def line(self, rule: Rule) -> Line:
        groups = report_of(User.objects.get(pk=self.auditor.pk), timezone.localdate())
        cache.clear()
        return next(line for group in groups for line in group.lines if line.rule == rule)

    def assert_finds(self, rule: Rule, count: int, before: int | None) -> None:
        line = self.line(rule)
        self.assertEqual((line.count, line.before), (count, before))
        if cases_of(rule, timezone.localdate()) is not None:
            self.assertEqual(len(self.cases(rule)), count)

    def cases(self, rule: Rule) -> list[Case]:
        found = cases_of(rule, timezone.localdate())
        assert found is not None
        return found.read(list(found.keys))

    def approved(self, at: datetime, minutes: int = 60, **values: Any) -> StatusUpdate:
        """An update of a day, approved so many minutes after its submission."""
        about = values.pop("recommendation", self.recommendation)
        decided_by = values.pop("decided_by", self.manager)
        update = self.make_submitted(about, at=at, as_of=at.date(), **values)
        decided = at + minutes * MINUTE
        return decisions.approve_update(update=update, by=decided_by, at=decided)


class ProgressTests(ExceptionTestCase):
    def test_never_reported(self) -> None:
        self.make_recommendation("Do another thing")
        self.assert_finds(Rule.NEVER_REPORTED, 2, 2)
        self.approved(self.early)
        self.assert_finds(Rule.NEVER_REPORTED, 1, 1)
        self.approved(self.now - 10 * DAY, recommendation=Recommendation.objects.latest("pk"))
        self.assert_finds(Rule.NEVER_REPORTED, 0, 1)

    def test_out_of_date(self) -> None:
        self.approved(self.now - 700 * DAY)
        self.assert_finds(Rule.OUT_OF_DATE, 1, None)
        self.approved(self.now - DAY)
        self.assert_finds(Rule.OUT_OF_DATE, 0, None)

    def test_overdue_without_anything_that_is_asked_for(self) -> None:
        """Off track in fact: an update that says so has to ask for something, others need not."""
        self.set_date(days_ago(95), self.early - 20 * DAY)
        self.assert_finds(Rule.OFF_TRACK, 1, 1)  # nobody reported
        self.approved(self.early - 15 * DAY)
        self.assert_finds(Rule.OFF_TRACK, 1, 1)
        self.approved(self.early - 12 * DAY, confidence="red", asked_for="Money.")
        self.assert_finds(Rule.OFF_TRACK, 0, 0)
        self.approved(self.now - 20 * DAY, reopening_reason="So.")
        self.assert_finds(Rule.OFF_TRACK, 1, 0)
        request = self.ask(days_ago(-9), self.now - 9 * DAY)
        self.assert_finds(Rule.OFF_TRACK, 0, 0)
        dates.approve_date_change(date_change=request, by=self.manager, at=self.now - 8 * DAY)
        self.assert_finds(Rule.OFF_TRACK, 0, 0)  # no longer overdue

    def test_overdue_from_the_day_after_its_date(self) -> None:
        for days, count in ((0, 0), (1, 1)):
            with undone():
                self.set_date(days_ago(days), self.early)
                self.assert_finds(Rule.OFF_TRACK, count, 0)

    def test_what_is_closed_is_not_overdue(self) -> None:
        self.set_date(days_ago(95), self.early - 20 * DAY)
        closed = {"implementation_status": "not_implemented", "confidence": "not_rated"}
        self.approved(self.early, **closed, closing_reason="Too late.")
        self.assert_finds(Rule.OFF_TRACK, 0, 0)

    def test_off_track_by_its_rating_alone(self) -> None:
        self.approved(self.early, confidence="red", asked_for="Money.")
        self.assert_finds(Rule.OFF_TRACK, 0, 0)
        # The database refuses to approve such an update; what is kept is asked all the same, of the
        # earlier day too, since when nothing happened.
        RecommendationState.objects.update(asks_decision=False)
        self.assert_finds(Rule.OFF_TRACK, 1, 1)

    def set_date(self, day: date, at: datetime) -> None:
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=day, reason="So.", at=at
        )

    def ask(self, day: date, at: datetime) -> TargetDateChange:
        return dates.request(
            recommendation=self.recommendation, by=self.staff, new_date=day, reason="So.", at=at
        )

    def move(self, day: date, at: datetime) -> None:
        found = self.ask(day, at)
        dates.approve_date_change(date_change=found, by=self.manager, at=at + MINUTE)

    def test_moved_dates(self) -> None:
        first = days_ago(-100)
        self.set_date(first, self.early - 9 * DAY)
        self.move(first + 365 * DAY, self.early)
        self.assert_finds(Rule.MOVED_DATES, 0, 0)
        self.move(first + 366 * DAY, self.early + DAY)
        self.assert_finds(Rule.MOVED_DATES, 1, 1)
        self.move(first, self.now - 3 * DAY)
        self.assert_finds(Rule.MOVED_DATES, 1, 1)  # three changes by now
        with override_settings(EXCEPTION_DATE_CHANGES=4):
            self.assert_finds(Rule.MOVED_DATES, 0, 1)

    def test_contradictions(self) -> None:
        update = self.approved(self.early)
        self.assert_finds(Rule.CONTRADICTED, 0, 0)
        link = link_evidence(
            to=update,
            by=self.other_manager,
            stance="undermines",
            values={"title": "A complaint", "kind": "document", "citation": "Page 1."},
            at=self.early + DAY,
        )
        self.assert_finds(Rule.CONTRADICTED, 1, 1)
        items.answer(link=link, by=self.other_manager, text="It is out of date.")
        self.assert_finds(Rule.CONTRADICTED, 0, 1)


class ApprovalTests(ExceptionTestCase):
    def test_approvals_within_minutes(self) -> None:
        self.approved(self.now - 400 * DAY, minutes=1)
        self.assert_finds(Rule.QUICK, 0, 1)
        self.approved(self.now - 3 * DAY, minutes=6)
        self.assert_finds(Rule.QUICK, 0, 1)
        self.approved(self.now - 2 * DAY, minutes=4)
        self.assert_finds(Rule.QUICK, 1, 1)

    @override_settings(EXCEPTION_PAIR_APPROVALS=3)
    def test_the_same_approver_again_and_again(self) -> None:
        self.approved(self.early)
        self.approved(self.now - 9 * DAY)
        self.assert_finds(Rule.SAME_APPROVER, 0, 0)
        self.approved(self.now - 8 * DAY)
        self.assert_finds(Rule.SAME_APPROVER, 1, 0)
        self.approved(self.now - 7 * DAY, decided_by=self.other_manager)
        self.assert_finds(Rule.SAME_APPROVER, 0, 0)

    def test_a_pair_needs_both_number_and_share(self) -> None:
        cases = ((10, 0, True), (9, 0, False), (10, 3, False), (13, 3, True))
        for count, others, is_found in cases:
            with self.subTest((count, others)):
                rows = [(1, 2, count), (1, 3, others), (4, 2, 9)]
                found = pairs_among(rows, Limits.of_site())
                told = [(pair.count, pair.total) for pair in found]
                self.assertEqual(told, [(count, count + others)] if is_found else [])

    def test_decisions_shortly_after_a_role(self) -> None:
        found = User.objects.get(pk=self.other_manager.pk)
        edit(
            found,
            self.administrator,
            at=self.now - 42 * DAY,
            groups=list(Group.objects.filter(name__in=["Manager", "Viewer"])),
        )
        self.approved(self.now - 3 * DAY, decided_by=User.objects.get(pk=found.pk))
        self.assert_finds(Rule.NEW_ROLE, 0, 0)
        with override_settings(EXCEPTION_ROLE_DAYS=40):
            self.assert_finds(Rule.NEW_ROLE, 1, 0)

    def test_evidence_from_the_reporting_organisation_alone(self) -> None:
        update = self.approved(self.now - 9 * DAY)
        self.assert_finds(Rule.OWN_EVIDENCE, 0, None)
        own = self.make_evidence(by=self.manager)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=own)
        self.assert_finds(Rule.OWN_EVIDENCE, 1, None)
        for stance, count in (("background", 1), ("supports", 0)):
            other = self.make_evidence(f"Paper for {stance}", by=self.other_staff)
            link_evidence(to=update, by=self.staff, stance=stance, evidence=other)
            self.assert_finds(Rule.OWN_EVIDENCE, count, None)

    def test_evidence_of_who_wrote_an_update_before_its_hand_over_is_own(self) -> None:
        """Whoever answers for it in the end: ``staff`` of another organisation, here."""
        draft = begin_draft(
            recommendation=self.recommendation,
            by=self.other_manager,
            values={"implementation_status": "in_progress", "what_happened": "We met."},
        )
        own = self.make_evidence(by=self.other_staff)
        link_evidence(to=draft, by=self.other_manager, stance="supports", evidence=own)
        draft = drafts.hand_over(
            update=draft, to=self.staff, by=self.manager, expected_version=draft.version
        )
        values = {"confidence": "green"}
        draft = submit(update=draft, by=self.staff, expected_version=draft.version, values=values)
        draft = decisions.approve_update(update=draft, by=self.manager)
        self.assert_finds(Rule.OWN_EVIDENCE, 1, None)
        [case] = self.cases(Rule.OWN_EVIDENCE)
        self.assertIn("their organisations: Other Manager, Staff", case.text)
        third = make_person("third", Role.STAFF, Organisation.objects.create(slug="c", name="C"))
        other = self.make_evidence("A paper of others", by=third)
        link_evidence(to=draft, by=self.staff, stance="supports", evidence=other)
        self.assert_finds(Rule.OWN_EVIDENCE, 0, None)

    def test_evidence_of_the_source_is_not_that_of_the_author(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(organisation=None)
        update = self.approved(self.now - 9 * DAY)
        item = self.make_evidence(by=self.other_staff)
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        type(item).objects.filter(pk=item.pk).update(recorded_by=None)
        self.assert_finds(Rule.OWN_EVIDENCE, 0, None)
        type(item).objects.filter(pk=item.pk).update(recorded_by=self.staff)
        self.assert_finds(Rule.OWN_EVIDENCE, 1, None)


class FollowUpTests(ExceptionTestCase):
    def test_unconfirmed_values(self) -> None:
        figure: Any = {
            "indicator": self.make_indicator(asks_confirmation=True),
            "area": self.make_area(),
            "period": "2020",
            "by": self.manager,
        }
        value = indicators.observe(values={"value": "1"}, at=self.early, **figure)
        self.assert_finds(Rule.UNCONFIRMED, 1, 1)
        indicators.confirm_value(observation=value, by=self.other_manager)
        self.assert_finds(Rule.UNCONFIRMED, 0, 1)

    def test_imports_that_were_undone(self) -> None:
        self.make_area("NAM", iso3="NAM", kind="country")
        import_figures(
            upload=upload(long_csv("NAM,2019,1")),
            indicator=self.make_indicator(),
            by=self.manager,
            options=FigureOptions(),
        )
        self.assert_finds(Rule.UNDONE, 0, 0)
        undo_import(run=ImportRun.objects.get(), by=self.manager, reason="Wrong.")
        self.assert_finds(Rule.UNDONE, 1, 0)
        openings = brought(list_of(), self.source, self.manager)
        undo_batch(batch=openings, by=self.manager, reason="Withdrawn.", seen=0)
        self.assert_finds(Rule.UNDONE, 1, 0)  # nothing was in force
        openings = brought(list_of(), self.source, self.manager)
        approve_batch(batch=openings, by=self.other_manager, seen=seen(openings))
        openings.refresh_from_db()
        count = undoable(openings).count()
        undo_batch(batch=openings, by=self.manager, reason="The wrong list.", seen=count)
        self.assert_finds(Rule.UNDONE, 2, 0)
        data = csv_bytes([("7.1", "Keep a register")], ("Ref no", "Title"))
        event = imported(data, self.source, self.manager)
        undo_many(event=event, shown=plan_undo(event).shown, by=self.manager, reason="Not ours.")
        self.assert_finds(Rule.UNDONE, 3, 0)
        found = cases_of(Rule.UNDONE, timezone.localdate())
        assert found is not None
        told = f"Import of a list, undone by {self.manager}: Not ours."
        self.assertEqual(found.read(list(found.keys))[0].text, told)
        with override_settings(EXCEPTION_PERIOD_DAYS=0):
            self.assertEqual(self.line(Rule.UNDONE).count, 0)

    def test_requests_without_an_answer(self) -> None:
        sent = sent_round(
            [self.recommendation], self.manager, as_of=days_ago(20), reply_by=days_ago(0)
        )
        self.assert_finds(Rule.UNANSWERED, 0, None)
        later = timezone.localdate() + DAY
        found = cases_of(Rule.UNANSWERED, later)
        assert found is not None
        [case] = found.read(list(found.keys))
        self.assertEqual((case.title, case.text), (sent.name, "1 request unanswered"))
        self.make_submitted(self.recommendation)
        again = cases_of(Rule.UNANSWERED, later)
        self.assertEqual(list(again.keys) if again else None, [])

    def test_emails_that_are_not_delivered(self) -> None:
        mail: Any = {"to": self.staff, "queued_at": self.now, "due_at": self.now, "language": "en"}
        OutgoingMail.objects.create(message_id="<1@x>", **mail)
        self.assert_finds(Rule.FAILED_MAIL, 0, None)
        OutgoingMail.objects.create(message_id="<2@x>", state="dead", failures=8, **mail)
        self.assert_finds(Rule.FAILED_MAIL, 1, None)


class ReportTests(ExceptionTestCase):
    def test_what_is_archived_is_not_counted(self) -> None:
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate", note="Twice."
        )
        for rule in (Rule.NEVER_REPORTED, Rule.OUT_OF_DATE):
            self.assertEqual(self.line(rule).count, 0)

    def test_a_rule_that_was_not_there_then_counts_none(self) -> None:
        self.assertGreater(self.early, LONG_AGO)
        Recommendation.objects.update(opened_on=days_ago(10))
        self.assert_finds(Rule.NEVER_REPORTED, 1, 0)
        self.assertEqual(self.line(Rule.NEVER_REPORTED).trend, "1 more")
        self.assertEqual(self.line(Rule.FAILED_MAIL).trend, "Not on record")
