"""A database that an earlier version filled: upgraded, whole, and every row as it was.

Each dump but the last holds the demonstration as of one migration, with two imports of a
spreadsheet and a redaction; ``tests.upgrade.database`` wrote it with the code of that version.
What each proves:

- 5: rows that no event accounts for are recorded as found, and statuses that imports approved are
  marked;
- 8: little is recorded as found where rows of bulk acts were kept already;
- 12: mail that failed is kept as not delivered, and the state of recommendations is built;
- 24: the first with kept states, with redactions in them and with values of every observation
  status from before the code of the source was kept;
- 25: from before themes, parts and relations, whose tables come empty;
- 44: two recommendations with two sign-offs, of one and of their source.
"""

import json
from io import StringIO
from pathlib import Path
from typing import Any

from django.apps import apps as registry
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from recommendations import audit, guards, state
from recommendations.actions.oversight import verification
from recommendations.audit.snapshots import tracked_models
from recommendations.models import (
    Area,
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Observation,
    OutgoingMail,
    ReadModel,
    Recommendation,
    RecommendationMark,
    RecommendationState,
    ReportedStatus,
    SearchDocument,
    SignOff,
    SourcePart,
    StatusUpdate,
    User,
)
from recommendations.queries.signoffs.verification import check
from tests.audit.rows import changes_in, kinds_in
from tests.base import LONG_AGO, GuardedTransactionTestCase
from tests.upgrade.database import load
from tests.upgrade.steps import step_by_step
from tests.views.pages import client_of

APP = "recommendations"

NOTED_RUNS = "recommendations.verification"
"""Notes of verifications, which proved nothing: events took their place."""

FAILED_MAIL = "recommendations.mailfailure"
"""The table of mail that failed, until there was a queue."""

KEPT = {
    model._meta.label_lower
    for model in (ReadModel, RecommendationMark, RecommendationState, SearchDocument, SourcePart)
} | {"recommendations.sourcestate"}
"""Worked out from other rows, anew by each release that does it otherwise; the last is gone."""

MIGRATED = {"auth.group", "recommendations.readmodel"}
"""Tables that have rows once the migrations ran, and others in the dump."""

FAR_BACK = "0030"
"""Versions before it are reached sooner from the first than from the last."""

PAGES = (
    "/",
    "/recommendations/",
    "/recommendations/?text=share",
    "/recommendations/DSR-1/",
    "/recommendations/MIN-1/",
    "/evidence/",
    "/indicators/",
    "/areas/",
    "/audit/",
    "/audit/?verb=baseline",
)


def models_as_of(migration: str) -> Any:
    """The models as the migrations up to one describe them."""
    loader = MigrationLoader(connection)
    leaves = [node for node in loader.graph.leaf_nodes() if node[0] != APP]
    return loader.project_state([*leaves, (APP, migration)]).apps


class UpgradeTestCase(GuardedTransactionTestCase):
    """``before`` is the last migration of the version that filled the database of ``dump``."""

    before = "0005_import_runs"
    dump = "version_5.json.gz"

    def setUp(self) -> None:
        if self.before < FAR_BACK:
            # At once to no tables at all: one step back takes as long as one forward.
            call_command("migrate", APP, "zero", verbosity=0)
        with step_by_step():
            call_command("migrate", APP, self.before, verbosity=0)
            call_command("migrate", "admin", verbosity=0)

    def tearDown(self) -> None:
        call_command("migrate", verbosity=0)  # also after a failure in between

    def upgrade(self) -> dict[str, dict[str, Any]]:
        """Fill the tables of the version before, and upgrade; gives what they were filled with."""
        before = models_as_of(self.before)
        for label in MIGRATED & {model._meta.label_lower for model in before.get_models()}:
            before.get_model(label).objects.all().delete()
        with transaction.atomic(), guards.lifted(connection, {g.table for g in guards.GUARDS}):
            tables = self.fill(before)
        self.said = StringIO()
        call_command("migrate", verbosity=1, stdout=self.said)
        return tables

    def fill(self, before: Any) -> dict[str, dict[str, Any]]:
        """Write the rows that the version before had; gives them."""
        return load(before, Path(__file__).with_name(self.dump))


