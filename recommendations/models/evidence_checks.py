"""Who looked an evidence item up, and which of these checks count."""

from django.db import models
from django.db.models import F, FilteredRelation, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import QUARANTINED, ScanState
from recommendations.models.base import Removable, together
from recommendations.models.fields import PersonField, ProseField, RelatedField


class EvidenceCheck(Removable):
    """Somebody looked the item up and found it as described; may be taken back.

    ``revision`` is the file that they had before them, 0 where there was none. A newer file is
    another thing to look up: a check of an earlier one stays on record and counts no more.
    """

    evidence = RelatedField("Evidence", _("evidence"), related_name="checks")
    by = PersonField(_("by"))
    organisation = RelatedField(
        "Organisation", _("verifier’s organisation at the time"), null=True, blank=True
    )
    at = models.DateTimeField(_("at"))
    revision = models.PositiveIntegerField(_("verified file"), default=0, editable=False)
    note = ProseField(_("note"), blank=True)

    class Meta:
        verbose_name = _("evidence verification")
        verbose_name_plural = _("evidence verifications")
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "by", "revision"],
                condition=Q(removed_at__isnull=True),
                name="check_once_by_a_person",
            ),
            together("check_removed_together", "removed_at", "removed_by"),
        ]

    def __str__(self) -> str:
        return f"{self.evidence_id}: {self.at:%Y-%m-%d}"


_LET_THROUGH = tuple(state for state in ScanState.values if state not in QUARANTINED)


def counting_checks() -> models.QuerySet[EvidenceCheck]:
    """Checks that count for their evidence item.

    They are live, not by its recorder, of the file that it has now, by another than who brought
    that, and only while its stored bytes are what they were and the scanner lets them through.
    """
    # Joined, and without a negation, which Django would ask of every row by a query of its own.
    file = FilteredRelation(
        "evidence__revisions", condition=Q(evidence__revisions__number=F("revision"))
    )
    brought_by_another = Q(checked__added_by__lt=F("by")) | Q(checked__added_by__gt=F("by"))
    return EvidenceCheck.objects.annotate(checked=file).filter(
        Q(evidence__recorded_by__isnull=True) | ~Q(by=F("evidence__recorded_by")),
        Q(checked__isnull=True)
        | Q(brought_by_another, checked__file__fault="", checked__file__scan__in=_LET_THROUGH),
        revision=F("evidence__last_revision"),
        removed_at__isnull=True,
    )


def counted_checks(item: str = "pk") -> models.QuerySet[EvidenceCheck]:
    """Checks that count for one evidence item, which ``OuterRef(item)`` names."""
    return counting_checks().filter(evidence=OuterRef(item))
