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
    read_objects,
    read_steps,
)
from recommendations.models import User
from tests.base import make_person
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
        self.write(["day"])
        with self.assertRaisesMessage(ScenarioError, "steps.json: it must be a list of objects."):
            read_steps(self.folder)

    def test_a_step_with_a_fault(self):
        without = {name: STEP[name] for name in STEP if name != "hour"}
        for *steps, saying in (
            (without, "missing or unknown: hour."),
            (STEP, {**STEP, "on": 1}, "missing or unknown: on."),
            ({**STEP, "day": "-9"}, "“day” cannot be '-9'."),
            ({**STEP, "day": 0}, "day 0, hour 10 is not in the past."),
            (STEP, {**STEP, "hour": 9}, "it is earlier than the step before it."),
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
