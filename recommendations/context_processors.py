"""What the frame of every page shows: where one can go, what waits, who is signed in."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.queries.frame import frame_for


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


def shell(request: HttpRequest) -> dict[str, object]:
    """Lazily, so that an answer without the frame asks nothing."""
    return {"shell": SimpleLazyObject(lambda: build(request))}


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
    may_read_log = permissions.can_read_log(person)
    # Those who also write have it in the menu beside their name: the bar has room for six.
    if may_read_log and not permissions.can_write(person):
        places.append((_("Log"), "audit-log", None))
    return Shell(
        is_demonstration=frame.is_demonstration,
        nav=[_item(request, *place) for place in places],
        user_label=str(person) if is_known else "",
        organisation=frame.organisation,
        can_read_log=may_read_log,
        can_admin=bool(is_known and person.is_staff),
    )


def _item(request: HttpRequest, label: str, name: str, badge: int | None) -> NavItem:
    url = reverse(name)
    is_home = url == reverse("overview")
    is_current = request.path == url if is_home else request.path.startswith(url)
    return NavItem(label, url, is_current, badge)
