"""A new site, whose tables are made at once, has those of a site that took every step."""

from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.test import SimpleTestCase

from tests.upgrade.steps import step_by_step

APP = "recommendations"


def state_of_a_new_site() -> ProjectState:
    return MigrationLoader(None).project_state()


def state_after_every_step() -> ProjectState:
    with step_by_step():
        return MigrationLoader(None).project_state()


def columns_of(state: ProjectState) -> dict[Any, set[str]]:
    return {key: set(model.fields) for key, model in state.models.items()}


class StepTests(SimpleTestCase):
    def test_the_steps_are_left_out_of_a_new_site_and_only_there(self) -> None:
        step = (APP, "0002_daily_work")
        self.assertNotIn(step, MigrationLoader(None).graph.nodes)
        with step_by_step():
            self.assertIn(step, MigrationLoader(None).graph.nodes)

    def test_a_site_that_began_in_between_takes_the_steps_that_it_lacks(self) -> None:
        migrations = MigrationLoader(None).disk_migrations.values()
        [steps] = (sorted(each.replaces) for each in migrations if each.replaces)
        for n_taken, is_at_once in ((0, True), (33, False), (len(steps), True)):
            taken = dict.fromkeys(steps[:n_taken])
            with patch.object(MigrationRecorder, "applied_migrations", return_value=taken):
                nodes = MigrationLoader(connection).graph.nodes
            with self.subTest(taken=n_taken):
                self.assertEqual(steps[-1] not in nodes, is_at_once)

    def test_no_migration_leads_from_one_to_the_other(self) -> None:
        new, stepped = state_of_a_new_site(), state_after_every_step()
        self.assertEqual(columns_of(new), columns_of(stepped))
        for before, after in ((new, stepped), (stepped, new)):
            changes = MigrationAutodetector(before, after).changes(MigrationLoader(None).graph)
            self.assertEqual(changes, {})
