"""Who is signed in: the person, their roles and how far the record is, in one query a request.

And who may try to: how django-axes, which stands before every sign-in, counts and refuses.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv6Network, ip_address
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.db.models import BigIntegerField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from recommendations import permissions
from recommendations.actions.mail.letters import warn_of_entry
from recommendations.actions.oversight.sign_ins import (
    Place,
    Try,
    begin_try,
    end_tries,
    pause_after,
)
from recommendations.actions.people import renew_password_hash
from recommendations.fixed import Given, fixed
from recommendations.models import User, with_roles
from recommendations.queries.cache import with_version


class RoleBackend(ModelBackend):
    """Django's own backend, but the person comes with all that every page asks of them.

    A hash of a password that is made in another way by now is made anew here, on record.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # type: ignore[override]
        person = super().authenticate(request, **credentials)
        if person is None or permissions.is_service(person):
            return None
        if permissions.is_shut_out(person):
            # The sign-in form says so: it was the right password.
            if request is not None:
                vars(request)["is_shut_out"] = True
            return None
        password = credentials.get("password")
        if password and is_outdated(person.password):
            renew_password_hash(person=person, password=password)
        return person

    def get_user(self, user_id: object) -> User | None:
        person = next(iter(_people(pk=user_id)), None)
        if person is None or permissions.is_shut_out(person) or permissions.is_service(person):
            return None
        return person if self.user_can_authenticate(person) else None


def account_of(pk: int) -> User | None:
    """The account that a token is of, if it may be used; a program has one that never signs in."""
    person = next(iter(_people(pk=pk)), None)
    if person is None or not person.is_active or permissions.is_shut_out(person):
        return None
    return person


@fixed
def _people() -> QuerySet[User]:
    """A person by their id. To build it for every request takes longer than to ask."""
    one = User.objects.filter(pk=Given("pk", BigIntegerField())).order_by()
    return with_version(with_roles(one))


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


UNKNOWN = "::"
"""In place of an address where there is none, as over a socket of which no proxy is trusted."""


def throttled_address(request: HttpRequest) -> str:
    """The address under which a client is counted; of IPv6 the /64, all of which is theirs."""
    try:
        found = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return UNKNOWN
    return str(IPv6Network((int(found), 64), strict=False)[0]) if found.version == 6 else str(found)


COOKIE = "known_browser"
KNOWN_FOR = timedelta(days=180)
"""How long a browser is known after somebody signed in with it."""


def remember_browser(response: HttpResponse, name: str) -> None:
    """Let the browser that gets this answer be known as one in which this name signed in."""
    value = f"{_owner(name)}.{secrets.token_hex(16)}"
    response.set_signed_cookie(
        COOKIE,
        value,
        salt=COOKIE,
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_browser(request: HttpRequest, name: str) -> str:
    """The browser's own number, where this name signed in with it before; else nothing."""
    value = request.get_signed_cookie(COOKIE, default="", salt=COOKIE, max_age=KNOWN_FOR)
    owner, _dot, number = str(value).partition(".")
    return number if constant_time_compare(owner, _owner(name)) else ""


def _owner(name: str) -> str:
    """Stands for a name in a cookie, which others at the same computer could read."""
    return salted_hmac(COOKIE, name).hexdigest()


class SignInHandler(AxesDatabaseHandler):
    """Counts in the table of django-axes by the rules of ``actions/oversight/sign_ins.py``.

    Its own handler looks before a password is checked and counts afterwards, so that tries at the
    same moment pass together; and it has one length of pause.
    """

    def is_allowed(self, request: Any, credentials: Any = None) -> bool:
        """Asked once for each try, which is counted by it."""
        name = get_client_username(request, credentials) or ""
        request.sign_in = begin_try(_place(request, name), request.axes_attempt_time)
        return not request.sign_in.wait

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any
    ) -> None:
        """What failed was counted before; here it is known that a pause follows."""
        tried: Try | None = getattr(request, "sign_in", None)
        if tried is not None and not tried.wait and (pause := pause_after(tried.failures)):
            request.sign_in, request.axes_locked_out = Try(tried.failures, pause), True

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        name = user.get_username()
        warn_of_entry(user, request.axes_attempt_time)
        end_tries(_place(request, name), request.axes_attempt_time)
        request.signed_in_as = name

    def user_logged_out(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is kept of who signed out."""


def forget_failures(request: HttpRequest, person: User) -> None:
    """End a pause where somebody showed who they are in another way than by signing in."""
    AxesProxyHandler.user_logged_in(SignInHandler, request, person)


def _place(request: Any, name: str) -> Place:
    return Place(name, request.axes_ip_address, known_browser(request, name))
