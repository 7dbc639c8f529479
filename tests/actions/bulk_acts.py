"""Bulk acts as tests do them: rows, a preview, the act, its undo, and what the event tells."""

from typing import Any

from recommendations import audit, state
from recommendations.actions import recommendations
from recommendations.actions.bulk_changes import change_many
from recommendations.actions.oversight import verification
from recommendations.models import AuditEvent, Recommendation, RecommendationState
from recommendations.queries.bulk_changes import BulkValue, plan_change, plan_undo
from recommendations.queries.shown import ShownRows
from tests.actions.acts import ActTestCase, fresh, told
from tests.undoing import undo_many

WHY = "The office was reorganised."


class BulkTestCase(ActTestCase):
    """REP-1 and those that a test adds; each is led by the ministry, and its officer is staff."""

    def add(self, count: int, **values: Any) -> list[int]:
        """So many more recommendations, with their event; their ids."""
        columns = {
            "source": self.source,
            "summary": "In our words.",
            "modality": "should",
            "nature": "time_bound",
            "lead_officer": self.staff,
            **values,
        }
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            rows = [
                Recommendation(title=f"Thing {n}", opened_on=entry.today, **columns)
                for n in range(count)
            ]
            recommendations.add_many(act, rows)
            act.record("import", "0" * 16, {"new": count})
        return [row.pk for row in rows]

    def shown(self, ids: Any, value: BulkValue) -> ShownRows:
        return plan_change(ids, value).shown

    def change(
        self, ids: Any, value: BulkValue, shown: ShownRows | None = None, reason: str = WHY
    ) -> AuditEvent:
        shown = shown or self.shown(ids, value)
        return change_many(value=value, shown=shown, by=self.manager, reason=reason)

    def undo(self, event: AuditEvent, shown: ShownRows | None = None) -> AuditEvent:
        shown = shown or plan_undo(event).shown
        return undo_many(event=event, shown=shown, by=self.manager, reason="A mistake.")

    def told(self, event: AuditEvent) -> dict[str, Any]:
        """What the event says, by name."""
        return {name: after for name, (_before, after) in told(fresh(event)).items()}

    def faults(self) -> set[str]:
        """What verification finds: of rows that the world of tests holds there are some."""
        return {str(fault) for fault in verification.verify().faults}

    def assert_kept(self) -> None:
        """What is kept of recommendations is what follows from their rows."""
        ids = list(RecommendationState.objects.values_list("pk", flat=True))
        self.assertEqual(list(state.drift(ids)), [])