class EmptyTests(UpgradeTestCase):
    def test_an_empty_database_gets_no_event(self):
        call_command("migrate", verbosity=0)
        self.assertFalse(AuditEvent.objects.exists())
        self.assertFalse(ChainHead.objects.exists())


class FilledTestCase(UpgradeTestCase):
    def assert_upgrades(self) -> None:
        """Nothing is lost, and everything is accounted for."""
        tables = self.upgrade()
        with self.subTest("rows"):
            self.assert_rows_kept(tables)
        with self.subTest("chain"):
            self.assert_chain_goes_on(tables)
        with self.subTest("codes"):
            self.assert_codes_known()
        with self.subTest("replay"):
            self.assert_all_can_be_replayed()
        with self.subTest("again"):
            count = AuditEvent.objects.count()
            call_command("migrate", verbosity=0)
            self.assertEqual(AuditEvent.objects.count(), count)
        with self.subTest("pages"):
            self.assert_pages_answer()

    def assert_rows_kept(self, tables: dict[str, dict[str, Any]]) -> None:
        """Every row that was there, column by column."""
        for label, table in tables.items():
            if label in (ChainHead._meta.label_lower, FAILED_MAIL, NOTED_RUNS, *KEPT):
                continue
            model = registry.get_model(label)
            columns = {field.attname: field for field in model._meta.concrete_fields}
            names = table["columns"]
            key = names.index(model._meta.pk.attname)
            found = {
                row[key]: row for row in model._base_manager.order_by("pk").values_list(*names)
            }
            for row in table["rows"]:
                values = tuple(columns[n].to_python(v) for n, v in zip(names, row, strict=True))
                self.assertEqual(found.pop(values[key]), values, label)
            if model not in (AuditEvent, AuditRow, AuditText):
                self.assertEqual(found, {}, label)

    def assert_chain_goes_on(self, tables: dict[str, dict[str, Any]]) -> None:
        """The head noted down before the upgrade is still part of a chain that is whole."""
        table = tables[ChainHead._meta.label_lower]
        [head] = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
        noted = head["last_sequence"], head["last_hash"]
        self.assertEqual(audit.verify_chain(noted).fault, "")
        added = AuditEvent.objects.filter(sequence__gt=noted[0])
        self.assertLessEqual(set(added.values_list("verb", "actor")), {("baseline", None)})
        self.assertLessEqual(len(set(added.values_list("request_id"))), 1)
        self.assertEqual(guards.faults(connection), {})

    def assert_codes_known(self) -> None:
        """Every stored code is one of today's, and every kind in the chain is one of our models."""
        for model in tracked_models(registry):
            for field in model._meta.concrete_fields:
                if field.choices:
                    stored = set(model._base_manager.values_list(field.name, flat=True))
                    self.assertLessEqual(
                        stored - {None, ""}, {c for c, _label in field.flatchoices}
                    )
        kinds = set(AuditEvent.objects.values_list("object_type", flat=True)) - {"file"}
        self.assertEqual({registry.get_model(kind)._meta.label_lower for kind in kinds}, kinds)

    def assert_all_can_be_replayed(self) -> None:
        self.assertTrue(AuditRow.objects.exists())
        report = verification.verify()
        self.assertEqual([*map(str, report.faults)], [])
        self.assertTrue(report.is_whole)

    def assert_pages_answer(self) -> None:
        for name, others in (("manager", ("/my-work/", "/review/")), ("auditor", ())):
            client = client_of(User.objects.get(username=name))
            for page in (*PAGES, *others):
                with self.subTest(page, name=name):
                    self.assertEqual(client.get(page).status_code, 200)


