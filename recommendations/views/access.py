"""Who may open a page at all; what they see on it is decided by ``visible_to``."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from recommendations import audiences, permissions
from recommendations.choices import Role
from recommendations.models import Recommendation, Source, User, people_in
from recommendations.permissions import Person
from recommendations.queries.recommendations.overview import visible_source, visible_sources
from recommendations.views.errors import Gone, what_was_sent

View = Callable[..., HttpResponseBase]

is_reader = permissions.is_reader


def actor(request: HttpRequest) -> User:
    """The person who acts: behind ``open_to`` nobody is anonymous."""
    return cast("User", request.user)


def open_to(is_allowed: Callable[[Any], bool]) -> Callable[[View], View]:
    """For pages inside: ``is_allowed`` is a function of ``permissions`` that takes the person."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if is_allowed(request.user):
                return view(request, *args, **kwargs)
            return _turn_away(request, is_allowed)

        return guarded

    return decorate


open_to_readers = open_to(is_reader)
"""For pages that have a public face."""


def public_only(view: View) -> View:
    """For what is the same for everybody and read by programs: 404 without public pages."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.PUBLIC_PAGES:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _turn_away(request: HttpRequest, is_allowed: Callable[[Any], bool]) -> HttpResponse:
    """To sign-in who is not signed in; everybody else is told why not, and who may."""
    if not request.user.is_authenticated:
        return words_given_back(request) or redirect_to_login(request.get_full_path())
    raise refusal_for(request.user, is_allowed)


def refusal_for(person: Person, is_allowed: Callable[[Any], bool]) -> PermissionDenied:
    """Why somebody who is signed in may not, and who may."""
    if not permissions.can_read_internally(person):
        # The first few who can assign a role.
        names = ", ".join(map(str, people_in(Role.ADMINISTRATOR)[:3]))
        if names:
            return PermissionDenied(
                _("Your account has no role yet. Ask an administrator to assign a role: %s.")
                % names
            )
        return PermissionDenied(
            _("Your account has no role yet. Ask an administrator to assign a role.")
        )
    roles = ", ".join(
        str(role.label) for role in Role if is_allowed(audiences.Audience(frozenset({role})))
    )
    return PermissionDenied(
        _("Your role has no access to this page. Roles with access: %s.") % roles
    )


def words_given_back(request: HttpRequest) -> HttpResponse | None:
    """What somebody wrote whose session ended meanwhile, to be sent again; none without words.

    A redirect to sign-in would lose them.
    """
    sent = what_was_sent(request)
    if sent is None or not sent.texts:
        return None
    context = {"sent": sent, "address": request.get_full_path()}
    return render(request, "accounts/signed_out.html", context, status=403)


def landing(person: Person) -> str:
    """Where a person begins who asked for no page: My work for staff, Home for others.

    Whoever sets a site up begins with that, as long as there is no source.
    """
    if permissions.can_write(person) and not permissions.can_review(person):
        return reverse("my-work")
    is_new = permissions.can_manage(person) and not Source.objects.exists()
    return reverse("set-up-source" if is_new else "overview")


def source_for(person: Person, slug: str) -> Source:
    """A source that the person may see; else 404."""
    if (source := visible_source(person, slug)) is None:
        raise Http404
    return source


def sources_for(request: HttpRequest) -> list[Source]:
    """All that the reader may see, or the one that the address asks for; else 404."""
    sources = visible_sources(request.user)
    if slug := request.GET.get("source", ""):
        # Here, not in SQL: a text from an address may hold what PostgreSQL refuses (NUL).
        sources = [source for source in sources if source.slug == slug]
        if not sources:
            raise Http404
    return sources


def about_for(
    person: Person, slug: str = "", reference: str = ""
) -> Source | Recommendation | None:
    """What an address is about that names a source, a recommendation, or nothing; else 404."""
    if reference:
        return recommendation_for(person, reference)
    return source_for(person, slug) if slug else None


def require_followed_outside(found: Recommendation, person: Person) -> None:
    """``Gone`` where a recommendation is archived: of that readers outside have its own page."""
    if found.archived_at is not None and not permissions.can_read_internally(person):
        raise Gone(_("%s is archived. Only its own page is still public.") % found.reference)


def recommendation_for(person: Person, reference: str) -> Recommendation:
    """A recommendation that the person may see, with what permissions ask of it; else 404."""
    rows = Recommendation.objects.visible_to(person)
    found: Recommendation = get_object_or_404(
        rows.select_related(
            "source", "lead", "lead_officer", "reviewer", "current_update"
        ).prefetch_related("contributors"),
        reference=reference,
    )
    return found


def next_path(request: HttpRequest, name: str = "next") -> str:
    """Where a field of a form says that its answer leads; empty where that is no page of ours."""
    to = request.POST.get(name, "")
    is_ours = url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # A path alone: another word would be taken for the name of an address.
    return to if is_ours and to.startswith("/") else ""
