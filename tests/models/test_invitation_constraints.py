"""What the database itself refuses of invitations."""

from datetime import timedelta

from recommendations.models import Invitation
from tests.models.constraints import NOW, ConstraintTestCase, Rule


class InvitationConstraintTests(ConstraintTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.invitation = Invitation.objects.create(
            email="new@example.org",
            role="Viewer",
            token_salt="a",
            token_digest="b",
            invited_by=cls.administrator,
            invited_at=NOW,
            expires_at=NOW + timedelta(days=14),
        )

    def test_it_expires_after_it_was_made(self) -> None:
        self.assert_rule(
            Rule(
                "invitation_expires_after_it_was_made",
                self.invitation,
                [{"expires_at": NOW + timedelta(seconds=1)}],
                [{"expires_at": NOW}, {"expires_at": NOW - timedelta(days=1)}],
            )
        )

    def test_it_ends_with_who_and_when_or_neither(self) -> None:
        names = {
            "accepted": "invitation_accepted_together",
            "withdrawn": "invitation_withdrawn_together",
        }
        for verb, name in names.items():
            at, by = {f"{verb}_at": NOW}, {f"{verb}_by": self.viewer.pk}
            nothing = {f"{verb}_at": None, f"{verb}_by": None}
            self.assert_rule(Rule(name, self.invitation, [{**at, **by}, nothing], [at, by]))

    def test_it_ends_in_one_way(self) -> None:
        accepted = {"accepted_at": NOW, "accepted_by": self.viewer.pk}
        withdrawn = {"withdrawn_at": NOW, "withdrawn_by": self.administrator.pk}
        self.assert_rule(
            Rule(
                "invitation_ends_in_one_way",
                self.invitation,
                [accepted, {**withdrawn, "accepted_at": None, "accepted_by": None}],
                [{**accepted, **withdrawn}],
            )
        )
