"""What the frame of every page shows: where one can go, what waits, who is signed in.

Beside it whether pages lead to PDFs.
"""

from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import localize
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.exports.briefings.typesetting import is_offered
from recommendations.queries.cache import alone, audience_of, cached
from recommendations.queries.frame import Frame, frame_for

PLACES = (
    "recommendation-list",
    "indicator-list",
    "gap",
    "area-list",
    "evidence-list",
    "my-work",
    "review",
)
"""Places in the bar beside Home, whose address begins all others."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place in the bar; ``badge`` is the number of items awaiting the reader, or none.

    One with ``places`` opens a menu of them and has no address of its own.
    """

    label: str
    url: str
    is_current: bool
    badge: int | None = None
    icon: str = ""
    places: tuple["NavItem", ...] = ()


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around a page."""

    is_demonstration: bool
    nav: list[NavItem]
    own: list[NavItem]
    user_label: str
    organisation: str
    can_read_log: bool
    can_admin: bool
    can_set_up: bool
    has_calendar: bool
    has_notifications: bool
    has_deputies: bool
    has_rounds: bool
    has_sign_offs: bool
    has_exceptions: bool


_TOKEN = token_hex(16)
"""Stands in a bar that is kept for the token of the request that it is given out with, and before
the name of each number."""


def shell(request: HttpRequest) -> dict[str, object]:
    """Lazily, so that an answer without the frame asks nothing."""
    return {
        "shell": SimpleLazyObject(lambda: build(request)),
        "topbar": SimpleLazyObject(lambda: topbar(request)),
        "has_pdf": SimpleLazyObject(is_offered),
    }


def topbar(request: HttpRequest) -> SafeString:
    """The bar over every page: a third of what a small page costs, so it is kept."""
    person = getattr(request, "user", AnonymousUser())
    frame = frame_for(person)
    numbers = {"mine": frame.mine, "review": frame.review}
    marks: dict[str, Any] = {name: f"{_TOKEN}-{name}" if n else 0 for name, n in numbers.items()}

    def render() -> str:
        values = {"shell": build(request, **marks), "request": request, "csrf_token": _TOKEN}
        return render_to_string("shell/topbar.html", values)

    # It follows from these alone, and most events change none of them but the numbers.
    shown = (replace(frame, **marks), str(person), audience_of(person), _may_enter_admin(person))
    # While templates are written nothing tells that one has changed.
    html = (
        render()
        if settings.DEBUG
        else cached(
            "topbar",
            render,
            audience=alone(person),
            version=repr(shown),
            parts=(_current_place(request.path),),
        )
    )
    for name, n in numbers.items():
        html = html.replace(f"{_TOKEN}-{name}", localize(n))
    return SafeString(html.replace(_TOKEN, get_token(request)) if _TOKEN in html else html)


def _may_enter_admin(person: Any) -> bool:
    return bool(person.is_authenticated and person.is_staff)


def build(request: HttpRequest, **shown: Any) -> Shell:
    """The frame for one request: one query after something was recorded, else none.

    ``shown`` stands in it in place of what it has of that.
    """
    person = getattr(request, "user", AnonymousUser())
    frame = replace(frame_for(person), **shown)
    is_known = person.is_authenticated
    current = _current_place(request.path)
    return Shell(
        is_demonstration=frame.is_demonstration,
        nav=_places(current),
        own=_own_places(person, frame, current),
        user_label=str(person) if is_known else "",
        organisation=frame.organisation,
        can_read_log=permissions.can_read_log(person),
        can_admin=_may_enter_admin(person),
        can_set_up=permissions.can_set_up(person),
        has_calendar=permissions.can_write(person),
        has_notifications=permissions.can_read_internally(person),
        has_deputies=permissions.can_name_deputies(person),
        has_rounds=permissions.can_read_internally(person),
        has_sign_offs=permissions.can_read_internally(person),
        has_exceptions=permissions.can_read_exceptions(person),
    )


def _places(current: str) -> list[NavItem]:
    data = (
        _item(_("Indicators"), "indicator-list", current),
        _item(_("Gap between countries"), "gap", current),
        _item(_("Countries and regions"), "area-list", current),
    )
    is_among = any(item.is_current for item in data)
    return [
        _item(_("Home"), "overview", current),
        _item(_("Recommendations"), "recommendation-list", current),
        NavItem(_("Progress data"), "", is_among, places=data),
        _item(_("Evidence"), "evidence-list", current),
    ]


def _own_places(person: Any, frame: Frame, current: str) -> list[NavItem]:
    """What awaits the reader, each with its number."""
    places = []
    if permissions.can_write(person):
        places.append(_item(_("My work"), "my-work", current, badge=frame.mine, icon="inbox"))
    if permissions.can_review(person):
        places.append(_item(_("Review"), "review", current, badge=frame.review, icon="tick"))
    return places


def _item(label: str, name: str, current: str, **more: Any) -> NavItem:
    return NavItem(label, reverse(name), name == current, **more)


def _current_place(path: str) -> str:
    """The place of the bar to which a page belongs, if any."""
    if path == reverse("overview"):
        return "overview"
    return next((name for name in PLACES if path.startswith(reverse(name))), "")
