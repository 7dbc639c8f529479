"""The set-up of a site: source, people, invitations, and the grid of recommendations."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.core.cache import cache
from django.urls import reverse

from recommendations.actions import people
from recommendations.actions.oversight.sign_ins import FREE_TRIES
from recommendations.choices import Role
from recommendations.models import (
    AuditEvent,
    Invitation,
    OutgoingMail,
    Source,
    User,
)
from recommendations.queries.people import names_in_words, token_of
from tests.base import make_person
from tests.views.pages import PageTestCase, client_of, words_of

SOURCE, PEOPLE = "/set-up/source/", "/set-up/people/"


class StepTestCase(PageTestCase):
    def assert_told(self, path: str, table: Any) -> None:
        """What is wrong is said beside it, and nothing is written."""
        events = AuditEvent.objects.count()
        for data, words in table:
            with self.subTest(data=data):
                response = self.post(path, self.administrator, **data)
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
        self.assertEqual(AuditEvent.objects.count(), events)

    def invite(self, email: str = "one@example.org", **values: Any) -> Invitation:
        return people.invite(
            **{"by": self.administrator, "email": email, "role": Role.VIEWER, **values}
        )


class SourceTests(StepTestCase):
    def test_what_is_wrong_is_said_beside_it(self):
        self.assert_told(
            SOURCE,
            (
                ({"title": "", "reference_prefix": "RBR"}, "Enter the title of the source."),
                ({"title": "A", "reference_prefix": ""}, "Enter the prefix of the references."),
                ({"title": "A", "reference_prefix": "REP"}, "” has this prefix."),
                ({"title": "A", "reference_prefix": "R B"}, "valid “slug”"),
                ({"title": "A", "reference_prefix": "RB", "url": "no"}, "Enter a valid URL."),
            ),
        )

    def test_the_next_step_is_people_then_the_recommendations_of_the_source(self):
        next_one = "/set-up/recommendations/?source=b"
        for title, prefix, to in (("B", "BBB", next_one), ("C", "CCC", PEOPLE)):
            data = {"title": title, "reference_prefix": prefix}
            response = self.post(SOURCE, self.administrator, **data)
            self.assertRedirects(response, to, fetch_redirect_response=False)
            User.objects.filter(groups__name=Role.MANAGER).update(is_active=False)

    def test_what_is_missing_names_who_can_mend_it(self):
        self.assertEqual(names_in_words(["Ada", "Grace"], 5), "Ada, Grace and 3 others")
        User.objects.filter(groups__name=Role.STAFF).update(is_active=False)
        told, who = "No policy staff", "Administrators: Administrator"
        self.assert_words(self.read("/set-up/", self.manager), told, who)
        self.assert_no_words(self.read("/set-up/", self.manager), "No administrator")
        User.objects.filter(groups__name=Role.ADMINISTRATOR).update(is_active=False)
        self.assert_words(self.read("/set-up/", self.manager), told, "No administrator")

    def test_the_menu_has_it_until_all_steps_are_done(self):
        link = 'href="/set-up/"'
        self.assertNotContains(self.get("/help/ratings/", self.administrator), link)
        User.objects.filter(groups__name=Role.STAFF).update(is_active=False)
        self.assertNotContains(self.get("/help/ratings/", self.administrator), link)
        User.objects.filter(username="other_manager").update(is_active=False)
        cache.clear()
        self.assertContains(self.get("/help/ratings/", self.administrator), link)

    def test_a_manager_is_told_who_does_it(self):
        for path, told, button, data in (
            (SOURCE, "adds sources", "Add source", {"title": "A", "reference_prefix": "AAA"}),
            (PEOPLE, "invites people", "Send invitations", {"email1": "a@example.org"}),
        ):
            text = self.read(path, self.manager)
            self.assert_words(text, f"An administrator {told}. Administrator")
            self.assert_no_words(text, button)
            roles = {"role1": Role.STAFF, "role2": Role.STAFF, "role3": Role.STAFF}
            self.assertEqual(self.post(path, self.manager, **data, **roles).status_code, 403)
        self.assertEqual((Source.objects.count(), Invitation.objects.count()), (1, 0))


class PeopleTests(StepTestCase):
    THREE = {"role1": Role.STAFF, "role2": Role.MANAGER, "role3": Role.STAFF}

    def test_people_are_invited_together(self):
        given: dict[str, Any] = {"email1": "one@example.org", "email2": "two@example.org"}
        given |= {"organisation1": self.agency.pk, "organisation2": self.ministry.pk}
        given |= {"is_mailed": "on", **self.THREE}
        response = self.post(PEOPLE, self.administrator, **given)
        self.assertRedirects(response, f"{PEOPLE}#invitations", fetch_redirect_response=False)
        made = Invitation.objects.order_by("email")
        self.assertEqual([each.role for each in made], [Role.STAFF, Role.MANAGER])
        bodies = [each.organisation for each in made]
        self.assertEqual(bodies, [self.agency, self.ministry])
        self.assertEqual(OutgoingMail.objects.exclude(invitation=None).count(), 2)
        text = self.read(PEOPLE, self.administrator)
        self.assert_words(text, "2 invitations are on their way.", "one@example.org Policy staff")
        self.post(PEOPLE, self.administrator, email1="three@example.org", **self.THREE)
        told = "1 invitation made. Copy the link below."
        self.assert_words(self.read(PEOPLE, self.administrator), told)

    def test_what_is_wrong_names_the_row_and_nobody_is_invited(self):
        one = {"email1": "one@example.org", **self.THREE}
        self.assert_told(
            PEOPLE,
            (
                ({**one, "email2": "nowhere"}, "Enter a valid email address."),
                ({**one, "email3": "ONE@example.org"}, "entered twice"),
                ({**one, "email2": "staff@example.org"}, "person with this address has an account"),
                (self.THREE, "Enter an email address"),
                (
                    {**one, "organisation1": self.agency.pk, "new_organisation1": "Ministry"},
                    "Choose “No organisation” for a person of a new organisation.",
                ),
            ),
        )

    def test_whoever_invited_sees_the_link_and_nobody_else_while_it_works(self):
        token = token_of(self.invite(is_mailed=False).token_salt)
        other = make_person("boss", Role.ADMINISTRATOR)
        self.assertContains(self.get(PEOPLE, self.administrator), f"/invitations/{token}/")
        for person in (other, self.manager):
            self.assertNotContains(self.get(PEOPLE, person), token)
        self.invite("two@example.org", by=other)
        people.deactivate(person=other, by=self.administrator)
        text = self.read(PEOPLE, self.administrator)
        self.assert_words(text, "Inviter no longer active", "Invite again for a new link")
        made = Invitation.objects.get(email="one@example.org")
        ago = timedelta(days=30)
        days = {"invited_at": made.invited_at - ago, "expires_at": made.expires_at - ago}
        Invitation.objects.filter(pk=made.pk).update(**days)
        page = self.get(PEOPLE, self.administrator)
        self.assert_words(words_of(page), "Expired")
        self.assertNotContains(page, token)

    def test_withdrawing_is_asked_first(self):
        made = self.invite()
        page = f"/set-up/invitations/{made.pk}/withdraw/"
        self.assert_words(self.read(page, self.administrator), "one@example.org", "stops working")
        self.assertRedirects(self.post(page, self.administrator), PEOPLE)
        made.refresh_from_db()
        self.assertIsNotNone(made.withdrawn_at)
        self.assertRedirects(self.post(page, self.administrator), PEOPLE)


class LinkTests(StepTestCase):
    """The page behind the link; what makes one invalid is asked of the action."""

    ACCOUNT = {
        "first_name": "Ana",
        "last_name": "Diaz",
        "username": "ana.diaz",
        "password1": "a long word for tests",
        "password2": "a long word for tests",
    }

    def setUp(self) -> None:
        super().setUp()
        self.made = self.invite("ana.diaz@example.org", role=Role.STAFF, organisation=self.ministry)
        self.path = reverse("invitation", args=[token_of(self.made.token_salt)])

    def test_it_says_who_invites_whom_and_leaves_no_trace(self):
        before = AuditEvent.objects.count()
        response = self.get(self.path)
        told = "Create account", "Administrator invited ana.diaz@example.org"
        self.assert_words(words_of(response), *told, "Policy staff", "Ministry A")
        self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual(AuditEvent.objects.count(), before)

    def test_what_is_wrong_is_said_beside_it_and_counts_as_no_try(self):
        for wrong, words in (
            ({"password2": "another"}, "password fields didn’t match"),
            ({"password1": "12345", "password2": "12345"}, "too common"),
            ({"username": "staff"}, "already exists"),
            ({"first_name": ""}, "Enter the value"),
        ):
            with self.subTest(wrong=wrong):
                response = self.post(self.path, **{**self.ACCOUNT, **wrong})
                self.assertEqual(response.status_code, 400)
                self.assert_words(words_of(response), words)
                self.assertNotContains(response, "a long word", status_code=400)
        self.assertFalse(AccessAttempt.objects.exists())

    def refused(self) -> int:
        return AuditEvent.objects.filter(verb="refuse_invitation").count()

    def test_a_dead_link_says_so_at_once_and_what_is_sent_is_refused_on_record(self):
        self.assert_refused(self.viewer, "signed in as Viewer")
        client_of(None).post(self.path, self.ACCOUNT)
        self.assert_refused(None, "already used")
        self.assertEqual(self.post(self.path).status_code, 409)  # also where it is incomplete
        self.assertEqual(self.refused(), 3)
        response = self.get("/invitations/nothing/")
        self.assertEqual(response.status_code, 404)
        self.assert_words(words_of(response), "No invitation has this link.")

    def assert_refused(self, person: User | None, words: str) -> None:
        before = self.refused()
        self.assert_words(self.read(self.path, person, status=410), words)
        self.assertEqual(self.refused(), before)
        response = self.post(self.path, person, **self.ACCOUNT)
        self.assertEqual(response.status_code, 409)
        self.assert_words(words_of(response), words)
        self.assertEqual(self.refused(), before + 1)

    def test_links_are_tried_as_passwords_are_but_whoever_gets_in_is_not_counted(self):
        for answer, tries in ((302, FREE_TRIES - 1), (429, FREE_TRIES)):
            for _time in range(tries):
                self.assertEqual(self.post("/invitations/x/", **self.ACCOUNT).status_code, 404)
            response = self.post(self.path, **self.ACCOUNT)
            self.assertEqual(response.status_code, answer)
            self.assertEqual(AccessAttempt.objects.exists(), answer == 429)
        self.assertTrue(response["Retry-After"])
