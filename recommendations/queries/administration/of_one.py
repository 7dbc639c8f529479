"""What the form of a recommendation shows beside its fields: its state, updates and dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from recommendations import permissions
from recommendations.choices import Nature
from recommendations.models import AuditEvent, Recommendation, RecommendationState, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.columns import names_of
from recommendations.queries.dates import Ledger, ledger_of
from recommendations.queries.replaced import Mark, marks_of

MOST_UPDATES = 10
"""Updates that the form lists, the newest; the history of the recommendation has all."""

_OF_UPDATES = (
    *("recommendation", "kind", "as_of", "state", "implementation_status", "confidence"),
    *("submitted_at", "decided_at", "addressee__area__name", "addressee__organisation__name"),
    *names_of("author", "decided_by"),
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is beside the fields, as far as the reader may see it.

    ``is_out_of_date`` is of the rating; ``changed_by`` and ``changed_at`` are of the last event
    about the recommendation itself; ``has_more`` tells that there are more ``updates`` than are
    listed. ``decidable`` is the update that the reader may decide on, if any.
    """

    state: RecommendationState
    is_out_of_date: bool
    updates: Sequence[tuple[StatusUpdate, Mark | None]]
    has_more: bool
    ledger: Ledger
    changed_by: str
    changed_at: datetime | None
    decidable: int | None
    may_log: bool

    @property
    def is_continuous(self) -> bool:
        return self.state.nature == Nature.CONTINUOUS

    @property
    def review_url(self) -> str:
        return reverse("review-item", args=[self.decidable]) if self.decidable else ""


def surroundings_of(found: Recommendation, person: Person, today: date) -> Surroundings:
    """What stands beside the form of one recommendation; a fixed number of statements."""
    updates = list(_updates(found, person)[: MOST_UPDATES + 1])
    event = _last_event(found)
    marks = marks_of(update.pk for update in updates)
    state = RecommendationState.objects.get(pk=found.pk)
    last_day = state.rating_out_of_date_after
    return Surroundings(
        state=state,
        is_out_of_date=last_day is not None and last_day < today,
        updates=[(update, marks.get(update.pk)) for update in updates[:MOST_UPDATES]],
        has_more=len(updates) > MOST_UPDATES,
        ledger=ledger_of(found, person),
        changed_by=str(event.actor or "") if event else "",
        changed_at=event.at if event else None,
        decidable=_decidable(found, person),
        may_log=permissions.can_log(person, found),
    )


def _updates(found: Recommendation, person: Person) -> Any:
    rows = StatusUpdate.objects.visible_to(person).filter(recommendation=found.pk)
    beside = ("addressee__area", "addressee__organisation", "author", "decided_by")
    return rows.select_related(*beside).only(*_OF_UPDATES).order_by("-as_of", "-pk")


def _last_event(found: Recommendation) -> AuditEvent | None:
    about = {"object_type": found._meta.label_lower, "object_id": str(found.pk)}
    events = AuditEvent.objects.filter(**about).select_related("actor")
    return events.only("at", *names_of("actor")).order_by("-sequence").first()


def _decidable(found: Recommendation, person: Person) -> int | None:
    if not permissions.can_review(person):
        return None
    waiting = StatusUpdate.objects.awaiting_decision_by(person)
    ids = waiting.filter(recommendation=found.pk).order_by("pk").values_list("pk", flat=True)
    return ids.first()
