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
        (_("more than"), _("A lower bound: the true value is at least this. Shown as “≥”.")),
        (_("about"), _("Approximate, as stated by the source. Shown as “≈”.")),
        (_("derived"), _("Derived from other values. The comment explains the method.")),
        (_("assumed"), _("Assumed, not measured. The comment gives the reason.")),
        (
            str(ObsStatus.PROVISIONAL.label).lower(),
            _("The source will revise this value. Previous revisions are kept."),
        ),
        (str(ObsStatus.ESTIMATED.label).lower(), _("Estimated by the source, not observed.")),
        (
            str(ObsStatus.BREAK.label).lower(),
            _("Measured differently: not comparable with earlier values."),
        ),
        (
            str(ObsStatus.MISSING.label).lower(),
            _("The source has no value. A missing value is never shown as 0."),
        ),
    ]


def _flags() -> dict[str, str]:
    days = {"grace": GRACE_DAYS, "undated": UNDATED_DAYS}
    return {
        Flag.UPDATE_DUE: _("The reporting interval since the latest approved update has passed."),
        Flag.UPDATE_OVERDUE: _("The update has been due for more than %(grace)d days.") % days,
        Flag.DATE_OVERDUE: _("The target date has passed, and the recommendation is still open."),
        Flag.RATING_OUT_OF_DATE: _(
            "The confidence rating is older than the reporting interval and %(grace)d "
            "days. The rating stays visible and is counted separately."
        )
        % days,
        Flag.EVIDENCE_GAP: _(
            "The status is partially implemented or higher, and no valid evidence supports it."
        ),
        Flag.CONTRADICTED: _(
            "Evidence contradicts the latest approved update and is not answered. The "
            "author of the update cannot answer."
        ),
        Flag.INDICATOR_AGAINST: _(
            "The status is implemented or on track, but an outcome or delivery indicator "
            "shows an unfavourable trend. The two latest comparable values for all areas "
            "are compared. Missing values are ignored, and a series break ends the "
            "comparison."
        ),
        Flag.NO_DATE: _(
            "Time-bound, open for more than %(undated)d days, and without a target date."
        )
        % days,
        Flag.REVIEW_PAST: _(
            "Continuous, and without an update since the date of the next periodic review."
        ),
        Flag.RESPONSE_OVERDUE: _("An addressee has not responded by the due date."),
        Flag.ACTION_OVERDUE: _(
            "The due date of an action has passed. The action is not completed or cancelled."
        ),
        Flag.NO_LEAD: _("No lead organisation is assigned."),
        Flag.NO_OFFICER: _("No lead officer is assigned, or the account is closed."),
    }
