"""What forms make of refusals, of files that share a form, and of what was typed beside a draft."""

from types import SimpleNamespace

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase

from recommendations.forms.evidence import EvidenceForm, added_text
from recommendations.forms.fields import NoteForm, add_form_errors
from recommendations.forms.updates import PREFIX, kept_entries


class ToldTests(SimpleTestCase):
    def test_an_error_of_an_action_stands_at_its_field_else_above_the_form(self) -> None:
        form = NoteForm({})
        add_form_errors(form, ValidationError("Not today."))
        add_form_errors(form, ValidationError({"note": "Say why.", "day": "Which day?"}))
        self.assertEqual(
            form.errors, {"__all__": ["Not today.", "Which day?"], "note": ["Say why."]}
        )

    def test_evidence_that_waits_for_a_second_manager_is_not_called_public(self) -> None:
        for withheld, told in (
            ([False], "Evidence added."),
            ([False, True], "Evidence added. The public sees it once another manager agrees."),
        ):
            links = [SimpleNamespace(is_withheld=each) for each in withheld]
            self.assertEqual(added_text(links), told)

    def test_files_that_share_a_title_are_told_apart(self) -> None:
        for title, n, told in (
            ("", 1, "scan"),
            ("Minutes", 1, "Minutes"),
            ("Minutes", 2, "Minutes: scan.pdf"),
        ):
            form = SimpleNamespace(received=[None] * n)
            values = EvidenceForm._titled(form, {"title": title}, SimpleNamespace(name="scan.pdf"))
            self.assertEqual(values["title"], told)

    def test_what_cannot_be_stored_is_not_kept_with_a_draft(self) -> None:
        typed = {"number": "1", "date_reason": "A late \x00 delivery", "value_1": "12"}
        kept = kept_entries({f"{PREFIX}-{name}": text for name, text in typed.items()})
        assert kept is not None
        self.assertEqual(kept.content, {"value_1": "12"})
