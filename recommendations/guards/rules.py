"""Which rows are closed to which statements, and what is said to who tries."""

from dataclasses import dataclass

ALWAYS = "TRUE"


@dataclass(frozen=True, slots=True)
class Guard:
    """One table: when its rows are closed, and what to say then.

    ``update``, ``delete`` and ``insert`` are SQL conditions under which the statement is refused:
    on ``OLD``, on ``NEW``, and that of an update on both. ``"TRUE"`` refuses it of every row, and
    an empty string of none. Of a row that is closed to update, the columns in ``settable`` may
    still be set, once, as long as they are empty, and only of rows that are ``settable_where``.
    """

    table: str
    message: str
    key: str = "id"
    update: str = ALWAYS
    delete: str = ALWAYS
    insert: str = ""
    settable: tuple[str, ...] = ()
    settable_where: str = ALWAYS


LOADING = "a whole database is loaded by manage.py load_database"

VERIFIED = (
    *("title", "kind", "description", "url", "citation", "publisher"),
    *("effective_on", "effective_precision", "expires_on"),
)
"""Columns of evidence that a verification speaks of."""

PROPOSED = (
    *("evidence_id", "kind", "old_values", "new_values", "file_id", "file_name", "file_note"),
    *("link_id", "proposed_at", "proposed_by_id"),
)
"""Columns of what a change of evidence proposes."""

ASKED = (
    *("import_run_id", "batch_id", "sequence", "reason"),
    *("requested_by_id", "requested_at"),
)
"""Columns of a request to undo that are there when it is made."""

