"""Target dates, responses, actions and figures of a recommendation."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations import audit
from recommendations.actions import dates, indicators, responses
from recommendations.actions.base import ActionRefused, NotAllowed, StaleWrite
from recommendations.models import (
    Action,
    Addressee,
    Area,
    Indicator,
    IndicatorLink,
    Observation,
    Recommendation,
    RecommendationState,
    Response,
    Target,
    TargetDateChange,
)
from recommendations.state.statement import SAID
from tests.actions.acts import Acts, ActTestCase, fresh
from tests.base import days_ago
from tests.views.deciding import undone

FIRST = date(2027, 6, 30)
LATER = date(2027, 12, 31)
EARLIER = date(2027, 3, 31)
LATE = "The permit is late."


class Dates(Acts):
    """Moves on the date of one recommendation, with what is not said filled in."""

    def set_first(self, **values: Any) -> TargetDateChange:
        said = {"by": self.manager, "new_date": FIRST, "reason": "Agreed.", **values}
        return dates.set_first(recommendation=self.recommendation, **said)

    def ask(self, **values: Any) -> TargetDateChange:
        said = {"by": self.staff, "new_date": LATER, "reason": LATE, **values}
        return dates.request(recommendation=self.recommendation, **said)

    def allow(self, row: TargetDateChange, by: Any = None, **said: str) -> TargetDateChange:
        return dates.approve_date_change(date_change=row, by=by or self.manager, **said)

    def reject(self, row: TargetDateChange, by: Any = None, note: str = "No.") -> TargetDateChange:
        return dates.reject_date_change(date_change=row, by=by or self.manager, note=note)

    def take_back(self, row: TargetDateChange, by: Any = None) -> TargetDateChange:
        return dates.withdraw_date_change(date_change=row, by=by or row.requested_by)

    def target(self) -> date | None:
        found: date | None = fresh(self.recommendation).target_date
        return found


class FirstDateTests(Dates, ActTestCase):
    def test_a_manager_or_an_administrator_sets_it_once_with_a_reason(self):
        self.each_refused(
            "reason", self.set_first, *({"reason": text} for text in ("", " \n", "x" * 200_000))
        )
        for by in (self.manager, self.administrator):
            with self.subTest(by.username), undone():
                row = self.set_first(by=by)
                kept = (row.number, row.old_date, row.new_date, row.requested_by, row.decided_by)
                self.assertEqual(kept, (0, None, FIRST, by, by))
                self.assertEqual(self.target(), FIRST)
                self.assertEqual(self.verbs(), ["set_date", "move_date"])
                self.assertEqual(audit.verify_chain().fault, "")
        self.set_first()
        words = "already has a target date. Request a date change"
        self.refused(ActionRefused, self.set_first, by=self.other_manager, words=words)

    def test_the_first_is_not_asked_for(self):
        words = "No target date is set. A manager or an administrator must set one first."
        self.refused(ActionRefused, self.ask, words=words)


class RequestTests(Dates, ActTestCase):
    def setUp(self) -> None:
        self.set_first()
        super().setUp()

    def test_nothing_moves_until_somebody_approves_and_one_waits_at_a_time(self):
        row = self.ask()
        kept = (row.number, row.old_date, row.new_date, row.state)
        self.assertEqual(kept, (1, FIRST, LATER, "requested"))
        self.assertEqual(self.target(), FIRST)
        words = "A date change requested by Staff already awaits a decision."
        self.refused(ActionRefused, partial(self.ask, by=self.manager), words=words)

    def test_it_changes_something_and_says_why_also_to_none_and_back(self):
        self.refused("new_date", partial(self.ask, new_date=FIRST))
        self.refused("reason", partial(self.ask, reason=" "))
        self.allow(self.ask(new_date=None))
        self.assertIsNone(self.target())
        self.refused("new_date", partial(self.ask, new_date=None))
        self.allow(self.ask())
        self.assertEqual(self.target(), LATER)

    def test_an_older_page_does_not_ask_from_a_date_that_it_did_not_show(self):
        self.allow(self.ask(expected_rows=1))
        again = partial(self.ask, new_date=EARLIER)
        words = "The target date changed after you opened the page"
        self.refused(ActionRefused, partial(again, expected_rows=1), words=words)
        again(expected_rows=2)


class DecisionTests(Dates, ActTestCase):
    def setUp(self) -> None:
        self.set_first()
        super().setUp()
        self.row = self.ask()

    def test_approved_it_moves_and_the_first_date_stays_on_record(self):
        self.allow(self.row, note="Fine.")
        self.assertEqual(self.target(), LATER)
        rows = self.recommendation.date_changes.values_list("number", "old_date", "new_date")
        self.assertEqual(list(rows), [(0, None, FIRST), (1, FIRST, LATER)])
        self.assertEqual(self.verbs(), ["request_date", "approve_date", "move_date"])

    def test_rejected_with_a_note_or_withdrawn_it_stays_and_so_does_the_reason(self):
        for note in ("", "\n "):
            self.refused("note", self.reject, self.row, note=note)
        for end, by, state, note in (
            (self.reject, self.manager, "rejected", "No."),
            (self.take_back, self.staff, "withdrawn", ""),
        ):
            row = end(self.row)
            kept = (row.state, row.decided_by, row.reason, row.decision_note, self.target())
            self.assertEqual(kept, (state, by, LATE, note, FIRST))
            self.row = self.ask()
        verbs = ["request_date", "reject_date", "request_date", "withdraw_date", "request_date"]
        self.assertEqual(self.verbs(), verbs)
        self.assertEqual((self.row.number, audit.verify_chain().fault), (3, ""))

    def test_never_by_whoever_asked_who_may_take_it_back(self):
        """The only manager of an office is not stuck with it: staff asks instead."""
        self.refused(NotAllowed, self.take_back, self.row, self.manager)
        self.take_back(self.row)
        own, words = self.ask(by=self.manager), "You cannot decide on your own updates or requests."
        for decide in (self.allow, self.reject):
            self.refused(NotAllowed, decide, own, words=words)
        self.refused(NotAllowed, self.allow, own, self.administrator)
        self.refused(NotAllowed, self.take_back, own, self.other_manager)
        self.take_back(own)
        self.allow(self.ask())
        self.assertEqual(self.target(), LATER)

    def test_once_and_the_second_is_told_who_decided(self):
        for end, words in (
            (self.take_back, "already decided: withdrawn by Staff"),
            (self.allow, "approved by Manager on"),
        ):
            row = end(self.row)
            for again in (self.allow, self.reject, self.take_back):
                by = None if again == self.take_back else self.other_manager
                self.refused(ActionRefused, again, row, by, words=words)
            with self.assertRaises(IntegrityError), transaction.atomic():
                TargetDateChange.objects.filter(pk=row.pk).update(
                    state="requested", decided_by=None, decided_at=None
                )
            self.row = self.ask(new_date=EARLIER) if end == self.take_back else row
        self.assertEqual(self.target(), EARLIER)


class FinishedTests(Dates, ActTestCase):
    """What is implemented or closed has no moving date."""

    WORDS = "The target date can no longer change"

    def setUp(self) -> None:
        self.set_first()
        super().setUp()

    def finish(self, status: str = "not_implemented", is_approved: bool = True) -> None:
        closed: dict[str, Any] = {"closing_reason": "No money.", "confidence": "not_rated"}
        if status == "implemented":
            closed = {"completed_on": days_ago(3), "confidence": "not_rated"}
        update = self.make_submitted(
            self.recommendation, implementation_status=status, as_of=days_ago(2), **closed
        )
        self.check(self.attach(update).evidence)
        if is_approved:
            self.approve(update)

    def test_another_date_is_not_asked_for_once_the_claim_is_approved(self):
        for status in ("implemented", "not_implemented", "no_longer_applicable"):
            with self.subTest(status), undone():
                self.finish(status, is_approved=False)
                with undone():
                    self.ask()
            with self.subTest(status), undone():
                self.finish(status)
                for new_date in (LATER, None):
                    ask = partial(self.ask, new_date=new_date, by=self.manager)
                    self.refused(ActionRefused, ask, words=self.WORDS)

    def test_nor_is_a_first_one_set_that_would_have_been_met(self):
        self.recommendation = self.make_recommendation("Without a date")
        self.finish("implemented")
        self.refused(ActionRefused, self.set_first, words=self.WORDS)

    def test_a_request_that_waited_is_only_rejected_or_withdrawn_until_it_is_reopened(self):
        row = self.ask()
        self.finish()
        self.refused(ActionRefused, self.allow, row, words="Closed on")
        for end in (self.reject, self.take_back):
            with undone():
                end(row)
        reopened = {"as_of": days_ago(1), "reopening_reason": "The money came."}
        self.make_approved(self.recommendation, **reopened)
        self.allow(row)
        self.assertEqual(self.target(), LATER)


class CommitmentTestCase(ActTestCase):
    addressees: list[Addressee]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        areas = [cls.make_area(f"area-{n}", name=f"Area {n}", kind="country") for n in "123"]
        cls.addressees = [cls.address(area=area) for area in areas]

    def record(
        self, *numbers: int, by: Any = None, seen: int | None = None, **values: Any
    ) -> list[Response]:
        return responses.record_responses(
            addressees=[self.addressees[n - 1] for n in numbers],
            by=by or self.staff,
            values={"position": "accepted", "since": days_ago(3), **values},
            expected_newest=seen,
        )

    def standing(self) -> Any:
        found = Recommendation.objects.values_list("current_update", "version", "next_due_on")
        return found.get(pk=self.recommendation.pk)


class ResponseTests(CommitmentTestCase):
    def test_one_answer_of_many_is_a_row_and_an_event_of_each_and_never_moves_the_status(self):
        before = self.standing()
        made = self.record(1, 2, 3)
        self.assertEqual([row.position for row in made], ["accepted"] * 3)
        for event in self.events():
            about = (event.verb, event.recommendation_id, event.actor)
            self.assertEqual(about, ("respond", self.recommendation.pk, self.staff))
        self.assertEqual(len(self.events()), 3)
        self.assertEqual(self.standing(), before)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_a_change_is_a_new_row_and_the_newest_counts(self):
        self.record(1, position="awaiting", due_on=days_ago(-30))
        self.record(1)
        self.record(1, position="withdrawn")
        self.assertEqual(Response.objects.count(), 3)
        current = Response.objects.current()
        self.assertEqual([row.position for row in current], ["withdrawn"])

    def test_considering_or_noting_neither_accepts_nor_rejects(self):
        self.record(1, position="under_consideration")
        self.record(2, position="noted")
        kept = RecommendationState.objects.get(pk=self.recommendation.pk)
        self.assertEqual(self.held(kept, "addressed", *SAID), (3, 0, 0, 2, 0, 0, 0))

    def test_what_is_refused_of_one_is_recorded_of_none(self):
        for field, values in (
            ("since", {"since": days_ago(-1)}),
            ("part_accepted", {"position": "accepted_in_part"}),
            ("part_accepted", {"position": "accepted", "part_accepted": "Half."}),
            ("reason", {"position": "rejected"}),
            ("due_on", {"position": "accepted", "due_on": days_ago(-1)}),
            ("position", {"position": "maybe"}),
            ("reason", {"reason": "a\0b"}),
        ):
            self.refused(field, partial(self.record, 1, 2, **values))
        self.refused("addressees", self.record)
        Addressee.objects.filter(pk=self.addressees[1].pk).update(
            removed_at="2024-01-01T00:00Z", removed_by=self.manager
        )
        self.refused("addressees", self.record, 1, 2, 3, words="is no longer an addressee")
        foreign = self.make_recommendation("Theirs", lead=self.agency, lead_officer=None)
        self.addressees.append(self.address(foreign, organisation=self.ministry))
        self.refused(NotAllowed, self.record, 1, 3, 4)
        self.assertFalse(Response.objects.exists())

    def test_what_another_person_recorded_meanwhile_is_told_and_nothing_written(self):
        seen = self.record(1)[0].pk
        self.record(2, by=self.manager, position="rejected", reason="Too dear.")
        stale = self.refused(StaleWrite, partial(self.record, 1, 2, 3, seen=seen))
        (difference,) = stale.differences
        self.assertEqual(difference.label, "Area 2")
        self.assertIn("Rejected", difference.before)
        self.assertIn("Accepted", difference.after)
        # Of those that nobody touched nothing is stale.
        self.record(1, 3, seen=seen)
        self.refused(StaleWrite, partial(self.record, 1, 3, seen=seen))
        self.assertEqual(Response.objects.count(), 4)


class ActionTests(CommitmentTestCase):
    def add(self, **values: Any) -> Action:
        return responses.add_action(
            recommendation=self.recommendation,
            by=self.staff,
            values={"title": "Write the law", **values},
        )

    def alter(self, action: Action, seen: int = 0, **values: Any) -> Action:
        seen = seen or action.version
        return responses.change_action(
            action=action, by=self.staff, expected_version=seen, values=values
        )

    def test_a_step_from_its_beginning_to_its_end(self):
        before = self.standing()
        action = self.add(due_on=days_ago(-9), owner="The ministry")
        self.assertEqual((action.slug, action.state), ("rep-1-write-the-law", "not_started"))
        self.refused("dropped_reason", partial(self.alter, action, state="dropped"))
        steps: tuple[dict[str, Any], ...] = (
            {"state": "dropped", "dropped_reason": "Not needed."},
            {"state": "not_started", "dropped_reason": ""},
            {"state": "in_progress", "started_on": days_ago(5)},
            {"state": "done", "done_on": days_ago(1)},
        )
        for version, values in enumerate(steps, start=2):
            action = self.alter(action, **values)
            self.assertEqual((action.version, action.state), (version, values["state"]))
        self.alter(action, title=action.title, owner="The ministry")
        self.assertEqual(self.verbs(), ["add_action", *["change_action"] * 4])
        self.assertEqual(self.standing(), before)
        self.assertTrue(audit.verify_chain().is_whole)

    def test_what_is_refused(self):
        for field, values in (
            ("title", {"title": ""}),
            ("title", {"title": "a\nb"}),
            ("title", {"title": "x" * 301}),
            ("done_on", {"state": "done"}),
            ("done_on", {"state": "done", "done_on": days_ago(-1)}),
            ("started_on", {"state": "in_progress"}),
            ("started_on", {"state": "in_progress", "started_on": days_ago(-1)}),
            ("__all__", {"state": "done", "started_on": days_ago(1), "done_on": days_ago(2)}),
            ("state", {"state": "lost"}),
            ("__all__", {"dropped_reason": "Why."}),
        ):
            self.refused(field, partial(self.add, **values))
        self.refused(TypeError, partial(self.add, slug="mine"))

    def test_short_names_are_given_once_and_the_same_title_is_refused(self):
        titles = ("Write the law", "Write the law!", "Write the law?")
        slugs = [self.add(title=title).slug for title in titles]
        first = "rep-1-write-the-law"
        self.assertEqual(slugs, [first, f"{first}-2", f"{first}-3"])
        self.refused("title", self.add)

    def test_a_stale_change_is_refused_with_what_the_other_wrote(self):
        action = self.add()
        self.alter(action, title="Write a better law")
        late = partial(self.alter, action, 1, title="Write a shorter law")
        stale = self.refused(StaleWrite, late)
        shown = {"title": ("Write a better law", "Write a shorter law")}
        self.assertEqual(self.shown(stale.differences), shown)


EXACT = "12345678901234567.123456"


class IndicatorTestCase(ActTestCase):
    indicator: Indicator
    area: Area
    link: IndicatorLink

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.indicator, cls.area = cls.make_indicator(), cls.make_area()
        cls.link = IndicatorLink.objects.create(
            indicator=cls.indicator, recommendation=cls.recommendation, relation="delivery"
        )

    def observe(
        self, period: str = "2018", by: Any = None, area: Any = None, dimensions: str = "", **values
    ) -> Observation:
        about = {"indicator": self.indicator, "area": area or self.area, "dimensions": dimensions}
        return indicators.observe(
            **about, period=period, by=by or self.staff, values=values or {"value": "1"}
        )


class KeptTests(IndicatorTestCase):
    def test_an_indicator_is_changed_as_it_was_seen_but_for_its_code(self):
        change = partial(
            indicators.change_indicator,
            indicator=self.indicator,
            by=self.administrator,
            expected_version=1,
        )
        changed = change(values={"unit": "t"})
        self.assertEqual((changed.unit, changed.version), ("t", 2))
        self.refused(StaleWrite, change, values={"unit": "kg"})
        self.refused(TypeError, change, values={"code": "OTHER"})

    def test_a_link_that_another_person_changed_is_not_overwritten(self):
        change = partial(indicators.change_indicator_link, link=self.link, by=self.manager)
        before = {"relation": "delivery", "why": ""}
        change(expected_version=before, values={"why": "It counts them."})
        late = partial(change, values={"why": "It may count them."})
        self.refused(StaleWrite, partial(late, expected_version=before))
        indicators.unlink_indicator(link=self.link, by=self.manager)
        self.refused(StaleWrite, partial(late, expected_version=None))
        kept = self.held(self.link, "why", "removed_by")
        self.assertEqual(kept, ("It counts them.", self.manager))


class ObserveTests(IndicatorTestCase):
    def test_staff_record_only_where_their_organisation_has_part_in_what_it_measures(self):
        self.revise(contributors=[self.agency])
        self.assertEqual(self.observe(by=self.other_staff).recorded_by, self.other_staff)
        indicators.unlink_indicator(link=self.link, by=self.manager)
        for person in (self.staff, self.other_staff):
            self.refused(NotAllowed, self.observe, by=person)
        self.observe(by=self.other_manager)

    def test_the_same_figure_again_is_the_next_revision_and_the_first_stays(self):
        for value in ("1", "2", "2"):
            self.observe(value=value)
        found = Observation.objects.order_by("revision").values_list("revision", "value")
        self.assertEqual(list(found), [(1, Decimal(1)), (2, Decimal(2)), (3, Decimal(2))])
        elsewhere = self.make_area("NAM", kind="country", name="Namibia", iso2="NA")
        for other in (
            *({"period": "2019"}, {"period": "2018-S1"}),
            *({"area": elsewhere}, {"dimensions": "SEX=F"}),
        ):
            with self.subTest(other):
                self.assertEqual(self.observe(**other).revision, 1)
        latest = Observation.objects.latest_revisions()
        self.assertEqual(sorted(row.revision for row in latest), [1, 1, 1, 1, 3])

    def test_missing_is_said_and_is_never_zero_and_words_will_do(self):
        for values, value in (
            ({"obs_status": "M"}, None),
            ({"value": "0"}, Decimal(0)),
            ({"text": "more than 150", "is_lower_bound": True}, None),
            ({"value": "130"}, Decimal(130)),
        ):
            with self.subTest(values):
                made = fresh(self.observe(**values))
                self.assertEqual((made.value, made.text), (value, values.get("text", "")))
                marks = ["is_lower_bound"] if "text" in values else []
                self.assertEqual(made.marks, marks)

    def test_what_is_no_period_or_no_exact_number_is_refused(self):
        for period in ("", "18", "2018-S3", "2018-13", "2018-02-30", "last year", "2018 "):
            self.refused("period", self.observe, period)
        for value in ("many", "NaN", "Infinity", 1.5, "1" * 61, "1E+999999999", "1E-999999999"):
            self.refused("value", partial(self.observe, value=value))
        cases = ({"obs_status": "M", "value": "0"}, {"comment": "?"})
        self.each_refused("__all__", self.observe, *cases)
        self.assertFalse(Observation.objects.exists())


class TargetTests(IndicatorTestCase):
    def set(self, **values: Any) -> Target:
        given = {"kind": "target", "area": self.area, "period": "2030", **values}
        return indicators.set_target(indicator=self.indicator, by=self.staff, values=given)

    def test_it_has_a_number_or_words_and_nought_is_not_missing(self):
        self.assertEqual(str(self.set(value=EXACT).value), EXACT)
        self.assertEqual(self.set(text="fewer").text, "fewer")
        self.assertEqual(fresh(self.set(kind="baseline", value="0")).value, Decimal(0))
        self.refused("__all__", self.set)
        self.refused("period", partial(self.set, value="1", period="soon"))

    def test_a_change_is_a_new_row_with_a_reason_once_for_each_of_the_same_indicator(self):
        first = self.set(value="10")
        change = partial(self.set, value="12", replaces=first)
        self.refused("__all__", change)
        self.assertEqual(change(reason="Agreed in May.").replaces, first)
        self.assertEqual(fresh(first).value, Decimal(10))
        self.refused("replaces", partial(change, reason="Agreed in June."))
        other = Target.objects.create(
            indicator=self.make_indicator("OTHER"),
            area=self.area,
            kind="target",
            period="2030",
            value=1,
            recorded_at=timezone.now(),
        )
        self.refused("replaces", partial(self.set, value="1", replaces=other, reason="Agreed."))
