"""The first administrator at the command line, and passwords set there."""

from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command
from django.test import TestCase

from recommendations.choices import Role
from recommendations.models import AuditEvent, Organisation, User
from tests.base import TrackerTestCase

PASSWORD = "quite a long word"
SECRET = "recommendations.management.passwords.getpass"
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

    def test_asks_for_what_is_not_given(self) -> None:
        answers = iter(["ada", "ada@example.org", "Policy Office"])
        with (
            mock.patch("builtins.input", side_effect=lambda question: next(answers)),
            mock.patch(SECRET, return_value=PASSWORD),
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
