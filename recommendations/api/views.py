"""Reading through the API: a list a page at a time, all of it as a file, one row of it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import MethodNotAllowed, NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.views import APIView

from recommendations.api.authentication import (
    AddressThrottle,
    TokenAuthentication,
    TokenThrottle,
)
from recommendations.api.parsing import JsonParser
from recommendations.api.problems import (
    INVALID,
    Failed,
    Invalid,
    no_field,
    problem_of,
    require_readable,
)
from recommendations.api.resources import Resource, resource_at
from recommendations.api.schema import BYTES, FileSchema, Schema
from recommendations.characters import parse_int
from recommendations.columns import readable
from recommendations.exports import Sheet
from recommendations.exports.formats import FORMATS, json_objects
from recommendations.queries.days import days_of
from recommendations.queries.listed import rows_in_order
from recommendations.views.access import is_reader, refusal_for
from recommendations.views.conditional import SAFE
from recommendations.views.evidence import Refusal, file_response, revision_for
from recommendations.views.lists import Listed, found_sheet, listing, send


class JsonOnly(DefaultContentNegotiation):
    """What is answered does not follow from what is accepted: JSON, or the file asked for."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class View(APIView):
    """What all addresses of the API do alike: who asks, how often, and how refusals look."""

    # Who is signed in needs the token against forgery for what changes something, as on pages.
    authentication_classes = (TokenAuthentication, SessionAuthentication)
    throttle_classes = (TokenThrottle,)
    permission_classes = ()
    parser_classes = (JsonParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = JsonOnly
    metadata_class = None
    http_method_names: ClassVar[list[str]] = ["get", "head", "post", "patch"]
    scope: str = ""
    """What a token must be good for, besides reading."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if request.method.lower() not in self.http_method_names:
            raise MethodNotAllowed(request.method)
        by_address = AddressThrottle()
        if not by_address.allow_request(request, self):
            self.throttled(request, by_address.wait())
        super().initial(request, *args, **kwargs)
        for name, values in request.GET.lists():
            require_readable(name, [name, *values])
        self.require_open(request)

    def require_open(self, request: Any) -> None:
        """Refuse who may not be here at all, and a token that was not made for this."""
        if (self.scope and not request.user.is_authenticated) or not self.is_open(request.user):
            if not request.user.is_authenticated:
                raise NotAuthenticated(_("Sign in to see this page."))
            raise refusal_for(request.user, self.is_open)
        if self.scope and request.auth is not None and not getattr(request.auth, self.scope):
            raise Failed(HTTPStatus.FORBIDDEN, _("The API token does not allow this."))

    def is_open(self, person: Any) -> bool:
        """Whether this person, or people of this role, may be here: as on the page."""
        raise NotImplementedError

    def get_exception_handler(self) -> Any:
        def handled(error: Exception, context: Any) -> HttpResponse | None:
            response = problem_of(error)
            if response is not None and response.status_code == 401:
                response["WWW-Authenticate"] = self.get_authenticate_header(self.request)
            return response

        return handled


def refuse_unknown(request: Any, known: frozenset[str]) -> None:
    """Refuse parameters that are not there."""
    if unknown := sorted(request.GET.keys() - known):
        raise no_field(*unknown, kind="parameter")


def answer(request: HttpRequest, text: str, status: int = 200, **headers: str) -> HttpResponse:
    """JSON, with the digest of it as its tag; 304 where the reader has that already."""
    body = text.encode()
    response = HttpResponse(body, content_type="application/json", status=status, headers=headers)
    response["ETag"] = tag_of(body)
    for_reader(request, response)
    if request.method not in SAFE:
        return response
    found = get_conditional_response(request, etag=response["ETag"], response=response)
    if found is None:
        return response
    for name in ("Cache-Control", "ETag", "Vary"):
        found[name] = response[name]
    return found


def for_reader(request: HttpRequest, response: Any) -> Any:
    """An answer that is kept for nobody else, and asked for again each time."""
    patch_vary_headers(response, ("Authorization", "Cookie"))
    is_private = request.user.is_authenticated
    patch_cache_control(response, no_cache=True, **({"private": True} if is_private else {}))
    return response


def tag_of(body: bytes) -> str:
    """The tag of a resource: a digest of what this reader is given, and of nothing else."""
    return f'"{hashlib.sha256(body).hexdigest()[:40]}"'


def with_lines(listed: Listed) -> Listed:
    """A list whose pages have all that its file has."""
    return replace(listed, rows_of=listed.lines_of or listed.rows_of)


class ResourceView(View):
    """One resource, or one row of it."""

    resource: Any = None
    is_one: bool = False
    writes: Mapping[str, Any] = {}
    """What can be done there besides, by the method in lower case."""
    schema = Schema()

    def is_open(self, person: Any) -> bool:
        found: bool = self.resource.list.is_open(person)
        return found

    def listed(self, request: Any, about: Mapping[str, Any]) -> Listed:
        """The list as the page has it, with the rows that its file has."""
        if self.resource.then and (days := days_of(request.GET, timezone.localdate())):
            about = {**about, "days": days}
        return with_lines(self.resource.list.list_of(request, **about))

    def get(self, request: Any, **about: Any) -> HttpResponseBase:
        if self.is_one:
            return self.one(request, about)
        listed = self.listed(request, about)
        filters = listed.filters(request)
        refuse_unknown(request, self.resource.known(filters))
        if listed.errors:
            raise Failed(HTTPStatus.BAD_REQUEST, " ".join(listed.errors))
        if filters is not None:
            filters.leave_unasked()
            if not filters.is_valid():
                raise Invalid(filters.errors, kind="parameter")
        if not parse_int(request.GET.get("page", "1")):
            raise Invalid({"page": [INVALID]}, kind="parameter")
        if (code := request.GET.get("format")) is not None:
            if code not in FORMATS:
                words = [_("This format does not exist.")]
                raise Invalid({"format": words}, kind="parameter")
            return send(request, found_sheet(request, listed), code)
        return answer(request, page_text(request, listed))

    def one(self, request: Any, about: dict[str, Any]) -> HttpResponse:
        """One row, as it is in the list."""
        days = {"as_of", "known"} if self.resource.then else set()
        refuse_unknown(request, frozenset(days))
        listed = self.listed(request, self.resource.under(about))
        return answer(request, row_text(self.resource, listed, request, about))


class FileView(ResourceView):
    """The bytes of one file of an item of evidence, for whom its page gives them."""

    resource = resource_at("evidence/<int:number>/files/")
    is_one = True
    schema = FileSchema()

    def is_open(self, person: Any) -> bool:
        return is_reader(person)

    def get(self, request: Any, **about: Any) -> HttpResponseBase:
        refuse_unknown(request, frozenset())
        revision, name = revision_for(request.user, about["number"], about["file"])
        found = file_response(request, revision.file, name)
        if isinstance(found, Refusal):
            raise Failed(HTTPStatus(found.status), f"{found.reason} {found.advice}")
        # Whatever they are: clients made of the description know one type of bytes.
        found["Content-Type"] = BYTES
        return for_reader(request, found)


def page_text(request: Any, listed: Listed) -> str:
    """A page of a list: how many rows there are in all, and where the pages beside it are."""
    shown = listing(request, listed)
    page = shown.page
    sheet = listed.sheet(page)
    columns = [column for column in sheet.columns if not column.is_apart]
    rows = ",\n".join(texts_of(replace(sheet, columns=columns), request.user))
    following = page.next_page_number() if page.has_next() else None
    before = page.previous_page_number() if page.has_previous() else None
    links = [
        f'"{name}": {_link(request, number)}'
        for name, number in (("next", following), ("previous", before))
    ]
    is_capped = getattr(page.paginator, "is_capped", False)
    counted = f'"count": {page.paginator.count}, "is_capped": {str(is_capped).lower()}'
    return f'{{{counted}, {", ".join(links)}, "results": [\n{rows}\n]}}\n'


def _link(request: Any, number: int | None) -> str:
    if number is None:
        return "null"
    asked: QueryDict = request.GET.copy()
    asked["page"] = str(number)
    return f'"{request.build_absolute_uri(request.path)}?{asked.urlencode()}"'


def texts_of(sheet: Sheet, person: Any) -> list[str]:
    """Rows as JSON, with the columns that this reader may have."""
    return list(json_objects(replace(sheet, columns=readable(sheet.columns, person))))


def row_text(resource: Resource, listed: Listed, request: Any, about: Mapping[str, Any]) -> str:
    """One row of a list as JSON; 404 where the reader finds none there."""
    key = _key_in(resource, listed, request, about[resource.key])
    rows = rows_in_order([key], listed.rows_of) if listed.rows_of else [key]
    if not rows:
        raise Http404
    [text] = texts_of(listed.sheet(rows), request.user)
    more = resource.more(key, request.user) if resource.more else {}
    pairs = "".join(f', "{name}": {json.dumps(value)}' for name, value in more.items())
    return f"{text[:-1]}{pairs}}}\n"


def _key_in(resource: Resource, listed: Listed, request: Any, value: Any) -> Any:
    """What the list finds under a key: an id, or without ``rows_of`` the row itself."""
    path = resource.reads or resource.key
    if listed.kept is not None:
        # Of a past day there are ids alone.
        filters = listed.filters(request, QueryDict())
        ids = listed.found_by(filters) if filters.is_valid() else ()
        rows = resource.model._default_manager.filter(**{resource.key: value})
        found: Any = next((pk for pk in rows.values_list("pk", flat=True) if pk in ids), None)
    elif not isinstance(listed.found, QuerySet):
        # Few rows, which are read whole.
        found = next((row for row in listed.found if getattr(row, path) == value), None)
    else:
        found_by: QuerySet[Any] = listed.found.filter(**{path: value})
        found = (found_by.values_list("pk", flat=True) if listed.rows_of else found_by).first()
    if found is None:
        raise Http404
    return found


class NothingHere(View):
    """Any other address below that of the API."""

    schema = None

    def is_open(self, person: Any) -> bool:
        return True

    def get(self, request: Any) -> HttpResponse:
        raise Http404

    post = patch = get


nothing_here = NothingHere.as_view()
