"""Who is signed in: the person, their roles and what waits for them, in one query a request."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.db.models import QuerySet
from django.http import HttpRequest

from recommendations import permissions
from recommendations.actions.people import renew_password_hash
from recommendations.models import User, with_roles
from recommendations.queries.updates.my_work import with_waiting


class RoleBackend(ModelBackend):
    """Django's own backend, but the person comes with all that every page asks of them.

    A hash of a password that is made in another way by now is made anew here, on record.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # type: ignore[override]
        person = super().authenticate(request, **credentials)
        if person is not None and permissions.is_shut_out(person):
            # The sign-in form says so: it was the right password.
            if request is not None:
                vars(request)["is_shut_out"] = True
            return None
        password = credentials.get("password")
        if person is not None and password and is_outdated(person.password):
            renew_password_hash(person=person, password=password)
        return person

    def get_user(self, user_id: object) -> User | None:
        person = _asking_for(user_id).first()
        if person is None or permissions.is_shut_out(person):
            return None
        return person if self.user_can_authenticate(person) else None


@lru_cache(maxsize=500)
def _asking_for(user_id: Any) -> QuerySet[User]:
    """The query, not its answer. It is the same every time, and to build it takes long."""
    return with_waiting(with_roles(User.objects.all()), user_id).filter(pk=user_id)


def is_outdated(encoded: str) -> bool:
    """Whether a hash of a password would be made in another way today."""
    hasher, preferred = identify_hasher(encoded), get_hasher()
    return hasher.algorithm != preferred.algorithm or bool(preferred.must_update(encoded))


LONGEST_NAME = 255
"""As much of a name as the table of failed sign-ins holds; no account has a longer one."""


def throttled_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The name under which failures to sign in are counted.

    Whoever types a page into the field is throttled too: PostgreSQL would refuse to store it.
    """
    name = (credentials or request.POST).get("username")
    return None if name is None else str(name)[:LONGEST_NAME]
