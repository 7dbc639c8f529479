"""Events of the audit log in words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from itertools import chain, groupby
from operator import or_
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField, DateField, DateTimeField, F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.audit.rewind import changes_in
from recommendations.audit.snapshots import SECRET
from recommendations.audit.verify import as_key
from recommendations.choices import SKIPPED, BulkChange
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Recommendation,
    StatusUpdate,
)
from recommendations.models.people import PERSON_NAME, person_name
from recommendations.queries.fields import value_in_words
from recommendations.queries.publicity import IMPORTED, marks_of

# ---- What each event of the audit log is called: one table, from the verb that an action records.
# ``tests/queries/test_log_words.py`` reads the code for verbs and asks that each has its words
# here.

Words = str | Promise

ACTIONS: Mapping[str, Words] = {
    "accept_invitation": capfirst(gettext_lazy("invitation accepted")),
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
    "approve_undo": gettext_lazy("Request to undo approved"),
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
    "create_token": gettext_lazy("API token created"),
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
    "give_up": gettext_lazy("Undelivered message discarded"),
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
    "record_decision": gettext_lazy("Decision recorded"),
    "redact": gettext_lazy("Text redacted"),
    "redact_file": gettext_lazy("File redacted"),
    "refuse_invitation": gettext_lazy("Invitation refused"),
    "reject_date": gettext_lazy("Date change rejected"),
    "reject_evidence": gettext_lazy("Change of evidence rejected"),
    "reject_undo": gettext_lazy("Request to undo rejected"),
    "release_open_data": gettext_lazy("Open data released"),
    "relate": gettext_lazy("Relation added"),
    "release": gettext_lazy("Pause of sign-in ended"),
    "remind_round": gettext_lazy("Reminders of a reporting round sent"),
    "remove": gettext_lazy("Record removed"),
    "remove_part": gettext_lazy("Part removed"),
    "remove_view": gettext_lazy("Saved view removed"),
    "renew_hash": gettext_lazy("Password storage upgraded"),
    "request_date": gettext_lazy("Date change requested"),
    "request_undo": gettext_lazy("Undoing requested"),
    "respond": gettext_lazy("Response recorded"),
    "restore": gettext_lazy("Recommendation restored"),
    "restore_many": gettext_lazy("Recommendations restored in bulk"),
    "restore_backup": gettext_lazy("Backup restored"),
    "return": gettext_lazy("Update returned"),
    "revise": gettext_lazy("Recommendation edited"),
    "save": gettext_lazy("Draft saved"),
    "save_view": gettext_lazy("View saved"),
    "scan": gettext_lazy("File scanned for malware"),
    "send_again": gettext_lazy("Message queued again"),
    "send_round": gettext_lazy("Reporting round sent"),
    "revoke_calendar": gettext_lazy("Calendar address revoked"),
    "revoke_token": gettext_lazy("API token revoked"),
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
    "undo_list": gettext_lazy("Import of recommendations undone"),
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
    "withdraw_decision": gettext_lazy("Decision withdrawn"),
    "withdraw_evidence": gettext_lazy("Change of evidence withdrawn"),
    "withdraw_invitation": gettext_lazy("Invitation withdrawn"),
    "withdraw_undo": gettext_lazy("Request to undo withdrawn"),
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
    "asks_confirmation": capfirst(gettext_lazy("needs confirmation")),
    "changed": gettext_lazy("Changed rows"),
    "clock": gettext_lazy("Clock of the server"),
    "compared": gettext_lazy("Files compared"),
    "date_changes": capfirst(gettext_lazy("date changes")),
    "dates": gettext_lazy("Target dates"),
    "faults": gettext_lazy("Faults"),
    "file": capfirst(gettext_lazy("file")),
    "files": gettext_lazy("Files"),
    "format": capfirst(gettext_lazy("format")),
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
    "parts": capfirst(gettext_lazy("parts")),
    "pruned": gettext_lazy("Unused files deleted"),
    "rejected": gettext_lazy("Rejected rows"),
    "relations": gettext_lazy("Relations"),
    "reported_statuses": gettext_lazy("Imported status history"),
    "restored": gettext_lazy("Earlier values restored"),
    "rows": capfirst(gettext_lazy("rows")),
    "recommendations": gettext_lazy("Recommendations"),
    "rows_sha256": gettext_lazy("Checksum of the rows (SHA-256)"),
    "seconds": gettext_lazy("Seconds"),
    "sha256": gettext_lazy("Checksum of the file (SHA-256)"),
    "slice": gettext_lazy("Part of the file"),
    "signature": gettext_lazy("Signature"),
    **{f"skipped_{outcome}": outcome.label for outcome in SKIPPED},
    "texts": capfirst(gettext_lazy("recorded texts")),
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
    **dict.fromkeys(
        ["recommendations", *(name for name in COUNTS if name.startswith("skipped_"))],
        "recommendations.recommendation",
    ),
    "to": "recommendations.user",
    **dict.fromkeys(("updates", "withdrawn"), "recommendations.statusupdate"),
}
"""Kinds of the rows that the event of a hand-over lists by their keys."""

KINDS: Mapping[str, Words] = {
    "file": capfirst(gettext_lazy("file")),
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


_ROLES = ("recommendations.user", "groups")
"""The column of Django’s that holds the roles of a person."""


def label_text(object_type: str, name: str) -> str:
    """The label of a field or of a count, for people."""
    field = field_of(object_type, name)
    if (object_type, name) == _ROLES:
        return capfirst(_("roles"))
    label = getattr(field, "verbose_name", None) or COUNTS.get(name) or name.replace("_", " ")
    return capfirst(str(label))


# ---- What the rows are called that events speak of, and where they are shown: one statement a page

Key = tuple[str, str]
"""The label of a model, and the key of a row as events write it."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a row is called, and the address of the page that shows it; empty where none does."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Naming:
    """Where rows of a model have their title, and the argument of the page that shows them."""

    title: Any
    page: str = ""
    argument: Any = "pk"


