"""What the frame of every page shows: where one can go, what waits, who is signed in.

Beside it whether pages lead to PDFs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.exports.briefings import word
from recommendations.exports.briefings.typesetting import is_offered
from recommendations.queries.frame import MOST_MINE, Frame, frame_for

PLACES = (
    "recommendation-list",
    "indicator-list",
    "gap",
    "area-list",
    "evidence-list",
    "round-list",
    "exception-report",
    "sign-off-list",
    "audit-log",
    "my-work",
    "review",
)
"""Places in the bar beside Home, whose address begins all others."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place in the bar; ``badge`` tells the number of items awaiting the reader, or none.

    One with ``places`` opens a menu of them and has no address of its own.
    """

    label: str
    url: str
    is_current: bool
    badge: int | str | None = None
    icon: str = ""
    places: tuple["NavItem", ...] = ()


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around a page; ``person`` is the key of who is signed in, if anybody is."""

    person: int | None
    is_demonstration: bool
    nav: tuple[NavItem, ...]
    own: tuple[NavItem, ...]
    user_label: str
    organisation: str
    can_admin: bool
    can_set_up: bool
    can_switch: bool
    has_template: bool
    is_set_up: bool
    has_calendar: bool
    has_notifications: bool
    has_deputies: bool
    has_tokens: bool
    has_webhooks: bool
    uses: frozenset[str]


def shell(request: HttpRequest) -> dict[str, object]:
    """Lazily, so that an answer without the frame asks nothing.

    ``bar`` is the shell itself, which parts of the bar are drawn once for (``{% memo bar %}``).
    """
    bar = cache(lambda: build(request))
    return {
        "shell": SimpleLazyObject(bar),
        "bar": bar,
        "has_pdf": SimpleLazyObject(is_offered),
        "has_word": SimpleLazyObject(word.is_offered),
        "has_open_data": settings.PUBLIC_PAGES,
    }


def build(request: HttpRequest) -> Shell:
    """The frame for one request: one query after something was recorded, else none."""
    person = getattr(request, "user", AnonymousUser())
    frame = frame_for(person)
    is_known = person.is_authenticated
    current = _current_place(request.path)
    return Shell(
        person=person.pk,
        is_demonstration=frame.is_demonstration,
        nav=_places(person, frame.uses, current),
        own=_own_places(person, frame, current),
        user_label=str(person) if is_known else "",
        organisation=frame.organisation,
        can_admin=bool(person.is_authenticated and person.is_staff),
        can_set_up=permissions.can_set_up(person),
        can_switch=permissions.can_administer(person),
        has_template=permissions.can_administer(person) and word.is_offered(),
        is_set_up=frame.is_set_up,
        has_calendar=permissions.can_write(person) and "calendar" in frame.uses,
        has_notifications=permissions.can_read_internally(person),
        has_deputies=permissions.can_name_deputies(person) and "deputies" in frame.uses,
        has_tokens=is_known and permissions.can_keep_tokens(person, person),
        has_webhooks=permissions.can_have_webhooks(person),
        uses=frame.uses,
    )


def _places(person: Any, uses: frozenset[str], current: str) -> tuple[NavItem, ...]:
    data = _item(_("Indicators"), "indicator-list", current)
    if "areas" in uses:
        places = (
            data,
            _item(_("Gap between countries"), "gap", current),
            _item(_("Countries and regions"), "area-list", current),
        )
        data = _menu(_("Progress data"), places)
    return (
        _item(_("Home"), "overview", current),
        _item(_("Recommendations"), "recommendation-list", current),
        data,
        _item(_("Evidence"), "evidence-list", current),
        *_oversight(person, uses, current),
    )


def _oversight(person: Any, uses: frozenset[str], current: str) -> Iterator[NavItem]:
    """Where people inside see whether the tracking itself is in order."""
    is_internal = permissions.can_read_internally(person)
    offered = (
        (is_internal and "rounds" in uses, capfirst(_("reporting rounds")), "round-list"),
        (permissions.can_read_exceptions(person), _("Exception report"), "exception-report"),
        (is_internal, capfirst(_("sign-offs")), "sign-off-list"),
        (permissions.can_read_log(person), _("Audit log"), "audit-log"),
    )
    places = tuple(_item(label, name, current) for may_see, label, name in offered if may_see)
    if places:
        yield _menu(_("Oversight"), places)


def _menu(label: str, places: tuple[NavItem, ...]) -> NavItem:
    return NavItem(label, "", any(item.is_current for item in places), places=places)


def _own_places(person: Any, frame: Frame, current: str) -> tuple[NavItem, ...]:
    """What awaits the reader, each with its number."""
    places = []
    if permissions.can_write(person):
        mine = frame.mine if frame.mine <= MOST_MINE else _("%(n)d+") % {"n": MOST_MINE}
        places.append(_item(_("My work"), "my-work", current, badge=mine, icon="inbox"))
    if permissions.can_review(person):
        places.append(_item(_("Review"), "review", current, badge=frame.review, icon="tick"))
    return tuple(places)


def _item(label: str, name: str, current: str, **more: Any) -> NavItem:
    return NavItem(label, reverse(name), name == current, **more)


def _current_place(path: str) -> str:
    """The place of the bar to which a page belongs, if any."""
    if path == reverse("overview"):
        return "overview"
    return next((name for name in PLACES if path.startswith(reverse(name))), "")
