"""What the database itself refuses of sign-offs."""

from recommendations.models import SignOff
from tests.models.constraints import NOW, TODAY, ConstraintTestCase, Rule


class SignOffConstraintTests(ConstraintTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.row = SignOff.objects.create(
            source=cls.source,
            as_of=TODAY,
            signed_content="{}",
            digest="0" * 64,
            sequence=1,
            record_hash="0" * 64,
            signed_at=NOW,
            signed_by=cls.manager,
        )

    def test_it_is_of_a_source_or_of_a_recommendation(self) -> None:
        one, other = {"source": self.source.pk}, {"recommendation": self.recommendation.pk}
        neither = {"source": None, "recommendation": None}
        holds, breaks = [one, {**neither, **other}], [{**one, **other}, neither]
        self.assert_rule(Rule("sign_off_of_one", self.row, holds, breaks))

    def test_it_has_its_content_and_both_digests(self) -> None:
        names = ("signed_content", "digest", "record_hash")
        holds = [dict.fromkeys(names, "1")]
        breaks = [{name: ""} for name in names]
        self.assert_rule(Rule("sign_off_has_content_and_digests", self.row, holds, breaks))

    def test_it_follows_an_entry_of_the_audit_log(self) -> None:
        holds, breaks = [{"sequence": 2}], [{"sequence": 0}]
        self.assert_rule(Rule("sign_off_after_an_entry", self.row, holds, breaks))
