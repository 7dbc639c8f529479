"""The record of every change: writing it (``record``) and proving it whole (``verify``)."""

from recommendations.audit.record import Entry, FreeText, entry, request_id, snapshot
from recommendations.audit.redaction import redact_texts, texts_with
from recommendations.audit.verify import Verdict, verify

__all__ = [
    "Entry",
    "FreeText",
    "Verdict",
    "entry",
    "redact_texts",
    "request_id",
    "snapshot",
    "texts_with",
    "verify",
]
