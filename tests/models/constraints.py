"""What the tests of constraints share: how a rule is written down, and one row of every kind.

Rows are written straight to their tables, so that it is the database itself that refuses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, models

from recommendations import audit, guards
from recommendations import models as tables
from recommendations.actions.mail.queue import new_mail
from tests.base import TrackerTestCase
from tests.imports.openings import planted
from tests.mail import LETTER
from tests.rows import needed, past_the_guards
from tests.updates import begin_draft

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
TODAY = date(2024, 6, 1)
BEFORE, AFTER = date(2024, 5, 1), date(2024, 6, 2)
DIGEST = "0123456789abcdef" * 4

Values = Mapping[str, Any]
"""Columns of a row. A relation has the name of a row below, or of a person."""


@dataclass(frozen=True)
class Rule:
    """What a row may and may not be turned into, each with ``base`` as well.

    ``together`` may be all there or all empty: any part of it alone breaks the rule. What is
    ``free`` is not asked for anything, and goes without the base.
    """

    row: str
    holds: Sequence[Values] = ()
    breaks: Sequence[Values] = ()
    base: Values = field(default_factory=dict)
    together: Values = field(default_factory=dict)
    free: Sequence[Values] = ()


@dataclass(frozen=True)
class Once:
    """What may be there once: a copy of the row is refused.

    ``differs`` has another value for each of the fields of the constraint: with any one of them the
    copy is no second. So it is with each of ``others``; and what is ``free`` may be there twice.
    The row and its copies have ``base``, and copies ``besides``, which other constraints ask for.
    """

    row: str
    differs: Values
    others: Sequence[Values] = ()
    free: Sequence[Values] = ()
    base: Values = field(default_factory=dict)
    besides: Values = field(default_factory=dict)


class ConstraintTestCase(TrackerTestCase):
    """One row of every kind that has constraints, by name."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with past_the_guards():
            _make_by_actions(cls)
            make_rows(cls, *ROWS)

    def setUp(self) -> None:
        """The constraints alone: a guard would refuse first. They are back with the rollback."""
        guards.drop(connection)

    def write(self, row: models.Model, values: Values) -> None:
        """Straight to the table: no ``save()``, no validation."""
        type(row)._base_manager.filter(pk=row.pk).update(**self.named(row, values))

    def named(self, row: models.Model, values: Values) -> dict[str, Any]:
        return named(self, row, values)


def named(case: Any, row: models.Model | type[models.Model], values: Values) -> dict[str, Any]:
    """The same values with rows of the test case in place of their names."""
    return {
        name: getattr(case, value)
        if isinstance(value, str) and row._meta.get_field(name).is_relation
        else value
        for name, value in values.items()
    }


def make_rows(case: Any, *names: str) -> None:
    """These of ``ROWS``, which become attributes; those that they name are attributes already."""
    there = (case.staff, case.ministry, case.source, case.recommendation, case.indicator)
    found: dict[type[Any], Any] = {type(row): row for row in there}
    for name in names:
        model, values = ROWS[name]
        given = named(case, model, values)
        row = model(**needed(model, given, found, NOW), **given)
        row.save(force_insert=True)
        found.setdefault(model, row)
        setattr(case, name, row)


def _make_by_actions(cls: Any) -> None:
    """What other rows are about, and rows that no short line makes."""
    cls.kenya = cls.make_area("KEN", name="Kenya", kind="country", name_fr="Le Kenya")
    cls.group = cls.make_area("group", name="A group", kind="group")
    cls.other_group = cls.make_area("other", name="Another group", kind="group")
    cls.second, cls.third = (cls.make_recommendation(title) for title in ("Second", "Third"))
    cls.indicator, cls.other_indicator = cls.make_indicator(), cls.make_indicator("OTHER")
    cls.submitted = cls.make_submitted(cls.recommendation)
    cls.approved = cls.make_approved(cls.second)
    cls.draft = begin_draft(
        recommendation=cls.recommendation, by=cls.staff, values={"as_of": TODAY}
    )
    cls.opening_row, other = (
        planted(cls.source, row, cls.staff, as_of=TODAY, number=row.number)
        for row in (cls.recommendation, cls.second)
    )
    cls.opening_batch, cls.other_batch = cls.opening_row.batch, other.batch
    with audit.entry(by=cls.manager) as entry:
        cls.event = entry.record("try", cls.recommendation, before={}, after={"title": "A"})
    cls.head = tables.ChainHead.objects.get()
    cls.another_event = tables.AuditEvent.objects.earliest("sequence")
    cls.mail = new_mail(LETTER, to=cls.staff, language="en")
    cls.mail.save()
    cls.item, cls.other_item = cls.make_evidence(), cls.make_evidence("Another paper")


LATER = NOW + timedelta(days=14)
SIGNED = {"digest": "0" * 64, "record_hash": "0" * 64, "sequence": 1}
FIGURE = {"area": "group", "value": 1}
TARGET = {"area": "group", "value": 10, "kind": "target"}
ASKED: Values = {"requested_by": "staff", "reason": "So."}
RULING = {"body": "Cabinet", "decision": "Granted."}