GUARDS: tuple[Guard, ...] = (
    Guard(
        "recommendations_auditevent",
        f"the record of events is only ever added to; {LOADING}",
        key="sequence",
        # The first event needs the head, which whoever opens an entry has made and locked.
        insert=(
            "NOT EXISTS (SELECT 1 FROM recommendations_auditevent AS previous WHERE "
            "previous.sequence = NEW.sequence - 1 AND previous.hash = NEW.previous_hash) AND NOT "
            "(NEW.sequence = 1 AND EXISTS (SELECT 1 FROM recommendations_chainhead))"
        ),
    ),
    Guard("recommendations_auditrow", "the rows of bulk events are only ever added to"),
    Guard("recommendations_audittext", "recorded texts change only by redaction", key="digest"),
    Guard("recommendations_chainhead", "the head of the event chain cannot be deleted", update=""),
    Guard(
        "recommendations_statusupdate",
        "an approved update never changes, and no update is deleted or begun as a decided one: "
        f"correct or retract it; {LOADING}",
        update="OLD.state = 'approved'",
        insert="NEW.state IN ('approved', 'returned')",
    ),
    Guard(
        "recommendations_targetdatechange",
        "a decided date change stays as it was decided",
        update="OLD.state <> 'requested'",
    ),
    Guard(
        "recommendations_undorequest",
        "a request to undo stays as it was made, and as it was decided",
        update=(
            "OLD.state <> 'requested' OR "
            + " OR ".join(f"OLD.{n} IS DISTINCT FROM NEW.{n}" for n in ASKED)
        ),
        insert="NEW.state <> 'requested'",
    ),
    Guard(
        "recommendations_steeringdecision",
        "a decision answers what an approved update asks for, and stays as it was recorded: "
        "withdraw it",
        insert=(
            "NOT EXISTS (SELECT 1 FROM recommendations_statusupdate AS asking "
            "WHERE asking.id = NEW.update_id AND asking.state = 'approved' "
            "AND asking.asked_for <> '' AND asking.as_of <= NEW.decided_on)"
        ),
        settable=("removed_at", "removed_by_id", "removal_reason"),
    ),
    Guard("recommendations_response", "a response is never edited: record a new one"),
    Guard("recommendations_comment", "a comment stays as it was written"),
    Guard(
        "recommendations_evidence",
        "verified evidence does not change before its checks end, and no evidence is deleted",
        update=(
            "(" + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in VERIFIED) + ")"
            " AND EXISTS (SELECT 1 FROM recommendations_evidencecheck AS live"
            " WHERE live.evidence_id = OLD.id AND live.removed_at IS NULL"
            " AND live.revision = OLD.last_revision)"
        ),
    ),
    Guard(
        "recommendations_evidencerevision",
        "a file of an evidence item stays on record: add a newer one",
    ),
    Guard(
        "recommendations_storedfile",
        "the content of a stored file does not change, and a redacted file stays redacted",
        key="sha256",
        update=(
            "OLD.size <> NEW.size OR OLD.media_type <> NEW.media_type OR OLD.sha256 <> NEW.sha256"
            " OR OLD.stored_at <> NEW.stored_at OR OLD.redacted_at IS NOT NULL"
        ),
    ),
    Guard("recommendations_observation", "a figure is never edited: record a newer revision"),
    Guard(
        "recommendations_importrun",
        "an import stays as it was, and is undone once",
        settable=("undone_at", "undone_by_id", "undo_reason"),
    ),
    Guard(
        "recommendations_observationconfirmation",
        "a confirmation stays, and is that of a second person: record the right value",
        insert=(
            "NEW.confirmed_by_id = (SELECT recorded_by_id FROM recommendations_observation "
            "WHERE id = NEW.observation_id)"
        ),
    ),
    Guard(
        "recommendations_statusupdate_editors",
        "who wrote a version of an update is never forgotten",
    ),
    Guard(
        "recommendations_evidencecheck",
        "a check of evidence stays as it was made: take it back",
        settable=("removed_at", "removed_by_id"),
    ),
    Guard(
        "recommendations_evidencelink",
        "what an approved update rests on stays, and nothing is added to it: log an update, or "
        "correct or retract it",
        update=(
            "EXISTS (SELECT 1 FROM recommendations_statusupdate AS decided "
            "WHERE decided.id IN (OLD.update_id, NEW.update_id) AND decided.state = 'approved')"
        ),
        insert=(
            "NEW.stance <> 'undermines' AND EXISTS (SELECT 1 FROM recommendations_statusupdate "
            "AS decided WHERE decided.id = NEW.update_id AND decided.state = 'approved')"
        ),
        settable_where="OLD.stance = 'undermines'",
        settable=(
            *("answer", "answered_at", "answered_by_id", "agreed_at"),
            *("removed_at", "removed_by_id"),
        ),
    ),
    Guard(
        "recommendations_evidencechange",
        "a change of evidence stays as it was proposed, and as it was decided",
        update=(
            "OLD.state <> 'awaiting' OR "
            + " OR ".join(f"OLD.{n} IS DISTINCT FROM NEW.{n}" for n in PROPOSED)
        ),
        insert="NEW.state <> 'awaiting'",
    ),
    Guard(
        "recommendations_partcompletion",
        "what an approved update completed stays: correct or retract the update",
        update=(
            "EXISTS (SELECT 1 FROM recommendations_statusupdate AS decided "
            "WHERE decided.id IN (OLD.update_id, NEW.update_id) AND decided.state = 'approved')"
        ),
        insert=(
            "EXISTS (SELECT 1 FROM recommendations_statusupdate AS decided "
            "WHERE decided.id = NEW.update_id AND decided.state = 'approved')"
        ),
    ),
    Guard(
        "recommendations_target",
        "a baseline or target is never edited: record another in its place",
    ),
    Guard("recommendations_opendatarelease", "a release of open data stays on record"),
    Guard("recommendations_redaction", "a redaction stays on record"),
    Guard(
        "recommendations_reportinground",
        "a reporting round stays as it was sent, and as it was closed",
        settable=("closed_at", "closed_by_id"),
    ),
    Guard(
        "recommendations_request",
        "a request stays as it was sent, and as it was found at closing",
        settable=("found", "found_update_id", "found_submitted_at"),
    ),
    Guard("recommendations_roundextension", "an extension of a round stays on record: add another"),
    Guard("recommendations_roundreminder", "a reminder of a round stays on record"),
    Guard(
        "recommendations_roundreminder_requests",
        "what a reminder of a round was about stays on record",
    ),
    Guard("recommendations_signoff", "a sign-off stays as it was signed: sign off again"),
    Guard(
        "recommendations_signoff_recommendations", "what a sign-off covers stays as it was signed"
    ),
    Guard(
        "recommendations_reportedstatus",
        "a reported status stays in the words of its file",
        settable=("implementation_status",),
    ),
    Guard(
        "recommendations_openingbatch",
        "a batch of opening statuses stays as it was submitted, approved and undone",
        settable=(
            *("decided_at", "decided_by_id", "decision_note"),
            *("undone_at", "undone_by_id", "undone_reason"),
        ),
    ),
    Guard(
        "recommendations_openingrow",
        "a row of opening statuses stays as the file had it: leave it out",
        settable=(
            *("left_out_at", "left_out_by_id", "left_out_reason"),
            *("draft_id", "undone_at"),
        ),
    ),
)
