"""Mail that fails, as administrators see it: noticed, sent again, given up."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommendations.actions import invitations
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.mail import dead_letters, delivery
from recommendations.actions.mail.queue import new_mail
from recommendations.choices import Role
from recommendations.models import OutgoingMail, User
from tests.admin.base import AdminTestCase, Window, address
from tests.mail import LETTER, outbox


class MailAdminTestCase(AdminTestCase):
    def setUp(self) -> None:
        super().setUp()
        OutgoingMail.objects.all().delete()

    def message(self, **values: Any) -> OutgoingMail:
        given = {"quoted": "Between us.", "error": "OSError: no", **values}
        mail = new_mail(LETTER, to=self.staff, language="en", **given)
        mail.save()
        return mail

    def dead(self, **values: Any) -> OutgoingMail:
        return self.message(state="dead", failures=10, **values)


class NoticeTests(MailAdminTestCase):
    def test_the_first_page_tells_administrators_alone_of_what_fails(self) -> None:
        self.assertNotContains(self.window.client.get("/admin/"), "Undelivered mail")
        self.dead()
        self.message(subject="Tried again", failures=1)
        page = self.window.client.get("/admin/")
        self.assertContains(page, "Undelivered mail")
        self.assertContains(page, "“News”, Not delivered: OSError: no")
        self.assertContains(page, "“Tried again”, Queued")
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        self.assertNotContains(Window(self.auditor).client.get("/admin/"), "Undelivered mail")

    def test_it_says_when_nobody_sends_the_queue(self) -> None:
        mail = self.message(error="")
        self.assertNotContains(self.window.client.get("/admin/"), "send_mail_queue")
        OutgoingMail.objects.filter(pk=mail.pk).update(due_at=timezone.now() - timedelta(hours=1))
        self.assertContains(
            self.window.client.get("/admin/"),
            "without a delivery attempt. Check that send_mail_queue is running",
        )

    def test_of_an_invitation_it_names_the_address(self) -> None:
        invitations.invite(by=self.administrator, email="far@example.org", role=Role.VIEWER)
        mail = OutgoingMail.objects.get()
        for page in (address(OutgoingMail, "changelist"), address(OutgoingMail, "change", mail.pk)):
            self.assertContains(self.window.client.get(page), "far@example.org")
        found = self.window.client.get(address(OutgoingMail, "changelist"), {"q": "far@"})
        self.assertContains(found, "1 result")

    def test_what_a_message_says_is_shown_to_nobody(self) -> None:
        mail = self.dead()
        for page in (address(OutgoingMail, "changelist"), address(OutgoingMail, "change", mail.pk)):
            shown = self.window.client.get(page)
            self.assertContains(shown, "OSError: no")
            self.assertNotContains(shown, "Between us")


class DeadLetterTests(MailAdminTestCase):
    def test_sent_again_it_has_all_its_tries_and_the_same_id(self) -> None:
        mail = self.dead(is_asked_for=False)
        self.window.act(OutgoingMail, "send_again", mail)
        self.assertEqual(self.verbs(), [("send_again", "outgoingmail")])
        mail.refresh_from_db()
        self.assertEqual((mail.state, mail.failures), ("queued", 0))
        delivery.send_queue()
        [message] = outbox()
        self.assertEqual(message.extra_headers["Message-ID"], mail.message_id)

    def test_given_up_it_has_no_words_and_is_sent_no_more(self) -> None:
        mail = self.dead()
        self.window.act(OutgoingMail, "give_up", mail)
        self.assertEqual(self.verbs(), [("give_up", "outgoingmail")])
        mail.refresh_from_db()
        self.assertEqual((mail.state, mail.subject, mail.lines), ("given_up", "", []))
        self.assertEqual(mail.quoted + mail.error, "")
        self.assertContains(self.window.client.get("/audit/"), "Undelivered email discarded, by")

    def test_refused(self) -> None:
        for act in (dead_letters.send_again, dead_letters.give_up):
            with self.subTest(act.__name__):
                for by in (self.manager, self.auditor, self.staff):
                    with self.assertRaises(NotAllowed):
                        act(mail=self.dead(), by=by)
                with self.assertRaises(ActionRefused):
                    act(mail=self.message(failures=1), by=self.administrator)
        with self.assertRaises(ActionRefused):
            dead_letters.send_again(mail=self.dead(lines=[]), by=self.administrator)
        self.assertEqual(self.verbs(), [])

    def test_who_is_no_administrator_is_offered_neither(self) -> None:
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        mail = self.dead()
        window = Window(self.auditor)
        listing = window.client.get(address(OutgoingMail, "changelist"))
        self.assertContains(listing, "News")
        self.assertNotContains(listing, "send_again")
        window.act(OutgoingMail, "send_again", mail)
        mail.refresh_from_db()
        self.assertEqual(mail.state, "dead")
