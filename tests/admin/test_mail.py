"""Mail that fails, as administrators see it: noticed, sent again, given up."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommendations.actions import people
from recommendations.actions.base import ActionRefused, NotAllowed
from recommendations.actions.mail import delivery
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


class MailTests(MailAdminTestCase):
    def first_page(self, person: User | None = None) -> Any:
        return (Window(person) if person else self.window).client.get("/admin/")

    def test_the_first_page_tells_administrators_alone_of_what_fails(self) -> None:
        self.assertNotContains(self.first_page(), "Undelivered mail")
        self.dead()
        mail = self.message(subject="Tried again", failures=1)
        for words in ("Undelivered mail", "“News”, Not delivered: OSError: no"):
            self.assertContains(self.first_page(), words)
        self.assertContains(self.first_page(), "“Tried again”, Queued")
        self.assertNotContains(self.first_page(), "send_mail_queue")
        an_hour_ago = timezone.now() - timedelta(hours=1)
        never_tried = {"due_at": an_hour_ago, "failures": 0, "error": ""}
        OutgoingMail.objects.filter(pk=mail.pk).update(**never_tried)
        told = "without a delivery attempt. Check that send_mail_queue is running"
        self.assertContains(self.first_page(), told)
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        self.assertNotContains(self.first_page(self.auditor), "Undelivered mail")

    def test_lists_and_pages_name_the_address_and_never_what_a_message_says(self) -> None:
        people.invite(by=self.administrator, email="far@example.org", role=Role.VIEWER)
        invitation, mail = OutgoingMail.objects.get(), self.dead()
        for row, words in ((invitation, "far@example.org"), (mail, "OSError: no")):
            for page in ("changelist",), ("change", row.pk):
                shown = self.window.client.get(address(OutgoingMail, *page))
                self.assertContains(shown, words)
                self.assertNotContains(shown, "Between us")
        found = self.window.client.get(address(OutgoingMail, "changelist"), {"q": "far@"})
        self.assertContains(found, "1 result")

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
        for act in (delivery.send_again, delivery.give_up):
            with self.subTest(act.__name__):
                for by in (self.manager, self.auditor, self.staff):
                    with self.assertRaises(NotAllowed):
                        act(mail=self.dead(), by=by)
                with self.assertRaises(ActionRefused):
                    act(mail=self.message(failures=1), by=self.administrator)
        with self.assertRaises(ActionRefused):
            delivery.send_again(mail=self.dead(lines=[]), by=self.administrator)
        self.assertEqual(self.verbs(), [])