class Version5Tests(FilledTestCase):
    """From before rows of bulk acts were kept: what no payload covers is recorded as found."""

    def test_a_database_it_filled_upgrades_whole(self) -> None:
        self.assert_upgrades()
        with self.subTest("baseline"):
            self.assert_baseline()
        with self.subTest("approved through an import"):
            self.assert_imports_marked()

    def assert_baseline(self) -> None:
        """One event for each table with rows that no payload accounted for; of those rows alone."""
        events = {event.object_type: event for event in AuditEvent.objects.filter(verb="baseline")}
        areas = events["recommendations.area"]
        self.assertEqual(kinds_in(areas), {"area": 285})
        kenya = Area.objects.get(code="KEN")
        self.assertEqual(changes_in(areas, kenya)["name"], [None, "Kenya"])
        # Those that the demonstration added by hand are told of already.
        self.assertEqual(kinds_in(events["recommendations.recommendation"]), {"recommendation": 34})
        self.assertEqual(
            kinds_in(events["recommendations.reportedstatus"]),
            {"reportedstatus": ReportedStatus.objects.count()},
        )
        self.assertNotIn("recommendations.statusupdate", events)
        self.assertNotIn("recommendations.redaction", events)
        # Revised by hand after it was imported: what the chain knows is not said again.
        revised = Recommendation.objects.get(reference="MIN-1")
        changes = changes_in(events["recommendations.recommendation"], revised)
        self.assertNotIn("rationale", changes)
        self.assertEqual(changes["reference"], [None, "MIN-1"])

    def assert_imports_marked(self) -> None:
        """The 30 statuses that the imports approved, and nothing that a person submitted."""
        marked = StatusUpdate.objects.with_people().filter(is_approved_by_import=True)
        self.assertEqual(marked.count(), 30)
        self.assertTrue(all(update.decision_note for update in marked))
        submitted = AuditEvent.objects.filter(
            verb="submit", object_type=StatusUpdate._meta.label_lower
        )
        told = set(submitted.values_list("object_id", flat=True))
        self.assertFalse({str(update.pk) for update in marked} & told)


class Version8Tests(FilledTestCase):
    """From before verification compared the tables: little is left for it to record as found.

    Mail that failed was a table of its own then; its dump has none, so some is added.
    """

    before = "0008_baseline"
    dump = "version_8.json.gz"

    def fill(self, before: Any) -> dict[str, dict[str, Any]]:
        tables = super().fill(before)
        person = before.get_model("recommendations", "User").objects.earliest("pk")
        failures = before.get_model("recommendations", "MailFailure").objects
        for _number in range(2):
            failures.create(at=LONG_AGO, to=person, subject="REP-1: news", error="OSError: no")
        return tables

    def test_a_database_it_filled_upgrades_whole(self) -> None:
        self.assert_upgrades()
        with self.subTest("mail that failed"):
            self.assert_failures_kept()
        events = {event.object_type: event for event in AuditEvent.objects.filter(verb="baseline")}
        self.assertEqual(set(events), {"recommendations.user", "recommendations.source"})
        person = changes_in(events["recommendations.user"], User.objects.earliest("pk"))
        self.assertEqual(set(person), {"password", "groups"})
        redacted = events["recommendations.source"].rows.get()
        self.assertEqual(set(json.loads(redacted.changes)), {"column_map"})

    def assert_failures_kept(self) -> None:
        person = User.objects.earliest("pk")
        kept = OutgoingMail.objects.values_list("state", "to", "queued_at", "subject", "error")
        one = ("dead", person.pk, LONG_AGO, "REP-1: news", "OSError: no")
        self.assertEqual(list(kept), [one, one])
        self.assertEqual(OutgoingMail.objects.values("message_id").distinct().count(), 2)


