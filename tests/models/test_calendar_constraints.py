"""What the database itself refuses of addresses of calendars."""

from recommendations.models import CalendarAddress
from tests.models.constraints import NOW, ConstraintTestCase, Rule


class CalendarAddressConstraintTests(ConstraintTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.address = CalendarAddress.objects.create(
            person=cls.staff, token_salt="a", token_digest="b", created_at=NOW
        )

    def test_it_ends_with_who_and_when_or_neither(self) -> None:
        at, by = {"revoked_at": NOW}, {"revoked_by": self.staff.pk}
        nothing = {"revoked_at": None, "revoked_by": None}
        name = "calendar_address_revoked_together"
        self.assert_rule(Rule(name, self.address, [{**at, **by}, nothing], [at, by]))
