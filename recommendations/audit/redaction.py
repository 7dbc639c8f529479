"""Taking words out of the recorded texts, and telling such a text from one that was tampered with.

A recorded text stands under the digest that the chain holds for it. Once words are taken out the
text no longer gives that digest, so the event of the redaction lists the digest again, with the
one that the text gives from then on. What it does not list was changed by somebody else.
"""

import secrets
from collections.abc import Callable, Collection, Iterable

from django.db.models import Q

from recommendations.audit.payload import text_digest
from recommendations.audit.record import Entry
from recommendations.audit.replay import changes_in
from recommendations.models import AuditEvent, AuditText

VERB = "redact"
FIELD = "texts"
"""Field of the event under which its payload lists the texts: ``digest:digest from now on``."""


def texts_with(forms: Iterable[str]) -> list[AuditText]:
    """Recorded texts that hold one of these strings, letter by letter."""
    wanted = list(forms)
    condition = Q()
    for form in wanted:
        condition |= Q(text__contains=form)
    found = AuditText.objects.filter(condition).order_by("digest") if wanted else ()
    # LIKE on SQLite takes upper and lower case for the same.
    return [text for text in found if any(form in text.text for form in wanted)]


def redact_texts(
    entry: Entry, texts: Collection[AuditText], replace: Callable[[str], str]
) -> list[str]:
    """Rewrite these texts under a new salt; the lines that the event of the redaction must list.

    The old salt goes with the words: nobody can try out what they were. The guards must be lifted.
    """
    listed = []
    for stored in texts:
        salt, text = secrets.token_hex(16), replace(stored.text)
        AuditText.objects.filter(pk=stored.pk).update(salt=salt, text=text, redacted_at=entry.at)
        listed.append(f"{stored.digest}:{text_digest(salt, text)}")
    return listed


def is_redacted(stored: AuditText) -> bool:
    """Whether the newest redaction in the chain that lists this text left it as it stands."""
    listing = AuditEvent.objects.filter(verb=VERB, payload__contains=stored.digest)
    for payload in listing.order_by("-sequence").values_list("payload", flat=True):
        for line in _listed_in(payload):
            digest, _colon, now = line.partition(":")
            if digest == stored.digest:
                return now == text_digest(stored.salt, stored.text)
    return False


def _listed_in(payload: str) -> list[str]:
    """The lines of one event; none where it cannot be read, which the chain itself tells."""
    lines = changes_in(payload).get(FIELD, (None, None))[1]
    return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
