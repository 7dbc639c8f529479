"""Parts of a recommendation, (a), (b), (c), and the updates that complete them."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import UpdateState
from recommendations.models.base import (
    Keyed,
    KeyedQuerySet,
    Removable,
    Versioned,
    together,
)
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField
from recommendations.models.updates import StatusUpdate


class PartQuerySet(KeyedQuerySet["Part"]):
    def living(self) -> Self:
        """Those that the recommendation has still, in their order."""
        return self.filter(removed_at__isnull=True).order_by("recommendation", "position", "pk")


class Part(Keyed, Versioned, Removable):
    """A strand of a recommendation that can be complete while others are not."""

    NATURAL_KEY: ClassVar[tuple[str, ...]] = ("recommendation__reference", "label")

    recommendation = RelatedField("Recommendation", _("recommendation"), related_name="parts")
    label = LineField(
        _("label"), max_length=12, help_text=_("A letter or a number, such as a or 1.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    text = ProseField(
        _("text"),
        help_text=_("What this part asks for, in your own words. Shown to the public."),
    )
    amended_at = models.DateTimeField(_("text amended at"), null=True, blank=True, editable=False)
    amendment_reason = ProseField(
        _("reason for the amended text"),
        blank=True,
        help_text=_("Required if the recommendation is or was published. Shown to the public."),
    )

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ("recommendation", "position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "label"],
                condition=Q(removed_at__isnull=True),
                name="part_label_once",
                violation_error_message=_("The recommendation already has a part with this label."),
            ),
            models.CheckConstraint(
                name="part_has_label_and_text",
                condition=~Q(label="") & ~Q(text=""),
                violation_error_message=_("Enter the label and the text of the part."),
            ),
            models.CheckConstraint(
                name="part_amended_with_reason",
                condition=Q(amended_at__isnull=True) | ~Q(amendment_reason=""),
            ),
            together("part_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"({self.label}) {self.text}"


class PartCompletionQuerySet(models.QuerySet["PartCompletion"]):
    def live(self) -> Self:
        return self.filter(removed_at__isnull=True)

    def standing(self) -> Self:
        """Those of approved updates that were neither corrected nor retracted.

        Not only of the current one: what an earlier update completed stays complete until that
        update is retracted.
        """
        replaced = StatusUpdate.objects.filter(
            Q(corrects=OuterRef("update")) | Q(retracts=OuterRef("update")),
            state=UpdateState.APPROVED,
        )
        return self.live().filter(~Exists(replaced.order_by()), update__state=UpdateState.APPROVED)


class PartCompletion(Removable):
    """An update says that a part is complete; it counts once the update is approved."""

    update = RelatedField("StatusUpdate", _("status update"), related_name="completions")
    part = RelatedField("Part", _("part"), related_name="completions")
    added_at = models.DateTimeField(_("added at"), editable=False)
    added_by = PersonField(_("added by"), editable=False)

    objects = PartCompletionQuerySet.as_manager()

    class Meta:
        verbose_name = _("completed part")
        verbose_name_plural = _("completed parts")
        ordering = ("update", "part", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["update", "part"],
                condition=Q(removed_at__isnull=True),
                name="part_completed_once_by_update",
            ),
            together("part_completion_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.part}, {self.update}"
