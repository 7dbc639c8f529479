"""Indicators, and their figures: observations and targets, which are added and never edited."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Value
from django.utils.translation import gettext as _

from recommendations import audit, periods, permissions
from recommendations.actions.base import (
    Expected,
    add_row,
    change_row,
    differences,
    remove,
    require,
)
from recommendations.actions.errors import StaleWrite
from recommendations.choices import ObsStatus, SourceStatus
from recommendations.models import (
    Area,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    Target,
    User,
)
from recommendations.models.observations import FigureColumns
from recommendations.periods import Period
from recommendations.queries.indicators.status import movement_of


def add_indicator(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Indicator:
    """Add an indicator. Its code is for good: pages and files name it by that."""
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_manage(by), _("You may not add indicators."))
        return add_row(entry, Indicator(**_asking(values)))


def change_indicator(
    *,
    indicator: Indicator,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Indicator:
    """Change what is said of an indicator, all but its code; its figures stay as they are."""
    if "code" in values:
        raise TypeError("the code of an indicator is for good")
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_manage(by), _("You may not change indicators."))
        current = Indicator.objects.get(pk=indicator.pk)
        chosen = values if current.is_published else _asking(values)
        change_row(entry, current, expected_version, chosen)
        # Another direction turns what its movement means.
        refresh_movement(entry, current)
        return current


def _asking(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is written of an indicator; once published it asks for confirmation, unless told not."""
    return {"asks_confirmation": True, **values} if values.get("is_published") else values


