"""Ways past the guards: what is put beside them, or changed of them, is refused or named."""

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction

from recommendations import guards
from recommendations.actions.oversight.verification import verify
from recommendations.models import AuditEvent, Comment, StatusUpdate, User
from tests.guards import BY_TABLE, IS_SQLITE, GuardTestCase, columns, row_of, run


class UnknownTests(GuardTestCase):
    def test_a_trigger_that_no_guard_has_is_named(self):
        if IS_SQLITE:
            body = "BEGIN SELECT RAISE(IGNORE); END"
            statements = [f"CREATE TRIGGER aside BEFORE INSERT ON recommendations_comment {body}"]
        else:
            statements = [
                "CREATE FUNCTION aside() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER aside BEFORE INSERT ON recommendations_comment "
                "FOR EACH ROW EXECUTE FUNCTION aside()",
            ]
        self.assert_fault("trigger aside on recommendations_comment", "unknown", *statements)

    def test_a_view_in_the_place_of_a_guarded_table_is_named(self):
        table = Comment._meta.db_table
        self.assert_fault(
            f"view {table}",
            "unknown",
            *(
                f"DROP TRIGGER {name}" + ("" if IS_SQLITE else f" ON {table}")
                for name in guards.names(BY_TABLE[table], connection.vendor)
            ),
            f"ALTER TABLE {table} RENAME TO aside",
            f"CREATE VIEW {table} AS SELECT * FROM aside",
        )


if IS_SQLITE:

    class SqliteGuardTests(GuardTestCase):
        """Ways past a trigger that only SQLite has."""

        def test_replacing_by_another_unique_column_is_refused(self):
            table = StatusUpdate._meta.db_table
            names = columns(table)
            others = names.replace('"id"', "900000 AS id", 1)
            with self.refused(table):
                run(
                    f"INSERT OR REPLACE INTO {table} ({names}) "
                    f"SELECT {others} FROM {table} WHERE id = {self.approved.pk}"
                )

        def test_updating_another_row_into_its_place_is_refused(self):
            table = StatusUpdate._meta.db_table
            for column in ("id", "key"):
                with self.subTest(column), self.refused(table):
                    run(
                        f"UPDATE OR REPLACE {table} SET {column} = "
                        f"(SELECT {column} FROM {table} WHERE id = {self.approved.pk}) "
                        f"WHERE id = {self.draft.pk}"
                    )

        def test_recursive_triggers_that_are_off_are_reported(self):
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA recursive_triggers = OFF")
                try:
                    self.assertEqual(
                        guards.faults(connection), {"PRAGMA recursive_triggers = ON": "missing"}
                    )
                    with self.assertRaisesMessage(SystemCheckError, "recursive_triggers"):
                        call_command("check", databases=["default"])
                finally:
                    cursor.execute("PRAGMA recursive_triggers = ON")
            self.assertEqual(guards.faults(connection), {})

        def test_a_temporary_trigger_or_table_is_named(self):
            """It acts in this session alone, and so nowhere but where it was made."""
            table = Comment._meta.db_table
            body = f"BEFORE UPDATE ON main.{table} BEGIN SELECT RAISE(IGNORE); END"
            for name, sql in (
                (f"trigger aside on {table}", f"CREATE TEMP TRIGGER aside {body}"),
                (f"temporary table {table}", f"CREATE TEMP TABLE {table} (id integer)"),
            ):
                with self.subTest(name), transaction.atomic():
                    run(sql)
                    self.assertEqual(guards.faults(connection), {name: "unknown"})
                    transaction.set_rollback(True)

else:

    class PostgresqlGuardTests(GuardTestCase):
        """Ways past a trigger that only PostgreSQL has."""

        def test_a_guard_whose_function_was_altered_is_reported(self):
            """Settings and rights of a function are no part of its text."""
            comment = BY_TABLE[Comment._meta.db_table]
            named = dict.fromkeys(guards.names(comment, connection.vendor), "altered")
            for change in (
                "SET search_path = aside",
                "RESET search_path",
                "SET check_function_bodies = off",
                "SECURITY DEFINER",
                "STABLE",
            ):
                with self.subTest(change), transaction.atomic():
                    run(f"ALTER FUNCTION guard_comment() {change}")
                    self.assertEqual(guards.faults(connection), named)
                    with self.assertRaisesMessage(SystemCheckError, "guard_comment_update is alt"):
                        call_command("check", databases=["default"])
                    self.assertLessEqual(named.items(), verify(is_quick=True).guards.items())
                    guards.install(connection)
                    self.assertEqual(guards.faults(connection), {})
                    transaction.set_rollback(True)

        def test_a_trigger_that_runs_a_function_of_another_schema_is_reported(self):
            self.assert_fault(
                "guard_comment_update",
                "altered",
                "CREATE SCHEMA aside",
                "CREATE FUNCTION aside.guard_comment() RETURNS trigger LANGUAGE plpgsql "
                "AS 'BEGIN RETURN NEW; END'",
                "DROP TRIGGER guard_comment_update ON recommendations_comment",
                "CREATE TRIGGER guard_comment_update BEFORE UPDATE ON recommendations_comment "
                "FOR EACH ROW EXECUTE FUNCTION aside.guard_comment()",
            )

        def test_what_acts_on_the_rows_of_a_guarded_table_beside_its_guards_is_named(self):
            table = Comment._meta.db_table
            for name, sql in (
                (f"rule aside on {table}", f"CREATE RULE aside AS ON INSERT TO {table} DO NOTHING"),
                (f"row security of {table}", f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
                (f"row security of {table}", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
                (f"child table aside of {table}", f"CREATE TABLE aside () INHERITS ({table})"),
            ):
                self.assert_fault(name, "unknown", sql)

        def test_a_role_whose_sessions_fire_no_guards_is_reported(self):
            self.assert_fault(
                "session_replication_role = origin",
                "altered",
                "CREATE ROLE aside",
                "ALTER ROLE aside SET session_replication_role = replica",
            )

        def test_a_table_that_a_session_puts_first_does_not_answer_for_the_real_one(self):
            """The guard of evidence asks whether it has checks."""
            row = row_of("evidence")
            for schema in ("pg_temp", "aside"):
                with self.subTest(schema), transaction.atomic():
                    run("CREATE SCHEMA aside")
                    run(
                        f"CREATE TABLE {schema}.recommendations_evidencecheck "
                        "(LIKE recommendations_evidencecheck)"
                    )
                    run("SET LOCAL search_path = aside, public")
                    with self.refused(row.table):
                        run(row.set(row.attack))
                    transaction.set_rollback(True)

        def test_truncating_by_way_of_another_table_is_refused(self):
            with self.assertRaises(IntegrityError):
                run(f"TRUNCATE {User._meta.db_table} CASCADE")

        def test_a_guard_that_is_disabled_is_reported(self):
            for how in ("DISABLE TRIGGER", "ENABLE REPLICA TRIGGER"):
                disable = f"ALTER TABLE {AuditEvent._meta.db_table} {how} guard_auditevent_update"
                self.assert_fault("guard_auditevent_update", "missing", disable)
