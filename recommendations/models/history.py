"""What came from elsewhere: statuses that a spreadsheet reported before the tracker was there."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.models.fields import LineField, ProseField
from recommendations.vocabulary import ImplementationStatus


class ReportedStatusQuerySet(models.QuerySet["ReportedStatus"]):
    def visible_to(self, person: Any) -> Self:
        """For people with a role; nobody here has approved it, so the public sees none."""
        return self if permissions.can_read_internally(person) else self.none()


class ReportedStatus(models.Model):
    """A status as a file gave it, in its own words. History: it never is the status in force."""

    recommendation = models.ForeignKey(
        "recommendations.Recommendation",
        models.PROTECT,
        verbose_name=_("recommendation"),
        related_name="reported_statuses",
    )
    as_of = models.DateField(_("as of"), null=True, blank=True)
    words = LineField(_("status in the words of the file"), max_length=300)
    implementation_status = models.CharField(
        _("taken to mean"), max_length=24, choices=ImplementationStatus, blank=True
    )
    note = ProseField(_("what the file says of it"), blank=True)
    file_name = LineField(_("file"), max_length=300)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("recorded by"),
        editable=False,
        related_name="+",
    )

    objects = ReportedStatusQuerySet.as_manager()

    class Meta:
        verbose_name = _("reported status")
        verbose_name_plural = _("reported statuses")
        ordering = ("recommendation", "-as_of", "-pk")

    def __str__(self) -> str:
        return self.words
