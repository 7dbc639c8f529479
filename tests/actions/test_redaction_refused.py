"""What may not be redacted, and who may not redact."""

from unittest import mock

from django.core.exceptions import ValidationError

from recommendations import audit
from recommendations.actions import redaction
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.models import (
    User,
)
from tests.actions.test_redaction import WORDS, RedactionTestCase


class RefusedTests(RedactionTestCase):
    def test_only_administrators(self) -> None:
        root = User.objects.create(username="root", is_superuser=True, is_staff=True)
        for person in (self.manager, self.auditor, self.staff, self.viewer, root):
            with self.subTest(person), self.assertRaises(NotAllowed):
                self.redact(by=person)
        self.assertIn(WORDS, self.everything())

    def test_words_and_reasons_that_do_not_do(self) -> None:
        for words in ("", "abc", "   abc   ", "redacted", "https", "a\x00bcd", "x" * 1001):
            with self.subTest(words), self.assertRaises(ValidationError):
                redaction.redact(words=words, by=self.administrator, reason="Because.", expected="")
        for reason in ("", "  ", f"It names {WORDS}.", f"It names {WORDS.upper()}."):
            with self.subTest(reason), self.assertRaises(ValidationError):
                self.redact(reason=reason)

    def test_words_that_stand_nowhere(self) -> None:
        with self.assertRaises(ActionRefused):
            self.redact("Nobody Anywhere")

    def test_what_changed_since_the_preview_is_looked_at_again(self) -> None:
        expected = preview_digest(WORDS, text_occurrences(WORDS))
        self.make_evidence(f"Another letter of {WORDS}")
        with self.assertRaises(ActionRefused):
            self.redact(expected=expected)

    def test_the_name_of_a_file_in_the_chain_stays(self) -> None:
        with audit.entry(by=None) as entry:
            entry.record_counts("load", f"{WORDS}.json", {"created": 1})
        with self.assertRaises(ActionRefused) as refusal:
            self.redact()
        self.assertIn(
            "contains this text as a file name, which cannot be changed", str(refusal.exception)
        )

    def test_a_failure_in_the_middle_leaves_everything_as_it_was(self) -> None:
        before = self.everything()
        expected = preview_digest(WORDS, text_occurrences(WORDS))
        for target in (
            "recommendations.actions.redaction.audit.redact_texts",
            "recommendations.actions.redaction.sessions_with",
        ):
            with (
                self.subTest(target),
                mock.patch(target, side_effect=ZeroDivisionError),
                self.assertRaises(ZeroDivisionError),
            ):
                self.redact(expected=expected)
            self.assertEqual(self.everything(), before)
            self.assert_guarded()
        self.assertEqual(audit.verify_chain().fault, "")
