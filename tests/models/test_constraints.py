"""The rules that one row can show, held by the database itself: no action and no form in between.

Each constraint is tried with all it speaks of set, with none of it, and with one thing missing.
Its name is the sentence that holds; ``constraints.py`` says how to read a row of the tables.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import combinations
from typing import Any

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from recommendations.choices import ImplementationStatus
from recommendations.models.personal import QUIET_DAYS
from tests.models.constraints import (
    AFTER,
    BEFORE,
    DIGEST,
    NOW,
    TODAY,
    ConstraintTestCase,
    Rule,
    Values,
)
from tests.models.test_once import ONCE


def each(name: str, *values: Any) -> list[Values]:
    return [{name: value} for value in values]


def ended(row: str, verb: str = "removed") -> Rule:
    """With who and when, or neither."""
    return Rule(row, together={f"{verb}_at": NOW, f"{verb}_by": "manager"})


def digest_of(row: str, name: str) -> Rule:
    """A SHA-256 in small hexadecimal digits."""
    wrong = each(name, "", DIGEST[1:], DIGEST.upper(), f"{DIGEST[:-1]}g")
    return Rule(row, each(name, "0123abcd" * 8), wrong)


def not_empty(row: str, *names: str) -> Rule:
    return Rule(row, [dict.fromkeys(names, "1")], [{name: ""} for name in names])


def with_end(row: str, **base: Any) -> Rule:
    """Of a queue: what was sent or dropped says when, and nothing else does."""
    return Rule(
        row,
        [
            {"state": "sent", "ended_at": NOW},
            {"state": "dropped", "ended_at": NOW},
            {"state": "dead"},
        ],
        [{"state": "sent"}, {"ended_at": NOW}, {"state": "dead", "ended_at": NOW}],
        base=base,
    )


APPROVAL: Values = {
    "state": "approved",
    "implementation_status": "not_started",
    "submitted_at": NOW,
    "decided_at": NOW,
    "decided_by": "manager",
}
"""All that an approved row holds at least."""

OPENING: Values = {"kind": "opening", "opening_row": "opening_row", **APPROVAL}
RETRACTION: Values = {"kind": "retraction", "retracts": "approved", **APPROVAL}


def of_approved(holds: Sequence[Values], breaks: Sequence[Values], **base: Any) -> Rule:
    """Asked of approved updates only."""
    return Rule("draft", holds, breaks, {**APPROVAL, **base}, free=[{**base, **breaks[0]}])


def of_newly_approved(holds: Sequence[Values], breaks: Sequence[Values], **base: Any) -> Rule:
    """Nor of those that were taken over, nor of what retracts one of these."""
    free = [{**kind, **base, **breaks[0]} for kind in ({}, OPENING, RETRACTION)]
    return Rule("draft", holds, breaks, {**APPROVAL, **base}, free=free)


ARCHIVED: Values = {"archived_at": NOW, "archived_by": "manager", "archive_reason": "duplicate"}

RECOMMENDATIONS: dict[str, Rule] = {
    "recommendation_reference_is_slug": Rule(
        "recommendation",
        each("reference", "DSR-3", "a", "111.10", "A_b-c.d"),
        each("reference", "", "-1", "a b", "a/b", "ä", "<b>"),
    ),
    "recommendation_interval_in_range": Rule(
        "recommendation", each("interval_months", 1, 60), each("interval_months", 0, 61)
    ),
    "recommendation_published_together": ended("recommendation", "published"),
    "recommendation_archived_together": Rule("recommendation", together=ARCHIVED),
    "recommendation_amended_with_reason": Rule(
        "recommendation",
        [{}, {"wording_amended_at": NOW, "wording_reason": "A slip of the printer."}],
        [{"wording_amended_at": NOW, "wording_reason": ""}],
    ),
    "source_date_has_precision": Rule(
        "source",
        [
            {"published_on": TODAY, "date_precision": "year"},
            {"published_on": None, "date_precision": "unknown"},
        ],
        [
            {"published_on": TODAY, "date_precision": "unknown"},
            {"published_on": None, "date_precision": "year"},
        ],
    ),
    "source_inferred_date_has_reason": Rule(
        "source",
        [{"date_mark": "stated"}, {"date_mark": "inferred", "date_reason": "By ink."}],
        [{"date_mark": "inferred"}],
    ),
    "theme_has_name": not_empty("theme", "name"),
    "relation_not_to_itself": Rule(
        "relation", each("other", "third"), each("other", "recommendation")
    ),
    "relation_related_is_stored_once": Rule(
        "relation",
        [{"kind": "related"}, {"recommendation": "second", "other": "recommendation"}],
        [{"kind": "related", "recommendation": "second", "other": "recommendation"}],
    ),
    "relation_removed_together": ended("relation"),
    "part_has_label_and_text": not_empty("part", "label", "text"),
    "part_amended_with_reason": Rule(
        "part",
        [{"amended_at": NOW, "amendment_reason": "So."}, {"amendment_reason": "So."}],
        [{"amended_at": NOW}],
    ),
    "part_removed_together": ended("part"),
    "steering_decision_says_what": not_empty("steering", "body", "decision"),
    "steering_decision_removed_with_reason": Rule(
        "steering",
        together={"removed_at": NOW, "removed_by": "manager", "removal_reason": "Not so."},
    ),
    "part_completion_removed_together": ended("completion"),
    "comment_says_something": Rule("comment", each("text", "Words", " "), each("text", "")),
    "redaction_has_reason": Rule("redaction", each("reason", "Words", " "), each("reason", "")),
    "saved_view_has_filter": not_empty("view", "query"),
    "saved_view_removed_together": ended("view"),
    "sign_off_of_one": Rule(
        "sign_off",
        [{}, {"source": None, "recommendation": "recommendation"}],
        [{"recommendation": "recommendation"}, {"source": None}],
    ),
    "sign_off_has_content_and_digests": not_empty(
        "sign_off", "signed_content", "digest", "record_hash"
    ),
    "sign_off_after_an_entry": Rule("sign_off", each("sequence", 1, 2), each("sequence", 0)),
    "word_template_removed_together": ended("word_template"),
    "open_data_after_an_entry": Rule(
        "release", each("sequence", 1, 2), [{"sequence": 0}, {"record_hash": ""}]
    ),
    "open_data_has_digest": not_empty("release", "digest"),
    "chain_head_is_one_row": Rule("head", each("id", 1), each("id", 2)),
    "tracker_uses_is_one_row": Rule("uses", each("id", 1), each("id", 2)),
}

NOT_SET = {"recommendation": None, "source": None, "view": None, "indicator": None}
ITEMS = {name: name for name in NOT_SET}
ACCEPTED = {"accepted_at": NOW, "accepted_by": "viewer"}
WITHDRAWN = {"withdrawn_at": NOW, "withdrawn_by": "manager"}
QUIET = dict.fromkeys(QUIET_DAYS, True)

PEOPLE: dict[str, Rule] = {
    "organisation_valid_from_before_to": Rule(
        "agency",
        [
            {},
            {"valid_from": BEFORE},
            {"valid_to": BEFORE},
            {"valid_from": BEFORE, "valid_to": TODAY},
            {"valid_from": TODAY, "valid_to": TODAY},
        ],
        [{"valid_from": TODAY, "valid_to": BEFORE}],
    ),
    "organisation_not_its_own_successor": Rule(
        "agency", each("successor", None, "ministry"), each("successor", "agency")
    ),
    "deputy_is_somebody_else": Rule("deputy", each("deputy", "manager"), each("deputy", "staff")),
    "deputy_ends_after_it_starts": Rule(
        "deputy", each("ends_on", TODAY, AFTER), each("ends_on", BEFORE)
    ),
    "deputy_ended_together": ended("deputy", "ended"),
    "calendar_address_revoked_together": ended("calendar", "revoked"),
    "api_token_revoked_together": ended("token", "revoked"),
    "api_token_expires_after_it_was_made": Rule(
        "token",
        each("expires_at", NOW + timedelta(seconds=1)),
        each("expires_at", NOW, NOW - timedelta(days=1)),
    ),
    "invitation_expires_after_it_was_made": Rule(
        "invitation",
        each("expires_at", NOW + timedelta(seconds=1)),
        each("expires_at", NOW, NOW - timedelta(days=1)),
    ),
    "invitation_accepted_together": ended("invitation", "accepted"),
    "invitation_withdrawn_together": ended("invitation", "withdrawn"),
    "invitation_ends_in_one_way": Rule(
        "invitation",
        [ACCEPTED, WITHDRAWN],
        [{**ACCEPTED, **WITHDRAWN}],
    ),
    "watch_is_of_one_item": Rule(
        "watch",
        [{**NOT_SET, name: item} for name, item in ITEMS.items()],
        [{"source": "source"}, {"view": "view"}, {"indicator": "indicator"}, ITEMS, NOT_SET],
    ),
    "watch_removed_together": ended("watch"),
    "notifications_leave_a_day": Rule(
        "notifications", [{}, *({**QUIET, day: False} for day in QUIET)], [QUIET]
    ),
    "mail_has_an_end_once_it_ended": with_end("mail", subject=""),
    "webhook_has_an_end_once_it_ended": with_end("hook_delivery"),
    "webhook_tells_of_something": Rule(
        "webhook", each("on_round", True), [{}], base={"on_approved": False}
    ),
    "webhook_removed_together": ended("webhook"),
    "webhook_delivery_is_of_one": Rule(
        "hook_delivery",
        [{}, {"event": None, "recommendation": "recommendation", "day": TODAY}],
        [{"event": None}, {"recommendation": "recommendation", "day": TODAY}],
    ),
    "webhook_delivery_overdue_since_a_day": Rule(
        "hook_delivery",
        [{}, {"event": None, "recommendation": "recommendation", "day": TODAY}],
        [{"day": TODAY}, {"event": None, "recommendation": "recommendation"}],
    ),
    "ended_mail_has_no_words": Rule(
        "mail",
        [
            {"state": "sent", "ended_at": NOW},
            *({name: "Words"} for name in ("subject", "quoted", "address", "error")),
        ],
        [
            {"state": "sent", "ended_at": NOW, name: "Words"}
            for name in ("subject", "quoted", "address", "error")
        ],
        base={"subject": ""},
    ),
    "round_has_name": not_empty("round", "name"),
    "round_replies_from_its_day": Rule(
        "round", each("reply_by", TODAY, AFTER), each("reply_by", BEFORE)
    ),
    "round_closed_together": ended("round", "closed"),
    "request_is_asked_of_an_organisation": Rule(
        "request_made",
        [
            {},
            *(
                {"not_asked": why, "organisation": None}
                for why in ("no_lead", "closed", "archived")
            ),
            {"not_asked": "closed"},
        ],
        [{"organisation": None}, {"not_asked": "no_lead"}],
    ),
    "request_found_with_its_update": Rule(
        "request_made",
        [
            {},
            {"found": "missing"},
            {"found": "approved", "found_update": "submitted", "found_submitted_at": NOW},
        ],
        [
            {"found": "approved"},
            {"found": "approved", "found_update": "submitted"},
            {"found": "approved", "found_submitted_at": NOW},
            {"found_update": "submitted", "found_submitted_at": NOW},
        ],
    ),
    "request_found_where_asked": Rule(
        "request_made",
        [{"found": "missing"}, {"not_asked": "archived"}],
        [{"found": "missing", "not_asked": "archived"}],
    ),
    "extension_is_later": Rule("extension", each("new_day", AFTER), each("new_day", BEFORE)),
    "extension_has_reason": not_empty("extension", "reason"),
}

CORRECTS, RETRACTS = {"corrects": "approved"}, {"retracts": "approved"}
DECIDED: Values = {"decided_at": NOW, "decided_by": "manager"}
SAID: Values = {"submitted_at": NOW, "implementation_status": "not_started"}
ANSWER = {"issue": "No money.", "response_action": "Ask.", "response_owner": "The office"}
WAITING: Values = {**SAID, "state": "submitted"}
ROW: Values = {"opening_row": "opening_row"}
LEFT_OUT: Values = {"left_out_at": NOW, "left_out_by": "staff", "left_out_reason": "So."}
CLOSED = (
    ImplementationStatus.NOT_IMPLEMENTED,
    ImplementationStatus.NO_LONGER_APPLICABLE,
    ImplementationStatus.SUPERSEDED,
)

UPDATES: dict[str, Rule] = {
    "update_decision_together": Rule(
        "draft",
        [
            {},
            {**DECIDED, "state": "approved"},
            {**DECIDED, "state": "returned", "decision_note": "Say more."},
            {**DECIDED, "state": "withdrawn", "decision_note": "Say more."},
        ],
        [
            {"decided_at": NOW},
            {"decided_by": "manager"},
            {"decision_note": "Say more."},
            DECIDED,
            {**DECIDED, "state": "submitted"},
            {"state": "approved"},
            {"state": "approved", "decided_at": NOW},
            {"state": "approved", "decided_by": "manager"},
            {"state": "returned", "decision_note": "Say more."},
        ],
        base=SAID,
    ),
    "update_decided_by_another": Rule(
        "draft",
        [{"author": "staff", "last_editor": "other_staff"}, OPENING],
        [
            {"author": "manager"},
            {"last_editor": "manager"},
            {"author": "manager", "last_editor": "manager"},
            {**OPENING, "decided_by": "staff"},
        ],
        base=APPROVAL,
    ),
    "update_confirms_at_approval": Rule(
        "draft",
        [
            {"state": "approved", "contradictions_confirmed": 1},
            {"state": "approved", "contradictions_confirmed": 0},
            {"state": "returned", "decision_note": "Say more.", "contradictions_confirmed": 0},
        ],
        [{"state": "returned", "decision_note": "Say more.", "contradictions_confirmed": 1}],
        base={**SAID, **DECIDED},
    ),
    "update_returned_with_note": Rule(
        "draft",
        each("decision_note", "Say more."),
        each("decision_note", ""),
        base={"state": "returned", **DECIDED},
    ),
    "update_submitted_is_dated": Rule(
        "draft",
        [WAITING, APPROVAL],
        [
            {**said, **less}
            for said in (WAITING, APPROVAL)
            for less in ({"submitted_at": None}, {"implementation_status": ""})
        ],
    ),
    "update_kind_has_its_target": Rule(
        "draft",
        [
            {},
            {"kind": "no_change"},
            {"kind": "correction", **CORRECTS},
            {"kind": "retraction", **RETRACTS},
        ],
        [
            {"kind": "correction"},
            {"kind": "retraction"},
            {"kind": "correction", **RETRACTS},
            {"kind": "retraction", **CORRECTS},
            {"kind": "correction", **CORRECTS, **RETRACTS},
            CORRECTS,
            {"kind": "no_change", **RETRACTS},
        ],
    ),
    "update_opening_has_its_row": Rule(
        "draft",
        [{}, {**WAITING, "kind": "opening", **ROW}, OPENING],
        [
            {**WAITING, "kind": "opening"},
            {**WAITING, **ROW},
            {"kind": "opening", **ROW},
            {**WAITING, "kind": "opening", **ROW, "addressee": "addressee"},
        ],
    ),
    "update_implemented_has_day": of_newly_approved(
        each("completed_on", TODAY),
        each("completed_on", None),
        implementation_status="implemented",
    ),
    "update_completed_by_as_of": of_approved(
        each("completed_on", None, BEFORE, TODAY),
        [{"completed_on": AFTER}, {**OPENING, "completed_on": AFTER}],
    ),
    "update_closed_is_not_rated": of_approved(
        [{"implementation_status": status, "confidence": "not_rated"} for status in CLOSED],
        [
            {**kind, "implementation_status": status, **rated}
            for status in CLOSED
            for rated in ({"confidence": "green"}, {"confidence": "red", "asked_for": "Money."})
            for kind in ({}, OPENING)
        ],
        closing_reason="The ground is gone.",
        successor="second",
    ),
    "update_closed_has_reason": of_newly_approved(
        [
            {"implementation_status": status, "closing_reason": "The ground is gone."}
            for status in CLOSED[:2]
        ],
        [{"implementation_status": status, "closing_reason": ""} for status in CLOSED[:2]],
    ),
    "update_superseded_has_successor": of_newly_approved(
        each("successor", "second"), each("successor", None), implementation_status="superseded"
    ),
    "update_partly_names_the_rest": of_newly_approved(
        each("remaining", "The second part."),
        each("remaining", ""),
        implementation_status="partly_implemented",
    ),
    "update_red_asks": of_newly_approved(
        each("asked_for", "A decision."), each("asked_for", ""), confidence="red"
    ),
    "update_amber_answers": of_newly_approved(
        [ANSWER], [{}, *({**ANSWER, missing: ""} for missing in ANSWER)], confidence="amber"
    ),
    "opening_batch_digests_are_sha256": Rule(
        "opening_batch",
        [{"digest": DIGEST, "file_sha256": "b" * 64}],
        [{"digest": "A" * 64}, {"file_sha256": "a"}],
    ),
    "opening_batch_decided_together": Rule(
        "opening_batch",
        [{}, DECIDED, {**DECIDED, "decision_note": "So."}],
        [
            {"decided_at": NOW},
            {"decided_by": "manager"},
            {"decision_note": "So."},
            {"decided_at": NOW, "decision_note": "So."},
        ],
    ),
    "opening_batch_decided_by_another": Rule(
        "opening_batch", [DECIDED], [{**DECIDED, "decided_by": "staff"}]
    ),
    "opening_batch_undone_together": Rule(
        "opening_batch",
        together={"undone_at": NOW, "undone_by": "staff", "undone_reason": "So."},
    ),
    "opening_row_left_out_together": Rule("opening_row", together=LEFT_OUT),
    "opening_row_draft_of_left_out": Rule(
        "opening_row", [{**LEFT_OUT, "draft": "draft"}], [{"draft": "draft"}]
    ),
    "opening_row_has_status": Rule(
        "opening_row",
        each("implementation_status", "in_progress"),
        each("implementation_status", ""),
    ),
    "opening_row_completed_by_as_of": Rule(
        "opening_row", each("completed_on", None, BEFORE, TODAY), each("completed_on", AFTER)
    ),
    "opening_row_closed_is_not_rated": Rule(
        "opening_row",
        [*each("implementation_status", *CLOSED), {"confidence": "green"}],
        [{"implementation_status": status, "confidence": "green"} for status in CLOSED],
    ),
}

FIRST: Values = {
    "number": 0,
    "old_date": None,
    "requested_by": "manager",
    "state": "approved",
    **DECIDED,
}


def decisions_on(row: str, *free: Values) -> dict[str, Rule]:
    """What is requested by staff is decided by another, with who and when; ``free`` may be else."""
    own = {"decided_by": "staff"}
    rejected = {"state": "rejected", "decision_note": "No."}
    return {
        f"{row}_decision_together": Rule(
            row,
            [{}, {**DECIDED, "state": "approved"}, {**DECIDED, **rejected}],
            [
                {"state": "approved", "decided_at": NOW},
                {"state": "approved", "decided_by": "manager"},
                DECIDED,
                {"state": "withdrawn"},
                {"decision_note": "No."},
            ],
        ),
        f"{row}_decided_by_another": Rule(
            row,
            [{"state": "approved"}, {"state": "withdrawn", **own}, *free],
            [{"state": "approved", **own}, {**rejected, **own}, {"state": "withdrawn"}],
            base=DECIDED,
        ),
        f"{row}_rejected_with_note": Rule(
            row,
            each("decision_note", "No."),
            each("decision_note", ""),
            base={**DECIDED, "state": "rejected"},
        ),
    }


"""The first row of the ledger of dates may be decided by who set it."""
DONE = {"state": "done", "started_on": TODAY}

COMMITMENTS: dict[str, Rule] = {
    "addressee_is_one_of_both": Rule(
        "addressee",
        [{}, {"area": "kenya", "organisation": None}],
        [{"area": "kenya"}, {"organisation": None}],
    ),
    "addressee_removed_together": ended("addressee"),
    "response_part_is_named": Rule(
        "response",
        [{}, {"position": "accepted_in_part", "part_accepted": "The first half."}],
        [
            {"position": "accepted_in_part"},
            *(
                {"position": position, "part_accepted": "A half."}
                for position in ("accepted", "accepted_in_principle", "awaiting", "withdrawn")
            ),
        ],
    ),
    "response_rejection_has_reason": Rule(
        "response", [{"position": "rejected", "reason": "No money."}], [{"position": "rejected"}]
    ),
    "response_due_only_while_awaited": Rule(
        "response",
        each("position", "awaiting"),
        each("position", "accepted", "not_for_us", "withdrawn"),
        base={"due_on": TODAY},
    ),
    "action_done_has_day": Rule(
        "action",
        [{}, {"state": "done", "done_on": TODAY}],
        [{"state": "done"}, {"done_on": TODAY}],
    ),
    "action_dropped_has_reason": Rule(
        "action",
        [{}, {"state": "dropped", "dropped_reason": "Not needed."}],
        [{"state": "dropped"}, {"dropped_reason": "Not needed."}],
    ),
    "action_begun_has_start": Rule(
        "action",
        [{}, {"state": "in_progress", "started_on": TODAY}, {"started_on": TODAY}],
        [{"state": "in_progress"}],
    ),
    "action_days_in_order": Rule(
        "action", [{**DONE, "done_on": TODAY}], [{**DONE, "done_on": BEFORE}]
    ),
    **decisions_on("date_change", FIRST),
    **decisions_on("undo_request"),
    "undo_request_has_reason": not_empty("undo_request", "reason"),
    "undo_request_of_one_thing": Rule(
        "undo_request",
        [{}, {"sequence": None, "batch": "opening_batch"}],
        [{"sequence": None}, {"batch": "opening_batch"}, {"import_run": "import_run"}],
    ),
    "date_change_has_reason": not_empty("date_change", "reason"),
    "date_change_changes_something": Rule(
        "date_change",
        [{"new_date": None}, {"old_date": None}],
        [{"new_date": BEFORE}, {"old_date": None, "new_date": None}],
    ),
    "date_change_first_sets_a_date": Rule(
        "date_change",
        [FIRST],
        [
            {**FIRST, "old_date": BEFORE},
            {**FIRST, "old_date": BEFORE, "new_date": None},
            {"number": 0, "old_date": None},
        ],
    ),
}

TARGETS: Values = {"recommendation": None, "update": None, "observation": None, "response": None}
TARGET_ROWS = {
    "recommendation": "recommendation",
    "update": "submitted",
    "observation": "observation",
    "response": "response",
}
OF_CHANGE: Values = {"file": None, "file_name": "", "link": None}
FILE: Values = {"file": "file", "file_name": "b.pdf"}
LINK: Values = {"link": "link"}
ANSWERED: Values = {
    "answer": "It is out of date.",
    "answered_at": NOW,
    "answered_by": "manager",
}


def of_target(name: str, *stances: str) -> list[Values]:
    """Links of an item of evidence to one target, of each of these stances."""
    return [{**TARGETS, name: TARGET_ROWS[name], "stance": stance} for stance in stances]


EVIDENCE: dict[str, Rule] = {
    "evidence_can_be_looked_up": Rule(
        "item",
        [
            {"url": "https://example.org/", "citation": ""},
            {"url": "", "citation": "Page 1"},
            {"url": "", "citation": "", "last_revision": 1},
        ],
        [{"url": "", "citation": ""}],
    ),
    "evidence_date_has_precision": Rule(
        "item",
        [
            {"effective_on": TODAY, "effective_precision": "month"},
            {"effective_on": None, "effective_precision": "unknown"},
        ],
        [
            {"effective_on": TODAY, "effective_precision": "unknown"},
            {"effective_on": None, "effective_precision": "day"},
        ],
    ),
    "evidence_expires_after_effective": Rule(
        "item",
        [
            {"effective_on": BEFORE, "expires_on": TODAY},
            {"effective_on": TODAY, "expires_on": TODAY},
            {"effective_on": TODAY, "expires_on": None},
            {"effective_on": None, "effective_precision": "unknown", "expires_on": TODAY},
        ],
        [{"effective_on": TODAY, "expires_on": BEFORE}],
        base={"effective_precision": "day"},
    ),
    "link_has_one_target": Rule(
        "link",
        [{**TARGETS, name: row} for name, row in TARGET_ROWS.items()],
        [
            {**TARGETS, **dict(several)}
            for size in (2, 3, 4)
            for several in combinations(TARGET_ROWS.items(), size)
        ],
        base={"stance": "background"},
    ),
    "link_stance_fits_target": Rule(
        "link",
        [
            *of_target("recommendation", "need", "background"),
            *of_target("update", "supports", "undermines", "background"),
            *of_target("observation", "supports", "undermines"),
        ],
        [
            *of_target("recommendation", "supports", "undermines"),
            *of_target("update", "need"),
            *of_target("observation", "need"),
        ],
    ),
    "link_answer_together": Rule(
        "link", breaks=[{**ANSWERED, "stance": "supports"}], together=ANSWERED
    ),
    "link_agreed_where_it_waits": Rule(
        "link",
        [{}, {"waits_for_agreement": True}, {"waits_for_agreement": True, "agreed_at": NOW}],
        [{"agreed_at": NOW}],
    ),
    "link_removed_together": ended("link"),
    "check_removed_together": ended("check_made"),
    "evidence_change_fits_kind": Rule(
        "change",
        [{"kind": "wording"}, {"kind": "file", **FILE}, {"kind": "link", **LINK}],
        [
            {"kind": "wording", **FILE},
            {"kind": "wording", **LINK},
            {"kind": "file"},
            {"kind": "file", **FILE, "file_name": ""},
            {"kind": "file", **FILE, **LINK},
            {"kind": "link"},
            {"kind": "link", **LINK, **FILE},
        ],
        base=OF_CHANGE,
    ),
    "evidence_change_decided_together": Rule(
        "change",
        [{}, {**DECIDED, "state": "approved"}],
        [
            *({"decided_at": NOW}, {"decided_by": "manager"}, {"decision_note": "So."}),
            {"state": "approved", "decided_at": NOW},
            {"state": "approved", "decided_by": "manager"},
        ],
    ),
    "evidence_change_decided_by_another": Rule(
        "change",
        [
            {"state": "approved"},
            {"state": "rejected"},
            {"state": "withdrawn", "decided_by": "staff"},
        ],
        [
            {"state": "approved", "decided_by": "staff"},
            {"state": "rejected", "decided_by": "staff"},
            {"state": "withdrawn"},
        ],
        base={**DECIDED, "decision_note": "So."},
    ),
    "evidence_change_rejected_with_note": Rule(
        "change",
        each("decision_note", "So."),
        each("decision_note", ""),
        base={**DECIDED, "state": "rejected"},
    ),
    "file_digest_is_sha256": digest_of("file", "sha256"),
    "file_is_not_empty": Rule("file", each("size", 1), each("size", 0)),
    "file_scan_together": Rule(
        "file",
        [
            *each("scan", "not_asked", "waiting"),
            *({"scan": scan, "scanned_at": NOW} for scan in ("clean", "refused")),
        ],
        [
            *each("scan", "clean", "refused"),
            *({"scan": scan, "scanned_at": NOW} for scan in ("waiting", "not_asked")),
        ],
    ),
    "file_redacted_together": ended("file", "redacted"),
    "revision_counts_from_one": Rule("revision", each("number", 1), each("number", 0)),
    "revision_has_a_name": not_empty("revision", "original_name"),
}

CODES = {"iso2": "KE", "iso3": "KEN", "m49": "404"}
UNDONE: Values = {"undone_at": NOW, "undone_by": "manager", "undo_reason": "So."}
MISSING = {"value": None, "obs_status": "M"}

FIGURES: dict[str, Rule] = {
    "indicator_code_is_slug": Rule(
        "indicator",
        each("code", "IT.NET.USER.ZS", "5-b-1", "x_y"),
        each("code", "", ".x", "a b", "a/b", "é"),
    ),
    "indicator_link_removed_together": ended("indicator_link"),
    "target_says_something": Rule(
        "target",
        [
            {"value": "0", "text": ""},
            {"value": None, "text": "more than 150"},
            {"value": "150", "text": "more than 150"},
        ],
        [{"value": None, "text": ""}],
    ),
    "target_change_has_reason": Rule(
        "target",
        [{}, {"replaces": "earlier", "reason": "A slip."}],
        [{"replaces": "earlier", "reason": ""}],
    ),
    "observation_says_something": Rule(
        "observation",
        [
            {"value": "0", "text": ""},
            {"value": None, "text": "more than 150"},
            {"value": None, "text": "", "obs_status": "M"},
        ],
        [{"value": None, "text": ""}],
    ),
    "observation_missing_has_no_value": Rule(
        "observation",
        [{"value": None, "text": ""}],
        [{"value": "0"}, {"value": None, "text": "none"}],
        base={"obs_status": "M"},
    ),
    "observation_source_status_fits": Rule(
        "observation",
        [
            *({}, {"source_status": "D"}, MISSING),
            *({**MISSING, "source_status": code} for code in "HLMOQ"),
        ],
        [
            *each("source_status", *"HLMOQ"),
            {**MISSING, "source_status": "D"},
            {"obs_status": "E", "source_status": "D"},
        ],
    ),
    "observation_days_in_order": Rule(
        "observation",
        [{"first_day": BEFORE, "last_day": TODAY}, {"first_day": TODAY, "last_day": TODAY}],
        [{"first_day": TODAY, "last_day": BEFORE}],
    ),
    "confirmation_by_second_person": Rule(
        "confirmation",
        [{"confirmed_by": "other_manager"}, {"recorded_by": None}],
        [{"confirmed_by": "manager"}, {"recorded_by": "staff"}],
    ),
    "import_run_digest_is_sha256": digest_of("import_run", "file_sha256"),
    "import_run_changed_something": Rule(
        "import_run",
        [{"new": 1, "revised": 1}, {"new": 0, "revised": 1}, {"new": 1, "revised": 0}],
        [{"new": 0, "revised": 0}],
    ),
    "import_run_undone_together": Rule(
        "import_run",
        breaks=[{**UNDONE, "undone_at": NOW - timedelta(seconds=1)}],
        together=UNDONE,
    ),
    "area_codes_have_their_form": Rule(
        "kenya",
        [CODES, dict.fromkeys(CODES, ""), *({missing: ""} for missing in CODES)],
        [
            *each("iso2", "K", "ke", "K1", "K "),
            *each("iso3", "KE", "ken", "K3N"),
            *each("m49", "4", "40a", "KEN"),
        ],
        base=CODES,
    ),
    "area_part_is_of_something": Rule(
        "group",
        [
            {"kind": "part", "parent": "kenya"},
            {"kind": "region", "parent": "kenya"},
            {"kind": "region", "parent": None},
        ],
        [{"kind": "part", "parent": None}],
    ),
    "area_alias_removed_together": ended("alias"),
    "membership_is_of_another": Rule("membership", [{}], each("member", "group")),
    "membership_days_in_order": Rule(
        "membership",
        [
            {},
            {"valid_from": TODAY},
            {"valid_to": TODAY},
            {"valid_from": BEFORE, "valid_to": TODAY},
            {"valid_from": TODAY, "valid_to": TODAY},
        ],
        [{"valid_from": TODAY, "valid_to": BEFORE}],
    ),
    "membership_removed_together": ended("membership"),
}

RULES = {**RECOMMENDATIONS, **PEOPLE, **UPDATES, **COMMITMENTS, **EVIDENCE, **FIGURES}


class CheckTests(ConstraintTestCase):
    def test_each_rule_accepts_what_holds_and_refuses_what_breaks_it(self) -> None:
        for name, rule in RULES.items():
            row: models.Model = getattr(self, rule.row)
            holds, breaks = self.parts(row, rule.together)
            for values in (*rule.holds, *holds):
                with self.subTest(name, holds=values), self.undone():
                    self.write(row, {**rule.base, **values})
            for values in rule.free:
                with self.subTest(name, free=values), self.undone():
                    self.write(row, values)
            for values in (*rule.breaks, *breaks):
                with self.subTest(name, breaks=values), self.refused(name):
                    self.write(row, {**rule.base, **values})

    def parts(self, row: models.Model, values: Values) -> tuple[list[Values], list[Values]]:
        """All of it and none of it; then each part of it, with the rest empty."""
        fields = {name: row._meta.get_field(name) for name in values}
        texts = (models.CharField, models.TextField)
        empty = {name: "" if isinstance(fields[name], texts) else None for name in values}
        some: list[Values] = [
            {**empty, **{name: values[name] for name in names}}
            for size in range(1, len(values))
            for names in combinations(values, size)
        ]
        return [values, empty] if values else [], some

    @contextmanager
    def undone(self) -> Any:
        """What is written inside is not there afterwards."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    @contextmanager
    def refused(self, name: str) -> Any:
        with self.assertRaises(IntegrityError) as refusal, self.undone():
            yield
        self.assertIn(name, str(refusal.exception))

    def test_every_constraint_is_tried_and_is_in_the_database(self) -> None:
        """A constraint without its row in these tables is one that nobody tried."""
        named = set()
        for model in apps.get_app_config("recommendations").get_models():
            names = {constraint.name for constraint in model._meta.constraints}
            named |= names
            with connection.cursor() as cursor:
                found = connection.introspection.get_constraints(cursor, model._meta.db_table)
            self.assertLessEqual(names, found.keys())
        self.assertEqual(named, RULES.keys() | ONCE.keys())