class Version12Tests(FilledTestCase):
    """From before mail was queued and the state of recommendations was kept."""

    before = "0012_baseline_of_passwords"
    dump = "version_12.json.gz"

    def test_a_database_it_filled_upgrades_whole(self) -> None:
        self.assert_upgrades()
        with self.subTest("nothing to record as found"):
            self.assertFalse(AuditEvent.objects.filter(verb="baseline").exists())
        with self.subTest("mail that failed"):
            self.assert_failures_kept()
        with self.subTest("the state is built"):
            self.assert_state_built()

    def assert_failures_kept(self) -> None:
        failed = OutgoingMail.objects.order_by("queued_at").values_list(
            "to__username", "subject", "error", "state"
        )
        self.assertEqual(
            list(failed),
            [
                (
                    "staff",
                    "DSR-1: your update was approved",
                    "ConnectionRefusedError: [Errno 111] Connection refused",
                    "dead",
                ),
                (
                    "manager",
                    "DSR-2: an update waits for review",
                    "TimeoutError: timed out",
                    "dead",
                ),
            ],
        )
        self.assertEqual(OutgoingMail.objects.values("message_id").distinct().count(), 2)

    def assert_state_built(self) -> None:
        count = Recommendation.objects.count()
        self.assertIn(f"Building the kept state: {count} of {count}", self.said.getvalue())
        self.assertEqual(RecommendationState.objects.count(), count)
        self.assertEqual(audit.verify_states().count, 0)
        head = ChainHead.objects.get().last_sequence
        self.assertEqual(set(SourcePart.objects.values_list("sequence", flat=True)), {head})
        marks = dict(RecommendationMark.objects.values_list("pk", "sequence"))
        self.assertEqual((len(marks), set(marks.values())), (count, {head}))
        self.assertTrue(state.is_up_to_date())


class Version24Tests(FilledTestCase):
    """With kept states, which migrating leaves right, and without the codes of sources."""

    before = "0024_glossary_labels"
    dump = "version_24.json.gz"

    def test_a_database_it_filled_upgrades_whole(self) -> None:
        self.assert_upgrades()
        with self.subTest("the state is that of this release"):
            self.assertTrue(state.is_up_to_date())
            self.assertEqual(RecommendationState.objects.count(), Recommendation.objects.count())
            self.assertEqual(audit.verify_states().count, 0)
        with self.subTest("codes of sources"):
            values = Observation.objects.filter(indicator__code="IT.NET.USER.ZS")
            self.assertEqual(set(values.values_list("source_status", flat=True)), {""})
            codes = {row.period: row.stated_code for row in values}
            # Those that the words of the comment identify; of “M” there were none.
            kept = {"2010": "A", "2011": "D", "2012": "H", "2013": "L", "2014": "", "2015": "O"}
            self.assertEqual(codes, {**kept, "2016": "Q", "2017": "E"})


class Version25Tests(FilledTestCase):
    """From before themes, parts and relations: nothing is said of them, and no response changes."""

    before = "0025_status_codes_and_demonstration"
    dump = "version_25.json.gz"

    def test_a_database_it_filled_upgrades_whole(self) -> None:
        self.assert_upgrades()
        with self.subTest("the state is that of this release"):
            self.assertTrue(state.is_up_to_date())
            self.assertEqual(RecommendationState.objects.count(), Recommendation.objects.count())
            self.assertEqual(audit.verify_states().count, 0)
        with self.subTest("nothing to record as found"):
            self.assertFalse(AuditEvent.objects.filter(verb="baseline").exists())


class SignedTests(UpgradeTestCase):
    """From the version that brought sign-offs: what was signed then verifies now."""

    before = "0044_how_files_were_read"
    dump = "version_44.json.gz"

    def test_what_was_signed_verifies_and_one_change_since_is_named(self) -> None:
        self.upgrade()
        out = StringIO()
        call_command("verify_signoffs", stdout=out)
        self.assertEqual(out.getvalue().count("rows are as signed"), 2)
        self.assertTrue(verification.verify().is_whole)
        update = StatusUpdate.objects.get()
        guards.drop(connection)
        StatusUpdate.objects.update(issue="None.")
        for signed in SignOff.objects.all():
            faults = [fault.field for fault in check(signed).faults]
            self.assertEqual(faults, [f"statusupdate {update.pk}, issue"])
