"""What may be there once only: a second row like it is refused, one that differs is not."""

from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import IntegrityError, models, transaction

from tests.models.constraints import BEFORE, NOW, TODAY, ConstraintTestCase, Once, Values

REMOVED: Values = {"removed_at": NOW, "removed_by": "manager"}
DECIDED: Values = {"state": "approved", "decided_at": NOW, "decided_by": "manager"}
APPROVED: Values = {**DECIDED, "submitted_at": NOW, "implementation_status": "not_started"}
WITHDRAWN: Values = {"state": "withdrawn", "decided_at": NOW, "decided_by": "staff"}
FILE: Values = {"kind": "file", "file": "file", "file_name": "b.pdf"}


def link(target: str, row: str, other: str) -> Once:
    """The same evidence is linked to the same row once, until it is taken away."""
    return Once(
        "link",
        {"evidence": "other_item", target: other},
        free=[REMOVED],
        base={"stance": "background", "update": None, target: row},
    )


def watch(kind: str, other: str) -> Once:
    """A person watches an item once at a time."""
    return Once(
        "watch",
        {"person": "manager", kind: other},
        free=[REMOVED],
        base={"recommendation": None, kind: kind},
    )


def code(name: str, value: str, other: str) -> Once:
    """Two areas share no code, and may both lack one."""
    return Once("kenya", {name: other}, free=[{name: ""}], base={name: value})


ONCE: dict[str, Once] = {
    "recommendation_number_once": Once("recommendation", {"source": "other_source", "number": 99}),
    "recommendation_external_id_once": Once(
        "recommendation",
        {"source": "other_source", "external_id": "111.1"},
        free=[{"external_id": ""}],
        base={"external_id": "111.10"},
        besides={"number": 99},
    ),
    "relation_once": Once(
        "relation",
        {"recommendation": "third", "other": "third", "kind": "related"},
        free=[REMOVED],
    ),
    "part_label_once": Once("part", {"recommendation": "second", "label": "d"}, free=[REMOVED]),
    "part_completed_once_by_update": Once(
        "completion", {"update": "approved", "part": "other_part"}, free=[REMOVED]
    ),
    "steering_decision_once": Once(
        "steering", {"update": "draft"}, free=[{**REMOVED, "removal_reason": "Not so."}]
    ),
    "update_corrected_once": Once(
        "draft",
        {"corrects": "submitted"},
        free=[{**APPROVED, "state": "draft", "decided_at": None, "decided_by": None}],
        base={**APPROVED, "kind": "correction", "corrects": "approved"},
    ),
    "update_retracted_once": Once(
        "draft",
        {"retracts": "submitted"},
        free=[{**APPROVED, "state": "draft", "decided_at": None, "decided_by": None}],
        base={**APPROVED, "kind": "retraction", "retracts": "approved"},
    ),
    "date_change_row_once": Once(
        "date_change", {"recommendation": "second", "number": 2}, base=DECIDED
    ),
    "date_change_one_request": Once(
        "date_change", {"recommendation": "second"}, others=[DECIDED], besides={"number": 2}
    ),
    "addressee_organisation_once": Once(
        "addressee", {"recommendation": "second", "organisation": "ministry"}, free=[REMOVED]
    ),
    "addressee_area_once": Once(
        "addressee",
        {"recommendation": "second", "area": "group"},
        free=[REMOVED],
        base={"organisation": None, "area": "kenya"},
    ),
    "opening_row_once": Once(
        "opening_row", {"batch": "other_batch", "number": 99}, besides={"recommendation": "third"}
    ),
    "opening_row_of_one_recommendation": Once(
        "opening_row", {"batch": "other_batch", "recommendation": "second"}, besides={"number": 99}
    ),
    "link_update_once": link("update", "submitted", "approved"),
    "link_recommendation_once": link("recommendation", "recommendation", "second"),
    "link_observation_once": link("observation", "observation", "other_observation"),
    "link_response_once": link("response", "response", "other_response"),
    "check_once_by_a_person": Once(
        "check_made",
        {"evidence": "other_item", "by": "other_manager", "revision": 1},
        free=[REMOVED],
    ),
    "revision_number_once": Once("revision", {"evidence": "item", "number": 3}),
    "evidence_change_one_awaits": Once(
        "change",
        {"evidence": "other_item", "kind": FILE},
        others=[{"kind": "link", "link": "link"}],
        free=[WITHDRAWN],
    ),
    "evidence_change_once_a_link": Once(
        "change",
        {"link": "other_link"},
        base={"kind": "link", "link": "link"},
    ),
    "observation_once": Once(
        "observation",
        {
            "indicator": "other_indicator",
            "area": "kenya",
            "period": "2024-01",
            "dimensions": "sex=F",
            "revision": 2,
        },
    ),
    "indicator_link_once": Once(
        "indicator_link",
        {"recommendation": "second", "indicator": "other_indicator"},
        free=[REMOVED],
    ),
    "area_iso2_unique": code("iso2", "NA", "NZ"),
    "area_iso3_unique": code("iso3", "NAM", "NZL"),
    "area_m49_unique": code("m49", "516", "554"),
    "area_alias_once": Once("alias", {"code_list": "iso2", "alias": "Kenja"}, free=[REMOVED]),
    "membership_once": Once(
        "membership",
        {"group": "other_group", "member": "other_group", "valid_from": TODAY},
        free=[REMOVED],
        base={"valid_from": BEFORE},
    ),
    "membership_without_beginning_once": Once(
        "membership",
        {"group": "other_group", "member": "other_group"},
        others=[{"valid_from": BEFORE}],
        free=[REMOVED],
    ),
    "invitation_once_for_an_address": Once(
        "invitation",
        {"email": "other@example.org"},
        others=[
            {"accepted_at": NOW, "accepted_by": "viewer"},
            {"withdrawn_at": NOW, "withdrawn_by": "manager"},
        ],
        free=[{"email": ""}],
    ),
    "api_request_once": Once("asked", {"person": "viewer", "key_digest": "b"}),
    "calendar_address_once_for_a_person": Once(
        "calendar",
        {"person": "viewer"},
        free=[{"revoked_at": NOW, "revoked_by": "staff"}],
    ),
    "open_data_text_once": Once("released_text", {"name": "b", "number": 2}),
    "reminder_once_a_day": Once("reminder", {"person": "manager", "day": BEFORE}),
    "request_once_in_a_round": Once(
        "request_made", {"round": "other_round", "recommendation": "second"}
    ),
    "round_reminder_once_a_day": Once(
        "round_reminder", {"round": "other_round", "person": "manager", "day": BEFORE}
    ),
    "saved_view_name_once": Once("view", {"owner": "manager", "name": "Due"}, free=[REMOVED]),
    "watch_recommendation_once": watch("recommendation", "second"),
    "watch_source_once": watch("source", "other_source"),
    "watch_view_once": watch("view", "other_view"),
    "watch_indicator_once": watch("indicator", "other_indicator"),
    "webhook_event_once": Once(
        "hook_delivery", {"webhook": "other_webhook", "event": "another_event"}
    ),
    "webhook_overdue_once": Once(
        "hook_overdue",
        {
            "webhook": "other_webhook",
            "recommendation": "second",
            "kind": "recommendation.overdue",
            "day": BEFORE,
        },
    ),
    "audit_row_is_once_in_an_event": Once(
        "audit_row",
        {"event": "another_event", "object_type": "recommendations.source", "object_id": "2"},
    ),
}