def _joined(*parts: Any) -> Concat:
    return Concat(*parts, output_field=TextField())


def _of_recommendation(page: str, argument: str = "recommendation__reference") -> _Naming:
    title = _joined("recommendation__reference", Value(" "), "recommendation__title")
    return _Naming(title, page, argument)


def _of_evidence() -> _Naming:
    return _Naming("evidence__title", "evidence-detail", "evidence")


def _of_indicator(path: str = "indicator") -> _Naming:
    title = _joined(f"{path}__code", Value(" "), f"{path}__title")
    return _Naming(title, "indicator-detail", f"{path}__code")


def _of_addressee(path: str = "") -> _Naming:
    name = Coalesce(f"{path}area__name", f"{path}organisation__name", output_field=TextField())
    return _Naming(name, "response-list", f"{path}recommendation__reference")


_OF_PERSON = person_name("person__")

_NAMINGS: Mapping[str, _Naming] = {
    "action": _Naming("title", "recommendation-actions", "recommendation__reference"),
    "addressee": _of_addressee(),
    "apitoken": _Naming(_joined(_OF_PERSON, Value(": "), "name")),
    "area": _Naming("name", "area-detail", "code"),
    "areaalias": _Naming("alias", "area-detail", "area__code"),
    "calendaraddress": _Naming(_OF_PERSON),
    "comment": _Naming(
        Coalesce("recommendation__title", "update__recommendation__title"),
        "recommendation-comments",
        Coalesce("recommendation__reference", "update__recommendation__reference"),
    ),
    "deputy": _Naming(_OF_PERSON),
    "evidence": _Naming("title", "evidence-detail"),
    "evidencechange": _Naming("evidence__title", "evidence-change"),
    "evidencecheck": _of_evidence(),
    "evidencelink": _of_evidence(),
    "evidencerevision": _of_evidence(),
    "groupmembership": _Naming("member__name", "area-detail", "group__code"),
    "importrun": _Naming("file_name", "indicator-detail", "indicator__code"),
    "indicator": _Naming(_joined("code", Value(" "), "title"), "indicator-detail", "code"),
    "indicatorlink": _of_indicator(),
    "invitation": _Naming("email"),
    "notificationsettings": _Naming(_OF_PERSON),
    "observation": _of_indicator(),
    "observationconfirmation": _of_indicator("observation__indicator"),
    "openingbatch": _Naming("file_name", "opening-batch", "pk"),
    "openingrow": _of_recommendation("recommendation-detail"),
    "organisation": _Naming("name"),
    "part": _Naming(
        _joined("recommendation__reference", Value(" ("), "label", Value(")")),
        "recommendation-detail",
        "recommendation__reference",
    ),
    "partcompletion": _Naming(
        _joined("part__recommendation__reference", Value(" ("), "part__label", Value(")")),
        "update-detail",
        "update",
    ),
    "recommendation": _Naming(
        _joined("reference", Value(" "), "title"), "recommendation-detail", "reference"
    ),
    "recommendationrelation": _of_recommendation("recommendation-detail"),
    "reportedstatus": _of_recommendation("recommendation-reported"),
    "reportinground": _Naming("name", "round-detail"),
    "request": _of_recommendation("recommendation-detail"),
    "response": _of_addressee("addressee__"),
    "roundextension": _Naming(
        _joined("round__name", Value(", "), "organisation__name"), "round-detail", "round"
    ),
    "roundreminder": _Naming("round__name", "round-detail", "round"),
    "savedview": _Naming("name"),
    "signoff": _Naming(
        Coalesce("source__short_title", "recommendation__reference", output_field=TextField()),
        "sign-off",
    ),
    "source": _Naming("short_title", "source-detail", "slug"),
    "statusupdate": _of_recommendation("update-detail", "pk"),
    "steeringdecision": _Naming("body", "update-detail", "update"),
    "target": _of_indicator(),
    "targetdatechange": _of_recommendation("recommendation-dates"),
    "theme": _Naming("name"),
    "undorequest": _Naming(
        Coalesce("import_run__file_name", "batch__file_name", Value(""), output_field=TextField())
    ),
    "user": _Naming(PERSON_NAME),
    "watch": _Naming(_OF_PERSON),
    "webhook": _Naming(_joined(_OF_PERSON, Value(": "), "name")),
}


