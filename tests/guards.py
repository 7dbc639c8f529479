"""One row of each guarded table, and the SQL that attacks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from recommendations import guards
from recommendations.actions import dates, signoffs
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.oversight.verification import verify
from recommendations.actions.updates import decisions
from recommendations.models import AuditEvent, StatusUpdate
from tests.base import TrackerTestCase, link_evidence
from tests.files import received
from tests.imports.openings import planted
from tests.models.constraints import make_rows
from tests.rows import past_the_guards

IS_SQLITE = connection.vendor == "sqlite"
BY_TABLE = {guard.table: guard for guard in guards.GUARDS}


def run(sql: str) -> None:
    """One statement in a savepoint. What a foreign key still has to check is checked before it:
    PostgreSQL refuses TRUNCATE for that reason alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not IS_SQLITE:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


def columns(table: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return ", ".join(f'"{column.name}"' for column in found)


CLOSED = {
    "statusupdate": "public_text",
    "statusupdate_editors": "user_id",
    "steeringdecision": "body = 'x'",
    "targetdatechange": "reason",
    "undorequest": "reason = 'x'",
    "partcompletion": "added_by_id",
    "comment": "text",
    "response": "reason",
    "observation": "comment",
    "importrun": "file_name = 'x'",
    "observationconfirmation": "confirmed_by_id",
    "evidence": "url = 'https://example.org/b'",
    "evidencerevision": "original_name",
    "evidencecheck": "note = 'x'",
    "evidencechange": "new_values = '[]'",
    "evidencelink": "why = 'x'",
    "target": "comment",
    "redaction": "reason",
    "opendatarelease": "digest = 'x'",
    "reportedstatus": "words = 'x'",
    "openingbatch": "file_name = 'x'",
    "openingrow": "words = 'x'",
    "reportinground": "name = 'x'",
    "request": "not_asked = 'closed'",
    "roundextension": "reason",
    "roundreminder": "day = '2030-01-01'",
    "roundreminder_requests": "request_id",
    "signoff": "remark = 'x'",
    "signoff_recommendations": "recommendation_id",
    "auditevent": "payload",
    "auditrow": "changes",
    "audittext": "salt",
}
"""Tables of which the first row never changes again, each with a column that an attack writes;
without a value it writes what stands there."""


OTHERS = (
    *("comment", "addressee", "response", "observation", "confirmation", "import_run"),
    *("undo_request", "target", "steering", "change", "part", "completion", "round"),
    *(
        "request_made",
        "extension",
        "round_reminder",
        "redaction",
        "reported",
        "release",
        "audit_row",
    ),
)
"""Rows that are guarded as soon as they are there."""


@dataclass(frozen=True)
class Row:
    """One row of a guarded table, as SQL names it, and what an attack sets in it."""

    table: str
    where: str
    attack: str = ""

    def set(self, values: str) -> str:
        return f"UPDATE {self.table} SET {values} WHERE {self.where}"

    @property
    def ways_to_change_it(self) -> Iterator[str]:
        column, _is, value = self.attack.partition(" = ")
        names, key = columns(self.table), BY_TABLE[self.table].key
        yield self.set(f"{column} = {value or column}")
        yield (
            f"INSERT INTO {self.table} ({names}) SELECT {names} FROM {self.table} "
            f"WHERE {self.where} "
            f"ON CONFLICT ({key}) DO UPDATE SET {column} = {value or f'excluded.{column}'}"
        )

    @property
    def ways_to_take_it_away(self) -> Iterator[str]:
        names = columns(self.table)
        yield f"DELETE FROM {self.table} WHERE {self.where}"
        yield (
            f"INSERT OR REPLACE INTO {self.table} ({names}) "
            f"SELECT {names} FROM {self.table} WHERE {self.where}"
            if IS_SQLITE
            else f"TRUNCATE {self.table} CASCADE"
        )


def row_of(name: str) -> Row:
    """The first row of a table, or its last: ``comment``, ``last comment``."""
    *last, name = name.split()
    table, order = f"recommendations_{name}", "DESC" if last else "ASC"
    key = BY_TABLE[table].key
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key} FROM {table} ORDER BY {key} {order} LIMIT 1")
        [found] = cursor.fetchone()
    return Row(table, f"{key} = '{found}'", CLOSED.get(name, ""))


class GuardTestCase(TrackerTestCase):
    approved: StatusUpdate
    draft: StatusUpdate

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        about: Any = {"recommendation": cls.recommendation, "reason": "So."}
        dates.set_first(by=cls.manager, new_date=date(2027, 6, 30), **about)
        dates.request(by=cls.staff, new_date=date(2027, 12, 31), **about)
        cls.item = cls.make_evidence(file=received())
        evidence_items.check_evidence(evidence=cls.item, by=cls.manager)
        cls.indicator, cls.group = cls.make_indicator(), cls.make_area()
        cls.submitted = cls.make_submitted(cls.recommendation, asked_for="Money.")
        link_evidence(
            to=cls.submitted, by=cls.other_manager, stance="undermines", evidence=cls.item
        )
        cls.approved = decisions.approve_update(
            update=cls.submitted, by=cls.manager, confirm_contradictions=True
        )
        signoffs.record_sign_off(
            about=cls.recommendation, by=cls.manager, as_of=timezone.localdate(), seen=None
        )
        planted(cls.source, cls.recommendation, cls.manager)
        cls.draft = cls.make_submitted(cls.recommendation)
        cls.event = AuditEvent.objects.earliest("sequence")
        with past_the_guards():
            make_rows(cls, *OTHERS)
        cls.round_reminder.requests.add(cls.request_made)

    @contextmanager
    def refused(self, table: str) -> Iterator[None]:
        """Refused by the guard of this table and by nothing else."""
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            yield
        self.assertIn(BY_TABLE[table].message, str(refusal.exception))

    def assert_refused(self, table: str, *statements: str) -> None:
        for sql in statements:
            with self.subTest(sql), self.refused(table):
                run(sql)

    def assert_fault(self, name: str, fault: str, *statements: str) -> None:
        """Reported by the guards, by the check and by verification, and gone with the rollback."""
        told = {"unknown": f"Unknown in the database: {name}.", "altered": f"{name} is altered"}
        with self.subTest(name), transaction.atomic():
            for sql in statements:
                run(sql)
            self.assertEqual(guards.faults(connection), {name: fault})
            with self.assertRaisesMessage(SystemCheckError, told.get(fault, name)):
                call_command("check", databases=["default"])
            self.assertIn(name, verify(is_quick=True).guards)
            transaction.set_rollback(True)
