"""Invited by a link, closed with every session, opened again with none."""

import re

from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import override_settings

from recommendations.actions import people
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.choices import Role
from recommendations.models import AuditEvent, AuditText, User
from tests.base import TrackerTestCase
from tests.mail import sending
from tests.views.pages import client_of

LONG = "a rather long word that is new"
VALUES = {
    "username": "fresh",
    "first_name": "Fresh",
    "last_name": "Person",
    "email": "fresh@example.org",
}


class InvitationTests(TrackerTestCase):
    def invite(self, **values: object) -> User:
        roles = [Group.objects.get(name=Role.STAFF)]
        with sending():
            return people.invite(by=self.administrator, values={**VALUES, **values}, roles=roles)

    def test_a_link_by_mail_sets_the_password_once(self) -> None:
        person = self.invite()
        self.assertFalse(person.has_usable_password())
        self.assertEqual(person.role_names, {Role.STAFF})
        [message] = mail.outbox
        self.assertEqual(message.to, ["fresh@example.org"])
        self.assertIn("fresh", message.body)
        path = re.search(r"/accounts/reset/\S+", str(message.body))
        assert path
        page = self.client.get(path.group(), follow=True)
        self.assertContains(page, "Choose a new password")
        sent = {"new_password1": LONG, "new_password2": LONG}
        self.client.post(page.redirect_chain[-1][0], sent)
        person.refresh_from_db()
        self.assertTrue(person.check_password(LONG))
        again = self.client.get(path.group(), follow=True)
        self.assertContains(again, "This link no longer works")

    def test_it_is_on_record_without_the_link(self) -> None:
        person = self.invite()
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.object_id), ("invite", str(person.pk)))
        token = mail.outbox[0].body.split("/accounts/reset/")[1].split()[0].split("/")[1]
        self.assertNotIn(token, event.payload)
        self.assertFalse(AuditText.objects.filter(text__contains=token).exists())

    def test_it_comes_to_who_wants_no_other_mail(self) -> None:
        person = self.invite()
        User.objects.filter(pk=person.pk).update(wants_mail=False)
        with sending():
            people.invite_again(person=person, by=self.administrator)
        self.assertEqual(len(mail.outbox), 1)

    def test_again_only_until_a_password_is_set(self) -> None:
        person = self.invite()
        person.set_password(LONG)
        person.save()
        with self.assertRaises(ActionRefused):
            people.invite_again(person=person, by=self.administrator)

    def test_refused(self) -> None:
        for by in (self.manager, self.staff, self.auditor):
            with self.subTest(by), self.assertRaises(NotAllowed):
                people.invite(by=by, values=VALUES)
        for wrong in ({"email": ""}, {"email": "x"}, {"username": "staff"}):
            with self.subTest(wrong), self.assertRaises(ValidationError):
                people.invite(by=self.administrator, values={**VALUES, **wrong})
        with self.assertRaises(TypeError):
            people.invite(by=self.administrator, values={**VALUES, "is_superuser": True})
        self.assertFalse(User.objects.filter(username="fresh").exists())

    @override_settings(ALLOWED_HOSTS=["tracker.example"])
    def test_in_a_request_the_link_is_whole(self) -> None:
        client = client_of(self.administrator, SERVER_NAME="tracker.example")
        roles = [Group.objects.get(name=Role.VIEWER).pk]
        with sending():
            sent = {**VALUES, "groups": roles}
            response = client.post("/admin/recommendations/user/invite/", sent)
            self.assertEqual(response.status_code, 302)
        self.assertIn("http://tracker.example/accounts/reset/", mail.outbox[0].body)


