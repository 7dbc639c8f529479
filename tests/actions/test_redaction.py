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
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports.spreadsheet import SpreadsheetOptions, import_spreadsheet
from recommendations.actions.mail.queue import Notification, queue_mail
from recommendations.audit.replay import replay
from recommendations.audit.text_search import columns_by_model, preview_digest, text_occurrences
from recommendations.models import (
    AuditEvent,
    AuditText,
    Comment,
    Evidence,
    OutgoingMail,
    Recommendation,
    Redaction,
    Source,
    StatusUpdate,
    User,
)
from recommendations.storage import uploads
from tests.base import TrackerTestCase, link_evidence
from tests.imports.files import csv_bytes, map_for, upload
from tests.mail import sending
from tests.views.pages import PageTestCase, client_of

WORDS = "Maria Müller"


class RedactionTestCase(TrackerTestCase):
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
        link_evidence(
            to=cls.approved, by=cls.staff, stance="undermines", evidence=cls.item, why=WORDS
        )
        recommendations.revise_recommendation(
            recommendation=cls.recommendation,
            by=cls.manager,
            expected_version=cls.recommendation.version,
            values={"quoted_text": f"{WORDS} should do it."},
        )
        with audit.entry(by=cls.staff) as entry:
            cls.comment = Comment.objects.create(
                recommendation=cls.recommendation,
                author=cls.staff,
                at=entry.at,
                text=f"Ask {WORDS}.",
            )
            after = audit.snapshot(cls.comment)
            entry.record("comment", cls.comment, before={}, after=after, reason=WORDS)

    def redact(self, words: str = WORDS, by: User | None = None, **values: str) -> Redaction:
        given: dict[str, Any] = {
            "reason": "Asked for by the person.",
            "expected": preview_digest(words, text_occurrences(words)),
            **values,
        }
        return redaction.redact(words=words, by=by or self.administrator, **given)

    def everything(self) -> str:
        """Every value of every row of every table, as one text."""
        found = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                found.append(repr(cursor.fetchall()))
        return "\n".join(found)

    def assert_guarded(self) -> None:
        self.assertEqual(guards.faults(connection), {})
        with self.assertRaises(IntegrityError), transaction.atomic():
            StatusUpdate.objects.filter(pk=self.approved.pk).update(version=99)
        with self.assertRaises(IntegrityError), transaction.atomic():
            AuditText.objects.update(text="x")


