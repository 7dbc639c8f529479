"""Pages that show nothing but the record: unchanged as long as it is, for one reader on one day.

A browser that holds such a page asks with its tag whether it still is what it would be given, and
is told so (304) before anything of the page is read.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from recommendations import permissions
from recommendations.queries import replica
from recommendations.queries.cache import Version, set_version, version_for, version_of
from recommendations.views.access import View

SAFE = ("GET", "HEAD")

LAST_OWN = "last_own_event"
"""Cookie with the number of an event that its reader’s last change is not later than."""

DENSITY = "density"
"""Cookie with how close the rows of lists are, and what addresses ask it by."""

KEPT_FOR = timedelta(days=400)
"""How long a browser keeps a choice: browsers keep nothing longer."""

SETTINGS = (
    "BRIEFING_FONTS",
    "DEMONSTRATION_SIGNS_IN",
    "EVIDENCE_MAX_BYTES",
    "EVIDENCE_MAX_FILES",
    "EVIDENCE_TYPES",
    "PUBLIC_PAGES",
    "TIME_ZONE",
)
"""Settings of a site that its pages show or go by."""


def shows_record(view: View) -> View:
    """For a page that shows tracked rows, the day and the reader, and nothing else.

    Not one that shows what lies in a session, the queue of mail, staged imports or the storage, or
    gives a form a key of its own. Below the decorator that decides who may open the page.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        def read(version: Version | None = None) -> HttpResponseBase:
            # Frame and tag tell of the same moment as the rows.
            set_version(request.user, version or primary)
            tag = page_tag(request)
            response = _unchanged(request, tag) or view(request, *args, **kwargs)
            return _tagged(request, response, tag)

        primary = version_for(request.user)
        if request.method not in SAFE or not replica.is_configured():
            return read()
        tag = page_tag(request)
        if unchanged := _unchanged(request, tag):
            return _tagged(request, unchanged, tag)
        response, vars(request)["read_from"] = replica.read_page(last_own_event(request), read)
        return response

    return answer


def _unchanged(request: HttpRequest, tag: str) -> HttpResponseBase | None:
    """The answer to a browser that holds the page with this tag; nothing for others."""
    response = get_conditional_response(request, etag=tag) if tag else None
    return response if response is not None and response.status_code == 304 else None


def _tagged(request: HttpRequest, response: HttpResponseBase, tag: str) -> HttpResponseBase:
    # A message that was added meanwhile belongs to this answer alone.
    has_added = getattr(get_messages(request), "added_new", False)
    if tag and response.status_code in (200, 304) and not has_added:
        response["ETag"] = tag
        is_private = request.user.is_authenticated
        patch_cache_control(response, no_cache=True, **({"private": True} if is_private else {}))
    return response


def page_tag(request: HttpRequest) -> str:
    """The tag of the page at this address for this reader, now; empty where it may have none.

    It is weak, since the tokens of forms differ each time they are written. They stay valid as long
    as the secret in the reader's cookie, which the tag holds: after signing in it is another one.
    """
    person, secret = request.user, request.META.get("CSRF_COOKIE", "")
    if settings.DEBUG or request.method not in SAFE or len(get_messages(request)):
        return ""
    if person.is_authenticated and (settings.SHARED_COMPUTERS or not secret):
        return ""
    parts = (
        release(),
        [getattr(settings, name) for name in SETTINGS],
        request.build_absolute_uri(),
        version_for(person).hash,
        timezone.localdate().isoformat(),
        get_language(),
        person.pk,
        sorted(permissions.roles(person)),
        secret,
        request.COOKIES.get(DENSITY),
    )
    # Under the key of the site: visitors learn neither how often something is recorded, nor what.
    return f'W/"{salted_hmac("page", repr(parts), algorithm="sha256").hexdigest()[:32]}"'


def keep_cookie(response: HttpResponseBase, name: str, value: str) -> None:
    """Let a browser keep a choice of its reader."""
    response.set_cookie(
        name,
        value,
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remember_write(response: HttpResponseBase) -> None:
    """Let the browser that gets this answer read pages that have all that was recorded by now.

    As long as a copy of the database that is used may be behind, and longer.
    """
    try:
        last = version_of(DEFAULT_DB_ALIAS).sequence
    except (DatabaseError, InterfaceError):
        # What was written may be there all the same.
        last = 2**62
    response.set_signed_cookie(
        LAST_OWN,
        str(last),
        salt=LAST_OWN,
        max_age=2 * settings.DATABASE_REPLICA_MAX_LAG + 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def last_own_event(request: HttpRequest) -> int:
    """What ``remember_write`` noted in this browser; 0 where nothing was written lately."""
    return int(request.get_signed_cookie(LAST_OWN, default="0", salt=LAST_OWN) or 0)


@cache
def release() -> str:
    """Digest of all that makes a page out of rows: code, templates, words, names of static files.

    It takes a hundredth of a second, once a process.
    """
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.name}:{path.stat().st_size}:".encode() + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for folder in ("recommendations", "templates", "tracker", "requirements"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".html", ".mo", ".py", ".txt", ".typ"}:
                yield path
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if manifest.exists():
        yield manifest