def names_of(wanted: Iterable[Key]) -> dict[Key, Named]:
    """What these rows are called, for readers of drafts; left out is what has no name of its own.

    One statement, however many rows of however many models.
    """
    keys: dict[str, set[Any]] = defaultdict(set)
    for label, key in wanted:
        name = label.removeprefix("recommendations.")
        if name not in _NAMINGS:
            continue
        if (pk := as_key(apps.get_model("recommendations", name), key)) is not None:
            keys[name].add(pk)
    if not keys:
        return {}
    first, *others = (_rows(name, pks) for name, pks in sorted(keys.items()))
    found = first.union(*others, all=True) if others else first
    named = {}
    for name, key, title, argument in found:
        page = _NAMINGS[name].page
        url = reverse(page, args=[argument]) if page and argument else ""
        named[f"recommendations.{name}", key] = Named(title, url)
    return named


def _rows(name: str, keys: set[Any]) -> QuerySet[Any, Any]:
    """Kind, key, title and argument of the page, of rows of one model."""
    naming = _NAMINGS[name]
    title = F(naming.title) if isinstance(naming.title, str) else naming.title
    model = apps.get_model("recommendations", name)
    rows: QuerySet[Any] = model._base_manager.filter(pk__in=keys)
    return rows.order_by().values_list(
        Value(name, output_field=CharField()),
        Cast("pk", CharField()),
        Cast(title, TextField()),
        Cast(naming.argument, CharField()),
    )


# ---- Events of the audit log in words: a sentence, and each change with its field

UPDATE = StatusUpdate._meta.label_lower

LONGEST = 300
"""Characters of a text that a row of the log shows; the page of its object has all of it."""

