"""What each list shows to a person, and its filter: the page and its export share both."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django.db.models import BooleanField, Case, QuerySet, Value, When

from recommendations import permissions
from recommendations.filters.addressees import (
    AddresseeFilter,
    AreaFilter,
    PublicAddresseeFilter,
    PublicAreaFilter,
)
from recommendations.filters.figures import FigureFilter
from recommendations.filters.others import (
    AuditEventFilter,
    EvidenceFilter,
    IndicatorFilter,
    PublicEvidenceFilter,
)
from recommendations.filters.recommendations import (
    PublicRecommendationFilter,
    RecommendationFilter,
)
from recommendations.models import (
    Addressee,
    Area,
    AuditEvent,
    Evidence,
    Indicator,
    Recommendation,
)
from recommendations.summaries.evidence import with_uses
from recommendations.summaries.indicator_page import figures_in_order

Listed = tuple[QuerySet[Any], type[django_filters.FilterSet]]


def recommendations(person: Any, today: date) -> Listed:
    """By source and number; what is archived is shown inside, and only when asked for."""
    found = (
        Recommendation.objects.visible_to(person)
        .for_rows(person, today)
        .order_by("source__title", "source", "number", "pk")
    )
    if permissions.can_read_internally(person):
        return found, RecommendationFilter
    return found.followed(), PublicRecommendationFilter


def evidence(person: Any) -> Listed:
    """By title."""
    found = with_uses(Evidence.objects.visible_to(person), person).order_by("title", "pk")
    is_internal = permissions.can_read_internally(person)
    return found, EvidenceFilter if is_internal else PublicEvidenceFilter


def indicators(person: Any) -> Listed:
    """By code."""
    return Indicator.objects.visible_to(person).order_by("code", "pk"), IndicatorFilter


def figures(indicator: Indicator) -> Listed:
    """The figures of one indicator, newest first."""
    return figures_in_order(indicator), FigureFilter


def events() -> Listed:
    """Newest first; only for readers of the log."""
    found = AuditEvent.objects.select_related("actor", "reason", "recommendation")
    return found.order_by("-sequence"), AuditEventFilter


def areas(person: Any) -> Listed:
    """Areas, those that a recommendation speaks to before the others; those in use, or all."""
    is_addressed = Case(
        When(addressed__gt=0, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
    found = (
        Area.objects.visible_to(person)
        .with_addressed(person)
        .localised()
        .annotate(is_addressed=is_addressed)
        .order_by("-is_addressed", "shown_name", "pk")
    )
    return found, AreaFilter if permissions.can_read_internally(person) else PublicAreaFilter


def responses(recommendation: Recommendation, person: Any, today: date) -> Listed:
    """The addressees of a recommendation with what they say, by name."""
    found = (
        Addressee.objects.living()
        .filter(recommendation=recommendation.pk)
        .with_response()
        .with_own_state(today)
        .by_name()
    )
    is_internal = permissions.can_read_internally(person)
    return found, AddresseeFilter if is_internal else PublicAddresseeFilter
