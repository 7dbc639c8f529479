"""Statuses as imported files state them: history that no one here has approved."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import ImplementationStatus
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField
from recommendations.permissions import Person


class ReportedStatusQuerySet(models.QuerySet["ReportedStatus"]):
    def visible_to(self, person: Person) -> Self:
        """For people with a role; nobody here has approved it, so the public sees none."""
        return self if permissions.can_read_internally(person) else self.none()


class ReportedStatus(models.Model):
    """A status as a file gave it, in its own words. History: it never is the status in force."""

    recommendation = RelatedField(
        "Recommendation", _("recommendation"), related_name="reported_statuses"
    )
    as_of = models.DateField(_("as of"), null=True, blank=True)
    words = LineField(_("original status"), max_length=300)
    implementation_status = models.CharField(
        _("mapped to"), max_length=24, choices=ImplementationStatus, blank=True
    )
    note = ProseField(_("status comment"), blank=True)
    file_name = LineField(_("file"), max_length=300)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    recorded_at = models.DateTimeField(_("recorded at"), editable=False)
    recorded_by = PersonField(_("recorded by"), editable=False)

    objects = ReportedStatusQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported status")
        verbose_name_plural = _("imported statuses")
        ordering = ("recommendation", "-as_of", "-pk")

    def __str__(self) -> str:
        return self.words
