"""Requests to undo an import or opening statuses: asked by one person, decided by another."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import DateChangeState
from recommendations.models.base import exactly_one
from recommendations.models.dates import decided_once
from recommendations.models.fields import PersonField, ProseField, RelatedField
from recommendations.permissions import Person

WHAT = ("import_run", "batch", "sequence")
"""Columns of what is to be undone, of which each request has one."""


class UndoRequestQuerySet(models.QuerySet["UndoRequest"]):
    def waiting(self) -> Self:
        return self.filter(state=DateChangeState.REQUESTED)

    def awaiting_decision_by(self, person: Person) -> Self:
        """Those that this manager or administrator did not make themselves."""
        rows = self.waiting().exclude(requested_by=person.pk)
        return rows if permissions.can_undo_import(person) else rows.none()


class UndoRequest(models.Model):
    """What somebody wants undone, and why: an import of values, a list, or its opening statuses.

    A list is known by the number of its event (``sequence``). Approved, it was undone in the same
    event as that; a decided request never changes.
    """

    import_run = RelatedField("ImportRun", _("data import"), null=True)
    batch = RelatedField("OpeningBatch", _("batch of opening statuses"), null=True)
    sequence = models.BigIntegerField(_("audit log entry"), null=True, editable=False)
    reason = ProseField(_("reason"), max_length=2000)
    requested_by = PersonField(_("requested by"), editable=False)
    requested_at = models.DateTimeField(_("requested at"), editable=False)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DateChangeState,
        default=DateChangeState.REQUESTED,
        editable=False,
    )
    decided_by = PersonField(_("decided by"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    decision_note = ProseField(_("decision note"), blank=True, editable=False)

    objects = UndoRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to undo")
        verbose_name_plural = _("requests to undo")
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.CheckConstraint(name="undo_request_of_one_thing", condition=exactly_one(WHAT)),
            models.CheckConstraint(name="undo_request_has_reason", condition=~Q(reason="")),
            *decided_once("undo_request"),
        ]

    def __str__(self) -> str:
        return str(self.import_run or self.batch or self.sequence)

    def get_absolute_url(self) -> str:
        """Where it is decided on; with ``import_run__indicator`` at hand, else it is a query."""
        if self.import_run is not None:
            return reverse("import-undo", args=[self.import_run.indicator.code, self.import_run_id])
        if self.batch_id is not None:
            return reverse("opening-undo", args=[self.batch_id])
        return reverse("bulk-undo", args=[self.sequence])

    @property
    def is_waiting(self) -> bool:
        return self.state == DateChangeState.REQUESTED
