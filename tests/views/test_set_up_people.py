"""The step of people: who holds which role, invitations, and who may invite."""

from datetime import timedelta

from recommendations.actions import invitations, people
from recommendations.choices import MailState, Role
from recommendations.models import Invitation, OutgoingMail, User
from recommendations.queries.invitations import token_of
from tests.base import make_person
from tests.views.pages import PageTestCase, counting, words_of

PAGE = "/set-up/people/"
THREE = {"role1": Role.STAFF, "role2": Role.MANAGER, "role3": Role.STAFF}


class PeopleTests(PageTestCase):
    def test_who_opens_it(self):
        self.assert_turned_away(PAGE)
        for person in (self.viewer, self.staff, self.auditor):
            self.assertEqual(self.get(PAGE, person).status_code, 403)
        for person in (self.manager, self.administrator):
            self.assertEqual(self.get(PAGE, person).status_code, 200)

    def test_roles_with_their_people(self):
        text = self.read(PAGE, self.administrator)
        self.assert_words(text, "Policy staff Writes updates where", "Other Staff, Staff")
        User.objects.filter(username="auditor").update(is_active=False)
        self.assert_words(self.read(PAGE, self.administrator), "changes nothing. Not assigned")

    def test_of_many_people_six_are_named(self):
        for number in range(8):
            make_person(f"reader{number}", Role.VIEWER)
        self.assert_words(self.read(PAGE, self.administrator), "and 3 others")

    def test_a_manager_is_told_who_invites(self):
        text = self.read(PAGE, self.manager)
        self.assert_words(text, "An administrator invites people. Administrator")
        self.assert_no_words(text, "Send invitations")
        response = self.post(PAGE, self.manager, email1="a@example.org", **THREE)
        self.assertEqual(response.status_code, 403)
        self.assertFalse(Invitation.objects.exists())

    def test_people_are_invited_together(self):
        response = self.post(
            PAGE,
            self.administrator,
            email1="one@example.org",
            email2="two@example.org",
            organisation=self.agency.pk,
            is_mailed="on",
            **THREE,
        )
        self.assertRedirects(response, f"{PAGE}#invitations", fetch_redirect_response=False)
        made = Invitation.objects.order_by("email")
        self.assertEqual([each.role for each in made], [Role.STAFF, Role.MANAGER])
        self.assertEqual({each.organisation for each in made}, {self.agency})
        self.assertEqual(OutgoingMail.objects.exclude(invitation=None).count(), 2)
        text = self.read(PAGE, self.administrator)
        self.assert_words(text, "2 invitations are on their way.", "one@example.org Policy staff")

    def test_what_is_wrong_names_the_row_and_nobody_is_invited(self):
        for data, words in (
            ({"email1": "one@example.org", "email2": "nowhere"}, "Enter a valid email address."),
            ({"email1": "one@example.org", "email3": "ONE@example.org"}, "entered twice"),
            ({"email2": "staff@example.org"}, "A person with this address has an account."),
            ({}, "Enter an email address"),
        ):
            with self.subTest(data=data):
                response = self.post(PAGE, self.administrator, **{**THREE, **data})
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
        self.assertFalse(Invitation.objects.exists())

    def test_whoever_invited_sees_the_link_and_nobody_else(self):
        made = invitations.invite(
            by=self.administrator, email="one@example.org", role=Role.VIEWER, is_mailed=False
        )
        token = token_of(made.token_salt)
        other = make_person("boss", Role.ADMINISTRATOR)
        self.assertContains(self.get(PAGE, self.administrator), f"/invitations/{token}/")
        for person in (other, self.manager):
            self.assertNotContains(self.get(PAGE, person), token)

    def test_what_works_no_more_is_told_and_has_no_link(self):
        other = make_person("boss", Role.ADMINISTRATOR)
        made = invitations.invite(by=other, email="one@example.org", role=Role.VIEWER)
        people.deactivate(person=other, by=self.administrator)
        text = self.read(PAGE, self.administrator)
        self.assert_words(text, "Inviter no longer active", "Invite again for a new link")
        Invitation.objects.filter(pk=made.pk).update(
            invited_at=made.invited_at - timedelta(days=30),
            expires_at=made.expires_at - timedelta(days=30),
            invited_by=self.administrator,
        )
        page = self.get(PAGE, self.administrator)
        self.assert_words(words_of(page), "Expired")
        self.assertNotContains(page, token_of(made.token_salt))

    def test_whose_mail_was_refused_is_told_to_who_invites(self):
        invitations.invite(by=self.administrator, email="one@example.org", role=Role.VIEWER)
        made = invitations.invite(by=self.administrator, email="two@example.org", role=Role.VIEWER)
        told = "Email not delivered"
        self.assert_no_words(self.read(PAGE, self.administrator), told)
        OutgoingMail.objects.filter(invitation=made).update(state=MailState.DEAD)
        words = self.read(PAGE, self.administrator)
        self.assert_words(words, f"two@example.org {told}")
        self.assertEqual(words.count(told), 1)
        self.assert_no_words(self.read(PAGE, self.manager), told)

    def test_it_asks_as_much_of_many_as_of_one(self):
        counts = []
        for number in (1, 30):
            for each in range(number):
                email = f"{number}-{each}@example.org"
                invitations.invite(by=self.administrator, email=email, role=Role.VIEWER)
            client = self.client_for(self.administrator)
            client.get(PAGE)
            with counting() as captured:
                client.get(PAGE)
            counts.append(len(captured))
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 16)


class WithdrawTests(PageTestCase):
    def test_it_is_asked_first(self):
        made = invitations.invite(by=self.administrator, email="one@example.org", role=Role.VIEWER)
        page = f"/set-up/invitations/{made.pk}/withdraw/"
        for person in (self.manager, self.staff):
            self.assertEqual(self.post(page, person).status_code, 403)
        self.assert_words(self.read(page, self.administrator), "one@example.org", "no longer works")
        self.assertRedirects(self.post(page, self.administrator), PAGE)
        made.refresh_from_db()
        self.assertIsNotNone(made.withdrawn_at)
        self.assertEqual(self.post(page, self.administrator).status_code, 404)
