"""Who asks: by a token, or signed in on this site; and how often they may."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.throttling import SimpleRateThrottle

from recommendations import audit
from recommendations.actions.personal import note_use
from recommendations.authentication import account_of, throttled_address
from recommendations.models import ApiToken
from recommendations.queries.people import digest_of

KEYWORD = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer prt_…``; every event of the request then names the token."""

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        kind, _space, text = get_authorization_header(request).partition(b" ")
        if kind.lower() != KEYWORD.lower().encode():
            return None
        found = ApiToken.objects.in_use(timezone.now()).filter(
            token_digest=digest_of(text.strip().decode("ascii", "replace"))
        )
        token = found.first()
        person = account_of(token.person_id) if token else None
        if token is None or person is None:
            raise AuthenticationFailed(_("The API token is invalid or has expired."))
        note_use(token, timezone.localdate())
        audit.token.set(token.pk)
        return person, token

    def authenticate_header(self, request: Any) -> str:
        return KEYWORD


class _Throttle(SimpleRateThrottle):
    def get_rate(self) -> str:
        return f"{settings.API_REQUESTS_A_MINUTE}/min"

    def get_cache_key(self, request: Any, view: Any) -> str | None:
        key = self.key_of(request)
        return None if key is None else f"api:{self.scope}:{key}"

    def key_of(self, request: Any) -> str | None:
        raise NotImplementedError


class AddressThrottle(_Throttle):
    """By where a request comes from: asked before a token is looked up, so none can be guessed."""

    scope = "address"

    def key_of(self, request: Any) -> str:
        django: HttpRequest = request._request
        return throttled_address(django)


class TokenThrottle(_Throttle):
    """By token, from wherever it is used."""

    scope = "token"

    def key_of(self, request: Any) -> str | None:
        return str(request.auth.pk) if request.auth else None
