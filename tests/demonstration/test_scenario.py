"""A scenario with a fault: the error names the file and the step, or the row."""

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import SimpleTestCase, TestCase

from recommendations.actions.roles import ensure_roles
from recommendations.choices import Role
from recommendations.management.demo import ScenarioError
from recommendations.management.demo.acts import ACTIONS
from recommendations.management.demo.builder import DemoBuilder
from recommendations.management.demo.scenario import Step, read_objects, read_steps
from recommendations.models import StatusUpdate, User
from tests.base import TrackerTestCase, make_person

FOLDER = settings.BASE_DIR / "fixtures" / "demonstration"

STEP: dict[str, Any] = {
    "day": -9,
    "hour": 10,
    "do": "updates.draft",
    "by": "staff",
    "with": {"recommendation": "DSR-1"},
}
ROWS = {**STEP, "do": "people.add_user", "by": None}


class ScenarioTestCase(SimpleTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.write([], "plan.json")

    def write(self, data: Any, name: str = "steps.json") -> None:
        (self.folder / name).write_text(data if isinstance(data, str) else json.dumps(data))

    def assert_refused(self, *steps: dict[str, Any], saying: str) -> None:
        """The last of these steps is refused with this text, its file and its number in front."""
        self.write(steps)
        last = f"steps.json, step {len(steps)} ({steps[-1].get('do')}): {saying}"
        with self.assertRaisesMessage(ScenarioError, last):
            self.run_steps()

    def run_steps(self) -> None:
        read_steps(self.folder)


class ReadingTests(ScenarioTestCase):
    def test_a_file_that_is_missing_or_no_list_of_objects(self):
        with self.assertRaisesMessage(ScenarioError, "steps.json: [Errno 2] No such file"):
            read_steps(self.folder)
        for data, saying in (
            ("[{]", "steps.json: Expecting property name"),
            ({"day": 1}, "steps.json: it must be a list of objects."),
            (["day"], "steps.json: it must be a list of objects."),
        ):
            self.write(data)
            with self.assertRaisesMessage(ScenarioError, saying):
                read_steps(self.folder)

    def test_a_step_without_a_member_or_with_one_too_many(self):
        without = {name: STEP[name] for name in STEP if name != "hour"}
        self.assert_refused(without, saying="missing or unknown: hour.")
        self.assert_refused(STEP, {**STEP, "on": 1}, saying="missing or unknown: on.")
        self.assert_refused({"do": "updates.draft"}, saying="missing or unknown: by, day, hour")

    def test_members_of_another_type(self):
        self.assert_refused({**STEP, "day": "-9"}, saying="“day” cannot be '-9'.")
        self.assert_refused({**STEP, "with": []}, saying="“with” cannot be [].")
        self.assert_refused({**STEP, "by": 7}, saying="“by” cannot be 7.")

    def test_a_time_that_is_not_in_the_past_or_out_of_order(self):
        self.assert_refused({**STEP, "day": 0}, saying="day 0, hour 10 is not in the past.")
        self.assert_refused({**STEP, "hour": 24}, saying="day -9, hour 24 is not in the past.")
        earlier = "it is earlier than the step before it."
        self.assert_refused(STEP, {**STEP, "day": -10}, saying=earlier)
        self.assert_refused(STEP, {**STEP, "hour": 9}, saying=earlier)

    def test_the_scenario_that_comes_with_the_site(self):
        steps = read_steps(FOLDER)
        self.assertEqual({step.action for step in steps}, set(ACTIONS))


class ReplayTests(ScenarioTestCase, TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        ensure_roles()

    def run_steps(self) -> None:
        builder = DemoBuilder(self.folder, date(2026, 3, 30))
        for step in read_steps(self.folder):
            builder.run(step)

    def with_people(self, *rows: dict[str, Any]) -> dict[str, Any]:
        """A step that creates the people of the demonstration, and these rows after them."""
        people = read_objects(FOLDER / "people.json")
        named = [{**person, "organisation": None} for person in people]
        self.write([*named, *rows], "rows.json")
        return {**ROWS, "with": {"rows": "rows.json"}}

    def test_an_action_that_does_not_exist(self):
        self.assert_refused({**STEP, "do": "updates.delete"}, saying="there is no such action.")

    def test_people_and_rows_that_do_not_exist(self):
        self.assert_refused({**STEP, "with": {}}, saying="there is no user 'staff'.")
        self.assert_refused(STEP, saying="there is no recommendation 'DSR-1'.")
        make_person("staff", Role.STAFF)
        theirs = "'staff' is not a person of the demonstration."
        self.assert_refused({**STEP, "with": {}}, saying=theirs)

    def test_a_file_that_does_not_exist(self):
        step = {**STEP, "do": "evidence.revise", "with": {"file": "files/none.txt"}}
        self.assert_refused(step, saying="[Errno 2] No such file")
        self.assert_refused({**ROWS, "with": {"rows": "none.json"}}, saying="none.json: [Errno 2]")

    def test_a_row_with_a_fault_is_named_as_well(self):
        for row, saying in (
            ({"username": "new", "x": 1}, "User() got unexpected keyword arguments: 'x'"),
            ({"username": "staff"}, ""),
            ({"first_name": "Staff"}, "{'username': ['This field cannot be blank.']}"),
        ):
            self.assert_refused(self.with_people(row), saying=f"rows.json, row 8: {saying}")
            # All of a file, or nothing.
            self.assertFalse(User.objects.exists())

    def test_arguments_that_an_action_does_not_take_or_lacks(self):
        people = self.with_people()
        step = {**STEP, "do": "updates.submit", "with": {"notes": "Done."}}
        self.assert_refused(people, step, saying="submit() got an unexpected keyword argument")
        without = {**ROWS, "do": "updates.submit", "with": {}}
        self.assert_refused(without, saying="submit() missing 1 required keyword")

    def test_what_no_earlier_step_made(self):
        step = {**ROWS, "do": "updates.submit", "with": {"update": "first"}}
        saying = "no earlier step named “first” made what “update” needs."
        self.assert_refused(step, saying=saying)
        named = {**self.with_people(), "as": "first"}
        self.assert_refused(named, step, saying=saying)

    def test_a_name_that_is_given_twice(self):
        people = {**self.with_people(), "as": "first"}
        saying = "an earlier step is named “first” too."
        self.assert_refused(people, people, saying=saying)

    def test_a_brace_that_begins_no_date(self):
        step = {**ROWS, "do": "updates.draft", "with": {"values": {"as_of": "{today - 9}"}}}
        self.assert_refused(step, saying="“{today - 9}” has a brace that begins no date")


class RefusedActionTests(TrackerTestCase):
    def test_what_an_action_refuses(self):
        User.objects.filter(pk=self.viewer.pk).update(is_demonstration=True)
        step = Step(
            "steps.json, step 7 (updates.draft)",
            -9,
            10,
            "updates.draft",
            "viewer",
            "",
            {"recommendation": self.recommendation.reference},
        )
        with self.assertRaisesMessage(ScenarioError, f"{step.label}: You may not"):
            DemoBuilder(FOLDER, date(2026, 3, 30)).run(step)
        self.assertFalse(StatusUpdate.objects.exists())
