"""Relations between recommendations: one depends on another, or both are related."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import RelationKind
from recommendations.models.base import Removable, together
from recommendations.models.fields import PersonField, ProseField, RelatedField


class RelationQuerySet(models.QuerySet["RecommendationRelation"]):
    def live(self) -> Self:
        return self.filter(removed_at__isnull=True)


class RecommendationRelation(Removable):
    """``recommendation`` depends on ``other``, or both are related, which is stored once.

    That one supersedes another follows from the successor of an update, and that one is a
    duplicate from the reason of its archiving: neither is a row here.
    """

    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="relations")
    other = RelatedField("Recommendation", _("other recommendation"), related_name="relations_from")
    kind = models.CharField(_("relation"), max_length=12, choices=RelationKind)
    why = ProseField(_("explanation"), blank=True)
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = PersonField(_("added by"), editable=False)

    objects = RelationQuerySet.as_manager()

    class Meta:
        verbose_name = _("relation between recommendations")
        verbose_name_plural = _("relations between recommendations")
        ordering = ("recommendation", "pk")
        constraints = [
            models.CheckConstraint(
                name="relation_not_to_itself",
                condition=~Q(recommendation=F("other")),
                violation_error_message=_("Choose another recommendation."),
            ),
            models.CheckConstraint(
                name="relation_related_is_stored_once",
                condition=~Q(kind=RelationKind.RELATED) | Q(recommendation__lt=F("other")),
            ),
            models.UniqueConstraint(
                fields=["recommendation", "other", "kind"],
                condition=Q(removed_at__isnull=True),
                name="relation_once",
                violation_error_message=_("This relation already exists."),
            ),
            together("relation_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.recommendation.reference}, {self.other.reference}"
