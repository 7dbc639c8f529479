"""The address and the secret of a webhook, as they are stored, and the headers that it signs."""

import hmac
import json
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_bytes

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

MARK = "whsec_"
"""What every secret begins with."""


def new_secret() -> str:
    """A secret as it is shown, once."""
    return MARK + b64encode(token_bytes(32)).decode()


def seal(url: str, secret: str) -> str:
    """Both, encrypted under the key of the site."""
    return _box().encrypt(json.dumps([url, secret]).encode()).decode()


def unseal(sealed: str) -> tuple[str, str]:
    """Address and secret. ``InvalidToken`` where the site no longer has the key of then."""
    url, secret = json.loads(_box().decrypt(sealed.encode()))
    return url, secret


def is_readable(sealed: str) -> bool:
    """Whether the site has the key of then."""
    try:
        unseal(sealed)
    except InvalidToken:
        return False
    return True


def _box() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    """A key for this alone."""
    return salted_hmac("recommendations.webhooks", "", key, algorithm="sha256").digest()


def signed_headers(secret: str, message_id: str, at: int, body: bytes) -> Mapping[str, str]:
    """Headers by which a receiver knows who sent a body, which it is, and when; ``at`` is in
    seconds since 1970."""
    key = b64decode(secret.removeprefix(MARK))
    signature = hmac.digest(key, f"{message_id}.{at}.".encode() + body, sha256)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Recommendation-Tracker",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }
