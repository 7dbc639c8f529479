"""The demonstration: fictional people and progress, replayed from ``fixtures/demonstration/``."""

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from recommendations import audit
from recommendations.actions import (
    areas,
    dates,
    fixtures,
    indicators,
    people,
    personal,
    recommendations,
    responses,
    rounds,
    signoffs,
    structure,
)
from recommendations.actions.evidence import changes as evidence_changes
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.files import receive
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.imports.figures import FigureImport, FigureOptions
from recommendations.actions.imports.pipeline import Upload
from recommendations.actions.updates import decisions, drafts
from recommendations.models import (
    Action,
    Addressee,
    Area,
    EvidenceLink,
    Indicator,
    Organisation,
    Recommendation,
    ReportingRound,
    RoundExtension,
    SignOff,
    Source,
    StatusUpdate,
    TargetDateChange,
    Theme,
    User,
)
from recommendations.queries.rounds import by_organisation, plan_round, tally_of

# ---- The scenario of the demonstration: dated steps, as the files in ``FILES`` list them.
# ``steps.json`` adds progress to the article, ``plan.json`` a second source, which is fictional. A
# step is an object with these members:
# ``day``, ``hour``
#     when it happens: days from today (negative: in the past) and the hour of that day. Each file
#     lists its steps in the order of time, because the audit log keeps that order.
# ``do``
#     the action, by its name in ``acts.ACTIONS``.
# ``by``
#     the user name of the fictional person who acts; null where no person acts.
# ``as`` (optional)
#     the name by which later steps refer to what this step made.
# ``with``
#     the arguments of the action. Rows of the database are written as their natural keys, what an
#     earlier step made as its name, and files as paths within the folder. ``{today-98}`` is a date:
#     by itself a value, within a text written out ("22 December 2025"). With ``rows``, a file that
#     lists objects, the action is called once for each, as its ``values``.

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


# ---- What a step of the demonstration may do: actions, some of them with their rows named shorter

PASSWORD = "demo"  # noqa: S105 - on purpose: it is public
"""The password of all fictional people. The site refuses to seed them outside debug."""


def publish_all(*, recommendation: Recommendation, by: User, at: datetime) -> None:
    """Publish a recommendation, unless it is published already."""
    if recommendation.published_at is None:
        recommendations.publish_recommendation(recommendation=recommendation, by=by, at=at)


def add_recommendation(
    *, to_source: Source, by: User, values: dict[str, Any], at: datetime
) -> Recommendation:
    """Add a fictional recommendation to a fictional source."""
    return recommendations.add_recommendation(source=to_source, by=by, values=values, at=at)


def begin_draft(
    *,
    recommendation: Recommendation,
    by: User,
    at: datetime,
    values: dict[str, Any] | None = None,
    addressee: Addressee | None = None,
    parts: Sequence[str] = (),
) -> StatusUpdate:
    """Begin a draft, on the whole or for one addressee; ``parts`` are labels of completed ones."""
    update = StatusUpdate(recommendation=recommendation, addressee=addressee)
    completed = [recommendation.parts.living().get(label=label).pk for label in parts]
    return drafts.save_update(
        update=update, by=by, values=values or {}, parts=completed or None, at=at
    )


def submit(*, update: StatusUpdate, by: User, at: datetime, expected_version: int) -> StatusUpdate:
    """Submit a draft as it is."""
    return drafts.save_update(
        update=update,
        by=by,
        values={},
        expected_version=expected_version,
        is_final=True,
        at=at,
    )


def add_person(*, by: User | None, values: dict[str, Any], at: datetime) -> User:
    """Make an account for a fictional person."""
    known = {"password": _hash_of_password(), "is_demonstration": True}
    return people.add_user(by=by, values={**values, **known}, at=at)


@cache
def _hash_of_password() -> str:
    """One for all: hashing takes as long as it is meant to."""
    return make_password(PASSWORD)


