"""Links to set a password: what others can do about one, and who is told of a changed account."""

from typing import Any

from django.core import mail

from recommendations.actions import people
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.mail.resets import MOST_FOR_ADDRESS, ask_for_reset
from recommendations.actions.password_links import send_password_link
from recommendations.choices import Role
from recommendations.models import AuditEvent, OutgoingMail, User
from tests.base import TrackerTestCase, make_person
from tests.mail import sending

THEFT = "intruder@example.org"


class SetByAnotherTests(TrackerTestCase):
    def test_nobody_sets_the_password_of_another(self) -> None:
        before, events = User.objects.get(pk=self.manager.pk).password, AuditEvent.objects.count()
        root = make_person("root", is_superuser=True)
        for by in (self.administrator, root, self.manager, self.staff):
            other = self.staff if by == self.manager else self.manager
            with self.subTest(by), self.assertRaises(NotAllowed):
                people.set_password(person=other, by=by, password="quite a long word")
        self.assertEqual(User.objects.get(pk=self.manager.pk).password, before)
        self.assertEqual(AuditEvent.objects.count(), events)

    def test_no_account_is_made_with_a_password_that_another_knows(self) -> None:
        with self.assertRaises(TypeError):
            people.add_user(by=self.administrator, values={"username": "x", "password": "md5$x$y"})

    def test_at_the_command_line_it_is_on_record_and_its_owner_is_told(self) -> None:
        with sending():
            people.set_password(person=self.manager, by=None, password="quite a long word")
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.actor), ("set_password", None))
        self.assertEqual([message.to for message in mail.outbox], [[self.manager.email]])


class LinkTests(TrackerTestCase):
    def send(self, person: User, by: User | None = None, **given: Any) -> User:
        found = User.objects.get(pk=person.pk)
        return send_password_link(
            person=found, by=by or self.administrator, **{"address": found.email, **given}
        )

    def test_it_is_sent_to_the_owner_and_on_record_without_the_link(self) -> None:
        with sending():
            self.send(self.manager)
        [message] = mail.outbox
        self.assertEqual(message.to, [self.manager.email])
        self.assertIn("/accounts/reset/", message.body)
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual(
            (event.verb, event.object_id, event.actor),
            ("send_password_link", str(self.manager.pk), self.administrator),
        )
        self.assertNotIn("reset", event.payload)

    def test_who_sends_none_and_who_is_sent_none(self) -> None:
        keeper, root = (
            make_person("keeper", Role.ADMINISTRATOR),
            make_person("root", is_superuser=True),
        )
        for by in (self.manager, self.auditor, self.staff):
            with self.subTest(by), self.assertRaises(NotAllowed):
                self.send(self.viewer, by)
        with self.assertRaises(NotAllowed):
            self.send(root, keeper)
        User.objects.filter(pk=self.viewer.pk).update(email="")
        people.deactivate(person=self.other_staff, by=self.administrator)
        for person, by, words in (
            (self.viewer, keeper, "no active account with an email address"),
            (self.other_staff, keeper, "no active account with an email address"),
            (keeper, keeper, "your own password"),
        ):
            with self.subTest(person), self.assertRaisesRegex(ActionRefused, words):
                self.send(person, by)
        with self.assertRaisesRegex(ActionRefused, "address changed"):
            self.send(self.manager, address=THEFT)
        self.assertFalse(OutgoingMail.objects.filter(sets_password=True).exists())

    def test_as_many_go_to_an_address_as_people_may_ask_for_themselves(self) -> None:
        ask_for_reset(address=self.manager.email, client="192.0.2.1")
        for _each in range(MOST_FOR_ADDRESS - 1):
            self.send(self.manager)
        with self.assertRaisesRegex(ActionRefused, "Too many links"):
            self.send(self.manager)
        count = AuditEvent.objects.filter(verb="send_password_link").count()
        self.assertEqual(count, MOST_FOR_ADDRESS - 1)


class TakenAddressTests(TrackerTestCase):
    """Whoever takes an account over by its address: the address that was taken away is told."""

    def change(self, **values: Any) -> None:
        found = User.objects.get(pk=self.manager.pk)
        people.change_user(
            user=found, by=self.administrator, expected_version=found.version, values=values
        )

    def told(self) -> list[tuple[str, str]]:
        return [(message.to[0], str(message.body)) for message in mail.outbox]

    def test_also_where_the_account_is_closed_in_the_same_step(self) -> None:
        with sending():
            self.change(email=THEFT, is_active=False)
        [(to, body)] = self.told()
        self.assertEqual(to, self.manager.email)
        self.assertIn("Administrator changed your account: active, email address.", body)

    def test_also_where_it_was_closed_before_or_is_before_the_message_is_sent(self) -> None:
        with sending():
            people.deactivate(person=self.manager, by=self.administrator)
            self.change(email=THEFT)
        self.assertEqual([to for to, _body in self.told()], [self.manager.email])
        mail.outbox.clear()
        with sending():
            self.change(is_active=True, email=self.manager.email)
            people.deactivate(person=self.manager, by=self.administrator)
        self.assertEqual([to for to, _body in self.told()], [THEFT])

    def test_of_a_new_name_to_sign_in_with_and_of_an_account_opened_again(self) -> None:
        with sending():
            self.change(username="boss")
        [(_to, body)] = self.told()
        self.assertIn("changed your account: username", body)
        people.deactivate(person=self.manager, by=self.administrator)
        with sending():
            people.reactivate(person=self.manager, by=self.administrator)
        [(_to, body)] = self.told()
        self.assertIn("changed your account: active", body)

    def test_the_link_that_went_to_the_owner_sets_nothing_once_the_address_changed(self) -> None:
        with sending():
            send_password_link(
                person=self.manager, by=self.administrator, address=self.manager.email
            )
        path = "/accounts/reset/" + str(mail.outbox[0].body).split("/accounts/reset/")[1].split()[0]
        self.change(email=THEFT)
        page = self.client.get(path, follow=True)
        self.assertContains(page, "This link no longer works")
