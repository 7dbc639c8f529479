"""The head of the chain as a signed file, to be kept outside the database."""

import json
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from recommendations.audit.payload import GENESIS, json_text, written
from recommendations.models import ChainHead

HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
"""A head as it is printed: number, colon, hash."""

LONGEST_FILE = 10_000
"""Characters that a file of a head has at most."""

Head = tuple[int, str]


class HeadRefused(Exception):
    """A file that holds no head of this site: its message says why."""


@dataclass(frozen=True, slots=True)
class HeadFile:
    """What a file of a head holds; ``at`` is the time of the last event, in UTC."""

    sequence: int
    hash: str
    at: str
    site: str

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"

    def signed(self) -> str:
        """The text of the file."""
        told = {"sequence": self.sequence, "hash": self.hash, "at": self.at, "site": self.site}
        return json.dumps({**told, "signature": signature_of(told)}, indent=2) + "\n"


def current_head() -> HeadFile:
    """The head of the chain as it is now; 0 and zeros where there are no events."""
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    at = written(head.last_at) or ""
    return HeadFile(head.last_sequence, head.last_hash or GENESIS, at, settings.AUDIT_SITE)


def read_head(text: str) -> Head:
    """Number and hash in the text of a file; ``HeadRefused`` where it is not one of this site."""
    try:
        told: dict[str, Any] = json.loads(text)
        signature = told.pop("signature")
        head, site = (int(told["sequence"]), str(told["hash"])), str(told["site"])
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise HeadRefused(_("The file contains no latest hash of an audit log.")) from error
    if not constant_time_compare(str(signature), signature_of(told)):
        raise HeadRefused(
            _("The signature is invalid: the file was altered, or signed with another key.")
        )
    if site != settings.AUDIT_SITE:
        raise HeadRefused(
            _("The file belongs to the site “%(found)s”. This site is “%(here)s”.")
            % {"found": site, "here": settings.AUDIT_SITE}
        )
    return head


def signature_of(told: dict[str, Any]) -> str:
    """The signature of this site on what is told of the chain, such as a head of it."""
    key = settings.AUDIT_SIGNING_KEY or settings.SECRET_KEY
    made = salted_hmac(
        "recommendations.audit.head", json_text(told), secret=key, algorithm="sha256"
    )
    return made.hexdigest()
