"""A test on a whole deployment: people with sessions or passwords, and their browsers."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client

from recommendations.models import User
from tests.base import PASSWORD, GuardedTransactionTestCase
from tests.deployment.processes import Deployment
from tests.deployment.visitor import Visitor


class DeployedTestCase(GuardedTransactionTestCase):
    """A class says by a fixture where its evidence lies: ``with_bucket`` or ``with_folder``."""

    deployment: ClassVar[Deployment]

    def visitor(self, address: str = "127.0.0.1") -> Visitor:
        return Visitor(self.deployment, address)

    def signed_in(self, person: User) -> Visitor:
        """Somebody whose session began before the test."""
        client = Client()
        client.force_login(person, backend="recommendations.authentication.RoleBackend")
        visitor = self.visitor()
        visitor.cookies = {
            settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
            settings.CSRF_COOKIE_NAME: "c" * 32,
        }
        return visitor

    @staticmethod
    def give_password(person: User) -> None:
        """As the site hashes it, but in few rounds."""
        person.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
        person.save(update_fields=["password"])
