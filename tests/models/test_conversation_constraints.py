"""Constraints on comments, redactions and mail: words where they belong, and nowhere else."""

from django.db.models import Model

from recommendations.actions.mail.queue import new_mail
from recommendations.models import Comment, Redaction
from tests.mail import LETTER
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

    def test_mail_has_an_end_once_it_ended_and_no_words_then(self) -> None:
        row = new_mail(LETTER, to=self.staff, language="en")
        row.save()
        sent, empty = {"state": "sent", "ended_at": NOW}, {"subject": ""}
        self.assert_rule(
            Rule(
                "mail_has_an_end_once_it_ended",
                row,
                holds=[sent, {"state": "dropped", "ended_at": NOW}, {"state": "dead"}],
                breaks=[{"state": "sent"}, {"ended_at": NOW}, {"state": "dead", "ended_at": NOW}],
                base=empty,
            )
        )
        words = ("subject", "quoted", "address", "error")
        self.assert_rule(
            Rule(
                "ended_mail_has_no_words",
                row,
                holds=[sent, *({name: "Words"} for name in words)],
                breaks=[{**sent, name: "Words"} for name in words],
                base=empty,
            )
        )
