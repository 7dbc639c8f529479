"""A page that shows the record alone: drawn once for a reader, until something is recorded."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse

from recommendations.queries.cache import alone, pack, recall, remember, unpack
from recommendations.queries.version import version_for

_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*')


def kept_page(request: HttpRequest, respond: Callable[[], Any], *beside: Any) -> Any:
    """What ``respond`` answers, or what it answered this reader at this address before.

    Django draws a form with its rows from a thousand templates. Forms get the token of this answer;
    what is sent, and a page with a message, is never kept. ``beside`` is what else it shows.
    """
    person: Any = request.user
    address, version = request.get_full_path(), (version_for(person).hash, *beside)
    if settings.DEBUG or request.method != "GET" or len(get_messages(request)):
        return respond()
    held = recall("a page", alone(person), [address]).get(address)
    if held and held[0] == version:
        html = unpack(held[1])
        return HttpResponse(_TOKEN.sub(rf"\g<1>{get_token(request)}", html))
    response = respond()
    if isinstance(response, TemplateResponse) and response.status_code == 200:
        packed = pack(response.render().content.decode())
        remember("a page", alone(person), {address: (version, packed)})
    return response
