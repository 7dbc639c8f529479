"""The first administrator at the command line, and passwords set there."""

from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command
from django.test import TestCase

from recommendations.choices import Role
from recommendations.models import AuditEvent, Organisation, User
from tests.base import TrackerTestCase

PASSWORD = "quite a long word"
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
    def test_makes_one_with_role_and_organisation_on_record(self) -> None:
        self.assertIn("ada is an administrator", run("--no-input"))
        person = User.objects.get()
        self.assertEqual(person.role_names, {Role.ADMINISTRATOR})
        self.assertTrue(person.is_staff)
        self.assertFalse(person.is_superuser)
        self.assertTrue(person.check_password(PASSWORD))
        self.assertEqual(person.organisation, Organisation.objects.get(name="Policy Office"))
        events = AuditEvent.objects.order_by("sequence").values_list("object_type", "verb")
        self.assertEqual(
            list(events),
            [("recommendations.organisation", "create"), ("recommendations.user", "create")],
        )

    def test_signs_in_to_the_administration(self) -> None:
        run("--no-input")
        sent = {"username": "ada", "password": PASSWORD, "next": "/admin/"}
        page = self.client.post("/accounts/login/", sent, follow=True)
        self.assertEqual(page.redirect_chain, [("/admin/", 302)])
        self.assertContains(page, "Recommendations")

    def test_asks_for_what_is_not_given(self) -> None:
        answers = iter(["ada", "ada@example.org", "Policy Office"])
        ask, secret = "builtins.input", "recommendations.management.passwords.getpass"
        with (
            mock.patch(ask, side_effect=lambda question: next(answers)),
            mock.patch(secret, return_value=PASSWORD),
        ):
            call_command("create_administrator", stdout=StringIO())
        self.assertTrue(User.objects.get(username="ada").check_password(PASSWORD))

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

    def test_passwords_that_differ_are_refused(self) -> None:
        secret = "recommendations.management.passwords.getpass"
        words = "The two passwords differ"
        with (
            mock.patch(secret, side_effect=[PASSWORD, "other"]),
            self.assertRaisesMessage(CommandError, words),
        ):
            run(ADMINISTRATOR_PASSWORD="")

    def test_djangos_own_command_is_turned_away(self) -> None:
        with self.assertRaisesMessage(CommandError, "create_administrator"):
            call_command("createsuperuser")


class SiteWithPeopleTests(TrackerTestCase):
    def test_is_for_the_first_one_unless_another_is_wanted(self) -> None:
        with self.assertRaisesMessage(
            CommandError, "An administrator who can add people already exists"
        ):
            run("--no-input")
        self.assertFalse(User.objects.filter(username="ada").exists())
        run("--no-input", "--another", "--organisation", "ministry a")
        self.assertEqual(User.objects.get(username="ada").organisation, self.ministry)

    def test_a_password_set_at_the_command_line_is_on_record(self) -> None:
        with mock.patch("recommendations.management.passwords.getpass", return_value=PASSWORD):
            call_command("changepassword", "staff", stdout=StringIO())
        event = AuditEvent.objects.latest("sequence")
        self.assertEqual((event.verb, event.object_id), ("set_password", str(self.staff.pk)))
        self.assertTrue(User.objects.get(pk=self.staff.pk).check_password(PASSWORD))

    def test_nobody_of_that_name(self) -> None:
        with self.assertRaisesMessage(CommandError, "There is no user nemo."):
            call_command("changepassword", "nemo")
