"""How we rate: the four vocabularies, what approval needs, and the computed flags."""

from collections import defaultdict
from typing import Any

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommendations import permissions, transitions
from recommendations.choices import (
    ASSURANCE_DEFINITIONS,
    CONFIDENCE_DEFINITIONS,
    RELATION_DEFINITIONS,
    RESPONSE_DEFINITIONS,
    STANCE_DEFINITIONS,
    STATUS_DEFINITIONS,
    ObsStatus,
    Relation,
    explanations,
)
from recommendations.choices.terms import OF_CHOICES, OF_FIELDS
from recommendations.models import known_flags
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
            "flags": explanations(known_flags(request.user)),
            "is_internal": permissions.can_read_internally(request.user),
        },
    )


@require_safe
@open_to_readers
@shows_record
def help_choices(request: HttpRequest) -> HttpResponse:
    """What choices and fields of forms mean, from the table that the forms themselves show."""
    fields: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for key, term in OF_FIELDS.items():
        model, _dot, name = key.partition(".")
        column: Any = apps.get_model("recommendations", model)._meta.get_field(name)
        fields[term.section].append((str(column.verbose_name), term.sentence))
    sections = {}
    for choices, term in OF_CHOICES.items():
        if not term.is_rating:
            meanings = [(str(choices(code).label), text) for code, text in term.meanings.items()]
            # A section has its own sentence: of its fields another is told.
            beside = [told for told in fields[term.section] if told[1] != term.sentence]
            said = (term.section, term.title, term.sentence, [*meanings, *beside])
            sections[term.section] = said
    for term in OF_FIELDS.values():
        if not term.is_rating:
            said = (term.section, term.title, "", fields[term.section])
            sections.setdefault(term.section, said)
    return render(request, "help/choices.html", {"sections": sections.values()})


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