def link_indicator(
    *, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> IndicatorLink:
    """Say what an indicator says about a recommendation."""
    with audit.entry(by=by, at=at) as entry:
        require(
            permissions.can_change_recommendations(by), _("You may not change recommendations.")
        )
        return add_row(entry, IndicatorLink(**values), verb="attach")


def change_indicator_link(
    *,
    link: IndicatorLink,
    by: User,
    expected_version: Expected,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> IndicatorLink:
    """Change how an indicator is related to a recommendation, and why."""
    with audit.entry(by=by, at=at) as entry:
        require(
            permissions.can_change_recommendations(by), _("You may not change recommendations.")
        )
        return change_row(entry, IndicatorLink.objects.get(pk=link.pk), expected_version, values)


def unlink_indicator(
    *, link: IndicatorLink, by: User, expected_version: Expected = None, at: datetime | None = None
) -> None:
    """Take an indicator from a recommendation; that it was there stays on record."""
    with audit.entry(by=by, at=at) as entry:
        require(
            permissions.can_change_recommendations(by), _("You may not change recommendations.")
        )
        remove(entry, link, expected_version=expected_version, verb="detach")


def observe(
    *,
    indicator: Indicator,
    area: Area,
    period: str,
    by: User,
    values: Mapping[str, Any],
    dimensions: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Observation:
    """Record a figure. Where there is one already this is its next revision.

    ``expected_version`` is the revision that the person was shown, 0 where there was none: where
    there is a newer one, nothing is written and ``StaleWrite`` carries it.
    """
    with audit.entry(by=by, at=at) as entry:
        require(
            permissions.can_observe(by, indicator),
            _("You may not record values of this indicator."),
        )
        observation = Observation(
            indicator=indicator, area=area, period=period, dimensions=dimensions, **values
        )
        complete_observation(entry, observation)
        now = current_observation(indicator, area, period, dimensions)
        if expected_version is not None and expected_version != (now.revision if now else 0):
            raise StaleWrite(now, differences(now, dict(values)) if now else ())
        asked = Indicator.objects.values_list("asks_confirmation", flat=True)
        observation.asks_confirmation = asked.get(pk=indicator.pk)
        add_row(entry, observation, verb="observe")
        refresh_movement(entry, indicator)
        return observation


# Set by actions, or read from the database just before: nothing that a person or a file states.
_NOT_STATED = frozenset({"indicator", "area", "import_run", "recorded_at", "recorded_by"})


_WORKED_OUT = _NOT_STATED | {
    *("first_day", "last_day", "revision"),
    *(field.name for field in Observation._meta.fields if isinstance(field, BooleanField)),
}
"""With what is worked out from what is stated, so that no field of it can be wrong."""


def new_observation(period: Period, **values: Any) -> Observation:
    """An unsaved observation of a period."""
    first, last = period.first_day, period.last_day
    return Observation(period=period.code, first_day=first, last_day=last, **values)


def check_figure(observation: Observation) -> None:
    """Check what is stated in one of many observations, without a query where it is sound."""
    observation.clean_fields(exclude=_WORKED_OUT)
    is_stated = observation.value is not None or observation.text
    if observation.obs_status == ObsStatus.MISSING and is_stated:
        observation.validate_constraints(exclude=_NOT_STATED)


def observe_many(act: audit.BulkAct, observations: Sequence[Observation]) -> None:
    """Insert observations of an import, each checked and with its revision number."""
    for observation in observations:
        observation.recorded_at, observation.recorded_by = act.entry.at, act.entry.by
    act.add_new(Observation.objects.bulk_create(observations))


STATED = tuple(column.name for column in FigureColumns._meta.local_fields)
"""Columns of an observation that a staged one has as well."""


def observe_staged(
    act: audit.BulkAct, rows: audit.StagedRows, run: ImportRun, *, asks_confirmation: bool
) -> int:
    """Insert staged observations, each checked, by one statement; how many there are."""
    columns = {
        **{name: F(name) for name in ("area", *STATED)},
        "id": F("observation"),
        "indicator": Value(run.indicator_id),
        "import_run": Value(run.pk),
        "recorded_at": Value(act.entry.at),
        "recorded_by": Value(run.by_id),
        "asks_confirmation": Value(asks_confirmation),
    }
    act.add_staged(rows)
    return audit.insert_from(rows.figures, Observation, columns)


def current_observation(
    indicator: Indicator, area: Area, period: str, dimensions: str = ""
) -> Observation | None:
    """The last revision of one figure that was not withdrawn, if there is any."""
    rows = Observation.objects.standing().filter(
        indicator=indicator.pk, area=area.pk, period=period, dimensions=dimensions
    )
    shown = rows.select_related("indicator", "area", "recorded_by", "confirmation__confirmed_by")
    return shown.order_by("-revision").first()


def refresh_movement(entry: audit.Entry, indicator: Indicator) -> None:
    """Work out again which way an indicator moved; a projection, so no event of its own."""
    moved = movement_of(indicator)
    others = Indicator.objects.filter(pk=indicator.pk).exclude(movement=moved)
    if others.update(movement=moved):
        entry.touch(Indicator._meta.label_lower, indicator.pk)
    indicator.movement = moved


def refresh_movements_in(entry: audit.Entry, area: Area) -> None:
    """The same for all with figures of an area: which areas lead depends on their kind."""
    for indicator in Indicator.objects.filter(observations__area=area).distinct():
        refresh_movement(entry, indicator)


def next_revision(like: Observation) -> int:
    """The number of the next revision of the same figure; withdrawn ones keep theirs."""
    return 1 + (
        Observation.objects.filter(
            indicator=like.indicator_id,
            area=like.area_id,
            period=like.period,
            dimensions=like.dimensions,
        ).count()
    )


def complete_observation(entry: audit.Entry, observation: Observation) -> None:
    """Give an unsaved observation its days, its revision number, and who recorded it when."""
    try:
        period = periods.parse(observation.period)
    except ValueError as error:
        raise ValidationError({"period": str(error)}) from error
    observation.first_day, observation.last_day = period.first_day, period.last_day
    observation.revision = next_revision(observation)
    if observation.obs_status == ObsStatus.MISSING and not observation.source_status:
        observation.source_status = SourceStatus.MISSING
    observation.recorded_at, observation.recorded_by = entry.at, entry.by


def set_target(
    *, indicator: Indicator, by: User, values: Mapping[str, Any], at: datetime | None = None
) -> Target:
    """Set a baseline or target; one that ``replaces`` an earlier one of the same says why."""
    with audit.entry(by=by, at=at) as entry:
        require(
            permissions.can_observe(by, indicator), _("You may not set targets of this indicator.")
        )
        target = Target(indicator=indicator, recorded_at=entry.at, recorded_by=by, **values)
        if target.replaces is not None and target.replaces.indicator_id != indicator.pk:
            raise ValidationError({"replaces": _("The value belongs to another indicator.")})
        return add_row(entry, target, verb="set_target")
