"""The page behind the link of an invitation, and those who made it withdraw it."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.urls import reverse

from recommendations.actions import invitations, people
from recommendations.actions.oversight.sign_ins import FREE_TRIES
from recommendations.choices import Role
from recommendations.models import AuditEvent, Invitation, User
from recommendations.queries.invitations import token_of
from tests.views.pages import PageTestCase, client_of, words_of

ACCOUNT = {
    "first_name": "Ana",
    "last_name": "Diaz",
    "username": "ana.diaz",
    "password1": "a long word for tests",
    "password2": "a long word for tests",
}


class InvitationTestCase(PageTestCase):
    def invite(self, **values: Any) -> Invitation:
        given = {"email": "ana.diaz@example.org", "role": Role.STAFF, "organisation": self.ministry}
        return invitations.invite(by=self.administrator, **{**given, **values})

    def path(self, invitation: Invitation) -> str:
        return reverse("invitation", args=[token_of(invitation.token_salt)])

    def refusals(self) -> int:
        return AuditEvent.objects.filter(verb="refuse_invitation").count()


class AcceptTests(InvitationTestCase):
    def test_the_page_says_who_invites_whom_as_what(self):
        text = self.read(self.path(self.invite()))
        self.assert_words(text, "Create your account", "Administrator invited ana.diaz@example.org")
        self.assert_words(text, "Policy staff", "Ministry A")

    def test_nothing_of_it_is_kept_by_a_browser(self):
        response = self.get(self.path(self.invite()))
        self.assertIn("no-store", response["Cache-Control"])

    def test_whoever_accepts_is_signed_in_and_led_to_their_work(self):
        path = self.path(self.invite())
        response = self.post(path, **ACCOUNT)
        self.assertRedirects(response, "/my-work/")
        person = User.objects.get(username="ana.diaz")
        self.assertTrue(person.check_password(ACCOUNT["password1"]))
        self.assertIn("Ana Diaz", self.get("/").content.decode())

    def test_a_link_is_opened_without_a_trace(self):
        made = self.invite()
        before = AuditEvent.objects.count()
        self.get(self.path(made))
        self.assertEqual(AuditEvent.objects.count(), before)

    def test_what_is_wrong_is_said_beside_it(self):
        path = self.path(self.invite())
        for wrong, words in (
            ({"password2": "another"}, "password fields didn’t match"),
            ({"password1": "12345", "password2": "12345"}, "too common"),
            ({"username": "staff"}, "already exists"),
            ({"first_name": ""}, "This field is required"),
        ):
            with self.subTest(wrong=wrong):
                response = self.post(path, **{**ACCOUNT, **wrong})
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
                self.assertNotContains(response, "a long word", status_code=400)
        self.assertFalse(AccessAttempt.objects.exists())


class RefusedTests(InvitationTestCase):
    def assert_refused(self, path: str, words: str, person: User | None = None) -> None:
        """The page says so at once; what is sent all the same is refused on record."""
        self.assert_words(self.read(path, person, status=410), words)
        self.assertEqual(self.refusals(), 0)
        response = self.post(path, person, **ACCOUNT)
        self.assertEqual(response.status_code, 409)
        self.assert_words(words_of(response), words)
        self.assertEqual(self.refusals(), 1)

    def test_used_twice(self):
        path = self.path(self.invite())
        client_of(None).post(path, ACCOUNT)
        self.assert_refused(path, "already used")

    def test_late(self):
        made = self.invite()
        long_ago = made.invited_at - timedelta(days=20)
        Invitation.objects.update(invited_at=long_ago, expires_at=long_ago + timedelta(days=14))
        self.assert_refused(self.path(made), "expired on")

    def test_by_another_person_who_is_signed_in(self):
        self.assert_refused(self.path(self.invite()), "signed in as Viewer", self.viewer)

    def test_withdrawn(self):
        made = self.invite()
        invitations.withdraw_invitation(invitation=made, by=self.administrator)
        self.assert_refused(self.path(made), "withdrawn")

    def test_after_a_change_of_the_role(self):
        made = self.invite()
        self.invite(role=Role.VIEWER)
        self.assert_refused(self.path(made), "withdrawn")

    def test_after_whoever_invited_was_deactivated(self):
        made = self.invite()
        boss = User.objects.create(username="boss", is_superuser=True)
        people.deactivate(person=self.administrator, by=self._with_role(boss))
        self.assert_refused(self.path(made), "may no longer invite people")

    def _with_role(self, person: User) -> User:
        person.groups.add(self.administrator.groups.get())
        return User.objects.get(pk=person.pk)

    def test_no_such_link(self):
        response = self.get("/invitations/nothing/")
        self.assertEqual(response.status_code, 404)
        self.assert_words(words_of(response), "No invitation has this link.")

    def test_an_incomplete_form_of_a_dead_link_is_on_record_too(self):
        path = self.path(self.invite())
        client_of(None).post(path, ACCOUNT)
        self.assertEqual(self.post(path).status_code, 409)
        self.assertEqual(self.refusals(), 1)


class ThrottleTests(InvitationTestCase):
    def test_links_are_tried_as_passwords_are(self):
        for _time in range(FREE_TRIES):
            self.assertEqual(self.post("/invitations/guess/", **ACCOUNT).status_code, 404)
        path = self.path(self.invite())
        response = self.post(path, **ACCOUNT)
        self.assertEqual(response.status_code, 429)
        self.assertTrue(response["Retry-After"])
        self.assertFalse(User.objects.filter(username="ana.diaz").exists())

    def test_whoever_gets_in_is_not_counted(self):
        for _time in range(FREE_TRIES - 1):
            self.post("/invitations/guess/", **ACCOUNT)
        self.assertEqual(self.post(self.path(self.invite()), **ACCOUNT).status_code, 302)
        self.assertFalse(AccessAttempt.objects.exists())
