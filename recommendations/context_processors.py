"""What the frame of every page shows: where one can go, what waits, who is signed in."""

from dataclasses import dataclass
from secrets import token_hex

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.queries.cache import cached
from recommendations.queries.frame import frame_for, version_for

PLACES = (
    "recommendation-list",
    "indicator-list",
    "evidence-list",
    "my-work",
    "review",
    "audit-log",
)
"""Places in the bar beside the overview, whose address begins all others."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place in the bar; ``badge`` is the number of things that wait there, or none."""

    label: str
    url: str
    is_current: bool
    badge: int | None = None


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around a page."""

    is_demonstration: bool
    nav: list[NavItem]
    user_label: str
    organisation: str
    can_read_log: bool
    can_admin: bool


_TOKEN = token_hex(16)
"""Stands in a bar that is kept for the token of the request that it is given out with."""


def shell(request: HttpRequest) -> dict[str, object]:
    """Lazily, so that an answer without the frame asks nothing."""
    return {
        "shell": SimpleLazyObject(lambda: build(request)),
        "topbar": SimpleLazyObject(lambda: topbar(request)),
    }


def topbar(request: HttpRequest) -> SafeString:
    """The bar over every page: a third of what a small page costs, so it is kept."""
    person = getattr(request, "user", AnonymousUser())

    def render() -> str:
        values = {"shell": build(request), "request": request, "csrf_token": _TOKEN}
        return render_to_string("shell/topbar.html", values)

    # While templates are written nothing tells that one has changed.
    html = (
        render()
        if settings.DEBUG
        else cached(
            "topbar",
            render,
            audience=f"person {person.pk}",
            version=version_for(person).hash,
            parts=(_current_place(request.path),),
        )
    )
    return SafeString(html.replace(_TOKEN, get_token(request)) if _TOKEN in html else html)


def build(request: HttpRequest) -> Shell:
    """The frame for one request: one query after something was recorded, else none."""
    person = getattr(request, "user", AnonymousUser())
    frame = frame_for(person)
    is_known = person.is_authenticated
    places: list[tuple[str, str, int | None]] = [
        (_("Overview"), "overview", None),
        (_("Recommendations"), "recommendation-list", None),
        (_("Indicators"), "indicator-list", None),
        (_("Evidence"), "evidence-list", None),
    ]
    if permissions.can_write(person):
        places.append((_("My work"), "my-work", frame.mine))
    if permissions.can_review(person):
        places.append((_("Review"), "review", frame.review))
    current = _current_place(request.path)
    may_read_log = permissions.can_read_log(person)
    # Those who also write have it in the menu beside their name: the bar has room for six.
    if may_read_log and not permissions.can_write(person):
        places.append((_("Log"), "audit-log", None))
    return Shell(
        is_demonstration=frame.is_demonstration,
        nav=[
            NavItem(label, reverse(name), name == current, badge) for label, name, badge in places
        ],
        user_label=str(person) if is_known else "",
        organisation=frame.organisation,
        can_read_log=may_read_log,
        can_admin=bool(is_known and person.is_staff),
    )


def _current_place(path: str) -> str:
    """The place of the bar to which a page belongs, if any."""
    if path == reverse("overview"):
        return "overview"
    return next((name for name in PLACES if path.startswith(reverse(name))), "")
