"""Words are taken out everywhere, the chain stays whole, and the guards are back."""

import json
from typing import Any
from unittest import mock

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from recommendations import audit, guards
from recommendations.actions import recommendations, redaction
from recommendations.actions.base import ActionRefused
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions
from recommendations.actions.mail.queue import Notification, queue_mail
from recommendations.actions.redaction import preview_digest
from recommendations.audit.redaction import text_occurrences
from recommendations.audit.rewind import replay
from recommendations.models import (
    AuditText,
    Comment,
    Evidence,
    OutgoingMail,
    Recommendation,
    Source,
    StatusUpdate,
    User,
)
from recommendations.storage import uploads
from tests.actions.acts import UNREADABLE, ActTestCase, fresh, told
from tests.imports.files import csv_bytes, map_for, upload
from tests.imports.run import import_spreadsheet
from tests.mail import sending

WORDS = "Maria Müller"


class RedactionTestCase(ActTestCase):
    approved: StatusUpdate
    comment: Comment
    item: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.make_approved(
            cls.recommendation,
            what_happened=f"{WORDS} met us. {WORDS} agreed.",
            public_text=f"{WORDS} agreed.",
        )
        cls.item = cls.make_evidence(f"Letter of {WORDS}", url="https://example.org/")
        cls.attach(cls.approved, cls.item, "undermines", why=WORDS)
        cls.revise(quoted_text=f"{WORDS} should do it.")
        with audit.entry(by=cls.staff) as entry:
            cls.comment = Comment.objects.create(
                recommendation=cls.recommendation,
                author=cls.staff,
                at=entry.at,
                text=f"Ask {WORDS}.",
            )
            after = audit.snapshot(cls.comment)
            entry.record("comment", cls.comment, before={}, after=after, reason=WORDS)

    def take_out(self, words: str = WORDS, by: Any = None, **given: str) -> Any:
        return self.redact(words, by, **given)

    def everything(self) -> str:
        """Every value of every row of every table, as one text."""
        found = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                found.append(repr(cursor.fetchall()))
        return "\n".join(found)

    def assert_gone(self, *words: str) -> None:
        """From every table; the chain is whole, and the guards are as they were."""
        text = self.everything()
        for each in words:
            self.assertNotIn(each, text)
            self.assertNotIn(json.dumps(each)[1:-1], text)
        self.assertEqual(audit.verify_chain().fault, "")
        self.assert_guarded()

    def assert_guarded(self) -> None:
        self.assertEqual(guards.faults(connection), {})
        for rows, values in (
            (StatusUpdate.objects.filter(pk=self.approved.pk), {"version": 99}),
            (AuditText.objects.all(), {"text": "x"}),
        ):
            with self.assertRaises(IntegrityError), transaction.atomic():
                rows.update(**values)


