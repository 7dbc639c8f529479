"""What the database itself asks of a status update."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from recommendations.models import (
    Recommendation,
    StatusUpdate,
)
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule, Values
from tests.updates import begin_draft


class UpdateConstraintTests(ConstraintTestCase):
    approved: StatusUpdate
    draft: StatusUpdate
    other: Recommendation

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.other = cls.make_recommendation("Do another thing")
        cls.approved = cls.make_approved(cls.recommendation)
        cls.draft = begin_draft(
            recommendation=cls.recommendation, by=cls.staff, values={"as_of": TODAY}
        )

    @property
    def approval(self) -> Values:
        """All that an approved row holds at least."""
        return {
            "state": "approved",
            "implementation_status": "not_started",
            "submitted_at": NOW,
            "decided_at": NOW,
            "decided_by": self.manager,
        }

    def rule(
        self, name: str, holds: Sequence[Values], breaks: Sequence[Values], **base: Any
    ) -> None:
        self.assert_rule(Rule(name, self.draft, holds, breaks, base))

    def approved_rule(
        self, name: str, holds: Sequence[Values], breaks: Sequence[Values], **base: Any
    ) -> None:
        self.rule(name, holds, breaks, **{**self.approval, **base})
        with self.subTest(name, case="asked of approved rows only"), self.undone():
            self.write(self.draft, {**base, **breaks[0]})

    def test_a_decision_holds_who_and_when_and_what_together_or_not_at_all(self) -> None:
        decided: Values = {"decided_at": NOW, "decided_by": self.manager}
        self.rule(
            "update_decision_together",
            holds=[
                {},
                {**decided, "state": "approved"},
                {**decided, "state": "returned", "decision_note": "Say more."},
                {**decided, "state": "withdrawn", "decision_note": "Say more."},
            ],
            breaks=[
                {"decided_at": NOW},
                {"decided_by": self.manager},
                {"decision_note": "Say more."},
                decided,
                {**decided, "state": "submitted"},
                {"state": "approved"},
                {"state": "approved", "decided_at": NOW},
                {"state": "approved", "decided_by": self.manager},
                {"state": "returned", "decision_note": "Say more."},
            ],
            implementation_status="not_started",
            submitted_at=NOW,
        )

    def test_nobody_decides_on_what_they_wrote(self) -> None:
        self.rule(
            "update_decided_by_another",
            holds=[{"author": self.staff, "last_editor": self.other_staff}],
            breaks=[
                {"author": self.manager},
                {"last_editor": self.manager},
                {"author": self.manager, "last_editor": self.manager},
            ],
            **self.approval,
        )

    def test_open_contradictions_are_confirmed_by_approval_alone(self) -> None:
        returned: Values = {"decision_note": "Say more."}
        self.rule(
            "update_confirms_at_approval",
            holds=[
                {"state": "approved", "contradictions_confirmed": 1},
                {"state": "approved", "contradictions_confirmed": 0},
                {"state": "returned", "contradictions_confirmed": 0, **returned},
            ],
            breaks=[{"state": "returned", "contradictions_confirmed": 1, **returned}],
            **{name: value for name, value in self.approval.items() if name != "state"},
        )

    def test_an_update_is_returned_with_a_note(self) -> None:
        self.rule(
            "update_returned_with_note",
            holds=[{"decision_note": "Say more."}],
            breaks=[{"decision_note": ""}],
            state="returned",
            decided_at=NOW,
            decided_by=self.manager,
        )

    def test_what_is_submitted_says_where_it_stands_and_when_that_was_said(self) -> None:
        said: Values = {"submitted_at": NOW, "implementation_status": "not_started"}
        for state in (
            {"state": "submitted"},
            {"state": "approved", "decided_at": NOW, "decided_by": self.manager},
        ):
            self.rule(
                "update_submitted_is_dated",
                holds=[said],
                breaks=[
                    {},
                    {**said, "submitted_at": None},
                    {**said, "implementation_status": ""},
                ],
                **state,
            )

    def test_a_correction_and_a_retraction_name_what_they_replace_and_nothing_else_does(
        self,
    ) -> None:
        corrects, retracts = {"corrects": self.approved}, {"retracts": self.approved}
        self.rule(
            "update_kind_has_its_target",
            holds=[
                {},
                {"kind": "no_change"},
                {"kind": "correction", **corrects},
                {"kind": "retraction", **retracts},
            ],
            breaks=[
                {"kind": "correction"},
                {"kind": "retraction"},
                {"kind": "correction", **retracts},
                {"kind": "retraction", **corrects},
                {"kind": "correction", **corrects, **retracts},
                corrects,
                {"kind": "no_change", **retracts},
            ],
        )

    def test_implemented_has_the_day_of_completion(self) -> None:
        self.approved_rule(
            "update_implemented_has_day",
            holds=[{"completed_on": TODAY}],
            breaks=[{"completed_on": None}],
            implementation_status="implemented",
        )

    def test_nothing_is_complete_after_the_day_the_update_speaks_of(self) -> None:
        self.approved_rule(
            "update_completed_by_as_of",
            holds=[{"completed_on": None}, {"completed_on": BEFORE}, {"completed_on": TODAY}],
            breaks=[{"completed_on": date(2024, 6, 2)}],
        )

    def test_what_is_closed_is_not_rated(self) -> None:
        for status in ("not_implemented", "no_longer_applicable", "superseded"):
            self.approved_rule(
                "update_closed_is_not_rated",
                holds=[{"confidence": "not_rated"}],
                breaks=[{"confidence": "green"}, {"confidence": "red", "asked_for": "Money."}],
                implementation_status=status,
                closing_reason="The ground is gone.",
                successor=self.other,
            )

    def test_what_is_closed_says_why(self) -> None:
        for status in ("not_implemented", "no_longer_applicable"):
            self.approved_rule(
                "update_closed_has_reason",
                holds=[{"closing_reason": "The ground is gone."}],
                breaks=[{"closing_reason": ""}],
                implementation_status=status,
            )

    def test_what_is_superseded_names_its_successor(self) -> None:
        self.approved_rule(
            "update_superseded_has_successor",
            holds=[{"successor": self.other}],
            breaks=[{"successor": None}],
            implementation_status="superseded",
        )

    def test_partly_implemented_names_the_rest(self) -> None:
        self.approved_rule(
            "update_partly_names_the_rest",
            holds=[{"remaining": "The second part."}],
            breaks=[{"remaining": ""}],
            implementation_status="partly_implemented",
        )

    def test_red_asks_for_something(self) -> None:
        self.approved_rule(
            "update_red_asks",
            holds=[{"asked_for": "A decision."}],
            breaks=[{"asked_for": ""}],
            confidence="red",
        )

    def test_amber_has_an_issue_a_response_and_an_owner(self) -> None:
        answer = {"issue": "No money.", "response_action": "Ask.", "response_owner": "The office"}
        self.approved_rule(
            "update_amber_answers",
            holds=[answer],
            breaks=[{}, *({**answer, missing: ""} for missing in answer)],
            confidence="amber",
        )

    def second(self, **values: Any) -> StatusUpdate:
        """Another row, written without any action."""
        [made] = StatusUpdate.objects.bulk_create(
            [
                StatusUpdate(
                    recommendation=self.recommendation,
                    author=self.staff,
                    last_editor=self.staff,
                    as_of=TODAY,
                    created_at=NOW,
                    key=uuid4(),
                    **values,
                )
            ]
        )
        return made

    def test_an_update_is_corrected_once_and_retracted_once(self) -> None:
        for kind, target in (("correction", "corrects"), ("retraction", "retracts")):
            pointing: Values = {"kind": kind, target: self.approved}
            with self.subTest(kind, case="two drafts may wait"), self.undone():
                self.second(**pointing)
                self.write(self.draft, pointing)
            with (
                self.subTest(kind, case="two approved ones may not"),
                self.assertRaises(IntegrityError),
                transaction.atomic(),
            ):
                self.second(**self.approval, **pointing)
                self.write(self.draft, {**self.approval, **pointing})
