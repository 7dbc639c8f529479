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
from recommendations.actions import indicators
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.mail.queue import new_mail
from tests.base import TrackerTestCase, link_evidence
from tests.imports.openings import planted
from tests.mail import LETTER
from tests.rows import past_the_guards
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
            for make in (_make_places, _make_updates, _make_evidence, _make_figures, _make_rounds):
                for name, row in make(cls).items():
                    setattr(cls, name, row)

    def setUp(self) -> None:
        """The constraints alone: a guard would refuse first. They are back with the rollback."""
        guards.drop(connection)

    def write(self, row: models.Model, values: Values) -> None:
        """Straight to the table: no ``save()``, no validation."""
        type(row)._base_manager.filter(pk=row.pk).update(**self.named(row, values))

    def named(self, row: models.Model, values: Values) -> dict[str, Any]:
        """The same values with rows in place of their names."""
        return {
            name: getattr(self, value)
            if isinstance(value, str) and row._meta.get_field(name).is_relation
            else value
            for name, value in values.items()
        }


def _make_places(cls: Any) -> dict[str, models.Model]:
    """Recommendations, areas, people: what other rows are about."""
    cls.kenya = cls.make_area("KEN", name="Kenya", kind="country", name_fr="Le Kenya")
    cls.group = cls.make_area("group", name="A group", kind="group")
    cls.second = cls.make_recommendation("Second")
    added = {"added_at": NOW, "added_by": cls.manager}
    return {
        "third": cls.make_recommendation("Third"),
        "other_group": cls.make_area("other", name="Another group", kind="group"),
        "other_source": tables.Source.objects.create(
            slug="o", title="Other", reference_prefix="OTH"
        ),
        "head": tables.ChainHead.objects.get(),
        "alias": tables.AreaAlias.objects.create(area=cls.kenya, alias="Kenia", code_list="owid"),
        "membership": tables.GroupMembership.objects.create(group=cls.group, member=cls.kenya),
        "theme": tables.Theme.objects.create(slug="skills", name="Skills"),
        "part": tables.Part.objects.create(
            recommendation=cls.recommendation, label="a", text="A strand."
        ),
        "other_part": tables.Part.objects.create(
            recommendation=cls.second, label="x", text="A strand."
        ),
        "relation": tables.RecommendationRelation.objects.create(
            recommendation=cls.recommendation, other=cls.second, kind="depends_on", **added
        ),
        "calendar": tables.CalendarAddress.objects.create(
            person=cls.staff, token_salt="a", token_digest="b", created_at=NOW
        ),
        "asked": tables.ApiRequest.objects.create(
            person=cls.staff, key_digest="a", asked_digest="b", made=1, at=NOW
        ),
        "token": tables.ApiToken.objects.create(
            person=cls.staff,
            name="Nightly",
            prefix="prt_1",
            token_digest="b",
            created_at=NOW,
            created_by=cls.staff,
            expires_at=NOW + timedelta(days=365),
        ),
        "webhook": (
            webhook := tables.Webhook.objects.create(
                person=cls.manager,
                name="Register",
                on_approved=True,
                created_at=NOW,
                seen_event=0,
                seen_day=TODAY,
            )
        ),
        "other_webhook": tables.Webhook.objects.create(
            person=cls.manager,
            name="Chat",
            on_approved=True,
            created_at=NOW,
            seen_event=0,
            seen_day=TODAY,
        ),
        "hook_overdue": tables.WebhookDelivery.objects.create(
            webhook=webhook,
            message_id="msg_1",
            kind="update.overdue",
            recommendation=cls.recommendation,
            day=TODAY,
            queued_at=NOW,
            due_at=NOW,
        ),
        "deputy": tables.Deputy.objects.create(
            person=cls.staff,
            deputy=cls.other_staff,
            starts_on=TODAY,
            ends_on=TODAY,
            recorded_at=NOW,
            recorded_by=cls.manager,
        ),
        "invitation": tables.Invitation.objects.create(
            email="new@example.org",
            role="Viewer",
            token_salt="a",
            token_digest="b",
            invited_by=cls.administrator,
            invited_at=NOW,
            expires_at=NOW + timedelta(days=14),
        ),
        "view": tables.SavedView.objects.create(owner=cls.staff, name="Overdue", query="sort=date"),
        "other_view": tables.SavedView.objects.create(
            owner=cls.manager, name="Mine", query="sort=date"
        ),
        "uses": tables.TrackerUses.objects.create(pk=1),
        "notifications": tables.NotificationSettings.objects.create(person=cls.staff),
        "watch": tables.Watch.objects.create(
            person=cls.staff, recommendation=cls.recommendation, since=NOW
        ),
    }