MOST_ROWS = 200
"""Rows of bulk events that one page of the log shows; the administration has all of them."""

SELECTION = "selection"
"""What the event of a bulk change is about, in place of the label of a model."""

Changes = Mapping[str, Sequence[Any]]

_DIGEST = re.compile(r"[0-9a-f]{64}")


UNTOLD = {"key", "signature"}
"""What says nothing to a reader: by the first a form that was sent twice is known."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one event, before and after, as text; ``name`` is that of its column."""

    label: str
    before: str
    after: str
    name: str = ""
    is_default: bool = False
    """Whether a new row holds what its column has where nothing is given."""

    @property
    def is_digest(self) -> bool:
        """Whether it holds a SHA-256, which people do not read but compare."""
        return bool(_DIGEST.fullmatch(self.after or self.before))


_SAID = {
    *("reference", "number", "source", "recommendation"),
    *("file_name", "recorded_at", "recorded_by", "opened_on"),
}
"""Columns of a new row that say what its name says, or the event that it came with."""


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What a bulk event changed in one row."""

    kind_label: str
    named: Named
    changes: tuple[Change, ...]
    row: AuditRow

    @property
    def telling(self) -> list[Change]:
        """Those that tell people something: nothing empty, no digest, no default, and of a new row
        nothing that its name or its event says."""
        title = next((each.after for each in self.changes if each.name == "title"), "")
        return [
            each
            for each in self.changes
            if not (each.is_digest or each.is_default)
            and (each.before or each.after not in ("", title))
            and (each.before or each.name not in _SAID)
        ]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event as the log shows it, with those rows of a bulk event that were asked for."""

    event: AuditEvent
    named: Named
    reason: str
    changes: tuple[Change, ...]
    rows: tuple[RowChanges, ...] = ()

    @property
    def action(self) -> str:
        """What happened, such as "Evidence file added"."""
        return action_text(self.event.verb, self.event.object_type)

    @property
    def by(self) -> str:
        """Who did it; empty where that was the system."""
        return str(self.event.actor or "")

    @property
    def pattern(self) -> str:
        """The sentence, with names for ``action``, ``title`` and ``name``."""
        if self.named.title and self.by:
            return _("%(action)s: %(title)s, by %(name)s")
        if self.named.title:
            return _("%(action)s: %(title)s, by the system")
        return _("%(action)s, by %(name)s") if self.by else _("%(action)s, by the system")

    @property
    def sentence(self) -> str:
        """The event as one sentence."""
        return self.pattern % {"action": self.action, "title": self.named.title, "name": self.by}

    @property
    def beside(self) -> Recommendation | None:
        """The recommendation that it is about, where the title does not begin with it."""
        found = self.event.recommendation
        return None if found and self.named.title.startswith(f"{found.reference} ") else found


@dataclass(frozen=True, slots=True)
class LogAct:
    """Events that were recorded together: in one request, or by one run of a command."""

    rows: tuple[LogRow, ...]

    @property
    def is_group(self) -> bool:
        return len(self.rows) > 1

    @property
    def day(self) -> date:
        """The day under which the log shows it."""
        return localtime(self.rows[0].event.at).date()

    @property
    def level(self) -> int:
        """Level of the headings of its events: that of a group is above them."""
        return 5 if self.is_group else 4