def attach_to(*, update: StatusUpdate, by: User, at: datetime, **item: Any) -> EvidenceLink:
    """Attach one new item to an update."""
    items = [EvidenceInput(**item)]
    [link] = evidence_items.attach_evidence(to=update, by=by, items=items, at=at)
    return link


def send_round(
    *, items: Sequence[str], by: User, values: Mapping[str, Any], at: datetime
) -> ReportingRound:
    """Ask for updates on the recommendations with these references."""
    ids = Recommendation.objects.filter(reference__in=items).values_list("pk", flat=True)
    shown = plan_round(ids, values["as_of"]).shown
    return rounds.send_round(key=uuid4(), values=values, shown=shown, by=by, at=at)


def extend_round(
    *,
    round: ReportingRound,
    organisation: Organisation,
    new_day: date,
    reason: str,
    by: User,
    at: datetime,
) -> RoundExtension:
    """Give one organisation another day, from the day that it has now."""
    tally = dict(by_organisation(tally_of(round, timezone.localdate(at))))[organisation.pk]
    return rounds.extend_round(
        round=round,
        organisation=organisation,
        new_day=new_day,
        reason=reason,
        shown_day=tally.reply_by or new_day,
        by=by,
        at=at,
    )


def watch(
    *,
    by: User,
    at: datetime,
    recommendation: Recommendation | None = None,
    indicator: Indicator | None = None,
) -> None:
    """Watch a recommendation, or an indicator."""
    kind, item = ("recommendation", recommendation) if recommendation else ("indicator", indicator)
    personal.watch(by=by, kind=kind, key=item.pk if item else 0, at=at)


def sign_off_source(
    *, to_source: Source, by: User, as_of: date, remark: str, at: datetime
) -> SignOff:
    """Sign off a source with all its recommendations."""
    return signoffs.record_sign_off(about=to_source, by=by, as_of=as_of, remark=remark, at=at)


ACTIONS: dict[str, Callable[..., Any]] = {
    "areas.add_area": areas.add_area,
    "calendar.create": personal.create_calendar_address,
    "dates.approve": dates.approve_date_change,
    "dates.reject": dates.reject_date_change,
    "dates.request": dates.request,
    "dates.set_first": dates.set_first,
    "deputies.add": people.add_deputy,
    "evidence.answer": evidence_items.answer,
    "evidence.attach": attach_to,
    "evidence.check": evidence_items.check_evidence,
    "evidence.change": evidence_changes.change_item,
    "evidence.revise": evidence_changes.revise_file,
    "figures.import_figures": lambda at, **about: FigureImport(**about).run(at=at),
    "indicators.add_indicator": indicators.add_indicator,
    "indicators.link_indicator": indicators.link_indicator,
    "organisations.add_organisation": people.add_organisation,
    "people.add_user": add_person,
    "recommendations.add": add_recommendation,
    "recommendations.add_addressee": recommendations.add_addressee,
    "recommendations.add_source": recommendations.add_source,
    "recommendations.publish": publish_all,
    "recommendations.revise": recommendations.revise_recommendation,
    "relations.add": structure.add_relation,
    "responses.add_action": responses.add_action,
    "responses.change_action": responses.change_action,
    "responses.record_responses": responses.record_responses,
    "rounds.extend": extend_round,
    "rounds.remind": rounds.remind,
    "rounds.send": send_round,
    "signoffs.sign_off": sign_off_source,
    "themes.add": structure.add_theme,
    "updates.approve": decisions.approve_update,
    "updates.correct": decisions.correct,
    "updates.draft": begin_draft,
    "updates.no_change": decisions.no_change,
    "updates.retract": decisions.retract,
    "updates.return_update": decisions.return_update,
    "updates.save_draft": drafts.save_update,
    "updates.submit": submit,
    "updates.withdraw": drafts.withdraw_update,
    "watches.watch": watch,
}
"""What a step may do."""


