"""Seeding the demonstration: its steps are replayed through the actions that people use."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from recommendations import audit
from recommendations.actions import (
    article,
    initial,
)
from recommendations.actions.evidence.files import receive
from recommendations.actions.imports.figures import FigureOptions
from recommendations.actions.imports.pipeline import Upload
from recommendations.management.demo.acts import ACTIONS
from recommendations.management.demo.scenario import (
    DemonstrationRefused,
    ScenarioError,
    Step,
    read_objects,
    read_steps,
)
from recommendations.models import (
    Action,
    Addressee,
    Area,
    EvidenceLink,
    Indicator,
    Organisation,
    Recommendation,
    ReportingRound,
    Source,
    StatusUpdate,
    TargetDateChange,
    Theme,
    User,
)

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
        if initial.is_empty():
            # Its areas come with the article, on a day before those of the scenario.
            initial.clear()
        article.load(folder=folder, at=builder.moment(ARTICLE_DAY, 10))
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
