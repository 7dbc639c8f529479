"""Queries over recommendations; what lists filter and sort by is in their kept states."""

from typing import Any, Self

from django.db.models import Exists, OuterRef, Q

from recommendations import permissions
from recommendations.models.base import KeyedQuerySet
from recommendations.permissions import Person


class RecommendationQuerySet(KeyedQuerySet[Any]):
    def visible_to(self, person: Person) -> Self:
        """All of them for people with a role; what is published for everybody else."""
        if permissions.can_read_internally(person):
            return self
        return self.filter(published_at__isnull=False)

    def followed(self) -> Self:
        """Those that are not archived."""
        return self.filter(archived_at__isnull=True)

    def status_visible_to(self, person: Person) -> Self:
        """Those whose status and responses a person may read.

        Of what is archived the public reads on its page that it is, and nothing else.
        """
        seen = self.visible_to(person)
        return seen if permissions.can_read_internally(person) else seen.followed()

    def loggable_by(self, person: Person) -> Self:
        """Those on which a person may log progress: ``permissions.can_log`` as a query."""
        if permissions.can_review(person):
            return self.followed()
        if not permissions.can_write(person):
            return self.filter(pk__in=[])
        return self.followed().filter(self._involves(person))

    def involving(self, person: Person) -> Self:
        """Those that a person answers for, as officer or through their organisation."""
        return self.filter(self._involves(person))

    def _involves(self, person: Person) -> Q:
        """The person is the lead officer, or their organisation leads or contributes."""
        mine = Q(lead_officer=person.pk)
        own = permissions.organisation_id(person)
        if own is None:
            return mine
        contributed = self.model.contributors.through.objects.filter(
            recommendation=OuterRef("pk"), organisation=own
        )
        return mine | Q(lead=own) | Q(Exists(contributed))
