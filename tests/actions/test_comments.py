"""Internal remarks: who may write them, whom they call, and that they stay as written."""

import json

from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from recommendations import audit
from recommendations.actions import comments
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.models import AuditEvent, Comment, StatusUpdate, User
from tests.base import TrackerTestCase
from tests.mail import outbox, sending
from tests.updates import begin_draft


class CommentTests(TrackerTestCase):
    def add(self, text: str, by: User | None = None, update: StatusUpdate | None = None) -> Comment:
        with sending():
            return comments.add_comment(
                recommendation=self.recommendation, by=by or self.staff, text=text, update=update
            )

    def test_it_is_on_record_with_whom_it_mentions(self) -> None:
        comment = self.add("  Look at this, @manager.  ")
        self.assertEqual(comment.text, "Look at this, @manager.")
        self.assertEqual(list(comment.mentions.all()), [self.manager])
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.recommendation), ("comment", self.recommendation))
        self.assertEqual(
            json.loads(event.payload)["changes"]["mentions"], [None, [self.manager.pk]]
        )
        self.assertNotIn("Look", event.payload)
        self.assertEqual(audit.verify_chain().fault, "")

    def test_whom_a_text_mentions(self) -> None:
        for text, names in (
            ("@staff and (@manager), @other_staff!", ["staff", "other_staff", "manager"]),
            ("@manager @manager", ["manager"]),
            ("write to staff@manager", []),
            ("@nobody @Manager", []),
            ("@viewer @stranger", []),
            ("@auditor.", ["auditor"]),
            ("@@manager", []),
        ):
            with self.subTest(text):
                found = comments.mentioned_in(text)
                self.assertEqual({person.username for person in found}, set(names))

    def test_those_mentioned_are_told_what_it_says_and_nobody_else(self) -> None:
        User.objects.filter(pk=self.other_manager.pk).update(wants_mail=False)
        self.add("Between us: @manager @other_manager @viewer @staff")
        [message] = mail.outbox
        self.assertEqual(message.to, [self.manager.email])
        self.assertIn("Between us", message.body)
        self.assertIn(
            f"/recommendations/REP-1/comments/#comment-{Comment.objects.get().pk}", message.body
        )

    def test_who_lost_the_right_to_read_meanwhile_is_not_told(self) -> None:
        with sending():
            comments.add_comment(
                recommendation=self.recommendation, by=self.staff, text="@manager: secret"
            )
            self.manager.groups.clear()
        self.assertEqual(mail.outbox, [])

    def test_one_form_sent_twice_is_one_comment(self) -> None:
        def say(text: str, by: User = self.staff) -> Comment:
            return comments.add_comment(recommendation=self.recommendation, by=by, text=text)

        with sending():
            first = say("Ask @manager.")
            self.assertEqual(say(" Ask @manager. "), first)
        self.assertEqual(len(outbox()), 1)
        others = [say("Ask @manager.", self.other_manager), say("Ask @manager."), say("Again.")]
        self.assertEqual(len({first, *others}), 4)

    def test_on_an_update_of_the_same_recommendation(self) -> None:
        update = self.make_submitted(self.recommendation)
        comment = self.add("Which meeting?", by=self.manager, update=update)
        self.assertEqual(comment.update, update)
        other = self.make_submitted(self.make_recommendation("Do another thing"))
        with self.assertRaises(ActionRefused):
            self.add("Which meeting?", by=self.manager, update=other)

    def test_refused(self) -> None:
        for by in (self.viewer, self.auditor, self.administrator, self.stranger):
            with self.subTest(by), self.assertRaises(NotAllowed):
                self.add("Hello", by=by)
        for text in ("", "  \n ", "a\u202eb", "x" * 20_001):
            with self.subTest(text[:5]), self.assertRaises(ValidationError):
                self.add(text)
        self.assertFalse(Comment.objects.exists())

    def test_it_stays_as_it_was_written(self) -> None:
        self.add("Hello")
        with self.assertRaises(IntegrityError), transaction.atomic():
            Comment.objects.update(text="Goodbye")
        with self.assertRaises(IntegrityError), transaction.atomic():
            Comment.objects.all().delete()

    def test_a_draft_of_another_can_be_commented_by_who_may_read_it(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        self.add("Say more.", by=self.manager, update=draft)
