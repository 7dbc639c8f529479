"""What the database itself refuses of watched items and of notification settings."""

from recommendations.models import NotificationSettings, SavedView, Watch
from recommendations.models.watches import QUIET_DAYS
from tests.models.constraints import NOW, ConstraintTestCase, Rule


class WatchConstraintTests(ConstraintTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        view = SavedView.objects.create(owner=cls.staff, name="Overdue", query="sort=date")
        cls.items = {
            "recommendation": cls.recommendation,
            "source": cls.source,
            "view": view,
            "indicator": cls.make_indicator(),
        }
        cls.watch = Watch.objects.create(
            person=cls.staff, recommendation=cls.recommendation, since=NOW
        )

    def test_it_is_of_exactly_one_item(self) -> None:
        nothing = dict.fromkeys(self.items)
        one = [{**nothing, name: item} for name, item in self.items.items()]
        two = [{"source": self.source}, {"view": self.items["view"]}, self.items, nothing]
        self.assert_rule(Rule("watch_is_of_one_item", self.watch, one, two))

    def test_it_ends_with_who_and_when_or_neither(self) -> None:
        at, by = {"removed_at": NOW}, {"removed_by": self.staff.pk}
        nothing = {"removed_at": None, "removed_by": None}
        name = "watch_removed_together"
        self.assert_rule(Rule(name, self.watch, [{**at, **by}, nothing], [at, by]))

    def test_a_week_has_a_day_that_is_not_quiet(self) -> None:
        row = NotificationSettings.objects.create(person=self.staff)
        every = dict.fromkeys(QUIET_DAYS, True)
        holds = [{}, *({**every, name: False} for name in QUIET_DAYS)]
        self.assert_rule(Rule("notifications_leave_a_day", row, holds, [every]))