class TakenOutTests(RedactionTestCase):
    def test_the_words_are_in_no_row_of_any_table_and_the_rest_stays_with_a_mark(self) -> None:
        self.assertIn(WORDS, self.everything())
        before = fresh(self.recommendation)
        made = self.take_out()
        self.assert_gone(WORDS, "Maria", before.quoted_sha256)
        mark = f"[redacted on {timezone.localdate().isoformat()}]"
        kept = self.held(self.approved, "what_happened", "state")
        self.assertEqual(kept, (f"{mark} met us. {mark} agreed.", "approved"))
        self.assertEqual(self.held(self.comment, "text"), f"Ask {mark}.")
        after = fresh(self.recommendation)
        self.assertEqual(after.quoted_sha256, recommendations.wording_digest(after.quoted_text))
        self.assertEqual(after.version, before.version + 1, "no old form writes them back")
        [event] = self.events()
        about = (event.verb, event.actor, event.object_id)
        self.assertEqual(about, ("redact", self.administrator, str(made.pk)))
        redacted = AuditText.objects.filter(redacted_at=event.at)
        listed = {line.partition(":")[0] for line in told(event)["texts"][1]}
        self.assertEqual(listed, {text.digest for text in redacted})
        self.assertGreater(made.places, 6)
        self.assertEqual(made.digest, redaction.words_digest(WORDS))
        self.take_out("met us")
        self.make_submitted(self.recommendation)
        self.assert_gone("met us")

    def test_identifiers_and_addresses_go_as_a_whole(self) -> None:
        about = User.objects.filter(pk=self.staff.pk)
        about.update(username="maria.mueller", email="maria.mueller@example.org")
        self.item.url = "https://example.org/maria.mueller"
        self.item.save()
        self.take_out("maria.mueller")
        names = self.held(self.staff, "username", "email")
        self.assertEqual(names, (f"redacted-{self.staff.pk}", ""))
        self.assertEqual(self.held(self.item, "url"), redaction.NOWHERE)
        fresh(self.item).full_clean()

    def test_json_names_and_values_change_folded_ones_too(self) -> None:
        """The map of a spreadsheet keeps its words in small letters, without points."""
        statuses = {"maria müller said no": {"status": "", "response": ""}}
        held = {f"Asked of {WORDS}": "title", "x": [WORDS, 3], "statuses": statuses}
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow([self.source])
            Source.objects.filter(pk=self.source.pk).update(column_map=held)
            act.record("import", "0" * 16, {"sha256": "0" * 64})
        self.take_out()
        self.assert_gone("Müller", "müller")
        self.assertEqual(self.held(self.source, "column_map")["x"][1], 3)

    def test_logs_of_the_administration_and_sessions(self) -> None:
        """A session keeps messages as JSON within JSON, and some of them as HTML."""
        entry = LogEntry.objects.create(
            user=self.administrator,
            content_type=ContentType.objects.get_for_model(Recommendation),
            object_id="1",
            object_repr="x" * 190 + WORDS[:10],
            action_flag=CHANGE,
            change_message=json.dumps([{"changed": {"name": WORDS}}]),
        )
        odd, other = "Ana <O'Hara>", SessionStore()
        other["review_notes"] = {"1": "Ask somebody"}
        other.save()
        self.make_evidence(odd)
        for words, name, held in (
            (WORDS, "review_notes", {"1": f"Ask {WORDS}"}),
            (odd, "_messages", json.dumps(["Ana &lt;O&#x27;Hara&gt; is added."])),
        ):
            session = SessionStore()
            session[name] = held
            session.save()
            self.take_out(words)
            self.assertEqual([row.pk for row in Session.objects.all()], [other.session_key])
        entry.refresh_from_db()
        self.assertEqual(entry.object_repr[:190], "x" * 190)
        self.assertNotIn("Maria", entry.object_repr + entry.change_message)

    def test_mail_that_waits_goes_out_with_a_mark(self) -> None:
        with sending():
            letter = Notification(
                subject=f"About {WORDS}",
                lines=("A line.", f"{WORDS} wrote."),
                link=f"To {WORDS}",
                path=f"/{WORDS}/",
                quoted=f"Ask {WORDS}.",
                is_asked_for=False,
            )
            queue_mail([self.staff], lambda _person: letter, address="maria.mueller@example.org")
            OutgoingMail.objects.update(error=f"no such box: {WORDS}")
            self.take_out()
            [row] = OutgoingMail.objects.values()
            self.assertNotIn("Müller", str(row))
            self.take_out("maria.mueller")
        [message] = mail.outbox
        self.assertEqual(message.to, [self.staff.email])
        self.assertIn("A line.", message.body)
        self.assertNotIn("Müller", str(message.message()))

    def test_the_rows_of_a_bulk_event_are_told_anew_and_stay_whole(self) -> None:
        """Rows hold references alone: a text that two of them share goes from both."""
        found = [self.make_evidence(f"Paper {n}") for n in range(2)]
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow(found)
            Evidence.objects.filter(pk__in=[item.pk for item in found]).update(publisher=WORDS)
            event = act.record("load", "evidence.json", {"updated": 2})
        rows = [event.rows.get(object_id=str(item.pk)) for item in found]
        first, second = (json.loads(row.changes)["publisher"][1]["text"] for row in rows)
        self.assertEqual(first, second)
        self.take_out()
        self.assert_gone("Müller")
        mark = AuditText.objects.get(digest=first).text
        self.assertEqual(mark, f"[redacted on {timezone.localdate().isoformat()}]")
        for row, item in zip(rows, found, strict=True):
            self.assertEqual(self.held(row, "changes"), row.changes)
            label, key = row.object_type, row.object_id
            self.assertEqual(replay(label, [key])[key]["publisher"], fresh(item).publisher)

    def test_files_that_wait_to_be_imported_are_thrown_away_or_nothing_is_taken_out(self) -> None:
        path = uploads.upload_folder() / ("0" * 32)
        path.write_text(f"name\n{WORDS}\n")
        before = self.everything()
        with mock.patch.object(uploads, "delete_uploads", side_effect=PermissionError):
            self.refused(ActionRefused, self.take_out)
        self.assertEqual(self.everything(), before)
        self.take_out()
        self.assertFalse(path.exists())

    def test_an_event_of_a_file_names_its_source_where_it_can_be_taken_out(self) -> None:
        Source.objects.filter(pk=self.source.pk).update(slug="maria-mueller")
        data = csv_bytes([("1", "Do more.")], ("No.", "Recommendation"))
        options = SpreadsheetOptions(map_for(data))
        about = {"source": fresh(self.source), "by": self.manager, "options": options}
        import_spreadsheet(upload=upload(data, "maria-mueller.csv"), **about)
        self.take_out("maria-mueller")
        self.assert_gone("maria-mueller")

    def test_a_full_column_still_holds_its_mark_and_other_capitals_are_other_words(self) -> None:
        Recommendation.objects.update(title="y" * 188 + WORDS, rationale="MARIA MÜLLER")
        self.take_out()
        title, rationale = self.held(self.recommendation, "title", "rationale")
        self.assertLessEqual(len(title), 200)
        self.assertTrue(title.endswith("[redacted]"))
        self.assertEqual(rationale, "MARIA MÜLLER")


