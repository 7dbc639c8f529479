"""Which events of the audit log are changes on record, and what each of them is about.

``tests/queries/test_changes.py`` asks that every verb of the log is either here or among those that
change nothing on record.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Cast

from recommendations.choices import Stance, UpdateState
from recommendations.choices.changes import ChangeKind
from recommendations.models import EvidenceLink

NOT_ON_RECORD = frozenset(
    {
        # Work under way: what comes of it is approved, decided or sent, or is nothing.
        *("carry_evidence", "draft", "drop_evidence", "hand_over", "keep_evidence", "mark_part"),
        *("reject_date", "request_date", "return", "save", "submit", "unmark_part"),
        *("withdraw", "withdraw_date", "leave_out", "go_on_with_row"),
        *("propose_evidence", "reject_evidence", "withdraw_evidence"),
        # What follows from another event, which tells it.
        *("move_date", "set_review", "baseline"),
        # What another event of the same entry does.
        "approve_evidence",
        # What people say to each other, are told, look at or set for themselves.
        *("comment", "watch", "stop_watching", "save_view", "change_view", "remove_view"),
        *("set_notifications", "unsubscribe", "create_calendar", "revoke_calendar"),
        *("send_round", "extend_round", "remind_round", "close_round", "sign_off"),
        # People and their accounts.
        *("accept_invitation", "invite", "refuse_invitation", "withdraw_invitation"),
        *("deactivate", "reactivate", "release", "renew_hash", "set_password"),
        "send_password_link",
        *("add_deputy", "end_deputy"),
        # The machinery.
        *("accept_future_event", "back_up", "check_files", "clear_fault", "find_fault", "give_up"),
        *("load_database", "mend", "restore_backup", "scan", "send_again", "store", "verify_audit"),
        # Areas, and values of indicators, which belong to no recommendation.
        "import_areas",
        *("confirm", "confirm_import", "import_figures", "observe", "set_target", "undo_import"),
    }
)
"""Verbs of events by which nothing changes that a page says of a recommendation."""

BY_VERB: Mapping[str, ChangeKind] = {
    "add_action": ChangeKind.ACTION,
    "add_file": ChangeKind.EVIDENCE,
    "add_part": ChangeKind.PART,
    "agree_link": ChangeKind.EVIDENCE,
    "answer": ChangeKind.CONTRADICTION,
    "apply_change": ChangeKind.EVIDENCE,
    "approve": ChangeKind.STATUS,
    "approve_batch": ChangeKind.STATUS,
    "approve_date": ChangeKind.DATE,
    "archive": ChangeKind.PUBLICATION,
    "archive_many": ChangeKind.PUBLICATION,
    "change_action": ChangeKind.ACTION,
    "change_hands": ChangeKind.RESPONSIBILITY,
    "change_part": ChangeKind.PART,
    "check": ChangeKind.EVIDENCE,
    "end_check": ChangeKind.EVIDENCE,
    "end_contradiction": ChangeKind.CONTRADICTION,
    "hand_over_all": ChangeKind.RESPONSIBILITY,
    "judge": ChangeKind.EVIDENCE,
    "publish": ChangeKind.PUBLICATION,
    "publish_many": ChangeKind.PUBLICATION,
    "redact": ChangeKind.WORDING,
    "redact_file": ChangeKind.EVIDENCE,
    "relate": ChangeKind.OTHER,
    "remove_part": ChangeKind.PART,
    "respond": ChangeKind.RESPONSE,
    "restore": ChangeKind.PUBLICATION,
    "restore_many": ChangeKind.PUBLICATION,
    "set_date": ChangeKind.DATE,
    "succeed": ChangeKind.RESPONSIBILITY,
    "undo_batch": ChangeKind.STATUS,
    "unpublish": ChangeKind.PUBLICATION,
    "unpublish_many": ChangeKind.PUBLICATION,
    "unrelate": ChangeKind.OTHER,
    "withdraw_check": ChangeKind.EVIDENCE,
}
"""What an event is about, where its verb says so."""

BY_ROW = frozenset(
    {
        *("attach", "change", "change_many", "create", "detach", "import", "load"),
        *("remove", "revise", "undo_many"),
    }
)
"""Verbs of which the row says it."""

BY_TYPE: Mapping[str, ChangeKind] = {
    "recommendations.action": ChangeKind.ACTION,
    "recommendations.evidence": ChangeKind.EVIDENCE,
    "recommendations.evidencecheck": ChangeKind.EVIDENCE,
    "recommendations.evidencelink": ChangeKind.EVIDENCE,
    "recommendations.evidencerevision": ChangeKind.EVIDENCE,
    "recommendations.indicatorlink": ChangeKind.INDICATOR,
    "recommendations.part": ChangeKind.PART,
    "recommendations.recommendation": ChangeKind.WORDING,
    "recommendations.response": ChangeKind.RESPONSE,
    "recommendations.statusupdate": ChangeKind.STATUS,
    "recommendations.targetdatechange": ChangeKind.DATE,
}
"""What an event is about, by what it changed; anything else is some other change."""

BY_FIELD: Mapping[str, ChangeKind] = {
    **dict.fromkeys(
        ("title", "summary", "quoted_text", "locator", "rationale", "modality", "wording_reason"),
        ChangeKind.WORDING,
    ),
    **dict.fromkeys(
        ("lead", "lead_officer", "reviewer", "contributors", "interval_months"),
        ChangeKind.RESPONSIBILITY,
    ),
    **dict.fromkeys(("published_at", "archived_at", "archive_reason"), ChangeKind.PUBLICATION),
}
"""Of a recommendation, what its fields are about."""

LINK, RECOMMENDATION = "recommendations.evidencelink", "recommendations.recommendation"


def kind_of(verb: str, object_type: str, changes: Mapping[str, Any]) -> ChangeKind:
    """What an event that is on record is about; of several fields the weightiest."""
    if verb in BY_VERB:
        return BY_VERB[verb]
    if object_type == RECOMMENDATION:
        if changes.get("title", ["", ""])[0] is None:
            return ChangeKind.ADDED
        kinds = [BY_FIELD.get(name, ChangeKind.OTHER) for name in changes]
        return min(kinds, key=list(ChangeKind).index, default=ChangeKind.OTHER)
    if object_type == LINK and changes.get("stance", ["", ""])[1] == Stance.UNDERMINES:
        return ChangeKind.CONTRADICTION
    return BY_TYPE.get(object_type, ChangeKind.OTHER)


def on_record(events: QuerySet[Any]) -> QuerySet[Any]:
    """Those of these events that change what is on record.

    A link of evidence counts once its update was approved: before, it is part of a draft.
    """
    key = Case(
        When(object_type=LINK, then=Cast("object_id", BigIntegerField())),
        output_field=BigIntegerField(),
    )
    approved = Q(update__state=UpdateState.APPROVED, update__decided_at__lte=OuterRef("at"))
    stands = EvidenceLink.objects.filter(Q(update__isnull=True) | approved, pk=OuterRef("link_key"))
    found: QuerySet[Any] = events.exclude(verb__in=NOT_ON_RECORD).annotate(link_key=key)
    return found.filter(~Q(object_type=LINK) | Exists(stands.order_by()))


def rows_on_record(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those rows of bulk events that are each a change; of a batch those of its statuses."""
    of_batch = Q(event__verb="approve_batch", object_type="recommendations.statusupdate")
    taken_back = Q(event__verb="undo_batch", object_type="recommendations.openingrow")
    batches = ("approve_batch", "undo_batch")
    return rows.exclude(event__verb__in=NOT_ON_RECORD).filter(
        ~Q(event__verb__in=batches) | of_batch | taken_back
    )
