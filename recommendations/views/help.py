"""How we rate: the four vocabularies, what approval needs, and the computed flags."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import transitions
from recommendations.choices import (
    ASSURANCE_DEFINITIONS,
    CONFIDENCE_DEFINITIONS,
    GRACE_DAYS,
    RELATION_DEFINITIONS,
    RESPONSE_DEFINITIONS,
    STANCE_DEFINITIONS,
    STATUS_DEFINITIONS,
    UNDATED_DAYS,
    Flag,
    ObsStatus,
    Relation,
)
from recommendations.views.access import open_to_readers
from recommendations.views.conditional import shows_record


@require_safe
@open_to_readers
@shows_record
def help_ratings(request: HttpRequest) -> HttpResponse:
    """Made from the tables that the tracker itself goes by, so it cannot say something else."""
    statuses = [
        (
            code,
            definition,
            [str(c.advice) for c in transitions.applying_to("implementation_status", code)],
        )
        for code, definition in STATUS_DEFINITIONS.items()
    ]
    confidences = [
        (code, definition, [str(c.advice) for c in transitions.applying_to("confidence", code)])
        for code, definition in CONFIDENCE_DEFINITIONS.items()
    ]
    return render(
        request,
        "help/ratings.html",
        {
            "responses": list(RESPONSE_DEFINITIONS.items()),
            "statuses": statuses,
            "confidences": confidences,
            "assurances": list(ASSURANCE_DEFINITIONS.items()),
            "stances": list(STANCE_DEFINITIONS.items()),
            "relations": [
                (Relation(code).label, definition)
                for code, definition in RELATION_DEFINITIONS.items()
            ],
            "marks": _marks(),
            "flags": [(Flag(code).label, text) for code, text in _flags().items()],
        },
    )


def _marks() -> list[tuple[str, str]]:
    """What stands beside figures, and what it means."""
    return [
        (_("more than"), _("A lower bound: the true figure is at least that. Drawn as “≥”.")),
        (_("about"), _("Approximate, as its source gives it. Drawn as “≈”.")),
        (_("derived"), _("Worked out from other figures; the comment says how.")),
        (_("assumed"), _("Nobody has measured it; the comment says why it is assumed.")),
        (
            str(ObsStatus.PROVISIONAL.label).lower(),
            _("Its source will revise it. What it was before stays among its earlier figures."),
        ),
        (str(ObsStatus.ESTIMATED.label).lower(), _("Estimated by its source, not observed.")),
        (
            str(ObsStatus.BREAK.label).lower(),
            _("Measured otherwise than before: not comparable with the figures before it."),
        ),
        (
            str(ObsStatus.MISSING.label).lower(),
            _("It is known that there is no figure. That is never 0, in a table or a picture."),
        ),
    ]


def _flags() -> dict[str, str]:
    days = {"grace": GRACE_DAYS, "undated": UNDATED_DAYS}
    return {
        Flag.UPDATE_DUE: _("The reporting interval since the latest approved update has passed."),
        Flag.UPDATE_OVERDUE: _("The update has been due for more than %(grace)d days.") % days,
        Flag.DATE_OVERDUE: _("The target date has passed and it is still open."),
        Flag.RATING_OUT_OF_DATE: _(
            "The confidence was given longer ago than the reporting interval and %(grace)d days. "
            "It stays readable and is counted apart."
        )
        % days,
        Flag.EVIDENCE_GAP: _(
            "It is said to be partly implemented or more, and no evidence that is still valid "
            "stands for that."
        ),
        Flag.CONTRADICTED: _(
            "Evidence stands against the latest approved update and is not answered. The author of "
            "the update may not answer it."
        ),
        Flag.INDICATOR_AGAINST: _(
            "It is said to be in effect or on track, and an indicator of its outcome or its "
            "delivery moves against what is wanted: of the two newest figures for all areas, or "
            "for the one area there is, that cover equally long periods, the later is the worse. "
            "A missing figure is passed over; a break in the series leaves nothing to compare."
        ),
        Flag.NO_DATE: _("Time-bound, open for more than %(undated)d days, and without a date.")
        % days,
        Flag.REVIEW_PAST: _("Continuous, and not reported on since the day of its next review."),
        Flag.RESPONSE_OVERDUE: _("An addressee has not answered by the day it was asked for."),
        Flag.ACTION_OVERDUE: _("The due day of an action has passed; it is not done or dropped."),
        Flag.NO_LEAD: _("No organisation leads."),
        Flag.NO_OFFICER: _("No lead officer, or one whose account is closed."),
    }