class RefusedTests(RedactionTestCase):
    def test_words_and_reasons_that_do_not_do(self) -> None:
        for words in ("", "abc", "   abc   ", "redacted", "https", "a\x00bcd", "x" * 1001):
            self.refused("words", self.redact, words, expected="")
        for reason in ("", "  ", f"It names {WORDS}.", f"It names {WORDS.upper()}.", *UNREADABLE):
            self.refused("reason", self.take_out, reason=reason)
        self.refused(ActionRefused, self.take_out, "Nobody Anywhere")

    def test_what_changed_since_the_preview_is_looked_at_again(self) -> None:
        expected = preview_digest(WORDS, text_occurrences(WORDS))
        self.make_evidence(f"Another letter of {WORDS}")
        self.refused(ActionRefused, self.take_out, expected=expected)

    def test_the_name_of_a_file_in_the_chain_stays(self) -> None:
        with audit.entry(by=None) as entry:
            entry.record_counts("load", f"{WORDS}.json", {"created": 1})
        words = "contains this text as a file name, which cannot be changed"
        with self.assertRaisesMessage(ActionRefused, words):
            self.take_out()

    def test_a_failure_in_the_middle_leaves_everything_as_it_was(self) -> None:
        before = self.everything()
        expected = preview_digest(WORDS, text_occurrences(WORDS))
        for target in ("audit.redact_texts", "sessions_with"):
            with mock.patch(
                f"recommendations.actions.redaction.{target}", side_effect=ZeroDivisionError
            ):
                self.refused(ZeroDivisionError, self.take_out, expected=expected)
            self.assertEqual(self.everything(), before)
            self.assert_guarded()
        self.assertEqual(audit.verify_chain().fault, "")


class TamperingTests(RedactionTestCase):
    """A mark in a text is no excuse: only what the event lists was redacted."""

    def tamper(self, **values: object) -> None:
        with transaction.atomic(), guards.lifted(connection, {AuditText._meta.db_table}):
            text = AuditText.objects.filter(text__contains="met us").earliest("digest")
            AuditText.objects.filter(pk=text.pk).update(**values)
        self.assertIn("was changed", audit.verify_chain().fault)

    def test_a_text_that_only_looks_redacted_is_named(self) -> None:
        self.tamper(text="[redacted]", salt="", redacted_at=timezone.now())

    def test_a_redacted_text_that_was_changed_again_is_named(self) -> None:
        self.take_out()
        self.tamper(text="[redacted] met us on the moon.")

    def test_guards_are_lifted_inside_a_transaction_only(self) -> None:
        outside = mock.patch.object(connection, "in_atomic_block", False)
        with outside, self.assertRaises(RuntimeError), guards.lifted(connection, set()):
            self.fail("lifted")
