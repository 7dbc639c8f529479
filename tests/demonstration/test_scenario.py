"""A scenario with a fault: the error names the file and the step, or the row."""

import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import SimpleTestCase, TestCase

from recommendations.actions.people import ensure_roles
from recommendations.choices import Role
from recommendations.management.demo import (
    ACTIONS,
    DemoBuilder,
    ScenarioError,
    Step,
    read_objects,
    read_steps,
)
from recommendations.models import StatusUpdate, User
from tests.base import TrackerTestCase, make_person
from tests.views.deciding import undone

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
        with self.assertRaises(ScenarioError) as refusal:
            self.run_steps()
        place = f"steps.json, step {len(steps)} ({steps[-1].get('do')}): "
        self.assertTrue(str(refusal.exception).startswith(place), refusal.exception)
        self.assertIn(saying, str(refusal.exception).removeprefix(place))

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

    def test_a_step_with_a_fault(self):
        without = {name: STEP[name] for name in STEP if name != "hour"}
        earlier = "it is earlier than the step before it."
        for *steps, saying in (
            (without, "missing or unknown: hour."),
            (STEP, {**STEP, "on": 1}, "missing or unknown: on."),
            ({"do": "updates.draft"}, "missing or unknown: by, day, hour"),
            ({**STEP, "day": "-9"}, "“day” cannot be '-9'."),
            ({**STEP, "with": []}, "“with” cannot be []."),
            ({**STEP, "by": 7}, "“by” cannot be 7."),
            ({**STEP, "day": 0}, "day 0, hour 10 is not in the past."),
            ({**STEP, "hour": 24}, "day -9, hour 24 is not in the past."),
            (STEP, {**STEP, "day": -10}, earlier),
            (STEP, {**STEP, "hour": 9}, earlier),
        ):
            with self.subTest(saying):
                self.assert_refused(*steps, saying=saying)

    def test_the_scenario_that_comes_with_the_site(self):
        self.assertEqual({step.action for step in read_steps(FOLDER)}, set(ACTIONS))


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

    def test_a_step_of_what_is_not_there(self):
        make_person("staff", Role.STAFF)
        theirs = "'staff' is not a person of the demonstration."
        self.assert_refused({**STEP, "with": {}}, saying=theirs)
        User.objects.all().delete()
        file = {**STEP, "do": "evidence.revise", "with": {"file": "files/none.txt"}}
        people = self.with_people()
        named = {**people, "as": "first"}
        submit = {**ROWS, "do": "updates.submit", "with": {"update": "first"}}
        unmade = "no earlier step named “first” made what “update” needs."
        brace = {"values": {"as_of": "{today - 9}"}}
        for *steps, saying in (
            ({**STEP, "do": "updates.delete"}, "there is no such action."),
            ({**STEP, "with": {}}, "there is no user 'staff'."),
            (STEP, "there is no recommendation 'DSR-1'."),
            (file, "[Errno 2] No such file"),
            ({**ROWS, "with": {"rows": "none.json"}}, "none.json: [Errno 2]"),
            (people, {**STEP, "do": "updates.submit", "with": {"notes": "x"}}, "submit() got an"),
            ({**ROWS, "do": "updates.submit", "with": {}}, "submit() missing 1 required keyword"),
            (submit, unmade),
            (named, submit, unmade),
            (named, named, "an earlier step is named “first” too."),
            ({**ROWS, "do": "updates.draft", "with": brace}, "has a brace that begins no date"),
        ):
            with self.subTest(saying), undone():
                self.assert_refused(*steps, saying=saying)

    def test_a_row_with_a_fault_is_named_as_well(self):
        for row, saying in (
            ({"username": "new", "x": 1}, "User() got unexpected keyword arguments: 'x'"),
            ({"username": "staff"}, ""),
            ({"first_name": "Staff"}, "{'username': ['This field cannot be blank.']}"),
        ):
            self.assert_refused(self.with_people(row), saying=f"rows.json, row 8: {saying}")
            # All of a file, or nothing.
            self.assertFalse(User.objects.exists())


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
        with self.assertRaisesMessage(ScenarioError, f"{step.label}: You cannot"):
            DemoBuilder(FOLDER, date(2026, 3, 30)).run(step)
        self.assertFalse(StatusUpdate.objects.exists())