UNIQUE = {
    "Action": {"slug"},
    "ApiToken": {"prefix", "token_digest"},
    "Area": {"code"},
    "CalendarAddress": {"token_digest"},
    "Evidence": {"slug"},
    "Indicator": {"code"},
    "Invitation": {"token_digest", "accepted_by"},
    "NotificationSettings": {"person"},
    "ObservationConfirmation": {"observation"},
    "Organisation": {"slug"},
    "OutgoingMail": {"message_id"},
    "Recommendation": {"reference"},
    "Redaction": {"file"},
    "ReportingRound": {"key"},
    "Source": {"slug", "reference_prefix"},
    "StatusUpdate": {"key", "opening_row"},
    "Target": {"replaces"},
    "Theme": {"slug", "name"},
    "User": {"username"},
    "WebhookDelivery": {"message_id"},
}
"""Columns of which no two rows hold the same."""


class OnceTests(ConstraintTestCase):
    def test_a_second_row_is_refused_and_one_that_differs_is_not(self) -> None:
        for name, once in ONCE.items():
            row = getattr(self, once.row)
            fields = self.constraint(row, name).fields
            with self.subTest(name), self.undone():
                self.assertEqual(once.differs.keys(), set(fields))
                self.write(row, once.base)
                self.assert_refused(name, fields, row, once)
                differing = [
                    value if isinstance(value, dict) else {field: value}
                    for field, value in once.differs.items()
                ]
                for other in (*differing, *once.others):
                    with self.subTest(name, other=other), self.undone():
                        self.copy(row, {**once.base, **once.besides, **other})
                for free in once.free:
                    with self.subTest(name, free=free), self.undone():
                        self.write(row, free)
                        self.copy(row, {**once.base, **once.besides, **free})

    def constraint(self, row: models.Model, name: str) -> models.UniqueConstraint:
        [found] = [each for each in row._meta.constraints if each.name == name]
        assert isinstance(found, models.UniqueConstraint)
        return found

    def assert_refused(self, name: str, fields: Any, row: models.Model, once: Once) -> None:
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            self.copy(row, {**once.base, **once.besides})
        said = str(refusal.exception)
        # SQLite names the columns instead.
        columns = [getattr(row._meta.get_field(field), "column", "") for field in fields]
        self.assertTrue(name in said or all(column in said for column in columns), said)

    def copy(self, row: models.Model, values: Values) -> None:
        """A second row with other values: the database itself, as validation would find it too."""
        held = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
        own = UNIQUE.get(type(row).__name__, set()) - {"person", "observation"}
        for field in row._meta.concrete_fields:
            if field.primary_key:
                del held[field.attname]
            elif field.name in own and not field.is_relation:
                is_key = isinstance(field, models.UUIDField)
                held[field.attname] = uuid4() if is_key else f"{held[field.attname]}x"
        made = type(row)(**held)
        for name, value in self.named(row, values).items():
            setattr(made, name, value)
        type(row)._base_manager.bulk_create([made])

    @contextmanager
    def undone(self) -> Any:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def test_these_columns_are_unique(self) -> None:
        found = {
            model.__name__: {
                field.name
                for field in model._meta.concrete_fields
                if field.unique and not field.primary_key
            }
            for model in apps.get_app_config("recommendations").get_models()
        }
        self.assertEqual({name: names for name, names in found.items() if names}, UNIQUE)