def log_rows(
    events: Iterable[AuditEvent],
    wanted: QuerySet[AuditRow] | None = None,
    most: int | None = MOST_ROWS,
) -> list[LogRow]:
    """Rows for one page of events; their texts take one query, what they speak of another.

    What was renamed since takes one more. Where rows of bulk events are ``wanted``, so many of
    these events take one, and so does what became of the updates among them.
    """
    shown = list(events)
    changes_of: dict[int, Changes] = {event.pk: changes_in(event.payload) for event in shown}
    found = [] if wanted is None else list(wanted.filter(event__in=changes_of)[:most])
    of_rows: dict[int, Changes] = {row.pk: changes_in(row.changes) for row in found}
    told = [
        *((event.object_type, event.object_id, changes_of[event.pk]) for event in shown),
        *((row.object_type, row.object_id, of_rows[row.pk]) for row in found),
    ]
    titles = _titles_since([*shown, *found])
    given = ({"title": sides} for each in titles.values() for _sequence, sides in each)
    words = _Words(
        texts_in([*(changes for _kind, _key, changes in told), *given]),
        _marked(names_of(chain.from_iterable(_spoken_of(*each) for each in told))),
        titles,
    )
    rows: dict[int, list[RowChanges]] = defaultdict(list)
    for row in found:
        rows[row.event_id].append(words.row(row, of_rows[row.pk]))
    return [words.event(event, changes_of[event.pk], rows[event.pk]) for event in shown]


_TITLES = ("title", "name", "short_title")
"""Columns that rows are called by."""

Titles = Mapping[Key, Sequence[tuple[int, Sequence[Any]]]]
"""Of rows each change of what they are called: the number of its event, before and after."""


def _titles_since(entries: Sequence[AuditEvent | AuditRow]) -> Titles:
    """Which of the rows that these speak of, or that name them, were renamed later; one query."""
    if not entries:
        return {}
    keys: dict[str, set[str]] = defaultdict(set)
    for each in entries:
        keys[each.object_type].add(each.object_id)
        if each.recommendation_id is not None:
            keys[Recommendation._meta.label_lower].add(str(each.recommendation_id))
    first = min(_number_of(each) for each in entries)
    about = reduce(or_, (Q(object_type=kind, object_id__in=ids) for kind, ids in keys.items()))

    def renaming(column: str) -> Q:
        return reduce(or_, (Q(**{f"{column}__contains": f'"{name}":['}) for name in _TITLES))

    of = ("object_type", "object_id")
    events = AuditEvent.objects.filter(about, renaming("payload"), sequence__gt=first).order_by()
    rows = AuditRow.objects.filter(about, renaming("changes"), event__gt=first).order_by()
    told = events.values_list("sequence", *of, "payload").union(
        rows.values_list("event_id", *of, "changes"), all=True
    )
    found: dict[Key, list[tuple[int, Sequence[Any]]]] = defaultdict(list)
    for number, kind, key, changes in sorted(told):
        for name, sides in changes_in(changes).items():
            if name in _TITLES and None not in sides:
                found[kind, key].append((number, sides))
    return found


def _number_of(entry: AuditEvent | AuditRow) -> int:
    return entry.event_id if isinstance(entry, AuditRow) else entry.sequence


def _marked(names: dict[Key, Named]) -> dict[Key, Named]:
    """The same, where updates that were retracted, corrected or undone say so; one query if any."""
    marks = marks_of(int(key) for label, key in names if label == UPDATE)
    found = {(UPDATE, str(pk)): mark for pk, mark in marks.items()}
    words = _("%(label)s (%(detail)s)")
    return names | {
        key: replace(names[key], title=words % {"label": names[key].title, "detail": mark.text})
        for key, mark in found.items()
    }


def _spoken_of(object_type: str, object_id: str, changes: Changes) -> Iterator[Key]:
    """The rows that an event speaks of: its object, and those that its fields refer to."""
    yield object_type, object_id
    for name, sides in changes.items():
        if label := refers_to(object_type, name):
            for side in sides:
                for key in side if isinstance(side, list) else [side]:
                    yield label, str(key)


def log_acts(rows: Iterable[LogRow]) -> list[LogAct]:
    """Rows of the log, those together that follow each other and were recorded together.

    Events of versions before acts had an id stand alone.
    """
    grouped = groupby(rows, lambda row: row.event.request_id or row.event.sequence)
    return [LogAct(tuple(act)) for _key, act in grouped]


def head_of_chain() -> ChainHead | None:
    """The head of the chain; none before the first event."""
    return ChainHead.objects.filter(pk=1).first()


