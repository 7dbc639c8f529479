"""What the database itself refuses of opening statuses, their batches and rows."""

from datetime import timedelta

from django.db import IntegrityError, transaction

from recommendations.models import OpeningBatch, OpeningRow, StatusUpdate
from tests.imports.openings import planted
from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Rule, Values
from tests.updates import begin_draft


class OpeningConstraintTests(ConstraintTestCase):
    row: OpeningRow
    batch: OpeningBatch
    draft: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.row = planted(cls.source, cls.recommendation, cls.staff, as_of=TODAY)
        cls.batch = cls.row.batch
        cls.draft = begin_draft(
            recommendation=cls.recommendation, by=cls.staff, values={"as_of": TODAY}
        )

    @property
    def approval(self) -> Values:
        return {
            "state": "approved",
            "implementation_status": "implemented",
            "submitted_at": NOW,
            "decided_at": NOW,
            "decided_by": self.manager,
        }

    def test_an_update_is_an_opening_status_if_and_only_if_it_has_its_row(self) -> None:
        kind, row = {"kind": "opening"}, {"opening_row": self.row}
        waiting = {
            "state": "submitted",
            "submitted_at": NOW,
            "implementation_status": "in_progress",
        }
        addressee = self.recommendation.addressees.create(organisation=self.agency)
        holds = [{}, {**kind, **row, **waiting}, {**kind, **row, **self.approval}]
        breaks = [
            {**kind, **waiting},
            {**row, **waiting},
            {**kind, **row},
            {**kind, **row, **waiting, "addressee": addressee},
        ]
        self.assert_rule(Rule("update_opening_has_its_row", self.draft, holds, breaks))

    def test_an_opening_status_is_approved_without_what_a_new_approval_needs(self) -> None:
        """The same rows without the kind are refused: see ``test_update_constraints``."""
        opening = {"kind": "opening", "opening_row": self.row, **self.approval}
        for stated in (
            {"implementation_status": "implemented"},
            {"implementation_status": "partly_implemented"},
            {"implementation_status": "not_implemented"},
            {"implementation_status": "superseded"},
            {"implementation_status": "in_progress", "confidence": "red"},
            {"implementation_status": "in_progress", "confidence": "amber"},
        ):
            with self.subTest(stated), self.undone():
                self.write(self.draft, {**opening, **stated})
            with self.subTest(stated, case="of its retraction"), self.undone():
                earlier = self.make_approved(self.recommendation)
                retraction = {"kind": "retraction", "retracts": earlier, **self.approval}
                self.write(self.draft, {**retraction, **stated})
            with (
                self.subTest(stated, case="of an ordinary update"),
                self.assertRaises(IntegrityError),
                transaction.atomic(),
            ):
                self.write(self.draft, {**self.approval, **stated})

    def test_it_stays_true_to_itself(self) -> None:
        opening = {"kind": "opening", "opening_row": self.row, **self.approval}
        closed = {"implementation_status": "not_implemented", "confidence": "green"}
        late = {"completed_on": TODAY + timedelta(days=1)}
        for name, change in (
            ("update_closed_is_not_rated", closed),
            ("update_completed_by_as_of", late),
            ("update_decided_by_another", {"decided_by": self.staff}),
        ):
            self.assert_rule(Rule(name, self.draft, [opening], [opening | change]))

    def test_a_batch_is_decided_by_another_and_whole(self) -> None:
        at, by, note = {"decided_at": NOW}, {"decided_by": self.manager}, {"decision_note": "So."}
        self.assert_rule(
            Rule(
                "opening_batch_decided_together",
                self.batch,
                [{}, at | by, at | by | note],
                [at, by, note, at | note],
            )
        )
        own = {"decided_by": self.staff}
        self.assert_rule(
            Rule("opening_batch_decided_by_another", self.batch, [at | by], [at | own])
        )

    def test_a_batch_is_undone_with_who_when_and_why(self) -> None:
        at, by, why = {"undone_at": NOW}, {"undone_by": self.staff}, {"undone_reason": "So."}
        self.assert_rule(
            Rule(
                "opening_batch_undone_together",
                self.batch,
                [{}, at | by | why],
                [at, by, why, at | by, at | why, by | why],
            )
        )

    def test_digests_are_sha256(self) -> None:
        digests: Values = {"digest": "a" * 64, "file_sha256": "b" * 64}
        breaks = [{"digest": "A" * 64}, {"file_sha256": "a"}]
        self.assert_rule(Rule("opening_batch_digests_are_sha256", self.batch, [digests], breaks))

    def test_a_row_is_left_out_with_who_when_and_why(self) -> None:
        at, by = {"left_out_at": NOW}, {"left_out_by": self.staff}
        why = {"left_out_reason": "So."}
        self.assert_rule(
            Rule(
                "opening_row_left_out_together",
                self.row,
                [{}, at | by | why],
                [at, by, why, at | by, at | why, by | why],
            )
        )
        draft = {"draft": self.draft}
        self.assert_rule(
            Rule("opening_row_draft_of_left_out", self.row, [at | by | why | draft], [draft])
        )

    def test_a_row_has_a_status_that_fits_its_other_values(self) -> None:
        status = [{"implementation_status": "in_progress"}], [{"implementation_status": ""}]
        self.assert_rule(Rule("opening_row_has_status", self.row, *status))
        later = {"completed_on": TODAY + timedelta(days=1)}
        days = [{"completed_on": BEFORE}, {"completed_on": TODAY}], [later]
        self.assert_rule(Rule("opening_row_completed_by_as_of", self.row, *days))
        closed = {"implementation_status": "superseded"}
        rated = [closed, {"confidence": "green"}], [closed | {"confidence": "green"}]
        self.assert_rule(Rule("opening_row_closed_is_not_rated", self.row, *rated))

    def test_a_row_and_a_recommendation_are_once_in_a_batch(self) -> None:
        other = self.make_recommendation("Another thing")
        same: Values = {"batch": self.batch, "as_of": TODAY, "implementation_status": "in_progress"}
        again = {
            "opening_row_once": {"recommendation": other, "number": self.row.number},
            "opening_row_of_one_recommendation": {
                "recommendation": self.recommendation,
                "number": 1,
            },
        }
        for name, values in again.items():
            with (
                self.subTest(name),
                self.assertRaises(IntegrityError) as refusal,
                transaction.atomic(),
            ):
                OpeningRow.objects.create(**same, **values)
            said = str(refusal.exception)  # SQLite names the columns instead.
            self.assertTrue(name in said or "batch_id" in said, said)
