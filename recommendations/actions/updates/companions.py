"""What is recorded with the submission of an update: completed actions, values, a date request.

Each by its own action, with the checks and the event of that. All is done or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from recommendations import audit
from recommendations.actions import dates, indicators, responses
from recommendations.actions.errors import ActionRefused
from recommendations.choices import ActionState
from recommendations.models import Action, Area, Indicator, Recommendation, User


class CompanionRefused(ActionRefused):
    """One of them cannot be recorded; ``place`` names the field on the form."""

    def __init__(self, place: str, refusal: ActionRefused) -> None:
        super().__init__(str(refusal))
        self.place = place


@dataclass(frozen=True, slots=True)
class CompletedAction:
    """An action that was completed; ``version`` is the one that the person was shown."""

    place: str
    pk: int
    version: int
    done_on: date


@dataclass(frozen=True, slots=True)
class NewValue:
    """A value of an indicator for a period that has none yet."""

    place: str
    indicator: int
    area: int
    period: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewDate:
    """Another target date; ``rows`` is the length of the ledger that the person was shown."""

    place: str
    day: date
    reason: str
    rows: int


Companion = CompletedAction | NewValue | NewDate


def record_companions(
    *, recommendation: Recommendation, by: User, companions: Sequence[Companion]
) -> None:
    """Record all of these, inside the entry of the submission.

    A ``ValidationError`` names the place of what is wrong, as does ``CompanionRefused``.
    """
    with audit.entry(by=by):
        for companion in companions:
            try:
                _record(recommendation, by, companion)
            except ValidationError as error:
                raise ValidationError({companion.place: error.messages}) from error
            except ActionRefused as refusal:
                raise CompanionRefused(companion.place, refusal) from refusal


def _record(recommendation: Recommendation, by: User, companion: Companion) -> None:
    match companion:
        case CompletedAction():
            responses.change_action(
                action=Action(pk=companion.pk),
                by=by,
                expected_version=companion.version,
                values={"state": ActionState.DONE, "done_on": companion.done_on},
            )
        case NewValue():
            indicators.observe(
                indicator=Indicator.objects.get(pk=companion.indicator),
                area=Area.objects.get(pk=companion.area),
                period=companion.period,
                by=by,
                values=companion.values,
                expected_version=0,
            )
        case NewDate():
            dates.request(
                recommendation=recommendation,
                by=by,
                new_date=companion.day,
                reason=companion.reason,
                expected_version=companion.rows,
            )