def _make_updates(cls: Any) -> dict[str, models.Model]:
    """Updates, and what else is said of a recommendation."""
    cls.addressee = tables.Addressee.objects.create(
        recommendation=cls.recommendation, organisation=cls.agency
    )
    cls.submitted = cls.make_submitted(cls.recommendation)
    opening_row, other = (
        planted(cls.source, row, cls.staff, as_of=TODAY, number=row.number)
        for row in (cls.recommendation, cls.second)
    )
    with audit.entry(by=cls.manager) as entry:
        event = entry.record("try", cls.recommendation, before={}, after={"title": "A"})
    mail = new_mail(LETTER, to=cls.staff, language="en")
    mail.save()
    return {
        "approved": cls.make_approved(cls.second),
        "draft": begin_draft(
            recommendation=cls.recommendation, by=cls.staff, values={"as_of": TODAY}
        ),
        "opening_row": opening_row,
        "opening_batch": opening_row.batch,
        "other_batch": other.batch,
        "completion": tables.PartCompletion.objects.create(
            update=cls.submitted, part=cls.part, added_at=NOW, added_by=cls.manager
        ),
        "steering": tables.SteeringDecision.objects.create(
            update=cls.submitted,
            body="Cabinet",
            decided_on=TODAY,
            decision="Granted.",
            recorded_at=NOW,
            recorded_by=cls.manager,
        ),
        "response": _response(cls),
        "other_response": _response(cls),
        "action": tables.Action.objects.create(
            recommendation=cls.recommendation, slug="step", title="A step"
        ),
        "date_change": tables.TargetDateChange.objects.create(
            recommendation=cls.recommendation,
            number=1,
            old_date=BEFORE,
            new_date=TODAY,
            reason="So.",
            requested_by=cls.staff,
            requested_at=NOW,
        ),
        "undo_request": tables.UndoRequest.objects.create(
            sequence=1, reason="So.", requested_by=cls.staff, requested_at=NOW
        ),
        "comment": tables.Comment.objects.create(
            recommendation=cls.recommendation, author=cls.staff, at=NOW, text="Words"
        ),
        "mail": mail,
        "hook_delivery": tables.WebhookDelivery.objects.create(
            webhook=cls.webhook,
            message_id="msg_2",
            kind="update.approved",
            event=event,
            queued_at=NOW,
            due_at=NOW,
        ),
        "audit_row": tables.AuditRow.objects.create(
            event=event, object_type="recommendations.area", object_id="1", changes="{}"
        ),
        "another_event": tables.AuditEvent.objects.earliest("sequence"),
        "word_template": tables.WordTemplate.objects.create(
            file=tables.StoredFile.objects.create(
                sha256="a" * 64, size=1, media_type="text/plain", stored_at=NOW
            ),
            original_name="a.docx",
            added_at=NOW,
            added_by=cls.manager,
        ),
        "release": tables.OpenDataRelease.objects.create(
            sequence=1,
            record_hash="0" * 64,
            known_at=NOW,
            digest="0" * 64,
            files={},
            released_at=NOW,
        ),
        "released_text": tables.OpenDataText.objects.create(name="a", number=1, text="Words"),
        "sign_off": tables.SignOff.objects.create(
            source=cls.source,
            as_of=TODAY,
            signed_content="{}",
            digest="0" * 64,
            sequence=1,
            record_hash="0" * 64,
            signed_at=NOW,
            signed_by=cls.manager,
        ),
    }