def texts_in(payloads: Iterable[Changes]) -> dict[str, AuditText]:
    """The stored texts that the changes of some events refer to, by digest."""
    digests = {
        side["text"]
        for changes in payloads
        for sides in changes.values()
        for side in sides
        if isinstance(side, dict)
    }
    return AuditText.objects.in_bulk(digests)


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts and the names that the events of a page refer to."""

    texts: Mapping[str, AuditText]
    names: Mapping[Key, Named]
    titles: Titles

    def event(self, event: AuditEvent, changes: Changes, rows: Iterable[RowChanges]) -> LogRow:
        return LogRow(
            event=event,
            named=self._named(event, changes),
            reason=event.reason.text if event.reason else "",
            changes=self.changes(event.object_type, changes),
            rows=tuple(rows),
        )

    def _named(self, event: AuditEvent, changes: Changes) -> Named:
        if event.object_type == SELECTION:
            return _named_selection(event)
        named = self.name_then(event)
        if not named.title and "file" in changes:
            # An import is known by its file, and that of a list has a page.
            is_list = event.verb == IMPORTED and "source" in changes
            page = reverse("bulk-change", args=[event.sequence]) if is_list else ""
            return Named(self._value(event.object_type, "file", changes["file"][-1]), page)
        return named

    def row(self, row: AuditRow, changes: Changes) -> RowChanges:
        return RowChanges(
            kind_text(row.object_type),
            self.name_then(row),
            self.changes(row.object_type, changes),
            row,
        )

    def name_then(self, entry: AuditEvent | AuditRow) -> Named:
        """What an entry is about as it was called then, and as it is today if that differs."""
        named = self.name(entry.object_type, entry.object_id)
        about = (Recommendation._meta.label_lower, str(entry.recommendation_id))
        for key in ((entry.object_type, entry.object_id), about):
            later = [sides for n, sides in self.titles.get(key, ()) if n > _number_of(entry)]
            if not later:
                continue
            then, now = (self._value(*key, side) for side in (later[0][0], later[-1][1]))
            if then != now and now and now in named.title:
                words = {"then": named.title.replace(now, then), "now": now}
                return replace(named, title=_("%(then)s (now “%(now)s”)") % words)
        return named

    def name(self, object_type: str, key: str) -> Named:
        return self.names.get((object_type, key)) or Named("")

    def changes(self, object_type: str, changes: Changes) -> tuple[Change, ...]:
        return tuple(
            Change(
                label_text(object_type, name),
                *self._sides(object_type, name, *sides),
                name,
                _is_default(field_of(object_type, name), *sides),
            )
            for name, sides in changes.items()
            if name not in UNTOLD
        )

    def _sides(self, object_type: str, name: str, before: Any, after: Any) -> tuple[str, str]:
        if name in SECRET:
            return _("set"), _("changed")
        return self._side(object_type, name, before), self._side(object_type, name, after)

    def _side(self, object_type: str, name: str, side: Any) -> str:
        each = side if isinstance(side, list) else [side]
        text = ", ".join(self._value(object_type, name, value) for value in each)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def _value(self, object_type: str, name: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):
            stored = self.texts.get(value["text"])
            return stored.text if stored else _("(text not available)")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if label := refers_to(object_type, name):
            return self.name(label, str(value)).title or str(value)
        field = field_of(object_type, name)
        if field is None:
            return place_text(str(value))
        if isinstance(field, DateTimeField):
            value = parse_datetime(value) or value
        elif isinstance(field, DateField):
            value = date.fromisoformat(value)
        return value_in_words(field.model, name, value)


def _is_default(field: Any, before: Any, after: Any) -> bool:
    return before is None and after is not None and getattr(field, "default", None) == after


def _named_selection(event: AuditEvent) -> Named:
    """What a bulk change did, and the page that shows its rows and can undo it."""
    change = event.object_id
    title = str(BulkChange(change).label) if change in BulkChange.values else ""
    page = reverse("bulk-change", args=[event.sequence])
    return Named(title or _("Event %(n)s") % {"n": change}, page)