class TakenOutTests(RedactionTestCase):
    def test_the_words_are_in_no_row_of_any_table(self) -> None:
        self.assertIn(WORDS, self.everything())
        self.redact()
        text = self.everything()
        self.assertNotIn(WORDS, text)
        self.assertNotIn(json.dumps(WORDS)[1:-1], text)
        self.assertNotIn("Maria", text)

    def test_the_rest_of_a_text_stays_with_a_mark_and_the_day(self) -> None:
        day = timezone.localdate().isoformat()
        self.redact()
        self.approved.refresh_from_db()
        mark = f"[redacted on {day}]"
        self.assertEqual(self.approved.what_happened, f"{mark} met us. {mark} agreed.")
        self.assertEqual(self.approved.state, "approved")
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.text, f"Ask {mark}.")

    def test_the_chain_is_whole_before_and_after_and_later(self) -> None:
        self.redact()
        self.assertEqual(audit.verify_chain().fault, "")
        self.make_submitted(self.recommendation)
        self.assertEqual(audit.verify_chain().fault, "")
        self.assert_guarded()

    def test_one_event_and_one_row_tell_of_it_without_the_words(self) -> None:
        count = AuditEvent.objects.count()
        made = self.redact()
        self.assertEqual(AuditEvent.objects.count(), count + 1)
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.actor), ("redact", self.administrator))
        self.assertEqual(event.object_id, str(made.pk))
        listed = json.loads(event.payload)["changes"]["texts"][1]
        redacted = AuditText.objects.filter(redacted_at=event.at)
        self.assertEqual(
            {line.partition(":")[0] for line in listed}, {text.digest for text in redacted}
        )
        self.assertGreater(made.places, 6)
        self.assertEqual(made.digest, redaction.words_digest(WORDS))

    def test_the_digest_of_a_wording_goes_with_it(self) -> None:
        self.recommendation.refresh_from_db()
        before = self.recommendation.quoted_sha256
        self.redact()
        self.recommendation.refresh_from_db()
        self.assertEqual(
            self.recommendation.quoted_sha256,
            recommendations.wording_digest(self.recommendation.quoted_text),
        )
        self.assertNotIn(before, self.everything())

    def test_an_old_form_cannot_write_the_words_back(self) -> None:
        self.recommendation.refresh_from_db()
        seen = self.recommendation.version
        self.redact()
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.version, seen + 1)

    def test_identifiers_and_addresses_go_as_a_whole(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(
            username="maria.mueller", email="maria.mueller@example.org"
        )
        self.item.url = "https://example.org/maria.mueller"
        self.item.save()
        self.redact("maria.mueller")
        self.staff.refresh_from_db()
        self.assertEqual(self.staff.username, f"redacted-{self.staff.pk}")
        self.assertEqual(self.staff.email, "")
        self.item.refresh_from_db()
        self.assertEqual(self.item.url, redaction.NOWHERE)
        self.item.full_clean()

    def test_json_names_and_values_change(self) -> None:
        Source.objects.update(column_map={f"Asked of {WORDS}": "title", "x": [WORDS, 3]})
        self.redact()
        found = Source.objects.get().column_map
        self.assertNotIn("Müller", json.dumps(found, ensure_ascii=False))
        self.assertEqual(found["x"][1], 3)

    def test_logs_of_the_administration_and_sessions(self) -> None:
        entry = LogEntry.objects.create(
            user=self.administrator,
            content_type=ContentType.objects.get_for_model(Recommendation),
            object_id="1",
            object_repr="x" * 190 + WORDS[:10],
            action_flag=CHANGE,
            change_message=json.dumps([{"changed": {"name": WORDS}}]),
        )
        held, other = SessionStore(), SessionStore()
        held["review_notes"] = {"1": f"Ask {WORDS}"}
        other["review_notes"] = {"1": "Ask somebody"}
        held.save()
        other.save()
        self.redact()
        entry.refresh_from_db()
        self.assertEqual(entry.object_repr[:190], "x" * 190)
        self.assertNotIn("Maria", entry.object_repr + entry.change_message)
        self.assertEqual(list(Session.objects.values_list("pk", flat=True)), [other.session_key])

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
            self.redact()
            [row] = OutgoingMail.objects.values()
            self.assertNotIn("Müller", str(row))
            self.redact("maria.mueller")
        [message] = mail.outbox
        self.assertEqual(message.to, [self.staff.email])
        self.assertIn("A line.", message.body)
        self.assertNotIn("Müller", str(message.message()))

    def test_messages_not_shown_yet_end_with_their_session(self) -> None:
        """A session keeps them as JSON within JSON, and some of them as HTML."""
        for words, kept in ((WORDS, WORDS), ("Ana <O'Hara>", "Ana &lt;O&#x27;Hara&gt;")):
            self.make_evidence(words)
            held = SessionStore()
            held["_messages"] = json.dumps([f"{kept} is added."])
            held.save()
            with self.subTest(words):
                self.redact(words)
                self.assertFalse(Session.objects.exists())

    def test_the_words_of_a_status_go_from_the_map_of_its_spreadsheet(self) -> None:
        """The map keeps them folded: in small letters, without points and dashes."""
        statuses = {"maria müller said no": {"status": "", "response": ""}}
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow([self.source])
            Source.objects.filter(pk=self.source.pk).update(column_map={"statuses": statuses})
            act.record("import", "0" * 16, {"sha256": "0" * 64})
        self.redact()
        self.assertNotIn("müller", self.everything())
        self.assertEqual(audit.verify_chain().fault, "")

    def test_the_rows_of_a_bulk_event_are_told_anew_and_stay_whole(self) -> None:
        """Rows hold references alone: a text that two of them share goes from both."""
        first, second = (self.make_evidence(f"Paper {n}") for n in range(2))
        with audit.entry(by=self.manager) as entry:
            act = audit.BulkAct(entry)
            act.follow([first, second])
            Evidence.objects.filter(pk__in=(first.pk, second.pk)).update(publisher=WORDS)
            event = act.record("load", "evidence.json", {"updated": 2})
        rows = [event.rows.get(object_id=str(item.pk)) for item in (first, second)]
        held = [json.loads(row.changes)["publisher"][1]["text"] for row in rows]
        self.assertEqual(held[0], held[1])
        self.redact()
        self.assertNotIn("Müller", self.everything())
        mark = AuditText.objects.get(digest=held[0]).text
        self.assertEqual(mark, f"[redacted on {timezone.localdate().isoformat()}]")
        for row, item in zip(rows, (first, second), strict=True):
            before = row.changes
            row.refresh_from_db()
            self.assertEqual(row.changes, before)
            label, key = row.object_type, row.object_id
            item.refresh_from_db()
            self.assertEqual(replay(label, [key])[key]["publisher"], item.publisher)
        self.assertEqual(audit.verify_chain().fault, "")

    def test_files_that_wait_to_be_imported_are_thrown_away(self) -> None:
        path = uploads.upload_folder() / ("0" * 32)
        path.write_text(f"name\n{WORDS}\n")
        self.redact()
        self.assertFalse(path.exists())

    def test_where_waiting_files_cannot_be_thrown_away_nothing_is_taken_out(self) -> None:
        before = self.everything()
        with (
            mock.patch.object(uploads, "delete_uploads", side_effect=PermissionError),
            self.assertRaises(ActionRefused),
        ):
            self.redact()
        self.assertEqual(self.everything(), before)

    def test_an_event_of_a_file_names_its_source_where_it_can_be_taken_out(self) -> None:
        Source.objects.filter(pk=self.source.pk).update(slug="maria-mueller")
        self.source.refresh_from_db()
        data = csv_bytes([("1", "Do more.")], ("No.", "Recommendation"))
        options = SpreadsheetOptions(map_for(data))
        file = upload(data, "maria-mueller.csv")
        import_spreadsheet(upload=file, source=self.source, by=self.manager, options=options)
        self.redact("maria-mueller")
        self.assertNotIn("maria-mueller", self.everything())
        self.assertEqual(audit.verify_chain().fault, "")

    def test_a_full_column_still_holds_its_mark(self) -> None:
        Recommendation.objects.update(title="y" * 188 + WORDS)
        self.redact()
        title = Recommendation.objects.get().title
        self.assertLessEqual(len(title), 200)
        self.assertTrue(title.endswith("[redacted]"))

    def test_upper_and_lower_case_are_told_apart_on_both_engines(self) -> None:
        Recommendation.objects.update(rationale="MARIA MÜLLER", priority="high")
        self.redact()
        self.assertEqual(Recommendation.objects.get().rationale, "MARIA MÜLLER")

    def test_words_can_be_taken_out_of_what_is_left(self) -> None:
        self.redact()
        self.redact("met us")
        self.assertEqual(audit.verify_chain().fault, "")
        self.assertNotIn("met us", self.everything())

    def test_every_text_of_every_table_is_looked_through(self) -> None:
        names = {f"{c.model._meta.label}.{c.name}" for cs in columns_by_model() for c in cs}
        for name in (
            "StatusUpdate.internal_note",
            "TargetDateChange.reason",
            "Response.part_accepted",
            "Action.owner",
            "Comment.text",
            "ReportedStatus.words",
            "Redaction.reason",
            "User.first_name",
            "Observation.comment",
        ):
            self.assertIn(f"recommendations.{name}", names)


class TamperingTests(RedactionTestCase):
    """A mark in a text is no excuse: only what the event lists was redacted."""

    def tamper(self, **values: object) -> None:
        with transaction.atomic(), guards.lifted(connection, {AuditText._meta.db_table}):
            text = AuditText.objects.filter(text__contains="met us").earliest("digest")
            AuditText.objects.filter(pk=text.pk).update(**values)

    def test_a_text_that_only_looks_redacted_is_named(self) -> None:
        self.tamper(text="[redacted]", salt="", redacted_at=timezone.now())
        self.assertIn("was changed", audit.verify_chain().fault)

    def test_a_redacted_text_that_was_changed_again_is_named(self) -> None:
        self.redact()
        self.assertEqual(audit.verify_chain().fault, "")
        self.tamper(text="[redacted] met us on the moon.")
        self.assertIn("was changed", audit.verify_chain().fault)

    def test_guards_are_lifted_inside_a_transaction_only(self) -> None:
        with (
            mock.patch.object(connection, "in_atomic_block", False),
            self.assertRaises(RuntimeError),
            guards.lifted(connection, set()),
        ):
            self.fail("lifted")


class PageTests(RedactionTestCase, PageTestCase):
    def test_no_page_has_the_words_and_the_page_says_when_they_went(self) -> None:
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        paths = [
            "/",
            "/recommendations/",
            self.recommendation.get_absolute_url(),
            self.approved.get_absolute_url(),
            "/evidence/",
            self.item.get_absolute_url(),
            "/audit/",
        ]
        client = client_of(self.manager)
        before = "".join(client.get(path).content.decode() for path in paths)
        self.assertIn(WORDS, before)
        self.redact()
        for path in paths:
            page = client.get(path)
            self.assertEqual(page.status_code, 200)
            self.assertNotContains(page, "Maria")
        day = timezone.localdate().isoformat()
        self.assertContains(client.get(self.approved.get_absolute_url()), f"[redacted on {day}]")