ROWS: Mapping[str, tuple[Any, Values]] = {
    "other_source": (tables.Source, {"slug": "o", "title": "Other", "reference_prefix": "OTH"}),
    "alias": (tables.AreaAlias, {"area": "kenya", "alias": "Kenia", "code_list": "owid"}),
    "membership": (tables.GroupMembership, {"group": "group", "member": "kenya"}),
    "theme": (tables.Theme, {"slug": "skills", "name": "Skills"}),
    "part": (tables.Part, {"label": "a", "text": "A strand."}),
    "other_part": (tables.Part, {"recommendation": "second", "label": "x", "text": "A strand."}),
    "relation": (tables.RecommendationRelation, {"other": "second", "kind": "depends_on"}),
    "calendar": (tables.CalendarAddress, {"token_digest": "b"}),
    "asked": (tables.ApiRequest, {"key_digest": "a", "asked_digest": "b"}),
    "token": (tables.ApiToken, {"name": "Nightly", "token_digest": "b", "expires_at": LATER}),
    "webhook": (tables.Webhook, {"person": "manager", "name": "Register", "on_approved": True}),
    "other_webhook": (tables.Webhook, {"person": "manager", "name": "Chat", "on_approved": True}),
    "hook_overdue": (
        tables.WebhookDelivery,
        {"kind": "update.overdue", "recommendation": "recommendation", "day": TODAY},
    ),
    "hook_delivery": (tables.WebhookDelivery, {"message_id": "msg_2", "event": "event"}),
    "deputy": (tables.Deputy, {"deputy": "other_staff", "recorded_by": "manager"}),
    "invitation": (
        tables.Invitation,
        {"email": "new@example.org", "token_digest": "b", "expires_at": LATER},
    ),
    "view": (tables.SavedView, {"name": "Overdue", "query": "sort=date"}),
    "other_view": (tables.SavedView, {"owner": "manager", "name": "Mine", "query": "sort=date"}),
    "uses": (tables.TrackerUses, {"pk": 1}),
    "notifications": (tables.NotificationSettings, {}),
    "watch": (tables.Watch, {"recommendation": "recommendation"}),
    "addressee": (tables.Addressee, {"organisation": "agency"}),
    "completion": (tables.PartCompletion, {"update": "submitted"}),
    "steering": (tables.SteeringDecision, {"update": "submitted", **RULING}),
    "response": (tables.Response, {"position": "accepted", "since": BEFORE}),
    "other_response": (tables.Response, {"position": "accepted", "since": BEFORE}),
    "action": (tables.Action, {"slug": "step", "title": "A step"}),
    "date_change": (
        tables.TargetDateChange,
        {"old_date": BEFORE, "new_date": TODAY, "reason": "So."},
    ),
    "undo_request": (tables.UndoRequest, {**ASKED, "sequence": 1}),
    "comment": (tables.Comment, {"text": "Words"}),
    "audit_row": (tables.AuditRow, {"event": "event", "object_id": "1"}),
    "file": (tables.StoredFile, {"sha256": DIGEST}),
    "other_file": (tables.StoredFile, {"sha256": "0" * 64}),
    "word_template": (tables.WordTemplate, {"file": "other_file", "original_name": "a.docx"}),
    "release": (tables.OpenDataRelease, {**SIGNED, "files": {}}),
    "released_text": (tables.OpenDataText, {"name": "a", "text": "Words"}),
    "sign_off": (
        tables.SignOff,
        {**SIGNED, "source": "source", "signed_content": "{}", "signed_by": "manager"},
    ),
    "link": (
        tables.EvidenceLink,
        {"evidence": "item", "update": "submitted", "stance": "undermines"},
    ),
    "other_link": (
        tables.EvidenceLink,
        {"evidence": "other_item", "update": "approved", "stance": "supports"},
    ),
    "check_made": (tables.EvidenceCheck, {"evidence": "item", "by": "manager", "revision": 0}),
    "revision": (
        tables.EvidenceRevision,
        {"evidence": "other_item", "number": 2, "file": "other_file", "original_name": "paper.pdf"},
    ),
    "change": (tables.EvidenceChange, {"evidence": "item", "kind": "wording"}),
    "redaction": (tables.Redaction, {"reason": "Words", "digest": "0" * 64}),
    "observation": (tables.Observation, {**FIGURE, "period": "2024"}),
    "other_observation": (tables.Observation, {**FIGURE, "period": "2023"}),
    "target": (tables.Target, {**TARGET, "period": "2030"}),
    "earlier": (tables.Target, {**TARGET, "period": "2020"}),
    "confirmation": (tables.ObservationConfirmation, {"recorded_by": "manager"}),
    "import_run": (tables.ImportRun, {"file_sha256": DIGEST}),
    "indicator_link": (tables.IndicatorLink, {"relation": "context"}),
    "round": (tables.ReportingRound, {"key": uuid4(), "name": "One"}),
    "other_round": (tables.ReportingRound, {"key": uuid4(), "name": "Two"}),
    "request_made": (tables.Request, {"organisation": "ministry"}),
    "extension": (tables.RoundExtension, {"old_day": BEFORE, "reason": "A new officer."}),
    "round_reminder": (tables.RoundReminder, {"reminded_by": "manager"}),
    "reminder": (tables.Reminder, {}),
    "reported": (tables.ReportedStatus, {"words": "Completed"}),
}
"""Rows by name, each with what it needs besides (``needed``) about the first of each kind."""