# ---- Seeding the demonstration: its steps are replayed through the actions that people use

ARTICLE_DAY = -425
"""The day, counted from today, under which the article is loaded where it is missing."""

NAMES: dict[str, tuple[Any, str]] = {
    "areas.add_area": (Area, "code"),
    "organisations.add_organisation": (Organisation, "slug"),
    "people.add_user": (User, "username"),
    "recommendations.add_source": (Source, "slug"),
}
"""Fields of what these actions add whose values people may have given on this site already."""

DAY = re.compile(r"\{today([+-]\d+)\}")


def seed(*, folder: Path, now: datetime) -> bool:
    """Load the article where it is missing; add fictional people, progress and a second source.

    ``folder`` holds the article's fixtures and, in ``demonstration``, the scenario. ``now`` is the
    day from which its days are counted. False where the demonstration is there already. All of it
    is written, or nothing; ``DemonstrationRefused`` says why not.
    """
    if not settings.DEBUG:
        raise DemonstrationRefused(
            "Demonstration accounts have a public password. Run this command only with DEBUG=on."
        )
    with transaction.atomic():
        if User.objects.filter(is_demonstration=True).exists():
            return False
        builder = DemoBuilder(folder / "demonstration", timezone.localdate(now))
        steps = read_steps(builder.folder)
        builder.require_free(steps)
        if fixtures.is_empty():
            # Its areas come with the article, on a day before those of the scenario.
            fixtures.clear()
        fixtures.load(folder=folder, at=builder.moment(ARTICLE_DAY, 10))
        for step in steps:
            builder.run(step)
    return True


KEYED: dict[str, Any] = {
    "addressee": Addressee,
    "addressees": Addressee,
    "area": Area,
    "contributors": Organisation,
    "deputy": User,
    "groups": Group,
    "indicator": Indicator,
    "lead": Organisation,
    "lead_officer": User,
    "organisation": Organisation,
    "other": Recommendation,
    "parent": Area,
    "person": User,
    "recommendation": Recommendation,
    "reviewer": User,
    "themes": Theme,
    "to_source": Source,
}
"""Arguments that are rows, written as natural keys; those in the plural are lists of them."""

MADE: dict[str, Any] = {
    "action": Action,
    "date_change": TargetDateChange,
    "evidence": EvidenceLink,
    "link": EvidenceLink,
    "round": ReportingRound,
    "update": StatusUpdate,
}
"""Arguments that earlier steps made; evidence is that of the link by which it was attached."""


