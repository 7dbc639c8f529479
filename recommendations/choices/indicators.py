"""How indicators are measured, and what their figures are worth."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Measure(TextChoices):
    """How an indicator is measured (IATI codelist IndicatorMeasure)."""

    UNIT = "1", _("Unit")
    PERCENTAGE = "2", _("Percentage")
    NOMINAL = "3", _("Nominal")
    ORDINAL = "4", _("Ordinal")
    QUALITATIVE = "5", _("Qualitative")


class Direction(TextChoices):
    """Which way an indicator is meant to move."""

    INCREASE = "increase", _("Desired direction: increase")
    DECREASE = "decrease", _("Desired direction: decrease")
    MAINTAIN = "maintain", _("Desired direction: maintain")
    NONE_STATED = "none_stated", _("No desired direction stated")


class Movement(TextChoices):
    """Which way an indicator moved between its last two comparable figures; computed."""

    NOT_KNOWN = "", _("Not known")
    TOWARDS = "towards", _("Favourable")
    AGAINST = "against", _("Unfavourable")
    STILL = "still", _("Unchanged")


class Reporting(TextChoices):
    """Whether a figure speaks of its period alone or of everything so far."""

    PERIODIC = "periodic", _("Periodic")
    CUMULATIVE = "cumulative", _("Cumulative")


class ResultLevel(TextChoices):
    """What an indicator tells of (IATI codelist ResultType)."""

    OUTPUT = "1", _("Output")
    OUTCOME = "2", _("Outcome")
    IMPACT = "3", _("Impact")
    OTHER = "9", _("Other")


class Frequency(TextChoices):
    """How often an indicator is published (SDMX codelist CL_FREQ)."""

    ANNUAL = "A", _("Annual")
    HALF_YEARLY = "S", _("Half-yearly")
    QUARTERLY = "Q", _("Quarterly")
    MONTHLY = "M", _("Monthly")
    IRREGULAR = "I", _("Irregular or one-off")


class Relation(TextChoices):
    """What an indicator says about a recommendation."""

    OUTCOME = "outcome", _("Outcome indicator")
    DELIVERY = "delivery", _("Output or process indicator")
    CONTEXT = "context", _("Context indicator")


RELATION_DEFINITIONS: dict[str, str | Promise] = {
    Relation.OUTCOME: _("Measures the result that the recommendation aims for."),
    Relation.DELIVERY: _("Measures the work to implement the recommendation."),
    Relation.CONTEXT: _("Gives context. Does not measure the recommendation."),
}

MEASURING_RELATIONS: tuple[str, ...] = (Relation.OUTCOME, Relation.DELIVERY)
"""Relations under which an indicator measures its recommendation."""


class TargetKind(TextChoices):
    """Which end of the road a target row marks."""

    BASELINE = "baseline", _("Baseline")
    TARGET = "target", _("Target")


class TargetMark(TextChoices):
    """How a baseline or target came to be known."""

    STATED = "stated", _("stated")
    ASSUMED = "assumed", _("assumed")
    DERIVED = "derived", _("derived")


class ObsStatus(TextChoices):
    """Observation status as calculations tell it apart; ``SourceStatus`` has the other codes."""

    NORMAL = "A", _("Normal")
    BREAK = "B", _("Time series break")
    ESTIMATED = "E", _("Estimated")
    FORECAST = "F", _("Forecast")
    IMPUTED = "I", _("Imputed")
    MISSING = "M", _("Missing value")
    PROVISIONAL = "P", _("Provisional")
    LOW_RELIABILITY = "U", _("Low reliability")


class SourceStatus(TextChoices):
    """Codes of the SDMX code list CL_OBS_STATUS 2.2 that ``ObsStatus`` does not tell apart.

    Source: Statistical Working Group of SDMX, https://sdmx.org/?page_id=3215, where O is a missing
    value whose reason is not broken down, and M one that cannot exist.
    """

    DEFINITION_DIFFERS = "D", _("Definition differs")
    EXPERIMENTAL = "G", _("Experimental value")
    HOLIDAY = "H", _("Missing value; holiday or weekend")
    DEROGATION = "J", _("Derogation")
    INCLUDED_ELSEWHERE = "K", _("Data included in another category")
    NOT_COLLECTED = "L", _("Missing value; data exist but were not collected")
    CANNOT_EXIST = "M", _("Missing value; data cannot exist")
    NOT_SIGNIFICANT = "N", _("Not significant")
    MISSING = "O", _("Missing value")
    SUPPRESSED = "Q", _("Missing value; suppressed")
    SPECIAL_EVENT = "S", _("Strike or other special event")
    UNVALIDATED = "V", _("Unvalidated value")
    INCLUDES_OTHERS = "W", _("Includes data from another category")


MISSING_CODES = frozenset("HLMOQ")
"""Codes of a value that is missing; ``M`` says why, as ``ObsStatus.MISSING`` does not."""


class ConfirmationState(TextChoices):
    """How far a second person stands behind a value."""

    NOT_ASKED = "not_asked", _("Confirmation not required")
    UNCONFIRMED = "unconfirmed", _("Unconfirmed")
    CONFIRMED = "confirmed", _("Confirmed")
