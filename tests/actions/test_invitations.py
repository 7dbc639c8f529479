"""Invitations: one address and one role each, used once, in time, by nobody else; on record."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone

from recommendations.actions import invitations, organisations, people
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.mail import delivery
from recommendations.actions.redaction import redact
from recommendations.audit.text_search import preview_digest, text_occurrences
from recommendations.choices import Role
from recommendations.models import AuditEvent, AuditText, Invitation, OutgoingMail, User
from recommendations.queries.invitations import (
    free_username,
    invitation_of,
    open_invitations,
    token_of,
)
from recommendations.queries.people import holdings_of
from tests.base import RaceTestCase, TrackerTestCase, make_person
from tests.histories.history import clock_at
from tests.mail import outbox, sending
from tests.threads import at_once

ADDRESS = "new.person@example.org"
ACCOUNT = {"username": "new.person", "first_name": "New", "last_name": "Person", "password": "!"}


class InvitationTestCase(TrackerTestCase):
    def invite(self, **values: Any) -> Invitation:
        given = {"by": self.administrator, "email": ADDRESS, "role": Role.STAFF, **values}
        return invitations.invite(**given)

    def accept(self, invitation: Invitation, by: User | None = None, **values: Any) -> User:
        return invitations.accept_invitation(
            invitation=invitation, by=by, values={**ACCOUNT, **values}
        )

    def assert_refused(self, words: str, invitation: Invitation, by: User | None = None) -> None:
        """Refused in these words, recorded with them, and nobody has an account by it."""
        before = User.objects.count()
        with self.assertRaises(invitations.InvitationRefused) as refusal:
            self.accept(invitation, by, username="somebody.else")
        self.assertIn(words, str(refusal.exception))
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual(event.verb, "refuse_invitation")
        self.assertEqual(event.object_id, str(invitation.pk))
        self.assertEqual(event.actor, by)
        self.assertIn(words, event.reason.text if event.reason else "")
        self.assertEqual(User.objects.count(), before)


class MakingTests(InvitationTestCase):
    def test_an_administrator_invites_into_any_role(self):
        for role in Role:
            with self.subTest(role=role):
                made = self.invite(email=f"new-{role.name}@example.org", role=role)
                person = self.accept(made, username=f"new-{role.name}")
                self.assertEqual(person.role_names, {role})
                enters = {Role.ADMINISTRATOR, Role.MANAGER, Role.AUDITOR}
                self.assertEqual(person.is_staff, role in enters)
                self.assertFalse(person.is_superuser)

    def test_nobody_else_invites_or_withdraws(self):
        made = self.invite()
        for person in (self.manager, self.staff, self.auditor, self.viewer, self.stranger):
            with self.subTest(person=person):
                self.assertRaises(NotAllowed, lambda by=person: self.invite(by=by))
                self.assertRaises(
                    NotAllowed,
                    lambda by=person: invitations.withdraw_invitation(invitation=made, by=by),
                )

    def test_of_the_token_a_digest_alone_is_stored(self):
        made = self.invite()
        token = token_of(made.token_salt)
        row = Invitation.objects.values().get()
        self.assertNotIn(token, str(row))
        self.assertNotIn(token, str(list(OutgoingMail.objects.values())))
        self.assertFalse(AuditText.objects.filter(text__contains=token).exists())
        self.assertFalse(AuditEvent.objects.filter(payload__contains=made.token_salt).exists())
        self.assertEqual(invitation_of(token), made)
        self.assertIsNone(invitation_of(made.token_digest))

    def test_a_role_that_is_none_and_an_address_that_is_none_are_refused(self):
        self.assertEqual(self.errors_of(lambda: self.invite(role="Emperor")), ["role"])
        self.assertEqual(self.errors_of(lambda: self.invite(email="nowhere")), ["email"])
        self.assertEqual(self.errors_of(lambda: self.invite(email=" ")), ["email"])

    def test_whoever_has_an_account_is_not_invited(self):
        self.assertEqual(self.errors_of(lambda: self.invite(email="STAFF@example.org")), ["email"])

    def test_a_new_invitation_withdraws_the_older(self):
        older = self.invite()
        newer = self.invite(email=ADDRESS.upper(), role=Role.VIEWER)
        older.refresh_from_db()
        self.assertEqual(older.withdrawn_by, self.administrator)
        self.assert_refused("withdrawn", older)
        self.assertEqual(self.accept(newer).role_names, {Role.VIEWER})

    def test_several_at_once_are_all_made_or_none(self):
        rows = {1: ("one@example.org", Role.STAFF), 2: ("staff@example.org", Role.MANAGER)}
        errors = self.errors_of(lambda: invitations.invite_all(by=self.administrator, people=rows))
        self.assertEqual(errors, ["email2"])
        self.assertFalse(Invitation.objects.exists())
        made = invitations.invite_all(
            by=self.administrator,
            people={1: ("one@example.org", Role.STAFF)},
            new_organisation="Ministry of Fish",
        )
        self.assertEqual(str(made[0].organisation), "Ministry of Fish")

    def test_an_organisation_that_exists_is_not_added_again(self):
        [made] = invitations.invite_all(
            by=self.administrator,
            people={1: ("one@example.org", Role.STAFF)},
            new_organisation="ministry a",
        )
        self.assertEqual(made.organisation, self.ministry)

    def test_user_names_are_made_of_the_address(self):
        self.assertEqual(free_username("Staff@example.org"), "staff-2")
        self.assertEqual(free_username("ana.díaz+x@example.org"), "ana.dazx")
        self.assertEqual(free_username("é@example.org"), "person")


class AcceptingTests(InvitationTestCase):
    def test_it_makes_the_account(self):
        made = self.invite(organisation=self.ministry)
        person = self.accept(made)
        self.assertEqual((person.email, person.organisation), (ADDRESS, self.ministry))
        made.refresh_from_db()
        self.assertEqual(made.accepted_by, person)
        verbs = AuditEvent.objects.order_by("-sequence").values_list("verb", "actor")[:2]
        self.assertEqual(list(verbs), [("accept_invitation", person.pk), ("create", None)])

    def test_twice(self):
        made = self.invite()
        self.accept(made)
        self.assert_refused("already used", made)

    def test_late(self):
        made = self.invite()
        with clock_at(made.expires_at):
            self.assert_refused("expired", made)

    def test_at_the_last_moment(self):
        made = self.invite()
        with clock_at(made.expires_at - timedelta(seconds=1)):
            self.accept(made)

    def test_by_somebody_who_is_signed_in(self):
        made = self.invite()
        self.assert_refused("signed in as Viewer", made, self.viewer)
        self.accept(made)

    def test_withdrawn(self):
        made = self.invite()
        invitations.withdraw_invitation(invitation=made, by=self.administrator)
        self.assert_refused("withdrawn", made)
        with self.assertRaises(ActionRefused):
            invitations.withdraw_invitation(invitation=made, by=self.administrator)

    def test_after_the_role_was_changed(self):
        older = self.invite(role=Role.ADMINISTRATOR)
        self.invite(role=Role.VIEWER)
        self.assert_refused("withdrawn", older)

    def test_after_whoever_invited_left_or_lost_the_role(self):
        other = make_person("boss", Role.ADMINISTRATOR)
        made = self.invite(by=other)
        people.deactivate(person=other, by=self.administrator)
        self.assert_refused("may no longer invite", made)
        people.reactivate(person=other, by=self.administrator)
        other.refresh_from_db()
        people.change_user(
            user=other,
            by=self.administrator,
            expected_version=other.version,
            values={"groups": list(Group.objects.filter(name=Role.MANAGER))},
        )
        self.assert_refused("may no longer invite", made)

    def test_by_whoever_got_an_account_meanwhile(self):
        made = self.invite()
        User.objects.create(username="other", email=ADDRESS.upper())
        self.assert_refused("exists already", made)

    def test_a_user_name_that_somebody_has(self):
        made = self.invite()
        self.assertEqual(self.errors_of(lambda: self.accept(made, username="Staff")), ["username"])
        made.refresh_from_db()
        self.assertIsNone(made.accepted_at)


class AtOnceTests(RaceTestCase):
    def test_of_two_who_accept_at_once_one_gets_in(self):
        made = invitations.invite(by=self.administrator, email=ADDRESS, role=Role.STAFF)

        def accept(name: str) -> User:
            values = {**ACCOUNT, "username": name}
            return invitations.accept_invitation(invitation=made, by=None, values=values)

        outcomes = at_once([lambda: accept("one"), lambda: accept("two")])
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

    def test_it_is_not_sent_where_the_link_is_handed_on(self):
        with sending():
            self.invite(is_mailed=False)
        self.assertEqual(mail.outbox, [])

    def test_what_was_withdrawn_meanwhile_is_not_sent(self):
        with sending():
            made = self.invite()
            invitations.withdraw_invitation(invitation=made, by=self.administrator)
        self.assertEqual(mail.outbox, [])
        self.assertEqual(OutgoingMail.objects.get().state, "dropped")

    def test_no_dead_link_is_sent_where_the_key_of_the_site_changed(self):
        self.invite()
        with self.settings(SECRET_KEY="another key, of which no link was made"):
            delivery.send_queue()
        self.assertEqual(mail.outbox, [])


class RedactionTests(InvitationTestCase):
    def test_an_address_that_is_redacted_ends_the_invitation(self):
        made = self.invite()
        found = text_occurrences(ADDRESS)
        self.assertIn("recommendations.invitation", [place.model for place in found])
        redact(
            words=ADDRESS,
            by=self.administrator,
            reason="Asked for.",
            expected=preview_digest(ADDRESS, found),
        )
        made.refresh_from_db()
        self.assertEqual(made.email, "")
        self.assert_refused("withdrawn", made)
        self.assertEqual(open_invitations(), [])


class SuccessionTests(InvitationTestCase):
    def succeed(self, **values: Any) -> None:
        organisations.succeed(
            organisation=self.agency,
            successor=self.ministry,
            on=timezone.localdate() - timedelta(days=1),
            by=self.administrator,
            expected=holdings_of(self.agency).digest,
            **values,
        )

    def test_invitations_move_with_the_people(self):
        made = self.invite(organisation=self.agency)
        self.succeed(moves_people=True)
        self.assertEqual(self.accept(made).organisation, self.ministry)

    def test_else_they_end(self):
        made = self.invite(organisation=self.agency)
        self.succeed()
        self.assert_refused("withdrawn", made)
