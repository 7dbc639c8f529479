"""Who is signed in: the person and their roles, in one query a request."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from recommendations.models import User, with_roles


class RoleBackend(ModelBackend):
    """Django's own backend, but the person comes with their roles known."""

    def get_user(self, user_id: Any) -> User | None:
        person = with_roles(User.objects.all()).filter(pk=user_id).first()
        return person if person is not None and self.user_can_authenticate(person) else None


LONGEST_NAME = 255
"""As much of a name as the table of failed sign-ins holds; no account has a longer one."""


def throttled_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The name under which failures to sign in are counted.

    Whoever types a page into the field is throttled too: PostgreSQL would refuse to store it.
    """
    name = (credentials or request.POST).get("username")
    return None if name is None else str(name)[:LONGEST_NAME]
