"""Constraints on saved views: a filter, an owner's name once, and a whole removal."""

from django.db import IntegrityError, transaction

from recommendations.models import SavedView
from tests.models.constraints import NOW, ConstraintTestCase, Rule


class SavedViewTests(ConstraintTestCase):
    def row(self) -> SavedView:
        return SavedView.objects.create(owner=self.staff, name="Overdue", query="sort=date")

    def test_it_has_a_filter(self):
        self.assert_rule(
            Rule(
                "saved_view_has_filter",
                self.row(),
                holds=[{"query": "only=open"}],
                breaks=[{"query": ""}],
            )
        )

    def test_a_removal_has_its_person_and_its_time(self):
        self.assert_rule(
            Rule(
                "saved_view_removed_together",
                self.row(),
                holds=[{"removed_at": NOW, "removed_by": self.staff}, {}],
                breaks=[{"removed_at": NOW}, {"removed_by": self.staff}],
            )
        )

    def test_a_name_is_used_once_by_its_owner_among_views_in_use(self):
        first = self.row()
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            self.row()
        name, said = "saved_view_name_once", str(refusal.exception)
        self.assertTrue(name in said or "owner" in said, said)
        SavedView.objects.create(owner=self.manager, name="Overdue", query="sort=date")
        SavedView.objects.filter(pk=first.pk).update(removed_at=NOW, removed_by=self.staff)
        self.row()
