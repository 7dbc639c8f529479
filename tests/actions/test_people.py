"""Accounts: added, invited, changed, closed, handed over; and of what their owners are told."""

import re
from datetime import timedelta
from functools import partial
from io import StringIO
from typing import Any
from unittest import mock

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.test import TestCase

from recommendations import audit, permissions
from recommendations.actions import areas, dates, people
from recommendations.actions.base import ActionRefused, NotAllowed, StaleWrite
from recommendations.actions.mail import delivery, letters
from recommendations.actions.people import send_password_link
from recommendations.choices import DateChangeState, Role, UpdateState
from recommendations.models import (
    AuditEvent,
    AuditText,
    GroupMembership,
    Invitation,
    Organisation,
    OutgoingMail,
    Recommendation,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.queries.people import (
    Workload,
    hand_over_obstacles,
    holdings_of,
    invitation_of,
    open_invitations,
    token_of,
    workload_of,
)
from recommendations.queries.updates.tasks import written_by
from tests.actions.acts import ActTestCase, fresh, told
from tests.base import RaceTestCase, TrackerTestCase, days_ago, make_person
from tests.histories.history import clock_at
from tests.mail import outbox, sending
from tests.threads import at_once
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


class InvitedTests(PeopleTestCase):
    def invite(self, **values: object) -> User:
        """An account that an administrator added, and the link by mail to its first password."""
        given = {**VALUES, "groups": roles(Role.STAFF), **values}
        person = people.add_user(by=self.administrator, values=given)
        with sending():
            return people.invite_again(person=person, by=self.administrator)

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
        bare = {**VALUES, "username": "bare", "email": ""}
        for who in (person, people.add_user(by=self.administrator, values=bare)):
            self.refused(ActionRefused, people.invite_again, person=who, by=self.administrator)


class OwnerIsToldTests(PeopleTestCase):
    """Whoever takes an account over, its owner is told at the address that was taken away."""

    def setUp(self) -> None:
        super().setUp()
        User.objects.filter(pk=self.staff.pk).update(wants_mail=False)

    def test_of_what_is_told(self) -> None:
        staff, manager, changed = self.staff.email, self.manager.email, "changed your account: "
        both = [(manager, changed), (THEFT, changed)]
        for user, values, expected in (
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
                self.assert_told(*expected)

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
        with mock.patch.object(letters, "is_within_limits", return_value=False):
            self.refused(ActionRefused, self.send_link, self.manager, words="Try later.")
        self.assertFalse(OutgoingMail.objects.filter(sets_password=True).exists())


ADDRESS = "new.person@example.org"
ACCOUNT = {"username": "new.person", "first_name": "New", "last_name": "Person", "password": "!"}


def accept(invitation: Invitation, by: User | None = None, **values: Any) -> User:
    return people.accept_invitation(invitation=invitation, by=by, values={**ACCOUNT, **values})


class InvitationTestCase(ActTestCase):
    def invite(self, **values: Any) -> Invitation:
        given = {"by": self.administrator, "email": ADDRESS, "role": Role.STAFF, **values}
        return people.invite(**given)

    def invite_all(self, *rows: tuple[Any, ...], **values: Any) -> list[Invitation]:
        numbered = dict(enumerate(rows, start=1))
        return people.invite_all(by=self.administrator, people=numbered, **values)

    def withdraw_it(self, made: Invitation) -> None:
        people.withdraw_invitation(invitation=made, by=self.administrator)

    def assert_unusable(self, words: str, made: Invitation, by: User | None = None) -> None:
        """Refused in these words, recorded with them, and nobody has an account by it."""
        before = User.objects.count()
        with self.assertRaises(people.InvitationRefused) as refusal:
            accept(made, by, username="somebody.else")
        self.assertIn(words, str(refusal.exception))
        event = AuditEvent.objects.latest("sequence")
        about = (event.verb, event.object_id, event.actor)
        self.assertEqual(about, ("refuse_invitation", str(made.pk), by))
        self.assertIn(words, event.reason.text if event.reason else "")
        self.assertEqual(User.objects.count(), before)


class MakingTests(InvitationTestCase):
    def test_into_any_role(self):
        for role in Role:
            with self.subTest(role=role):
                made = self.invite(email=f"new-{role.name}@example.org", role=role)
                person = accept(made, username=f"new-{role.name}")
                enters = role in {Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR}
                found = (person.role_names, person.is_staff, person.is_superuser)
                self.assertEqual(found, ({role}, enters, False))

    def test_of_the_token_a_digest_alone_is_stored(self):
        made = self.invite()
        token = token_of(made.token_salt)
        self.assertNotIn(token, str(Invitation.objects.values().get()))
        self.assertNotIn(token, str(list(OutgoingMail.objects.values())))
        self.assertFalse(AuditText.objects.filter(text__contains=token).exists())
        self.assertFalse(AuditEvent.objects.filter(payload__contains=made.token_salt).exists())
        self.assertEqual(invitation_of(token), made)
        self.assertIsNone(invitation_of(made.token_digest))

    def test_no_role_no_address_and_whoever_has_an_account(self):
        for name, value in (
            *(("role", "Emperor"), ("email", "nowhere"), ("email", " ")),
            ("email", "STAFF@example.org"),
        ):
            self.refused(name, partial(self.invite, **{name: value}))

    def test_several_at_once_are_all_made_or_none(self):
        taken = ("staff@example.org", Role.MANAGER, None)
        other = ("two@example.org", Role.STAFF, self.agency)
        for name, expected in (("Ministry of Fish", None), ("ministry a", self.ministry)):
            one = ("one@example.org", Role.STAFF, name)
            self.refused("email2", self.invite_all, one, taken)
            made, elsewhere = self.invite_all(one, other)
            self.assertEqual(str(made.organisation), str(expected or name))
            self.assertEqual(elsewhere.organisation, self.agency)
        self.assertEqual(made.organisation, self.ministry, "which is not added again")


class AcceptingTests(InvitationTestCase):
    def test_it_makes_the_account_once(self):
        made = self.invite(organisation=self.ministry)
        self.refused("username", partial(accept, made, username="Staff"))
        self.assertIsNone(self.held(made, "accepted_at"))
        person = accept(made)
        self.assertEqual((person.email, person.organisation), (ADDRESS, self.ministry))
        self.assertEqual(self.held(made, "accepted_by"), person)
        last = [(event.verb, event.actor) for event in self.events()[-2:]]
        self.assertEqual(last, [("create", None), ("accept_invitation", person)])
        self.assert_unusable("already used", made)

    def test_in_time(self):
        made, late = self.invite(), self.invite(email="late@example.org")
        with clock_at(made.expires_at - timedelta(seconds=1)):
            accept(made)
        with clock_at(late.expires_at):
            self.assert_unusable("expired", late)

    def test_by_nobody_who_is_signed_in_or_got_an_account_meanwhile(self):
        made = self.invite()
        self.assert_unusable("signed in as Viewer", made, self.viewer)
        User.objects.create(username="other", email=ADDRESS.upper())
        self.assert_unusable("exists already", made)

    def test_not_once_it_is_withdrawn_by_a_newer_one_too(self):
        older = self.invite(role=Role.ADMINISTRATOR)
        newer = self.invite(email=ADDRESS.upper(), role=Role.VIEWER)
        self.assertEqual(self.held(older, "withdrawn_by"), self.administrator)
        self.assert_unusable("withdrawn", older)
        self.withdraw_it(newer)
        self.assert_unusable("withdrawn", newer)
        self.refused(ActionRefused, self.withdraw_it, newer)

    def test_not_after_whoever_invited_left_or_lost_the_role(self):
        boss = make_person("boss", Role.ADMINISTRATOR)
        made = self.invite(by=boss)
        people.deactivate(person=boss, by=self.administrator)
        self.assert_unusable("can no longer invite", made)
        people.reactivate(person=boss, by=self.administrator)
        boss.groups.set(roles(Role.MANAGER))
        self.assert_unusable("can no longer invite", made)

    def test_an_address_that_is_redacted_ends_it(self):
        made = self.invite()
        self.redact(ADDRESS)
        self.assertEqual(self.held(made, "email"), "")
        self.assert_unusable("withdrawn", made)
        self.assertEqual(open_invitations(), [])


class AtOnceTests(RaceTestCase):
    def test_of_two_who_accept_at_once_one_gets_in(self):
        made = people.invite(by=self.administrator, email=ADDRESS, role=Role.STAFF)
        outcomes = at_once([partial(accept, made, username=name) for name in ("one", "two")])
        refused = [each for each in outcomes if isinstance(each, people.InvitationRefused)]
        self.assertEqual(len(refused), 1)
        self.assertIn("already used", str(refused[0]))
        self.assertEqual(User.objects.filter(email=ADDRESS).count(), 1)
        self.assertEqual(AuditEvent.objects.filter(verb="refuse_invitation").count(), 1)


class MailTests(InvitationTestCase):
    def test_the_link_comes_by_mail(self):
        with sending():
            made = self.invite()
        [letter] = outbox()
        self.assertEqual(letter.to, [ADDRESS])
        self.assertIn(f"/invitations/{token_of(made.token_salt)}/", letter.body)
        self.assertIn("Policy staff", letter.body)
        self.assertEqual(OutgoingMail.objects.get().lines, [])

    def test_but_not_where_it_is_handed_on_or_withdrawn_or_is_dead(self):
        with sending():
            self.invite(is_mailed=False)
        self.assertEqual(mail.outbox, [])
        with sending():
            self.withdraw_it(self.invite())
        self.assertEqual((mail.outbox, OutgoingMail.objects.get().state), ([], "dropped"))
        self.invite()
        with self.settings(SECRET_KEY="another key, of which no link was made"):
            delivery.send_queue()
        self.assertEqual(mail.outbox, [])


class HandoverTestCase(ActTestCase):
    """``staff`` has work of every kind; ``heir`` sits in the same ministry."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = make_person("heir", Role.STAFF, cls.ministry)
        Recommendation.objects.update(reviewer=cls.manager)
        cls.second, cls.third, old = (
            cls.make_recommendation(f"Do {each}") for each in ("another", "a third", "an old one")
        )
        cls.draft(), cls.make_submitted(cls.second)
        cls.give_back(cls.make_submitted(cls.third))
        dates.set_first(
            recommendation=cls.second, by=cls.manager, new_date=days_ago(-100), reason="As told."
        )
        cls.request = cls.ask(cls.second, cls.staff)
        cls.orphaned = cls.draft(about=old)
        cls.archive(old)

    @classmethod
    def ask(cls, about: Recommendation, by: User) -> TargetDateChange:
        late = {"new_date": days_ago(-200), "reason": "It is late."}
        return dates.request(recommendation=about, by=by, **late)

    def hand_over(self, to: User | None = None, of: User | None = None, **values: Any) -> Workload:
        of = of or self.staff
        given = {"by": self.administrator, "expected": workload_of(of).digest, **values}
        return people.hand_over_all(of=of, to=to or self.heir, **given)

    def assert_nothing_waits(self, person: User) -> None:
        self.assertEqual(workload_of(person).count, 0)
        self.assertEqual(sum(map(len, written_by(person).values())), 0)
        followed = Recommendation.objects.followed()
        self.assertFalse(followed.filter(Q(lead_officer=person) | Q(reviewer=person)).exists())
        asked = TargetDateChange.objects.filter(state=DateChangeState.REQUESTED)
        self.assertFalse(asked.filter(requested_by=person).exists())


class HandedOverTests(HandoverTestCase):
    def test_nothing_is_left_waiting_and_one_event_tells_of_each_and_one_of_all(self) -> None:
        load = self.hand_over(reason="She leaves the office.", is_deactivated=True)
        rows = (load.officer_of, load.drafts, load.returned, load.submitted, load.date_requests)
        self.assertEqual([len(each) for each in (*rows, load.orphaned_updates)], [3, 1, 1, 1, 1, 1])
        self.assert_nothing_waits(self.staff)
        work = written_by(self.heir)
        self.assertEqual({state: len(rows) for state, rows in work.items()}, dict.fromkeys(work, 1))
        self.assertEqual(self.held(self.orphaned, "state"), UpdateState.WITHDRAWN)
        self.assertFalse(fresh(self.staff).is_active)
        verbs = [*["change_hands"] * 3, *["hand_over"] * 3, "withdraw", "hand_over"]
        self.assertEqual(self.verbs(), [*verbs, "hand_over_all", "deactivate"])
        event = self.events()[-2]
        about = (event.object_type, event.object_id, event.reason.text)
        whole = ("recommendations.user", str(self.staff.pk), "She leaves the office.")
        self.assertEqual(about, whole)
        changes = told(event)
        self.assertEqual(changes["to"], [None, self.heir.pk])
        self.assertEqual(len(changes["updates"][1]), 3)
        self.assertEqual(changes["date_changes"], [None, [self.request.pk]])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_neither_of_the_two_decides_on_what_changed_hands(self) -> None:
        dates.withdraw_date_change(date_change=self.request, by=self.staff)
        asked, update = (
            self.ask(self.second, self.manager),
            self.make_submitted(self.third, by=self.manager),
        )
        self.hand_over(self.other_manager, self.manager)
        for person in (self.manager, self.other_manager):
            self.refused(NotAllowed, self.approve, update, person)
            self.refused(NotAllowed, dates.approve_date_change, date_change=asked, by=person)
        self.approve(update, make_person("boss", Role.MANAGER))

    def test_reviews_go_to_a_manager_and_else_to_any(self) -> None:
        for of, to, reviewer in (
            (self.manager, self.other_manager, self.other_manager),
            (self.other_manager, self.heir, None),
        ):
            self.hand_over(to, of)
            self.assertEqual(self.held(self.recommendation, "reviewer"), reviewer)
        self.assert_nothing_waits(self.manager)

    def test_who_takes_over_gets_one_message_and_the_timeline_tells_of_it(self) -> None:
        with sending():
            self.hand_over()
        [message] = mail.outbox
        self.assertEqual(message.to, [self.heir.email])
        self.assertIn("8 items", message.body)
        self.client.force_login(self.manager)
        page = self.client.get(f"{self.second.get_absolute_url()}history/")
        for words in ("Handed over", "Date request handed over"):
            self.assertContains(page, words)


class HandoverRefusedTests(HandoverTestCase):
    def test_nobody_who_cannot_carry_on(self) -> None:
        gone = make_person("gone", Role.STAFF, self.ministry, is_active=False)
        for to in (self.viewer, self.administrator, gone, self.staff):
            self.refused(ActionRefused, self.hand_over, to)
        Recommendation.objects.filter(pk=self.second.pk).update(lead_officer=None)
        self.refused("reason", partial(self.hand_over, reason="a\x00b"))
        words = "REP-2 Do another: Other Staff cannot log"
        self.refused(ActionRefused, self.hand_over, self.other_staff, words=words)

    def test_not_to_who_returned_it(self) -> None:
        obstacles = hand_over_obstacles(workload_of(self.staff), self.staff, self.manager)
        self.assertEqual(len(obstacles), 1)
        words = "returned this update"
        self.refused(ActionRefused, self.hand_over, self.manager, words=words)
        self.hand_over(self.other_manager)

    def test_what_changed_since_the_preview_is_looked_at_again_and_nothing_kept(self) -> None:
        expected = workload_of(self.staff).digest
        self.draft(about=self.second)
        self.refused(ActionRefused, partial(self.hand_over, expected=expected))
        close = partial(self.hand_over, by=self.manager, is_deactivated=True)
        self.refused(NotAllowed, close)
        self.assertEqual(StatusUpdate.objects.filter(author=self.heir).count(), 0)


class SuccessionTests(ActTestCase):
    """An organisation ends: another takes its place, with what it holds if asked."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.heir = Organisation.objects.create(slug="heir", name="Ministry H")
        cls.helped = cls.make_recommendation("Do another thing", lead=cls.agency)
        cls.revise(cls.helped, contributors=[cls.ministry])
        cls.archived = cls.make_recommendation("Do an old thing")
        cls.archive(cls.archived)

    def succeed(self, by: Any = None, **values: Any) -> None:
        given: dict[str, Any] = {"organisation": self.ministry, "successor": self.heir, **values}
        given = {"on": days_ago(1), "by": by or self.administrator, **given}
        expected = given.pop("expected", None) or holdings_of(given["organisation"]).digest
        people.succeed(expected=expected, **given)

    def test_what_it_holds_goes_along_and_what_is_archived_stays(self) -> None:
        self.succeed(moves_work=True, moves_people=True)
        self.assertEqual(set(Recommendation.objects.filter(lead=self.heir)), {self.recommendation})
        self.assertEqual(set(self.helped.contributors.all()), {self.heir})
        self.assertEqual(self.held(self.archived, "lead"), self.ministry)
        staff = fresh(self.staff)
        self.assertEqual(staff.organisation, self.heir)
        self.assertTrue(permissions.can_log(staff, fresh(self.helped)))
        self.assertEqual(sorted(self.verbs()), ["change_hands"] * 4 + ["succeed"])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_invitations_move_with_the_people_and_else_end(self) -> None:
        about = {"by": self.administrator, "role": Role.STAFF, "organisation": self.agency}
        for moves_people in (False, True):
            made = people.invite(email=ADDRESS, **about)
            self.succeed(organisation=self.agency, moves_people=moves_people)
            if moves_people:
                self.assertEqual(accept(made).organisation, self.heir)
            else:
                with self.assertRaisesMessage(people.InvitationRefused, "withdrawn"):
                    accept(made)
            Organisation.objects.update(successor=None, valid_to=None)

    def test_refused(self) -> None:
        User.objects.filter(pk=self.administrator.pk).update(organisation=self.ministry)
        keeper = fresh(self.administrator)
        self.refused("moves_people", partial(self.succeed, keeper, moves_people=True))
        self.refused("successor", partial(self.succeed, successor=self.ministry))
        before = holdings_of(self.ministry).digest
        self.make_recommendation("Do a new thing")
        self.refused(ActionRefused, partial(self.succeed, expected=before))
        Organisation.objects.filter(pk=self.heir.pk).update(valid_to=days_ago(30))
        self.refused("successor", self.succeed)
        Organisation.objects.filter(pk=self.heir.pk).update(valid_to=None)
        self.ministry.valid_from = days_ago(0)
        self.ministry.save()
        self.refused("on", self.succeed)
        self.ministry.valid_from = None
        self.ministry.save()
        self.succeed(keeper, moves_work=True)
        self.refused(ActionRefused, partial(self.succeed, successor=self.agency))
        circle = {"organisation": self.heir, "successor": self.ministry}
        self.refused("successor", partial(self.succeed, **circle))


PASSWORD = "quite a long word"
SECRET = "recommendations.management.console.getpass"
ENVIRONMENT = {
    "ADMINISTRATOR_USERNAME": "ada",
    "ADMINISTRATOR_EMAIL": "ada@example.org",
    "ADMINISTRATOR_ORGANISATION": "Policy Office",
    "ADMINISTRATOR_PASSWORD": PASSWORD,
}


def run(*arguments: str, **environment: str) -> str:
    output = StringIO()
    with mock.patch.dict("os.environ", {**ENVIRONMENT, **environment}):
        call_command("create_administrator", *arguments, stdout=output)
    return output.getvalue()


class EmptySiteTests(TestCase):
    def test_one_with_role_and_organisation_on_record_who_can_sign_in(self) -> None:
        self.assertIn("ada is an administrator", run("--no-input"))
        person = User.objects.get()
        found = (person.role_names, person.is_staff, person.is_superuser, str(person.organisation))
        self.assertEqual(found, ({Role.ADMINISTRATOR}, True, False, "Policy Office"))
        events = AuditEvent.objects.order_by("sequence").values_list("object_type", "verb")
        created = [(f"recommendations.{name}", "create") for name in ("organisation", "user")]
        self.assertEqual(list(events), created)
        sent = {"username": "ada", "password": PASSWORD, "next": "/admin/"}
        page = self.client.post("/accounts/login/", sent, follow=True)
        self.assertEqual(page.redirect_chain, [("/admin/", 302)])

    def test_refuses_what_is_missing_or_wrong_and_makes_nothing(self) -> None:
        for environment, words in (
            ({"ADMINISTRATOR_EMAIL": ""}, "Missing: Email address"),
            ({"ADMINISTRATOR_EMAIL": "nobody"}, "Email address: Enter a valid"),
            ({"ADMINISTRATOR_PASSWORD": "short"}, "too short"),
            ({"ADMINISTRATOR_USERNAME": "a b"}, "User name: Enter a valid"),
        ):
            with self.subTest(words), self.assertRaisesMessage(CommandError, words):
                run("--no-input", **environment)
            self.assertFalse(User.objects.exists() or Organisation.objects.exists())
        differ = mock.patch(SECRET, side_effect=[PASSWORD, "other"])
        with differ, self.assertRaisesMessage(CommandError, "The two passwords differ"):
            run(ADMINISTRATOR_PASSWORD="")
        with self.assertRaisesMessage(CommandError, "create_administrator"):
            call_command("createsuperuser")


class SiteWithPeopleTests(TrackerTestCase):
    def test_is_for_the_first_one_unless_another_is_wanted(self) -> None:
        words = "An administrator who can add people already exists"
        with self.assertRaisesMessage(CommandError, words):
            run("--no-input")
        self.assertFalse(User.objects.filter(username="ada").exists())
        run("--no-input", "--another", "--organisation", "ministry a")
        self.assertEqual(User.objects.get(username="ada").organisation, self.ministry)

    def test_a_password_set_at_the_command_line_is_on_record(self) -> None:
        with mock.patch(SECRET, return_value=PASSWORD):
            call_command("changepassword", "staff", stdout=StringIO())
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.object_id), ("set_password", str(self.staff.pk)))
        self.assertTrue(User.objects.get(pk=self.staff.pk).check_password(PASSWORD))
        with self.assertRaisesMessage(CommandError, "There is no user nemo."):
            call_command("changepassword", "nemo")
