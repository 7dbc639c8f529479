"""Indicators, their values, and confirming values as a second person."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations import audit, periods, permissions
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    RowActions,
    StaleWrite,
    add_row,
    change_row,
    differences,
    require,
    require_maintainer,
    require_manager,
)
from recommendations.actions.proposals import require_as_seen
from recommendations.choices import ObsStatus, SourceStatus
from recommendations.models import (
    Area,
    ImportRun,
    Indicator,
    IndicatorLink,
    Observation,
    ObservationConfirmation,
    Target,
    User,
)
from recommendations.models.observations import FigureColumns
from recommendations.periods import Period
from recommendations.queries.indicators.detail import (
    STATED,
    awaiting_of_import,
    shown_import,
    shown_value,
)
from recommendations.queries.indicators.status import movement_of
from recommendations.queries.indicators.values import with_record
from recommendations.queries.shown import Shown

# ---- Indicators, and their figures: observations and targets, which are added and never edited


def add_indicator(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Indicator:
    """Add an indicator. Its code is for good: pages and files name it by that."""
    with audit.entry(by=by, at=at) as entry:
        require_manager(by)
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
        require_manager(by)
        current = Indicator.objects.get(pk=indicator.pk)
        chosen = values if current.is_published else _asking(values)
        change_row(entry, current, expected_version, chosen)
        # Another direction turns what its movement means.
        refresh_movement(entry, current)
        return current


def _asking(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is written of an indicator; once published it asks for confirmation, unless told not."""
    return {"asks_confirmation": True, **values} if values.get("is_published") else values


_LINKS = RowActions(
    IndicatorLink,
    "link",
    require_maintainer,
    ("attach", "change", "detach"),
)
link_indicator, change_indicator_link = _LINKS.add, _LINKS.change
"""What an indicator says about a recommendation, and why."""

unlink_indicator = _LINKS.remove
"""That it was there stays on record."""


def observe(
    *,
    indicator: Indicator,
    area: Area,
    period: str,
    by: User,
    values: Mapping[str, Any],
    dimensions: str = "",
    expected_revision: int | None = None,
    at: datetime | None = None,
) -> Observation:
    """Record a figure. Where there is one already this is its next revision.

    ``expected_revision`` is the one that the person was shown, 0 where there was none: where
    there is a newer one, nothing is written and ``StaleWrite`` carries it.
    """
    with audit.entry(by=by, at=at) as entry:
        require(
            permissions.can_observe(by, indicator),
            _("You cannot record values of this indicator."),
        )
        observation = Observation(
            indicator=indicator, area=area, period=period, dimensions=dimensions, **values
        )
        complete_observation(entry, observation)
        now = current_observation(indicator, area, period, dimensions)
        if expected_revision is not None and expected_revision != (now.revision if now else 0):
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


FIGURE_COLUMNS = tuple(column.name for column in FigureColumns._meta.local_fields)
"""Columns of an observation that a staged one has as well."""


def observe_staged(
    act: audit.BulkAct, rows: audit.StagedRows, run: ImportRun, *, asks_confirmation: bool
) -> int:
    """Insert staged observations, each checked, by one statement; how many there are."""
    columns = {
        **{name: F(name) for name in ("area", *FIGURE_COLUMNS)},
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
        may = permissions.can_observe(by, indicator)
        require(may, _("You cannot record values of this indicator."))
        target = Target(indicator=indicator, recorded_at=entry.at, recorded_by=by, **values)
        if target.replaces is not None and target.replaces.indicator_id != indicator.pk:
            raise ValidationError({"replaces": _("The value belongs to another indicator.")})
        return add_row(entry, target, verb="set_target")


# ---- Confirmation of values by a second person: one value, or all that an import left to confirm


def confirm_value(
    *,
    observation: Observation,
    by: User,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> ObservationConfirmation:
    """Confirm the revision that a person was shown; ``seen`` is what its page showed.

    ``StaleWrite`` carries a newer revision, with how it differs from the one that was shown.
    """
    with audit.entry(by=by, at=at) as entry:
        key = observation.area, observation.period, observation.dimensions
        now = current_observation(observation.indicator, *key)
        if Observation.objects.get(pk=observation.pk).is_withdrawn:
            raise ActionRefused(_("This value was withdrawn when its import was undone."))
        if now is None or now.pk != observation.pk:
            shown = {name: getattr(observation, name) for name in STATED}
            raise StaleWrite(now, differences(now, shown) if now else ())
        require(now.recorded_by_id != by.pk, _("You cannot confirm a value that you recorded."))
        require(permissions.can_confirm(by, now), _("You cannot confirm values of this indicator."))
        _refuse_settled(now)
        require_as_seen(seen, lambda: shown_value(with_record(by).get(pk=now.pk)))
        row = ObservationConfirmation(
            observation=now, confirmed_at=entry.at, confirmed_by=by, recorded_by=now.recorded_by
        )
        return add_row(entry, row, verb="confirm")


def confirm_import(
    *, run: ImportRun, by: User, seen: Shown | None = None, at: datetime | None = None
) -> list[ObservationConfirmation]:
    """Confirm all values of an import that are current and unconfirmed, with one event.

    ``seen`` is what the page of the import showed.
    """
    with audit.entry(by=by, at=at) as entry:
        require(run.by_id != by.pk, _("You cannot confirm values that you imported."))
        require(
            permissions.can_confirm_import(by, run),
            _("You cannot confirm values of this indicator."),
        )
        awaiting = list(awaiting_of_import(run))
        now = ImportRun.objects.select_related("indicator").get(pk=run.pk)
        require_as_seen(seen, lambda: shown_import(now, awaiting))
        if not awaiting:
            raise ActionRefused(_("No value of this import awaits confirmation."))
        rows = [
            ObservationConfirmation(
                observation=found,
                confirmed_at=entry.at,
                confirmed_by=by,
                recorded_by_id=found.recorded_by_id,
            )
            for found in awaiting
        ]
        act = audit.BulkAct(entry)
        act.add_new(ObservationConfirmation.objects.bulk_create(rows, batch_size=BATCH))
        counts = {"indicator": now.indicator.code, "import": run.pk, "values": len(rows)}
        act.record("confirm_import", run.file_sha256[:16], counts)
        return rows


def _refuse_settled(observation: Observation) -> None:
    if not observation.asks_confirmation:
        raise ActionRefused(_("This value does not need confirmation."))
    if (found := getattr(observation, "confirmation", None)) is not None:
        told = {"who": found.confirmed_by, "day": date_format(found.confirmed_at, "j F Y, H:i")}
        raise ActionRefused(_("%(who)s confirmed this value on %(day)s.") % told)
