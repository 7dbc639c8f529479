"""The scenario of the demonstration: dated steps, as the files in ``FILES`` list them.

``steps.json`` adds progress to the article, ``plan.json`` a second source, which is fictional. A
step is an object with these members:

``day``, ``hour``
    when it happens: days from today (negative: in the past) and the hour of that day. Each file
    lists its steps in the order of time, because the audit log keeps that order.
``do``
    the action, by its name in ``acts.ACTIONS``.
``by``
    the user name of the fictional person who acts; null where no person acts.
``as`` (optional)
    the name by which later steps refer to what this step made.
``with``
    the arguments of the action. Rows of the database are written as their natural keys, what an
    earlier step made as its name, and files as paths within the folder. ``{today-98}`` is a date:
    by itself a value, within a text written out ("22 December 2025"). With ``rows``, a file that
    lists objects, the action is called once for each, as its ``values``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILES = ("steps.json", "plan.json")

MEMBERS = {"day": int, "hour": int, "do": str, "by": str | None, "as": str, "with": dict}


class DemonstrationRefused(Exception):
    """The demonstration cannot be seeded here; tells why."""


class ScenarioError(DemonstrationRefused):
    """The data of the demonstration is wrong; names the file and the step or row."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act of one person. ``label`` names its file, number and action in error messages."""

    label: str
    day: int
    hour: int
    action: str
    by: str | None
    name: str
    arguments: Mapping[str, Any]


def read_steps(folder: Path) -> list[Step]:
    """All steps in the order of time; ``ScenarioError`` if one is malformed or out of order."""
    steps = [step for name in FILES for step in _read_file(folder / name)]
    return sorted(steps, key=lambda step: (step.day, step.hour))


def _read_file(path: Path) -> list[Step]:
    steps: list[Step] = []
    for number, raw in enumerate(read_objects(path), start=1):
        step = _step(raw, f"{path.name}, step {number} ({raw.get('do')})")
        if steps and (step.day, step.hour) < (steps[-1].day, steps[-1].hour):
            raise ScenarioError(f"{step.label}: it is earlier than the step before it.")
        steps.append(step)
    return steps


def read_objects(path: Path) -> list[dict[str, Any]]:
    """The objects that a JSON file lists."""
    try:
        objects = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise ScenarioError(f"{path.name}: it must be a list of objects.")
    return objects


def _step(raw: dict[str, Any], label: str) -> Step:
    raw = {"as": "", **raw}
    if differing := MEMBERS.keys() ^ raw.keys():
        raise ScenarioError(f"{label}: missing or unknown: {', '.join(sorted(differing))}.")
    for name, kind in MEMBERS.items():
        if not isinstance(raw[name], kind):
            raise ScenarioError(f"{label}: “{name}” cannot be {raw[name]!r}.")
    if raw["day"] >= 0 or not 0 <= raw["hour"] < 24:
        raise ScenarioError(f"{label}: day {raw['day']}, hour {raw['hour']} is not in the past.")
    return Step(label, *(raw[name] for name in MEMBERS))
