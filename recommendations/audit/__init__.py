"""The record of every change: writing it, one by one or in bulk, and proving it whole."""

from recommendations.audit.bulk import BulkAct, record_change
from recommendations.audit.payload import FreeText
from recommendations.audit.record import Entry, act, entry, request_id
from recommendations.audit.redaction import redact_texts, texts_with
from recommendations.audit.snapshots import snapshot, snapshots
from recommendations.audit.verify import Verdict, verify

__all__ = [
    "BulkAct",
    "Entry",
    "FreeText",
    "Verdict",
    "act",
    "entry",
    "record_change",
    "redact_texts",
    "request_id",
    "snapshot",
    "snapshots",
    "texts_with",
    "verify",
]
