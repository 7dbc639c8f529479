"""What the database itself refuses of deputies."""

from datetime import timedelta

from recommendations.models import Deputy
from tests.models.constraints import NOW, TODAY, ConstraintTestCase, Rule


class DeputyConstraintTests(ConstraintTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.row = Deputy.objects.create(
            person=cls.staff,
            deputy=cls.other_staff,
            starts_on=TODAY,
            ends_on=TODAY,
            recorded_at=NOW,
            recorded_by=cls.manager,
        )

    def test_nobody_stands_in_for_themselves(self) -> None:
        holds, breaks = [{"deputy": self.manager.pk}], [{"deputy": self.staff.pk}]
        self.assert_rule(Rule("deputy_is_somebody_else", self.row, holds, breaks))

    def test_the_last_day_is_not_before_the_first(self) -> None:
        day = timedelta(days=1)
        holds, breaks = [{"ends_on": TODAY + day}], [{"ends_on": TODAY - day}]
        self.assert_rule(Rule("deputy_ends_after_it_starts", self.row, holds, breaks))

    def test_it_ends_early_with_who_and_when_or_neither(self) -> None:
        at, by = {"ended_at": NOW}, {"ended_by": self.staff.pk}
        nothing = {"ended_at": None, "ended_by": None}
        name = "deputy_ended_together"
        self.assert_rule(Rule(name, self.row, [{**at, **by}, nothing], [at, by]))
