"""Invitations: one address and one role each, used once, in time, by nobody else; on record."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.core import mail

from recommendations.actions import invitations, people
from recommendations.actions.errors import ActionRefused
from recommendations.actions.mail import delivery
from recommendations.choices import Role
from recommendations.models import AuditEvent, AuditText, Invitation, OutgoingMail, User
from recommendations.queries.invitations import (
    free_username,
    invitation_of,
    open_invitations,
    token_of,
)
from tests.actions.acts import ActTestCase
from tests.actions.test_people import roles
from tests.base import RaceTestCase, make_person
from tests.histories.history import clock_at
from tests.mail import outbox, sending
from tests.threads import at_once

ADDRESS = "new.person@example.org"
ACCOUNT = {"username": "new.person", "first_name": "New", "last_name": "Person", "password": "!"}


def accept(invitation: Invitation, by: User | None = None, **values: Any) -> User:
    return invitations.accept_invitation(invitation=invitation, by=by, values={**ACCOUNT, **values})


class InvitationTestCase(ActTestCase):
    def invite(self, **values: Any) -> Invitation:
        given = {"by": self.administrator, "email": ADDRESS, "role": Role.STAFF, **values}
        return invitations.invite(**given)

    def invite_all(self, *rows: tuple[str, str], **values: Any) -> list[Invitation]:
        numbered = dict(enumerate(rows, start=1))
        return invitations.invite_all(by=self.administrator, people=numbered, **values)

    def withdraw_it(self, made: Invitation) -> None:
        invitations.withdraw_invitation(invitation=made, by=self.administrator)

    def assert_unusable(self, words: str, made: Invitation, by: User | None = None) -> None:
        """Refused in these words, recorded with them, and nobody has an account by it."""
        before = User.objects.count()
        with self.assertRaises(invitations.InvitationRefused) as refusal:
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
        one = ("one@example.org", Role.STAFF)
        self.refused("email2", self.invite_all, one, ("staff@example.org", Role.MANAGER))
        for name, expected in (("Ministry of Fish", None), ("ministry a", self.ministry)):
            [made] = self.invite_all(one, new_organisation=name)
            self.assertEqual(str(made.organisation), str(expected or name))
        self.assertEqual(made.organisation, self.ministry, "which is not added again")

    def test_user_names_are_made_of_the_address(self):
        for address, name in (
            ("Staff@example.org", "staff-2"),
            ("ana.díaz+x@example.org", "ana.dazx"),
            ("é@example.org", "person"),
        ):
            self.assertEqual(free_username(address), name)


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
        self.assert_unusable("may no longer invite", made)
        people.reactivate(person=boss, by=self.administrator)
        boss.groups.set(roles(Role.MANAGER))
        self.assert_unusable("may no longer invite", made)

    def test_an_address_that_is_redacted_ends_it(self):
        made = self.invite()
        self.redact(ADDRESS)
        self.assertEqual(self.held(made, "email"), "")
        self.assert_unusable("withdrawn", made)
        self.assertEqual(open_invitations(), [])


class AtOnceTests(RaceTestCase):
    def test_of_two_who_accept_at_once_one_gets_in(self):
        made = invitations.invite(by=self.administrator, email=ADDRESS, role=Role.STAFF)
        outcomes = at_once([partial(accept, made, username=name) for name in ("one", "two")])
        refused = [each for each in outcomes if isinstance(each, invitations.InvitationRefused)]
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
