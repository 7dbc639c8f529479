"""Who looked an evidence item up, and which of these checks count."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from recommendations.choices import QUARANTINED
from recommendations.models.base import Removable, together
from recommendations.models.fields import ProseField
from recommendations.models.files import EvidenceRevision


class EvidenceCheck(Removable):
    """Somebody looked the item up and found it as described; may be taken back.

    ``revision`` is the file that they had before them, 0 where there was none. A newer file is
    another thing to look up: a check of an earlier one stays on record and counts no more.
    """

    evidence = models.ForeignKey(
        "recommendations.Evidence",
        models.PROTECT,
        verbose_name=_("evidence"),
        related_name="checks",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
    )
    organisation = models.ForeignKey(
        "recommendations.Organisation",
        models.PROTECT,
        verbose_name=_("organisation of the checker then"),
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(_("at"))
    revision = models.PositiveIntegerField(_("file checked"), default=0, editable=False)
    note = ProseField(_("note"), blank=True)

    class Meta:
        verbose_name = _("check of evidence")
        verbose_name_plural = _("checks of evidence")
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


def counted_checks(item: str = "pk") -> models.QuerySet[EvidenceCheck]:
    """Checks that count for an evidence item, which ``OuterRef(item)`` names.

    They are live, not by its recorder, of the file that it has now, by another than who brought
    that, and only while its stored bytes are what they were and the scanner lets them through.
    """
    not_to_be_counted = EvidenceRevision.objects.filter(
        ~Q(file__fault="") | Q(file__scan__in=QUARANTINED) | Q(added_by=OuterRef("by")),
        evidence=OuterRef("evidence"),
        number=OuterRef("revision"),
    )
    return EvidenceCheck.objects.filter(
        Q(evidence__recorded_by__isnull=True) | ~Q(by=F("evidence__recorded_by")),
        ~Exists(not_to_be_counted),
        evidence=OuterRef(item),
        revision=F("evidence__last_revision"),
        removed_at__isnull=True,
    )