class LookalikeTests(TrackerTestCase):
    """Nobody has a name that people cannot tell from that of another account."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.ann = people.add_user(
            by=cls.administrator,
            values={"username": "ace.scope", "first_name": "Ann", "last_name": "Scope"},
        )

    def assert_refused(self, name: str, words: str, **values: str) -> None:
        count = User.objects.count()
        with self.assertRaises(ValidationError) as told:
            people.add_user(by=self.administrator, values={**VALUES, **values})
        self.assertEqual(list(told.exception.message_dict), [name])
        self.assertIn(words, told.exception.message_dict[name][0])
        self.assertNotIn("scope", str(told.exception).casefold())
        self.assertEqual(User.objects.count(), count)

    def test_a_word_of_several_scripts_is_refused(self) -> None:
        mixed = "mixes letters of different scripts"
        self.assert_refused("username", mixed, username="fr\u0435sh")
        self.assert_refused("first_name", mixed, first_name="Fr\u0435sh")
        self.assert_refused("last_name", mixed, last_name="P\u0435rson")

    def test_a_username_that_looks_like_another_is_refused(self) -> None:
        for name in ("\u0430\u0441\u0435.\u0455\u0441\u043e\u0440\u0435", "ace.sc0pe", "ACE.scope"):
            with self.subTest(name), self.assertRaises(ValidationError):
                people.add_user(by=self.administrator, values={**VALUES, "username": name})
        self.assert_refused("username", "looks like that of another account", username="ace.sc0pe")

    def test_a_full_name_spelled_otherwise_is_refused_and_the_same_name_is_not(self) -> None:
        alike = {"first_name": "Ann", "last_name": "\u0405\u0441\u043e\u0440\u0435"}
        self.assert_refused("last_name", "looks like that of another person", **alike)
        unseen = {"first_name": "Ann", "last_name": "Sco\u200bpe"}
        self.assert_refused("last_name", "looks like that of another person", **unseen)
        self.assert_refused("last_name", "cannot be shown safely", last_name="a\u202eb")
        namesake = {"first_name": "Ann", "last_name": "Scope"}
        people.add_user(by=self.administrator, values={**VALUES, **namesake})

    def test_names_of_any_script_and_addresses_pass(self) -> None:
        for number, (username, first, last) in enumerate(
            (
                (
                    "\u0430\u043d\u043d\u0430",
                    "\u0410\u043d\u043d\u0430",
                    "\u0418\u0432\u0430\u043d\u043e\u0432\u0430",
                ),
                ("\u4f50\u3005\u6728\u30b5\u30ad", "\u30b5\u30ad", "\u4f50\u3005\u6728"),
                ("\uae40\ucca0\uc218", "\ucca0\uc218", "\uae40"),
                ("jos\xe9.o-neill@example.org", "Jos\xe9", "O\u2019Neill"),
            )
        ):
            values = {"username": username, "first_name": first, "last_name": last}
            made = people.add_user(
                by=self.administrator, values={**values, "email": f"p{number}@example.org"}
            )
            self.assertTrue(made.pk)

    def test_an_account_from_before_keeps_its_names_and_is_changed_as_others_are(self) -> None:
        User.objects.filter(pk=self.ann.pk).update(last_name="Sc\u043epe", username="\u0430nn")
        ann = User.objects.get(pk=self.ann.pk)
        kept = {"username": ann.username, "first_name": "Ann", "last_name": ann.last_name}
        changed = people.change_user(
            user=ann,
            by=self.administrator,
            expected_version=ann.version,
            values={**kept, "language": "en"},
        )
        with self.assertRaises(ValidationError):
            people.change_user(
                user=ann,
                by=self.administrator,
                expected_version=changed.version,
                values={**kept, "first_name": "\u0410nn"},
            )


class ClosedTests(TrackerTestCase):
    def test_sessions_end_and_stay_ended(self) -> None:
        client, other = client_of(self.staff), client_of(self.other_staff)
        self.assertEqual(client.get("/my-work/").status_code, 200)
        people.deactivate(person=self.staff, by=self.administrator)
        self.assertEqual(client.get("/my-work/").status_code, 302)
        people.reactivate(person=self.staff, by=self.administrator)
        self.assertEqual(client.get("/my-work/").status_code, 302)
        self.assertEqual(other.get("/my-work/").status_code, 200)
        verbs = AuditEvent.objects.order_by("-sequence").values_list("verb", flat=True)[:2]
        self.assertEqual(list(verbs), ["reactivate", "deactivate"])

    def test_refused(self) -> None:
        root = User.objects.create(username="root", is_superuser=True)
        keeper = User.objects.create(username="keeper", is_staff=True)
        keeper.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
        for person, by in (
            (self.staff, self.manager),
            (self.staff, root),
            (self.administrator, self.administrator),
            (root, keeper),
        ):
            with self.subTest(person=person, by=by), self.assertRaises(NotAllowed):
                people.deactivate(person=person, by=by)
        with self.assertRaises(ActionRefused):
            people.reactivate(person=self.staff, by=self.administrator)
