"""The first hour of a site: what its first administrator meets, and where they are led."""

import re

from django.contrib.auth.hashers import make_password
from django.test import TestCase

from recommendations.actions import people
from recommendations.actions.recommendations import add_source
from recommendations.models import User
from tests.base import PASSWORD
from tests.views.pages import words_of

OPEN = (
    *("/", "/set-up/", "/set-up/source/", "/set-up/people/", "/set-up/recommendations/"),
    *("/recommendations/", "/recommendations/import/", "/evidence/", "/indicators/", "/gap/"),
    *("/areas/", "/themes/", "/audit/", "/help/ratings/", "/admin/"),
)
CLOSED = ("/my-work/", "/review/")


class FirstHourTests(TestCase):
    first: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.first = people.create_administrator(
            values={"username": "first", "email": "", "password": make_password(PASSWORD)},
            organisation="Ministry of Transport",
        )

    def sign_in(self) -> str:
        """Where signing in leads."""
        sent = {"username": "first", "password": PASSWORD}
        response = self.client.post("/accounts/login/", sent)
        self.assertEqual(response.status_code, 302)
        return str(response["Location"])

    def test_signing_in_leads_to_the_set_up_until_there_is_a_source(self) -> None:
        self.assertEqual(self.sign_in(), "/set-up/")
        values = {"title": "A", "short_title": "A", "reference_prefix": "A"}
        add_source(by=self.first, values=values)
        self.assertEqual(self.sign_in(), "/")

    def test_each_page_opens_or_says_who_may(self) -> None:
        self.sign_in()
        for path in OPEN:
            with self.subTest(path):
                response = self.client.get(path)
                self.assertEqual(response.status_code, 200)
                self.assertNotIn("no role yet", words_of(response))
        for path in CLOSED:
            with self.subTest(path):
                text = words_of(self.client.get(path))
                self.assertIn("Your role has no access to this page. Roles with access: ", text)
                self.assertIn("Manager", text)

    def test_home_and_the_list_lead_on(self) -> None:
        self.sign_in()
        self.assertContains(self.client.get("/"), 'href="/set-up/"')
        main = re.search(
            r"<main.*?</main>", self.client.get("/recommendations/").content.decode(), re.S
        )
        assert main is not None
        self.assertIn("<a ", main.group())
