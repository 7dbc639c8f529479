"""Accounts: added, changed, invited by a link, closed; and of what their owners are told."""

import re
from functools import partial
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import mail
from django.test import override_settings

from recommendations.actions import areas, people, recommendations
from recommendations.actions.errors import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.mail.resets import MOST_FOR_ADDRESS, ask_for_reset
from recommendations.actions.password_links import send_password_link
from recommendations.choices import Role
from recommendations.models import AuditText, GroupMembership, OutgoingMail, User
from tests.actions.acts import ActTestCase, fresh
from tests.base import make_person
from tests.mail import outbox, sending
from tests.views.pages import client_of

LONG = "a rather long word that is new"
NAMES = {"username": "fresh", "first_name": "Fresh", "last_name": "Person"}
VALUES = {**NAMES, "email": "fresh@example.org"}
THEFT = "intruder@example.org"


def roles(*names: str) -> list[Group]:
    return list(Group.objects.filter(name__in=names))


class PeopleTestCase(ActTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.keeper = make_person("keeper", Role.ADMINISTRATOR)
        cls.root = make_person("root", is_superuser=True)

    def add(self, **values: Any) -> User:
        return people.add_user(by=self.administrator, values={**VALUES, **values})

    def change(self, user: User, by: User | None = None, **values: Any) -> User:
        version = {"expected_version": fresh(user).version}
        return people.change_user(user=user, by=by or self.administrator, **version, values=values)

    def send_link(self, person: User, by: User | None = None, address: str = "") -> User:
        person = fresh(person)
        address = address or person.email
        return send_password_link(person=person, by=by or self.administrator, address=address)

    def assert_told(self, *told: tuple[str, str]) -> None:
        """These addresses, in these words, and nobody else."""
        found = [(message.to, str(message.body)) for message in outbox()]
        self.assertEqual([to for to, _body in found], [[to] for to, _words in told])
        for (_to, body), (_address, words) in zip(found, told, strict=True):
            self.assertIn(words, body)
            self.assertNotIn(LONG, body)


class KeptTests(PeopleTestCase):
    """What else the administration keeps."""

    def test_what_another_person_changed_is_not_overwritten(self) -> None:
        area = self.make_area("KEN", name="Kenya", kind="country")
        group = self.make_area("group", name="A group", kind="group")
        row = GroupMembership.objects.create(group=group, member=area)
        about = {"membership": row, "by": self.administrator}
        shown = {"valid_from": None, "valid_to": None, "source": ""}
        change = partial(areas.change_member, **about, expected_version=shown)
        for _both_wanted_the_same in range(2):
            change(values={"source": "A treaty"})
        for values in ({"source": "A list"}, {"valid_to": "2020-01-01"}):
            self.refused(StaleWrite, change, values=values)
        self.refused(StaleWrite, partial(areas.remove_member, **about, expected_version=shown))

    def test_what_addresses_and_files_go_by_is_for_good(self) -> None:
        about = {"by": self.administrator, "expected_version": 1}
        source = partial(recommendations.change_source, source=self.source, **about)
        area = partial(areas.change_area, area=self.make_area(), **about)
        self.refused("slug", source, values={"slug": "other"})
        self.refused(TypeError, area, values={"code": "X"})


class ChangedTests(PeopleTestCase):
    def test_roles_and_words_are_one_change(self) -> None:
        user = self.add(groups=roles(Role.VIEWER))
        self.assertFalse(user.has_usable_password())
        self.assertEqual(user.role_names, {Role.VIEWER})
        changed = fresh(self.change(user, groups=[], first_name="Stale"))
        found = (changed.version, changed.first_name, changed.role_names)
        self.assertEqual(found, (2, "Stale", frozenset()))
        self.assertEqual(self.verbs(), ["create", "change"])

    def test_nobody_becomes_a_superuser_but_by_one_and_no_password_is_given(self) -> None:
        for user, values in (
            (self.staff, {"is_superuser": True}),
            (self.root, {"is_active": False}),
        ):
            self.refused(NotAllowed, partial(self.change, user, self.keeper, **values))
        for call in (partial(self.change, self.staff), self.add):
            self.refused(TypeError, partial(call, password="md5$x$y"))
        for by in (self.administrator, self.root, self.manager, self.staff):
            other = self.staff if by == self.manager else self.manager
            self.refused(NotAllowed, people.set_password, person=other, by=by, password=LONG)

    def test_nobody_changes_their_own_role_or_organisation_which_another_does(self) -> None:
        more = [*roles(Role.ADMINISTRATOR, Role.MANAGER)]
        for by, name, value in (
            (self.keeper, "groups", more),
            (self.keeper, "groups", []),
            (self.administrator, "is_superuser", False),
            (self.keeper, "organisation", self.agency),
        ):
            self.refused(name, partial(self.change, by, by, **{name: value}))
        own = {"first_name": "Ada", "groups": roles(Role.ADMINISTRATOR)}
        self.assertEqual(self.change(self.keeper, self.keeper, **own).first_name, "Ada")
        self.change(self.keeper, groups=more)
        self.assertEqual(fresh(self.keeper).role_names, {Role.ADMINISTRATOR, Role.MANAGER})

    def test_who_is_closed_has_no_session_and_gets_none_back(self) -> None:
        client, other = client_of(self.staff), client_of(self.other_staff)
        self.assertEqual(client.get("/my-work/").status_code, 200)
        self.refused(ActionRefused, people.reactivate, person=self.staff, by=self.administrator)
        for switch in (people.deactivate, people.reactivate):
            switch(person=self.staff, by=self.administrator)
            self.assertEqual(client.get("/my-work/").status_code, 302)
        self.assertEqual(other.get("/my-work/").status_code, 200)
        self.assertEqual(self.verbs(), ["deactivate", "reactivate"])
        for person, by in ((self.keeper, self.keeper), (self.root, self.keeper)):
            self.refused(NotAllowed, people.deactivate, person=person, by=by)


class NameTests(PeopleTestCase):
    """Nobody has a name that people cannot tell from that of another account."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        ann = {"username": "ace.scope", "first_name": "Ann", "last_name": "Scope"}
        cls.ann = people.add_user(by=cls.administrator, values=ann)

    def test_names_that_are_refused(self) -> None:
        mixed = "mixes letters of different scripts"
        account = "looks like that of another account"
        person = "looks like that of another person"
        ann = {"first_name": "Ann"}
        for name, value, more, words in (
            ("first_name", "A\nB", {"username": "Fresh"}, ""),
            ("username", "fre\u202esh", {}, ""),
            ("username", "STAFF", {}, ""),
            ("username", "fr\u0435sh", {}, mixed),
            ("first_name", "Fr\u0435sh", {}, mixed),
            ("last_name", "P\u0435rson", {}, mixed),
            ("username", "\u0430\u0441\u0435.\u0455\u0441\u043e\u0440\u0435", {}, account),
            ("username", "ace.sc0pe", {}, account),
            ("username", "ACE.scope", {}, ""),
            ("last_name", "\u0405\u0441\u043e\u0440\u0435", ann, person),
            ("last_name", "Sco\u200bpe", ann, person),
            ("last_name", "a\u202eb", {}, "cannot be shown safely"),
        ):
            add = partial(self.add, **{name: value}, **more)
            told = self.refused(name, add, words=words)
            if words:
                self.assertNotIn("scope", str(told).casefold())

    def test_the_same_name_and_names_of_any_script_pass(self) -> None:
        for number, (username, first, last) in enumerate(
            (
                ("fresh", "Ann", "Scope"),
                ("\u0430\u043d\u043d\u0430", "\u0410\u043d\u043d\u0430", "\u0418\u0432\u0430"),
                ("\u4f50\u3005\u6728\u30b5\u30ad", "\u30b5\u30ad", "\u4f50\u3005\u6728"),
                ("\uae40\ucca0\uc218", "\ucca0\uc218", "\uae40"),
                ("jos\xe9.o-neill@example.org", "Jos\xe9", "O\u2019Neill"),
            )
        ):
            names = {"username": username, "first_name": first, "last_name": last}
            self.assertTrue(self.add(**names, email=f"p{number}@example.org").pk)

    def test_an_account_from_before_keeps_its_names_and_is_changed_as_others_are(self) -> None:
        User.objects.filter(pk=self.ann.pk).update(last_name="Sc\u043epe", username="\u0430nn")
        ann = fresh(self.ann)
        kept = {"username": ann.username, "first_name": "Ann", "last_name": ann.last_name}
        self.change(ann, **kept, language="en")
        kept["first_name"] = "\u0410nn"
        self.refused("first_name", partial(self.change, ann, **kept))


class InvitedTests(PeopleTestCase):
    def invite(self, **values: object) -> User:
        about = {"by": self.administrator, "roles": roles(Role.STAFF)}
        with sending():
            return people.invite(values={**VALUES, **values}, **about)

    def path(self) -> str:
        found = re.search(r"/accounts/reset/\S+", str(outbox()[0].body))
        assert found
        return found.group()

    def test_a_link_by_mail_sets_the_password_once_and_is_not_on_record(self) -> None:
        person = self.invite()
        self.assertFalse(person.has_usable_password())
        self.assertEqual(person.role_names, {Role.STAFF})
        self.assert_told(("fresh@example.org", "fresh"))
        event, token = self.events()[-1], self.path().split("/")[4]
        self.assertEqual((event.verb, event.object_id), ("invite", str(person.pk)))
        self.assertNotIn(token, event.payload)
        self.assertFalse(AuditText.objects.filter(text__contains=token).exists())
        page = self.client.get(self.path(), follow=True)
        self.assertContains(page, "Choose a new password")
        sent = {"new_password1": LONG, "new_password2": LONG}
        self.client.post(page.redirect_chain[-1][0], sent)
        self.assertTrue(fresh(person).check_password(LONG))
        again = self.client.get(self.path(), follow=True)
        self.assertContains(again, "This link no longer works")
        self.refused(ActionRefused, people.invite_again, person=person, by=self.administrator)

    def test_again_also_to_who_wants_no_other_mail(self) -> None:
        person = self.invite()
        User.objects.filter(pk=person.pk).update(wants_mail=False)
        with sending():
            people.invite_again(person=person, by=self.administrator)
        self.assertEqual(len(outbox()), 1)

    def test_refused(self) -> None:
        for name, value in (("email", ""), ("email", "x"), ("username", "staff")):
            self.refused(name, partial(self.invite, **{name: value}))
        self.refused(TypeError, partial(self.invite, is_superuser=True))

    @override_settings(ALLOWED_HOSTS=["tracker.example"])
    def test_in_a_request_the_link_is_whole(self) -> None:
        client = client_of(self.administrator, SERVER_NAME="tracker.example")
        sent = {**VALUES, "groups": [role.pk for role in roles(Role.VIEWER)]}
        with sending():
            client.post("/admin/recommendations/user/invite/", sent)
        self.assertIn("http://tracker.example/accounts/reset/", outbox()[0].body)


class OwnerIsToldTests(PeopleTestCase):
    """Whoever takes an account over, its owner is told at the address that was taken away."""

    def setUp(self) -> None:
        super().setUp()
        User.objects.filter(pk=self.staff.pk).update(wants_mail=False)

    def test_of_what_is_told(self) -> None:
        staff, manager, changed = self.staff.email, self.manager.email, "changed your account: "
        both = [(manager, changed), (THEFT, changed)]
        for user, values, told in (
            (self.staff, {"groups": []}, [(staff, f"Administrator {changed}groups.")]),
            (self.manager, {"email": THEFT}, both),
            (self.manager, {"username": "boss"}, [(THEFT, f"{changed}username")]),
            (self.manager, {"email": manager, "is_active": False}, [(THEFT, f"{changed}active")]),
            (self.manager, {"email": THEFT}, [(manager, changed)]),
            (self.manager, {"is_active": True}, [(THEFT, f"{changed}active")]),
            (self.staff, {"first_name": "Other"}, []),
        ):
            with self.subTest(values):
                with sending():
                    self.change(user, **values)
                self.assert_told(*told)

    def test_also_where_the_account_is_closed_before_the_message_is_sent(self) -> None:
        with sending():
            self.change(self.manager, email=THEFT)
            people.deactivate(person=self.manager, by=self.administrator)
        self.assertEqual([message.to for message in outbox()], [[self.manager.email]])

    def test_of_another_password_but_not_the_first_of_ones_own(self) -> None:
        User.objects.filter(pk=self.staff.pk).update(password=make_password(None))
        own, other = "The password of staff was changed on ", "A site administrator changed"
        for by, words in ((self.staff, None), (None, other), (self.staff, own)):
            with self.subTest(str(by)), sending():
                people.set_password(person=self.staff, by=by, password=LONG)
            self.assert_told(*([(self.staff.email, words)] if words else []))
            event = self.events()[-1]
            self.assertEqual((event.verb, event.actor), ("set_password", by))


class LinkTests(PeopleTestCase):
    def test_it_is_sent_to_the_owner_and_on_record_without_the_link(self) -> None:
        with sending():
            self.send_link(self.manager)
        self.assert_told((self.manager.email, "/accounts/reset/"))
        [event] = self.events()
        about = (event.verb, event.object_id, event.actor)
        self.assertEqual(about, ("send_password_link", str(self.manager.pk), self.administrator))
        self.assertNotIn("reset", event.payload)
        path = "/accounts/reset/" + outbox()[0].body.split("/accounts/reset/")[1].split()[0]
        self.change(self.manager, email=THEFT)
        page = self.client.get(path, follow=True)
        self.assertContains(page, "This link no longer works")

    def test_who_is_sent_none(self) -> None:
        self.refused(NotAllowed, self.send_link, self.root, self.keeper)
        User.objects.filter(pk=self.viewer.pk).update(email="")
        people.deactivate(person=self.other_staff, by=self.administrator)
        none = "no active account with an email address"
        for person, address, words in (
            (self.viewer, "", none),
            (self.other_staff, "", none),
            (self.keeper, "", "your own password"),
            (self.manager, THEFT, "address changed"),
        ):
            self.refused(ActionRefused, self.send_link, person, self.keeper, address, words=words)
        self.assertFalse(OutgoingMail.objects.filter(sets_password=True).exists())

    def test_as_many_go_to_an_address_as_people_may_ask_for_themselves(self) -> None:
        ask_for_reset(address=self.manager.email, client="192.0.2.1")
        for _each in range(MOST_FOR_ADDRESS - 1):
            self.send_link(self.manager)
        self.refused(ActionRefused, self.send_link, self.manager, words="Too many links")
        mail.outbox.clear()
