"""Confirmation of values by a second person: one value, or all that an import left to confirm."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import BATCH, add_row, differences, require, require_as_seen
from recommendations.actions.errors import ActionRefused, StaleWrite
from recommendations.actions.indicators import current_observation
from recommendations.models import ImportRun, Observation, ObservationConfirmation, User
from recommendations.queries.indicators.confirmations import (
    STATED,
    awaiting_of_import,
    shown_import,
    shown_value,
)
from recommendations.queries.indicators.values import with_record
from recommendations.queries.shown import Shown


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
        require(
            permissions.can_confirm(by, now), _("You may not confirm values of this indicator.")
        )
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
            _("You may not confirm values of this indicator."),
        )
        awaiting = list(awaiting_of_import(run))
        require_as_seen(seen, lambda: shown_import(_with_indicator(run), awaiting))
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
        counts = {"indicator": run.indicator.code, "import": run.pk, "values": len(rows)}
        act.record("confirm_import", run.file_sha256[:16], counts)
        return rows


def _with_indicator(run: ImportRun) -> ImportRun:
    return ImportRun.objects.select_related("indicator").get(pk=run.pk)


def _refuse_settled(observation: Observation) -> None:
    if not observation.asks_confirmation:
        raise ActionRefused(_("This value does not need confirmation."))
    if (found := getattr(observation, "confirmation", None)) is not None:
        told = {"who": found.confirmed_by, "day": date_format(found.confirmed_at, "j F Y, H:i")}
        raise ActionRefused(_("%(who)s confirmed this value on %(day)s.") % told)