def _response(cls: Any) -> tables.Response:
    return tables.Response.objects.create(
        addressee=cls.addressee,
        position="accepted",
        since=BEFORE,
        recorded_at=NOW,
        recorded_by=cls.staff,
    )


def _make_evidence(cls: Any) -> dict[str, models.Model]:
    file = {"size": 1, "media_type": "text/plain", "stored_at": NOW}
    cls.item, cls.other_item = cls.make_evidence(), cls.make_evidence("Another paper")
    cls.link = link_evidence(to=cls.submitted, by=cls.staff, stance="undermines", evidence=cls.item)
    return {
        "other_link": link_evidence(
            to=cls.approved, by=cls.staff, stance="supports", evidence=cls.other_item
        ),
        "check_made": evidence_items.check_evidence(evidence=cls.item, by=cls.manager),
        "file": tables.StoredFile.objects.create(sha256=DIGEST, **file),
        "revision": tables.EvidenceRevision.objects.create(
            evidence=cls.other_item,
            number=2,
            file=tables.StoredFile.objects.create(sha256="0" * 64, **file),
            added_at=NOW,
            added_by=cls.staff,
            original_name="paper.pdf",
        ),
        "change": tables.EvidenceChange.objects.create(
            evidence=cls.item, kind="wording", proposed_at=NOW, proposed_by=cls.staff
        ),
        "redaction": tables.Redaction.objects.create(
            at=NOW, by=cls.administrator, reason="Words", digest="0" * 64, places=1
        ),
    }


def _make_figures(cls: Any) -> dict[str, models.Model]:
    cls.indicator = cls.make_indicator()
    given = {"indicator": cls.indicator, "by": cls.manager}
    target = {"area": cls.group, "value": "10", "kind": "target"}
    cls.observation = indicators.observe(
        area=cls.group, period="2024", values={"value": "1"}, **given
    )
    return {
        "other_observation": indicators.observe(
            area=cls.group, period="2023", values={"value": "1"}, **given
        ),
        "other_indicator": cls.make_indicator("OTHER"),
        "target": indicators.set_target(values={**target, "period": "2030"}, **given),
        "earlier": indicators.set_target(values={**target, "period": "2020"}, **given),
        "confirmation": tables.ObservationConfirmation.objects.create(
            observation=cls.observation,
            confirmed_at=NOW,
            confirmed_by=cls.staff,
            recorded_by=cls.manager,
        ),
        "import_run": tables.ImportRun.objects.create(
            indicator=cls.indicator,
            at=NOW,
            by=cls.staff,
            file_name="figures.csv",
            file_sha256=DIGEST,
            format="long",
            new=1,
            revised=0,
            unchanged=0,
            left_out=0,
        ),
        "indicator_link": tables.IndicatorLink.objects.create(
            recommendation=cls.recommendation, indicator=cls.indicator, relation="context"
        ),
    }


def _make_rounds(cls: Any) -> dict[str, models.Model]:
    made = {"as_of": TODAY, "reply_by": TODAY, "sent_at": NOW, "sent_by": cls.manager}
    cls.round, other = (
        tables.ReportingRound.objects.create(key=uuid4(), name=name, **made)
        for name in ("One", "Two")
    )
    return {
        "other_round": other,
        "request_made": tables.Request.objects.create(
            round=cls.round, recommendation=cls.recommendation, organisation=cls.ministry
        ),
        "extension": tables.RoundExtension.objects.create(
            round=cls.round,
            organisation=cls.ministry,
            old_day=BEFORE,
            new_day=TODAY,
            reason="A new officer.",
            extended_at=NOW,
            extended_by=cls.manager,
        ),
        "round_reminder": tables.RoundReminder.objects.create(
            round=cls.round, person=cls.staff, reminded_by=cls.manager, day=TODAY
        ),
        "reminder": tables.Reminder.objects.create(person=cls.staff, day=TODAY, told_until=NOW),
    }
