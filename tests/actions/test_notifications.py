"""Who is told what by mail of an act, and who is not."""

from datetime import timedelta
from typing import Any
from unittest import mock

from django.core import mail
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import get_language

from recommendations.actions.mail import delivery
from recommendations.actions.updates import decisions, drafts
from recommendations.models import User
from tests.base import TrackerTestCase
from tests.mail import outbox, sending
from tests.updates import begin_draft, submit
from tests.views.pages import client_of, shown_fields


class ToldTests(TrackerTestCase):
    def test_handing_in_tells_the_named_reviewer_alone(self) -> None:
        self.recommendation.reviewer = self.other_manager
        self.recommendation.save()
        with sending():
            update = self.make_submitted(self.recommendation)
        [message] = outbox()
        self.assertEqual(message.to, [self.other_manager.email])
        self.assertEqual(message.subject, "REP-1: an update awaits review")
        self.assertIn(f"/review/{update.pk}/", message.body)
        html, kind = message.alternatives[0]
        self.assertEqual(kind, "text/html")
        self.assertIn(f"/review/{update.pk}/", html)
        self.assertIn("Staff submitted an update on “REP-1 Do the thing”", html)
        self.assertEqual(message.extra_headers["Auto-Submitted"], "auto-generated")

    def test_without_a_reviewer_every_manager_who_may_decide(self) -> None:
        with sending():
            self.make_submitted(self.recommendation)
        self.assertEqual(
            {address for message in outbox() for address in message.to},
            {self.manager.email, self.other_manager.email},
        )
        with sending():
            self.make_submitted(self.recommendation, by=self.manager)
        self.assertEqual([m.to for m in mail.outbox], [[self.other_manager.email]])

    def test_a_reviewer_who_is_gone_is_no_reviewer(self) -> None:
        self.recommendation.reviewer = self.other_manager
        self.recommendation.save()
        User.objects.filter(pk=self.other_manager.pk).update(is_active=False)
        with sending():
            self.make_submitted(self.recommendation)
        self.assertEqual([m.to for m in mail.outbox], [[self.manager.email]])

    def test_the_author_is_told_of_the_decision_with_the_note(self) -> None:
        update = self.make_submitted(self.recommendation)
        with sending():
            update = decisions.return_update(
                update=update,
                by=self.manager,
                note="Name <b>the</b> day.",
            )
        [message] = outbox()
        self.assertEqual(message.to, [self.staff.email])
        self.assertEqual(message.subject, "REP-1: your update was returned")
        self.assertIn("Name <b>the</b> day.", message.body)
        self.assertIn("Name &lt;b&gt;the&lt;/b&gt; day.", message.alternatives[0][0])
        update = submit(update=update, by=self.staff, expected_version=update.version)
        with sending():
            decisions.approve_update(update=update, by=self.manager, note="Fine.")
        [message] = outbox()
        self.assertEqual(message.subject, "REP-1: your update was approved")
        self.assertIn("Fine.", message.body)

    def test_notes_go_to_nobody_who_may_not_read_them(self) -> None:
        update = self.make_submitted(self.recommendation)
        self.staff.groups.set(self.viewer.groups.all())
        with sending():
            decisions.return_update(update=update, by=self.manager, note="Between us.")
        self.assertNotIn("Between us", outbox()[0].body + str(outbox()[0].alternatives))
        update = self.make_submitted(self.recommendation, by=self.other_manager)
        self.other_manager.groups.clear()
        with sending():
            decisions.approve_update(update=update, by=self.manager)
        self.assertEqual(mail.outbox, [])

    def test_a_draft_handed_over_tells_the_new_author(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        with sending():
            drafts.hand_over(
                update=draft, to=self.manager, by=self.staff, expected_version=draft.version
            )
        [message] = outbox()
        self.assertEqual(
            (message.to, message.subject),
            ([self.manager.email], "REP-1: a draft was handed over to you"),
        )

    def test_nobody_is_told_who_does_not_want_it_or_is_gone_or_has_no_address(self) -> None:
        for values in ({"wants_mail": False}, {"is_active": False}, {"email": ""}):
            update = self.make_submitted(self.recommendation)
            User.objects.filter(pk=self.staff.pk).update(**values)
            with self.subTest(values), sending():
                decisions.approve_update(update=update, by=self.manager)
            self.assertEqual(mail.outbox, [])
            self.staff.save()

    def test_nobody_is_told_of_their_own_deed(self) -> None:
        draft = begin_draft(recommendation=self.recommendation, by=self.staff)
        with sending():
            drafts.hand_over(
                update=draft, to=self.manager, by=self.manager, expected_version=draft.version
            )
        self.assertEqual(mail.outbox, [])

    def test_history_that_is_loaded_tells_nobody(self) -> None:
        with sending():
            self.make_approved(self.recommendation, at=timezone.now() - timedelta(days=3))
        self.assertEqual(mail.outbox, [])

    def test_what_is_rolled_back_tells_nobody(self) -> None:
        update = self.make_submitted(self.recommendation)
        with (
            sending(),
            mock.patch.object(decisions, "refresh_state", side_effect=ZeroDivisionError),
            self.assertRaises(ZeroDivisionError),
        ):
            decisions.approve_update(update=update, by=self.manager)
        self.assertEqual(mail.outbox, [])

    def test_in_the_language_of_the_reader(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(language="de")
        update = self.make_submitted(self.recommendation)
        seen = []

        def note_language(*_args: Any) -> str:
            seen.append(get_language())
            return "x"

        with mock.patch.object(delivery, "render_to_string", note_language), sending():
            decisions.approve_update(update=update, by=self.manager)
        self.assertEqual(set(seen), {"de"})

    def test_links_lead_back_to_where_the_request_came_in(self) -> None:
        update = self.make_submitted(self.recommendation)
        client = client_of(self.manager, HTTP_HOST="localhost:8000")
        sent = shown_fields(client.get(f"/review/{update.pk}/"))
        with sending():
            client.post(f"/updates/{update.pk}/approve/", sent)
        [message] = outbox()
        self.assertIn(f"http://localhost:8000/updates/{update.pk}/", message.body)

    def test_outside_of_a_request_they_lead_to_the_address_that_is_set(self) -> None:
        update = self.make_submitted(self.recommendation)
        with override_settings(SITE_ADDRESS="https://tracker.example"), sending():
            decisions.approve_update(update=update, by=self.manager)
        [message] = outbox()
        self.assertIn(f"https://tracker.example/updates/{update.pk}/", message.body)
