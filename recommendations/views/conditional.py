"""Pages that show nothing but the record: unchanged as long as it is, for one reader on one day.

A browser that holds such a page asks with its tag whether it still is what it would be given, and
is told so (304) before anything of the page is read.
"""

import hashlib
from collections.abc import Iterator
from functools import cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language

from recommendations import permissions
from recommendations.queries.frame import version_for
from recommendations.views.access import View

SETTINGS = (
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
        tag = page_tag(request)
        if not tag:
            return view(request, *args, **kwargs)
        response: HttpResponseBase | None = get_conditional_response(request, etag=tag)
        if response is None or response.status_code != 304:
            response = view(request, *args, **kwargs)
        # A message that was added meanwhile belongs to this answer alone.
        has_added = getattr(get_messages(request), "added_new", False)
        if response.status_code in (200, 304) and not has_added:
            response["ETag"] = tag
            is_private = request.user.is_authenticated
            patch_cache_control(
                response, no_cache=True, **({"private": True} if is_private else {})
            )
        return response

    return answer


def page_tag(request: HttpRequest) -> str:
    """The tag of the page at this address for this reader, now; empty where it may have none.

    It is weak, since the tokens of forms differ each time they are written. They stay valid as long
    as the secret in the reader's cookie, which the tag holds: after signing in it is another one.
    """
    person, secret = request.user, request.META.get("CSRF_COOKIE", "")
    if settings.DEBUG or request.method not in ("GET", "HEAD") or len(get_messages(request)):
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
    )
    # Under the key of the site: visitors learn neither how often something is recorded, nor what.
    return f'W/"{salted_hmac("page", repr(parts), algorithm="sha256").hexdigest()[:32]}"'


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
            if path.suffix in {".html", ".mo", ".py", ".txt"}:
                yield path
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if manifest.exists():
        yield manifest
