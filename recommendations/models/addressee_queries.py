"""Queries over addressees: what each says now, and what it reports of itself.

Both come as one value a row, so that a page of addressees is one query.
"""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject

from recommendations import permissions
from recommendations.vocabulary import ResponsePosition


class AddresseeQuerySet(models.QuerySet[Any]):
    def living(self) -> Self:
        """Those that are addressed still."""
        return self.filter(removed_at__isnull=True)

    def shown_to(self, person: Any) -> Self:
        """Of recommendations that are followed; for the public, of what is published."""
        followed = self.filter(recommendation__archived_at__isnull=True)
        if permissions.can_read_internally(person):
            return followed
        return followed.filter(recommendation__published_at__isnull=False)

    def by_name(self) -> Self:
        """In the order of their names, with area or organisation."""
        return self.select_related("area", "organisation").order_by(
            Coalesce("area__name", "organisation__name"), "pk"
        )

    def responded(self) -> Self:
        """Those that have said something which still stands."""
        return self.filter(Exists(self._current_responses().exclude(_AWAITING)))

    def with_position(self, position: str) -> Self:
        """Those whose position is this one now; without any response it is still awaited."""
        current = self._current_responses()
        if position == ResponsePosition.AWAITING:
            return self.exclude(Exists(current.exclude(_AWAITING)))
        return self.filter(Exists(current.filter(position=position)))

    def with_overdue_response(self, today: date) -> Self:
        """Those that should have responded by now."""
        return self.filter(Exists(self._current_responses().filter(due_on__lt=today)))

    def with_response(self) -> Self:
        """``said``: the newest response of each, as one value; none where there is none."""
        newest = self._responses().order_by("-pk").annotate(said=_SAID)
        return self.annotate(said=Subquery(newest.values("said")[:1]))

    def with_own_state(self, today: date) -> Self:
        """``own``: the update of its own that is in force, as one value; none where none is."""
        in_force = self._updates().in_force(today).annotate(own=_OWN)
        return self.annotate(own=Subquery(in_force.values("own")[:1]))

    def with_own_status(self, status: str, today: date) -> Self:
        """Those that report this status of themselves; empty: those that have not reported."""
        newest = self._updates().in_force(today).values("implementation_status")[:1]
        found = self.annotate(own_status=Subquery(newest))
        if not status:
            return found.filter(own_status__isnull=True)
        return found.filter(own_status=status)

    def _responses(self) -> Any:
        return self._related("Response").filter(addressee=OuterRef("pk"))

    def _current_responses(self) -> Any:
        return self._related("Response").current().filter(addressee=OuterRef("pk"))

    def _updates(self) -> Any:
        return self._related("StatusUpdate").filter(addressee=OuterRef("pk"))

    def _related(self, name: str) -> Any:
        return self.model._meta.apps.get_model("recommendations", name).objects


_AWAITING = Q(position=ResponsePosition.AWAITING)

_SAID = JSONObject(
    pk="pk",
    position="position",
    since="since",
    due_on="due_on",
    part="part_accepted",
    reason="reason",
    is_demonstration="recorded_by__is_demonstration",
)

_OWN = JSONObject(
    pk="pk",
    status="implementation_status",
    confidence="confidence",
    as_of="as_of",
    is_demonstration="author__is_demonstration",
)
