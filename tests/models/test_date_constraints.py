"""What the database itself holds of the ledger of dates."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from recommendations.models import TargetDateChange
from tests.models.constraints import NOW, ConstraintTestCase, Rule

FIRST, LATER = date(2027, 6, 30), date(2027, 12, 31)


class DateChangeConstraintTests(ConstraintTestCase):
    def add(self, number: int, **values: Any) -> TargetDateChange:
        """Straight to the table, as the guards still let through what is only asked for."""
        return TargetDateChange.objects.create(
            **{
                "recommendation": self.recommendation,
                "number": number,
                "old_date": FIRST,
                "new_date": LATER,
                "reason": "So.",
                "requested_by": self.staff,
                "requested_at": NOW,
                **values,
            }
        )

    def assert_refused(self, name: str, number: int, **values: Any) -> None:
        with (
            self.subTest(values),
            self.assertRaises(IntegrityError) as refusal,
            transaction.atomic(),
        ):
            self.add(number, **values)
        said = str(refusal.exception)
        # SQLite names the columns of a unique constraint, not the constraint.
        self.assertTrue(name in said or "UNIQUE" in said, said)

    def decided(self, state: str = "approved", **values: Any) -> dict[str, Any]:
        return {"state": state, "decided_by": self.manager, "decided_at": NOW, **values}

    def test_a_decision_is_there_together_or_not_at_all(self) -> None:
        decided = self.decided()
        self.assert_rule(
            Rule(
                "date_change_decision_together",
                self.add(1),
                holds=[{}, decided, self.decided("rejected", decision_note="No.")],
                breaks=[
                    {**decided, "decided_by": None},
                    {**decided, "decided_at": None},
                    {**decided, "state": "requested"},
                    {"state": "withdrawn"},
                    {"decision_note": "No."},
                ],
            )
        )

    def test_it_is_decided_by_another_and_withdrawn_by_who_asked(self) -> None:
        self.assert_rule(
            Rule(
                "date_change_decided_by_another",
                self.add(1),
                holds=[
                    self.decided(),
                    self.decided("rejected", decision_note="No."),
                    self.decided("withdrawn", decided_by=self.staff),
                ],
                breaks=[
                    self.decided(decided_by=self.staff),
                    self.decided("rejected", decision_note="No.", decided_by=self.staff),
                    self.decided("withdrawn"),
                ],
            )
        )

    def test_a_rejection_says_why(self) -> None:
        self.assert_rule(
            Rule(
                "date_change_rejected_with_note",
                self.add(1),
                holds=[self.decided("rejected", decision_note="No.")],
                breaks=[self.decided("rejected")],
            )
        )

    def test_it_has_a_reason(self) -> None:
        self.assert_rule(
            Rule(
                "date_change_has_reason",
                self.add(1),
                holds=[{"reason": "So."}],
                breaks=[{"reason": ""}],
            )
        )

    def test_it_changes_something(self) -> None:
        self.assert_rule(
            Rule(
                "date_change_changes_something",
                self.add(1),
                holds=[{"new_date": None}, {"old_date": None}],
                breaks=[{"new_date": FIRST}, {"old_date": None, "new_date": None}],
            )
        )

    def test_the_first_row_sets_a_date_and_may_be_decided_by_who_set_it(self) -> None:
        first = {
            "old_date": None,
            "requested_by": self.manager,
            "state": "approved",
            "decided_by": self.manager,
            "decided_at": NOW,
        }
        with self.undone():
            self.add(0, **first)
        name = "date_change_first_sets_a_date"
        self.assert_refused(name, 0, **{**first, "old_date": FIRST})
        self.assert_refused(name, 0, old_date=None)

    def test_a_row_is_there_once_and_one_request_waits_at_most(self) -> None:
        self.add(1)
        self.assert_refused("date_change_row_once", 1, **self.decided())
        self.assert_refused("date_change_one_request", 2)
        self.add(2, **self.decided())
