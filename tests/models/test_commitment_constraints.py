"""What the database itself holds of responses and of actions."""

from typing import Any

from django.db import DatabaseError, IntegrityError, connection, transaction

from recommendations import guards
from recommendations.models import Action, Addressee, Response
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule


class ResponseConstraintTests(ConstraintTestCase):
    """Rows are guarded against any change, so each rule is tried on rows that are inserted."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.addressee = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.agency
        )

    def add(self, position: str, **values: Any) -> Response:
        return Response.objects.create(
            addressee=self.addressee,
            position=position,
            recorded_at=NOW,
            recorded_by=self.staff,
            **{"since": BEFORE, **values},
        )

    def assert_refused(self, name: str, position: str, **values: Any) -> None:
        with (
            self.subTest(name, position=position),
            self.assertRaises(IntegrityError) as refusal,
            transaction.atomic(),
        ):
            self.add(position, **values)
        self.assertIn(name, str(refusal.exception))

    def test_a_part_is_named_where_it_is_accepted_in_part_and_only_there(self) -> None:
        self.add("accepted_in_part", part_accepted="The first half.")
        self.assert_refused("response_part_is_named", "accepted_in_part")
        for position in ("accepted", "accepted_in_principle", "awaiting", "withdrawn"):
            self.assert_refused("response_part_is_named", position, part_accepted="A half.")

    def test_a_rejection_has_a_reason(self) -> None:
        self.add("rejected", reason="No money.")
        self.assert_refused("response_rejection_has_reason", "rejected")

    def test_only_what_is_awaited_is_due(self) -> None:
        self.add("awaiting", due_on=TODAY)
        for position in ("accepted", "not_for_us", "withdrawn"):
            self.assert_refused("response_due_only_while_awaited", position, due_on=TODAY)

    def test_a_row_never_changes_and_is_never_deleted(self) -> None:
        guards.install(connection)
        row = self.add("accepted")
        rows = Response.objects.filter(pk=row.pk)
        for attempt in (lambda: rows.update(position="withdrawn"), rows.delete):
            with self.assertRaises(DatabaseError), transaction.atomic():
                attempt()


class ActionConstraintTests(ConstraintTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.action = Action.objects.create(
            recommendation=cls.recommendation, slug="step", title="A step"
        )

    def test_done_has_its_day(self) -> None:
        self.assert_rule(
            Rule(
                "action_done_has_day",
                self.action,
                holds=[{}, {"state": "done", "done_on": TODAY}],
                breaks=[{"state": "done"}, {"done_on": TODAY}],
            )
        )

    def test_dropped_says_why(self) -> None:
        self.assert_rule(
            Rule(
                "action_dropped_has_reason",
                self.action,
                holds=[{}, {"state": "dropped", "dropped_reason": "Not needed."}],
                breaks=[{"state": "dropped"}, {"dropped_reason": "Not needed."}],
            )
        )

    def test_what_is_in_progress_has_started(self) -> None:
        self.assert_rule(
            Rule(
                "action_begun_has_start",
                self.action,
                holds=[{}, {"state": "in_progress", "started_on": TODAY}, {"started_on": TODAY}],
                breaks=[{"state": "in_progress"}],
            )
        )

    def test_nothing_is_done_before_it_started(self) -> None:
        done = {"state": "done", "started_on": TODAY}
        self.assert_rule(
            Rule(
                "action_days_in_order",
                self.action,
                holds=[{**done, "done_on": TODAY}],
                breaks=[{**done, "done_on": BEFORE}],
            )
        )
