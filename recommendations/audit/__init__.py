"""The record of every change: writing it, one by one or in bulk, and proving it whole."""

from recommendations.audit.bulk import (
    BulkAct,
    StagedRows,
    insert_from,
    record_change,
    record_changes,
)
from recommendations.audit.chain import Verdict, verify_chain
from recommendations.audit.record import (
    Change,
    Entry,
    act,
    entry,
    is_recording,
    request_id,
    token,
)
from recommendations.audit.redaction import redact_texts, texts_with
from recommendations.audit.snapshots import FreeText, snapshot, snapshots, stored, tracked_models
from recommendations.audit.verify import Report, one_moment, verify, verify_states
