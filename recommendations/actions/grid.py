"""Adding the recommendations of a grid with their first dates: all of them, or none."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import free_slug, require
from recommendations.actions.dates import set_first
from recommendations.actions.errors import ActionRefused
from recommendations.actions.organisations import add_organisation
from recommendations.actions.recommendations import add_recommendation
from recommendations.models import Organisation, Recommendation, Source, User
from recommendations.queries.setup.grid import Cells, GridRow, plan_grid


def add_grid(
    *,
    source: Source,
    rows: Sequence[Cells],
    defaults: Cells,
    reason: str,
    by: User,
    expected: str,
    at: datetime | None = None,
) -> list[Recommendation]:
    """Add what the rows of a grid say, in their order, with the organisations that they name.

    ``expected`` is the digest of the plan that was shown. ``reason`` is that of the first dates.
    What is wrong is told under the column and the number of the row.
    """
    with audit.entry(by=by, at=at):
        require(permissions.can_change_recommendations(by), _("You may not add recommendations."))
        plan = plan_grid(source, rows, defaults, by)
        if plan.problems:
            raise ValidationError(
                {f"{name}{number}": why for (number, name), why in plan.problems.items()}
            )
        if plan.digest != expected:
            raise ActionRefused(_("Records changed since the preview. Check the preview again."))
        leads = {
            name: add_organisation(
                by=by, values={"slug": free_slug(Organisation, name), "name": name}
            )
            for name in plan.new_organisations
        }
        return [_add(source, row, leads.get(row.new_lead), reason, by) for row in plan.rows]


def _add(
    source: Source, row: GridRow, lead: Organisation | None, reason: str, by: User
) -> Recommendation:
    values = {**row.values, "lead": lead or row.values["lead"]}
    try:
        made = add_recommendation(source=source, by=by, values=values)
    except ValidationError as error:
        raise ValidationError(
            {f"{name}{row.number}": told for name, told in error.message_dict.items()}
        ) from error
    if row.first_date is not None:
        set_first(recommendation=made, by=by, new_date=row.first_date, reason=reason)
    return made
