"""Constraints on comments and redactions: nobody says nothing, and nobody redacts for no reason."""

from django.db.models import Model

from recommendations.models import Comment, Redaction
from tests.models.constraints import NOW, ConstraintTestCase, Rule


class ConversationTests(ConstraintTestCase):
    def rule(self, name: str, row: Model, column: str) -> None:
        row.save()
        self.assert_rule(
            Rule(name, row, holds=[{column: "Words"}, {column: " "}], breaks=[{column: ""}])
        )

    def test_a_comment_says_something(self) -> None:
        row = Comment(recommendation=self.recommendation, author=self.staff, at=NOW, text="Words")
        self.rule("comment_says_something", row, "text")

    def test_a_redaction_has_a_reason(self) -> None:
        row = Redaction(at=NOW, by=self.administrator, reason="Words", digest="0" * 64, places=1)
        self.rule("redaction_has_reason", row, "reason")
