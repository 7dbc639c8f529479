"""Statuses taken over from a list of a former tracker: the batch, and its rows.

A row holds what the file said of one recommendation. It becomes a status update of the kind
``opening`` when a second person approves the batch. Nothing of a row is edited: it is left out with
a reason, or its status is taken back with the whole batch.
"""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations import permissions
from recommendations.choices import CLOSED_STATUSES, Confidence, ImplementationStatus
from recommendations.models.fields import LineField, PersonField, ProseField, RelatedField
from recommendations.permissions import Person


class OpeningBatchQuerySet(models.QuerySet["OpeningBatch"]):
    def visible_to(self, person: Person) -> Self:
        """For readers of drafts: until it is approved, a batch is one."""
        return self if permissions.can_read_drafts(person) else self.none()

    def waiting(self) -> Self:
        """Not approved, and not withdrawn."""
        return self.filter(decided_at__isnull=True, undone_at__isnull=True)

    def with_stays(self) -> Self:
        """Each with ``stays``: whether any of its statuses was not taken back."""
        rows = OpeningRow.objects.filter(batch=OuterRef("pk"), undone_at__isnull=True)
        return self.annotate(stays=Exists(rows.filter(status_update__isnull=False).order_by()))


class OpeningBatch(models.Model):
    """The statuses that one file gave, submitted by whoever imported it.

    ``digest`` is the SHA-256 over all its rows as they were submitted. ``stated_on`` is the day
    that was stated for rows without one. Undone, its statuses are no longer current; before it is
    approved, that withdraws it.
    """

    source = RelatedField("Source", _("source"), related_name="opening_batches")
    file_name = LineField(_("file"), max_length=300)
    file_sha256 = models.CharField(_("SHA-256 of the file"), max_length=64)
    stated_on = models.DateField(_("date stated for the whole file"), null=True)
    digest = models.CharField(_("SHA-256 of its rows"), max_length=64)
    submitted_at = models.DateTimeField(_("submitted"))
    submitted_by = PersonField(_("submitted by"))
    decided_at = models.DateTimeField(_("approved"), null=True)
    decided_by = PersonField(_("approved by"), null=True)
    decision_note = ProseField(_("decision note"), blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = PersonField(_("undone by"), null=True)
    undone_reason = ProseField(_("reason for undoing"), blank=True)

    objects = OpeningBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of opening statuses")
        verbose_name_plural = _("batches of opening statuses")
        ordering = ("-submitted_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="opening_batch_digests_are_sha256",
                condition=Q(file_sha256__regex=r"^[0-9a-f]{64}$", digest__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(
                name="opening_batch_decided_together",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, decision_note="")
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="opening_batch_decided_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="opening_batch_undone_together",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undone_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undone_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("opening-batch", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.decided_at is None and self.undone_at is None


class OpeningRowQuerySet(models.QuerySet["OpeningRow"]):
    def kept(self) -> Self:
        """Those that were not left out."""
        return self.filter(left_out_at__isnull=True)


class OpeningRow(models.Model):
    """What a row of the file says of one recommendation; ``number`` is that of the row.

    ``words`` is its status in the words of the file, ``evidence`` has an address a line. A row
    that was left out may have become a ``draft`` of whoever goes on with it.
    """

    batch = RelatedField(OpeningBatch, _("batch"), related_name="rows")
    number = models.PositiveIntegerField(_("row of the file"))
    recommendation = RelatedField(
        "Recommendation", _("recommendation"), related_name="opening_rows"
    )
    as_of = models.DateField(_("as of"))
    implementation_status = models.CharField(
        _("implementation status"), max_length=24, choices=ImplementationStatus
    )
    confidence = models.CharField(
        _("delivery confidence"),
        max_length=12,
        choices=Confidence,
        default=Confidence.NOT_RATED,
    )
    completed_on = models.DateField(_("completed on"), null=True)
    words = LineField(_("original status"), max_length=300)
    note = ProseField(_("status comment"), blank=True)
    evidence = ProseField(_("evidence addresses"), blank=True)
    left_out_at = models.DateTimeField(_("left out"), null=True)
    left_out_by = PersonField(_("left out by"), null=True)
    left_out_reason = ProseField(_("reason for leaving the row out"), blank=True)
    draft = RelatedField("StatusUpdate", _("draft made of the row"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    objects = OpeningRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of opening statuses")
        verbose_name_plural = _("rows of opening statuses")
        ordering = ("batch", "number")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="opening_row_once"),
            models.UniqueConstraint(
                fields=["batch", "recommendation"], name="opening_row_of_one_recommendation"
            ),
            models.CheckConstraint(
                name="opening_row_has_status", condition=~Q(implementation_status="")
            ),
            models.CheckConstraint(
                name="opening_row_completed_by_as_of",
                condition=Q(completed_on__isnull=True) | Q(completed_on__lte=F("as_of")),
            ),
            models.CheckConstraint(
                name="opening_row_closed_is_not_rated",
                condition=~Q(implementation_status__in=CLOSED_STATUSES)
                | Q(confidence=Confidence.NOT_RATED),
            ),
            models.CheckConstraint(
                name="opening_row_left_out_together",
                condition=Q(left_out_at__isnull=True, left_out_by__isnull=True, left_out_reason="")
                | Q(left_out_at__isnull=False, left_out_by__isnull=False) & ~Q(left_out_reason=""),
            ),
            models.CheckConstraint(
                name="opening_row_draft_of_left_out",
                condition=Q(draft__isnull=True) | Q(left_out_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}, {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("opening-row", args=[self.batch_id, self.number])

    @property
    def addresses(self) -> list[str]:
        """Its evidence addresses, in the order of the file."""
        return self.evidence.split()