class DemoBuilder:
    """Replays steps, counting their days from ``today``; remembers what each one made."""

    def __init__(self, folder: Path, today: date) -> None:
        self.folder = folder
        self.today = today
        self.made: dict[str, Any] = {}

    def moment(self, day: int, hour: int) -> datetime:
        """Twelve minutes past an hour of a day, in the time zone of the site."""
        clock = time(hour, 12, tzinfo=timezone.get_current_timezone())
        return datetime.combine(self.today + timedelta(days=day), clock)

    def require_free(self, steps: Iterable[Step]) -> None:
        """Refuse to mix fictional progress with what people wrote."""
        if taken := [name for step in steps for name in self._taken_names(step)]:
            raise DemonstrationRefused(f"These names are taken: {', '.join(taken)}.")
        references = {step.arguments.get("recommendation") for step in steps} - {None}
        if StatusUpdate.objects.filter(recommendation__reference__in=references).exists():
            raise DemonstrationRefused("The recommendations of the article already have updates.")

    def run(self, step: Step) -> None:
        """Call the action of a step; ``ScenarioError`` names the step where that fails."""
        try:
            if step.action not in ACTIONS:
                raise ScenarioError("there is no such action.")
            if step.name in self.made:
                raise ScenarioError(f"an earlier step is named “{step.name}” too.")
            with transaction.atomic(), audit.act():
                made = self._run(step, ACTIONS[step.action])
        except Exception as error:  # Wrong data may fail anywhere in an action.
            raise ScenarioError(f"{step.label}: {error}") from error
        if step.name:
            self.made[step.name] = made

    def _run(self, step: Step, action: Callable[..., Any]) -> Any:
        """Call an action; with the values of each row of a file where the step names one."""
        if "rows" not in step.arguments:
            return self._call(step, action, step.arguments)
        path = self.folder / step.arguments["rows"]
        for number, values in enumerate(read_objects(path), start=1):
            try:
                self._call(step, action, {"values": values})
            except Exception as error:  # As above.
                raise ScenarioError(f"{path.name}, row {number}: {error}") from error
        return None

    def _taken_names(self, step: Step) -> list[str]:
        """Names that a step gives and that the site has already."""
        if step.action not in NAMES:
            return []
        model, field = NAMES[step.action]
        rows = [step.arguments.get("values", {})]
        if "rows" in step.arguments:
            rows = read_objects(self.folder / step.arguments["rows"])
        names = [row.get(field) for row in rows]
        found = model.objects.filter(**{f"{field}__in": names}).order_by("pk")
        return list(found.values_list(field, flat=True))

    def _call(self, step: Step, action: Callable[..., Any], raw: Mapping[str, Any]) -> Any:
        arguments = {name: self._value(name, value) for name, value in raw.items()}
        arguments["by"] = None if step.by is None else _row(User, step.by)
        parameters = inspect.signature(action).parameters
        name = "expected_version"
        if name in parameters and parameters[name].default is not None:
            # Such an action names first what it changes.
            arguments[name] = getattr(arguments.get(next(iter(parameters))), "version", None)
        return action(**arguments, at=self.moment(step.day, step.hour))

    def _value(self, name: str, raw: Any) -> Any:
        """An argument, or a member of one, as the action takes it."""
        match name, raw:
            case (("addressees" | "contributors" | "groups" | "themes"), list()):
                return [_row(KEYED[name], key) for key in raw]
            case _ if name in KEYED and raw is not None:
                return _row(KEYED[name], raw)
            case _ if name in MADE:
                return self._made(name, raw)
            case "file", str():
                return receive(ContentFile((self.folder / raw).read_bytes(), Path(raw).name))
            case "upload", str():
                return Upload(BytesIO((self.folder / raw).read_bytes()), Path(raw).name)
            case "options", dict():
                return FigureOptions(**raw)
            case _, dict():
                return {key: self._value(key, value) for key, value in raw.items()}
            case _, str():
                return self._dated(raw)
        return raw

    def _made(self, name: str, raw: str) -> Any:
        """What the earlier step of this name made, as it is now."""
        row = self.made.get(raw)
        if not isinstance(row, MADE[name]):
            raise ScenarioError(f"no earlier step named “{raw}” made what “{name}” needs.")
        row.refresh_from_db()
        return row.evidence if name == "evidence" else row

    def _dated(self, text: str) -> str | date:
        """A text with its dates written out, or the date where it is nothing else."""
        if whole := DAY.fullmatch(text):
            return self._day(whole)
        written = DAY.sub(lambda found: date_format(self._day(found), "j F Y"), text)
        if "{" in written:
            raise ScenarioError(f"“{text}” has a brace that begins no date such as {{today-98}}.")
        return written

    def _day(self, found: re.Match[str]) -> date:
        return self.today + timedelta(days=int(found[1]))


def _row(model: Any, key: str | list[str]) -> Any:
    """The row of this natural key; people only where they are fictional."""
    try:
        row = model.objects.get_by_natural_key(*([key] if isinstance(key, str) else key))
    except ObjectDoesNotExist as error:
        raise ScenarioError(f"there is no {model._meta.verbose_name} {key!r}.") from error
    if isinstance(row, User) and not row.is_demonstration:
        raise ScenarioError(f"{key!r} is not a person of the demonstration.")
    return row
