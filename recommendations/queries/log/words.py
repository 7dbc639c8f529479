"""What each event of the audit log is called: one table, from the verb that an action records.

``tests/queries/test_log_words.py`` reads the code for verbs and asks that each has its words here.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise

ACTIONS: Mapping[str, Words] = {
    "accept_invitation": gettext_lazy("Invitation accepted"),
    "accept_future_event": gettext_lazy("Event dated in the future accepted"),
    "add_action": gettext_lazy("Action added"),
    "add_deputy": gettext_lazy("Deputy named"),
    "add_file": gettext_lazy("Evidence file added"),
    "add_part": gettext_lazy("Part added"),
    "answer": gettext_lazy("Contradiction answered"),
    "approve": gettext_lazy("Update approved"),
    "approve_batch": gettext_lazy("Opening statuses approved as a batch"),
    "approve_date": gettext_lazy("Date change approved"),
    "agree_link": gettext_lazy("Link to evidence published"),
    "apply_change": gettext_lazy("Approved change of evidence applied"),
    "approve_evidence": gettext_lazy("Change of evidence approved"),
    "archive": gettext_lazy("Recommendation archived"),
    "archive_many": gettext_lazy("Recommendations archived in bulk"),
    "attach": gettext_lazy("Evidence or indicator linked"),
    "back_up": gettext_lazy("Backup made"),
    "baseline": gettext_lazy("Values recorded at an upgrade"),
    "carry_evidence": gettext_lazy("Evidence carried over"),
    "change": gettext_lazy("Record edited"),
    "change_action": gettext_lazy("Action edited"),
    "change_view": gettext_lazy("Saved view edited"),
    "change_many": gettext_lazy("Recommendations changed in bulk"),
    "change_hands": gettext_lazy("Responsibility transferred"),
    "change_part": gettext_lazy("Part edited"),
    "check": gettext_lazy("Evidence verified"),
    "check_files": gettext_lazy("Stored files checked"),
    "clear_fault": gettext_lazy("Fault of a stored file resolved"),
    "close_round": gettext_lazy("Reporting round closed"),
    "comment": gettext_lazy("Comment added"),
    "confirm": gettext_lazy("Value confirmed"),
    "confirm_import": gettext_lazy("Imported values confirmed"),
    "create_calendar": gettext_lazy("Calendar address created"),
    "create": gettext_lazy("Record created"),
    "deactivate": gettext_lazy("Account deactivated"),
    "detach": gettext_lazy("Link to evidence or indicator removed"),
    "draft": gettext_lazy("Draft started"),
    "drop_evidence": gettext_lazy("Evidence dropped"),
    "end_check": gettext_lazy("Verification of evidence ended"),
    "end_deputy": gettext_lazy("Deputy ended early"),
    "end_contradiction": gettext_lazy("Contradiction ended"),
    "extend_round": gettext_lazy("Reporting round extended"),
    "find_fault": gettext_lazy("Fault found in a stored file"),
    "give_up": gettext_lazy("Undelivered email discarded"),
    "hand_over": gettext_lazy("Update or request handed over"),
    "hand_over_all": gettext_lazy("All responsibilities handed over"),
    "import": gettext_lazy("Spreadsheet imported"),
    "import_areas": gettext_lazy("Groups or other names of areas imported"),
    "import_figures": gettext_lazy("Data imported"),
    "invite": gettext_lazy("Invitation sent"),
    "judge": gettext_lazy("Reliability of evidence rated"),
    "go_on_with_row": gettext_lazy("Draft started from a row that was left out"),
    "keep_evidence": gettext_lazy("Evidence kept"),
    "leave_out": gettext_lazy("Row left out of opening statuses"),
    "load": gettext_lazy("Reference data loaded"),
    "load_database": gettext_lazy("Database loaded"),
    "mark_part": gettext_lazy("Part reported as complete"),
    "mend": gettext_lazy("Stored file replaced by the same file"),
    "move_date": gettext_lazy("Current target date changed"),
    "observe": gettext_lazy("Value recorded"),
    "propose_evidence": gettext_lazy("Change of evidence proposed"),
    "publish": gettext_lazy("Recommendation published"),
    "publish_many": gettext_lazy("Recommendations published in bulk"),
    "reactivate": gettext_lazy("Account reactivated"),
    "redact": gettext_lazy("Text redacted"),
    "redact_file": gettext_lazy("File redacted"),
    "refuse_invitation": gettext_lazy("Invitation refused"),
    "reject_date": gettext_lazy("Date change rejected"),
    "reject_evidence": gettext_lazy("Change of evidence rejected"),
    "relate": gettext_lazy("Relation added"),
    "release": gettext_lazy("Pause of sign-in ended"),
    "remind_round": gettext_lazy("Reminders of a reporting round sent"),
    "remove": gettext_lazy("Record removed"),
    "remove_part": gettext_lazy("Part removed"),
    "remove_view": gettext_lazy("Saved view removed"),
    "renew_hash": gettext_lazy("Password storage upgraded"),
    "request_date": gettext_lazy("Date change requested"),
    "respond": gettext_lazy("Response recorded"),
    "restore": gettext_lazy("Recommendation restored"),
    "restore_many": gettext_lazy("Recommendations restored in bulk"),
    "restore_backup": gettext_lazy("Backup restored"),
    "return": gettext_lazy("Update returned"),
    "revise": gettext_lazy("Recommendation edited"),
    "save": gettext_lazy("Draft saved"),
    "save_view": gettext_lazy("View saved"),
    "scan": gettext_lazy("File scanned for malware"),
    "send_again": gettext_lazy("Email queued again"),
    "send_round": gettext_lazy("Reporting round sent"),
    "revoke_calendar": gettext_lazy("Calendar address revoked"),
    "set_date": gettext_lazy("Target date set"),
    "send_password_link": gettext_lazy("Link to set a new password sent"),
    "set_notifications": gettext_lazy("Notification settings changed"),
    "set_password": gettext_lazy("Password set"),
    "set_review": gettext_lazy("Next periodic review set"),
    "set_target": gettext_lazy("Baseline or target set"),
    "sign_off": gettext_lazy("Signed off"),
    "stop_watching": gettext_lazy("Watching ended"),
    "store": gettext_lazy("File stored"),
    "submit": gettext_lazy("Update submitted"),
    "succeed": gettext_lazy("Organisation succeeded by another"),
    "undo_import": gettext_lazy("Import of values undone"),
    "undo_batch": gettext_lazy("Opening statuses undone"),
    "undo_many": gettext_lazy("Bulk change undone"),
    "unmark_part": gettext_lazy("Part no longer reported as complete"),
    "unsubscribe": gettext_lazy("Reminders turned off by link"),
    "unpublish": gettext_lazy("Recommendation unpublished"),
    "unpublish_many": gettext_lazy("Recommendations unpublished in bulk"),
    "unrelate": gettext_lazy("Relation removed"),
    "verify_audit": gettext_lazy("Verification of the audit log"),
    "watch": gettext_lazy("Watching started"),
    "withdraw": gettext_lazy("Update withdrawn"),
    "withdraw_check": gettext_lazy("Verification of evidence withdrawn"),
    "withdraw_date": gettext_lazy("Date change withdrawn"),
    "withdraw_evidence": gettext_lazy("Change of evidence withdrawn"),
    "withdraw_invitation": gettext_lazy("Invitation withdrawn"),
}
"""What happened, by verb; a filter of the log offers these."""

OF_KIND: Mapping[tuple[str, str], Words] = {
    ("attach", "recommendations.evidencelink"): gettext_lazy("Evidence linked"),
    ("attach", "recommendations.indicatorlink"): gettext_lazy("Indicator linked"),
    ("change", ""): gettext_lazy("%(kind)s edited"),
    ("create", ""): gettext_lazy("%(kind)s created"),
    ("detach", "recommendations.evidencelink"): gettext_lazy("Link to evidence removed"),
    ("detach", "recommendations.indicatorlink"): gettext_lazy("Link to indicator removed"),
    ("hand_over", "recommendations.statusupdate"): gettext_lazy("Update handed over"),
    ("hand_over", "recommendations.targetdatechange"): gettext_lazy("Date request handed over"),
    ("remove", ""): gettext_lazy("%(kind)s removed"),
}
"""The same where the verb alone says too little: of a kind, or of any with its name."""

COUNTS: Mapping[str, Words] = {
    "absent": gettext_lazy("Values without an earlier one"),
    "aliases": gettext_lazy("Other names of areas"),
    "allow_older": gettext_lazy("Older values allowed"),
    "asks_confirmation": gettext_lazy("Needs confirmation"),
    "changed": gettext_lazy("Changed rows"),
    "clock": gettext_lazy("Clock of the server"),
    "compared": gettext_lazy("Files compared"),
    "date_changes": gettext_lazy("Date changes"),
    "dates": gettext_lazy("Target dates"),
    "faults": gettext_lazy("Faults"),
    "file": gettext_lazy("File"),
    "files": gettext_lazy("Files"),
    "format": gettext_lazy("Format"),
    "groups": gettext_lazy("New groups"),
    "head": gettext_lazy("Latest hash"),
    "import": gettext_lazy("Import"),
    "is_quick": gettext_lazy("Quick verification"),
    "kept": gettext_lazy("Values revised later, kept"),
    "last_event": gettext_lazy("Last event"),
    "left_out": gettext_lazy("Skipped rows"),
    "loaded": gettext_lazy("Rows loaded"),
    "members": gettext_lazy("New members of groups"),
    "new": gettext_lazy("New rows"),
    "not_copied": gettext_lazy("Files not copied"),
    "not_compared": gettext_lazy("Places that could not be compared"),
    "opening_statuses": gettext_lazy("Opening statuses"),
    "other_slices": gettext_lazy("Rows of other parts"),
    "parts": gettext_lazy("Parts"),
    "pruned": gettext_lazy("Unused files deleted"),
    "rejected": gettext_lazy("Rejected rows"),
    "relations": gettext_lazy("Relations"),
    "reported_statuses": gettext_lazy("Imported status history"),
    "restored": gettext_lazy("Earlier values restored"),
    "rows": gettext_lazy("Rows"),
    "recommendations": gettext_lazy("Recommendations"),
    "rows_sha256": gettext_lazy("Checksum of the rows (SHA-256)"),
    "seconds": gettext_lazy("Seconds"),
    "sha256": gettext_lazy("Checksum of the file (SHA-256)"),
    "slice": gettext_lazy("Part of the file"),
    "signature": gettext_lazy("Signature"),
    "skipped_archived": gettext_lazy("Skipped: archived"),
    "skipped_moved_on": gettext_lazy("Skipped: changed after the bulk change"),
    "skipped_stale": gettext_lazy("Skipped: changed after the preview"),
    "texts": gettext_lazy("Recorded texts"),
    "to": gettext_lazy("Handed over to"),
    "unchanged": gettext_lazy("Unchanged rows"),
    "updates": gettext_lazy("Updates"),
    "updated": gettext_lazy("Updated rows"),
    "values": gettext_lazy("Values"),
    "vintage": gettext_lazy("Data vintage"),
    "withdrawn": gettext_lazy("Withdrawn updates"),
}
"""What events of many rows count, by the names under which they record it."""

LISTED: Mapping[str, str] = {
    "date_changes": "recommendations.targetdatechange",
    "recommendations": "recommendations.recommendation",
    "skipped_archived": "recommendations.recommendation",
    "skipped_moved_on": "recommendations.recommendation",
    "skipped_stale": "recommendations.recommendation",
    "to": "recommendations.user",
    "updates": "recommendations.statusupdate",
    "withdrawn": "recommendations.statusupdate",
}
"""Kinds of the rows that the event of a hand-over lists by their keys."""

KINDS: Mapping[str, Words] = {
    "file": gettext_lazy("File"),
    "chain": gettext_lazy("Audit log"),
    "selection": gettext_lazy("Selection of recommendations"),
}
"""What events are about that is no row of a table."""

FIELDS_OF: Mapping[str, str] = {"selection": "recommendations.recommendation"}
"""Kinds of these whose events hold a field of a model."""


def action_text(verb: str, object_type: str) -> str:
    """What happened, such as "Evidence file added"; an honest generic text of an unknown verb."""
    for_kind = OF_KIND.get((verb, object_type)) or OF_KIND.get((verb, ""))
    found = for_kind or ACTIONS.get(verb) or gettext_lazy("%(kind)s: unlisted change")
    return str(found) % {"kind": kind_text(object_type)}


def kind_text(object_type: str) -> str:
    """What the event is about: the name of the model, for people."""
    try:
        return capfirst(str(apps.get_model(object_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return str(KINDS.get(object_type) or _("Former type of record"))


def field_of(object_type: str, name: str) -> Any:
    """The field of a model that a change is of; ``None`` where it is a count, or is no more."""
    try:
        label = FIELDS_OF.get(object_type, object_type)
        return apps.get_model(label)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def refers_to(object_type: str, name: str) -> str:
    """The label of the model whose keys a field holds; empty of a field that holds a value."""
    field = field_of(object_type, name)
    if field is None:
        return LISTED.get(name, "")
    return str(field.related_model._meta.label_lower) if field.is_relation else ""


def place_text(value: str) -> str:
    """A field of a row, as a redaction lists those that it changed; any other text as it is."""
    kind, _colon, rest = value.partition(":")
    key, _colon, name = rest.partition(":")
    if not (name and kind.startswith("recommendations.")):
        return value
    told = {"kind": kind_text(kind), "key": key, "field": label_text(kind, name)}
    return _("%(kind)s %(key)s (%(field)s)") % told


def label_text(object_type: str, name: str) -> str:
    """The label of a field or of a count, for people."""
    field = field_of(object_type, name)
    label = getattr(field, "verbose_name", None) or COUNTS.get(name) or name.replace("_", " ")
    return capfirst(str(label))
